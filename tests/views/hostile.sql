-- hostile.sql: names from a trace that try to move the cursor, forge rows, break JSON and CSV, or are no UTF-8 at all.
INSERT INTO meta VALUES ('start_unix_ns',0),('state','complete'),('end_ns',1000000000);
INSERT INTO process (process_id,pid,program,started_ns,start_cause) VALUES (1,1,CAST(x'1b5b324a1b5b48707764' AS TEXT),0,'start'),(2,2,'日本語プログラム',0,'start'),(3,3,CAST(x'e280ae6578652e747874' AS TEXT),0,'start');
INSERT INTO thread VALUES (1,1,1,CAST(x'1b5d303b7469746c6507' AS TEXT)),(2,2,2,'b'),(3,3,3,'c');
INSERT INTO address VALUES (1,1,CAST(x'2f746d702f610a622f096fff80fe' AS TEXT),NULL,NULL,x''),(2,1,'/tmp/"quoted", and \back',NULL,NULL,x''),(3,1,CAST(x'40' || x'00' || x'616273' AS TEXT),NULL,NULL,x'');
INSERT INTO detail VALUES (1,CAST(x'2f746d702f610a622f096fff80fe' AS TEXT)),(2,'''); DROP TABLE socket; --');
INSERT INTO socket (socket_id,domain,type,protocol,origin,process_id,thread_id,fd,local_id,opened_ns,bound_ns,closed_ns,how_ended,calls) VALUES
	(1,1,1,0,'socket',1,1,3,1,0,1000000,900000000,'close',2),(2,1,2,0,'socket',2,2,4,2,100000000,NULL,NULL,'open',0),(3,77,9,0,'adopted',3,3,5,3,200000000,NULL,950000000,'close',1);
INSERT INTO span (span_id,socket_id,process_id,fd,opened_ns,opened_by,closed_ns,closed_by) VALUES (1,1,1,3,0,'socket',900000000,'close'),(2,2,2,4,100000000,'socket',NULL,NULL),(3,3,3,5,200000000,'unknown',950000000,'close');
INSERT INTO call (socket_id,start_ns,sequence,thread_id,call_kind_id,fd,duration_ns,result,detail_id) VALUES (1,0,0,1,1,3,1000,3,2),(1,999000,0,1,3,3,1000,0,1),(3,950000000,0,3,9,5,1000,0,NULL);
