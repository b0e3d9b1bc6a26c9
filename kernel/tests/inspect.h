/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Looks into the kernel: the invariants that must hold after every operation. */
#pragma once

/*
 * Check the derivation tree as far as it can be reached from the root CNode: links agree both
 * ways, no capability of a destroyed object is left, objects made from one untyped do not overlap.
 * Fails the running test otherwise.
 */
void inspect_tree(void);

/*
 * Check the objects that the root CNode names: threads are in exactly the queues that their state
 * says, links between threads, scheduling contexts, notifications and reply objects agree, refills
 * are in order. Fails the running test otherwise.
 */
void inspect_objects(void);
