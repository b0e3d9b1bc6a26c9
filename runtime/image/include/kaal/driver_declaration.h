/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a driver declares about itself, in ELF section ".kaal_driver" of its image (made by the
 * driver kit's KAAL_DRIVER macro). sel4-compose checks it and copies it into the archive; init
 * matches it against discovered devices and gives the driver one bundle per device: registers,
 * ports, interrupt and DMA memory, under the names declared here.
 */
#pragma once

#include <stdint.h>

#include <kaal/error.h>
#include <kaal/startup.h>
#include <kaal/system.h>

/** First word: "KaaLdrvr" in memory order. */
#define KAAL_DRIVER_MAGIC UINT64_C(0x727672644c61614b)
/** Layout version. */
#define KAAL_DRIVER_VERSION 1u
/** Most match entries of a declaration. */
#define KAAL_DRIVER_MATCHES_MAX 8u
/** Most resources of a declaration. */
#define KAAL_DRIVER_RESOURCES_MAX 8u

/** Flag in kaal_driver_resource.index: a device without it is served too. */
#define KAAL_DRIVER_OPTIONAL (UINT32_C(1) << 31)

/** Flag in the index of an interrupt: on its line, though the device may be able to send messages.
 */
#define KAAL_DRIVER_LINE (UINT32_C(1) << 30)
/** The bits of an index that are none of these flags. */
#define KAAL_DRIVER_INDEX (KAAL_DRIVER_LINE - 1)

/** Device classes; each has a class protocol served over channels. */
enum kaal_class {
    KAAL_CLASS_NONE = 0,
    KAAL_CLASS_SERIAL = 1,
    KAAL_CLASS_BLOCK = 2,
    KAAL_CLASS_NET = 3,
    KAAL_CLASS_INPUT = 4,
    KAAL_CLASS_TIMER = 5,
    KAAL_CLASS_USB_HOST = 6,
    KAAL_CLASS_RTC = 7,
    KAAL_CLASS_RNG = 8,
};

/** One way to recognise a device; kinds KAAL_SELECT_PCI, _PCI_CLASS, _COMPATIBLE, _PNP,
 * _VIRTIO. */
struct kaal_driver_match {
    uint32_t kind;                 /**< enum kaal_selector_kind */
    uint32_t value;                /**< as in struct kaal_device_selector */
    char id[KAAL_DEVICE_ID_BYTES]; /**< as in struct kaal_device_selector */
};
_Static_assert(sizeof(struct kaal_driver_match) == 48, "packed format");

/** One resource that the driver needs from its device. */
struct kaal_driver_resource {
    char name[KAAL_NAME_BYTES]; /**< name in the start-up page */
    uint32_t kind;              /**< enum kaal_resource_kind: REGISTERS, PORTS, IRQ or DMA */
    uint32_t index; /**< which of the device's ranges or interrupts, from 0 (PCI: BAR number); with
                       KAAL_DRIVER_OPTIONAL it may be missing */
    uint64_t bytes; /**< least length of the range; DMA: length to allocate */
};
_Static_assert(sizeof(struct kaal_driver_resource) == 40, "packed format");

/** The declaration. */
struct kaal_driver_declaration {
    uint64_t magic;                                            /**< KAAL_DRIVER_MAGIC */
    uint32_t version;                                          /**< KAAL_DRIVER_VERSION */
    uint32_t device_class;                                     /**< enum kaal_class */
    char name[KAAL_NAME_BYTES];                                /**< driver name */
    uint32_t match_count;                                      /**< used entries of matches */
    uint32_t resource_count;                                   /**< used entries of resources */
    struct kaal_driver_match matches[KAAL_DRIVER_MATCHES_MAX]; /**< any of them */
    struct kaal_driver_resource resources[KAAL_DRIVER_RESOURCES_MAX]; /**< all of them */
};
_Static_assert(sizeof(struct kaal_driver_declaration) == 48 + 8 * 48 + 8 * 40, "packed format");

/**
 * Checks a driver declaration completely (magic, version, counts, kinds, names).
 *   data, bytes  the archive entry or ELF section;  declaration  out: the structure inside data
 *   problem  out: a static phrase that says what is wrong, set on failure
 * Returns KAAL_OK; KAAL_ERR_TRUNCATED, KAAL_ERR_FORMAT, KAAL_ERR_VERSION, KAAL_ERR_RANGE.
 * Ownership: borrows data for as long as the declaration is used.
 */
MUST_CHECK int kaal_driver_declaration_open(const void *data, uint64_t bytes,
                                            const struct kaal_driver_declaration **declaration,
                                            const char **problem);
