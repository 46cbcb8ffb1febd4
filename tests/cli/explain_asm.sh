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
