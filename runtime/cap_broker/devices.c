/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Original capabilities for a device's ranges. They are made when somebody first needs them, shared
 * by copying (the driver's mapping, init's early console), and given back with the last user: the
 * device memory returns to the untyped manager, which merges it again.
 */
#include "server_internal.h"

#include <kaal/sel4_error.h>

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
    int error;
    if (piece->untyped != NULL) {
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
    const struct kaal_device_range *wanted = &device->record.ranges[range];
    struct device_resources *resources = resources_of(device);
    struct device_piece **end = &resources->pieces;
    while (*end != NULL) {
        end = &(*end)->next;
    }
    struct device_piece **appended = end;
    bool ports = (wanted->bytes & KAAL_DEVICE_RANGE_PORTS) != 0;
    uint64_t at = align_down(wanted->base, PAGE_BYTES);
    uint64_t stop = ports ? at + 1 : align_up(wanted->base + wanted->bytes, PAGE_BYTES);
    while (at < stop) {
        struct device_piece *piece = kaal_record_take(broker->untyped);
        int error = KAAL_ERR_NO_SPACE;
        if (piece != NULL) {
            piece->range = range;
            if (ports) {
                error = make_ports(broker, wanted, piece);
                at = stop;
            } else {
                uint32_t bits = block_bits(at, stop - at);
                error = make_frames(broker, at, bits, piece);
                at += BIT64(bits);
            }
        }
        if (error != KAAL_OK) {
            if (piece != NULL) {
                kaal_record_put(broker->untyped, piece);
            }
            undo_pieces(broker, appended);
            return error;
        }
        *end = piece;
        end = &piece->next;
    }
    return KAAL_OK;
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
