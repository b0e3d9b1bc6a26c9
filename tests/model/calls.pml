/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Calls and reconnection: runtime/ipc/call_client.c, call_server.c and the words that init writes
 * (components/init/channels.c). One client makes calls to one server; init may kill either at any
 * of its steps and starts it again, or leaves the server dead for ever.
 *
 * The rings are queues here and a wish to be woken is a flag, because channel.pml shows that they may
 * be. A doorbell is a bit that a wait takes. init's words are stored in the order of its code.
 *
 * Checked: nobody waits for ever (a client that is not done when nothing can happen any more is an
 * invalid end state); each call completes once, with the answer to its own request or without one;
 * what the server answered before its death arrives; no request is handed out twice, or after its
 * client's death was noticed; nothing between honest ends looks like a lie; what a request lent
 * comes back, and only when the server no longer holds the request.
 * The macros SIGNAL_FIRST, NOTED_LATE and WITHOUT_* plant mistakes; each must be found.
 */
#define CAPACITY 2 /* of each ring */
#define PLACES   2 /* calls in flight */
#ifndef CALLS
#define CALLS 2 /* of each instance of the client */
#endif
#ifndef SERVER_DEATHS
#define SERVER_DEATHS 2
#endif
#ifndef CLIENT_DEATHS
#define CLIENT_DEATHS 1
#endif
#define IDS (1 + CALLS * (1 + CLIENT_DEATHS))

mtype = { STOPPED, RUNNING, GONE };   /* what init says of an end */
mtype = { UNUSED, IN_FLIGHT, ABANDONED, OVER }; /* a call, for its client */

/* Written by init. */
mtype server_state = RUNNING;
byte server_generation = 1;
byte client_generation = 1;
bool kill_server, kill_client;

/* tag, client's generation, server's generation, which submission of all; replies: refused? */
chan requests = [CAPACITY] of { byte, byte, byte, byte };
chan replies = [CAPACITY] of { byte, byte, byte, byte, bool };
bool bell_client, bell_server;
bool asks_reply, asks_request, asks_client_room, asks_server_room;
/* Both sides: sent or taken something that the other was not told of. */
bool untold_request, untold_taken_reply, untold_reply, untold_taken_request;

/* For the checks only, by submission: the server holds it, handed it out, answered it. */
bool held[IDS], handed_out[IDS], answered[IDS];
byte submissions;
bool client_done;

inline tell_server()
{
    atomic {
        if
        :: untold_request && asks_request -> bell_server = true; asks_request = false
        :: else -> skip
        fi;
        if
        :: untold_taken_reply && asks_server_room -> bell_server = true; asks_server_room = false
        :: else -> skip
        fi;
        untold_request = false;
        untold_taken_reply = false
    }
}

inline tell_client()
{
    atomic {
        if
        :: untold_reply && asks_reply -> bell_client = true; asks_reply = false
        :: else -> skip
        fi;
        if
        :: untold_taken_request && asks_client_room -> bell_client = true; asks_client_room = false
        :: else -> skip
        fi;
        untold_reply = false;
        untold_taken_request = false
    }
}

/* ---- the client ---- */

/* Two loads, in the other order than init's stores. */
inline look_whether_gone()
{
    gone = (server_state != RUNNING);
    gone = gone || server_generation != known
}

inline complete(which, by_server)
{
    assert(!by_server || answer_id == id_of[which]);
    assert(by_server || !answered[id_of[which]]);
    completions++
}

/* What the request lent is the client's again. */
inline release(which)
{
    assert(!held[id_of[which]])
}

/* take_reply() of the oldest reply. */
inline take_reply()
{
    atomic {
        replies?tag,client_was,server_was,answer_id,refused;
        untold_taken_reply = true;
        if
#ifndef WITHOUT_GENERATIONS
        :: client_was != mine || server_was != known -> skip
#endif
        :: else ->
            if
            :: call[tag] == IN_FLIGHT ->
                if
                :: refused -> completions++
                :: else -> complete(tag, true)
                fi;
                call[tag] = OVER
            :: call[tag] == ABANDONED ->
                release(tag);
                call[tag] = OVER
            :: else -> /* a lie, if the server runs that we talk to */
#ifdef WITHOUT_THIRD_LOOK
                assert(gone)
#else
                assert(gone || server_state != RUNNING || server_generation != known)
#endif
            fi
        fi;
        tag = 0; client_was = 0; server_was = 0; answer_id = 0; refused = false
    }
}

inline end_calls()
{
    atomic {
        i = 1;
        do
        :: i > CALLS -> break
        :: else ->
            if
            :: call[i] == IN_FLIGHT ->
                complete(i, false);
                release(i);
                call[i] = OVER
            :: call[i] == ABANDONED ->
                release(i);
                call[i] = OVER
            :: else -> skip
            fi;
            i++
        od;
        i = 0
    }
}

/* That the server is gone is noted before the look at the ring. */
inline pump()
{
#ifndef NOTED_LATE
    look_whether_gone();
#endif
    do
    :: atomic { nempty(replies) -> take_reply() }
    :: atomic { empty(replies) -> break }
    od;
#ifdef NOTED_LATE
    look_whether_gone();
#endif
    tell_server();
    if
    :: gone -> end_calls()
    :: else -> skip
    fi
}

/* A deadline of a call in flight passes. */
inline pass_deadline()
{
    atomic {
        if
        :: call[1] == IN_FLIGHT -> call[1] = ABANDONED; completions++
        :: CALLS > 1 && call[CALLS] == IN_FLIGHT -> call[CALLS] = ABANDONED; completions++
        :: else -> skip
        fi
    }
}

#define IN_USE(which) (call[which] == IN_FLIGHT || call[which] == ABANDONED)

/* kaal_client_submit() of the next call, once the server is known not to be gone. */
inline submit()
{
    atomic {
        if
        :: len(requests) == CAPACITY -> wants_room = true
        :: else ->
            made++;
            submissions++;
            call[made] = IN_FLIGHT;
            id_of[made] = submissions;
            requests!made,mine,known,submissions;
            untold_request = true
        fi
    };
    tell_server()
}

#define ALL_OVER (made == CALLS && completions == CALLS && !IN_USE(1) && !IN_USE(CALLS))

inline use_server()
{
    known = server_generation;
    bell_server = true; /* open, reconnect */
    do
    :: ALL_OVER -> break
    :: else ->
        pump();
        wants_room = false;
        if
        :: gone ->
            /* kaal_client_reconnect() */
            if
            :: server_state == RUNNING ->
                known = server_generation;
                bell_server = true
            :: server_state == GONE ->
                atomic {
                    completions = completions + CALLS - made; /* nobody to be asked */
                    made = CALLS
                }
            :: server_state == STOPPED ->
                atomic { bell_client -> bell_client = false }
            fi
        :: else ->
            if
            :: made < CALLS ->
                look_whether_gone();
                if
                :: gone -> skip
                :: else -> submit()
                fi
            :: true -> skip
            fi;
            if
            :: pass_deadline()
            :: true -> skip
            fi;
            if
            :: ALL_OVER || (made < CALLS && !wants_room) -> skip /* that was all; more to submit */
            :: else ->
                /* kaal_client_prepare_sleep() */
                tell_server();
                atomic {
                    asks_reply = true;
                    asks_client_room = wants_room
                };
                if
                :: len(replies) > 0 || (wants_room && len(requests) < CAPACITY) -> skip
                :: else ->
                    look_whether_gone();
                    if
                    :: gone -> skip
                    :: else -> atomic { bell_client -> bell_client = false }
                    fi
                fi
            fi
        fi
    od
}

active proctype client()
{
    byte mine = 1; /* generation */
    byte known, made, completions, i;
    byte tag, client_was, server_was, answer_id;
    bool gone, refused, wants_room;
    mtype call[CALLS + 1];
    byte id_of[CALLS + 1];
again:
    {
        atomic {
            made = 0; completions = 0; gone = false; wants_room = false; known = 0;
            tag = 0; client_was = 0; server_was = 0; answer_id = 0; refused = false;
            i = 0;
            do
            :: i > CALLS -> break
            :: else -> call[i] = UNUSED; id_of[i] = 0; i++
            od;
            i = 0
        };
        use_server();
        assert(completions == CALLS);
        client_done = true
    } unless {
        atomic { kill_client -> kill_client = false }
    };
    if
    :: client_done -> skip
    :: else -> atomic { (client_generation != mine) -> mine++ }; goto again
    fi
}

/* ---- the server ---- */

/* kaal_server_next() for one request. */
inline take_request()
{
    requests?<tag,client_was,server_was,id>;
    lost = false;
    if
    :: client_was != known -> /* a dead client's, or the first of one that is not noticed yet */
#ifndef WITHOUT_SECOND_LOOK
        lost = (client_generation != known)
#else
        skip
#endif
    :: else ->
        if
#ifndef WITHOUT_GENERATIONS
        :: server_was != mine ->
            atomic { replies!tag,client_was,server_was,id,true; untold_reply = true }
#endif
        :: else ->
            atomic {
                assert(service[tag] == 0); /* a lie, otherwise */
                service[tag] = id;
                held[id] = true;
                in_service++
            }
        fi
    fi;
    atomic {
        if
        :: lost -> skip
        :: else ->
            requests?_,_,_,_;
            untold_taken_request = true
        fi;
        if
        :: id != 0 && service[tag] == id && client_was == known ->
            assert(!handed_out[id]);
            handed_out[id] = true
        :: else -> skip
        fi;
        tag = 0; client_was = 0; server_was = 0; id = 0; lost = false
    }
}

inline reply_to(which)
{
    atomic {
        assert(nfull(replies)); /* there is always room */
        replies!which,known,mine,service[which],false;
        answered[service[which]] = true;
        held[service[which]] = false;
        service[which] = 0;
        in_service--;
        untold_reply = true
    }
}

/* What was handed out belongs to a dead client. */
inline forget()
{
    atomic {
        if
        :: service[1] != 0 -> held[service[1]] = false; service[1] = 0
        :: else -> skip
        fi;
        if
        :: service[CALLS] != 0 -> held[service[CALLS]] = false; service[CALLS] = 0
        :: else -> skip
        fi;
        in_service = 0
    }
}

#define ROOM (len(replies) + in_service + 1 <= CAPACITY)

inline serve()
{
    known = client_generation;
    bell_client = true;
    do
    :: client_generation != known ->
        forget();
        known = client_generation;
        bell_client = true
    :: else ->
        if
        :: len(requests) > 0 && ROOM -> take_request()
        :: service[1] != 0 -> reply_to(1); tell_client()
        :: CALLS > 1 && service[CALLS] != 0 -> reply_to(CALLS); tell_client()
        :: in_service == 0 && !(len(requests) > 0 && ROOM) ->
            /* kaal_server_prepare_sleep() */
            tell_client();
            if
            :: ROOM ->
                asks_request = true;
                if
                :: len(requests) > 0 -> skip
                :: else ->
end_idle:           atomic { bell_server -> bell_server = false }
                fi
            :: else ->
#ifndef WITHOUT_ROOM_WISH
                asks_server_room = true;
#endif
                if
                :: ROOM -> skip
                :: else ->
end_full:           atomic { bell_server -> bell_server = false }
                fi
            fi
        fi
    od
}

active proctype server()
{
    byte mine = 1; /* generation */
    byte known, in_service;
    byte tag, client_was, server_was, id;
    bool lost;
    byte service[CALLS + 1]; /* the submission that was handed out, by tag; 0: none */
again:
    {
        atomic {
            known = 0; in_service = 0; tag = 0; client_was = 0; server_was = 0; id = 0; lost = false;
            service[1] = 0;
            service[CALLS] = 0
        };
        serve()
    } unless {
        atomic { kill_server -> forget(); kill_server = false }
    };
end_dead:
    atomic { (server_generation != mine) -> mine++ };
    goto again
}

/* ---- init ---- */

inline announce_server(state)
{
#ifdef SIGNAL_FIRST
    bell_client = true;
    server_state = state
#else
    server_state = state;
    bell_client = true
#endif
}

active proctype init_task()
{
    byte server_deaths, client_deaths;
end_quiet:
    do
    :: server_deaths < SERVER_DEATHS ->
        server_deaths++;
        kill_server = true;
        (!kill_server); /* its threads are suspended */
        announce_server(STOPPED);
        if
        :: true ->
            server_generation++;
            announce_server(RUNNING)
        :: true ->
            announce_server(GONE);
            server_deaths = SERVER_DEATHS
        fi
    :: client_deaths < CLIENT_DEATHS && !client_done ->
        client_deaths++;
        atomic {
            if
            :: client_done -> skip
            :: else -> kill_client = true
            fi
        };
        if
        :: client_done -> skip
        :: !kill_client ->
            client_generation++;
            bell_server = true
        fi
    od
}
