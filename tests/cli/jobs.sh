# Targets are compiled side by side. What they say stands in their order however many threads there are, each thing
# once, and a target that fails leaves no file of the others.
exec 2>&1
march=x86-64-v2,avx2,avx512
cat >split.k <<'END'
fn twice(x: SIMD[f32, 16]) -> SIMD[f32, 16]:
    return x + x

@export
fn total(x: Tensor[f32, 16]) -> f32:
    let wide = twice(SIMD[f32, 16](1.0))
    return wide[3] * x[2]
END
cat >four.k <<'END'
@export
fn fill(inout x: Tensor[f32, n]):
    let v: SIMD[f32, 4] = SIMD[f32, simdwidthof[f32]()](1.0)
    x[0] = v[0]
END
for name in split four; do
    status=0
    kc build $name.k -march=$march -j1 >one.txt 2>&1 || status=$?
    echo "status $status"
    cat one.txt
    for i in 1 2 3 4 5; do
        kc build $name.k -march=$march -j7 -o again.o >more.txt 2>&1 || true
        cmp one.txt more.txt
    done
done
cmp split.o again.o
kc build split.k -march=$march -j7 -Wno-simd-split --print-after=drops --stop-after=drops 2>&1 | grep -c '^# after drops'
kc build split.k -march=$march -j7 -Wno-simd-split --time-passes 2>&1 | grep -c ' total$'
ls
