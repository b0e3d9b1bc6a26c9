/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Every mistake that a compose.yaml can hold, with the exact message a person gets. Each row of the
 * table is a test of its own; a row without messages is a file that must be accepted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <kaal/bits.h>

#include "manifest.h"

/* The shortest valid file, and how to continue its only component. */
#define HEAD    "system: demo\ncomponents:\n"
#define ONE     HEAD "  - name: one\n    image: first\n"
#define TWO     ONE "  - name: two\n    image: second\n"
#define CHANNEL TWO "channels:\n  - name: data\n"

struct golden {
    const char *name;
    const char *yaml;
    const char *messages; /* "" for a good file */
};

static const struct golden goldens[] = {
    {"the shortest file is accepted", ONE, ""},
    {"every key is accepted",
     HEAD "  - name: one\n    image: {x86_64: first, aarch64: other}\n    priority: 200\n"
          "    budget_us: 2000\n    period_us: 10000\n    memory: 1 MiB\n    slots: 64\n"
          "    restart: always\n    restart_limit: 3\n    backoff_ms: 10\n"
          "    devices: [auto, serial(0), 'pci:8086:100e', 'pci-class:020000', "
          "'compatible:arm,pl011', 'pnp:PNP0501', 'virtio:2']\n"
          "    allow: [inspect, kill, power, devices, memory, chaos]\n    arguments: \"a b\"\n"
          "    interrupts: 3\n    delegate: [two]\n    calls: [two]\n"
          "    after: [two]\n    watchdog_ms: 50\n"
          "    spawn:\n      children: 4\n      memory: 8 MiB\n      slots: 512\n"
          "      cpu_percent: 20\n      priority: 90\n      images: [worker, helper]\n"
          "      bytes: yes\n"
          "  - {name: two, image: second}\n"
          "channels:\n  - {name: data, ends: [one, two], message_bytes: 64, messages: 256}\n",
     ""},

    /* spawn and delegate */
    {"spawn needs its quotas", ONE "    spawn: {images: [a]}\n",
     "c.yaml:5:12: error: the spawn mapping has no 'children'; try: add a line 'children: ...'\n"
     "c.yaml:5:12: error: the spawn mapping has no 'memory'; try: add a line 'memory: ...'\n"},
    {"spawn that may start nothing is refused", ONE "    spawn: {children: 1, memory: 1 MiB}\n",
     "c.yaml:5:12: error: there is nothing that 'one' may start; try: images: [...] or bytes: "
     "yes\n"},
    {"children more urgent than their parent are refused",
     ONE "    priority: 50\n    spawn: {children: 1, memory: 1 MiB, bytes: yes, priority: 51}\n",
     "c.yaml:6:12: error: children of 'one' may have priority 51, above its own 50; try: at most "
     "its own\n"},
    {"a spawn that is no mapping is refused", ONE "    spawn: yes\n",
     "c.yaml:5:12: error: spawn is a single value, but must be a mapping; try: children: ... and "
     "memory: ... below it\n"},
    {"bad spawn values are refused",
     ONE "    spawn: {children: 65, memory: 1, slots: 8, cpu_percent: 101, priority: 0, images: "
         "[A], bytes: ja}\n",
     "c.yaml:5:23: error: children is 65, out of range; try: 1 to 64\n"
     "c.yaml:5:35: error: memory is '1', whose unit is missing; try: B, KiB, MiB, GiB or TiB, such "
     "as 4 MiB\n"
     "c.yaml:5:45: error: slots is 8, out of range; try: 16 to 65536\n"
     "c.yaml:5:61: error: cpu_percent is 101, out of range; try: 1 to 100\n"
     "c.yaml:5:76: error: priority is 0, out of range; try: 1 to 250\n"
     "c.yaml:5:88: error: image 'A' has a character that names cannot have; try: a-z, 0-9, _ and - "
     "only\n"
     "c.yaml:5:99: error: bytes 'ja' is not known; try: one of no, yes\n"
     "c.yaml:5:12: error: there is nothing that 'one' may start; try: images: [...] or bytes: "
     "yes\n"},
    {"too many spawn images are refused",
     ONE "    spawn: {children: 1, memory: 1 MiB, images: [a, b, c, d, e]}\n",
     "c.yaml:5:62: error: more than 4 images; try: fewer, or bytes: yes\n"},
    {"delegating to nobody and to itself is refused", ONE "    delegate: [two, one]\n",
     "c.yaml:5:16: error: the component delegates to 'two', which is no component; try: a name "
     "from "
     "'components:'\n"
     "c.yaml:5:21: error: 'one' delegates to itself; try: another component\n"},
    {"calling nobody and itself is refused", ONE "    calls: [two, one]\n",
     "c.yaml:5:13: error: the component calls 'two', which is no component; try: a name from "
     "'components:'\n"
     "c.yaml:5:18: error: 'one' calls itself; try: another component\n"},
    {"starting after nobody and after itself is refused", ONE "    after: [two, one]\n",
     "c.yaml:5:13: error: the component starts after 'two', which is no component; try: a name "
     "from 'components:'\n"
     "c.yaml:5:18: error: 'one' starts after itself; try: another component\n"},
    {"two that start after each other are refused",
     ONE "    after: [two]\n  - {name: two, image: second, after: [one]}\n",
     "c.yaml:5:13: error: 'one' starts after itself: one, two, one; try: leave one of them out\n"},
    {"a circle that does not begin at the first component is refused at its own entry",
     ONE "    after: [two]\n  - {name: two, image: second, after: [three]}\n"
         "  - {name: three, image: third, after: [one, four]}\n"
         "  - {name: four, image: third, after: [three]}\n",
     "c.yaml:5:13: error: 'one' starts after itself: one, two, three, one; try: leave one of them "
     "out\n"},
    {"a circle behind the first component is refused",
     ONE "    after: [two]\n  - {name: two, image: second, after: [three]}\n"
         "  - {name: three, image: third, after: [two]}\n",
     "c.yaml:6:40: error: 'two' starts after itself: two, three, two; try: leave one of them "
     "out\n"},
    {"the same component on two ways is no circle",
     ONE "    after: [two, three]\n  - {name: two, image: second, after: [three]}\n"
         "  - {name: three, image: third}\n",
     ""},
    {"more than eight components to start after are refused",
     ONE "    after: [two, two, two, two, two, two, two, two, two]\n"
         "  - {name: two, image: second}\n",
     "c.yaml:5:53: error: more than 8 components; try: fewer\n"},
    {"a watchdog outside its range is refused", ONE "    watchdog_ms: 60001\n",
     "c.yaml:5:18: error: watchdog_ms is 60001, out of range; try: 1 to 60000\n"},
    {"a delegate list that is none is refused", ONE "    delegate: one\n",
     "c.yaml:5:15: error: delegate is a single value, but must be a list; try: brackets, such as "
     "[shell]\n"},
    {"more interrupts than a notification has bits are refused", ONE "    interrupts: 61\n",
     "c.yaml:5:17: error: interrupts is 61, out of range; try: 0 to 60\n"},

    /* the file as a whole */
    {"an empty file is refused", "",
     "c.yaml:1:1: error: the file is empty; try: start with 'system: name' and 'components:'\n"},
    {"a text instead of a mapping is refused", "hello",
     "c.yaml:1:1: error: the file is a single value, but must be a mapping; try: start with "
     "'system: name' and 'components:'\n"},
    {"bad YAML is refused with its place", "system: [demo\ncomponents: x\n",
     "c.yaml:2:11: error: not valid YAML: did not find expected ',' or ']' while parsing a flow "
     "sequence; try: check indentation and quotes\n"},
    {"bytes that are not UTF-8 are refused", "system: \xff\xfe\n",
     "c.yaml:1:1: error: not valid YAML: invalid leading UTF-8 octet; try: check indentation and "
     "quotes\n"},
    {"an alias is refused", "system: *name\n",
     "c.yaml:1:9: error: aliases (*name) are not supported; try: write the value out\n"},
    {"an anchor is refused", "system: &name demo\n",
     "c.yaml:1:9: error: anchors (&name) are not supported; try: write the value out\n"},
    {"a tag is refused", "system: !name demo\n",
     "c.yaml:1:9: error: tags (!name) are not supported; try: remove the tag\n"},
    {"a second document is refused", ONE "---\nsystem: other\n",
     "c.yaml:5:1: error: a second document starts here; try: one system per file\n"},
    {"deep nesting is refused", "[[[[[[[[[1]]]]]]]]]",
     "c.yaml:1:9: error: nested more than 8 levels deep; try: the schema needs 5\n"},
    {"a list as a key is refused", "[a, b]: demo\n",
     "c.yaml:1:1: error: a key is a list; try: a plain word as the key\n"},
    {"a NUL character is refused", "system: \"a\\0b\"\n",
     "c.yaml:1:9: error: a value contains a NUL character; try: remove it\n"},
    {"an unknown top-level key is refused", "systen: demo\n" ONE,
     "c.yaml:1:1: error: unknown key 'systen' in the system; try: system\n"},
    {"a key given twice is refused", "system: demo\nsystem: demo\n",
     "c.yaml:2:1: error: key 'system' appears twice, first in line 1; try: remove one of them\n"},
    {"a missing system name is refused", "components:\n  - {name: one, image: first}\n",
     "c.yaml:1:1: error: the system has no 'system'; try: add a line 'system: ...'\n"},
    {"missing components are refused", "system: demo\n",
     "c.yaml:1:1: error: the system has no 'components'; try: add a line 'components: ...'\n"},
    {"no component at all is refused", "system: demo\ncomponents: []\n",
     "c.yaml:2:13: error: there is no component; try: - name: ... below 'components:'\n"},
    {"components that are no list are refused", "system: demo\ncomponents: one\n",
     "c.yaml:2:13: error: components is a single value, but must be a list; try: - name: ... for "
     "each component\n"},
    {"a component that is no mapping is refused", HEAD "  - one\n",
     "c.yaml:3:5: error: a component is a single value, but must be a mapping; try: - name: ... "
     "with its keys below\n"},

    /* names */
    {"a missing component name is refused", HEAD "  - image: first\n",
     "c.yaml:3:5: error: the component has no 'name'; try: add a line 'name: ...'\n"},
    {"a missing image is refused", HEAD "  - name: one\n",
     "c.yaml:3:5: error: the component has no 'image'; try: add a line 'image: ...'\n"},
    {"an unknown component key is refused with the nearest one", ONE "    prioriti: 1\n",
     "c.yaml:5:5: error: unknown key 'prioriti' in the component; try: priority\n"},
    {"an unlike key is refused with the whole list", ONE "    colour: red\n",
     "c.yaml:5:5: error: unknown key 'colour' in the component; try: one of name, image, priority, "
     "budget_us, period_us, memory, slots, interrupts, restart, restart_limit, backoff_ms, "
     "watchdog_ms, devices, allow, delegate, calls, after, spawn, arguments\n"},
    {"a duplicate component name is refused", ONE "  - name: one\n    image: second\n",
     "c.yaml:5:11: error: component name 'one' is used already in line 3; try: another name\n"},
    {"the root task's name is refused", HEAD "  - name: init\n    image: first\n",
     "c.yaml:3:11: error: component name 'init' is taken by the root task; try: another name\n"},
    {"capital letters in a name are refused", HEAD "  - name: One\n    image: first\n",
     "c.yaml:3:11: error: component name 'One' has a character that names cannot have; try: a-z, "
     "0-9, _ and - only\n"},
    {"a long name is refused", HEAD "  - name: abcdefghijklmnopqrstuvwx\n    image: first\n",
     "c.yaml:3:11: error: component name 'abcdefghijklmnopqrstuvwx' has 24 characters; try: a name "
     "of 1 to 23 characters\n"},
    {"an empty name is refused", HEAD "  - name: ''\n    image: first\n",
     "c.yaml:3:11: error: component name '' has 0 characters; try: a name of 1 to 23 characters\n"},
    {"a path as an image is refused", HEAD "  - name: one\n    image: ../first\n",
     "c.yaml:4:12: error: image '../first' has a character that names cannot have; try: a-z, 0-9, "
     "_ and - only\n"},
    {"an image mapping without this machine is refused",
     HEAD "  - name: one\n    image: {aarch64: first}\n",
     "c.yaml:4:12: error: the image mapping has no 'x86_64'; try: add a line 'x86_64: ...'\n"},
    {"an unknown machine is refused", HEAD "  - name: one\n    image: {x86_64: a, riscv64: b}\n",
     "c.yaml:4:24: error: unknown key 'riscv64' in the image mapping; try: one of x86_64, "
     "aarch64\n"},

    /* numbers and sizes */
    {"a priority that is no number is refused", ONE "    priority: high\n",
     "c.yaml:5:15: error: priority is 'high', which is no whole number; try: digits only, such as "
     "priority: 250\n"},
    {"a priority of 0 is refused", ONE "    priority: 0\n",
     "c.yaml:5:15: error: priority is 0, out of range; try: 1 to 250\n"},
    {"a priority above 250 is refused", ONE "    priority: 251\n",
     "c.yaml:5:15: error: priority is 251, out of range; try: 1 to 250\n"},
    {"a negative number is refused", ONE "    restart_limit: -1\n",
     "c.yaml:5:20: error: restart_limit is '-1', which is no whole number; try: digits only, such "
     "as restart_limit: 1000\n"},
    {"a number past 64 bits is refused", ONE "    slots: 99999999999999999999\n",
     "c.yaml:5:12: error: slots is '99999999999999999999', which is no whole number; try: digits "
     "only, such as slots: 1000\n"},
    {"a number with a unit is refused", ONE "    budget_us: 2 ms\n",
     "c.yaml:5:16: error: budget_us is '2 ms', which is no whole number; try: digits only, such as "
     "budget_us: 1000\n"},
    {"a list as a number is refused", ONE "    priority: [1]\n",
     "c.yaml:5:15: error: priority is a list, but must be a single value; try: one whole number\n"},
    {"a budget longer than its period is refused", ONE "    budget_us: 6000\n    period_us: 5000\n",
     "c.yaml:5:16: error: budget_us 6000 is longer than period_us 5000; try: a budget of at most "
     "the period\n"},
    {"a tiny budget is refused", ONE "    budget_us: 1\n",
     "c.yaml:5:16: error: budget_us is 1, out of range; try: 20 to 10000000\n"},
    {"a size without a unit is refused", ONE "    memory: 4096\n",
     "c.yaml:5:13: error: memory is '4096', whose unit is missing; try: B, KiB, MiB, GiB or TiB, "
     "such as 4 MiB\n"},
    {"a size with a decimal unit is refused", ONE "    memory: 4 MB\n",
     "c.yaml:5:13: error: memory is '4 MB', whose unit is unknown; try: B, KiB, MiB, GiB or TiB, "
     "such as 4 MiB\n"},
    {"a size without a number is refused", ONE "    memory: MiB\n",
     "c.yaml:5:13: error: memory is 'MiB', which is no size; try: a number and a unit, such as 4 "
     "MiB\n"},
    {"a size that overflows is refused", ONE "    memory: 99999999999999 TiB\n",
     "c.yaml:5:13: error: memory is '99999999999999 TiB', out of range; try: 4 KiB to 1073741824 "
     "KiB\n"},
    {"too few slots are refused", ONE "    slots: 1\n",
     "c.yaml:5:12: error: slots is 1, out of range; try: 16 to 65536\n"},
    {"a long back-off is refused", ONE "    backoff_ms: 5000\n",
     "c.yaml:5:17: error: backoff_ms is 5000, out of range; try: 0 to 1000\n"},

    /* words, devices, arguments */
    {"an unknown restart policy is refused", ONE "    restart: sometimes\n",
     "c.yaml:5:14: error: restart 'sometimes' is not known; try: one of never, on-failure, "
     "always\n"},
    {"an unknown right is refused", ONE "    allow: [inspect, root]\n",
     "c.yaml:5:22: error: right 'root' is not known; try: one of inspect, kill, power, devices, "
     "memory, chaos\n"},
    {"rights that are no list are refused", ONE "    allow: inspect\n",
     "c.yaml:5:12: error: allow is a single value, but must be a list; try: brackets, such as "
     "[inspect]\n"},
    {"an unknown device is refused", ONE "    devices: [uart]\n",
     "c.yaml:5:15: error: device 'uart' is not understood; try: auto, serial(0), pci:8086:100e, "
     "pci-class:020000, compatible:arm,pl011, pnp:PNP0501 or virtio:1\n"},
    {"a PCI id with missing digits is refused", ONE "    devices: ['pci:8086:e']\n",
     "c.yaml:5:15: error: device 'pci:8086:e' is not understood; try: auto, serial(0), "
     "pci:8086:100e, pci-class:020000, compatible:arm,pl011, pnp:PNP0501 or virtio:1\n"},
    {"nine devices are refused",
     ONE "    devices: [auto, auto, auto, auto, auto, auto, auto, auto, auto]\n",
     "c.yaml:5:63: error: more than 8 devices; try: a second component of the same image\n"},
    {"arguments that are a list are refused", ONE "    arguments: [a]\n",
     "c.yaml:5:16: error: arguments is a list, but must be a single value; try: one quoted text\n"},

    /* channels */
    {"a channel to nobody is refused with the nearest name", CHANNEL "    ends: [one, twoo]\n",
     "c.yaml:9:17: error: the channel ends at 'twoo', which is no component; try: two\n"},
    {"a channel to a strange name is refused", CHANNEL "    ends: [one, network]\n",
     "c.yaml:9:17: error: the channel ends at 'network', which is no component; try: a name from "
     "'components:'\n"},
    {"a channel with one end is refused", CHANNEL "    ends: [one]\n",
     "c.yaml:9:11: error: a channel has two ends, but 1 are given; try: two components in "
     "brackets, such as [console, serial0]\n"},
    {"a channel without ends is refused", CHANNEL,
     "c.yaml:8:5: error: the channel has no 'ends'; try: add a line 'ends: ...'\n"},
    {"a channel to itself is refused", CHANNEL "    ends: [one, one]\n",
     "c.yaml:9:17: error: both ends of the channel are 'one'; try: two different components\n"},
    {"an unknown channel key is refused", CHANNEL "    ends: [one, two]\n    size: 4\n",
     "c.yaml:10:5: error: unknown key 'size' in the channel; try: one of name, ends, "
     "message_bytes, messages\n"},
    {"a capacity that is no power of two is refused",
     CHANNEL "    ends: [one, two]\n    messages: 100\n",
     "c.yaml:10:15: error: messages is 100, which is no power of two; try: 128\n"},
    {"a capacity of 1 is refused", CHANNEL "    ends: [one, two]\n    messages: 1\n",
     "c.yaml:10:15: error: messages is 1, out of range; try: 2 to 65536\n"},
    {"a message longer than a page is refused",
     CHANNEL "    ends: [one, two]\n    message_bytes: 4097\n",
     "c.yaml:10:20: error: message_bytes is 4097, out of range; try: 1 to 4096\n"},
    {"a channel larger than 4 MiB is refused",
     CHANNEL "    ends: [one, two]\n    message_bytes: 4096\n    messages: 2048\n",
     "c.yaml:8:5: error: the channel needs 8192 KiB per direction; try: fewer or smaller messages, "
     "at most 4096 KiB\n"},
    {"two channels of one name at a component are refused",
     CHANNEL "    ends: [one, two]\n  - name: data\n    ends: [two, one]\n",
     "c.yaml:10:11: error: component 'two' has a channel named 'data' already, in line 8; try: "
     "another name\n"},
    {"channels that are no list are refused", TWO "channels: data\n",
     "c.yaml:7:11: error: channels is a single value, but must be a list; try: - name: ... for "
     "each channel\n"},

    /* several at once */
    {"all mistakes are reported in one run",
     HEAD "  - name: One\n    image: first\n    priority: 0\nchannels:\n  - name: data\n"
          "    ends: [a, b]\n",
     "c.yaml:3:11: error: component name 'One' has a character that names cannot have; try: a-z, "
     "0-9, _ and - only\n"
     "c.yaml:5:15: error: priority is 0, out of range; try: 1 to 250\n"
     "c.yaml:8:12: error: the channel ends at 'a', which is no component; try: a name from "
     "'components:'\n"
     "c.yaml:8:15: error: the channel ends at 'b', which is no component; try: a name from "
     "'components:'\n"},
};

/* Parses a text; returns the messages (to be freed) and the manifest or NULL. */
static char *messages_of(const char *yaml, struct manifest **manifest)
{
    char *messages = NULL;
    size_t length;
    FILE *out = open_memstream(&messages, &length);
    assert_non_null(out);
    struct diagnostics diagnostics = {.file = "c.yaml", .out = out};
    *manifest = manifest_create(yaml, strlen(yaml), MACHINE_X86_64, &diagnostics);
    assert_int_equal(fclose(out), 0);
    return messages;
}

static void test_golden(void **state)
{
    const struct golden *golden = *state;
    struct manifest *manifest;
    char *messages = messages_of(golden->yaml, &manifest);
    assert_string_equal(messages, golden->messages);
    assert_int_equal(manifest != NULL, golden->messages[0] == '\0');
    free(manifest);
    free(messages);
}

static void test_values_reach_the_packed_description(void **state)
{
    (void)state;
    struct manifest *manifest;
    char *messages = messages_of(goldens[1].yaml, &manifest);
    assert_string_equal(messages, "");
    struct buffer packed = {0};
    manifest_pack(manifest, &packed);
    const struct kaal_system *system;
    const char *problem = "";
    assert_int_equal(kaal_system_open(packed.data, packed.bytes, &system, &problem), KAAL_OK);
    const struct kaal_system_component *one = kaal_system_components(system);
    assert_string_equal(system->name, "demo");
    assert_string_equal(one->name, "one");
    assert_string_equal(one->image, "first");
    assert_int_equal(one->priority, 200);
    assert_int_equal(one->budget_us, 2000);
    assert_int_equal(one->period_us, 10000);
    assert_int_equal(one->memory_bytes, 1 << 20);
    assert_int_equal(one->slots_max, 64);
    assert_int_equal(one->restart, KAAL_RESTART_ALWAYS);
    assert_int_equal(one->restart_limit, 3);
    assert_int_equal(one->backoff_ms, 10);
    assert_int_equal(one->allow, 63);
    assert_int_equal(one->selector_count, 7);
    assert_int_equal(one->selectors[1].kind, KAAL_SELECT_SERIAL);
    assert_int_equal(one->selectors[2].value, 0x8086100e);
    assert_int_equal(one->selectors[3].value, 0x020000);
    assert_string_equal(one->selectors[4].id, "arm,pl011");
    assert_string_equal(one->selectors[5].id, "PNP0501");
    assert_int_equal(one->selectors[6].kind, KAAL_SELECT_VIRTIO);
    assert_int_equal(one->selectors[6].value, 2);
    assert_string_equal(one->arguments, "a b");
    assert_int_equal(one->interrupts_max, 3);
    assert_int_equal(one->delegate_count, 1);
    assert_int_equal(one->delegates[0], 1);
    assert_int_equal(one->callee_count, 1);
    assert_int_equal(one->callees[0], 1);
    assert_int_equal(one->after_count, 1);
    assert_int_equal(one->after[0], 1);
    assert_int_equal(one->watchdog_ms, 50);
    assert_int_equal(one->spawn.children_max, 4);
    assert_int_equal(one->spawn.memory_bytes, 8 << 20);
    assert_int_equal(one->spawn.slots_max, 512);
    assert_int_equal(one->spawn.cpu_percent, 20);
    assert_int_equal(one->spawn.priority_max, 90);
    assert_int_equal(one->spawn.flags, KAAL_SPAWN_BYTES);
    assert_int_equal(one->spawn.image_count, 2);
    assert_string_equal(one->spawn.images[1], "helper");
    const struct kaal_system_channel *channel = kaal_system_channels(system);
    assert_string_equal(channel->name, "data");
    assert_int_equal(channel->ends[0], 0);
    assert_int_equal(channel->ends[1], 1);
    assert_int_equal(channel->message_bytes, 64);
    assert_int_equal(channel->capacity, 256);
    buffer_deinit(&packed);
    free(manifest);
    free(messages);
}

static void test_defaults_are_the_documented_ones(void **state)
{
    (void)state;
    struct manifest *manifest;
    char *messages = messages_of(ONE, &manifest);
    assert_non_null(manifest);
    const struct kaal_system_component *one = &manifest->components[0].packed;
    assert_int_equal(one->priority, 100);
    assert_int_equal(one->budget_us, 5000);
    assert_int_equal(one->period_us, 5000);
    assert_int_equal(one->memory_bytes, 4 << 20);
    assert_int_equal(one->slots_max, 256);
    assert_int_equal(one->restart, KAAL_RESTART_ON_FAILURE);
    assert_int_equal(one->allow, 0);
    assert_int_equal(one->selector_count, 0);
    assert_int_equal(one->interrupts_max, 8);
    assert_int_equal(one->delegate_count, 0);
    assert_int_equal(one->spawn.children_max, 0);
    free(manifest);
    free(messages);
}

static void test_spawn_has_the_documented_defaults(void **state)
{
    (void)state;
    struct manifest *manifest;
    char *messages = messages_of(
        ONE "    priority: 77\n    spawn: {children: 3, memory: 1 MiB, bytes: yes}\n", &manifest);
    assert_string_equal(messages, "");
    const struct kaal_system_spawn *spawn = &manifest->components[0].packed.spawn;
    assert_int_equal(spawn->slots_max, 3 * 256);
    assert_int_equal(spawn->cpu_percent, 100);
    assert_int_equal(spawn->priority_max, 77);
    free(manifest);
    free(messages);
}

/* Text of a file with many components (and channels), to be freed. */
static char *many(uint32_t components, uint32_t channels)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    fputs(HEAD, out);
    for (uint32_t index = 0; index < components; index++) {
        fprintf(out, "  - {name: c%u, image: i}\n", index);
    }
    fputs("channels:\n", out);
    for (uint32_t index = 0; index < channels; index++) {
        fprintf(out, "  - {name: n%u, ends: [c%u, c%u]}\n", index, index % components,
                (index + 1) % components);
    }
    (void)fclose(out);
    return text;
}

static void test_too_many_components_are_refused(void **state)
{
    (void)state;
    struct manifest *manifest;
    char *text = many(KAAL_SYSTEM_COMPONENTS_MAX + 2, 1);
    char *messages = messages_of(text, &manifest);
    assert_null(manifest);
    assert_string_equal(messages,
                        "c.yaml:259:5: error: more than 256 components; try: fewer components\n");
    free(messages);
    free(text);
}

static void test_too_many_channels_are_refused(void **state)
{
    (void)state;
    struct manifest *manifest;
    char *text = many(256, KAAL_SYSTEM_CHANNELS_MAX + 1);
    char *messages = messages_of(text, &manifest);
    assert_null(manifest);
    assert_string_equal(messages,
                        "c.yaml:772:5: error: more than 512 channels; try: fewer channels\n");
    free(messages);
    free(text);
}

static void test_too_many_channels_of_a_component_are_refused(void **state)
{
    (void)state;
    struct manifest *manifest;
    char *text = many(2, KAAL_STARTUP_RESOURCES_MAX + 1);
    char *messages = messages_of(text, &manifest);
    assert_null(manifest);
    assert_string_equal(
        messages,
        "c.yaml:3:12: error: component 'c0' has 47 channels and services; try: at most 46\n"
        "c.yaml:4:12: error: component 'c1' has 47 channels and services; try: at most 46\n");
    free(messages);
    free(text);
}

static void test_long_arguments_are_refused(void **state)
{
    (void)state;
    struct manifest *manifest;
    char *text = text_format(ONE "    arguments: '%0300d'\n", 0);
    char *messages = messages_of(text, &manifest);
    assert_null(manifest);
    assert_string_equal(messages,
                        "c.yaml:5:16: error: arguments have 300 bytes; try: at most 255\n");
    free(messages);
    free(text);
}

static void test_at_most_twenty_messages_are_shown(void **state)
{
    (void)state;
    struct manifest *manifest;
    char *text = text_format("%s", HEAD);
    for (unsigned index = 0; index < 30; index++) {
        char *longer = text_format("%s  - {name: c%u, image: I}\n", text, index);
        free(text);
        text = longer;
    }
    char *messages = messages_of(text, &manifest);
    size_t lines = 0;
    for (const char *next = messages; *next != '\0'; next++) {
        lines += *next == '\n' ? 1 : 0;
    }
    assert_null(manifest);
    assert_int_equal(lines, DIAGNOSTICS_MAX + 1);
    free(messages);
    free(text);
}

int main(void)
{
    const struct CMUnitTest others[] = {
        cmocka_unit_test(test_values_reach_the_packed_description),
        cmocka_unit_test(test_defaults_are_the_documented_ones),
        cmocka_unit_test(test_spawn_has_the_documented_defaults),
        cmocka_unit_test(test_too_many_components_are_refused),
        cmocka_unit_test(test_too_many_channels_are_refused),
        cmocka_unit_test(test_too_many_channels_of_a_component_are_refused),
        cmocka_unit_test(test_long_arguments_are_refused),
        cmocka_unit_test(test_at_most_twenty_messages_are_shown),
    };
    struct CMUnitTest table[ARRAY_COUNT(goldens)];
    for (size_t index = 0; index < ARRAY_COUNT(goldens); index++) {
        table[index] = (struct CMUnitTest){
            .name = goldens[index].name,
            .test_func = test_golden,
            .initial_state = (void *)(uintptr_t)&goldens[index],
        };
    }
    int failed = cmocka_run_group_tests(table, NULL, NULL);
    return failed + cmocka_run_group_tests(others, NULL, NULL);
}
