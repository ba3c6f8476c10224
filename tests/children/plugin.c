/* plugin.c: with -DPLUGIN a library that is linked with liburing; without, a program that loads it into a scope of its own. */
#ifdef PLUGIN
#include <liburing.h>
int plugin_ring(void);
int plugin_ring(void)
{
	struct io_uring ring;

	if (io_uring_queue_init(4, &ring, 0))
		return 5;
	io_uring_queue_exit(&ring);
	return 0;
}
#else
#include <dlfcn.h>
int main(int count, char **arguments)
{
	void *plugin = dlopen(arguments[1], RTLD_NOW | RTLD_LOCAL);
	int (*ring)(void) = plugin ? (int (*)(void))dlsym(plugin, "plugin_ring") : (void *)0;

	return ring ? ring() : 6;
}
#endif
