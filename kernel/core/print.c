/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A small printf for the kernel console, and the ends that use it. */
#include <kernel/arch_hooks.h>
#include <kernel/print.h>
#include <stdarg.h>

#define NUMBER_DIGITS_MAX 20

void kernel_putchar(char byte)
{
    if (byte == '\n') {
        arch_console_putchar('\r');
    }
    arch_console_putchar(byte);
}

static void print_string(const char *text)
{
    while (*text != '\0') {
        kernel_putchar(*text++);
    }
}

static void print_number(uint64_t value, unsigned base)
{
    char digits[NUMBER_DIGITS_MAX];
    unsigned count = 0;
    do {
        digits[count++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0);
    while (count > 0) {
        kernel_putchar(digits[--count]);
    }
}

/* One conversion behind its '%'; returns the character after it. */
static const char *print_conversion(const char *format, va_list *arguments)
{
    bool is_long = *format == 'l';
    format += is_long ? 1 : 0;
    switch (*format) {
    case 's':
        print_string(va_arg(*arguments, const char *));
        break;
    case 'u':
    case 'x':
        print_number(is_long ? va_arg(*arguments, unsigned long) : va_arg(*arguments, unsigned),
                     *format == 'x' ? 16 : 10);
        break;
    default:
        kernel_putchar(*format);
        break;
    }
    return *format == '\0' ? format : format + 1;
}

static void print(const char *format, va_list *arguments)
{
    while (*format != '\0') {
        if (*format == '%') {
            format = print_conversion(format + 1, arguments);
        } else {
            kernel_putchar(*format++);
        }
    }
}

void kernel_print(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (CONFIG_PRINTING) {
        print(format, &arguments);
    }
    va_end(arguments);
}

BOOT_CODE void boot_stop(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (CONFIG_PRINTING) {
        kernel_print("boot: ");
        print(format, &arguments);
        kernel_print("; the machine stops\n");
    }
    arch_halt();
}

void kernel_panic(const char *message, const char *file, unsigned line)
{
    kernel_print("\nkernel panic: %s (%s:%u)\n", message, file, line);
    arch_halt();
}
