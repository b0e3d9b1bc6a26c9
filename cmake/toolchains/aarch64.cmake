# SPDX-License-Identifier: MIT OR Apache-2.0
# Toolchain for aarch64 targets: names the architecture; common.cmake does the rest.
set(KAAL_ARCH aarch64)
include(${CMAKE_CURRENT_LIST_DIR}/common.cmake)
