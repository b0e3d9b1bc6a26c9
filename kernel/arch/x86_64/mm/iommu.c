/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * VT-d. A root table (by bus) and 256 context tables (by device and function) made at boot lead to
 * the page tables that users build for each device, iommu_levels deep, out of IO page table
 * objects; all units share them. Whenever a context entry changes, the context cache is invalidated
 * before the IOTLB, so that no device goes on translating through tables whose memory has a new
 * owner.
 *
 * Entries are like the CPU's as far as walking goes: bit 0 (read) says that one is there, bit 7
 * that it is no table. A mapped frame or table remembers {request id, IO page number}.
 */
#include "boot/boot.h"
#include "invocation.h"
#include "machine/mmio.h"
#include "mm/iommu_regs.h"

#include <arch/cap.h>
#include <arch/cpu.h>
#include <kernel/arch_hooks.h>
#include <kernel/print.h>
#include <kernel/vspace.h>

#define UNIT_ADDRESS(i) (DEVICE_BASE + 0x20000 + 0x1000 * (uintptr_t)(i))
#define POLLS_MAX       10000000
#define CONTEXT_BUSES   256
#define MSI_ADDRESS     0xfee00000
#define DOMAIN_BITS_MAX 16

/* The part of a unit that is read again and again. */
struct unit {
    uintptr_t iotlb;
    uintptr_t faults;
    word_t fault_count;
    bool flush_writes;
};

word_t iommu_levels;
static struct unit units[IOMMU_UNITS_MAX];
static word_t unit_count;
static bool coherent = true; /* units snoop the caches when they walk tables */
static bool caching_mode;    /* units also remember entries that are not present */
static word_t rmrr_domains;  /* the ids below it belong to RMRR devices */
static word_t domain_bits = DOMAIN_BITS_MAX;
static uint64_t *root_table; /* context tables follow it, one page for each bus */

/* ---- hardware ---- */

static void poll(uintptr_t address, uint64_t mask, bool set)
{
    for (unsigned int polls = 0; polls < POLLS_MAX; polls++) {
        uint64_t value = mask > UINT32_MAX ? mmio_read64(address) : mmio_read32(address);
        if (((value & mask) != 0) == set) {
            return;
        }
    }
    kernel_print("kernel: the IOMMU register at 0x%lx does not settle\n", address);
}

static void command(word_t unit, uint32_t bit)
{
    uint32_t status = mmio_read32(UNIT_ADDRESS(unit) + VTD_GSTS) & VTD_GSTS_ONE_SHOT;
    mmio_write32(UNIT_ADDRESS(unit) + VTD_GCMD, status | bit);
    poll(UNIT_ADDRESS(unit) + VTD_GSTS, bit, bit != VTD_GCMD_FLUSH_WRITES);
}

static void flush_iotlb(void)
{
    for (word_t i = 0; i < unit_count; i++) {
        if (units[i].flush_writes) {
            command(i, VTD_GCMD_FLUSH_WRITES);
        }
        mmio_write64(units[i].iotlb, VTD_IOTLB_INVALIDATE | VTD_IOTLB_GLOBAL | VTD_IOTLB_DRAIN);
        poll(units[i].iotlb, VTD_IOTLB_INVALIDATE, false);
    }
}

static void flush_contexts(void)
{
    for (word_t i = 0; i < unit_count; i++) {
        mmio_write64(UNIT_ADDRESS(i) + VTD_CCMD, VTD_CCMD_INVALIDATE | VTD_CCMD_GLOBAL);
        poll(UNIT_ADDRESS(i) + VTD_CCMD, VTD_CCMD_INVALIDATE, false);
    }
    flush_iotlb();
}

/* Make the memory visible to units that do not snoop. */
static void write_back(const void *start, word_t bytes)
{
    for (word_t i = 0; !coherent && i < bytes; i += 64) {
        __asm__ volatile("clflush %0" : : "m"(((const char *)start)[i]) : "memory");
    }
    __asm__ volatile("mfence" : : : "memory");
}

static void set_entry(uint64_t *entry, uint64_t value)
{
    *(volatile uint64_t *)entry = value;
    write_back(entry, sizeof(*entry));
}

/* ---- tables ---- */

/* The context entry of a device: word 0 its root table, word 1 domain and depth. */
static uint64_t *context_of(word_t request_id)
{
    return root_table + (1 + (request_id >> 8)) * TABLE_ENTRIES + (request_id & 0xff) * 2;
}

/* The device's page number of an IO address: higher bits do not exist for it. */
static word_t io_page(word_t io_address)
{
    return io_address >> LEVEL_LAST & MASK(TABLE_INDEX_BITS * iommu_levels);
}

/* Above those of every table: the level of a walk that ended at the context entry. */
static word_t context_level(void)
{
    return LEVEL_LAST + TABLE_INDEX_BITS * iommu_levels;
}

/* As walk_tables(), from a device's context entry. */
static struct walk io_walk(word_t request_id, word_t page, paddr_t object)
{
    uint64_t *context = context_of(request_id);
    paddr_t root = context[0] & PTE_ADDRESS;
    if (!(context[0] & VTD_PRESENT) || root == object) {
        return (struct walk){context, context_level()};
    }
    return walk_tables((pte_t *)paddr_to_kptr(root), context_level() - TABLE_INDEX_BITS,
                       page << LEVEL_LAST, object);
}

/* Make the entry where a walk ended point to an object, or to none. A context has a domain. */
static void io_set(struct walk walk, paddr_t object, uint64_t flags, word_t domain)
{
    bool is_context = walk.level == context_level();
    if (is_context) {
        set_entry(&walk.entry[0], 0);
        set_entry(&walk.entry[1],
                  object == 0 ? 0 : domain << VTD_CONTEXT_DOMAIN_SHIFT | (iommu_levels - 2));
        flags &= VTD_PRESENT;
    }
    set_entry(walk.entry, object | flags);
    if (is_context) {
        flush_contexts();
    } else if (object == 0 || caching_mode) {
        flush_iotlb();
    }
}

/* ---- capabilities ---- */

struct cap iommu_mint(struct cap space, word_t data)
{
    word_t domain = data >> 16 & MASK(16);
    if (space.address != 0 || domain == 0 || domain < rmrr_domains || domain > MASK(domain_bits)) {
        return cap_null();
    }
    return cap_io_space(data & MASK(16), domain);
}

void iommu_delete_space(struct cap space)
{
    io_set((struct walk){context_of(space.address), context_level()}, 0, 0, 0);
}

void arch_io_space_unmap(struct cap cap)
{
    paddr_t object = kptr_to_paddr(cap_kptr(cap));
    struct walk walk = io_walk(cap.memory.asid, cap.memory.vaddr, object);
    if ((*walk.entry & PTE_ADDRESS) == object) {
        io_set(walk, 0, 0, 0);
    }
}

/* True if nothing can be mapped for a device through this capability. */
static bool is_no_device(struct cap space)
{
    return space.tag != ABI_CAP_IO_SPACE || space.address == 0;
}

enum kernel_result iommu_decode_map_table(struct invocation *inv)
{
    struct cap space = inv->extra[0]->cap;
    if (cap_is_mapped(inv->cap) || is_no_device(space)) {
        return fail_invalid_capability(0);
    }
    if (!slot_is_final(inv->slot)) {
        /* Through its copies the table could get to two places, be the page of one of them, and be
         * written to by the device. (Upstream allows it.) */
        return fail(seL4_RevokeFirst);
    }
    word_t request_id = space.address;
    word_t page = ALIGN_DOWN(io_page(inv_word(inv, 0)), TABLE_INDEX_BITS);
    struct walk walk = io_walk(request_id, page, WALK_TO_END);
    if (walk.level == LEVEL_LAST) {
        return fail(seL4_DeleteFirst); /* what is empty is a page's place */
    }

    /* What an earlier use left in the table must not become visible. */
    __builtin_memset(cap_ptr(inv->cap), 0, BIT(seL4_IOPageTableBits));
    write_back(cap_ptr(inv->cap), BIT(seL4_IOPageTableBits));
    io_set(walk, kptr_to_paddr(cap_kptr(inv->cap)), VTD_READ | VTD_WRITE, space.w1);
    inv->slot->cap = cap_set_io_mapping(inv->cap, request_id, page);
    return KRES_OK;
}

enum kernel_result iommu_decode_map_page(struct invocation *inv)
{
    struct cap space = inv->extra[0]->cap;
    if (inv->cap.memory.bits != seL4_PageBits || cap_is_mapped(inv->cap) || is_no_device(space)) {
        return fail_invalid_capability(0);
    }
    word_t request_id = space.address;
    word_t page = io_page(inv_word(inv, 1));
    struct walk walk = io_walk(request_id, page, WALK_TO_END);
    word_t rights = inv_word(inv, 0);
    bool readable = (rights & RIGHT_READ) && inv->cap.memory.rights != FRAME_KERNEL_ONLY;
    bool writable = (rights & RIGHT_WRITE) && inv->cap.memory.rights == FRAME_READ_WRITE;
    enum kernel_result result = walk.level != LEVEL_LAST    ? fail_lookup_invalid_root(false)
                                : *walk.entry & PTE_ADDRESS ? fail(seL4_DeleteFirst)
                                : !readable && !writable    ? fail_invalid_argument(0)
                                                            : KRES_OK;
    if (result == KRES_OK) {
        io_set(walk, kptr_to_paddr(cap_kptr(inv->cap)),
               (readable ? VTD_READ : 0) | (writable ? VTD_WRITE : 0), 0);
        inv->slot->cap = cap_set_io_mapping(inv->cap, request_id, page);
    }
    return result;
}

/* ---- faults ---- */

static void report_fault(uint64_t low, uint64_t high)
{
    word_t source = VTD_FAULT_SOURCE(high);
    kernel_print("kernel: DMA %s by %lx:%lx.%lu (0x%lx) at 0x%lx refused, reason %lu\n",
                 high & VTD_FAULT_READ ? "read" : "write", source >> 8, source >> 3 & 0x1f,
                 source & 7, source, low & ~MASK(12), VTD_FAULT_REASON(high));
}

void iommu_interrupt(void)
{
    for (word_t i = 0; i < unit_count; i++) {
        for (word_t j = 0; j < units[i].fault_count; j++) {
            uintptr_t record = units[i].faults + 16 * j;
            uint64_t high = mmio_read64(record + VTD_FAULT_HIGH);
            if (high & VTD_FAULT_VALID) {
                report_fault(mmio_read64(record), high);
                mmio_write32(record + VTD_FAULT_HIGH + 4, (uint32_t)(VTD_FAULT_VALID >> 32));
            }
        }
        mmio_write32(UNIT_ADDRESS(i) + VTD_FSTS, VTD_FSTS_OVERFLOW);
    }
}

/* ---- boot ---- */

/* 3 levels if all units have them, else the first depth of 4, 5, 6, 2 in common. */
static BOOT_CODE word_t choose_levels(word_t depths)
{
    if (depths == 0) {
        boot_stop("the IOMMUs have no page table depth in common (command line: disable_iommu)");
    }
    return 2 + (word_t)__builtin_ctzl(depths != 1 ? depths & ~1ul : depths);
}

static BOOT_CODE void probe(const struct iommu_info *info)
{
    word_t depths = MASK(5);
    for (word_t i = 0; i < info->unit_count; i++) {
        paging_map_device(UNIT_ADDRESS(i), info->units[i]);
        boot_reserve_page(info->units[i]);
        uint64_t cap = mmio_read64(UNIT_ADDRESS(i) + VTD_CAP);
        uint64_t ecap = mmio_read64(UNIT_ADDRESS(i) + VTD_ECAP);
        word_t bits = 4 + 2 * VTD_CAP_DOMAINS(cap);
        units[i] = (struct unit){
            .iotlb = UNIT_ADDRESS(i) + VTD_ECAP_IOTLB_OFFSET(ecap),
            .faults = UNIT_ADDRESS(i) + VTD_CAP_FAULT_OFFSET(cap),
            .fault_count = VTD_CAP_FAULT_COUNT(cap),
            .flush_writes = cap & VTD_CAP_WRITE_BUFFER,
        };
        depths &= VTD_CAP_DEPTHS(cap);
        domain_bits = bits < domain_bits ? bits : domain_bits;
        coherent = coherent && (ecap & VTD_ECAP_COHERENT);
        caching_mode = caching_mode || (cap & VTD_CAP_CACHING_MODE);
    }
    unit_count = info->unit_count;
    iommu_levels = choose_levels(depths);
}

/* Empty tables, one behind the other. */
static BOOT_CODE paddr_t take_tables(word_t count)
{
    paddr_t tables = boot_memory_take_lowest(count << seL4_PageBits);
    if (tables == BOOT_NO_MEMORY) {
        boot_stop("no memory for the IOMMU's tables");
    }
    void *memory = (void *)paddr_to_kptr(tables);
    __builtin_memset(memory, 0, count << seL4_PageBits);
    write_back(memory, count << seL4_PageBits);
    return tables;
}

/* Identity-map one page of an RMRR. */
static BOOT_CODE void map_rmrr_page(word_t request_id, word_t page)
{
    struct walk walk = io_walk(request_id, page, WALK_TO_END);
    while (walk.level > LEVEL_LAST) {
        set_entry(walk.entry, take_tables(1) | VTD_READ | VTD_WRITE);
        walk = io_walk(request_id, page, WALK_TO_END);
    }
    set_entry(walk.entry, page << LEVEL_LAST | VTD_READ | VTD_WRITE);
}

static BOOT_CODE void map_rmrr(const struct iommu_rmrr *rmrr)
{
    uint64_t *context = context_of(rmrr->request_id);
    if (!(context[0] & VTD_PRESENT)) {
        word_t domain = rmrr_domains++;
        set_entry(&context[1], domain << VTD_CONTEXT_DOMAIN_SHIFT | (iommu_levels - 2));
        set_entry(&context[0], take_tables(1) | VTD_PRESENT);
    }
    for (paddr_t at = rmrr->base; at < rmrr->limit; at += BIT(seL4_PageBits)) {
        map_rmrr_page(rmrr->request_id, io_page(at));
    }
}

BOOT_CODE void iommu_init(const struct iommu_info *info)
{
    if (info->refused || info->unit_count == 0) {
        return; /* without usable DMAR tables the machine goes on without an IOMMU */
    }
    probe(info);
    paddr_t root = take_tables(1 + CONTEXT_BUSES);
    root_table = (uint64_t *)paddr_to_kptr(root);
    for (word_t bus = 0; bus < CONTEXT_BUSES; bus++) {
        set_entry(&root_table[2 * bus], (root + ((1 + bus) << seL4_PageBits)) | VTD_PRESENT);
    }
    for (word_t i = 0; i < info->rmrr_count; i++) {
        map_rmrr(&info->rmrrs[i]);
    }
    uint32_t apic_id = cpu_id(1, 0).ebx >> 24;
    for (word_t i = 0; i < unit_count; i++) {
        uintptr_t unit = UNIT_ADDRESS(i);
        mmio_write64(unit + VTD_RTADDR, root);
        command(i, VTD_GCMD_SET_ROOT);
        mmio_write32(unit + VTD_FEDATA, VECTOR_IOMMU);
        mmio_write32(unit + VTD_FEADDR, MSI_ADDRESS | apic_id << 12);
        mmio_write32(unit + VTD_FEUADDR, 0);
        mmio_write32(unit + VTD_FECTL, 0);
    }
    flush_contexts();
    for (word_t i = 0; i < unit_count; i++) {
        command(i, VTD_GCMD_TRANSLATE);
    }
}
