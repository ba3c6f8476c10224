-- slow_server.sql: a server that computes 1.8 s before it answers curl, a client it never closes, and a second server that finds the port taken.
INSERT INTO meta VALUES ('start_unix_ns',1795435200000000000),('state','complete'),('command_line','sh demo.sh'),('end_ns',4210000000);
INSERT INTO host VALUES (1,'box','6.1.0','x86_64',4026531840);
INSERT INTO process (process_id,pid,parent_id,program,executable,started_ns,start_cause,ended_ns,end_cause,exit_status) VALUES
	(1,4242,NULL,'srv','/usr/bin/srv',0,'start',4205000000,'exit',0),
	(2,4711,NULL,'curl','/usr/bin/curl',300000000,'start',2215000000,'exit',0),
	(3,4250,NULL,'srv2','/usr/bin/srv2',2500000000,'start',2600000000,'exit',1);
INSERT INTO thread VALUES (1,1,4242,'srv'),(2,2,4711,'curl'),(3,3,4250,'srv2');
INSERT INTO address VALUES (1,2,'0.0.0.0:8080','0.0.0.0',8080,x''),(2,2,'127.0.0.1:45002','127.0.0.1',45002,x''),(3,2,'127.0.0.1:8080','127.0.0.1',8080,x''),
	(4,2,'10.0.0.7:51514','10.0.0.7',51514,x''),(5,2,'10.0.0.1:8080','10.0.0.1',8080,x'');
INSERT INTO detail VALUES (1,'INET STREAM'),(2,'0.0.0.0:8080'),(3,'127.0.0.1:8080'),(4,'backlog 5'),(5,'SHUT_WR'),(6,'127.0.0.1:45002'),(7,'10.0.0.7:51514');
INSERT INTO socket (socket_id,cookie,domain,type,protocol,origin,process_id,thread_id,fd,parent_id,peer_id,local_id,remote_id,opened_ns,bound_ns,listening_ns,backlog,accepted_count,
	connecting_ns,connected_ns,connect_errno,connect_proof,shutdown_send_ns,eof_ns,closed_ns,how_ended,closed_by_id,first_activity_ns,last_activity_ns,calls,send_calls,receive_calls,
	sent_bytes,received_bytes,errors,last_errno,wait_ns,accept_wait_ns,tcp_state,rtt_us,unread_bytes) VALUES
	(1,11,2,1,6,'socket',1,1,3,NULL,NULL,1,NULL,10000000,10020000,10030000,5,2,NULL,NULL,NULL,NULL,NULL,NULL,4205000000,'exit',1,NULL,NULL,5,0,0,0,0,0,NULL,3900000000,NULL,10,NULL,NULL),
	(2,12,2,1,6,'socket',2,2,5,NULL,3,2,3,300000000,NULL,NULL,NULL,0,300031000,300243000,NULL,'connect',2200000000,2199990000,2210000000,'close',2,300300000,2200000000,17,1,14,55,65608,0,NULL,1800308000,NULL,7,45,0),
	(3,13,2,1,6,'accept',1,1,4,1,2,3,2,301140000,NULL,NULL,NULL,0,NULL,301140000,NULL,'accept',2199950000,2200100000,2201000000,'close',1,301160000,2199900000,4,1,2,65608,55,0,NULL,300000,897000,8,45,0),
	(4,14,2,1,6,'accept',1,1,6,1,NULL,5,4,2105000000,NULL,NULL,NULL,0,NULL,2105000000,NULL,'accept',NULL,NULL,4205000000,'exit',1,2105100000,2106000000,2,0,2,0,12,0,NULL,2099000000,NULL,NULL,NULL,NULL),
	(5,15,2,1,6,'socket',3,3,3,NULL,NULL,NULL,NULL,2510000000,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,2510031000,'close',3,NULL,NULL,3,0,0,0,0,1,98,0,NULL,NULL,NULL,NULL);
INSERT INTO span (span_id,socket_id,process_id,fd,opened_ns,opened_by,closed_ns,closed_by,calls) VALUES
	(1,1,1,3,10000000,'socket',4205000000,'exit',5),(2,2,2,5,300000000,'socket',2210000000,'close',16),(3,3,1,4,301140000,'accept',2201000000,'close',3),
	(4,4,1,6,2105000000,'accept',4205000000,'exit',2),(5,5,3,3,2510000000,'socket',2510031000,'close',2);
INSERT INTO call (socket_id,start_ns,sequence,thread_id,call_kind_id,fd,duration_ns,result,errno,requested_bytes,detail_id,flags) VALUES
	(1,9990000,0,1,1,3,10000,3,NULL,NULL,1,NULL),(1,10015000,0,1,3,3,5000,0,NULL,NULL,2,NULL),(1,10026000,0,1,4,3,4000,0,NULL,NULL,4,NULL),
	(1,10050000,0,1,5,3,291090000,4,NULL,NULL,6,NULL),(1,2201100000,0,1,5,3,NULL,NULL,NULL,NULL,NULL,NULL),
	(2,299988000,0,2,1,5,12000,5,NULL,NULL,1,NULL),(2,300031000,0,2,7,5,212000,0,NULL,NULL,3,NULL),(2,300300000,0,2,20,5,8000,55,NULL,55,NULL,NULL),
	(2,300911000,0,2,24,5,1800000000,5067,NULL,65536,NULL,NULL),
	(2,2110920000,0,2,24,5,8000,5046,NULL,65536,NULL,NULL),(2,2110930000,0,2,24,5,8000,5045,NULL,65536,NULL,NULL),(2,2110940000,0,2,24,5,8000,5045,NULL,65536,NULL,NULL),
	(2,2110950000,0,2,24,5,8000,5045,NULL,65536,NULL,NULL),(2,2110960000,0,2,24,5,8000,5045,NULL,65536,NULL,NULL),(2,2110970000,0,2,24,5,8000,5045,NULL,65536,NULL,NULL),
	(2,2110980000,0,2,24,5,8000,5045,NULL,65536,NULL,NULL),(2,2110990000,0,2,24,5,8000,5045,NULL,65536,NULL,NULL),(2,2111000000,0,2,24,5,8000,5045,NULL,65536,NULL,NULL),
	(2,2111010000,0,2,24,5,8000,5045,NULL,65536,NULL,NULL),(2,2111020000,0,2,24,5,8000,5045,NULL,65536,NULL,NULL),(2,2111030000,0,2,24,5,8000,5045,NULL,65536,NULL,NULL),
	(2,2199980000,0,2,24,5,10000,0,NULL,65536,NULL,NULL),(2,2200000000,0,2,8,5,5000,0,NULL,NULL,5,1),(2,2210000000,0,2,9,5,9000,0,NULL,NULL,NULL,NULL),
	(3,301160000,0,1,24,4,300000,55,NULL,4096,NULL,NULL),(3,2100800000,0,1,20,4,120000,65608,NULL,65608,NULL,NULL),(3,2199945000,0,1,8,4,5000,0,NULL,NULL,5,1),
	(3,2200050000,0,1,24,4,50000,0,NULL,4096,NULL,NULL),(3,2201000000,0,1,9,4,7000,0,NULL,NULL,NULL,NULL),
	(4,2105100000,0,1,24,6,900000,12,NULL,4096,NULL,NULL),(4,2106100000,0,1,24,6,NULL,NULL,NULL,4096,NULL,NULL),
	(5,2509990000,0,3,1,3,10000,3,NULL,NULL,1,NULL),(5,2510015000,0,3,3,3,6000,-1,98,NULL,2,NULL),(5,2510031000,0,3,9,3,5000,0,NULL,NULL,NULL,NULL);
UPDATE socket SET calls = (SELECT count(*) FROM call c WHERE c.socket_id = socket.socket_id);
INSERT INTO ready VALUES (2,300400000,2,5,1);
INSERT INTO call (socket_id,start_ns,sequence,thread_id,call_kind_id,duration_ns,result,requested_bytes) VALUES (0,300400000,0,2,70,500000,1,NULL);
INSERT INTO gap_reason VALUES ('dropped','records found no room in the spool','run with a larger --spool-max',1),('untraceable','a child could not be traced','see socklife doctor',1);
INSERT INTO found_problem (rule, severity, socket_id, process_id, holder_id, holder_process_id, count, message) VALUES
	('BLOCKED','info',2,2,3,1,1,'recv took 1.8 s = 94% of its life; the peer s3 was computing, not the network'),
	('LEAK','error',4,1,NULL,NULL,1,'fd 6 open at exit, 2.1 s after accept; 1 of 2 like it was closed'),
	('EADDRINUSE','error',5,3,1,1,1,'bind to 0.0.0.0:8080 failed: s1 of srv[4242] has been listening there for 2.5 s; SO_REUSEADDR would not help, SO_REUSEPORT only if both set it');
