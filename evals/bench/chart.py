"""The figures as one SVG: bars of the first token p50 with whiskers to p95, and growth below.

It stands alone: no script, no font or picture from elsewhere; colours follow the reader's scheme.
"""

from collections.abc import Iterator, Sequence
from html import escape

from evals.bench.figures import Contender, Figures

WIDTH, LEFT, SCALE, ROW, BAR = 860, 130, 400, 34, 18  # SCALE is the width of the longest bar
STYLE = """
    text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: #57606a }
    .title { font-size: 15px; font-weight: 600; fill: #1f2328 }
    .told { font-size: 12px }
    .name { text-anchor: end; fill: #1f2328 }
    .ground { fill: #ffffff }
    .bar { fill: #8c959f }
    .ours { fill: #0969da }
    .whisker { stroke: #1f2328; stroke-width: 1.5; fill: none }
    @media (prefers-color-scheme: dark) {
      text { fill: #9aa4af }
      .title, .name { fill: #e6edf3 }
      .ground { fill: #0d1117 }
      .bar { fill: #6e7681 }
      .ours { fill: #4493f8 }
      .whisker { stroke: #e6edf3 }
    }
"""


def chart(figures: Figures) -> str:
    """The SVG's text."""
    config = figures.config
    runs = f"{config['model']}, {config['threads']} threads"
    drawn = [_text(24, 28, f"Seconds to the first token, median and 95th percentile ({runs})")]
    drawn += _bars(figures.contenders, 48, False)
    height = 48 + ROW * len(figures.contenders)
    if figures.growth:
        drawn.append(_text(24, height + 32, "The same as the comparison grows"))
        drawn += _bars(figures.growth, height + 52, True)
        height += 52 + ROW * len(figures.growth)
    rows = [(each, False) for each in figures.contenders]
    rows += [(each, True) for each in figures.growth]
    said = escape(". ".join(f"{each.name}: {_told(each, grown)}" for each, grown in rows))
    box = f'viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="t d"'
    return f"""<svg xmlns="http://www.w3.org/2000/svg" {box}>
  <title id="t">Time to the first token</title>
  <desc id="d">{said}</desc>
  <style>{STYLE}  </style>
  <rect class="ground" width="{WIDTH}" height="{height}" rx="8"/>
{chr(10).join(drawn)}
</svg>
"""


def _told(each: Contender, grown: bool) -> str:
    """A row in words; of a generated comparison also what indexing it took."""
    if each.first_token_p50_s is None or each.first_token_p95_s is None:
        return each.missing or "not measured"
    told = f"{each.first_token_p50_s:.2f} s, p95 {each.first_token_p95_s:.2f} s"
    if grown and each.start_cold_s:
        told += f"; indexed in {each.start_cold_s / 60:.1f} min"
    return told + (f"; {each.peak_mib:,.0f} MiB" if each.peak_mib else "")


def _bars(rows: Sequence[Contender], top: int, grown: bool) -> Iterator[str]:
    ends = [value for each in rows for value in (each.first_token_p50_s, each.first_token_p95_s)]
    unit = SCALE / max((end for end in ends if end), default=1.0)
    for i, each in enumerate(rows):
        y, middle = top + ROW * i, top + ROW * i + BAR / 2
        p50 = (each.first_token_p50_s or 0.0) * unit
        p95 = max(p50, (each.first_token_p95_s or 0.0) * unit)
        ours = " ours" if each.name == "ours" or (grown and not each.name.endswith("plain")) else ""
        yield _text(LEFT - 10, middle + 4.5, each.name, "name")
        yield f'  <rect class="bar{ours}" x="{LEFT}" y="{y}" width="{p50:.1f}" height="{BAR}"/>'
        if p95:
            line = f"M{LEFT + p50:.1f} {middle}H{LEFT + p95:.1f}m0 -5v10"
            yield f'  <path class="whisker" d="{line}"/>'
        yield _text(LEFT + p95 + 10, middle + 4.5, _told(each, grown), "told")


def _text(x: float, y: float, text: str, kind: str = "title") -> str:
    return f'  <text class="{kind}" x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>'
