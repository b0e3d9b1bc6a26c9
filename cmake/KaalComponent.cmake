# SPDX-License-Identifier: MIT OR Apache-2.0
# Components and systems, in this tree and in projects that use an installed KaaL (find_package(kaal)):
#   kaal_component(name SOURCES ... DEPENDS ...)           a component's ELF file: components/<name>.elf
#   kaal_system(name COMPOSE compose.yaml COMPONENTS ...)  a bootable system: systems/<name>/
#                [INIT target]                             with another init
# DEPENDS names libraries without "kaal::". Outside the tree kaal-config.cmake has set KAAL_COMPONENT_LD,
# KAAL_COMPOSE, KAAL_KERNEL_FILE, KAAL_LOADER_FILE, KAAL_INIT_FILE and KAAL_COMPONENT_FOLDERS; in the tree
# the targets kernel, loader and init stand for the files.
include_guard(GLOBAL)

function(kaal_component name)
    if(KAAL_ARCH STREQUAL "host")
        return()
    endif()
    cmake_parse_arguments(arg "" "LINKER_SCRIPT" "SOURCES;DEPENDS" ${ARGN})
    if(NOT arg_LINKER_SCRIPT)
        set(arg_LINKER_SCRIPT ${KAAL_COMPONENT_LD})
    endif()
    add_executable(${name} ${arg_SOURCES})
    target_link_libraries(${name} PRIVATE kaal_user_flags)
    foreach(dependency IN LISTS arg_DEPENDS ITEMS start)
        target_link_libraries(${name} PRIVATE kaal::${dependency})
    endforeach()
    # The map tells which members of the C library were used; none may contain a Linux system call.
    set(_map ${CMAKE_BINARY_DIR}/components/${name}.map)
    target_link_options(${name} PRIVATE -T ${arg_LINKER_SCRIPT} -Map ${_map})
    add_custom_command(TARGET ${name} POST_BUILD
        COMMAND ${CMAKE_COMMAND} -E env LLVM_OBJDUMP=${CMAKE_OBJDUMP}
            ${KAAL_CHECK_NO_SYSCALLS} ${_map} ${CMAKE_BINARY_DIR}/components
            ${KAAL_LIBC_ARCHIVES}
        VERBATIM)
    set_target_properties(${name} PROPERTIES
        RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/components
        LINK_DEPENDS ${arg_LINKER_SCRIPT})
    set_property(GLOBAL APPEND PROPERTY KAAL_COMPONENTS ${name})
endfunction()

# The file that a target makes or that was installed, and what a command that reads it depends on.
macro(_kaal_input target installed file_variable depends_variable)
    if(TARGET ${target})
        set(${file_variable} $<TARGET_FILE:${target}>)
        list(APPEND ${depends_variable} ${target})
    else()
        set(${file_variable} ${installed})
        list(APPEND ${depends_variable} ${installed})
    endif()
endmacro()

# Packs a system with sel4-compose, ready for `sel4-compose run <build>/systems/<name>`. Results there:
# root.elf, and what boots it: kernel.elf on x86_64, one file `image` on aarch64. Images named in
# compose.yaml are looked for in <build>/components first, then among the installed ones.
function(kaal_system name)
    if(KAAL_ARCH STREQUAL "host")
        return()
    endif()
    cmake_parse_arguments(arg "" "COMPOSE;INIT" "COMPONENTS" ${ARGN})
    if(NOT arg_INIT)
        set(arg_INIT init)
    endif()
    get_filename_component(arg_COMPOSE ${arg_COMPOSE} ABSOLUTE)
    set(folder ${CMAKE_BINARY_DIR}/systems/${name})
    set(inputs ${arg_COMPOSE} ${arg_COMPONENTS} ${KAAL_COMPOSE})
    if(TARGET kaal_host_tools)
        list(APPEND inputs kaal_host_tools)
    endif()
    _kaal_input(${arg_INIT} "${KAAL_INIT_FILE}" init_file inputs)
    _kaal_input(kernel "${KAAL_KERNEL_FILE}" kernel_file inputs)
    set(boot_arguments --kernel ${kernel_file})
    if(KAAL_ARCH STREQUAL "aarch64")
        _kaal_input(loader "${KAAL_LOADER_FILE}" loader_file inputs)
        if(TARGET loader)
            string(APPEND loader_file .bin)
        endif()
        list(APPEND boot_arguments --loader ${loader_file})
        set(outputs ${folder}/root.elf ${folder}/image)
    else()
        set(outputs ${folder}/root.elf ${folder}/kernel.elf)
    endif()
    list(JOIN KAAL_COMPONENT_FOLDERS ":" installed_folders)
    string(REGEX REPLACE ":$" "" folders "${CMAKE_BINARY_DIR}/components:${installed_folders}")
    add_custom_command(
        OUTPUT ${outputs}
        COMMAND ${KAAL_COMPOSE} build ${arg_COMPOSE}
            --arch ${KAAL_ARCH} --init ${init_file} --components ${folders} ${boot_arguments} --output ${folder}
        DEPENDS ${inputs}
        COMMENT "Composing system ${name} for ${KAAL_ARCH}"
        VERBATIM)
    add_custom_target(system-${name} ALL DEPENDS ${outputs})
endfunction()
