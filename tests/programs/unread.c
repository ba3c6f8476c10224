/*
 * unread.c: what an accepted socket has not read when it is closed: of five bytes, after receives of each kind, peeks, another thread's, with and without the peer's end,
 * and of a second connection that another thread has made with it.
 *
 * link: -lpthread
 * unread: 0 2 5 2 1 0 0 0 1 0 0 5 5 0
 */
#include "program.h"

static struct sockaddr_in address;
static int server;

static int connected(int *client, const char *data, int ends)
{
	int accepted;

	*client = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(*client, (struct sockaddr *)&address, sizeof address))
		exit(99);
	accepted = accept(server, NULL, NULL);
	SHOW(send(*client, data, strlen(data), 0));
	if (ends)
		SHOW(shutdown(*client, SHUT_WR));
	return accepted;
}

static void closed(int accepted, int client)
{
	int unread = -1;

	SHOW(ioctl(accepted, FIONREAD, &unread));
	printf("unread %d\n", unread);
	SHOW(close(accepted));
	SHOW(close(client));
}

static void *read_all(void *fd)
{
	char buffer[8];

	SHOW(read(*(int *)fd, buffer, sizeof buffer));
	return NULL;
}

/* Its connection ends, and it has another. */
static void *connect_again(void *fd)
{
	struct sockaddr none = {.sa_family = AF_UNSPEC};

	SHOW(connect(*(int *)fd, &none, sizeof none));
	SHOW(connect(*(int *)fd, (struct sockaddr *)&address, sizeof address));
	return NULL;
}

int main(void)
{
	char buffer[8];
	struct iovec part = {buffer, 1};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	int client, fd;
	pthread_t thread;

	server = listener(&address);
	fd = connected(&client, "hello", 0);
	SHOW(recv(fd, buffer, sizeof buffer, 0));
	closed(fd, client);

	fd = connected(&client, "hello", 0);
	SHOW(read(fd, buffer, 3));
	closed(fd, client);

	fd = connected(&client, "hello", 0);
	SHOW(recv(fd, buffer, sizeof buffer, MSG_PEEK));
	closed(fd, client);

	/* Together five. */
	fd = connected(&client, "hello", 0);
	SHOW(recv(fd, buffer, 2, MSG_PEEK));
	SHOW(recv(fd, buffer, 3, 0));
	closed(fd, client);

	fd = connected(&client, "hello", 0);
	SHOW(recv(fd, buffer, 4, MSG_WAITALL));
	closed(fd, client);

	fd = connected(&client, "hello", 0);
	SHOW(read(fd, buffer, 1));
	SHOW(readv(fd, &part, 1));
	SHOW(recvfrom(fd, buffer, 1, MSG_DONTWAIT, NULL, NULL));
	SHOW(recvmsg(fd, &message, MSG_NOSIGNAL));
	SHOW(recv(fd, buffer, 1, 0));
	closed(fd, client);

	fd = connected(&client, "hello", 0);
	pthread_create(&thread, NULL, read_all, &fd);
	pthread_join(thread, NULL);
	closed(fd, client);

	fd = connected(&client, "hello", 1);
	SHOW(recv(fd, buffer, sizeof buffer, 0));
	SHOW(recv(fd, buffer, sizeof buffer, 0));
	closed(fd, client);

	fd = connected(&client, "hello", 1);
	SHOW(recv(fd, buffer, 4, 0));
	closed(fd, client);

	fd = connected(&client, "", 1);
	closed(fd, client);

	/* As many bytes as another socket of that number had, which were read. */
	fd = connected(&client, "hello", 0);
	SHOW(recv(fd, buffer, sizeof buffer, 0));
	closed(fd, client);
	fd = connected(&client, "hello", 0);
	closed(fd, client);

	fd = connected(&client, "hello", 0);
	SHOW(recv(fd, buffer, sizeof buffer, 0));
	SHOW(close(client));
	pthread_create(&thread, NULL, connect_again, &fd);
	pthread_join(thread, NULL);
	client = accept(server, NULL, NULL);
	SHOW(send(client, "hello", 5, 0));
	closed(fd, client);
	SHOW(close(server));
	show_open_descriptors();
	return 0;
}
