# A sample of `make math-accuracy`: the functions of math are as exact as tests/accuracy/functions.def says,
# with and without fused multiply-adds, and on SIMD values.
sample() {
    out=$1${2-}
    "$ROOT/tests/accuracy/build.sh" "$out" "$@"
    "$out/accuracy_f32" 65537
    if test -x "$out/accuracy_f64"; then "$out/accuracy_f64" 16384; fi
}
sample native
sample native lanes
if test "$(uname -m)" = x86_64; then sample x86-64; fi
