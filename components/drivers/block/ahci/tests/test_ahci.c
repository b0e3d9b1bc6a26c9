/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The ahci driver against a model of its device: the class's tests.
 */
#include "ahci_model.h"

int main(void)
{
    return block_conformance_run(ahci_model(), &kaal_driver_of_this_component);
}
