/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The kernel, the broker's timer and init, as far as one channel sees them.
 */
#define _GNU_SOURCE
#include "rig.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <sel4/sel4.h>

#include <kaal/assert.h>
#include <kaal/broker.h>

#include <start_internal.h>

#define CAP_NOTIFICATION_A 100
#define CAP_DOORBELL_OF_A  101 /* held by B */
#define CAP_DOORBELL_OF_B  102 /* held by A */

struct rig rig;
static struct kaal_startup page;
static seL4_IPCBuffer ipc_buffer;
static size_t mapped_bytes;

static void map_region(struct kaal_channel_region **writable, uint64_t *read_only)
{
    int fd = memfd_create("region", 0);
    ASSERT(fd >= 0 && ftruncate(fd, (off_t)mapped_bytes) == 0);
    *writable = mmap(NULL, mapped_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    void *reader = mmap(NULL, mapped_bytes, PROT_READ, MAP_SHARED, fd, 0);
    ASSERT(*writable != MAP_FAILED && reader != MAP_FAILED);
    *read_only = (uint64_t)reader;
    close(fd);
}

void rig_make(uint32_t message_bytes, uint32_t capacity)
{
    uint64_t bytes = kaal_channel_region_bytes(message_bytes, capacity);
    mapped_bytes = (bytes + 4095) & ~UINT64_C(4095);
    memset(&rig, 0, sizeof(rig));
    rig.armed_ns = KAAL_NO_DEADLINE;
    struct kaal_channel_resource description = {.region_bytes = (uint32_t)mapped_bytes,
                                                .message_bytes = message_bytes,
                                                .capacity = capacity,
                                                .generation = 1,
                                                .peer_state = KAAL_PEER_RUNNING};
    rig.a.kind = KAAL_RESOURCE_CHANNEL;
    rig.a.channel = description;
    rig.b = rig.a;
    map_region(&rig.region_a, &rig.b.channel.peer_vaddr);
    map_region(&rig.region_b, &rig.a.channel.peer_vaddr);
    rig.a.channel.own_vaddr = (uint64_t)rig.region_a;
    rig.b.channel.own_vaddr = (uint64_t)rig.region_b;
    rig.a.channel.doorbell = CAP_DOORBELL_OF_B;
    rig.b.channel.doorbell = CAP_DOORBELL_OF_A;
    rig.a.channel.badge_bit = RIG_CHANNEL_BIT;
    page = (struct kaal_startup){.magic = KAAL_STARTUP_MAGIC,
                                 .version = KAAL_STARTUP_VERSION,
                                 .generation = 1,
                                 .notification = CAP_NOTIFICATION_A,
                                 .timer_badge_bit = RIG_TIMER_BIT};
    kaal_startup_set(&page);
    seL4_SetIPCBuffer(&ipc_buffer);
}

void rig_free(void)
{
    munmap(rig.region_a, mapped_bytes);
    munmap(rig.region_b, mapped_bytes);
    munmap((void *)rig.a.channel.peer_vaddr, mapped_bytes);
    munmap((void *)rig.b.channel.peer_vaddr, mapped_bytes);
}

void rig_replace_b(void)
{
    rig.a.channel.generation++;
    rig.a.channel.peer_state = KAAL_PEER_RUNNING;
    rig.notification_a |= UINT64_C(1) << RIG_CHANNEL_BIT;
}

void rig_replace_a(void)
{
    rig.b.channel.generation++;
}

void rig_kill_b(void)
{
    rig.a.channel.peer_state = KAAL_PEER_STOPPED;
    rig.notification_a |= UINT64_C(1) << RIG_CHANNEL_BIT;
}

void rig_bury_b(void)
{
    rig.a.channel.peer_state = KAAL_PEER_GONE;
    rig.notification_a |= UINT64_C(1) << RIG_CHANNEL_BIT;
}

void rig_open_as_a(void)
{
    page.generation = rig.b.channel.generation;
}

void rig_open_as_b(void)
{
    page.generation = rig.a.channel.generation;
}

uint64_t kaal_now_ns(void)
{
    return rig.now_ns;
}

int kaal_timer_arm(uint64_t deadline_ns)
{
    rig.timer_arms++;
    rig.armed_ns = deadline_ns;
    return KAAL_OK;
}

static uint64_t wait_on_a(bool block)
{
    if (rig.notification_a == 0 && block && rig.while_blocked != NULL) {
        rig.while_blocked(&rig);
    }
    if (rig.notification_a == 0 && block && rig.armed_ns != KAAL_NO_DEADLINE) {
        rig.now_ns = rig.armed_ns > rig.now_ns ? rig.armed_ns : rig.now_ns;
        rig.armed_ns = KAAL_NO_DEADLINE;
        rig.notification_a = UINT64_C(1) << RIG_TIMER_BIT;
    }
    ASSERT(!block || rig.notification_a != 0); /* else a real component would sleep for ever */
    uint64_t word = rig.notification_a;
    rig.notification_a = 0;
    return word == 0 ? 0 : word | UINT64_C(1) << 63;
}

void kernel_host_syscall(struct kernel_host_regs *regs)
{
    switch ((int64_t)regs->x[7]) {
    case seL4_SysSend:
        if (regs->x[0] == CAP_DOORBELL_OF_A) {
            rig.rings_a++;
            rig.notification_a |= UINT64_C(1) << RIG_CHANNEL_BIT;
        } else {
            ASSERT(regs->x[0] == CAP_DOORBELL_OF_B);
            rig.rings_b++;
        }
        break;
    case seL4_SysWait:
    case seL4_SysNBWait:
        ASSERT(regs->x[0] == CAP_NOTIFICATION_A);
        rig.waits++;
        regs->x[0] = wait_on_a((int64_t)regs->x[7] == seL4_SysWait);
        break;
    default:
        ASSERT(false);
    }
}
