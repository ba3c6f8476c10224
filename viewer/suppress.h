/*
 * suppress.h: a suppressions file of `check`: known and accepted findings, one a line: rule, program, address, reason.
 * The file is hostile input like any other: whatever it holds, a line number says what is wrong with it.
 */
#ifndef VIEWER_SUPPRESS_H
#define VIEWER_SUPPRESS_H

#include <stddef.h>

struct suppress_line {
	char *rule, *program, *address, *reason; /* parts of `text` */
	char *text;
	const char *path;
	int number;
	long used;
};

struct suppress {
	struct suppress_line *lines;
	size_t count;
};

/* Adds a file's lines; `path` must outlive the struct. Returns 0, or a negative errno after a message. */
int suppress_read(struct suppress *suppress, const char *path);

/* Whether a line matches; then `reason` is its reason. NULL counts as an empty text. */
int suppress_match(struct suppress *suppress, const char *rule, const char *program, const char *address, const char **reason);

/* Names the lines that matched nothing on standard error: what they accepted is gone, or they are misspelt. */
void suppress_warn_unused(const struct suppress *suppress);

void suppress_free(struct suppress *suppress);

#endif
