/* executable.c: see executable.h. The file is untrusted: every offset is checked. */
#include "viewer/executable.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define SCRIPT_DEPTH 4

static void add(struct executable_report *report, enum executable_verdict verdict, const char *what, const char *help)
{
	if (report->finding_count < (int)(sizeof report->findings / sizeof report->findings[0]))
		report->findings[report->finding_count++] = (struct executable_finding){verdict, what, help};
}

int executable_find(const char *name, char *path, size_t size)
{
	const char *search = getenv("PATH");
	int found_plain = 0;

	if (!search)
		search = "/bin:/usr/bin"; /* execvp(3) */
	if (strchr(name, '/'))
		return snprintf(path, size, "%s", name) < (int)size && access(path, F_OK) == 0 ? 0 : -errno;
	while (search && *search) {
		size_t length = strcspn(search, ":");
		struct stat status;

		snprintf(path, size, "%.*s/%s", (int)length, length ? search : ".", name);
		if (stat(path, &status) == 0 && S_ISREG(status.st_mode)) {
			if (access(path, X_OK) == 0)
				return 0;
			found_plain = 1;
		}
		search += length + (search[length] == ':');
	}
	if (!found_plain && access(name, F_OK) == 0)
		return snprintf(path, size, "%s", name) < (int)size ? 0 : -ENAMETOOLONG;
	return found_plain ? -EACCES : -ENOENT;
}

struct image {
	const unsigned char *bytes;
	size_t size;
};

static const void *at(const struct image *image, uint64_t offset, uint64_t length)
{
	return offset <= image->size && length <= image->size - offset ? image->bytes + offset : NULL;
}

static int contains(const struct image *image, const char *needle)
{
	return memmem(image->bytes, image->size, needle, strlen(needle)) != NULL;
}

/* A Go program carries its build information between these words, and makes its own system calls. */
static int is_go(const struct image *image)
{
	return contains(image, "\xff Go buildinf:") || contains(image, "Go build ID: \"");
}

static void examine_contents(struct executable_report *report, const struct image *image)
{
	if (is_go(image))
		add(report, VERDICT_NO, "a Go program: its runtime makes system calls itself, past libc",
			"calls it makes through cgo are seen; for the rest: strace -f, or a proxy that is traced");
	if (report->runtime[0])
		add(report, VERDICT_YES, "built with AddressSanitizer, whose library wants to be loaded first",
			"`socklife run` sees to that; with LD_PRELOAD alone, name that library (see ldd) before libsocklife.so");
	if (contains(image, "io_uring_setup") || contains(image, "liburing"))
		add(report, VERDICT_PARTLY, "may use io_uring, whose operations pass no function", "most programs have a switch; the trace names it as a gap");
}

static void examine_interpreter(struct executable_report *report)
{
	if (strstr(report->interpreter, "ld-musl")) {
		report->libc = "musl";
		add(report, VERDICT_PARTLY, "uses musl libc: the exported functions are seen, calls from inside libc are not",
			"a build against glibc shows all; name lookups and stdio over sockets are what is missing");
	} else if (strstr(report->interpreter, "ld-linux")) {
		report->libc = "glibc";
	} else {
		report->libc = "not known";
		add(report, VERDICT_PARTLY, "has an unusual program loader", "whether it honours LD_PRELOAD is not known: try, and look for gaps in `socklife check`");
	}
	if (report->interpreter[0] == '/' && access(report->interpreter, F_OK) != 0)
		add(report, VERDICT_NO, "its program loader is not on this machine", "install the libc it was built for");
}

/*
 * The first DT_NEEDED, when it is a sanitizer's library that looks whether it was loaded first and else ends the program. (preload/executable.c does
 * the same for children.)
 */
static void find_runtime(struct executable_report *report, const struct image *image, const Elf64_Ehdr *header)
{
	static const char *const runtimes[] = {"libasan.so", "libclang_rt.asan"};
	const Elf64_Phdr *segments = at(image, header->e_phoff, (uint64_t)header->e_phnum * sizeof *segments);
	const Elf64_Dyn *entries = NULL;
	uint64_t count = 0, name = UINT64_MAX, names = 0, string;

	if (!segments || header->e_phentsize != sizeof *segments)
		return;
	for (unsigned i = 0; i < header->e_phnum; i++) {
		if (segments[i].p_type == PT_DYNAMIC) {
			entries = at(image, segments[i].p_offset, segments[i].p_filesz);
			count = segments[i].p_filesz / sizeof *entries;
		}
	}
	for (uint64_t i = 0; entries && i < count && entries[i].d_tag != DT_NULL; i++) {
		if (entries[i].d_tag == DT_NEEDED && name == UINT64_MAX)
			name = entries[i].d_un.d_val;
		if (entries[i].d_tag == DT_STRTAB)
			names = entries[i].d_un.d_ptr;
	}
	for (unsigned i = 0; name != UINT64_MAX && i < header->e_phnum; i++) {
		if (segments[i].p_type != PT_LOAD || names < segments[i].p_vaddr || names - segments[i].p_vaddr >= segments[i].p_filesz)
			continue;
		string = names - segments[i].p_vaddr + segments[i].p_offset + name;
		for (size_t r = 0; r < sizeof runtimes / sizeof *runtimes; r++) {
			const char *text = at(image, string, sizeof report->runtime);

			if (text && !strncmp(text, runtimes[r], strlen(runtimes[r])) && strnlen(text, sizeof report->runtime) < sizeof report->runtime)
				strcpy(report->runtime, text);
		}
	}
}

#define EXAMINE_ELF(bits) \
static void examine_elf##bits(struct executable_report *report, const struct image *image) \
{ \
	const Elf##bits##_Ehdr *header = at(image, 0, sizeof *header); \
	int dynamic = 0; \
	for (unsigned i = 0; header && i < header->e_phnum; i++) { \
		const Elf##bits##_Phdr *segment = at(image, header->e_phoff + (uint64_t)i * header->e_phentsize, sizeof *segment); \
		if (!segment) \
			break; \
		dynamic |= segment->p_type == PT_DYNAMIC; \
		if (segment->p_type == PT_INTERP && segment->p_filesz && segment->p_filesz < sizeof report->interpreter && \
		    at(image, segment->p_offset, segment->p_filesz)) \
			memcpy(report->interpreter, at(image, segment->p_offset, segment->p_filesz), segment->p_filesz - 1); \
	} \
	report->linking = report->interpreter[0] ? "dynamic" : dynamic ? "static-pie or a library" : "static"; \
}
EXAMINE_ELF(32)
EXAMINE_ELF(64)

static void examine_elf(struct executable_report *report, const struct image *image)
{
	int is_64 = image->bytes[EI_CLASS] == ELFCLASS64;
	uint16_t machine;

	memcpy(&machine, image->bytes + 18, sizeof machine);
	report->class = is_64 ? "64-bit" : "32-bit";
	report->machine = machine == EM_X86_64 ? "x86-64" : machine == EM_AARCH64 ? "aarch64" : machine == EM_386 ? "i386" : machine == EM_RISCV ? "riscv" : "other";
	if (is_64)
		examine_elf64(report, image);
	else
		examine_elf32(report, image);
	if (is_64 && at(image, 0, sizeof(Elf64_Ehdr)))
		find_runtime(report, image, (const Elf64_Ehdr *)image->bytes);
#if defined(__x86_64__)
	if (!is_64 || machine != EM_X86_64)
#elif defined(__aarch64__)
	if (!is_64 || machine != EM_AARCH64)
#else
	if ((sizeof(void *) == 8) != is_64)
#endif
		add(report, VERDICT_NO, "is of another class or machine than libsocklife.so: the loader would leave it out", "build libsocklife.so for it, or run its native build");
	if (!report->interpreter[0])
		add(report, VERDICT_NO, "is static: nothing can be loaded into it", "link it dynamically (without -static), or use strace -f");
	else
		examine_interpreter(report);
	if (!report->headers_only)
		examine_contents(report, image);
}

static void examine_privileges(struct executable_report *report, const struct stat *status)
{
	if ((status->st_mode & (S_ISUID | S_ISGID)) && geteuid() != 0)
		add(report, VERDICT_NO, "is setuid or setgid: the loader ignores LD_PRELOAD for it", "run it as its owner (root) already is, or trace a copy without the bit: cp PROG /tmp");
	else if (status->st_mode & (S_ISUID | S_ISGID))
		add(report, VERDICT_PARTLY, "is setuid or setgid: traced only when it is started by the user it changes to", "start it as that user");
	if (getxattr(report->path, "security.capability", NULL, 0) > 0)
		add(report, geteuid() ? VERDICT_NO : VERDICT_PARTLY, "has file capabilities: the loader ignores LD_PRELOAD for it when it gains them",
			"trace a copy without them (cp PROG /tmp), or run it as root");
}

static int examine(struct executable_report *report, int depth);

static int examine_script(struct executable_report *report, const struct image *image, int depth)
{
	char line[512], *word, *rest;
	size_t length = image->size < sizeof line ? image->size : sizeof line - 1;

	memcpy(line, image->bytes, length);
	line[length] = 0;
	line[strcspn(line, "\n")] = 0;
	word = strtok_r(line + 2, " \t", &rest);
	if (!word) {
		add(report, VERDICT_NO, "is a script without an interpreter", "name one in its first line, as #!/bin/sh");
		return 0;
	}
	snprintf(report->script, sizeof report->script, "%s", report->path);
	if (strlen(word) > 4 && !strcmp(word + strlen(word) - 4, "/env")) {
		word = strtok_r(NULL, " \t", &rest);
		if (word && !strcmp(word, "-S"))
			word = strtok_r(NULL, " \t", &rest);
	}
	if (!word || executable_find(word, report->path, sizeof report->path)) {
		add(report, VERDICT_NO, "is a script whose interpreter is not on this machine", "install it");
		return 0;
	}
	return depth < SCRIPT_DEPTH ? examine(report, depth + 1) : 0;
}

static int examine(struct executable_report *report, int depth)
{
	struct image image = {NULL, 0};
	struct stat status;
	int file = open(report->path, O_RDONLY | O_CLOEXEC), error = 0;

	if (file < 0)
		return -errno;
	if (fstat(file, &status) < 0) {
		error = -errno;
		goto close_file;
	}
	if (!S_ISREG(status.st_mode)) {
		error = S_ISDIR(status.st_mode) ? -EISDIR : -EINVAL;
		goto close_file;
	}
	if (access(report->path, X_OK) != 0)
		add(report, VERDICT_NO, "is not executable by you", "chmod +x, or name the program that runs it");
	image.size = (size_t)status.st_size;
	image.bytes = image.size ? mmap(NULL, image.size, PROT_READ, MAP_PRIVATE, file, 0) : NULL;
	if (image.bytes == MAP_FAILED) {
		error = -errno;
		goto close_file;
	}
	examine_privileges(report, &status);
	if (image.size > sizeof(Elf64_Ehdr) && !memcmp(image.bytes, ELFMAG, SELFMAG))
		examine_elf(report, &image);
	else if (image.size > 2 && !memcmp(image.bytes, "#!", 2))
		error = examine_script(report, &image, depth);
	else
		add(report, VERDICT_NO, "is no program: neither ELF nor a script", "a shell may still run it: socklife run sh FILE");
	if (image.bytes)
		munmap((void *)image.bytes, image.size);
close_file:
	close(file);
	return error;
}

enum executable_verdict executable_verdict(const struct executable_report *report)
{
	enum executable_verdict verdict = VERDICT_YES;

	for (int i = 0; i < report->finding_count; i++)
		if (report->findings[i].verdict > verdict)
			verdict = report->findings[i].verdict;
	return verdict;
}

int executable_examine(struct executable_report *report)
{
	return examine(report, 0);
}
