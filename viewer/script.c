/* script.c: see script.h. From the command line as the database has it: words in single quotes where a shell needs them. */
#include "viewer/script.h"

#include <stdio.h>
#include <string.h>

static const char is_interpreter_sql[] =
	"SELECT command_line FROM process WHERE process_id = ?1 AND (executable GLOB '*/python*' OR executable GLOB '*/pypy*' OR executable GLOB '*/perl*' "
	"OR executable GLOB '*/ruby*' OR executable GLOB '*/php*' OR executable GLOB '*/node*' OR executable GLOB '*/lua*' OR executable GLOB '*/tclsh*')";

/* The word that begins at `line`, without its quotes; returns what follows it. */
static const char *take_word(const char *line, char *word, size_t size)
{
	size_t used = 0;
	int quoted = 0;

	for (; *line && (quoted || *line != ' '); line++) {
		if (*line == '\'')
			quoted = !quoted;
		else if (used + 1 < size)
			word[used++] = *line;
	}
	word[used] = 0;
	while (*line == ' ')
		line++;
	return line;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void describe(const char *line, char *text, size_t size)
{
	char interpreter[256], word[256];

	line = take_word(line, interpreter, sizeof interpreter);
	while (*line) {
		line = take_word(line, word, sizeof word);
		if (word[0] != '-') {
			snprintf(text, size, "%s", base_name(word));
			return;
		}
		if (!strcmp(word, "-m") && *line) {
			take_word(line, word, sizeof word);
			snprintf(text, size, "%s -m %s", base_name(interpreter), word);
			return;
		}
		if (!strcmp(word, "-c") || !strcmp(word, "-e")) {
			snprintf(text, size, "%s %s", base_name(interpreter), word);
			return;
		}
	}
}

void script_describe(struct database *database, int64_t process_id, char *text, size_t size)
{
	sqlite3_stmt *statement = database_prepare(database, is_interpreter_sql);

	*text = 0;
	if (!statement)
		return;
	sqlite3_bind_int64(statement, 1, process_id);
	if (database_step(database, statement) == 1 && sqlite3_column_text(statement, 0))
		describe((const char *)sqlite3_column_text(statement, 0), text, size);
	sqlite3_finalize(statement);
}
