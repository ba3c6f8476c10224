/* step.c: steps of a timeline in words; see step.h. */
#include "viewer/step.h"

#include <string.h>

int step_is_soft_error(const struct timeline_step *step)
{
	return !strcmp(step->error, "EAGAIN") || !strcmp(step->error, "EINPROGRESS") || !strcmp(step->error, "EINTR");
}

static int is_data(const struct timeline_step *step)
{
	return !strcmp(step->effect, "send") || !strcmp(step->effect, "receive") || !strcmp(step->effect, "transfer");
}

static int is_receive(const struct timeline_step *step)
{
	return !strcmp(step->effect, "receive");
}

void step_add_call(struct text *text, const struct timeline_step *step)
{
	text_add(text, step->call[0] ? step->call : "wait");
	if (step->is_ready) {
		text_add(text, " → ");
		text_add_quoted(text, step->detail ? step->detail : "ready", step->detail ? step->detail_length : 5);
	} else if (step->count == 1 && step->detail) {
		text_add(text, "(");
		if (is_receive(step) && step->requested_bytes >= 0)
			text_format(text, "%lld, ", (long long)step->requested_bytes);
		text_add_quoted(text, step->detail, step->detail_length);
		text_add(text, ")");
	} else if (step->count == 1 && is_receive(step) && step->requested_bytes >= 0) {
		text_format(text, "(%lld)", (long long)step->requested_bytes);
	}
	if (step->count > 1)
		text_format(text, " ×%lld", (long long)step->count);
}

const char *step_told_error(const struct timeline_step *step, size_t *length)
{
	static const char option[] = "SO_ERROR=";
	const char *name = step->count == 1 && step->detail && !strcmp(step->effect, "option") ? strstr(step->detail, option) : NULL;

	if (name)
		name += sizeof option - 1;
	*length = name && *name == 'E' ? strcspn(name, " ") : 0;
	return name;
}

void step_add_result(struct text *text, const struct timeline_step *step)
{
	size_t length;
	const char *told = step_told_error(step, &length);

	if (step->is_ready)
		return;
	if (!step->returned) {
		text_style(text, STYLE_WARNING);
		text_add(text, "no return");
	} else if (step->error[0]) {
		text_style(text, step_is_soft_error(step) ? STYLE_DIM : STYLE_ERROR);
		text_format(text, "%s%s", step_is_soft_error(step) ? "" : "✗", step->error);
	} else if (length) {
		text_style(text, STYLE_ERROR);
		text_add(text, "✗");
		text_add_quoted(text, told, length);
	} else if (is_data(step) && step->count > 1) {
		text_add_bytes(text, step->bytes);
	} else if (is_receive(step) && step->bytes == 0 && step->requested_bytes > 0) {
		text_add(text, "0 = end");
	} else if (is_data(step) && !is_receive(step) && step->requested_bytes >= 0) {
		if (step->bytes < step->requested_bytes)
			text_style(text, STYLE_WARNING);
		text_format(text, "%lld/%lld", (long long)step->bytes, (long long)step->requested_bytes);
	} else if (!strcmp(step->effect, "create") || !strcmp(step->effect, "accept") || !strcmp(step->effect, "duplicate")) {
		if (step->count == 1)
			text_format(text, "fd %lld", (long long)step->result);
	} else {
		text_format(text, "%lld", (long long)step->result);
	}
	text_style(text, STYLE_NONE);
}
