/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A message's badge says what it is: bit 63 set, init's own notification; BADGE_FAULT set, a fault;
 * otherwise a broker call of component badge - 1. One Reply object is enough: calls are answered
 * before the next receive, and a thread whose fault is not answered ends anyway.
 */
#include "serve.h"

#include <string.h>

#include <kaal/assert.h>
#include <kaal/bits.h>
#include <kaal/broker_protocol.h>
#include <kaal/sel4_error.h>

#include "call.h"
#include "channel_state.h"
#include "chaos.h"
#include "deadline.h"
#include "devices.h"
#include "inspect.h"
#include "log.h"
#include "memory.h"
#include "power.h"
#include "report.h"
#include "supervise.h"
#include "watchdog.h"

#define NAME_WORDS      (KAAL_NAME_BYTES / sizeof(seL4_Word))
#define WORDS_OF(type)  ((sizeof(type) + sizeof(seL4_Word) - 1) / sizeof(seL4_Word))
#define LOG_WRITE_BYTES 200u
/* Result, position, length, then text. */
#define LOG_READ_BYTES ((seL4_MsgMaxLength - 3) * sizeof(seL4_Word))

static seL4_CPtr endpoint;
static seL4_CPtr reply;
static seL4_CPtr notification;
static seL4_CPtr backoff;
static seL4_CPtr watchdog;
static seL4_CPtr control;

seL4_CPtr broker_endpoint(void)
{
    return endpoint;
}

seL4_CPtr sched_control(void)
{
    return control;
}

seL4_CPtr backoff_signal(void)
{
    return backoff;
}

seL4_CPtr watchdog_signal(void)
{
    return watchdog;
}

seL4_CPtr init_notification(void)
{
    return notification;
}

/* A capability that signals init with a badge. */
static int make_signal(seL4_Word badge, seL4_CPtr *slot)
{
    struct kaal_cspace *cspace = memory_cspace();
    int error = kaal_cspace_allocate(cspace, slot);
    if (error != KAAL_OK) {
        return error;
    }
    return kaal_error_from_sel4(seL4_CNode_Mint(cspace->root, *slot, cspace->depth, cspace->root,
                                                notification, cspace->depth, seL4_CanWrite, badge));
}

int serve_start(seL4_CPtr sched_control_cap)
{
    struct kaal_arena *arena = memory_arena();
    control = sched_control_cap;
    int error = kaal_arena_allocate(arena, seL4_EndpointObject, 0, 1, &endpoint);
    if (error == KAAL_OK) {
        error = kaal_arena_allocate(arena, seL4_ReplyObject, 0, 1, &reply);
    }
    if (error == KAAL_OK) {
        error = kaal_arena_allocate(arena, seL4_NotificationObject, 0, 1, &notification);
    }
    if (error == KAAL_OK) {
        error = make_signal(BADGE_INIT_BACKOFF, &backoff);
    }
    if (error == KAAL_OK) {
        error = make_signal(BADGE_INIT_WATCHDOG, &watchdog);
    }
    if (error == KAAL_OK) {
        error =
            kaal_error_from_sel4(seL4_TCB_BindNotification(seL4_CapInitThreadTCB, notification));
    }
    return error;
}

void log_refused(struct component *component, const char *what, uint64_t number, const char *why)
{
    if (component_may_log(component)) {
        log_line("init: broker: %s asks for %s %llu: %s", component->description->name, what,
                 (unsigned long long)number, why);
    }
}

static bool allowed(const struct call *call, uint32_t right)
{
    return (call->caller->description->allow & right) != 0;
}

static int call_log_write(struct call *call)
{
    seL4_Word bytes = call->request[0];
    if (bytes > LOG_WRITE_BYTES || bytes > (call->words - 1) * sizeof(seL4_Word)) {
        return KAAL_ERR_INVALID;
    }
    log_component(call->caller->description->name, (const char *)&call->request[1], bytes);
    return KAAL_OK;
}

static int call_log_read(struct call *call)
{
    if (!allowed(call, KAAL_ALLOW_INSPECT)) {
        return KAAL_ERR_DENIED;
    }
    uint64_t position = call->request[0];
    size_t capacity = call->request[1] < LOG_READ_BYTES ? call->request[1] : LOG_READ_BYTES;
    char *text = (char *)&call->answer[3];
    size_t bytes = log_read(&position, text, capacity);
    call->caller->follows_log = bytes == 0;
    put_word(call, position);
    put_word(call, bytes);
    call->out += (bytes + sizeof(seL4_Word) - 1) / sizeof(seL4_Word);
    return KAAL_OK;
}

static int call_timer_arm(struct call *call)
{
    return deadline_arm(&call->caller->deadline, call->request[0], call->caller->timer_signal);
}

static int call_request_device(struct call *call)
{
    struct kaal_device_selector selector;
    struct kaal_bundle bundle;
    memcpy(&selector, &call->request[0], sizeof(selector));
    selector.id[sizeof(selector.id) - 1] = '\0';
    int error = kaal_broker_request_device(&call->caller->account, &selector,
                                           KAAL_DEVICE_INDEX_FREE, &bundle);
    if (error == KAAL_OK) {
        put_word(call, bundle.handle);
        put_word(call, bundle.resource_count);
    } else {
        log_refused(call->caller, "device of kind", selector.kind, kaal_error_text(error));
    }
    return error;
}

static int call_bundle_resource(struct call *call)
{
    struct kaal_resource resource;
    if (call->request[1] > UINT32_MAX) {
        return KAAL_ERR_NOT_FOUND;
    }
    int error = kaal_broker_bundle_resource(&call->caller->account, call->request[0],
                                            (uint32_t)call->request[1], &resource);
    if (error == KAAL_OK) {
        put(call, &resource, sizeof(resource));
    }
    return error;
}

static int call_bundle_of(struct call *call)
{
    uint32_t count;
    int error = kaal_broker_bundle_open(&call->caller->account, call->request[0], &count);
    if (error == KAAL_OK) {
        put_word(call, count);
    }
    return error;
}

static int call_bundle_find(struct call *call)
{
    kaal_handle handle;
    if (call->request[0] > UINT32_MAX) {
        return KAAL_ERR_NOT_FOUND;
    }
    int error =
        kaal_broker_bundle_find(&call->caller->account, (uint32_t)call->request[0], &handle);
    if (error == KAAL_OK) {
        put_word(call, handle);
    }
    return error;
}

static int call_request_irq(struct call *call)
{
    kaal_handle handle;
    struct kaal_resource resource;
    uint64_t number = call->request[0];
    int error = kaal_broker_request_irq(&call->caller->account, number, &handle, &resource);
    if (error == KAAL_OK) {
        put_word(call, handle);
        put(call, &resource, sizeof(resource));
    } else {
        log_refused(call->caller, "interrupt", number, kaal_error_text(error));
    }
    return error;
}

/* Device index, offset and width of a configuration space access; nothing may be cut off. */
static bool config_words_valid(const struct call *call)
{
    return call->request[0] <= UINT32_MAX && call->request[1] <= UINT32_MAX &&
           call->request[2] <= UINT32_MAX;
}

static int call_config_read(struct call *call)
{
    uint32_t value;
    if (!config_words_valid(call)) {
        return KAAL_ERR_RANGE;
    }
    int error =
        kaal_broker_config_read(&call->caller->account, (uint32_t)call->request[0],
                                (uint32_t)call->request[1], (uint32_t)call->request[2], &value);
    if (error == KAAL_OK) {
        put_word(call, value);
    }
    return error;
}

static int call_config_write(struct call *call)
{
    if (!config_words_valid(call) || call->request[3] > UINT32_MAX) {
        return KAAL_ERR_RANGE;
    }
    int error = kaal_broker_config_write(&call->caller->account, (uint32_t)call->request[0],
                                         (uint32_t)call->request[1], (uint32_t)call->request[2],
                                         (uint32_t)call->request[3]);
    if (error != KAAL_OK) {
        log_refused(call->caller, "a write to configuration space at", call->request[1],
                    kaal_error_text(error));
    }
    return error;
}

static int call_release(struct call *call)
{
    return kaal_broker_release(&call->caller->account, call->request[0]);
}

static int call_inspect_component(struct call *call)
{
    struct kaal_component_record record;
    int error = inspect_component(call->request[0], &record);
    if (error == KAAL_OK) {
        put(call, &record, sizeof(record));
    }
    return error;
}

static int call_inspect_device(struct call *call)
{
    struct kaal_device_record record;
    int error = inspect_device(call->request[0], &record);
    if (error == KAAL_OK) {
        put(call, &record, sizeof(record));
    }
    return error;
}

static int call_inspect_channel(struct call *call)
{
    struct kaal_channel_record record;
    if (call->request[0] > UINT32_MAX) {
        return KAAL_ERR_NOT_FOUND;
    }
    int error = channel_state_read(NULL, (uint32_t)call->request[0], &record);
    if (error == KAAL_OK) {
        put(call, &record, sizeof(record));
    }
    return error;
}

static int call_inspect_memory(struct call *call)
{
    struct kaal_memory_record record;
    kaal_broker_memory(broker(), &record);
    put(call, &record, sizeof(record));
    return KAAL_OK;
}

static int call_inspect_holding(struct call *call)
{
    struct kaal_holding_record record;
    const struct component *component = component_find((const char *)call->request);
    if (component == NULL) {
        return KAAL_ERR_NOT_FOUND;
    }
    int error = inspect_holding(component, call->request[NAME_WORDS], &record);
    if (error == KAAL_OK) {
        put(call, &record, sizeof(record));
    }
    return error;
}

static int call_inspect_audit(struct call *call)
{
    struct kaal_audit_record record;
    int error = kaal_broker_audit_read(broker(), call->request[0], &record);
    if (error == KAAL_OK) {
        put(call, &record, sizeof(record));
    }
    return error;
}

static int call_inspect_slots(struct call *call)
{
    uint64_t occupied[KAAL_ACCOUNT_SLOT_WORDS];
    const struct component *component = component_find((const char *)call->request);
    if (component == NULL) {
        return KAAL_ERR_NOT_FOUND;
    }
    kaal_account_slots_occupied(&component->account, occupied);
    put(call, occupied, sizeof(occupied));
    return KAAL_OK;
}

static int call_kill(struct call *call)
{
    struct component *component = component_find((const char *)call->request);
    if (component == NULL) {
        return KAAL_ERR_NOT_FOUND;
    }
    if (component->state != KAAL_COMPONENT_RUNNING) {
        return KAAL_ERR_STATE;
    }
    log_line("init: %s is killed by %s", component->description->name,
             call->caller->description->name);
    kaal_broker_audit(&call->caller->account, KAAL_AUDIT_KILL, component->description->name, 0,
                      KAAL_OK);
    call->answered = component != call->caller;
    supervise_end(component, ENDING_KILL);
    return KAAL_OK;
}

static int call_alive(struct call *call)
{
    watchdog_answered(call->caller);
    return KAAL_OK;
}

static int call_chaos(struct call *call)
{
    enum kaal_chaos_action action = (enum kaal_chaos_action)call->request[NAME_WORDS];
    struct component *component = component_find((const char *)call->request);
    uint64_t where;
    if (call->request[NAME_WORDS] > KAAL_CHAOS_LEAK) {
        return KAAL_ERR_INVALID;
    }
    if (action != KAAL_CHAOS_LEAK && component == NULL) {
        return KAAL_ERR_NOT_FOUND;
    }
    if (action != KAAL_CHAOS_LEAK && component->state != KAAL_COMPONENT_RUNNING) {
        return KAAL_ERR_STATE;
    }
    if (component == call->caller) {
        return KAAL_ERR_INVALID;
    }
    int error = chaos_act(component, action, call->request[NAME_WORDS + 1],
                          call->request[NAME_WORDS + 2], &where);
    kaal_broker_audit(&call->caller->account, KAAL_AUDIT_CHAOS,
                      component == NULL ? "" : component->description->name, action, error);
    put_word(call, where);
    return error;
}

static int call_power_off(struct call *call)
{
    log_line("init: power-off, asked for by %s", call->caller->description->name);
    kaal_broker_audit(&call->caller->account, KAAL_AUDIT_POWER, "", 0, KAAL_OK);
    int error = power_off(allowed(call, KAAL_ALLOW_CHAOS));
    call->answered = error == KAAL_ERR_UNSUPPORTED; /* else the caller has ended */
    return error;
}

static int call_exit(struct call *call)
{
    int64_t status = (int64_t)call->request[0];
    if (component_end_may_log(call->caller)) {
        log_line("init: %s ended with status %lld", call->caller->description->name,
                 (long long)status);
    }
    call->answered = false;
    call->caller->exit_status = status;
    supervise_end(call->caller, status == 0 ? ENDING_EXIT_SUCCESS : ENDING_EXIT_FAILURE);
    return KAAL_OK;
}

/* Every operation: least words of its request, right that it needs (0: none), function. */
struct operation {
    seL4_Word words_min;
    uint32_t right;
    int (*serve)(struct call *call);
};

static const struct operation operations[] = {
    [KAAL_BROKER_LOG_WRITE] = {1, 0, call_log_write},
    [KAAL_BROKER_LOG_READ] = {2, KAAL_ALLOW_INSPECT, call_log_read},
    [KAAL_BROKER_TIMER_ARM] = {1, 0, call_timer_arm},
    [KAAL_BROKER_REQUEST_DEVICE] = {WORDS_OF(struct kaal_device_selector), KAAL_ALLOW_DEVICES,
                                    call_request_device},
    [KAAL_BROKER_BUNDLE_RESOURCE] = {2, 0, call_bundle_resource},
    [KAAL_BROKER_ALLOCATE_MEMORY] = {1, KAAL_ALLOW_MEMORY, call_allocate_memory},
    [KAAL_BROKER_REQUEST_IRQ] = {1, KAAL_ALLOW_DEVICES, call_request_irq},
    [KAAL_BROKER_CONFIG_READ] = {3, 0, call_config_read},
    [KAAL_BROKER_CONFIG_WRITE] = {4, 0, call_config_write},
    [KAAL_BROKER_RELEASE] = {1, 0, call_release},
    [KAAL_BROKER_INSPECT_COMPONENT] = {1, KAAL_ALLOW_INSPECT, call_inspect_component},
    [KAAL_BROKER_INSPECT_DEVICE] = {1, KAAL_ALLOW_INSPECT, call_inspect_device},
    [KAAL_BROKER_INSPECT_MEMORY] = {0, KAAL_ALLOW_INSPECT, call_inspect_memory},
    [KAAL_BROKER_INSPECT_HOLDING] = {NAME_WORDS + 1, KAAL_ALLOW_INSPECT, call_inspect_holding},
    [KAAL_BROKER_KILL] = {NAME_WORDS, KAAL_ALLOW_KILL, call_kill},
    [KAAL_BROKER_POWER_OFF] = {0, KAAL_ALLOW_POWER, call_power_off},
    [KAAL_BROKER_EXIT] = {1, 0, call_exit},
    [KAAL_BROKER_ALLOCATE_DMA] = {3, 0, call_allocate_dma},
    [KAAL_BROKER_DELEGATE] = {2 + NAME_WORDS, 0, call_delegate},
    [KAAL_BROKER_MEMORY_OF] = {1, 0, call_memory_of},
    [KAAL_BROKER_SPAWN] = {WORDS_OF(struct kaal_spawn_request), 0, call_spawn},
    [KAAL_BROKER_CHILD_STATUS] = {1, 0, call_child_status},
    [KAAL_BROKER_INSPECT_AUDIT] = {1, KAAL_ALLOW_INSPECT, call_inspect_audit},
    [KAAL_BROKER_INSPECT_CHANNEL] = {1, KAAL_ALLOW_INSPECT, call_inspect_channel},
    [KAAL_BROKER_ALIVE] = {0, 0, call_alive},
    [KAAL_BROKER_CHAOS] = {NAME_WORDS + 3, KAAL_ALLOW_CHAOS, call_chaos},
    [KAAL_BROKER_BUNDLE_OF] = {1, 0, call_bundle_of},
    [KAAL_BROKER_BUNDLE_FIND] = {1, 0, call_bundle_find},
    [KAAL_BROKER_INSPECT_SLOTS] = {NAME_WORDS, KAAL_ALLOW_INSPECT, call_inspect_slots},
};

/* Serves one call: fills answer, out and answered. */
static void serve_call(struct call *call, seL4_Word label)
{
    int error = KAAL_ERR_UNSUPPORTED;
    call->out = 1;
    call->answered = true;
    if (label < ARRAY_COUNT(operations) && operations[label].serve != NULL) {
        const struct operation *operation = &operations[label];
        if (call->words < operation->words_min) {
            error = KAAL_ERR_TRUNCATED;
        } else if (operation->right != 0 && !allowed(call, operation->right)) {
            error = KAAL_ERR_DENIED;
            log_refused(call->caller, "operation", label, "its allow line does not have it");
            kaal_broker_audit(&call->caller->account, KAAL_AUDIT_CALL, "", label, error);
        } else {
            error = operation->serve(call);
        }
    }
    call->answer[0] = (seL4_Word)(int64_t)error;
}

/* What wake_log_readers() saw last time. */
struct log_state {
    uint64_t end;
    uint64_t alert_count;
};

/* Wakes components that read the log to its end, when it has grown since; and everybody who may
 * read it, when there is something that a person should see. */
static void wake_log_readers(struct log_state *seen)
{
    bool alert = seen->alert_count != log_alert_count();
    if (seen->end == log_end()) {
        return;
    }
    *seen = (struct log_state){.end = log_end(), .alert_count = log_alert_count()};
    for (uint32_t i = 0; i < component_count(); i++) {
        struct component *component = component_at(i);
        bool may_read = (component->description->allow & KAAL_ALLOW_INSPECT) != 0;
        if (component->state == KAAL_COMPONENT_RUNNING && may_read &&
            (alert || component->follows_log)) {
            component->follows_log = false;
            seL4_Signal(component->event_signal);
        }
    }
}

static struct component *sender(seL4_Word badge)
{
    seL4_Word number = badge & ~BADGE_FAULT;
    return number >= 1 && number <= component_count() ? component_at((uint32_t)(number - 1)) : NULL;
}

/* Serves one received message. */
static void serve_message(struct call *call, seL4_Word badge, seL4_Word label)
{
    call->answered = false;
    if ((badge & BADGE_NOTIFICATION) != 0) {
        kaal_broker_signalled(broker(), badge);
        if ((badge & BADGE_INIT_BACKOFF) == BADGE_INIT_BACKOFF) {
            supervise_backoff_over();
        }
        if ((badge & BADGE_INIT_WATCHDOG) == BADGE_INIT_WATCHDOG) {
            watchdog_over();
        }
        return;
    }
    call->caller = sender(badge);
    ASSERT(call->caller != NULL); /* init made every badge */
    if ((badge & BADGE_FAULT) == 0) {
        serve_call(call, label);
    } else {
        if (component_end_may_log(call->caller)) {
            report_fault(call->caller, label, call->request);
        }
        supervise_end(call->caller, ENDING_FAULT);
    }
    memory_top_up();
}

void serve(void)
{
    static struct call call;
    seL4_Word *buffer = seL4_GetIPCBuffer()->msg;
    struct log_state log_seen = {.end = log_end(), .alert_count = log_alert_count()};
    for (;;) {
        seL4_Word badge;
        seL4_MessageInfo_t info;
        if (call.answered) {
            memcpy(buffer, call.answer, call.out * sizeof(seL4_Word));
            info = seL4_ReplyRecv(endpoint, seL4_MessageInfo_new(0, 0, 0, call.out), &badge, reply);
        } else {
            info = seL4_Recv(endpoint, &badge, reply);
        }
        seL4_Word words = seL4_MessageInfo_get_length(info);
        call.words = words <= seL4_MsgMaxLength ? words : seL4_MsgMaxLength;
        memcpy(call.request, buffer, call.words * sizeof(seL4_Word));
        serve_message(&call, badge, seL4_MessageInfo_get_label(info));
        wake_log_readers(&log_seen);
    }
}
