/* own_table.c: see own_table.h. */
#include "preload/own_table.h"
#include "preload/guard.h"
#include "preload/real.h"
#include "preload/sharing.h"

#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>

#if defined(__x86_64__)
long own_table_clone(unsigned long flags, void *stack_top, int *alive, void (*run)(void *argument), void *argument)
{
	long result;
	register long r10 __asm__("r10") = (long)alive;
	register long r8 __asm__("r8") = 0;

	__asm__ volatile("syscall\n\t"
		"test %%rax, %%rax\n\t"
		"jnz 1f\n\t"
		"mov %[argument], %%rdi\n\t"
		"call *%[run]\n\t"
		"xor %%edi, %%edi\n\t"
		"mov %[exit], %%eax\n\t"
		"syscall\n\t"
		"hlt\n"
		"1:"
		: "=a"(result)
		: "0"((long)SYS_clone), "D"(flags), "S"(stack_top), "d"(0L), "r"(r10), "r"(r8), [run] "r"(run), [argument] "r"(argument), [exit] "i"(SYS_exit)
		: "rcx", "r11", "memory", "cc");
	return result;
}
#else
long own_table_clone(unsigned long flags, void *stack_top, int *alive, void (*run)(void *argument), void *argument)
{
	return -1;
}
#endif

void *own_table_stack(long *mapped)
{
	*mapped = raw_syscall(SYS_mmap, 0, OWN_TABLE_STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return *mapped < 0 && *mapped > -4096 ? NULL : (char *)*mapped + OWN_TABLE_STACK_BYTES - 64;
}

void own_table_run(void (*run)(void *argument), void *argument)
{
	uint64_t all = ~UINT64_C(0), before;
	int alive = 1; /* the kernel's to clear (CLONE_CHILD_CLEARTID), when nothing of the thread is left */
	long mapped, tid = -1;
	void *top = NULL;

	raw_syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before, sizeof all);
	if (!sharing && !real_is_single_threaded() && guard_level == GUARD_OPEN)
		top = own_table_stack(&mapped);
	if (top) {
		tid = own_table_clone(CLONE_VM | CLONE_FS | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_CHILD_CLEARTID, top, &alive, run, argument);
		while (tid > 0 && __atomic_load_n(&alive, __ATOMIC_ACQUIRE))
			raw_syscall(SYS_futex, &alive, FUTEX_WAIT, 1, 0);
		raw_syscall(SYS_munmap, mapped, OWN_TABLE_STACK_BYTES);
	}
	if (tid < 0)
		run(argument);
	raw_syscall(SYS_rt_sigprocmask, SIG_SETMASK, &before, 0, sizeof before);
}
