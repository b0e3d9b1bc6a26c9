/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Payload of an image that the build system links itself (tests); sel4-compose appends instead. */
    .section .payload.kernel, "a"
    .incbin KAAL_PAYLOAD_KERNEL
    .section .payload.root, "a"
    .incbin KAAL_PAYLOAD_ROOT
