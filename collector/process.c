/* process.c: see process.h (proc(5), elf(5)). */
#include "collector/process.h"

#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RING "anon_inode:[io_uring]"
#define RING_LOOKS 512 /* descriptors looked at: a server may have many thousands */

uint64_t process_start_time(int pid)
{
	char path[64], text[1024], *at;
	unsigned long long start = 0;
	long threads = 0;
	char state;
	ssize_t length;
	int fd;

	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	length = read(fd, text, sizeof text - 1);
	close(fd);
	if (length <= 0)
		return 0;
	text[length] = 0;
	/* Field 2, the command, may hold anything, a parenthesis too: count from the last one. */
	at = strrchr(text, ')');
	if (!at || at[1] != ' ')
		return 0;
	state = at[2];
	at++;
	for (int field = 3; at && field < 20; field++)
		at = strchr(at + 1, ' ');
	if (!at || sscanf(at, " %ld %*s %llu", &threads, &start) != 2)
		return 0;
	/* A zombie whose main thread alone has ended lives on in the others (pthread_exit(3)). */
	return state == 'X' || (state == 'Z' && threads <= 1) ? 0 : start;
}

int process_has_ring(int pid)
{
	char path[64], target[32];
	struct dirent *entry;
	int found = 0, left = RING_LOOKS;
	DIR *directory;

	snprintf(path, sizeof path, "/proc/%d/fd", pid);
	directory = opendir(path);
	while (directory && !found && left-- > 0 && (entry = readdir(directory))) {
		ssize_t length = readlinkat(dirfd(directory), entry->d_name, target, sizeof target);

		found = length == sizeof RING - 1 && memcmp(target, RING, sizeof RING - 1) == 0;
	}
	if (directory)
		closedir(directory);
	return found;
}

static int add_mapping(struct process_map *map, uint64_t start, uint64_t end, uint64_t base, const char *path)
{
	if (map->count == map->room) {
		size_t room = map->room ? map->room * 2 : 32;
		struct process_mapping *grown = realloc(map->mappings, room * sizeof *grown);

		if (!grown)
			return -ENOMEM;
		map->mappings = grown;
		map->room = room;
	}
	map->mappings[map->count] = (struct process_mapping){start, end, base, strdup(path)};
	return map->mappings[map->count].path ? (map->count++, 0) : -ENOMEM;
}

static void clear(struct process_map *map)
{
	for (size_t i = 0; i < map->count; i++)
		free(map->mappings[i].path);
	map->count = 0;
}

static int has_mapping(const struct process_map *map, const struct process_mapping *wanted)
{
	for (size_t i = 0; i < map->count; i++)
		if (map->mappings[i].start == wanted->start && !strcmp(map->mappings[i].path, wanted->path))
			return 1;
	return 0;
}

int process_map_read(struct process_map *map, int pid)
{
	char path[64], line[4400], last[4200] = "";
	struct process_map read = {NULL, 0, 0};
	uint64_t base = 0;
	int error = 0;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/maps", pid);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	while (!error && fgets(line, sizeof line, file)) {
		unsigned long long start, end, offset;
		char permissions[8];
		int name = 0;

		if (sscanf(line, "%llx-%llx %7s %llx %*s %*s %n", &start, &end, permissions, &offset, &name) < 4 || !name || line[name] != '/')
			continue;
		line[strcspn(line, "\n")] = 0;
		if (strncmp(line + name, last, sizeof last - 1) != 0) {
			snprintf(last, sizeof last, "%.4199s", line + name);
			base = start - offset;
		}
		if (permissions[2] == 'x')
			error = add_mapping(&read, start, end, base, line + name);
	}
	fclose(file);
	/* One that is ending has a file without lines, and one that went on by exec another program's: what was known of it stays. */
	if (!error && (!read.count || (map->count && !has_mapping(&read, &map->mappings[0]))))
		error = -ESRCH;
	process_map_free(error ? &read : map);
	if (!error)
		*map = read;
	return error;
}

int process_map_unpack(struct process_map *map, const unsigned char *bytes, size_t length)
{
	char path[1025];
	uint64_t numbers[3];
	uint16_t path_length;
	int error = 0;

	clear(map);
	for (size_t at = 0; !error && length - at >= sizeof numbers + sizeof path_length; at += path_length) {
		memcpy(numbers, bytes + at, sizeof numbers);
		memcpy(&path_length, bytes + at + sizeof numbers, sizeof path_length);
		at += sizeof numbers + sizeof path_length;
		if (path_length >= sizeof path || path_length > length - at)
			break;
		memcpy(path, bytes + at, path_length);
		path[path_length] = 0;
		error = add_mapping(map, numbers[0], numbers[1], numbers[2], path);
	}
	return error;
}

const struct process_mapping *process_map_find(const struct process_map *map, uint64_t address)
{
	for (size_t i = 0; i < map->count; i++)
		if (address >= map->mappings[i].start && address < map->mappings[i].end)
			return &map->mappings[i];
	return NULL;
}

void process_map_free(struct process_map *map)
{
	clear(map);
	free(map->mappings);
	*map = (struct process_map){NULL, 0, 0};
}

static int is_plain_word(const char *word)
{
	return *word && strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,+@%^") == strlen(word);
}

char *process_quote_arguments(const char *arguments, size_t length)
{
	char *text, *to;

	if (!length || !(text = malloc(length * 4 + 4)))
		return NULL;
	to = text;
	for (const char *word = arguments; word < arguments + length; word += strlen(word) + 1) {
		if (to != text)
			*to++ = ' ';
		if (is_plain_word(word)) {
			to = stpcpy(to, word);
			continue;
		}
		/* 'it'\''s' */
		*to++ = '\'';
		for (const char *at = word; *at; at++) {
			if (*at == '\'')
				to = stpcpy(to, "'\\''");
			else
				*to++ = *at;
		}
		*to++ = '\'';
	}
	*to = 0;
	return text;
}

/* Looks for the GNU build id in one PT_NOTE segment. */
static void find_note(const unsigned char *notes, size_t length, char *hex)
{
	for (size_t at = 0; at + sizeof(Elf64_Nhdr) <= length;) {
		Elf64_Nhdr note;
		size_t name, text;

		memcpy(&note, notes + at, sizeof note);
		name = at + sizeof note;
		text = name + ((note.n_namesz + 3) & ~(size_t)3);
		if (note.n_namesz > length || note.n_descsz > length || text + note.n_descsz > length)
			return;
		if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && memcmp(notes + name, "GNU", 4) == 0 && note.n_descsz <= 32) {
			for (size_t i = 0; i < note.n_descsz; i++)
				sprintf(hex + 2 * i, "%02x", notes[text + i]);
			return;
		}
		at = text + ((note.n_descsz + 3) & ~(size_t)3);
	}
}

void process_read_build_id(const char *path, char *hex, int *fixed)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	unsigned char notes[4096];
	Elf64_Ehdr header;

	hex[0] = 0;
	*fixed = 0;
	if (fd < 0)
		return;
	if (pread(fd, &header, sizeof header, 0) == sizeof header && memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 &&
	    header.e_ident[EI_CLASS] == ELFCLASS64) {
		*fixed = header.e_type == ET_EXEC;
		for (unsigned i = 0; i < header.e_phnum && i < 64 && !hex[0]; i++) {
			Elf64_Phdr segment;
			ssize_t got;

			if (pread(fd, &segment, sizeof segment, (off_t)(header.e_phoff + i * sizeof segment)) != sizeof segment)
				break;
			if (segment.p_type != PT_NOTE)
				continue;
			got = pread(fd, notes, segment.p_filesz < sizeof notes ? segment.p_filesz : sizeof notes, (off_t)segment.p_offset);
			if (got > 0)
				find_note(notes, (size_t)got, hex);
		}
	}
	close(fd);
}
