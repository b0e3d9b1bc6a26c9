/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Debian builds its libfdt.a with a stack protector, which refers to these two. Components are
 * linked without one: the guard is a constant, and a mismatch still ends the task.
 */
#include <stdint.h>

#include <kaal/assert.h>

/** The value that protected functions put before their return address. */
extern uintptr_t __stack_chk_guard;
uintptr_t __stack_chk_guard = UINT64_C(0x00000aff0d0a2400);

/** Called when it changed. */
_Noreturn void __stack_chk_fail(void);

void __stack_chk_fail(void)
{
    kaal_assert_failed("stack guard intact", __FILE__, __LINE__);
}
