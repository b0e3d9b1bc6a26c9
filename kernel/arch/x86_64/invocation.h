/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The decode functions of what only x86_64 has; which label goes where: invocation.c. */
#pragma once

#include <kernel/invocation.h>

/* I/O ports: Issue, of the control capability; In and Out of every width, of a range's. */
decode_function ioport_decode_issue, ioport_decode;

/* The last capability of a range is gone: its ports may be issued again. */
void ioport_release(struct cap cap);

/* IRQControl: GetIOAPIC and GetMSI. */
decode_function irq_decode_get_ioapic, irq_decode_get_msi;

/* Spaces of devices. */
decode_function iommu_decode_map_table, iommu_decode_map_page;
