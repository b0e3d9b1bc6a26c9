/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Interrupt hardware. A user chooses a vector n for a pin or for a message-signalled interrupt; the
 * CPU sees 48 + n. A pin is masked when its interrupt was delivered and unmasked by the user's Ack,
 * so neither an edge nor a level interrupt comes twice in between. Source: Intel SDM vol. 3A
 * chapter 10; 82093AA IOAPIC data sheet.
 */
#include "boot/boot.h"
#include "invocation.h"
#include "machine/mmio.h"
#include "machine/pic_regs.h"

#include <arch/cpu.h>
#include <kernel/arch_hooks.h>
#include <kernel/irq.h>
#include <kernel/print.h>

#define IOAPIC_ADDRESS(i) (DEVICE_BASE + 0x1000 * (1 + (uintptr_t)(i)))
#define IOAPIC_PINS_MAX   240

#define PCI_BUS_MAX      255
#define PCI_DEVICE_MAX   31
#define PCI_FUNCTION_MAX 7

/* What an issued vector stands for: a pin, or a message, of which nothing needs to be known. */
struct irq_source {
    bool is_pin;
    uint8_t ioapic;
    uint8_t pin;
    bool masked;      /* delivered and not acknowledged */
    uint32_t pin_low; /* the pin's low register, unmasked */
};

static struct irq_source sources[IRQ_COUNT];
static uint32_t ioapic_pins[ACPI_IOAPICS_MAX];
static word_t ioapic_count;
static uint32_t boot_apic_id;

static uint32_t ioapic_read(word_t ioapic, uint32_t index)
{
    mmio_write32(IOAPIC_ADDRESS(ioapic) + IOAPIC_SELECT, index);
    return mmio_read32(IOAPIC_ADDRESS(ioapic) + IOAPIC_WINDOW);
}

static void ioapic_write(word_t ioapic, uint32_t index, uint32_t value)
{
    mmio_write32(IOAPIC_ADDRESS(ioapic) + IOAPIC_SELECT, index);
    mmio_write32(IOAPIC_ADDRESS(ioapic) + IOAPIC_WINDOW, value);
}

/* ---- delivery ---- */

irq_t arch_irq_get_active(void)
{
    irq_t irq = irq_noted_vector - VECTOR_USER_BASE;
    irq_noted_vector = 0;
    if (irq >= IRQ_COUNT) {
        return IRQ_NONE; /* nothing, or spurious */
    }
    if (CONFIG_IOMMU && irq == IRQ_IOMMU) {
        iommu_interrupt();
    } else if (!sources[irq].masked) {
        return irq;
    }
    /* A second edge that came before the pin was masked is dropped like those that come after. */
    lapic_write(LAPIC_EOI, 0);
    return IRQ_NONE;
}

bool arch_irq_pending(void)
{
    uint32_t requested = 0;
    for (uint32_t word = LAPIC_FIRST_REQUEST; word <= LAPIC_LAST_REQUEST; word++) {
        requested |= lapic_read(LAPIC_REQUEST(word));
    }
    return requested != 0;
}

static void write_pin(const struct irq_source *source, uint32_t low)
{
    if (source->is_pin) {
        ioapic_write(source->ioapic, IOAPIC_PIN_LOW(source->pin), low);
    }
}

void arch_irq_delivered(irq_t irq)
{
    struct irq_source *source = &sources[irq];
    source->masked = source->is_pin;
    write_pin(source, source->pin_low | IOAPIC_PIN_MASKED);
    lapic_write(LAPIC_EOI, 0);
}

void arch_irq_ack(irq_t irq)
{
    struct irq_source *source = &sources[irq];
    source->masked = false;
    write_pin(source, source->pin_low);
}

void arch_irq_release(irq_t irq)
{
    write_pin(&sources[irq], IOAPIC_PIN_MASKED);
    sources[irq] = (struct irq_source){0};
}

/* ---- issuing ---- */

/*
 * GetIOAPIC and GetMSI: slot and depth, then what must not be above max[], and the vector at last.
 */
static enum kernel_result check_issue(const struct invocation *inv, const word_t *max, word_t count,
                                      struct slot **dest)
{
    enum kernel_result result = irq_check_issue(inv, inv_word(inv, 6), 0, dest);
    for (word_t i = 0; i < count && result == KRES_OK; i++) {
        if (inv_word(inv, 2 + i) > max[i]) {
            result = fail_range(0, max[i]);
        }
    }
    return result;
}

enum kernel_result irq_decode_get_ioapic(struct invocation *inv)
{
    struct slot *dest;
    word_t ioapic = inv_word(inv, 2);
    word_t pin = inv_word(inv, 3);
    irq_t irq = inv_word(inv, 6);
    word_t pin_max = ioapic < ioapic_count ? ioapic_pins[ioapic] - 1 : 0;
    const word_t max[] = {ioapic_count - 1, pin_max, 1, 1}; /* boot saw to it that there is one */
    enum kernel_result result = check_issue(inv, max, ARRAY_LENGTH(max), &dest);
    if (result != KRES_OK) {
        return result;
    }
    uint32_t low = (uint32_t)(VECTOR_USER_BASE + irq) |
                   (inv_word(inv, 4) != 0 ? IOAPIC_PIN_LEVEL : 0) |
                   (inv_word(inv, 5) != 0 ? IOAPIC_PIN_ACTIVE_LOW : 0);
    sources[irq] = (struct irq_source){
        .is_pin = true, .ioapic = (uint8_t)ioapic, .pin = (uint8_t)pin, .pin_low = low};
    irq_issue(irq, dest, inv->slot);
    ioapic_write(ioapic, IOAPIC_PIN_HIGH(pin), boot_apic_id << IOAPIC_DEST_SHIFT);
    ioapic_write(ioapic, IOAPIC_PIN_LOW(pin), low);
    return KRES_OK;
}

enum kernel_result irq_decode_get_msi(struct invocation *inv)
{
    static const word_t max[] = {PCI_BUS_MAX, PCI_DEVICE_MAX, PCI_FUNCTION_MAX};
    struct slot *dest;
    enum kernel_result result = check_issue(inv, max, ARRAY_LENGTH(max), &dest);
    if (result == KRES_OK) {
        irq_issue(inv_word(inv, 6), dest, inv->slot);
    }
    return result;
}

/* A plain interrupt line means nothing here. */
enum kernel_result arch_decode_irq_get(struct invocation *inv)
{
    return fail(seL4_IllegalOperation);
}

/* ---- boot ---- */

/* Move a PIC's vectors out of the exceptions' way and mask all its lines. */
static BOOT_CODE void pic_disable(uint16_t command, uint16_t data, uint8_t vector, uint8_t cascade)
{
    port_out8(command, PIC_ICW1);
    port_out8(data, vector);
    port_out8(data, cascade);
    port_out8(data, PIC_ICW4);
    port_out8(data, UINT8_MAX);
}

static BOOT_CODE void ioapic_init(word_t ioapic, paddr_t address)
{
    uint32_t version = ioapic_read(ioapic, IOAPIC_VERSION);
    uint32_t pins = (version >> 16 & 0xff) + 1;
    if (version == UINT32_MAX || pins > IOAPIC_PINS_MAX) {
        boot_stop("no IOAPIC answers at 0x%lx", address);
    }
    ioapic_pins[ioapic] = pins;
    for (uint32_t pin = 0; pin < pins; pin++) {
        ioapic_write(ioapic, IOAPIC_PIN_LOW(pin), IOAPIC_PIN_MASKED);
    }
}

static BOOT_CODE void lapic_init(paddr_t address)
{
    static const uint16_t lines[] = {LAPIC_LVT_TIMER, LAPIC_LVT_LINT0, LAPIC_LVT_LINT1,
                                     LAPIC_LVT_ERROR};
    uint64_t base = cpu_read_msr(MSR_APIC_BASE);
    /* From x2APIC mode the way back to memory-mapped registers leads through "disabled". */
    if (base & APIC_BASE_X2APIC) {
        base &= ~(uint64_t)(APIC_BASE_ENABLE | APIC_BASE_X2APIC);
        cpu_write_msr(MSR_APIC_BASE, base);
    }
    cpu_write_msr(MSR_APIC_BASE, (base & ~(uint64_t)APIC_BASE_MASK) | address | APIC_BASE_ENABLE);
    lapic_write(LAPIC_TASK_PRIORITY, 0);
    for (word_t i = 0; i < ARRAY_LENGTH(lines); i++) {
        lapic_write(lines[i], LAPIC_LVT_MASKED);
    }
    lapic_write(LAPIC_SPURIOUS, LAPIC_SPURIOUS_ENABLE | VECTOR_SPURIOUS);
    boot_apic_id = lapic_read(LAPIC_ID) >> 24;
}

BOOT_CODE void apic_init(const struct acpi_info *info)
{
    pic_disable(PIC1_COMMAND, PIC1_DATA, VECTOR_ISA_BASE, 1 << PIC_CASCADE);
    pic_disable(PIC2_COMMAND, PIC2_DATA, VECTOR_ISA_BASE + 8, PIC_CASCADE);
    paging_map_device(LAPIC_ADDRESS, info->lapic);
    lapic_init(info->lapic);
    for (word_t i = 0; i < info->ioapic_count; i++) {
        paging_map_device(IOAPIC_ADDRESS(i), info->ioapics[i]);
        ioapic_init(i, info->ioapics[i]);
    }
    ioapic_count = info->ioapic_count;
    irq_reserve(IRQ_IOMMU);
    irq_reserve(IRQ_TIMER);
}
