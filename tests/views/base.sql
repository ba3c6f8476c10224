-- base.sql: what every fixture starts with, after schema/tables.sql and views.sql: identity, call kinds and the names of numbers that fixtures use.
PRAGMA application_id = 0x736c6665;
PRAGMA user_version = 4;
INSERT INTO call_kind VALUES (1,'socket','create'),(2,'socketpair','pair'),(3,'bind','bind'),(4,'listen','listen'),(5,'accept','accept'),(6,'accept4','accept'),
	(7,'connect','connect'),(8,'shutdown','shutdown'),(9,'close','close'),(20,'send','send'),(21,'sendto','send'),(24,'recv','receive'),(25,'recvfrom','receive'),
	(28,'read','receive'),(29,'write','send'),(34,'sendfile','transfer'),(51,'dup2','duplicate'),(53,'fcntl','control'),(60,'getsockname','address'),
	(62,'getsockopt','option'),(63,'setsockopt','option'),(70,'poll','wait'),(76,'epoll_ctl','epoll'),(77,'epoll_wait','wait'),(90,'fork','process'),(110,'getaddrinfo','name');
INSERT INTO constant VALUES ('domain',1,'UNIX',NULL),('domain',2,'INET',NULL),('domain',10,'INET6',NULL),('domain',16,'NETLINK',NULL),
	('type',1,'STREAM',NULL),('type',2,'DGRAM',NULL),('type',3,'RAW',NULL),('type',5,'SEQPACKET',NULL),('protocol',6,'tcp',NULL),('protocol',17,'udp',NULL),
	('errno',9,'EBADF','bad file descriptor'),('errno',11,'EAGAIN','try again'),('errno',32,'EPIPE','broken pipe'),('errno',98,'EADDRINUSE','address already in use'),
	('errno',104,'ECONNRESET','connection reset by peer'),('errno',110,'ETIMEDOUT','connection timed out'),('errno',111,'ECONNREFUSED','connection refused'),('errno',115,'EINPROGRESS','in progress'),
	('poll',1,'IN',NULL),('poll',2,'PRI',NULL),('poll',4,'OUT',NULL),('poll',8,'ERR',NULL),('poll',16,'HUP',NULL),('poll',8192,'RDHUP',NULL),
	('tcp_state',1,'ESTABLISHED',NULL),('tcp_state',7,'CLOSE',NULL),('tcp_state',8,'CLOSE_WAIT',NULL),('tcp_state',10,'LISTEN',NULL);
-- Findings as a fixture gives them: the views are tested here, not the rules.
CREATE TABLE found_problem (rule, severity, socket_id, process_id, holder_id, holder_process_id, call_start_ns, caller_id, duration_ns, count, message);
