/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the sources of the broker's server side share: the records that hang off accounts and
 * devices, and the architecture's part. Records come from the untyped manager's shared storage.
 */
#pragma once

#include <kaal/assert.h>
#include <kaal/bits.h>
#include <kaal/broker_server.h>

/** A notification's badge: bit 63 tells it from endpoint badges, the other bit says who. */
#define NOTIFICATION_BADGE(bit) (BIT64(63) | BIT64(bit))
/** Bits of a notification word that sources can have. */
#define BADGE_BITS_USABLE (BIT64(63) - 1)
/** Bytes of a small page, and log2 of it. */
#define PAGE_BYTES UINT64_C(4096)
#define PAGE_BITS  12u
/** Log2 bytes of a large page. */
#define LARGE_PAGE_BITS 21u
/** Most objects of one Retype. */
#define RUN_MAX 256u

/** One line of `caps`. */
struct kaal_holding {
    struct kaal_holding *next;
    kaal_handle handle; /**< of the grant it belongs to, 0 = of the instance */
    struct kaal_holding_record record;
};
static_assert(sizeof(struct kaal_holding) <= KAAL_RECORD_BYTES, "shared storage");

/** A resource of a grant. */
struct grant_resource {
    struct grant_resource *next;
    struct kaal_resource resource;
    uint64_t window_vaddr; /**< address range taken for it, 0 = none */
    uint64_t window_bytes;
    uint32_t vector; /**< x86_64 interrupt vector, KAAL_VECTORS_MAX = none */
};
static_assert(sizeof(struct grant_resource) <= KAAL_RECORD_BYTES, "shared storage");

/** What kaal_release() can name: a device, memory or an interrupt. */
struct kaal_grant {
    struct kaal_grant *next;
    kaal_handle handle;
    struct kaal_device *device;       /**< bundle: the device; else NULL */
    struct grant_resource *resources; /**< in the order of the declaration */
    struct kaal_arena arena;          /**< everything made for it, charged to the account */
};
static_assert(sizeof(struct kaal_grant) <= KAAL_RECORD_BYTES, "shared storage");

/** Capabilities for a part of a device's range; init's console and the driver copy from them. */
struct device_piece {
    struct device_piece *next;
    struct kaal_untyped *untyped; /**< registers: the device memory; ports: NULL */
    uint32_t range;               /**< index of the device's range */
    uint32_t frame_bits;          /**< registers: 12 or 21 */
    seL4_CPtr first;              /**< first frame, or the IOPort capability */
    uint32_t count;               /**< frames */
};
static_assert(sizeof(struct device_piece) <= KAAL_RECORD_BYTES, "shared storage");

/** struct kaal_device.resources. */
struct device_resources {
    uint32_t references;         /**< users: the holder's grant, init's console */
    struct device_piece *pieces; /**< ascending addresses within a range */
};

/* devices.c */

/** Makes the pieces of a range once. Returns KAAL_OK or an error of kaal_untyped_allocate_at(). */
MUST_CHECK int device_range_open(struct kaal_broker *broker, struct kaal_device *device,
                                 uint32_t range);
/** Counts a user of the device's capabilities. Returns KAAL_OK or KAAL_ERR_NO_SPACE. */
MUST_CHECK int device_reference(struct kaal_broker *broker, struct kaal_device *device);
/** Drops a user; the last one gives back all pieces. */
void device_dereference(struct kaal_broker *broker, struct kaal_device *device);
/** The first piece of a range, or NULL. */
struct device_piece *device_first_piece(const struct kaal_device *device, uint32_t range);
/** The next piece of the same range, or NULL. */
struct device_piece *device_next_piece(const struct device_piece *piece);

/* account.c */

/** Copies a name, cut to KAAL_NAME_BYTES with its NUL. */
void name_copy(char *to, const char *from);
/** kaal_account_place() for a capability that belongs to a grant (handle 0: to the instance). */
MUST_CHECK int account_place(struct kaal_account *account, kaal_handle handle, seL4_CPtr source,
                             seL4_CapRights_t rights, seL4_Word badge,
                             const struct kaal_holding_record *holding, seL4_CPtr *cap);
/** Lists a holding that has no capability in the component's CSpace. */
MUST_CHECK int account_list(struct kaal_account *account, kaal_handle handle,
                            const struct kaal_holding_record *record);
/** Deletes the capabilities and lines that belong to a grant. */
void account_unplace(struct kaal_account *account, kaal_handle handle);
/** Copies frames into loose slots of an arena and maps the copies. */
MUST_CHECK int account_map_copies(struct kaal_account *account, struct kaal_arena *arena,
                                  seL4_CPtr frames, uint32_t count, uint64_t vaddr, uint32_t bits,
                                  uint32_t how);

/* grant.c */

/** Takes back all grants of an account. */
void grants_release_all(struct kaal_account *account);

/* arch/<isa>/irq_arch.c */

/**
 * Makes an interrupt handler in an empty slot.
 *   vector  in/out: x86_64: the vector to use; otherwise ignored
 */
seL4_Error broker_arch_irq_handler(const struct kaal_cspace *cspace,
                                   const struct kaal_interrupt *irq, uint32_t vector,
                                   seL4_CPtr slot);
/** True if handlers need a vector. */
bool broker_arch_irq_needs_vector(void);
/** Makes a port range capability; seL4_IllegalOperation where there are no ports. */
seL4_Error broker_arch_ports(const struct kaal_cspace *cspace, uint64_t first, uint64_t last,
                             seL4_CPtr slot);
