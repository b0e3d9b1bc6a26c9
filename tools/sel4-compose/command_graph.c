/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * `sel4-compose graph`: the authority graph of a packed system, as its manifest allows it: JSON for
 * assertions, SVG (by Graphviz) for people; and the check of a running system against it.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <kaal/bits.h>

#include "ceiling.h"
#include "commands.h"
#include "graph_check.h"

#define COMMAND         "graph"
#define GRAPH_MAX_BYTES ((size_t)16 << 20)

/* The words of a component's allow line, by bit. */
static const char *const allow_names[] = {"inspect", "kill", "power", "devices", "memory", "chaos"};

static const char *separator(uint32_t index)
{
    return index == 0 ? "" : ", ";
}

static void print_selectors(const struct kaal_system_component *line)
{
    printf("    \"devices\": [");
    for (uint32_t i = 0; i < line->selector_count; i++) {
        char text[SELECTOR_TEXT_BYTES];
        selector_text(&line->selectors[i], text);
        printf("%s\"%s\"", separator(i), text);
    }
    printf("],\n");
}

static void print_resources(const struct ceiling *ceiling, const struct kaal_system_component *line)
{
    const struct kaal_driver_declaration *declaration = ceiling_declaration(ceiling, line->image);
    printf("    \"resources\": [");
    for (uint32_t i = 0; declaration != NULL && i < declaration->resource_count; i++) {
        printf("%s{\"name\": \"%s\", \"kind\": \"%s\"}", separator(i),
               declaration->resources[i].name, resource_kind_name(declaration->resources[i].kind));
    }
    printf("],\n");
}

/* Whether a component's devices can do DMA, as far as its driver's declaration tells. */
static bool does_dma(const struct ceiling *ceiling, const struct kaal_system_component *line)
{
    const struct kaal_driver_declaration *declaration = ceiling_declaration(ceiling, line->image);
    if (line->selector_count == 0 || declaration == NULL) {
        return line->selector_count != 0;
    }
    for (uint32_t i = 0; i < declaration->resource_count; i++) {
        if (declaration->resources[i].kind == KAAL_RESOURCE_DMA) {
            return true;
        }
    }
    return false;
}

static void print_channels(const struct ceiling *ceiling, uint32_t own)
{
    const struct kaal_system_component *components = kaal_system_components(ceiling->system);
    const struct kaal_system_channel *channels = kaal_system_channels(ceiling->system);
    uint32_t printed = 0;
    printf("    \"channels\": [");
    for (uint32_t i = 0; i < ceiling->system->channel_count; i++) {
        for (uint32_t end = 0; end < 2; end++) {
            if (channels[i].ends[end] == own) {
                printf("%s{\"name\": \"%s\", \"peer\": \"%s\"}", separator(printed++),
                       channels[i].name, components[channels[i].ends[1 - end]].name);
            }
        }
    }
    printf("],\n");
}

static void print_spawn(const struct kaal_system_spawn *spawn)
{
    if (spawn->children_max == 0) {
        printf("    \"spawn\": null}");
        return;
    }
    printf("    \"spawn\": {\"children\": %u, \"memory\": %" PRIu64
           ", \"slots\": %u, \"cpu_percent\": %u, \"priority\": %u, \"bytes\": %s, \"images\": [",
           spawn->children_max, spawn->memory_bytes, spawn->slots_max, spawn->cpu_percent,
           spawn->priority_max, (spawn->flags & KAAL_SPAWN_BYTES) != 0 ? "true" : "false");
    for (uint32_t i = 0; i < spawn->image_count; i++) {
        printf("%s\"%s\"", separator(i), spawn->images[i]);
    }
    printf("]}}");
}

/* A list of other components. */
static void print_peers(const struct ceiling *ceiling, const char *key, const uint32_t *peers,
                        uint32_t count)
{
    printf("    \"%s\": [", key);
    for (uint32_t i = 0; i < count; i++) {
        printf("%s\"%s\"", separator(i), kaal_system_components(ceiling->system)[peers[i]].name);
    }
    printf("],\n");
}

static void print_component(const struct ceiling *ceiling, uint32_t index)
{
    const struct kaal_system_component *components = kaal_system_components(ceiling->system);
    const struct kaal_system_component *line = &components[index];
    printf("  {\"name\": \"%s\", \"image\": \"%s\", \"priority\": %u,\n", line->name, line->image,
           line->priority);
    printf("    \"quotas\": {\"memory\": %" PRIu64 ", \"slots\": %u, \"interrupts\": %u, "
           "\"budget_us\": %" PRIu64 ", \"period_us\": %" PRIu64 "},\n",
           line->memory_bytes, line->slots_max, line->interrupts_max, line->budget_us,
           line->period_us);
    printf("    \"allow\": [");
    uint32_t printed = 0;
    for (uint32_t bit = 0; bit < ARRAY_COUNT(allow_names); bit++) {
        if ((line->allow & BIT32(bit)) != 0) {
            printf("%s\"%s\"", separator(printed++), allow_names[bit]);
        }
    }
    printf("],\n");
    print_selectors(line);
    print_resources(ceiling, line);
    printf("    \"trusted_without_iommu\": [%s],\n", does_dma(ceiling, line) ? "\"DMA\"" : "");
    print_channels(ceiling, index);
    print_peers(ceiling, "delegate", line->delegates, line->delegate_count);
    print_peers(ceiling, "calls", line->callees, line->callee_count);
    print_spawn(&line->spawn);
}

static void print_json(const struct ceiling *ceiling)
{
    printf("{\"system\": \"%s\", \"components\": [\n", ceiling->system->name);
    for (uint32_t index = 0; index < ceiling->system->component_count; index++) {
        print_component(ceiling, index);
        printf("%s\n", index + 1 < ceiling->system->component_count ? "," : "");
    }
    printf("]}\n");
}

static void write_edges(const struct ceiling *ceiling, FILE *out)
{
    const struct kaal_system_component *components = kaal_system_components(ceiling->system);
    const struct kaal_system_channel *channels = kaal_system_channels(ceiling->system);
    for (uint32_t i = 0; i < ceiling->system->channel_count; i++) {
        fprintf(out, "  \"%s\" -> \"%s\" [dir=both, label=\"%s\"];\n",
                components[channels[i].ends[0]].name, components[channels[i].ends[1]].name,
                channels[i].name);
    }
    for (uint32_t index = 0; index < ceiling->system->component_count; index++) {
        const struct kaal_system_component *line = &components[index];
        for (uint32_t i = 0; i < line->delegate_count; i++) {
            fprintf(out, "  \"%s\" -> \"%s\" [style=dashed, label=\"memory\"];\n", line->name,
                    components[line->delegates[i]].name);
        }
        for (uint32_t i = 0; i < line->callee_count; i++) {
            fprintf(out, "  \"%s\" -> \"%s\" [label=\"calls\"];\n", line->name,
                    components[line->callees[i]].name);
        }
        for (uint32_t i = 0; i < line->selector_count; i++) {
            char text[SELECTOR_TEXT_BYTES];
            selector_text(&line->selectors[i], text);
            fprintf(out, "  \"%s %u\" [shape=ellipse, label=\"%s\"];\n", line->name, i, text);
            fprintf(out, "  \"%s\" -> \"%s %u\";\n", line->name, line->name, i);
        }
        if (line->spawn.children_max != 0) {
            fprintf(out, "  \"%s children\" [style=dotted, label=\"up to %u children\"];\n",
                    line->name, line->spawn.children_max);
            fprintf(out, "  \"%s\" -> \"%s children\" [style=dotted];\n", line->name, line->name);
        }
    }
}

/* The graph in Graphviz's language; names are [a-z0-9_-], so nothing needs quoting. */
static void write_dot(const struct ceiling *ceiling, FILE *out)
{
    const struct kaal_system_component *components = kaal_system_components(ceiling->system);
    fprintf(out, "digraph \"%s\" {\n  node [shape=box, fontname=sans];\n  edge [fontname=sans];\n",
            ceiling->system->name);
    for (uint32_t index = 0; index < ceiling->system->component_count; index++) {
        fprintf(out, "  \"%s\" [label=\"%s\\npriority %u%s\"];\n", components[index].name,
                components[index].name, components[index].priority,
                does_dma(ceiling, &components[index]) ? "\\ntrusted: DMA, without an IOMMU" : "");
    }
    write_edges(ceiling, out);
    fprintf(out, "}\n");
}

static int write_svg(const struct ceiling *ceiling, const char *path, const char *dot)
{
    char *command = text_format("exec %s -Tsvg -o '%s'", dot != NULL ? dot : "dot", path);
    int status = STATUS_ERROR;
    (void)signal(SIGPIPE, SIG_IGN); /* a program that ends early is told by its status */
    FILE *pipe = strchr(path, '\'') == NULL ? popen(command, "w") : NULL;
    if (pipe != NULL) {
        write_dot(ceiling, pipe);
        int ended = pclose(pipe);
        status = WIFEXITED(ended) && WEXITSTATUS(ended) == 0 ? STATUS_OK : STATUS_ERROR;
    }
    if (status != STATUS_OK) {
        fprintf(stderr,
                "%s: error: dot could not draw it; try: apt-get install graphviz, or "
                "--dot PROGRAM, or the JSON without --svg\n",
                path);
    }
    free(command);
    return status;
}

static int check(const struct ceiling *ceiling, const char *path)
{
    struct buffer text = {0};
    struct diagnostics diagnostics = {.file = path, .out = stderr};
    int error = file_read(path, GRAPH_MAX_BYTES, &text);
    if (error != 0) {
        diagnostics_error(&diagnostics, (struct position){0},
                          "cannot be read: %s; try: a file with what `graph` in the shell printed",
                          strerror(error));
    } else if (graph_check(ceiling, (const char *)text.data, text.bytes, &diagnostics)) {
        printf("%s: everything in it is within the manifest of system %s\n", path,
               ceiling->system->name);
    }
    buffer_deinit(&text);
    return diagnostics.errors == 0 ? STATUS_OK : STATUS_ERROR;
}

int command_graph(int count, char **arguments)
{
    const char *path = NULL;
    const char *svg = NULL;
    const char *dot = NULL;
    const char *running = NULL;
    const struct option table[] = {{"--svg", &svg}, {"--dot", &dot}, {"--check", &running}};
    int status = options_parse(COMMAND, count, arguments, table, ARRAY_COUNT(table), &path);
    if (status != STATUS_OK) {
        return status;
    }
    if (path == NULL || (svg != NULL && running != NULL)) {
        return usage_error(COMMAND, "needs a packed system, and one of --svg and --check or none");
    }
    struct ceiling ceiling;
    status = STATUS_ERROR;
    if (ceiling_open(&ceiling, path)) {
        status = STATUS_OK;
        if (svg != NULL) {
            status = write_svg(&ceiling, svg, dot);
        } else if (running != NULL) {
            status = check(&ceiling, running);
        } else {
            print_json(&ceiling);
        }
    }
    ceiling_deinit(&ceiling);
    return status;
}
