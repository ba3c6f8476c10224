/*
 * unix_links.c: paths that lead to a server which has bound another one: it was renamed, it has a second name, a directory on the way is a symbolic link.
 *
 * lifecycle: listener unix closed close sent 0 received 0: socket bind listen accept accept accept accept close
 * lifecycle: client unix closed close sent 0 received 0: socket connect close
 * lifecycle: accepted unix closed close sent 0 received 0: close
 * lifecycle: client unix closed close sent 0 received 0: socket connect close
 * lifecycle: accepted unix closed close sent 0 received 0: close
 * lifecycle: client unix closed close sent 0 received 0: socket connect close
 * lifecycle: accepted unix closed close sent 0 received 0: close
 * lifecycle: client unix closed close sent 0 received 0: socket connect close
 * lifecycle: accepted unix closed close sent 0 received 0: close
 */
#include "program.h"

static struct sockaddr_un path_of(const char *directory, const char *name)
{
	struct sockaddr_un path = { .sun_family = AF_UNIX };

	snprintf(path.sun_path, sizeof(path.sun_path), "%s/unix_links.%d%s", directory, getpid(), name);
	return path;
}

static void connect_to(int server, const struct sockaddr_un *path, socklen_t length)
{
	int client = SHOW(socket(AF_UNIX, SOCK_STREAM, 0)), accepted;

	SHOW(connect(client, (const struct sockaddr *)path, length));
	accepted = SHOW(accept(server, NULL, NULL));
	SHOW(close(accepted));
	SHOW(close(client));
}

int main(void)
{
	struct sockaddr_un bound = path_of(".", ".new"), renamed = path_of(".", ""), second = path_of(".", ".second"), linked = path_of(".", ".link");
	struct sockaddr_un through;
	int server = SHOW(socket(AF_UNIX, SOCK_STREAM, 0));

	SHOW(bind(server, (struct sockaddr *)&bound, sizeof(bound)));
	SHOW(listen(server, 3));
	SHOW(rename(bound.sun_path, renamed.sun_path));
	connect_to(server, &renamed, sizeof(renamed));
	SHOW(link(renamed.sun_path, second.sun_path));
	connect_to(server, &second, sizeof(second));
	SHOW(symlink(".", linked.sun_path));
	through = path_of(linked.sun_path, "");
	connect_to(server, &through, sizeof(through));
	/* Without the NUL behind it. */
	connect_to(server, &through, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(through.sun_path)));
	SHOW(close(server));
	SHOW(unlink(linked.sun_path));
	SHOW(unlink(second.sun_path));
	SHOW(unlink(renamed.sun_path));
	show_open_descriptors();
	return 0;
}
