/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Running QEMU as a child process with the reference machine, and knowing why it ended. QEMU's exit
 * status does not tell a power-off from a crash that reset the machine; its QMP events do, so a
 * socket pair carries them here.
 */
#pragma once

#include <stdbool.h>

#include "manifest.h"

/* What to run. */
struct qemu_options {
    enum machine machine;
    const char *kernel;      /* x86_64: kernel.elf; aarch64: image */
    const char *root;        /* x86_64: root.elf */
    const char *program;     /* NULL: qemu-system-<machine> from the PATH */
    bool interactive;        /* the terminal serves the serial line; Ctrl-A x ends QEMU */
    bool wait_for_debugger;  /* stop before the first instruction, gdb server on port 1234 */
    bool instruction_time;   /* virtual time is the number of instructions executed */
    const char *serial_file; /* where the serial line's output goes; NULL: standard output */
    unsigned timeout_s;      /* 0: none */
    int extra_count;
    char **extra; /* [extra_count] further arguments */
};

/* How a run ended. */
enum qemu_end {
    QEMU_POWERED_OFF, /* the guest switched itself off */
    QEMU_RESET,       /* the guest reset itself: a crash */
    QEMU_QUIT,        /* a person ended QEMU */
    QEMU_TIMED_OUT,   /* killed */
    QEMU_FAILED,      /* QEMU could not start or reported an error */
};

/*
 * Runs QEMU until it ends. Standard input and output are the guest's serial line.
 * Returns how it ended; QEMU itself or this function has said why on stderr for QEMU_FAILED.
 */
enum qemu_end qemu_run(const struct qemu_options *options);

/* Prints the command line, one argument on each line. */
void qemu_print(const struct qemu_options *options);
