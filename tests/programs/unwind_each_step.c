/*
 * unwind_each_step.c: single-steps calls on sockets, direct ones and some that libc makes from its own inside, and at every
 * instruction unwinds the stack as a cancelled thread would. Prints how many instructions did not lead back to the function
 * that called.
 * link: -lgcc_s -Wl,-z,now
 */
#include <net/if.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <ucontext.h>
#include <unistd.h>
#include <unwind.h>

static volatile long steps, lost;
static uintptr_t home_cfa, lost_at;
static int pair[2];
static FILE *stream;

static _Unwind_Reason_Code look(struct _Unwind_Context *context, void *data)
{
	if (_Unwind_GetCFA(context) == home_cfa)
		*(int *)data = 1;
	return _URC_NO_REASON;
}

static void trap(int number, siginfo_t *info, void *context)
{
	int found = 0;

	steps++;
	_Unwind_Backtrace(look, &found);
	if (!found) {
		lost++;
		lost_at = (uintptr_t)((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
	}
}

/* Sets or clears the trap flag; the red zone stays clear of the push. */
#define TRAP_ON __asm__ volatile("sub $128, %%rsp; pushfq; orq $0x100, (%%rsp); popfq; lea 128(%%rsp), %%rsp" : : : "memory", "cc")
#define TRAP_OFF __asm__ volatile("sub $128, %%rsp; pushfq; andq $~0x100, (%%rsp); popfq; lea 128(%%rsp), %%rsp" : : : "memory", "cc")

static _Unwind_Reason_Code second_cfa(struct _Unwind_Context *context, void *data)
{
	if (++*(int *)data < 2)
		return _URC_NO_REASON;
	home_cfa = _Unwind_GetCFA(context);
	return _URC_END_OF_STACK;
}

/* With a frame pointer, since TRAP_OFF moves the stack pointer unseen. */
__attribute__((noinline, optimize("no-omit-frame-pointer"))) static void home(int which)
{
	char buffer[64] = { 0 };
	struct iovec vector = { buffer, sizeof buffer };
	int depth = 0;

	_Unwind_Backtrace(second_cfa, &depth);
	TRAP_ON;
	switch (which) {
	case 0: send(pair[0], "x", 1, 0); break;
	case 1: recv(pair[1], buffer, 1, 0); break;
	case 2: (void)!write(pair[0], "xyz", 3); break;
	case 3: (void)!read(pair[1], buffer, 1); break;
	case 4: recvfrom(pair[1], buffer, 1, 0, NULL, NULL); break;
	case 5: readv(pair[1], &vector, 1); break;
	case 6: fputs("hello", stream); fflush(stream); break;
	case 7: if_nametoindex("lo"); break;
	case 8: if_indextoname(1, buffer); break;
	case 9: close(dup(pair[0])); break;
	}
	TRAP_OFF;
	__asm__ volatile("" : : "r"(buffer) : "memory");
}

int main(void)
{
	struct sigaction action = { .sa_sigaction = trap, .sa_flags = SA_SIGINFO };
	long all = 0, wrong = 0;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return 2;
	stream = fdopen(dup(pair[0]), "w");
	sigaction(SIGTRAP, &action, NULL);
	for (int which = 0; which < 10; which++) {
		steps = lost = 0;
		home(which);
		all += steps;
		wrong += lost;
		if (lost)
			printf("call %d: lost at %ld of %ld instructions, last %#lx\n", which, lost, steps, (unsigned long)lost_at);
	}
	printf("lost %ld\n", wrong);
	return wrong != 0 || all < 100;
}
