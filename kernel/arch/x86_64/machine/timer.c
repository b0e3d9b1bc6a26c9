/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The clock is the TSC; the deadline is the TSC-deadline timer where there is one, else the local
 * APIC's one-shot timer, whose clock is then measured together with the TSC against the HPET or the
 * ACPI PM timer. Source: Intel SDM vol. 3A 10.5.4 (APIC timer), 17.17 (TSC), vol. 2A CPUID leaf
 * 15H; IA-PC HPET 1.0a, 2.3; ACPI 6.4, 4.8.3.3 (PM timer).
 */
#include "boot/boot.h"
#include "machine/hpet_regs.h"
#include "machine/mmio.h"

#include <arch/timer.h>
#include <kernel/print.h>

#define HPET_WINDOW (DEVICE_BASE + 0x10000)

#define PM_TIMER_HZ       3579545
#define FEMTOS_PER_SECOND 1000000000000000
#define MEASURE_FEMTOS    50000000000 /* 50 us */
#define SAMPLE_TRIES      8
#define MEASURE_READS_MAX 1000000

#define APIC_SCALE_BITS 32

uint64_t timer_tsc_mhz;
static bool use_tsc_deadline;
static uint64_t apic_scale; /* APIC timer ticks per TSC tick, << APIC_SCALE_BITS */

/* Without a deadline (all ones) the timer is off, so that an idle machine is not woken for nothing
 * and an emulator that skips idle time does not skip to a far interrupt. */
void arch_timer_set_deadline(ticks_t deadline)
{
    if (use_tsc_deadline) {
        cpu_write_msr(MSR_TSC_DEADLINE, deadline == UINT64_MAX ? 0 : deadline);
        return;
    }
    if (deadline == UINT64_MAX) {
        lapic_write(LAPIC_TIMER_INITIAL, 0);
        return;
    }
    ticks_t now = cpu_read_tsc();
    ticks_t wait = deadline > now ? deadline - now : 0;
    __extension__ unsigned __int128 scaled =
        (unsigned __int128)wait * apic_scale >> APIC_SCALE_BITS;
    uint32_t count = scaled > UINT32_MAX ? UINT32_MAX : (uint32_t)scaled;
    /* Too early is harmless, the scheduler arms again; 0 would never fire. */
    lapic_write(LAPIC_TIMER_INITIAL, count != 0 ? count : 1);
}

/* ---- calibration ---- */

/* A clock of known rate. */
struct reference {
    uint64_t femtos; /* per tick */
    uint32_t mask;   /* of valid counter bits */
    uint16_t port;   /* PM timer; 0 means HPET */
};

/* One moment on all three clocks. */
struct sample {
    uint64_t tsc;
    uint32_t reference;
    uint32_t apic;
};

static BOOT_CODE uint32_t reference_read(const struct reference *reference)
{
    return reference->port != 0 ? port_in32(reference->port)
                                : mmio_read32(HPET_WINDOW + HPET_COUNTER);
}

/* The tightest of some tries: a machine that pauses the CPU in between (a VM) spoils one, not all.
 */
static BOOT_CODE struct sample sample_take(const struct reference *reference)
{
    struct sample best = {0};
    uint64_t best_gap = UINT64_MAX;
    for (int i = 0; i < SAMPLE_TRIES; i++) {
        uint64_t before = cpu_read_tsc_ordered();
        uint32_t ticks = reference_read(reference);
        uint32_t apic = lapic_read(LAPIC_TIMER_CURRENT);
        uint64_t gap = cpu_read_tsc_ordered() - before;
        if (gap < best_gap) {
            best_gap = gap;
            best = (struct sample){before, ticks, apic};
        }
    }
    return best;
}

/* Set apic_scale. Returns the TSC's frequency in Hz, 0 if the reference stands still. */
static BOOT_CODE uint64_t measure(const struct reference *reference)
{
    uint32_t wanted = (uint32_t)(MEASURE_FEMTOS / reference->femtos);
    lapic_write(LAPIC_TIMER_INITIAL, UINT32_MAX);
    struct sample start = sample_take(reference);
    uint32_t reads = 0;
    while (((reference_read(reference) - start.reference) & reference->mask) < wanted) {
        if (++reads > MEASURE_READS_MAX) {
            return 0;
        }
    }
    struct sample end = sample_take(reference);
    lapic_write(LAPIC_TIMER_INITIAL, 0);
    uint64_t tsc = end.tsc - start.tsc;
    uint64_t femtos = ((end.reference - start.reference) & reference->mask) * reference->femtos;
    apic_scale = tsc == 0 ? 0 : ((uint64_t)(start.apic - end.apic) << APIC_SCALE_BITS) / tsc;
    __extension__ unsigned __int128 second = FEMTOS_PER_SECOND;
    return (uint64_t)(tsc * second >> 20) / (femtos >> 20);
}

static BOOT_CODE uint64_t measure_hpet(paddr_t address)
{
    paging_map_device(HPET_WINDOW, address);
    struct reference hpet = {.femtos = mmio_read32(HPET_WINDOW + HPET_PERIOD), .mask = UINT32_MAX};
    if (hpet.femtos == 0 || hpet.femtos > HPET_PERIOD_MAX) {
        return 0;
    }
    uint32_t config = mmio_read32(HPET_WINDOW + HPET_CONFIG);
    mmio_write32(HPET_WINDOW + HPET_CONFIG, config | HPET_CONFIG_ENABLE);
    uint64_t tsc_hz = measure(&hpet);
    mmio_write32(HPET_WINDOW + HPET_CONFIG, config);
    return tsc_hz;
}

static BOOT_CODE uint64_t measure_any(const struct acpi_info *info)
{
    struct reference pm_timer = {.femtos = FEMTOS_PER_SECOND / PM_TIMER_HZ,
                                 .mask = info->pm_timer_32bit ? UINT32_MAX : MASK(24),
                                 .port = info->pm_timer};
    uint64_t tsc_hz = info->hpet != 0 ? measure_hpet(info->hpet) : 0;
    return tsc_hz == 0 && info->pm_timer != 0 ? measure(&pm_timer) : tsc_hz;
}

/* The TSC's frequency if CPUID tells it, else 0. */
static BOOT_CODE uint64_t tsc_hz_from_cpuid(void)
{
    if (cpu_id(0, 0).eax >= 0x15) {
        struct cpuid ratio = cpu_id(0x15, 0);
        if (ratio.eax != 0 && ratio.ebx != 0 && ratio.ecx != 0) {
            return (uint64_t)ratio.ecx * ratio.ebx / ratio.eax;
        }
    }
    bool hypervisor = cpu_id(1, 0).ecx & CPUID_1_ECX_HYPERVISOR;
    if (hypervisor && cpu_id(CPUID_HYPERVISOR, 0).eax >= CPUID_HYPERVISOR_TIMING) {
        return (uint64_t)cpu_id(CPUID_HYPERVISOR_TIMING, 0).eax * 1000;
    }
    return 0;
}

BOOT_CODE void timer_init(const struct acpi_info *info)
{
    use_tsc_deadline = cpu_id(1, 0).ecx & CPUID_1_ECX_TSC_DEADLINE;
    uint64_t tsc_hz = tsc_hz_from_cpuid();
    lapic_write(LAPIC_TIMER_DIVIDE, LAPIC_TIMER_DIVIDE_BY_ONE);
    lapic_write(LAPIC_LVT_TIMER, VECTOR_TIMER);
    if (tsc_hz == 0 || !use_tsc_deadline) {
        uint64_t measured_hz = measure_any(info);
        if (measured_hz == 0 || (!use_tsc_deadline && apic_scale == 0)) {
            boot_stop("neither HPET nor ACPI PM timer can measure the TSC");
        }
        tsc_hz = tsc_hz != 0 ? tsc_hz : measured_hz;
    }
    if (use_tsc_deadline) {
        lapic_write(LAPIC_LVT_TIMER, VECTOR_TIMER | LAPIC_LVT_TSC_DEADLINE);
        __asm__ volatile("mfence" : : : "memory"); /* SDM 10.5.4.1: before the first deadline */
    }
    timer_tsc_mhz = (tsc_hz + 500000) / 1000000;
    if (timer_tsc_mhz == 0) {
        boot_stop("the TSC counts %lu Hz, too slow for a clock", tsc_hz);
    }
}
