// oneTBB, with its default partitioner for even work and its simple one for uneven.
#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>
#include <tbb/parallel_invoke.h>
#include <tbb/task_group.h>

#include "bench/scheduling/cases.h"

static void run_loop(int64_t n, int64_t grain, int even, Body body, void *context) {
    tbb::blocked_range<int64_t> range(0, n, size_t(grain));
    auto piece = [=](const tbb::blocked_range<int64_t> &r) { body(context, r.begin(), r.end()); };
    if (even) tbb::parallel_for(range, piece);
    else tbb::parallel_for(range, piece, tbb::simple_partitioner());
}

static void run_tasks(int64_t count) {
    tbb::task_group group;
    for (int64_t i = 0; i < count; i++) group.run([] {});
    group.wait();
}

static int64_t run_fib(int n) {
    if (n < 2) return n;
    int64_t a = 0, b = 0;
    tbb::task_group group;
    group.run([&] { a = run_fib(n - 1); });
    b = run_fib(n - 2);
    group.wait();
    return a + b;
}
