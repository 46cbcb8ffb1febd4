# Variants of one object that would need several headers, or whose names meet others (K0502).
exec 2>&1
try() {
    status=0
    "$@" || status=$?
    echo "status $status"
}
echo '@export
fn scale(inout x: Tensor[f32, simdwidthof[f32]()]):
    x *= 2.0' >sizes.k
try kc build sizes.k -march=x86-64-v2,avx2
try kc build sizes.k -march=avx2,x86-64-v3
echo '@export
fn scale(inout x: Tensor[f32, n]):
    x *= 2.0

@export
fn scale__avx2(inout x: Tensor[f32, n]):
    x *= 3.0' >names.k
try kc build names.k -march=x86-64-v2,avx2
try kc build names.k -march=x86-64-v2,avx512
echo '@export
fn pick(x: Tensor[f32, n]) -> f32:
    let seen = 1
    return y' >once.k
try kc check once.k -march=x86-64-v2,avx2,avx512
ls
