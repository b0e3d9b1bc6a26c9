/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Who holds which buffer. All decisions are made on private records; of what the peer sends, a
 * handle and a part are checked here before they are used.
 */
#include <kaal/pool.h>

#include <kaal/assert.h>

enum slot_state {
    SLOT_FREE, /* owner: free; borrower: not lent to us */
    SLOT_HELD, /* this end may use it */
    SLOT_LENT, /* owner only: the peer holds it */
};

#define INDEX_BITS 16u
#define INDEX_MASK 0xffffu

/*
 * Rises with each restart of either end, once both ends have noticed it; until then the two ends
 * disagree, which makes handles stale, or (one restart each, each unnoticed by the other) agree on
 * loans that both forget as soon as they notice.
 */
static uint16_t epoch_of(const struct kaal_channel *carrier)
{
    return (uint16_t)(kaal_startup()->generation + carrier->generation);
}

/* A handle of another epoch: of before a restart, or of after one that we have yet to notice. */
static int other_epoch(const struct kaal_channel *carrier)
{
    return kaal_channel_peer_changed(carrier) ? KAAL_ERR_PEER : KAAL_ERR_STATE;
}

static uint32_t handle_of(uint32_t index, uint16_t epoch)
{
    return index | (uint32_t)epoch << INDEX_BITS;
}

static bool memory_is_usable(const struct kaal_pool_memory *memory, uint32_t slots_max)
{
    return memory->vaddr != NULL && memory->buffer_bytes != 0 && memory->count != 0 &&
           memory->count <= KAAL_POOL_BUFFERS_MAX && memory->count <= slots_max;
}

/* A part of a buffer, as somebody else names it. */
static bool part_fits(const struct kaal_pool_memory *memory, uint32_t offset, uint32_t bytes)
{
    return offset <= memory->buffer_bytes && bytes <= memory->buffer_bytes - offset;
}

static uint64_t offset_of(const struct kaal_pool_memory *memory, uint32_t index)
{
    return (uint64_t)index * memory->buffer_bytes;
}

static uint64_t bus_of(const struct kaal_pool_memory *memory, uint32_t index, uint32_t offset)
{
    return memory->bus == KAAL_POOL_NO_BUS ? KAAL_POOL_NO_BUS
                                           : memory->bus + offset_of(memory, index) + offset;
}

/* The half of a channel that carries no messages. */
static int describe_half(const struct kaal_resource *resource, bool own,
                         struct kaal_pool_memory *memory)
{
    if (resource == NULL) {
        return KAAL_ERR_NOT_FOUND;
    }
    const struct kaal_channel_resource *channel = &resource->channel;
    if (resource->kind != KAAL_RESOURCE_CHANNEL || channel->own_vaddr == 0 ||
        channel->peer_vaddr == 0 ||
        channel->region_bytes <
            kaal_channel_region_bytes(channel->message_bytes, channel->capacity)) {
        return KAAL_ERR_INVALID;
    }
    uint64_t vaddr = own ? channel->own_vaddr : channel->peer_vaddr;
    uint8_t *first = (uint8_t *)vaddr + KAAL_CHANNEL_HEADER_BYTES;
    *memory = (struct kaal_pool_memory){
        .vaddr = first,
        .bus = kaal_bus_address(first, (uint64_t)channel->message_bytes * channel->capacity),
        .buffer_bytes = channel->message_bytes,
        .count = channel->capacity,
    };
    return KAAL_OK;
}

/* ---- the owner ---- */

static void make_free(struct kaal_pool *pool, uint32_t index)
{
    pool->slots[index] = (struct kaal_pool_slot){(uint16_t)pool->first_free, SLOT_FREE};
    pool->first_free = index;
    pool->free++;
}

int kaal_pool_init(struct kaal_pool *pool, const struct kaal_pool_memory *memory,
                   struct kaal_pool_slot *slots, uint32_t slots_max, struct kaal_channel *carrier)
{
    if (!memory_is_usable(memory, slots_max)) {
        return KAAL_ERR_INVALID;
    }
    *pool = (struct kaal_pool){
        .memory = *memory,
        .carrier = carrier,
        .slots = slots,
        .first_free = memory->count,
        .epoch = epoch_of(carrier),
    };
    for (uint32_t index = memory->count; index-- > 0;) {
        make_free(pool, index);
    }
    return KAAL_OK;
}

int kaal_pool_open(struct kaal_pool *pool, const struct kaal_resource *resource,
                   struct kaal_pool_slot *slots, uint32_t slots_max, struct kaal_channel *carrier)
{
    struct kaal_pool_memory memory;
    int error = describe_half(resource, true, &memory);
    return error != KAAL_OK ? error : kaal_pool_init(pool, &memory, slots, slots_max, carrier);
}

int kaal_pool_get(struct kaal_pool *pool, uint32_t *index)
{
    if (pool->free == 0) {
        return KAAL_ERR_EMPTY;
    }
    *index = pool->first_free;
    pool->first_free = pool->slots[*index].next;
    pool->free--;
    pool->slots[*index].state = SLOT_HELD;
    return KAAL_OK;
}

void kaal_pool_put(struct kaal_pool *pool, uint32_t index)
{
    ASSERT(index < pool->memory.count && pool->slots[index].state == SLOT_HELD);
    make_free(pool, index);
}

void *kaal_pool_address(const struct kaal_pool *pool, uint32_t index)
{
    ASSERT(index < pool->memory.count);
    return pool->memory.vaddr + offset_of(&pool->memory, index);
}

uint64_t kaal_pool_bus(const struct kaal_pool *pool, uint32_t index)
{
    ASSERT(index < pool->memory.count);
    return bus_of(&pool->memory, index, 0);
}

int kaal_pool_lend(struct kaal_pool *pool, uint32_t index, uint32_t offset, uint32_t bytes,
                   struct kaal_buffer *buffer)
{
    ASSERT(index < pool->memory.count && pool->slots[index].state == SLOT_HELD);
    if (!part_fits(&pool->memory, offset, bytes)) {
        return KAAL_ERR_RANGE;
    }
    pool->slots[index].state = SLOT_LENT;
    pool->lent++;
    *buffer = (struct kaal_buffer){handle_of(index, pool->epoch), offset, bytes};
    return KAAL_OK;
}

int kaal_pool_return(struct kaal_pool *pool, uint32_t handle, uint32_t *index)
{
    uint32_t named = handle & INDEX_MASK;
    if (handle >> INDEX_BITS != pool->epoch) {
        return other_epoch(pool->carrier);
    }
    if (named >= pool->memory.count || pool->slots[named].state != SLOT_LENT) {
        return kaal_channel_break_off(pool->carrier);
    }
    pool->slots[named].state = SLOT_HELD;
    pool->lent--;
    *index = named;
    return KAAL_OK;
}

void kaal_pool_renew(struct kaal_pool *pool)
{
    for (uint32_t index = 0; index < pool->memory.count; index++) {
        if (pool->slots[index].state == SLOT_LENT) {
            make_free(pool, index);
        }
    }
    pool->lent = 0;
    pool->epoch = epoch_of(pool->carrier);
}

/* ---- the borrower ---- */

int kaal_loans_init(struct kaal_loans *loans, const struct kaal_pool_memory *memory,
                    struct kaal_pool_slot *slots, uint32_t slots_max, struct kaal_channel *carrier)
{
    if (!memory_is_usable(memory, slots_max)) {
        return KAAL_ERR_INVALID;
    }
    *loans = (struct kaal_loans){.memory = *memory, .carrier = carrier, .slots = slots};
    kaal_loans_renew(loans);
    return KAAL_OK;
}

int kaal_loans_open(struct kaal_loans *loans, const struct kaal_resource *resource,
                    struct kaal_pool_slot *slots, uint32_t slots_max, struct kaal_channel *carrier)
{
    struct kaal_pool_memory memory;
    int error = describe_half(resource, false, &memory);
    return error != KAAL_OK ? error : kaal_loans_init(loans, &memory, slots, slots_max, carrier);
}

int kaal_loans_accept(struct kaal_loans *loans, const struct kaal_buffer *buffer, const void **data)
{
    uint32_t index = buffer->handle & INDEX_MASK;
    if (buffer->handle >> INDEX_BITS != loans->epoch) {
        return other_epoch(loans->carrier);
    }
    if (index >= loans->memory.count || loans->slots[index].state != SLOT_FREE ||
        !part_fits(&loans->memory, buffer->offset, buffer->bytes)) {
        return kaal_channel_break_off(loans->carrier);
    }
    loans->slots[index].state = SLOT_HELD;
    loans->held++;
    *data = loans->memory.vaddr + offset_of(&loans->memory, index) + buffer->offset;
    return KAAL_OK;
}

uint64_t kaal_loans_bus(const struct kaal_loans *loans, const struct kaal_buffer *buffer)
{
    uint32_t index = buffer->handle & INDEX_MASK;
    ASSERT(index < loans->memory.count && loans->slots[index].state == SLOT_HELD);
    return bus_of(&loans->memory, index, buffer->offset);
}

int kaal_loans_release(struct kaal_loans *loans, uint32_t handle)
{
    uint32_t index = handle & INDEX_MASK;
    if (handle >> INDEX_BITS != loans->epoch) {
        return KAAL_ERR_STATE;
    }
    ASSERT(index < loans->memory.count && loans->slots[index].state == SLOT_HELD);
    loans->slots[index].state = SLOT_FREE;
    loans->held--;
    return KAAL_OK;
}

void kaal_loans_renew(struct kaal_loans *loans)
{
    for (uint32_t index = 0; index < loans->memory.count; index++) {
        loans->slots[index].state = SLOT_FREE;
    }
    loans->held = 0;
    loans->epoch = epoch_of(loans->carrier);
}
