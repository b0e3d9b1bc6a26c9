/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The parent: one line per result, then the end.
 */
#include <kaal/startup.h>

#include "grants.h"

void say(const char *what, bool good)
{
    kaal_log("%s: %s", good ? "good" : "BAD", what);
}

int main(void)
{
    test_memory();
    test_children();
    kaal_log("done");
    return 0;
}
