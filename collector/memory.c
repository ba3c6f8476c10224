/*
 * memory.c: see memory.h. /proc/self/cgroup has a line `hierarchy:controllers:path` for each hierarchy (cgroups(7)); the one of version 2 names no
 * controllers. Within a container the path may not exist: what is mounted there is its own root, which is looked at in any case.
 */
#include "collector/memory.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static long long limit_of(const char *mount, const char *path, const char *file)
{
	char name[PATH_MAX], text[32] = "";
	FILE *limit;

	if (snprintf(name, sizeof name, "%s%s/%s", mount, path, file) >= (int)sizeof name)
		return LLONG_MAX;
	limit = fopen(name, "re");
	if (!limit)
		return LLONG_MAX;
	if (!fgets(text, sizeof text, limit))
		text[0] = 0;
	fclose(limit);
	return text[0] >= '1' && text[0] <= '9' ? strtoll(text, NULL, 10) : LLONG_MAX; /* "max" */
}

/* The least of a group's limit and those around it. */
static long long least(const char *mount, char *path, const char *file)
{
	long long found = LLONG_MAX, here;
	char *slash;

	for (;;) {
		here = limit_of(mount, path, file);
		if (here < found)
			found = here;
		slash = strrchr(path, '/');
		if (!slash)
			return found;
		*slash = 0;
	}
}

static long long group_limit(void)
{
	char line[PATH_MAX + 256];
	long long found = LLONG_MAX, here;
	FILE *groups = fopen("/proc/self/cgroup", "re");

	while (groups && fgets(line, sizeof line, groups)) {
		char *controllers = strchr(line, ':'), *path = controllers ? strchr(controllers + 1, ':') : NULL;

		if (!path)
			continue;
		*controllers++ = 0;
		*path++ = 0;
		path[strcspn(path, "\n")] = 0;
		if (*controllers == 0)
			here = least("/sys/fs/cgroup", path, "memory.max");
		else if (strcmp(controllers, "memory") == 0)
			here = least("/sys/fs/cgroup/memory", path, "memory.limit_in_bytes");
		else
			continue;
		if (here < found)
			found = here;
	}
	if (groups)
		fclose(groups);
	return found;
}

int memory_is_short(void)
{
	static int answer = -1;

	if (answer < 0)
		answer = group_limit() < MEMORY_SHORT_BYTES;
	return answer;
}
