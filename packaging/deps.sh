#!/bin/sh
# What building and testing kc needs, and how to get it.
#
#   packaging/deps.sh check      lists what is missing; exit status 1 if anything needed is
#   packaging/deps.sh install    installs it with apt, as root or through sudo, without asking
#
# Some tests need programs that a system may not have (an emulator, cross compilers, a debugger). Those
# are installed where that works; otherwise the tests that want them are skipped.
set -u

LLVM_CONFIG=${LLVM_CONFIG:-llvm-config-19}

have_program() { command -v "$1" >/dev/null 2>&1; }

have_header() { echo "#include <$1>" | cc -E -x c ${2:-} - >/dev/null 2>&1; }

llvm_header() {
    have_program "$LLVM_CONFIG" && have_header llvm-c/Core.h "-I$("$LLVM_CONFIG" --includedir)"
}

have_filecheck() {
    have_program "$LLVM_CONFIG" && test -x "$("$LLVM_CONFIG" --bindir)/FileCheck"
}

have_numpy() {
    for python in python3 /usr/bin/python3; do
        "$python" -c 'import numpy' >/dev/null 2>&1 && return 0
    done
    return 1
}

have_compiler_rt() {
    echo 'int main(void) { return 0; }' |
        clang-19 -fsanitize=address,fuzzer-no-link -x c - -o /dev/null >/dev/null 2>&1
}

# need PACKAGES TEST...: adds the packages to `missing` if the test fails.
missing=
need() {
    packages=$1
    shift
    "$@" || missing="$missing $packages"
}
optional=
want() {
    packages=$1
    shift
    "$@" || optional="$optional $packages"
}

look() {
    missing=
    optional=
    need "gcc g++" have_program cc
    need g++ have_program c++
    need make have_program make
    need pkg-config have_program pkg-config
    need flex have_program flex
    need bison have_program bison
    need llvm-19-dev llvm_header
    need llvm-19-tools have_filecheck
    need zlib1g-dev have_header zlib.h
    need libzstd-dev have_header zstd.h
    need libffi-dev have_header ffi.h
    need libcmocka-dev cmocka_header
    need libpng-dev have_header png.h
    need python3 have_program python3
    need python3-numpy have_numpy
    want clang-19 have_program clang-19
    want libclang-rt-19-dev have_compiler_rt
    want lld-19 have_program ld.lld-19
    want qemu-user have_program qemu-aarch64
    want gcc-aarch64-linux-gnu have_program aarch64-linux-gnu-gcc
    want libc6-dev-arm64-cross test -e /usr/aarch64-linux-gnu/include/stdio.h
    want gcc-riscv64-linux-gnu have_program riscv64-linux-gnu-gcc
    want libc6-dev-riscv64-cross test -e /usr/riscv64-linux-gnu/include/stdio.h
    want gdb have_program gdb
    want libmpfr-dev have_header mpfr.h
    want libomp-19-dev test -e /usr/lib/llvm-19/lib/libomp.so
    want libtbb-dev tbb_header
}

tbb_header() { echo '#include <tbb/task_arena.h>' | c++ -std=c++17 -E -x c++ - >/dev/null 2>&1; }

# cmocka.h needs four headers before it.
cmocka_header() {
    printf '#include <stdarg.h>\n#include <stddef.h>\n#include <stdint.h>\n#include <setjmp.h>\n#include <cmocka.h>\n' |
        cc -E -x c - >/dev/null 2>&1
}

report() {
    test -z "$missing" || echo "missing:$missing"
    test -z "$optional" || echo "missing, for some tests only:$optional"
}

as_root() {
    if test "$(id -u)" -eq 0; then
        "$@"
    else
        sudo -n "$@"
    fi
}

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
}

say_by_hand() {
    echo "These packages are missing (names as on Debian):$missing$optional"
    echo "Please install them; $1."
}

install_missing() {
    if ! have_program apt-get; then
        say_by_hand "there is no apt-get here to do it with"
        return
    fi
    if test "$(id -u)" -ne 0 && ! sudo -n true 2>/dev/null; then
        say_by_hand "this needs root, or sudo without a password"
        return
    fi
    echo "installing:$missing$optional"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
    # shellcheck disable=SC2086
    if test -n "$missing"; then apt_install $missing || true; fi
    # shellcheck disable=SC2086
    if test -n "$optional" && ! apt_install $optional; then
        for package in $optional; do
            apt_install "$package" || echo "$package: not available here"
        done
    fi
}

look
case ${1:-check} in
check)
    report
    ;;
install)
    if test -n "$missing$optional"; then
        install_missing
        look
        report
    else
        echo "everything that kc needs is installed"
    fi
    ;;
*)
    echo "usage: packaging/deps.sh check|install" >&2
    exit 2
    ;;
esac
test -z "$missing"
