/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The C library's names for the heap. They come before libc.a in the link, so that musl's own
 * allocator, which makes Linux system calls, is never taken.
 */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>

#include <kaal/heap.h>

static void *or_enomem(void *object)
{
    if (object == NULL) {
        errno = ENOMEM;
    }
    return object;
}

void *malloc(size_t bytes)
{
    return or_enomem(kaal_heap_allocate(bytes));
}

void *calloc(size_t count, size_t bytes)
{
    return or_enomem(kaal_heap_allocate_zeroed(count, bytes));
}

void *realloc(void *object, size_t bytes)
{
    return or_enomem(kaal_heap_resize(object, bytes));
}

void free(void *object)
{
    kaal_heap_free(object);
}

void *aligned_alloc(size_t alignment, size_t bytes)
{
    return or_enomem(kaal_heap_allocate_aligned(alignment, bytes));
}

void *memalign(size_t alignment, size_t bytes)
{
    return or_enomem(kaal_heap_allocate_aligned(alignment, bytes));
}

int posix_memalign(void **object, size_t alignment, size_t bytes)
{
    if (alignment < sizeof(void *) || (alignment & (alignment - 1)) != 0) {
        return EINVAL;
    }
    void *allocated = kaal_heap_allocate_aligned(alignment, bytes);
    if (allocated == NULL) {
        return ENOMEM;
    }
    *object = allocated;
    return 0;
}

size_t malloc_usable_size(void *object)
{
    return object == NULL ? 0 : kaal_heap_usable(object);
}
