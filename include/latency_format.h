/*
 * Every byte of a segment: the shared-memory file of one smbd process, and the
 * file of the departed, which has the same form.
 *
 * A segment is an array of lines of 64 bytes. Line 0 starts the header; all
 * else is claimed from the end when it is first needed and never given back.
 * A reference to a claimed thing is its line number, uint32_t, 0 for none, so
 * the file means the same wherever it is mapped.
 *
 *	header -> slot -> slot -> ...		one slot a tree connect
 *	          slot -> chunk of nodes	the calling context tree
 *	          slot -> files -> chunk	the files that matter most
 *	          node -> octave		one line of 8 buckets
 *	          node -> sizes			how many bytes a call moved
 *	          node -> error line -> ...	counts by errno or NTSTATUS
 *	header -> slow ring			the latest slow ops
 *	header -> flights -> chunk of flights	requests and async ops under way
 *	header -> trace				ops and requests as they end
 *	header -> connections -> chunk		of the transport, of the client
 *
 * All counters are in the nodes. What an op, a request or a layer took is the
 * sum of the nodes with that frame: nothing is stored twice.
 *
 * One process writes, any number read. Readers need none of Samba's headers:
 * ops, layers and sizes are described in the segment. All integers are in the
 * byte order of the machine; durations are nanoseconds; strings are UTF-8 or
 * whatever smbd held, and end in a zero byte.
 *
 * Consistency. A thing that must be read as a whole starts with a sequence
 * count, see struct latency_seq; a node is its own, see struct latency_node.
 * Everything else is a single aligned word, written once (strings are written
 * before what refers to them), or only ever grows.
 *
 * Versions. A reader accepts every minor version of its own major version. A
 * minor version may only use reserved fields and append to the header, whose
 * size is in header_size; anything else is a new major version.
 *
 * This file must not know Samba, where the memory comes from, or what is done
 * with the numbers.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef LATENCY_FORMAT_H
#define LATENCY_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#include "latency_hist.h"
#include "latency_sizes.h"

#define LATENCY_MAGIC "SMBLATCY"	/* 8 bytes, no zero byte */
#define LATENCY_BYTE_ORDER 0x01020304u
#define LATENCY_MAJOR 3
#define LATENCY_MINOR 1

#define LATENCY_LINE 64u		/* bytes */
#define LATENCY_MAX_SIZE (64u << 20)	/* bytes of one segment */

/* Name of the segment of process PID, below the segment directory. */
#define LATENCY_SEGMENT_NAME "smbd-%u-%016llx.segment"	/* pid, id */
#define LATENCY_SEGMENT_SUFFIX ".segment"
#define LATENCY_DEPARTED_NAME "departed.segment"
#define LATENCY_DEPARTED_NEW_NAME "departed.new"

enum latency_kind {
	LATENCY_KIND_PROCESS = 1,	/* written by a living smbd */
	LATENCY_KIND_DEPARTED = 2,	/* sum of processes that have ended */
};

/*
 * Sequence count of a slow op, of the times. There is one writer;
 * it makes the count odd, writes the fields behind it, and makes it even
 * again. A reader copies the fields between two reads of the count and takes
 * the copy only if both reads gave the same even value. Use seq_write_begin(),
 * seq_write_end() and seq_read() of lib/sequence.h and nothing else.
 */
struct latency_seq {
	uint32_t count;
};

/*
 * What a frame of the calling context tree is of. Layer 0 is smbd
 * itself: its frames are SMB2 opcodes (0 to LATENCY_OPCODES - 1) and the
 * roots below. Layer n > 0 is the n-th name in the segment's layer table: its
 * frames are ops, numbered as in the segment's op table.
 */
#define LATENCY_FRAME_BITS_OP 8
#define LATENCY_FRAME_BITS_LAYER 7
#define LATENCY_FRAME_ASYNC 0x8000u /* a send/recv pair: not inside parent */
#define LATENCY_FRAME(layer, op) \
	((uint16_t)((layer) << LATENCY_FRAME_BITS_OP | (op)))
#define LATENCY_FRAME_LAYER(frame) \
	((frame) >> LATENCY_FRAME_BITS_OP & \
	 ((1u << LATENCY_FRAME_BITS_LAYER) - 1))
#define LATENCY_FRAME_OP(frame) \
	((frame) & ((1u << LATENCY_FRAME_BITS_OP) - 1))

#define LATENCY_MAX_LAYERS 128		/* layer 0 included */
#define LATENCY_MAX_OPS 256
#define LATENCY_OPCODES 32

enum latency_root {
	LATENCY_ROOT_ASYNC = LATENCY_OPCODES,	/* "async completion" */
	LATENCY_ROOT_TREE_CONNECT,		/* "tree connect" */
	LATENCY_ROOT_OTHER,			/* "other" */
	LATENCY_ROOT_OVERFLOW,			/* "(overflow)" */
	/*
	 * No roots, but frames of layer 0 all the same: below a request, the
	 * time in which its reply is signed, encrypted and sent.
	 */
	LATENCY_ROOT_SEND,			/* "(send)" */
	/*
	 * The same, the time in which nobody worked on it: from when it went
	 * async to the turn that goes on with it, or replies.
	 */
	LATENCY_ROOT_PENDING,			/* "(pending)" */
	/*
	 * Below "tree connect", of its request from its arrival to its reply;
	 * and of the first one of a connection: from when the client connected
	 * to the arrival of the request that completed its session, and to the
	 * reply. These hold what is beside them, and are no part of it.
	 */
	LATENCY_ROOT_LOGON_TREE,		/* "(tree connect)" */
	LATENCY_ROOT_LOGON_SESSION,		/* "(session set up)" */
	LATENCY_ROOT_LOGON_FIRST,		/* "(first tree connect)" */
	LATENCY_ROOT_END,
};

/* Is a frame one of these three? */
#define LATENCY_FRAME_IS_LOGON(frame)                                       \
	((frame) >= LATENCY_FRAME(0, LATENCY_ROOT_LOGON_TREE) &&            \
	 (frame) <= LATENCY_FRAME(0, LATENCY_ROOT_LOGON_FIRST))

/* How the result of an op tells an error; see latency_ops.h. */
enum latency_class {
	LATENCY_CLASS_ERRNO,
	LATENCY_CLASS_BYTES,
	LATENCY_CLASS_POINTER,
	LATENCY_CLASS_BOOL,
	LATENCY_CLASS_NTSTATUS,
	LATENCY_CLASS_NONE,
	LATENCY_CLASS_VOID,
};

/* Describes an op. The op table of a segment is op_count of these. */
struct latency_op {
	char name[30];
	uint8_t error_class;		/* enum latency_class */
	uint8_t reserved;
};

/* Names a layer. There are LATENCY_MAX_LAYERS of these; [0] is unused. */
struct latency_layer {
	char name[64]; /* empty: not yet used; see names below */
};

/*
 * Where the wall clock of a process went, in nanoseconds, since the process
 * made its first tree connect. The parts follow each other without a gap:
 * their sum is mark_ns minus the start. latency_wall.h has them.
 */
struct latency_time {
	struct latency_seq seq;
	uint32_t phase; /* enum latency_phase, from mark_ns on */
	uint64_t mark_ns; /* CLOCK_MONOTONIC up to which it counts */
	uint64_t turns;			/* event-loop turns */
	uint64_t waits;			/* times it waited */
#define WALL_CPU(name, label, mode, doc) uint64_t name##_ns;
#include "latency_wall.h"
#define WALL_PART(name, label, brief, doc) uint64_t name##_ns;
#include "latency_wall.h"
	/* What is free for more rows of latency_wall.h. */
	uint64_t reserved[20
#define WALL_CPU(name, label, mode, doc) -1
#define WALL_PART(name, label, brief, doc) -1
#include "latency_wall.h"
	];
};

enum latency_phase {
	LATENCY_PHASE_WORKING = 0,
	LATENCY_PHASE_WAITING_CLIENT,
	LATENCY_PHASE_WAITING_ASYNC,
	LATENCY_PHASE_ENDED,
	/*
	 * Beside one of waiting: CPUs are busy. When the wait ends, up to
	 * LATENCY_WAKE_NS of it are added to waiting_cpu_ns instead; until
	 * then it is not known what the latest so many ns are.
	 */
	LATENCY_PHASE_CPUS_BUSY = 0x100,
	/*
	 * Waiting for the client: shifted by LATENCY_PHASE_NETWORK_SHIFT, how
	 * many microseconds of this wait are waiting_network_ns, at most.
	 */
};

#define LATENCY_PHASE_NETWORK_SHIFT 10
#define LATENCY_PHASE_KIND 0xffu	/* without what is beside it */
#define LATENCY_PHASE_NETWORK_MAX ((1u << 22) - 1) /* microseconds */

#define LATENCY_WAKE_NS 1000000000u

/*
 * What an op's `begun` means. The ops that the process is in at this moment are
 * the nodes whose begun is not 0, nested as they are in the tree.
 *
 * A reader that adds the outermost op under way, which is below a root, to
 * vfs_ns must not count it less when it has ended. So an outermost op that took
 * LATENCY_LONG_NS is added to latency_time before its begun becomes 0, and a
 * reader adds none that is younger, takes begun before and after latency_time,
 * and takes all of it again if a long op has ended in between.
 *
 * begun is in ticks. How long one is may change once a second, under seq.
 */
struct latency_now {
	struct latency_seq seq;
	uint32_t reserved0;
	uint64_t ns_per_tick;		/* times 2^32; 0: not known */
	uint64_t base_ticks;
	uint64_t base_ns;		/* CLOCK_MONOTONIC at base_ticks */
};

/*
 * What the main thread was doing while it did not wait, as the kernel counts
 * it: sampled, so it may be behind by 20 ms or what lasts longer. The CPU time
 * is also that of waits, a microsecond or so each. So what was blocked, which
 * is the time at work less both others, is a lower bound. None goes down.
 */
struct latency_work {
	struct latency_seq seq;
	uint32_t page_faults;		/* that had to wait for a disk */
#define WALL_WORK(name, label, state, doc) uint64_t name##_ns;
#include "latency_wall.h"
	uint64_t voluntary_switches;
	uint64_t forced_switches;
	uint64_t reserved[5
#define WALL_WORK(name, label, state, doc) -1
#include "latency_wall.h"
	];
};

#define LATENCY_LONG_NS 10000000u

/*
 * What a tool asks of the writer. Written by smblatency-stat, read by smbd at
 * every op: the one place of a segment that others write.
 */
struct latency_control {
	uint32_t off;			/* not 0: measure nothing */
	uint32_t slow_set;		/* not 0: slow_ms replaces smb.conf */
	uint32_t slow_ms;		/* 0: no op is slow */
	/*
	 * Seconds of CLOCK_MONOTONIC up to which ops and requests are traced,
	 * at most LATENCY_TRACE_AHEAD_S from now; 0: they are not. A reader
	 * moves it on for as long as it lives, smbd makes it 0 when it is past.
	 */
	uint32_t trace_until;
	uint32_t reserved[12];
};

struct latency_header {
	char magic[8];			/* LATENCY_MAGIC; written last */
	uint32_t byte_order;		/* LATENCY_BYTE_ORDER */
	uint16_t major;
	uint16_t minor;
	uint32_t header_size;		/* bytes, tables included */
	uint32_t kind;			/* enum latency_kind */
	uint32_t pid;			/* 0 for the departed */
	uint32_t tsc; /* 1: time from the TSC or CNTVCT, 0: clock_gettime */
	uint64_t id;			/* unlike that of any other segment */
	uint64_t start_realtime_ns;	/* CLOCK_REALTIME of its beginning */
	uint64_t start_monotonic_ns;	/* CLOCK_MONOTONIC of its beginning */
	uint32_t op_count;
	uint32_t reserved0;
	char samba_version[48];
	char module_version[16];

	/* These change while it is written. */
	uint32_t used;			/* lines claimed so far */
	uint32_t first_slot;		/* line of a struct latency_slot */
	uint32_t slots;			/* slots in that list */
	uint32_t slow_ring;		/* line of a struct latency_slow_ring */
	uint64_t unmeasured; /* ops that found no room to be counted */
	uint64_t processes;		/* departed: processes summed up here */
	uint32_t folded;		/* departed: line of folded_count ids */
	uint32_t folded_count;		/* of segments that may still exist */
	uint64_t unmeasured_trees;	/* tree connects that found no room */
	uint32_t merged;		/* departed: line of latency_merged */
	uint32_t flights;		/* line of a struct latency_flights */
	uint32_t trace;			/* line of a struct latency_trace */
	uint32_t connections;		/* line: struct latency_connections */

	struct latency_control control;
	struct latency_time time;
	struct latency_now now;
	uint32_t reserved2[8];		/* lines of things to come */
	struct latency_work work;
	struct latency_layer layer[LATENCY_MAX_LAYERS];
	struct latency_op op[LATENCY_MAX_OPS];
};

/*
 * What tells slots from each other. Names that are too long for their field are
 * cut, and end in "~" and 16 hexadecimal digits that tell them from others with
 * the same beginning: see name_copy() and name_is() of lib/name.h.
 */
struct latency_slot_key {
	char share[256];
	char user[256];
	char client[64];		/* address, without port */
	/*
	 * The modules of `vfs objects`, the upper ones first, each followed by
	 * "/"; a layer of ours is ":" and its name. "" where that is not known.
	 */
	char objects[256];
};

/* One tree connect, or several of the same key, one after the other. */
struct latency_slot {
	uint32_t next;			/* line of the next slot */
	uint32_t nodes;			/* nodes in use, 0 and 1 included */
	uint32_t connected;		/* 1: a tree is connected now */
	uint32_t reserved;
	uint64_t tree_connects;		/* how many there have been */
	uint64_t connected_realtime_ns;	/* of the latest one */
	struct latency_slot_key key;
	/* Lines of arrays of LATENCY_CHUNK_NODES nodes, in order. */
	uint32_t chunk[88];

	/* A process: CLOCK_REALTIME of the slot's making. The departed: 0. */
	uint64_t began_ns;
	/*
	 * The departed: since when the share and the key are kept apart. What
	 * began then or earlier is among the others: see latency_merged.
	 */
	uint64_t share_since_ns;
	uint64_t key_since_ns;
	uint64_t oldest_ns; /* the departed: least began_ns of what it counts */
	uint32_t files;			/* line of a struct latency_files */
	uint32_t reserved1;
	uint64_t reserved2[3];
};

#define LATENCY_CHUNK_NODES 16u
#define LATENCY_MAX_NODES (88u * LATENCY_CHUNK_NODES)

/*
 * The departed: when names were last merged into "(others)", by a hash of
 * share and vfs objects, with user, client, both. Of several with the same hash
 * the latest time. A key that comes back has a slot of its own only for what
 * began after that, so that each count is in a place that can be told from
 * its key and its time. 0: never.
 */
#define LATENCY_MERGED 512u

struct latency_merged {
	uint64_t share_ns[LATENCY_MERGED];
	uint64_t user_ns[LATENCY_MERGED];
	uint64_t client_ns[LATENCY_MERGED];
	uint64_t key_ns[LATENCY_MERGED];
};

/*
 * A node of the calling context tree, with all counters of its frame there.
 * Its number is its place in the chunks. Only SMB2 requests and ops are
 * counted: the other roots have no counters of their own, they are made of the
 * ops directly below. Node 0 is above the roots, node 1 is
 * (overflow): it counts what found no room, timed by its outermost call.
 *
 * A call is first added to its bucket, then to what else it changes, its error
 * among that, and last to count. A reader reads count first and the buckets
 * last; if their sum is count, no call was being added meanwhile, and the copy
 * is consistent: also each error in it is of a call in it. The lines of other
 * errors, read after that, may be ahead. Use row_write_begin() and
 * row_write_end() of lib/sequence.h.
 */
struct latency_node {
	uint32_t sizes;		/* line of latency_sizes; 0: no bytes moved */
	uint16_t parent;		/* number of the node above, smaller */
	uint16_t frame;			/* LATENCY_FRAME of it */
	uint64_t count;			/* timed calls; = sum of the buckets */
	uint64_t total_ns;
	uint64_t min_ns;		/* UINT64_MAX as long as count is 0 */
	uint64_t max_ns;
	uint64_t bytes;
	/* The code, errno or NTSTATUS, of the first error there was; 0: none */
	uint32_t error_code;
	uint32_t error;			/* line of others: latency_errors */
	uint64_t begun; /* ticks, see latency_now; 0: not under way */

	uint64_t error_unknown;		/* errors whose code found no room */
	uint64_t untimed;		/* calls counted but not timed */
	uint64_t async;			/* of count: send/recv pairs */
	uint64_t service_count;		/* of async: service time known */
	uint64_t service_ns;		/* sum of those service times */
	uint64_t service_wall_ns;	/* send to completion of the same */
	uint32_t slot;			/* line of its slot */
	uint16_t number;		/* of this node */
	uint16_t reserved0;
	uint64_t error_count;		/* errors with error_code */

	/* Lines of HIST_SUB uint64_t bucket counts, claimed when first hit. */
	uint32_t octave[HIST_OCTAVES];
};

/*
 * The calls of a node by how many bytes they moved, see latency_sizes.h; those
 * that moved none are not in it. Claimed with the first that moved any.
 */
struct latency_sizes {
	uint64_t count[SIZE_BUCKETS];
};

#define LATENCY_NODE_TOP 0
#define LATENCY_NODE_OVERFLOW 1

/* Further errors of a node by code; lines are chained, codes as they came. */
struct latency_errors {
	uint32_t next;
	uint32_t reserved;
	struct {
		uint32_t code;		/* errno or NTSTATUS; 0: not yet used */
		uint32_t reserved;
		uint64_t count;
	} entry[3];
	uint64_t reserved1;
};

#define LATENCY_MAX_ERROR_LINES 15	/* what comes then: error_unknown */

/*
 * The latest slow ops and requests: entry n is written to slot
 * n % LATENCY_SLOW_ENTRIES.
 */
#define LATENCY_SLOW_ENTRIES 128u
#define LATENCY_SLOW_AROUND 8u

struct latency_slow {
	struct latency_seq seq;
	uint16_t frame;			/* layer and op; of a request: root */
	uint16_t root;			/* frame of the root it ran under */
	uint64_t number;		/* 1 for the first ever */
	uint64_t realtime_ns;		/* CLOCK_REALTIME of its end */
	uint64_t duration_ns;
	uint64_t message_id; /* of the SMB2 request, if root is one */
	uint32_t error;			/* errno or NTSTATUS; 0: success */
	uint32_t slot;			/* line of its slot */
	union {
		/* The ops it was nested in, the innermost first; 0: no more. */
		uint16_t around[LATENCY_SLOW_AROUND];
		/* Of a request: what is known of its time. */
		struct {
			uint64_t pending_ns;
			uint64_t vfs_ns; /* synchronous, since it pended last */
		} inside;
	};
	/* Relative to the share; if it is too long "..." and its end. */
	char path[448];
};

struct latency_slow_ring {
	uint64_t written;		/* entries ever written */
	uint64_t reserved[7];
	struct latency_slow entry[LATENCY_SLOW_ENTRIES];
};

/*
 * What has begun and not ended, beside the synchronous ops (latency_now): each
 * request from its arrival until its reply is sent, each async op until its
 * result is collected.
 *
 * An entry is of one for as long as its begun_ns is not 0. Its writer fills it
 * in under seq, begun_ns last, changes path under seq, slot and pending_ns as
 * single words, and ends it by making begun_ns 0. A reader that finds the same
 * seq and the same begun_ns again after it has taken the time knows that at
 * this time it was under way.
 */
#define LATENCY_FLIGHT_CHUNK 16u	/* entries */
#define LATENCY_FLIGHT_CHUNKS 16u
#define LATENCY_FLIGHTS (LATENCY_FLIGHT_CHUNK * LATENCY_FLIGHT_CHUNKS)

struct latency_flight {
	struct latency_seq seq;
	uint16_t frame; /* of a request its opcode, or LATENCY_ROOT_OTHER */
	uint16_t number;		/* its place in the chunks, from 1 on */
	uint64_t begun_ns;		/* CLOCK_MONOTONIC; 0: free */
	uint64_t message_id;		/* of the request, or 0 */
	uint64_t pending_ns; /* a request has gone async then; 0: it has not */
	uint32_t slot;			/* line of its slot; 0: not known */
	/* Of an async op: number of the entry of its request; 0: not known. */
	uint16_t request;
	uint16_t reserved0;
	uint64_t reserved;
	/*
	 * Relative to the share; if it is too long "..." and its end; "": not
	 * known, or that of its request.
	 */
	char path[464];
};

struct latency_flights {
	uint64_t unlisted;		/* under way, but found no room */
	/* Number of the request that synchronous ops below one are for. */
	uint32_t current;
	uint32_t reserved;
	/* Lines of LATENCY_FLIGHT_CHUNK entries each; 0: no more. */
	uint32_t chunk[LATENCY_FLIGHT_CHUNKS];
	uint64_t reserved1[6];
};

/*
 * The trace: each op and request as it ends, while somebody asks for it
 * (latency_control.trace_until). The ring is claimed when it is asked for
 * first.
 *
 * An event takes one cell, that of a request one more for each piece of its
 * path. Cell n, from 0 on, is at n % LATENCY_TRACE_CELLS. The writer says in
 * `claimed` up to which cell it is going to write, writes, and says so in
 * `events` and last in `written`. A reader copies cells below `written` and
 * then reads `claimed`: those from claimed - LATENCY_TRACE_CELLS on are whole,
 * others may be of later events. Events are numbered without a gap, so that a
 * gap is what has been lost. Where it was switched off because its reader was
 * stopped, that has lost what `untraced` grows by.
 */
#define LATENCY_TRACE_CELLS 16384u	/* a power of two */
#define LATENCY_TRACE_AHEAD_S 10u
#define LATENCY_TRACE_PIECE 63u		/* bytes of a path in a cell */
#define LATENCY_TRACE_PIECES 8u
#define LATENCY_TRACE_UNKNOWN UINT64_MAX

enum latency_event_kind {
	LATENCY_EVENT_NONE = 0,
	LATENCY_EVENT_OP,
	LATENCY_EVENT_REQUEST,
	LATENCY_EVENT_PATH,		/* a piece of the path of a request */
};

struct latency_event {
	uint64_t number;		/* 1 for the first ever */
	uint64_t begun_ns;		/* CLOCK_MONOTONIC; request: arrival */
	uint64_t duration_ns;		/* as counted */
	uint64_t message_id;		/* of the request, or 0 */
	union {
		uint64_t offset;	/* in the file, or UNKNOWN */
		uint64_t pending_ns;	/* of a request */
	};
	uint64_t bytes;			/* moved */
	uint32_t error;			/* errno or NTSTATUS; 0: success */
	uint32_t slot;			/* line of its slot */
	uint16_t frame;			/* layer and op; of a request: opcode */
	uint16_t root;			/* frame of the root it ran under */
	uint16_t request; /* latency_flight.number of its request; 0: none */
	union {
		uint8_t depth;		/* 1 directly below the root */
		uint8_t pieces;		/* of a request: cells of its path */
	};
	uint8_t kind;			/* enum latency_event_kind */
};

struct latency_event_path {
	char text[LATENCY_TRACE_PIECE];	/* zero behind the end */
	uint8_t kind;			/* LATENCY_EVENT_PATH */
};

union latency_trace_cell {
	struct latency_event event;
	struct latency_event_path path;
};

struct latency_trace {
	uint64_t claimed;		/* cells */
	uint64_t written;		/* cells */
	uint64_t events;		/* written */
	uint64_t switched_on;		/* how often */
	uint64_t untraced; /* events that there were while it was off between */
	uint64_t ended; /* until it was switched off last, all that count */
	uint64_t reserved[2];
	union latency_trace_cell cell[LATENCY_TRACE_CELLS];
};

/*
 * Which files the requests of a slot were for: those that take the most, as far
 * as there is room. A file that is not listed takes the place of the one that
 * matters least; what that has counted is added to `dropped`. If it comes back
 * it begins at 0, and `missed` says how much it may have had before, at most.
 * So a file has had at least what sum says, and at most missed more; all files
 * together have had what is in the list and in dropped.
 */
struct latency_file_sum {
#define FIGURE(NAME, field, word, doc) uint64_t field;
#include "latency_figures.h"
};

struct latency_file {
	uint64_t hash;			/* of the whole path */
	struct latency_file_sum sum;	/* since it is listed */
	struct latency_file_sum missed;	/* before that, at most */
	/* Relative to the share; cut: "..." and its end. */
	char path[160];
	uint32_t cut;
	uint32_t reserved;
};

#define LATENCY_FILE_CHUNK 16u
#define LATENCY_FILE_CHUNKS 8u
#define LATENCY_FILES (LATENCY_FILE_CHUNK * LATENCY_FILE_CHUNKS)

struct latency_files {
	struct latency_seq seq;		/* of all of it, the files included */
	uint32_t count;
	struct latency_file_sum dropped; /* of files that were listed once */
	struct latency_file_sum most;	/* that one of those has, at most */
	struct latency_file_sum unknown; /* of which file is not known */
	/* Lines of LATENCY_FILE_CHUNK files each; 0: not claimed. */
	uint32_t chunk[LATENCY_FILE_CHUNKS];
	uint32_t reserved[8];
};

/*
 * The transport connections of the client, and what they have had. Of one that
 * is open the figures are those of `sampled_ns`. Ended ones of the same client
 * and dialect are added up in one entry, also in the departed; where these have
 * no room for more, those that ended first are added to one of the client
 * "(others)" without a dialect.
 *
 * An entry is free as long as its `connections` is 0. Everything in it is
 * written under seq, but for the three counts of requests.
 */
struct latency_connection {
	struct latency_seq seq;
	uint16_t dialect;	/* as in NEGPROT, or LATENCY_DIALECT_ */
	uint16_t port;		/* the client's; 0: not known, or several */
	char client[64];		/* as in struct latency_slot_key */
	uint64_t connections;		/* that are added up here */
	uint64_t known;			/* of these: with figures */
	/* CLOCK_REALTIME; of several the first, and the latest. */
	uint64_t began_ns;
	uint64_t ended_ns;	/* 0: it is open, or its smbd has died */
	uint64_t sampled_ns;		/* 0: the figures are not known */
	uint32_t min_rtt_us;		/* the least ever; 0: not known */
	uint32_t rtt_us;		/* smoothed; 0: not known, or several */
#define TRANSPORT_REQUESTS(field, doc) uint64_t field;
#define TRANSPORT_COUNT(field, doc) uint64_t field;
#define TRANSPORT_TIME(field, doc) uint64_t field##_ns;
#include "latency_transport.h"
	uint64_t reserved[6];
};

#define LATENCY_DIALECT_UNKNOWN 0u
#define LATENCY_DIALECT_SMB1 1u

#define LATENCY_CONNECTION_CHUNK 4u
#define LATENCY_CONNECTION_CHUNKS 64u
#define LATENCY_CONNECTIONS \
	(LATENCY_CONNECTION_CHUNK * LATENCY_CONNECTION_CHUNKS)

struct latency_connections {
	uint64_t unlisted;		/* connections that found no room */
	uint64_t reserved[7];
	/* Lines of LATENCY_CONNECTION_CHUNK entries each; 0: no more. */
	uint32_t chunk[LATENCY_CONNECTION_CHUNKS];
};

#define LATENCY_AT(type, field, offset)                              \
	_Static_assert(offsetof(struct type, field) == (offset),     \
		       #type "." #field " has moved")
#define LATENCY_SIZE(type, size) \
	_Static_assert(sizeof(struct type) == (size), #type " has changed")

LATENCY_SIZE(latency_op, 32);
LATENCY_SIZE(latency_layer, 64);
LATENCY_AT(latency_time, mark_ns, 8);
LATENCY_AT(latency_time, turns, 16);
LATENCY_AT(latency_time, cpu_user_ns, 32);
LATENCY_AT(latency_time, waiting_client_ns, 56);
LATENCY_SIZE(latency_time, 192);
LATENCY_AT(latency_now, ns_per_tick, 8);
LATENCY_SIZE(latency_now, 32);
LATENCY_SIZE(latency_work, 64);
LATENCY_AT(latency_control, trace_until, 12);
LATENCY_SIZE(latency_control, 64);
LATENCY_AT(latency_header, header_size, 16);
LATENCY_AT(latency_header, id, 32);
LATENCY_AT(latency_header, op_count, 56);
LATENCY_AT(latency_header, samba_version, 64);
LATENCY_AT(latency_header, used, 128);
LATENCY_AT(latency_header, unmeasured, 144);
LATENCY_AT(latency_header, folded, 160);
LATENCY_AT(latency_header, merged, 176);
LATENCY_AT(latency_header, flights, 180);
LATENCY_AT(latency_header, trace, 184);
LATENCY_AT(latency_header, connections, 188);
LATENCY_AT(latency_header, control, 192);
LATENCY_AT(latency_header, time, 256);
LATENCY_AT(latency_header, now, 448);
LATENCY_AT(latency_header, work, 512);
LATENCY_AT(latency_header, layer, 576);
LATENCY_AT(latency_header, op, 576 + 64 * LATENCY_MAX_LAYERS);
LATENCY_SIZE(latency_header,
	     576 + 64 * LATENCY_MAX_LAYERS + 32 * LATENCY_MAX_OPS);
LATENCY_AT(latency_slot, tree_connects, 16);
LATENCY_AT(latency_slot_key, user, 256);
LATENCY_AT(latency_slot_key, client, 512);
LATENCY_AT(latency_slot_key, objects, 576);
LATENCY_SIZE(latency_slot_key, 832);
LATENCY_AT(latency_slot, key, 32);
LATENCY_AT(latency_slot, chunk, 864);
LATENCY_AT(latency_slot, began_ns, 1216);
LATENCY_AT(latency_slot, files, 1248);
LATENCY_SIZE(latency_slot, 1280);
LATENCY_SIZE(latency_merged, 32 * LATENCY_MERGED);
LATENCY_AT(latency_node, sizes, 0);
LATENCY_AT(latency_node, count, 8);
LATENCY_AT(latency_node, error_code, 48);
LATENCY_AT(latency_node, begun, 56);
LATENCY_AT(latency_node, error_unknown, 64);
LATENCY_AT(latency_node, slot, 112);
LATENCY_AT(latency_node, octave, 128);
LATENCY_SIZE(latency_node, 256);
LATENCY_SIZE(latency_sizes, 128);
LATENCY_SIZE(latency_errors, 64);
LATENCY_AT(latency_slow, around, 48);
LATENCY_AT(latency_slow, inside, 48);
LATENCY_AT(latency_slow, path, 64);
LATENCY_SIZE(latency_slow, 512);
LATENCY_SIZE(latency_slow_ring, 64 + 512 * LATENCY_SLOW_ENTRIES);
LATENCY_AT(latency_flight, begun_ns, 8);
LATENCY_AT(latency_flight, path, 48);
LATENCY_SIZE(latency_flight, 512);
LATENCY_SIZE(latency_flights, 128);
LATENCY_AT(latency_event, offset, 32);
LATENCY_AT(latency_event, error, 48);
LATENCY_AT(latency_event, depth, 62);
LATENCY_AT(latency_event, kind, 63);
LATENCY_SIZE(latency_event, 64);
LATENCY_AT(latency_event_path, kind, 63);
LATENCY_SIZE(latency_event_path, 64);
LATENCY_SIZE(latency_trace, 64 + 64 * LATENCY_TRACE_CELLS);
LATENCY_SIZE(latency_file, 256);
LATENCY_AT(latency_files, chunk, 128);
LATENCY_SIZE(latency_files, 192);
LATENCY_AT(latency_connection, connections, 72);
LATENCY_AT(latency_connection, requests, 120);
LATENCY_AT(latency_connection, duplicates, 200);
LATENCY_SIZE(latency_connection, 256);
LATENCY_AT(latency_connections, chunk, 64);
LATENCY_SIZE(latency_connections, 320);

#undef LATENCY_AT
#undef LATENCY_SIZE

#endif
