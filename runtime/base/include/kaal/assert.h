/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * ASSERT for our own mistakes (preconditions, state, unreachable); it stays on in release builds.
 * Never for what the other side sent: that is validated and answered with an error.
 */
#pragma once

/* C17 has the keyword; the macro is in <assert.h>, which a freestanding compiler does not have. */
#ifndef static_assert
#define static_assert _Static_assert
#endif

/**
 * Ends the component (or the host test) after a message with the place of the mistake.
 * Supplied by runtime/start for components and by the C library's abort on the host.
 *   expression, file  static strings;  line  source line
 */
_Noreturn void kaal_assert_failed(const char *expression, const char *file, int line);

/** States what must hold here; one condition, no side effects. */
#define ASSERT(expression) \
    ((expression) ? (void)0 : kaal_assert_failed(#expression, __FILE__, __LINE__))

#ifdef KAAL_DEBUG_ASSERT
/** As ASSERT, for checks that cost more than O(1); only in builds with KAAL_DEBUG_ASSERT. */
#define DEBUG_ASSERT(expression) ASSERT(expression)
#else
/** As ASSERT, for checks that cost more than O(1); only in builds with KAAL_DEBUG_ASSERT. */
#define DEBUG_ASSERT(expression) ((void)sizeof(expression))
#endif
