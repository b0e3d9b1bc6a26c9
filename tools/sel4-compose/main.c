/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * sel4-compose: the project tool. This file only finds the subcommand.
 */
#include <stdio.h>
#include <string.h>

#include "commands.h"

static const char help[] =
    "usage: sel4-compose <command> ...\n"
    "\n"
    "  new FOLDER             make a small project\n"
    "  build COMPOSE.YAML --arch x86_64|aarch64 --init INIT.ELF --components FOLDER[:FOLDER...]\n"
    "        [--kernel KERNEL.ELF] [--loader LOADER.BIN] --output FOLDER\n"
    "                         check the file and pack a bootable system into FOLDER\n"
    "  run FOLDER [--timeout SECONDS] [--gdb] [--icount] [--qemu PROGRAM] [--dry-run]\n"
    "        [-- QEMU ARGUMENTS]\n"
    "                         boot a packed system in QEMU; on a terminal Ctrl-A x leaves QEMU\n"
    "                         and Ctrl-C goes to the shell; with piped input it ends when the\n"
    "                         guest powers off (status 0) or after the timeout, 120 s (status 1);\n"
    "                         --icount counts instructions as time, --dry-run prints QEMU's\n"
    "                         arguments, one on each line\n"
    "  iso FOLDER [--output FILE] [--grub-mkrescue PROGRAM]\n"
    "                         a GRUB image of a packed x86_64 system for BIOS and UEFI, boot.iso\n"
    "                         in its folder\n"
    "  image --kernel KERNEL.ELF --loader LOADER.BIN --root ROOT.ELF --output FILE\n"
    "        [--unchecked]\n"
    "                         an aarch64 boot image of any root task\n"
    "  graph FOLDER [--svg FILE [--dot PROGRAM] | --check RUNNING.JSON]\n"
    "                         who may hold what, by the manifest: as JSON, or drawn as SVG; or\n"
    "                         whether what `graph` in the shell printed is within it\n"
    "  chaos FOLDER [--seed N] [--seconds S] [--plant leak] [--output FOLDER] [--timeout SECONDS]\n"
    "        [--qemu PROGRAM] [-- QEMU ARGUMENTS]\n"
    "                         boot a packed system whose chaos component harms the others at\n"
    "                         seeded random moments, and print what it finds: status 1 if a\n"
    "                         promise is broken\n"
    "  info ROOT.ELF          say what a packed image contains\n"
    "  help                   this text\n"
    "\n"
    "Exit status: 0, 1 after an error, 2 for wrong arguments. The schema of compose.yaml is in\n"
    "docs/compose.md.\n";

int main(int count, char **arguments)
{
    static const struct {
        const char *name;
        int (*run)(int count, char **arguments);
    } commands[] = {{"build", command_build}, {"run", command_run},    {"info", command_info},
                    {"graph", command_graph}, {"iso", command_iso},    {"image", command_image},
                    {"new", command_new},     {"chaos", command_chaos}};
    if (count < 2) {
        fputs(help, stderr);
        return STATUS_USAGE;
    }
    if (strcmp(arguments[1], "help") == 0 || strcmp(arguments[1], "--help") == 0) {
        fputs(help, stdout);
        return STATUS_OK;
    }
    for (size_t index = 0; index < sizeof commands / sizeof commands[0]; index++) {
        if (strcmp(arguments[1], commands[index].name) == 0) {
            return commands[index].run(count - 2, arguments + 2);
        }
    }
    return usage_error(arguments[1], "there is no such command");
}
