/*
 * exec.c: exec and spawn. The child gets what it needs to be traced in its environment (child_environment.c); a file that cannot be
 * traced (executable.c) starts all the same, and becomes a gap. The record of an exec that succeeds stays a running one: the
 * next image of the process says that it follows.
 *
 * All of this may run in the child of a vfork, in a signal handler, in one of many threads: it works in memory mapped for the
 * purpose, and on nothing else.
 */
#include "preload/guard.h"
#include "preload/process.h"
#include "preload/real.h"
#include "preload/sharing.h"
#include "preload/spool.h"
#include "preload/writer.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/mman.h>

#define PATH_BYTES 4096
#define TEXT_BYTES 300 /* of a path in a record */

extern char **environ __attribute__((weak));

/* The functions differ in what they are given and in what must be called in the end. */
enum exec_form {
	EXEC_VE,     /* execve, execv, execl, execle */
	EXEC_VPE,    /* execvpe, execvp, execlp: searched in PATH; a script without #! goes to the shell */
	EXEC_FD,     /* fexecve */
	EXEC_AT,     /* execveat */
	EXEC_SYSCALL,
	EXEC_SYSCALL_AT,
	EXEC_SPAWN,
	EXEC_SPAWN_P,
};

/* thread_state.within_exec */
#define WITHIN_EXEC 1
#define WITHIN_SPAWN 2 /* the file has been looked at; what the child's exec adds is who it is */

struct exec {
	enum exec_form form;
	int fd;
	int flags;
	const char *path;
	char *const *argv;
	char *const *envp;
	const posix_spawn_file_actions_t *actions;
	const posix_spawnattr_t *attributes;
	int first_version; /* posix_spawn as it was before glibc 2.15: what is no program is given to a shell */
	pid_t *pid;
};

/* Memory for one exec: this, and the environment behind it. */
struct exec_memory {
	char examination[EXECUTABLE_BUFFER_BYTES];
	char path[PATH_BYTES + 1];
	char text[TEXT_BYTES + 64];
	struct executable_needs needs;
	char **envp;
	size_t bytes;
	uint64_t environment[];
};

typedef int spawn_function(pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *, char *const *, char *const *);
static spawn_function *real_spawn_first, *real_spawnp_first;

extern void *dlvsym(void *handle, const char *symbol, const char *version) __attribute__((weak));

void exec_resolve(void)
{
#if defined(__x86_64__)
	if (dlvsym) {
		*(void **)&real_spawn_first = dlvsym(RTLD_NEXT, "posix_spawn", "GLIBC_2.2.5");
		*(void **)&real_spawnp_first = dlvsym(RTLD_NEXT, "posix_spawnp", "GLIBC_2.2.5");
	}
#endif
}

static int exec_call(const struct exec *e, char *const *envp)
{
	switch (e->form) {
	case EXEC_VE:
		if (REAL_IF_ANY(execve))
			return real.execve(e->path, e->argv, envp);
		return (int)hooks_libc_result(raw_syscall(SYS_execve, e->path, e->argv, envp));
	case EXEC_VPE:
		if (REAL_IF_ANY(execvpe))
			return real.execvpe(e->path, e->argv, envp);
		return (int)hooks_libc_result(-ENOSYS);
	case EXEC_FD:
		if (REAL_IF_ANY(fexecve))
			return real.fexecve(e->fd, e->argv, envp);
		return (int)hooks_libc_result(-ENOSYS);
	case EXEC_AT:
		if (REAL_IF_ANY(execveat))
			return real.execveat(e->fd, e->path, e->argv, envp, e->flags);
		__attribute__((fallthrough));
	case EXEC_SYSCALL_AT:
		return (int)hooks_libc_result(raw_syscall(SYS_execveat, e->fd, e->path, e->argv, envp, e->flags));
	case EXEC_SYSCALL:
		return (int)hooks_libc_result(raw_syscall(SYS_execve, e->path, e->argv, envp));
	case EXEC_SPAWN:
		if (e->first_version && real_spawn_first)
			return real_spawn_first(e->pid, e->path, e->actions, e->attributes, e->argv, envp);
		return REAL_IF_ANY(posix_spawn) ? real.posix_spawn(e->pid, e->path, e->actions, e->attributes, e->argv, envp) : ENOSYS;
	case EXEC_SPAWN_P:
		if (e->first_version && real_spawnp_first)
			return real_spawnp_first(e->pid, e->path, e->actions, e->attributes, e->argv, envp);
		return REAL_IF_ANY(posix_spawnp) ? real.posix_spawnp(e->pid, e->path, e->actions, e->attributes, e->argv, envp) : ENOSYS;
	}
	return -1;
}

/* libc's convention: -1 and errno, but for spawn, which returns the error. */
static int exec_real(const struct exec *e, char *const *envp)
{
	int before = thread_state.within_exec, result;

	thread_state.within_exec = e->form == EXEC_SPAWN || e->form == EXEC_SPAWN_P ? WITHIN_SPAWN : WITHIN_EXEC;
	result = exec_call(e, envp);
	thread_state.within_exec = before;
	return result;
}

static int searches(const struct exec *e)
{
	return e->form == EXEC_VPE || e->form == EXEC_SPAWN_P;
}

static const char *search_path(void)
{
	for (char **entry = environ; entry && *entry; entry++)
		if (raw_equal(*entry, "PATH=", 5))
			return *entry + 5;
	return "/bin:/usr/bin";
}

/* The file that libc's search will find: the first in PATH that may be executed. `path` stays as it is when there is none. */
static const char *search(const char *name, char *to)
{
	size_t length = raw_length(name);
	const char *at;

	for (const char *c = name; *c; c++)
		if (*c == '/')
			return name;
	if (!length || !guard_system_calls_allowed())
		return name;
	for (at = search_path(); ; at++) {
		size_t n = 0;

		while (at[n] && at[n] != ':')
			n++;
		if (n + length + 2 <= PATH_BYTES) {
			raw_copy(to, at, n);
			to[n] = '/';
			raw_copy(to + n + (n > 0), name, length + 1);
			if (raw_syscall(SYS_faccessat, AT_FDCWD, to, 1 /* X_OK */) == 0)
				return to;
		}
		at += n;
		if (!*at)
			return name;
	}
}

static char *append(char *to, const char *end, const char *text)
{
	while (*text && to < end - 1)
		*to++ = *text++;
	*to = 0;
	return to;
}

/* The path as far as it is known: that of fexecve's descriptor is asked of the kernel. */
static const char *path_of(const struct exec *e, struct exec_memory *memory)
{
	char link[32] = "/proc/self/fd/", *at = link + 14;
	unsigned fd = (unsigned)e->fd, divisor = 1000000000;
	long n;

	if (searches(e))
		return search(e->path, memory->path);
	if (e->path && *e->path)
		return e->path;
	if (!guard_system_calls_allowed())
		return "";
	for (; divisor > 1 && fd / divisor == 0; divisor /= 10)
		;
	for (; divisor; divisor /= 10)
		*at++ = (char)('0' + fd / divisor % 10);
	*at = 0;
	n = raw_syscall(SYS_readlinkat, AT_FDCWD, link, memory->path, PATH_BYTES);
	memory->path[n > 0 ? n : 0] = 0;
	return memory->path;
}

static int page_is_readable(uintptr_t *good, const char *at)
{
	if ((uintptr_t)at >> 12 != *good && !guard_can_read(at, 1))
		return 0;
	*good = (uintptr_t)at >> 12;
	return 1;
}

/* The pointers and what they point to: strings lie close together, so that few pages need be asked for. */
static int environment_is_readable(char *const *envp)
{
	uintptr_t good_pointers = UINTPTR_MAX, good_text = UINTPTR_MAX;

	for (;; envp++) {
		if (!page_is_readable(&good_pointers, (const char *)envp) || !page_is_readable(&good_pointers, (const char *)envp + sizeof *envp - 1))
			return 0;
		if (!*envp)
			return 1;
		for (const char *at = *envp; ; at++) {
			if ((at == *envp || !((uintptr_t)at & 4095)) && !page_is_readable(&good_text, at))
				return 0;
			if (!*at)
				break;
		}
	}
}

/* May we read what the kernel is given? It answers EFAULT where we would crash. What is asked here changes nothing. */
static int is_readable(const struct exec *e)
{
	if (!guard_system_calls_allowed())
		return 0;
	if (e->form != EXEC_FD) {
		long result = e->path ? raw_syscall(SYS_faccessat, AT_FDCWD, e->path, 0) : -EFAULT;

		if (result == -EFAULT || result == -ENAMETOOLONG)
			return 0;
	}
	return !e->envp || environment_is_readable(e->envp);
}

static struct exec_memory *memory_take(char *const *envp)
{
	size_t bytes = sizeof(struct exec_memory) + child_environment_bytes(envp);
	struct exec_memory *memory;
	long address;

	if (!guard_system_calls_allowed())
		return NULL;
	address = raw_syscall(SYS_mmap, 0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (address < 0 && address > -4096)
		return NULL;
	memory = (struct exec_memory *)address;
	memory->bytes = bytes;
	return memory;
}

/*
 * What precedes each exec and spawn. Returns why the file cannot be traced (NULL: it can). memory->envp is the environment to use; NULL: the
 * program's own.
 */
static const char *prepare(const struct exec *e, struct exec_memory *memory, const char **path)
{
	int spawns = e->form == EXEC_SPAWN || e->form == EXEC_SPAWN_P;
	int by_fd = e->form == EXEC_FD, at = e->form == EXEC_AT || e->form == EXEC_SYSCALL_AT;
	struct executable_needs *needs = &memory->needs;
	const char *why = NULL, *runtime = needs->runtime;

	*path = path_of(e, memory);
	if (!child_follow)
		return NULL;
	if (e->form == EXEC_SYSCALL && thread_state.within_exec == WITHIN_SPAWN) {
		needs->without_us = child_follow && !child_environment_is_whole(e->envp);
		runtime = NULL;
	} else {
		why = executable_examine(by_fd || at ? e->fd : AT_FDCWD, by_fd ? "" : at ? e->path : *path,
			by_fd ? AT_EMPTY_PATH : at ? e->flags : 0, memory->examination, needs);
	}
	if (!needs->without_us && !child_library_is_reachable()) {
		needs->without_us = 1;
		why = why ? why : "socklife's library is out of its reach (chroot, or rights given up)";
	}
	if (!why && !spool_is_reachable())
		why = "the directory of the spools is out of its reach (chroot, mounts, or rights given up)";
	memory->envp = child_environment_build(memory->environment, e->envp,
		(needs->without_us ? CHILD_WITHOUT_US : 0) | (spawns ? 0 : CHILD_SAME_PID), runtime);
	return why;
}

static struct spool_gap *gap_begin(struct exec_memory *memory, const char *path, const char *why)
{
	char *end = memory->text + sizeof memory->text;
	char *at = append(memory->text, memory->text + TEXT_BYTES - 40, path);

	append(append(at, end, ": "), end, why);
	return writer_gap(GAP_UNTRACEABLE_CHILD, 1, memory->text);
}

static struct spool_call *call_begin(enum call_number kind, const struct exec *e, const char *path, unsigned via, const void *caller)
{
	struct writer_extension extension;
	struct spool_call *call;
	size_t length = path ? raw_length(path) : 0;

	if (!writer_spool)
		return NULL;
	if (length > TEXT_BYTES)
		length = TEXT_BYTES;
	call = writer_call_begin(kind, e->form == EXEC_FD || e->form == EXEC_AT || e->form == EXEC_SYSCALL_AT ? e->fd : -1, 0, via, 0,
		(uint32_t)e->flags, writer_slots_for(length), caller);
	if (call && length) {
		extension = writer_extensions_of(call);
		writer_extend_bytes(&extension, SLOT_EXT_TEXT, path, length);
	}
	return call;
}

/* Kept out of the frame that is active while the real exec runs, and searches PATH with a large one of its own. */
struct exec_begun {
	struct exec_memory *memory;
	struct spool_gap *gap;
	struct spool_call *call;
};

static __attribute__((noinline)) void exec_begin(struct exec_begun *begun, enum call_number kind, const struct exec *e, unsigned via,
	const void *caller)
{
	const char *path = e->path, *why;

	*begun = (struct exec_begun){memory_take(e->envp), NULL, NULL};
	if (begun->memory) {
		sharing_leave_behind(begun->memory, begun->memory->bytes);
		why = prepare(e, begun->memory, &path);
		if (why)
			begun->gap = gap_begin(begun->memory, path, why);
	}
	begun->call = call_begin(kind, e, path, via, caller);
}

static __attribute__((noinline)) void exec_failed(struct exec_begun *begun, int result, int error)
{
	if (begun->gap)
		writer_gap_void(begun->gap);
	if (begun->call) {
		writer_call_returned(begun->call);
		writer_call_end(begun->call, result, error);
	}
	if (begun->memory) {
		sharing_leave_behind(NULL, 0);
		raw_syscall(SYS_munmap, begun->memory, begun->memory->bytes);
	}
}

static int exec_observed(enum call_number kind, const struct exec *e, unsigned via, const void *caller)
{
	struct exec_begun begun;
	int result;

	if (!writer_enabled || !is_readable(e))
		return exec_real(e, e->envp);
	exec_begin(&begun, kind, e, via, caller);
	result = exec_real(e, begun.memory && begun.memory->envp ? begun.memory->envp : e->envp);
	/* A few bytes too many by our doing: better untraced than not started. */
	if (result < 0 && errno == E2BIG && begun.memory && begun.memory->envp)
		result = exec_real(e, e->envp);
	exec_failed(&begun, result, errno);
	return result;
}

int hook_execve(const char *path, char *const *argv, char *const *envp) EXPORT_AS(execve);
int hook_execve(const char *path, char *const *argv, char *const *envp)
{
	return exec_observed(CALL_execve, &(struct exec){.form = EXEC_VE, .path = path, .argv = argv, .envp = envp}, TAG_VIA_SYMBOL,
		__builtin_return_address(0));
}

int hook_execv(const char *path, char *const *argv) EXPORT_AS(execv);
int hook_execv(const char *path, char *const *argv)
{
	return exec_observed(CALL_execve, &(struct exec){.form = EXEC_VE, .path = path, .argv = argv, .envp = environ}, TAG_VIA_SYMBOL,
		__builtin_return_address(0));
}

int hook_execvpe(const char *file, char *const *argv, char *const *envp) EXPORT_AS(execvpe);
int hook_execvpe(const char *file, char *const *argv, char *const *envp)
{
	return exec_observed(CALL_execve, &(struct exec){.form = EXEC_VPE, .path = file, .argv = argv, .envp = envp}, TAG_VIA_SYMBOL,
		__builtin_return_address(0));
}

int hook_execvp(const char *file, char *const *argv) EXPORT_AS(execvp);
int hook_execvp(const char *file, char *const *argv)
{
	return exec_observed(CALL_execve, &(struct exec){.form = EXEC_VPE, .path = file, .argv = argv, .envp = environ}, TAG_VIA_SYMBOL,
		__builtin_return_address(0));
}

int hook_fexecve(int fd, char *const *argv, char *const *envp) EXPORT_AS(fexecve);
int hook_fexecve(int fd, char *const *argv, char *const *envp)
{
	return exec_observed(CALL_execve, &(struct exec){.form = EXEC_FD, .fd = fd, .argv = argv, .envp = envp}, TAG_VIA_SYMBOL,
		__builtin_return_address(0));
}

int hook_execveat(int fd, const char *path, char *const *argv, char *const *envp, int flags) EXPORT_AS(execveat);
int hook_execveat(int fd, const char *path, char *const *argv, char *const *envp, int flags)
{
	return exec_observed(CALL_execveat, &(struct exec){.form = EXEC_AT, .fd = fd, .path = path, .argv = argv, .envp = envp, .flags = flags},
		TAG_VIA_SYMBOL, __builtin_return_address(0));
}

/* execl and its kin: the arguments become a vector on the stack, as in libc. */
#define COUNT_ARGUMENTS(count, list, last) \
	va_start(list, last); \
	for (count = 1; va_arg(list, char *); count++) \
		; \
	va_end(list);
#define TAKE_ARGUMENTS(argv, count, list, first) \
	char *argv[count + 1]; \
	va_start(list, first); \
	argv[0] = (char *)first; \
	for (size_t i = 1; i <= count; i++) \
		argv[i] = va_arg(list, char *);

#define EXEC_LIST(name, exec_form, environment) \
	int hook_##name(const char *path, const char *first, ...) EXPORT_AS(name); \
	int hook_##name(const char *path, const char *first, ...) \
	{ \
		size_t count = 0; \
		va_list list; \
		if (first) { \
			COUNT_ARGUMENTS(count, list, first) \
		} \
		{ \
			TAKE_ARGUMENTS(argv, count, list, first) \
			char *const *envp = environment; \
			va_end(list); \
			return exec_observed(CALL_execve, &(struct exec){.form = exec_form, .path = path, .argv = argv, .envp = envp}, \
				TAG_VIA_SYMBOL, __builtin_return_address(0)); \
		} \
	}
EXEC_LIST(execl, EXEC_VE, environ)
EXEC_LIST(execlp, EXEC_VPE, environ)
EXEC_LIST(execle, EXEC_VE, va_arg(list, char *const *))

static long kernel_result(int result)
{
	return result < 0 ? -(long)errno : result;
}

static long through_execve(const long *w, unsigned via, const void *caller)
{
	int before = errno;
	long result;

	if (via == TAG_VIA_LIBC && thread_state.within_exec == WITHIN_EXEC)
		return raw_syscall(SYS_execve, w[0], w[1], w[2]);
	result = kernel_result(exec_observed(CALL_execve,
		&(struct exec){.form = EXEC_SYSCALL, .path = (const char *)w[0], .argv = (char *const *)w[1], .envp = (char *const *)w[2]}, via, caller));

	errno = before;
	return result;
}

static long through_execveat(const long *w, unsigned via, const void *caller)
{
	int before = errno;
	long result = kernel_result(exec_observed(CALL_execveat,
		&(struct exec){.form = EXEC_SYSCALL_AT, .fd = (int)w[0], .path = (const char *)w[1], .argv = (char *const *)w[2],
			.envp = (char *const *)w[3], .flags = (int)w[4]}, via, caller));

	errno = before;
	return result;
}

hook_through *exec_through(long number)
{
	switch (number) {
	case SYS_execve: return through_execve;
	case SYS_execveat: return through_execveat;
	default: return NULL;
	}
}

/* The gap is written when there is a child to speak of. */
static int spawn_observed(struct exec *e, const void *caller)
{
	struct exec_memory *memory = writer_enabled && is_readable(e) ? memory_take(e->envp) : NULL;
	struct sharing_frame *frame;
	struct spool_call *call;
	const char *path = e->path, *why;
	pid_t *wanted = e->pid, pid = -1;
	int error;

	if (!memory)
		return exec_real(e, e->envp);
	why = prepare(e, memory, &path);
	call = call_begin(CALL_posix_spawn, e, path, TAG_VIA_SYMBOL, caller);
	/* libc stores it before a handler of SIGCHLD can run, which may rely on it. */
	if (!wanted)
		e->pid = &pid;
	frame = sharing_begin();
	error = exec_real(e, memory->envp ? memory->envp : e->envp);
	if (error == E2BIG && memory->envp)
		error = exec_real(e, e->envp);
	if (frame)
		sharing_end(frame);
	if (!error && wanted)
		pid = *wanted;
	if (call) {
		writer_call_returned(call);
		writer_call_end(call, error ? -1 : pid, error);
	}
	if (!error && why)
		gap_begin(memory, path, why);
	raw_syscall(SYS_munmap, memory, memory->bytes);
	return error;
}

#define SPAWN(name, symbol, version, spawn_form, first) \
	int hook_##name(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes, \
		char *const *argv, char *const *envp) EXPORT_VERSION(name, symbol, version); \
	int hook_##name(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes, \
		char *const *argv, char *const *envp) \
	{ \
		return spawn_observed(&(struct exec){.form = spawn_form, .path = path, .argv = argv, .envp = envp, .actions = actions, \
			.attributes = attributes, .pid = pid, .first_version = first}, __builtin_return_address(0)); \
	}
SPAWN(spawn_now, posix_spawn, "@@GLIBC_2.15", EXEC_SPAWN, 0)
SPAWN(spawnp_now, posix_spawnp, "@@GLIBC_2.15", EXEC_SPAWN_P, 0)
#if defined(__x86_64__)
SPAWN(spawn_first, posix_spawn, "@GLIBC_2.2.5", EXEC_SPAWN, 1)
SPAWN(spawnp_first, posix_spawnp, "@GLIBC_2.2.5", EXEC_SPAWN_P, 1)
#endif
