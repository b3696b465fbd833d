"""What the page shows, as HTML made from values: the header, the messages, the evidence.

Whatever a person, a document or a model wrote is escaped here, and set on one line: Gradio takes
these strings as Markdown, in which a block of HTML lasts until the next blank line, so that
nothing within it is read as Markdown.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from agent.answer import Answer, Citation
from agent.conversation import Turn
from agent.trust import Evaluation, Figure
from knowledge.comparison import Comparison, Kind, Passage, sentences

MAX_SHOWN_CHARS = 4000  # of a question
MAX_REFUSED_CHARS = 300  # of one that was refused, perhaps for its length

KINDS: dict[Kind, str] = {
    "introduction": "Introduction",
    "dimension": "Table row",
    "analysis": "Analysis",
    "best-for": "Use case",
    "bottom-line": "Bottom line",
}


def header(comparison: Comparison) -> str:
    """The title, what the page is for, and how old the comparison is."""
    as_of = f'<p class="as-of">As of {text(comparison.as_of)}</p>' if comparison.as_of else ""
    return (
        f'<div class="masthead"><h1>{text(comparison.title)}</h1>'
        "<p>Which one this comparison recommends for your case, and the passages that say so.</p>"
        f"{as_of}</div>"
    )


def welcome() -> str:
    """What stands in the chat before the first question."""
    return (
        '<div class="welcome"><p>What are you choosing for?</p>'
        "<p>Describe your case, or ask what the comparison says. "
        "Every number in an answer opens the passage it rests on.</p></div>"
    )


def example_question(comparison: Comparison, use_case: Passage) -> str:
    """A question about `use_case`, its heading set as the rest of the sentence.

    A word keeps its capital if it has others, or stands with it inside a sentence somewhere.
    """
    prose = " ".join(passage.text for passage in comparison.passages)
    names = set(re.findall(r"(?<=[a-z,;] )[A-Z][a-z]+\b", prose))

    def lowered(word: re.Match[str]) -> str:
        return word[0] if word[0] in names else word[0].lower()

    heading = re.sub(r"\b[A-Z][a-z]+\b", lowered, use_case.heading)
    return f"Which should we choose for {heading}?"


def question(turn: Turn) -> str:
    """The person's message."""
    asked = turn.question.strip()
    limit = MAX_REFUSED_CHARS if turn.refused else MAX_SHOWN_CHARS
    cut = "…" if len(asked) > limit else ""
    return f'<div class="question">{text(asked[:limit])}{cut}</div>'


def answer(turn: Turn, comparison: Comparison) -> str:
    """The advisor's message: the verdict, the prose with its citations, and the note."""
    if not (given := turn.answer):
        return f'<div class="answer">{_note(turn)}</div>'
    headings = {passage.number: passage.heading for passage in _passages(given, comparison)}
    paragraphs = "".join(
        f"<p>{_linked(paragraph, headings)}</p>"
        for paragraph in re.split(r"\n\s*\n", given.text)
        if paragraph.strip()
    )
    if not turn.running:
        paragraphs += _beside(given, comparison, headings)
    copy = "" if turn.running else '<button class="copy" type="button">Copy</button>'
    return f'<div class="answer">{_badge(given, comparison)}{paragraphs}{_note(turn)}{copy}</div>'


def _passages(given: Answer, comparison: Comparison) -> list[Passage]:
    """Those of an answer's evidence, and of what stands beside it."""
    found = [item.passage for item in given.evidence]
    beside = [citation.passage for _, said in given.beside for citation in said.citations]
    found += [comparison.passage(passage_id) for passage_id in beside]
    return list(dict.fromkeys(found))


def _beside(given: Answer, comparison: Comparison, headings: dict[int, str]) -> str:
    """What stands beside advice, folded, and how old its figures are."""
    parts = [
        f"<details><summary>{title}</summary><p>{_linked(said.text, headings)}</p></details>"
        for title, said in given.beside
    ]
    if comparison.as_of and given.has_figures:
        parts.append(f'<p class="dated">Figures are as of {text(comparison.as_of)}.</p>')
    return "".join(parts)


def evidence(turns: Sequence[Turn], comparison: Comparison) -> str:
    """A card for each passage of the newest answer's evidence, and those of earlier answers."""
    title = "<h2>Evidence</h2>"
    answers = [turn.answer for turn in reversed(turns) if turn.answer]
    if not answers:
        hint = "The passages that an answer rests on will stand here."
        return f'<section>{title}<p class="hint">{hint}</p></section>'
    seen: set[int] = set()
    current, *earlier = ("".join(_cards(given, comparison, seen)) for given in answers)
    if not current:
        current = '<p class="hint">No passage of the comparison covers this question.</p>'
    if "".join(earlier):
        heading = "<summary>Earlier in this conversation</summary>"
        current += f'<details class="earlier">{heading}{"".join(earlier)}</details>'
    return f"<section>{title}{current}</section>"


def trust(evaluation: Evaluation | None, config: Mapping[str, Any]) -> str:
    """What the last evaluation of this configuration found, folded under its first figure."""
    if not evaluation or not evaluation.figures:
        hint = "These settings have not been evaluated: <code>advisor eval</code> does it."
        return f'<p class="trust">{hint}</p>'
    first = evaluation.figures[0]
    rows = "".join(
        f"<tr><td>{text(each.label)}</td><td>{_share(each.value)}</td>"
        f"<td>{_interval(each)}</td><td>{each.n}</td></tr>"
        for each in evaluation.figures
    )
    hashes = "".join(
        f"<li>{text(name.removesuffix('_sha256'))} <code>{text(str(value)[:12])}</code></li>"
        for name, value in config.items()
        if name.endswith("_sha256")
    )
    return (
        '<details class="trust"><summary>How far to trust this: '
        f"{_share(first.value)} {text(first.label)} of {first.n} test questions</summary>"
        "<table><thead><tr><th></th><th>share</th><th>95 % interval</th><th>questions</th></tr>"
        f"</thead><tbody>{rows}</tbody></table>"
        f"<p>Evaluated on {text(evaluation.created[:10])} with questions that nothing was fitted "
        f"to, on just this:</p><ul>{hashes}</ul></details>"
    )


def _share(value: float) -> str:
    return f"{100 * value:.0f} %"


def _interval(figure: Figure) -> str:
    if figure.low is None or figure.high is None:
        return ""
    return f"{100 * figure.low:.0f} to {100 * figure.high:.0f} %"


def text(plain: str) -> str:
    """`plain` as one line of HTML that shows it and does nothing else."""
    return " ".join(escape(plain).split())


def _note(turn: Turn) -> str:
    if not turn.running:
        return f'<p class="note">{text(turn.note)}</p>' if turn.note else ""
    doing = turn.note or ("Writing" if turn.answer else "Reading the question")
    return f'<p class="note running">{text(doing)}</p>'


def _badge(given: Answer, comparison: Comparison) -> str:
    """The line above an answer that says what kind of answer it is."""
    decision = given.decision
    if decision.kind == "abstain":
        return '<p class="badge"><strong>Not covered by the comparison</strong></p>'
    if decision.verdict is None:
        return '<p class="badge"><strong>No recommendation asked</strong></p>'
    parts = [_verdict(decision.verdict, comparison)]
    if decision.confidence is not None:
        parts.append(f"<span>confidence {decision.confidence * 100:.0f} %</span>")
    if decision.use_case:
        parts.append(f"<span>{text(decision.use_case.heading)}</span>")
    return f'<p class="badge">{" ".join(parts)}</p>'


def _verdict(label: str, comparison: Comparison) -> str:
    """`label` in the colour of its place among the comparison's labels."""
    side = comparison.labels.index(label) if label in comparison.labels else 2
    return f'<strong class="verdict side-{side}">{text(label)}</strong>'


def _linked(paragraph: str, headings: dict[int, str]) -> str:
    """`paragraph` with its [n] as links to the cards of those passages that it has."""

    def link(found: re.Match[str]) -> str:
        number = int(found[1])
        if number not in headings:
            return found[0]
        title = f"Evidence {number}: {text(headings[number])}"
        return f'<a class="cite" href="#p-{number}" title="{title}">[{number}]</a>'

    lines = (text(line) for line in paragraph.splitlines() if line.strip())
    return re.sub(r"\[(\d{1,4})\]", link, "<br>".join(lines))


def _cards(given: Answer, comparison: Comparison, seen: set[int]) -> Iterable[str]:
    """The cards of an answer's evidence that are not in `seen` yet, cited ones first."""
    cited = {citation.number for citation in given.citations}
    beside = [citation for _, said in given.beside for citation in said.citations]
    passages = _passages(given, comparison)
    for passage in sorted(passages, key=lambda passage: passage.number not in cited):
        if passage.number not in seen:
            seen.add(passage.number)
            yield _card(passage, [*given.citations, *beside], comparison)


def _card(passage: Passage, citations: Iterable[Citation], comparison: Comparison) -> str:
    quotes = [c.quote for c in citations if c.number == passage.number]
    verdict = _verdict(passage.verdict, comparison) if passage.verdict else ""
    if len(passage.cells) == len(comparison.options):
        body = "".join(
            f'<div><dt class="side-{side}">{text(option)}</dt>'
            f"<dd>{_marked(cell, quotes)}</dd></div>"
            for side, (option, cell) in enumerate(
                zip(comparison.options, passage.cells, strict=True)
            )
        )
        body = f"<dl>{body}</dl>"
    else:
        paragraphs = passage.text.splitlines()
        body = "".join(f"<p>{_marked(part, quotes)}</p>" for part in paragraphs if part.strip())
    cited = " cited" if quotes else ""
    return (
        f'<article class="card{cited}" id="p-{passage.number}" tabindex="-1">'
        f'<p class="kind"><span>[{passage.number}]</span> {KINDS[passage.kind]}{verdict}</p>'
        f"<h3>{text(passage.heading)}</h3>{body}"
        '<button class="back" type="button">Back to the answer</button></article>'
    )


def _marked(plain: str, quotes: Iterable[str]) -> str:
    """`plain` as HTML, with `quotes` marked in it."""
    done, parts = 0, []
    for start, end in sorted(place for quote in quotes for place in _places(plain, quote)):
        if end > done:
            start = max(start, done)
            parts += [_spaced(plain[done:start]), f"<mark>{text(plain[start:end])}</mark>"]
            done = end
    return "".join([*parts, _spaced(plain[done:])])


def _places(plain: str, quote: str) -> Iterable[tuple[int, int]]:
    """Where `quote` stands in `plain`, however its words are spaced; else where its sentences do.

    The quote of a table row has the option before the cell: then the cell stands in the quote.
    """
    if found := _find(quote, plain):
        return [found]
    if _find(plain, quote):
        return [(0, len(plain))]
    return [place for sentence in sentences(quote) if (place := _find(sentence, plain))]


def _find(part: str, whole: str) -> tuple[int, int] | None:
    words = r"\s+".join(map(re.escape, part.split()))
    found = re.search(words, whole) if words else None
    return found.span() if found else None


def _spaced(part: str) -> str:
    """`text(part)`, still parted from what stands before and after it."""
    before = " " if part[:1].isspace() else ""
    after = " " if part[-1:].isspace() and part.strip() else ""
    return before + text(part) + after
