# SPDX-License-Identifier: MIT OR Apache-2.0
# Test files that need nothing of the machine: the host runs them here, tests/system/kernel/suite in QEMU.
set(KAAL_KERNEL_SHARED_TESTS cap_fault cnode delete endpoint notification reply sched tcb untyped)
