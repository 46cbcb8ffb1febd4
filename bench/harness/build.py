"""Builds each kernel file by kc and by the compilers that it is measured against.

The C side is one plain C file. `-ffast-math` is given when compiling and not when linking: there gcc would
add start-up code that makes the whole process flush subnormal numbers, kc's kernels included.
"""
import concurrent.futures
import ctypes
import os
import subprocess

from harness.catalogue import TYPES

HERE = os.path.dirname(os.path.abspath(__file__))
KERNELS = os.path.join(os.path.dirname(HERE), "kernels")
C_ARCH = {"native": ["-march=native"], "x86-64-v2": ["-march=x86-64-v2"], "avx2": ["-march=x86-64-v3"],
          "avx512": ["-march=x86-64-v4", "-mprefer-vector-width=512"]}
REMARKS = ["-Rpass=loop-vectorize|slp-vectorizer", "-Rpass-missed=loop-vectorize",
           "-Rpass-analysis=loop-vectorize"]
OTHERS = ["gcc", "gcc fast", "clang", "clang fast", "scalar", "g++"]
NO_VECTORS = ["-fno-vectorize", "-fno-slp-vectorize"]

# The same file as C++, for g++ as people call it: -O3 and nothing else.
CXX_WRAPPER = """#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#define restrict __restrict
extern "C" {{
#include "{source}"
}}
"""

GLUE_HEAD = """/* Calls the kernels of {file} many times. */
#define _POSIX_C_SOURCE 200809L
#include <stdint.h>
#include <time.h>
#include "{file}.h"

/* What was in the upper halves of registers before slows down code for older processors. */
#ifdef __AVX__
#define LEAVE_WIDE_REGISTERS __asm__ volatile("vzeroupper")
#else
#define LEAVE_WIDE_REGISTERS ((void)0)
#endif
"""

GLUE = """
void {symbol}(void (*address_)(void), void **array_, const int64_t *size_, int64_t calls_, double *result_,
              double *seconds_) {{
    __typeof__({function}) *kernel_ = (__typeof__({function}) *)address_;
    struct timespec from_, to_;
    double value_ = 0;
    (void)array_, (void)size_;
{names}
    LEAVE_WIDE_REGISTERS;
    clock_gettime(CLOCK_MONOTONIC, &from_);
    for (int64_t i_ = 0; i_ < calls_; i_++) {{
        {call}
        __asm__ volatile("" ::: "memory");
    }}
    clock_gettime(CLOCK_MONOTONIC, &to_);
    *result_ = value_;
    *seconds_ = (double)(to_.tv_sec - from_.tv_sec) + 1e-9 * (double)(to_.tv_nsec - from_.tv_nsec);
}}
"""


class BuildError(Exception):
    pass


def sh(command):
    """What the command wrote to standard error."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise BuildError(f"{' '.join(command)}\n{done.stderr.strip()}")
    return done.stderr


def symbol_of(kernel):
    return "time_" + kernel.name.replace("/", "_")


def glue_of(kernel):
    names = [f"    int64_t {name} = size_[{i}]; (void){name};" for i, name in enumerate(kernel.sizes)]
    names += [f"    {TYPES[a.type][0]} *{a.name} = array_[{i}];" for i, a in enumerate(kernel.arrays)]
    call = kernel.call.replace(kernel.function + "(", "kernel_(", 1)
    call = f"value_ = (double){call};" if kernel.returns else f"{call};"
    if kernel.ramp:
        size = kernel.ramp
        call = f"for (int64_t ramp_ = 1; ramp_ <= size_[0]; ramp_++) {{ int64_t {size} = ramp_; {call} }}"
    return GLUE.format(symbol=symbol_of(kernel), function=kernel.function, names="\n".join(names), call=call)


class Built:
    """The libraries of one kernel file, by competitor's name, kc first; and kc's in the mode `fast`."""

    def __init__(self):
        self.libraries, self.fast, self.glue, self.remarks = {}, None, None, ""

    def libraries_of(self, kernel):
        return {**self.libraries, "kc": self.fast} if kernel.fast else self.libraries


class Builder:
    def __init__(self, options, others):
        self.options, self.folder = options, options.out
        os.makedirs(self.folder, exist_ok=True)
        arch = C_ARCH[options.march]
        compilers = {"gcc": (options.cc, arch), "gcc fast": (options.cc, arch + ["-ffast-math"]),
                     "clang": (options.clang, arch), "clang fast": (options.clang, arch + ["-ffast-math"]),
                     "scalar": (options.clang, arch + NO_VECTORS), "g++": (options.cxx, [])}
        self.others = {name: compilers[name] for name in others}

    def path(self, name):
        return os.path.join(self.folder, name)

    def build(self, file, kernels):
        """Everything about one file: competitors, and the glue that calls its `kernels`."""
        built = Built()
        built.libraries["kc"] = self.build_kc(file, file, [])
        if any(kernel.fast for kernel in kernels):
            built.fast = self.build_kc(file, file + ".fast", ["--fp=fast"])
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(lambda name: self.build_other(file, name, built), self.others))
        built.libraries = {name: built.libraries[name] for name in ["kc", *self.others]}
        built.glue = self.build_glue(file, kernels)
        return built

    def build_kc(self, file, name, flags):
        compiled, library = self.path(name + ".o"), self.path(name + ".kc.so")
        sh([self.options.kc, "build", os.path.join(KERNELS, file + ".k"), f"-march={self.options.march}", *flags,
            "-o", compiled])
        sh([self.options.cc, "-shared", "-Wl,-Bsymbolic", "-o", library, compiled, self.options.runtime, "-lpthread"])
        return library

    def build_other(self, file, name, built):
        compiler, flags = self.others[name]
        base = self.path(f"{file}.{name.replace(' ', '-')}")
        source, standard = os.path.join(KERNELS, file + ".c"), "-std=gnu17"
        if name == "g++":
            with open(base + ".cpp", "w") as out:
                out.write(CXX_WRAPPER.format(source=source))
            source, standard = base + ".cpp", "-std=gnu++17"
        wants_remarks = REMARKS if name == "clang fast" else []
        text = sh([compiler, standard, "-O3", *flags, *wants_remarks, "-fPIC", "-fno-semantic-interposition", "-c",
                   "-o", base + ".o", source])
        sh([self.options.cc, "-shared", "-Wl,-Bsymbolic", "-o", base + ".so", base + ".o", "-lm"])
        built.libraries[name] = base + ".so"
        if wants_remarks:
            built.remarks = text

    def build_glue(self, file, kernels):
        source, library = self.path(file + ".glue.c"), self.path(file + ".glue.so")
        with open(source, "w") as out:
            out.write(GLUE_HEAD.format(file=file))
            out.writelines(glue_of(kernel) for kernel in kernels)
        sh([self.options.cc, "-std=gnu17", "-O1", *C_ARCH[self.options.march], "-shared", "-fPIC", "-I", self.folder,
            "-o", library, source])
        return library

    def build_support(self):
        library = self.path("support.so")
        compiler = self.options.clang if "clang" in self.others else self.options.cc
        sh([compiler, "-std=gnu17", "-O3", *C_ARCH[self.options.march], "-Wno-psabi", "-shared", "-fPIC",
            "-o", library, os.path.join(HERE, "support.c")])
        return ctypes.CDLL(library)
