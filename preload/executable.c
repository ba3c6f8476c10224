/*
 * executable.c: can the file that is about to be executed be traced? Looks at what the kernel and the dynamic linker will look at
 * (execve(2), ld.so(8)): set-user-ID bits and capabilities, the ELF header, the interpreter of a script.
 */
#include "preload/process.h"
#include "preload/guard.h"
#include "preload/own_table.h"

#include <elf.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#define SCRIPT_DEPTH 5
#define HEAD_BYTES 256 /* as the kernel reads (BINPRM_BUF_SIZE) */
#define ST_NOSUID_FLAG 2

#if defined(__x86_64__)
#define OWN_MACHINE EM_X86_64
#else
#define OWN_MACHINE EM_AARCH64
#endif

/* Where the buffer's parts are. */
struct examination {
	struct stat about;
	struct statfs filesystem;
	char head[HEAD_BYTES + 1];
	char interpreter[HEAD_BYTES + 1];
	char headers[1024]; /* ELF program headers */
	char dynamic[256];  /* entries of the dynamic section */
};
_Static_assert(sizeof(struct examination) <= EXECUTABLE_BUFFER_BYTES, "buffer");

/* Would the kernel give it more rights than we have? Then the dynamic linker ignores LD_PRELOAD, as it should. */
static const char *privileged(long fd, const char *path, int directory_fd, struct examination *e)
{
	long uid = raw_syscall6(SYS_getuid, 0, 0, 0, 0, 0, 0), new_uid = raw_syscall6(SYS_geteuid, 0, 0, 0, 0, 0, 0);
	long gid = raw_syscall6(SYS_getgid, 0, 0, 0, 0, 0, 0), new_gid = raw_syscall6(SYS_getegid, 0, 0, 0, 0, 0, 0);
	struct vfs_ns_cap_data capabilities;
	long result;

	if (raw_syscall(SYS_prctl, PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) {
		result = fd >= 0 ? raw_syscall(SYS_fstatfs, fd, &e->filesystem) : directory_fd == AT_FDCWD ? raw_syscall(SYS_statfs, path, &e->filesystem) : -1;
		if (result < 0 || !(e->filesystem.f_flags & ST_NOSUID_FLAG)) {
			if (e->about.st_mode & S_ISUID)
				new_uid = e->about.st_uid;
			if ((e->about.st_mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP))
				new_gid = e->about.st_gid;
			if (new_uid != 0 && uid != 0 && fd >= 0 &&
			    raw_syscall(SYS_fgetxattr, fd, "security.capability", &capabilities, sizeof capabilities) > 0)
				return "it has file capabilities";
		}
	}
	if (new_uid != uid)
		return e->about.st_mode & S_ISUID ? "set-user-ID" : "effective and real user differ";
	if (new_gid != gid)
		return e->about.st_mode & S_ISGID ? "set-group-ID" : "effective and real group differ";
	return NULL;
}

static int is_dynamic_linker(const char *path)
{
	const char *name = path;

	for (; *path; path++)
		if (*path == '/')
			name = path + 1;
	return raw_equal(name, "ld-linux", 8) || raw_equal(name, "ld-musl-", 8) || raw_equal(name, "ld.so", 5);
}

/* Where the file has what will be at an address; 0: nowhere. */
static uint64_t offset_of(const Elf64_Phdr *program, unsigned count, uint64_t address)
{
	for (unsigned i = 0; i < count; i++)
		if (program[i].p_type == PT_LOAD && address >= program[i].p_vaddr && address - program[i].p_vaddr < program[i].p_filesz)
			return address - program[i].p_vaddr + program[i].p_offset;
	return 0;
}

/* Where the dynamic section has the name of the first needed library, in the file; 0: none is needed. */
static uint64_t first_needed(long fd, const Elf64_Phdr *program, unsigned count, struct examination *e)
{
	const Elf64_Dyn *entries = (const Elf64_Dyn *)e->dynamic;
	uint64_t at = 0, end = 0, name = UINT64_MAX, names = 0;

	for (unsigned i = 0; i < count; i++) {
		if (program[i].p_type == PT_DYNAMIC) {
			at = program[i].p_offset;
			end = at + program[i].p_filesz;
		}
	}
	while (at < end && !(names && name != UINT64_MAX)) {
		long bytes = raw_syscall(SYS_pread64, fd, e->dynamic, sizeof e->dynamic, at);

		if (bytes < (long)sizeof *entries)
			return 0;
		for (unsigned i = 0; i < (unsigned long)bytes / sizeof *entries; i++) {
			if (entries[i].d_tag == DT_NULL)
				end = 0;
			else if (entries[i].d_tag == DT_STRTAB && !names)
				names = offset_of(program, count, entries[i].d_un.d_ptr);
			else if (entries[i].d_tag == DT_NEEDED && name == UINT64_MAX)
				name = entries[i].d_un.d_val;
		}
		at += sizeof e->dynamic;
	}
	return names && name != UINT64_MAX ? names + name : 0;
}

/* AddressSanitizer's library looks whether it was loaded first, and else ends the program; then it is the first that the program needs. */
static void find_runtime(long fd, const Elf64_Phdr *program, unsigned count, struct examination *e, struct executable_needs *needs)
{
	static const char *const runtimes[] = {"libasan.so", "libclang_rt.asan"};
	uint64_t name = first_needed(fd, program, count, e);
	char *text = needs->runtime;

	if (!name || raw_syscall(SYS_pread64, fd, text, sizeof needs->runtime - 1, name) < 0)
		text[0] = 0;
	text[sizeof needs->runtime - 1] = 0;
	for (unsigned i = 0; i < sizeof runtimes / sizeof *runtimes; i++)
		if (raw_equal(text, runtimes[i], raw_length(runtimes[i])) && raw_length(text) < sizeof needs->runtime - 1)
			return;
	text[0] = 0;
}

static const char *examine_elf(long fd, const char *path, long bytes, struct examination *e, struct executable_needs *needs)
{
	const Elf64_Ehdr *header = (const Elf64_Ehdr *)e->head;
	const Elf64_Phdr *program = (const Elf64_Phdr *)e->headers;
	unsigned count;

	if (bytes < (long)sizeof *header)
		return NULL;
	if (header->e_ident[EI_CLASS] != ELFCLASS64) {
		needs->without_us = 1;
		return "a 32-bit program";
	}
	if (header->e_ident[EI_DATA] != ELFDATA2LSB || header->e_machine != OWN_MACHINE) {
		needs->without_us = 1;
		return "a program for another processor";
	}
	if (header->e_phentsize != sizeof *program)
		return NULL;
	count = header->e_phnum;
	for (unsigned done = 0; done < count; ) {
		unsigned now = count - done < sizeof e->headers / sizeof *program ? count - done : (unsigned)(sizeof e->headers / sizeof *program);

		if (raw_syscall(SYS_pread64, fd, e->headers, now * sizeof *program, header->e_phoff + done * sizeof *program) !=
		    (long)(now * sizeof *program))
			return NULL;
		for (unsigned i = 0; i < now; i++) {
			if (program[i].p_type == PT_INTERP) {
				find_runtime(fd, program, now, e, needs);
				return NULL;
			}
		}
		done += now;
	}
	if (is_dynamic_linker(path))
		return NULL;
	return "statically linked";
}

/* "#! interpreter argument": the interpreter, in place; NULL: none. */
static const char *interpreter_of(char *head, long bytes)
{
	char *at = head + 2;

	head[bytes] = 0;
	while (*at == ' ' || *at == '\t')
		at++;
	head = at;
	while (*at && *at != ' ' && *at != '\t' && *at != '\n')
		at++;
	*at = 0;
	return *head ? head : NULL;
}

static const char *examine(int directory_fd, const char *path, int flags, struct examination *e, struct executable_needs *needs)
{
	const char *why = NULL;

	for (int depth = 0; path && depth < SCRIPT_DEPTH; depth++) {
		long fd, bytes;

		if (raw_syscall(SYS_newfstatat, directory_fd, path, &e->about, flags & (AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW)) < 0)
			return NULL;
		if (!S_ISREG(e->about.st_mode) || !(e->about.st_mode & 0111))
			return NULL;
		/* What may be executed but not read (sudo on some systems) is judged by its mode. */
		if (*path)
			fd = raw_syscall(SYS_openat, directory_fd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0);
		else
			fd = directory_fd;
		bytes = fd < 0 ? 0 : raw_syscall(SYS_pread64, fd, e->head, HEAD_BYTES, 0);
		if (bytes >= 4 && raw_equal(e->head, ELFMAG, SELFMAG))
			why = examine_elf(fd, path, bytes, e, needs);
		if (!why && !(bytes >= 2 && e->head[0] == '#' && e->head[1] == '!'))
			why = privileged(fd, path, directory_fd, e);
		if (fd >= 0 && *path)
			raw_syscall(SYS_close, fd);
		if (why || bytes < 3 || e->head[0] != '#' || e->head[1] != '!')
			return why;
		path = interpreter_of(e->head, bytes);
		if (path) {
			raw_copy(e->interpreter, path, raw_length(path) + 1);
			path = e->interpreter;
		}
		directory_fd = AT_FDCWD;
		flags = 0;
	}
	return why;
}

struct question {
	int directory_fd, flags;
	const char *path;
	struct examination *examination;
	struct executable_needs *needs;
	const char *why;
};

static void answer(void *argument)
{
	struct question *question = argument;

	question->why = examine(question->directory_fd, question->path, question->flags, question->examination, question->needs);
}

const char *executable_examine(int directory_fd, const char *path, int flags, char *buffer, struct executable_needs *needs)
{
	struct question question = {directory_fd, flags, path, (struct examination *)buffer, needs, NULL};

	needs->without_us = 0;
	needs->runtime[0] = 0;
	if (guard_system_calls_allowed())
		own_table_run(answer, &question);
	return question.why;
}
