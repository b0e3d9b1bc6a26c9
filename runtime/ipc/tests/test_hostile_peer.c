/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Every operation against a peer that changes any word of its memory to any telling value at any
 * point: for good, or for one load only (which finds words that are read twice). Afterwards: an
 * error or correct data, no access outside the regions (AddressSanitizer), a bounded number of
 * looks, at most one ring per direction, and a channel that an honest successor can use.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <kaal/call.h>
#include <kaal/event.h>
#include <kaal/pool.h>
#include <kaal/wait.h>

#include "hostile_points.h"
#include "rig.h"

#define CAPACITY  4u
#define IN_FLIGHT 3u
/* Loads of the peer's memory by one operation, far above what any needs. */
#define POINTS_MAX 400u

struct item {
    uint64_t number; /* slot + 1 in the peer's ring */
    uint64_t tail;   /* three times that */
    uint64_t rest[2];
};
struct question {
    struct kaal_buffer buffer;
};
struct answer {
    uint64_t number;
};
KAAL_CHANNEL(item_channel, struct item, CAPACITY);
KAAL_CALLS(quiz, struct question, struct answer, CAPACITY, IN_FLIGHT);
_Static_assert(sizeof(struct item) == quiz_MESSAGE_BYTES, "one size of message serves all");

/* The victim's side, all of whose operations are tried on the same channel. */
static struct item_channel victim;
static struct quiz_client client;
static struct quiz_server server;
static struct kaal_pool pool;
static struct kaal_loans loans;
static struct kaal_pool_slot pool_slots[CAPACITY];
static struct kaal_pool_slot loan_slots[CAPACITY];
static uint32_t tags[IN_FLIGHT];

static uint32_t message_bytes;
static size_t region_bytes;
static struct kaal_channel_region *own;
static struct kaal_channel_region *peer;

/* Regions of exactly the size needed, so that AddressSanitizer sees each step outside. */
static void make_regions(uint32_t bytes)
{
    message_bytes = bytes;
    rig_make(bytes, CAPACITY);
    rig_free();
    region_bytes = kaal_channel_region_bytes(bytes, CAPACITY);
    own = aligned_alloc(64, region_bytes);
    peer = aligned_alloc(64, region_bytes);
    rig.a.channel.own_vaddr = (uintptr_t)own;
    rig.a.channel.peer_vaddr = (uintptr_t)peer;
    rig.a.channel.region_bytes = (uint32_t)region_bytes;
}

static void free_regions(void)
{
    free(own);
    free(peer);
}

/* ---- states: how many messages wait in each direction, and where the indices stand ---- */

struct start {
    uint32_t base; /* both indices of both directions */
    uint32_t sent; /* by the victim, not consumed */
    uint32_t waiting;
};

static const struct start starts[] = {
    {0, 0, 0},
    {0, CAPACITY, CAPACITY},
    {3, 1, 2},
    {UINT32_MAX - 1, 2, 3},
};

static void reset(const struct start *start)
{
    memset(own, 0, region_bytes);
    memset(peer, 0, region_bytes);
    own->produced = start->base + start->sent;
    own->consumed = start->base;
    peer->produced = start->base + start->waiting;
    peer->consumed = start->base;
    rig.now_ns = 0;
    rig.armed_ns = KAAL_NO_DEADLINE;
    rig.a.channel.generation = 1;
    rig.a.channel.peer_state = KAAL_PEER_RUNNING;
}

static void reset_channel(const struct start *start)
{
    reset(start);
    for (uint32_t slot = 0; slot < CAPACITY; slot++) {
        struct item item = {slot + 1, 3 * (slot + 1), {0, 0}};
        memcpy(peer->messages + slot * sizeof(item), &item, sizeof(item));
    }
    assert_int_equal(item_channel_open(&victim, &rig.a), KAAL_OK);
    struct kaal_pool_memory memory = {
        .vaddr = peer->messages, .buffer_bytes = message_bytes, .count = CAPACITY};
    assert_int_equal(kaal_loans_init(&loans, &memory, loan_slots, CAPACITY, &victim.channel),
                     KAAL_OK);
    memory.vaddr = own->messages;
    assert_int_equal(kaal_pool_init(&pool, &memory, pool_slots, CAPACITY, &victim.channel),
                     KAAL_OK);
}

/* Each of the peer's messages lends one of its buffers, or gives back one of ours: all are lent. */
static void reset_pool(const struct start *start)
{
    reset_channel(start);
    for (uint32_t slot = 0; slot < CAPACITY; slot++) {
        struct kaal_buffer part;
        uint32_t index;
        assert_int_equal(kaal_pool_get(&pool, &index), KAAL_OK);
        assert_int_equal(kaal_pool_lend(&pool, index, 0, message_bytes / 2, &part), KAAL_OK);
        memcpy(peer->messages + index * message_bytes, &part, sizeof(part));
    }
}

/* The peer's messages are replies to the first calls, then refusals to nobody of before. */
static void reset_client(const struct start *start)
{
    struct start empty = {start->base, 0, 0};
    struct question question = {{0, 0, 0}};
    reset(&empty);
    assert_int_equal(quiz_client_open(&client, &rig.a), KAAL_OK);
    for (uint32_t i = 0; i < IN_FLIGHT; i++) {
        assert_int_equal(quiz_submit(&client, &question, 1000 + i, &tags[i]), KAAL_OK);
    }
    for (uint32_t i = 0; i < start->waiting; i++) {
        uint32_t slot = (start->base + i) % CAPACITY;
        struct quiz_message message = {
            .header = {.tag = tags[i % IN_FLIGHT], .client = 1, .server = i < IN_FLIGHT},
            .reply = {.number = 77}};
        memcpy(peer->messages + slot * message_bytes, &message, sizeof(message));
    }
    peer->produced = start->base + start->waiting;
}

static void reset_server(const struct start *start)
{
    reset(start);
    for (uint32_t i = 0; i < start->waiting; i++) {
        uint32_t slot = (start->base + i) % CAPACITY;
        struct quiz_message message = {
            .header = {.tag = i, .client = 1, .server = i != 1, .status = KAAL_CALL_REQUEST}};
        memcpy(peer->messages + slot * message_bytes, &message, sizeof(message));
    }
    assert_int_equal(quiz_server_open(&server, &rig.a), KAAL_OK);
}

/* ---- operations; each checks its own result ---- */

static void check_error(int error, int also_allowed)
{
    assert_true(error == KAAL_OK || error == KAAL_ERR_PEER || error == also_allowed);
}

static void check_item(const struct item *item, uint32_t index)
{
    assert_int_equal(item->number, index % CAPACITY + 1);
    assert_int_equal(item->tail, 3 * item->number);
}

static void op_count(void)
{
    int count = item_channel_count(&victim);
    assert_true(count == KAAL_ERR_PEER || (count >= 0 && count <= (int)CAPACITY));
}

static void op_room(void)
{
    int room = item_channel_room(&victim);
    assert_true(room == KAAL_ERR_PEER || (room >= 0 && room <= (int)CAPACITY));
}

static void op_send(void)
{
    struct item item = {1, 2, {3, 4}};
    check_error(item_channel_send(&victim, &item), KAAL_ERR_FULL);
}

static void op_send_any(void)
{
    struct item item = {1, 2, {3, 4}};
    check_error(kaal_channel_send(&victim.channel, &item), KAAL_ERR_FULL);
}

static void op_send_batch(void)
{
    struct item items[CAPACITY] = {{0}};
    int sent = item_channel_send_batch(&victim, items, CAPACITY);
    assert_true(sent == KAAL_ERR_PEER || (sent >= 0 && sent <= (int)CAPACITY));
}

static void op_receive(void)
{
    struct item item;
    uint32_t index = kaal_channel_consumed(&victim.channel);
    int error = item_channel_try_recv(&victim, &item);
    check_error(error, KAAL_ERR_EMPTY);
    if (error == KAAL_OK) {
        check_item(&item, index);
    }
}

static void op_receive_batch(void)
{
    struct item items[CAPACITY];
    uint32_t index = kaal_channel_consumed(&victim.channel);
    int got = kaal_channel_try_recv_batch(&victim.channel, items, CAPACITY);
    assert_true(got == KAAL_ERR_PEER || (got >= 0 && got <= (int)CAPACITY));
    for (int i = 0; i < got; i++) {
        check_item(&items[i], index + (uint32_t)i);
    }
}

static void op_reserve(void)
{
    uint32_t count;
    struct item *slots = kaal_channel_reserve(&victim.channel, &count);
    assert_true((slots != NULL) == (count != 0) && count <= CAPACITY);
    for (uint32_t i = 0; i < count; i++) {
        slots[i] = (struct item){9, 9, {9, 9}};
    }
    kaal_channel_commit(&victim.channel, count);
    kaal_channel_notify(&victim.channel);
}

static void op_peek(void)
{
    uint32_t count;
    uint32_t index = kaal_channel_consumed(&victim.channel);
    const struct item *slots = kaal_channel_peek(&victim.channel, &count);
    assert_true((slots != NULL) == (count != 0) && count <= CAPACITY);
    for (uint32_t i = 0; i < count; i++) {
        check_item(&slots[i], index + i);
    }
    kaal_channel_consume(&victim.channel, count);
    kaal_channel_notify(&victim.channel);
}

static void op_prepare_receive(void)
{
    (void)kaal_channel_prepare_receive(&victim.channel);
}

static void op_prepare_send(void)
{
    (void)kaal_channel_prepare_send(&victim.channel, 2);
}

static void op_send_blocking(void)
{
    struct item item = {1, 2, {3, 4}};
    check_error(item_channel_send_blocking(&victim, &item, 500), KAAL_ERR_TIMEOUT);
}

static void op_receive_blocking(void)
{
    struct item item;
    uint32_t index = kaal_channel_consumed(&victim.channel);
    int error = item_channel_recv_blocking(&victim, &item, 500);
    check_error(error, KAAL_ERR_TIMEOUT);
    if (error == KAAL_OK) {
        check_item(&item, index);
    }
}

static void op_wait(void)
{
    struct kaal_wait wait = {.channel = &victim.channel, .receive = true, .room = 1};
    uint32_t index = 0;
    check_error(kaal_channel_wait(&wait, 1, 500, &index), KAAL_ERR_TIMEOUT);
}

static void op_open(void)
{
    assert_int_equal(item_channel_open(&victim, &rig.a), KAAL_OK);
}

static void op_reconnect(void)
{
    check_error(kaal_channel_reconnect(&victim.channel), KAAL_ERR_PEER);
}

/* A buffer in each message; whatever is accepted lies in the peer's buffers. */
static void op_accept(void)
{
    struct item item;
    const void *data;
    if (item_channel_try_recv(&victim, &item) != KAAL_OK) {
        return;
    }
    struct kaal_buffer buffer;
    memcpy(&buffer, &item, sizeof(buffer));
    int error = kaal_loans_accept(&loans, &buffer, &data);
    assert_true(error == KAAL_OK || error == KAAL_ERR_PEER || error == KAAL_ERR_STATE);
    assert_int_equal(loans.held, error == KAAL_OK);
    if (error == KAAL_OK) {
        const uint8_t *bytes = data;
        assert_true(bytes >= peer->messages &&
                    bytes + buffer.bytes <= peer->messages + CAPACITY * message_bytes);
        assert_int_equal(kaal_loans_release(&loans, buffer.handle), KAAL_OK);
    }
}

/* A handle in each message; each buffer comes back once. */
static void op_return(void)
{
    struct item item;
    uint32_t back = 0;
    while (item_channel_try_recv(&victim, &item) == KAAL_OK) {
        uint32_t index = CAPACITY;
        int error = kaal_pool_return(&pool, (uint32_t)item.number, &index);
        assert_true(error == KAAL_OK || error == KAAL_ERR_PEER || error == KAAL_ERR_STATE);
        if (error == KAAL_OK) {
            assert_in_range(index, 0, CAPACITY - 1);
            assert_int_equal(back & UINT32_C(1) << index, 0);
            back |= UINT32_C(1) << index;
            kaal_pool_put(&pool, index); /* asserts that nobody else has it */
        }
    }
    assert_int_equal(pool.free, __builtin_popcount(back));
    assert_int_equal(pool.free + pool.lent, CAPACITY);
}

static void op_await_message(void)
{
    check_error(kaal_channel_await_message(&victim.channel, 500), KAAL_ERR_TIMEOUT);
}

static void op_await_room(void)
{
    check_error(kaal_channel_await_room(&victim.channel, 2, 500), KAAL_ERR_TIMEOUT);
}

static void op_client_sleep(void)
{
    uint64_t deadline_ns;
    (void)kaal_client_prepare_sleep(&client.client, &deadline_ns);
}

static void op_client_reconnect(void)
{
    struct kaal_completion completion;
    check_error(kaal_client_reconnect(&client.client), KAAL_ERR_PEER);
    unsigned count = 0;
    while (quiz_collect(&client, &completion) == KAAL_OK) {
        assert_true(++count <= IN_FLIGHT);
    }
}

static void op_server_sleep(void)
{
    struct question question;
    uint32_t tag;
    (void)kaal_server_prepare_sleep(&server.server);
    check_error(quiz_next(&server, &tag, &question), KAAL_ERR_EMPTY);
    (void)kaal_server_prepare_sleep(&server.server);
}

static void op_server_reconnect(void)
{
    check_error(kaal_server_reconnect(&server.server), KAAL_ERR_PEER);
    assert_int_equal(server.server.in_service, 0);
}

static void op_collect(void)
{
    struct kaal_completion completion;
    for (uint32_t i = 0; i <= IN_FLIGHT; i++) {
        int error = quiz_collect(&client, &completion);
        check_error(error, KAAL_ERR_EMPTY);
        assert_true(i < IN_FLIGHT || error != KAAL_OK); /* no more completions than calls */
        if (error != KAAL_OK) {
            break;
        }
        assert_true(completion.status <= 0);
    }
}

static void op_await(void)
{
    struct answer answer;
    assert_true(quiz_await(&client, tags[0], &answer) <= 0);
    assert_true(rig.now_ns <= 1000);
}

/* With one place free, which a late reply may have to make. */
static void op_call(void)
{
    struct question question = {{0, 0, 0}};
    struct answer answer;
    struct kaal_completion completion;
    (void)kaal_client_cancel(&client.client, tags[0]);
    (void)quiz_collect(&client, &completion);
    assert_true(quiz_call(&client, &question, &answer, 2000) <= 0);
    assert_true(rig.now_ns <= 2000);
}

static void op_cancel(void)
{
    check_error(kaal_client_cancel(&client.client, tags[1]), KAAL_ERR_NOT_FOUND);
}

static void op_serve(void)
{
    struct question question;
    uint32_t taken[CAPACITY];
    uint32_t count = 0;
    int error = KAAL_OK;
    while (count < CAPACITY && (error = quiz_next(&server, &taken[count], &question)) == KAAL_OK) {
        count++;
    }
    check_error(error, KAAL_ERR_EMPTY);
    assert_true(count <= IN_FLIGHT);
    for (uint32_t i = 0; i < count; i++) {
        check_error(quiz_reply(&server, taken[i], KAAL_OK, NULL), KAAL_ERR_PEER);
    }
}

struct operation {
    const char *name;
    void (*run)(void);
    void (*reset)(const struct start *start);
};

static const struct operation operations[] = {
    {"count", op_count, reset_channel},
    {"room", op_room, reset_channel},
    {"send", op_send, reset_channel},
    {"send (any size)", op_send_any, reset_channel},
    {"send_batch", op_send_batch, reset_channel},
    {"try_recv", op_receive, reset_channel},
    {"try_recv_batch", op_receive_batch, reset_channel},
    {"reserve, commit", op_reserve, reset_channel},
    {"peek, consume", op_peek, reset_channel},
    {"prepare_receive", op_prepare_receive, reset_channel},
    {"prepare_send", op_prepare_send, reset_channel},
    {"send_blocking", op_send_blocking, reset_channel},
    {"recv_blocking", op_receive_blocking, reset_channel},
    {"wait", op_wait, reset_channel},
    {"open", op_open, reset_channel},
    {"reconnect", op_reconnect, reset_channel},
    {"await_message", op_await_message, reset_channel},
    {"await_room", op_await_room, reset_channel},
    {"accept", op_accept, reset_pool},
    {"return", op_return, reset_pool},
    {"client: sleep", op_client_sleep, reset_client},
    {"client: reconnect", op_client_reconnect, reset_client},
    {"collect", op_collect, reset_client},
    {"await", op_await, reset_client},
    {"call", op_call, reset_client},
    {"cancel", op_cancel, reset_client},
    {"serve", op_serve, reset_server},
    {"server: sleep", op_server_sleep, reset_server},
    {"server: reconnect", op_server_reconnect, reset_server},
};
#define OPERATIONS (sizeof(operations) / sizeof(operations[0]))

/* ---- the peer's changes ---- */

static uint32_t *word;
static uint32_t value;
static uint32_t honest;
static unsigned change_at;
static bool blink;

static void change(unsigned point)
{
    if (point == change_at) {
        *word = value;
    } else if (point == change_at + 1 && blink) {
        *word = honest;
    }
}

/* Whatever happened, a successor that opens the peer's end honestly is understood. */
static void check_successor(struct kaal_channel *channel)
{
    struct item item = {5, 6, {7, 8}};
    peer->produced = kaal_channel_consumed(channel);
    peer->consumed = kaal_channel_produced(channel);
    rig.a.channel.generation++;
    assert_int_equal(kaal_channel_reconnect(channel), KAAL_OK);
    assert_int_equal(kaal_channel_room(channel), CAPACITY);
    assert_int_equal(kaal_channel_count(channel), 0);
    struct item message = {0};
    assert_int_equal(kaal_channel_send(channel, &message), KAAL_OK);
    memcpy(peer->messages + kaal_channel_offset(peer->produced, message_bytes, CAPACITY), &item,
           sizeof(item));
    peer->produced++;
    assert_int_equal(kaal_channel_try_recv(channel, &message), KAAL_OK);
    assert_memory_equal(&message, &item, sizeof(item));
}

static struct kaal_channel *channel_of(const struct operation *operation)
{
    return operation->reset == reset_client   ? &client.client.channel
           : operation->reset == reset_server ? &server.server.channel
                                              : &victim.channel;
}

static unsigned run(const struct operation *operation, const struct start *start, hostile_hook hook)
{
    operation->reset(start);
    honest = word == NULL ? 0 : *word;
    rig.rings_b = 0;
    hostile_watch(peer, region_bytes, POINTS_MAX, hook);
    operation->run();
    unsigned points = hostile_unwatch();
    assert_in_range(rig.rings_b, 0, 16);
    check_successor(channel_of(operation));
    return points;
}

/* Words of the peer's region: the four of its header, and those of its first messages. */
static uint32_t *word_at(unsigned index)
{
    switch (index) {
    case 0:
        return (uint32_t *)&peer->produced;
    case 1:
        return (uint32_t *)&peer->consumed;
    case 2:
        return (uint32_t *)&peer->wake_data;
    case 3:
        return (uint32_t *)&peer->wake_room;
    default:
        return (uint32_t *)peer->messages + (index - 4);
    }
}

static void test_every_word_at_every_point_of_every_operation(void **state)
{
    (void)state;
    unsigned long runs = 0;
    for (size_t o = 0; o < OPERATIONS; o++) {
        const struct operation *operation = &operations[o];
        bool has_words = operation->reset != reset_channel;
        unsigned words = 4 + (has_words ? CAPACITY * message_bytes / 4 : 0);
        unsigned most = 0;
        for (size_t s = 0; s < sizeof(starts) / sizeof(starts[0]); s++) {
            uint32_t base = starts[s].base;
            const uint32_t values[] = {base,     base + 1,  base + 2,    base + CAPACITY,
                                       base + 5, base + 9,  base - 1,    base - 9,
                                       0,        1,         0xffff,      0x10001,
                                       0x20003,  INT32_MAX, 0x80000000u, UINT32_MAX};
            word = NULL;
            unsigned points = run(operation, &starts[s], NULL);
            most = points > most ? points : most;
            for (unsigned w = 0; w < words; w++) {
                word = word_at(w);
                for (size_t v = 0; v < sizeof(values) / sizeof(values[0]); v++) {
                    for (unsigned both = 0; both < 2 * points; both++) {
                        value = values[v];
                        change_at = both / 2;
                        blink = both % 2 == 1;
                        (void)run(operation, &starts[s], change);
                        runs++;
                    }
                }
            }
        }
        printf("%-18s up to %u looks at the peer's memory\n", operation->name, most);
        assert_true(most > 0);
    }
    printf("%lu runs\n", runs);
}

static uint32_t random_value(void)
{
    uint32_t near = *word_at((unsigned)rand() % 2);
    return rand() % 2 == 0 ? near + (uint32_t)(rand() % 12) - 6 : (uint32_t)rand() << (rand() % 8);
}

static void change_often(unsigned point)
{
    (void)point;
    while (rand() % 3 == 0) {
        *word_at((unsigned)rand() % (4 + CAPACITY * message_bytes / 4)) = random_value();
    }
}

/* Many changes, also within one operation. Data is the peer's to change here, so only bounds count.
 */
static void test_many_changes_at_random_points(void **state)
{
    (void)state;
    word = NULL;
    for (unsigned seed = 1; seed <= 20000; seed++) {
        srand(seed);
        const struct operation *operation = &operations[(unsigned)rand() % OPERATIONS];
        if (operation->run == op_receive || operation->run == op_receive_batch ||
            operation->run == op_peek || operation->run == op_receive_blocking) {
            continue; /* these compare data */
        }
        (void)run(operation, &starts[(unsigned)rand() % 4], change_often);
    }
}

static int set_up(void **state)
{
    (void)state;
    make_regions(sizeof(struct item));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    free_regions();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_word_at_every_point_of_every_operation),
        cmocka_unit_test(test_many_changes_at_random_points),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
