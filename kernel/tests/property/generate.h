/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Random steps that mostly make sense, chosen by what the model knows. */
#pragma once

#include "step.h"

/* Begin a sequence of its own for each seed. */
void generate_seed(uint64_t seed);

/* The next step for the thread that runs. */
struct step generate_step(void);

/* One step of each kind, for generate_step(). Objects and capabilities (generate_objects.c): */
struct step generate_slots(void);
struct step generate_memory(void);
struct step generate_interrupts(void);
struct step generate_strike(void);

/* Threads and their time (generate_threads.c); of a thread's start the first step comes at once. */
struct step generate_threads(void);
struct step generate_start(void);
struct step generate_yield_to(void);
/* The next step of a start; false if there is none. */
bool generate_planned(struct step *step);
/* Forget starts that are under way. */
void generate_forget_plans(void);
