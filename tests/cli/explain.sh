# kc explain FILE: a line for each kind of decision, its numbers, and what to change; JSON with the same.
cat > kinds.k <<'KERNEL'
@export
fn chain(x: Tensor[f32, n], inout y: Tensor[f32, n]):
    let a = x * 2.0
    y = a + 1.0

@export
fn shift(inout x: Tensor[f32, n]):
    x[1:n] = x[0:n - 1] + 1.0

@export
fn echo(inout x: Tensor[f32, n]):
    for i in range(16, n):
        x[i] = x[i - 16] * 0.5

@export
fn smooth(inout x: Tensor[f32, n]):
    x[1:n - 1] = x[0:n - 2] + x[2:n]

@export
fn spread(x: Tensor[f64, n], idx: Tensor[i32, m], inout y: Tensor[f64, m], w: f64):
    simd for i in range(m):
        if idx[i] >= 0:
            y[i] = w * x[int(idx[i])]

@export
fn little(x: Tensor[f32, 4096], idx: Tensor[i32, m], inout y: Tensor[f32, m]):
    for i in range(m):
        y[i] = x[int(idx[i]) & 7]

@export
fn backward(x: Tensor[f32, n], inout y: Tensor[f32, n]):
    simd for i in range(n):
        y[i] = x[n - 1 - i]

@export
fn pairs(x: Tensor[f32, n], m: int) -> f32:
    assert 2 * m <= n
    var s: f32 = 0.0
    simd for i in range(m) reduce(+: s):
        s += x[2 * i] * x[2 * i + 1]
    return s

@export
fn ahead(x: Tensor[f32, n], inout y: Tensor[f32, n], k: int):
    simd for i in range(n):
        y[i] = x[i + k]

@export
fn ordered(x: Tensor[f32, n]) -> f32:
    var s: f32 = 0.0
    for i in range(n):
        s += x[i]
    return s

@export
fn prefix(inout y: Tensor[f32, n]):
    for i in range(1, n):
        y[i] = y[i - 1] + y[i]

@export
fn first(x: Tensor[f32, n]) -> int:
    for i in range(n):
        if x[i] < 0.0:
            return i
    return -1

@export
fn until(x: Tensor[f32, n]) -> int:
    var i = 0
    while i < n and x[i] > 0.0:
        i += 1
    return i

fn small(x: f32) -> f32:
    return x * x + 1.0

@noinline
fn far(x: f32) -> f32:
    return x * x - 1.0

@export
fn calls(x: Tensor[f32, n], inout y: Tensor[f32, n]):
    simd for i in range(n):
        y[i] = small(x[i]) + far(x[i])

@export
fn filled(n: int) -> Tensor[f32, ?]:
    var t = Tensor[f32](n)
    for i in range(n):
        t[i] = 1.0
    return t

@export
fn several(x: Tensor[f32, n], inout y: Tensor[f32, n], inout z: Tensor[f32, n]) -> f32:
    y = x * 2.0
    z = y + x
    y = z * z
    let s = sum(y)
    z = z / s
    return s

@fp("fast")
@export
fn variance(x: Tensor[f32, n]) -> f32:
    let mean = sum(x) / f32(n)
    return sum((x - mean) ** 2) / f32(n)

@export
fn dropped(x: Tensor[f32, n], inout y: Tensor[f32, n]):
    var t = Tensor[f32](n)
    for i in range(n):
        t[i] = x[i] + 1.0
    for i in range(n):
        y[i] = t[i] * 2.0

@export
fn result(x: Tensor[f32, n]) -> Tensor[f32, n]:
    var y = x.copy()
    y[0] = 0.0
    return y

@export
fn every(x: Tensor[f32, n], inout y: Tensor[f32, m], k: int):
    for i in range(m):
        y[i] = x[i * k]

@export
fn levels(table: Tensor[f32, 8], idx: Tensor[i32, m], inout y: Tensor[f32, m]):
    for i in range(m):
        y[i] = table[int(idx[i]) & 7]
KERNEL
cat >threads.k <<'KERNEL'
@export
fn scaled(a: f32, x: Tensor[f32, n], inout y: Tensor[f32, n]):
    parallel for i in range(n):
        y[i] = a * x[i]

@export
fn rows(x: Tensor[f32, h, w], inout y: Tensor[f32, h, w]):
    parallel for j in range(h):
        for i in range(w):
            y[j, i] = x[j, i] * 2.0

@export
fn total(x: Tensor[f32, n]) -> f32:
    var s: f32 = 0.0
    parallel for i in range(n) reduce(+: s) grain(64):
        s += x[i]
    return s
KERNEL
echo "== avx512"
kc explain kinds.k -march=avx512
echo "== avx2, one function"
kc explain kinds.k backward -march=avx2
echo "== a function without loops"
kc explain kinds.k small
echo "== reproducible"
kc explain kinds.k pairs -march=x86-64-v2 --fp=reproducible
echo "== threads"
kc explain threads.k -march=avx2
echo "== -O0"
kc explain kinds.k ordered -O0
echo "== JSON"
kc explain kinds.k spread -march=avx512 --json
echo "== --help"
kc explain --help
