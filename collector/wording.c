/* wording.c: see wording.h. One writer per kind of call, in a table by the call's number. */
#include "collector/wording.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "collector/constant.h"

struct text {
	char *at;
	size_t used;
};

struct subject {
	const struct spool_call *call;
	const struct record_extensions *extensions;
	const char *address;
};

__attribute__((format(printf, 2, 3))) static void add(struct text *text, const char *format, ...)
{
	va_list arguments;
	int n;

	va_start(arguments, format);
	n = vsnprintf(text->at + text->used, WORDING_BYTES - text->used, format, arguments);
	va_end(arguments);
	text->used += n > 0 ? (size_t)n : 0;
	if (text->used >= WORDING_BYTES)
		text->used = WORDING_BYTES - 1;
}

static void add_flags(struct text *text, enum constant_flag_set set, uint32_t flags)
{
	if (!flags)
		return;
	if (text->used)
		add(text, ", ");
	text->used += constant_format_flags(set, flags, text->at + text->used, WORDING_BYTES - text->used);
}

static void add_value(struct text *text, enum constant_flag_set set, uint32_t number)
{
	const char *name = constant_find_value(set, number);

	if (name)
		add(text, "%s", name);
	else
		add(text, "%#x", number);
}

static void add_name(struct text *text, const char *kind, int64_t number)
{
	const char *name = constant_find_name(kind, number);

	if (name)
		add(text, "%s", name);
	else
		add(text, "%lld", (long long)number);
}

size_t wording_clean_text(char *text, size_t size, const unsigned char *bytes, size_t length)
{
	size_t used = 0;

	for (size_t i = 0; i < length && used + 5 < size; i++) {
		if (bytes[i] < 0x20 || bytes[i] == 0x7f)
			used += (size_t)snprintf(text + used, size - used, "\\x%02x", bytes[i]);
		else
			text[used++] = (char)bytes[i];
	}
	text[used] = 0;
	return used;
}

/* 'INET, STREAM, tcp, SOCK_CLOEXEC' */
static void creation(struct text *text, const struct subject *subject)
{
	int domain = (int)(subject->call->arg & 0xffff);
	int type = (int)(subject->call->arg >> 16 & 0xffff);
	int protocol = (int)(subject->call->arg >> 32);

	add_name(text, "domain", domain);
	add(text, ", ");
	add_name(text, "type", type);
	if (protocol && (domain == AF_INET || domain == AF_INET6)) {
		add(text, ", ");
		add_name(text, "protocol", protocol);
	} else if (protocol) {
		add(text, ", %d", protocol);
	}
	add_flags(text, FLAG_SET_creation, subject->call->flags);
}

static void address(struct text *text, const struct subject *subject)
{
	add(text, "%s", subject->address);
}

static void accepting(struct text *text, const struct subject *subject)
{
	address(text, subject);
	if (subject->call->tag.kind == CALL_accept4)
		add_flags(text, FLAG_SET_creation, subject->call->flags);
}

static void listening(struct text *text, const struct subject *subject)
{
	add(text, "backlog %lld", (long long)subject->call->arg);
}

static void shutting(struct text *text, const struct subject *subject)
{
	add_value(text, FLAG_SET_shutdown, subject->call->flags);
}

static void message(struct text *text, const struct subject *subject)
{
	address(text, subject);
	add_flags(text, FLAG_SET_message, subject->call->flags);
	if (subject->extensions->message_flags & MSG_TRUNC && !(subject->call->flags & MSG_TRUNC))
		add(text, "%struncated", text->used ? ", " : "");
}

static void vector_flags(struct text *text, const struct subject *subject)
{
	add_flags(text, FLAG_SET_rwf, subject->call->flags);
}

static void splice_flags(struct text *text, const struct subject *subject)
{
	add_flags(text, FLAG_SET_splice, subject->call->flags);
}

static void closing_range(struct text *text, const struct subject *subject)
{
	add(text, "%d..%lld", subject->call->fd, (long long)subject->call->arg);
	add_flags(text, FLAG_SET_close_range, subject->call->flags);
}

static void duplicating(struct text *text, const struct subject *subject)
{
	if (subject->call->tag.kind != CALL_dup && subject->call->arg != SPOOL_UNKNOWN)
		add(text, "to fd %lld", (long long)subject->call->arg);
}

static void controlling(struct text *text, const struct subject *subject)
{
	uint32_t command = subject->call->flags;

	add_value(text, FLAG_SET_fcntl, command);
	if (command == F_SETFL) {
		char flags[256];

		constant_format_flags(FLAG_SET_status, (uint32_t)subject->call->arg & ~(uint32_t)(O_ACCMODE | 0100000), flags, sizeof flags);
		add(text, " %s", flags[0] ? flags : "0");
	} else if (command == F_SETFD) {
		add(text, subject->call->arg & FD_CLOEXEC ? " FD_CLOEXEC" : " 0");
	} else if (command == F_DUPFD || command == F_DUPFD_CLOEXEC || command == F_SETOWN || command == F_SETSIG) {
		add(text, " %lld", (long long)(int32_t)subject->call->arg);
	}
}

static void device_controlling(struct text *text, const struct subject *subject)
{
	uint32_t request = subject->call->flags;

	add_value(text, FLAG_SET_ioctl, request);
	if (!subject->call->tag.length && (request == FIONBIO || request == FIONREAD || request == FIOASYNC || request == TIOCOUTQ))
		add(text, "=%d", (int)subject->call->arg);
}

int wording_option_value(int level, int number, const struct record_bytes *option, int64_t *value)
{
	int32_t number32;

	if (option->length == sizeof number32) {
		memcpy(&number32, option->bytes, sizeof number32);
		*value = number32;
		return 1;
	}
	if (option->length == 1) {
		*value = option->bytes[0];
		return 1;
	}
	return 0;
}

static void add_option_value(struct text *text, int level, int number, const struct record_bytes *option)
{
	int64_t value;

	if (!option->bytes)
		return;
	if (level == SOL_SOCKET && number == SO_LINGER && option->length >= sizeof(struct linger)) {
		struct linger linger;

		memcpy(&linger, option->bytes, sizeof linger);
		add(text, linger.l_onoff ? "=%d s" : "=off", linger.l_linger);
	} else if (level == SOL_SOCKET && (number == SO_RCVTIMEO || number == SO_SNDTIMEO) && option->length >= sizeof(struct timeval)) {
		struct timeval time;

		memcpy(&time, option->bytes, sizeof time);
		add(text, "=%lld.%06ld s", (long long)time.tv_sec, (long)time.tv_usec);
	} else if (level == SOL_SOCKET && number == SO_PEERCRED && option->length >= sizeof(struct ucred)) {
		struct ucred credentials;

		memcpy(&credentials, option->bytes, sizeof credentials);
		add(text, "=pid %d, uid %u, gid %u", credentials.pid, credentials.uid, credentials.gid);
	} else if ((level == IPPROTO_TCP && (number == TCP_CONGESTION || number == 31 /* TCP_ULP */)) ||
		   (level == SOL_SOCKET && number == SO_BINDTODEVICE)) {
		add(text, "=");
		text->used += wording_clean_text(text->at + text->used, WORDING_BYTES - text->used, option->bytes,
			strnlen((const char *)option->bytes, option->length));
	} else if (level == SOL_SOCKET && number == SO_ERROR && wording_option_value(level, number, option, &value)) {
		const char *name = value ? constant_find_name("errno", value) : NULL;

		if (name)
			add(text, "=%s", name);
		else
			add(text, "=%lld", (long long)value);
	} else if (wording_option_value(level, number, option, &value)) {
		add(text, "=%lld", (long long)value);
	} else {
		add(text, " (%zu bytes)", option->length);
	}
}

static void option_of(struct text *text, const struct subject *subject)
{
	int level = (int)(subject->call->arg >> 32), number = (int)subject->call->flags;
	const char *level_name = constant_find_level(level), *name = constant_find_option(level, number);

	if (level_name)
		add(text, "%s ", level_name);
	else
		add(text, "level %d ", level);
	if (name)
		add(text, "%s", name);
	else
		add(text, "option %d", number);
	add_option_value(text, level, number, &subject->extensions->option);
}

static void waiting(struct text *text, const struct subject *subject)
{
	int timeout = (int)subject->call->flags;

	add(text, "%lld", (long long)subject->call->arg);
	if (timeout >= 0)
		add(text, ", %d ms", timeout);
}

static void epoll_control(struct text *text, const struct subject *subject)
{
	add_value(text, FLAG_SET_epoll_ctl, subject->call->flags);
	add(text, " on fd %lld", (long long)subject->call->arg);
	if (subject->extensions->epoll && subject->call->flags != EPOLL_CTL_DEL) {
		add(text, ", ");
		text->used += constant_format_flags(FLAG_SET_epoll, subject->extensions->epoll->events, text->at + text->used,
			WORDING_BYTES - text->used);
	}
}

static void epoll_creation(struct text *text, const struct subject *subject)
{
	add_flags(text, FLAG_SET_epoll_create, subject->call->flags);
}

static void cloning(struct text *text, const struct subject *subject)
{
	add_flags(text, FLAG_SET_clone, subject->call->flags & ~UINT32_C(0xff));
}

static void text_of(struct text *text, const struct subject *subject)
{
	const struct record_bytes *bytes = &subject->extensions->text;

	text->used += wording_clean_text(text->at + text->used, WORDING_BYTES - text->used, bytes->bytes, bytes->length);
}

static void naming(struct text *text, const struct subject *subject)
{
	text_of(text, subject);
	if (subject->address[0])
		add(text, " → %s", subject->address);
	if (subject->call->tag.kind == CALL_getaddrinfo && subject->call->result) {
		add(text, " → ");
		add_name(text, "eai", subject->call->result);
	}
}

static void exiting(struct text *text, const struct subject *subject)
{
	add(text, "status %d", (int)subject->call->arg);
}

static void (*const writers[256])(struct text *text, const struct subject *subject) = {
	[CALL_socket] = creation, [CALL_socketpair] = creation, [CALL_bind] = address, [CALL_listen] = listening,
	[CALL_accept] = accepting, [CALL_accept4] = accepting, [CALL_connect] = address, [CALL_shutdown] = shutting,
	[CALL_close_range] = closing_range, [CALL_closefrom] = closing_range,
	[CALL_send] = message, [CALL_sendto] = message, [CALL_sendmsg] = message, [CALL_sendmmsg] = message,
	[CALL_recv] = message, [CALL_recvfrom] = message, [CALL_recvmsg] = message, [CALL_recvmmsg] = message,
	[CALL_preadv2] = vector_flags, [CALL_pwritev2] = vector_flags,
	[CALL_splice] = splice_flags, [CALL_tee] = splice_flags, [CALL_vmsplice] = splice_flags,
	[CALL_dup] = duplicating, [CALL_dup2] = duplicating, [CALL_dup3] = duplicating, [CALL_pidfd_getfd] = duplicating,
	[CALL_fcntl] = controlling, [CALL_ioctl] = device_controlling,
	[CALL_getsockname] = address, [CALL_getpeername] = address, [CALL_getsockopt] = option_of, [CALL_setsockopt] = option_of,
	[CALL_poll] = waiting, [CALL_ppoll] = waiting, [CALL_select] = waiting, [CALL_pselect] = waiting,
	[CALL_epoll_create1] = epoll_creation, [CALL_epoll_ctl] = epoll_control,
	[CALL_epoll_wait] = waiting, [CALL_epoll_pwait] = waiting, [CALL_epoll_pwait2] = waiting,
	[CALL_clone] = cloning, [CALL_clone3] = cloning, [CALL_posix_spawn] = text_of, [CALL_execve] = text_of,
	[CALL_execveat] = text_of, [CALL__exit] = exiting,
	[CALL_getaddrinfo] = naming, [CALL_gethostbyname] = naming, [CALL_gethostbyname2] = naming,
	[CALL_gethostbyname_r] = naming, [CALL_gethostbyname2_r] = naming, [CALL_gethostbyaddr] = naming,
	[CALL_gethostbyaddr_r] = naming,
};

size_t wording_write_call(const struct spool_call *call, const struct record_extensions *extensions, const char *address_text,
	char text[WORDING_BYTES])
{
	struct subject subject = {call, extensions, address_text};
	struct text out = {text, 0};

	text[0] = 0;
	if (call->tag.kind < 256 && writers[call->tag.kind])
		writers[call->tag.kind](&out, &subject);
	return out.used;
}

enum wording_source wording_source(unsigned kind)
{
	if (kind >= 256)
		return WORDING_FROM_MORE;
	if (writers[kind] == message || writers[kind] == vector_flags || writers[kind] == splice_flags)
		return WORDING_FROM_FLAGS;
	return writers[kind] == waiting ? WORDING_FROM_FLAGS_AND_ARG : WORDING_FROM_MORE;
}
