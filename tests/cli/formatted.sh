# Examples and benchmarks are written as the formatter writes them.
kc fmt --check "$ROOT"/examples/*.k "$ROOT"/bench/kernels/*.k
