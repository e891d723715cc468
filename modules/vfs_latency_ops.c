/*
 * The wrappers that the op table generates, and the function table.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "module.h"
#include "op_path.h"
#include "op_timer.h"
#include "request_timer.h"
#include "vfs_latency_async.h"

#define UNPACK(...) __VA_ARGS__

/* The signature of a wrapper and the call of the next layer's function. */
#define WRAPPER(ret, name, params) \
	static ret latency_##name(struct vfs_handle_struct *handle, \
				  UNPACK params)
#define NEXT(name, args) smb_vfs_call_##name(handle->next, UNPACK args)

/*
 * Two functions for each op. The first does the usual case and calls nothing
 * but the next layer, so it has nothing to save; what is not usual it leaves
 * to the second.
 */
#define WRAP(ret, name, params, args, path, DECLARE, CALL, END, RETURN)   \
	static __attribute__((noinline, cold))                            \
	ret latency_##name##_any(struct vfs_handle_struct *handle, UNPACK params) \
	{                                                                 \
		DECLARE;                                                  \
		if (!op_timer_begin(handle, OP_##name, path)) {           \
			return NEXT(name, args);                          \
		}                                                         \
		CALL NEXT(name, args);                                    \
		END;                                                      \
		RETURN;                                                   \
	}                                                                 \
                                                                          \
	WRAPPER(ret, name, params)                                        \
	{                                                                 \
		DECLARE;                                                  \
		if (!op_timer_begin_again(handle, OP_##name, path)) {     \
			return op_timer_pass(handle, OP_##name) ?         \
				NEXT(name, args) :                        \
				latency_##name##_any(handle, UNPACK args); \
		}                                                         \
		CALL NEXT(name, args);                                    \
		END;                                                      \
		RETURN;                                                   \
	}

#define WRAP_VOID(ret, name, params, args, path)                          \
	WRAP(ret, name, params, args, path, , , op_timer_end(0, 0), return)

#define WRAP_RESULT(ret, name, params, args, path, error_of, bytes_of)    \
	WRAP(ret, name, params, args, path, ret returned, returned =,     \
	     op_timer_end(error_of(returned), bytes_of(returned)),        \
	     return returned)

/* By error class: which error is it, how many bytes were moved. */
#define NO_ERROR(result) 0
#define NO_BYTES(result) 0
#define IF_MINUS_ONE(result) \
	((result) == (__typeof__(result))-1 ? op_error_errno() : 0)
#define IF_NULL(result) ((result) == NULL ? op_error_errno() : 0)
#define IF_FALSE(result) ((result) ? 0 : op_error_errno())
#define BYTES(result) ((result) > 0 ? (uint64_t)(result) : 0)

#define WRAP_ERRNO(...) WRAP_RESULT(__VA_ARGS__, IF_MINUS_ONE, NO_BYTES)
#define WRAP_BYTES(...) WRAP_RESULT(__VA_ARGS__, IF_MINUS_ONE, BYTES)
#define WRAP_POINTER(...) WRAP_RESULT(__VA_ARGS__, IF_NULL, NO_BYTES)
#define WRAP_BOOL(...) WRAP_RESULT(__VA_ARGS__, IF_FALSE, NO_BYTES)
#define WRAP_NTSTATUS(...) WRAP_RESULT(__VA_ARGS__, op_error_ntstatus, NO_BYTES)
#define WRAP_NONE(...) WRAP_RESULT(__VA_ARGS__, NO_ERROR, NO_BYTES)

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
		request_timer_resume(handle, FIRST args);                 \
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
