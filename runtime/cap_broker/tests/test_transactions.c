/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Every request is a transaction: each of its steps is made to fail, one run for each step, and
 * after each failure every count is what it was. A step is an invocation of the kernel that makes
 * or maps something, a record, or a run of slots; the linker's --wrap puts this test before them.
 * (What undoes a step cannot fail.)
 */
#include "broker_fixture.h"

#include <stdio.h>

#include <abi/invocation.h>
#include <arch/host_entry.h>

#define STEPS_MAX 2000u

static bool armed;
static uint64_t steps_left; /* before the one that fails */
static bool fired;

/* True if this step is the one that fails. */
static bool fails_now(void)
{
    if (!armed || steps_left > 0) {
        steps_left -= armed ? 1 : 0;
        return false;
    }
    armed = false;
    fired = true;
    return true;
}

void __real_kernel_host_syscall(struct kernel_host_regs *regs);
void __wrap_kernel_host_syscall(struct kernel_host_regs *regs);

void __wrap_kernel_host_syscall(struct kernel_host_regs *regs)
{
    uint64_t label = regs->x[1] >> 12;
    bool undoes = label == CNodeRevoke || label == CNodeDelete || label == ARMPageUnmap;
    bool invokes = regs->x[7] == (uint64_t)seL4_SysCall;
    if (invokes && !undoes && fails_now()) {
        regs->x[1] = (uint64_t)seL4_IllegalOperation << 12;
        return;
    }
    __real_kernel_host_syscall(regs);
}

void *__real_kaal_record_take(struct kaal_untyped_manager *manager);
void *__wrap_kaal_record_take(struct kaal_untyped_manager *manager);

void *__wrap_kaal_record_take(struct kaal_untyped_manager *manager)
{
    return fails_now() ? NULL : __real_kaal_record_take(manager);
}

int __real_kaal_cspace_allocate_run(struct kaal_cspace *cspace, uint32_t count, seL4_CPtr *first);
int __wrap_kaal_cspace_allocate_run(struct kaal_cspace *cspace, uint32_t count, seL4_CPtr *first);

int __wrap_kaal_cspace_allocate_run(struct kaal_cspace *cspace, uint32_t count, seL4_CPtr *first)
{
    return fails_now() ? KAAL_ERR_NO_SLOT : __real_kaal_cspace_allocate_run(cspace, count, first);
}

int __real_kaal_cspace_expand(struct kaal_cspace *cspace, struct kaal_untyped_manager *untyped);
int __wrap_kaal_cspace_expand(struct kaal_cspace *cspace, struct kaal_untyped_manager *untyped);

/* A CSpace that grows is no failure, and it stays larger. */
int __wrap_kaal_cspace_expand(struct kaal_cspace *cspace, struct kaal_untyped_manager *untyped)
{
    return fired ? KAAL_ERR_NO_SPACE : __real_kaal_cspace_expand(cspace, untyped);
}

/* Runs a request with each of its steps failing. The request releases what it gets. */
static void fail_every_step(const char *name, int (*request)(void), uint64_t steps_least)
{
    assert_kaal(request()); /* page tables are there now */
    struct state before = state_now();
    uint64_t failures = 0;
    for (uint64_t step = 0;; step++) {
        assert_true(step < STEPS_MAX);
        steps_left = step;
        fired = false;
        armed = true;
        int error = request();
        armed = false;
        if (!fired) {
            assert_kaal(error);
            break;
        }
        fired = false;
        failures += error != KAAL_OK; /* another way may have been found */
        struct state after = state_now();
        assert_same_state(&before, &after);
    }
    printf("# %s: %llu steps failed\n", name, (unsigned long long)failures);
    assert_true(failures >= steps_least);
}

static int released(struct kaal_account *account, int error, kaal_handle handle)
{
    if (error == KAAL_OK) {
        armed = false;
        assert_kaal(kaal_broker_release(account, handle));
    }
    return error;
}

static int request_bundle(void)
{
    struct kaal_bundle bundle = {0};
    int error = kaal_broker_request_device(&driver, &any, 0, &bundle);
    return released(&driver, error, bundle.handle);
}

static int request_undeclared_bundle(void)
{
    struct kaal_bundle bundle = {0};
    struct kaal_device_selector net = {.kind = KAAL_SELECT_COMPATIBLE, .id = "test,net"};
    int error = kaal_broker_request_device(&client, &net, 0, &bundle);
    return released(&client, error, bundle.handle);
}

static int request_interrupt(void)
{
    kaal_handle handle = 0;
    struct kaal_resource resource;
    int error = kaal_broker_request_irq(&client, NET_IRQ, &handle, &resource);
    return released(&client, error, handle);
}

static int request_memory(void)
{
    kaal_handle handle = 0;
    uint64_t vaddr;
    uint64_t bytes;
    int error = kaal_broker_allocate_memory(&client, 7 * PAGE, &handle, &vaddr, &bytes);
    return released(&client, error, handle);
}

static int request_dma(void)
{
    kaal_handle handle = 0;
    struct kaal_dma_resource dma;
    int error = kaal_broker_allocate_dma(&driver, 5 * PAGE, 4 * PAGE, true, &handle, &dma);
    return released(&driver, error, handle);
}

static kaal_handle to_share;

static int request_share(void)
{
    kaal_handle handle = 0;
    int error = kaal_broker_delegate(&client, to_share, &driver, KAAL_MAP_READ, &handle);
    return released(&driver, error, handle);
}

static void test_bundles_fail_whole(void)
{
    start();
    fail_every_step("bundle", request_bundle, 20);
    assert_null(registry.devices[0].holder);
    fail_every_step("bundle without a declaration", request_undeclared_bundle, 15);
    assert_null(registry.devices[1].holder);
}

static void test_interrupts_fail_whole(void)
{
    start();
    fail_every_step("interrupt", request_interrupt, 6);
}

static void test_memory_fails_whole(void)
{
    start();
    fail_every_step("memory", request_memory, 20);
    fail_every_step("DMA memory", request_dma, 8);
}

static void test_shares_fail_whole(void)
{
    uint64_t vaddr;
    uint64_t bytes;
    static struct kaal_system_component line;
    start();
    line = client_line;
    line.delegate_count = 1;
    line.delegates[0] = 1;
    client.ceiling = &line;
    driver.index = 1;
    assert_kaal(kaal_broker_allocate_memory(&client, 7 * PAGE, &to_share, &vaddr, &bytes));
    fail_every_step("share", request_share, 15);
}

/* The giver has the device before and after; what fails is only the change of hands. */
static int hand_over(void)
{
    struct kaal_bundle bundle = {0};
    kaal_handle handle = 0;
    bool was_armed = armed;
    armed = false;
    assert_kaal(kaal_broker_request_device(&driver, &any, 0, &bundle));
    armed = was_armed;
    int error = kaal_broker_delegate(&driver, bundle.handle, &client, KAAL_MAP_READ, &handle);
    armed = false;
    assert_ptr_equal(registry.devices[0].holder, error == KAAL_OK ? &client : &driver);
    assert_kaal(kaal_broker_release(error == KAAL_OK ? &client : &driver,
                                    error == KAAL_OK ? handle : bundle.handle));
    return error;
}

static void test_handing_over_fails_whole(void)
{
    static struct kaal_system_component line;
    start();
    line = driver_line;
    line.delegate_count = 1;
    line.delegates[0] = 1;
    driver.ceiling = &line;
    client.index = 1;
    fail_every_step("handing over", hand_over, 10);
    assert_null(registry.devices[0].holder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HARNESS_TEST(test_bundles_fail_whole),       HARNESS_TEST(test_interrupts_fail_whole),
        HARNESS_TEST(test_memory_fails_whole),       HARNESS_TEST(test_shares_fail_whole),
        HARNESS_TEST(test_handing_over_fails_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
