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
