# SPDX-License-Identifier: MIT OR Apache-2.0
# Doxygen's view of a header: the what-and-why paragraph on line 2 describes the file.
2s#^/\*#/** @file\n *#
