/*
 * ladder_lane.c: the two ends of a ladder: each one's socket and its steps, which of both comes next, and how far each has sent and received. Data:
 * lifecycle, timeline, readiness. Draws nothing.
 */
#include "viewer/ladder_internal.h"

#include "viewer/describe.h"

int64_t lane_moment(const struct timeline_step *step)
{
	return is_effect(step, "receive") || is_effect(step, "accept") || is_effect(step, "wait") ? step->first_end_ns : step->start_ns;
}

int64_t lane_last_moment(const struct timeline_step *step)
{
	return step->count > 1 ? step->end_ns : lane_moment(step);
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

/* What a datagram server exchanged with others than the other end: before that had sent, or after it was closed, also where no address tells. */
static int is_anothers(const struct lane *lane, const struct timeline_step *step)
{
	if (!lane->has_several || step->partner == PARTNER_THE_ONE)
		return 0;
	return step->partner == PARTNER_ANOTHER || step->end_ns < lane->asked_from_ns || (is_effect(step, "send") && step->start_ns > lane->asked_to_ns);
}

static int read_step(struct lane *lane, struct timeline_step *step)
{
	while (timeline_next(&lane->timeline, step)) {
		lane->read_ns = step->start_ns;
		if (!is_anothers(lane, step) && (lane->timeline.keep_all || !is_housekeeping(step))) {
			lane->is_uncertain |= step->partner == PARTNER_NOT_KNOWN;
			return 1;
		}
		timeline_free_step(step);
	}
	return 0;
}

/* Steps are read in the order in which they began, as far as one may come before the first of those that were. */
static void read_ahead(struct lane *lane)
{
	while (lane->ahead_count < AHEAD_MOST && (!lane->ahead_count || lane->read_ns <= lane_moment(&lane->ahead[0]))) {
		struct timeline_step step;
		int at = lane->ahead_count;

		if (!read_step(lane, &step))
			return;
		for (; at > 0 && lane_moment(&lane->ahead[at - 1]) > lane_moment(&step); at--)
			lane->ahead[at] = lane->ahead[at - 1];
		lane->ahead[at] = step;
		lane->ahead_count++;
	}
}

void lane_load_head(struct lane *lane)
{
	if (lane->id)
		read_ahead(lane);
	lane->has_head = lane->ahead_count > 0;
	if (!lane->has_head)
		return;
	lane->head = lane->ahead[0];
	lane->ahead_count--;
	memmove(lane->ahead, lane->ahead + 1, (size_t)lane->ahead_count * sizeof lane->ahead[0]);
}

static const char *end_word(const char *how_ended)
{
	return !how_ended ? NULL : !strcmp(how_ended, "exit") ? "left open at exit" : !strcmp(how_ended, "killed") ? "killed" : NULL;
}

int lane_open(struct ladder *ladder, struct lane *lane, int64_t id)
{
	sqlite3_stmt *statement = view_prepare(ladder->view, "SELECT l.program, l.pid, l.opened_ns, l.closed_ns, l.fd, s.eof_ns, l.role = 'accepted', l.parent_id, s.how_ended, s.type = 1 "
		"FROM lifecycle l JOIN socket s ON s.socket_id = l.socket_id WHERE l.socket_id = ?1", id);
	int found = statement && database_step(&ladder->view->database, statement) == 1;

	lane->title = output_text(&ladder->view->output);
	lane->bar = " ";
	lane->last_receive_ns = -1;
	if (found) {
		lane->id = id;
		lane->opened_ns = sqlite3_column_int64(statement, 2);
		lane->closed_ns = database_column(statement, 3);
		lane->fd = database_column(statement, 4);
		lane->eof_ns = database_column(statement, 5);
		lane->accept_pending = lane->is_accepted = sqlite3_column_int(statement, 6);
		lane->is_stream = sqlite3_column_int(statement, 9);
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

void lane_keep_to(struct ladder *ladder, struct lane *lane, int64_t asker_id)
{
	sqlite3_stmt *statement = view_prepare(ladder->view, "SELECT s.first_send_ns, coalesce(s.closed_ns, 9223372036854775807) FROM socket s JOIN socket p ON p.socket_id = s.peer_id "
		"WHERE s.socket_id = ?1 AND s.type = 2 AND p.peer_id IS NOT s.socket_id AND EXISTS (SELECT 1 FROM socket o WHERE o.peer_id = s.peer_id AND o.type = 2 AND o.socket_id <> s.socket_id)", asker_id);

	if (statement && database_step(&ladder->view->database, statement) == 1) {
		lane->has_several = 1;
		lane->asked_from_ns = sqlite3_column_int64(statement, 0);
		lane->asked_to_ns = sqlite3_column_int64(statement, 1);
		lane->timeline.boundary_ns[lane->timeline.boundary_count++] = lane->asked_from_ns;
		lane->timeline.boundary_ns[lane->timeline.boundary_count++] = lane->asked_to_ns;
		timeline_ask_partner(&lane->timeline, asker_id);
	}
	sqlite3_finalize(statement);
}

void lane_close(struct lane *lane)
{
	if (lane->has_head)
		timeline_free_step(&lane->head);
	for (int i = 0; i < lane->ahead_count; i++)
		timeline_free_step(&lane->ahead[i]);
	if (lane->id)
		timeline_close(&lane->timeline);
	text_free(&lane->title);
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
void lane_measure(struct ladder *ladder)
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
		lane_load_head(lane);
	}
}

/* The side whose next event comes first; -1: none is left. */
int lane_next_side(struct ladder *ladder)
{
	int64_t moments[2];

	for (int side = 0; side < 2; side++) {
		struct lane *lane = &ladder->lanes[side];

		moments[side] = lane->accept_pending ? lane->opened_ns : lane->has_head ? lane_moment(&lane->head) : lane->end_word ? lane->closed_ns : INT64_MAX;
	}
	if (moments[0] == INT64_MAX && moments[1] == INT64_MAX)
		return -1;
	return moments[1] < moments[0];
}

static int is_end_of_data(const struct timeline_step *step)
{
	return is_effect(step, "receive") && step->returned && !step->error[0] && step->bytes == 0 && step->requested_bytes > 0;
}

static int64_t amount_moved(const struct lane *lane, const struct timeline_step *step)
{
	if (!lane->is_stream && step->returned && !step->error[0])
		return strstr(step->call, "mmsg") && step->result > 0 ? step->result * step->count : step->count;
	return step->bytes > 0 ? step->bytes : 0;
}

int64_t lane_amount_sent(struct ladder *ladder, int from, const struct timeline_step *step)
{
	struct lane *lane = &ladder->lanes[from], *other = &ladder->lanes[!from];
	int ends = (is_effect(step, "shutdown") && !(step->detail && strstr(step->detail, "SHUT_RD") && !strstr(step->detail, "SHUT_RDWR"))) || lane_is_last_close(lane, step);

	if (is_effect(step, "send") || is_effect(step, "transfer"))
		return amount_moved(lane, step);
	if (!ends || lane->ended || step->error[0] || !other->id || other->eof_ns < 0)
		return 0;
	lane->ended = 1;
	return 1;
}

int64_t lane_amount_received(const struct lane *lane, const struct timeline_step *step)
{
	if (!is_effect(step, "receive") || step->error[0] || (step->detail && strstr(step->detail, "MSG_PEEK")))
		return 0;
	return is_end_of_data(step) ? 1 : amount_moved(lane, step);
}

void lane_depart(struct ladder *ladder, int from, const struct timeline_step *step, int64_t amount)
{
	struct lane *lane = &ladder->lanes[from];
	struct departure departure = {.start_ns = step->start_ns, .from = lane->sent, .to = lane->sent + amount, .is_run = step->count > 1};

	lane->sent = departure.to;
	if (!lane_is_pending(ladder, from))
		return; /* a run of receives, seen before, took it */
	if (lane->departure_count == DEPARTURES_MOST) {
		lane->departures[DEPARTURES_MOST - 1].to = departure.to;
		lane->departures[DEPARTURES_MOST - 1].is_run = 1;
	} else {
		lane->departures[lane->departure_count++] = departure;
	}
}

int64_t lane_departed_ns(struct ladder *ladder, int from)
{
	struct lane *lane = &ladder->lanes[from];
	int64_t received = ladder->lanes[!from].received;
	int gone = 0;

	while (gone < lane->departure_count && lane->departures[gone].to <= received)
		gone++;
	lane->departure_count -= gone;
	memmove(lane->departures, lane->departures + gone, (size_t)lane->departure_count * sizeof lane->departures[0]);
	if (!lane->departure_count || (lane->departures[0].is_run && lane->departures[0].from < received))
		return -1;
	return lane->departures[0].start_ns;
}

void lane_forget_departures(struct lane *lane)
{
	lane->departure_count = 0;
}

int lane_is_pending(const struct ladder *ladder, int from)
{
	return ladder->lanes[from].sent > ladder->lanes[!from].received;
}

/* The lane's last close; what was sent to it and never read is lost, and TCP answers it with a reset. */
int lane_is_last_close(const struct lane *lane, const struct timeline_step *step)
{
	return is_effect(step, "close") && lane->closed_ns >= 0 && lane_moment(step) >= lane->closed_ns;
}

/* What the other end sent and this one has not read; the end of data counts as sent, but is none of it. */
int64_t lane_unread(const struct ladder *ladder, int side)
{
	const struct lane *lane = &ladder->lanes[side], *other = &ladder->lanes[!side];

	return other->id ? other->sent - lane->received - other->ended : 0;
}
