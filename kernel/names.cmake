# SPDX-License-Identifier: MIT OR Apache-2.0
# Writes kernel/abi_names.h: for each list of the ABI, and for thread states, a table from number to name, for debug
# messages. The enumerations in the headers are the only source; their conditionals are kept.

# kernel_names_table(table regex file...): add a table of all members of the enumerations that match.
function(kernel_names_table table regex)
    set(entries "")
    foreach(file IN LISTS ARGN)
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
        file(READ ${file} text)
        string(REGEX MATCHALL "${regex}" enumerations "${text}")
        string(REGEX MATCHALL "\n(#[^\n]*|    [A-Za-z][A-Za-z0-9_]*)" lines "${enumerations}")
        foreach(line IN LISTS lines)
            string(STRIP "${line}" member)
            string(REGEX REPLACE "^(ABI_CAP_|THREAD_|seL4_Fault_|seL4_)" "" name "${member}")
            if(member MATCHES "^#")
                string(APPEND entries "${member}\n")
            elseif(NOT member MATCHES "^n[A-Z]|_force_long|seL4_Num")
                string(APPEND entries "    [${member}] = \"${name}\",\n")
            endif()
        endforeach()
    endforeach()
    set(_names "${_names}\nstatic const char *const ${table}[] = {\n${entries}};\n" PARENT_SCOPE)
endfunction()

set(_abi ${CMAKE_SOURCE_DIR}/abi/include/abi)
set(_abi_arch ${CMAKE_SOURCE_DIR}/abi/arch/${KAAL_ARCH}/include/abi/arch)
if(KAAL_ARCH STREQUAL "host")
    set(_abi_arch ${CMAKE_SOURCE_DIR}/abi/arch/aarch64/include/abi/arch) # whose column it has
endif()
set(_names "/* Made from enumerations by kernel/names.cmake. */\n#include <abi/abi.h>\n#include <kernel/tcb.h>\n")
kernel_names_table(label_names "enum [a-z0-9A-Z_]+ {[^}]*}" ${_abi}/invocation.h ${_abi_arch}/invocation.h)
kernel_names_table(cap_names "enum [a-z_]+ {[^}]*}" ${_abi}/cap_tags.h ${_abi_arch}/cap_tags.h)
kernel_names_table(error_names "{[^}]*} seL4_Error;" ${_abi}/errors.h)
kernel_names_table(lookup_names "{[^}]*} seL4_LookupFailureType;" ${_abi}/errors.h)
kernel_names_table(fault_names "enum seL4_Fault_tag {[^}]*}" ${_abi}/faults.h)
kernel_names_table(state_names "enum thread_state {[^}]*}" ${CMAKE_CURRENT_SOURCE_DIR}/include/kernel/tcb.h)
file(CONFIGURE OUTPUT ${KAAL_GENERATED_DIR}/kernel/abi_names.h CONTENT "${_names}" @ONLY)
