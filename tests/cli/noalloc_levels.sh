# What @noalloc reports does not depend on the command, on -O or on the target, and what it accepts takes no memory.
cat > broken.k <<'KERNEL'
fn smooth(inout y: Tensor[f32, n]):
    y[1:n - 1] = y[0:n - 2] + y[2:n]

@noalloc
@export
fn step(inout y: Tensor[f32, n]):
    smooth(y)

def main():
    print(1)
KERNEL
kc check broken.k 2> first || true
cat first
for march in x86-64 avx512; do
    for level in 0 1 2 3; do
        ! kc build broken.k -O$level -march=$march -o broken.o 2> again
        cmp first again
    done
done
! kc run broken.k --engine=interp 2> again
cmp first again
cat > kept.k <<'KERNEL'
fn dear(x: f32) -> f32:
    var s = x
    for i in range(100):
        s = 0.5 * s + x
    return s

@noalloc
@export
fn step(x: Tensor[f32, n], inout y: Tensor[f32, n], inout z: Tensor[f32, h, n]):
    y[1:n] = y[0:n - 1] + dear(x[1:n])
    y = (dear(x) * 2.0 + y / y.sum()) / y.max()
    z = z + y * x
    z[1:h] = z[0:h - 1] * (x + 1.0)
KERNEL
for level in 0 1 2 3; do kc explain kept.k --allocs -O$level; done
