-- overlap.sql: calls at the same time: 300 sends that are received meanwhile, by a run and, after the close that ended them, by one call; and a descriptor closed by a thread while
-- another blocks in a read of it, which a send ends.
INSERT INTO meta VALUES ('start_unix_ns',1795435200000000000),('state','complete'),('command_line','./overlap'),('end_ns',2000000000);
INSERT INTO process (process_id,pid,program,started_ns,start_cause,ended_ns,end_cause,exit_status) VALUES
	(1,600,'sender',0,'start',2000000000,'exit',0),(2,601,'reader',0,'start',2000000000,'exit',0);
INSERT INTO thread VALUES (1,1,600,'sender'),(2,2,601,'reader'),(3,2,602,'closer');
INSERT INTO address VALUES (1,2,'127.0.0.1:7000','127.0.0.1',7000,x''),(2,2,'127.0.0.1:40001','127.0.0.1',40001,x''),(3,2,'127.0.0.1:40002','127.0.0.1',40002,x'');
INSERT INTO socket (socket_id,domain,type,protocol,origin,process_id,thread_id,fd,peer_id,local_id,remote_id,opened_ns,connecting_ns,connected_ns,connect_proof,eof_ns,closed_ns,how_ended,closed_by_id,send_calls,receive_calls,sent_bytes,received_bytes,wait_ns,accept_wait_ns) VALUES
	(1,2,1,6,'socket',1,1,3,2,2,1,1000000,1010000,1050000,'connect',NULL,700000000,'close',1,300,0,3000,0,0,NULL),
	(2,2,1,6,'accept',2,2,4,1,1,2,1100000,NULL,1100000,'accept',701000000,702000000,'close',2,0,291,0,3000,0,50000),
	(3,2,1,6,'socket',1,1,5,4,3,1,801000000,801010000,801050000,'connect',NULL,1800000000,'close',1,1,0,1,0,0,NULL),
	(4,2,1,6,'accept',2,2,6,3,1,3,801100000,NULL,801100000,'accept',NULL,1000000000,'close',2,0,1,0,1,600000000,50000);
INSERT INTO span (span_id,socket_id,process_id,fd,opened_ns,opened_by,closed_ns,closed_by,calls)
	SELECT socket_id, socket_id, process_id, fd, opened_ns, origin, closed_ns, 'close', 3 FROM socket;
INSERT INTO call (socket_id,start_ns,sequence,thread_id,call_kind_id,fd,duration_ns,result,errno,requested_bytes,detail_id) VALUES
	(1,990000,0,1,1,3,10000,3,NULL,NULL,NULL),(1,1010000,0,1,7,3,40000,0,NULL,NULL,NULL),(1,700000000,0,1,9,3,5000,0,NULL,NULL,NULL),
	(2,700970000,0,2,25,4,10000,100,NULL,4096,NULL),(2,700990000,0,2,24,4,10000,0,NULL,4096,NULL),(2,702000000,0,2,9,4,5000,0,NULL,NULL,NULL),
	(3,800990000,0,1,1,5,10000,5,NULL,NULL,NULL),(3,801010000,0,1,7,5,40000,0,NULL,NULL,NULL),(3,1499990000,0,1,20,5,5000,1,NULL,1,NULL),(3,1800000000,0,1,9,5,5000,0,NULL,NULL,NULL),
	(4,900000000,0,2,28,6,600000000,1,NULL,9,NULL),(4,1000000000,0,3,9,6,5000,0,NULL,NULL,NULL);
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 299)
INSERT INTO call (socket_id,start_ns,sequence,thread_id,call_kind_id,fd,duration_ns,result,errno,requested_bytes,detail_id)
	SELECT 1, 2000000 + i * 2000000, 0, 1, 20, 3, 5000, 10, NULL, 10, NULL FROM n UNION ALL
	SELECT 2, 2005000 + i * 2000000, 0, 2, 24, 4, 10000, 10, NULL, 4096, NULL FROM n WHERE i < 290;
UPDATE socket SET calls = (SELECT count(*) FROM call c WHERE c.socket_id = socket.socket_id);
