/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The audit log: every decision of the broker, refused ones too, in a ring apart from the text log.
 * The functions that decide are wrapped here, and nowhere else called from outside.
 */
#include "server_internal.h"

void kaal_broker_audit(struct kaal_account *account, enum kaal_audit_operation operation,
                       const char *object, uint64_t argument, int result)
{
    struct kaal_broker *broker = account->broker;
    struct kaal_audit_record *record = &broker->audit[broker->audit_count % KAAL_AUDIT_RECORDS_MAX];
    *record = (struct kaal_audit_record){
        .sequence = broker->audit_count++,
        .time_ns = kaal_now_ns(),
        .operation = operation,
        .result = result,
        .argument = argument,
    };
    name_copy(record->component, account->ceiling->name);
    name_copy(record->object, object);
}

int kaal_broker_audit_read(const struct kaal_broker *broker, uint64_t sequence,
                           struct kaal_audit_record *record)
{
    uint64_t oldest = broker->audit_count < KAAL_AUDIT_RECORDS_MAX
                          ? 0
                          : broker->audit_count - KAAL_AUDIT_RECORDS_MAX;
    sequence = sequence < oldest ? oldest : sequence;
    if (sequence >= broker->audit_count) {
        return KAAL_ERR_NOT_FOUND;
    }
    *record = broker->audit[sequence % KAAL_AUDIT_RECORDS_MAX];
    return KAAL_OK;
}

static const char *selector_text(const struct kaal_device_selector *selector)
{
    switch (selector->kind) {
    case KAAL_SELECT_AUTO:
        return "auto";
    case KAAL_SELECT_SERIAL:
        return "serial";
    case KAAL_SELECT_PCI:
        return "pci";
    case KAAL_SELECT_PCI_CLASS:
        return "pci-class";
    default:
        return selector->id;
    }
}

int kaal_broker_request_device(struct kaal_account *account,
                               const struct kaal_device_selector *selector, uint32_t device,
                               struct kaal_bundle *bundle)
{
    int error = grant_device(account, selector, device, bundle);
    kaal_broker_audit(account, KAAL_AUDIT_DEVICE, selector_text(selector), selector->value, error);
    return error;
}

int kaal_broker_request_irq(struct kaal_account *account, uint64_t number, kaal_handle *handle,
                            struct kaal_resource *resource)
{
    int error = grant_irq(account, number, handle, resource);
    kaal_broker_audit(account, KAAL_AUDIT_INTERRUPT, "", number, error);
    return error;
}

int kaal_broker_allocate_memory(struct kaal_account *account, uint64_t bytes, kaal_handle *handle,
                                uint64_t *vaddr, uint64_t *mapped_bytes)
{
    int error = grant_memory(account, bytes, handle, vaddr, mapped_bytes);
    kaal_broker_audit(account, KAAL_AUDIT_MEMORY, "", bytes, error);
    return error;
}

int kaal_broker_allocate_dma(struct kaal_account *account, uint64_t bytes, uint64_t alignment,
                             bool uncached, kaal_handle *handle, struct kaal_dma_resource *dma)
{
    int error = grant_dma(account, bytes, alignment, uncached, handle, dma);
    kaal_broker_audit(account, KAAL_AUDIT_DMA, uncached ? "uncached" : "", bytes, error);
    return error;
}

int kaal_broker_delegate(struct kaal_account *account, kaal_handle handle,
                         struct kaal_account *peer, uint32_t how, kaal_handle *peer_handle)
{
    struct kaal_grant *origin = grant_find(account, handle);
    int error = origin != NULL && origin->device != NULL
                    ? grant_hand_over(account, origin, peer, peer_handle)
                    : grant_share(account, handle, peer, how, peer_handle);
    kaal_broker_audit(account, KAAL_AUDIT_DELEGATE, peer->ceiling->name, handle, error);
    return error;
}

int kaal_broker_child_line(struct kaal_account *parent, const struct kaal_spawn_request *request,
                           struct kaal_system_component *line)
{
    int error = child_line(parent, request, line);
    if (error != KAAL_OK) {
        char name[KAAL_NAME_BYTES];
        name_copy(name, request->name);
        kaal_broker_audit(parent, KAAL_AUDIT_SPAWN, name, request->memory_bytes, error);
    }
    return error;
}

int kaal_broker_release(struct kaal_account *account, kaal_handle handle)
{
    int error = grant_release(account, handle);
    kaal_broker_audit(account, KAAL_AUDIT_RELEASE, "", handle, error);
    return error;
}
