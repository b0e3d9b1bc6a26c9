# SPDX-License-Identifier: MIT OR Apache-2.0
# What both target toolchains share: clang (or GCC, with KAAL_COMPILER=gcc) compiles freestanding
# code, and lld alone links it, so no host start files or libraries can slip in.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR ${KAAL_ARCH})
set(KAAL_COMPILER clang CACHE STRING "clang or gcc")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES KAAL_COMPILER)

# CMAKE_PREFIX_PATH-style overrides for machines (macOS) whose LLVM is not on the PATH.
set(KAAL_LLVM_BIN "$ENV{KAAL_LLVM_BIN}" CACHE PATH "folder with clang, ld.lld and the llvm tools")

if(KAAL_COMPILER STREQUAL "gcc")
    execute_process(COMMAND uname -m OUTPUT_VARIABLE _kaal_machine OUTPUT_STRIP_TRAILING_WHITESPACE)
    if(_kaal_machine STREQUAL KAAL_ARCH)
        find_program(CMAKE_C_COMPILER gcc REQUIRED)
    else()
        find_program(CMAKE_C_COMPILER ${KAAL_ARCH}-linux-gnu-gcc REQUIRED)
    endif()
else()
    find_program(CMAKE_C_COMPILER clang HINTS ${KAAL_LLVM_BIN} REQUIRED)
    set(CMAKE_C_COMPILER_TARGET ${KAAL_ARCH}-unknown-none-elf)
    set(CMAKE_ASM_COMPILER_TARGET ${KAAL_ARCH}-unknown-none-elf)
endif()
set(CMAKE_ASM_COMPILER ${CMAKE_C_COMPILER})
find_program(KAAL_LLD ld.lld HINTS ${KAAL_LLVM_BIN} REQUIRED)
find_program(CMAKE_AR llvm-ar HINTS ${KAAL_LLVM_BIN} REQUIRED)
find_program(CMAKE_RANLIB llvm-ranlib HINTS ${KAAL_LLVM_BIN} REQUIRED)
find_program(CMAKE_OBJCOPY llvm-objcopy HINTS ${KAAL_LLVM_BIN} REQUIRED)
find_program(CMAKE_OBJDUMP llvm-objdump HINTS ${KAAL_LLVM_BIN} REQUIRED)

set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_EXECUTABLE_SUFFIX .elf)
set(CMAKE_C_LINK_EXECUTABLE
    "${KAAL_LLD} -static -nostdlib -z noexecstack -z max-page-size=4096 --gc-sections <LINK_FLAGS> <OBJECTS> -o <TARGET> <LINK_LIBRARIES>")
set(CMAKE_ASM_LINK_EXECUTABLE "${CMAKE_C_LINK_EXECUTABLE}")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
