/*
 * child_environment.c: what a child needs in its environment to be traced: our library in LD_PRELOAD and the SOCKLIFE_* variables, put back
 * where a program has scrubbed them, and never into the program's own environment. What a program did set itself stays.
 *
 * Everything kept here is a copy: a program may write over the memory its environment came in (setproctitle does).
 */
#include "preload/process.h"
#include "preload/guard.h"
#include "preload/writer.h"
#include "schema/environment.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>

#define PRELOAD "LD_PRELOAD="
#define IMAGE_BYTES 48

extern int dladdr(const void *address, Dl_info *info) __attribute__((weak));

int child_follow = 1;

static const char *library;        /* our own path, absolute; NULL: not known */
static const char *library_given;  /* as LD_PRELOAD named us; NULL: it did not */
static const char *const *kept;    /* NAME=value, NULL at the end */
static size_t kept_count;

static size_t name_length(const char *entry)
{
	size_t n = 0;

	while (entry[n] && entry[n] != '=')
		n++;
	return n;
}

/* Does `entry` set the variable that `like` ("NAME=…") sets? */
static int sets_same(const char *entry, const char *like)
{
	size_t n = name_length(like);

	return raw_equal(entry, like, n) && entry[n] == '=';
}

static int separates(char c)
{
	return c == ':' || c == ' ';
}

static size_t token_length(const char *at)
{
	size_t n = 0;

	while (at[n] && !separates(at[n]))
		n++;
	return n;
}

static int token_is(const char *at, size_t length, const char *text)
{
	return text && raw_length(text) == length && raw_equal(at, text, length);
}

static int token_is_ours(const char *at, size_t length)
{
	return token_is(at, length, library) || token_is(at, length, library_given);
}

static const char *base_name(const char *path)
{
	const char *name = path;

	for (; *path; path++)
		if (*path == '/')
			name = path + 1;
	return name;
}

static char *put(char *to, const char *from, size_t length)
{
	raw_copy(to, from, length);
	return to + length;
}

/* Our path, absolute: a child may start in another directory. */
static char *keep_library(char *to, const char *name)
{
	if (*name != '/') {
		long n = raw_syscall(SYS_getcwd, to, 4096);

		if (n <= 0)
			return to;
		library = to;
		to = put(to + n - 1, "/", 1);
	} else {
		library = to;
	}
	return put(to, name, raw_length(name) + 1);
}

static const char *find_preload(char *const *environment)
{
	const char *found = NULL;

	/* The last one counts for ld.so. */
	for (char *const *entry = environment; entry && *entry; entry++)
		if (raw_equal(*entry, PRELOAD, sizeof PRELOAD - 1))
			found = *entry + sizeof PRELOAD - 1;
	return found;
}

static char *keep_given(char *to, const char *preload, const char *loaded)
{
	for (const char *at = preload; at && *at; ) {
		size_t n = token_length(at);
		const char *name = base_name(loaded);
		size_t base = raw_length(name);

		if (n >= base && raw_equal(at + n - base, name, base) && (n == base || at[n - base - 1] == '/')) {
			library_given = to;
			to = put(to, at, n);
			*to++ = 0;
			return to;
		}
		at += n + (at[n] != 0);
	}
	return to;
}

static int is_ours(const char *entry)
{
	return raw_equal(entry, ENVIRONMENT_PREFIX, sizeof ENVIRONMENT_PREFIX - 1) && !sets_same(entry, ENVIRONMENT_IMAGE "=") &&
		!sets_same(entry, ENVIRONMENT_RUNTIME "=");
}

void child_environment_init(char *const *environment)
{
	const char *preload = find_preload(environment);
	size_t bytes = 3 * 4096 + (preload ? raw_length(preload) : 0);
	Dl_info info = {0};
	const char **next;
	long address;
	char *at;

	for (char *const *entry = environment; entry && *entry; entry++) {
		if (!is_ours(*entry))
			continue;
		kept_count++;
		bytes += sizeof(char *) + raw_length(*entry) + 1;
		if (sets_same(*entry, ENVIRONMENT_FOLLOW "=") && (*entry)[sizeof ENVIRONMENT_FOLLOW] == '0')
			child_follow = 0;
	}
	if (!dladdr || !dladdr(&child_follow, &info) || !info.dli_fname || raw_length(info.dli_fname) > 4096)
		return;
	address = raw_syscall(SYS_mmap, 0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (address < 0 && address > -4096)
		return;
	next = (const char **)address;
	at = (char *)(next + kept_count + 1);
	for (char *const *entry = environment; entry && *entry; entry++) {
		if (!is_ours(*entry))
			continue;
		*next++ = at;
		at = put(at, *entry, raw_length(*entry) + 1);
	}
	at = keep_library(at, info.dli_fname);
	keep_given(at, preload, info.dli_fname);
	kept = (const char *const *)address;
}

size_t child_environment_bytes(char *const *environment)
{
	const char *preload = find_preload(environment);
	size_t count = 0;

	while (environment && environment[count])
		count++;
	return (count + kept_count + 5) * sizeof(char *) + sizeof PRELOAD + (preload ? 2 * raw_length(preload) : 0) +
		2 * (library ? raw_length(library) : 0) + IMAGE_BYTES + sizeof ENVIRONMENT_RUNTIME + 2 * EXECUTABLE_RUNTIME_BYTES + 16;
}

/* What is to come of LD_PRELOAD. */
struct preload_change {
	int without_us;
	const char *first;   /* a library that comes before ours; NULL: none */
	const char *dropped; /* one that is taken out; NULL: none */
};

/*
 * LD_PRELOAD for the child: ours first; what else is there keeps its order. A relative name of ours becomes the absolute one. Returns where
 * the text ends; nothing is left of it when ours was alone and is taken out.
 */
static char *build_preload(char *to, const char *old, const struct preload_change *change)
{
	int there = 0, first = 1;

	for (const char *at = old; at && *at; at += token_length(at) + (at[token_length(at)] != 0))
		there |= token_is_ours(at, token_length(at));
	to = put(to, PRELOAD, sizeof PRELOAD - 1);
	if (change->first) {
		to = put(to, change->first, raw_length(change->first));
		first = 0;
	}
	if (!there && !change->without_us) {
		if (!first)
			*to++ = ':';
		to = put(to, library, raw_length(library));
		first = 0;
	}
	for (const char *at = old; at && *at; ) {
		size_t n = token_length(at);
		int ours = n && token_is_ours(at, n);
		int out = (ours && change->without_us) || token_is(at, n, change->first) || token_is(at, n, change->dropped);

		if (n && !out) {
			if (!first)
				*to++ = ':';
			first = 0;
			to = ours ? put(to, library, raw_length(library)) : put(to, at, n);
		}
		at += n + (at[n] != 0);
	}
	*to++ = 0;
	return first ? NULL : to;
}

static char *put_number(char *to, unsigned number)
{
	char digits[12];
	unsigned n = sizeof digits;

	do {
		digits[--n] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	return put(to, digits + n, sizeof digits - n);
}

static int has(char *const *environment, const char *like)
{
	for (char *const *entry = environment; entry && *entry; entry++)
		if (sets_same(*entry, like))
			return 1;
	return 0;
}

/* The value of `name`, which ends in =; NULL: not set. */
static const char *value_of(char *const *environment, const char *name)
{
	for (char *const *entry = environment; entry && *entry; entry++)
		if (sets_same(*entry, name))
			return *entry + raw_length(name);
	return NULL;
}

char **child_environment_build(void *memory, char *const *environment, unsigned changes, const char *runtime)
{
	static const char runtime_name[] = ENVIRONMENT_RUNTIME "=";
	const char *old = find_preload(environment), *put_by_us = value_of(environment, runtime_name);
	struct preload_change change = {!!(changes & CHILD_WITHOUT_US), NULL, NULL};
	char **built = memory, **next = built;
	char *text, *preload, *image = NULL, *mark = NULL;
	size_t count = 0;

	if (!kept || !library)
		return NULL;
	while (environment && environment[count])
		count++;
	text = (char *)(built + count + kept_count + 5);
	preload = text;
	if (put_by_us && raw_length(put_by_us) >= EXECUTABLE_RUNTIME_BYTES)
		put_by_us = NULL; /* no word of ours */
	if (!runtime)
		runtime = put_by_us ? put_by_us : "";
	change.first = *runtime && !change.without_us ? runtime : NULL;
	change.dropped = change.first ? NULL : put_by_us;
	/* Where there is none, and none is wanted, none is made. */
	text = old || !change.without_us ? build_preload(text, old, &change) : NULL;
	if (!text) {
		text = preload;
		preload = NULL;
	}
	if (changes & CHILD_SAME_PID && guard_system_calls_allowed()) {
		image = text;
		text = put(text, ENVIRONMENT_IMAGE "=", sizeof ENVIRONMENT_IMAGE);
		text = put_number(text, (unsigned)raw_syscall6(SYS_getpid, 0, 0, 0, 0, 0, 0));
		*text = 0;
	}
	if (change.first) {
		mark = text;
		text = put(text, runtime_name, sizeof runtime_name - 1);
		text = put(text, runtime, raw_length(runtime) + 1);
	}
	for (size_t i = 0; i < count; i++) {
		char *entry = environment[i];

		if (old && entry + sizeof PRELOAD - 1 == old) {
			if (preload)
				*next++ = preload;
			preload = NULL;
		} else if (image && sets_same(entry, image)) {
			*next++ = image;
			image = NULL;
		} else if (!sets_same(entry, runtime_name)) {
			*next++ = entry;
		}
	}
	if (mark)
		*next++ = mark;
	if (preload)
		*next++ = preload;
	if (image)
		*next++ = image;
	for (size_t i = 0; i < kept_count; i++)
		if (!has(environment, kept[i]))
			*next++ = (char *)kept[i];
	*next = NULL;
	return built;
}

int child_environment_is_whole(char *const *environment)
{
	const char *preload = find_preload(environment);
	int there = 0;

	for (const char *at = preload; at && *at; at += token_length(at) + (at[token_length(at)] != 0))
		there |= token_is_ours(at, token_length(at));
	for (size_t i = 0; i < kept_count; i++)
		there &= has(environment, kept[i]);
	return there;
}

int child_library_is_reachable(void)
{
	return !library || !guard_system_calls_allowed() || raw_syscall(SYS_faccessat, AT_FDCWD, library, 4 /* R_OK */) == 0;
}
