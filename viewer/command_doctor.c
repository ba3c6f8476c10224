/*
 * command_doctor.c: `socklife doctor PROG`: can this program be traced? Reads the file alone, runs nothing: the ELF header,
 * program headers, dynamic section and a few notes, mode bits and capabilities. The file is untrusted: every offset is checked.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "viewer/options.h"
#include "viewer/output.h"
#include "viewer/rows.h"

#define SCRIPT_DEPTH 4

enum verdict { VERDICT_YES, VERDICT_PARTLY, VERDICT_NO };

struct finding {
	enum verdict verdict;
	const char *what, *help;
};

struct report {
	char path[4096];
	struct finding findings[16];
	int finding_count;
	const char *class, *linking, *libc, *machine;
	char interpreter[512], script[4096];
};

static void add(struct report *report, enum verdict verdict, const char *what, const char *help)
{
	if (report->finding_count < (int)(sizeof report->findings / sizeof report->findings[0]))
		report->findings[report->finding_count++] = (struct finding){verdict, what, help};
}

static int find_program(const char *name, char *path, size_t size)
{
	const char *search = getenv("PATH");
	int found_plain = 0;

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
	return -ENOENT;
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

static void examine_sections(struct report *report, const struct image *image, const char *needed_libc)
{
	if (is_go(image))
		add(report, VERDICT_NO, "a Go program: its runtime makes system calls itself, past libc",
			"calls it makes through cgo are seen; for the rest: strace -f, or a proxy that is traced");
	if (contains(image, "__asan_init"))
		add(report, VERDICT_PARTLY, "built with AddressSanitizer, which wants to be loaded first",
			"ASAN_OPTIONS=verify_asan_link_order=0 socklife run …; ASan's own interceptors then come after ours");
	if (contains(image, "io_uring_setup") || contains(image, "liburing"))
		add(report, VERDICT_PARTLY, "may use io_uring, whose operations pass no function", "most programs have a switch; the trace names it as a gap");
	(void)needed_libc;
}

static void examine_interpreter(struct report *report)
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

#define EXAMINE_ELF(bits) \
static void examine_elf##bits(struct report *report, const struct image *image) \
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

static void examine_elf(struct report *report, const struct image *image)
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
	examine_sections(report, image, report->libc);
}

static void examine_privileges(struct report *report, const struct stat *status)
{
	if ((status->st_mode & (S_ISUID | S_ISGID)) && geteuid() != 0)
		add(report, VERDICT_NO, "is setuid or setgid: the loader ignores LD_PRELOAD for it", "run it as its owner (root) already is, or trace a copy without the bit: cp PROG /tmp");
	else if (status->st_mode & (S_ISUID | S_ISGID))
		add(report, VERDICT_PARTLY, "is setuid or setgid: traced only when it is started by the user it changes to", "start it as that user");
	if (getxattr(report->path, "security.capability", NULL, 0) > 0)
		add(report, geteuid() ? VERDICT_NO : VERDICT_PARTLY, "has file capabilities: the loader ignores LD_PRELOAD for it when it gains them",
			"trace a copy without them (cp PROG /tmp), or run it as root");
}

static int examine(struct report *report, int depth);

static int examine_script(struct report *report, const struct image *image, int depth)
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
	if (!word || find_program(word, report->path, sizeof report->path)) {
		add(report, VERDICT_NO, "is a script whose interpreter is not on this machine", "install it");
		return 0;
	}
	return depth < SCRIPT_DEPTH ? examine(report, depth + 1) : 0;
}

static int examine(struct report *report, int depth)
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

static enum verdict worst(const struct report *report)
{
	enum verdict verdict = VERDICT_YES;

	for (int i = 0; i < report->finding_count; i++)
		if (report->findings[i].verdict > verdict)
			verdict = report->findings[i].verdict;
	return verdict;
}

static const char *const verdict_words[] = {"yes", "partly", "no"};

static void print_text(struct output *output, const struct report *report)
{
	struct text line = output_text(output);
	enum verdict verdict = worst(report);

	text_style(&line, verdict == VERDICT_YES ? STYLE_GOOD : verdict == VERDICT_NO ? STYLE_ERROR : STYLE_WARNING);
	text_add(&line, verdict == VERDICT_YES ? "✓ " : verdict == VERDICT_NO ? "✗ " : "▲ ");
	text_style(&line, STYLE_NONE);
	text_add_quoted(&line, report->path, strlen(report->path));
	text_add(&line, verdict == VERDICT_YES ? ": can be traced" : verdict == VERDICT_NO ? ": cannot be traced" : ": can be traced in part");
	output_long_line(output, &line);
	if (report->script[0]) {
		text_add(&line, "  runs the script ");
		text_add_quoted(&line, report->script, strlen(report->script));
		output_long_line(output, &line);
	}
	if (report->class) {
		text_format(&line, "  %s %s, %s", report->class, report->machine, report->linking);
		if (report->libc)
			text_format(&line, ", %s", report->libc);
		if (report->interpreter[0]) {
			text_add(&line, " (");
			text_add_quoted(&line, report->interpreter, strlen(report->interpreter));
			text_add(&line, ")");
		}
		output_long_line(output, &line);
	}
	for (int i = 0; i < report->finding_count; i++) {
		text_format(&line, "  %s %s", report->findings[i].verdict == VERDICT_NO ? "✗" : "▲", report->findings[i].what);
		output_long_line(output, &line);
		text_format(&line, "    → %s", report->findings[i].help);
		output_long_line(output, &line);
	}
	text_free(&line);
}

static void write_member(FILE *file, const char *name, const char *value)
{
	fprintf(file, ",\"%s\":", name);
	if (value && *value)
		rows_write_json_string(file, value, strlen(value));
	else
		fputs("null", file);
}

static void print_json(struct output *output, const struct report *report)
{
	FILE *file = output->file;

	fprintf(file, "{\"traceable\":\"%s\"", verdict_words[worst(report)]);
	write_member(file, "path", report->path);
	write_member(file, "script", report->script);
	write_member(file, "class", report->class);
	write_member(file, "machine", report->machine);
	write_member(file, "linking", report->linking);
	write_member(file, "libc", report->libc);
	write_member(file, "loader", report->interpreter);
	fputs(",\"findings\":[", file);
	for (int i = 0; i < report->finding_count; i++) {
		fprintf(file, "%s{\"traceable\":\"%s\"", i ? "," : "", verdict_words[report->findings[i].verdict]);
		write_member(file, "what", report->findings[i].what);
		write_member(file, "help", report->findings[i].help);
		putc('}', file);
	}
	fputs("]}", file);
}

static int examine_program(const struct command *command, struct output *output, const char *name)
{
	struct report report = {.finding_count = 0};
	int error = find_program(name, report.path, sizeof report.path);

	if (error == -ENOENT && !strchr(name, '/')) {
		if (output->format == OUTPUT_JSON)
			fputs("null", output->file);
		fprintf(stderr, "socklife %s: %s: no such program in PATH; name it with its path, as ./%s\n", command->name, name, name);
		return COMMAND_ERROR;
	}
	if (!error)
		error = examine(&report, 0);
	if (error) {
		fprintf(stderr, "socklife %s: %s: %s\n", command->name, name, strerror(-error));
		return COMMAND_ERROR;
	}
	if (output->format == OUTPUT_TEXT)
		print_text(output, &report);
	else
		print_json(output, &report);
	return worst(&report) == VERDICT_NO ? COMMAND_FINDINGS : COMMAND_OK;
}

static int run(const struct command *command, int argc, char **argv)
{
	struct options options = OPTIONS_START(command, argc, argv);
	struct output output = OUTPUT_START;
	const char *word;
	int status = COMMAND_OK, opened = 0, closed;

	output.no_pager = 1;
	while ((word = options_next(&options))) {
		if (!options_is_operand(&options)) {
			output.format = OUTPUT_JSON;
			continue;
		}
		if (!opened)
			output_open(&output);
		if (output.format == OUTPUT_JSON)
			fputs(opened ? ",\n" : "[\n", output.file);
		opened++;
		closed = examine_program(command, &output, word);
		status = closed > status ? closed : status;
	}
	if (options.stopped)
		return options.status;
	if (!opened)
		return options_fail(command, "which program? as in: socklife doctor ./server");
	if (output.format == OUTPUT_JSON)
		fputs("\n]\n", output.file);
	closed = output_close(&output);
	return closed ? closed : status;
}

static const struct command_option option_table[] = {
	{"json", 0, NULL, "before the programs: a JSON array of objects: traceable (yes, partly, no), path, script, class, machine, linking, libc, loader, findings"},
	{NULL, 0, NULL, NULL},
};

static const struct command_term status_table[] = {
	{"0", "it can be traced, wholly or in part"},
	{"1", "it cannot be traced; the reason is printed"},
	{"2", "wrong usage, or there is no such program"},
	{NULL, NULL},
};

static const struct command_term example_table[] = {
	{"socklife doctor ./server", "can it be traced, and if not, why, and what would help"},
	{"socklife doctor curl nginx python3", "several, looked up in PATH"},
	{NULL, NULL},
};

const struct command command_doctor = {
	.name = "doctor",
	.group = COMMAND_RECORD,
	.summary = "say whether a program can be traced, and why not",
	.usage = "[--json] PROGRAM…",
	.options = option_table,
	.manual = "Looks at the file without running it: that it is dynamic (or a script: then at its interpreter), its class and machine, its libc, setuid bits and "
		"file capabilities, and whether it is a Go program, wants AddressSanitizer or io_uring.",
	.statuses = status_table,
	.examples = example_table,
	.run = run,
};
