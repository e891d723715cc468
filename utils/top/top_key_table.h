/*
 * THE table of what top's keys do, in the order of its help. The keys of lists
 * are in top_view_table.h, those of columns are the digits.
 *
 * From a row come the number TOP_DO_NAME, what finds it by its keys, and its
 * line in the help. Define TOP_KEY, then include this file; it is undefined at
 * the end.
 *
 *   TOP_KEY(NAME, key, other, called, help)
 *	key, other	characters, or those of top_keys.h; 0: none
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

TOP_KEY(UP, TOP_KEY_UP, 'k', "Up Down", "another row")
TOP_KEY(DOWN, TOP_KEY_DOWN, 'j', "", "")
TOP_KEY(PAGE_UP, TOP_KEY_PAGE_UP, 0, "PgUp PgDn", "a screen up, down")
TOP_KEY(PAGE_DOWN, TOP_KEY_PAGE_DOWN, 0, "", "")
TOP_KEY(FIRST, TOP_KEY_HOME, 'g', "Home End", "first row, last row")
TOP_KEY(LAST, TOP_KEY_END, 'G', "", "")
TOP_KEY(ENTER, TOP_KEY_ENTER, TOP_KEY_RIGHT, "Enter", "into the row")
TOP_KEY(BACK, TOP_KEY_ESCAPE, TOP_KEY_LEFT, "Esc Backsp", "back out of it")
TOP_KEY(BACKSPACE, TOP_KEY_BACKSPACE, 0, "", "")
TOP_KEY(NEXT, TOP_KEY_TAB, 0, "Tab", "the next list")
TOP_KEY(PREVIOUS, TOP_KEY_BACK_TAB, 0, "", "")
TOP_KEY(SORT_LEFT, '<', 0, "< >", "sort by another column")
TOP_KEY(SORT_RIGHT, '>', 0, "", "")
TOP_KEY(REVERSE, 'R', 0, "R", "reverse the order")
TOP_KEY(LOOK_FOR, '/', 0, "/", "only rows with a text")
TOP_KEY(TOTAL, 't', 0, "t", "totals, or the interval")
TOP_KEY(PAUSE, ' ', 0, "Space", "pause, go on")
TOP_KEY(WALL, 'w', 0, "w", "wall clock on, off")
TOP_KEY(MAP, 'm', 0, "m", "last minutes on, off")
TOP_KEY(VERDICT, 'v', 0, "v", "verdict of why on, off")
TOP_KEY(HELP, '?', 'h', "?", "this help")
TOP_KEY(END, 'q', 0, "q", "end")

#undef TOP_KEY
