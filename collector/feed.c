/* feed.c: see feed.h. */
#include "collector/feed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ONE_HOUR_NS INT64_C(3600000000000)

static uint64_t counter_now(void)
{
#if defined(__x86_64__)
	return __builtin_ia32_rdtsc();
#else
	return 0;
#endif
}

/* The same moment in ticks of the time-stamp counter and on CLOCK_MONOTONIC: of a few readings the one that took least. */
static void read_clocks(uint64_t *ticks, uint64_t *monotonic_ns)
{
	uint64_t best = UINT64_MAX;

	for (int i = 0; i < 4; i++) {
		uint64_t before = counter_now(), took;
		struct timespec now;

		clock_gettime(CLOCK_MONOTONIC, &now);
		took = counter_now() - before;
		if (took < best) {
			best = took;
			*ticks = before + took / 2;
			*monotonic_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
		}
	}
}

/* From the reading at the spool's start to a later one; 0: the two make no sense together. */
static double ns_per_tick(const struct spool_header *header, uint64_t ticks, uint64_t monotonic_ns)
{
	double passed_ticks = (double)(int64_t)(ticks - header->clock_ticks[0]);
	double passed_ns = (double)(int64_t)(monotonic_ns - header->clock_monotonic_ns[0]);

	if (passed_ticks < 1 || passed_ns < 1 || passed_ns / passed_ticks < 0.01 || passed_ns / passed_ticks > 1000)
		return 0;
	return passed_ns / passed_ticks;
}

void feed_calibrate(struct feed *feed)
{
	const struct spool_header *header = feed->reader.header;
	struct identity_clock *clock = &feed->view.clock;
	uint64_t ticks = 0, monotonic_ns = 0;
	double rate = 0;

	if (header->clock != SPOOL_CLOCK_TSC)
		return;
	/* All records lie between the spool's first reading and this one, so the error is that of the readings, whatever the distance. */
	read_clocks(&ticks, &monotonic_ns);
	if (feed->same_boot)
		rate = ns_per_tick(header, ticks, monotonic_ns);
	if (rate == 0)
		rate = ns_per_tick(header, header->clock_ticks[1], header->clock_monotonic_ns[1]);
	if (rate == 0 && clock->ns_per_tick == 1) {
		/* Killed in an earlier boot: this machine's counter, measured now, is the best guess. */
		struct timespec pause = {0, 10000000};
		uint64_t later_ticks, later_ns;

		nanosleep(&pause, NULL);
		read_clocks(&later_ticks, &later_ns);
		rate = later_ticks > ticks ? (double)(later_ns - monotonic_ns) / (double)(later_ticks - ticks) : 1;
	}
	if (rate > 0)
		clock->ns_per_tick = rate;
}

/* The difference between Unix time and CLOCK_MONOTONIC is the moment of the boot, give or take clock adjustments. */
static int same_boot(const struct spool_header *header)
{
	struct timespec monotonic, unix_time;
	uint64_t here, there;   /* unsigned: a hostile header must not overflow */
	int64_t between;

	clock_gettime(CLOCK_MONOTONIC, &monotonic);
	clock_gettime(CLOCK_REALTIME, &unix_time);
	here = (uint64_t)(((int64_t)unix_time.tv_sec - monotonic.tv_sec) * 1000000000 + unix_time.tv_nsec - monotonic.tv_nsec);
	there = header->start_unix_ns - header->start_monotonic_ns;
	between = (int64_t)(here - there);
	return between < ONE_HOUR_NS && between > -ONE_HOUR_NS;
}

static void set_clock(struct feed *feed, int64_t trace_monotonic_ns, int64_t trace_unix_ns)
{
	const struct spool_header *header = feed->reader.header;
	struct identity_clock *clock = &feed->view.clock;
	uint64_t spool_offset = header->start_unix_ns - header->start_monotonic_ns;
	int64_t skew = (int64_t)(spool_offset - (uint64_t)(trace_unix_ns - trace_monotonic_ns));
	uint64_t base_ns = header->clock == SPOOL_CLOCK_TSC ? header->clock_monotonic_ns[0] : 0;

	clock->ticks = header->clock == SPOOL_CLOCK_TSC ? header->clock_ticks[0] : 0;
	clock->ns_per_tick = 1;
	base_ns -= (uint64_t)trace_monotonic_ns;
	/* The monotonic clocks of two boots (or time namespaces) have nothing in common: then the Unix times count. */
	if (skew > ONE_HOUR_NS || skew < -ONE_HOUR_NS)
		base_ns += (uint64_t)skew;
	clock->base_ns = (int64_t)base_ns;
	feed->same_boot = same_boot(header);
	feed_calibrate(feed);
}

static void copy_text(char *to, size_t size, const char *from, size_t room)
{
	size_t length = strnlen(from, room < size - 1 ? room : size - 1);

	memcpy(to, from, length);
	to[length] = 0;
}

static void copy_arguments(struct feed *feed, const struct spool_header *header)
{
	char text[sizeof header->command_line + 1];
	size_t length = header->command_line_bytes < sizeof header->command_line ? header->command_line_bytes : sizeof header->command_line;

	memcpy(text, header->command_line, length);
	while (length && !text[length - 1])
		length--;
	text[length] = 0;
	feed->command_line = process_quote_arguments(text, length);
}

static void look_at_maker(struct feed *feed)
{
	const struct spool_header *header = feed->reader.header;
	uint64_t start_time = process_start_time(feed->view.pid);

	feed->maker_start_time = feed->reader.header->process_start_time;
	feed->view.pids_known = start_time && start_time == feed->maker_start_time;
	feed->seen_alive = start_time && (!feed->maker_start_time || start_time == feed->maker_start_time);
	/* What is not in the header (it was full, or came later) is looked for in the living process when an address asks for it. */
	process_map_unpack(&feed->callers.map, header->mappings,
		header->mappings_bytes < sizeof header->mappings ? header->mappings_bytes : sizeof header->mappings);
}

int feed_open(struct feed **result, int directory_fd, const char *name, int64_t trace_monotonic_ns, int64_t trace_unix_ns)
{
	struct feed *feed = calloc(1, sizeof *feed);
	const struct spool_header *header;
	int status;

	if (!feed)
		return -ENOMEM;
	status = spool_reader_open(&feed->reader, directory_fd, name);
	if (status) {
		free(feed);
		return status;
	}
	header = feed->reader.header;
	copy_text(feed->executable, sizeof feed->executable, header->executable, sizeof header->executable);
	copy_text(feed->working_directory, sizeof feed->working_directory, header->working_directory, sizeof header->working_directory);
	copy_arguments(feed, header);
	set_clock(feed, trace_monotonic_ns, trace_unix_ns);
	feed->view.pid = header->pid;
	feed->view.parent_pid = header->parent_pid;
	feed->view.follows_exec = header->follows_exec != 0;
	feed->view.forked = header->forked != 0;
	feed->view.started_ns = identity_clock_ns(&feed->view.clock, header->start_ticks);
	feed->view.user_id = header->user_id;
	feed->view.host_id = FACT_NULL;
	feed->view.intercept = header->intercept != 0;
	feed->view.name = feed->reader.name;
	feed->view.executable = feed->executable;
	feed->view.command_line = feed->command_line;
	feed->view.working_directory = feed->working_directory;
	feed->view.owner = feed;
	look_at_maker(feed);
	*result = feed;
	return SPOOL_OK;
}

void feed_close(struct feed *feed)
{
	spool_reader_close(&feed->reader);
	callers_free_image(&feed->callers);
	free(feed->command_line);
	free(feed);
}

int feed_image_lives(struct feed *feed, struct process *process)
{
	struct watch *watch = process->owner;
	uint64_t start_time = process_start_time((int)process->row.pid);

	if (!watch) {
		watch = process->owner = calloc(1, sizeof *watch);
		if (!watch)
			return 1;
		watch->start_time = start_time;
		if (process == feed->maker && feed->maker_start_time && start_time != feed->maker_start_time)
			watch->start_time = 0; /* another process by now, or another namespace's number */
	}
	return start_time && start_time == watch->start_time;
}
