/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * From a description of the machine to a runnable root task: its objects, its capabilities in the
 * ABI's slot order, boot information, and an untyped capability for every piece of memory left.
 */
#include <arch/boot.h>
#include <arch/timer.h>
#include <arch/vspace.h>
#include <kernel/arch_hooks.h>
#include <kernel/boot_memory.h>
#include <kernel/ipc.h>
#include <kernel/memory.h>
#include <kernel/node.h>
#include <kernel/print.h>

#define PAGE_BYTES      BIT(seL4_PageBits)
#define ROOT_CNODE_BITS CONFIG_ROOT_CNODE_SIZE_BITS
#define ROOT_SLOTS      BIT(ROOT_CNODE_BITS)
#define NO_EXTRA        0

/* The root task's objects and what is known about it while it is being built. */
struct root {
    struct slot *slots; /* root CNode */
    word_t next_slot;
    void *vspace;
    void *asid_pool;
    void *ipc_buffer;
    seL4_BootInfo *bootinfo;
    char *extra;
    char *paging; /* pages for tables, taken one by one */
    struct tcb *tcb;
    struct sched_context *sc;
    struct cap vspace_cap;

    word_t extra_bytes; /* content, headers included */
    word_t extra_bits;  /* log2 of the area; NO_EXTRA without content */
    word_t paging_count;
    vaddr_t buffer_vaddr;
    vaddr_t bootinfo_vaddr;
    vaddr_t extra_vaddr;
    vaddr_t end_vaddr;
};

BOOT_DATA static struct root root;
BOOT_DATA static struct boot_regions free_memory;
BOOT_DATA static struct boot_regions device_memory;

/* ---- slots ---- */

BOOT_CODE void boot_set_cap(word_t index, struct cap cap)
{
    slot_insert_root(&root.slots[index], cap);
}

BOOT_CODE bool boot_add_cap(struct cap cap)
{
    if (root.next_slot == ROOT_SLOTS) {
        kernel_print("boot: root CNode full (%lu slots)\n", ROOT_SLOTS);
        return false;
    }
    boot_set_cap(root.next_slot++, cap);
    return true;
}

BOOT_CODE void *boot_take_paging_page(void)
{
    void *page = root.paging;
    KERNEL_ASSERT(root.paging_count > 0);
    root.paging_count--;
    root.paging += PAGE_BYTES;
    return page;
}

/* ---- memory ---- */

BOOT_CODE static bool sort_memory(const struct boot_args *args)
{
    bool ok = boot_regions_add(&device_memory, (struct boot_region){0, ARCH_DEVICE_TOP});
    for (word_t i = 0; i < args->ram_count && ok; i++) {
        ok = boot_regions_add(&free_memory, args->ram[i]) &&
             boot_regions_subtract(&device_memory, args->ram[i]);
    }
    for (word_t i = 0; i < args->reserved_count && ok; i++) {
        ok = boot_regions_subtract(&free_memory, args->reserved[i]) &&
             boot_regions_subtract(&device_memory, args->reserved[i]);
    }
    return ok && boot_regions_subtract(&free_memory, args->image);
}

BOOT_CODE static void plan_addresses(const struct boot_args *args)
{
    root.extra_bytes = 0;
    for (word_t i = 0; i < args->extra_count; i++) {
        root.extra_bytes += sizeof(seL4_BootInfoHeader) + args->extra[i].bytes;
    }
    root.extra_bits = root.extra_bytes == 0 ? NO_EXTRA : seL4_PageBits;
    while (BIT(root.extra_bits) < root.extra_bytes) {
        root.extra_bits++;
    }
    root.buffer_vaddr = args->image_vaddr + (args->image.end - args->image.start);
    root.bootinfo_vaddr = root.buffer_vaddr + PAGE_BYTES;
    root.extra_vaddr = root.bootinfo_vaddr + PAGE_BYTES;
    root.end_vaddr = root.extra_vaddr + (root.extra_bits == NO_EXTRA ? 0 : BIT(root.extra_bits));
    root.paging_count = arch_boot_paging_count(args->image_vaddr, root.end_vaddr);
}

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
        root.extra = carve(cursor, BIT(root.extra_bits));
    }
}

BOOT_CODE static bool create_objects(void)
{
    word_t cnode_bits = ROOT_CNODE_BITS + SLOT_BITS;
    word_t align_bits = root.extra_bits > cnode_bits ? root.extra_bits : cnode_bits;
    word_t bytes = BIT(cnode_bits) + (root.extra_bits == NO_EXTRA ? 0 : BIT(root.extra_bits)) +
                   (4 + root.paging_count) * PAGE_BYTES + BIT(seL4_TCBBits) +
                   BIT(seL4_MinSchedContextBits);
    paddr_t start = boot_regions_take_top(&free_memory, bytes, align_bits);
    if (start == BOOT_NO_MEMORY) {
        kernel_print("boot: no %lu bytes of free memory for the root task's objects\n", bytes);
        return false;
    }
    char *cursor = (char *)paddr_to_kptr(start);
    memset(cursor, 0, bytes);
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
    return true;
}

/* ---- capabilities ---- */

BOOT_CODE static void create_fixed_caps(void)
{
    word_t guard_size = WORD_BITS - ROOT_CNODE_BITS;
    root.next_slot = seL4_NumInitialCaps;
    boot_set_cap(seL4_CapInitThreadTCB, cap_tcb(root.tcb));
    boot_set_cap(seL4_CapInitThreadCNode, cap_cnode(root.slots, ROOT_CNODE_BITS, guard_size));
    boot_set_cap(seL4_CapInitThreadASIDPool, arch_boot_create_asid_pool(root.asid_pool));
    root.vspace_cap = arch_boot_create_vspace(root.vspace, root.asid_pool);
    boot_set_cap(seL4_CapInitThreadVSpace, root.vspace_cap);
    boot_set_cap(seL4_CapIRQControl, cap_control(CAP_IRQ_CONTROL));
    boot_set_cap(seL4_CapDomain, cap_control(CAP_DOMAIN));
    boot_set_cap(seL4_CapInitThreadSC, cap_sched_context(root.sc, seL4_MinSchedContextBits));
    arch_boot_caps();
}

BOOT_CODE static struct cap map_page(void *page, vaddr_t vaddr, bool executable)
{
    return arch_boot_map_frame(root.vspace_cap, kptr_to_paddr((kptr_t)page), vaddr, executable);
}

BOOT_CODE static void map_fixed_frames(void)
{
    boot_set_cap(seL4_CapInitThreadIPCBuffer, map_page(root.ipc_buffer, root.buffer_vaddr, false));
    boot_set_cap(seL4_CapBootInfoFrame, map_page(root.bootinfo, root.bootinfo_vaddr, false));
}

BOOT_CODE static bool add_sched_control(void)
{
    root.bootinfo->schedcontrol.start = root.next_slot;
    bool ok = boot_add_cap(cap_sched_control(0));
    root.bootinfo->schedcontrol.end = root.next_slot;
    return ok;
}

BOOT_CODE static bool add_tables(const struct boot_args *args)
{
    root.bootinfo->userImagePaging.start = root.next_slot;
    bool ok = arch_boot_map_tables(root.vspace_cap, args->image_vaddr, root.end_vaddr);
    root.bootinfo->userImagePaging.end = root.next_slot;
    return ok;
}

/* Frames of consecutive physical pages at consecutive addresses. */
BOOT_CODE static bool add_frames(seL4_SlotRegion *region, paddr_t paddr, vaddr_t vaddr,
                                 word_t count)
{
    bool ok = true;
    region->start = root.next_slot;
    for (word_t i = 0; i < count && ok; i++) {
        word_t offset = i * PAGE_BYTES;
        ok = boot_add_cap(
            arch_boot_map_frame(root.vspace_cap, paddr + offset, vaddr + offset, true));
    }
    region->end = root.next_slot;
    return ok;
}

BOOT_CODE static bool add_extra_frames(void)
{
    word_t bytes = ALIGN_UP(root.extra_bytes, seL4_PageBits);
    if (root.extra == NULL) {
        return true;
    }
    if (ARCH_BOOT_EXTRA_WHOLE_AREA) {
        bytes = BIT(root.extra_bits);
    }
    return add_frames(&root.bootinfo->extraBIPages, kptr_to_paddr((kptr_t)root.extra),
                      root.extra_vaddr, bytes / PAGE_BYTES);
}

BOOT_CODE static bool add_untyped(struct boot_region piece, word_t bits, bool device)
{
    seL4_BootInfo *info = root.bootinfo;
    word_t index = root.next_slot - info->untyped.start;
    if (index >= CONFIG_MAX_NUM_BOOTINFO_UNTYPED_CAPS || root.next_slot == ROOT_SLOTS) {
        return false;
    }
    info->untypedList[index].paddr = piece.start;
    info->untypedList[index].sizeBits = (uint8_t)bits;
    info->untypedList[index].isDevice = device ? 1 : 0;
    return boot_add_cap(
        cap_untyped(paddr_to_kptr(piece.start), bits, device, BIT(bits - UNTYPED_UNIT_BITS)));
}

/* Cut the region into untypeds; what does not fit into the list is dropped, as the ABI says. */
BOOT_CODE static void add_untypeds(struct boot_region region, bool device)
{
    for (;;) {
        word_t bits = boot_piece_bits(region);
        if (bits < seL4_MinUntypedBits || !add_untyped(region, bits, device)) {
            return;
        }
        region.start += BIT(bits);
    }
}

BOOT_CODE static void add_all_untypeds(const struct boot_args *args)
{
    root.bootinfo->untyped.start = root.next_slot;
    for (word_t i = 0; i < device_memory.count; i++) {
        add_untypeds(device_memory.region[i], true);
    }
    add_untypeds(args->reusable, false);
    for (word_t i = 0; i < free_memory.count; i++) {
        add_untypeds(free_memory.region[i], false);
    }
    root.bootinfo->untyped.end = root.next_slot;
    root.bootinfo->empty.start = root.next_slot;
    root.bootinfo->empty.end = ROOT_SLOTS;
}

BOOT_CODE static bool create_caps(const struct boot_args *args)
{
    create_fixed_caps();
    bool ok = !ARCH_BOOT_SCHED_CONTROL_FIRST || add_sched_control();
    ok = ok && add_tables(args);
    if (!ok) {
        return false;
    }
    map_fixed_frames();
    ok = add_extra_frames();
    ok = ok && (ARCH_BOOT_SCHED_CONTROL_FIRST || add_sched_control());
    ok = ok && add_frames(&root.bootinfo->userImageFrames, args->image.start, args->image_vaddr,
                          (args->image.end - args->image.start) / PAGE_BYTES);
    add_all_untypeds(args);
    return ok;
}

/* ---- contents ---- */

BOOT_CODE static void fill_bootinfo(const struct boot_args *args)
{
    seL4_BootInfo *info = root.bootinfo;
    info->extraLen = root.extra_bytes;
    info->nodeID = 0;
    info->numNodes = 1;
    info->numIOPTLevels = args->num_iopt_levels;
    info->ipcBuffer =
        (seL4_IPCBuffer *)arch_boot_user_pointer(root.buffer_vaddr, (kptr_t)root.ipc_buffer);
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
    tcb->context.regs[REG_CAP] = arch_boot_user_pointer(root.bootinfo_vaddr, (kptr_t)root.bootinfo);
    tcb->context.regs[REG_FAULT_IP] = args->entry;
    tcb->context.regs[REG_NEXT_IP] = args->entry;
    context_written(&tcb->context);
    tcb_set_state(tcb, THREAD_RUNNING);
    refill_round_robin(root.sc, arch_us_to_ticks(CONFIG_BOOT_THREAD_TIME_SLICE * 1000));
    sc_bind_tcb(root.sc, tcb);
}

BOOT_CODE bool kernel_boot(const struct boot_args *args)
{
    free_memory.count = 0;
    device_memory.count = 0;
    root = (struct root){0};
    sched_init();
    if (!sort_memory(args)) {
        return false;
    }
    plan_addresses(args);
    if (root.end_vaddr > ARCH_USER_TOP || root.end_vaddr < args->image_vaddr) {
        kernel_print("boot: root task ends at 0x%lx, above the user address space\n",
                     root.end_vaddr);
        return false;
    }
    if (!create_objects() || !create_caps(args)) {
        return false;
    }
    fill_bootinfo(args);
    fill_extra(args);
    create_thread(args);
    arch_memory_written((kptr_t)root.slots, BIT(ROOT_CNODE_BITS + SLOT_BITS));
    schedule();
    return true;
}
