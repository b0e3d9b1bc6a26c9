/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Reads a device tree: one pass over all nodes with the path from the root at hand, which gives
 * cell sizes, address translation and the interrupt parent without looking back. libfdt has checked
 * the blob's structure before; what properties say is checked here. Source: Devicetree
 * Specification 0.4, chapters 2.3 (standard properties), 2.4 (interrupts), 3 (node requirements);
 * PCI Bus Binding to Open Firmware 2.1; Arm PSCI device tree binding.
 */
#include "device_tree_internal.h"

#include <kaal/bits.h>
#include <libfdt.h>

#define PSCI_SYSTEM_OFF  0x84000008u
#define TREE_VERSION_MIN 16u

void tree_bad(struct tree *tree, int node, const char *property, const char *what)
{
    const char *name = fdt_get_name(tree->blob, node, NULL);
    int ignored = report(tree->access,
                         kaal_problem_set(&tree->problem, KAAL_ERR_FORMAT,
                                          "device tree node %s (offset %u), %s: %s",
                                          name == NULL || name[0] == '\0' ? "/" : name,
                                          (unsigned)node, property, what),
                         &tree->problem);
    (void)ignored;
}

/* Names in the order of enum tree_property_index. */
static const char *const property_names[TREE_PROPERTY_COUNT] = {
    "#address-cells",
    "#size-cells",
    "#interrupt-cells",
    "arm,msi-base-spi",
    "arm,msi-num-spis",
    "bus-range",
    "compatible",
    "interrupt-controller",
    "interrupt-map",
    "interrupt-map-mask",
    "interrupt-parent",
    "interrupts",
    "interrupts-extended",
    "method",
    "linux,pci-domain",
    "phandle",
    "ranges",
    "reg",
    "status",
    "stdout-path",
};

static bool same_text(const char *a, const char *b)
{
    while (*a == *b && *a != '\0') {
        a++;
        b++;
    }
    return *a == *b;
}

/* "serial0".."serial7" of /aliases: paths of serial ports. */
static void collect_alias(struct tree *tree, const char *name, struct tree_property property)
{
    char alias[] = "serial0";
    for (uint32_t i = 0; i < TREE_SERIALS_MAX; i++) {
        alias[sizeof(alias) - 2] = (char)('0' + i);
        if (same_text(name, alias)) {
            tree->serials[i] = property;
        }
    }
}

/* Collects the properties of a node that are read at all. */
static void collect_properties(struct tree *tree, int node, bool is_aliases)
{
    __builtin_memset(tree->properties, 0, sizeof(tree->properties));
    int offset;
    fdt_for_each_property_offset(offset, tree->blob, node)
    {
        const char *name;
        int length;
        const void *value = fdt_getprop_by_offset(tree->blob, offset, &name, &length);
        if (value == NULL || length < 0) {
            continue;
        }
        struct tree_property property = {.value = value, .bytes = (uint32_t)length};
        if (is_aliases) {
            collect_alias(tree, name, property);
            continue;
        }
        for (uint32_t i = 0; i < TREE_PROPERTY_COUNT; i++) {
            if (same_text(name, property_names[i])) {
                tree->properties[i] = property;
                break;
            }
        }
    }
}

static bool node_enabled(const struct tree *tree)
{
    const struct tree_property *status = &tree->properties[TREE_STATUS];
    return status->value == NULL ||
           (status->bytes >= 3 && status->value[0] == 'o' && status->value[1] == 'k');
}

static void add_controller(struct tree *tree)
{
    const struct tree_property *properties = tree->properties;
    uint32_t phandle = tree_cell_or(&properties[TREE_PHANDLE], 0);
    if (properties[TREE_INTERRUPT_CONTROLLER].value == NULL || phandle == 0 ||
        phandle == UINT32_MAX || tree->controller_count >= TREE_CONTROLLERS_MAX) {
        return;
    }
    tree->controllers[tree->controller_count++] = (struct tree_controller){
        .phandle = phandle,
        .cells = tree_cell_or(&properties[TREE_INTERRUPT_CELLS], 0),
        .address_cells = tree_cell_or(&properties[TREE_ADDRESS_CELLS], 0),
    };
}

/* Fills the level of a node that has just been reached; its parent's level is below it. */
static void enter(struct tree *tree, int node, uint32_t depth)
{
    struct tree_level *level = &tree->path[depth];
    const struct tree_level *parent = depth == 0 ? NULL : level - 1;
    const char *name = depth == 1 ? fdt_get_name(tree->blob, node, NULL) : NULL;
    const struct tree_property *properties = tree->properties;
    tree->depth = depth;
    collect_properties(tree, node, name != NULL && same_text(name, "aliases"));
    if (name != NULL && same_text(name, "chosen")) {
        tree->stdout_path = properties[TREE_STDOUT_PATH];
    }
    *level = (struct tree_level){
        .node = node,
        .address_cells = tree_cell_or(&properties[TREE_ADDRESS_CELLS], 2),
        .size_cells = tree_cell_or(&properties[TREE_SIZE_CELLS], 1),
        .irq_parent = tree_cell_or(&properties[TREE_INTERRUPT_PARENT],
                                   parent == NULL ? 0 : parent->irq_parent),
        .ranges = properties[TREE_RANGES],
        .enabled = (parent == NULL || parent->enabled) && node_enabled(tree),
    };
    bool usable = level->address_cells >= 1 && level->address_cells <= 2 && level->size_cells <= 2;
    level->translates =
        usable && (parent == NULL || (parent->translates && level->ranges.value != NULL));
    add_controller(tree);
}

/* Translates an address below path[depth] to one above it. */
static bool translate_once(struct tree *tree, uint32_t depth, uint64_t *address, uint64_t bytes)
{
    const struct tree_level *bus = &tree->path[depth];
    const struct tree_level *above = &tree->path[depth - 1];
    const uint8_t *ranges = bus->ranges.value;
    uint32_t ranges_bytes = bus->ranges.bytes;
    if (ranges_bytes == 0) {
        return true; /* the same addresses */
    }
    uint32_t entry_cells = bus->address_cells + above->address_cells + bus->size_cells;
    if (ranges_bytes % (4 * entry_cells) != 0) {
        tree_bad(tree, bus->node, "ranges",
                 "not a whole number of entries; what is below it is "
                 "left out");
        return false;
    }
    for (uint32_t at = 0; at < ranges_bytes / 4; at += entry_cells) {
        uint64_t child = tree_number(ranges, at, bus->address_cells);
        uint64_t parent = tree_number(ranges, at + bus->address_cells, above->address_cells);
        uint64_t size =
            tree_number(ranges, at + bus->address_cells + above->address_cells, bus->size_cells);
        if (*address >= child && range_inside(*address - child, bytes, size)) {
            if (parent > UINT64_MAX - (*address - child)) {
                tree_bad(tree, bus->node, "ranges", "leads past 2^64; what is there is left out");
                return false;
            }
            *address = parent + (*address - child);
            return true;
        }
    }
    return false;
}

bool tree_read_reg(struct tree *tree, uint32_t index, uint64_t *base, uint64_t *bytes)
{
    const struct tree_level *bus = &tree->path[tree->depth - 1];
    int node = tree->path[tree->depth].node;
    const uint8_t *reg = tree->properties[TREE_REG].value;
    uint32_t reg_bytes = tree->properties[TREE_REG].bytes;
    uint32_t entry_cells = bus->address_cells + bus->size_cells;
    if (reg == NULL || (uint64_t)reg_bytes < 4 * (uint64_t)entry_cells * (index + 1)) {
        return false;
    }
    *base = tree_number(reg, index * entry_cells, bus->address_cells);
    *bytes = tree_number(reg, index * entry_cells + bus->address_cells, bus->size_cells);
    for (uint32_t depth = tree->depth - 1; depth > 0; depth--) {
        if (!translate_once(tree, depth, base, *bytes)) {
            return false;
        }
    }
    bool impossible =
        *bytes == 0 || *bytes >= KAAL_DEVICE_RANGE_PORTS || *base > UINT64_MAX - *bytes;
#ifdef KAAL_PLANTED_BUG_DEVICE_TREE
    impossible = false;
#endif
    if (impossible) {
        tree_bad(tree, node, "reg", "an empty or impossible range; it is left out");
        return false;
    }
    return true;
}

static void read_ranges(struct tree *tree, struct kaal_device *device)
{
    const struct tree_level *bus = &tree->path[tree->depth - 1];
    int node = tree->path[tree->depth].node;
    const uint8_t *reg = tree->properties[TREE_REG].value;
    uint32_t reg_bytes = tree->properties[TREE_REG].bytes;
    if (reg == NULL || !bus->translates || bus->size_cells == 0) {
        return;
    }
    uint32_t entry_bytes = 4 * (bus->address_cells + bus->size_cells);
    if (reg_bytes % entry_bytes != 0) {
        tree_bad(tree, node, "reg", "not a whole number of entries; the rest is left out");
    }
    for (uint32_t i = 0; i < reg_bytes / entry_bytes && i < KAAL_DEVICE_RANGES_MAX; i++) {
        uint64_t base;
        uint64_t bytes;
        if (tree_read_reg(tree, i, &base, &bytes)) {
            kaal_device_set_range(device, i, base, bytes);
        }
    }
}

bool tree_compatible(const struct tree *tree, const char *id)
{
    const struct kaal_device ids = {.ids = (const char *)tree->properties[TREE_COMPATIBLE].value,
                                    .ids_bytes = tree->properties[TREE_COMPATIBLE].bytes};
    return kaal_device_has_id(&ids, id);
}

static void set_why_not(struct kaal_power *power, const char *reason)
{
    uint32_t i = 0;
    for (; reason[i] != '\0' && i < sizeof(power->why_not) - 1; i++) {
        power->why_not[i] = reason[i];
    }
    power->why_not[i] = '\0';
}

static void read_psci(struct tree *tree)
{
    int node = tree->path[tree->depth].node;
    struct kaal_power *power = &tree->platform->power;
    if (!tree_compatible(tree, "arm,psci-1.0") && !tree_compatible(tree, "arm,psci-0.2")) {
        set_why_not(power, "PSCI is older than 0.2 and has no SYSTEM_OFF");
        return;
    }
    const uint8_t *method = tree->properties[TREE_METHOD].value;
    uint32_t bytes = tree->properties[TREE_METHOD].bytes;
    bool is_smc = method != NULL && bytes == 4 && method[0] == 's' && method[1] == 'm' &&
                  method[2] == 'c' && method[3] == '\0';
    bool is_hvc = method != NULL && bytes == 4 && method[0] == 'h' && method[1] == 'v' &&
                  method[2] == 'c' && method[3] == '\0';
    if (!is_smc && !is_hvc) {
        set_why_not(power, "PSCI's method is neither smc nor hvc");
        tree_bad(tree, node, "method", "neither smc nor hvc; power-off is not possible");
        return;
    }
    *power = (struct kaal_power){
        .method = is_smc ? KAAL_POWER_PSCI_SMC : KAAL_POWER_PSCI_HVC,
        .psci_function = PSCI_SYSTEM_OFF,
    };
}

/* What the interrupts of the present node need once all controllers are known. */
static struct tree_device device_of(const struct tree *tree)
{
    const struct tree_property *extended = &tree->properties[TREE_INTERRUPTS_EXTENDED];
    return (struct tree_device){
        .node = tree->path[tree->depth].node,
        .extended = extended->value != NULL,
        .irq_parent = tree->path[tree->depth].irq_parent,
        .interrupts = extended->value != NULL ? *extended : tree->properties[TREE_INTERRUPTS],
    };
}

/* The present node, if it is an enabled device. */
static void read_node(struct tree *tree)
{
    const struct tree_level *level = &tree->path[tree->depth];
    const uint8_t *ids = tree->properties[TREE_COMPATIBLE].value;
    uint32_t bytes = tree->properties[TREE_COMPATIBLE].bytes;
    if (!level->enabled || ids == NULL || tree->depth == 0) {
        return;
    }
    if (bytes == 0 || ids[bytes - 1] != '\0') {
        tree_bad(tree, level->node, "compatible", "not a list of strings; the node is left out");
        return;
    }
    if (tree_compatible(tree, "arm,psci") || tree_compatible(tree, "arm,psci-0.2") ||
        tree_compatible(tree, "arm,psci-1.0")) {
        read_psci(tree);
        return;
    }
    if (!tree->path[tree->depth - 1].translates) {
        return; /* on a bus that only its controller's driver can reach */
    }
    struct tree_device from = device_of(tree);
    if (tree->properties[TREE_REG].value == NULL && from.interrupts.value == NULL &&
        !tree_compatible(tree, TREE_PCI_HOST)) {
        return; /* a description, nothing to drive */
    }
    struct kaal_device *device = kaal_registry_add(tree->registry);
    if (device == NULL) {
        return;
    }
    tree->devices[tree->registry->count - 1] = from;
    device->ids = (const char *)ids;
    device->ids_bytes = bytes;
    for (uint32_t i = 0; i < KAAL_DEVICE_ID_BYTES - 1 && ids[i] != '\0'; i++) {
        device->record.id[i] = (char)ids[i];
    }
    read_ranges(tree, device);
    tree_read_bus(tree, device);
}

/*
 * The node of a full path or of one alias, -1 = none. An alias stands for a full path (Devicetree
 * Specification 3.3); libfdt would follow aliases of aliases, on the stack and in circles too.
 */
static int node_of(const struct tree *tree, const char *path, int length)
{
    if (length > 0 && path[0] == '/') {
        return fdt_path_offset_namelen(tree->blob, path, length);
    }
    int aliases = fdt_path_offset(tree->blob, "/aliases");
    int bytes = 0;
    const char *full = fdt_getprop_namelen(tree->blob, aliases, path, length, &bytes);
    return full != NULL && bytes > 1 && full[0] == '/' && full[bytes - 1] == '\0'
               ? fdt_path_offset_namelen(tree->blob, full, bytes - 1)
               : -1;
}

/* The device of a path, which may have options behind a colon, gets a serial number. */
static void set_serial(struct tree *tree, const struct tree_property *path, uint32_t index)
{
    const char *text = (const char *)path->value;
    if (path->bytes == 0 || text[path->bytes - 1] != '\0') {
        return;
    }
    int length = 0;
    while (text[length] != '\0' && text[length] != ':') {
        length++;
    }
    int node = node_of(tree, text, length);
    for (uint32_t i = 0; node >= 0 && i < tree->registry->count; i++) {
        struct kaal_device *device = &tree->registry->devices[i];
        if (tree->devices[i].node == node && device->serial == UINT32_MAX) {
            device->serial = index;
        }
    }
}

/* Serial ports have the numbers of their aliases; without any, the console's is number 0. */
static void number_serial_ports(struct tree *tree)
{
    bool any = false;
    for (uint32_t i = 0; i < TREE_SERIALS_MAX; i++) {
        if (tree->serials[i].value != NULL) {
            set_serial(tree, &tree->serials[i], i);
            any = true;
        }
    }
    if (!any && tree->stdout_path.value != NULL) {
        set_serial(tree, &tree->stdout_path, 0);
    }
}

static int blob_bad(const struct kaal_discovery_access *access, int error, const char *what)
{
    struct kaal_problem problem;
    return report(access,
                  kaal_problem_set(&problem, error,
                                   "device tree: %s; no device can be found, check what the boot "
                                   "loader passes on",
                                   what),
                  &problem);
}

int kaal_device_tree_read(const uint8_t *blob, uint64_t bytes,
                          const struct kaal_discovery_access *access,
                          struct kaal_platform *platform, struct kaal_device_registry *registry)
{
    struct tree tree = {.blob = blob, .access = access, .platform = platform, .registry = registry};
    set_why_not(&platform->power, "the device tree has no PSCI node");
    if ((uintptr_t)blob % 8 != 0) {
        return blob_bad(access, KAAL_ERR_ALIGN, "the blob is not 8-byte aligned");
    }
    if (bytes < sizeof(struct fdt_header)) {
        return blob_bad(access, KAAL_ERR_TRUNCATED, "fewer bytes than a header");
    }
    /* libfdt follows no name of an older version's root, which has another form. */
    if (fdt_magic(blob) == FDT_MAGIC && fdt_version(blob) < TREE_VERSION_MIN) {
        return blob_bad(access, KAAL_ERR_FORMAT, "the blob's version is older than 16");
    }
    int error = fdt_check_full(blob, bytes > INT32_MAX ? INT32_MAX : bytes);
    if (error != 0) {
        return blob_bad(access, error == -FDT_ERR_TRUNCATED ? KAAL_ERR_TRUNCATED : KAAL_ERR_FORMAT,
                        fdt_strerror(error));
    }
    int depth = 0;
    bool too_deep = false;
    for (int node = 0; node >= 0 && depth >= 0; node = fdt_next_node(blob, node, &depth)) {
        if ((uint32_t)depth >= TREE_DEPTH_MAX) {
            if (!too_deep) {
                tree_bad(&tree, node, "name",
                         "nested deeper than can be read; such nodes are "
                         "left out");
            }
            too_deep = true;
            continue;
        }
        enter(&tree, node, (uint32_t)depth);
        read_node(&tree);
    }
    tree_read_interrupts(&tree);
    number_serial_ports(&tree);
    return KAAL_OK;
}
