-- singular.sql: one of what views count in words: a call, a failed one, a byte never read, a segment sent again; and records that found no room.
INSERT INTO meta VALUES ('start_unix_ns',1795435200000000000),('state','complete'),('command_line','./one'),('end_ns',1000000000);
INSERT INTO process (process_id,pid,program,started_ns,start_cause,ended_ns,end_cause,exit_status) VALUES (1,900,'one',0,'start',900000000,'exit',0);
INSERT INTO thread VALUES (1,1,900,'one');
INSERT INTO address VALUES (1,2,'127.0.0.1:9000','127.0.0.1',9000,x''),(2,2,'127.0.0.1:40001','127.0.0.1',40001,x''),(3,2,'127.0.0.1:40002','127.0.0.1',40002,x'');
INSERT INTO socket (socket_id,domain,type,protocol,origin,process_id,thread_id,fd,parent_id,local_id,remote_id,opened_ns,listening_ns,backlog,accepted_count,connected_ns,closed_ns,how_ended,closed_by_id,send_calls,sent_bytes,errors,last_errno,calls,tcp_state,unread_bytes,retransmits) VALUES
	(1,2,1,6,'socket',1,1,3,NULL,1,NULL,1000000,1000000,5,2,NULL,800000000,'close',1,0,0,0,NULL,0,10,NULL,NULL),
	(2,2,1,6,'accept',1,1,4,1,1,2,2000000,NULL,NULL,0,2000000,700000000,'close',1,1,0,1,104,1,8,1,1),
	(3,2,1,6,'accept',1,1,5,1,1,3,3000000,NULL,NULL,0,3000000,700000000,'close',1,0,0,0,NULL,0,7,0,0);
INSERT INTO span (span_id,socket_id,process_id,fd,opened_ns,opened_by,closed_ns,closed_by,calls) SELECT socket_id, socket_id, 1, fd, opened_ns, origin, closed_ns, 'close', 1 FROM socket;
INSERT INTO call (socket_id,start_ns,sequence,thread_id,call_kind_id,fd,duration_ns,result,errno,requested_bytes) VALUES (2,4000000,0,1,20,4,20000,-1,104,1);
INSERT INTO missing (process_id, reason, count) VALUES (1, 'dropped', 120);
INSERT INTO gap_reason VALUES ('dropped','Records found no room in the spool and were not kept; the count is exact.','Raise run --spool-max, free disk space, or record fewer details with --detail=sockets.',1);
-- One that came to nothing with a failed bind, and was then asked for its peer; one that was asked only.
INSERT INTO socket (socket_id,domain,type,protocol,origin,process_id,thread_id,fd,opened_ns,bind_errno,bind_failed_ns,closed_ns,how_ended,closed_by_id,errors,last_errno,calls) VALUES
	(4,2,1,6,'socket',1,1,6,10000000,98,11000000,20000000,'close',1,2,107,0),
	(5,2,1,6,'socket',1,1,6,30000000,NULL,NULL,40000000,'close',1,1,107,0);
INSERT INTO span (span_id,socket_id,process_id,fd,opened_ns,opened_by,closed_ns,closed_by,calls) SELECT socket_id, socket_id, 1, fd, opened_ns, origin, closed_ns, 'close', 1 FROM socket WHERE socket_id > 3;
INSERT OR IGNORE INTO call_kind VALUES (61,'getpeername','address');
INSERT OR IGNORE INTO constant VALUES ('errno',107,'ENOTCONN','not connected');
INSERT INTO call (socket_id,start_ns,sequence,thread_id,call_kind_id,fd,duration_ns,result,errno,requested_bytes) VALUES
	(4,10000000,0,1,1,6,5000,6,0,NULL),(4,11000000,0,1,3,6,5000,-1,98,NULL),(4,12000000,0,1,61,6,5000,-1,107,NULL),(4,20000000,0,1,9,6,5000,0,0,NULL),
	(5,30000000,0,1,1,6,5000,6,0,NULL),(5,31000000,0,1,61,6,5000,-1,107,NULL),(5,40000000,0,1,9,6,5000,0,0,NULL);
-- A listener whose path is longer than many a line.
INSERT INTO address VALUES (4,1,'/run/a/path/that/is/longer/than/many/a/line/of/many/a/terminal/where/somebody/looks/at/it/server.sock',NULL,NULL,x'');
INSERT INTO socket (socket_id,domain,type,protocol,origin,process_id,thread_id,fd,local_id,opened_ns,listening_ns,backlog,accepted_count,closed_ns,how_ended,closed_by_id,errors,calls) VALUES (6,1,1,0,'socket',1,1,7,4,50000000,50000000,1,0,60000000,'close',1,0,0);
INSERT INTO span (span_id,socket_id,process_id,fd,opened_ns,opened_by,closed_ns,closed_by,calls) SELECT socket_id, socket_id, 1, fd, opened_ns, origin, closed_ns, 'close', 1 FROM socket WHERE socket_id = 6;
