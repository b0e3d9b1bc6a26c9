# SPDX-License-Identifier: MIT OR Apache-2.0
# How a folder says what it builds. Each module has one CMakeLists.txt that uses these functions:
#   kaal_library(name SOURCES ... DEPENDS ... [KERNEL])   static library (or headers only) kaal::name
#   kaal_component(name SOURCES ... DEPENDS ...)          a component's ELF file: components/<name>.elf
#   kaal_unit_test(name SOURCES ... DEPENDS ... [LABEL l]) cmocka test, host only
#   kaal_system(name COMPOSE compose.yaml COMPONENTS ...)  a bootable system: systems/<name>/
# A library's public headers are in its include/ folder; arch/<isa>/include is added where it exists.
include_guard(GLOBAL)

function(_kaal_arch_includes target scope)
    foreach(folder include arch/${KAAL_ARCH}/include)
        if(IS_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/${folder})
            target_include_directories(${target} ${scope}
                $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/${folder}>)
        endif()
    endforeach()
endfunction()

function(_kaal_link target scope)
    foreach(dependency IN LISTS ARGN)
        target_link_libraries(${target} ${scope} kaal::${dependency})
    endforeach()
endfunction()

function(kaal_library name)
    cmake_parse_arguments(arg "KERNEL" "" "SOURCES;DEPENDS" ${ARGN})
    set(target kaal_${name})
    if(arg_SOURCES)
        add_library(${target} STATIC ${arg_SOURCES})
        set(scope PUBLIC)
        if(arg_KERNEL)
            target_link_libraries(${target} PRIVATE kaal_flags)
        else()
            target_link_libraries(${target} PRIVATE kaal_user_flags)
        endif()
    else()
        add_library(${target} INTERFACE)
        set(scope INTERFACE)
    endif()
    add_library(kaal::${name} ALIAS ${target})
    _kaal_arch_includes(${target} ${scope})
    _kaal_link(${target} ${scope} ${arg_DEPENDS})
    set_property(GLOBAL APPEND PROPERTY KAAL_LIBRARIES ${target})
    set_property(GLOBAL APPEND PROPERTY KAAL_INCLUDE_DIRS ${CMAKE_CURRENT_SOURCE_DIR})
endfunction()

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
    _kaal_link(${name} PRIVATE ${arg_DEPENDS} start)
    # The map tells which members of the C library were used; none may contain a Linux system call.
    set(_map ${CMAKE_BINARY_DIR}/components/${name}.map)
    target_link_options(${name} PRIVATE -T ${arg_LINKER_SCRIPT} -Map ${_map})
    add_custom_command(TARGET ${name} POST_BUILD
        COMMAND ${CMAKE_COMMAND} -E env LLVM_OBJDUMP=${CMAKE_OBJDUMP}
            ${CMAKE_SOURCE_DIR}/scripts/check-no-syscalls.sh ${_map} ${CMAKE_BINARY_DIR}/components
            ${KAAL_LIBC_ARCHIVES}
        VERBATIM)
    set_target_properties(${name} PROPERTIES
        RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/components
        LINK_DEPENDS ${arg_LINKER_SCRIPT})
    set_property(GLOBAL APPEND PROPERTY KAAL_COMPONENTS ${name})
endfunction()

function(kaal_unit_test name)
    if(NOT KAAL_ARCH STREQUAL "host")
        return()
    endif()
    cmake_parse_arguments(arg "" "LABEL" "SOURCES;DEPENDS" ${ARGN})
    if(NOT arg_LABEL)
        set(arg_LABEL unit)
    endif()
    add_executable(${name} ${arg_SOURCES})
    target_link_libraries(${name} PRIVATE kaal_flags cmocka)
    _kaal_link(${name} PRIVATE ${arg_DEPENDS})
    target_include_directories(${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES LABELS ${arg_LABEL} TIMEOUT 300)
endfunction()

# Packs a system with sel4-compose, ready for `sel4-compose run <build>/systems/<name>`. Results there:
# root.elf, and what boots it: kernel.elf on x86_64, one file `image` on aarch64.
function(kaal_system name)
    if(KAAL_ARCH STREQUAL "host")
        return()
    endif()
    cmake_parse_arguments(arg "" "COMPOSE" "COMPONENTS" ${ARGN})
    set(folder ${CMAKE_BINARY_DIR}/systems/${name})
    set(outputs ${folder}/root.elf)
    set(boot_arguments --kernel $<TARGET_FILE:kernel>)
    if(KAAL_ARCH STREQUAL "aarch64")
        list(APPEND outputs ${folder}/image)
        list(APPEND boot_arguments --loader $<TARGET_FILE:loader>.bin)
        set(boot_targets kernel loader)
    else()
        list(APPEND outputs ${folder}/kernel.elf)
        set(boot_targets kernel)
    endif()
    add_custom_command(
        OUTPUT ${outputs}
        COMMAND ${KAAL_COMPOSE} build ${arg_COMPOSE}
            --arch ${KAAL_ARCH} --init $<TARGET_FILE:init>
            --components ${CMAKE_BINARY_DIR}/components ${boot_arguments} --output ${folder}
        DEPENDS ${arg_COMPOSE} init ${arg_COMPONENTS} ${boot_targets} kaal_host_tools ${KAAL_COMPOSE}
        COMMENT "Composing system ${name} for ${KAAL_ARCH}"
        VERBATIM)
    add_custom_target(system-${name} ALL DEPENDS ${outputs})
endfunction()
