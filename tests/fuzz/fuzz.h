/* fuzz.h: what the targets share: a directory of their own, and messages kept quiet. */
#ifndef FUZZ_H
#define FUZZ_H

#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static char fuzz_directory[64];

static void fuzz_clean_up(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", fuzz_directory);
	if (system(command))
		return;
}

/* Messages of ours go nowhere; the sanitizers write to the descriptor itself. */
__attribute__((unused)) static void fuzz_begin(void)
{
	FILE *nowhere = fopen("/dev/null", "w");

	if (nowhere)
		stderr = nowhere;
	snprintf(fuzz_directory, sizeof(fuzz_directory), "%s/socklife-fuzz.XXXXXX", access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	if (!mkdtemp(fuzz_directory))
		abort();
	atexit(fuzz_clean_up);
}

__attribute__((unused)) static void fuzz_write(const char *path, const void *data, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	close(fd);
}

#endif
