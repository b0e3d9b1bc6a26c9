/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Helpers that a compiler may call instead of an instruction; nothing else of its support library
 * is needed on x86_64 (GCC counts bits by a call there).
 */
int __popcountdi2(long value);

int __popcountdi2(long value)
{
    int count = 0;
    for (unsigned long rest = (unsigned long)value; rest != 0; rest &= rest - 1) {
        count++;
    }
    return count;
}
