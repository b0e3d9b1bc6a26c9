/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The machine: discovery with init's own eyes (physical memory, PCI configuration space, ports),
 * the broker that owns the registry, and what happens to a dead driver's devices.
 */
#pragma once

#include <stdint.h>

#include <kaal/broker_server.h>
#include <kaal/platform.h>

#include "component.h"

/**
 * Finds the machine and starts the broker. Problems are logged; what can be found is found.
 */
void devices_start(const struct kaal_bootinfo *info);

/** The broker. After devices_start(). */
struct kaal_broker *broker(void);
/** What the tables say about the machine. After devices_start(). */
const struct kaal_platform *devices_platform(void);
/** The registry. After devices_start(). */
struct kaal_device_registry *devices_registry(void);

/**
 * Gives a component the devices of its description and adds their resources to its start-up page;
 * none if it may ask for devices at run time: then it does.
 * Returns KAAL_OK or the first error, after a log line that names device and reason.
 */
MUST_CHECK int devices_give(struct component *component);

/** Supplied by arch/<isa>/: sets access->port_read8 and port_write8 where there are ports. */
void arch_port_access(struct kaal_discovery_access *access);
