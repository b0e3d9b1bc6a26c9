/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * `sel4-compose new`: a small project of one component in a new folder, ready for `cmake
 * --preset`-less use: it names the commands that build and boot it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "commands.h"
#include "manifest.h"
#include "manifest_values.h"

#define COMMAND "new"

static const char cmake_text[] =
    "cmake_minimum_required(VERSION 3.25)\n"
    "project(%1$s LANGUAGES C ASM)\n"
    "find_package(kaal REQUIRED)\n"
    "\n"
    "kaal_component(hello SOURCES hello.c)\n"
    "kaal_system(%1$s COMPOSE ${CMAKE_CURRENT_SOURCE_DIR}/compose.yaml COMPONENTS hello)\n";

static const char compose_text[] = "# The system: which components exist and what each may use.\n"
                                   "system: %1$s\n"
                                   "components:\n"
                                   "  - name: hello\n"
                                   "    image: hello\n"
                                   "    memory: 1 MiB\n"
                                   "    restart: never\n";

static const char source_text[] =
    "/* Says hello in init's log, then waits for ever. System %1$s. */\n"
    "#include <kaal/startup.h>\n"
    "\n"
    "int main(void)\n"
    "{\n"
    "    kaal_log(\"hello from %%s\", kaal_startup()->name);\n"
    "    return 0;\n"
    "}\n";

static const char readme_text[] =
    "# %1$s\n"
    "\n"
    "A KaaL system of one component. With KaaL installed in $KAAL:\n"
    "\n"
    "    cmake -B build -G Ninja -DCMAKE_TOOLCHAIN_FILE=$KAAL/lib/cmake/kaal/toolchain.cmake\n"
    "    cmake --build build\n"
    "    $KAAL/bin/sel4-compose run build/systems/%1$s\n";

static bool write_file(const char *folder, const char *name, const char *contents)
{
    char *path = text_format("%s/%s", folder, name);
    int error = file_write(path, contents, strlen(contents));
    if (error != 0) {
        fprintf(stderr, "%s: error: %s; try: another folder\n", path, strerror(error));
    }
    free(path);
    return error == 0;
}

int command_new(int count, char **arguments)
{
    if (count != 1 || arguments[0][0] == '-') {
        return usage_error(COMMAND, "needs the name of a folder to make");
    }
    const char *slash = strrchr(arguments[0], '/');
    char *name = text_format("%s", slash != NULL ? slash + 1 : arguments[0]);
    struct diagnostics diagnostics = {.file = "sel4-compose new", .out = stderr};
    struct yaml_node node = {.kind = YAML_SCALAR, .text = name};
    char checked[KAAL_NAME_BYTES];
    int status = STATUS_ERROR;
    if (!value_name(&diagnostics, &node, "project name", checked)) {
        goto out_free;
    }
    if (mkdir(arguments[0], 0777) != 0) {
        fprintf(stderr, "%s: error: %s; try: a folder that does not exist yet\n", arguments[0],
                strerror(errno));
        goto out_free;
    }
    char *cmake = text_format(cmake_text, name);
    char *compose = text_format(compose_text, name);
    char *source = text_format(source_text, name);
    char *readme = text_format(readme_text, name);
    if (write_file(arguments[0], "CMakeLists.txt", cmake) &&
        write_file(arguments[0], "compose.yaml", compose) &&
        write_file(arguments[0], "hello.c", source) &&
        write_file(arguments[0], "README.md", readme)) {
        printf("made %s; its README.md says how to build and boot it\n", arguments[0]);
        status = STATUS_OK;
    }
    free(cmake);
    free(compose);
    free(source);
    free(readme);
out_free:
    free(name);
    return status;
}
