/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The broker as a component sees it: calls on the broker endpoint of its start-up page. The broker
 * places capabilities and mappings in the caller's CSpace and VSpace itself; messages carry only
 * words. What the system description does not allow is refused with a named error.
 *
 * Typical sequence: kaal_request_device() -> use bundle -> kaal_release(bundle.handle).
 */
#pragma once

#include <stdbool.h>
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

/** What a child is to be; kaal_spawn_request() fills in the usual values. */
struct kaal_spawn_request {
    char name[KAAL_NAME_BYTES];  /**< unique in the system, a-z 0-9 _ - */
    char image[KAAL_NAME_BYTES]; /**< archive image; unused when elf_bytes is not 0 */
    uint32_t priority;           /**< at most what the parent's line allows */
    uint32_t slots_max;          /**< quota, a part of the parent's spawn quota */
    uint64_t budget_us;          /**< CPU per period, likewise */
    uint64_t period_us;          /**< at least the budget */
    uint64_t memory_bytes;       /**< quota, likewise */
    uint32_t allow;              /**< KAAL_ALLOW_MEMORY or 0; at most what the parent has */
    uint32_t message_bytes;      /**< of the channel to its parent, 1..4096; 0: there is none */
    uint32_t messages;           /**< its capacity per direction, a power of two 2..65536 */
    uint32_t reserved;           /**< 0 */
    uint64_t elf_bytes;          /**< set by kaal_spawn(): length of an ELF file in memory */
    kaal_handle elf_memory;      /**< set by kaal_spawn(): the memory that holds it */
    char arguments[KAAL_ARGUMENTS_BYTES]; /**< NUL-terminated */
};

/** How a child is. */
struct kaal_child_status {
    uint32_t state;      /**< enum kaal_component_state */
    uint32_t faulted;    /**< 1: it ended by a fault */
    int64_t exit_status; /**< what it ended with, if it ended by itself */
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
 * (outside the ceiling), KAAL_ERR_QUOTA_*, KAAL_ERR_NO_MEMORY; on failure nothing was taken.
 * Context: component threads; one broker call. Ownership: until kaal_release() or the component's
 * end.
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
 * Returns KAAL_OK, KAAL_ERR_INVALID, KAAL_ERR_DENIED, KAAL_ERR_QUOTA_MEMORY,
 * KAAL_ERR_QUOTA_SLOTS or KAAL_ERR_NO_MEMORY.
 */
MUST_CHECK int kaal_allocate_memory(uint64_t bytes, struct kaal_memory *memory);

/**
 * Asks for a bare interrupt by its platform number.
 *   number  e.g. 4;  resource  out: kind KAAL_RESOURCE_IRQ
 * Returns KAAL_OK, KAAL_ERR_BUSY, KAAL_ERR_DENIED, KAAL_ERR_RANGE.
 */
MUST_CHECK int kaal_request_irq(uint64_t number, struct kaal_resource *resource);

/**
 * Allocates zeroed memory for a device that the component drives, contiguous for the device.
 *   bytes      1..1 MiB, rounded up to pages
 *   alignment  of the bus address, a power of two up to 2^30
 *   uncached   true: the mapping bypasses the caches (on aarch64 as device memory: no unaligned
 *              accesses)
 *   handle     out;  dma  out: address, bus address, length
 * Returns KAAL_OK, KAAL_ERR_INVALID, KAAL_ERR_ALIGN, KAAL_ERR_DENIED for a component without a
 * devices line, KAAL_ERR_QUOTA_MEMORY, KAAL_ERR_QUOTA_SLOTS, KAAL_ERR_NO_MEMORY.
 */
MUST_CHECK int kaal_allocate_dma(uint64_t bytes, uint64_t alignment, bool uncached,
                                 kaal_handle *handle, struct kaal_dma_resource *dma);

/**
 * Shares memory with another component that the caller's delegate line names, or that it started;
 * or hands a device over to it.
 *   handle     of memory from kaal_allocate_memory(), or of a device bundle
 *   peer       the component's name;  writable  memory: may the peer write
 *   peer_handle  out: the peer's handle; tell it by a channel
 * Memory: the slots are charged to the caller. The share ends when either side releases its handle
 * or ends. A device: the caller loses it (registers, interrupts, DMA memory; the handle is used
 * up), and it is silent and reset where it can be until the peer takes it up by kaal_bundle_of().
 * The peer's own devices line must allow it, and its quotas are charged. On failure the caller
 * keeps it as it is; behind an IOMMU DMA and messages of that moment may be lost.
 * Returns KAAL_OK; KAAL_ERR_DENIED (delegate line); KAAL_ERR_DENIED_PEER (the peer's devices
 * line); KAAL_ERR_NOT_FOUND (no such component); KAAL_ERR_STATE (it does not run, or is the
 * caller); KAAL_ERR_FOREIGN or KAAL_ERR_DOUBLE_FREE (no such handle); KAAL_ERR_UNSUPPORTED
 * (neither memory of the caller's own nor a device, or not what the peer's driver declares);
 * KAAL_ERR_BUSY (a device that the caller has not taken up itself, or that shares a page or an I/O
 * address space with one that it keeps); KAAL_ERR_QUOTA_* (a device: the peer's) and the errors of
 * kaal_allocate_memory().
 */
MUST_CHECK int kaal_delegate(kaal_handle handle, const char *peer, bool writable,
                             kaal_handle *peer_handle);

/**
 * Takes up a device that another component has handed over, or looks at one that the caller holds.
 *   handle  of a device bundle;  bundle  out: resources as the caller's own declaration names them
 * Returns KAAL_OK; KAAL_ERR_NOT_FOUND (no device of that handle); KAAL_ERR_BUSY (still recovering
 * from its reset: at most 100 ms), KAAL_ERR_NO_SLOT, KAAL_ERR_KERNEL: try again. Ownership: as
 * kaal_request_device(), also after an error.
 */
MUST_CHECK int kaal_bundle_of(kaal_handle handle, struct kaal_bundle *bundle);

/**
 * The handle of a device that the component has had from its start, to release it or hand it over.
 *   device  struct kaal_resource.device of its resources;  handle  out
 * Returns KAAL_OK or KAAL_ERR_NOT_FOUND.
 */
MUST_CHECK int kaal_device_handle(uint32_t device, kaal_handle *handle);

/**
 * Where memory is that the component has, in particular what another one has shared with it.
 *   handle  of memory;  memory  out
 * Returns KAAL_OK or KAAL_ERR_NOT_FOUND. Ownership: as before.
 */
MUST_CHECK int kaal_memory_of(kaal_handle handle, struct kaal_memory *memory);

/** A request for a child with the usual values: the caller's priority, 20% of the processor, 1 MiB,
 * 64 slots, no rights. name, image: cut to 23 characters. */
struct kaal_spawn_request kaal_spawn_request(const char *name, const char *image);

/**
 * Starts a component, as the spawn mapping of the caller's line allows.
 *   request  what it is to be
 *   elf, elf_bytes  NULL, 0: the archive image request->image; else an ELF file, [elf_bytes], of
 *   which a copy is made in memory from the broker (that needs allow: [memory] and its quota); its
 *   contents are not trusted
 *   handle   out: kaal_release() ends the child
 * The child has a broker endpoint and no device; it ends with its parent. Its end sets the
 * notification bit kaal_startup()->death_badge_bit of the parent. With request->message_bytes there
 * is a channel between both, charged to the parent: from now on the parent finds it in its start-up
 * page under the child's name, and the child under "parent".
 * Returns KAAL_OK; KAAL_ERR_DENIED; KAAL_ERR_INVALID; KAAL_ERR_BUSY (the name is taken);
 * KAAL_ERR_QUOTA_CHILDREN, _MEMORY, _SLOTS or _CPU; KAAL_ERR_NOT_FOUND (no such image), the errors
 * of kaal_elf_open() for a file that is none; KAAL_ERR_NO_MEMORY. On failure nothing is left.
 */
MUST_CHECK int kaal_spawn(const struct kaal_spawn_request *request, const void *elf,
                          uint64_t elf_bytes, kaal_handle *handle);

/** How a child is. Returns KAAL_OK, or KAAL_ERR_NOT_FOUND if the handle names no child. */
MUST_CHECK int kaal_child_status(kaal_handle handle, struct kaal_child_status *status);

/**
 * Gives back what a handle names: a device, memory, a share, an interrupt, or a child, which ends.
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
