/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the broker's tests share: a broker on a freshly booted host kernel with two devices, and two
 * running components: a driver, whose image declares itself, and a client without a declaration.
 */
#pragma once

#include "fixture.h"

#include <kaal/broker_server.h>

#define WINDOW       UINT64_C(0x10000000)
#define WINDOW_BYTES UINT64_C(0x10000000)
#define UART_IRQ     33u
#define NET_IRQ      40u
#define PAGE         UINT64_C(4096)

extern struct kaal_broker broker;
extern struct kaal_platform platform;
extern struct kaal_device_registry registry;
extern struct kaal_account driver;
extern struct kaal_account client;
extern uint64_t device_base; /* a free megabyte of device memory */
extern const struct kaal_driver_declaration uart_driver;
extern const struct kaal_system_component driver_line;
extern const struct kaal_system_component client_line;

/* Starts everything anew. */
void start(void);

/* Adds a device with one range and one interrupt line to the registry. */
struct kaal_device *add_device(const char *ids, uint32_t ids_bytes, uint64_t offset, uint64_t bytes,
                               uint32_t irq_number);

/* Everything that a failed or ended request must leave as it was. */
struct state {
    struct kaal_usage driver;
    struct kaal_usage client;
    struct fixture_counts memory;
    uint64_t driver_bits;
    uint64_t client_bits;
    uint64_t slots;
    uint64_t records;
};

struct state state_now(void);

/* Page tables stay with the component's arena, so only a warmed-up component compares equal. */
void assert_same_state(const struct state *a, const struct state *b);

/* What matches by the image's declaration. */
extern const struct kaal_device_selector any;

/* A copy of a component's capability in our own CSpace, to look at and to use. */
seL4_CPtr look_at(struct kaal_account *account, seL4_CPtr cap);

/* Lets the test see memory as a component does. */
void enter_vspace(seL4_CPtr root);
