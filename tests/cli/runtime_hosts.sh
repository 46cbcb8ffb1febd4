# The pool in plug-ins that are loaded and unloaded, in a C++ program, and in Python.
cat >plugin.c <<'END'
#include <kc/kcrt.h>
static kc_status add(void *context, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) __atomic_fetch_add((int64_t *)context, i, __ATOMIC_RELAXED);
    return KC_OK;
}
int64_t total(int64_t n);
int64_t total(int64_t n) {
    int64_t sum = 0;
    kc_parallel_for(n, 1, add, &sum, "add");
    return sum;
}
END
cat >host.c <<'END'
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
typedef int64_t (*Total)(int64_t n);
static int threads_now(void) {
    int threads = 0;
    char row[256];
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(row, sizeof row, file)) sscanf(row, "Threads: %d", &threads);
    if (file) fclose(file);
    return threads;
}
static int works(void *library) {
    Total total = (Total)dlsym(library, "total");
    return total && total(10000) == 49995000;
}
int main(void) {
    alarm(60);
    int before = threads_now();
    for (int i = 0; i < 20; i++) {
        void *a = dlopen("./a.so", RTLD_NOW | RTLD_LOCAL), *b = dlopen("./b.so", RTLD_NOW | RTLD_LOCAL);
        if (!a || !b || !works(a) || !works(b)) return 1;
        pid_t child = fork();
        if (child == 0) return works(b) && works(a) ? 0 : 2;
        int status = 1;
        waitpid(child, &status, 0);
        if (status != 0) return 3;
        dlclose(a);
        if (!works(b)) return 4;
        dlclose(b);
        if (dlopen("./a.so", RTLD_NOW | RTLD_NOLOAD)) return 5;
        if (threads_now() != before) return 6; /* workers ended before their code was unmapped */
    }
    return 0;
}
END
if [ -z "$SANITIZE" ]; then
    for name in a b; do
        $CC -std=c11 -O1 -fPIC -shared -I"$ROOT/runtime" plugin.c "$BUILD/libkcrt.a" -lpthread -o $name.so
    done
    $CC -std=gnu11 host.c -ldl -o host
    KC_NUM_THREADS=4 timeout 90 ./host
    KC_NUM_THREADS=4 timeout 60 python3 -c '
import ctypes, threading
library = ctypes.CDLL("./a.so")
library.total.restype = ctypes.c_int64
library.total.argtypes = [ctypes.c_int64]
wrong = []
def work():
    for n in range(1, 300):
        if library.total(n) != n * (n - 1) // 2:
            wrong.append(n)
threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert not wrong, wrong
'
fi
cat >host.cpp <<'END'
#include <kc/kcrt.h>
#include <atomic>
#include <thread>
#include <vector>
int main() {
    std::atomic<long> sum{0};
    auto body = [](void *context, int64_t begin, int64_t end) -> kc_status {
        for (int64_t i = begin; i < end; i++) *static_cast<std::atomic<long> *>(context) += i;
        return KC_OK;
    };
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; t++)
        threads.emplace_back([&] { kc_parallel_for(1000, 1, body, &sum, "sum"); });
    for (auto &thread : threads) thread.join();
    return sum == 8 * 499500L ? 0 : 1;
}
END
$CXX $SANITIZE -std=c++17 -Wall -Wextra -Werror -I"$ROOT/runtime" host.cpp "$BUILD/libkcrt.a" -lpthread -o cpp
timeout 60 ./cpp
# The threads of oneTBB instead of the pool's own.
cat >tbb.cpp <<'END'
#include <kc/kcrt.h>
#include <atomic>
#include <tbb/global_control.h>
#include <tbb/task_arena.h>
static std::atomic<int> submitted;
int main() {
    tbb::global_control control(tbb::global_control::max_allowed_parallelism, 4);
    tbb::task_arena arena(4);
    kc_host host{};
    host.user = &arena;
    host.threads = 3;
    host.submit = [](void *user, void (*run)(void *), void *argument) {
        static_cast<tbb::task_arena *>(user)->enqueue([=] { run(argument); });
        submitted++;
        return 0;
    };
    if (kc_host_set(&host) != KC_OK || kc_pool_threads() != 4) return 1;
    for (int64_t n = 1; n < 3000; n++) {
        std::atomic<long> sum{0};
        kc_parallel_for(n, 1, [](void *context, int64_t begin, int64_t end) -> kc_status {
            for (int64_t i = begin; i < end; i++) *static_cast<std::atomic<long> *>(context) += i;
            return KC_OK;
        }, &sum, "sum");
        if (sum != n * (n - 1) / 2) return 2;
    }
    return kc_host_set(nullptr) == KC_OK && submitted > 0 ? 0 : 3;
}
END
if [ -z "$SANITIZE" ] && echo '#include <tbb/task_arena.h>' | $CXX -std=c++17 -E -x c++ - >/dev/null 2>&1; then
    $CXX -std=c++17 -Wall -Wextra -Werror -I"$ROOT/runtime" tbb.cpp "$BUILD/libkcrt.a" -ltbb -lpthread -o tbb
    timeout 60 ./tbb
fi
