# SPDX-License-Identifier: MIT OR Apache-2.0
# `cmake --install build/<arch>`: one prefix for one architecture, in the layout that seL4's own install
# has (bin/kernel.elf, libsel4/include) with KaaL's parts beside it:
#   bin/              kernel.elf, sel4-compose
#   libsel4/          include/ and the one source file, as KAAL_SEL4_PREFIX expects them
#   include/kaal/     headers of the libraries that a component links
#   lib/              those libraries
#   lib/kaal/         linker scripts, components (init, console, drivers), loader, C library
#   lib/cmake/kaal/   find_package(kaal), toolchain.cmake
# The package file is written here instead of by install(EXPORT): it must name the C library and the
# tools inside the prefix, wherever that is moved to.
if(KAAL_ARCH STREQUAL "host")
    return()
endif()
include(CMakePackageConfigHelpers)

set(_kaal_lib lib/kaal)
set(_kaal_cmake lib/cmake/kaal)
set(_libraries "")  # what follows goes into kaal-targets.cmake
set(_seen "")

# Adds a library and everything it links to the package, dependencies first.
function(_kaal_install_library target)
    get_target_property(aliased ${target} ALIASED_TARGET)
    if(aliased)
        set(target ${aliased})
    endif()
    if(target IN_LIST _seen)
        return()
    endif()
    list(APPEND _seen ${target})
    get_target_property(items ${target} INTERFACE_LINK_LIBRARIES)
    get_target_property(type ${target} TYPE)
    set(links "")
    foreach(item IN LISTS items)
        if(item MATCHES "LINK_ONLY")
            continue() # flags of KaaL's own compilation
        elseif(item MATCHES "kaal::([a-z0-9_]+)")
            set(dependency ${CMAKE_MATCH_1})
            if(TARGET kaal::${dependency})
                _kaal_install_library(kaal::${dependency})
                list(APPEND links kaal::${dependency})
            endif()
        elseif(item MATCHES "\\.a$")
            get_filename_component(archive ${item} NAME)
            file(REAL_PATH ${item} real) # a link as fetched
            install(FILES ${real} DESTINATION ${_kaal_lib}/libc RENAME ${archive})
            list(APPEND links "\${_kaal_prefix}/${_kaal_lib}/libc/${archive}")
        endif()
    endforeach()
    string(REGEX REPLACE "^kaal_" "" name ${target})
    if(type STREQUAL "STATIC_LIBRARY")
        install(FILES $<TARGET_FILE:${target}> DESTINATION lib)
        string(APPEND _libraries "add_library(kaal::${name} STATIC IMPORTED)\n"
            "set_target_properties(kaal::${name} PROPERTIES IMPORTED_LOCATION \"\${_kaal_prefix}/lib/lib${target}.a\")\n")
    else()
        string(APPEND _libraries "add_library(kaal::${name} INTERFACE IMPORTED)\n")
    endif()
    string(APPEND _libraries "target_include_directories(kaal::${name} INTERFACE \${_kaal_includes})\n")
    get_target_property(definitions ${target} INTERFACE_COMPILE_DEFINITIONS)
    if(definitions)
        string(APPEND _libraries "target_compile_definitions(kaal::${name} INTERFACE ${definitions})\n")
    endif()
    if(links)
        list(JOIN links "\n    " links)
        string(APPEND _libraries "target_link_libraries(kaal::${name} INTERFACE\n    ${links})\n")
    endif()
    set(_libraries "${_libraries}" PARENT_SCOPE)
    set(_seen "${_seen}" PARENT_SCOPE)
endfunction()

foreach(name base start ipc cap_broker heap dma terminal image dddk driver)
    if(TARGET kaal::${name})
        _kaal_install_library(kaal::${name})
    endif()
endforeach()

# Headers: everything public in runtime/ (the parts that only init links are small), the C library's,
# and the seL4 API in upstream's place.
file(GLOB _folders ${CMAKE_SOURCE_DIR}/runtime/*/include ${CMAKE_SOURCE_DIR}/runtime/*/arch/${KAAL_ARCH}/include)
foreach(folder IN LISTS _folders)
    install(DIRECTORY ${folder}/ DESTINATION include)
endforeach()
file(REAL_PATH ${KAAL_DEPS_DIR}/${KAAL_ARCH}/musl/include _libc_headers) # a link as fetched
install(DIRECTORY ${_libc_headers}/ DESTINATION ${_kaal_lib}/libc/include)
install(FILES ${KAAL_DEPS_DIR}/${KAAL_ARCH}/musl/usr/share/doc/musl-dev/copyright
    DESTINATION ${_kaal_lib}/libc OPTIONAL) # where musl came as a package
if(KAAL_SEL4_PREFIX)
    install(DIRECTORY ${KAAL_SEL4_PREFIX}/libsel4 DESTINATION .)
else()
    foreach(folder libsel4/include libsel4/arch/${KAAL_ARCH}/include abi/include abi/arch/${KAAL_ARCH}/include)
        install(DIRECTORY ${CMAKE_SOURCE_DIR}/${folder}/ DESTINATION libsel4/include)
    endforeach()
    install(FILES ${KAAL_GENERATED_DIR}/kernel/gen_config.h ${KAAL_GENERATED_DIR}/kernel/gen_config.json
        DESTINATION libsel4/include/kernel)
    install(FILES ${CMAKE_SOURCE_DIR}/libsel4/src/sel4_bootinfo.c DESTINATION libsel4/src)
endif()

# Programs.
install(PROGRAMS ${KAAL_COMPOSE} DESTINATION bin)
if(TARGET kernel)
    install(FILES $<TARGET_FILE:kernel> DESTINATION bin)
else()
    install(FILES ${KAAL_KERNEL_FILE} DESTINATION bin)
endif()
if(TARGET loader)
    install(FILES $<TARGET_FILE:loader>.bin DESTINATION ${_kaal_lib} RENAME loader.bin)
endif()
get_property(_components GLOBAL PROPERTY KAAL_COMPONENTS)
foreach(component init console shell ns16550 pl011)
    if(component IN_LIST _components)
        install(FILES $<TARGET_FILE:${component}> DESTINATION ${_kaal_lib}/components)
    endif()
endforeach()
install(FILES ${KAAL_COMPONENT_LD} ${KAAL_ROOT_LD} DESTINATION ${_kaal_lib})
install(PROGRAMS ${KAAL_CHECK_NO_SYSCALLS} DESTINATION ${_kaal_lib})
install(FILES LICENSE-MIT LICENSE-APACHE DESTINATION ${_kaal_lib})

# The package.
file(WRITE ${CMAKE_BINARY_DIR}/package/kaal-targets.cmake
    "# SPDX-License-Identifier: MIT OR Apache-2.0\n# Written by the build: KaaL's libraries for ${KAAL_ARCH}.\n${_libraries}")
configure_file(cmake/package/kaal-config.cmake.in ${CMAKE_BINARY_DIR}/package/kaal-config.cmake @ONLY)
configure_file(cmake/package/toolchain.cmake.in ${CMAKE_BINARY_DIR}/package/toolchain.cmake @ONLY)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/package/kaal-config-version.cmake
    VERSION ${PROJECT_VERSION} COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES
    ${CMAKE_BINARY_DIR}/package/kaal-config.cmake
    ${CMAKE_BINARY_DIR}/package/kaal-config-version.cmake
    ${CMAKE_BINARY_DIR}/package/kaal-targets.cmake
    ${CMAKE_BINARY_DIR}/package/toolchain.cmake
    cmake/toolchains/common.cmake cmake/KaalComponent.cmake cmake/KaalFlags.cmake
    DESTINATION ${_kaal_cmake})
