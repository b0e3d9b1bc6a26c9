/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The broker as a component sees it: calls on the broker endpoint of its start-up page. The broker
 * places capabilities and mappings in the caller's CSpace and VSpace itself; messages carry only
 * words. What the system description does not allow is refused with a named error.
 *
 * Typical sequence: kaal_request_device() -> use bundle -> kaal_release(bundle.handle).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <kaal/error.h>
#include <kaal/startup.h>
#include <kaal/system.h>

/** Names a thing that the broker gave, for kaal_release(). */
typedef uint64_t kaal_handle;

/** Most resources of one device bundle. */
#define KAAL_BUNDLE_RESOURCES_MAX 8

/** Everything a driver gets of one device. */
struct kaal_bundle {
    kaal_handle handle;                                        /**< for kaal_release() */
    uint32_t resource_count;                                   /**< used entries */
    struct kaal_resource resources[KAAL_BUNDLE_RESOURCES_MAX]; /**< by name */
};

/** Memory from the broker, mapped read-write in the caller. */
struct kaal_memory {
    kaal_handle handle; /**< for kaal_release() */
    void *address;      /**< first byte, page aligned */
    uint64_t bytes;     /**< length, whole pages */
};

/** A selector for a PCI device. vendor, device: configuration space words 0x00 and 0x02. */
static inline struct kaal_device_selector kaal_pci(uint16_t vendor, uint16_t device)
{
    return (struct kaal_device_selector){.kind = KAAL_SELECT_PCI,
                                         .value = (uint32_t)vendor << 16 | device};
}

/** A selector for the index-th serial port of the platform, from 0. */
static inline struct kaal_device_selector kaal_serial(uint32_t index)
{
    return (struct kaal_device_selector){.kind = KAAL_SELECT_SERIAL, .value = index};
}

/** A selector for a virtio device type, on PCI or in registers. Source: VIRTIO 1.2, chapter 5. */
static inline struct kaal_device_selector kaal_virtio(uint32_t type)
{
    return (struct kaal_device_selector){.kind = KAAL_SELECT_VIRTIO, .value = type};
}

/** A selector for a device tree compatible string (at most 39 characters; longer ones match
 * nothing). */
struct kaal_device_selector kaal_platform(const char *compatible);

/**
 * Asks for a device: its registers, ports, interrupt and DMA memory in one transaction.
 *   selector  what to look for;  bundle  out
 * Returns KAAL_OK; KAAL_ERR_NOT_FOUND (no such device), KAAL_ERR_BUSY (held by another,
 * in a page with one that is, or still recovering from its reset: at most 100 ms), KAAL_ERR_DENIED
 * (outside the ceiling), KAAL_ERR_QUOTA, KAAL_ERR_NO_MEMORY; on failure nothing was taken. Context:
 * component threads; one broker call. Ownership: until kaal_release() or the component's end.
 */
MUST_CHECK int kaal_request_device(struct kaal_device_selector selector,
                                   struct kaal_bundle *bundle);

/**
 * Reads configuration space of a PCI device that the caller holds.
 *   device  struct kaal_resource.device of its resources
 *   offset  0..4095, a multiple of width;  width  1, 2 or 4 bytes;  value  out
 * Returns KAAL_OK; KAAL_ERR_NOT_FOUND (no such device), KAAL_ERR_UNSUPPORTED (not on PCI),
 * KAAL_ERR_RANGE. Context: component threads; one broker call.
 */
MUST_CHECK int kaal_pci_config_read(uint32_t device, uint32_t offset, uint32_t width,
                                    uint32_t *value);

/**
 * Writes it. Only what concerns nobody else can be changed: cache line size, latency timer, the
 * interrupt line byte, and error bits that writing 1 clears. Decoding, Bus Master, BARs and
 * messages are the broker's. Returns as kaal_pci_config_read(), and KAAL_ERR_DENIED if it would
 * change anything else.
 */
MUST_CHECK int kaal_pci_config_write(uint32_t device, uint32_t offset, uint32_t width,
                                     uint32_t value);

/**
 * Allocates zeroed memory and maps it.
 *   bytes  1..quota, rounded up to pages;  memory  out
 * Returns KAAL_OK, KAAL_ERR_INVALID, KAAL_ERR_DENIED, KAAL_ERR_QUOTA or KAAL_ERR_NO_MEMORY.
 */
MUST_CHECK int kaal_allocate_memory(uint64_t bytes, struct kaal_memory *memory);

/**
 * Asks for a bare interrupt by its platform number.
 *   number  e.g. 4;  resource  out: kind KAAL_RESOURCE_IRQ
 * Returns KAAL_OK, KAAL_ERR_BUSY, KAAL_ERR_DENIED, KAAL_ERR_RANGE.
 */
MUST_CHECK int kaal_request_irq(uint64_t number, struct kaal_resource *resource);

/**
 * Gives back what a handle names.
 *   handle  from one of the calls above
 * Returns KAAL_OK, KAAL_ERR_DOUBLE_FREE or KAAL_ERR_FOREIGN.
 */
MUST_CHECK int kaal_release(kaal_handle handle);

/**
 * Arms the component's one deadline, replacing an earlier one; when it passes, the notification
 * bit kaal_startup()->timer_badge_bit is set once.
 *   deadline_ns  in kaal_now_ns() time; a past one fires at once; UINT64_MAX disarms
 * Returns KAAL_OK or KAAL_ERR_NO_SPACE (no deadline thread is free).
 */
MUST_CHECK int kaal_timer_arm(uint64_t deadline_ns);

/** Sends text to init's log. text: [bytes], cut at 200 bytes. Returns KAAL_OK. */
int kaal_log_write(const char *text, size_t bytes);

/**
 * Reads from init's log ring.
 *   position  in/out: byte position, 0 = oldest kept;  text: out, [capacity];  bytes  out: length
 * read Returns KAAL_OK (bytes 0 = nothing newer) or KAAL_ERR_DENIED without "inspect".
 */
MUST_CHECK int kaal_log_read(uint64_t *position, char *text, size_t capacity, size_t *bytes);

/** Kills a component as if it had faulted; its restart policy applies. Returns KAAL_OK,
 * KAAL_ERR_NOT_FOUND, KAAL_ERR_DENIED, KAAL_ERR_STATE. */
MUST_CHECK int kaal_component_kill(const char *component);

/** Powers the machine off. Returns only on failure: KAAL_ERR_DENIED or KAAL_ERR_UNSUPPORTED. */
MUST_CHECK int kaal_power_off(void);

/** Ends the calling component. status: 0 = success, else a failure. */
_Noreturn void kaal_exit(int status);
