-- family.sql: a forking server on a Unix path and on IPv6, keep-alive rounds, a socketpair, datagrams with a name looked up, a refused non-blocking connect, a reset, a killed worker.
INSERT INTO meta VALUES ('start_unix_ns',1795435200000000000),('state','complete'),('command_line','./pool --workers 2'),('end_ns',10000000000);
INSERT INTO process (process_id,pid,parent_id,previous_id,program,executable,started_ns,start_cause,ended_ns,end_cause,exit_status,exit_signal) VALUES
	(1,100,NULL,NULL,'sh','/bin/sh',0,'start',5000000,'exec',NULL,NULL),
	(2,100,NULL,1,'pool','/srv/pool',5000000,'exec',9900000000,'exit',0,NULL),
	(3,101,2,NULL,'pool','/srv/pool',100000000,'fork',9000000000,'killed',NULL,9),
	(4,102,2,NULL,'pool','/srv/pool',110000000,'fork',9800000000,'exit',0,NULL),
	(5,103,4,NULL,'logger','/srv/logger',200000000,'vfork',NULL,NULL,NULL,NULL);
INSERT INTO thread VALUES (1,2,100,'pool'),(2,3,101,'worker'),(3,4,102,'worker'),(4,5,103,'logger');
INSERT INTO address VALUES (1,1,'/run/pool.sock',NULL,NULL,x''),(2,1,'(unnamed)',NULL,NULL,x''),(3,10,'[::]:9000','::',9000,x''),(4,10,'[::1]:9000','::1',9000,x''),
	(5,10,'[::1]:40000','::1',40000,x''),(6,2,'10.1.2.3:5432','10.1.2.3',5432,x''),(7,2,'127.0.0.1:51000','127.0.0.1',51000,x''),(8,2,'192.0.2.53:53','192.0.2.53',53,x''),
	(9,2,'0.0.0.0:33000','0.0.0.0',33000,x''),(10,1,'@pool-control',NULL,NULL,x'');
INSERT INTO name VALUES (1,3,300000000,2000000,'db.internal',0,'10.1.2.3');
INSERT INTO detail VALUES (1,'INET6 STREAM'),(2,'[::]:9000'),(3,'backlog 128'),(4,'10.1.2.3:5432'),(5,'SOL_SOCKET SO_ERROR=ECONNREFUSED'),(6,'SOL_SOCKET SO_REUSEADDR=1'),(7,'192.0.2.53:53');
INSERT INTO socket (socket_id,cookie,domain,type,protocol,origin,process_id,thread_id,fd,parent_id,peer_id,local_id,remote_id,opened_ns,bound_ns,listening_ns,backlog,accepted_count,connecting_ns,connected_ns,
	connect_errno,connect_proof,shutdown_send_ns,eof_ns,reset_ns,closed_ns,how_ended,closed_by_id,send_calls,receive_calls,sent_bytes,received_bytes,errors,last_errno,wait_ns,accept_wait_ns,unread_bytes,nonblocking,peer_candidates) VALUES
	(1,21,10,1,6,'socket',2,1,3,NULL,NULL,3,NULL,10000000,10100000,10200000,128,2,NULL,NULL,NULL,NULL,NULL,NULL,NULL,9900000000,'exit',2,0,0,0,0,0,NULL,4000000000,NULL,NULL,0,0),
	(2,22,10,1,6,'socket',4,3,7,NULL,3,5,4,500000000,NULL,NULL,NULL,0,500010000,500100000,NULL,'connect',NULL,NULL,2400000000,2500000000,'close',4,1000,1000,64000,900000,1,104,900000000,NULL,0,0,0),
	(3,23,10,1,6,'accept',3,2,5,1,2,4,5,500500000,NULL,NULL,NULL,0,NULL,500500000,NULL,'accept',NULL,NULL,NULL,2350000000,'close',3,1000,1001,900000,63990,0,NULL,800000000,400000,10,0,0),
	(4,24,1,1,NULL,'socketpair',2,1,8,NULL,5,2,2,20000000,NULL,NULL,NULL,0,NULL,20000000,NULL,'pair',NULL,NULL,NULL,9900000000,'exit',2,1,0,4,0,0,NULL,0,NULL,NULL,0,0),
	(5,25,1,1,NULL,'socketpair',2,1,9,NULL,4,2,2,20000000,NULL,NULL,NULL,0,NULL,20000000,NULL,'pair',NULL,NULL,NULL,9000000000,'killed',3,0,1,0,4,0,NULL,0,NULL,NULL,0,0),
	(6,26,2,1,6,'socket',3,2,10,NULL,NULL,7,6,310000000,NULL,NULL,NULL,0,310050000,NULL,111,NULL,NULL,NULL,NULL,312000000,'close',3,0,0,0,0,0,NULL,0,NULL,NULL,1,0),
	(7,27,2,2,17,'socket',4,3,11,NULL,NULL,9,8,600000000,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,650000000,'close',4,2,2,80,512,0,NULL,30000000,NULL,NULL,0,0),
	(8,28,1,1,NULL,'socket',2,1,12,NULL,NULL,1,NULL,30000000,30100000,30200000,5,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'open',NULL,0,0,0,0,0,NULL,0,NULL,NULL,1,0),
	(9,29,10,1,6,'accept',4,3,5,1,NULL,4,NULL,700000000,NULL,NULL,NULL,0,NULL,700000000,NULL,'accept',NULL,NULL,NULL,9800000000,'exit',4,0,0,0,0,0,NULL,0,NULL,NULL,0,0);
INSERT INTO span (span_id,socket_id,process_id,fd,opened_ns,opened_by,closed_ns,closed_by,calls) VALUES
	(1,1,2,3,10000000,'socket',9900000000,'exit',3),(2,1,3,3,100000000,'fork',9000000000,'killed',1),(3,1,4,3,110000000,'fork',9800000000,'exit',1),(4,1,5,3,200000000,'fork',NULL,NULL,0),
	(5,2,4,7,500000000,'socket',2500000000,'close',2002),(6,3,3,5,500500000,'accept',2350000000,'close',2002),(7,4,2,8,20000000,'socketpair',9900000000,'exit',1),
	(8,5,2,9,20000000,'socketpair',120000000,'close',0),(9,5,3,9,100000000,'fork',9000000000,'killed',1),(10,6,3,10,310000000,'socket',312000000,'close',3),
	(11,7,4,11,600000000,'socket',650000000,'close',4),(12,8,2,12,30000000,'socket',NULL,NULL,2),(13,9,4,5,700000000,'accept',9800000000,'exit',0);
INSERT INTO call (socket_id,start_ns,sequence,thread_id,call_kind_id,fd,duration_ns,result,errno,requested_bytes,detail_id) VALUES
	(1,9990000,0,1,1,3,10000,3,NULL,NULL,1),(1,10050000,0,1,63,3,2000,0,NULL,NULL,6),(1,10095000,0,1,3,3,5000,0,NULL,NULL,2),(1,10195000,0,1,4,3,5000,0,NULL,NULL,3),
	(1,120000000,0,2,6,3,380500000,5,NULL,NULL,NULL),(1,130000000,0,3,6,3,570000000,5,NULL,NULL,NULL),
	(2,499990000,0,3,1,7,10000,7,NULL,NULL,1),(2,500010000,0,3,7,7,90000,0,NULL,NULL,NULL),(2,2399990000,0,3,24,7,10000,-1,104,4096,NULL),(2,2500000000,0,3,9,7,8000,0,NULL,NULL,NULL),
	(3,2350000000,0,2,9,5,8000,0,NULL,NULL,NULL),
	(4,19990000,0,1,2,8,10000,0,NULL,NULL,NULL),(4,150000000,0,1,29,8,6000,4,NULL,4,NULL),(5,19990000,0,1,2,9,10000,0,NULL,NULL,NULL),(5,150020000,0,2,28,9,5000,4,NULL,64,NULL),
	(6,309990000,0,2,1,10,10000,10,NULL,NULL,NULL),(6,310050000,0,2,7,10,20000,-1,115,NULL,4),(6,311500000,0,2,62,10,3000,0,NULL,NULL,5),(6,312000000,0,2,9,10,5000,0,NULL,NULL,NULL),
	(7,599990000,0,3,1,11,10000,11,NULL,NULL,NULL),(7,600100000,0,3,21,11,9000,40,NULL,40,7),(7,600200000,0,3,25,11,15000000,256,NULL,1024,7),(7,620000000,0,3,21,11,9000,40,NULL,40,7),
	(7,620100000,0,3,25,11,15000000,256,NULL,1024,7),(7,650000000,0,3,9,11,5000,0,NULL,NULL,NULL),
	(8,29990000,0,1,1,12,10000,12,NULL,NULL,NULL),(8,30095000,0,1,3,12,5000,0,NULL,NULL,NULL),(8,30195000,0,1,4,12,5000,0,NULL,NULL,NULL);
WITH RECURSIVE round(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM round WHERE n < 999)
INSERT INTO call (socket_id,start_ns,sequence,thread_id,call_kind_id,fd,duration_ns,result,errno,requested_bytes,detail_id)
	SELECT 2, 501000000 + n * 1500000, 0, 3, 29, 7, 6000, 64, NULL, 64, NULL FROM round UNION ALL SELECT 2, 501010000 + n * 1500000, 0, 3, 28, 7, 40000, 900, NULL, 4096, NULL FROM round
	UNION ALL SELECT 3, 501008000 + n * 1500000, 0, 2, 28, 5, 4000, 64, NULL, 4096, NULL FROM round UNION ALL SELECT 3, 501020000 + n * 1500000, 0, 2, 29, 5, 9000, 900, NULL, 900, NULL FROM round;
UPDATE socket SET calls = (SELECT count(*) FROM call c WHERE c.socket_id = socket.socket_id);
INSERT INTO gap_reason VALUES ('untraceable','A child process ran a program that cannot be traced; its calls are not in the trace.','Trace it with strace.',1);
INSERT INTO missing VALUES (1,4,'untraceable',8000000000,NULL,1,'/sbin/helper: static');
INSERT INTO found_problem (rule, severity, socket_id, process_id, holder_id, holder_process_id, count, message) VALUES
	('INHERITED','warning',1,5,NULL,NULL,1,'logger[103] inherited fd 3 (listening on [::]:9000 of pool[100]) and never used it'),
	('REFUSED','error',6,3,NULL,NULL,1,'connect to db.internal (10.1.2.3:5432) was refused: nobody listened on that port');
