/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Interrupt lines of PCI functions. A bus has a table (_PRT) that leads from device and pin to a
 * global interrupt, or to a link device that says which one it is. A bus without a table passes its
 * pins on to the bus above, rotated. Source: ACPI Specification 6.4, 6.2.13 (_PRT), 6.2.2 (_CRS),
 * 6.2.16 (_SRS); PCI-to-PCI Bridge Architecture Specification 1.2, 9.1.
 */
#include "acpi_namespace.h"

#define PRT_ELEMENTS   4u
#define PRT_ADDRESS    0u
#define PRT_PIN        1u
#define PRT_SOURCE     2u
#define PRT_INDEX      3u
#define BRIDGES_MAX    16u
#define ADDRESS_DEVICE 16u /* bits of an _ADR below the device's number */

/* The integer that a node below another one has, or a default. */
static uint64_t number_of(struct aml *aml, struct aml_node *device, const char *name,
                          uint64_t otherwise)
{
    struct aml_node *node = aml_find(aml, device, name);
    struct aml_value value;
    if (node == NULL || aml_evaluate(aml, node, NULL, 0, &value) != KAAL_OK ||
        value.type != AML_INTEGER) {
        return otherwise;
    }
    return value.integer;
}

/* The host bridge whose bus this is, or NULL. */
static struct aml_node *host_of(struct aml *aml, uint32_t bus)
{
    struct aml_node *system = aml_find(aml, &aml->root, "_SB_");
    struct aml_node *node = system == NULL ? NULL : system->child;
    while (node != NULL &&
           (!aml_is_host_bridge(aml, node) || number_of(aml, node, "_BBN", 0) != bus)) {
        node = node->sibling;
    }
    return node;
}

/* The node of the bus that a function is on: its bridge's, or the host bridge's. */
static struct aml_node *bus_node(struct aml *aml, const struct kaal_device_registry *registry,
                                 const struct kaal_device *device)
{
    const struct kaal_device *path[BRIDGES_MAX];
    uint32_t count = 0;
    const struct kaal_device *at = device;
    while (at->pci.parent != KAAL_PCI_NO_PARENT && count < BRIDGES_MAX) {
        at = &registry->devices[at->pci.parent];
        path[count++] = at;
    }
    struct aml_node *node = host_of(aml, at->record.pci_address >> 8);
    while (count > 0 && node != NULL) {
        uint32_t address = path[--count]->record.pci_address;
        uint64_t wanted = (uint64_t)(address >> 3 & 31) << ADDRESS_DEVICE | (address & 7);
        node = node->child;
        while (node != NULL && (node->kind != AML_KIND_DEVICE ||
                                number_of(aml, node, "_ADR", UINT64_MAX) != wanted)) {
            node = node->sibling;
        }
    }
    return node;
}

/* ---- link devices ---- */

static bool link_irq(struct aml *aml, struct aml_node *link, struct acpi_irq *irq)
{
    struct aml_node *node = aml_find(aml, link, "_CRS");
    struct acpi_resources resources;
    struct aml_value value;
    if (node == NULL || aml_evaluate(aml, node, NULL, 0, &value) != KAAL_OK ||
        value.type != AML_BUFFER || !acpi_resources_read(value.bytes, value.count, &resources) ||
        resources.irq_count == 0) {
        return false;
    }
    *irq = resources.irqs[0];
    return irq->number != 0; /* interrupt 0 is the timer's: the link is not set */
}

/* Sets a link to the first interrupt that it can have. */
static void link_set(struct aml *aml, struct aml_node *link)
{
    struct aml_node *possible = aml_find(aml, link, "_PRS");
    struct aml_node *set = aml_find(aml, link, "_SRS");
    struct aml_value value;
    struct aml_value ignored;
    if (possible == NULL || set == NULL ||
        aml_evaluate(aml, possible, NULL, 0, &value) != KAAL_OK || value.type != AML_BUFFER ||
        !acpi_resources_choose_irq(value.bytes, value.count)) {
        return;
    }
    aml->may_write = true; /* a router's register, and nothing else runs meanwhile */
    int error = aml_evaluate(aml, set, &value, 1, &ignored);
    aml->may_write = false;
    if (error != KAAL_OK) {
        acpi_report(aml);
    }
}

/* ---- tables ---- */

/* What an entry of a table leads to. */
static bool entry_irq(struct aml *aml, const struct aml_value *entry,
                      const struct kaal_platform *platform, struct kaal_interrupt *irq)
{
    const struct aml_value *source = &entry->elements[PRT_SOURCE];
    struct aml_node *link = aml_node_of(aml, source);
    if (link == NULL) {
        const struct aml_value *index = &entry->elements[PRT_INDEX];
        return source->type == AML_INTEGER && index->type == AML_INTEGER &&
               index->integer <= UINT32_MAX &&
               kaal_platform_global_irq(platform, (uint32_t)index->integer, true, true, irq) ==
                   KAAL_OK;
    }
    struct acpi_irq from;
    if (!link_irq(aml, link, &from)) {
        link_set(aml, link);
        if (!link_irq(aml, link, &from)) {
            return false;
        }
    }
    return acpi_irq_of(platform, &from, irq) == KAAL_OK;
}

/* Looks a device and pin up in a bus's table. has_table: whether there is one. */
static bool table_irq(struct aml *aml, struct aml_node *bus, uint32_t device, uint32_t pin,
                      const struct kaal_platform *platform, struct kaal_interrupt *irq,
                      bool *has_table)
{
    struct aml_node *node = bus == NULL ? NULL : aml_find(aml, bus, "_PRT");
    struct aml_value table;
    *has_table = node != NULL;
    if (node == NULL) {
        return false;
    }
    if (aml_evaluate(aml, node, NULL, 0, &table) != KAAL_OK) {
        acpi_report(aml);
        return false;
    }
    for (uint32_t i = 0; table.type == AML_PACKAGE && i < table.count; i++) {
        const struct aml_value *entry = &table.elements[i];
        if (entry->type == AML_PACKAGE && entry->count >= PRT_ELEMENTS &&
            entry->elements[PRT_ADDRESS].type == AML_INTEGER &&
            entry->elements[PRT_PIN].type == AML_INTEGER &&
            entry->elements[PRT_ADDRESS].integer >> ADDRESS_DEVICE == device &&
            entry->elements[PRT_PIN].integer == pin) {
            return entry_irq(aml, entry, platform, irq);
        }
    }
    return false;
}

static void route(struct aml *aml, const struct kaal_platform *platform,
                  const struct kaal_device_registry *registry, struct kaal_device *device)
{
    uint32_t pin = device->pci.interrupt_pin - 1u; /* in a table INTA is 0 */
    const struct kaal_device *at = device;
    for (;;) {
        struct kaal_interrupt irq;
        bool has_table;
        uint32_t number = at->record.pci_address >> 3 & 31;
        if (table_irq(aml, bus_node(aml, registry, at), number, pin, platform, &irq, &has_table)) {
            kaal_device_add_irq(device, &irq);
            return;
        }
        if (has_table || at->pci.parent == KAAL_PCI_NO_PARENT) {
            return;
        }
        pin = (pin + number) % 4;
        at = &registry->devices[at->pci.parent];
    }
}

void acpi_namespace_route(struct aml *aml, const struct kaal_platform *platform,
                          struct kaal_device_registry *registry)
{
    for (uint32_t i = 0; i < registry->count; i++) {
        struct kaal_device *device = &registry->devices[i];
        if (device->record.bus == KAAL_BUS_PCI && device->pci.segment == 0 &&
            device->pci.interrupt_pin != 0) {
            route(aml, platform, registry, device);
        }
    }
}
