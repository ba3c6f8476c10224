/*
 * names.c: name lookups leave no descriptor open, and the same results, with and without us.
 */
#include "program.h"
#include <netdb.h>

int main(void)
{
	struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM }, *found = NULL;
	struct hostent *host, space;
	char buffer[4096];
	int error, fd;

	fd = SHOW(socket(AF_INET, SOCK_STREAM, 0));
	SHOW(getaddrinfo("localhost", "80", &hints, &found));
	for (struct addrinfo *one = found; one; one = one->ai_next)
		printf("%s %d\n", inet_ntoa(((struct sockaddr_in *)one->ai_addr)->sin_addr), ntohs(((struct sockaddr_in *)one->ai_addr)->sin_port));
	freeaddrinfo(found);
	hints.ai_flags = AI_NUMERICHOST;
	SHOW(getaddrinfo("not numeric", NULL, &hints, &found));
	SHOW(getaddrinfo(NULL, NULL, NULL, &found));
	host = gethostbyname("localhost");
	printf("%s %d\n", host ? host->h_name : "none", host ? host->h_length : 0);
	host = gethostbyname2("localhost", AF_INET);
	printf("%s\n", host ? host->h_name : "none");
	SHOW(gethostbyname_r("localhost", &space, buffer, sizeof(buffer), &host, &error));
	SHOW(gethostbyname_r("localhost", &space, buffer, 3, &host, &error));
	SHOW(gethostbyname2_r("localhost", AF_INET, &space, buffer, sizeof(buffer), &host, &error));
	host = gethostbyaddr("\177\0\0\1", 4, AF_INET);
	printf("%s\n", host ? host->h_name : "none");
	SHOW(gethostbyaddr_r("\177\0\0\1", 4, AF_INET, &space, buffer, sizeof(buffer), &host, &error));
	SHOW(close(fd));
	show_open_descriptors();
	return 0;
}
