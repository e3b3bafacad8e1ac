"""Plots as SVG text, with nothing but the standard library."""

from html import escape
from math import ceil, floor, log10

WIDTH, HEIGHT = 760, 400
LEFT, RIGHT, TOP, BOTTOM = 90, 210, 44, 56
COLOURS = ("#0b6e99", "#c0392b", "#7d8597", "#2e8b57", "#b8860b", "#6a4c93", "#444444")
STYLE = (
    "text{font:13px sans-serif;fill:#333}.title{font-size:15px;font-weight:bold}.grid{stroke:#ddd}"
    ".line{fill:none;stroke-width:2}svg{background:#fff}"
)


def short(value):
    for unit, name in ((1e6, "M"), (1e3, "k")):
        if value >= unit:
            return f"{value / unit:g}{name}"
    return f"{value:g}"


class Scale:
    """Decades of the values to a range of pixels."""

    def __init__(self, values, start, end):
        self.low = floor(log10(min(values)))
        self.high = max(ceil(log10(max(values))), self.low + 1)
        self.start, self.end = start, end

    def at(self, value):
        return self.start + (log10(value) - self.low) / (self.high - self.low) * (self.end - self.start)

    def ticks(self):
        return [10.0**power for power in range(self.low, self.high + 1)]


def frame(title, x_label, y_label, parts):
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
            f"<title>{escape(title)}</title><style>{STYLE}</style>",
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
            f'<text class="title" x="{LEFT}" y="24">{escape(title)}</text>',
            f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 14}" text-anchor="middle">{escape(x_label)}</text>',
            f'<text transform="translate(18 {(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" text-anchor="middle">'
            f"{escape(y_label)}</text>",
            *parts,
            "</svg>\n",
        ]
    )


def y_grid(scale):
    for tick in scale.ticks():
        y = scale.at(tick)
        yield f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{short(tick)}</text>'


def legend(names):
    for i, name in enumerate(names):
        y = TOP + 12 + 20 * i
        yield f'<rect x="{WIDTH - RIGHT + 16}" y="{y - 9}" width="12" height="12" fill="{COLOURS[i % len(COLOURS)]}"/>'
        yield f'<text x="{WIDTH - RIGHT + 34}" y="{y + 1}">{escape(name)}</text>'


def lines(title, x_label, y_label, series):
    """`series`: {name: {x: (median, min, max)}}; both axes are logarithmic."""
    points = [(x, value) for one in series.values() for x, values in one.items() for value in values]
    if not points:
        return None
    x_scale = Scale([x for x, _ in points], LEFT + 12, WIDTH - RIGHT - 12)
    y_scale = Scale([y for _, y in points], HEIGHT - BOTTOM, TOP)
    parts = list(y_grid(y_scale))
    for tick in sorted({x for x, _ in points}):
        parts.append(f'<text x="{x_scale.at(tick):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{tick:,}</text>')
    for i, one in enumerate(series.values()):
        colour = COLOURS[i % len(COLOURS)]
        path = " ".join(f"{x_scale.at(x):.1f},{y_scale.at(v[0]):.1f}" for x, v in sorted(one.items()))
        parts.append(f'<polyline class="line" stroke="{colour}" points="{path}"/>')
        for x, (median, low, high) in sorted(one.items()):
            at = x_scale.at(x)
            parts.append(f'<line stroke="{colour}" x1="{at:.1f}" x2="{at:.1f}" y1="{y_scale.at(low):.1f}" y2="{y_scale.at(high):.1f}"/>')
            parts.append(f'<circle cx="{at:.1f}" cy="{y_scale.at(median):.1f}" r="4" fill="{colour}"/>')
    return frame(title, x_label, y_label, parts + list(legend(series)))


def bars(title, y_label, groups, names):
    """`groups`: {label: [value of each name]}; the axis is logarithmic."""
    values = [v for group in groups.values() for v in group if v]
    if not values:
        return None
    scale = Scale([min(values) / 2, max(values)], HEIGHT - BOTTOM, TOP)
    parts = list(y_grid(scale))
    step = (WIDTH - RIGHT - LEFT) / len(groups)
    width = step * 0.8 / len(names)
    for g, (label, group) in enumerate(groups.items()):
        x = LEFT + g * step + step * 0.1
        for i, value in enumerate(group):
            if value:
                y = scale.at(value)
                parts.append(
                    f'<rect x="{x + i * width:.1f}" y="{y:.1f}" width="{width * 0.9:.1f}"'
                    f' height="{HEIGHT - BOTTOM - y:.1f}" fill="{COLOURS[i % len(COLOURS)]}"/>'
                )
        middle = LEFT + (g + 0.5) * step
        parts.append(f'<text x="{middle:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{escape(label)}</text>')
    return frame(title, "", y_label, parts + list(legend(names)))
