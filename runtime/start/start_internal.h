/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the files of this folder share.
 */
#pragma once

#include <stdint.h>

#include <kaal/startup.h>

/* Remembers the start-up page; called once, before main. */
void kaal_startup_set(const struct kaal_startup *page);

/* Sets the clock; called once, before main. */
void kaal_clock_set(uint64_t hz, uint64_t start_ticks);

/*
 * Installs the static TLS of the one thread and a zeroed thread area for musl. Before it, nothing
 * may touch a thread-local variable. Traps if the TLS is larger than the space for it.
 */
void kaal_tls_install(void);
