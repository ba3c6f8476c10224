/*
 * begun.h: the first moment of a socket (SQL, over table socket): what was found open has later steps than its opening, or earlier ones. The index
 * socket_begun, which a large finished trace has, is over this very text; so it must read the same wherever it is used (sqlite.org/expridx.html). It has the
 * end of each socket too: what a reader who follows only some sockets needs of the others.
 */
#ifndef SCHEMA_BEGUN_H
#define SCHEMA_BEGUN_H

#define SOCKET_BEGUN_NS "min(opened_ns, coalesce(connected_ns, opened_ns), coalesce(connecting_ns, opened_ns), coalesce(bound_ns, opened_ns), " \
	"coalesce(listening_ns, opened_ns))"
#define SOCKET_BEGUN_INDEX "socket_begun"

#endif
