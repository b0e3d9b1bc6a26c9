/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The sleep/wake protocol of runtime/ipc/channel.c: one direction of a channel, its producer and its
 * consumer, each of which may be killed once at any step and replaced by a new instance.
 *
 * Every shared word has one writer. A store first goes to the writer's store buffer (one entry per
 * word, drained at any time by process `memory`), as on a machine whose stores become visible late;
 * FENCE, which stands for the sequentially consistent accesses, waits until the writer's buffer is empty. Reading the other side's words reads memory.
 * A doorbell is a notification: a bit that a wait takes.
 *
 * Checked: no state in which nobody can go on although messages are left (a lost wake-up is such a
 * state), number of messages, room never exceeded, and at most one ring per wish to be woken.
 * The macros WITHOUT_* plant the mistakes that the protocol guards against; each must be found.
 */
#define CAPACITY 2
#ifndef MESSAGES
#define MESSAGES 3
#endif
#define FIRST    14 /* indices are 4 bits and wrap on the way */
#define MOD(x)   ((x) & 15)

/* What memory holds, what the writer stored, and whether it is on its way. */
byte produced = FIRST, produced_new;   bool produced_late;
byte consumed = FIRST, consumed_new;   bool consumed_late;
byte wake_data = FIRST, wake_data_new; bool wake_data_late;
byte wake_room = FIRST, wake_room_new; bool wake_room_late;

bool bell_producer, bell_consumer;
byte rings_data, asks_data;
byte received;
bool kill_producer, kill_consumer;
bool producer_done, consumer_done;

#define STORE(word, value)                                                                         \
    atomic {                                                                                       \
        !word##_late -> word##_new = value;                                                        \
        word##_late = true                                                                         \
    }

#ifdef WITHOUT_FENCE
#define FENCE(a, b) skip
#else
#define FENCE(a, b) (!a##_late && !b##_late)
#endif

/* before <= event < now, modulo 16 */
#define PASSED(event, before, now) (MOD(now - event - 1) < MOD(now - before))

active proctype memory()
{
end:
    do
    :: atomic { produced_late -> produced = produced_new; produced_late = false }
    :: atomic { consumed_late -> consumed = consumed_new; consumed_late = false }
    :: atomic { wake_data_late -> wake_data = wake_data_new; wake_data_late = false }
    :: atomic { wake_room_late -> wake_room = wake_room_new; wake_room_late = false }
    od
}

#ifndef WITHOUT_DEATHS
/* Kills each end at most once, at any moment. */
active proctype killer()
{
    bool killed_producer = false;
    bool killed_consumer = false;
end:
    do
    :: !killed_producer -> atomic { killed_producer = true; kill_producer = true }
    :: !killed_consumer -> atomic { killed_consumer = true; kill_consumer = true }
    od
}
#endif

/* One instance of the producer, from open to the last message or its death. */
inline produce()
{
    /* open: indices from its own region, whose late stores have arrived by then */
    (!produced_late && !wake_room_late);
    mine = produced;
    notified = mine;
#ifndef WITHOUT_RING_AT_OPEN
    bell_consumer = true;
#endif
    do
    :: MOD(mine - FIRST) == MESSAGES -> break
    :: else ->
        seen = consumed;
        assert(MOD(mine - seen) <= CAPACITY);
        if
        :: MOD(mine - seen) < CAPACITY ->
            mine = MOD(mine + 1);
            STORE(produced, mine);
            if
            :: MOD(mine - FIRST) != MESSAGES -> skip /* a batch: notify later */
            :: true ->
                FENCE(produced, wake_room);
                seen = wake_data;
                if
                :: PASSED(seen, notified, mine) -> atomic { bell_consumer = true; rings_data++ }
                :: else -> skip
                fi;
                notified = mine
            fi
        :: else ->
            /* full: whatever was not told yet is told before sleeping */
            FENCE(produced, wake_room);
            seen = wake_data;
            if
            :: PASSED(seen, notified, mine) -> atomic { bell_consumer = true; rings_data++ }
            :: else -> skip
            fi;
            notified = mine;
            STORE(wake_room, MOD(mine - CAPACITY));
            FENCE(produced, wake_room);
#ifndef WITHOUT_SECOND_LOOK
            seen = consumed;
#endif
            if
            :: MOD(mine - seen) < CAPACITY -> skip
            :: else -> atomic { bell_producer -> bell_producer = false }
            fi
        fi
    od
}

inline consume()
{
    (!consumed_late && !wake_data_late);
    mine = consumed;
    notified = mine;
#ifndef WITHOUT_RING_AT_OPEN
    bell_producer = true;
#endif
    do
    :: MOD(mine - FIRST) == MESSAGES -> break
    :: else ->
        seen = produced;
        assert(MOD(seen - mine) <= CAPACITY);
        if
        :: seen != mine ->
            mine = MOD(mine + 1);
            atomic {
                !consumed_late -> consumed_new = mine;
                consumed_late = true;
                received++
            }
            if
            :: MOD(mine - FIRST) != MESSAGES -> skip
            :: true ->
                FENCE(consumed, wake_data);
                seen = wake_room;
                if
                :: PASSED(seen, notified, mine) -> bell_producer = true
                :: else -> skip
                fi;
                notified = mine
            fi
        :: else ->
            FENCE(consumed, wake_data);
            seen = wake_room;
            if
            :: PASSED(seen, notified, mine) -> bell_producer = true
            :: else -> skip
            fi;
            notified = mine;
            STORE(wake_data, mine);
            asks_data++;
            FENCE(consumed, wake_data);
#ifndef WITHOUT_SECOND_LOOK
            seen = produced;
#else
            seen = mine;
#endif
            if
            :: seen != mine -> skip
            :: else -> atomic { bell_consumer -> bell_consumer = false }
            fi
        fi
    od
}

active proctype producer()
{
    byte mine, notified, seen;
    do
    :: true ->
        {
            produce();
            producer_done = true;
            break
        } unless {
            kill_producer && !producer_done -> kill_producer = false
        }
    od;
    assert(producer_done)
}

active proctype consumer()
{
    byte mine, notified, seen;
    do
    :: true ->
        {
            consume();
            consumer_done = true;
            break
        } unless {
            kill_consumer && !consumer_done -> kill_consumer = false
        }
    od;
    assert(received == MESSAGES);
#ifdef WITHOUT_DEATHS
    /* One ring per wish to be woken; one more because a fresh region reads as a wish. */
    assert(rings_data <= asks_data + 1)
#endif
}
