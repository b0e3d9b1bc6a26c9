/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * seL4_RecvWithMRs: the reply object comes last on x86_64, before the words on aarch64.
 */
#pragma once

LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_RecvWithMRs(seL4_CPtr src, seL4_Word *sender,
                                                        seL4_Word *mr0, seL4_Word *mr1,
                                                        seL4_Word *mr2, seL4_Word *mr3,
                                                        seL4_CPtr reply)
{
    return libsel4_recv_with_mrs(src, sender, mr0, mr1, mr2, mr3, reply);
}
