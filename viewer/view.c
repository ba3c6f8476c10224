/* view.c: the common frame of the views; see view.h. */
#include "viewer/view.h"

#include <errno.h>
#include <stdio.h>

static void stop(struct view *view, int status)
{
	view->options.stopped = 1;
	view->options.status = status;
}

static void take_operand(struct view *view, const char *word)
{
	int first = view->operands++ == 0;

	if (!view->path && (first ? database_is_named(word) : database_is_certain(word)))
		view->path = word;
	else if (view->path && database_is_sqlite(word))
		stop(view, options_fail(view->options.command, "one database at a time; %s was named first, and '%s' is one as well", view->path, word));
	else if (view->takes_text && !view->text)
		view->text = word;
	else if (view->takes_text)
		stop(view, options_fail(view->options.command, "one statement, in quotes; '%s' is too much", word));
	else if (filter_add(&view->filter, word))
		stop(view, COMMAND_ERROR);
}

const char *view_next_option(struct view *view)
{
	const char *word;

	while ((word = options_next(&view->options))) {
		if (options_is_operand(&view->options))
			take_operand(view, word);
		else if (!view->options.command->output_options || !output_take_option(&view->output, &view->options))
			return word;
	}
	return NULL;
}

int view_open(struct view *view)
{
	view->output.file = stdout;
	if (view->options.stopped) {
		view->status = view->options.status;
		return 1;
	}
	if (database_open(&view->database, view->path, view->options.command->name)) {
		view->status = COMMAND_ERROR;
		return 1;
	}
	output_open(&view->output);
	if (!view->output.live && filter_check_named(&view->filter, &view->database))
		view_fail(view);
	return 0;
}

void view_fail(struct view *view)
{
	view->status = COMMAND_ERROR;
}

void view_explain_empty(struct view *view)
{
	filter_explain_empty(&view->filter, &view->database);
	if (view->filter.named_count)
		view_fail(view);
}

int view_close(struct view *view)
{
	int status = output_close(&view->output);

	database_close(&view->database);
	filter_free(&view->filter);
	return status ? status : view->status;
}

sqlite3_stmt *view_prepare(struct view *view, const char *sql, int64_t value)
{
	sqlite3_stmt *statement = database_prepare(&view->database, sql);

	if (!statement)
		view_fail(view);
	else if (sqlite3_bind_parameter_count(statement) > 0)
		sqlite3_bind_int64(statement, 1, value);
	return statement;
}

void view_print_gaps(struct view *view, int64_t socket_id)
{
	struct text line = output_text(&view->output);
	sqlite3_stmt *gaps = view_prepare(view, "SELECT reason, sum(count), coalesce('(' || nullif(detail, '') || '): ', '') || coalesce(meaning, ''), coalesce(detail, '') = '' FROM gap WHERE incomplete = 1 AND process_id IN "
		"(SELECT process_id FROM span WHERE socket_id = ?1) GROUP BY reason, detail LIMIT 5", socket_id);

	while (gaps && database_step(&view->database, gaps) == 1) {
		text_style(&line, STYLE_WARNING);
		text_format(&line, "  ▲ calls may be missing: %s", (const char *)sqlite3_column_text(gaps, 0));
		text_style(&line, STYLE_NONE);
		if (sqlite3_column_int64(gaps, 1) > 1)
			text_format(&line, " ×%lld", sqlite3_column_int64(gaps, 1));
		text_add(&line, sqlite3_column_int(gaps, 3) ? ":" : "");
		output_wrapped(&view->output, &line, (const char *)sqlite3_column_text(gaps, 2), 4);
	}
	sqlite3_finalize(gaps);
	text_free(&line);
}
