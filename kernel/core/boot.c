/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * From a description of the machine to a runnable root task: its objects, its capabilities in the
 * ABI's slot order, boot information, and an untyped capability for every piece of memory left.
 */
#include <arch/tlb.h>
#include <kernel/arch_hooks.h>
#include <kernel/boot.h>
#include <kernel/ipc.h>
#include <kernel/memory.h>
#include <kernel/node.h>
#include <kernel/print.h>
#include <kernel/timer.h>

#define BOOT_ASID       1
#define PAGE_BYTES      BIT(seL4_PageBits)
#define ROOT_CNODE_BITS CONFIG_ROOT_CNODE_SIZE_BITS
#define ROOT_SLOTS      BIT(ROOT_CNODE_BITS)

/* What the lowest and the highest tables below the root cover. */
#define TABLE_BITS_MIN (seL4_PageBits + seL4_PageTableIndexBits)
#define TABLE_BITS_MAX (seL4_PageBits + 3 * seL4_PageTableIndexBits)

/* The root task's objects and what is known about it while it is being built. */
struct root {
    struct slot *slots; /* root CNode */
    word_t next_slot;
    void *vspace;
    void *asid_pool;
    void *ipc_buffer;
    seL4_BootInfo *bootinfo;
    char *extra;  /* null without extra boot information */
    char *paging; /* pages for tables, taken one by one */
    struct tcb *tcb;
    struct sched_context *sc;
    struct cap vspace_cap;

    word_t extra_bytes; /* content, headers included */
    word_t extra_bits;  /* log2 of the area; 0 without content */
    word_t extra_area;  /* its bytes */
    word_t paging_count;
    word_t image_bytes;
    vaddr_t buffer_vaddr;
    vaddr_t bootinfo_vaddr;
    vaddr_t extra_vaddr;
    vaddr_t end_vaddr;
};

BOOT_DATA static struct root root;

/* ---- plan ---- */

BOOT_CODE static word_t pages(word_t bytes)
{
    return ALIGN_UP(bytes, seL4_PageBits) >> seL4_PageBits;
}

/* Pages of extra boot information that get a capability. */
BOOT_CODE static word_t extra_pages(void)
{
    return pages(ARCH_BOOT_EXTRA_WHOLE_AREA ? root.extra_area : root.extra_bytes);
}

/* Addresses and numbers of everything. */
BOOT_CODE static void plan(const struct boot_args *args)
{
    root = (struct root){.image_bytes = args->image.end - args->image.start};
    for (word_t i = 0; i < args->extra_count; i++) {
        root.extra_bytes += sizeof(seL4_BootInfoHeader) + args->extra[i].bytes;
    }
    if (root.extra_bytes > 0) {
        root.extra_bits = seL4_PageBits;
        while (BIT(root.extra_bits) < root.extra_bytes) {
            root.extra_bits++;
        }
        root.extra_area = BIT(root.extra_bits);
    }
    root.buffer_vaddr = args->image_vaddr + root.image_bytes;
    root.bootinfo_vaddr = root.buffer_vaddr + PAGE_BYTES;
    root.extra_vaddr = root.bootinfo_vaddr + PAGE_BYTES;
    root.end_vaddr = root.extra_vaddr + root.extra_area;
    if (root.end_vaddr > ARCH_USER_TOP || root.end_vaddr < args->image_vaddr) {
        boot_stop("root task ends at 0x%lx, above the user address space", root.end_vaddr);
    }
    for (word_t bits = TABLE_BITS_MIN; bits <= TABLE_BITS_MAX; bits += seL4_PageTableIndexBits) {
        root.paging_count += ((root.end_vaddr - 1) >> bits) - (args->image_vaddr >> bits) + 1;
    }
    word_t slots =
        seL4_NumInitialCaps + 1 + root.paging_count + extra_pages() + pages(root.image_bytes);
    if (slots > ROOT_SLOTS) {
        boot_stop("root CNode full (%lu slots), %lu are needed", ROOT_SLOTS, slots);
    }
}

/* ---- objects ---- */

/* Memory of the root task's objects is handed out upwards from one zeroed block. */
BOOT_CODE static void *carve(char **cursor, word_t bytes)
{
    void *object = *cursor;
    *cursor += bytes;
    return object;
}

/* The extra area goes before the first object that is not larger. */
BOOT_CODE static void carve_extra(char **cursor, word_t next_object_bits)
{
    if (root.extra == NULL && root.extra_bits >= next_object_bits) {
        root.extra = carve(cursor, root.extra_area);
    }
}

BOOT_CODE static void create_objects(void)
{
    word_t cnode_bits = ROOT_CNODE_BITS + SLOT_BITS;
    word_t align_bits = root.extra_bits > cnode_bits ? root.extra_bits : cnode_bits;
    word_t bytes = BIT(cnode_bits) + root.extra_area + (4 + root.paging_count) * PAGE_BYTES +
                   BIT(seL4_TCBBits) + BIT(seL4_MinSchedContextBits);
    paddr_t start = boot_memory_take_highest(bytes, align_bits);
    if (start == BOOT_NO_MEMORY) {
        boot_stop("no %lu bytes of free memory for the root task's objects", bytes);
    }
    char *cursor = (char *)paddr_to_kptr(start);
    arch_memory_clear((kptr_t)cursor, bytes);
    carve_extra(&cursor, cnode_bits);
    root.slots = carve(&cursor, BIT(cnode_bits));
    carve_extra(&cursor, seL4_VSpaceBits);
    root.vspace = carve(&cursor, PAGE_BYTES);
    root.asid_pool = carve(&cursor, PAGE_BYTES);
    root.ipc_buffer = carve(&cursor, PAGE_BYTES);
    root.bootinfo = carve(&cursor, PAGE_BYTES);
    root.paging = carve(&cursor, root.paging_count * PAGE_BYTES);
    root.tcb = carve(&cursor, BIT(seL4_TCBBits));
    root.sc = carve(&cursor, BIT(seL4_MinSchedContextBits));
}

/* ---- the address space ---- */

BOOT_CODE static void create_vspace(void)
{
    asid_pools[0] = root.asid_pool;
    asid_pools[0]->roots[BOOT_ASID] = root.vspace;
    arch_vspace_init(root.vspace);
    root.vspace_cap =
        cap_set_mapping(cap_make(CAP_VSPACE, 0, (kptr_t)root.vspace, 0), BOOT_ASID, 0);
}

/* Enter a table that covers 2^bits bytes at vaddr; the tables above it are there already. */
BOOT_CODE static struct cap map_table(vaddr_t vaddr, word_t bits)
{
    kptr_t table = (kptr_t)carve(&root.paging, PAGE_BYTES);
    struct walk walk = vspace_walk(vspace_of(root.vspace_cap), vaddr);
    KERNEL_ASSERT(walk.level == bits);
    *walk.entry = pte_for_table(kptr_to_paddr(table), 0);
    tlb_entry_added();
    return cap_set_mapping(cap_make(CAP_PAGE_TABLE, arch_table_tag(bits), table, 0), BOOT_ASID,
                           vaddr);
}

BOOT_CODE static struct cap map_frame(kptr_t page, vaddr_t vaddr, bool executable)
{
    struct walk walk = vspace_walk(vspace_of(root.vspace_cap), vaddr);
    KERNEL_ASSERT(walk.level == LEVEL_LAST);
    *walk.entry = pte_for_page(kptr_to_paddr(page), LEVEL_LAST, FRAME_READ_WRITE,
                               arch_boot_attributes(executable));
    return cap_set_mapping(cap_frame(page, LEVEL_LAST, false), BOOT_ASID, vaddr);
}

/* ---- capabilities ---- */

BOOT_CODE void boot_set_cap(word_t index, struct cap cap)
{
    slot_insert_root(&root.slots[index], cap);
}

/* plan() has counted the slots. */
BOOT_CODE static void add_cap(struct cap cap)
{
    boot_set_cap(root.next_slot++, cap);
}

BOOT_CODE static void create_fixed_caps(void)
{
    word_t guard_size = WORD_BITS - ROOT_CNODE_BITS;
    root.next_slot = seL4_NumInitialCaps;
    boot_set_cap(seL4_CapInitThreadTCB, cap_make(CAP_TCB, 0, (kptr_t)root.tcb, 0));
    boot_set_cap(seL4_CapInitThreadCNode,
                 cap_make(CAP_CNODE, ROOT_CNODE_BITS, (kptr_t)root.slots, guard_size));
    boot_set_cap(seL4_CapInitThreadVSpace, root.vspace_cap);
    boot_set_cap(seL4_CapInitThreadASIDPool, cap_make(CAP_ASID_POOL, 0, (kptr_t)root.asid_pool, 0));
    boot_set_cap(seL4_CapASIDControl, cap_control(CAP_ASID_CONTROL));
    boot_set_cap(seL4_CapIRQControl, cap_control(CAP_IRQ_CONTROL));
    boot_set_cap(seL4_CapDomain, cap_control(CAP_DOMAIN));
    boot_set_cap(seL4_CapInitThreadSC,
                 cap_make(CAP_SCHED_CONTEXT, seL4_MinSchedContextBits, (kptr_t)root.sc, 0));
    arch_boot_caps();
}

/* By level from the top, each in the order of addresses. */
BOOT_CODE static void add_tables(vaddr_t start)
{
    root.bootinfo->userImagePaging.start = root.next_slot;
    for (word_t bits = TABLE_BITS_MAX; bits >= TABLE_BITS_MIN; bits -= seL4_PageTableIndexBits) {
        for (vaddr_t vaddr = ALIGN_DOWN(start, bits); vaddr < root.end_vaddr; vaddr += BIT(bits)) {
            add_cap(map_table(vaddr, bits));
        }
    }
    root.bootinfo->userImagePaging.end = root.next_slot;
}

/* Frames of consecutive physical pages at consecutive addresses. */
BOOT_CODE static void add_frames(seL4_SlotRegion *region, kptr_t page, vaddr_t vaddr, word_t count)
{
    region->start = root.next_slot;
    for (word_t offset = 0; offset < count * PAGE_BYTES; offset += PAGE_BYTES) {
        add_cap(map_frame(page + offset, vaddr + offset, true));
    }
    region->end = root.next_slot;
}

BOOT_CODE static void add_sched_control(void)
{
    root.bootinfo->schedcontrol.start = root.next_slot;
    add_cap(cap_control(CAP_SCHED_CONTROL));
    root.bootinfo->schedcontrol.end = root.next_slot;
}

/* log2 of the largest aligned untyped at the region's start; below seL4_MinUntypedBits if none. */
BOOT_CODE static word_t piece_bits(struct boot_region region)
{
    kptr_t base = paddr_to_kptr(region.start);
    word_t bits = seL4_MaxUntypedBits;
    if (base != 0 && (word_t)__builtin_ctzl(base) < bits) {
        bits = (word_t)__builtin_ctzl(base);
    }
    while (bits >= seL4_MinUntypedBits && BIT(bits) > region.end - region.start) {
        bits--;
    }
    return bits;
}

/* Cut the region into untypeds; what does not fit into the list is dropped, as the ABI says. */
BOOT_CODE static void add_untypeds(struct boot_region region, bool device)
{
    seL4_BootInfo *info = root.bootinfo;
    for (;;) {
        word_t index = root.next_slot - info->untyped.start;
        word_t bits = piece_bits(region);
        if (bits < seL4_MinUntypedBits || index == CONFIG_MAX_NUM_BOOTINFO_UNTYPED_CAPS ||
            root.next_slot == ROOT_SLOTS) {
            return;
        }
        info->untypedList[index] = (seL4_UntypedDesc){
            .paddr = region.start, .sizeBits = (uint8_t)bits, .isDevice = device};
        add_cap(cap_make(CAP_UNTYPED, bits | (device ? UNTYPED_DEVICE_FLAG : 0),
                         paddr_to_kptr(region.start), BIT(bits - UNTYPED_UNIT_BITS)));
        region.start += BIT(bits);
    }
}

BOOT_CODE static void add_all_untypeds(const struct boot_args *args)
{
    root.bootinfo->untyped.start = root.next_slot;
    for (word_t i = 0; i < boot_device_memory.count; i++) {
        add_untypeds(boot_device_memory.region[i], true);
    }
    add_untypeds(args->reusable, false);
    for (word_t i = 0; i < boot_free_memory.count; i++) {
        add_untypeds(boot_free_memory.region[i], false);
    }
    root.bootinfo->untyped.end = root.next_slot;
    root.bootinfo->empty.start = root.next_slot;
    root.bootinfo->empty.end = ROOT_SLOTS;
}

BOOT_CODE static void create_caps(const struct boot_args *args)
{
    create_vspace();
    create_fixed_caps();
    if (ARCH_BOOT_SCHED_CONTROL_FIRST) {
        add_sched_control();
    }
    add_tables(args->image_vaddr);
    boot_set_cap(seL4_CapInitThreadIPCBuffer,
                 map_frame((kptr_t)root.ipc_buffer, root.buffer_vaddr, false));
    boot_set_cap(seL4_CapBootInfoFrame,
                 map_frame((kptr_t)root.bootinfo, root.bootinfo_vaddr, false));
    if (root.extra != NULL) {
        add_frames(&root.bootinfo->extraBIPages, (kptr_t)root.extra, root.extra_vaddr,
                   extra_pages());
    }
    if (!ARCH_BOOT_SCHED_CONTROL_FIRST) {
        add_sched_control();
    }
    add_frames(&root.bootinfo->userImageFrames, paddr_to_kptr(args->image.start), args->image_vaddr,
               pages(root.image_bytes));
    add_all_untypeds(args);
}

/* ---- contents ---- */

/* The address at which user code finds an object. */
BOOT_CODE static word_t user_pointer(vaddr_t vaddr, const void *object)
{
    return ARCH_BOOT_USER_SEES_KERNEL ? (word_t)object : vaddr;
}

BOOT_CODE static void fill_bootinfo(const struct boot_args *args)
{
    seL4_BootInfo *info = root.bootinfo;
    info->extraLen = root.extra_bytes;
    info->numNodes = 1;
    info->numIOPTLevels = args->num_iopt_levels;
    info->ipcBuffer = (seL4_IPCBuffer *)user_pointer(root.buffer_vaddr, root.ipc_buffer);
    info->initThreadCNodeSizeBits = ROOT_CNODE_BITS;
    info->initThreadDomain = node()->domain;
}

BOOT_CODE static void fill_extra(const struct boot_args *args)
{
    char *out = root.extra;
    for (word_t i = 0; i < args->extra_count; i++) {
        const struct boot_extra *block = &args->extra[i];
        seL4_BootInfoHeader header = {.id = block->id, .len = sizeof(header) + block->bytes};
        memcpy(out, &header, sizeof(header));
        memcpy(out + sizeof(header), block->data, block->bytes);
        out += header.len;
    }
}

/* ---- the thread ---- */

BOOT_CODE static void copy_to_tcb(enum tcb_slot dest, word_t source)
{
    struct slot *src = &root.slots[source];
    struct cap cap;
    enum kernel_result result = cap_derive(src, src->cap, &cap);
    KERNEL_ASSERT(result == KRES_OK);
    slot_insert(&root.tcb->slots[dest], cap, src);
}

BOOT_CODE static void create_thread(const struct boot_args *args)
{
    struct tcb *tcb = root.tcb;
    static const char name[] = "rootserver";
    tcb_init(tcb, NULL);
    memcpy(tcb->name, name, sizeof(name));
    copy_to_tcb(TCB_CSPACE, seL4_CapInitThreadCNode);
    copy_to_tcb(TCB_VSPACE, seL4_CapInitThreadVSpace);
    copy_to_tcb(TCB_BUFFER, seL4_CapInitThreadIPCBuffer);
    tcb->ipc_buffer = root.buffer_vaddr;
    tcb->priority = seL4_MaxPrio;
    tcb->mcp = seL4_MaxPrio;
    tcb->context.regs[REG_CAP] = user_pointer(root.bootinfo_vaddr, root.bootinfo);
    tcb->context.regs[REG_FAULT_IP] = args->entry;
    tcb->context.regs[REG_NEXT_IP] = args->entry;
    context_written(&tcb->context);
    tcb_set_state(tcb, THREAD_RUNNING);
    refill_round_robin(root.sc, us_to_ticks(CONFIG_BOOT_THREAD_TIME_SLICE * 1000));
    sc_bind_tcb(root.sc, tcb);
}

BOOT_CODE void kernel_boot(const struct boot_args *args)
{
    sched_init();
    plan(args);
    create_objects();
    create_caps(args);
    fill_bootinfo(args);
    fill_extra(args);
    create_thread(args);
    /* Tables, IPC buffer and boot information. */
    arch_memory_written((kptr_t)root.vspace, (4 + root.paging_count) * PAGE_BYTES);
    arch_memory_written((kptr_t)root.extra, root.extra_bytes);
    schedule();
}
