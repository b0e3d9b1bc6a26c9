/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The broker as init sees it: accounts (what a component holds and may hold), device bundles,
 * memory, interrupts, and channels. Nothing here talks to components; init decodes their messages
 * and calls these functions.
 *
 * Life of an account: kaal_account_open() once per component of the description; for each instance
 * kaal_account_start(), then init builds the component in account->arena and account->vspace and
 * places capabilities with kaal_account_place(); at its death kaal_account_stop() takes everything
 * back, whatever it was. Notification, badge bits and channel frames belong to the broker and
 * survive the restart.
 *
 * Everything that a component requests is checked against its line of the system description (the
 * ceiling) and its quota first, and is a transaction: on an error nothing was taken.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <kaal/arena.h>
#include <kaal/broker.h>
#include <kaal/device.h>
#include <kaal/inspect.h>
#include <kaal/platform.h>
#include <kaal/vspace.h>

/** log2 slots of a component's CNode. */
#define KAAL_ACCOUNT_CNODE_BITS 8u
/** Slots of a component's CNode. */
#define KAAL_ACCOUNT_SLOTS (1u << KAAL_ACCOUNT_CNODE_BITS)
/** Words of a bitmap of them. */
#define KAAL_ACCOUNT_SLOT_WORDS (KAAL_ACCOUNT_SLOTS / 64u)
/** Decisions that the audit log keeps. */
#define KAAL_AUDIT_RECORDS_MAX 512u
/** Interrupt vectors of x86_64, and most MSI messages in use anywhere. */
#define KAAL_VECTORS_MAX 108u
/** kaal_broker_request_device(): any index that is free. */
#define KAAL_DEVICE_INDEX_FREE UINT32_MAX

/** Most runs of 256 frames of one end's region: 16 MiB. */
#define KAAL_CHANNEL_RUNS_MAX 16u

/** How the broker reaches devices on its own behalf; host tests play the machine with it. */
struct kaal_device_access {
    void *context; /**< handed to every callback */
    /** Reads a 32-bit word of PCI configuration space; all ones if nobody answers. */
    uint32_t (*config_read32)(void *context, uint64_t paddr);
    /** Writes one. */
    void (*config_write32)(void *context, uint64_t paddr, uint32_t value);
    /**
     * Maps a 4 KiB frame of registers, which is mapped nowhere, uncached and writable; the broker
     * deletes the capability to unmap it before it maps another one. NULL if that is impossible.
     */
    volatile unsigned char *(*map)(void *context, seL4_CPtr frame);
    /** Time, for what a device needs after a reset. */
    uint64_t (*now_ns)(void *context);
};

struct kaal_holding;
struct kaal_grant;
struct irq_line;
struct io_space;
struct kaal_account;
struct kaal_broker_channel;

/** What the live children of a component have of its line's spawn quotas. */
struct kaal_children {
    uint64_t memory_bytes; /**< sum of their memory quotas */
    uint32_t count;        /**< how many */
    uint32_t slots;        /**< sum of their slot quotas */
    uint32_t cpu_permille; /**< sum of their budgets, each rounded up */
};

/** The broker's own state; fields are its own, readable by init. */
struct kaal_broker {
    struct kaal_cspace *cspace;            /**< slots */
    struct kaal_untyped_manager *untyped;  /**< memory and records */
    struct kaal_platform *platform;        /**< the machine */
    struct kaal_device_registry *registry; /**< its devices */
    struct kaal_arena arena;               /**< objects that survive restarts: notifications */
    struct kaal_usage usage;               /**< charged for them */
    uint64_t next_handle;                  /**< handles are never used twice */
    uint64_t vectors[2];                   /**< bit set: x86_64 vector, or MSI message, in use */
    struct kaal_account *accounts;         /**< all, linked by next */
    /** Set by init after kaal_broker_init(); NULL: no PCI device can be given. */
    const struct kaal_device_access *access;
    seL4_CPtr map_slot; /**< where a page is copied to when it is mapped; 0 = none yet */
    /** Set by init: its notification, for shared interrupt lines; 0: lines cannot be shared. */
    seL4_CPtr line_notification;
    uint64_t line_bits_free; /**< bits of it that the broker may use; set by init */
    struct irq_line *lines;  /**< interrupt lines in use */
    /** Set by init: page table levels of the kernel's I/O address spaces; 0: there is no IOMMU. */
    uint32_t io_levels;
    uint32_t io_domains;        /**< domain ids used so far */
    struct io_space *io_spaces; /**< one for each request id that ever did DMA */
    /** Set by init: ends a child, which kaal_release() named or whose parent ended. */
    void (*end_child)(struct kaal_account *child);
    uint64_t audit_count;                                   /**< decisions so far */
    struct kaal_audit_record audit[KAAL_AUDIT_RECORDS_MAX]; /**< the last of them */
};

/** A component. */
struct kaal_account {
    struct kaal_account *next;                         /**< all accounts of the broker */
    struct kaal_broker *broker;                        /**< whose account this is */
    const struct kaal_system_component *ceiling;       /**< its line of the description */
    const struct kaal_driver_declaration *declaration; /**< of its image, or NULL */
    bool running;                                      /**< between start and stop */
    struct kaal_usage usage;   /**< what the instance holds, with its quotas */
    struct kaal_arena arena;   /**< everything of the instance */
    struct kaal_vspace vspace; /**< its address space */
    seL4_CPtr cnode;           /**< its CNode (radix KAAL_ACCOUNT_CNODE_BITS, guard 0) */
    uint64_t slots_used[KAAL_ACCOUNT_SLOTS / 64]; /**< bit set: slot in use; slot 0 always is */
    seL4_CPtr notification;             /**< broker's capability to its notification, all rights */
    uint64_t badge_bits;                /**< notification bits in use; bit 63 is never given */
    uint64_t badge_bits_fixed;          /**< of them, those that survive a restart */
    struct kaal_holding *holdings;      /**< what `caps` lists, in order of placing */
    struct kaal_holding **holdings_end; /**< where the next one goes */
    struct kaal_grant *grants;          /**< bundles, memory, interrupts, shares, children */
    struct kaal_broker_channel *bus_channels; /**< those of its channels that devices can see */
    uint32_t index;                           /**< set by init: in the system description */
    struct kaal_account *parent;              /**< who started it; NULL: it is in the description */
    struct kaal_children children;            /**< what it has started */
};

/** A channel between two accounts; storage is the caller's. */
struct kaal_broker_channel {
    const struct kaal_system_channel *description; /**< its line of the description */
    struct kaal_account *ends[2];                  /**< the components */
    uint32_t badge_bits[2]; /**< bit in each end's notification that means: the peer rang */
    uint32_t region_bytes;  /**< of each end's own region, whole pages */
    bool contiguous;        /**< both regions are one block of physical memory, end 0's first */
    uint64_t paddr;         /**< if so: of its first byte */
    struct kaal_broker_channel *next_bus[2];    /**< next of each end's bus_channels */
    seL4_CPtr frames[2][KAAL_CHANNEL_RUNS_MAX]; /**< each end's region: runs of 256 frames */
    struct kaal_arena arena;                    /**< the frames */
    struct kaal_usage usage;                    /**< charged for them */
};

/**
 * Starts the broker.
 *   broker  caller's storage;  platform, registry  from kaal_discover()
 */
void kaal_broker_init(struct kaal_broker *broker, struct kaal_cspace *cspace,
                      struct kaal_untyped_manager *untyped, struct kaal_platform *platform,
                      struct kaal_device_registry *registry);

/**
 * Opens the account of a component: makes its notification.
 *   account  caller's storage, kept for ever;  ceiling  its line of the description
 *   declaration  of its image, or NULL
 * Returns KAAL_OK or an error of kaal_arena_allocate().
 */
MUST_CHECK int kaal_account_open(struct kaal_account *account, struct kaal_broker *broker,
                                 const struct kaal_system_component *ceiling,
                                 const struct kaal_driver_declaration *declaration);

/**
 * Starts an instance: CNode and address space, charged to the account.
 *   reserve_bytes  how much memory init expects to need in account->arena, 0 = unknown; more than
 *   the quota is as much as the quota
 *   window_base, window_bytes  addresses for what is mapped at run time
 * Returns KAAL_OK, KAAL_ERR_STATE if one runs, or an error of kaal_arena_allocate().
 */
MUST_CHECK int kaal_account_start(struct kaal_account *account, uint64_t reserve_bytes,
                                  uint64_t window_base, uint64_t window_bytes);

/**
 * Makes the devices that the instance holds silent: no DMA, no interrupts, and reset where they
 * can be. They stay its own until kaal_account_stop().
 */
void kaal_account_silence(struct kaal_account *account);

/**
 * Ends the instance: devices, memory, interrupts, ports, capabilities, every object of the arena.
 * init has suspended its threads before. Afterwards account->usage is all zero.
 */
void kaal_account_stop(struct kaal_account *account);

/**
 * Puts a copy of a capability into the component's CSpace, and lists it.
 *   source  slot in init's CSpace;  rights  as seL4_CNode_Mint;  badge  0 = as it is
 *   holding name, kind, base, bytes: what `caps` prints;  cap, rights are filled in here
 *   cap     out: CPtr in the component's CSpace (depth 64)
 * Returns KAAL_OK, KAAL_ERR_NO_SLOT, KAAL_ERR_QUOTA_SLOTS, KAAL_ERR_KERNEL.
 */
MUST_CHECK int kaal_account_place(struct kaal_account *account, seL4_CPtr source,
                                  seL4_CapRights_t rights, seL4_Word badge,
                                  const struct kaal_holding_record *holding, seL4_CPtr *cap);

/**
 * Takes a bit of the component's notification word.
 *   fixed  true: it stays taken over restarts;  bit  out: 0..62
 * Returns KAAL_OK or KAAL_ERR_NO_SPACE.
 */
MUST_CHECK int kaal_account_badge_bit(struct kaal_account *account, bool fixed, uint32_t *bit);

/**
 * Maps pages of init's (for example the start-up page) into the component: copies of the frames.
 *   frames, count  slots of 4 KiB frame capabilities;  vaddr  page aligned;  how  enum kaal_map
 * Returns KAAL_OK or an error of kaal_vspace_map() or kaal_arena_slots().
 */
MUST_CHECK int kaal_account_map_shared(struct kaal_account *account, seL4_CPtr frames,
                                       uint32_t count, uint64_t vaddr, uint32_t how);

/**
 * Gives the component a device, as kaal_request_device() promises: registers, ports, interrupt and
 * DMA memory under the names of its driver declaration (without one: "range0".., "irq0"..).
 *   selector  what it asks for; must be within its ceiling
 *   device    the device's index among this component's bundles, for struct kaal_resource.device;
 *             KAAL_DEVICE_INDEX_FREE: the lowest that none of its selectors has by its place
 *   bundle    out: resources with the component's addresses and CPtrs
 * With an IOMMU a PCI function sees only the bundle's DMA memory, the component's DMA pools and its
 * channels with a bus address; the copies and tables for that are charged to the account.
 * Returns KAAL_OK; KAAL_ERR_DENIED, KAAL_ERR_NOT_FOUND, KAAL_ERR_BUSY, KAAL_ERR_QUOTA_*,
 * KAAL_ERR_NO_MEMORY, KAAL_ERR_NO_SLOT, KAAL_ERR_UNSUPPORTED (the declaration asks for what the
 * device does not have), KAAL_ERR_RANGE (memory above the IOMMU's addresses).
 */
MUST_CHECK int kaal_broker_request_device(struct kaal_account *account,
                                          const struct kaal_device_selector *selector,
                                          uint32_t device, struct kaal_bundle *bundle);

/** Allocates and maps memory, as kaal_allocate_memory() promises. vaddr: the component's address.
 */
MUST_CHECK int kaal_broker_allocate_memory(struct kaal_account *account, uint64_t bytes,
                                           kaal_handle *handle, uint64_t *vaddr,
                                           uint64_t *mapped_bytes);

/** Gives a bare interrupt, as kaal_request_irq() promises; the ceiling must allow a device of it.
 */
MUST_CHECK int kaal_broker_request_irq(struct kaal_account *account, uint64_t number,
                                       kaal_handle *handle, struct kaal_resource *resource);

/**
 * Allocates memory for a device, as kaal_allocate_dma() promises.
 *   dma  out: where it is mapped, and its physical address
 */
MUST_CHECK int kaal_broker_allocate_dma(struct kaal_account *account, uint64_t bytes,
                                        uint64_t alignment, bool uncached, kaal_handle *handle,
                                        struct kaal_dma_resource *dma);

/**
 * Maps an account's memory into another's, as kaal_delegate() promises, charged to the first; or
 * hands a device over to it, charged to the peer.
 *   how  memory: KAAL_MAP_READ, or also KAAL_MAP_WRITE; a device: ignored
 *   peer_handle  out: of the peer
 */
MUST_CHECK int kaal_broker_delegate(struct kaal_account *account, kaal_handle handle,
                                    struct kaal_account *peer, uint32_t how,
                                    kaal_handle *peer_handle);

/**
 * Opens a device that was handed over to the account, as kaal_bundle_of() promises; one that is
 * open stays as it is.
 *   count  out: resources, for kaal_broker_bundle_resource()
 */
MUST_CHECK int kaal_broker_bundle_open(struct kaal_account *account, kaal_handle handle,
                                       uint32_t *count);

/** The handle of a bundle by its device index. Returns KAAL_OK or KAAL_ERR_NOT_FOUND. */
MUST_CHECK int kaal_broker_bundle_find(const struct kaal_account *account, uint32_t device,
                                       kaal_handle *handle);

/** Where memory or shared memory is mapped. Returns KAAL_OK, or KAAL_ERR_NOT_FOUND. */
MUST_CHECK int kaal_broker_memory_of(const struct kaal_account *account, kaal_handle handle,
                                     uint64_t *vaddr, uint64_t *bytes);

/**
 * The frame of a page of an account's memory, for init to copy from.
 *   page  index in the memory;  frame  out: slot of the capability, mapped in the account
 * Returns KAAL_OK, or KAAL_ERR_NOT_FOUND past the end and for what is no memory of the account's.
 */
MUST_CHECK int kaal_broker_memory_frame(const struct kaal_account *account, kaal_handle handle,
                                        uint64_t page, seL4_CPtr *frame);

/**
 * Checks a request for a child against the ceiling and the quotas of its parent.
 *   request  as it came from the parent: not trusted;  line  out: the child's own ceiling
 * Returns KAAL_OK; KAAL_ERR_INVALID (a name, a priority, a budget that no component may have);
 * KAAL_ERR_DENIED; KAAL_ERR_QUOTA_CHILDREN, _MEMORY, _SLOTS or _CPU; KAAL_ERR_STATE.
 */
MUST_CHECK int kaal_broker_child_line(struct kaal_account *parent,
                                      const struct kaal_spawn_request *request,
                                      struct kaal_system_component *line);

/**
 * Records a child that init has built: charges the parent's quotas, and makes the handle.
 *   child  its account, whose ceiling kaal_broker_child_line() gave just before
 * Returns KAAL_OK or KAAL_ERR_NO_SPACE. From now on broker->end_child may be called for it.
 */
MUST_CHECK int kaal_broker_child_open(struct kaal_account *parent, struct kaal_account *child,
                                      kaal_handle *handle);

/** Both ends of the channel between a parent and its child. */
struct kaal_link {
    struct kaal_resource parent_end; /**< for the parent's start-up page; name: the child's */
    struct kaal_resource child_end;  /**< for the child's start-up page; name: "parent" */
    seL4_CPtr headers[2]; /**< first frame of the parent's and of the child's region: unmapped */
};

/**
 * Makes a channel between a parent and a child that does not run yet, charged to the parent. It
 * ends with the child; after an error release the child.
 *   request       as for kaal_broker_child_line(): message_bytes, messages
 *   region_bytes  as runtime/ipc needs for one end;  link  out
 * Returns KAAL_OK; KAAL_ERR_NOT_FOUND (no child of that handle); KAAL_ERR_RANGE; KAAL_ERR_QUOTA_*,
 * KAAL_ERR_NO_MEMORY, KAAL_ERR_NO_SPACE.
 */
MUST_CHECK int kaal_broker_child_link(struct kaal_account *parent, kaal_handle handle,
                                      const struct kaal_spawn_request *request,
                                      uint64_t region_bytes, struct kaal_link *link);

/** The account of a child by its handle, or NULL. */
struct kaal_account *kaal_broker_child_of(const struct kaal_account *parent, kaal_handle handle);

/** Adds a decision to the audit log. object: a name, cut to KAAL_NAME_BYTES. */
void kaal_broker_audit(struct kaal_account *account, enum kaal_audit_operation operation,
                       const char *object, uint64_t argument, int result);

/**
 * Reads the audit log.
 *   sequence  the first decision wanted; an older one than is kept means the oldest
 * Returns KAAL_OK, or KAAL_ERR_NOT_FOUND past the last.
 */
MUST_CHECK int kaal_broker_audit_read(const struct kaal_broker *broker, uint64_t sequence,
                                      struct kaal_audit_record *record);

/**
 * Which slots of a component's CNode are occupied: those that the broker gave, and those that turn
 * out to be when it tries whether they are empty.
 *   occupied  out: bit set = something is in the slot; all 0 while it does not run
 * Context: the component must not run meanwhile. Cost: two invocations of the kernel for each slot.
 */
void kaal_account_slots_occupied(const struct kaal_account *account,
                                 uint64_t occupied[KAAL_ACCOUNT_SLOT_WORDS]);

/** Takes back what a handle names, as kaal_release() promises. */
MUST_CHECK int kaal_broker_release(struct kaal_account *account, kaal_handle handle);

/**
 * Reads configuration space of a PCI device that the account holds, as kaal_pci_config_read().
 *   device  struct kaal_resource.device of its resources
 */
MUST_CHECK int kaal_broker_config_read(struct kaal_account *account, uint32_t device,
                                       uint32_t offset, uint32_t width, uint32_t *value);

/** Writes it, as kaal_pci_config_write() promises. */
MUST_CHECK int kaal_broker_config_write(struct kaal_account *account, uint32_t device,
                                        uint32_t offset, uint32_t width, uint32_t value);

/**
 * When the devices that the account may be given have all recovered from their resets.
 * Returns a time as access->now_ns, or 0: they have.
 */
uint64_t kaal_account_ready_ns(const struct kaal_account *account);

/** What `devices` prints of a device: its record, and why nobody holds it. record: out. */
void kaal_broker_device_record(const struct kaal_broker *broker, const struct kaal_device *device,
                               struct kaal_device_record *record);

/**
 * Serves the interrupt lines that several components share.
 *   badge  of init's notification; bits that are not the broker's are ignored
 */
void kaal_broker_signalled(struct kaal_broker *broker, uint64_t badge);

/** One resource of a bundle that the account holds. Returns KAAL_OK, KAAL_ERR_NOT_FOUND. */
MUST_CHECK int kaal_broker_bundle_resource(struct kaal_account *account, kaal_handle handle,
                                           uint32_t index, struct kaal_resource *resource);

/**
 * Borrows a range of a device for init itself (its early console), beside or before its driver.
 *   device  registry entry;  range  index
 *   first_frame, count  out for registers: original 4 KiB frame capabilities (init maps copies)
 *   ports  out for ports: the IOPort capability; the one that is not the range's kind is 0
 * Returns KAAL_OK or an error of kaal_untyped_allocate_at(). Stays borrowed until the end.
 */
MUST_CHECK int kaal_broker_borrow_range(struct kaal_broker *broker, struct kaal_device *device,
                                        uint32_t range, seL4_CPtr *first_frame, uint32_t *count,
                                        seL4_CPtr *ports);

/**
 * Makes a channel: zeroed frames for both ends' regions, and a badge bit at each end.
 *   channel  caller's storage, kept for ever;  region_bytes  as runtime/ipc needs for one end
 * Returns KAAL_OK, KAAL_ERR_RANGE over 16 MiB, or an error of kaal_arena_allocate().
 */
MUST_CHECK int kaal_broker_channel_create(struct kaal_broker_channel *channel,
                                          struct kaal_broker *broker,
                                          const struct kaal_system_channel *description,
                                          struct kaal_account *end0, struct kaal_account *end1,
                                          uint64_t region_bytes);

/**
 * Connects an end to the present instance of its component: own region read-write, the peer's
 * read-only, and a doorbell that can only ring the peer.
 *   end  0 or 1;  resource  out: for the start-up page (generation and peer_state are init's)
 * Returns KAAL_OK or an error of kaal_vspace_map(), kaal_account_place().
 */
MUST_CHECK int kaal_broker_channel_connect(struct kaal_broker_channel *channel, uint32_t end,
                                           struct kaal_resource *resource);

/**
 * Where a device sees both regions of a channel. Channels of components with a devices line, up to
 * 512 KiB per direction, are contiguous, so that a client's buffers can be a driver's.
 *   end  0 or 1, as connected;  connected  its resource;  dma  out: kind KAAL_RESOURCE_DMA, of the
 *   channel's name and no device's
 * Returns true if that end has a devices line and the channel is contiguous.
 */
bool kaal_broker_channel_bus(const struct kaal_broker_channel *channel, uint32_t end,
                             const struct kaal_resource *connected, struct kaal_resource *dma);

/**
 * True if the component holds a device that can do DMA and is not confined by an IOMMU: it can then
 * reach all memory, and is trusted not to.
 */
bool kaal_account_trusts_dma(const struct kaal_account *account);

/** The index-th holding of an account, for `caps`. Returns KAAL_OK or KAAL_ERR_NOT_FOUND. */
MUST_CHECK int kaal_account_holding(const struct kaal_account *account, uint32_t index,
                                    struct kaal_holding_record *record);

/** The figures of `mem`, read live. */
void kaal_broker_memory(const struct kaal_broker *broker, struct kaal_memory_record *record);
