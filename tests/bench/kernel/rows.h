/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Benchmark rows. Each returns the counter ticks of ROUNDS operations, after some unmeasured ones.
 */
#pragma once

#include <stdint.h>

#define ROUNDS      1000
#define WARM_ROUNDS 16

/* Notifications (rows_thread.c). */
uint64_t row_wait_pending(void);
uint64_t row_signal_to_waiter(void);
uint64_t row_notification_ping_pong(void);

/* One way of a call and of its answer, two address spaces, passive server (rows_thread.c). */
uint64_t row_call_one_way(void);
uint64_t row_reply_one_way(void);

/* Faults: the answer, the restart and the next fault (rows_thread.c). */
uint64_t row_vm_fault(void);
uint64_t row_unknown_syscall(void);
uint64_t row_undefined_instruction(void);

/* A device's interrupt to its handler's thread, and the whole of it (rows_interrupt.c). */
uint64_t row_interrupt_to_handler(void);
uint64_t row_interrupt_round_trip(void);

/* Scheduling of oneself (rows_thread.c). */
uint64_t row_yield_alone(void);
uint64_t row_set_priority_self(void);

/* Memory and capabilities (rows_memory.c). */
uint64_t row_map_page(void);
uint64_t row_unmap_page(void);
uint64_t row_retype_frame_fresh(void);
uint64_t row_retype_endpoint_fresh(void);
uint64_t row_retype_tcb_fresh(void);
uint64_t row_retype_frame_reused(void);
uint64_t row_cnode_copy(void);
uint64_t row_delete_last_frame_cap(void);
