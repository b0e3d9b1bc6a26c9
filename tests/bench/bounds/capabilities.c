/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Objects and capabilities that come and go, see bounds.h. */
#include "bounds.h"

#define RETYPE_MAX 256

void must(seL4_Error error, const char *what)
{
    world_check(error == seL4_NoError, what);
}

seL4_CPtr arena(void)
{
    static seL4_CPtr untyped;
    if (untyped == 0) {
        untyped = world_object(seL4_UntypedObject, ARENA_BITS);
    }
    return untyped;
}

seL4_CPtr node(void)
{
    static seL4_CPtr cnode;
    if (cnode == 0) {
        cnode = world_object(seL4_CapTableObject, NODE_BITS);
    }
    return cnode;
}

void delete_slot(seL4_CPtr slot)
{
    must(seL4_CNode_Delete(CNODE, slot, seL4_WordBits), "delete");
}

void revoke_slot(seL4_CPtr slot)
{
    must(seL4_CNode_Revoke(CNODE, slot, seL4_WordBits), "revoke");
}

void copy_slot(seL4_CPtr to, seL4_CPtr from)
{
    must(seL4_CNode_Copy(CNODE, to, seL4_WordBits, CNODE, from, seL4_WordBits, seL4_AllRights),
         "copy");
}

void make_many(seL4_CPtr untyped, seL4_Word type, seL4_Word size_bits, seL4_CPtr cnode,
               seL4_Word offset, seL4_Word count)
{
    while (count > 0) {
        seL4_Word batch = count < RETYPE_MAX ? count : RETYPE_MAX;
        must(seL4_Untyped_Retype(untyped, type, size_bits, cnode, 0, 0, offset, batch), "retype");
        offset += batch;
        count -= batch;
    }
}

void make_one(seL4_Word type, seL4_Word size_bits, seL4_CPtr slot)
{
    make_many(arena(), type, size_bits, CNODE, slot, 1);
}

void arena_clear(void)
{
    static seL4_CPtr slot;
    if (slot == 0) {
        slot = world_slot();
    }
    revoke_slot(arena());
    make_one(seL4_EndpointObject, 0,
             slot); /* clears; with it gone the arena is used from 0 again */
    delete_slot(slot);
}
