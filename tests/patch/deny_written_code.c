/*
 * deny_written_code.c: runs a command under PR_SET_MDWE: memory that was written cannot be made executable. Exit status 77: this
 * kernel has no such thing.
 */
#include <sys/prctl.h>
#include <unistd.h>

int main(int count, char **words)
{
	if (prctl(65 /* PR_SET_MDWE */, 1 /* PR_MDWE_REFUSE_EXEC_GAIN */, 0, 0, 0))
		return 77;
	execvp(words[1], words + 1);
	return 127;
}
