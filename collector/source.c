/* source.c: see source.h. */
#include "collector/source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ONE_HOUR_NS INT64_C(3600000000000)

/* Two pairs of the header calibrate; one that makes no sense counts ticks as nanoseconds. */
static double ns_per_tick(const struct spool_header *header)
{
	double ticks = (double)(header->clock_ticks[1] - header->clock_ticks[0]);
	double ns = (double)(header->clock_monotonic_ns[1] - header->clock_monotonic_ns[0]);

	if (header->clock != SPOOL_CLOCK_TSC || header->clock_ticks[1] <= header->clock_ticks[0] ||
	    header->clock_monotonic_ns[1] <= header->clock_monotonic_ns[0] || ns / ticks < 0.01 || ns / ticks > 1000)
		return 1;
	return ns / ticks;
}

static void set_clock(struct source *source, int64_t trace_monotonic_ns, int64_t trace_unix_ns)
{
	const struct spool_header *header = source->reader.header;
	struct identity_clock *clock = &source->view.clock;
	int64_t spool_offset = (int64_t)(header->start_unix_ns - header->start_monotonic_ns);
	int64_t skew = spool_offset - (trace_unix_ns - trace_monotonic_ns);

	clock->ticks = header->clock == SPOOL_CLOCK_TSC ? header->clock_ticks[0] : 0;
	clock->ns_per_tick = ns_per_tick(header);
	clock->base_ns = (header->clock == SPOOL_CLOCK_TSC ? (int64_t)header->clock_monotonic_ns[0] : 0) - trace_monotonic_ns;
	/* The monotonic clocks of two boots (or time namespaces) have nothing in common: then the Unix times count. */
	if (skew > ONE_HOUR_NS || skew < -ONE_HOUR_NS)
		clock->base_ns += skew;
}

static void copy_text(char *to, size_t size, const char *from, size_t room)
{
	size_t length = strnlen(from, room < size - 1 ? room : size - 1);

	memcpy(to, from, length);
	to[length] = 0;
}

static void copy_arguments(struct source *source, const struct spool_header *header)
{
	char text[sizeof header->command_line + 1];
	size_t length = header->command_line_bytes < sizeof header->command_line ? header->command_line_bytes : sizeof header->command_line;

	memcpy(text, header->command_line, length);
	while (length && !text[length - 1])
		length--;
	text[length] = 0;
	source->command_line = process_quote_arguments(text, length);
}

static void look_at_maker(struct source *source)
{
	uint64_t start_time = process_start_time(source->view.pid);

	source->maker_start_time = source->reader.header->process_start_time;
	source->seen_alive = start_time && (!source->maker_start_time || start_time == source->maker_start_time);
	if (source->seen_alive)
		process_map_read(&source->callers.map, source->view.pid);
}

int source_open(struct source **result, int directory_fd, const char *name, int64_t trace_monotonic_ns, int64_t trace_unix_ns)
{
	struct source *source = calloc(1, sizeof *source);
	const struct spool_header *header;
	int status;

	if (!source)
		return -ENOMEM;
	status = spool_reader_open(&source->reader, directory_fd, name);
	if (status) {
		free(source);
		return status;
	}
	header = source->reader.header;
	copy_text(source->executable, sizeof source->executable, header->executable, sizeof header->executable);
	copy_text(source->working_directory, sizeof source->working_directory, header->working_directory, sizeof header->working_directory);
	copy_arguments(source, header);
	set_clock(source, trace_monotonic_ns, trace_unix_ns);
	source->view.pid = header->pid;
	source->view.parent_pid = header->parent_pid;
	source->view.follows_exec = header->follows_exec != 0;
	source->view.started_ns = identity_clock_ns(&source->view.clock, header->start_ticks);
	source->view.user_id = header->user_id;
	source->view.host_id = FACT_NULL;
	source->view.intercept = header->intercept != 0;
	source->view.name = source->reader.name;
	source->view.executable = source->executable;
	source->view.command_line = source->command_line;
	source->view.working_directory = source->working_directory;
	source->view.owner = source;
	look_at_maker(source);
	*result = source;
	return SPOOL_OK;
}

void source_close(struct source *source)
{
	spool_reader_close(&source->reader);
	callers_free_image(&source->callers);
	free(source->command_line);
	free(source);
}

int source_image_lives(struct source *source, struct process *process)
{
	struct watch *watch = process->owner;
	uint64_t start_time = process_start_time((int)process->row.pid);

	if (!watch) {
		watch = process->owner = calloc(1, sizeof *watch);
		if (!watch)
			return 1;
		watch->start_time = start_time;
		if (process == source->maker && source->maker_start_time && start_time != source->maker_start_time)
			watch->start_time = 0; /* another process by now, or another namespace's number */
	}
	return start_time && start_time == watch->start_time;
}
