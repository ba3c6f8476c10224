/*
 * trace_directory.h: for tests of the collector: a directory with a database and one spool (spool_file.h), whose writer is alive as long as a test says so. Gone after
 * each test but for the directory.
 */
#ifndef TESTS_UNIT_TRACE_DIRECTORY_H
#define TESTS_UNIT_TRACE_DIRECTORY_H

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "collector/collector.h"
#include "spool_file.h"

static char directory[] = "/tmp/socklife_test.XXXXXX";
static char database[64], spools[80], spool[128], message[512];

static inline int trace_make_directory(void **state)
{
	assert_non_null(mkdtemp(directory));
	snprintf(database, sizeof database, "%s/t.db", directory);
	snprintf(spools, sizeof spools, "%s.spool", database);
	snprintf(spool, sizeof spool, "%s/2000000000-3e8.spool", spools);
	return 0;
}

static inline int trace_clean(void **state)
{
	char command[256];

	snprintf(command, sizeof command, "rm -rf %s/*", directory);
	return system(command);
}

static inline int trace_remove_directory(void **state)
{
	return rmdir(directory);
}

static inline int64_t trace_query(const char *sql)
{
	sqlite3_stmt *statement;
	int64_t value;
	sqlite3 *db;

	assert_int_equal(sqlite3_open_v2(database, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	value = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	sqlite3_close(db);
	return value;
}

/* A collector that dies after so many steps and their commits, its spool still there. */
static inline void trace_collect_and_die(int steps)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct collector_options options = {.database = database, .keep_data_calls = 1};
		struct collector *collector;

		if (collector_open(&collector, &options, message))
			_exit(1);
		for (int i = 0; i < steps; i++)
			if (collector_step(collector) < 0)
				_exit(2);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* As if its process were alive: the spool stays locked, so that it is not finished. */
static inline int trace_hold_spool(void)
{
	int fd = open(spool, O_RDWR | O_CLOEXEC);

	spool_file_write(spool, offsetof(struct spool_header, locked), &(uint32_t){1}, 4);
	assert_true(fd >= 0);
	assert_int_equal(flock(fd, LOCK_SH), 0);
	return fd;
}

#endif
