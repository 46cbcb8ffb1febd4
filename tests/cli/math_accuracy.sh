# A sample of `make math-accuracy`: the functions of math are as exact as tests/accuracy/functions.def says,
# with and without fused multiply-adds.
for march in native x86-64; do
    test "$march" = native || test "$(uname -m)" = x86_64 || continue
    "$ROOT/tests/accuracy/build.sh" "$march" "$march"
    "$march/accuracy_f32" 65537
    if test -x "$march/accuracy_f64"; then "$march/accuracy_f64" 16384; fi
done
