/*
 * executable.h: can a program be traced by preloading? Reads its file alone and runs nothing: the ELF header, program headers, what it is built
 * with, mode bits and capabilities.
 */
#ifndef VIEWER_EXECUTABLE_H
#define VIEWER_EXECUTABLE_H

#include <stddef.h>

enum executable_verdict { VERDICT_YES, VERDICT_PARTLY, VERDICT_NO };

struct executable_finding {
	enum executable_verdict verdict;
	const char *what, *help;
};

struct executable_report {
	char path[4096];             /* of the program; of a script: of its interpreter */
	struct executable_finding findings[16];
	int finding_count;
	const char *class, *linking, *libc, *machine;
	char interpreter[512], script[4096]; /* empty: none */
	char runtime[48];            /* AddressSanitizer's library, which wants to be loaded before all others; empty: none */
	int headers_only;            /* set before: do not search the whole file for what it is built with */
};

/* Finds a program as a shell does. Returns 0, -ENOENT, -EACCES where none that was found may be run, or another negative errno. */
int executable_find(const char *name, char *path, size_t size);

/* Examines report->path; the rest of *report must be zero. Returns 0, or a negative errno when the file cannot be read. */
int executable_examine(struct executable_report *report);

/* The worst of what was found. */
enum executable_verdict executable_verdict(const struct executable_report *report);

#endif
