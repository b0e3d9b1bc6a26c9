/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Broker calls about memory and children: words in, words out. The broker decides and keeps the
 * audit log.
 */
#include "call.h"
#include "children.h"

int call_allocate_memory(struct call *call)
{
    kaal_handle handle;
    uint64_t vaddr;
    uint64_t bytes;
    int error = kaal_broker_allocate_memory(&call->caller->account, call->request[0], &handle,
                                            &vaddr, &bytes);
    if (error == KAAL_OK) {
        put_word(call, handle);
        put_word(call, vaddr);
        put_word(call, bytes);
    } else {
        log_refused(call->caller, "memory, bytes", call->request[0], kaal_error_text(error));
    }
    return error;
}

int call_allocate_dma(struct call *call)
{
    kaal_handle handle;
    struct kaal_dma_resource dma;
    int error = kaal_broker_allocate_dma(&call->caller->account, call->request[0], call->request[1],
                                         call->request[2] != 0, &handle, &dma);
    if (error == KAAL_OK) {
        put_word(call, handle);
        put_word(call, dma.vaddr);
        put_word(call, dma.bytes);
        put_word(call, dma.bus);
    } else {
        log_refused(call->caller, "DMA memory, bytes", call->request[0], kaal_error_text(error));
    }
    return error;
}

int call_delegate(struct call *call)
{
    kaal_handle handle;
    struct component *peer = component_find((const char *)&call->request[2]);
    if (peer == NULL) {
        return KAAL_ERR_NOT_FOUND;
    }
    uint32_t how = KAAL_MAP_READ | (call->request[1] != 0 ? KAAL_MAP_WRITE : 0);
    int error = kaal_broker_delegate(&call->caller->account, call->request[0], &peer->account, how,
                                     &handle);
    if (error == KAAL_OK) {
        put_word(call, handle);
    } else {
        log_refused(call->caller, "delegating handle", call->request[0], kaal_error_text(error));
    }
    return error;
}

int call_memory_of(struct call *call)
{
    uint64_t vaddr;
    uint64_t bytes;
    int error = kaal_broker_memory_of(&call->caller->account, call->request[0], &vaddr, &bytes);
    if (error == KAAL_OK) {
        put_word(call, vaddr);
        put_word(call, bytes);
    }
    return error;
}

int call_spawn(struct call *call)
{
    struct kaal_spawn_request request;
    kaal_handle handle;
    memcpy(&request, call->request, sizeof(request));
    int error = children_spawn(call->caller, &request, &handle);
    if (error == KAAL_OK) {
        put_word(call, handle);
    } else {
        log_refused(call->caller, "a child, bytes", request.memory_bytes, kaal_error_text(error));
    }
    return error;
}

int call_child_status(struct call *call)
{
    struct kaal_child_status status;
    int error = children_status(call->caller, call->request[0], &status);
    if (error == KAAL_OK) {
        put(call, &status, sizeof(status));
    }
    return error;
}
