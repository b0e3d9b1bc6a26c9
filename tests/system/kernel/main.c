/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* TAP and victims; the tests themselves are in the architecture's file. */
#include "kernel_test.h"

static unsigned test_count;

static void print_number(uint64_t value, unsigned base)
{
    char digits[24];
    unsigned at = sizeof(digits) - 1;
    digits[at] = '\0';
    do {
        digits[--at] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0);
    arch_console_write(&digits[at]);
}

void check(bool good, const char *name)
{
    arch_console_write(good ? "ok " : "not ok ");
    print_number(++test_count, 10);
    arch_console_write(" - ");
    arch_console_write(name);
    arch_console_write("\n");
}

void check_equal(uint64_t value, uint64_t expected, const char *name)
{
    check(value == expected, name);
    if (value != expected) {
        arch_console_write("#   is 0x");
        print_number(value, 16);
        arch_console_write(", should be 0x");
        print_number(expected, 16);
        arch_console_write("\n");
    }
}

void victim_start(struct victim *victim, void (*function)(uint64_t), uint64_t argument)
{
    victim->endpoint = world_object(seL4_EndpointObject, 0);
    victim->reply = world_object(seL4_ReplyObject, 0);
    world_thread_start(&victim->thread, seL4_CapInitThreadVSpace, function, argument,
                       seL4_MaxPrio - 1);
    seL4_Error error = seL4_TCB_SetSpace(victim->thread.tcb, victim->endpoint,
                                         seL4_CapInitThreadCNode, 0, seL4_CapInitThreadVSpace, 0);
    world_check(error == seL4_NoError, "fault handler");
}

seL4_Word victim_fault(struct victim *victim)
{
    seL4_Word badge;
    return seL4_MessageInfo_get_label(seL4_Recv(victim->endpoint, &badge, victim->reply));
}

seL4_Word victim_reply(struct victim *victim, seL4_Word length)
{
    seL4_Word badge;
    seL4_MessageInfo_t info = seL4_MessageInfo_new(0, 0, 0, length);
    return seL4_MessageInfo_get_label(
        seL4_ReplyRecv(victim->endpoint, info, &badge, victim->reply));
}

seL4_CPtr copy_of(seL4_CPtr source)
{
    seL4_CPtr copy = world_slot();
    seL4_Error error =
        seL4_CNode_Copy(seL4_CapInitThreadCNode, copy, seL4_WordBits, seL4_CapInitThreadCNode,
                        source, seL4_WordBits, seL4_AllRights);
    world_check(error == seL4_NoError, "copy");
    return copy;
}

seL4_Error delete_slot(seL4_CPtr slot)
{
    return seL4_CNode_Delete(seL4_CapInitThreadCNode, slot, seL4_WordBits);
}

seL4_CPtr mint_of(seL4_CPtr source, seL4_Word badge)
{
    seL4_CPtr copy = world_slot();
    seL4_Error error =
        seL4_CNode_Mint(seL4_CapInitThreadCNode, copy, seL4_WordBits, seL4_CapInitThreadCNode,
                        source, seL4_WordBits, seL4_AllRights, badge);
    world_check(error == seL4_NoError, "mint");
    return copy;
}

int main(void)
{
    world_init();
    arch_console_init();
    arch_console_write("kernel-test\n");
    arch_tests();
    arch_console_write("1..");
    print_number(test_count, 10);
    arch_console_write("\n");
    arch_reset();
}
