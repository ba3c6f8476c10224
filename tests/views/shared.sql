-- shared.sql: one socket in several hands: a server that gives each connection to a child, whose parent and which itself close what they hold; a datagram server that answers two by
-- address, and a third that no address is known of; two calls that have not returned.
INSERT INTO meta VALUES ('start_unix_ns',1795435200000000000),('state','recording'),('command_line','./shared'),('end_ns',100000000);
INSERT INTO process (process_id,pid,parent_id,program,started_ns,start_cause,ended_ns,end_cause) VALUES
	(1,800,NULL,'server',0,'start',NULL,NULL),(2,801,1,'server',3000000,'fork',60000000,'exit'),(3,802,NULL,'client',0,'start',NULL,NULL);
INSERT INTO thread VALUES (1,1,800,'server'),(2,2,801,'server'),(3,3,802,'client');
INSERT INTO address VALUES (1,2,'0.0.0.0:8000','0.0.0.0',8000,x''),(2,2,'127.0.0.1:8000','127.0.0.1',8000,x''),(3,2,'127.0.0.1:40001','127.0.0.1',40001,x''),
	(4,2,'127.0.0.1:53','127.0.0.1',53,x''),(5,2,'127.0.0.1:50001','127.0.0.1',50001,x''),(6,2,'0.0.0.0:50002','0.0.0.0',50002,x''),(7,2,'127.0.0.1:50002','127.0.0.1',50002,x''),
	(8,2,'127.0.0.1:50003','127.0.0.1',50003,x'');
INSERT INTO socket (socket_id,domain,type,protocol,origin,process_id,thread_id,fd,parent_id,peer_id,local_id,remote_id,opened_ns,bound_ns,listening_ns,backlog,accepted_count,connecting_ns,connected_ns,connect_proof,eof_ns,
	first_send_ns,closed_ns,how_ended,closed_by_id,send_calls,receive_calls,sent_bytes,received_bytes,wait_ns,receive_ns,accept_ns,unreturned_start_ns,unreturned_kind_id) VALUES
	(1,2,1,6,'socket',1,1,3,NULL,NULL,1,NULL,1000000,1100000,1200000,5,1,NULL,NULL,NULL,NULL,NULL,NULL,'open',NULL,0,0,0,0,500000,0,500000,2600000,6),
	(2,2,1,6,'socket',3,3,3,NULL,3,3,2,2000000,NULL,NULL,NULL,0,2010000,2050000,'connect',50010000,NULL,51000000,'close',3,1,2,5,7,47000000,47000000,0,NULL,NULL),
	(3,2,1,6,'accept',1,1,4,1,2,2,3,2500000,NULL,NULL,NULL,0,NULL,2500000,'accept',NULL,NULL,50000000,'close',2,1,1,7,5,0,0,0,NULL,NULL),
	(4,2,2,17,'socket',1,1,5,NULL,NULL,4,NULL,60000000,60100000,NULL,NULL,0,NULL,NULL,NULL,NULL,61020000,90000000,'close',1,4,3,20,12,0,0,0,NULL,NULL),
	(5,2,2,17,'socket',3,3,4,NULL,4,5,4,60000000,NULL,NULL,NULL,0,60200000,60200000,'connect',NULL,61000000,70000000,'close',3,1,1,4,5,0,0,0,NULL,NULL),
	(6,2,2,17,'socket',3,3,5,NULL,4,6,NULL,60000000,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,62000000,70000000,'close',3,1,1,4,5,0,0,0,NULL,NULL),
	(7,2,2,17,'socket',3,3,6,NULL,4,NULL,NULL,60000000,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,63000000,70000000,'close',3,1,1,4,5,0,0,0,NULL,NULL),
	(8,2,1,6,'socket',3,3,7,NULL,NULL,NULL,NULL,80000000,NULL,NULL,NULL,0,80010000,80050000,'connect',NULL,NULL,NULL,'open',NULL,0,0,0,0,40000,0,0,80100000,24);
INSERT INTO span (span_id,socket_id,process_id,fd,opened_ns,opened_by,closed_ns,closed_by,calls) VALUES
	(1,1,1,3,1000000,'socket',NULL,NULL,4),(2,2,3,3,2000000,'socket',51000000,'close',5),(3,3,1,4,2500000,'accept',3500000,'close',0),(4,3,2,4,3000000,'fork',50000000,'close',2),
	(5,4,1,5,60000000,'socket',90000000,'close',8),(6,5,3,4,60000000,'socket',70000000,'close',4),(7,6,3,5,60000000,'socket',70000000,'close',3),(8,7,3,6,60000000,'socket',70000000,'close',3),
	(9,8,3,7,80000000,'socket',NULL,NULL,2),(10,1,2,3,3000000,'fork',3200000,'close',0),(11,1,2,8,3000000,'fork',60000000,'exit',0);
INSERT INTO call (socket_id,start_ns,sequence,thread_id,call_kind_id,fd,duration_ns,result,requested_bytes,address_id) VALUES
	(1,1000000,0,1,1,3,5000,3,NULL,NULL),(1,1095000,0,1,3,3,5000,0,NULL,1),(1,1195000,0,1,4,3,5000,0,NULL,NULL),(1,2000000,0,1,6,3,500000,4,NULL,NULL),(1,2600000,0,1,6,3,NULL,NULL,NULL,NULL),
	(2,2000000,0,3,1,3,5000,3,NULL,NULL),(2,2010000,0,3,7,3,40000,0,NULL,2),(2,3400000,0,3,20,3,5000,5,5,NULL),(2,4000000,0,3,24,3,36010000,7,100,NULL),(2,40020000,0,3,24,3,9990000,0,100,NULL),
	(2,51000000,0,3,9,3,5000,0,NULL,NULL),
	(3,3500000,0,1,9,4,5000,0,NULL,NULL),(3,4500000,0,2,24,4,5000,5,100,NULL),(3,40000000,0,2,20,4,5000,7,7,NULL),(3,50000000,0,2,9,4,5000,0,NULL,NULL),
	(4,60000000,0,1,1,5,5000,5,NULL,NULL),(4,60095000,0,1,3,5,5000,0,NULL,4),
	(4,61005000,0,1,25,5,5000,4,100,5),(4,61020000,0,1,21,5,5000,5,5,5),(4,62005000,0,1,25,5,5000,4,100,7),(4,62020000,0,1,21,5,5000,5,5,7),
	(4,63005000,0,1,25,5,5000,4,100,8),(4,63020000,0,1,21,5,5000,5,5,8),(4,64000000,0,1,21,5,5000,5,5,5),(4,90000000,0,1,9,5,5000,0,NULL,NULL),
	(5,60000000,0,3,1,4,5000,4,NULL,NULL),(5,61000000,0,3,20,4,5000,4,4,NULL),(5,61010000,0,3,24,4,20000,5,100,NULL),(5,70000000,0,3,9,4,5000,0,NULL,NULL),
	(6,60000000,0,3,1,5,5000,5,NULL,NULL),(6,62000000,0,3,21,5,5000,4,4,4),(6,62010000,0,3,24,5,20000,5,100,NULL),(6,70000000,0,3,9,5,5000,0,NULL,NULL),
	(7,60000000,0,3,1,6,5000,6,NULL,NULL),(7,63000000,0,3,21,6,5000,4,4,4),(7,63010000,0,3,24,6,20000,5,100,NULL),(7,70000000,0,3,9,6,5000,0,NULL,NULL),
	(8,80000000,0,3,1,7,5000,7,NULL,NULL),(8,80010000,0,3,7,7,40000,0,NULL,2),(8,80100000,0,3,24,7,NULL,NULL,100,NULL);
UPDATE socket SET calls = (SELECT count(*) FROM call c WHERE c.socket_id = socket.socket_id);
