/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the parts of the host's chaos test share.
 */
#pragma once

#include <stdint.h>

#include <kaal/system.h>

/* main() of init, and of a component. */
int init_main(void);
int component_main(void);

/* The description that init finds in the place of its archive. */
void host_image_set(const struct kaal_system *system);

/* The shared object that is image `load`. */
void host_image_set_load(const char *path);

/* A character that init's UART was given. */
void host_uart_put(char character);

/* Ends the run: init switches the machine off. */
_Noreturn void host_power_off(void);

/* What a component's shared object exports: its first instruction, as a thread of init sees it. */
typedef void host_component_start(uint64_t startup_vaddr);
