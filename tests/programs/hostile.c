/*
 * hostile.c: arguments of which the kernel takes less than the caller's type holds, or which it refuses to read: a poll whose count has a
 * garbage upper half, as many messages as fit, from a socket whose addresses are long, environments that cannot be read.
 *
 * lifecycle: pair unix closed exit sent 0 received 0: socketpair
 * lifecycle: pair unix closed exit sent 0 received 0: recv
 * lifecycle: datagram netlink closed exit sent 0 received 0: socket recvmmsg recvmmsg
 */
#include "program.h"

#include <linux/netlink.h>
#include <sys/mman.h>

#define MESSAGES 60

extern char **environ;

/* The last `bytes` of a page that nothing follows. */
static void *before_nothing(size_t bytes)
{
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(page + 4096, 4096);
	return page + 4096 - bytes;
}

static void wide_counts(void)
{
	struct pollfd *set = before_nothing(sizeof *set);
	unsigned long count = 1UL << 32 | 1;
	int fds[2];

	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
	*set = (struct pollfd){ .fd = fds[0], .events = POLLOUT };
	SHOW(poll(set, count, 0));
	SHOW(ppoll(set, count, NULL, NULL));
	SHOW(syscall(SYS_poll, set, count, 0));
	SHOW(poll(set, count - 1, 0));
	SHOW(recv(fds[1], NULL, 1, MSG_DONTWAIT));
}

static void many_long_addresses(void)
{
	static struct mmsghdr messages[MESSAGES];
	static char bytes[MESSAGES][8];
	static struct iovec vectors[MESSAGES];
	int fd = SHOW(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));

	for (int i = 0; i < MESSAGES; i++) {
		vectors[i] = (struct iovec){ bytes[i], sizeof bytes[i] };
		messages[i].msg_hdr.msg_iov = &vectors[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	SHOW(recvmmsg(fd, messages, MESSAGES, MSG_DONTWAIT, NULL));
	SHOW(recvmmsg(fd, messages, 31, MSG_DONTWAIT, NULL));
}

static void unreadable_environments(void)
{
	char *arguments[] = { "true", NULL };
	char *bad_text[] = { "A=1", (char *)8, NULL };
	char **no_end = before_nothing(sizeof *no_end);
	char *text = before_nothing(4);
	char **volatile nowhere = (char **)8; /* unseen by the compiler */
	char *text_no_end[] = { text, NULL };

	*no_end = "A=2";
	memcpy(text, "LD_P", 4);
	SHOW(execve("/bin/true", arguments, bad_text));
	SHOW(execve("/bin/true", arguments, no_end));
	SHOW(execve("/bin/true", arguments, text_no_end));
	SHOW(execve("/bin/true", arguments, nowhere));
	SHOW(syscall(SYS_execve, "/bin/true", arguments, bad_text));
	environ = bad_text;
	SHOW(execv("/bin/true", arguments));
	environ = NULL;
}

int main(void)
{
	wide_counts();
	many_long_addresses();
	unreadable_environments();
	show_open_descriptors();
	return 0;
}
