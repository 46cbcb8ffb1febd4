#!/bin/sh
# What `make demo` runs once kc is built: kernels compiled for this CPU, linked into C programs, and run on
# real input. Results go to $OUT.
set -eu
KC=${KC:-build/kc}
CC=${CC:-cc}
PYTHON=${PYTHON:-python3}
OUT=${OUT:-build/demo}
PICTURE=${PICTURE:-examples/hosts/lighthouse.png}
RUNTIME=${RUNTIME:-$(dirname "$KC")/libkcrt.a} # of kernels that use threads
here=examples
mkdir -p "$OUT"

# build NAME KERNEL...: compiles the kernels for this CPU and links them into hosts/NAME.c
build() {
    name=$1
    shift
    objects=
    for kernel in "$@"; do
        "$KC" build "$here/$kernel.k" -march=native -o "$OUT/$kernel.o"
        objects="$objects $OUT/$kernel.o"
    done
    # shellcheck disable=SC2086
    $CC -std=c11 -D_POSIX_C_SOURCE=200809L -O3 -march=native -Wall -I"$OUT" -I"$here/hosts" \
        -o "$OUT/$name" "$here/hosts/$name.c" $objects "$RUNTIME" -lpng -lm -pthread
}

echo "1. saxpy and gelu over ten million floats, by kc and by C (-O3 -march=native)"
build speed saxpy gelu
"$OUT/speed"

echo "2. the Mandelbrot set"
build mandelbrot mandelbrot
"$OUT/mandelbrot" "$OUT/mandelbrot.png"

echo "3. a blur and a Sobel filter over a picture (PICTURE=any.png takes yours)"
build picture picture
"$OUT/picture" "$PICTURE" "$OUT/blurred.png" "$OUT/edges.png"

echo "4. a kernel on arrays written by NumPy, without a C program"
"$PYTHON" -c "
import numpy as np
np.save('$OUT/x.npy', np.random.default_rng(1).normal(5.0, 2.0, 100000))"
"$KC" run "$here/stats.k" normalise "x=@$OUT/x.npy" --print result --print x --save "x=$OUT/scaled.npy"
"$PYTHON" -c "
import numpy as np
x = np.load('$OUT/scaled.npy')
print('  NumPy says: mean %.1e, deviation %.6f' % (x.mean(), x.std()))
assert abs(x.mean()) < 1e-9 and abs(x.std() - 1) < 1e-9"

cat <<END

Next: read $OUT/saxpy.h, then try
  $KC check examples/saxpy.k                        change a name in it first
  $KC build examples/gelu.k -march=avx2 --emit=asm -o -
  $KC run examples/saxpy.k saxpy a=2 x=iota:8 y=ones:8
  $KC explain K0246
and start your own kernel from examples/.
END
