/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Objects of the model: made, counted, forgotten. */
#include "fail.h"
#include "model.h"

#include <stdlib.h>
#include <string.h>

static struct model the_model;
static struct model_counts counts;

struct model *model(void)
{
    return &the_model;
}

struct model_counts *model_counts(void)
{
    return &counts;
}

static void release(struct model_object *object)
{
    free(object->slots);
    if (object->kind == ABI_CAP_FRAME) {
        free(object->page);
    } else if (object->kind == ABI_CAP_ASID_POOL) {
        free(object->roots);
    }
    free(object);
}

void model_reset(struct model_clock clock)
{
    for (unsigned i = 0; i < the_model.object_count; i++) {
        release(the_model.objects[i]);
    }
    memset(&the_model, 0, sizeof(the_model));
    the_model.clock = clock;
    the_model.irqs[MODEL_IRQ_TIMER].reserved = true;
}

static void *zeroed(size_t count, size_t bytes)
{
    void *memory = calloc(count, bytes);
    check(memory != NULL, "out of memory");
    return memory;
}

struct model_object *model_object_create(uint8_t kind, uint8_t bits, uint64_t paddr)
{
    struct model_object *object = zeroed(1, sizeof(*object));
    check(the_model.object_count < MODEL_OBJECTS_MAX, "the model has no room for more objects");
    the_model.objects[the_model.object_count++] = object;
    object->kind = kind;
    object->bits = bits;
    object->live = true;
    object->paddr = paddr;
    switch (kind) {
    case ABI_CAP_CNODE:
        object->slot_count = 1u << (bits - seL4_SlotBits);
        break;
    case ABI_CAP_TCB:
        object->slot_count = MODEL_TCB_SLOTS;
        object->tcb.spsr = ABI_USER_FLAGS_DEFAULT;
        break;
    case ABI_CAP_FRAME:
        object->page = zeroed(MODEL_PAGE_WORDS, sizeof(uint64_t));
        break;
    case ABI_CAP_ASID_POOL:
        object->roots = zeroed(MODEL_ASID_POOL_ENTRIES, sizeof(struct model_object *));
        break;
    default:
        break;
    }
    if (object->slot_count > 0) {
        object->slots = zeroed(object->slot_count, sizeof(struct model_slot));
    }
    return object;
}

void model_objects_sweep(void)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < the_model.object_count; i++) {
        if (the_model.objects[i]->live) {
            the_model.objects[kept++] = the_model.objects[i];
        } else {
            release(the_model.objects[i]);
        }
    }
    the_model.object_count = kept;
}

struct model_object *model_object_at(uint64_t paddr)
{
    for (unsigned i = 0; i < the_model.object_count; i++) {
        if (the_model.objects[i]->paddr == paddr && the_model.objects[i]->live) {
            return the_model.objects[i];
        }
    }
    return NULL;
}
