-- refused.sql: connects that do not block and are refused: SO_ERROR tells it of one, the first send of the other, on which a further call fails.
INSERT INTO meta VALUES ('start_unix_ns',1795435200000000000),('state','complete'),('command_line','./dialler'),('end_ns',100000000);
INSERT INTO process (process_id,pid,program,started_ns,start_cause,ended_ns,end_cause,exit_status) VALUES (1,500,'dialler',0,'start',90000000,'exit',0);
INSERT INTO thread VALUES (1,1,500,'dialler');
INSERT INTO address VALUES (1,2,'10.0.0.7:5432','10.0.0.7',5432,x''),(2,2,'10.0.0.9:40001','10.0.0.9',40001,x'');
INSERT INTO socket (socket_id,domain,type,protocol,origin,process_id,thread_id,fd,local_id,remote_id,opened_ns,connecting_ns,connect_errno,closed_ns,how_ended,closed_by_id,send_calls,errors,last_errno,calls) VALUES
	(1,2,1,6,'socket',1,1,4,2,1,1000000,2000000,111,12000000,'close',1,0,1,111,4),
	(2,2,1,6,'socket',1,1,4,2,1,21000000,22000000,111,32000000,'close',1,1,2,107,5);
INSERT INTO span (span_id,socket_id,process_id,fd,opened_ns,opened_by,closed_ns,closed_by,calls) SELECT socket_id, socket_id, 1, 4, opened_ns, 'socket', closed_ns, 'close', 3 FROM socket;
INSERT INTO call (socket_id,start_ns,sequence,thread_id,call_kind_id,fd,duration_ns,result,errno,requested_bytes) VALUES
	(1,2000000,0,1,7,4,20000,-1,115,NULL),(1,8998000,0,1,62,4,2000,0,NULL,NULL),(1,12000000,0,1,9,4,5000,0,NULL,NULL),
	(2,22000000,0,1,7,4,20000,-1,115,NULL),(2,29000000,0,1,20,4,9000,-1,111,5),(2,30000000,0,1,20,4,9000,-1,107,5),(2,32000000,0,1,9,4,5000,0,NULL,NULL);
INSERT INTO option VALUES (1,1,8998000,0,1,4,'SO_ERROR',111,x'6f000000');
INSERT OR IGNORE INTO constant VALUES ('errno',115,'EINPROGRESS','in progress'),('errno',107,'ENOTCONN','not connected');
