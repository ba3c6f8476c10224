/* facts.c: the words of enumerated columns, and growing arrays of rows. */
#include "collector/facts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *const fact_origin_words[] = {"socket", "socketpair", "accept", "inherited", "passed", "adopted", NULL};
const char *const fact_proof_words[] = {"connect", "accept", "pair", "SO_ERROR", "getpeername", "data", "inherited", NULL};
const char *const fact_ended_words[] = {"close", "dup2", "exit", "exec", "killed", "open", NULL};
const char *const fact_opened_words[] = {"socket", "socketpair", "accept", "dup", "fork", "exec", "inherited", "passed",
	"pidfd_getfd", "spawn", "unshare", "unknown", NULL};
const char *const fact_closed_words[] = {"close", "dup2", "close_range", "exec", "exit", "killed", "unknown", NULL};
const char *const fact_start_words[] = {"start", "fork", "vfork", "exec", NULL};
const char *const fact_end_words[] = {"exit", "exec", "killed", NULL};

void *facts_append_rows(struct facts *facts, void **rows, size_t *count, size_t *room, size_t row_bytes, size_t more)
{
	unsigned char *first;

	if (*count + more > *room) {
		size_t wanted = *room ? *room * 2 : 64;
		void *grown;

		while (wanted < *count + more)
			wanted *= 2;
		grown = realloc(*rows, wanted * row_bytes);
		if (!grown) {
			facts->failed = -ENOMEM;
			return NULL;
		}
		*rows = grown;
		*room = wanted;
	}
	first = (unsigned char *)*rows + *count * row_bytes;
	memset(first, 0, more * row_bytes);
	*count += more;
	return first;
}

void facts_clear(struct facts *facts)
{
	facts->calls.count = facts->ready.count = facts->options.count = facts->names.count = 0;
	facts->payloads.count = facts->payload_bytes.count = facts->passings.count = facts->missing.count = 0;
	facts->outsiders.count = 0;
	facts->threads.count = 0;
	facts->failed = 0;
}

void facts_free(struct facts *facts)
{
	free(facts->calls.rows);
	free(facts->ready.rows);
	free(facts->options.rows);
	free(facts->names.rows);
	free(facts->payloads.rows);
	free(facts->payload_bytes.rows);
	free(facts->passings.rows);
	free(facts->missing.rows);
	free(facts->outsiders.rows);
	free(facts->threads.rows);
	memset(facts, 0, sizeof *facts);
}
