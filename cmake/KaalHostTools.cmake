# SPDX-License-Identifier: MIT OR Apache-2.0
# sel4-compose runs on the build machine, so a target build makes it with the native compiler in a
# build folder of its own; the host build has it as an ordinary target.
include(ExternalProject)
if(KAAL_ARCH STREQUAL "host")
    set(KAAL_COMPOSE $<TARGET_FILE:sel4-compose>)
    add_custom_target(kaal_host_tools)
elseif(NOT EXISTS ${CMAKE_SOURCE_DIR}/tools/CMakeLists.txt)
    add_custom_target(kaal_host_tools)
else()
    set(_tools_dir ${CMAKE_BINARY_DIR}/host-tools)
    set(KAAL_COMPOSE ${_tools_dir}/sel4-compose)
    ExternalProject_Add(kaal_host_tools
        SOURCE_DIR ${CMAKE_SOURCE_DIR}/tools
        BINARY_DIR ${_tools_dir}
        CMAKE_GENERATOR Ninja
        CMAKE_ARGS -DCMAKE_BUILD_TYPE=RelWithDebInfo
        BUILD_ALWAYS ON
        INSTALL_COMMAND ""
        BUILD_BYPRODUCTS ${KAAL_COMPOSE})
endif()
