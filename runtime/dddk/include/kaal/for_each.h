/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * KAAL_FOR_EACH: repeats a macro over a list at compile time. The register tables and resource
 * lists of a driver are such lists. It works by letting the preprocessor rescan its own result:
 * each KAAL_EXPAND level multiplies the scans by four, so 256 elements are the limit.
 */
#pragma once

/** @cond INTERNAL */
#define KAAL_PARENTHESES  ()
#define KAAL_EXPAND(...)  KAAL_EXPAND4(KAAL_EXPAND4(KAAL_EXPAND4(KAAL_EXPAND4(__VA_ARGS__))))
#define KAAL_EXPAND4(...) KAAL_EXPAND3(KAAL_EXPAND3(KAAL_EXPAND3(KAAL_EXPAND3(__VA_ARGS__))))
#define KAAL_EXPAND3(...) KAAL_EXPAND2(KAAL_EXPAND2(KAAL_EXPAND2(KAAL_EXPAND2(__VA_ARGS__))))
#define KAAL_EXPAND2(...) KAAL_EXPAND1(KAAL_EXPAND1(KAAL_EXPAND1(KAAL_EXPAND1(__VA_ARGS__))))
#define KAAL_EXPAND1(...) __VA_ARGS__

#define KAAL_FOR_EACH_STEP(macro, shared, element, ...) \
    macro(shared, element)                              \
        __VA_OPT__(KAAL_FOR_EACH_AGAIN KAAL_PARENTHESES(macro, shared, __VA_ARGS__))
#define KAAL_FOR_EACH_AGAIN() KAAL_FOR_EACH_STEP
/** @endcond */

/**
 * Expands to macro(shared, element) for each element of a list of 1 to 256.
 *   macro  name of a macro of two arguments;  shared  handed to each call;  ...  the elements
 */
#define KAAL_FOR_EACH(macro, shared, ...) \
    __VA_OPT__(KAAL_EXPAND(KAAL_FOR_EACH_STEP(macro, shared, __VA_ARGS__)))

/**
 * As KAAL_FOR_EACH, over a list in parentheses.
 *   list  (element, element, ...)
 */
#define KAAL_FOR_EACH_IN(macro, shared, list) KAAL_FOR_EACH_CALL(macro, shared, KAAL_UNPACK(list))
/** @cond INTERNAL */
#define KAAL_FOR_EACH_CALL(...) KAAL_FOR_EACH(__VA_ARGS__)
/** @endcond */

/** Removes the parentheses around a list: KAAL_UNPACK((a, b)) is a, b. */
#define KAAL_UNPACK(list) KAAL_UNPACK_LIST list
/** @cond INTERNAL */
#define KAAL_UNPACK_LIST(...) __VA_ARGS__
/** @endcond */
