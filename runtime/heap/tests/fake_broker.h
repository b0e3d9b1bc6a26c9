/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A broker made of the host's own allocator, with a quota, and a panic that a test can expect.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/** Bytes that may still be allocated, and what is allocated now. */
extern uint64_t fake_broker_quota;
extern uint64_t fake_broker_bytes;
extern uint32_t fake_broker_calls;

/** Where kaal_panic() goes while a test expects it, and what it said. */
extern jmp_buf fake_panic;
extern const char *fake_panic_reason;

/** Runs a statement that must end in kaal_panic() with a reason that contains the text. */
#define assert_panics(statement, text)                      \
    do {                                                    \
        fake_panic_reason = NULL;                           \
        if (setjmp(fake_panic) == 0) {                      \
            statement;                                      \
        }                                                   \
        assert_non_null(fake_panic_reason);                 \
        assert_non_null(strstr(fake_panic_reason, (text))); \
    } while (0)
