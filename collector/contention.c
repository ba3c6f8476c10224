/* contention.c: see contention.h. */
#include "collector/contention.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define SHARE 50         /* of the time, at most one part in so many */
#define WEIGHT 8         /* a look counts for one part in so many */
#define FIRST_TURN_NS 500000000
#define SPARE_256 192    /* of a processor: two programs that wait for each other now and then leave less */

void contention_open(struct contention *contention, const char *path, int processors)
{
	*contention = (struct contention){.fd = open(path, O_RDONLY | O_CLOEXEC), .processors = processors, .others_256 = -1};
}

void contention_close(struct contention *contention)
{
	if (contention->fd >= 0)
		close(contention->fd);
	contention->fd = -1;
}

static int is_needed(const struct contention *contention)
{
	return contention->others_256 > contention->processors * 256 - SPARE_256;
}

void contention_look(struct contention *contention, int64_t now_ns)
{
	char text[128];
	ssize_t got = contention->fd < 0 ? -1 : pread(contention->fd, text, sizeof text - 1, 0);
	int runnable;

	text[got > 0 ? got : 0] = 0;
	if (sscanf(text, "%*s %*s %*s %d/", &runnable) != 1)
		return;
	if (runnable > 4 * contention->processors)
		runnable = 4 * contention->processors;
	if (contention->others_256 < 0) {
		contention->others_256 = (runnable - 1) * 256;
		contention->next_ns = is_needed(contention) ? now_ns + FIRST_TURN_NS : 0;
	}
	contention->others_256 += ((runnable - 1) * 256 - contention->others_256) / WEIGHT;
}

int contention_waits(const struct contention *contention, int64_t now_ns)
{
	return is_needed(contention) && now_ns < contention->next_ns;
}

void contention_begin(struct contention *contention, int64_t cpu_ns)
{
	contention->worked_from_ns = cpu_ns;
}

void contention_end(struct contention *contention, int64_t cpu_ns, int64_t now_ns)
{
	contention->next_ns = now_ns + (cpu_ns - contention->worked_from_ns) * SHARE;
}
