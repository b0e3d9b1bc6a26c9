/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The scalar types of the seL4 API, with the sizes that every 64-bit configuration has.
 */
#pragma once

#include <stdint.h>

typedef int8_t seL4_Int8;
typedef int16_t seL4_Int16;
typedef int32_t seL4_Int32;
typedef int64_t seL4_Int64;
typedef uint8_t seL4_Uint8;
typedef uint16_t seL4_Uint16;
typedef uint32_t seL4_Uint32;
typedef uint64_t seL4_Uint64;

typedef seL4_Uint64 seL4_Word;
typedef seL4_Word seL4_CPtr;
typedef seL4_Word seL4_NodeId;
typedef seL4_Word seL4_Domain;
typedef seL4_Word seL4_PAddr;
typedef seL4_Word seL4_SlotPos;
typedef seL4_Uint64 seL4_Time;
typedef seL4_Int8 seL4_Bool;

#define seL4_True  1
#define seL4_False 0
#define seL4_Null  ((void *)0)

_Static_assert(sizeof(seL4_Word) == 8, "a word has 64 bits");
