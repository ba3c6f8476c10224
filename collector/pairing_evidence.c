/*
 * pairing_evidence.c: what speaks against two sockets being the two ends of one connection (pairing_queue.h). Only what cannot be otherwise counts:
 * time's order, names, the connecting process, and bytes where all of them are known.
 */
#include "collector/pairing_queue.h"

int64_t pairing_plus_ns(int64_t ns, int64_t more_ns)
{
	return ns > INT64_MAX - more_ns ? INT64_MAX : ns + more_ns;
}

static bool paths_agree(const struct end *client, const struct end *server)
{
	return client->path == server->path || client->is_relative || server->is_relative;
}

/* Can they stand in the same queue? */
bool pairing_may_reach(const struct end *client, const struct end *listener)
{
	return paths_agree(client, listener) && client->connecting_ns <= listener->closed_ns && (client->connected_ns == PAIRING_NONE || client->connected_ns >= listener->reachable_ns);
}

/* Nothing was received that had not been sent, nor before; and whoever read to the end had read it all. */
static bool follows(const struct end *sender, const struct end *receiver, bool is_stream)
{
	if (sender->is_dim || receiver->is_dim || sender->is_cut)
		return true;
	if (receiver->received_bytes > sender->sent_bytes)
		return false;
	if (receiver->first_receive_ns != PAIRING_NONE && (sender->first_send_ns == PAIRING_NONE || sender->first_send_ns > pairing_plus_ns(receiver->first_receive_ns, PAIRING_CLOCK_NS)))
		return false;
	if (!is_stream || receiver->eof_ns == PAIRING_NONE || receiver->is_cut)
		return true;
	return receiver->received_bytes == sender->sent_bytes
		&& (sender->shutdown_send_ns != PAIRING_NONE || sender->closed_ns <= pairing_plus_ns(receiver->eof_ns, PAIRING_CLOCK_NS));
}

static bool names_agree(const struct end *client, const struct end *server)
{
	if (server->peer_name == PAIRING_NONE || client->own_name == PAIRING_NONE || client->own_name == server->peer_name)
		return true;
	/* It may have been given its name afterwards. */
	return server->peer_name == PAIRING_UNNAMED && (client->bound_ns == PAIRING_NONE || client->bound_ns > client->connecting_ns);
}

bool pairing_may_be(const struct end_group *group, const struct end *client, const struct end *server)
{
	if (client->pid != PAIRING_NONE && server->pid != PAIRING_NONE && client->pid != server->pid)
		return false;
	if (client->connecting_ns > pairing_plus_ns(server->opened_ns, PAIRING_CLOCK_NS))
		return false;
	if (client->connected_ns != PAIRING_NONE && client->connected_ns < server->reachable_ns)
		return false;
	if (!group->is_tuple && !(paths_agree(client, server) && names_agree(client, server)))
		return false;
	return follows(client, server, !group->is_tuple) && follows(server, client, !group->is_tuple);
}
