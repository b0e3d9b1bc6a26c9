/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The decode functions of what only x86_64 has; which label goes where: invocation.c. */
#pragma once

#include <kernel/invocation.h>

/* I/O ports: Issue, of the control capability; In and Out of every width, of a range's. */
enum kernel_result ioport_decode_issue(struct invocation *inv) MUST_CHECK;
enum kernel_result ioport_decode(struct invocation *inv) MUST_CHECK;

/* The last capability of a range is gone: its ports may be issued again. */
void ioport_release(struct cap cap);

/* IRQControl: GetIOAPIC and GetMSI. */
enum kernel_result irq_decode_get_ioapic(struct invocation *inv) MUST_CHECK;
enum kernel_result irq_decode_get_msi(struct invocation *inv) MUST_CHECK;

/* Spaces of devices. */
enum kernel_result iommu_decode_map_table(struct invocation *inv) MUST_CHECK;
enum kernel_result iommu_decode_map_page(struct invocation *inv) MUST_CHECK;
