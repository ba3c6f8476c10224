-- absurd.sql: numbers that no trace would hold: extremes, negative times, references to nothing.
INSERT INTO meta VALUES ('start_unix_ns',9223372036854775807),('state','recording'),('end_ns',1);
INSERT INTO process (process_id,pid,parent_id,previous_id,program,started_ns,start_cause) VALUES (1,-1,2,2,'',-9223372036854775808,'start'),(2,9223372036854775807,1,1,'x',0,'fork');
INSERT INTO thread VALUES (1,1,NULL,NULL);
INSERT INTO socket (socket_id,domain,type,protocol,origin,process_id,fd,parent_id,peer_id,local_id,remote_id,opened_ns,connecting_ns,connected_ns,closed_ns,how_ended,calls,wait_ns,sent_bytes,received_bytes,send_calls,receive_calls,accept_wait_ns,eof_ns,backlog,errors,last_errno,rtt_us) VALUES
	(1,-5,99999,7,'accept',1,-7,1,1,9,9,-9223372036854775808,5,9223372036854775807,9223372036854775807,'killed',1,9223372036854775807,9223372036854775807,-4,3,3,-1,1,-1,-3,99999,9223372036854775807),
	(9223372036854775807,2,1,6,'socket',77,3,NULL,1,NULL,NULL,9223372036854775807,1,2,-5,'exit',0,-1,0,0,0,0,NULL,NULL,NULL,0,NULL,NULL);
INSERT INTO span (span_id,socket_id,process_id,fd,opened_ns,opened_by,closed_ns,closed_by) VALUES (1,1,1,-7,9223372036854775807,'unknown',-1,'unknown'),(2,1,2,3,0,'unknown',NULL,NULL);
INSERT INTO call (socket_id,start_ns,sequence,thread_id,call_kind_id,fd,duration_ns,result,errno,requested_bytes,bytes) VALUES (1,-9223372036854775808,0,1,20,1,9223372036854775807,9223372036854775807,NULL,-1,9223372036854775807),
	(1,9223372036854775807,0,1,24,1,9223372036854775807,0,NULL,9223372036854775807,-9),(1,9223372036854775807,1,1,7,1,-3,-1,99999,NULL,NULL);
