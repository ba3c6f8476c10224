/*
 * command_query.c: `socklife query`: any SQL that reads, as a table of text or in the machine formats. The table's widths
 * come from its first rows, so that a result of any length streams; a value that is wider than they were is printed all the same.
 */
#include <stdlib.h>
#include <string.h>

#include "viewer/describe.h"
#include "viewer/rows.h"
#include "viewer/suggest.h"
#include "viewer/view.h"

#define MEASURED_ROWS 200
#define COLUMN_LEAST 6

struct column {
	int width;
	int numeric;            /* no text among the measured rows */
};

struct cell {
	struct text text;
	int may_be_cut;         /* text on a terminal; a number never, and nothing that a program or a file takes */
};

struct table {
	struct view *view;
	sqlite3_stmt *statement;
	int column_count;
	struct column *columns;
	struct cell *kept;      /* MEASURED_ROWS × column_count */
	int kept_rows;          /* -1: they are printed, and their widths are the table's */
	int spare;              /* columns of the terminal that the widths leave; negative: it has too few */
	int upright;            /* too many columns for the terminal: one line a value */
	long row;
	struct text line;
};

static int is_number(sqlite3_stmt *statement, int column)
{
	int type = sqlite3_column_type(statement, column);

	return type == SQLITE_INTEGER || type == SQLITE_FLOAT;
}

static void format_cell(struct table *table, struct cell *cell, int column)
{
	sqlite3_stmt *statement = table->statement;
	const unsigned char *blob;

	text_clear(&cell->text);
	cell->may_be_cut = table->view->output.terminal && !is_number(statement, column);
	switch (sqlite3_column_type(statement, column)) {
	case SQLITE_NULL:
		text_add(&cell->text, "–");
		break;
	case SQLITE_BLOB:
		blob = sqlite3_column_blob(statement, column);
		for (int i = 0; i < sqlite3_column_bytes(statement, column); i++)
			text_format(&cell->text, "%02x", blob[i]);
		break;
	default:
		describe_add(&cell->text, statement, column);
	}
}

/* The widest columns of text give way until the line fits. */
static void fit_widths(struct table *table)
{
	table->spare = table->view->output.width - (table->column_count - 1);
	for (int i = 0; i < table->column_count; i++)
		table->spare -= table->columns[i].width;
	for (; table->spare < 0; table->spare++) {
		struct column *widest = NULL;

		for (int i = 0; i < table->column_count; i++)
			if (!table->columns[i].numeric && (!widest || table->columns[i].width > widest->width))
				widest = &table->columns[i];
		if (!widest || widest->width <= COLUMN_LEAST)
			break;
		widest->width--;
	}
	table->upright = table->spare < 0;
}

static int widest_name(const struct table *table)
{
	int widest = 0;

	for (int i = 0; i < table->column_count; i++)
		if (text_measure(sqlite3_column_name(table->statement, i)) > widest)
			widest = text_measure(sqlite3_column_name(table->statement, i));
	return widest;
}

static void print_upright(struct table *table, const struct cell *cells)
{
	int width = widest_name(table), rest = table->view->output.width - width - 2;

	text_style(&table->line, STYLE_DIM);
	text_format(&table->line, "── %ld ", ++table->row);
	text_repeat(&table->line, "─", width + 2 - table->line.columns);
	text_style(&table->line, STYLE_NONE);
	output_line(&table->view->output, &table->line);
	for (int i = 0; i < table->column_count; i++) {
		const struct text *value = &cells[i].text;

		text_style(&table->line, STYLE_DIM);
		text_add_fitted(&table->line, sqlite3_column_name(table->statement, i), width, ALIGN_RIGHT);
		text_style(&table->line, STYLE_NONE);
		text_add(&table->line, "  ");
		text_add_cell(&table->line, value, cells[i].may_be_cut && value->columns > rest ? rest : value->columns, ALIGN_LEFT);
		output_long_line(&table->view->output, &table->line);
	}
}

static void print_heading(struct table *table)
{
	struct text name = output_text(&table->view->output);

	if (table->upright)
		return;
	text_style(&table->line, STYLE_DIM);
	for (int i = 0; i < table->column_count; i++) {
		const char *column = sqlite3_column_name(table->statement, i);

		if (i)
			text_add(&table->line, " ");
		text_clear(&name);
		text_add_quoted(&name, column, strlen(column));
		text_add_cell(&table->line, &name, table->columns[i].width, table->columns[i].numeric ? ALIGN_RIGHT : ALIGN_LEFT);
	}
	text_style(&table->line, STYLE_NONE);
	text_free(&name);
	output_long_line(&table->view->output, &table->line);
}

/* A value wider than its column moves those behind it rather than be cut, text as far as the terminal has room. */
static void print_cells(struct table *table, const struct cell *cells)
{
	int spare = table->spare;

	if (table->upright) {
		print_upright(table, cells);
		return;
	}
	for (int i = 0; i < table->column_count; i++) {
		const struct column *column = &table->columns[i];
		int more = cells[i].text.columns - column->width;

		if (cells[i].may_be_cut && more > spare)
			more = spare;
		if (more < 0)
			more = 0;
		spare -= more;
		if (i)
			text_add(&table->line, " ");
		text_add_cell(&table->line, &cells[i].text, column->width + more, column->numeric ? ALIGN_RIGHT : ALIGN_LEFT);
	}
	output_long_line(&table->view->output, &table->line);
}

static void flush_kept(struct table *table)
{
	if (table->kept_rows < 0)
		return;
	fit_widths(table);
	print_heading(table);
	for (int row = 0; row < table->kept_rows; row++)
		print_cells(table, table->kept + row * table->column_count);
	table->kept_rows = -1;
}

static void take_row(struct table *table)
{
	struct cell *cells = table->kept + (table->kept_rows < 0 ? 0 : table->kept_rows) * table->column_count;

	for (int i = 0; i < table->column_count; i++) {
		struct column *column = &table->columns[i];

		cells[i].text.ascii = table->view->output.ascii;
		format_cell(table, &cells[i], i);
		if (table->kept_rows < 0)
			continue;
		if (cells[i].text.columns > column->width)
			column->width = cells[i].text.columns;
		if (!is_number(table->statement, i) && sqlite3_column_type(table->statement, i) != SQLITE_NULL)
			column->numeric = 0;
	}
	if (table->kept_rows < 0)
		print_cells(table, cells);
	else if (++table->kept_rows == MEASURED_ROWS)
		flush_kept(table);
}

static void print_table(struct view *view, sqlite3_stmt *statement)
{
	struct table table = {.view = view, .statement = statement, .column_count = sqlite3_column_count(statement), .line = output_text(&view->output)};
	size_t cells = (size_t)MEASURED_ROWS * (size_t)table.column_count;
	int result = 0;

	table.columns = calloc((size_t)table.column_count + 1, sizeof *table.columns);
	table.kept = calloc(cells + 1, sizeof *table.kept);
	if (!table.columns || !table.kept)
		goto free_table;
	for (int i = 0; i < table.column_count; i++)
		table.columns[i] = (struct column){.width = text_measure(sqlite3_column_name(statement, i)), .numeric = 1};
	while (!view->output.broken && (result = database_step(&view->database, statement)) == 1)
		take_row(&table);
	if (result < 0)
		view_fail(view);
	else if (table.column_count)
		flush_kept(&table);
	for (size_t i = 0; i < cells; i++)
		text_free(&table.kept[i].text);
free_table:
	free(table.kept);
	free(table.columns);
	text_free(&table.line);
}

/* `no such column: strt_ns`: offers the names there are. */
static void explain_error(struct view *view, const char *message)
{
	const char *name = strrchr(message, ' ');
	int table = strstr(message, "no such table") != NULL, column = strstr(message, "no such column") != NULL;
	struct suggest suggest = SUGGEST_START(name ? name + 1 : "");
	sqlite3_stmt *statement = NULL;
	char candidate[64], nearest[64];

	if (column && strrchr(suggest.word, '.'))
		suggest.word = strrchr(suggest.word, '.') + 1;
	if (table || column)
		statement = database_prepare(&view->database, table ? "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')" :
			"SELECT DISTINCT c.name FROM sqlite_schema s, pragma_table_info(s.name) c WHERE s.type IN ('table', 'view')");
	while (statement && sqlite3_step(statement) == SQLITE_ROW) {
		snprintf(candidate, sizeof candidate, "%s", (const char *)sqlite3_column_text(statement, 0));
		suggest_offer(&suggest, candidate);
		if (suggest.nearest == candidate)
			suggest.nearest = strcpy(nearest, candidate);
	}
	sqlite3_finalize(statement);
	if (suggest.nearest)
		fprintf(stderr, "socklife query: %s; did you mean %s?\n", message, suggest.nearest);
	else
		fprintf(stderr, "socklife query: %s\n", message);
}

static sqlite3_stmt *prepare(struct view *view)
{
	sqlite3_stmt *statement = NULL;
	const char *rest = NULL;
	char *message;

	if (sqlite3_prepare_v2(view->database.handle, view->text, -1, &statement, &rest) != SQLITE_OK) {
		message = strdup(sqlite3_errmsg(view->database.handle));
		explain_error(view, message ? message : "out of memory");
		free(message);
		return NULL;
	}
	if (!statement) {
		options_fail(view->options.command, "the statement is empty");
		return NULL;
	}
	if (rest[strspn(rest, " \t\r\n;")]) {
		options_fail(view->options.command, "one statement at a time; '%.20s' follows it", rest + strspn(rest, " \t\r\n"));
		sqlite3_finalize(statement);
		return NULL;
	}
	if (!sqlite3_stmt_readonly(statement)) {
		options_fail(view->options.command, "only statements that read: a trace is evidence; copy it to change it");
		sqlite3_finalize(statement);
		return NULL;
	}
	return statement;
}

static int run(const struct command *command, int argc, char **argv)
{
	struct view view = VIEW_START(command, argc, argv);
	sqlite3_stmt *statement;

	view.takes_text = 1;
	while (view_next_option(&view))
		;
	if (!view.options.stopped && !view.text) {
		view.options.stopped = 1;
		view.options.status = options_fail(command, "an SQL statement is missing, as in: socklife query \"SELECT * FROM lifecycle\"");
	}
	if (view_open(&view))
		return view_close(&view);
	statement = prepare(&view);
	if (!statement)
		view_fail(&view);
	else if (view.output.format == OUTPUT_TEXT)
		print_table(&view, statement);
	else if (rows_print_all(&view.output, view.database.handle, statement))
		view_fail(&view);
	sqlite3_finalize(statement);
	return view_close(&view);
}

static const struct command_term column_table[] = {
	{"…", "those of the statement"},
	{NULL, NULL},
};

static const struct command_term example_table[] = {
	{"socklife query \"SELECT * FROM timeline WHERE call = 'connect'\"", "every connect, whoever made it"},
	{"socklife query trace.db \"SELECT program, count(*), sum(sent_bytes) FROM lifecycle GROUP BY program\"", "totals by program"},
	{"socklife query --csv \"SELECT * FROM connection\" > connections.csv", "for a spreadsheet"},
	{"socklife query \"SELECT name, type FROM sqlite_schema WHERE type IN ('table', 'view')\"", "what there is to ask"},
	{NULL, NULL},
};

const struct command command_query = {
	.name = "query",
	.group = COMMAND_VIEW,
	.summary = "ask the database in SQL",
	.usage = "[DATABASE] \"SELECT …\"",
	.output_options = 1,
	.manual = "Everything that the other commands print comes from tables and views of the database, described in docs/schema.md. The views to start with: "
		"lifecycle (one row a socket), timeline (one row a call), connection (one row a pair of ends), phase, holding, gap, problem. Times are integer nanoseconds since the trace's start. "
		"Only reading is possible. sqlite3 shows the same: a trace is an ordinary SQLite file.\n"
		"\n"
		"On a terminal, text that its line has no room for ends in …; numbers are never cut, and nothing is in a pipe or a file.",
	.columns = column_table,
	.examples = example_table,
	.run = run,
};
