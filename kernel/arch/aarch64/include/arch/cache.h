/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Cache maintenance on ranges of kernel addresses. */
#pragma once

#include <kernel/types.h>

/* In the order of the invocation labels. */
enum cache_operation {
    CACHE_CLEAN,            /* to the point of coherency */
    CACHE_INVALIDATE,       /* loses what was not cleaned */
    CACHE_CLEAN_INVALIDATE, /* both */
    CACHE_UNIFY,            /* data to the point of unification; instruction cache invalidated */
};

/* Operate on every cache line that [start, end) touches. */
void cache_operate(enum cache_operation operation, kptr_t start, kptr_t end);
