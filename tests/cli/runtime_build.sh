# What libkcrt.a is: small, without constructors, all symbols kc_; and under other names where that is asked for.
library=$BUILD/libkcrt.a
# A sanitizer adds symbols and constructors of its own.
only_named() { test -n "$SANITIZE" || test -z "$(nm -g --defined-only "$1" | awk -v start="^$2" 'NF == 3 && $3 !~ start')"; }
only_named "$library" kc_
if [ -z "$SANITIZE" ]; then
    constructors=$(readelf -SW "$library" | grep -cE '\.(init_array|ctors|preinit_array|init) ' || true)
    test "$constructors" -eq 0
    text=$(size "$library" | awk 'NR > 1 { sum += $1 } END { print sum }')
    test "$text" -lt 65536
fi

# Two copies in one program, each with its own pool.
mkdir -p mine
for source in "$ROOT"/runtime/*.c; do
    $CC $SANITIZE -std=c11 -O1 -DKC_PREFIX=mine_ -I"$ROOT" -I"$ROOT/runtime" -c "$source" \
        -o "mine/$(basename "$source" .c).o"
done
ar rcs libmine.a mine/*.o
only_named libmine.a mine_
cat >use.c <<'END'
#include <kc/kcrt.h>
static kc_status nothing(void *context, int64_t begin, int64_t end) {
    (void)context, (void)begin, (void)end;
    return KC_OK;
}
int FUNCTION(void);
int FUNCTION(void) {
    kc_pool_options options = {.threads = THREADS};
    kc_pool_configure(&options);
    kc_parallel_for(100, 1, nothing, 0, "nothing");
    return kc_pool_threads();
}
END
cat >main.c <<'END'
int ours(void);
int theirs(void);
int main(void) { return ours() == 2 && theirs() == 3 && ours() == 2 ? 0 : 1; }
END
flags="-std=c11 -Wall -Wextra -Werror -I$ROOT/runtime"
$CC $SANITIZE $flags -DFUNCTION=ours -DTHREADS=2 -DKC_PREFIX=mine_ -c use.c -o ours.o
$CC $SANITIZE $flags -DFUNCTION=theirs -DTHREADS=3 -c use.c -o theirs.o
$CC $SANITIZE $flags main.c ours.o theirs.o libmine.a "$library" -lpthread -o two
timeout 60 ./two

# Kernels of one program, each with the copy that it was compiled for.
cat >kernel.k <<'END'
@export
fn made(n: int) raises -> Tensor[int]:
    if n < 0:
        raise Error("negative")
    var y = Tensor[int](n)
    parallel for i in range(n) grain(1):
        y[i] = i
    return y
END
mkdir -p first second
kc build kernel.k --runtime-prefix=mine_ -o first/kernel.o
sed 's/fn made/fn other/' kernel.k > second/other.k
(cd second && kc build other.k -march=x86-64,avx2)
kc build kernel.k --runtime-prefix=mine_ --emit=manifest -o - | grep -o '"mine_[a-z_]*"' | sort
kc info --deps first/kernel.o | grep -c mine_
cat >both.c <<'END'
#include "first/kernel.h"
#include "second/other.h"
int main(void) {
    kc_array_i64_1 a, b;
    if (made(5, &a) != 0 || other(6, &b) != 0 || a.data[4] != 4 || b.data[5] != 5) return 1;
    mine_free(a.data);
    kc_free(b.data);
    if (made(-1, &a) != 1 || mine_error_message()[0] == 0 || kc_error_message()[0] != 0) return 2;
    return 0;
}
END
$CC $SANITIZE -std=c11 -Wall -Wextra -Werror both.c first/kernel.o second/other.o libmine.a "$library" -lpthread -o both
timeout 60 ./both
for prefix in '' 9x 'a-b'; do kc build kernel.k --runtime-prefix="$prefix" 2>&1 | head -1 || true; done
