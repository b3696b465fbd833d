"""Signs that stand for words: ticks, crosses and dots, and the legend that says what they mean."""

import re
from collections.abc import Mapping, Sequence

from knowledge.documents.blocks import Block, Row, plain

YES = "✅✓✔☑🗸🗹🟢👍●◉⬤■"
NO = "❌✗✘✖☒🗴🗵🗶🗷🔴🚫⛔👎○◯✕×□"
PARTLY = "🟡🟠◐◑◒◓⚠☐⚪🔶"
DASHES = {"—", "–", "-", "--", "---", "−"}
MARK = re.compile(rf"^([{YES}{NO}{PARTLY}])\ufe0f?\s*")
LEGEND = re.compile(
    rf"([{YES}{NO}{PARTLY}—])\ufe0f?\s*(?:[=:–-]\s*)?([^{YES}{NO}{PARTLY}·•|;\n—]+)"
)
EQUALS = re.compile(rf"([{YES}{NO}{PARTLY}—])\ufe0f?\s*=\s*([^.;,·•|\n=]+)")


def legend(blocks: Sequence[Block]) -> dict[str, str]:
    """What the signs of a document's tables mean, if it says so of at least two."""
    found: dict[str, str] = {}
    for block in blocks:
        if block.rows or block.level or block.code or not LEGEND.search(block.text):
            continue
        text = re.sub(r"(?i)^.*?\b(?:legend|key|signs?|symbols?)\b[^:\n]*:\s*", "", block.text)
        pairs = LEGEND.findall(text) if LEGEND.match(text) else EQUALS.findall(text)
        for mark, meaning in pairs:
            meaning = plain(re.split(r"[;.]", meaning)[0])
            if meaning and mark not in found:
                found[mark] = meaning
    return found if len(found) > 1 else {}


def ticks_of(rows: Sequence[Row]) -> set[str]:
    """The signs that cells begin with, and "+" where some are nothing but pluses."""
    cells = [cell for row in rows for cell in row.cells]
    ticks = {mark for cell in cells for mark in MARK.findall(cell)}
    return ticks | {"+" for cell in cells if cell and not cell.strip("+")}


def worded(cell: str, ticks: set[str], meaning: Mapping[str, str]) -> str:
    """A cell with its sign in words: by what a legend says of it, else yes, no and partly.

    `ticks` are the signs of the whole table. Beside pluses a dash is a minus.
    """
    cell = plain(cell)
    if cell in ("—", "–") and "—" in meaning:
        return meaning["—"]
    if cell in DASHES and "+" not in ticks:
        shut = ticks and not any(mark in NO for mark in ticks)
        return "No" if shut and cell in ("--", "-", "–") else "not stated"
    match = MARK.match(cell)
    if not match:
        return cell
    mark, rest = match[1], cell[match.end() :].lstrip(",:;– ")
    usual = "Yes" if mark in YES else "No" if mark in NO else "Partly"
    word = meaning.get(mark, usual)
    footnote = re.match(r"[⁰¹²³⁴-⁹*†]+", rest)
    if footnote:
        word, rest = word + footnote[0], rest[footnote.end() :].strip()
    return f"{word}, {rest}" if rest else word
