/*
 * THE table of the wall clock: where the time of an smbd process goes.
 *
 * From the rows come the fields of struct latency_time and of the reader's
 * struct wall_time, the lines of the report, the keys of JSON (name_us), the
 * labels of metrics (activity="name", mode="name"), and the list in the manual
 * page. Define any of these macros, then include this file; what is not defined
 * expands to nothing, and all of them are undefined at the end.
 *
 *   WALL_PART(name, label, brief, doc)
 *	A part of the wall clock: field name_ns, in nanoseconds. The parts
 *	follow each other without a gap, so that they add up to the time since
 *	the process made its first tree connect. Shown in this order.
 *	label	its line in a report
 *	brief	the same in an interval's line
 *	doc	what it is, for people
 *
 *   WALL_CPU(name, label, mode, doc)
 *	Time on a CPU, or waiting for one: a figure beside the parts, which
 *	contain it. Field name_ns, in nanoseconds.
 *	mode	its label in metrics
 *
 *   WALL_WORK(name, label, state, doc)
 *	What smbd's main thread was doing: a figure beside the parts, too. Field
 *	name_ns of struct latency_work, in nanoseconds.
 *	state	its label in metrics
 *
 *   WALL_COUNT(name, label, doc)
 *	What the kernel counted of the main thread: field name of struct
 *	latency_work, key name of JSON, metric smblatency_name_total.
 *
 * A new row is a new field of latency_time in the segment, taken from its
 * reserved ones. Once a format has been released, new parts are added last, so
 * that the others stay where they are.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef WALL_WORK
#define WALL_WORK(name, label, state, doc)
#endif
#ifndef WALL_COUNT
#define WALL_COUNT(name, label, doc)
#endif
#ifndef WALL_PART
#define WALL_PART(name, label, brief, doc)
#endif
#ifndef WALL_CPU
#define WALL_CPU(name, label, mode, doc)
#endif

WALL_PART(waiting_client, "Time waiting for the client:", "client",
	  "waiting while no asynchronous VFS operation is open")
WALL_PART(waiting_network, "Waiting for the network, at least:", "network",
	  "of each wait between a reply and the next request, at most TCP's "
	  "minimum round trip; a lower bound")
WALL_PART(waiting_async, "Time waiting for async VFS I/O:", "async",
	  "waiting while one is")
WALL_PART(waiting_cpu, "Time waiting for a CPU to wake on:", "CPU",
	  "the part of both that passed until a CPU was free, where CPUs were "
	  "busy")
WALL_PART(vfs, "Time in synchronous VFS calls:", "VFS",
	  "in synchronous VFS operations")
WALL_PART(smb, "Time processing SMB2 requests:", "SMB",
	  "on SMB2 requests, outside the VFS")
WALL_PART(receive, "Time receiving SMB2 packets:", "receive",
	  "receiving requests")
WALL_PART(send, "Time signing, encrypting, sending:", "send",
	  "signing, encrypting and sending replies")
WALL_PART(other, "Time for everything else:", "other",
	  "everything else")

WALL_CPU(cpu_user, "CPU time of smbd, user:", "user",
	 "on a CPU in smbd")
WALL_CPU(cpu_system, "CPU time of smbd, system:", "system",
	 "on a CPU in the kernel")
WALL_CPU(cpu_wait, "CPU time waited for:", "wait",
	 "ready to run, but without a CPU")

WALL_WORK(on_cpu, "Main thread on a CPU:", "on_cpu",
	  "on a CPU, in smbd or the kernel")
WALL_WORK(blocked, "Working, but blocked, at least:", "blocked",
	  "at work, but neither on a CPU nor ready to run: the kernel waited "
	  "for a disk, a network, a lock; a lower bound")
WALL_WORK(no_cpu, "Working, but without a CPU:", "no_cpu",
	  "at work and ready to run, but without a CPU")

WALL_COUNT(page_faults, "Page faults from disk:",
	   "Page faults of smbd processes that had to wait for a disk.")
WALL_COUNT(voluntary_switches, "Context switches to wait:",
	   "How often smbd's main threads gave up the CPU to wait.")
WALL_COUNT(forced_switches, "Context switches, forced:",
	   "How often smbd's main threads were preempted.")

#undef WALL_PART
#undef WALL_CPU
#undef WALL_WORK
#undef WALL_COUNT
