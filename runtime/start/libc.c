/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Parts of musl's libc.a that its pure parts refer to, but whose own versions contain Linux system
 * calls. A component has one thread, so a lock is always free. These names come before libc.a in
 * the link, so its members with the same names are never taken.
 */
void __lock(volatile int *lock);
void __unlock(volatile int *lock);
int __lockfile(void *file);
void __unlockfile(void *file);

void __lock(volatile int *lock)
{
    (void)lock;
}

void __unlock(volatile int *lock)
{
    (void)lock;
}

int __lockfile(void *file)
{
    (void)file;
    return 0;
}

void __unlockfile(void *file)
{
    (void)file;
}
