/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The running graph is JSON, which is YAML, so the reader that keeps lines and columns serves here,
 * too. A holding is allowed by exactly one rule; each rule has a limit (a channel end once, a
 * device's resources once per selector), so that nothing can be held twice either.
 */
#include "graph_check.h"

#include <stdlib.h>
#include <string.h>

#include <kaal/bits.h>

#include "yaml_tree.h"

/* A component of the running graph while it is checked. */
struct running {
    const struct ceiling *ceiling;
    struct diagnostics *diagnostics;
    const struct yaml_node *root;             /* of the whole graph */
    const char *name;                         /* as it runs */
    const char *parent;                       /* "" if it is in the manifest */
    const struct kaal_system_component *line; /* its own, or its parent's */
    const struct kaal_driver_declaration *declaration;
    const struct yaml_node *holdings;
};

static const struct yaml_node *member(const struct yaml_node *mapping, const char *key)
{
    if (mapping == NULL || mapping->kind != YAML_MAPPING) {
        return NULL;
    }
    for (const struct yaml_node *at = mapping->first; at != NULL; at = at->next) {
        if (strcmp(at->text, key) == 0) {
            return at->value;
        }
    }
    return NULL;
}

static const char *text_of(const struct yaml_node *mapping, const char *key)
{
    const struct yaml_node *value = member(mapping, key);
    return value != NULL && value->kind == YAML_SCALAR ? value->text : "";
}

static uint64_t number_of(const struct yaml_node *mapping, const char *key)
{
    return strtoull(text_of(mapping, key), NULL, 10);
}

/* Holdings of a kind (and name, unless NULL) up to and with one; the number of this one. */
static uint32_t ordinal(const struct running *running, const struct yaml_node *holding,
                        const char *kind, const char *name)
{
    uint32_t count = 0;
    for (const struct yaml_node *at = running->holdings->first; at != NULL; at = at->next) {
        bool same = strcmp(text_of(at, "kind"), kind) == 0 &&
                    (name == NULL || strcmp(text_of(at, "name"), name) == 0);
        count += same ? 1 : 0;
        if (at == holding) {
            break;
        }
    }
    return count;
}

static bool is_always(const char *name, const char *kind, const char *rights)
{
    static const char *const always[][3] = {
        {"broker", "endpoint", "-w-p"},
        {"notification", "notification", "r---"},
        {"reply", "reply", "----"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(always); i++) {
        if (strcmp(name, always[i][0]) == 0 && strcmp(kind, always[i][1]) == 0 &&
            strcmp(rights, always[i][2]) == 0) {
            return true;
        }
    }
    return false;
}

static bool has_channel(const struct running *running, const char *name)
{
    const struct kaal_system *system = running->ceiling->system;
    const struct kaal_system_channel *channels = kaal_system_channels(system);
    uint32_t own = ceiling_index(running->ceiling, running->line);
    for (uint32_t i = 0; i < system->channel_count; i++) {
        if (strcmp(channels[i].name, name) == 0 &&
            (channels[i].ends[0] == own || channels[i].ends[1] == own)) {
            return true;
        }
    }
    return false;
}

/* A resource of a driver's declaration; without one, of any device: "range0".., "irq0".. */
static bool has_resource(const struct running *running, const char *name, const char *kind)
{
    const struct kaal_driver_declaration *declaration = running->declaration;
    bool numbered = strncmp(name, "range", 5) == 0 || strncmp(name, "irq", 3) == 0;
    for (uint32_t i = 0; declaration != NULL && i < declaration->resource_count; i++) {
        if (strcmp(declaration->resources[i].name, name) == 0 &&
            strcmp(resource_kind_name(declaration->resources[i].kind), kind) == 0) {
            return true;
        }
    }
    return numbered || strcmp(kind, "dma") == 0; /* "dma": kaal_allocate_dma() */
}

static bool delegates_to(const struct running *running, const char *owner)
{
    const struct kaal_system_component *line = ceiling_component(running->ceiling, owner);
    if (strcmp(owner, running->parent) == 0) {
        return true;
    }
    for (uint32_t i = 0; line != NULL && running->parent[0] == '\0' && i < line->delegate_count;
         i++) {
        if (line->delegates[i] == ceiling_index(running->ceiling, running->line)) {
            return true;
        }
    }
    return false;
}

/* Whether the manifest lets a component call another one. */
static bool calls(const struct running *running, const struct kaal_system_component *caller,
                  const char *callee)
{
    const struct kaal_system_component *components =
        kaal_system_components(running->ceiling->system);
    for (uint32_t i = 0; i < caller->callee_count; i++) {
        if (strcmp(components[caller->callees[i]].name, callee) == 0) {
            return true;
        }
    }
    return false;
}

/* A service is held with the right to call by those whose calls line has it, and with the right to
 * receive by the component that gives it. */
static const char *refuse_service(const struct running *running, const struct yaml_node *holding,
                                  const char *name)
{
    const struct kaal_system *system = running->ceiling->system;
    bool own = strcmp(name, running->name) == 0;
    bool allowed = calls(running, running->line, name);
    for (uint32_t i = 0; own && i < system->component_count; i++) {
        allowed = allowed || calls(running, &kaal_system_components(system)[i], name);
    }
    return !allowed ? (own ? "nobody's calls line has it" : "its calls line does not have it")
           : strcmp(text_of(holding, "rights"), own ? "r---" : "-w-p") != 0
               ? "its rights are too large"
           : ordinal(running, holding, "service", name) > 1 ? "it holds it already"
                                                            : NULL;
}

/* Whether another running component is its parent or one of its children. */
static bool is_family(const struct running *running, const char *other)
{
    if (strcmp(running->parent, other) == 0 && other[0] != '\0') {
        return true;
    }
    const struct yaml_node *components = member(running->root, "components");
    for (const struct yaml_node *at = components->first; at != NULL; at = at->next) {
        if (strcmp(text_of(at, "name"), other) == 0) {
            return strcmp(text_of(at, "parent"), running->name) == 0;
        }
    }
    return false;
}

/* Why a holding is not allowed, or NULL. Rules for components of the manifest. */
static const char *refuse_own(const struct running *running, const struct yaml_node *holding,
                              const char *name, const char *kind)
{
    const struct kaal_system_component *line = running->line;
    if (strcmp(kind, "channel") == 0) {
        return !has_channel(running, name) ? "the manifest has no such channel"
               : strcmp(text_of(holding, "rights"), "-w--") != 0 ? "its rights are too large"
               : ordinal(running, holding, kind, name) > 1       ? "it holds this end already"
                                                                 : NULL;
    }
    if (strcmp(kind, "service") == 0) {
        return refuse_service(running, holding, name);
    }
    if (strcmp(kind, "irq") == 0 && ordinal(running, holding, kind, NULL) > line->interrupts_max) {
        return "its interrupts line allows fewer";
    }
    if (strcmp(kind, "irq") == 0 || strcmp(kind, "ports") == 0 || strcmp(kind, "registers") == 0 ||
        strcmp(kind, "dma") == 0) {
        return line->selector_count == 0            ? "it has no devices line"
               : !has_resource(running, name, kind) ? "its driver declares no such resource"
               : strcmp(kind, "dma") != 0 &&
                       ordinal(running, holding, kind, name) > line->selector_count
                   ? "its devices line has fewer devices"
                   : NULL;
    }
    if (strcmp(kind, "child") == 0) {
        return ordinal(running, holding, kind, NULL) > line->spawn.children_max
                   ? "its spawn mapping allows fewer children"
                   : NULL;
    }
    return "the manifest has no rule for it";
}

/* Sum of the bytes of memory holdings up to and with one. */
static uint64_t memory_until(const struct running *running, const struct yaml_node *holding)
{
    uint64_t bytes = 0;
    for (const struct yaml_node *at = running->holdings->first; at != NULL; at = at->next) {
        bytes += strcmp(text_of(at, "kind"), "memory") == 0 ? number_of(at, "bytes") : 0;
        if (at == holding) {
            break;
        }
    }
    return bytes;
}

static const char *refuse(const struct running *running, const struct yaml_node *holding)
{
    const char *name = text_of(holding, "name");
    const char *kind = text_of(holding, "kind");
    const struct kaal_system_component *line = running->line;
    bool child = running->parent[0] != '\0';
    if (is_always(name, kind, text_of(holding, "rights"))) {
        return ordinal(running, holding, kind, name) > 1 ? "every component has one" : NULL;
    }
    if (strcmp(kind, "memory") == 0) {
        uint64_t most = child ? line->spawn.memory_bytes : line->memory_bytes;
        return (line->allow & KAAL_ALLOW_MEMORY) == 0  ? "its allow line has no memory"
               : memory_until(running, holding) > most ? "its memory quota is smaller"
                                                       : NULL;
    }
    if (strcmp(kind, "link") == 0) {
        return !is_family(running, name) ? "that is neither parent nor child"
               : strcmp(text_of(holding, "rights"), "-w--") != 0 ? "its rights are too large"
               : ordinal(running, holding, kind, name) > 1       ? "it holds this end already"
                                                                 : NULL;
    }
    if (strcmp(kind, "shared") == 0) {
        return delegates_to(running, name) ? NULL : "its owner does not delegate to it";
    }
    return child ? "children have neither devices nor channels"
                 : refuse_own(running, holding, name, kind);
}

static void check_holdings(const struct running *running)
{
    for (const struct yaml_node *at = running->holdings->first; at != NULL; at = at->next) {
        const char *why = refuse(running, at);
        if (why != NULL) {
            diagnostics_error(running->diagnostics, at->at,
                              "component '%s' holds the %s '%s', but %s; try: allow it in "
                              "compose.yaml, or find out who gave it",
                              running->name, text_of(at, "kind"), text_of(at, "name"), why);
        }
    }
}

/* The device that a component holds must be one that a selector names, as far as that can be told
 * without the machine: `auto` and `serial(n)` are decided there. */
static bool selects(const struct kaal_device_selector *selector, const struct yaml_node *device)
{
    char text[SELECTOR_TEXT_BYTES];
    char pci[SELECTOR_TEXT_BYTES];
    selector_text(selector, text);
    switch (selector->kind) {
    case KAAL_SELECT_PCI:
        (void)snprintf(pci, sizeof pci, "pci:%s", text_of(device, "pci"));
        return strcmp(text, pci) == 0;
    case KAAL_SELECT_PCI_CLASS:
        (void)snprintf(pci, sizeof pci, "pci-class:%s", text_of(device, "class"));
        return strcmp(text, pci) == 0;
    default:
        return true;
    }
}

static void check_device(const struct ceiling *ceiling, const struct yaml_node *device,
                         struct diagnostics *diagnostics)
{
    const char *owner = text_of(device, "owner");
    const struct kaal_system_component *line = ceiling_component(ceiling, owner);
    for (uint32_t i = 0; line != NULL && i < line->selector_count; i++) {
        if (selects(&line->selectors[i], device)) {
            return;
        }
    }
    diagnostics_error(diagnostics, device->at,
                      "component '%s' holds device '%s' (%s), which its devices line does not "
                      "name; try: name it in compose.yaml, or find out who gave it",
                      owner, text_of(device, "id"), text_of(device, "pci"));
}

/* The line that a running component goes by: its own, or that of the one who started it. */
static bool find_line(struct running *running, const struct yaml_node *component)
{
    running->name = text_of(component, "name");
    running->parent = text_of(component, "parent");
    const char *known = running->parent[0] != '\0' ? running->parent : running->name;
    running->line = ceiling_component(running->ceiling, known);
    if (running->line == NULL) {
        diagnostics_error(
            running->diagnostics, component->at,
            "component '%s' runs, but the manifest has no '%s'; try: the graph of the "
            "same build",
            running->name, known);
        return false;
    }
    if (running->parent[0] != '\0' && running->line->spawn.children_max == 0) {
        diagnostics_error(running->diagnostics, component->at,
                          "component '%s' was started by '%s', which may start none; try: spawn in "
                          "compose.yaml, or find out who started it",
                          running->name, known);
        return false;
    }
    running->declaration = ceiling_declaration(running->ceiling, running->line->image);
    return true;
}

/* Without an IOMMU a device reaches all memory: only who may have a device can be trusted with it.
 */
static void check_trust(const struct running *running, const struct yaml_node *component)
{
    const struct yaml_node *trusted = member(component, "trusted");
    bool may = running->parent[0] == '\0' && running->line->selector_count > 0;
    if (trusted != NULL && trusted->kind == YAML_SEQUENCE && trusted->first != NULL && !may) {
        diagnostics_error(
            running->diagnostics, component->at,
            "component '%s' is trusted: %s, but it has no devices line; try: find out "
            "who gave it a device",
            running->name, trusted->first->text);
    }
}

static void check_component(struct running *running, const struct yaml_node *component)
{
    running->holdings = member(component, "holdings");
    const struct yaml_node *unlisted = member(component, "unlisted");
    if (running->holdings == NULL || running->holdings->kind != YAML_SEQUENCE || unlisted == NULL ||
        unlisted->kind != YAML_SEQUENCE) {
        diagnostics_error(running->diagnostics, component->at,
                          "a component without holdings or unlisted slots; try: what `graph` in "
                          "the shell printed, whole");
        return;
    }
    if (!find_line(running, component)) {
        return;
    }
    check_holdings(running);
    check_trust(running, component);
    for (const struct yaml_node *slot = unlisted->first; slot != NULL; slot = slot->next) {
        diagnostics_error(running->diagnostics, slot->at,
                          "component '%s' has a capability in slot %s that nobody recorded; try: "
                          "report this as a bug with the system",
                          running->name, slot->text != NULL ? slot->text : "?");
    }
}

bool graph_check(const struct ceiling *ceiling, const char *text, size_t bytes,
                 struct diagnostics *diagnostics)
{
    struct yaml_node *root = yaml_tree_create(text, bytes, diagnostics);
    const struct yaml_node *components = member(root, "components");
    const struct yaml_node *devices = member(root, "devices");
    if (root != NULL && (components == NULL || components->kind != YAML_SEQUENCE ||
                         devices == NULL || devices->kind != YAML_SEQUENCE)) {
        diagnostics_error(diagnostics, root->at,
                          "no lists of components and devices; try: what `graph` in the shell "
                          "printed, whole");
    } else if (root != NULL) {
        struct running running = {.ceiling = ceiling, .diagnostics = diagnostics, .root = root};
        for (const struct yaml_node *at = components->first; at != NULL; at = at->next) {
            check_component(&running, at);
        }
        for (const struct yaml_node *at = devices->first; at != NULL; at = at->next) {
            check_device(ceiling, at, diagnostics);
        }
    }
    yaml_tree_destroy(root);
    return diagnostics->errors == 0;
}
