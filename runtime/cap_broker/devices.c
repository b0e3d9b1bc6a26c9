/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Original capabilities for a device's ranges. They are made when somebody first needs them, shared
 * by copying (the driver's mapping, init's early console), and given back with the last user: the
 * device memory returns to the untyped manager, which merges it again.
 */
#include "server_internal.h"

#include <kaal/mmio.h>
#include <kaal/pci_registers.h>
#include <kaal/sel4_error.h>

/* VIRTIO 1.2, 4.2.2: a virtio transport in registers. */
#define VIRTIO_MMIO_STATUS 0x70u

static struct device_resources *resources_of(const struct kaal_device *device)
{
    return device->resources;
}

int device_reference(struct kaal_broker *broker, struct kaal_device *device)
{
    if (device->resources == NULL) {
        device->resources = kaal_record_take(broker->untyped);
        if (device->resources == NULL) {
            return KAAL_ERR_NO_SPACE;
        }
    }
    resources_of(device)->references++;
    return KAAL_OK;
}

static void piece_destroy(struct kaal_broker *broker, struct device_piece *piece)
{
    int error = KAAL_OK;
    if (piece->lender != NULL) {
        device_dereference(broker, piece->lender);
    } else if (piece->untyped != NULL) {
        error = kaal_untyped_free(broker->untyped, piece->untyped);
        ASSERT(error == KAAL_OK);
        error = kaal_cspace_free_run(broker->cspace, piece->first, piece->count);
    } else {
        error = kaal_cspace_delete(broker->cspace, piece->first);
    }
    ASSERT(error == KAAL_OK);
    kaal_record_put(broker->untyped, piece);
}

void device_dereference(struct kaal_broker *broker, struct kaal_device *device)
{
    struct device_resources *resources = resources_of(device);
    ASSERT(resources != NULL);
    if (--resources->references > 0) {
        return;
    }
    while (resources->pieces != NULL) {
        struct device_piece *piece = resources->pieces;
        resources->pieces = piece->next;
        piece_destroy(broker, piece);
    }
    kaal_record_put(broker->untyped, resources);
    device->resources = NULL;
}

struct device_piece *device_first_piece(const struct kaal_device *device, uint32_t range)
{
    struct device_resources *resources = resources_of(device);
    struct device_piece *piece = resources == NULL ? NULL : resources->pieces;
    while (piece != NULL && piece->range != range) {
        piece = piece->next;
    }
    return piece;
}

struct device_piece *device_next_piece(const struct device_piece *piece)
{
    return piece->next != NULL && piece->next->range == piece->range ? piece->next : NULL;
}

/* A transport forgets its queues when 0 is written to its status register. */
static int virtio_reset(struct kaal_broker *broker, const struct kaal_device *holder,
                        const struct kaal_device *device)
{
    return device_register_write(broker, holder, 0,
                                 device->record.ranges[0].base + VIRTIO_MMIO_STATUS, 0);
}

static int make_ports(struct kaal_broker *broker, const struct kaal_device_range *range,
                      struct device_piece *piece)
{
    uint64_t count = range->bytes & ~KAAL_DEVICE_RANGE_PORTS;
    if (count == 0 || !range_inside(range->base, count, 65536)) {
        return KAAL_ERR_RANGE;
    }
    int error = kaal_cspace_allocate(broker->cspace, &piece->first);
    if (error != KAAL_OK) {
        return error;
    }
    error = kaal_error_from_sel4(
        broker_arch_ports(broker->cspace, range->base, range->base + count - 1, piece->first));
    if (error != KAAL_OK) {
        (void)kaal_cspace_free(broker->cspace, piece->first);
    }
    return error;
}

/* Frames for [start, start + 2^bits). */
static int make_frames(struct kaal_broker *broker, uint64_t start, uint32_t bits,
                       struct device_piece *piece)
{
    int error = kaal_untyped_allocate_at(broker->untyped, start, bits, &piece->untyped);
    if (error != KAAL_OK) {
        return error;
    }
    piece->frame_bits = bits < LARGE_PAGE_BITS ? PAGE_BITS : LARGE_PAGE_BITS;
    piece->count = UINT32_C(1) << (bits - piece->frame_bits);
    error = kaal_cspace_allocate_run(broker->cspace, piece->count, &piece->first);
    if (error == KAAL_OK) {
        error = kaal_cspace_retype(broker->cspace, piece->untyped->cap,
                                   kaal_frame_type(piece->frame_bits), piece->frame_bits,
                                   piece->first, piece->count);
        if (error != KAAL_OK) {
            (void)kaal_cspace_free_run(broker->cspace, piece->first, piece->count);
        }
    }
    if (error != KAAL_OK) {
        (void)kaal_untyped_free(broker->untyped, piece->untyped);
    }
    return error;
}

/*
 * The pages of [start, stop) as another device has them: small registers of several devices can lie
 * in one page, which the kernel gives out once.
 */
static bool borrow_page(struct kaal_broker *broker, uint64_t page, struct kaal_device *device,
                        struct device_piece *piece)
{
    struct kaal_device_registry *registry = broker->registry;
    for (uint32_t i = 0; i < registry->count; i++) {
        struct kaal_device *lender = &registry->devices[i];
        struct device_resources *resources = resources_of(lender);
        const struct device_piece *at = resources == NULL ? NULL : resources->pieces;
        for (; at != NULL; at = at->next) {
            if (lender == device || at->lender != NULL || at->untyped == NULL ||
                at->frame_bits != PAGE_BITS || page < at->untyped->paddr ||
                page - at->untyped->paddr >= BIT64(at->untyped->bits)) {
                continue;
            }
            piece->lender = lender;
            piece->untyped = at->untyped;
            piece->frame_bits = PAGE_BITS;
            piece->first = at->first + (page - at->untyped->paddr) / PAGE_BYTES;
            piece->count = 1;
            resources->references++;
            return true;
        }
    }
    return false;
}

/* The largest aligned block at start, within bytes, that one Retype can turn into frames. */
static uint32_t block_bits(uint64_t start, uint64_t bytes)
{
    uint32_t bits = 63 - (uint32_t)__builtin_clzll(bytes);
    if (start != 0 && (uint32_t)__builtin_ctzll(start) < bits) {
        bits = (uint32_t)__builtin_ctzll(start);
    }
    if (bits >= LARGE_PAGE_BITS) {
        return bits < LARGE_PAGE_BITS + 8 ? bits : LARGE_PAGE_BITS + 8;
    }
    return bits < PAGE_BITS + 8 ? bits : PAGE_BITS + 8;
}

/* Destroys a list of pieces from a link on. */
static void undo_pieces(struct kaal_broker *broker, struct device_piece **end)
{
    while (*end != NULL) {
        struct device_piece *piece = *end;
        *end = piece->next;
        piece_destroy(broker, piece);
    }
}

/* Where a block that starts at `at` must end: the MSI-X table's pages are blocks of their own. */
static uint64_t next_boundary(const struct kaal_device *device, uint32_t range, uint64_t at,
                              uint64_t stop, bool *protected)
{
    *protected = false;
    if (device->pci.msix_count == 0 || device->pci.msix_bar != range) {
        return stop;
    }
    uint64_t table = device->record.ranges[range].base + device->pci.msix_table;
    uint64_t first = align_down(table, PAGE_BYTES);
    uint64_t end =
        align_up(table + (uint64_t)device->pci.msix_count * PCI_MSIX_ENTRY_BYTES, PAGE_BYTES);
    *protected = at >= first && at < end;
    if (*protected) {
        return end < stop ? end : stop;
    }
    return at < first && first < stop ? first : stop;
}

/* Pieces for a range of registers, appended at *end; *end moves on. */
static int open_registers(struct kaal_broker *broker, struct kaal_device *device, uint32_t range,
                          struct device_piece **end)
{
    const struct kaal_device_range *wanted = &device->record.ranges[range];
    uint64_t stop = align_up(wanted->base + wanted->bytes, PAGE_BYTES);
    for (uint64_t at = align_down(wanted->base, PAGE_BYTES); at < stop;) {
        struct device_piece *piece = kaal_record_take(broker->untyped);
        if (piece == NULL) {
            return KAAL_ERR_NO_SPACE;
        }
        piece->range = range;
        uint64_t boundary = next_boundary(device, range, at, stop, &piece->protected);
        uint32_t bits = block_bits(at, boundary - at);
        int error = make_frames(broker, at, bits, piece);
        if (error == KAAL_ERR_BUSY && borrow_page(broker, at, device, piece)) {
            bits = PAGE_BITS;
            error = KAAL_OK;
        }
        if (error != KAAL_OK) {
            kaal_record_put(broker->untyped, piece);
            return error;
        }
        *end = piece;
        end = &piece->next;
        at += BIT64(bits);
    }
    return KAAL_OK;
}

static int open_ports(struct kaal_broker *broker, const struct kaal_device *device, uint32_t range,
                      struct device_piece **end)
{
    struct device_piece *piece = kaal_record_take(broker->untyped);
    if (piece == NULL) {
        return KAAL_ERR_NO_SPACE;
    }
    piece->range = range;
    int error = make_ports(broker, &device->record.ranges[range], piece);
    if (error != KAAL_OK) {
        kaal_record_put(broker->untyped, piece);
        return error;
    }
    *end = piece;
    return KAAL_OK;
}

int device_range_open(struct kaal_broker *broker, struct kaal_device *device, uint32_t range)
{
    if (range >= device->record.range_count || device->record.ranges[range].bytes == 0) {
        return KAAL_ERR_UNSUPPORTED;
    }
    if (device->record.bus == KAAL_BUS_PCI && device->record.ranges[range].base == 0) {
        return KAAL_ERR_UNSUPPORTED; /* nobody has assigned an address to the BAR */
    }
    if (device_first_piece(device, range) != NULL) {
        return KAAL_OK;
    }
    struct device_piece **end = &resources_of(device)->pieces;
    while (*end != NULL) {
        end = &(*end)->next;
    }
    bool ports = (device->record.ranges[range].bytes & KAAL_DEVICE_RANGE_PORTS) != 0;
    int error =
        ports ? open_ports(broker, device, range, end) : open_registers(broker, device, range, end);
    if (error != KAAL_OK) {
        undo_pieces(broker, end);
    }
    return error;
}

/* First and last page of a range of registers; false if it has none. */
static bool range_pages(const struct kaal_device_range *range, uint64_t *first, uint64_t *last)
{
    if (range->bytes == 0 || range->base == 0 || (range->bytes & KAAL_DEVICE_RANGE_PORTS) != 0) {
        return false;
    }
    *first = range->base / PAGE_BYTES;
    *last = (range->base + range->bytes - 1) / PAGE_BYTES;
    return true;
}

bool device_shares_page(const struct kaal_device *a, const struct kaal_device *b)
{
    for (uint32_t i = 0; i < a->record.range_count; i++) {
        uint64_t first_a;
        uint64_t last_a;
        if (!range_pages(&a->record.ranges[i], &first_a, &last_a)) {
            continue;
        }
        for (uint32_t j = 0; j < b->record.range_count; j++) {
            uint64_t first_b;
            uint64_t last_b;
            if (range_pages(&b->record.ranges[j], &first_b, &last_b) && first_a <= last_b &&
                first_b <= last_a) {
                return true;
            }
        }
    }
    return false;
}

/* The original capability of the page of a device's range that holds an address, or 0. */
static seL4_CPtr page_of(const struct kaal_device *device, uint32_t range, uint64_t paddr)
{
    const struct device_piece *piece = device_first_piece(device, range);
    uint64_t at = align_down(device->record.ranges[range].base, PAGE_BYTES);
    for (; piece != NULL; piece = device_next_piece(piece)) {
        uint64_t bytes = (uint64_t)piece->count << piece->frame_bits;
        if (paddr >= at && paddr - at < bytes && piece->frame_bits == PAGE_BITS) {
            return piece->first + (paddr - at) / PAGE_BYTES;
        }
        at += bytes;
    }
    return seL4_CapNull;
}

int device_register_write(struct kaal_broker *broker, const struct kaal_device *device,
                          uint32_t range, uint64_t paddr, uint32_t value)
{
    const struct kaal_device_access *access = broker->access;
    const struct kaal_cspace *cspace = broker->cspace;
    seL4_CPtr page = page_of(device, range, paddr);
    if (page == seL4_CapNull) {
        return KAAL_ERR_RANGE;
    }
    if (access == NULL || access->map == NULL) {
        return KAAL_ERR_UNSUPPORTED;
    }
    if (broker->map_slot == seL4_CapNull) {
        int error = kaal_cspace_allocate(broker->cspace, &broker->map_slot);
        if (error != KAAL_OK) {
            return error;
        }
    }
    if (seL4_CNode_Copy(cspace->root, broker->map_slot, cspace->depth, cspace->root, page,
                        cspace->depth, seL4_AllRights) != seL4_NoError) {
        return KAAL_ERR_KERNEL;
    }
    volatile unsigned char *address = access->map(access->context, broker->map_slot);
    if (address != NULL) {
        mmio_write32(address + paddr % PAGE_BYTES, value);
    }
    /* Deleting the capability unmaps the page. */
    seL4_Error deleted = seL4_CNode_Delete(cspace->root, broker->map_slot, cspace->depth);
    ASSERT(deleted == seL4_NoError);
    return address == NULL ? KAAL_ERR_KERNEL : KAAL_OK;
}

int device_open(struct kaal_broker *broker, struct kaal_device *device)
{
    switch (device->record.bus) {
    case KAAL_BUS_PCI:
        return pci_open(broker, device);
    case KAAL_BUS_VIRTIO_MMIO: {
        /* Opened now, so that it can be reset later whatever happens. */
        int error = device_range_open(broker, device, 0);
        return error == KAAL_OK ? virtio_reset(broker, device, device) : error;
    }
    default:
        return KAAL_OK;
    }
}

void device_close(struct kaal_broker *broker, struct kaal_device *device)
{
    struct kaal_device_registry *registry = broker->registry;
    for (uint32_t i = 0; i < registry->count; i++) {
        struct kaal_device *other = &registry->devices[i];
        if (other != device && !device_shares_page(device, other)) {
            continue;
        }
        if (other->record.bus == KAAL_BUS_PCI) {
            pci_close(broker, other);
        } else if (other->record.bus == KAAL_BUS_VIRTIO_MMIO) {
            /* Fails only for a page that the holder never had. */
            int ignored = virtio_reset(broker, device, other);
            (void)ignored;
        }
    }
}

int kaal_broker_borrow_range(struct kaal_broker *broker, struct kaal_device *device, uint32_t range,
                             seL4_CPtr *first_frame, uint32_t *count, seL4_CPtr *ports)
{
    *first_frame = seL4_CapNull;
    *count = 0;
    *ports = seL4_CapNull;
    int error = device_reference(broker, device);
    if (error != KAAL_OK) {
        return error;
    }
    error = device_range_open(broker, device, range);
    struct device_piece *piece = error == KAAL_OK ? device_first_piece(device, range) : NULL;
    if (piece != NULL && (piece->frame_bits > PAGE_BITS || device_next_piece(piece) != NULL)) {
        error = KAAL_ERR_UNSUPPORTED; /* a console's registers are one block of small pages */
    }
    if (error != KAAL_OK) {
        device_dereference(broker, device);
        return error;
    }
    if (piece->untyped == NULL) {
        *ports = piece->first;
    } else {
        *first_frame = piece->first;
        *count = piece->count;
    }
    return KAAL_OK;
}
