/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Fuzzes the reading of compose.yaml. A file is either refused with at least one message of the
 * right form, or what it compiles to passes init's own check of a system description.
 */
#include "fuzz_input.h"
#include "manifest.h"

static void check_messages(const char *messages, uint32_t errors)
{
    FUZZ_REQUIRE(errors > 0);
    FUZZ_REQUIRE(strncmp(messages, "c.yaml:", 7) == 0);
    FUZZ_REQUIRE(strstr(messages, "error: ") != NULL && strstr(messages, "; try: ") != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    char *messages = NULL;
    size_t message_bytes;
    FILE *out = open_memstream(&messages, &message_bytes);
    FUZZ_REQUIRE(out != NULL);
    struct diagnostics diagnostics = {.file = "c.yaml", .out = out};
    uint8_t *copy = fuzz_copy(data, bytes);
    struct manifest *manifest =
        manifest_create((const char *)copy, bytes, MACHINE_X86_64, &diagnostics);
    FUZZ_REQUIRE(fclose(out) == 0);
    if (manifest != NULL) {
        struct buffer packed = {0};
        const struct kaal_system *system;
        const char *problem;
        FUZZ_REQUIRE(diagnostics.errors == 0);
        manifest_pack(manifest, &packed);
        FUZZ_REQUIRE(kaal_system_open(packed.data, packed.bytes, &system, &problem) == KAAL_OK);
        buffer_deinit(&packed);
    } else {
        check_messages(messages, diagnostics.errors);
    }
    free(manifest);
    free(messages);
    free(copy);
    return 0;
}
