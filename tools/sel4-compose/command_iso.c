/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * `sel4-compose iso`: an ISO image of an x86_64 system that a PC starts from a CD or USB stick, by
 * BIOS or UEFI. GRUB is the boot loader, because it speaks multiboot 2 on both; its grub-mkrescue
 * does the work. What it was given stays in the system's folder: iso/ holds the files, iso.log what
 * grub-mkrescue said.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kaal/bits.h>

#include "buffer.h"
#include "commands.h"
#include "component_image.h"

#define COMMAND         "iso"
#define PACKAGES        "grub-common grub-pc-bin grub-efi-amd64-bin xorriso mtools"
#define ISO_MAX_BYTES   ((size_t)256 << 20)
#define ISO_BLOCK_BYTES 2048u

/* The boot catalogue. Source: El Torito Bootable CD-ROM Format Specification 1.0, 2.0. */
#define BOOT_RECORD_BLOCK    17u
#define BOOT_RECORD_CATALOG  71u /* offset of the catalogue's block number */
#define CATALOG_ENTRY_BYTES  32u
#define CATALOG_ENTRIES_MAX  (ISO_BLOCK_BYTES / CATALOG_ENTRY_BYTES)
#define CATALOG_HEADER       0x90u /* entry kind: a section of one platform follows */
#define CATALOG_HEADER_FINAL 0x91u
#define PLATFORM_BIOS        0x00u
#define PLATFORM_UEFI        0xefu

static const char grub_config[] = "set timeout=0\n"
                                  "menuentry \"KaaL\" {\n"
                                  "    multiboot2 /boot/kernel.elf\n"
                                  "    module2 /boot/root.elf\n"
                                  "}\n";

struct iso_options {
    const char *folder;
    const char *output; /* NULL: boot.iso in the folder */
    const char *grub;   /* NULL: grub-mkrescue from the PATH */
};

static bool put(const char *folder, const char *name, const void *data, size_t bytes)
{
    char *path = text_format("%s/%s", folder, name);
    int error = file_write(path, data, bytes);
    if (error != 0) {
        fprintf(stderr, "%s: error: %s; try: a folder that can be written\n", path,
                strerror(error));
    }
    free(path);
    return error == 0;
}

/* Lays the ISO's files out in a folder. */
static bool stage(const char *folder, const struct buffer *kernel, const struct buffer *root)
{
    char *grub = text_format("%s/boot/grub", folder);
    int error = folder_create(grub);
    if (error != 0) {
        fprintf(stderr, "%s: error: %s; try: a folder that can be written\n", grub,
                strerror(error));
    }
    free(grub);
    return error == 0 && put(folder, "boot/kernel.elf", kernel->data, kernel->bytes) &&
           put(folder, "boot/root.elf", root->data, root->bytes) &&
           put(folder, "boot/grub/grub.cfg", grub_config, sizeof grub_config - 1);
}

static _Noreturn void become_grub(const char *log, char *const arguments[])
{
    int file = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    int saved = dup(STDERR_FILENO);
    if (file >= 0) {
        (void)dup2(file, STDOUT_FILENO);
        (void)dup2(file, STDERR_FILENO);
    }
    (void)execvp(arguments[0], arguments);
    dprintf(saved,
            "sel4-compose: error: %s cannot be started: %s; try: apt-get install " PACKAGES "\n",
            arguments[0], strerror(errno));
    _exit(127);
}

/* Runs grub-mkrescue; its output goes to a file, because it says much when all is well. */
static bool make_iso(const struct iso_options *options, const char *staged, const char *log,
                     const char *output)
{
    char *arguments[] = {
        text_format("%s", options->grub != NULL ? options->grub : "grub-mkrescue"),
        text_format("--output=%s", output),
        text_format("--locales="),
        text_format("--fonts="),
        text_format("--themes="),
        text_format("%s", staged),
        NULL,
    };
    int status = 0;
    (void)fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        become_grub(log, arguments);
    }
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    bool good = child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (child < 0 || (!good && !(WIFEXITED(status) && WEXITSTATUS(status) == 127))) {
        fprintf(stderr,
                "sel4-compose: error: %s failed, see %s; try: apt-get install " PACKAGES "\n",
                arguments[0], log);
    }
    for (size_t index = 0; arguments[index] != NULL; index++) {
        free(arguments[index]);
    }
    return good;
}

/* True if the boot catalogue has an entry for a platform. */
static bool boots_on(const struct buffer *iso, uint8_t platform)
{
    size_t record = (size_t)BOOT_RECORD_BLOCK * ISO_BLOCK_BYTES;
    uint32_t block;
    if (iso->bytes < record + ISO_BLOCK_BYTES) {
        return false;
    }
    memcpy(&block, iso->data + record + BOOT_RECORD_CATALOG, sizeof block);
    size_t catalog = (size_t)block * ISO_BLOCK_BYTES;
    if (catalog > iso->bytes - ISO_BLOCK_BYTES || memcmp(iso->data + record + 1, "CD001", 5) != 0) {
        return false;
    }
    for (size_t index = 0; index < CATALOG_ENTRIES_MAX; index++) {
        const uint8_t *entry = iso->data + catalog + index * CATALOG_ENTRY_BYTES;
        bool header = index == 0 ? entry[0] == 1
                                 : entry[0] == CATALOG_HEADER || entry[0] == CATALOG_HEADER_FINAL;
        if (header && entry[1] == platform) {
            return true;
        }
    }
    return false;
}

/* grub-mkrescue leaves a firmware out, without a word, when GRUB's files for it are not installed.
 */
static bool check_iso(const char *path)
{
    static const struct {
        uint8_t platform;
        const char *name;
        const char *package;
    } firmwares[] = {{PLATFORM_BIOS, "BIOS", "grub-pc-bin"},
                     {PLATFORM_UEFI, "UEFI", "grub-efi-amd64-bin"}};
    struct buffer iso = {0};
    int error = file_read(path, ISO_MAX_BYTES, &iso);
    bool good = error == 0;
    if (error != 0) {
        fprintf(stderr, "%s: error: %s; try: another --output\n", path, strerror(error));
    }
    for (size_t index = 0; good && index < ARRAY_COUNT(firmwares); index++) {
        good = boots_on(&iso, firmwares[index].platform);
        if (!good) {
            fprintf(stderr, "%s: error: does not start by %s; try: apt-get install %s\n", path,
                    firmwares[index].name, firmwares[index].package);
        }
    }
    buffer_deinit(&iso);
    return good;
}

static bool is_pc_system(const char *folder)
{
    char *image = text_format("%s/image", folder);
    bool arm = access(image, R_OK) == 0;
    free(image);
    if (arm) {
        fprintf(stderr,
                "%s: error: ISO images are for x86_64, this is an aarch64 system; try: 'image' in "
                "that folder, which boots by itself\n",
                folder);
    }
    return !arm;
}

int command_iso(int count, char **arguments)
{
    struct iso_options options = {0};
    const struct option table[] = {{"--output", &options.output},
                                   {"--grub-mkrescue", &options.grub}};
    int status =
        options_parse(COMMAND, count, arguments, table, ARRAY_COUNT(table), &options.folder);
    if (status != STATUS_OK) {
        return status;
    }
    if (options.folder == NULL) {
        return usage_error(COMMAND, "needs the folder of a built system");
    }
    struct buffer kernel = {0};
    struct buffer root = {0};
    char *kernel_path = text_format("%s/kernel.elf", options.folder);
    char *root_path = text_format("%s/root.elf", options.folder);
    char *staged = text_format("%s/iso", options.folder);
    char *log = text_format("%s/iso.log", options.folder);
    char *output = options.output != NULL ? text_format("%s", options.output)
                                          : text_format("%s/boot.iso", options.folder);
    bool good = is_pc_system(options.folder) && file_read_reported(kernel_path, &kernel) &&
                file_read_reported(root_path, &root) && stage(staged, &kernel, &root) &&
                make_iso(&options, staged, log, output) && check_iso(output);
    if (good) {
        printf("%s\n", output);
    }
    buffer_deinit(&kernel);
    buffer_deinit(&root);
    free(kernel_path);
    free(root_path);
    free(staged);
    free(log);
    free(output);
    return good ? STATUS_OK : STATUS_ERROR;
}
