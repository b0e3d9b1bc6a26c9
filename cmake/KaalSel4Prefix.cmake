# SPDX-License-Identifier: MIT OR Apache-2.0
# KAAL_SEL4_PREFIX: builds against an installed seL4 (what its `cmake --install` leaves) in place of
# abi/, libsel4/ and kernel/, which then take no part in the build. Defines
#   kaal::libsel4       the prefix's headers and its one source file
#   KAAL_KERNEL_FILE    the prefix's kernel.elf, which kaal_system() packs
# The kernel's configuration is read from libsel4/include/kernel/gen_config.json; what KaaL needs and
# does not find there is a configure error that names the option.
include_guard(GLOBAL)

get_filename_component(KAAL_SEL4_PREFIX ${KAAL_SEL4_PREFIX} ABSOLUTE BASE_DIR ${CMAKE_SOURCE_DIR})
if(KAAL_ARCH STREQUAL "host")
    message(FATAL_ERROR "KAAL_SEL4_PREFIX needs a target architecture; try: cmake --preset x86_64, or aarch64")
endif()
set(KAAL_KERNEL_FILE ${KAAL_SEL4_PREFIX}/bin/kernel.elf)
set(_sel4_config ${KAAL_SEL4_PREFIX}/libsel4/include/kernel/gen_config.json)
set(_sel4_source ${KAAL_SEL4_PREFIX}/libsel4/src/sel4_bootinfo.c)
foreach(_file ${KAAL_KERNEL_FILE} ${_sel4_config} ${_sel4_source} ${KAAL_SEL4_PREFIX}/libsel4/include/sel4/sel4.h)
    if(NOT EXISTS ${_file})
        message(FATAL_ERROR "KAAL_SEL4_PREFIX: ${_file} is missing; try: the folder given to seL4's cmake --install --prefix")
    endif()
endforeach()
# A changed configuration is looked at again.
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${_sel4_config})
file(READ ${_sel4_config} _sel4_json)

# Switches are true and false in the file, numbers come with or without quotes; an absent one is off.
function(_kaal_sel4_option name variable)
    string(JSON value ERROR_VARIABLE problem GET "${_sel4_json}" ${name})
    if(problem)
        string(JSON count ERROR_VARIABLE broken LENGTH "${_sel4_json}")
        if(broken)
            message(FATAL_ERROR "KAAL_SEL4_PREFIX: ${_sel4_config} is no JSON object: ${broken}; try: install seL4 anew")
        endif()
        set(value OFF)
    endif()
    set(${variable} "${value}" PARENT_SCOPE)
endfunction()

set(_sel4_problems "")
function(_kaal_sel4_need name wanted hint)
    _kaal_sel4_option(${name} found)
    if(wanted MATCHES "^(ON|OFF)$")
        if((found AND wanted) OR (NOT found AND NOT wanted))
            return()
        endif()
    elseif(found STREQUAL wanted)
        return()
    endif()
    string(APPEND _sel4_problems "  CONFIG_${name} is ${found}, needs ${wanted}; try: seL4 built with ${hint}\n")
    set(_sel4_problems "${_sel4_problems}" PARENT_SCOPE)
endfunction()

_kaal_sel4_need(KERNEL_MCS ON "-DKernelIsMCS=ON")
_kaal_sel4_need(MAX_NUM_NODES 1 "-DKernelMaxNumNodes=1")
if(KAAL_ARCH STREQUAL "x86_64")
    _kaal_sel4_need(ARCH_X86_64 ON "-DKernelSel4Arch=x86_64, or KaaL configured for the kernel's architecture")
    _kaal_sel4_need(IOMMU ON "-DKernelIOMMU=ON")
else()
    _kaal_sel4_need(ARCH_AARCH64 ON "-DKernelSel4Arch=aarch64, or KaaL configured for the kernel's architecture")
    _kaal_sel4_need(ALLOW_SMC_CALLS ON "-DKernelAllowSMCCalls=ON")
    _kaal_sel4_need(EXPORT_VCNT_USER ON "-DKernelArmExportVCNTUser=ON")
    _kaal_sel4_need(ARM_HYPERVISOR_SUPPORT OFF "-DKernelArmHypervisorSupport=OFF (KaaL's loader enters it at EL1)")
endif()
if(_sel4_problems)
    message(FATAL_ERROR "KAAL_SEL4_PREFIX: the kernel in ${KAAL_SEL4_PREFIX} cannot carry KaaL:\n${_sel4_problems}")
endif()

# Its headers are not ours to mend: no warnings from them. HAVE_AUTOCONF makes libraries written for
# seL4 read the configuration from <autoconf.h>.
add_library(kaal_libsel4 STATIC ${_sel4_source})
add_library(kaal::libsel4 ALIAS kaal_libsel4)
target_compile_options(kaal_libsel4 PRIVATE -w)
target_compile_definitions(kaal_libsel4 PUBLIC HAVE_AUTOCONF)
target_link_libraries(kaal_libsel4 PRIVATE kaal_user_flags)
target_include_directories(kaal_libsel4 SYSTEM PUBLIC ${KAAL_SEL4_PREFIX}/libsel4/include)
message(STATUS "Kernel and seL4 API: ${KAAL_SEL4_PREFIX}")
