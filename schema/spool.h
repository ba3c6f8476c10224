/*
 * spool.h: the layout of a spool, the memory-mapped file through which a traced process hands its records over.
 *
 * The contract between the writer (preload/, inside the traced program) and the reader (collector/). Constants and
 * structs only. Everything a reader finds in a spool is untrusted bytes: any program may have written them.
 *
 *   file:   | header, SPOOL_HEADER_BYTES | chunk 0 | chunk 1 | …            grows up to chunk_max chunks
 *   chunk:  | chunk header, 128 bytes | slot 0 | slot 1 | … slot 125 |      owned by one thread at a time
 *   slot:   | tag, 8 bytes | 56 bytes |                                     a record is one slot, or one and its extensions
 *
 * One spool serves one program image and the processes forked from it (they go on in the inherited mapping, in chunks
 * of their own). exec starts a new spool.
 *
 * How a record comes to be. The writer reserves 1 + parts slots of its thread's chunk with one instruction, so that a
 * signal handler may record in between; fills the base slot and stores its tag with STATE_RUNNING; makes the real call;
 * fills the rest and stores the tag again with STATE_DONE, last. A reader that sees STATE_DONE sees a whole record with
 * all its extensions; one that sees STATE_RUNNING sees a call in progress, or, once its process or thread is gone, a call
 * that never returned. A zero tag is a slot reserved but not begun, or not reserved yet; the record behind it may be
 * done already. Every slot has a tag of its own, so a reader that meets zeros goes on slot by slot.
 *
 * How a chunk lives. CHUNK_FREE (zeroed) → a thread takes it from the free list, or the next never used one below
 * chunk_limit → CHUNK_OWNED → the thread has filled it: CHUNK_RETIRED → the reader, after its records are committed to the
 * database and no slot is running: zeroes it, generation + 1, CHUNK_FREE, pushed to the free list. A chunk whose owner
 * is dead is treated as retired. A writer may also take a run of never used ones and push them to the free list, once their pages are made.
 *
 * Version law: SPOOL_VERSION rises with any change of a layout, a number or a meaning below, or of the number, effect, arg or
 * flags of a row in calls.def. Adding a row, a record type, an extension type or a cause does not raise it: a reader skips
 * and counts what it does not know. Nor does giving a meaning to unused bytes, if zero says "not known": they are written as zeros. A reader refuses another version with a sentence.
 */
#ifndef SCHEMA_SPOOL_H
#define SCHEMA_SPOOL_H

#include <stdint.h>

#define SPOOL_MAGIC "socklife"  /* 8 bytes, no NUL */
#define SPOOL_VERSION 1
#define SPOOL_SUFFIX ".spool"   /* directory: <database>.spool/; file: <pid>-<start_ticks, hex>.spool; lock: collector.lock */

/*
 * A process that cannot make its spool leaves a symbolic link beside where it would be, <pid>-<ticks, hex>.nospool. It leads nowhere: its target is the
 * reason (an errno), and behind a space the program's path. It takes no block, no descriptor, and no leave of RLIMIT_FSIZE.
 */
#define SPOOL_REFUSED_SUFFIX ".nospool"

#define SPOOL_DIRECTORY_MODE_ROOT 01733 /* 0700 for others; root's traced programs may drop their privileges and go on */

#define SPOOL_SLOT_BYTES 64
#define SPOOL_CHUNK_BYTES 8192
#define SPOOL_RUN_CHUNKS 8           /* room is made for, and pages are mapped of, so many at once; what the collector makes begins at a multiple */
#define SPOOL_CHUNK_HEADER_BYTES 128
#define SPOOL_CHUNK_SLOTS 126   /* (SPOOL_CHUNK_BYTES - SPOOL_CHUNK_HEADER_BYTES) / SPOOL_SLOT_BYTES */
#define SPOOL_MAX_PARTS 120     /* extension slots of one record at most */
#define SPOOL_HEADER_BYTES 16384
#define SPOOL_DROP_ENTRIES 64
#define SPOOL_UNKNOWN UINT64_MAX

enum spool_clock {
	SPOOL_CLOCK_MONOTONIC = 1,  /* ticks are nanoseconds of CLOCK_MONOTONIC */
	SPOOL_CLOCK_TSC = 2,        /* ticks are the time-stamp counter; converted between the header's first pair and a reading made after the records were read */
};

/*
 * A cell names a socket (or an epoll instance) wherever it travels: what the shim's descriptor table holds, and what
 * each record carries. Two cells with the same identity (CELL_IDENTITY bits) are the same socket: across descriptors,
 * threads, processes and spools when CELL_SYNTHETIC is clear, within one spool when it is set.
 *
 *   bit  63      CELL_CLOSED     only in the shim's table: the descriptor was closed (kept to name a late EBADF)
 *   bit  62      CELL_TCP        TCP: TCP_INFO, SIOCINQ and SIOCOUTQ apply
 *   bit  61      CELL_EPOLL      an epoll instance, not a socket
 *   bit  60      CELL_EPOLL_USED an epoll instance that holds a socket, or may (it was met, not made here); outside the identity
 *                CELL_CLOSING    of a socket, only in the shim's table and with CELL_CLOSED: a thread is about to close it
 *   bit  58      CELL_BOUND      a listener of which the shim keeps the address; outside the identity
 *   bit  59      CELL_SYNTHETIC  the identity is a number of this spool, for want of a kernel cookie
 *   bits 54..57  the type: SOCK_STREAM 1, SOCK_DGRAM 2, SOCK_RAW 3, SOCK_SEQPACKET 5, …; 0 unknown
 *   bits 48..53  the domain: AF_*; 0 unknown
 *   bits 0..47   SO_COOKIE (or the synthetic number); 0 with the rest: no socket
 */
#define CELL_CLOSED (UINT64_C(1) << 63)
#define CELL_TCP (UINT64_C(1) << 62)
#define CELL_EPOLL (UINT64_C(1) << 61)
#define CELL_EPOLL_USED (UINT64_C(1) << 60)
#define CELL_CLOSING CELL_EPOLL_USED
#define CELL_SYNTHETIC (UINT64_C(1) << 59)
#define CELL_BOUND (UINT64_C(1) << 58)
#define CELL_TYPE_SHIFT 54
#define CELL_TYPE_MASK 0xf
#define CELL_DOMAIN_SHIFT 48
#define CELL_DOMAIN_MASK 0x3f
#define CELL_COOKIE_MASK ((UINT64_C(1) << 48) - 1)
#define CELL_IDENTITY (CELL_COOKIE_MASK | CELL_SYNTHETIC | CELL_EPOLL)

/* What a call means in a socket's life; a column of calls.def. */
enum call_effect {
	EFFECT_NONE,
	EFFECT_CREATE,     /* result is a new socket's descriptor */
	EFFECT_PAIR,       /* two new sockets: two EXT_SOCKET */
	EFFECT_BIND,
	EFFECT_LISTEN,
	EFFECT_ACCEPT,     /* subject the listener; EXT_SOCKET names the accepted socket */
	EFFECT_CONNECT,
	EFFECT_SHUTDOWN,
	EFFECT_CLOSE,
	EFFECT_SEND,       /* result: bytes sent (sendmmsg: messages) */
	EFFECT_RECEIVE,    /* result: bytes received (recvmmsg: messages) */
	EFFECT_TRANSFER,   /* send, or receive when TAG_RECEIVES is set */
	EFFECT_DUPLICATE,  /* result is one more descriptor of the subject */
	EFFECT_CONTROL,
	EFFECT_OPTION,
	EFFECT_ADDRESS,
	EFFECT_WAIT,
	EFFECT_EPOLL,
	EFFECT_PROCESS,
	EFFECT_NAME,
};

/* Numbers of calls.def: CALL_socket, CALL_send, … */
enum call_number {
	CALL_none = 0,
#define CALL(number, name, ...) CALL_##name = number,
#define CALL_BY_HAND(number, name, ...) CALL_##name = number,
#include "calls.def"
	CALL_NUMBERS = 250
};

enum spool_slot_type {
	SLOT_EMPTY = 0,
	/* records: the first slot of a group */
	SLOT_CALL = 1,            /* struct spool_call */
	SLOT_SPAN = 2,            /* struct spool_span: a descriptor began or ceased to refer to a socket, outside the call's own effect */
	SLOT_READY = 3,           /* struct spool_ready: what poll or select found */
	SLOT_EPOLL_READY = 4,     /* struct spool_epoll_ready: what epoll_wait returned */
	SLOT_PROCESS = 5,         /* struct spool_process */
	SLOT_GAP = 6,             /* struct spool_gap */
	/* extensions: follow their record within its group */
	SLOT_EXT_ADDRESS_LOCAL = 32,  /* data: a struct sockaddr_*; tag.length its bytes as the kernel gave them (0..128) */
	SLOT_EXT_ADDRESS_PEER = 33,
	SLOT_EXT_SOCKET = 34,     /* struct spool_ext_socket */
	SLOT_EXT_TCP_INFO = 35,   /* struct spool_ext_tcp_info */
	SLOT_EXT_OPTION = 36,     /* data: the option's value, tag.length bytes stored (56 at most) */
	SLOT_EXT_PAYLOAD = 37,    /* data: payload bytes; tag.length in all */
	SLOT_EXT_TEXT = 38,       /* data: bytes of a name or path, no NUL; tag.length in all */
	SLOT_EXT_MESSAGE = 39,    /* struct spool_ext_message: the message of recvmsg, or all of sendmmsg or recvmmsg; there may be several, which are summed up */
	SLOT_EXT_EPOLL = 40,      /* struct spool_ext_epoll */
	SLOT_EXT_MORE = 63,       /* data goes on from the extension slot before it */
};

enum spool_slot_state {
	STATE_EMPTY = 0,
	STATE_RUNNING = 1,
	STATE_DONE = 2,
	STATE_VOID = 3,   /* reserved, then found not worth recording (a poll without sockets): skip */
};

/* tag.flags */
#define TAG_VIA_MASK 0x03
#define TAG_VIA_SYMBOL 0    /* through an exported function */
#define TAG_VIA_SYSCALL 1   /* through syscall() */
#define TAG_VIA_LIBC 2      /* from inside libc (patched instruction) */
#define TAG_RECEIVES 0x04   /* EFFECT_TRANSFER: the subject is the source */
#define TAG_STALE 0x08      /* the descriptor had been closed: `socket` names what it was before */
#define TAG_ADOPTED 0x10    /* first sight of a socket the shim had not seen being made */

/* The first 8 bytes of every slot, stored as one aligned 64-bit word. */
struct spool_tag {
	uint8_t type;     /* enum spool_slot_type */
	uint8_t parts;    /* record: extension slots that follow; extension: 0 */
	uint8_t state;    /* record: enum spool_slot_state; extension: STATE_DONE */
	uint8_t flags;    /* TAG_* */
	uint16_t kind;    /* SLOT_CALL: enum call_number; extension: see above; else 0 */
	uint16_t length;  /* extension: bytes of data in all, continuation slots included; SLOT_CALL: errno, 0 when it succeeded */
};

struct spool_call {
	struct spool_tag tag;
	int32_t fd;            /* as the program gave it; EFFECT_CREATE: -1 (see result) */
	uint32_t flags;
	uint64_t start_ticks;
	uint64_t duration_ticks;
	int64_t result;        /* as the program saw it */
	uint64_t socket;       /* cell of the subject, taken at entry (EFFECT_CREATE: of the new socket); 0: none known */
	uint64_t arg;
	uint64_t caller;       /* return address into the calling code; 0 unknown */
};

enum spool_span_cause {
	SPAN_OPENED_FORK = 1,      /* held since the fork that made this process */
	SPAN_OPENED_INHERITED = 2, /* found open when this image started, or adopted later */
	SPAN_OPENED_PASSED = 3,    /* SCM_RIGHTS in a received message */
	SPAN_OPENED_SPAWN = 4,
	SPAN_OPENED_UNSHARE = 5,   /* in the descriptor table of its own that this thread has from here on (PROCESS_UNSHARED) */
	SPAN_CLOSED_DUP2 = 32,     /* another descriptor was duplicated over it */
	SPAN_CLOSED_RANGE = 33,    /* close_range, closefrom */
	SPAN_CLOSED_EXEC = 34,     /* close-on-exec */
	SPAN_CLOSED_FOUND = 35,    /* found closed by means not seen */
	SPAN_SENT = 64,            /* not a change: sent as SCM_RIGHTS in a message on `via` */
};

struct spool_span {
	struct spool_tag tag;  /* kind: enum spool_span_cause */
	int32_t fd;
	uint32_t protocol;     /* opened: SO_PROTOCOL, UINT32_MAX unknown */
	uint64_t at_ticks;
	uint64_t socket;       /* cell */
	uint64_t via;          /* cell of the socket the descriptor travelled over; 0: none */
	uint64_t call_start_ticks; /* start of the call that did it, on the same thread; 0: none */
	uint64_t unused[2];    /* a SPAN_OPENED_INHERITED record carries EXT_ADDRESS_LOCAL and _PEER */
};

/* Up to three descriptors that a poll, ppoll, select or pselect found; more follow in further records. */
struct spool_ready {
	struct spool_tag tag;      /* length: entries used (1..3); kind: call_number of the wait */
	uint64_t call_start_ticks; /* of the wait, on the same thread */
	struct spool_ready_entry {
		uint64_t socket;   /* cell */
		int32_t fd;
		uint32_t events;   /* POLL*; bit 31 (READY_NOT): in the set, but not ready */
	} entry[3];
};
#define READY_NOT (UINT32_C(1) << 31)

struct spool_epoll_ready {
	struct spool_tag tag;      /* length: entries used (1..4) */
	uint64_t call_start_ticks;
	struct spool_epoll_event {
		uint32_t events;
		uint32_t data_low, data_high; /* the program's own user data: never a descriptor by itself */
	} entry[4];
};

enum spool_process_cause {
	PROCESS_STARTED = 1,  /* this image's first record: the header says the rest */
	PROCESS_FORKED = 2,
	PROCESS_VFORKED = 3,
	PROCESS_EXITING = 4,  /* exit() is running; the status is not known here */
	PROCESS_RENAMED = 5,  /* thread name changed: EXT_TEXT */
	PROCESS_UNSHARED = 6, /* this thread goes on with descriptor table `table`: a new copy, and what it holds follows as spans; or that of the thread that started it */
	PROCESS_THREAD_ENDING = 7, /* such a thread leaves its table; `table`: nobody is left who has it */
	PROCESS_NETWORK = 8,  /* this thread makes its sockets in another network namespace from here on: `network_namespace` */
};

struct spool_process {
	struct spool_tag tag;  /* kind: enum spool_process_cause */
	int32_t pid;
	int32_t parent_pid;
	uint64_t at_ticks;
	uint64_t network_namespace; /* as in the header */
	uint64_t table;        /* number of a descriptor table that is not the process's; 0: none */
	uint64_t same_pids;    /* PROCESS_FORKED: 1: its parent has in its PID namespace the number that the parent has in its own: there is no other namespace between */
	uint64_t unused[2];
};

enum spool_gap_reason {
	GAP_UNTRACEABLE_CHILD = 1, /* EXT_TEXT: "path: why" */
	GAP_IO_URING = 2,
	GAP_RAW_SYSCALLS = 3,      /* the program makes its own (Go): EXT_TEXT says how it was recognised */
	GAP_PATCH_REFUSED = 4,     /* EXT_TEXT: why */
	GAP_SECCOMP = 5,           /* from here on, addresses, cookies and TCP_INFO are not read */
	GAP_DESCRIPTOR_RANGE = 6,  /* a descriptor beyond the shim's table */
	GAP_DROPPED = 7,           /* only in the header's drop entries */
	GAP_SHARED_DESCRIPTORS = 8, /* two processes have one descriptor table and two memories: EXT_TEXT says how */
	GAP_PASSED_UNKNOWN = 9,    /* descriptors came with a message where it may not be asked whether they are sockets */
};

struct spool_gap {
	struct spool_tag tag;  /* kind: enum spool_gap_reason */
	int32_t pid;
	int32_t unused32;
	uint64_t at_ticks;
	uint64_t count;        /* of what the reason says; 0: not countable */
	uint64_t unused[4];
};

struct spool_ext_socket {
	struct spool_tag tag;
	uint64_t socket;       /* cell */
	int32_t fd;
	uint32_t protocol;     /* SO_PROTOCOL; UINT32_MAX unknown */
	int32_t peer_pid;      /* of an accepted Unix socket, SO_PEERCRED: who connected, as the accepting process sees it; 0 unknown */
	uint32_t unused32;
	uint64_t unused[4];
};

/* From TCP_INFO (linux/tcp.h), SIOCINQ and SIOCOUTQ (tcp(7)) just before the last known descriptor is closed. */
struct spool_ext_tcp_info {
	struct spool_tag tag;  /* kind: TCP_* state number */
	uint32_t rtt_us, rtt_variance_us, retransmits, lost;
	uint64_t bytes_acked, bytes_received;
	uint32_t unread_bytes;  /* UINT32_MAX unknown */
	uint32_t unsent_bytes;  /* in the send queue, not acknowledged; UINT32_MAX unknown */
	uint32_t min_rtt_us, segments_out, segments_in;
	uint32_t unused;
};

struct spool_ext_message {
	struct spool_tag tag;
	uint64_t bytes;            /* transferred (msg_len) */
	uint64_t requested_bytes;  /* room or offer: the iovecs' sum */
	uint32_t message_flags;    /* received: msg_flags (MSG_TRUNC, MSG_CTRUNC, MSG_EOR …), those of all messages together */
	uint32_t unused32;
	uint64_t unused[4];
};

struct spool_ext_epoll {
	struct spool_tag tag;
	uint64_t epoll;        /* cell of the epoll instance */
	uint64_t data;         /* epoll_data as given (ADD, MOD) */
	uint32_t events;
	uint32_t unused32;
	uint64_t unused[4];
};

enum spool_chunk_state {
	CHUNK_FREE = 0,
	CHUNK_OWNED = 1,
	CHUNK_RETIRED = 2,
};

struct spool_chunk_header {
	uint32_t state;            /* stored last when taken */
	uint32_t generation;       /* times returned by a reader */
	int32_t pid, tid;          /* tid 0: unknown (a thread first seen under seccomp) */
	uint32_t next_free;        /* free list: index + 1 of the next chunk, 0 at the end */
	uint32_t reserved;         /* unused */
	uint64_t taken_ticks;
	char thread_name[16];      /* NUL-padded comm; empty: unknown */
	uint64_t unused[10];
};

struct spool_drop_entry {
	int32_t pid;               /* 0: entry not used */
	uint32_t unused32;
	uint64_t count;            /* records that found no room */
	uint64_t first_ticks, last_ticks;
	uint64_t unused[4];
};

struct spool_header {
	char magic[8];
	uint32_t version;
	uint32_t header_bytes, chunk_bytes, slot_bytes;
	uint32_t clock;            /* enum spool_clock */
	int32_t pid, parent_pid;   /* of the process that made the spool */
	uint32_t user_id;
	uint64_t start_ticks;      /* of the image's shim; of the maker, if it is `forked` */
	uint64_t clock_ticks[2], clock_monotonic_ns[2]; /* calibration: two readings of both clocks */
	uint64_t start_monotonic_ns, start_unix_ns;     /* the same moment on two clocks */
	uint64_t network_namespace;    /* inode of /proc/self/ns/net; 0 unknown */
	uint64_t process_start_time;   /* field 22 of /proc/pid/stat, clock ticks since boot; 0 unknown */
	uint64_t follows_exec;     /* 1: the same pid had an earlier image under the shim (SOCKLIFE_IMAGE was set for it) */
	uint32_t ready;            /* 1 once all of the above and the strings below are written */
	uint32_t intercept;        /* 0 symbols only, 1 libc patched as well */
	uint32_t patched_sites, unpatched_sites;

	uint32_t chunk_max;        /* chunks the mapping has room for */
	uint32_t chunk_limit;      /* chunks whose blocks are reserved on disk; raised by the collector or the shim */
	uint32_t chunk_fresh;      /* next never used chunk; may run past chunk_limit */
	uint32_t forked;           /* 1: the maker is a fork of parent_pid that had no spool then */
	uint64_t chunk_free;       /* free list: generation << 32 | index + 1 of the first chunk, 0 low half at the end */
	uint64_t synthetic_next;   /* last synthetic socket number given out */
	uint64_t gap_count;
	uint32_t locked;               /* 1: the maker holds a shared flock(2) on the file: it lasts while any process has the spool mapped */
	uint32_t narrowed;             /* 1: a process has given back a part of its mapping, and reaches low chunks only */
	uint64_t epoll_used[4];        /* a bit for each epoll instance that more than one process has and that holds a socket: the shim's own */
	/* 1: a TCP socket has been disconnected, to be connected again (connect(2), AF_UNSPEC): the shim's own. Read by every close, so not beside what changes often. */
	uint32_t tcp_reused;
	uint32_t unused_there;
	uint64_t unused[3];

	struct spool_drop_entry drop[SPOOL_DROP_ENTRIES];

	char executable[1024];     /* NUL-terminated; bytes as /proc/self/exe gives them */
	char working_directory[1024];
	char command_line[4096];   /* arguments separated by NUL, ended by two */
	uint32_t command_line_bytes;

	/* Executable file mappings when the spool was made: start, end, address of the file's first byte (u64 each), length of the
	 * path (u16), path; one after another, unaligned. */
	uint32_t mappings_bytes;
	unsigned char mappings[4096];
};

_Static_assert(sizeof(struct spool_tag) == 8, "tag");
_Static_assert(sizeof(struct spool_call) == SPOOL_SLOT_BYTES, "call");
_Static_assert(sizeof(struct spool_span) == SPOOL_SLOT_BYTES, "span");
_Static_assert(sizeof(struct spool_ready) == SPOOL_SLOT_BYTES, "ready");
_Static_assert(sizeof(struct spool_epoll_ready) == SPOOL_SLOT_BYTES, "epoll ready");
_Static_assert(sizeof(struct spool_process) == SPOOL_SLOT_BYTES, "process");
_Static_assert(sizeof(struct spool_gap) == SPOOL_SLOT_BYTES, "gap");
_Static_assert(sizeof(struct spool_ext_socket) == SPOOL_SLOT_BYTES, "ext socket");
_Static_assert(sizeof(struct spool_ext_tcp_info) == SPOOL_SLOT_BYTES, "ext tcp info");
_Static_assert(sizeof(struct spool_ext_message) == SPOOL_SLOT_BYTES, "ext message");
_Static_assert(sizeof(struct spool_ext_epoll) == SPOOL_SLOT_BYTES, "ext epoll");
_Static_assert(sizeof(struct spool_chunk_header) == SPOOL_CHUNK_HEADER_BYTES, "chunk header");
_Static_assert(sizeof(struct spool_drop_entry) == 64, "drop entry");
_Static_assert(sizeof(struct spool_header) <= SPOOL_HEADER_BYTES, "header");
_Static_assert(SPOOL_CHUNK_HEADER_BYTES + SPOOL_CHUNK_SLOTS * SPOOL_SLOT_BYTES == SPOOL_CHUNK_BYTES, "chunk");

#endif
