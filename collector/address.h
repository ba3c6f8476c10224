/*
 * address.h: socket addresses as people write them. Pure; takes bytes as the kernel (or a hostile spool) gave them.
 *
 *   127.0.0.1:80   [::1]:80   [fe80::1%2]:80   10.0.0.7:80 (also for ::ffff:10.0.0.7)   /run/x.sock   @abstract
 *   (unnamed)   netlink:pid=42 groups=0x1   packet:if=2 proto=0x0800 02:42:…   vsock:3:1024   family 45: 01 02 …
 */
#ifndef COLLECTOR_ADDRESS_H
#define COLLECTOR_ADDRESS_H

#include <stddef.h>
#include <stdint.h>

#define ADDRESS_TEXT_BYTES 480 /* room for any address, the longest Unix path with every byte escaped included */

struct address {
	int family;          /* AF_* */
	int port;            /* host byte order; -1: not IP */
	int is_any;          /* 1: the IP address is 0.0.0.0 or :: */
	char host[64];       /* the IP address alone; empty: not IP */
	char text[ADDRESS_TEXT_BYTES];
};

/* Reads `length` bytes of a struct sockaddr_*. 0, or -EINVAL when they are too few to hold a family. */
int address_read(struct address *address, const void *bytes, size_t length);

#endif
