/*
 * THE table of causes: why the time of clients goes where it goes.
 *
 * From a row come the number CAUSE_NAME, the call of the function that looks
 * for it, its words, its page of docs/guide.md (the section of its name), and
 * its entry in the manual page. Define CAUSE, then include this file; it is
 * undefined at the end.
 *
 *   CAUSE(name, title, means, advice, condition)
 *	A function cause_name() in a file cause_SUBJECT.c, see cause.h.
 *	title	what it is, at most 38 characters; then comes its share
 *	means	what follows from it, in a sentence
 *	advice	what to do, at most 80 characters
 *	condition	when it is said, for the manual page
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

CAUSE(hanging, "A file operation hangs",
      "Its client waits, and all other clients of that file may.",
      "look at what it waits for: the file system, a mount, a module",
      "an operation has been under way for 2 s and more")
CAUSE(round_trips, "Clients wait for the network",
      "A faster server will not help, fewer requests or a shorter way will.",
      "a shorter way; copies side by side (robocopy /MT), archives instead "
      "of files",
      "of each wait for the next request, one minimum round trip")
CAUSE(one_at_a_time, "The client makes one request at a time",
      "A faster server will not help, a client that has several requests "
      "under way will.",
      "copies side by side (robocopy /MT); fewer, larger files",
      "programs make small requests; from a reply to the next request pass "
      "up to 2 ms")
CAUSE(other_clients, "Clients wait for other clients",
      "What another client has open or locked is what to look at.",
      "see who has it open (smbstatus -L): a lease, an oplock, a lock",
      "opening or locking is pending until another client gives something up")
CAUSE(client_thinks, "Clients do something else in between",
      "A faster server will not help; the client's program is what to look "
      "at.",
      "look at the client's program and machine: what it does meanwhile",
      "from a reply to the next request pass 2 to 50 ms on average")
CAUSE(supply, "Large transfers wait for their data",
      "The network's bandwidth or the client is the limit, not this server.",
      "see 'smblatency-stat connections', measure the network (iperf3), the "
      "client",
      "requests of 32 KiB and more; smbd waits longer for them than 1 GB/s "
      "takes")
CAUSE(slow_reads, "Reading files is slow",
      "The storage is what to look at.",
      "see what keeps the storage busy (iostat -x); more memory, faster disks",
      "reads take longer than 0.2 ms and 5 ms a MiB")
CAUSE(slow_writes, "Writing files is slow",
      "The storage is what to look at.",
      "see what keeps the storage busy (iostat -x), and whether it is full",
      "writes take longer than 0.2 ms and 5 ms a MiB")
CAUSE(slow_sync, "Waiting for data to be on disk is slow",
      "A disk that is quick to sync, or fewer syncs, will help.",
      "disks with a cache that survives loss of power; is 'sync always' "
      "needed?",
      "fsync takes longer than 1 ms")
CAUSE(slow_opens, "Opening files is slow",
      "The file system, or what watches it, is what to look at.",
      "look for a virus scanner or an audit that sees each open; iostat -x",
      "opens and closes take longer than 0.1 ms")
CAUSE(slow_names, "Names are slow to find, make, remove",
      "The file system's metadata is what to look at.",
      "more memory for inodes (vfs_cache_pressure), metadata on faster disks",
      "stat, mkdir, unlink, rename and their like take longer than 0.1 ms")
CAUSE(slow_listing, "Reading directories is slow",
      "The file system's metadata is what to look at.",
      "smaller directories; metadata on a faster disk",
      "reading an entry of a directory takes longer than 0.02 ms")
CAUSE(slow_attributes, "Extended attributes and ACLs are slow",
      "Fewer of them, or a quicker place for them, will help.",
      "'store dos attributes', 'ea support', acl_xattr only where needed",
      "reading or writing an attribute takes longer than 0.05 ms")
CAUSE(slow_space, "Asking for free space is slow",
      "It is asked often; the answer can be kept for a while.",
      "set 'dfree cache time', make the 'dfree command' quick",
      "disk_free or a quota takes longer than 0.1 ms")
CAUSE(slow_module, "A VFS module takes the time",
      "Without it, or set up in another way, these clients would be faster.",
      "look at what the module does, and whether this share needs it",
      "what lies between two layers takes longer than 5 us a call")
CAUSE(protection, "Encrypting or signing takes the time",
      "Faster processors or a cheaper algorithm will help; a faster disk "
      "will not.",
      "AES-128-GCM and AES-128-GMAC, a processor with AES instructions",
      "smbd computes, outside the VFS, for longer than its requests cost "
      "else")
CAUSE(no_cpu, "smbd waits for a CPU",
      "Other work on this machine takes the processors.",
      "see what runs beside smbd (top): less of it, or more processors",
      "smbd is ready to run, but no CPU is free")

#undef CAUSE
