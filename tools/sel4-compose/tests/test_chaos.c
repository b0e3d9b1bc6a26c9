/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * `sel4-compose chaos` with a script in QEMU's place: what the machine is given, what is made of
 * its serial line, and a message for everything that can be wrong.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <kaal/bits.h>
#include <kaal/elf.h>

#include "buffer.h"
#include "captured.h"
#include "ceiling.h"
#include "commands.h"
#include "elf_fixture.h"

#define HEAD  "system: demo\ncomponents:\n  - {name: victim, image: plain}\n"
#define CHAOS "  - {name: imp, image: plain, allow: [chaos], arguments: \"spare=victim\"}\n"

/* Writes lines to the serial line's file, keeps what it was given, and powers off. */
#define SCRIPT(lines, end)                                          \
    "#!/usr/bin/env bash\n"                                         \
    "for word in \"$@\"; do\n"                                      \
    "    case $word in socket,id=qmp,fd=*) fd=${word##*=};; esac\n" \
    "    case $word in file,id=*) serial=${word##*path=};; esac\n"  \
    "done\n"                                                        \
    "serial=${serial//,,/,}\n"                                      \
    "for word in \"$@\"; do\n"                                      \
    "    case $word in *root.elf) cp \"$word\" given.elf;; esac\n"  \
    "done\n"                                                        \
    "printf '%s' \"$*\" >arguments\n"                               \
    "printf '" lines "' >\"$serial\"\n"                             \
    "echo '{\"QMP\": {}}' >&$fd\n" end
#define POWER_OFF \
    "echo '{\"event\": \"SHUTDOWN\", \"data\": {\"reason\": \"guest-shutdown\"}}' >&$fd\n"
#define GOOD                                                                            \
    "init: hello\\r\\nimp: seed 7\\r\\nvictim: x\\r\\nimp: done: 9 events, 0 promises " \
    "broken\\r\\n"
#define BAD "imp: BROKEN: y\\nimp: done: 9 events, 2 promises broken\\n"

static void put_fixture(const char *path, const struct fixture *fixture)
{
    struct buffer file = {0};
    (void)fixture_write(fixture, &file);
    assert_int_equal(file_write(path, file.data, file.bytes), 0);
    buffer_deinit(&file);
}

static void build_system(const char *compose)
{
    char *arguments[] = {"compose.yaml", "--arch",     "x86_64",   "--init", "init.elf",
                         "--components", "components", "--output", "out"};
    captured_put("compose.yaml", compose, 0644);
    assert_int_equal(command_build((int)ARRAY_COUNT(arguments), arguments), STATUS_OK);
}

static int enter_folder_with_system(void **state)
{
    const struct fixture init = {.machine = KAAL_ELF_MACHINE_X86_64, .archive = true};
    const struct fixture plain = {.machine = KAAL_ELF_MACHINE_X86_64};
    if (enter_fresh_folder(state) != 0 || folder_create("components") != 0) {
        return -1;
    }
    put_fixture("init.elf", &init);
    put_fixture("components/plain.elf", &plain);
    build_system(HEAD CHAOS);
    return 0;
}

static void expect(const char *script, int status, const char *output, const char *messages)
{
    char *arguments[] = {"out",    "--seed",    "7", "--seconds", "3",  "--plant", "leak", "--qemu",
                         "./qemu", "--timeout", "2", "--output",  "a,b"};
    captured_put("qemu", script, 0755);
    struct run result = captured_run(command_chaos, (int)ARRAY_COUNT(arguments), arguments);
    assert_string_equal(result.messages, messages);
    assert_string_equal(result.output, output);
    assert_int_equal(result.status, status);
    run_deinit(&result);
}

static void test_the_copy_says_what_is_to_be_done(void **state)
{
    (void)state;
    struct ceiling ceiling;
    struct buffer words = {0};

    char *arguments[] = {"out",     "--seed", "7",      "--seconds", "3",
                         "--plant", "leak",   "--qemu", "./qemu"};
    captured_put("qemu", SCRIPT(GOOD, POWER_OFF), 0755);
    struct run result = captured_run(command_chaos, (int)ARRAY_COUNT(arguments), arguments);
    assert_string_equal(result.messages, "");
    assert_string_equal(result.output, "seed 7\ndone: 9 events, 0 promises broken\n");
    assert_int_equal(result.status, STATUS_OK);
    run_deinit(&result);
    assert_true(ceiling_open(&ceiling, "given.elf")); /* checksum included */
    assert_string_equal(ceiling_component(&ceiling, "imp")->arguments,
                        "spare=victim seed=7 ms=3000 plant=leak");
    ceiling_deinit(&ceiling);
    assert_true(ceiling_open(&ceiling, "out"));
    assert_string_equal(ceiling_component(&ceiling, "imp")->arguments, "spare=victim");
    ceiling_deinit(&ceiling);
    assert_int_equal(file_read("arguments", 1 << 16, &words), 0);
    (void)buffer_append(&words, NULL, 1);
    assert_non_null(strstr((char *)words.data, "-icount shift=0,sleep=off"));
    assert_non_null(strstr((char *)words.data, "file,id=terminal,path=out/chaos/serial.log"));
    buffer_deinit(&words);
}

static void test_broken_promises_are_an_error(void **state)
{
    (void)state;
    char *arguments[] = {"out", "--qemu", "./qemu"};
    captured_put("qemu", SCRIPT(BAD, POWER_OFF), 0755);
    struct run result = captured_run(command_chaos, (int)ARRAY_COUNT(arguments), arguments);
    assert_string_equal(result.output, "BROKEN: y\ndone: 9 events, 2 promises broken\n");
    assert_string_equal(result.messages,
                        "sel4-compose: error: 2 promises were broken; try: out/chaos/serial.log "
                        "has the whole log, and seed 1 gives the same again\n");
    assert_int_equal(result.status, STATUS_ERROR);
    run_deinit(&result);
}

static void test_no_verdict_is_an_error(void **state)
{
    (void)state;
    /* The script takes the doubling of the comma in the path back, as QEMU does. */
    expect(SCRIPT("imp: seed 7\\n", POWER_OFF), STATUS_ERROR, "seed 7\n",
           "sel4-compose: error: the machine ended without a verdict; try: the end of "
           "a,b/serial.log\n");
}

static void test_endless_machine_is_ended(void **state)
{
    (void)state;
    char *arguments[] = {"out", "--qemu", "./qemu", "--timeout", "1"};
    captured_put("qemu", SCRIPT("imp: seed 7\\n", "exec sleep 60\n"), 0755);
    struct run result = captured_run(command_chaos, (int)ARRAY_COUNT(arguments), arguments);
    assert_string_equal(result.output, "seed 7\n");
    assert_string_equal(result.messages,
                        "sel4-compose: error: the machine did not come to its end within 1 s; "
                        "try: --timeout, or the end of out/chaos/serial.log\n");
    assert_int_equal(result.status, STATUS_ERROR);
    run_deinit(&result);
}

static void test_bad_uses_are_told(void **state)
{
    (void)state;
    static const struct {
        int count;
        char *arguments[3];
        int status;
        const char *part;
    } uses[] = {
        {0, {NULL}, STATUS_USAGE, "needs the folder of a built system"},
        {2, {"out", "--seed"}, STATUS_USAGE, "option --seed needs a value"},
        {3, {"out", "--seed", "x"}, STATUS_USAGE, "seed 'x' is not 0 to 1000000000"},
        {3, {"out", "--seconds", "3601"}, STATUS_USAGE, "seconds '3601' is not 0 to 3600"},
        {3, {"out", "--plant", "tree"}, STATUS_USAGE, "only a leak can be planted, not 'tree'"},
        {2, {"out", "--fast"}, STATUS_USAGE, "unexpected argument '--fast'"},
        {1, {"nowhere"}, STATUS_ERROR, "nowhere: error: No such file or directory"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(uses); i++) {
        struct run result =
            captured_run(command_chaos, uses[i].count, (char **)(uintptr_t)uses[i].arguments);
        assert_int_equal(result.status, uses[i].status);
        assert_non_null(strstr(result.messages, uses[i].part));
        run_deinit(&result);
    }
}

static void expect_refusal(const char *compose, const char *messages)
{
    char *arguments[] = {"out"};
    build_system(compose);
    struct run result = captured_run(command_chaos, 1, arguments);
    assert_string_equal(result.messages, messages);
    assert_int_equal(result.status, STATUS_ERROR);
    run_deinit(&result);
}

static void test_systems_that_cannot_be_harmed_are_refused(void **state)
{
    (void)state;
    char compose[1024];
    char argument[KAAL_ARGUMENTS_BYTES];
    expect_refusal(HEAD, "out: error: no component of the system has allow: [chaos]; try: a "
                         "component of image chaos with allow: [inspect, kill, power, chaos]\n");
    expect_refusal(HEAD CHAOS "  - {name: elf, image: plain, allow: [chaos]}\n",
                   "out: error: 'imp' and 'elf' both have allow: [chaos]; try: one of them\n");
    memset(argument, 'x', sizeof argument - 10);
    argument[sizeof argument - 10] = '\0';
    (void)snprintf(compose, sizeof compose,
                   HEAD "  - {name: imp, image: plain, allow: [chaos], arguments: \"%s\"}\n",
                   argument);
    expect_refusal(compose, "out: error: the arguments of 'imp' have no room for the seed; try: "
                            "shorter ones\n");
}

int main(void)
{
#define TEST(function) \
    cmocka_unit_test_setup_teardown(function, enter_folder_with_system, leave_folder)
    const struct CMUnitTest tests[] = {
        TEST(test_the_copy_says_what_is_to_be_done),
        TEST(test_broken_promises_are_an_error),
        TEST(test_no_verdict_is_an_error),
        TEST(test_endless_machine_is_ended),
        TEST(test_bad_uses_are_told),
        TEST(test_systems_that_cannot_be_harmed_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
