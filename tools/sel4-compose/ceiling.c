/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Reading a packed system again.
 */
#include "ceiling.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <kaal/bits.h>

#include "root_image.h"

static bool open_image(struct ceiling *ceiling, const char *path)
{
    struct diagnostics diagnostics = {.file = path, .out = stderr};
    int error = file_read(path, COMPONENT_FILE_MAX_BYTES, &ceiling->image.file);
    if (error != 0) {
        fprintf(stderr, "%s: error: %s; try: the folder of a packed system\n", path,
                strerror(error));
        return false;
    }
    struct kaal_elf_problem elf_problem;
    if (kaal_elf_open(ceiling->image.file.data, ceiling->image.file.bytes, KAAL_ELF_MACHINE_ANY,
                      &ceiling->image.elf, &elf_problem) != KAAL_OK) {
        diagnostics_error(&diagnostics, (struct position){0}, "%s; try: the path of a root.elf",
                          elf_problem.text);
        return false;
    }
    const char *problem = "the archive has no system description";
    const void *data;
    uint64_t bytes;
    ceiling->archive = root_image_archive(&ceiling->image, &problem);
    if (ceiling->archive == NULL ||
        kaal_archive_find(ceiling->archive, KAAL_ARCHIVE_SYSTEM, "system", &data, &bytes) !=
            KAAL_OK ||
        kaal_system_open(data, bytes, &ceiling->system, &problem) != KAAL_OK) {
        diagnostics_error(&diagnostics, (struct position){0},
                          "%s; try: a root.elf that sel4-compose build made", problem);
        return false;
    }
    return true;
}

bool ceiling_open(struct ceiling *ceiling, const char *path)
{
    struct stat status;
    *ceiling = (struct ceiling){0};
    bool folder = stat(path, &status) == 0 && S_ISDIR(status.st_mode);
    char *file = text_format(folder ? "%s/root.elf" : "%s", path);
    bool good = open_image(ceiling, file);
    free(file);
    return good;
}

void ceiling_deinit(struct ceiling *ceiling)
{
    component_image_deinit(&ceiling->image);
}

const struct kaal_system_component *ceiling_component(const struct ceiling *ceiling,
                                                      const char *name)
{
    const struct kaal_system_component *components = kaal_system_components(ceiling->system);
    for (uint32_t index = 0; index < ceiling->system->component_count; index++) {
        if (strcmp(components[index].name, name) == 0) {
            return &components[index];
        }
    }
    return NULL;
}

uint32_t ceiling_index(const struct ceiling *ceiling, const struct kaal_system_component *component)
{
    return (uint32_t)(component - kaal_system_components(ceiling->system));
}

const struct kaal_driver_declaration *ceiling_declaration(const struct ceiling *ceiling,
                                                          const char *image)
{
    const struct kaal_driver_declaration *declaration;
    const char *problem;
    const void *data;
    uint64_t bytes;
    bool found = kaal_archive_find(ceiling->archive, KAAL_ARCHIVE_DECLARATION, image, &data,
                                   &bytes) == KAAL_OK &&
                 kaal_driver_declaration_open(data, bytes, &declaration, &problem) == KAAL_OK;
    return found ? declaration : NULL;
}

void selector_text(const struct kaal_device_selector *selector, char text[SELECTOR_TEXT_BYTES])
{
    switch (selector->kind) {
    case KAAL_SELECT_AUTO:
        (void)snprintf(text, SELECTOR_TEXT_BYTES, "auto");
        break;
    case KAAL_SELECT_SERIAL:
        (void)snprintf(text, SELECTOR_TEXT_BYTES, "serial(%u)", selector->value);
        break;
    case KAAL_SELECT_PCI:
        (void)snprintf(text, SELECTOR_TEXT_BYTES, "pci:%04x:%04x", selector->value >> 16,
                       selector->value & 0xffff);
        break;
    case KAAL_SELECT_PCI_CLASS:
        (void)snprintf(text, SELECTOR_TEXT_BYTES, "pci-class:%06x", selector->value);
        break;
    case KAAL_SELECT_COMPATIBLE:
        (void)snprintf(text, SELECTOR_TEXT_BYTES, "compatible:%s", selector->id);
        break;
    case KAAL_SELECT_PNP:
        (void)snprintf(text, SELECTOR_TEXT_BYTES, "pnp:%s", selector->id);
        break;
    case KAAL_SELECT_VIRTIO:
        (void)snprintf(text, SELECTOR_TEXT_BYTES, "virtio:%u", selector->value);
        break;
    default:
        (void)snprintf(text, SELECTOR_TEXT_BYTES, "kind %u: %u", selector->kind, selector->value);
        break;
    }
}

const char *resource_kind_name(uint32_t kind)
{
    static const char *const names[] = {
        [KAAL_RESOURCE_REGISTERS] = "registers",
        [KAAL_RESOURCE_PORTS] = "ports",
        [KAAL_RESOURCE_IRQ] = "irq",
        [KAAL_RESOURCE_DMA] = "dma",
        [KAAL_RESOURCE_CHANNEL] = "channel",
        [KAAL_RESOURCE_SERVICE] = "service",
    };
    return kind < ARRAY_COUNT(names) && names[kind] != NULL ? names[kind] : "?";
}
