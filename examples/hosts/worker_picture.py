"""Draws the table that worker.c prints: python3 worker_picture.py worker.csv worker.svg"""
import csv
import sys

WIDTH, PANEL, LEFT, RIGHT, TOP, GAP = 760, 170, 70, 110, 40, 46
COLOURS = {"resident_kib": "#3b6fb6", "p50_us": "#3b8f5c", "p99.9_us": "#c0562f"}
PANELS = (
    ("resident memory, KiB", ("resident_kib",), {"resident_kib": "resident"}),
    ("time of a batch, microseconds", ("p50_us", "p99.9_us"), {"p50_us": "median", "p99.9_us": "99.9 %"}),
)


def nice_limit(value):
    """The next of 1, 2, 3, 5 times a power of ten."""
    power = 10 ** (len(str(int(value))) - 1)
    return next(k * power for k in (1, 2, 3, 5, 10) if k * power >= value)


def text(x, y, words, anchor="start", colour="#333"):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{words}</text>'


def axes(top, limit, batches, title):
    """The frame of a panel, its title, and lines at zero, half and the limit."""
    rows = [text(LEFT, top - 10, title)]
    for share in (0, 0.5, 1):
        y = top + PANEL * (1 - share)
        rows.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        rows.append(text(LEFT - 8, y + 4, f"{limit * share:g}", "end"))
    for share in (0, 0.5, 1):
        x = LEFT + (WIDTH - LEFT - RIGHT) * share
        rows.append(text(x, top + PANEL + 17, f"{batches * share:,.0f}", "middle"))
    return rows


def curve(table, column, top, limit, batches, name):
    points = []
    for row in table:
        x = LEFT + (WIDTH - LEFT - RIGHT) * row["batches"] / batches
        points.append(f"{x:.1f},{top + PANEL * (1 - row[column] / limit):.1f}")
    y = float(points[-1].split(",")[1])
    colour = COLOURS[column]
    return [f'<polyline points="{" ".join(points)}" fill="none" stroke="{colour}" stroke-width="1.6"/>',
            text(WIDTH - RIGHT + 8, y + 4, name, colour=colour)]


def picture(table):
    height = TOP + len(PANELS) * (PANEL + GAP)
    rows = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            'font-family="sans-serif" font-size="12">',
            f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>']
    batches = table[-1]["batches"]
    for i, (title, columns, names) in enumerate(PANELS):
        top = TOP + i * (PANEL + GAP)
        limit = nice_limit(max(row[column] for row in table for column in columns))
        rows += axes(top, limit, batches, title)
        for column in columns:
            rows += curve(table, column, top, limit, batches, names[column])
    rows.append(text((LEFT + WIDTH - RIGHT) / 2, height - 8, "batches", "middle"))
    return "\n".join(rows + ["</svg>", ""])


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        table = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        file.write(picture(table))


if __name__ == "__main__":
    main()
