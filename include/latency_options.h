/*
 * The options of the module in smb.conf, all of the form `latency:NAME`.
 *
 *   LATENCY_OPTION(name, where, kind, doc)
 *	name	behind the colon; Samba ignores case and blanks in it
 *	where	SHARE: in a share, or in [global] for all of them; GLOBAL: only
 *		there
 *	kind	of its value, see conf_option.h
 *	doc	what it takes, for people
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef LATENCY_OPTION
#define LATENCY_OPTION(name, where, kind, doc)
#endif

LATENCY_OPTION("directory", GLOBAL, PATH,
	       "where the segments are: an absolute path")
LATENCY_OPTION("slow threshold", SHARE, MILLISECONDS,
	       "milliseconds that make an operation slow; 0: none is slow")
LATENCY_OPTION("exempt", SHARE, OPS, "names of operations that are not timed")

#undef LATENCY_OPTION
