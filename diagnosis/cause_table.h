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
      "A faster server will not help; fewer requests or a shorter route will.",
      "use a shorter route, copy files in parallel (robocopy /MT), or copy "
      "archives",
      "of each wait for the next request, one minimum round trip")
CAUSE(one_at_a_time, "The client makes one request at a time",
      "A faster server will not help; a client that keeps several requests "
      "under way will.",
      "copy files in parallel (robocopy /MT); use fewer, larger files",
      "programs make small requests; at most 2 ms pass from a reply to the "
      "next request")
CAUSE(other_clients, "Clients wait for other clients",
      "Look at what another client has open or locked.",
      "see who has it open (smbstatus -L): a lease, an oplock, a lock",
      "an open or a lock is pending until another client gives something up")
CAUSE(client_thinks, "Clients do something else in between",
      "A faster server will not help; look at the client's program.",
      "find out what the client's program and machine do in the meantime",
      "on average, 2 to 50 ms pass from a reply to the next request")
CAUSE(missing_names, "Clients ask for what is not there",
      "Fewer such requests will help more than a faster server.",
      "see which names: search paths, programs' settings, "
      "'smblatency-stat errors'",
      "requests fail since there is nothing of that name")
CAUSE(refused, "Requests fail",
      "Clients keep asking for what they do not get.",
      "see 'smblatency-stat errors': rights, room, what another client "
      "has open",
      "requests fail, not for want of the name")
CAUSE(repeated, "A client asks the same again and again",
      "A program that asks less often will help, a faster server hardly.",
      "look at the client's program: a longer interval, or change "
      "notification",
      "beyond 3 a second, requests for one file or directory without data")
CAUSE(streams, "Clients look for streams of files",
      "Fewer such requests will help more than a faster server.",
      "macOS: 'vfs objects = fruit streams_xattr'; see 'smblatency-stat files'",
      "requests for names with a colon: AFP_AfpInfo, Zone.Identifier and the "
      "like")
CAUSE(questions, "Clients ask about each file by itself",
      "A client that takes the answers from its listing needs no more.",
      "look at the program, and at what scans or indexes the share",
      "files are opened, asked for their attributes, and closed")
CAUSE(small_requests, "Reads and writes are small",
      "Larger ones, or a cache in the client, will help more than a faster "
      "server.",
      "let the program use a larger buffer; see 'smblatency-stat --sizes'",
      "reads and writes beyond one for each 32 KiB and each open")
CAUSE(supply, "Large transfers wait for their data",
      "The network's bandwidth or the client is the limit, not this server.",
      "see 'smblatency-stat connections', measure the network (iperf3), the "
      "client",
      "requests of 32 KiB and more; smbd waits longer for them than they take "
      "at 1 GB/s")
CAUSE(packet_loss, "Data is lost on the way",
      "A faster server will not help; a network that loses nothing will.",
      "look at cables, Wi-Fi, duplex settings, error counters (ip -s link)",
      "segments are sent again; 200 ms each where nothing follows them, else a "
      "slower transfer")
CAUSE(io_queue, "Reads and writes queue for a thread",
      "More threads will help if the storage can do more at the same time.",
      "raise 'aio max threads'; if that does not help, faster storage",
      "between being asked for and being done they wait more than 0.5 ms "
      "outside the system call")
CAUSE(slow_reads, "Reading files is slow",
      "Look at the storage.",
      "see what keeps the storage busy (iostat -x); add memory or faster disks",
      "reads take longer than 0.2 ms plus 5 ms per MiB")
CAUSE(slow_writes, "Writing files is slow",
      "Look at the storage.",
      "see what keeps the storage busy (iostat -x), and whether it is full",
      "writes take longer than 0.2 ms plus 5 ms per MiB")
CAUSE(slow_sync, "Syncing data to disk is slow",
      "Disks that sync faster, or fewer syncs, will help.",
      "use disks whose cache survives power loss; see if 'sync always' is "
      "needed",
      "fsync takes longer than 1 ms")
CAUSE(slow_opens, "Opening files is slow",
      "Look at the file system, and at what watches it.",
      "look for a virus scanner or an audit that sees each open; check iostat "
      "-x",
      "opens and closes take longer than 0.1 ms")
CAUSE(slow_names, "Finding or changing names is slow",
      "Look at the file system's metadata.",
      "keep more inodes in memory (vfs_cache_pressure); put metadata on faster "
      "disks",
      "stat, mkdir, unlink, rename and the like take longer than 0.1 ms")
CAUSE(slow_listing, "Reading directories is slow",
      "Look at the file system's metadata.",
      "use smaller directories; put metadata on a faster disk",
      "reading a directory entry takes longer than 0.002 ms on average")
CAUSE(name_search, "Names are searched for, entry by entry",
      "Smaller directories, or names as they are written, will help.",
      "use smaller directories; 'case sensitive = yes' if clients permit it",
      "opens read directories to find a name in whatever case")
CAUSE(listing_attributes, "Listing reads each entry's attributes",
      "Fewer attributes to be read make listings faster.",
      "use 'store dos attributes', 'ea support' and acl_xattr only where "
      "needed",
      "attributes of entries, up to 0.05 ms each, while a directory is listed")
CAUSE(slow_attributes, "Extended attributes and ACLs are slow",
      "Fewer of them, or a faster place for them, will help.",
      "use 'store dos attributes', 'ea support' and acl_xattr only where "
      "needed",
      "reading or writing an attribute takes longer than 0.05 ms")
CAUSE(slow_space, "Asking for free space is slow",
      "Clients ask often; the answer can be kept for a while.",
      "set 'dfree cache time', make the 'dfree command' fast",
      "disk_free or a quota takes longer than 0.1 ms, a question beside that 2 "
      "ms")
CAUSE(slow_module, "A VFS module takes the time",
      "Without it, or with other settings, these clients would be faster.",
      "look at what the module does, and whether this share needs it",
      "what lies between two layers takes longer than 5 us per call")
CAUSE(slow_logon, "Logging on is slow",
      "Look at what is done for each logon and tree connect.",
      "see 'root preexec' and 'preexec', and the domain controller, LDAP, DNS",
      "from connecting to the first share, or in a later tree connect, more "
      "than 0.5 s pass")
CAUSE(encryption, "Encrypting takes the time",
      "Faster processors or a cheaper algorithm will help; a faster disk "
      "will not.",
      "use AES-128-GCM, and a processor with AES instructions",
      "requests are encrypted; smbd uses more CPU time than plain ones need")
CAUSE(signing, "Signing takes the time",
      "Faster processors or a cheaper algorithm will help; a faster disk "
      "will not.",
      "use SMB 3.1.1 with AES-128-GMAC, and a processor with AES instructions",
      "requests are signed; smbd uses more CPU time than plain ones need")
CAUSE(no_cpu, "smbd waits for a CPU",
      "Other work on this machine keeps the processors busy.",
      "see what else runs (top); run less of it, or add processors",
      "smbd is ready to run, but no CPU is free")

#undef CAUSE
