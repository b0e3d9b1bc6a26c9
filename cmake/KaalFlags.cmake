# SPDX-License-Identifier: MIT OR Apache-2.0
# Compiler flags: warnings for everything, freestanding flags for target code, sanitizers for host code.
set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON)
option(KAAL_SANITIZE "build host code with ASan and UBSan" OFF)

option(KAAL_WARNINGS_AS_ERRORS "a warning ends the build" ON)
add_library(kaal_warnings INTERFACE)
target_compile_options(kaal_warnings INTERFACE
    $<$<COMPILE_LANGUAGE:C>:-Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes>
    $<$<AND:$<COMPILE_LANGUAGE:C>,$<BOOL:${KAAL_WARNINGS_AS_ERRORS}>>:-Werror>
    # GCC takes no cast to void for "I looked"; clang checks MUST_CHECK for both.
    $<$<AND:$<COMPILE_LANGUAGE:C>,$<C_COMPILER_ID:GNU>>:-Wno-unused-result>)

# What every piece of code for the architecture shares.
add_library(kaal_flags INTERFACE)
target_link_libraries(kaal_flags INTERFACE kaal_warnings)
if(KAAL_ARCH STREQUAL "host")
    target_compile_options(kaal_flags INTERFACE -O1 -g -fno-omit-frame-pointer)
    if(KAAL_SANITIZE)
        target_compile_options(kaal_flags INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=all)
        target_link_options(kaal_flags INTERFACE -fsanitize=address,undefined)
    endif()
else()
    target_compile_options(kaal_flags INTERFACE
        -O2 -g -ffreestanding -fno-stack-protector -fno-pic -fno-pie -fno-common
        -fno-asynchronous-unwind-tables -ffunction-sections -fdata-sections
        -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
    if(KAAL_ARCH STREQUAL "aarch64")
        target_compile_options(kaal_flags INTERFACE -mno-outline-atomics -mcpu=cortex-a53)
    endif()
endif()

# Userland adds: local-exec TLS and frame pointers (init walks them for crash reports).
add_library(kaal_user_flags INTERFACE)
target_link_libraries(kaal_user_flags INTERFACE kaal_flags)
if(NOT KAAL_ARCH STREQUAL "host")
    target_compile_options(kaal_user_flags INTERFACE -ftls-model=local-exec -fno-omit-frame-pointer)
endif()

# CMake's "Generic" platform has no suffix; set here because project() resets what a toolchain says.
if(NOT KAAL_ARCH STREQUAL "host")
    set(CMAKE_EXECUTABLE_SUFFIX .elf)
    set(CMAKE_EXECUTABLE_SUFFIX_C .elf)
    set(CMAKE_EXECUTABLE_SUFFIX_ASM .elf)
endif()
