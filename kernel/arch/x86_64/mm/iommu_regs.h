/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Registers of a VT-d remapping unit.
 * Source: Intel Virtualization Technology for Directed I/O, revision 3.3, chapter 11 (registers), 9
 * (structures).
 */
#pragma once

#define VTD_CAP     0x08 /* RO 64 */
#define VTD_ECAP    0x10 /* RO 64 */
#define VTD_GCMD    0x18 /* WO 32 */
#define VTD_GSTS    0x1c /* RO 32 */
#define VTD_RTADDR  0x20 /* RW 64 */
#define VTD_CCMD    0x28 /* RW 64 */
#define VTD_FSTS    0x34 /* RW1C 32 */
#define VTD_FECTL   0x38 /* RW 32 */
#define VTD_FEDATA  0x3c /* RW 32 */
#define VTD_FEADDR  0x40 /* RW 32 */
#define VTD_FEUADDR 0x44 /* RW 32 */

#define VTD_CAP_DOMAINS(cap)       ((cap)&7) /* domain ids have 4 + 2n bits */
#define VTD_CAP_WRITE_BUFFER       (1ul << 4)
#define VTD_CAP_CACHING_MODE       (1ul << 7)
#define VTD_CAP_DEPTHS(cap)        ((cap) >> 8 & 0x1f) /* bit n: n + 2 levels */
#define VTD_CAP_FAULT_OFFSET(cap)  (((cap) >> 24 & 0x3ff) * 16)
#define VTD_CAP_FAULT_COUNT(cap)   (((cap) >> 40 & 0xff) + 1)
#define VTD_ECAP_COHERENT          1ul
#define VTD_ECAP_IOTLB_OFFSET(cap) (((cap) >> 8 & 0x3ff) * 16 + 8)

#define VTD_GCMD_TRANSLATE    (1u << 31)
#define VTD_GCMD_SET_ROOT     (1u << 30)
#define VTD_GCMD_FLUSH_WRITES (1u << 27)
#define VTD_GSTS_ONE_SHOT     0x96ffffffu /* bits that a command must not repeat are clear */
#define VTD_CCMD_INVALIDATE   (1ul << 63)
#define VTD_CCMD_GLOBAL       (1ul << 61)
#define VTD_IOTLB_INVALIDATE  (1ul << 63)
#define VTD_IOTLB_GLOBAL      (1ul << 60)
#define VTD_IOTLB_DRAIN       (3ul << 48)
#define VTD_FSTS_OVERFLOW     1u

#define VTD_FAULT_HIGH         8 /* of a 16-byte record */
#define VTD_FAULT_VALID        (1ul << 63)
#define VTD_FAULT_READ         (1ul << 62)
#define VTD_FAULT_REASON(high) ((high) >> 32 & 0xff)
#define VTD_FAULT_SOURCE(high) ((high)&0xffff)

#define VTD_PRESENT              1ul
#define VTD_READ                 1ul
#define VTD_WRITE                2ul
#define VTD_CONTEXT_DOMAIN_SHIFT 8
