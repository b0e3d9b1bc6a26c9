/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The virtio_blk driver against a model of its device: the class's tests.
 */
#include "virtio_model.h"

int main(void)
{
    return block_conformance_run(virtio_block_model(), &kaal_driver_of_this_component);
}
