/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#pragma once

/* Tests for a machine with `-device intel-iommu -device edu,addr=05.0`. */
void iommu_tests(void);
