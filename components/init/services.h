/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Who may call whom, by the system description: the services of the components that others call,
 * and their capabilities.
 */
#pragma once

#include <kaal/error.h>

#include "component.h"

/**
 * Makes the service of every component that another one calls. After components_create().
 * Returns KAAL_OK, or the first error of the allocators.
 */
MUST_CHECK int services_create(const struct kaal_system *system);

/**
 * Gives the present instance of a component its own service and those that it calls, and adds them
 * to its start-up page. Returns KAAL_OK or the first error.
 */
MUST_CHECK int services_connect(struct component *component);
