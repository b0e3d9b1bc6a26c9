/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The broker's wire protocol: label = operation, words as below, no capabilities. The reply's label
 * is 0; its word 0 is the KAAL_* result (as a signed 64-bit word) and results follow from word 1.
 * Names travel as KAAL_NAME_BYTES bytes in 3 words, records as their bytes rounded up to words.
 */
#pragma once

#include <kaal/broker.h>
#include <kaal/inspect.h>

/** Operations of the broker endpoint; request words -> reply words after the result. */
enum kaal_broker_operation {
    KAAL_BROKER_LOG_WRITE = 1, /**< bytes, text -> */
    KAAL_BROKER_LOG_READ = 2,  /**< position, capacity -> position, bytes, text */
    KAAL_BROKER_TIMER_ARM = 3, /**< deadline ns -> */
    KAAL_BROKER_REQUEST_DEVICE =
        4, /**< selector -> handle, resource count (fetch with BUNDLE_RESOURCE) */
    KAAL_BROKER_BUNDLE_RESOURCE = 5,   /**< handle, index -> struct kaal_resource */
    KAAL_BROKER_ALLOCATE_MEMORY = 6,   /**< bytes -> handle, vaddr, bytes */
    KAAL_BROKER_REQUEST_IRQ = 7,       /**< number -> handle, struct kaal_resource */
    KAAL_BROKER_RELEASE = 8,           /**< handle -> */
    KAAL_BROKER_INSPECT_COMPONENT = 9, /**< index -> struct kaal_component_record */
    KAAL_BROKER_INSPECT_DEVICE = 10,   /**< index -> struct kaal_device_record */
    KAAL_BROKER_INSPECT_MEMORY = 11,   /**< -> struct kaal_memory_record */
    KAAL_BROKER_INSPECT_HOLDING = 12,  /**< name, index -> struct kaal_holding_record */
    KAAL_BROKER_KILL = 13,             /**< name -> */
    KAAL_BROKER_POWER_OFF = 14,        /**< -> */
    KAAL_BROKER_EXIT = 15,             /**< status; no reply */
    KAAL_BROKER_CONFIG_READ = 16,      /**< device, offset, width -> value */
    KAAL_BROKER_CONFIG_WRITE = 17,     /**< device, offset, width, value -> */
    KAAL_BROKER_ALLOCATE_DMA = 18,  /**< bytes, alignment, uncached -> handle, vaddr, bytes, bus */
    KAAL_BROKER_DELEGATE = 19,      /**< handle, writable, name -> the peer's handle */
    KAAL_BROKER_MEMORY_OF = 20,     /**< handle -> vaddr, bytes */
    KAAL_BROKER_SPAWN = 21,         /**< struct kaal_spawn_request -> handle */
    KAAL_BROKER_CHILD_STATUS = 22,  /**< handle -> struct kaal_child_status */
    KAAL_BROKER_INSPECT_AUDIT = 23, /**< sequence -> struct kaal_audit_record */
    KAAL_BROKER_INSPECT_SLOTS = 24, /**< name -> bitmap of the occupied slots */
    KAAL_BROKER_INSPECT_CHANNEL = 25, /**< index -> struct kaal_channel_record */
    KAAL_BROKER_ALIVE = 26,           /**< -> : the answer to kaal_startup()->asked_alive */
    KAAL_BROKER_CHAOS = 27,           /**< name, action, argument, value -> where */
    KAAL_BROKER_BUNDLE_OF = 28,       /**< handle -> resource count (fetch with BUNDLE_RESOURCE) */
    KAAL_BROKER_BUNDLE_FIND = 29,     /**< device index -> handle */
};
