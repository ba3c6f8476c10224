/*
 * stdio.c: fclose on a socket (fdopen), where libc could not be patched: its own close is not seen then, and the number's next owner would
 * be taken for the socket. What streams read and write remains unseen there.
 */
#include "preload/hooks.h"
#include "preload/real.h"
#include "preload/spool.h"
#include "preload/table.h"
#include "preload/writer.h"

#include <errno.h>

extern int fileno(struct _IO_FILE *stream) __attribute__((weak));

/* Takes no lock. A stream without a descriptor is no error of the program's. */
static int descriptor_of(struct _IO_FILE *stream)
{
	int before = errno;
	int fd = fileno ? fileno(stream) : -1;

	errno = before;
	return fd;
}

int hook_fclose(struct _IO_FILE *stream) EXPORT_AS(fclose);
int hook_fclose(struct _IO_FILE *stream)
{
	int fd = !writer_spool || spool_options.patched_sites || !stream ? -1 : descriptor_of(stream);
	uint64_t cell = table_get(fd);
	struct spool_call *call;
	int result;

	if (likely(cell == 0 || cell & (CELL_CLOSED | CELL_EPOLL)))
		return REAL(fclose)(stream);
	call = writer_call_begin(CALL_close, fd, cell, TAG_VIA_LIBC, 0, 0, 0, __builtin_return_address(0));
	table_detach(fd);
	result = REAL(fclose)(stream);
	writer_call_returned(call);
	/* What fails is what was still to be written; the descriptor is closed. */
	if (call)
		writer_call_end(call, 0, 0);
	return result;
}
