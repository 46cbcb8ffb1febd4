"""The machines that run tests can be compiled for: this one at several widths, others under qemu."""

import glob
import os
import platform
from dataclasses import dataclass

from runner.core import ROOT, have, run

WIDTHS = ("x86-64", "avx2", "avx512")


@dataclass(frozen=True)
class Cross:
    name: str
    triple: str
    gcc: str
    qemu: tuple
    march: str = ""

    @property
    def missing(self):
        absent = [program for program in (self.gcc, self.qemu[0]) if not have(program)]
        return " and ".join(absent)


CROSSES = (
    Cross("aarch64", "aarch64-linux-gnu", "aarch64-linux-gnu-gcc", ("qemu-aarch64",)),
    Cross("riscv64", "riscv64-linux-gnu", "riscv64-linux-gnu-gcc", ("qemu-riscv64",)),
    Cross("sve2", "aarch64-linux-gnu", "aarch64-linux-gnu-gcc", ("qemu-aarch64", "-cpu", "max"), "sve2"),
    Cross("rvv", "riscv64-linux-gnu", "riscv64-linux-gnu-gcc", ("qemu-riscv64", "-cpu", "rv64,v=true"), "rvv"),
)

# A cpuinfo flag that stands for each width; those of AVX-512 that servers have come together.
CPU_FLAGS = {"x86-64": "sse2", "avx2": "avx2", "avx512": "avx512vl"}


def cpu_flags():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            for row in file:
                if row.startswith("flags"):
                    return set(row.split(":")[1].split())
    except OSError:
        pass
    return set()


def runnable_widths(settings):
    """The -march values this processor can run, as the compiler or else the kernel tells."""
    def ask():
        if platform.machine() != "x86_64":
            return []
        asked = run(settings, [settings.kc, "targets", "--runnable"])
        names = set(asked.out.split()) if asked.status == 0 else set()
        if names.intersection(WIDTHS):
            return [width for width in WIDTHS if width in names]
        flags = cpu_flags()
        return [width for width in WIDTHS if CPU_FLAGS[width] in flags]
    return settings.once("widths", ask)


def is_more_than_widths():
    """Whether vectors of this processor can do what those of the widest width cannot: look up bytes."""
    return platform.machine() == "x86_64" and "avx512vbmi" in cpu_flags()


def cross_runtime(settings, cross):
    """libkcrt for another machine: (path, problem)."""
    def build():
        folder = settings.temp_folder()
        sources = sorted(glob.glob(os.path.join(ROOT, "runtime", "*.c")))
        compiled = run(settings, [cross.gcc, "-std=c11", "-O2", "-D_POSIX_C_SOURCE=200809L",
                                  "-I" + ROOT, "-I" + os.path.join(ROOT, "runtime"), "-c", *sources], cwd=folder)
        if compiled.status != 0:
            return "", "the runtime does not compile: " + compiled.describe()
        archive = os.path.join(folder, "libkcrt.a")
        objects = sorted(glob.glob(os.path.join(folder, "*.o")))
        archived = run(settings, ["ar", "rcs", archive, *objects])
        return archive, "" if archived.status == 0 else archived.describe()
    return settings.once(("runtime", cross.name), build)
