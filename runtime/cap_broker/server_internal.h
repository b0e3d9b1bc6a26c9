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

struct irq_line;

/** A resource of a grant. */
struct grant_resource {
    struct grant_resource *next;
    struct kaal_resource resource;
    uint64_t window_vaddr; /**< address range taken for it, 0 = none */
    uint64_t window_bytes;
    struct irq_line *line; /**< the interrupt line that it shares, or NULL */
    uint32_t message;      /**< message of its interrupt, KAAL_VECTORS_MAX = none */
    union {
        uint32_t frame_count; /**< memory, DMA memory: frames of this run */
        uint32_t source;      /**< interrupt: which of the device's messages it is */
    };
    seL4_CPtr frames; /**< memory, DMA memory: the first of them */
};
static_assert(sizeof(struct grant_resource) <= KAAL_RECORD_BYTES, "shared storage");

/** Kinds of grants that differ in how they end. */
enum grant_kind {
    GRANT_PLAIN = 0,  /**< a device, an interrupt, DMA memory */
    GRANT_MEMORY = 1, /**< memory that can be shared */
    GRANT_SHARE = 2,  /**< memory of another component's */
    GRANT_CHILD = 3,  /**< a component that this one started */
};

/** What kaal_release() can name: a device, memory, an interrupt, shared memory or a child. */
struct kaal_grant {
    struct kaal_grant *next;
    kaal_handle handle;
    struct kaal_device *device;       /**< bundle: the device; else NULL */
    uint32_t index;                   /**< bundle: struct kaal_resource.device */
    bool silent;                      /**< bundle: the device was made silent */
    bool master;                      /**< bundle: its PCI function was made Bus Master */
    uint8_t kind;                     /**< enum grant_kind */
    bool closed;                      /**< bundle: handed over, and silent until it is taken up */
    struct grant_resource *resources; /**< in the order of the declaration */
    struct kaal_arena arena;          /**< everything made for it, charged to the account */
    struct kaal_account *account;     /**< whose it is */
    union {
        struct kaal_account *child; /**< CHILD: its account */
        struct kaal_grant *origin;  /**< SHARE: the owner's grant */
        struct kaal_grant *from;    /**< bundle, while it is handed over: the giver's grant */
    };
    union {
        struct kaal_grant *shares;     /**< MEMORY: grants of others that share it */
        struct kaal_grant *next_share; /**< SHARE: the next one of the same origin */
    };
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
    bool protected;               /**< the MSI-X table is in it: its holder may only read */
    struct kaal_device *lender;   /**< the device whose page this is, too; else NULL */
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

/** True if some page holds registers of both: such devices can only have the same holder. */
bool device_shares_page(const struct kaal_device *a, const struct kaal_device *b);
/**
 * Writes a register of a device whose range is open.
 *   range  index of a range with pieces;  paddr  multiple of 4, in one of its pages
 * Returns KAAL_OK; KAAL_ERR_RANGE if no piece has it; KAAL_ERR_UNSUPPORTED, KAAL_ERR_NO_SLOT,
 * KAAL_ERR_KERNEL if it cannot be reached.
 */
MUST_CHECK int device_register_write(struct kaal_broker *broker, const struct kaal_device *device,
                                     uint32_t range, uint64_t paddr, uint32_t value);
/**
 * Makes a device ready for a new holder: memory and port decoding, no interrupts, no DMA.
 * Returns KAAL_OK; KAAL_ERR_BUSY while it recovers from a reset; KAAL_ERR_UNSUPPORTED.
 */
MUST_CHECK int device_open(struct kaal_broker *broker, struct kaal_device *device);
/** Makes a device, and all that share its pages, silent: no DMA, no interrupts, reset. */
void device_close(struct kaal_broker *broker, struct kaal_device *device);

/* pci_control.c */

/** How a function raises interrupts by messages. */
enum pci_messages {
    PCI_MESSAGES_NONE,
    PCI_MESSAGES_SINGLE,
    PCI_MESSAGES_TABLE
};

/** device_open() of a PCI function. */
MUST_CHECK int pci_open(struct kaal_broker *broker, struct kaal_device *device);
/** Lets it read and write memory: the last step of a grant. */
void pci_set_master(struct kaal_broker *broker, struct kaal_device *device);
/** Keeps it from reading and writing memory until pci_set_master(). */
void pci_pause_master(struct kaal_broker *broker, struct kaal_device *device);
/** Lets it raise its interrupt pin. */
void pci_set_pin(struct kaal_broker *broker, struct kaal_device *device);
/** How it can raise interrupts by messages on this machine. */
enum pci_messages pci_messages(const struct kaal_broker *broker, const struct kaal_device *device);
/**
 * Makes its index-th interrupt a message with this data, and switches messages on.
 *   index  below msix_count with a table, else 0
 * Returns KAAL_OK or an error of device_range_open(), device_register_write().
 */
MUST_CHECK int pci_message_set(struct kaal_broker *broker, struct kaal_device *device,
                               uint32_t index, uint32_t data);
/** device_close() of a PCI function. */
void pci_close(struct kaal_broker *broker, struct kaal_device *device);
/** kaal_broker_config_read() for a device that is held. */
MUST_CHECK int pci_config_read(const struct kaal_broker *broker, const struct kaal_device *device,
                               uint32_t offset, uint32_t width, uint32_t *value);
/** kaal_broker_config_write() for a device that is held. */
MUST_CHECK int pci_config_write(struct kaal_broker *broker, const struct kaal_device *device,
                                uint32_t offset, uint32_t width, uint32_t value);

/* interrupt.c */

/** How many interrupts a device can raise on this machine. line: not as messages. */
uint32_t interrupt_count(const struct kaal_broker *broker, const struct kaal_device *device,
                         bool line);
/**
 * Gives a device's index-th interrupt: as a message where the device and the machine can and it
 * need not be on the line, else on its line. entry->resource.kind is KAAL_RESOURCE_IRQ once there
 * is something to give back. With grant->from the device is not touched: see interrupts_open().
 * index  below interrupt_count() Returns KAAL_OK or an error of the allocators.
 */
MUST_CHECK int interrupt_give(struct kaal_account *account, struct kaal_grant *grant,
                              struct grant_resource *entry, uint32_t index, bool line);
/**
 * Lets the lines that a grant takes over from another one's (grant->from) signal it instead.
 * Returns KAAL_OK or KAAL_ERR_KERNEL; either grant can end afterwards.
 */
MUST_CHECK int interrupts_switch(const struct kaal_grant *grant);
/**
 * Lets a device raise the interrupts of a grant that was built while another one had the device.
 * Returns KAAL_OK or an error of pci_message_set().
 */
MUST_CHECK int interrupts_open(struct kaal_broker *broker, struct kaal_grant *grant);
/** Gives an interrupt line without a device. */
MUST_CHECK int interrupt_give_line(struct kaal_account *account, struct kaal_grant *grant,
                                   struct grant_resource *entry, const struct kaal_interrupt *irq);
/** Takes back the line or message; its capabilities went with the grant's arena. */
void interrupt_take_back(struct kaal_account *account, struct grant_resource *entry);

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

/** Whether a component's line of the description allows it a device. */
bool ceiling_allows(const struct kaal_account *account, const struct kaal_device *device);
/** A new, empty grant in the account's list, or NULL without a record. */
struct kaal_grant *grant_create(struct kaal_account *account);
/** Undoes everything of a grant, as far as it was made. */
void grant_destroy(struct kaal_account *account, struct kaal_grant *grant);
/** A new entry at the end of a grant's resources, or NULL without a record. */
struct grant_resource *resource_add(struct kaal_account *account, struct kaal_grant *grant,
                                    const char *name, uint32_t kind, uint32_t device);
/** A holding record with the entry's name. */
struct kaal_holding_record holding_of(const struct grant_resource *entry, uint32_t kind,
                                      uint64_t base, uint64_t bytes);
/** Takes an address range for the entry; it goes back with the entry. */
MUST_CHECK int grant_take_window(struct kaal_account *account, struct grant_resource *entry,
                                 uint64_t bytes, uint64_t alignment);
/** The grant of that handle, or NULL. */
struct kaal_grant *grant_find(const struct kaal_account *account, kaal_handle handle);
/** Why an account has no such grant: KAAL_ERR_DOUBLE_FREE or KAAL_ERR_FOREIGN. */
int grant_missing(const struct kaal_broker *broker, kaal_handle handle);
/** Makes what the account's declaration wants of grant->device. index: of the bundle. */
MUST_CHECK int grant_fill_bundle(struct kaal_account *account, struct kaal_grant *grant,
                                 uint32_t index);
/** True if the grant's device must be Bus Master. */
bool grant_needs_master(const struct kaal_broker *broker, const struct kaal_grant *grant);
/** The lowest device index that none of the account's selectors or bundles has. */
uint32_t grant_free_index(const struct kaal_account *account);
/** kaal_broker_request_device(), kaal_broker_request_irq(), kaal_broker_release() unaudited. */
MUST_CHECK int grant_device(struct kaal_account *account,
                            const struct kaal_device_selector *selector, uint32_t device,
                            struct kaal_bundle *bundle);
MUST_CHECK int grant_irq(struct kaal_account *account, uint64_t number, kaal_handle *handle,
                         struct kaal_resource *resource);
MUST_CHECK int grant_release(struct kaal_account *account, kaal_handle handle);
/** Takes back all grants of an account. */
void grants_release_all(struct kaal_account *account);

/* handover.c */

/** kaal_broker_delegate() of a device, unaudited. */
MUST_CHECK int grant_hand_over(struct kaal_account *account, struct kaal_grant *origin,
                               struct kaal_account *peer, kaal_handle *peer_handle);

/* io_space.c */

/** True if the device reaches only what is mapped for it; else its holder is trusted with DMA. */
bool io_confined(const struct kaal_broker *broker, const struct kaal_device *device);
/** True if the IOMMU cannot tell two functions apart: they can only have the same holder. */
bool io_same_requester(const struct kaal_broker *broker, const struct kaal_device *a,
                       const struct kaal_device *b);
/**
 * Lets a grant's device see the DMA memory of its bundle, and the account's pools and channels with
 * a bus address. To be called before the device becomes Bus Master, with grant->master set.
 * Returns KAAL_OK; KAAL_ERR_QUOTA_*, KAAL_ERR_NO_MEMORY, KAAL_ERR_NO_SLOT, KAAL_ERR_NO_SPACE;
 * KAAL_ERR_RANGE for memory above the IOMMU's addresses; KAAL_ERR_UNSUPPORTED; KAAL_ERR_KERNEL.
 * After an error io_grant_end() undoes what was done.
 */
MUST_CHECK int io_device_begin(struct kaal_account *account, struct kaal_grant *grant);
/** Lets every device of the account see a pool. Errors as io_device_begin(). */
MUST_CHECK int io_pool_begin(struct kaal_account *account, struct kaal_grant *grant);
/** Unmaps what a grant brought. To be called once its device is silent, before its memory goes. */
void io_grant_end(struct kaal_account *account, struct kaal_grant *grant);

/* memory.c */

/** True if the manifest lets an account give to another one: by its delegate line, or because it
 * started it. */
bool account_may_delegate(const struct kaal_account *account, const struct kaal_account *peer);
/** Ends every share of a grant's memory, and its own share of another's. */
void grant_end_shares(struct kaal_grant *grant);
MUST_CHECK int grant_memory(struct kaal_account *account, uint64_t bytes, kaal_handle *handle,
                            uint64_t *vaddr, uint64_t *mapped_bytes);
MUST_CHECK int grant_dma(struct kaal_account *account, uint64_t bytes, uint64_t alignment,
                         bool uncached, kaal_handle *handle, struct kaal_dma_resource *dma);
MUST_CHECK int grant_share(struct kaal_account *account, kaal_handle handle,
                           struct kaal_account *peer, uint32_t how, kaal_handle *peer_handle);

/* child.c */

/** Ends a child through the broker's end_child, and gives back its part of the parent's quotas. */
void child_end(struct kaal_account *parent, struct kaal_account *child);
MUST_CHECK int child_line(const struct kaal_account *parent,
                          const struct kaal_spawn_request *request,
                          struct kaal_system_component *line);

/* arch/<isa>/irq_arch.c */

/**
 * Makes an interrupt handler in an empty slot.
 *   vector  in/out: x86_64: the vector to use; otherwise ignored
 */
seL4_Error broker_arch_irq_handler(const struct kaal_cspace *cspace,
                                   const struct kaal_interrupt *irq, uint32_t vector,
                                   seL4_CPtr slot);
/** Fills in how devices raise messages, where no table says it: x86_64, at the boot CPU. */
void broker_arch_messages(struct kaal_msi *msi);
/** True if handlers need a vector. */
bool broker_arch_irq_needs_vector(void);
/**
 * Makes a handler for a message of a PCI device in an empty slot.
 *   message  its number;  data  what the device writes
 */
seL4_Error broker_arch_message_handler(const struct kaal_cspace *cspace,
                                       const struct kaal_device *device, uint32_t message,
                                       uint32_t data, seL4_CPtr slot);
/* arch/<isa>/io_space_arch.c; called only where broker->io_levels is not 0 */

/** Object type of a page table of an I/O address space. */
seL4_Word broker_arch_io_table_type(void);
/**
 * Makes the capability to a device's I/O address space in an empty slot.
 *   request_id  bus << 8 | device << 3 | function, not 0
 *   domain  1.. ; seL4_IllegalOperation: the kernel keeps that one for itself
 */
seL4_Error broker_arch_io_space_mint(const struct kaal_cspace *cspace, uint32_t request_id,
                                     uint32_t domain, seL4_CPtr slot);
/** Puts a table at the highest level that has none for an address. */
seL4_Error broker_arch_io_table_map(seL4_CPtr table, seL4_CPtr space, uint64_t address);
/** Maps a frame, readable and writable; seL4_FailedLookup: a table is missing. */
seL4_Error broker_arch_io_page_map(seL4_CPtr frame, seL4_CPtr space, uint64_t address);

/* arch/<isa>/irq_arch.c */

/** Makes a port range capability; seL4_IllegalOperation where there are no ports. */
seL4_Error broker_arch_ports(const struct kaal_cspace *cspace, uint64_t first, uint64_t last,
                             seL4_CPtr slot);
