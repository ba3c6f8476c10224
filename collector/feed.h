/*
 * feed.h: one spool as the collector sees it: its reader, its share of the state machine, the strings and mappings of its
 * image, and whether the processes that write it still live.
 */
#ifndef COLLECTOR_FEED_H
#define COLLECTOR_FEED_H

#include "collector/callers.h"
#include "collector/identity.h"
#include "collector/spool_reader.h"

struct feed {
	struct spool_reader reader;
	struct spool_view view;
	struct process *maker;        /* the image that made it */
	char *command_line, executable[1025], working_directory[1025];
	struct image_callers callers;
	uint64_t maker_start_time;    /* of /proc/PID/stat; 0: not known */
	int same_boot;                /* recorded since this machine was last started */
	int seen_alive;               /* its maker was there when we first looked */
	int finished;                 /* drained for good: to be removed after the next commit */
};

/* How the collector watches one image (struct process.owner points to it). */
struct watch {
	uint64_t start_time;          /* of its pid when first looked at; 0: was gone already */
	int64_t ring_look_ns;         /* when to look for an io_uring next; INT64_MAX: one was found */
};

/*
 * Opens a spool and fills *feed (malloc'd). trace_*_ns: the trace's start on two clocks. Returns what spool_reader_open
 * does, or -ENOMEM.
 */
int feed_open(struct feed **feed, int directory_fd, const char *name, int64_t trace_monotonic_ns, int64_t trace_unix_ns);
void feed_close(struct feed *feed);

/* Brings the conversion of ticks up to date; after records have been read, before they are converted. */
void feed_calibrate(struct feed *feed);

/* 1: the process of this image still runs it, as far as pids can tell. */
int feed_image_lives(struct feed *feed, struct process *process);

#endif
