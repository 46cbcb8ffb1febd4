# Targets that kc does not have are answered with the nearest one (K0501).
exec 2>&1
echo '@export
fn one() -> i32:
    return 1' > one.k
try() {
    status=0
    "$@" || status=$?
    echo "status $status"
}
try kc build one.k -march=avx22
try kc build one.k -march=hasswel
try kc build one.k -march=neon
try kc build one.k --target=sparc64-linux-gnu
try kc build one.k --target=x86_64-pc-windows-msvc
try kc build one.k --target=aarch64-linux-gnu -march=native
try kc build one.k -march=avx2,avx22
try kc build one.k -march=avx2,neon
try kc build one.k -march=avx2,,avx512
try kc build one.k -march=avx2,avx2
try kc build one.k -march=avx2,native
try kc build one.k --target=aarch64-linux-gnu -march=neon,neoverse-v1
try kc build one.k -march=haswell,avx2,haswell
try kc build one.k -march=haswell,znver44
try kc build one.k -march=avx2,avx512 --emit=kir
try kc opt one.k -march=avx2,avx512
ls
