/*
 * tree_listeners.c: listeners, who holds them, and the sockets accepted from them, grouped by who connected. Data: listener, holding, accepted_group,
 * lifecycle, problem.
 */
#include "viewer/tree_internal.h"

#include <stdlib.h>
#include <string.h>

#include "viewer/describe.h"

#define SOCKETS_SHOWN 8

/* What `check` calls an error. */
static void add_rule(struct text *line, const struct mark *mark)
{
	if (!mark || mark->severity != 2)
		return;
	text_style(line, STYLE_ERROR);
	text_format(line, " ✗%s", mark->rule);
	text_style(line, STYLE_NONE);
}

/* Sockets of a group about which `check` reports an error. */
static void add_errors(struct tree *tree, int64_t listener_id, const char *peer)
{
	sqlite3_stmt *member = tree->marks.errors ? view_prepare(tree->view, "SELECT 1 FROM socket s LEFT JOIN address a ON a.address_id = s.remote_id "
		"LEFT JOIN socket o ON o.socket_id = s.peer_id LEFT JOIN process p ON p.process_id = o.process_id "
		"WHERE s.parent_id = ?1 AND coalesce(a.host, p.program, '(unknown)') = ?2 AND s.socket_id = ?3", listener_id) : NULL;
	int count = 0;

	if (member)
		sqlite3_bind_text(member, 2, peer, -1, SQLITE_STATIC);
	for (int i = 0; member && i < tree->marks.count; i++) {
		const struct mark *mark = &tree->marks.list[i];

		if (mark->severity != 2 || mark != marks_of(&tree->marks, mark->socket_id))
			continue; /* the worst of a socket comes first */
		sqlite3_reset(member);
		sqlite3_bind_int64(member, 3, mark->socket_id);
		count += step(tree, member);
	}
	sqlite3_finalize(member);
	if (!count)
		return;
	text_style(&tree->line, STYLE_ERROR);
	text_format(&tree->line, " · ✗%d with errors", count);
	text_style(&tree->line, STYLE_NONE);
}

/* `s3 ← s2 mom[4711]  closed 1.90s ↑64.1K ↓55B` */
static void add_socket(struct tree *tree, sqlite3_stmt *details, int64_t id)
{
	struct text *line = &tree->line;
	struct describe_row row;
	sqlite3_stmt *peer;

	sqlite3_reset(details);
	sqlite3_bind_int64(details, 1, id);
	if (!step(tree, details))
		return;
	describe_read(&row, details);
	text_style(line, STYLE_BOLD);
	text_format(line, "s%lld", (long long)id);
	text_style(line, STYLE_NONE);
	text_add(line, " ← ");
	if (row.peer_id > 0) {
		text_format(line, "s%lld ", (long long)row.peer_id);
		peer = view_prepare(tree->view, "SELECT program, pid FROM lifecycle WHERE socket_id = ?1", row.peer_id);
		if (step(tree, peer))
			tree_add_name(tree, peer, 0, 1);
		sqlite3_finalize(peer);
	} else {
		describe_add(line, details, TEXT_PEER);
	}
	text_add(line, "  ");
	describe_add_state(line, &row);
	text_add(line, " ");
	text_add_duration(line, row.duration_ns);
	tree_add_traffic(line, row.sent_bytes, row.received_bytes);
	add_rule(line, marks_of(&tree->marks, id));
}

/* A group of accepted sockets with one peer, as in the statement of print_groups. */
struct group {
	const char *peer;
	int64_t count, first_id, last_id;
	int64_t siblings; /* all that its listener accepted */
};

/*
 * They come in the order of their ids. Read by that order between the group's first and last, those of a large group come at once; by the index of parents where
 * the listener's are few among the others.
 */
static void print_group_sockets(struct tree *tree, int64_t listener_id, const struct group *group, const char *indent)
{
	const int by_parent = group->siblings < (group->last_id - group->first_id) / 8;
	char sql[512];
	sqlite3_stmt *ids, *details = database_prepare(&tree->view->database, "SELECT " DESCRIBE_COLUMNS " FROM lifecycle WHERE socket_id = ?1");
	int64_t shown = 0;

	snprintf(sql, sizeof sql, "SELECT s.socket_id FROM socket s LEFT JOIN address a ON a.address_id = s.remote_id "
		"LEFT JOIN socket o ON o.socket_id = s.peer_id LEFT JOIN process p ON p.process_id = o.process_id "
		"WHERE %ss.parent_id = ?1 AND %ss.socket_id BETWEEN ?2 AND ?3 AND coalesce(a.host, p.program, '(unknown)') = ?4 ORDER BY s.socket_id LIMIT ?5",
		by_parent ? "" : "+", by_parent ? "+" : "");
	ids = view_prepare(tree->view, sql, listener_id);
	if (ids && details) {
		sqlite3_bind_int64(ids, 2, group->first_id);
		sqlite3_bind_int64(ids, 3, group->last_id);
		sqlite3_bind_text(ids, 4, group->peer, -1, SQLITE_TRANSIENT);
		sqlite3_bind_int64(ids, 5, group->count);
		while (step(tree, ids)) {
			shown++;
			if (group->count > 1)
				tree_add_branch(tree, indent, shown == group->count);
			add_socket(tree, details, sqlite3_column_int64(ids, 0));
			print(tree);
		}
	}
	sqlite3_finalize(ids);
	sqlite3_finalize(details);
}

static void add_group(struct text *line, sqlite3_stmt *groups, int listed)
{
	text_format(line, " ×%lld ", sqlite3_column_int64(groups, 1));
	tree_add_traffic(line, sqlite3_column_int64(groups, 3), sqlite3_column_int64(groups, 4));
	if (sqlite3_column_int64(groups, 2))
		text_format(line, " · %lld open", sqlite3_column_int64(groups, 2));
	if (sqlite3_column_int64(groups, 5)) {
		text_style(line, STYLE_WARNING);
		text_format(line, " · ▲%lld failed call%s", sqlite3_column_int64(groups, 5), sqlite3_column_int64(groups, 5) == 1 ? "" : "s");
		text_style(line, STYLE_NONE);
	}
	if (!listed)
		text_format(line, "  s%lld … s%lld", sqlite3_column_int64(groups, 6), sqlite3_column_int64(groups, 7));
}

static void print_groups(struct tree *tree, int64_t listener_id)
{
	struct text *line = &tree->line;
	sqlite3_stmt *groups = view_prepare(tree->view, "SELECT peer, sockets, open_sockets, sent_bytes, received_bytes, errors, first_id, last_id, count(*) OVER (), sum(sockets) OVER () "
		"FROM accepted_group WHERE listener_id = ?1 ORDER BY sockets DESC, peer", listener_id);
	int shown = 0;

	while (step(tree, groups)) {
		const struct group group = {(const char *)sqlite3_column_text(groups, 0), sqlite3_column_int64(groups, 1), sqlite3_column_int64(groups, 6),
			sqlite3_column_int64(groups, 7), sqlite3_column_int64(groups, 9)};
		int64_t total = sqlite3_column_int64(groups, 8);
		int cut = !tree->all && ++shown > GROUPS_SHOWN && total > shown, last = cut || shown == total, listed = group.count <= SOCKETS_SHOWN || tree->all;

		if (tree->all)
			last = ++shown == total;
		tree_add_branch(tree, "", last);
		if (cut) {
			text_format(line, "… and %lld more peer%s (--all)", (long long)(total - GROUPS_SHOWN), total - GROUPS_SHOWN == 1 ? "" : "s");
			print(tree);
			break;
		}
		describe_add(line, groups, 0);
		if (group.count == 1) {
			text_add(line, "  ");
		} else {
			add_group(line, groups, listed);
			add_errors(tree, listener_id, group.peer);
			print(tree);
		}
		if (listed)
			print_group_sockets(tree, listener_id, &group, last ? "   " : "│  ");
	}
	sqlite3_finalize(groups);
}

/* `   held by srv[1] fd 3, worker[2] fd 3, worker[3] fd 3 (never used)` */
static void print_holders(struct tree *tree, int64_t socket_id)
{
	struct text *line = &tree->line;
	sqlite3_stmt *holders = view_prepare(tree->view, "SELECT program, pid, fd, calls, opened_by, count(*) OVER () FROM holding WHERE socket_id = ?1 ORDER BY opened_ns, span_id", socket_id);
	int shown = 0;

	while (step(tree, holders) && sqlite3_column_int64(holders, 5) > 1) {
		text_add(line, shown ? ", " : "   held by ");
		if (shown++ == SOCKETS_SHOWN && !tree->all) {
			text_format(line, "… %lld more", (long long)(sqlite3_column_int64(holders, 5) - SOCKETS_SHOWN));
			break;
		}
		tree_add_name(tree, holders, 0, 1);
		text_format(line, " fd %lld", sqlite3_column_int64(holders, 2));
		if (!sqlite3_column_int64(holders, 3) && strcmp((const char *)sqlite3_column_text(holders, 4), "socket"))
			text_add(line, " (never used)");
	}
	sqlite3_finalize(holders);
	if (shown)
		print(tree);
}

/* Returns whether there was one; an empty line comes before it when others were. */
static int print_listener(struct tree *tree, int64_t socket_id, int others)
{
	struct text *line = &tree->line, figures = output_text(&tree->view->output);
	sqlite3_stmt *listener = view_prepare(tree->view,
		"SELECT iif(l.domain = 'INET' AND n.address LIKE '0.0.0.0:%', '*' || substr(n.address, 8), n.address), n.backlog, n.accepted_count, n.open_count, n.delay_count, n.delay_p50_ns, n.delay_p99_ns, n.delay_max_ns, l.program, l.pid, l.protocol "
		"FROM listener n JOIN lifecycle l ON l.socket_id = n.socket_id WHERE n.socket_id = ?1", socket_id);

	int found = step(tree, listener);

	if (found) {
		if (others)
			output_blank(&tree->view->output);
		text_style(line, STYLE_BOLD);
		text_format(line, "s%lld ", (long long)socket_id);
		text_style(line, STYLE_NONE);
		tree_add_name(tree, listener, 8, 9);
		text_format(line, "  %s LISTEN ", (const char *)sqlite3_column_text(listener, 10));
		text_format(&figures, "  backlog %lld · %lld accepted", sqlite3_column_int64(listener, 1), sqlite3_column_int64(listener, 2));
		if (sqlite3_column_int64(listener, 3))
			text_format(&figures, ", %lld open", sqlite3_column_int64(listener, 3));
		tree_add_address(tree, listener, 0, &figures);
		print(tree);
		if (sqlite3_column_int64(listener, 4)) {
			text_add(line, "   accept delay p50 ");
			text_add_duration(line, sqlite3_column_int64(listener, 5));
			text_add(line, " · p99 ");
			text_add_duration(line, sqlite3_column_int64(listener, 6));
			text_add(line, " · longest ");
			text_add_duration(line, sqlite3_column_int64(listener, 7));
			print(tree);
		}
		fflush(tree->view->output.file); /* a listener with many sockets takes a moment to group */
		print_holders(tree, socket_id);
		print_groups(tree, socket_id);
	}
	text_free(&figures);
	sqlite3_finalize(listener);
	return found;
}

/* A listener itself, or what a socket was accepted from. */
#define LISTENER "CASE WHEN s.listening_ns IS NULL THEN s.parent_id ELSE s.socket_id END"

static int compare_ids(const void *left, const void *right)
{
	int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

	return a < b ? -1 : a > b;
}

/* Most traces have few: when all are found no socket more is read. */
int64_t *tree_find_listeners(struct tree *tree, size_t *count)
{
	sqlite3_stmt *found = filter_prepare(&tree->view->filter, &tree->view->database, "DISTINCT " LISTENER,
		"AND " LISTENER " IN (SELECT n.socket_id FROM socket n WHERE n.listening_ns IS NOT NULL)");
	size_t most = (size_t)database_integer(&tree->view->database, "SELECT count(*) FROM socket WHERE listening_ns IS NOT NULL", 0);
	int64_t *ids = calloc(most + 1, sizeof *ids);

	if (!found || !ids)
		view_fail(tree->view);
	while (*count < most && ids && step(tree, found))
		ids[(*count)++] = sqlite3_column_int64(found, 0);
	sqlite3_finalize(found);
	if (*count)
		qsort(ids, *count, sizeof *ids, compare_ids);
	return ids;
}

int tree_print_listeners(struct tree *tree)
{
	sqlite3_stmt *all;
	int64_t *ids;
	size_t count = 0;
	int found = 0;

	if (tree->view->filter.words) {
		ids = tree_find_listeners(tree, &count);
		for (size_t i = 0; i < count && !tree->view->output.broken; i++)
			found += print_listener(tree, ids[i], found);
		free(ids);
		return found;
	}
	all = view_prepare(tree->view, "SELECT socket_id FROM listener ORDER BY socket_id", 0);
	while (step(tree, all))
		found += print_listener(tree, sqlite3_column_int64(all, 0), found);
	sqlite3_finalize(all);
	return found;
}
