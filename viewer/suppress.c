/* suppress.c: see suppress.h. */
#include "viewer/suppress.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema_sql.h"
#include "viewer/suggest.h"

static int complain(const char *path, int number, const char *what)
{
	fprintf(stderr, "socklife: %s:%d: %s\n", path, number, what);
	return -EINVAL;
}

/* The next word of a line, ended in place; NULL: none is left. */
static char *take_word(char **rest)
{
	char *word = *rest + strspn(*rest, " \t"), *end;

	if (!*word)
		return NULL;
	end = word + strcspn(word, " \t");
	*rest = *end ? end + 1 : end;
	*end = 0;
	return word;
}

static int check_rule(const char *path, int number, const char *pattern)
{
	struct suggest suggest = SUGGEST_START(pattern);
	char sentence[160];

	for (size_t i = 0; schema_sql_problem_files[i].name; i++) {
		suggest_offer(&suggest, schema_sql_problem_files[i].rule);
		if (!fnmatch(pattern, schema_sql_problem_files[i].rule, 0))
			return 0;
	}
	snprintf(sentence, sizeof sentence, "no rule '%.40s'%s%s%s", pattern, suggest.nearest ? "; did you mean " : "",
		suggest.nearest ? suggest.nearest : "", suggest.nearest ? "?" : "; socklife check --explain all lists them");
	return complain(path, number, sentence);
}

static int add_line(struct suppress *suppress, const char *path, int number, char *text)
{
	struct suppress_line line = {.path = path, .number = number}, *lines;
	char *rest;
	int error;

	line.text = rest = strdup(text);
	if (!line.text)
		return -ENOMEM;
	line.rule = take_word(&rest);
	if (!line.rule || line.rule[0] == '#') {
		free(line.text);
		return 0;
	}
	line.program = take_word(&rest);
	line.address = take_word(&rest);
	line.reason = rest + strspn(rest, " \t");
	if (!line.address || !*line.reason || *line.reason == '#') {
		free(line.text);
		return complain(path, number, "wants rule, program, address and a reason, e.g.: LEAK legacyd *:9000 fixed upstream in 2.1");
	}
	error = check_rule(path, number, line.rule);
	lines = error ? NULL : realloc(suppress->lines, (suppress->count + 1) * sizeof *lines);
	if (!lines) {
		free(line.text);
		return error ? error : -ENOMEM;
	}
	suppress->lines = lines;
	lines[suppress->count++] = line;
	return 0;
}

int suppress_read(struct suppress *suppress, const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = NULL;
	size_t room = 0;
	ssize_t length;
	int number = 0, error = 0;

	if (!file) {
		error = -errno;
		fprintf(stderr, "socklife: %s: %s\n", path, strerror(errno));
		return error;
	}
	while (!error && (length = getline(&text, &room, file)) >= 0) {
		number++;
		if ((size_t)length != strlen(text)) {
			error = complain(path, number, "holds a NUL byte: not a text file");
			break;
		}
		text[strcspn(text, "\r\n")] = 0;
		error = add_line(suppress, path, number, text);
	}
	if (!error && ferror(file)) {
		error = -EIO;
		fprintf(stderr, "socklife: %s: cannot be read\n", path);
	}
	free(text);
	fclose(file);
	return error;
}

int suppress_match(struct suppress *suppress, const char *rule, const char *program, const char *address, const char **reason)
{
	for (size_t i = 0; i < suppress->count; i++) {
		struct suppress_line *line = &suppress->lines[i];

		if (fnmatch(line->rule, rule ? rule : "", 0) || fnmatch(line->program, program ? program : "", 0) ||
		    fnmatch(line->address, address ? address : "", 0))
			continue;
		line->used++;
		*reason = line->reason;
		return 1;
	}
	return 0;
}

void suppress_warn_unused(const struct suppress *suppress)
{
	for (size_t i = 0; i < suppress->count; i++)
		if (!suppress->lines[i].used)
			fprintf(stderr, "socklife: %s:%d: matched no finding; the line may go\n", suppress->lines[i].path, suppress->lines[i].number);
}

void suppress_free(struct suppress *suppress)
{
	for (size_t i = 0; i < suppress->count; i++)
		free(suppress->lines[i].text);
	free(suppress->lines);
	*suppress = (struct suppress){0};
}
