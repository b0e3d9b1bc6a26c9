/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * `sel4-compose run` with small scripts in QEMU's place: it must tell a power-off from a crash, an
 * end by a person, a failure and a machine that never ends, and print the reference machines.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <kaal/bits.h>

#include "buffer.h"
#include "captured.h"
#include "commands.h"

/* A script that says hello on QMP's socket, sends an event, and ends. */
#define SCRIPT_HEAD                                                 \
    "#!/usr/bin/env bash\n"                                         \
    "for word in \"$@\"; do\n"                                      \
    "    case $word in socket,id=qmp,fd=*) fd=${word##*=};; esac\n" \
    "done\n"                                                        \
    "echo '{\"QMP\": {}}' >&$fd\n"
#define EVENT(reason) \
    "echo '{\"event\": \"SHUTDOWN\", \"data\": {\"reason\": \"" reason "\"}}' >&$fd\n"

static int enter_folder_of_systems(void **state)
{
    if (enter_fresh_folder(state) != 0 || folder_create("pc") != 0 || folder_create("arm") != 0 ||
        folder_create("none") != 0) {
        return -1;
    }
    captured_put("pc/kernel.elf", "k", 0644);
    captured_put("pc/root.elf", "r", 0644);
    captured_put("arm/image", "i", 0644);
    return 0;
}

static struct run run(int count, char **arguments)
{
    return captured_run(command_run, count, arguments);
}

/* Runs the PC with a script as QEMU. */
static void expect(const char *script, int status, const char *messages)
{
    char *arguments[] = {"pc", "--timeout", "2", "--qemu", "./qemu"};
    captured_put("qemu", script, 0755);
    struct run result = run((int)ARRAY_COUNT(arguments), arguments);
    assert_string_equal(result.messages, messages);
    assert_int_equal(result.status, status);
    run_deinit(&result);
}

static void test_power_off_is_success(void **state)
{
    (void)state;
    expect(SCRIPT_HEAD EVENT("guest-shutdown"), STATUS_OK, "");
}

static void test_reset_is_an_error(void **state)
{
    (void)state;
    expect(SCRIPT_HEAD EVENT("guest-reset"), STATUS_ERROR,
           "sel4-compose: error: the guest reset the machine instead of powering off; try: read "
           "the last lines above, or --gdb\n");
}

static void test_endless_machine_is_ended(void **state)
{
    (void)state;
    expect(SCRIPT_HEAD "exec sleep 60\n", STATUS_ERROR,
           "sel4-compose: error: the guest did not power off within 2 s and was ended; try: "
           "'poweroff' as the last line of input, or --timeout with a larger number\n");
}

static void test_failure_of_qemu_is_an_error(void **state)
{
    (void)state;
    expect(SCRIPT_HEAD "exit 1\n", STATUS_ERROR,
           "sel4-compose: error: QEMU ended with an error; try: --dry-run to see its command "
           "line\n");
}

static void test_missing_qemu_is_an_error_with_its_package(void **state)
{
    (void)state;
    char *arguments[] = {"arm", "--qemu", "./no-qemu-aarch64"};
    struct run result = run((int)ARRAY_COUNT(arguments), arguments);
    assert_int_equal(result.status, STATUS_ERROR);
    assert_non_null(strstr(result.messages, "./no-qemu-aarch64 cannot be started: No such file or "
                                            "directory; try: apt-get install qemu-system-arm\n"));
    run_deinit(&result);
}

static void test_folder_without_a_system_is_an_error(void **state)
{
    (void)state;
    char *arguments[] = {"none"};
    struct run result = run(1, arguments);
    assert_int_equal(result.status, STATUS_ERROR);
    assert_string_equal(result.messages,
                        "none: error: neither 'image' nor 'kernel.elf' and 'root.elf' are there; "
                        "try: sel4-compose build with --kernel first\n");
    run_deinit(&result);
}

static void test_start_says_how_to_leave(void **state)
{
    (void)state;
    char *arguments[] = {"arm", "--timeout", "5", "--qemu", "./qemu"};
    captured_put("qemu", SCRIPT_HEAD "echo from the guest\n" EVENT("guest-shutdown"), 0755);
    struct run result = run((int)ARRAY_COUNT(arguments), arguments);
    assert_int_equal(result.status, STATUS_OK);
    assert_string_equal(result.output,
                        "sel4-compose: booting arm (aarch64). Ctrl-A x leaves QEMU; Ctrl-C goes to "
                        "the shell.\nfrom the guest\n");
    run_deinit(&result);
}

static void test_dry_run_prints_the_reference_machines(void **state)
{
    (void)state;
    char *pc[] = {"pc", "--dry-run", "--icount", "--", "-m", "64"};
    struct run result = run((int)ARRAY_COUNT(pc), pc);
    assert_int_equal(result.status, STATUS_OK);
    assert_string_equal(
        result.output,
        "qemu-system-x86_64\n-M\nq35\n-cpu\nmax\n-m\n512\n-display\nnone\n-no-reboot\n-nic\nnone\n"
        "-global\nvirtio-mmio.force-legacy=false\n-chardev\nstdio,id=terminal,signal=off\n-serial\n"
        "chardev:terminal\n-monitor\nnone\n-kernel\npc/kernel.elf\n-initrd\npc/root.elf\n-icount\n"
        "shift=0,sleep=off\n-m\n64\n");
    run_deinit(&result);
    char *arm[] = {"arm", "--dry-run", "--gdb"};
    result = run((int)ARRAY_COUNT(arm), arm);
    assert_int_equal(result.status, STATUS_OK);
    assert_string_equal(
        result.output,
        "qemu-system-aarch64\n-M\nvirt,gic-version=2,virtualization=on\n-cpu\ncortex-a53\n-"
        "m\n1024\n"
        "-display\nnone\n-no-reboot\n-nic\nnone\n-global\nvirtio-mmio.force-legacy=false\n-"
        "chardev\n"
        "stdio,id=terminal,signal=off\n-serial\nchardev:terminal\n-monitor\nnone\n-kernel\n"
        "arm/image\n-S\n-gdb\ntcp:127.0.0.1:1234\n");
    run_deinit(&result);
}

static void test_wrong_arguments_end_with_status_2(void **state)
{
    (void)state;
    char *timeout[] = {"pc", "--timeout", "soon"};
    char *unknown[] = {"pc", "--fast"};
    struct run result = run(3, timeout);
    assert_int_equal(result.status, STATUS_USAGE);
    assert_string_equal(result.messages, "sel4-compose run: error: timeout 'soon' is not 0 to "
                                         "86400 seconds; try: sel4-compose help\n");
    run_deinit(&result);
    result = run(2, unknown);
    assert_int_equal(result.status, STATUS_USAGE);
    assert_string_equal(result.messages, "sel4-compose run: error: unexpected argument '--fast'; "
                                         "try: sel4-compose help\n");
    run_deinit(&result);
    result = run(0, unknown);
    assert_int_equal(result.status, STATUS_USAGE);
    run_deinit(&result);
}

int main(void)
{
#define FOLDER_TEST(test) \
    cmocka_unit_test_setup_teardown(test, enter_folder_of_systems, leave_folder)
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(test_power_off_is_success),
        FOLDER_TEST(test_reset_is_an_error),
        FOLDER_TEST(test_endless_machine_is_ended),
        FOLDER_TEST(test_failure_of_qemu_is_an_error),
        FOLDER_TEST(test_missing_qemu_is_an_error_with_its_package),
        FOLDER_TEST(test_folder_without_a_system_is_an_error),
        FOLDER_TEST(test_start_says_how_to_leave),
        FOLDER_TEST(test_dry_run_prints_the_reference_machines),
        FOLDER_TEST(test_wrong_arguments_end_with_status_2),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
