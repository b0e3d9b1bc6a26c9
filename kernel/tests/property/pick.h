/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What random steps are made of: numbers, slots of the field, and messages. */
#pragma once

#include "machine.h"

enum {
    PICK_OTHER_GUARD = FIELD_GUARD_BITS - 4, /* leaves four bits for a CNode within the field */
};

/* ---- numbers ---- */

/* Begin a sequence of its own for each seed. */
void random_seed(uint64_t seed);
/* A number less than the limit, which is not 0. */
uint64_t random_below(uint64_t limit);
bool random_one_in(uint64_t count);

/* ---- slots of the field ---- */

typedef bool (*pick_condition)(const struct model_object *object);

const struct model_slot *pick_field(void);
uint64_t pick_any(void);
uint64_t pick_empty(void);
uint64_t pick_full(void);
/*
 * A slot that holds such a capability; any when there is none, and now and then. The first of its
 * kind comes often, so that threads meet.
 */
uint64_t pick_of(uint8_t kind);
/* As above, mostly one whose object fulfils the condition. */
uint64_t pick_where(uint8_t kind, pick_condition fulfils);

/* ---- messages ---- */

struct step_request {
    uint64_t slot;
    uint64_t label;
    unsigned words;
    uint64_t word[12];
    unsigned caps;
    uint64_t cap[3];
};

/* The pointer by which the running thread names a slot of the field. */
uint64_t step_pointer(uint64_t slot);
void step_set_word(struct step *step, unsigned i, uint64_t word);
/* A system call on a slot, with somewhere to receive capabilities. */
struct step step_message(int64_t number, uint64_t slot, uint64_t label, unsigned words,
                         unsigned caps);
/* A call of the kernel; sometimes too short. */
struct step step_call(struct step_request request);
