/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Interrupts. A PCI function's come as messages where device and machine can, each with a handler
 * of its own. Everything else comes on a line.
 *
 * A line with one user is direct: the kernel signals the component, which acknowledges with its own
 * copy of the handler. When a second one joins, the broker takes the line over: the kernel signals
 * init, the broker signals every sharer, and acknowledges when all of them have. What a component
 * acknowledges with is then a notification capability in the same slot: invoking it is a signal,
 * and its badge says who. A sharer that goes counts as having acknowledged. The line stays with the
 * broker until nobody uses it.
 *
 * While a device is handed over, giver and taker are both on its line, which stays direct if it
 * was: the kernel signals the giver until line_switch().
 *
 * The acknowledgement of a sharer that has nothing to acknowledge does no harm: at worst the line
 * is open early, and a device that still wants attention raises it again.
 */
#include "server_internal.h"

#include <kaal/sel4_error.h>

/* Somebody on a line. */
struct irq_sharer {
    struct irq_sharer *next;
    struct kaal_account *account;
    struct grant_resource *entry;
    seL4_CPtr signal; /* its notification, badged with the interrupt's bit; of the grant's arena */
    uint64_t ack_bit; /* of the broker's bits: it has acknowledged; 0 while the line is direct */
    bool pending;     /* was signalled, has not acknowledged */
};
static_assert(sizeof(struct irq_sharer) <= KAAL_RECORD_BYTES, "shared storage");

/* An interrupt line in use. */
struct irq_line {
    struct irq_line *next;
    struct kaal_interrupt irq;
    uint32_t vector; /* x86_64; else KAAL_VECTORS_MAX */
    seL4_CPtr handler;
    seL4_CPtr signal; /* init's notification, badged with irq_bit; 0 while the line is direct */
    uint64_t irq_bit; /* of the broker's bits: the line fired */
    struct irq_sharer *sharers;
};
static_assert(sizeof(struct irq_line) <= KAAL_RECORD_BYTES, "shared storage");

/* Takes the lowest free vector or message below a limit. */
static int take_vector(struct kaal_broker *broker, uint32_t limit, uint32_t *vector)
{
    for (uint32_t i = 0; i < limit && i < KAAL_VECTORS_MAX; i++) {
        if ((broker->vectors[i / 64] >> (i % 64) & 1) == 0) {
            broker->vectors[i / 64] |= BIT64(i % 64);
            *vector = i;
            return KAAL_OK;
        }
    }
    return KAAL_ERR_NO_SPACE;
}

static void put_vector(struct kaal_broker *broker, uint32_t vector)
{
    if (vector < KAAL_VECTORS_MAX) {
        broker->vectors[vector / 64] &= ~BIT64(vector % 64);
    }
}

/* The lowest bit of init's notification that is free, or 0. */
static uint64_t take_line_bit(struct kaal_broker *broker)
{
    uint64_t bit = broker->line_bits_free & (~broker->line_bits_free + 1);
    broker->line_bits_free &= ~bit;
    return bit;
}

static int mint(const struct kaal_broker *broker, seL4_CPtr to, seL4_CPtr notification,
                seL4_Word badge)
{
    const struct kaal_cspace *cspace = broker->cspace;
    return kaal_error_from_sel4(seL4_CNode_Mint(cspace->root, to, cspace->depth, cspace->root,
                                                notification, cspace->depth,
                                                seL4_CapRights_new(0, 0, 0, 1), badge));
}

/* Takes a bit of the component's notification, and slots for what only it needs. */
static int prepare(struct kaal_account *account, struct kaal_grant *grant,
                   struct grant_resource *entry, uint32_t slot_count, seL4_CPtr *slots)
{
    uint32_t bit;
    int error = kaal_usage_charge_interrupt(&account->usage);
    if (error != KAAL_OK) {
        return error;
    }
    error = kaal_account_badge_bit(account, false, &bit);
    if (error != KAAL_OK) {
        kaal_usage_refund_interrupt(&account->usage);
        return error;
    }
    entry->resource.kind = KAAL_RESOURCE_IRQ; /* from here on there is something to take back */
    entry->resource.irq.badge_bit = bit;
    return kaal_arena_slots(&grant->arena, slot_count, slots);
}

static int place(struct kaal_account *account, struct kaal_grant *grant,
                 struct grant_resource *entry, seL4_CPtr source, seL4_CapRights_t rights,
                 seL4_Word badge, uint32_t number)
{
    struct kaal_holding_record record = holding_of(entry, KAAL_HOLDING_IRQ, number, 1);
    seL4_CPtr cap = seL4_CapNull;
    int error = account_place(account, grant->handle, source, rights, badge, &record, &cap);
    entry->resource.irq.cap = cap;
    entry->resource.irq.number = number;
    return error;
}

/* ---- messages ---- */

static int give_message(struct kaal_account *account, struct kaal_grant *grant,
                        struct grant_resource *entry, uint32_t index)
{
    struct kaal_broker *broker = account->broker;
    const struct kaal_msi *msi = &broker->platform->msi;
    seL4_CPtr slots; /* the handler, and the capability that the kernel signals */
    int error = prepare(account, grant, entry, 2, &slots);
    if (error == KAAL_OK) {
        error = take_vector(broker, msi->count, &entry->message);
    }
    if (error != KAAL_OK) {
        return error;
    }
    uint32_t data = msi->first_data + entry->message;
    error = kaal_error_from_sel4(
        broker_arch_message_handler(broker->cspace, grant->device, entry->message, data, slots));
    if (error == KAAL_OK) {
        error = mint(broker, slots + 1, account->notification,
                     NOTIFICATION_BADGE(entry->resource.irq.badge_bit));
    }
    if (error == KAAL_OK) {
        error = kaal_error_from_sel4(seL4_IRQHandler_SetNotification(slots, slots + 1));
    }
    entry->source = index;
    if (error == KAAL_OK && grant->from == NULL) {
        error = pci_message_set(broker, grant->device, index, data);
    }
    if (error == KAAL_OK) {
        error = place(account, grant, entry, slots, seL4_AllRights, 0, data);
    }
    return error;
}

/* ---- lines ---- */

static struct irq_line *find_line(const struct kaal_broker *broker,
                                  const struct kaal_interrupt *irq)
{
    struct irq_line *line = broker->lines;
    while (line != NULL && (line->irq.number != irq->number || line->irq.ioapic != irq->ioapic)) {
        line = line->next;
    }
    return line;
}

static int line_create(struct kaal_broker *broker, const struct kaal_interrupt *irq,
                       struct irq_line **created)
{
    struct irq_line *line = kaal_record_take(broker->untyped);
    if (line == NULL) {
        return KAAL_ERR_NO_SPACE;
    }
    line->irq = *irq;
    line->vector = KAAL_VECTORS_MAX;
    int error = kaal_cspace_allocate(broker->cspace, &line->handler);
    if (error != KAAL_OK) {
        goto out_record;
    }
    if (broker_arch_irq_needs_vector()) {
        error = take_vector(broker, KAAL_VECTORS_MAX, &line->vector);
    }
    if (error == KAAL_OK) {
        error = kaal_error_from_sel4(
            broker_arch_irq_handler(broker->cspace, irq, line->vector, line->handler));
    }
    if (error != KAAL_OK) {
        goto out_slot;
    }
    line->next = broker->lines;
    broker->lines = line;
    *created = line;
    return KAAL_OK;

out_slot:
    put_vector(broker, line->vector);
    (void)!kaal_cspace_free(broker->cspace, line->handler);
out_record:
    kaal_record_put(broker->untyped, line);
    return error;
}

static void line_destroy(struct kaal_broker *broker, struct irq_line *line)
{
    struct irq_line **link = &broker->lines;
    while (*link != line) {
        link = &(*link)->next;
    }
    *link = line->next;
    int error = kaal_cspace_delete(broker->cspace, line->handler);
    ASSERT(error == KAAL_OK);
    if (line->signal != seL4_CapNull) {
        error = kaal_cspace_delete(broker->cspace, line->signal);
        ASSERT(error == KAAL_OK);
    }
    broker->line_bits_free |= line->irq_bit;
    put_vector(broker, line->vector);
    kaal_record_put(broker->untyped, line);
}

/* Acknowledges at the kernel once nobody is left who must. */
static void line_settle(const struct irq_line *line)
{
    for (const struct irq_sharer *sharer = line->sharers; sharer != NULL; sharer = sharer->next) {
        if (sharer->pending) {
            return;
        }
    }
    seL4_Error error = seL4_IRQHandler_Ack(line->handler);
    ASSERT(error == seL4_NoError);
}

/* Makes a user of a direct line, who acknowledges with a handler, one that acknowledges to us. */
static void redirect(struct kaal_broker *broker, struct irq_sharer *sharer)
{
    const struct kaal_cspace *cspace = broker->cspace;
    struct kaal_account *account = sharer->account;
    seL4_CPtr cap = sharer->entry->resource.irq.cap;
    sharer->ack_bit = take_line_bit(broker);
    ASSERT(sharer->ack_bit != 0); /* line_take_over() has counted them */
    seL4_Error error = seL4_CNode_Delete(account->cnode, cap, KAAL_ACCOUNT_CNODE_BITS);
    ASSERT(error == seL4_NoError);
    error = seL4_CNode_Mint(account->cnode, cap, KAAL_ACCOUNT_CNODE_BITS, cspace->root,
                            broker->line_notification, cspace->depth,
                            seL4_CapRights_new(0, 0, 0, 1), BIT64(63) | sharer->ack_bit);
    ASSERT(error == seL4_NoError); /* the slot is empty and both CNodes are ours */
}

/* The broker takes a line over from its only user, or from one that hands it over to another. */
static int line_take_over(struct kaal_broker *broker, struct irq_line *line)
{
    if (broker->line_notification == seL4_CapNull) {
        return KAAL_ERR_BUSY;
    }
    int bits_needed = 1; /* one for the line, and one for every user */
    for (const struct irq_sharer *sharer = line->sharers; sharer != NULL; sharer = sharer->next) {
        bits_needed++;
    }
    if (__builtin_popcountll(broker->line_bits_free) < bits_needed) {
        return KAAL_ERR_NO_SPACE;
    }
    line->irq_bit = take_line_bit(broker);
    int error = kaal_cspace_allocate(broker->cspace, &line->signal);
    if (error == KAAL_OK) {
        error = mint(broker, line->signal, broker->line_notification, BIT64(63) | line->irq_bit);
        if (error == KAAL_OK) {
            error =
                kaal_error_from_sel4(seL4_IRQHandler_SetNotification(line->handler, line->signal));
        }
        for (struct irq_sharer *sharer = line->sharers; error == KAAL_OK && sharer != NULL;
             sharer = sharer->next) {
            redirect(broker, sharer);
        }
        if (error != KAAL_OK) {
            (void)!kaal_cspace_delete(broker->cspace, line->signal);
            line->signal = seL4_CapNull;
        }
    }
    if (error != KAAL_OK) {
        broker->line_bits_free |= line->irq_bit;
        line->irq_bit = 0;
    }
    return error;
}

/* True if the line is direct, and its only user is what the grant takes the device over from. */
static bool succeeds(const struct irq_line *line, const struct kaal_grant *grant)
{
    const struct irq_sharer *holder = line->sharers;
    const struct grant_resource *entry = grant->from == NULL ? NULL : grant->from->resources;
    while (entry != NULL && entry != holder->entry) {
        entry = entry->next;
    }
    return line->signal == seL4_CapNull && holder->next == NULL && entry != NULL;
}

static int line_join(struct kaal_account *account, struct kaal_grant *grant, struct irq_line *line,
                     struct irq_sharer *sharer)
{
    struct kaal_broker *broker = account->broker;
    struct grant_resource *entry = sharer->entry;
    if (line->sharers == NULL || succeeds(line, grant)) {
        int error = KAAL_OK;
        if (line->sharers == NULL) { /* else line_switch() does it */
            error = kaal_error_from_sel4(
                seL4_IRQHandler_SetNotification(line->handler, sharer->signal));
        }
        return error == KAAL_OK ? place(account, grant, entry, line->handler, seL4_AllRights, 0,
                                        line->irq.source)
                                : error;
    }
    int error = line->signal != seL4_CapNull ? KAAL_OK : line_take_over(broker, line);
    if (error != KAAL_OK) {
        return error;
    }
    sharer->ack_bit = take_line_bit(broker);
    if (sharer->ack_bit == 0) {
        return KAAL_ERR_NO_SPACE;
    }
    error = place(account, grant, entry, broker->line_notification, seL4_CapRights_new(0, 0, 0, 1),
                  BIT64(63) | sharer->ack_bit, line->irq.source);
    if (error != KAAL_OK) {
        broker->line_bits_free |= sharer->ack_bit;
    }
    return error;
}

int interrupt_give_line(struct kaal_account *account, struct kaal_grant *grant,
                        struct grant_resource *entry, const struct kaal_interrupt *irq)
{
    struct kaal_broker *broker = account->broker;
    struct irq_sharer *sharer = kaal_record_take(broker->untyped);
    if (sharer == NULL) {
        return KAAL_ERR_NO_SPACE;
    }
    sharer->account = account;
    sharer->entry = entry;
    int error = prepare(account, grant, entry, 1, &sharer->signal);
    if (error == KAAL_OK) {
        error = mint(broker, sharer->signal, account->notification,
                     NOTIFICATION_BADGE(entry->resource.irq.badge_bit));
    }
    struct irq_line *line = find_line(broker, irq);
    if (error == KAAL_OK && line == NULL) {
        error = line_create(broker, irq, &line);
    }
    if (error == KAAL_OK) {
        error = line_join(account, grant, line, sharer);
        if (error != KAAL_OK && line->sharers == NULL) {
            line_destroy(broker, line);
        }
    }
    if (error != KAAL_OK) {
        kaal_record_put(broker->untyped, sharer);
        return error;
    }
    sharer->next = line->sharers;
    line->sharers = sharer;
    entry->line = line;
    return KAAL_OK;
}

static void line_leave(struct kaal_broker *broker, struct irq_line *line,
                       const struct grant_resource *entry)
{
    struct irq_sharer **link = &line->sharers;
    while ((*link)->entry != entry) {
        link = &(*link)->next;
    }
    struct irq_sharer *sharer = *link;
    bool was_pending = sharer->pending;
    bool was_last = sharer->next == NULL;
    *link = sharer->next;
    broker->line_bits_free |= sharer->ack_bit;
    kaal_record_put(broker->untyped, sharer);
    if (line->sharers == NULL) {
        line_destroy(broker, line);
    } else if (line->signal == seL4_CapNull && was_last) { /* handing over failed after all */
        seL4_Error error = seL4_IRQHandler_SetNotification(line->handler, line->sharers->signal);
        ASSERT(error == seL4_NoError && line->sharers->next == NULL);
    } else if (was_pending) {
        line_settle(line);
    }
}

/* A direct line that is being handed over signals the taker from now on: the last of the list. */
static int line_switch(struct irq_line *line, const struct grant_resource *entry)
{
    struct irq_sharer *taker = line->sharers;
    if (line->signal != seL4_CapNull || taker->entry != entry || taker->next == NULL) {
        return KAAL_OK;
    }
    int error = kaal_error_from_sel4(seL4_IRQHandler_SetNotification(line->handler, taker->signal));
    if (error == KAAL_OK) {
        line->sharers = taker->next;
        line->sharers->next = taker;
        taker->next = NULL;
    }
    return error;
}

/* What came before the taker knew its interrupt counts as acknowledged. */
static int line_open(struct irq_line *line, const struct grant_resource *entry)
{
    struct irq_sharer *sharer = line->sharers;
    while (sharer->entry != entry) {
        sharer = sharer->next;
    }
    if (line->signal == seL4_CapNull) {
        return kaal_error_from_sel4(seL4_IRQHandler_Ack(line->handler));
    }
    if (sharer->pending) {
        sharer->pending = false;
        line_settle(line);
    }
    return KAAL_OK;
}

static void line_fired(struct irq_line *line)
{
    for (struct irq_sharer *sharer = line->sharers; sharer != NULL; sharer = sharer->next) {
        sharer->pending = true;
        seL4_Signal(sharer->signal);
    }
}

static void line_acknowledged(struct irq_line *line, uint64_t bits)
{
    bool any = false;
    for (struct irq_sharer *sharer = line->sharers; sharer != NULL; sharer = sharer->next) {
        if ((bits & sharer->ack_bit) != 0) {
            sharer->pending = false;
            any = true;
        }
    }
    if (any) {
        line_settle(line);
    }
}

void kaal_broker_signalled(struct kaal_broker *broker, uint64_t badge)
{
    for (struct irq_line *line = broker->lines; line != NULL; line = line->next) {
        if (line->signal == seL4_CapNull) {
            continue;
        }
        /* Acknowledgements first: one that came with the next interrupt belongs to the one before.
         */
        line_acknowledged(line, badge);
        if ((badge & line->irq_bit) != 0) {
            line_fired(line);
        }
    }
}

uint32_t interrupt_count(const struct kaal_broker *broker, const struct kaal_device *device,
                         bool line)
{
    switch (line ? PCI_MESSAGES_NONE : pci_messages(broker, device)) {
    case PCI_MESSAGES_TABLE:
        return device->pci.msix_count;
    case PCI_MESSAGES_SINGLE:
        return 1;
    case PCI_MESSAGES_NONE:
        break;
    }
    return device->irq_count;
}

int interrupt_give(struct kaal_account *account, struct kaal_grant *grant,
                   struct grant_resource *entry, uint32_t index, bool line)
{
    struct kaal_device *device = grant->device;
    ASSERT(index < interrupt_count(account->broker, device, line));
    if (!line && pci_messages(account->broker, device) != PCI_MESSAGES_NONE) {
        return give_message(account, grant, entry, index);
    }
    int error = interrupt_give_line(account, grant, entry, &device->irqs[index]);
    if (error == KAAL_OK && device->record.bus == KAAL_BUS_PCI && grant->from == NULL) {
        pci_set_pin(account->broker, device);
    }
    return error;
}

int interrupts_switch(const struct kaal_grant *grant)
{
    int error = KAAL_OK;
    for (const struct grant_resource *entry = grant->resources; error == KAAL_OK && entry != NULL;
         entry = entry->next) {
        error = entry->line == NULL ? KAAL_OK : line_switch(entry->line, entry);
    }
    return error;
}

int interrupts_open(struct kaal_broker *broker, struct kaal_grant *grant)
{
    int error = KAAL_OK;
    for (const struct grant_resource *entry = grant->resources; error == KAAL_OK && entry != NULL;
         entry = entry->next) {
        if (entry->line != NULL) {
            error = line_open(entry->line, entry);
            if (grant->device->record.bus == KAAL_BUS_PCI) {
                pci_set_pin(broker, grant->device);
            }
        } else if (entry->resource.kind == KAAL_RESOURCE_IRQ) {
            error = pci_message_set(broker, grant->device, entry->source,
                                    (uint32_t)entry->resource.irq.number);
        }
    }
    return error;
}

void interrupt_take_back(struct kaal_account *account, struct grant_resource *entry)
{
    kaal_usage_refund_interrupt(&account->usage);
    account->badge_bits &= ~BIT64(entry->resource.irq.badge_bit);
    put_vector(account->broker, entry->message);
    if (entry->line != NULL) {
        line_leave(account->broker, entry->line, entry);
    }
}
