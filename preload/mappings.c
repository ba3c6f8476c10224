/*
 * mappings.c: see mappings.h.
 *
 *	7f12a000-7f12c000 r-xp 00002000 08:01 1234567    /lib/libx.so
 *	start    end      flags offset  device inode     path
 */
#include "preload/mappings.h"
#include "preload/raw.h"

#include <fcntl.h>

struct line {
	uint64_t start, end, offset, inode;
	int executable;
	const char *path; /* ended by `path_end` */
	const char *path_end;
};

static const char *read_number(const char *at, const char *end, unsigned base, uint64_t *value)
{
	for (*value = 0; at < end; at++) {
		unsigned digit = *at >= '0' && *at <= '9' ? (unsigned)(*at - '0') : *at >= 'a' && *at <= 'f' ? (unsigned)(*at - 'a' + 10) : 99;

		if (digit >= base)
			break;
		*value = *value * base + digit;
	}
	return at < end ? at + 1 : end;
}

static const char *skip_word(const char *at, const char *end)
{
	while (at < end && *at != ' ')
		at++;
	return at < end ? at + 1 : end;
}

static int read_line(struct line *line, const char *at, const char *end)
{
	at = read_number(at, end, 16, &line->start);
	at = read_number(at, end, 16, &line->end);
	if (end - at < 6)
		return 0;
	line->executable = at[2] == 'x';
	at = skip_word(at, end);
	at = read_number(at, end, 16, &line->offset);
	at = skip_word(at, end);
	at = read_number(at, end, 10, &line->inode);
	while (at < end && *at == ' ')
		at++;
	line->path = at;
	line->path_end = end;
	return at < end && *at == '/';
}

static void append(struct spool_header *spool, const struct line *line, uint64_t base)
{
	uint64_t numbers[3] = {line->start, line->end, base};
	uint16_t length = (uint16_t)(line->path_end - line->path);
	uint32_t at = spool->mappings_bytes;

	if (line->path_end - line->path > 1024 || at + sizeof numbers + sizeof length + length > sizeof spool->mappings)
		return;
	raw_copy(spool->mappings + at, numbers, sizeof numbers);
	raw_copy(spool->mappings + at + sizeof numbers, &length, sizeof length);
	raw_copy(spool->mappings + at + sizeof numbers + sizeof length, line->path, length);
	spool->mappings_bytes = at + (uint32_t)(sizeof numbers + sizeof length + length);
}

void mappings_read(struct spool_header *spool, char *text, uint32_t room)
{
	long fd = raw_syscall(SYS_openat, AT_FDCWD, "/proc/self/maps", O_RDONLY | O_CLOEXEC, 0);
	uint64_t inode = 0, base = 0;
	uint32_t have = 0;
	long got;

	if (fd < 0)
		return;
	while ((got = raw_syscall(SYS_read, fd, text + have, room - have)) > 0) {
		const char *at = text, *end = text + have + got;

		for (const char *stop = at; stop < end; stop++) {
			struct line line;

			if (*stop != '\n')
				continue;
			if (read_line(&line, at, stop)) {
				if (line.inode != inode)
					base = line.start - line.offset;
				inode = line.inode;
				if (line.executable)
					append(spool, &line, base);
			}
			at = stop + 1;
		}
		/* The rest of a line, for the next round; one that fills the room is given up. */
		have = (uint32_t)(end - at);
		if (have == room)
			have = 0;
		for (uint32_t i = 0; i < have; i++)
			text[i] = at[i];
	}
	raw_syscall(SYS_close, fd);
}
