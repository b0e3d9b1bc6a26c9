/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The nvme driver against a model of its device: the class's tests.
 */
#include "nvme_model.h"

int main(void)
{
    return block_conformance_run(nvme_model(), &kaal_driver_of_this_component);
}
