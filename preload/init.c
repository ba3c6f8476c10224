/*
 * init.c: the constructor: reads the environment, finds the real functions, looks which descriptors are sockets already, and switches
 * recording on. A program that opens no socket gets nothing more than this. The destructor notes that exit() is running.
 */
#include "preload/detail.h"
#include "preload/guard.h"
#include "preload/process.h"
