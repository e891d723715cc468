/*
 * The wrappers that the op table generates, and the function table.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "vfs_latency_ops.h"
#include "op_path.h"
#include "op_timer.h"
#include "request_timer.h"
#include "vfs_latency.h"
#include "vfs_latency_async.h"

#define UNPACK(...) __VA_ARGS__

/* ---------------------------- the next layer ----------------------------- */

/*
 * smb_vfs_call_*() in two steps: look for the next layer that has the op, and
 * call its function. What the first finds stays true as long as the tree is
 * connected, so that op_timer keeps it.
 */
#define FIND_NEXT(next, name)                                             \
	do {                                                              \
		next.handle = handle->next;                               \
		while (next.handle->fns->name##_fn == NULL) {             \
			next.handle = next.handle->next;                  \
		}                                                         \
		next.function =                                           \
			(void (*)(void))next.handle->fns->name##_fn;      \
	} while (0)
#define NEXT(next, name, args)                                            \
	((__typeof__(latency_functions.name##_fn))(next).function)(       \
		(next).handle, UNPACK args)

/* ------------------- the end of an op, by error class -------------------- */

/*
 * Functions that record the op with its error and the bytes it moved, and
 * return what it returned. They are shared by all ops, since most of them come
 * so seldom that code of their own would have left the caches meanwhile; they
 * call nothing in the usual case, so they have nothing to save.
 */
#define SHARED static __attribute__((noinline))
#define RARE static __attribute__((noinline, cold))

#define END(type, name, error, bytes)                                     \
	RARE type name##_any(type returned, uint64_t ns)                  \
	{                                                                 \
		op_timer_finish(ns, error, bytes);                        \
		return returned;                                          \
	}                                                                 \
	SHARED type name(type returned)                                   \
	{                                                                 \
		uint64_t ns;                                              \
                                                                          \
		return op_timer_end_usual(error, bytes, &ns) ?            \
			returned : name##_any(returned, ns);              \
	}

/* An op that has failed if it returned failure; errno says why. */
#define END_UNLESS(failure, type, name, bytes)                            \
	END(type, name##_well, 0, bytes)                                  \
	END(type, name##_failed, op_error_errno(), 0)                     \
	static inline type name(type returned)                            \
	{                                                                 \
		return returned == (failure) ?                            \
			name##_failed(returned) : name##_well(returned);  \
	}                                                                 \
	static inline type name##_any(type returned, uint64_t ns)         \
	{                                                                 \
		return returned == (failure) ?                            \
			name##_failed_any(returned, ns) :                 \
			name##_well_any(returned, ns);                    \
	}

END_UNLESS(-1, int, end_int, 0)
END_UNLESS(-1, int64_t, end_int64, 0)
END_UNLESS(-1, ssize_t, end_bytes, (uint64_t)returned)
END_UNLESS(false, bool, end_bool, 0)
END(NTSTATUS, end_ntstatus, op_error_ntstatus(returned), 0)

static inline __attribute__((always_inline)) void end_none(void)
{
	uint64_t ns;

	if (!op_timer_end_usual(0, 0, &ns)) {
		op_timer_finish(ns, 0, 0);
	}
}

/* After op_timer_begin_known(), by class. */
#define END_ERRNO(returned) \
	_Generic((returned), int: end_int, default: end_int64)(returned)
#define END_BYTES(returned) end_bytes(returned)
#define END_POINTER(returned) (end_bool((returned) != NULL), (returned))
#define END_BOOL(returned) end_bool(returned)
#define END_NTSTATUS(returned) end_ntstatus(returned)
#define END_NONE(returned) (end_none(), (returned))

/* After op_timer_begin(), by class; ns: from op_timer_span(). */
#define ANY_ERRNO(returned, ns)                                           \
	_Generic((returned), int: end_int_any, default: end_int64_any)(   \
		returned, ns)
#define ANY_BYTES(returned, ns) end_bytes_any(returned, ns)
#define ANY_POINTER(returned, ns) \
	(end_bool_any((returned) != NULL, ns), (returned))
#define ANY_BOOL(returned, ns) end_bool_any(returned, ns)
#define ANY_NTSTATUS(returned, ns) end_ntstatus_any(returned, ns)
#define ANY_NONE(returned, ns) (op_timer_finish(ns, 0, 0), (returned))

/* ------------------------------- wrappers -------------------------------- */

/*
 * Two functions for each op. The second does the usual case, which fits in two
 * cache lines, and behind it what is to be quick when the op is not timed. What
 * is not usual it leaves to the first, which stays on the stack to its end:
 * there tracers see whose stack it is.
 */
#define WRAP(ret, name, params, args, path, DECLARE, CALL, END, ANY, RETURN) \
	RARE ret latency_##name##_any(struct vfs_handle_struct *handle,   \
				      UNPACK params)                      \
	{                                                                 \
		const struct place *place;                                \
		struct next_layer next;                                   \
		DECLARE;                                                  \
                                                                          \
		place = op_timer_begin_no_tsc(handle, OP_##name, path);   \
		if (place != NULL) {                                      \
			next = place->next;                               \
		} else {                                                  \
			FIND_NEXT(next, name);                            \
			if (!op_timer_begin(handle, next, OP_##name,      \
					    path)) {                      \
				return NEXT(next, name, args);            \
			}                                                 \
		}                                                         \
		CALL NEXT(next, name, args);                              \
		ANY;                                                      \
		__asm__ volatile("" : : : "memory");                      \
		RETURN;                                                   \
	}                                                                 \
                                                                          \
	static ret latency_##name(struct vfs_handle_struct *handle,       \
				  UNPACK params)                          \
	{                                                                 \
		const struct place *place;                                \
		struct next_layer next;                                   \
		DECLARE;                                                  \
                                                                          \
		place = op_timer_begin_known(handle, OP_##name, path);    \
		if (place != NULL) {                                      \
			CALL NEXT(place->next, name, args);               \
			END;                                              \
			RETURN;                                           \
		}                                                         \
		if (op_timer_leaves_out(handle, OP_##name)) {             \
			FIND_NEXT(next, name);                            \
			return NEXT(next, name, args);                    \
		}                                                         \
		return latency_##name##_any(handle, UNPACK args);         \
	}

#define WRAP_VOID(ret, name, params, args, path)                          \
	WRAP(ret, name, params, args, path, , , end_none(),               \
	     op_timer_end(0, 0), return)

#define WRAP_RESULT(ret, name, params, args, path, class)                 \
	WRAP(ret, name, params, args, path, ret returned, returned =,     \
	     returned = END_##class(returned),                            \
	     returned = ANY_##class(returned, op_timer_span()),           \
	     return returned)

#define WRAP_ERRNO(...) WRAP_RESULT(__VA_ARGS__, ERRNO)
#define WRAP_BYTES(...) WRAP_RESULT(__VA_ARGS__, BYTES)
#define WRAP_POINTER(...) WRAP_RESULT(__VA_ARGS__, POINTER)
#define WRAP_NTSTATUS(...) WRAP_RESULT(__VA_ARGS__, NTSTATUS)
#define WRAP_NONE(...) WRAP_RESULT(__VA_ARGS__, NONE)

/*
 * Some functions fail without a word in errno. What is there before is put away
 * meanwhile, so that they are not blamed for an older failure.
 */
#define WRAP_BOOL(ret, name, params, args, path)                          \
	WRAP(ret, name, params, args, path,                               \
	     ret returned; int older = errno,                             \
	     errno = 0; returned =,                                       \
	     returned = END_BOOL(returned); errno = errno ? errno : older, \
	     returned = ANY_BOOL(returned, op_timer_span());              \
	     errno = errno ? errno : older,                               \
	     return returned)

/*
 * The layers' functions take a list, where smb_vfs_call_fcntl() takes `...`. A
 * list is used up by reading it, which no layer of ours does: they pass it
 * on, once. In Samba's sources (4.17 and 4.25 were read):
 *  - smb_vfs_call_fcntl() alone calls a fcntl_fn, with a new list each time;
 *  - every way through a wrapper calls the next layer once, and if that is one
 *    of ours, too, it does the same with this list;
 *  - whatever is below reads a copy of it (va_copy) or does not read it:
 *    vfs_default, streams_xattr, full_audit, time_audit, glusterfs, the ceph
 *    modules. Those that call a next layer pass the argument as `...`.
 */
WRAP_ERRNO(int, fcntl, (struct files_struct *fsp, int cmd, va_list cmd_arg),
	   (fsp, cmd, cmd_arg), FSP_PATH(fsp))

#define OP(ret, name, class, params, args, path, doc) \
	WRAP_##class(ret, name, params, args, path)
#include "latency_ops.h"

/*
 * Ops that say which request they are for: a function in front of the wrapper
 * that passes this on.
 */
#define FIRST(first, ...) first
#define OP_OF_REQUEST(ret, name, class, params, args, path, doc)          \
	static ret latency_##name##_of_request(                           \
		struct vfs_handle_struct *handle, UNPACK params)          \
	{                                                                 \
		request_timer_resume(handle, FIRST args, path);           \
		return latency_##name(handle, UNPACK args);               \
	}
#include "latency_ops.h"

const struct vfs_fn_pointers latency_functions = {
#define OP(ret, name, class, params, args, path, doc) \
	.name##_fn = latency_##name,
#define OP_OF_REQUEST(ret, name, class, params, args, path, doc) \
	.name##_fn = latency_##name##_of_request,
#define OP_BY_HAND(name, class, doc) .name##_fn = latency_##name,
#define OP_PAIR(name, class, doc) OP_PAIR_TOO(name)
#define OP_PAIR_TOO(name) \
	.name##_send_fn = latency_##name##_send, \
	.name##_recv_fn = latency_##name##_recv,
#include "latency_ops.h"
};

/* A slot of the VFS table without a row in the op table would not be seen. */
enum {
	SLOTS = 0
#define OP(ret, name, class, params, args, path, doc) + 1
#define OP_BY_HAND(name, class, doc) + 1
#define OP_PAIR(name, class, doc) + 2
#define OP_PAIR_TOO(name) + 2
#include "latency_ops.h"
};

#define STRING(x) #x
#define VALUE_STRING(x) STRING(x)
_Static_assert(SLOTS == sizeof(struct vfs_fn_pointers) / sizeof(void (*)(void)),
	       "latency_ops.h lacks or invents slots of Samba's VFS interface "
	       "version " VALUE_STRING(LATENCY_VFS_VERSION));
_Static_assert(LATENCY_VFS_VERSION == SMB_VFS_INTERFACE_VERSION,
	       "configured for another Samba than the headers are of");
_Static_assert(OP_COUNT <= LATENCY_MAX_OPS, "too many ops for a segment");
