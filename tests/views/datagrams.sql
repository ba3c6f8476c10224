-- datagrams.sql: a server whose only client the trace knows by its side alone, and that receives one message in part and leaves one; a server of two; a socket
-- that nobody sends to.
INSERT INTO meta VALUES ('start_unix_ns',1795435200000000000),('state','complete'),('command_line','./datagrams'),('end_ns',100000000);
INSERT INTO process (process_id,pid,program,started_ns,start_cause,ended_ns,end_cause,exit_status) VALUES (1,700,'server',0,'start',100000000,'exit',0),(2,701,'client',0,'start',100000000,'exit',0);
INSERT INTO thread VALUES (1,1,700,'server'),(2,2,701,'client');
INSERT INTO address VALUES (1,2,'127.0.0.1:5000','127.0.0.1',5000,x''),(2,2,'127.0.0.1:6000','127.0.0.1',6000,x''),(3,1,'@lonely\x0aname',NULL,NULL,x'');
INSERT INTO detail VALUES (1,'127.0.0.1:5000'),(2,'127.0.0.1:6000');
INSERT INTO socket (socket_id,domain,type,protocol,origin,process_id,thread_id,fd,peer_id,local_id,opened_ns,bound_ns,closed_ns,how_ended,closed_by_id,send_calls,receive_calls,sent_bytes,received_bytes) VALUES
	(1,2,2,17,'socket',1,1,3,NULL,1,1000000,1100000,90000000,'close',1,0,2,0,150),
	(2,2,2,17,'socket',2,2,3,1,NULL,2000000,NULL,91000000,'close',2,3,0,600,0),
	(3,2,2,17,'socket',1,1,4,NULL,2,3000000,3100000,92000000,'close',1,0,2,0,8),
	(4,2,2,17,'socket',2,2,4,3,NULL,4000000,NULL,93000000,'close',2,1,0,4,0),
	(5,2,2,17,'socket',2,2,5,3,NULL,5000000,NULL,94000000,'close',2,1,0,4,0),
	(6,1,2,0,'socket',1,1,5,NULL,3,6000000,6100000,95000000,'close',1,0,0,0,0);
INSERT INTO span (span_id,socket_id,process_id,fd,opened_ns,opened_by,closed_ns,closed_by,calls) SELECT socket_id, socket_id, process_id, fd, opened_ns, 'socket', closed_ns, 'close', 3 FROM socket;
INSERT INTO call (socket_id,start_ns,sequence,thread_id,call_kind_id,fd,duration_ns,result,requested_bytes,detail_id) VALUES
	(2,10000000,0,2,21,3,5000,500,500,1),(1,10010000,0,1,24,3,5000,100,100,NULL),(2,30000000,0,2,21,3,5000,50,50,1),(1,30010000,0,1,24,3,5000,50,100,NULL),(2,50000000,0,2,21,3,5000,50,50,1),
	(4,11000000,0,2,21,4,5000,4,4,2),(3,11010000,0,1,24,4,5000,4,100,NULL),(5,12000000,0,2,21,5,5000,4,4,2),(3,12010000,0,1,24,4,5000,4,100,NULL);
INSERT INTO call (socket_id,start_ns,sequence,thread_id,call_kind_id,fd,duration_ns,result) SELECT socket_id, opened_ns, 0, thread_id, 1, fd, 5000, fd FROM socket
	UNION ALL SELECT socket_id, closed_ns, 0, thread_id, 9, fd, 5000, 0 FROM socket;
UPDATE socket SET calls = (SELECT count(*) FROM call c WHERE c.socket_id = socket.socket_id);
