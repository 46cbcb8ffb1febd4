"""The table: one line a kernel, a summary of each group, and the same as CSV."""
import csv
import statistics

from harness.measure import Ratio
from harness.memory import STREAMS

FAST = ["gcc", "gcc fast", "clang", "clang fast", "numpy"]  # what `best` is the best of
ORDERED = ["gcc", "clang"]  # ... where the order of operations is part of the result
SHOWN = ["gcc", "gcc fast", "clang", "clang fast", "scalar", "g++", "numpy"]


class Row:
    """What was measured about one kernel."""

    def __init__(self, kernel, samples, wrong, vectors):
        self.kernel, self.wrong, self.vectors = kernel, wrong, vectors
        self.median = {name: statistics.median(values) for name, values in samples.items()}
        self.best = {name: min(values) for name, values in samples.items()}
        self.ratios = {name: Ratio(values, samples["kc"]) for name, values in samples.items() if name != "kc"}

    def is_right(self):
        return "kc" not in self.wrong

    def rival(self):
        """Whom the kernel is measured against: the fastest whose results are right, or the group's choice."""
        if self.kernel.group.against != "best":
            return self.kernel.group.against
        names = ORDERED if self.kernel.ordered else FAST
        return min((name for name in names if name in self.median and name not in self.wrong), key=self.median.get)

    def bar(self):
        return self.ratios[self.rival()]

    def gigabytes(self):
        return self.kernel.bytes / self.median["kc"] / 1e9

    def share_of_bandwidth(self):
        """The best time of a stream of as many bytes, over kc's; None in cache."""
        streams = [self.best[name] for name in STREAMS if name in self.best]
        return min(streams) / self.best["kc"] if streams else None


def time_text(seconds):
    for unit, factor in (("ns", 1e9), ("µs", 1e6), ("ms", 1e3)):
        if seconds * factor < 1000 or unit == "ms":
            return f"{seconds * factor:.3g} {unit}" if seconds * factor < 100 else f"{seconds * factor:.0f} {unit}"


def ratio_text(row, name):
    if name not in row.ratios:
        return ""
    text = f"{row.ratios[name].value:.2f}"
    return f"({text})" if name in row.wrong else text


def rate_text(row):
    parts = []
    if row.kernel.bytes:
        parts.append(f"{row.gigabytes():.1f} GB/s")
    if row.share_of_bandwidth():
        parts.append(f"{100 * row.share_of_bandwidth():.0f} % of memory")
    if row.kernel.flops:
        parts.append(f"{row.kernel.flops / row.median['kc'] / 1e9:.1f} GFLOP/s")
    return ", ".join(parts)


def width_text(bits):
    return str(bits) if bits else "–"


def vector_text(vectors):
    return f"{width_text(vectors['kc'])} / {width_text(vectors['clang fast'])} {vectors['remark']}"


COLUMNS = [("kernel", 20), ("kc", 8), ("**bar**", 8), ("±", 5), *((name, max(6, len(name))) for name in SHOWN),
           ("vector kc / clang", 17), ("rate", 0)]


def line(cells):
    padded = [cell.ljust(width) if i in (0, len(cells) - 2, len(cells) - 1) else cell.rjust(width)
              for i, (cell, (_, width)) in enumerate(zip(cells, COLUMNS))]
    return "| " + " | ".join(padded) + " |"


def print_group_head(group):
    print(f"\n### {group.title}\n")
    print(line([name for name, _ in COLUMNS]))
    print(line(["-" * max(3, width) if i in (0, len(COLUMNS) - 2, len(COLUMNS) - 1) else "-" * (max(3, width) - 1) + ":"
                for i, (_, width) in enumerate(COLUMNS)]), flush=True)


def print_row(row):
    bar = row.bar()
    print(line([row.kernel.name, time_text(row.median["kc"]), f"**{bar.value:.2f}**", f"{100 * bar.spread:.0f}%",
                *(ratio_text(row, name) for name in SHOWN), vector_text(row.vectors), rate_text(row)]))
    for name, text in row.wrong.items():
        if name == "kc":
            print(f"\n{row.kernel.name}: kc's result differs from gcc's: {text}\n")
    print(end="", flush=True)


def print_failure(name, text):
    print(f"\n{name}: {text}\n", flush=True)


# ---- Summaries -----------------------------------------------------------------------------------

def print_summary(rows):
    """A line for each group, in the order of the catalogue, and one for all groups of a family (`hard-...`)."""
    print("\n### Groups\n")
    print("| group           | kernels | against | geometric mean | least |  aim | below aim | vectorised: kc "
          "| clang fast |")
    print("| --------------- | ------: | ------- | -------------: | ----: | ---: | --------: | -------------: "
          "| ---------: |")
    groups = {}
    for row in rows:
        family = row.kernel.group.name.split("-")
        for name in {row.kernel.group.name, family[0] + "-*" if len(family) > 1 else row.kernel.group.name}:
            groups.setdefault(name, []).append(row)
    for name in sorted(groups, key=lambda name: name.endswith("*")):
        print(group_line(name, groups[name]))


def group_line(name, members):
    group, bars = members[0].kernel.group, [row.bar().value for row in members]
    return (f"| {name:15} | {len(members):7} | {group.against:7} | {statistics.geometric_mean(bars):14.2f} "
            f"| {min(bars):5.2f} | {group.aim:4g} | {sum(bar < group.aim for bar in bars):9} "
            f"| {sum(row.vectors['kc'] > 0 for row in members):14} "
            f"| {sum(row.vectors['remark'] != 'no' for row in members):10} |")


def print_worst(rows, count):
    print(f"\n### The {count} furthest behind\n")
    worst = sorted((row for row in rows), key=lambda row: row.bar().value)[:count]
    for row in worst:
        print(f"- {row.kernel.name}: {row.bar().value:.2f} of {row.rival()}; vector {vector_text(row.vectors)}")


def print_streams(streams):
    parts = [f"{name} {rate:.1f}" for name, rate in streams.items()]
    print("Memory, in GB/s of 64 MiB arrays (nt: with non-temporal stores): " + ", ".join(parts))


# ---- CSV -----------------------------------------------------------------------------------------

CSV_HEAD = (["group", "kernel", "against", "rival", "bar", "bar_spread", "kc_ns"]
            + [f"{name.replace(' ', '_')}_{what}" for name in SHOWN for what in ("ratio", "spread", "best_ratio")]
            + ["kc_bits", "gcc_fast_bits", "clang_fast_bits", "clang_remark", "clang_reason", "gb_per_s",
               "share_of_bandwidth", "gflop_per_s", "wrong"])


def csv_cells(row):
    cells = [row.kernel.group.name, row.kernel.name, row.kernel.group.against, row.rival(),
             f"{row.bar().value:.4f}", f"{row.bar().spread:.4f}", f"{1e9 * row.median['kc']:.2f}"]
    for name in SHOWN:
        ratio = row.ratios.get(name)
        cells += ([f"{ratio.value:.4f}", f"{ratio.spread:.4f}", f"{row.best[name] / row.best['kc']:.4f}"]
                  if ratio else ["", "", ""])
    share = row.share_of_bandwidth()
    return cells + [row.vectors["kc"], row.vectors["gcc fast"], row.vectors["clang fast"], row.vectors["remark"],
                    row.vectors["reason"], f"{row.gigabytes():.2f}" if row.kernel.bytes else "",
                    f"{share:.3f}" if share else "",
                    f"{row.kernel.flops / row.median['kc'] / 1e9:.2f}" if row.kernel.flops else "",
                    "; ".join(f"{name}: {text}" for name, text in row.wrong.items())]


def write_csv(path, rows):
    with open(path, "w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(CSV_HEAD)
        writer.writerows(csv_cells(row) for row in rows)
