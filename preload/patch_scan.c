/*
 * patch_scan.c: finds the system calls in libc's text whose number is known for certain and whose surroundings allow a jump.
 *
 * The bytes 0f 05 are only a hint: they may be part of another instruction. So the function around them, whose extent the
 * unwind information tells, is decoded from its first instruction on; what counts is the run
 *
 *     mov $nr, %eax;  up to two  mov disp(%rsp or %rbp), %argument  or  add $number, %argument;  syscall
 * or  xor %eax, %eax;  syscall;  cmp $-4096, %rax
 *
 * with the number one of those below. All else is left alone; a call that we would have wanted is counted.
 */
#if defined(__x86_64__)

#include "preload/patch_scan.h"
#include "preload/patch_decode.h"
#include "preload/raw.h"

/* patch_find.S */
extern const uint8_t *patch_find_syscall(const uint8_t *from, const uint8_t *end) __attribute__((visibility("hidden")));

#define HINT_REACH 40 /* how far before the system call its number may have been set, for the hint only */
#define NO_NUMBER (-1)

/*
 * Neither clone, fork, vfork (they return twice, or on another stack), nor exit (nothing to record at its return). execve because of
 * system and popen, whose child needs its environment put right.
 */
static const uint8_t interest[512] = {
	[SYS_read] = 1, [SYS_write] = 1, [SYS_close] = 1, [SYS_poll] = 1, [SYS_ioctl] = 1, [SYS_pread64] = 1, [SYS_pwrite64] = 1,
	[SYS_readv] = 1, [SYS_writev] = 1, [SYS_select] = 1, [SYS_dup] = 1, [SYS_dup2] = 1, [SYS_sendfile] = 1, [SYS_socket] = 1,
	[SYS_connect] = 1, [SYS_accept] = 1, [SYS_sendto] = 1, [SYS_recvfrom] = 1, [SYS_sendmsg] = 1, [SYS_recvmsg] = 1,
	[SYS_shutdown] = 1, [SYS_bind] = 1, [SYS_listen] = 1, [SYS_getsockname] = 1, [SYS_getpeername] = 1, [SYS_socketpair] = 1,
	[SYS_setsockopt] = 1, [SYS_getsockopt] = 1, [SYS_fcntl] = 1, [SYS_epoll_create] = 1, [SYS_epoll_wait] = 1,
	[SYS_epoll_ctl] = 1, [SYS_pselect6] = 1, [SYS_ppoll] = 1, [SYS_splice] = 1, [SYS_tee] = 1, [SYS_vmsplice] = 1,
	[SYS_epoll_pwait] = 1, [SYS_accept4] = 1, [SYS_epoll_create1] = 1, [SYS_dup3] = 1, [SYS_preadv] = 1, [SYS_pwritev] = 1,
	[SYS_recvmmsg] = 1, [SYS_sendmmsg] = 1, [SYS_preadv2] = 1, [SYS_pwritev2] = 1, [SYS_close_range] = 1, [SYS_pidfd_getfd] = 1,
	[SYS_epoll_pwait2] = 1, [SYS_execve] = 1,
};

static int wanted(int64_t number)
{
	return number >= 0 && number < (int64_t)sizeof(interest) && interest[number];
}

static int32_t read_i32(const uint8_t *at)
{
	return (int32_t)(at[0] | at[1] << 8 | at[2] << 16 | (uint32_t)at[3] << 24);
}

/* --- where functions are: .eh_frame_hdr, a sorted table of (start, FDE), both relative to the header (LSB 4.1, 10.6.2) --- */

struct function_table {
	const uint8_t *header;
	const uint8_t *rows;
	uint32_t count;
};

static int function_table_open(const uint8_t *header, struct function_table *out)
{
	/* version 1; pointer to .eh_frame pcrel sdata4; count udata4; table datarel sdata4 */
	if (!header || header[0] != 1 || header[1] != 0x1b || header[2] != 0x03 || header[3] != 0x3b)
		return 0;
	out->header = header;
	out->count = (uint32_t)read_i32(header + 8);
	out->rows = header + 12;
	return out->count > 0;
}

/* The function that holds `at`; 0 when there is none, or its FDE is of a form that we do not know. */
static int function_find(const struct function_table *table, const uint8_t *at, const uint8_t **start, const uint8_t **end)
{
	uint32_t low = 0, high = table->count;
	const uint8_t *fde;

	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (table->header + read_i32(table->rows + 8 * (size_t)middle) <= at)
			low = middle;
		else
			high = middle;
	}
	*start = table->header + read_i32(table->rows + 8 * (size_t)low);
	fde = table->header + read_i32(table->rows + 8 * (size_t)low + 4);
	/* length, CIE pointer, then start (pcrel sdata4, else it would not agree with the table) and size */
	if (fde + 8 + read_i32(fde + 8) != *start)
		return 0;
	*end = *start + (uint32_t)read_i32(fde + 12);
	return at >= *start && at < *end;
}

/* --- one function --- */

static int argument_of_register(unsigned number)
{
	switch (number) {
	case 7: return 0;  /* rdi */
	case 6: return 1;  /* rsi */
	case 2: return 2;  /* rdx */
	case 10: return 3;
	case 8: return 4;
	case 9: return 5;
	default: return -1;
	}
}

/* add $number, %argument (83 /0 ib) */
static int decode_add(const uint8_t *at, const struct patch_instruction *i, struct patch_load *out)
{
	const uint8_t *modrm = at + i->opcode_at + 1;
	int argument = argument_of_register((unsigned)(modrm[0] & 7) | (i->rex & 1) << 3);

	if (i->map != 0 || i->opcode != 0x83 || !i->plain || (modrm[0] & 0xf8) != 0xc0 || argument < 0)
		return 0;
	out->what = (uint8_t)argument | PATCH_LOAD_ADD | (i->rex & 8 ? PATCH_LOAD_WIDE : 0);
	out->displacement = (int8_t)modrm[1];
	return 1;
}

/* mov disp8(%rsp or %rbp), %argument (8b /r), or mov (%rsp), %argument */
static int decode_load(const uint8_t *at, const struct patch_instruction *i, struct patch_load *out)
{
	const uint8_t *modrm = at + i->opcode_at + 1;
	unsigned mod = modrm[0] >> 6, rm = modrm[0] & 7;
	int argument = argument_of_register((unsigned)(modrm[0] >> 3 & 7) | (i->rex & 4) << 1);

	/* REX.X and REX.B would name other bases than rsp and rbp. */
	if (i->map != 0 || i->opcode != 0x8b || !i->plain || i->rex & 3 || argument < 0)
		return 0;
	if (rm == 4 && modrm[1] == 0x24 && mod <= 1) {
		out->what = 0;
		out->displacement = mod == 1 ? (int8_t)modrm[2] : 0;
	} else if (rm == 5 && mod == 1) {
		out->what = PATCH_LOAD_RBP;
		out->displacement = (int8_t)modrm[1];
	} else {
		return 0;
	}
	out->what |= (uint8_t)argument | (i->rex & 8 ? PATCH_LOAD_WIDE : 0);
	return 1;
}

static int is_syscall(const struct patch_instruction *i)
{
	return i->map == 1 && i->opcode == 0x05 && i->plain;
}

/* xor %eax, %eax */
static int is_clear(const uint8_t *at, const struct patch_instruction *i)
{
	return i->length == 2 && i->map == 0 && (i->opcode == 0x31 || i->opcode == 0x33) && at[1] == 0xc0;
}

static int is_compare(const uint8_t *at, const uint8_t *end)
{
	return end - at >= 6 && at[0] == 0x48 && at[1] == 0x3d && read_i32(at + 2) == -4096;
}

/* Does any jump of the function lead into (from, to)? */
static int jumped_into(const uint8_t *start, const uint8_t *end, const uint8_t *from, const uint8_t *to)
{
	struct patch_instruction i;

	for (const uint8_t *at = start; at < end; at += i.length) {
		if (!patch_decode(at, (size_t)(end - at), &i))
			return 1;
		if (i.branches && i.target > from && i.target < to)
			return 1;
	}
	return 0;
}

static void add_site(struct patch_found *found, const struct patch_site *site)
{
	if (found->count == found->max)
		found->left[PATCH_LEFT_ROOM]++;
	else
		found->site[found->count++] = *site;
}

static void found_clear(struct patch_found *found, const uint8_t *start, const uint8_t *end, const uint8_t *at)
{
	struct patch_site site = { at, at + 10, SYS_read, PATCH_XOR, 0, { { 0, 0 }, { 0, 0 } } };

	if (!is_compare(at + 4, end))
		found->left[PATCH_LEFT_FORM]++;
	else if (jumped_into(start, end, at, at + 5))
		found->left[PATCH_LEFT_JUMPED]++;
	else
		add_site(found, &site);
}

/* What the instructions since the last one that set eax amount to. */
struct run {
	struct patch_site site;  /* .at: the mov $nr, %eax, NULL: none, or something not allowed has followed */
	int64_t number;          /* eax for certain, for the count of what is left alone */
};

static void run_step(struct run *run, const uint8_t *at, const struct patch_instruction *i)
{
	struct patch_load load;

	if (i->map == 0 && i->opcode == 0xb8 && i->length == 5 && i->opcode_at == 0) {
		run->number = (uint32_t)read_i32(at + 1);
		run->site.at = at;
		run->site.number = (uint16_t)run->number;
		run->site.loads = 0;
	} else if (run->site.at && run->site.loads < PATCH_LOADS_MAX && (decode_load(at, i, &load) || decode_add(at, i, &load))) {
		run->site.load[run->site.loads++] = load;
	} else {
		run->site.at = NULL;
		/* calls, returns, jumps, and what writes eax as its first operand */
		if (i->branches || (i->map == 0 && (i->opcode == 0xc3 || i->opcode == 0xff || i->opcode == 0x31 || i->opcode == 0x89 ||
		    (i->opcode == 0x8b && (at[i->opcode_at + 1] & 0x38) == 0 && !(i->rex & 4)))))
			run->number = NO_NUMBER;
	}
}

static void scan_function(struct patch_found *found, const uint8_t *start, const uint8_t *end)
{
	struct run run = { { NULL, NULL, 0, PATCH_MOV, 0, { { 0, 0 }, { 0, 0 } } }, NO_NUMBER };
	const uint8_t *clear = NULL;
	struct patch_instruction i;

	for (const uint8_t *at = start; at < end; at += i.length) {
		if (!patch_decode(at, (size_t)(end - at), &i)) {
			found->left[PATCH_LEFT_UNDECODED]++;
			return;
		}
		if (!is_syscall(&i)) {
			run_step(&run, at, &i);
			clear = is_clear(at, &i) ? at : NULL;
			continue;
		}
		if (clear) {
			found_clear(found, start, end, clear);
		} else if (run.site.at && wanted(run.number)) {
			run.site.resume = at + i.length;
			add_site(found, &run.site);
		} else if (wanted(run.number)) {
			found->left[PATCH_LEFT_FORM]++;
		}
		run.site.at = NULL;
		run.number = NO_NUMBER;
		clear = NULL;
	}
}

/* --- the whole text --- */

/* Is a wanted number set shortly before these bytes, so that the function is worth decoding? */
static int worth_a_look(const uint8_t *text, const uint8_t *at)
{
	const uint8_t *from = at - text > HINT_REACH ? at - HINT_REACH : text;

	if (at - from >= 2 && (at[-2] == 0x31 || at[-2] == 0x33) && at[-1] == 0xc0)
		return 1;
	for (const uint8_t *p = at - 5; p >= from; p--)
		if (p[0] == 0xb8 && p[3] == 0 && p[4] == 0 && wanted(p[1] | p[2] << 8))
			return 1;
	return 0;
}

void patch_scan_module(const struct patch_module *module, struct patch_found *found)
{
	const uint8_t *text = module->text, *text_end = text + module->text_bytes, *at, *start, *end;
	struct function_table table;

	if (!function_table_open(module->frame_header, &table)) {
		found->left[PATCH_LEFT_UNDECODED]++;
		return;
	}
	for (at = text; (at = patch_find_syscall(at, text_end)) != NULL;) {
		if (!worth_a_look(text, at)) {
			at += 2;
		} else if (!function_find(&table, at, &start, &end)) {
			found->left[PATCH_LEFT_UNDECODED]++;
			at += 2;
		} else {
			scan_function(found, start, end);
			at = end;
		}
	}
}

#else
typedef int patch_scan_is_for_x86_64;
#endif
