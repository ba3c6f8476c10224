-- ancestors.sql: processes whose parents are later rows: a shell recorded after the child it forked, which executed; and, as only a damaged trace has them,
-- circles: one of three with a child outside, a process that is its own parent, and one that is number 0.
INSERT INTO meta VALUES ('start_unix_ns',1795435200000000000),('state','complete'),('command_line','sh -c server &'),('end_ns',1000000000);
INSERT INTO process (process_id,pid,parent_id,previous_id,program,started_ns,start_cause,ended_ns,end_cause,exit_status) VALUES
	(1,10,NULL,NULL,'sh',0,'start',900000000,'exit',0),
	(2,11,4,3,'server',30000000,'exec',800000000,'exit',0),
	(3,11,4,NULL,'sh',20000000,'fork',30000000,'exec',NULL),
	(4,12,1,NULL,'sh',10000000,'fork',850000000,'exit',0),
	(5,20,7,NULL,'ring',0,'fork',NULL,NULL,NULL),
	(6,21,5,NULL,'ring',0,'fork',NULL,NULL,NULL),
	(7,22,6,NULL,'ring',0,'fork',NULL,NULL,NULL),
	(8,23,6,NULL,'beside',0,'fork',NULL,NULL,NULL),
	(9,30,9,NULL,'self',0,'fork',NULL,NULL,NULL),
	(0,40,0,NULL,'nought',0,'fork',NULL,NULL,NULL);
INSERT INTO socket (socket_id,domain,type,protocol,origin,process_id,fd,opened_ns,closed_ns,how_ended,calls) VALUES (1,2,1,6,'socket',2,3,40000000,800000000,'exit',0);
INSERT INTO span (span_id,socket_id,process_id,fd,opened_ns,opened_by,closed_ns,closed_by) VALUES (1,1,2,3,40000000,'socket',800000000,'exit');
