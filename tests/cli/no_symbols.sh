# A serial kernel that allocates nothing needs no symbol but the weak kc_panic (and memcpy, memset).
cat >kernel.k <<'END'
@export
fn saxpy(a: f32, x: Tensor[f32, n], inout y: Tensor[f32, n]):
    y = a * x + y

@export
fn pick(x: Tensor[f32, n], i: int) -> f32:
    return x[i]

@export
fn dot(x: Tensor[f32, n], y: Tensor[f32, n]) -> f32:
    return sum(x * y)
END
for level in 0 3; do
    kc build kernel.k -O$level -o kernel.o
    nm -u kernel.o | awk '{ print $1, $2 }' | grep -Ev '^(w kc_panic|U (memcpy|memset|memmove))$' >needed || true
    if test -s needed; then
        echo "-O$level needs:"
        cat needed
        exit 1
    fi
    ! readelf -SW kernel.o | grep -E '\.(init|fini|ctors)'
    readelf -SW kernel.o | grep -q '\.note\.GNU-stack'
    # Nothing that a shared library cannot take.
    $CC -shared -Wl,-z,text -o kernel.so kernel.o
done
