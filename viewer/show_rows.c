/*
 * show_rows.c: a socket's calls, a row for each or for a run of like ones: when, the state it led to, what it returned, how long it took, and a bar
 * on the time axis. A phase that no call led to has a row of its own. Data: timeline, readiness; the phases as show_head.c read them.
 */
#include "viewer/show_internal.h"

#include <string.h>

#include "viewer/step.h"
#include "viewer/timeline.h"

#define LONG_SHARE 50         /* a call that took 1/50 of the life stands alone */
#define LONG_LEAST_NS 100000
#define PAUSE_SHARE 10         /* a silence of 1/10 of the life ends a run */
#define TIME_WIDTH 10
#define STATE_LEAST 6          /* `closed` */
#define RESULT_LEAST 8
#define CALL_LEAST 12          /* the names of calls; other columns give way first */
#define CALL_MOST 48
#define BAR_FROM 35            /* columns for the call and the bar from which there is one */
#define ACCEPTED_NAMED 1000    /* of a listener with more, accepted sockets are not looked up */

/* What is left for the call and the bar. */
static int spare_width(const struct show *show)
{
	return show->view->output.width - TIME_WIDTH - 2 - show->state_width - 1 - 1 - show->result_width - show->took_width;
}

static void give_way(struct show *show, int *width, int least)
{
	int lacking = CALL_LEAST - spare_width(show);

	if (lacking > 0)
		*width = *width - lacking > least ? *width - lacking : least;
}

static void choose_layout(struct show *show)
{
	int spare;

	show->state_width = 11;
	show->result_width = 13;
	show->took_width = 7;
	if (spare_width(show) - (show->result_width - RESULT_LEAST) - (show->state_width - STATE_LEAST) < CALL_LEAST)
		show->took_width = 0;
	give_way(show, &show->result_width, RESULT_LEAST);
	give_way(show, &show->state_width, STATE_LEAST);
	spare = spare_width(show);
	show->bar_width = spare < BAR_FROM ? 0 : (spare - 1) * 2 / 5;
	show->call_width = spare - (show->bar_width ? show->bar_width + 2 : 0);
	if (show->call_width > CALL_MOST) {
		show->bar_width += show->call_width - CALL_MOST;
		show->call_width = CALL_MOST;
	}
}

static void print_columns(struct show *show)
{
	struct text *line = &show->line, end = output_text(&show->view->output);

	text_style(line, STYLE_DIM);
	text_add_fitted(line, "+TIME", TIME_WIDTH, ALIGN_RIGHT);
	text_add(line, "  ");
	text_add_fitted(line, "STATE", show->state_width, ALIGN_LEFT);
	text_add(line, " ");
	text_add_fitted(line, "CALL", show->call_width, ALIGN_LEFT);
	text_add(line, " ");
	text_add_fitted(line, "RESULT", show->result_width, ALIGN_LEFT);
	text_add_fitted(line, "TOOK", show->took_width, ALIGN_RIGHT);
	if (show->bar_width) {
		text_add(&end, " ");
		text_add_duration(&end, show->span_ns);
		text_add(line, "  0 ");
		text_repeat(line, "─", show->bar_width - 2 - end.columns);
		text_add(line, end.bytes);
	}
	text_style(line, STYLE_NONE);
	text_free(&end);
	print(show);
}

/* Times of one column share a unit, so that they can be compared by eye. */
static void add_time(struct show *show, int64_t ns)
{
	struct text *line = &show->line;
	struct text cell = output_text(&show->view->output);

	if (show->span_ns < INT64_C(10000000))
		text_format(&cell, "%.3fms", (double)ns / 1e6);
	else if (show->span_ns < INT64_C(100000000000))
		text_format(&cell, "%.6fs", (double)ns / 1e9);
	else
		text_format(&cell, "%.3fs", (double)ns / 1e9);
	text_add_cell(line, &cell, TIME_WIDTH, ALIGN_RIGHT);
	text_add(line, "  ");
	text_free(&cell);
}

/* Clamped before it becomes a column: numbers of a damaged trace may be anything. */
static int to_cell(const struct show *show, int64_t at_ns)
{
	double cell = ((double)at_ns - (double)show->first_ns) / (double)show->span_ns * show->bar_width;

	return !(cell > 0) ? 0 : cell >= show->bar_width ? show->bar_width - 1 : (int)cell;
}

static void add_bar(struct show *show, int64_t start_ns, int64_t end_ns, int waiting, int64_t waited_ns)
{
	struct text *line = &show->line;
	int cells = show->bar_width, first, last;

	if (!cells || show->span_ns <= 0)
		return;
	first = to_cell(show, start_ns);
	last = to_cell(show, end_ns);
	last = last < first ? first : last;
	text_add(line, "  ");
	text_repeat(line, " ", first);
	if (last == first) {
		text_add(line, "▏");
		return;
	}
	text_style(line, waiting ? STYLE_WAIT : STYLE_NONE);
	if (waiting && waited_ns * 2 > show->span_ns && last - first > 12) {
		text_repeat(line, "▒", last - first + 1 - 8);
		text_add(line, " BLOCKED");
	} else {
		text_repeat(line, waiting ? "▒" : "·", last - first + 1);
	}
	text_style(line, STYLE_NONE);
}

static void add_state(struct show *show, const char *state, enum text_style style)
{
	text_style(&show->line, style);
	text_add_fitted(&show->line, state, show->state_width, ALIGN_LEFT);
	text_style(&show->line, STYLE_NONE);
	text_add(&show->line, " ");
}

static const struct {
	const char *cause, *words;
} cause_words[] = {
	{"accept", "(accepted)"},
	{"end of file", "(the peer ended)"},
	{"inherited", "(held when its process was first seen)"},
	{"passed", "(received in a message)"},
	{"adopted", "(seen for the first time)"},
	{"data", "(as the first data showed)"},
	{"exit", "(its process exited)"},
	{"killed", "(its process was killed)"},
	{"exec", "(closed at exec, or kept by an untraced program)"},
	{"dup2", "(another descriptor took its number)"},
};

/* Calls that a phase has to be led to by: others that were under way, as a read is while another thread closes, only saw it begin. */
static const struct {
	const char *cause, *effect;
} cause_effects[] = {
	{"close", "close"},
	{"shutdown", "shutdown"},
	{"end of file", "receive"},
};

static int may_lead_to(const struct timeline_step *step, const struct phase *phase)
{
	for (size_t i = 0; i < sizeof cause_effects / sizeof cause_effects[0]; i++)
		if (!strcmp(cause_effects[i].cause, phase->cause))
			return !strcmp(cause_effects[i].effect, step->effect);
	return !step->is_ready;
}

/* A phase that no recorded call led to: the process exited, was killed. */
static void print_phase_row(struct show *show, const struct phase *phase)
{
	const char *words = phase->cause;

	for (size_t i = 0; i < sizeof cause_words / sizeof cause_words[0]; i++)
		if (!strcmp(cause_words[i].cause, phase->cause))
			words = cause_words[i].words;
	add_time(show, phase->start_ns - show->first_ns);
	add_state(show, phase->name, STYLE_BOLD);
	text_style(&show->line, STYLE_DIM);
	text_add_fitted(&show->line, words, show->call_width, ALIGN_LEFT);
	text_style(&show->line, STYLE_NONE);
	text_add_fitted(&show->line, "", show->result_width + show->took_width + 1, ALIGN_LEFT);
	add_bar(show, phase->start_ns, phase->start_ns, 0, 0);
	print(show);
}

static const char *round_mark(const struct timeline_step *step)
{
	return step->round_index == 0 ? "┌" : step->round_index == step->round_size - 1 ? "└" : "│";
}

/* The socket that an accept made: a child of the listener with that descriptor, opened while the call ran. */
static void add_accepted(struct show *show, struct text *cell, const struct timeline_step *step)
{
	sqlite3_stmt *statement;

	if (strcmp(step->effect, "accept") || step->count > 1 || step->error[0] || !step->returned || show->row.accepted_count > ACCEPTED_NAMED)
		return;
	statement = view_prepare(show->view, "SELECT socket_id FROM socket WHERE parent_id = ?1 AND fd = ?2 AND opened_ns BETWEEN ?3 AND ?4", show->row.id);
	if (!statement)
		return;
	sqlite3_bind_int64(statement, 2, step->result);
	sqlite3_bind_int64(statement, 3, step->start_ns);
	sqlite3_bind_int64(statement, 4, step->end_ns);
	if (database_step(&show->view->database, statement) == 1)
		text_format(cell, " → s%lld", sqlite3_column_int64(statement, 0));
	sqlite3_finalize(statement);
}

static void print_left_out(struct show *show, const struct timeline_step *step)
{
	sqlite3_stmt *longest = view_prepare(show->view, "SELECT longest_ns, longest_start_ns FROM socket WHERE socket_id = ?1 AND longest_start_ns >= ?2 AND longest_start_ns < ?3", show->row.id);

	if (longest) {
		sqlite3_bind_int64(longest, 2, step->start_ns);
		sqlite3_bind_int64(longest, 3, step->end_ns);
	}
	add_time(show, step->start_ns - show->first_ns);
	add_state(show, "┊", STYLE_DIM);
	text_style(&show->line, STYLE_DIM);
	text_format(&show->line, "%lld calls are left out (--all shows them)", (long long)step->count);
	if (longest && database_step(&show->view->database, longest) == 1) {
		text_add(&show->line, "; the longest took ");
		text_add_duration(&show->line, sqlite3_column_int64(longest, 0));
		text_add(&show->line, ", at ");
		text_add_duration(&show->line, sqlite3_column_int64(longest, 1) - show->first_ns);
	}
	sqlite3_finalize(longest);
	text_style(&show->line, STYLE_NONE);
	print(show);
}

/* Behind the call where there is room: calls that are part of it, and whose it was. */
static void add_call_ending(struct show *show, struct text *cell, const struct timeline_step *step)
{
	struct text ending = output_text(&show->view->output);

	if (step->folded)
		text_format(&ending, " +%lld more", (long long)step->folded);
	if (show->processes > 1)
		text_format(&ending, " [%lld]", (long long)step->pid);
	if (ending.columns && show->call_width - ending.columns >= CALL_LEAST) {
		text_cut(cell, show->call_width - ending.columns);
		text_style(cell, STYLE_DIM);
		text_add(cell, ending.bytes);
		text_style(cell, STYLE_NONE);
	}
	text_free(&ending);
}

static void print_step(struct show *show, const struct timeline_step *step)
{
	struct text *line = &show->line, *cell = &show->cell;
	const char *state = NULL;

	while (show->phase_next < show->phase_count && show->phases[show->phase_next].start_ns < step->start_ns && strcmp(step->effect, "create"))
		print_phase_row(show, &show->phases[show->phase_next++]);
	if (step->left_out) {
		print_left_out(show, step);
		return;
	}
	while (show->phase_next < show->phase_count && show->phases[show->phase_next].start_ns <= step->end_ns && may_lead_to(step, &show->phases[show->phase_next]))
		state = show->phases[show->phase_next++].name;
	if (!strcmp(step->effect, "create") && show->phase_next == 0 && show->phase_count)
		state = show->phases[show->phase_next++].name;
	add_time(show, step->start_ns - show->first_ns);
	add_state(show, state ? state : "│", state ? STYLE_BOLD : STYLE_DIM);
	text_clear(cell);
	if (step->round_size > 1)
		text_format(cell, "%s ", round_mark(step));
	step_add_call(cell, step);
	add_call_ending(show, cell, step);
	text_add_cell(line, cell, show->call_width, ALIGN_LEFT);
	text_add(line, " ");
	text_clear(cell);
	step_add_result(cell, step);
	add_accepted(show, cell, step);
	text_add_cell(line, cell, show->result_width, ALIGN_LEFT);
	text_clear(cell);
	if (step->is_long)
		text_style(cell, STYLE_WAIT);
	text_add_duration(cell, step->duration_ns);
	text_style(cell, STYLE_NONE);
	text_add_cell(line, cell, show->took_width, ALIGN_RIGHT);
	add_bar(show, step->start_ns, step->returned ? step->end_ns : show->first_ns + show->span_ns, step->is_long && step->count == 1,
		step->folded ? 0 : step->returned ? step->duration_ns : show->first_ns + show->span_ns - step->start_ns);
	print(show);
}

void show_print_timeline(struct show *show)
{
	struct timeline timeline;
	struct timeline_step step;
	int64_t from_ns, to_ns, count;

	show->first_ns = show->row.opened_ns;
	if (timeline_open(&timeline, &show->view->database, show->row.id)) {
		view_fail(show->view);
		return;
	}
	if (timeline.has_call && sqlite3_column_int64(timeline.calls, 0) < show->first_ns)
		show->first_ns = sqlite3_column_int64(timeline.calls, 0);
	show->span_ns = show->row.opened_ns + show->row.duration_ns - show->first_ns;
	timeline.keep_all = show->all;
	if (!show->all && timeline_find_middle(&show->view->database, show->row.id, &from_ns, &to_ns, &count))
		timeline_leave_out(&timeline, from_ns, to_ns, count);
	timeline.long_ns = show->row.duration_ns / LONG_SHARE > LONG_LEAST_NS ? show->row.duration_ns / LONG_SHARE : LONG_LEAST_NS;
	timeline.pause_ns = show->span_ns / PAUSE_SHARE;
	for (int i = 0; i < show->phase_count; i++)
		timeline.boundary_ns[timeline.boundary_count++] = show->phases[i].start_ns;
	choose_layout(show);
	print_columns(show);
	while (!show->view->output.broken && timeline_next(&timeline, &step)) {
		print_step(show, &step);
		timeline_free_step(&step);
	}
	while (show->phase_next < show->phase_count)
		print_phase_row(show, &show->phases[show->phase_next++]);
	if (database_integer(&show->view->database, "SELECT value = 'sockets' FROM meta WHERE key = 'detail'", 0)) {
		text_style(&show->line, STYLE_DIM);
		text_add(&show->line, "            (calls that send and receive are in the totals only: recorded with --detail=sockets)");
		text_style(&show->line, STYLE_NONE);
		print(show);
	}
	if (timeline.failed)
		view_fail(show->view);
	timeline_close(&timeline);
}
