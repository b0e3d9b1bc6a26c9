/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Accessors of the packed words: a field is a shift and a width.
 */
#pragma once

#include <abi/message.h>
#include <abi/rights.h>
#include <sel4/macros.h>

/*
 * Defines get, set and the two pointer forms for field `field` of `type`, which occupies `bits`
 * bits from bit `shift` of its one word. A value that does not fit is cut.
 */
#define LIBSEL4_WORD_FIELD(type, field, shift, bits)                               \
    LIBSEL4_INLINE seL4_Uint64 type##_get_##field(type##_t value)                  \
    {                                                                              \
        return (value.words[0] >> (shift)) & (~0ul >> (64 - (bits)));              \
    }                                                                              \
    LIBSEL4_INLINE type##_t type##_set_##field(type##_t value, seL4_Uint64 field)  \
    {                                                                              \
        seL4_Uint64 mask = (~0ul >> (64 - (bits))) << (shift);                     \
        value.words[0] = (value.words[0] & ~mask) | ((field << (shift)) & mask);   \
        return value;                                                              \
    }                                                                              \
    LIBSEL4_INLINE seL4_Uint64 type##_ptr_get_##field(const type##_t *value)       \
    {                                                                              \
        return type##_get_##field(*value);                                         \
    }                                                                              \
    LIBSEL4_INLINE void type##_ptr_set_##field(type##_t *value, seL4_Uint64 field) \
    {                                                                              \
        *value = type##_set_##field(*value, field);                                \
    }

/* A field's bits in place, for the constructors below. */
#define LIBSEL4_FIELD_VALUE(value, shift, bits) \
    (((seL4_Uint64)(value) & (~0ul >> (64 - (bits)))) << (shift))

LIBSEL4_WORD_FIELD(seL4_MessageInfo, length, seL4_MsgLengthShift, seL4_MsgLengthBits)
LIBSEL4_WORD_FIELD(seL4_MessageInfo, extraCaps, seL4_MsgExtraCapsShift, seL4_MsgExtraCapBits)
LIBSEL4_WORD_FIELD(seL4_MessageInfo, capsUnwrapped, seL4_MsgCapsUnwrappedShift,
                   seL4_MsgCapsUnwrappedBits)
LIBSEL4_WORD_FIELD(seL4_MessageInfo, label, seL4_MsgLabelShift, seL4_MsgLabelBits)

LIBSEL4_WORD_FIELD(seL4_CapRights, capAllowWrite, seL4_RightWriteShift, 1)
LIBSEL4_WORD_FIELD(seL4_CapRights, capAllowRead, seL4_RightReadShift, 1)
LIBSEL4_WORD_FIELD(seL4_CapRights, capAllowGrant, seL4_RightGrantShift, 1)
LIBSEL4_WORD_FIELD(seL4_CapRights, capAllowGrantReply, seL4_RightGrantReplyShift, 1)

LIBSEL4_WORD_FIELD(seL4_CNode_CapData, guardSize, 0, seL4_GuardSizeBits)
LIBSEL4_WORD_FIELD(seL4_CNode_CapData, guard, seL4_GuardSizeBits, seL4_GuardBits)

LIBSEL4_INLINE seL4_MessageInfo_t seL4_MessageInfo_new(seL4_Uint64 label, seL4_Uint64 capsUnwrapped,
                                                       seL4_Uint64 extraCaps, seL4_Uint64 length)
{
    return (seL4_MessageInfo_t){
        {LIBSEL4_FIELD_VALUE(label, seL4_MsgLabelShift, seL4_MsgLabelBits) |
         LIBSEL4_FIELD_VALUE(capsUnwrapped, seL4_MsgCapsUnwrappedShift, seL4_MsgCapsUnwrappedBits) |
         LIBSEL4_FIELD_VALUE(extraCaps, seL4_MsgExtraCapsShift, seL4_MsgExtraCapBits) |
         LIBSEL4_FIELD_VALUE(length, seL4_MsgLengthShift, seL4_MsgLengthBits)}};
}

LIBSEL4_INLINE seL4_CapRights_t seL4_CapRights_new(seL4_Uint64 capAllowGrantReply,
                                                   seL4_Uint64 capAllowGrant,
                                                   seL4_Uint64 capAllowRead,
                                                   seL4_Uint64 capAllowWrite)
{
    return (seL4_CapRights_t){
        {LIBSEL4_FIELD_VALUE(capAllowGrantReply, seL4_RightGrantReplyShift, 1) |
         LIBSEL4_FIELD_VALUE(capAllowGrant, seL4_RightGrantShift, 1) |
         LIBSEL4_FIELD_VALUE(capAllowRead, seL4_RightReadShift, 1) |
         LIBSEL4_FIELD_VALUE(capAllowWrite, seL4_RightWriteShift, 1)}};
}

LIBSEL4_INLINE seL4_CNode_CapData_t seL4_CNode_CapData_new(seL4_Uint64 guard, seL4_Uint64 guardSize)
{
    return (seL4_CNode_CapData_t){{LIBSEL4_FIELD_VALUE(guard, seL4_GuardSizeBits, seL4_GuardBits) |
                                   LIBSEL4_FIELD_VALUE(guardSize, 0, seL4_GuardSizeBits)}};
}
