/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * `sel4-compose graph`: the ceiling as JSON, the drawing, and one message for everything that a
 * running graph can hold against it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <kaal/bits.h>
#include <kaal/elf.h>

#include "buffer.h"
#include "captured.h"
#include "commands.h"
#include "elf_fixture.h"

static const char compose[] = "system: demo\n"
                              "components:\n"
                              "  - name: serial0\n"
                              "    image: driver\n"
                              "    devices: [auto]\n"
                              "    interrupts: 1\n"
                              "  - name: nic\n"
                              "    image: plain\n"
                              "    devices: ['pci:8086:100e']\n"
                              "  - name: shell\n"
                              "    image: plain\n"
                              "    memory: 64 KiB\n"
                              "    allow: [memory, inspect]\n"
                              "    delegate: [nic]\n"
                              "    calls: [nic]\n"
                              "    spawn: {children: 1, memory: 1 MiB, bytes: yes}\n"
                              "channels:\n"
                              "  - {name: line, ends: [serial0, shell]}\n";

/* A running graph: components, devices. */
#define GRAPH(components, devices) \
    "{\"components\": [\n" components "\n], \"devices\": [" devices "]}\n"
#define COMPONENT(name, parent, holdings, unlisted)                          \
    "{\"name\": \"" name "\", \"state\": \"running\", \"parent\": \"" parent \
    "\", \"holdings\": [" holdings "], \"unlisted\": [" unlisted "]}"
#define HOLDING(name, kind, rights, bytes)                                   \
    "{\"name\": \"" name "\", \"kind\": \"" kind "\", \"rights\": \"" rights \
    "\", \"cap\": 9, \"base\": 1, \"bytes\": " bytes "}"
#define ALWAYS                                                                               \
    HOLDING("broker", "endpoint", "-w-p", "0")                                               \
    ", " HOLDING("notification", "notification", "r---", "0") ", " HOLDING("reply", "reply", \
                                                                           "----", "0")
#define MEND "; try: allow it in compose.yaml, or find out who gave it\n"

struct running {
    const char *name;
    const char *graph;
    const char *messages; /* "" if it is within the ceiling */
};

static const struct running runs[] = {
    {"what every component has is allowed", GRAPH(COMPONENT("nic", "", ALWAYS, ""), ""), ""},
    {"a driver's resources and channel are allowed",
     GRAPH(COMPONENT("serial0", "",
                     ALWAYS ", " HOLDING("regs", "ports", "----", "8") ", " HOLDING(
                         "irq", "irq", "----", "1") ", " HOLDING("line", "channel", "-w--", "8192"),
                     ""),
           "{\"owner\": \"serial0\", \"id\": \"PNP0501\", \"pci\": \"0000:0000\", \"class\": "
           "\"000000\"}"),
     ""},
    {"memory, shares and children are allowed",
     GRAPH(COMPONENT(
               "shell", "",
               HOLDING("memory", "memory", "----", "65536") ", " HOLDING("kid", "child", "----",
                                                                         "4096"),
               "") ",\n" COMPONENT("kid", "shell",
                                   ALWAYS ", " HOLDING("shell", "shared", "----", "4096"),
                                   "") ",\n" COMPONENT("nic", "",
                                                       HOLDING("shell", "shared", "----", "4096"),
                                                       ""),
           "{\"owner\": \"nic\", \"id\": \"\", \"pci\": \"8086:100e\", \"class\": \"020000\"}"),
     ""},
    {"links of a parent and its child are allowed",
     GRAPH(COMPONENT("shell", "", HOLDING("kid", "link", "-w--", "1"),
                     "") ",\n" COMPONENT("kid", "shell", HOLDING("shell", "link", "-w--", "1"), ""),
           ""),
     ""},
    {"a link with somebody else is found",
     GRAPH(COMPONENT("nic", "", HOLDING("shell", "link", "-w--", "1"),
                     "") ",\n" COMPONENT("shell", "", ALWAYS, ""),
           ""),
     "g.json:2:64: error: component 'nic' holds the link 'shell', but that is neither parent nor "
     "child" MEND},
    {"a channel of others is found",
     GRAPH(COMPONENT("nic", "", HOLDING("line", "channel", "-w--", "1"), ""), ""),
     "g.json:2:64: error: component 'nic' holds the channel 'line', but the manifest has no such "
     "channel" MEND},
    {"a channel that can be listened at is found",
     GRAPH(COMPONENT("shell", "", HOLDING("line", "channel", "rw--", "1"), ""), ""),
     "g.json:2:66: error: component 'shell' holds the channel 'line', but its rights are too "
     "large" MEND},
    {"a channel held twice is found",
     GRAPH(COMPONENT("shell", "",
                     HOLDING("line", "channel", "-w--", "1") ",\n" HOLDING("line", "channel",
                                                                           "-w--", "1"),
                     ""),
           ""),
     "g.json:3:1: error: component 'shell' holds the channel 'line', but it holds this end "
     "already" MEND},
    {"a broker endpoint with grant is found",
     GRAPH(COMPONENT("shell", "", HOLDING("broker", "endpoint", "-wgp", "0"), ""), ""),
     "g.json:2:66: error: component 'shell' holds the endpoint 'broker', but the manifest has no "
     "rule for it" MEND},
    {"a second Reply object is found",
     GRAPH(COMPONENT("shell", "", ALWAYS ",\n" HOLDING("reply", "reply", "----", "0"), ""), ""),
     "g.json:3:1: error: component 'shell' holds the reply 'reply', but every component has "
     "one" MEND},
    {"registers without a device are found",
     GRAPH(COMPONENT("shell", "", HOLDING("regs", "registers", "----", "1"), ""), ""),
     "g.json:2:66: error: component 'shell' holds the registers 'regs', but it has no devices "
     "line" MEND},
    {"a resource that the driver does not declare is found",
     GRAPH(COMPONENT("serial0", "", HOLDING("more", "ports", "----", "1"), ""), ""),
     "g.json:2:68: error: component 'serial0' holds the ports 'more', but its driver declares no "
     "such resource" MEND},
    {"more interrupts than the quota are found",
     GRAPH(COMPONENT("serial0", "",
                     HOLDING("irq", "irq", "----", "1") ",\n" HOLDING("irq", "irq", "----", "1"),
                     ""),
           ""),
     "g.json:3:1: error: component 'serial0' holds the irq 'irq', but its interrupts line allows "
     "fewer" MEND},
    {"memory without the right to it is found",
     GRAPH(COMPONENT("nic", "", HOLDING("memory", "memory", "----", "4096"), ""), ""),
     "g.json:2:64: error: component 'nic' holds the memory 'memory', but its allow line has no "
     "memory" MEND},
    {"more memory than the quota is found",
     GRAPH(COMPONENT("shell", "",
                     HOLDING("memory", "memory", "----", "65536") ",\n" HOLDING("memory", "memory",
                                                                                "----", "4096"),
                     ""),
           ""),
     "g.json:3:1: error: component 'shell' holds the memory 'memory', but its memory quota is "
     "smaller" MEND},
    {"a service that it may call, and its own, are allowed",
     GRAPH(COMPONENT("shell", "", HOLDING("nic", "service", "-w-p", "0"),
                     "") ",\n" COMPONENT("nic", "", HOLDING("nic", "service", "r---", "0"), ""),
           ""),
     ""},
    {"a service that it may not call is found",
     GRAPH(COMPONENT("serial0", "", HOLDING("nic", "service", "-w-p", "0"), ""), ""),
     "g.json:2:68: error: component 'serial0' holds the service 'nic', but its calls line does not "
     "have it" MEND},
    {"receiving for another component is found",
     GRAPH(COMPONENT("shell", "", HOLDING("nic", "service", "r---", "0"), ""), ""),
     "g.json:2:66: error: component 'shell' holds the service 'nic', but its rights are too "
     "large" MEND},
    {"a service that nobody calls is found",
     GRAPH(COMPONENT("shell", "", HOLDING("shell", "service", "r---", "0"), ""), ""),
     "g.json:2:66: error: component 'shell' holds the service 'shell', but nobody's calls line has "
     "it" MEND},
    {"memory of somebody who does not delegate is found",
     GRAPH(COMPONENT("serial0", "", HOLDING("shell", "shared", "----", "4096"), ""), ""),
     "g.json:2:68: error: component 'serial0' holds the shared 'shell', but its owner does not "
     "delegate to it" MEND},
    {"more children than the quota are found",
     GRAPH(COMPONENT("shell", "",
                     HOLDING("a", "child", "----", "1") ",\n" HOLDING("b", "child", "----", "1"),
                     ""),
           ""),
     "g.json:3:1: error: component 'shell' holds the child 'b', but its spawn mapping allows "
     "fewer children" MEND},
    {"a child with a channel is found",
     GRAPH(COMPONENT("kid", "shell", HOLDING("line", "channel", "-w--", "1"), ""), ""),
     "g.json:2:69: error: component 'kid' holds the channel 'line', but children have neither "
     "devices nor channels" MEND},
    {"a child of somebody who may have none is found",
     GRAPH(COMPONENT("kid", "nic", ALWAYS, ""), ""),
     "g.json:2:1: error: component 'kid' was started by 'nic', which may start none; try: spawn "
     "in compose.yaml, or find out who started it\n"},
    {"a component that nobody described is found", GRAPH(COMPONENT("ghost", "", ALWAYS, ""), ""),
     "g.json:2:1: error: component 'ghost' runs, but the manifest has no 'ghost'; try: the graph "
     "of the same build\n"},
    {"a driver can be trusted with DMA",
     GRAPH("{\"name\": \"nic\", \"state\": \"running\", \"parent\": \"\", \"trusted\": [\"DMA\"], "
           "\"holdings\": [], \"unlisted\": []}",
           ""),
     ""},
    {"trust in a component without devices is found",
     GRAPH(
         "{\"name\": \"shell\", \"state\": \"running\", \"parent\": \"\", \"trusted\": [\"DMA\"], "
         "\"holdings\": [], \"unlisted\": []}",
         ""),
     "g.json:2:1: error: component 'shell' is trusted: DMA, but it has no devices line; try: find "
     "out who gave it a device\n"},
    {"a slot without a record is found", GRAPH(COMPONENT("nic", "", "", "\n200"), ""),
     "g.json:3:1: error: component 'nic' has a capability in slot 200 that nobody recorded; try: "
     "report this as a bug with the system\n"},
    {"a device that the manifest does not name is found",
     GRAPH("", "\n{\"owner\": \"nic\", \"id\": \"x\", \"pci\": \"8086:10d3\", \"class\": "
               "\"020000\"}"),
     "g.json:4:1: error: component 'nic' holds device 'x' (8086:10d3), which its devices line "
     "does not name; try: name it in compose.yaml, or find out who gave it\n"},
    {"something else than a graph is refused", "{\"components\": 1}",
     "g.json:1:1: error: no lists of components and devices; try: what `graph` in the shell "
     "printed, whole\n"},
    {"half a graph is refused", "{\"components\": [",
     "g.json:2:1: error: not valid YAML: did not find expected node content while parsing a flow "
     "node; try: check indentation and quotes\n"},
    {"a component without its lists is refused", GRAPH("{\"name\": \"nic\"}", ""),
     "g.json:2:1: error: a component without holdings or unlisted slots; try: what `graph` in "
     "the shell printed, whole\n"},
};

static void put_fixture(const char *path, const struct fixture *fixture)
{
    struct buffer file = {0};
    (void)fixture_write(fixture, &file);
    assert_int_equal(file_write(path, file.data, file.bytes), 0);
    buffer_deinit(&file);
}

/* A packed system in the folder `out`. */
static int enter_folder_with_system(void **state)
{
    if (enter_fresh_folder(state) != 0 || folder_create("components") != 0) {
        return -1;
    }
    struct kaal_driver_declaration declaration = fixture_declaration();
    const struct fixture init = {.machine = KAAL_ELF_MACHINE_X86_64, .archive = true};
    const struct fixture plain = {.machine = KAAL_ELF_MACHINE_X86_64};
    const struct fixture driver = {.machine = KAAL_ELF_MACHINE_X86_64, .declaration = &declaration};
    put_fixture("init.elf", &init);
    put_fixture("components/plain.elf", &plain);
    put_fixture("components/driver.elf", &driver);
    captured_put("compose.yaml", compose, 0644);
    char *arguments[] = {"compose.yaml", "--arch",     "x86_64",   "--init", "init.elf",
                         "--components", "components", "--output", "out"};
    assert_int_equal(command_build((int)ARRAY_COUNT(arguments), arguments), STATUS_OK);
    return 0;
}

static void test_running_graph(void **state)
{
    const struct running *running = *state;
    captured_put("g.json", running->graph, 0644);
    char *arguments[] = {"out", "--check", "g.json"};
    struct run result = captured_run(command_graph, 3, arguments);
    assert_string_equal(result.messages, running->messages);
    assert_int_equal(result.status, running->messages[0] == '\0' ? STATUS_OK : STATUS_ERROR);
    run_deinit(&result);
}

static void test_ceiling_is_printed_as_json(void **state)
{
    (void)state;
    char *arguments[] = {"out/root.elf"};
    struct run result = captured_run(command_graph, 1, arguments);
    assert_int_equal(result.status, STATUS_OK);
    static const char *const parts[] = {
        "{\"system\": \"demo\", \"components\": [\n  {\"name\": \"serial0\", \"image\": "
        "\"driver\", \"priority\": 100,\n",
        "\"quotas\": {\"memory\": 65536, \"slots\": 256, \"interrupts\": 8, \"budget_us\": 5000, "
        "\"period_us\": 5000},\n    \"allow\": [\"inspect\", \"memory\"],\n    \"devices\": [],\n",
        "\"devices\": [\"auto\"],\n    \"resources\": [{\"name\": \"regs\", \"kind\": \"ports\"}",
        "\"channels\": [{\"name\": \"line\", \"peer\": \"shell\"}],\n    \"delegate\": [],\n    "
        "\"calls\": [],\n    \"spawn\": null},\n",
        "\"delegate\": [\"nic\"],\n    \"calls\": [\"nic\"],\n    \"spawn\": {\"children\": 1, "
        "\"memory\": 1048576, "
        "\"slots\": "
        "256, \"cpu_percent\": 100, \"priority\": 100, \"bytes\": true, \"images\": []}}\n]}\n",
    };
    for (size_t i = 0; i < ARRAY_COUNT(parts); i++) {
        assert_non_null(strstr(result.output, parts[i]));
    }
    run_deinit(&result);
}

/* A script in the place of Graphviz keeps what it is given. */
static void test_drawing_goes_through_dot(void **state)
{
    (void)state;
    captured_put("dot", "#!/usr/bin/env bash\ncat >\"$3\"\n", 0755);
    char *arguments[] = {"out", "--svg", "drawn", "--dot", "./dot"};
    struct run result = captured_run(command_graph, 5, arguments);
    assert_string_equal(result.messages, "");
    assert_int_equal(result.status, STATUS_OK);
    run_deinit(&result);
    struct buffer drawn = {0};
    assert_int_equal(file_read("drawn", 1 << 20, &drawn), 0);
    (void)buffer_append(&drawn, "", 1);
    const char *text = (const char *)drawn.data;
    assert_non_null(strstr(text, "digraph \"demo\" {"));
    assert_non_null(strstr(text, "\"serial0\" -> \"shell\" [dir=both, label=\"line\"];"));
    assert_non_null(strstr(text, "\"shell\" -> \"nic\" [style=dashed, label=\"memory\"];"));
    assert_non_null(strstr(text, "label=\"pci:8086:100e\""));
    assert_non_null(strstr(text, "up to 1 children"));
    buffer_deinit(&drawn);
}

static void test_bad_uses_are_told(void **state)
{
    (void)state;
    static const struct {
        int count;
        char *arguments[5];
        int status;
        const char *part;
    } uses[] = {
        {0, {NULL}, STATUS_USAGE, "needs a packed system"},
        {5, {"out", "--svg", "a", "--check", "b"}, STATUS_USAGE, "needs a packed system"},
        {1, {"nowhere"}, STATUS_ERROR, "nowhere: error: No such file or directory"},
        {1, {"compose.yaml"}, STATUS_ERROR, "compose.yaml: error: "},
        {1, {"init.elf"}, STATUS_ERROR, "init.elf: error: "},
        {3, {"out", "--check", "nothing"}, STATUS_ERROR, "nothing: error: cannot be read"},
        {5, {"out", "--svg", "x", "--dot", "false"}, STATUS_ERROR, "x: error: dot could not draw"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(uses); i++) {
        struct run result =
            captured_run(command_graph, uses[i].count, (char **)(uintptr_t)uses[i].arguments);
        assert_int_equal(result.status, uses[i].status);
        assert_non_null(strstr(result.messages, uses[i].part));
        run_deinit(&result);
    }
}

int main(void)
{
    const struct CMUnitTest others[] = {
        cmocka_unit_test_setup_teardown(test_ceiling_is_printed_as_json, enter_folder_with_system,
                                        leave_folder),
        cmocka_unit_test_setup_teardown(test_drawing_goes_through_dot, enter_folder_with_system,
                                        leave_folder),
        cmocka_unit_test_setup_teardown(test_bad_uses_are_told, enter_folder_with_system,
                                        leave_folder),
    };
    struct CMUnitTest checks[ARRAY_COUNT(runs)];
    for (size_t i = 0; i < ARRAY_COUNT(runs); i++) {
        checks[i] = (struct CMUnitTest){.name = runs[i].name,
                                        .test_func = test_running_graph,
                                        .setup_func = enter_folder_with_system,
                                        .teardown_func = leave_folder,
                                        .initial_state = (void *)(uintptr_t)&runs[i]};
    }
    int failed = _cmocka_run_group_tests("running graphs", checks, ARRAY_COUNT(checks), NULL, NULL);
    return failed + cmocka_run_group_tests(others, NULL, NULL);
}
