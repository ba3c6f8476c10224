-- server_loop.sql: a server that waits in epoll_wait and then reads and answers, twice; a thread that sends while the server waits, so that this wait is a row of its
-- own; a wait after which nothing is read.
INSERT INTO meta VALUES ('start_unix_ns',1795435200000000000),('state','complete'),('command_line','./server'),('end_ns',10000000);
INSERT INTO process (process_id,pid,parent_id,previous_id,program,executable,started_ns,start_cause,ended_ns,end_cause,exit_status,exit_signal) VALUES
	(1,500,NULL,NULL,'server','/bin/server',0,'start',9000000,'exit',0,NULL);
INSERT INTO thread VALUES (1,1,500,'server'),(2,1,501,'writer');
INSERT INTO address VALUES (1,2,'127.0.0.1:80','127.0.0.1',80,x''),(2,2,'127.0.0.1:40001','127.0.0.1',40001,x'');
INSERT INTO socket (socket_id,domain,type,protocol,origin,process_id,thread_id,fd,local_id,remote_id,opened_ns,connected_ns,closed_ns,how_ended,closed_by_id,send_calls,sent_bytes,receive_calls,received_bytes,calls) VALUES
	(1,2,1,6,'accept',1,1,4,1,2,1000000,1000000,8500000,'close',1,3,12,3,15,7);
INSERT INTO span (span_id,socket_id,process_id,fd,opened_ns,opened_by,closed_ns,closed_by,calls) VALUES (1,1,1,4,1000000,'accept',8500000,'close',6);
INSERT INTO call (socket_id,start_ns,sequence,thread_id,call_kind_id,fd,duration_ns,result,requested_bytes) VALUES
	(1,2000000,0,1,28,4,9000,5,512),(1,2100000,0,1,29,4,9000,4,4),
	(1,3000000,0,1,28,4,9000,5,512),(1,3100000,0,1,29,4,9000,4,4),
	(1,4500000,0,2,29,4,9000,4,4),(1,5000000,0,1,28,4,9000,5,512),
	(1,8500000,0,1,9,4,5000,0,NULL);
INSERT INTO call (socket_id,start_ns,sequence,thread_id,call_kind_id,duration_ns,result) VALUES
	(0,1100000,0,1,77,850000,1),(0,2200000,0,1,77,780000,1),(0,4000000,0,1,77,970000,1),(0,6000000,0,1,77,1000000,1);
INSERT INTO ready VALUES (1,4000000,1,4,1),(1,6000000,1,4,17);
UPDATE call_row SET outcome = 900000 WHERE start_ns = 2000000;
UPDATE call_row SET outcome = 800000 WHERE start_ns = 3000000;
UPDATE site SET ready_events = 1 WHERE site_id IN (SELECT site_id FROM call_row WHERE outcome > 0);
