-- nonblocking.sql: connects that do not block: one whose outcome SO_ERROR tells, with an option set meanwhile; one that the first send proves; one that
-- a second connect proves after a retry; one that is refused at the first send; one that was given up without an outcome.
INSERT INTO meta VALUES ('start_unix_ns',1795435200000000000),('state','complete'),('command_line','./dialler'),('end_ns',100000000);
INSERT INTO process (process_id,pid,parent_id,previous_id,program,executable,started_ns,start_cause,ended_ns,end_cause,exit_status,exit_signal) VALUES
	(1,500,NULL,NULL,'dialler','/bin/dialler',0,'start',90000000,'exit',0,NULL);
INSERT INTO thread VALUES (1,1,500,'dialler');
INSERT INTO address VALUES (1,2,'10.0.0.7:5432','10.0.0.7',5432,x''),(2,2,'10.0.0.9:40001','10.0.0.9',40001,x'');
INSERT INTO detail VALUES (1,'INET STREAM'),(2,'10.0.0.7:5432'),(3,'SOL_SOCKET SO_ERROR=0'),(4,'IPPROTO_TCP TCP_NODELAY=1'),(5,'EPOLL_CTL_ADD on fd 3');
INSERT INTO socket (socket_id,domain,type,protocol,origin,process_id,thread_id,fd,local_id,remote_id,opened_ns,connecting_ns,connected_ns,connect_errno,connect_proof,closed_ns,how_ended,closed_by_id,send_calls,sent_bytes,errors,last_errno,nonblocking) VALUES
	(1,2,1,6,'socket',1,1,4,2,1,1000000,2000000,9000000,NULL,'SO_ERROR',12000000,'close',1,1,5,0,NULL,1),
	(2,2,1,6,'socket',1,1,4,2,1,21000000,22000000,29000000,NULL,'data',32000000,'close',1,2,10,0,NULL,1),
	(3,2,1,6,'socket',1,1,4,2,1,41000000,42000000,49000000,NULL,'connect',52000000,'close',1,0,0,0,NULL,1),
	(4,2,1,6,'socket',1,1,4,2,1,61000000,62000000,NULL,111,NULL,72000000,'close',1,1,0,1,111,1),
	(5,2,1,6,'socket',1,1,4,2,1,81000000,82000000,NULL,NULL,NULL,89000000,'close',1,0,0,0,NULL,1);
INSERT INTO span (span_id,socket_id,process_id,fd,opened_ns,opened_by,closed_ns,closed_by,calls)
	SELECT socket_id, socket_id, 1, 4, opened_ns, 'socket', closed_ns, 'close', 3 FROM socket;
INSERT INTO call (socket_id,start_ns,sequence,thread_id,call_kind_id,fd,duration_ns,result,errno,requested_bytes,detail_id)
	SELECT socket_id, opened_ns - 10000, 0, 1, 1, 4, 10000, 4, NULL, NULL, 1 FROM socket UNION ALL
	SELECT socket_id, connecting_ns, 0, 1, 7, 4, 20000, -1, 115, NULL, 2 FROM socket UNION ALL
	SELECT socket_id, closed_ns, 0, 1, 9, 4, 5000, 0, NULL, NULL, NULL FROM socket;
INSERT INTO call (socket_id,start_ns,sequence,thread_id,call_kind_id,fd,duration_ns,result,errno,requested_bytes,detail_id) VALUES
	(1,3000000,0,1,76,4,2000,0,NULL,NULL,5),(1,3500000,0,1,63,4,2000,0,NULL,NULL,4),(1,8998000,0,1,62,4,2000,0,NULL,NULL,3),(1,10000000,0,1,20,4,9000,5,NULL,5,NULL),
	(2,29000000,0,1,20,4,9000,5,NULL,5,NULL),(2,30000000,0,1,20,4,9000,5,NULL,5,NULL),
	(3,44000000,0,1,7,4,2000,-1,114,NULL,2),(3,48998000,0,1,7,4,2000,0,NULL,NULL,2),
	(4,70000000,0,1,20,4,9000,-1,111,5,NULL);
INSERT INTO call (socket_id,start_ns,sequence,thread_id,call_kind_id,duration_ns,result) VALUES
	(0,4000000,0,1,77,4900000,1),(0,23000000,0,1,70,5000000,1),(0,45000000,0,1,70,3500000,1),(0,63000000,0,1,70,5000000,1),(0,83000000,0,1,70,5000000,0);
INSERT INTO ready VALUES (1,4000000,1,4,4),(2,23000000,1,4,4),(3,45000000,1,4,4),(4,63000000,1,4,28),(5,83000000,1,4,0);
INSERT INTO constant VALUES ('errno',114,'EALREADY','already in progress');
