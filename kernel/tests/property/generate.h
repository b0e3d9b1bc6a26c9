/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Random steps that mostly make sense, chosen by what the model knows. */
#pragma once

#include "step.h"

/* Begin a sequence of its own for each seed. */
void generate_seed(uint64_t seed);

/* The next step for the thread that runs. */
struct step generate_step(void);
