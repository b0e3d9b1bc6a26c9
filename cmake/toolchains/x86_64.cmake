# SPDX-License-Identifier: MIT OR Apache-2.0
# Toolchain for x86_64 targets: names the architecture; common.cmake does the rest.
set(KAAL_ARCH x86_64)
include(${CMAKE_CURRENT_LIST_DIR}/common.cmake)
