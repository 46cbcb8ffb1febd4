# From functions.k: the functions are given SIMD values instead of arrays.
s|^    y = \(.*\)(x)$|    for i in range(n // 8):\
        y.store(8 * i, \1(x.load[8](8 * i)))\
    for i in range(n // 8 * 8, n):\
        y[i] = \1(x[i])|
s|^    y = \(.*\)(x, z)$|    for i in range(n // 8):\
        y.store(8 * i, \1(x.load[8](8 * i), z.load[8](8 * i)))\
    for i in range(n // 8 * 8, n):\
        y[i] = \1(x[i], z[i])|
