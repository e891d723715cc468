/*
 * THE table of what top can list.
 *
 * From a row come the number TOP_NAME, the word behind "top", the key, and its
 * line in top's help. Define TOP_VIEW, then include this file; it is undefined
 * at the end.
 *
 *   TOP_VIEW(NAME, word, key, kind, dimension, next, title)
 *	kind	TOP_GROUPS, TOP_FILES or TOP_FLIGHTS, see top_view.h
 *	dimension	of TOP_GROUPS, what its rows are by; else DIMENSIONS
 *	next	what Enter shows of a row; TOP_VIEWS: it leads nowhere
 *	title	of the list, for people
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

TOP_VIEW(REQUEST, "request", 'r', TOP_GROUPS, BY_REQUEST, TOP_OP, "requests")
TOP_VIEW(OP, "op", 'o', TOP_GROUPS, BY_OP, TOP_REQUEST, "operations")
TOP_VIEW(CLIENT, "client", 'c', TOP_GROUPS, BY_CLIENT, TOP_REQUEST, "clients")
TOP_VIEW(USER, "user", 'u', TOP_GROUPS, BY_USER, TOP_CLIENT, "users")
TOP_VIEW(SHARE, "share", 's', TOP_GROUPS, BY_SHARE, TOP_CLIENT, "shares")
TOP_VIEW(PROCESS, "process", 'p', TOP_GROUPS, BY_PROCESS, TOP_REQUEST,
	 "processes")
TOP_VIEW(LAYER, "layer", 'l', TOP_GROUPS, BY_LAYER, TOP_OP, "layers")
TOP_VIEW(FILE, "file", 'f', TOP_FILES, DIMENSIONS, TOP_VIEWS, "files")
TOP_VIEW(NOW, "now", 'n', TOP_FLIGHTS, DIMENSIONS, TOP_VIEWS, "under way")

#undef TOP_VIEW
