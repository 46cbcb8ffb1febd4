# kc explain --asm shows the innermost loops beside their source lines: the right instructions, of the right function, for each
# architecture.
cat > code.k <<'KERNEL'
@export
fn axpy(a: f32, x: Tensor[f32, n], inout y: Tensor[f32, n]):
    y = a * x + y

@export
fn steps(v: f32) -> int:
    var x = v
    var count = 0
    while x > 1.0:
        x = x * 0.5
        count += 1
    return count

@export
fn straight(x: f32) -> f32:
    return x * x

@export
fn rows(x: Tensor[f64, n, m], inout y: Tensor[f64, n, m]):
    y = x * x
KERNEL
show() {
    echo "== $*"
    kc explain code.k "$@" --asm > out
    grep -vE '^      \|       |^      \|   (\.LBB|and [0-9]+ more)' out
}
has() {
    grep -qE -- "$1" out || { echo "nothing like $1 in"; cat out; exit 1; }
}
lacks() {
    ! grep -qE -- "$1" out || { echo "$1 in"; cat out; exit 1; }
}
show axpy -march=avx512
has '^      \|       vfmadd.*ps .*%zmm'
lacks 'steps|#|\.loc|^      \| +ret'
show axpy -march=avx2
has '^      \|       vfmadd.*ps .*%ymm'
lacks 'zmm'
show steps -march=avx2
has '^      \|       vmulss '
has '^   10 \| x = x \* 0\.5$'
lacks 'ymm'
show straight
show -march=avx512
has '^code.k:2: axpy$'
has '^code.k:19: rows$'
show axpy --target=aarch64-linux-gnu
has '^      \|       fmla +v'
lacks '//'
show axpy --target=riscv64-linux-gnu -march=rvv
has '^      \|       vfmacc|vfmadd'

# Five kernels more: what stands beside a source line is what it does.
cat > hot.k <<'KERNEL'
from math import exp

@export
fn mandelbrot(x0: f32, dx: f32, cy: f32, limit: i32, inout count: Tensor[i32, w]):
    simd for i in range(w):
        let cx = x0 + f32(i) * dx
        var zx: f32 = 0.0
        var zy: f32 = 0.0
        var k: i32 = 0
        while k < limit and zx * zx + zy * zy <= 4.0:
            let t = zx * zx - zy * zy + cx
            zy = 2.0 * zx * zy + cy
            zx = t
            k += 1
        count[i] = k

@export
fn dot(x: Tensor[f32, n], y: Tensor[f32, n]) -> f32:
    return sum(x * y)

@export
fn picked(x: Tensor[f32, n], idx: Tensor[i32, m], inout y: Tensor[f32, m]):
    simd for i in range(m):
        y[i] = x[int(idx[i])] * 2.0

@export
fn packed(x: Tensor[f32, n], inout y: Tensor[f32, n]) -> int:
    var k = 0
    for i in range(n):
        if x[i] > 0.0:
            y[k] = x[i]
            k += 1
    return k

@export
fn waves(x: Tensor[f32, n], inout y: Tensor[f32, n]):
    for i in range(n // 16):
        let v = x.load[16](16 * i)
        y.store(16 * i, exp(v) * 0.25)
KERNEL
# FUNCTION LINE INSTRUCTION: beside the line of the source that begins so there is such an instruction.
beside() {
    kc explain hot.k "$1" -march=sapphirerapids --asm > out
    awk -v line="$2" -v wanted="$3" '
        /^ *[0-9]+ \| / { here = index($0, "| " line) > 0 }
        here && $0 ~ "^      \\|       " wanted { found = 1 }
        END { exit !found }' out || { echo "no $3 beside $2 in"; cat out; exit 1; }
}
beside mandelbrot 'while k < limit' 'vcmp.*ps +.*%zmm'
beside mandelbrot 'k += 1' 'vp(sub|add)d +.*%zmm'
beside mandelbrot 'zy = 2.0 * zx' 'vfmadd.*ps +%zmm'
beside dot 'return sum(x * y)' 'vfmadd.*ps +.*\(%r.*%zmm'
beside picked 'y[i] = x[int(idx[i])] * 2.0' 'vgatherdps '
beside picked 'y[i] = x[int(idx[i])] * 2.0' 'vmov(ups|ntps) +%zmm.*, \(%r'
beside packed 'if x[i] > 0.0:' 'vcmp.*ps +%zmm'
beside packed 'y[k] = x[i]' 'vcompressps '
beside waves 'y.store(16 * i, exp(v) * 0.25)' 'vmovups +%zmm.*, \(%r'
grep -q '^ *[0-9]* | .*    (.*exponentials.k)$' out # lines of the library say so
