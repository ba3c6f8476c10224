/*
 * timeline_connect.c: a connect that does not block is one step, from EINPROGRESS to what told its outcome:
 *
 *	connect EINPROGRESS, epoll_ctl, epoll_wait → OUT, getsockopt SO_ERROR=0   becomes   connect 0, with 3 calls folded into it
 *
 * Whatever else was called meanwhile stays a step of its own. Works on the steps that timeline.c holds back.
 */
#include "viewer/timeline_internal.h"

#include <string.h>

#include "viewer/step.h"

static int has_effect(const struct timeline_step *step, const char *effect)
{
	return !strcmp(step->effect, effect);
}

static int is_in_progress(const struct timeline_step *step)
{
	return has_effect(step, "connect") && !strcmp(step->error, "EINPROGRESS") && !step->folded;
}

static int asks_for_error(const struct timeline_step *step)
{
	return has_effect(step, "option") && step->detail && strstr(step->detail, "SO_ERROR=");
}

/* Calls that do nothing but wait for the outcome. */
static int is_part(const struct timeline_step *step)
{
	return has_effect(step, "wait") || has_effect(step, "epoll") || has_effect(step, "connect") || has_effect(step, "address") || asks_for_error(step);
}

static int moves_data(const struct timeline_step *step)
{
	return has_effect(step, "send") || has_effect(step, "receive") || has_effect(step, "transfer");
}

/* Whether the step tells how the connect ended, and with which error ("" for none). */
static int tells_outcome(const struct timeline_step *step, char *error, size_t size)
{
	size_t length = 0;
	const char *told = step_told_error(step, &length);

	if (!step->returned || step->left_out || step->count > 1)
		return 0;
	error[0] = 0;
	if (asks_for_error(step)) {
		if (step->error[0] || length >= size)
			return 0;
		memcpy(error, told, length);
		error[length] = 0;
		return 1;
	}
	if (has_effect(step, "address"))
		return !strcmp(step->call, "getpeername") && !step->error[0];
	if (!moves_data(step) && !has_effect(step, "connect"))
		return 0;
	if (step_is_soft_error(step) || !strcmp(step->error, "EALREADY") || !strcmp(step->error, "ENOTCONN"))
		return 0;
	if (strcmp(step->error, "EISCONN"))
		memcpy(error, step->error, sizeof step->error < size ? sizeof step->error : size);
	return 1;
}

/* The connect that is waited for; -1: none. What repeats is taken as a whole or not at all. */
static int find_in_progress(const struct timeline *timeline, int last)
{
	int at = last - 1;

	for (; at >= 0 && !is_in_progress(&timeline->window[at]); at--) {
		const struct timeline_step *step = &timeline->window[at];

		if (step->left_out || (moves_data(step) && !step->error[0]) || has_effect(step, "close") || (step->round_size > 1 && !is_part(step)))
			return -1;
	}
	return at;
}

void timeline_fold_connect(struct timeline *timeline)
{
	int last = timeline->window_count - 1, kept, at;
	struct timeline_step *connect;
	char error[sizeof connect->error];

	if (last < 1 || !tells_outcome(&timeline->window[last], error, sizeof error))
		return;
	at = find_in_progress(timeline, last);
	if (at < 0)
		return;
	connect = &timeline->window[at];
	kept = at + 1;
	for (int i = at + 1; i <= last; i++) {
		struct timeline_step *step = &timeline->window[i];

		if (!is_part(step)) {
			timeline->window[kept++] = *step;
			continue;
		}
		if (step->end_ns > connect->end_ns)
			connect->end_ns = step->end_ns;
		connect->folded += step->count;
		timeline_free_step(step);
	}
	timeline->window_count = kept;
	if (!connect->folded)
		return;
	memcpy(connect->error, error, sizeof error);
	connect->result = error[0] ? -1 : 0;
	connect->duration_ns = connect->end_ns - connect->start_ns;
	connect->is_long = connect->duration_ns >= timeline->long_ns;
}
