# Modules of the library that `math` only passes names on from are read when one of their names is wanted.
exec 2>&1
read_by() {
    kc build $1.k -MD -o $1.o
    sed -n 's|^  *\(.*/\)\{0,1\}\([a-z_]*\.k\).*|\2|p' $1.d | tr '\n' ' '
    echo
}
echo 'from math import sqrt

@export
fn root(x: f32) -> f32:
    return sqrt(x)' >one.k
echo 'from math import sqrt as root, e
from math import exp

@export
fn grown(x: f32) -> f32:
    return exp(root(x)) * f32(e)' >some.k
echo 'import math

@export
fn wave(x: f32) -> f32:
    return math.sin(x) * math.sqrt(x)' >all.k
echo '@export
fn power(x: f32, y: f32) -> f32:
    return x ** y' >power.k
for name in one some all power; do read_by $name; done
kc build one.k all.k -MD -o both.o && sed -n 's|.*/\([a-z_]*\.k\):$|\1|p' both.d | sort | tr '\n' ' '
echo
echo 'from math import tann, _exp_parts

fn f(x: f32) -> f32:
    return atan3(x) + cosh(x)' >wrong.k
kc check wrong.k 2>&1 | sed "s|/.*/stdlib|stdlib|" || true
