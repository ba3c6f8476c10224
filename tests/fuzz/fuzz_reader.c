/*
 * fuzz_reader.c: a spool of hostile bytes through reader and state machine, all in memory: what is done, what never returned, the ends of its
 * processes, and its chunks given back. Its input: see spool_input.h; the corpus is that of fuzz_spool.c.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/spool_input.h"
#include "collector/identity.h"
#include "collector/spool_reader.h"

#define REFS 1024

static int directory_fd;
static char spool_path[160];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	fuzz_begin();
	snprintf(spool_path, sizeof(spool_path), "%s/" SPOOL_NAME, fuzz_directory);
	directory_fd = open(fuzz_directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory_fd < 0)
		abort();
	return 0;
}

static struct thread *owner_of(struct identity *identity, struct spool_view *view, struct spool_reader *reader, uint32_t chunk)
{
	uint64_t taken_ticks;
	char name[16];
	int pid, tid;

	spool_reader_owner(reader, chunk, &pid, &tid, &taken_ticks, name);
	return identity_thread_of(identity, view, pid, tid, name, identity_clock_ns(&view->clock, taken_ticks));
}

static void apply_all(struct identity *identity, struct spool_view *view, struct spool_reader *reader, int running)
{
	static struct record_ref refs[REFS];
	static union record_slot record[1 + SPOOL_MAX_PARTS];
	int64_t count;

	while ((count = spool_reader_collect(reader, refs, REFS, running, 0)) > 0) {
		for (int64_t i = 0; i < count; i++) {
			struct thread *thread;

			if (!spool_reader_copy(reader, &refs[i], record))
				continue;
			thread = owner_of(identity, view, reader, refs[i].chunk);
			if (!thread)
				abort();
			if (refs[i].running && record->tag.state == STATE_RUNNING)
				identity_apply_running(identity, thread, record);
			else
				identity_apply(identity, thread, record);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct identity_config config = {.keep_data_calls = 1};
	struct spool_view view = {.name = SPOOL_NAME, .user_id = FACT_NULL, .host_id = FACT_NULL, .intercept = FACT_NULL};
	struct spool_reader reader;
	struct identity *identity;
	struct process *maker;

	spool_input_lay_out(data, size);
	fuzz_write(spool_path, spool, sizeof(spool));
	if (spool_reader_open(&reader, directory_fd, SPOOL_NAME) != SPOOL_OK)
		return 0;
	view.clock = (struct identity_clock){reader.header->clock_ticks[0], 0, reader.header->clock == SPOOL_CLOCK_TSC ? 0.4 : 1};
	view.pid = reader.header->pid;
	view.parent_pid = reader.header->parent_pid;
	view.follows_exec = reader.header->follows_exec != 0;
	view.started_ns = identity_clock_ns(&view.clock, reader.header->start_ticks);
	if (identity_new(&identity, &config) || identity_spool_add(identity, &view, &maker))
		abort();
	apply_all(identity, &view, &reader, 0);
	spool_reader_return_chunks(&reader, 1);
	apply_all(identity, &view, &reader, 1);
	for (struct process *process = identity_processes(identity); process; process = process->next)
		identity_process_end(identity, process, process->last_ns, END_KILLED, FACT_NULL, FACT_NULL);
	identity_link_images(identity, 0);
	identity_finish(identity);
	identity_changes_clear(identity);
	identity_spool_remove(identity, &view);
	identity_free(identity);
	spool_reader_close(&reader);
	return 0;
}
