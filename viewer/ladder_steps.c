/*
 * ladder_steps.c: each step of the two ends as a row: what it did in the words of its lane, and the arrow it begins, ends or is. Steps come from
 * ladder_lane.c in their order, rows go to ladder_draw.c.
 */
#include "viewer/ladder_internal.h"

#include "viewer/step.h"

static void add_note(struct text *text, const char *before, int64_t ns)
{
	text_add(text, "  ");
	text_style(text, STYLE_DIM);
	text_add(text, before);
	text_add_duration(text, ns);
	text_style(text, STYLE_NONE);
}

static int is_noticeable(const struct ladder *ladder, int64_t ns)
{
	return ns >= PAUSE_LEAST_NS && ns >= ladder->total_ns / PAUSE_SHARE;
}

static void describe_call(struct ladder *ladder, struct text *text, const struct timeline_step *step)
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

/* A long run stands where it began: how long it went on. */
static void describe_step(struct ladder *ladder, struct text *text, const struct timeline_step *step)
{
	describe_call(ladder, text, step);
	if (step->count > 1 && is_noticeable(ladder, step->end_ns - step->start_ns))
		add_note(text, "in ", step->end_ns - step->start_ns);
}

/* How long this side took to answer: the time since it last received. */
static void add_busy(struct ladder *ladder, struct lane *lane, struct text *text, const struct timeline_step *step)
{
	int64_t busy_ns = lane->last_receive_ns < 0 ? 0 : step->start_ns - lane->last_receive_ns;

	if (is_noticeable(ladder, busy_ns)) {
		text_add(text, "  ");
		text_style(text, STYLE_WAIT);
		text_add(text, lane->is_accepted ? "busy " : "after ");
		text_add_duration(text, busy_ns);
		text_style(text, STYLE_NONE);
	}
	lane->last_receive_ns = -1;
}

/* The step that takes what `step` sent is the very next one: both fit in one row. */
static int arrives_next(struct ladder *ladder, int from, int64_t amount)
{
	struct lane *lane = &ladder->lanes[from], *other = &ladder->lanes[!from];

	return other->has_head && !other->accept_pending && other->received < lane->sent + amount && other->received + lane_amount_received(other, &other->head) >= lane->sent + amount &&
		lane_amount_received(other, &other->head) > 0 && (!lane->has_head || lane_moment(&other->head) <= lane_moment(&lane->head)) && !lane_is_pending(ladder, from) &&
		!lane_is_pending(ladder, !from);
}

static void take_receive(struct ladder *ladder, int to, struct text *text, const struct timeline_step *step)
{
	struct lane *lane = &ladder->lanes[to];
	int64_t departed_ns = lane_departed_ns(ladder, !to);

	lane->received += lane_amount_received(lane, step);
	lane->last_receive_ns = step->end_ns;
	if (departed_ns >= 0 && step->count == 1 && !ladder->lanes[1].is_uncertain)
		add_note(text, "+", step->end_ns - departed_ns);
}

static void note_activity(struct ladder *ladder, int64_t at_ns)
{
	if (at_ns > ladder->last_ns)
		ladder->last_ns = at_ns;
}

static void print_send(struct ladder *ladder, int from, struct timeline_step *step, int64_t amount)
{
	struct lane *lane = &ladder->lanes[from], *other = &ladder->lanes[!from];
	const char *middle[MIDDLE_MOST];
	struct text mine, theirs = output_text(&ladder->view->output);
	int joins = lane_is_pending(ladder, from), arrives = arrives_next(ladder, from, amount);

	describe_step(ladder, &mine, step);
	if (is_effect(step, "send"))
		add_busy(ladder, lane, &mine, step);
	draw_clear_middle(ladder, middle);
	if (!other->id)
		other->received = lane->sent + amount;
	lane_depart(ladder, from, step, amount);
	if (arrives || !lane_is_pending(ladder, from))
		draw_through(ladder, middle, from);
	else
		draw_departure(ladder, middle, from, joins);
	if (arrives) {
		text_free(&theirs);
		describe_step(ladder, &theirs, &other->head);
		take_receive(ladder, !from, &theirs, &other->head);
		note_activity(ladder, lane_last_moment(&other->head));
		timeline_free_step(&other->head);
		lane_load_head(other);
	}
	draw_row(ladder, step->start_ns, from ? &theirs : &mine, middle, from ? &mine : &theirs);
	text_free(&mine);
	text_free(&theirs);
}

static void print_receive(struct ladder *ladder, int to, struct timeline_step *step)
{
	struct lane *other = &ladder->lanes[!to];
	const char *middle[MIDDLE_MOST];
	struct text mine;
	int was_pending = lane_is_pending(ladder, !to);

	describe_step(ladder, &mine, step);
	draw_clear_middle(ladder, middle);
	if (!other->id) {
		other->sent += lane_amount_received(&ladder->lanes[to], step);
		draw_through(ladder, middle, !to);
	}
	take_receive(ladder, to, &mine, step);
	if (was_pending)
		draw_arrival(ladder, middle, !to, lane_is_pending(ladder, !to));
	draw_row(ladder, lane_moment(step), to ? NULL : &mine, middle, to ? &mine : NULL);
	text_free(&mine);
}

static void print_connect(struct ladder *ladder, struct timeline_step *step)
{
	const char *middle[MIDDLE_MOST];
	struct text mine, theirs = output_text(&ladder->view->output);
	struct lane *server = &ladder->lanes[1];

	describe_step(ladder, &mine, step);
	draw_clear_middle(ladder, middle);
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
	draw_row(ladder, step->start_ns, &mine, middle, &theirs);
	text_free(&mine);
	text_free(&theirs);
}

static void add_unread(struct ladder *ladder, int side, struct text *text, const char **middle)
{
	int64_t unread = lane_unread(ladder, side);

	if (unread <= 0)
		return;
	if (!ladder->lanes[1].is_uncertain) {
		text_style(text, STYLE_ERROR);
		text_add(text, "  ✗");
		if (ladder->lanes[side].is_stream)
			text_add_bytes(text, unread);
		else
			text_format(text, "%lld message%s", (long long)unread, unread == 1 ? "" : "s");
		text_add(text, " unread");
		text_style(text, STYLE_NONE);
		draw_arrival(ladder, middle, !side, 0);
	}
	ladder->lanes[!side].sent = ladder->lanes[side].received;
	lane_forget_departures(&ladder->lanes[!side]);
}

/* The process ended and took the socket along: no call, but the end of its lane. */
static void print_end(struct ladder *ladder, int side)
{
	struct lane *lane = &ladder->lanes[side];
	const char *middle[MIDDLE_MOST];
	struct text mine = output_text(&ladder->view->output);

	text_add(&mine, lane->end_word);
	lane->end_word = NULL;
	draw_clear_middle(ladder, middle);
	add_unread(ladder, side, &mine, middle);
	draw_row(ladder, lane->closed_ns, side ? NULL : &mine, middle, side ? &mine : NULL);
	lane->bar = " ";
	text_free(&mine);
}

static void print_local(struct ladder *ladder, int side, struct timeline_step *step)
{
	const char *middle[MIDDLE_MOST];
	struct text mine;

	describe_step(ladder, &mine, step);
	draw_clear_middle(ladder, middle);
	if (lane_is_last_close(&ladder->lanes[side], step))
		add_unread(ladder, side, &mine, middle);
	draw_row(ladder, lane_moment(step), side ? NULL : &mine, middle, side ? &mine : NULL);
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
	draw_clear_middle(ladder, middle);
	draw_row(ladder, lane->opened_ns, side ? NULL : &mine, middle, side ? &mine : NULL);
	text_free(&mine);
}

/* A long silence on both sides: how long. */
static void mark_pause(struct ladder *ladder, int64_t at_ns)
{
	int64_t pause_ns = at_ns - ladder->last_ns;
	const char *middle[MIDDLE_MOST];
	struct text pause = output_text(&ladder->view->output);

	if (is_noticeable(ladder, pause_ns)) {
		text_style(&pause, STYLE_DIM);
		text_add(&pause, "┊ ");
		text_add_duration(&pause, pause_ns);
		text_add(&pause, " nothing");
		text_style(&pause, STYLE_NONE);
		draw_clear_middle(ladder, middle);
		draw_row(ladder, -1, &pause, middle, NULL);
	}
	text_free(&pause);
	note_activity(ladder, at_ns);
}

/* Both ends have reached the part that is not read: what was on its way there is not known. */
static void print_left_out(struct ladder *ladder, const struct timeline_step *step)
{
	const char *middle[MIDDLE_MOST];
	struct text words = output_text(&ladder->view->output);

	for (int i = 0; i < 2; i++) {
		ladder->lanes[i].sent = ladder->lanes[i].received = 0;
		ladder->lanes[i].last_receive_ns = -1;
		lane_forget_departures(&ladder->lanes[i]);
	}
	if (!ladder->left_out++) {
		text_style(&words, STYLE_DIM);
		text_format(&words, "┊ %lld calls left out (--all)", (long long)step->count);
		text_style(&words, STYLE_NONE);
		draw_clear_middle(ladder, middle);
		draw_row(ladder, step->start_ns, &words, middle, NULL);
	}
	ladder->last_ns = step->end_ns;
	text_free(&words);
}

static void print_step(struct ladder *ladder, int side)
{
	struct lane *lane = &ladder->lanes[side];
	struct timeline_step step = lane->head;
	int64_t sent;

	lane_load_head(lane);
	if (step.left_out) {
		print_left_out(ladder, &step);
		return;
	}
	mark_pause(ladder, lane_moment(&step));
	note_activity(ladder, lane_last_moment(&step));
	if (is_effect(&step, "create"))
		lane->bar = "│";
	sent = lane_amount_sent(ladder, side, &step);
	if (sent > 0)
		print_send(ladder, side, &step, sent);
	else if (lane_amount_received(lane, &step) > 0)
		print_receive(ladder, side, &step);
	else if (is_effect(&step, "connect") && side == 0 && !step.is_ready)
		print_connect(ladder, &step);
	else
		print_local(ladder, side, &step);
	if (lane_is_last_close(lane, &step))
		lane->bar = " ";
	timeline_free_step(&step);
}

void ladder_print_steps(struct ladder *ladder)
{
	int side;

	while (!ladder->view->output.broken && (side = lane_next_side(ladder)) >= 0) {
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
