/*
 * command_ladder.c: `socklife ladder`: both ends of a connection on one time axis, a lane for each, by process. A send's
 * arrow ends at the receive that took its last byte: streams keep order, so counting bytes on both sides tells which.
 *
 *	 0.000031s  connect                 ├───────────────▶░ in the accept queue 897µs
 *	 0.001140s                          │                │ accept → fd 4
 *	 0.001160s  send 55B                ├───────────────▶│ recv 55B  +860µs
 *	 1.800000s  recv 4.95K  +111µs      │◀───────────────┤ send 4.95K  busy 1.80s
 *
 * Data: lifecycle, timeline, readiness, connection.
 */
#include <stdlib.h>
#include <string.h>

#include "viewer/describe.h"
#include "viewer/rows.h"
#include "viewer/step.h"
#include "viewer/timeline.h"
#include "viewer/view.h"

#define TIME_WIDTH 10
#define MIDDLE_MOST 64
#define MANY_SOCKETS 10
#define SHOWN_MOST 16000000
#define PAUSE_SHARE 10         /* a pause of 1/10 of the whole is marked */
#define PAUSE_LEAST_NS 1000000

struct lane {
	int64_t id;                    /* 0: the peer is not in the trace */
	int64_t opened_ns, closed_ns, fd, eof_ns;
	int is_accepted;
	struct text title;
	struct timeline timeline;
	struct timeline_step head;     /* next step; valid when has_head */
	int has_head, accept_pending;  /* accept_pending: the accept that made it is still to be printed */
	int64_t sent, received;        /* bytes so far; the end of data counts as one */
	int64_t first_pending_ns;      /* start of the oldest send not yet received */
	int64_t last_receive_ns;       /* end of its last receive; -1: none since it last sent */
	int ended;                     /* it said that it sends no more */
	const char *end_word;          /* how it ended without a close: a row of its own; NULL: it was closed, is open, or the row is drawn */
	const char *bar;
};

struct ladder {
	struct view *view;
	struct text line, cell;
	struct lane lanes[2];          /* client and server */
	int64_t start_ns, total_ns, last_ns, queue_ns;
	int connecting;                /* connect calls so far: one that only asks how the first fares draws no arrow */
	int left, middle, right;       /* widths */
	unsigned char *shown;          /* by socket_id: already part of a ladder */
	int64_t shown_room;
	int all;
	int left_out;                  /* the row that says what was left out is printed */
};

static int is_effect(const struct timeline_step *step, const char *effect)
{
	return !strcmp(step->effect, effect);
}

/* When a step is seen to have happened: what receives, when it returned; what sends, when it began. */
static int64_t moment(const struct timeline_step *step)
{
	return is_effect(step, "receive") || is_effect(step, "accept") || is_effect(step, "wait") ? step->end_ns : step->start_ns;
}

/* Options and addresses asked for: no part of the conversation, unless they failed. */
static int is_housekeeping(const struct timeline_step *step)
{
	static const char *const effects[] = {"option", "address", "control", "epoll"};

	for (size_t i = 0; i < sizeof effects / sizeof effects[0]; i++)
		if (is_effect(step, effects[i]))
			return !step->error[0];
	return 0;
}

static void load_head(struct lane *lane)
{
	lane->has_head = lane->id && timeline_next(&lane->timeline, &lane->head);
	while (lane->has_head && !lane->timeline.keep_all && is_housekeeping(&lane->head)) {
		timeline_free_step(&lane->head);
		lane->has_head = timeline_next(&lane->timeline, &lane->head);
	}
}

/* The three parts of a row: text of the left lane, the space between the lanes, text of the right lane. */
static void print_row(struct ladder *ladder, int64_t at_ns, const struct text *left, const char *const *middle, const struct text *right)
{
	struct text *line = &ladder->line, *cell = &ladder->cell;
	int joined = middle && (!strcmp(middle[0], "─") || !strcmp(middle[0], "◀"));

	text_clear(cell);
	if (at_ns >= 0) {
		if (ladder->total_ns < INT64_C(10000000))
			text_format(cell, "%.3fms", (double)(at_ns - ladder->start_ns) / 1e6);
		else if (ladder->total_ns < INT64_C(100000000000))
			text_format(cell, "%.6fs", (double)(at_ns - ladder->start_ns) / 1e9);
		else
			text_format(cell, "%.3fs", (double)(at_ns - ladder->start_ns) / 1e9);
	}
	text_add_cell(line, cell, TIME_WIDTH, ALIGN_RIGHT);
	text_add(line, "  ");
	if (left)
		text_add_cell(line, left, ladder->left, ALIGN_LEFT);
	else
		text_pad_to(line, line->columns + ladder->left);
	text_add(line, " ");
	text_add(line, joined && !strcmp(middle[0], "─") ? "├" : ladder->lanes[0].bar);
	for (int i = 0; i < ladder->middle; i++)
		text_add(line, middle ? middle[i] : " ");
	text_add(line, middle && !strcmp(middle[ladder->middle - 1], "─") ? "┤" : ladder->lanes[1].bar);
	text_add(line, " ");
	if (right)
		text_add_cell(line, right, right->columns, ALIGN_LEFT);
	output_line(&ladder->view->output, line);
}

static int column_of(const struct ladder *ladder, int from)
{
	return from == 0 ? ladder->middle * 2 / 3 : ladder->middle / 3;
}

static int is_pending(const struct ladder *ladder, int from)
{
	return ladder->lanes[from].sent > ladder->lanes[!from].received;
}

/* Lines of what is on its way. */
static void clear_middle(const struct ladder *ladder, const char **middle)
{
	for (int i = 0; i < ladder->middle; i++)
		middle[i] = " ";
	for (int from = 0; from < 2; from++)
		if (is_pending(ladder, from))
			middle[column_of(ladder, from)] = "│";
}

static void draw_between(const char **middle, int first, int last)
{
	for (int i = first; i <= last; i++)
		middle[i] = !strcmp(middle[i], "│") ? "┼" : "─";
}

/* A whole arrow in one row. */
static void draw_through(const struct ladder *ladder, const char **middle, int from)
{
	draw_between(middle, 0, ladder->middle - 1);
	middle[from == 0 ? ladder->middle - 1 : 0] = from == 0 ? "▶" : "◀";
}

static void draw_departure(const struct ladder *ladder, const char **middle, int from, int joins)
{
	int column = column_of(ladder, from);

	if (from == 0)
		draw_between(middle, 0, column - 1);
	else
		draw_between(middle, column + 1, ladder->middle - 1);
	middle[column] = joins ? (from == 0 ? "┤" : "├") : from == 0 ? "╮" : "╭";
}

static void draw_arrival(const struct ladder *ladder, const char **middle, int from, int more)
{
	int column = column_of(ladder, from);

	if (from == 0) {
		draw_between(middle, column + 1, ladder->middle - 1);
		middle[ladder->middle - 1] = "▶";
	} else {
		draw_between(middle, 0, column - 1);
		middle[0] = "◀";
	}
	middle[column] = more ? (from == 0 ? "├" : "┤") : from == 0 ? "╰" : "╯";
}

static void describe_step(struct ladder *ladder, struct text *text, const struct timeline_step *step)
{
	int data = is_effect(step, "send") || is_effect(step, "receive") || is_effect(step, "transfer");

	*text = output_text(&ladder->view->output);
	if (data && step->returned && !step->error[0]) {
		text_add(text, step->call);
		if (step->count > 1)
			text_format(text, " ×%lld", (long long)step->count);
		if (step->bytes == 0 && step->requested_bytes > 0 && is_effect(step, "receive")) {
			text_add(text, " 0 = end");
		} else {
			text_add(text, " ");
			text_add_bytes(text, step->bytes);
		}
		return;
	}
	if (is_effect(step, "connect") && step->count == 1)
		text_add(text, step->call); /* where to: the other lane's title */
	else
		step_add_call(text, step);
	if (!step->returned || step->error[0]) {
		text_add(text, " ");
		step_add_result(text, step);
	}
}

static void add_note(struct text *text, const char *before, int64_t ns)
{
	text_add(text, "  ");
	text_style(text, STYLE_DIM);
	text_add(text, before);
	text_add_duration(text, ns);
	text_style(text, STYLE_NONE);
}

/* How long this side took to answer: the time since it last received. */
static void add_busy(struct ladder *ladder, struct lane *lane, struct text *text, const struct timeline_step *step)
{
	int64_t busy_ns = lane->last_receive_ns < 0 ? 0 : step->start_ns - lane->last_receive_ns;

	if (busy_ns >= PAUSE_LEAST_NS && busy_ns * PAUSE_SHARE >= ladder->total_ns) {
		text_add(text, "  ");
		text_style(text, STYLE_WAIT);
		text_add(text, lane->is_accepted ? "busy " : "after ");
		text_add_duration(text, busy_ns);
		text_style(text, STYLE_NONE);
	}
	lane->last_receive_ns = -1;
}

static int is_end_of_data(const struct timeline_step *step)
{
	return is_effect(step, "receive") && step->returned && !step->error[0] && step->bytes == 0 && step->requested_bytes > 0;
}

/* What a step adds to the stream: bytes, or 1 for the end of data that the other end is known to have read. */
static int64_t amount_sent(struct ladder *ladder, int from, const struct timeline_step *step)
{
	struct lane *lane = &ladder->lanes[from], *other = &ladder->lanes[!from];
	int ends = (is_effect(step, "shutdown") && !(step->detail && strstr(step->detail, "SHUT_RD") && !strstr(step->detail, "SHUT_RDWR"))) || is_effect(step, "close");

	if (is_effect(step, "send") || is_effect(step, "transfer"))
		return step->bytes > 0 ? step->bytes : 0;
	if (!ends || lane->ended || step->error[0] || !other->id || other->eof_ns < 0)
		return 0;
	lane->ended = 1;
	return 1;
}

static int64_t amount_received(const struct timeline_step *step)
{
	if (!is_effect(step, "receive") || step->error[0] || (step->detail && strstr(step->detail, "MSG_PEEK")))
		return 0;
	return is_end_of_data(step) ? 1 : step->bytes > 0 ? step->bytes : 0;
}

/* The step that takes what `step` sent is the very next one: both fit in one row. */
static int arrives_next(struct ladder *ladder, int from, int64_t amount)
{
	struct lane *lane = &ladder->lanes[from], *other = &ladder->lanes[!from];

	return other->has_head && !other->accept_pending && other->received + amount_received(&other->head) >= lane->sent + amount &&
		amount_received(&other->head) > 0 && (!lane->has_head || moment(&other->head) <= moment(&lane->head)) && !is_pending(ladder, from) &&
		!is_pending(ladder, !from);
}

static void take_receive(struct ladder *ladder, int to, struct text *text, const struct timeline_step *step)
{
	struct lane *lane = &ladder->lanes[to], *other = &ladder->lanes[!to];

	lane->received += amount_received(step);
	lane->last_receive_ns = step->end_ns;
	if (other->id && other->first_pending_ns >= 0 && step->count == 1)
		add_note(text, "+", step->end_ns - other->first_pending_ns);
	if (lane->received >= other->sent)
		other->first_pending_ns = -1;
}

static void print_send(struct ladder *ladder, int from, struct timeline_step *step, int64_t amount)
{
	struct lane *lane = &ladder->lanes[from], *other = &ladder->lanes[!from];
	const char *middle[MIDDLE_MOST];
	struct text mine, theirs = output_text(&ladder->view->output);
	int joins = is_pending(ladder, from), at_once = !other->id || arrives_next(ladder, from, amount);

	describe_step(ladder, &mine, step);
	if (is_effect(step, "send"))
		add_busy(ladder, lane, &mine, step);
	clear_middle(ladder, middle);
	lane->sent += amount;
	if (lane->first_pending_ns < 0)
		lane->first_pending_ns = step->start_ns;
	if (at_once)
		draw_through(ladder, middle, from);
	else
		draw_departure(ladder, middle, from, joins);
	if (at_once && other->id) {
		text_free(&theirs);
		describe_step(ladder, &theirs, &other->head);
		take_receive(ladder, !from, &theirs, &other->head);
		if (moment(&other->head) > ladder->last_ns)
			ladder->last_ns = moment(&other->head);
		timeline_free_step(&other->head);
		load_head(other);
	} else if (at_once) {
		other->received = lane->sent;
		lane->first_pending_ns = -1;
	}
	print_row(ladder, step->start_ns, from ? &theirs : &mine, middle, from ? &mine : &theirs);
	text_free(&mine);
	text_free(&theirs);
}

static void print_receive(struct ladder *ladder, int to, struct timeline_step *step)
{
	struct lane *other = &ladder->lanes[!to];
	const char *middle[MIDDLE_MOST];
	struct text mine;
	int was_pending = is_pending(ladder, !to);

	describe_step(ladder, &mine, step);
	clear_middle(ladder, middle);
	if (!other->id) {
		other->sent += amount_received(step);
		draw_through(ladder, middle, !to);
	}
	take_receive(ladder, to, &mine, step);
	if (was_pending)
		draw_arrival(ladder, middle, !to, is_pending(ladder, !to));
	print_row(ladder, moment(step), to ? NULL : &mine, middle, to ? &mine : NULL);
	text_free(&mine);
}

static void print_connect(struct ladder *ladder, struct timeline_step *step)
{
	const char *middle[MIDDLE_MOST];
	struct text mine, theirs = output_text(&ladder->view->output);
	struct lane *server = &ladder->lanes[1];

	describe_step(ladder, &mine, step);
	clear_middle(ladder, middle);
	if (ladder->connecting++ == 0)
		draw_through(ladder, middle, 0);
	if (server->accept_pending && ladder->connecting == 1) {
		server->bar = "░";
		if (ladder->queue_ns >= 0) {
			text_style(&theirs, STYLE_WAIT);
			text_add(&theirs, "in the accept queue ");
			text_add_duration(&theirs, ladder->queue_ns);
			text_style(&theirs, STYLE_NONE);
		}
	}
	print_row(ladder, step->start_ns, &mine, middle, &theirs);
	text_free(&mine);
	text_free(&theirs);
}

/* The lane's last close; what was sent to it and never read is lost, and TCP answers it with a reset. */
static int is_last_close(const struct lane *lane, const struct timeline_step *step)
{
	return is_effect(step, "close") && lane->closed_ns >= 0 && moment(step) >= lane->closed_ns;
}

/* Bytes that the other end sent and this one has not read; the end of data counts as a byte of the stream, but is none. */
static int64_t unread_bytes(const struct ladder *ladder, int side)
{
	const struct lane *lane = &ladder->lanes[side], *other = &ladder->lanes[!side];

	return other->id ? other->sent - lane->received - other->ended : 0;
}

static void add_unread(struct ladder *ladder, int side, struct text *text, const char **middle)
{
	if (unread_bytes(ladder, side) <= 0)
		return;
	text_style(text, STYLE_ERROR);
	text_add(text, "  ✗");
	text_add_bytes(text, unread_bytes(ladder, side));
	text_add(text, " unread");
	text_style(text, STYLE_NONE);
	draw_arrival(ladder, middle, !side, 0);
	ladder->lanes[!side].sent = ladder->lanes[side].received;
}

/* The process ended and took the socket along: no call, but the end of its lane. */
static void print_end(struct ladder *ladder, int side)
{
	struct lane *lane = &ladder->lanes[side];
	const char *middle[MIDDLE_MOST];
	struct text mine = output_text(&ladder->view->output);

	text_add(&mine, lane->end_word);
	lane->end_word = NULL;
	clear_middle(ladder, middle);
	add_unread(ladder, side, &mine, middle);
	print_row(ladder, lane->closed_ns, side ? NULL : &mine, middle, side ? &mine : NULL);
	lane->bar = " ";
	text_free(&mine);
}

static void print_local(struct ladder *ladder, int side, struct timeline_step *step)
{
	const char *middle[MIDDLE_MOST];
	struct text mine;

	describe_step(ladder, &mine, step);
	clear_middle(ladder, middle);
	if (is_last_close(&ladder->lanes[side], step))
		add_unread(ladder, side, &mine, middle);
	print_row(ladder, moment(step), side ? NULL : &mine, middle, side ? &mine : NULL);
	text_free(&mine);
}

static void print_accept(struct ladder *ladder, int side)
{
	struct lane *lane = &ladder->lanes[side];
	const char *middle[MIDDLE_MOST];
	struct text mine = output_text(&ladder->view->output);

	lane->accept_pending = 0;
	lane->bar = "│";
	text_format(&mine, "accept → fd %lld", (long long)lane->fd);
	clear_middle(ladder, middle);
	print_row(ladder, lane->opened_ns, side ? NULL : &mine, middle, side ? &mine : NULL);
	text_free(&mine);
}

/* A long silence on both sides: how long. */
static void mark_pause(struct ladder *ladder, int64_t at_ns)
{
	int64_t pause_ns = at_ns - ladder->last_ns;
	const char *middle[MIDDLE_MOST];
	struct text pause = output_text(&ladder->view->output);

	if (pause_ns >= PAUSE_LEAST_NS && pause_ns * PAUSE_SHARE >= ladder->total_ns) {
		text_style(&pause, STYLE_DIM);
		text_add(&pause, "┊ ");
		text_add_duration(&pause, pause_ns);
		text_add(&pause, " nothing");
		text_style(&pause, STYLE_NONE);
		clear_middle(ladder, middle);
		print_row(ladder, -1, &pause, middle, NULL);
	}
	text_free(&pause);
	if (at_ns > ladder->last_ns)
		ladder->last_ns = at_ns;
}

/* Both ends have reached the part that is not read: what was on its way there is not known. */
static void print_left_out(struct ladder *ladder, const struct timeline_step *step)
{
	const char *middle[MIDDLE_MOST];
	struct text words = output_text(&ladder->view->output);

	for (int i = 0; i < 2; i++) {
		ladder->lanes[i].sent = ladder->lanes[i].received = 0;
		ladder->lanes[i].first_pending_ns = ladder->lanes[i].last_receive_ns = -1;
	}
	if (!ladder->left_out++) {
		text_style(&words, STYLE_DIM);
		text_format(&words, "┊ %lld calls left out (--all)", (long long)step->count);
		text_style(&words, STYLE_NONE);
		clear_middle(ladder, middle);
		print_row(ladder, step->start_ns, &words, middle, NULL);
	}
	ladder->last_ns = step->end_ns;
	text_free(&words);
}

static void print_step(struct ladder *ladder, int side)
{
	struct lane *lane = &ladder->lanes[side];
	struct timeline_step step = lane->head;
	int64_t sent;

	load_head(lane);
	if (step.left_out) {
		print_left_out(ladder, &step);
		return;
	}
	mark_pause(ladder, moment(&step));
	if (is_effect(&step, "create"))
		lane->bar = "│";
	sent = amount_sent(ladder, side, &step);
	if (sent > 0)
		print_send(ladder, side, &step, sent);
	else if (amount_received(&step) > 0)
		print_receive(ladder, side, &step);
	else if (is_effect(&step, "connect") && side == 0 && !step.is_ready)
		print_connect(ladder, &step);
	else
		print_local(ladder, side, &step);
	if (is_last_close(lane, &step))
		lane->bar = " ";
	timeline_free_step(&step);
}

/* The side whose next event comes first; -1: none is left. */
static int next_side(struct ladder *ladder)
{
	int64_t moments[2];

	for (int side = 0; side < 2; side++) {
		struct lane *lane = &ladder->lanes[side];

		moments[side] = lane->accept_pending ? lane->opened_ns : lane->has_head ? moment(&lane->head) : lane->end_word ? lane->closed_ns : INT64_MAX;
	}
	if (moments[0] == INT64_MAX && moments[1] == INT64_MAX)
		return -1;
	return moments[1] < moments[0];
}

static void print_steps(struct ladder *ladder)
{
	int side;

	while (!ladder->view->output.broken && (side = next_side(ladder)) >= 0) {
		if (ladder->lanes[side].accept_pending) {
			mark_pause(ladder, ladder->lanes[side].opened_ns);
			print_accept(ladder, side);
		} else if (!ladder->lanes[side].has_head) {
			mark_pause(ladder, ladder->lanes[side].closed_ns);
			print_end(ladder, side);
		} else {
			print_step(ladder, side);
		}
	}
	for (int i = 0; i < 2; i++)
		if (ladder->lanes[i].timeline.failed)
			view_fail(ladder->view);
}

static const char *end_word(const char *how_ended)
{
	return !how_ended ? NULL : !strcmp(how_ended, "exit") ? "left open at exit" : !strcmp(how_ended, "killed") ? "killed" : NULL;
}

static int open_lane(struct ladder *ladder, struct lane *lane, int64_t id)
{
	sqlite3_stmt *statement = view_prepare(ladder->view, "SELECT l.program, l.pid, l.opened_ns, l.closed_ns, l.fd, s.eof_ns, l.role = 'accepted', l.parent_id, s.how_ended "
		"FROM lifecycle l JOIN socket s ON s.socket_id = l.socket_id WHERE l.socket_id = ?1", id);
	int found = statement && database_step(&ladder->view->database, statement) == 1;

	lane->title = output_text(&ladder->view->output);
	lane->bar = " ";
	lane->last_receive_ns = lane->first_pending_ns = -1;
	if (found) {
		lane->id = id;
		lane->opened_ns = sqlite3_column_int64(statement, 2);
		lane->closed_ns = database_column(statement, 3);
		lane->fd = database_column(statement, 4);
		lane->eof_ns = database_column(statement, 5);
		lane->accept_pending = lane->is_accepted = sqlite3_column_int(statement, 6);
		lane->end_word = lane->closed_ns < 0 ? NULL : end_word((const char *)sqlite3_column_text(statement, 8));
		text_style(&lane->title, STYLE_BOLD);
		text_format(&lane->title, "s%lld ", (long long)id);
		text_style(&lane->title, STYLE_NAME);
		describe_add_process(&lane->title, statement, 0, 1);
		text_style(&lane->title, STYLE_NONE);
		if (sqlite3_column_type(statement, 7) != SQLITE_NULL)
			text_format(&lane->title, " ⊂ s%lld", sqlite3_column_int64(statement, 7));
		if (!lane->is_accepted)
			lane->bar = "│";
	}
	sqlite3_finalize(statement);
	if (!found || timeline_open(&lane->timeline, &ladder->view->database, id))
		return -1;
	return 0;
}

static void close_lane(struct lane *lane)
{
	if (lane->has_head)
		timeline_free_step(&lane->head);
	if (lane->id)
		timeline_close(&lane->timeline);
	text_free(&lane->title);
}

static void choose_layout(struct ladder *ladder)
{
	int rest = ladder->view->output.width - TIME_WIDTH - 2 - 1 - 2 - 1;

	ladder->middle = rest / 4 > MIDDLE_MOST ? MIDDLE_MOST : rest / 4;
	ladder->left = (rest - ladder->middle) * 45 / 100;
	ladder->right = rest - ladder->middle - ladder->left;
}

/* Of ends with very many calls the same middle is left out on both sides. */
static void leave_out_middle(struct ladder *ladder)
{
	int64_t from_ns = INT64_MAX, to_ns = 0, most = 0, first, last, count;

	ladder->left_out = 0;
	for (int i = 0; i < 2 && !ladder->all; i++) {
		if (!ladder->lanes[i].id || !timeline_find_middle(&ladder->view->database, ladder->lanes[i].id, &first, &last, &count))
			continue;
		from_ns = first < from_ns ? first : from_ns;
		to_ns = last > to_ns ? last : to_ns;
		most = count > most ? count : most;
	}
	for (int i = 0; i < 2 && most; i++)
		if (ladder->lanes[i].id)
			timeline_leave_out(&ladder->lanes[i].timeline, from_ns, to_ns, most);
}

/* Where the axis runs from and to. */
static void measure(struct ladder *ladder)
{
	int64_t end_ns = 0;

	ladder->start_ns = INT64_MAX;
	for (int i = 0; i < 2; i++) {
		struct lane *lane = &ladder->lanes[i];
		int64_t closed_ns = lane->closed_ns >= 0 ? lane->closed_ns : ladder->view->database.end_ns;

		if (!lane->id)
			continue;
		if (lane->opened_ns < ladder->start_ns)
			ladder->start_ns = lane->opened_ns;
		if (lane->timeline.has_call && sqlite3_column_int64(lane->timeline.calls, 0) < ladder->start_ns)
			ladder->start_ns = sqlite3_column_int64(lane->timeline.calls, 0);
		if (closed_ns > end_ns)
			end_ns = closed_ns;
	}
	ladder->total_ns = end_ns > ladder->start_ns ? end_ns - ladder->start_ns : 1;
	leave_out_middle(ladder);
	ladder->last_ns = ladder->start_ns;
	for (int i = 0; i < 2; i++) {
		struct lane *lane = &ladder->lanes[i];

		if (!lane->id)
			continue;
		lane->timeline.keep_all = ladder->all;
		lane->timeline.without_ready = !ladder->all; /* a wait before a receive tells nothing that the arrow does not */
		lane->timeline.long_ns = ladder->total_ns / 50 > 100000 ? ladder->total_ns / 50 : 100000;
		lane->timeline.pause_ns = ladder->total_ns / PAUSE_SHARE;
		load_head(lane);
	}
}

static void print_titles(struct ladder *ladder)
{
	struct text *line = &ladder->line;

	text_pad_to(line, TIME_WIDTH + 2);
	text_add_cell(line, &ladder->lanes[0].title, ladder->left + 1 + ladder->middle, ALIGN_LEFT);
	text_add(line, "  ");
	text_add_cell(line, &ladder->lanes[1].title, ladder->right, ALIGN_LEFT);
	output_line(&ladder->view->output, line);
}

static void print_ladder(struct ladder *ladder, int64_t left_id, int64_t right_id, const char *address)
{
	sqlite3_stmt *statement;

	memset(ladder->lanes, 0, sizeof ladder->lanes);
	ladder->queue_ns = -1;
	ladder->connecting = 0;
	if (open_lane(ladder, &ladder->lanes[0], left_id))
		goto close_lanes;
	if (right_id > 0) {
		if (open_lane(ladder, &ladder->lanes[1], right_id))
			goto close_lanes;
		statement = view_prepare(ladder->view, "SELECT accept_wait_ns FROM connection WHERE client_id = ?1", left_id);
		if (statement && database_step(&ladder->view->database, statement) == 1)
			ladder->queue_ns = database_column(statement, 0);
		sqlite3_finalize(statement);
	} else {
		ladder->lanes[1].title = output_text(&ladder->view->output);
		ladder->lanes[1].bar = "┊";
		ladder->lanes[1].first_pending_ns = -1;
		text_add_quoted(&ladder->lanes[1].title, address, strlen(address));
		text_add(&ladder->lanes[1].title, " (not in the trace)");
	}
	measure(ladder);
	print_titles(ladder);
	print_steps(ladder);
	view_print_gaps(ladder->view, left_id);
	if (right_id > 0)
		view_print_gaps(ladder->view, right_id);
close_lanes:
	close_lane(&ladder->lanes[0]);
	close_lane(&ladder->lanes[1]);
}

static int was_shown(struct ladder *ladder, int64_t id)
{
	return id >= 0 && id < ladder->shown_room && ladder->shown[id];
}

static void note_shown(struct ladder *ladder, int64_t id)
{
	if (id < 0 || id > SHOWN_MOST)
		return; /* then it may be drawn twice */
	if (id >= ladder->shown_room) {
		int64_t room = (id + 1) * 2;
		unsigned char *grown = realloc(ladder->shown, (size_t)room);

		if (!grown)
			return;
		memset(grown + ladder->shown_room, 0, (size_t)(room - ladder->shown_room));
		ladder->shown = grown;
		ladder->shown_room = room;
	}
	ladder->shown[id] = 1;
}

static int print_ladders(struct ladder *ladder, sqlite3_stmt *ids)
{
	sqlite3_stmt *details = database_prepare(&ladder->view->database, "SELECT " DESCRIBE_COLUMNS " FROM lifecycle WHERE socket_id = ?1");
	struct describe_row row;
	int found = 0;

	while (details && !ladder->view->output.broken && database_step(&ladder->view->database, ids) == 1) {
		int64_t id = sqlite3_column_int64(ids, 0), left, right;
		char *address;

		if (was_shown(ladder, id))
			continue;
		sqlite3_reset(details);
		sqlite3_bind_int64(details, 1, id);
		if (database_step(&ladder->view->database, details) != 1)
			continue;
		describe_read(&row, details);
		if (row.listening_ns >= 0 && !ladder->view->filter.ids)
			continue; /* a listener talks to nobody */
		left = row.peer_id > 0 && !strcmp(describe_text(&row, TEXT_ROLE), "accepted") ? row.peer_id : id;
		right = row.peer_id > 0 ? (left == id ? row.peer_id : id) : 0;
		address = strdup(describe_has(&row, TEXT_PEER) ? describe_text(&row, TEXT_PEER) : "peer");
		if (found++)
			output_blank(&ladder->view->output);
		print_ladder(ladder, left, right, address ? address : "");
		note_shown(ladder, left);
		if (right > 0)
			note_shown(ladder, right);
		free(address);
	}
	sqlite3_finalize(details);
	return found;
}

#define CALLS_SQL "SELECT * FROM timeline WHERE socket_id = ?1"
#define CALLS_START 7     /* columns of timeline: start_ns, sequence */
#define CALLS_SEQUENCE 17

static int is_earlier(sqlite3_stmt *a, sqlite3_stmt *b)
{
	int64_t left = sqlite3_column_int64(a, CALLS_START), right = sqlite3_column_int64(b, CALLS_START);

	return left != right ? left < right : sqlite3_column_int64(a, CALLS_SEQUENCE) <= sqlite3_column_int64(b, CALLS_SEQUENCE);
}

/* The calls of both ends in one order: each end's come in theirs, and are merged as they are read. */
static void merge_calls(struct ladder *ladder, sqlite3_stmt *const calls[2], const int64_t ids[2], struct rows *rows)
{
	int has[2] = {0, 0};

	for (int end = 0; end < 2; end++) {
		sqlite3_reset(calls[end]);
		sqlite3_bind_int64(calls[end], 1, ids[end]);
		has[end] = ids[end] > 0 && database_step(&ladder->view->database, calls[end]) == 1;
	}
	while ((has[0] || has[1]) && !ladder->view->output.broken) {
		int end = !has[0] || (has[1] && !is_earlier(calls[0], calls[1]));

		rows_add(rows, calls[end]);
		has[end] = database_step(&ladder->view->database, calls[end]) == 1;
	}
}

static int print_machine(struct ladder *ladder, sqlite3_stmt *ids)
{
	sqlite3_stmt *const calls[2] = {database_prepare(&ladder->view->database, CALLS_SQL), database_prepare(&ladder->view->database, CALLS_SQL)};
	struct rows rows;
	int found = 0;

	if (!calls[0] || !calls[1]) {
		view_fail(ladder->view);
		return 1;
	}
	rows_open(&rows, &ladder->view->output, calls[0]);
	while (!ladder->view->output.broken && database_step(&ladder->view->database, ids) == 1) {
		int64_t ends[2] = {sqlite3_column_int64(ids, 0), -1};
		sqlite3_stmt *peer;

		found++;
		if (was_shown(ladder, ends[0]))
			continue;
		peer = view_prepare(ladder->view, "SELECT peer_id FROM lifecycle WHERE socket_id = ?1", ends[0]);
		ends[1] = peer && database_step(&ladder->view->database, peer) == 1 ? database_column(peer, 0) : -1;
		sqlite3_finalize(peer);
		note_shown(ladder, ends[0]);
		if (ends[1] > 0)
			note_shown(ladder, ends[1]);
		merge_calls(ladder, calls, ends, &rows);
	}
	rows_close(&rows);
	sqlite3_finalize(calls[0]);
	sqlite3_finalize(calls[1]);
	return found;
}

static int run(const struct command *command, int argc, char **argv)
{
	struct view view = VIEW_START(command, argc, argv);
	struct ladder ladder = {.view = &view};
	sqlite3_stmt *ids;

	while (view_next_option(&view))
		ladder.all = 1;
	if (view_open(&view))
		return view_close(&view);
	if (!view.filter.words && database_integer(&view.database, "SELECT sockets FROM summary", 0) > MANY_SOCKETS) {
		view.status = options_fail(command, "which socket? `socklife ls` lists them, `socklife ladder s2` draws s2 and its peer");
		return view_close(&view);
	}
	ladder.line = output_text(&view.output);
	ladder.cell = output_text(&view.output);
	choose_layout(&ladder);
	ids = filter_prepare(&view.filter, &view.database, "s.socket_id", NULL);
	if (!ids) {
		view_fail(&view);
	} else if (!(view.output.format == OUTPUT_TEXT ? print_ladders(&ladder, ids) : print_machine(&ladder, ids)) && !view.status) {
		filter_explain_empty(&view.filter, &view.database);
		view.status = view.filter.first_id ? COMMAND_ERROR : COMMAND_OK;
	}
	sqlite3_finalize(ids);
	text_free(&ladder.line);
	text_free(&ladder.cell);
	free(ladder.shown);
	return view_close(&view);
}

static const struct command_option option_table[] = {
	{"all", 0, NULL, "one row a call and wait: collapse nothing, leave out nothing"},
	{NULL, 0, NULL, NULL},
};

static const struct command_term column_table[] = {
	{"…", "the columns of the view timeline, the calls of both ends in one order: socket_id, process_id, pid, tid, thread_name, fd, call, start_ns, duration_ns, result, errno, requested_bytes, bytes, detail, effect, flags, caller_id, sequence"},
	{NULL, NULL},
};

static const struct command_term example_table[] = {
	{"socklife ladder s2", "s2 and its peer, side by side"},
	{"socklife ladder trace.db curl", "every connection of curl"},
	{NULL, NULL},
};

const struct command command_ladder = {
	.name = "ladder",
	.group = COMMAND_VIEW,
	.summary = "draw both ends of a connection side by side on one time axis",
	.usage = "[DATABASE] SOCKET… [--all]\n[DATABASE] FILTER… [--all]",
	.options = option_table,
	.minus_is_operand = 1,
	.output_options = 1,
	.filter = 1,
	.manual = "Left the end that connected, right the one that was accepted, each a lane by its process, so that both ends of a loopback connection are told apart. "
		"An arrow runs from a send to the receive that took its last byte, with the time that took (+860µs); an arrow that bends was under way while other things happened. "
		"`busy 1.80s` is the time from the server's last receive to its answer: it was computing, the network was not in question. ░ is the time in the listener's accept queue. "
		"`close ✗39B unread` threw away what had arrived, which TCP tells the sender with a reset; `killed` and `left open at exit` end a lane that no close ended. "
		"Runs of like calls are one row (×12); waits, options and addresses asked for are left out (--all); a silence of a tenth of the whole is marked ┊.",
	.columns = column_table,
	.examples = example_table,
	.run = run,
};
