/*
 * contention.h: does the collector take processor time from somebody? proc_loadavg(5) says how many threads of the machine can run this moment; looked at
 * when the collector has just woken, all of them but itself are others.
 *
 * While they need every processor, the collector works a fiftieth of the time only; what waits is in the spools. Not an answer for a group that may use
 * fewer processors than the machine has: there it goes on as if some were free.
 */
#ifndef COLLECTOR_CONTENTION_H
#define COLLECTOR_CONTENTION_H

#include <stdint.h>

struct contention {
	int fd;                  /* /proc/loadavg; -1: not to be had, nobody is in the way */
	int processors;
	int others_256;          /* moving average of the others that can run, in 256ths; -1: not looked yet */
	int64_t worked_from_ns;  /* processor time of this process when the step began */
	int64_t next_ns;         /* when it is its turn again, however busy the others are */
};

void contention_open(struct contention *contention, const char *path, int processors);
void contention_close(struct contention *contention);

/* A look; after a pause, before work. When the first one finds them busy, our turn comes a while later. now_ns: of any monotonic clock, the same in all calls. */
void contention_look(struct contention *contention, int64_t now_ns);

/* 1: the others need all processors, and it is not our turn yet. */
int contention_waits(const struct contention *contention, int64_t now_ns);

/* Around work: its processor time decides when it is our turn again. cpu_ns: CLOCK_PROCESS_CPUTIME_ID. */
void contention_begin(struct contention *contention, int64_t cpu_ns);
void contention_end(struct contention *contention, int64_t cpu_ns, int64_t now_ns);

#endif
