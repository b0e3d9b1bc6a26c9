/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The only part of this library that is not inline: the variables behind the IPC buffer pointer and
 * the boot information. The thread-local ones are weak, so that a program may define its own.
 */
#include <sel4/bootinfo.h>
#include <sel4/functions.h>

__thread __attribute__((weak)) seL4_IPCBuffer *__sel4_ipc_buffer;
__thread __attribute__((weak)) char __sel4_print_error;

static seL4_BootInfo *boot_info;

void seL4_InitBootInfo(seL4_BootInfo *bi)
{
    boot_info = bi;
}

seL4_BootInfo *seL4_GetBootInfo(void)
{
    return boot_info;
}
