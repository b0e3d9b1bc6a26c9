/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Operations on the derivation tree, CNodes and threads. */
#include "bounds.h"

#define MANY         4096 /* capabilities of one operation */
#define FULL_RADIX   12
#define CHAIN        64 /* CNodes inside each other */
#define CHAIN_RADIX  4
#define CHAIN_LINK   3 /* slot of the next CNode */
#define CHAIN_COPIES 3 /* other capabilities in each */

static seL4_CPtr slot_a;
static seL4_CPtr slot_b;
static seL4_CPtr chain; /* CHAIN consecutive slots */

static void need_slots(void)
{
    if (slot_a == 0) {
        slot_a = world_slot();
        slot_b = world_slot();
        chain = world_slot();
        for (unsigned i = 1; i < CHAIN; i++) {
            (void)world_slot();
        }
    }
    arena_clear();
}

static void prepare_children(void)
{
    need_slots();
    make_many(arena(), seL4_EndpointObject, 0, node(), 0, MANY);
}

static void revoke_arena(void)
{
    revoke_slot(arena());
}

static void prepare_copies(void)
{
    need_slots();
    make_one(seL4_EndpointObject, 0, slot_a);
    for (seL4_Word i = 0; i < MANY; i++) {
        must(seL4_CNode_Mint(node(), i, NODE_BITS, CNODE, slot_a, seL4_WordBits, seL4_AllRights, 1),
             "mint");
    }
}

static void revoke_copies(void)
{
    revoke_slot(slot_a);
}

/* A CNode whose every slot holds the only capability of an object. */
static void prepare_full_cnode(void)
{
    need_slots();
    make_one(seL4_CapTableObject, FULL_RADIX, slot_a);
    make_many(arena(), seL4_EndpointObject, 0, slot_a, 0, 1u << FULL_RADIX);
}

static void delete_a(void)
{
    delete_slot(slot_a);
}

static void prepare_chain(void)
{
    need_slots();
    make_one(seL4_EndpointObject, 0, slot_b);
    make_many(arena(), seL4_CapTableObject, CHAIN_RADIX, CNODE, chain, CHAIN);
    for (seL4_Word i = 0; i < CHAIN; i++) {
        for (seL4_Word copy = 0; copy < CHAIN_COPIES; copy++) {
            must(seL4_CNode_Copy(chain + i, copy, CHAIN_RADIX, CNODE, slot_b, seL4_WordBits,
                                 seL4_AllRights),
                 "copy");
        }
    }
    for (seL4_Word i = CHAIN - 1; i > 0; i--) {
        must(seL4_CNode_Move(chain + i - 1, CHAIN_LINK, CHAIN_RADIX, CNODE, chain + i,
                             seL4_WordBits),
             "move");
    }
}

static void delete_chain(void)
{
    delete_slot(chain);
}

/* A thread with all that it can have. */
static void prepare_tcb(void)
{
    need_slots();
    make_one(seL4_TCBObject, 0, slot_a);
    make_one(seL4_NotificationObject, 0, slot_b);
    must(seL4_TCB_Configure(slot_a, CNODE, 0, seL4_CapInitThreadVSpace, 0, 0,
                            seL4_CapInitThreadIPCBuffer),
         "thread");
    must(seL4_TCB_BindNotification(slot_a, slot_b), "bind");
}

static void prepare_crowd(void)
{
    static seL4_CPtr notification;
    if (notification == 0) {
        notification = world_object(seL4_NotificationObject, 0);
    }
    crowd_wait(notification);
}

struct operations operations_caps(void)
{
    static const struct operation list[] = {
        {"revoke_4096_children", prepare_children, revoke_arena},
        {"revoke_4096_copies", prepare_copies, revoke_copies},
        {"revoke_500_threads", prepare_crowd, crowd_revoke},
        {"delete_cnode_4096", prepare_full_cnode, delete_a},
        {"delete_64_nested_cnodes", prepare_chain, delete_chain},
        {"delete_thread", prepare_tcb, delete_a},
    };
    return (struct operations){list, sizeof(list) / sizeof(list[0])};
}
