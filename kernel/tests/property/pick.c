/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Choosing numbers and slots, and putting messages together. */
#include "pick.h"

#include <stddef.h>

/* ---- numbers ---- */

static uint64_t state;

void random_seed(uint64_t seed)
{
    state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
}

uint64_t random_below(uint64_t limit)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (state >> 11) % limit;
}

bool random_one_in(uint64_t count)
{
    return random_below(count) == 0;
}

/* ---- slots of the field ---- */

const struct model_slot *pick_field(void)
{
    return machine_warden()->slots[MODEL_CSPACE].cap.object->slots;
}

uint64_t pick_any(void)
{
    return FIELD_FIRST + random_below(FIELD_SLOTS - FIELD_FIRST);
}

/* A slot with such a capability, whose object fulfils the condition; 0 if there is none. */
static uint64_t find_slot(uint8_t kind, pick_condition fulfils, uint64_t start)
{
    for (uint64_t i = 0; i < FIELD_SLOTS; i++) {
        uint64_t slot = (start + i) % FIELD_SLOTS;
        const struct model_cap *cap = &pick_field()[slot].cap;
        if (slot >= FIELD_FIRST && cap->kind == kind && (fulfils == NULL || fulfils(cap->object))) {
            return slot;
        }
    }
    return 0;
}

uint64_t pick_of(uint8_t kind)
{
    uint64_t found = find_slot(kind, NULL, random_one_in(3) ? FIELD_FIRST : pick_any());
    /* Not the authority over priorities, which shall keep its own. */
    for (uint64_t slot = 1; found == 0 && slot < FIELD_FIRST && kind != ABI_CAP_TCB; slot++) {
        found = pick_field()[slot].cap.kind == kind ? slot : 0;
    }
    return found == 0 || random_one_in(50) ? pick_any() : found;
}

uint64_t pick_where(uint8_t kind, pick_condition fulfils)
{
    uint64_t found = random_one_in(4) ? 0 : find_slot(kind, fulfils, pick_any());
    return found != 0 ? found : pick_of(kind);
}

uint64_t pick_empty(void)
{
    uint64_t slot = pick_any();
    for (unsigned i = 0; i < FIELD_SLOTS && !model_slot_empty(&pick_field()[slot]); i++) {
        slot = slot + 1 == FIELD_SLOTS ? FIELD_FIRST : slot + 1;
    }
    return slot;
}

uint64_t pick_full(void)
{
    uint64_t slot = pick_any();
    for (unsigned i = 0; i < 20 && model_slot_empty(&pick_field()[slot]); i++) {
        slot = pick_any();
    }
    return slot;
}

/* ---- one message ---- */

uint64_t step_pointer(uint64_t slot)
{
    const struct model_cap *root = &machine_current()->slots[MODEL_CSPACE].cap;
    if (root->kind == ABI_CAP_CNODE && root->bits == PICK_OTHER_GUARD) {
        return slot << (FIELD_GUARD_BITS - PICK_OTHER_GUARD) | random_below(16);
    }
    return slot;
}

struct step step_message(int64_t number, uint64_t slot, uint64_t label, unsigned words,
                         unsigned caps)
{
    struct step step = {.kind = STEP_SYSCALL};
    step.x[0] = step_pointer(slot);
    step.x[1] = label << seL4_MsgLabelShift | caps << seL4_MsgExtraCapsShift | words;
    step.x[7] = (uint64_t)number;
    step.path[0] = step_pointer(FIELD_CNODE);
    step.path[1] = FIELD_FIRST + random_below(FIELD_RECEIVE - FIELD_FIRST);
    step.path[2] = 64;
    return step;
}

void step_set_word(struct step *step, unsigned i, uint64_t word)
{
    if (i < seL4_FastMessageRegisters) {
        step->x[2 + i] = word;
    } else {
        step->words[i - seL4_FastMessageRegisters] = word;
    }
}

struct step step_call(struct step_request request)
{
    unsigned words = request.words;
    unsigned caps = request.caps;
    if (random_one_in(100)) {
        words = (unsigned)random_below(words + 1);
        caps = (unsigned)random_below(caps + 1);
    }
    struct step step = step_message(seL4_SysCall, request.slot, request.label, words, caps);
    for (unsigned i = 0; i < words; i++) {
        step_set_word(&step, i, request.word[i]);
    }
    for (unsigned i = 0; i < caps; i++) {
        step.caps[i] = step_pointer(request.cap[i]);
    }
    return step;
}
