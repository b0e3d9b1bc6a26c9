# SPDX-License-Identifier: MIT OR Apache-2.0
# Test files that need nothing of the machine: the host runs them here, tests/system/kernel/suite in QEMU.
set(KAAL_KERNEL_SHARED_TESTS call_stack cap_fault cnode compound delete domain donation endpoint notification order
    refill registers reply sched tcb timeout transfer untyped yield_to)
