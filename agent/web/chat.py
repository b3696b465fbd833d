"""The chat as HTML made from values: questions, and answers with their decision, text and tools.

Whatever a person, a document or a model wrote is escaped here, and set on one line: Gradio takes
these strings as Markdown, in which a block of HTML lasts until the next blank line, so that
nothing within it is read as Markdown. It also takes out all data and aria attributes; what page.js
has to know stands in id, class, title and value, and what is quoted in a list that is not shown.
"""

import re
from collections.abc import Sequence
from html import escape
from itertools import groupby
from weakref import WeakKeyDictionary

from agent.answering.suggestions import Suggestion, suggestions
from agent.answering.types import Answer, Decision
from agent.conversations.conversation import Conversation, Turn
from agent.conversations.edition import EARLIER, opens
from agent.dialogue.case import Case
from agent.prompting.templates import fill
from agent.web.pages import page_path
from knowledge.comparison import Comparison, Pointer

MAX_SHOWN_CHARS = 4000  # of a question
MAX_LINKED_CHARS = 1000  # of a question in a link
MAX_REFUSED_CHARS = 300  # of one that was refused, perhaps for its length
# how sure a verdict is, in words: the least confidence for each
SURE = ((0.95, "Almost certain"), (0.85, "Very likely"), (0.7, "Likely"), (0.0, "Uncertain"))


def header(comparison: Comparison) -> str:
    """The title, what the page is for, how old it is, and a place for comparisons.js."""
    as_of = f'<p class="as-of">As of {text(comparison.as_of)}</p>' if comparison.as_of else ""
    return (
        f'<div class="masthead"><h1>{text(comparison.title)}</h1>'
        "<p>Which one this comparison recommends for your case, and the passages that say so.</p>"
        f'{as_of}</div><div id="comparisons"></div>'
    )


def welcome() -> str:
    """The chat before the first question."""
    return (
        '<div class="welcome"><p>What are you choosing for?</p>'
        "<p>Describe your case, or ask what the comparison says. "
        "Every number in an answer opens the passage it rests on.</p></div>"
    )


def examples(offered: Sequence[Suggestion]) -> str:
    """Questions that stay below the chat, one for each use case."""
    return f'<p class="label">Ask about a use case</p>{_suggestions(offered)}'


def sidebar(log_out: bool) -> str:
    """The place where conversations.js lists conversations, and a log-out button."""
    button = '<button type="button" class="log-out">Log out</button>' if log_out else ""
    return f'<nav id="conversations" aria-label="Conversations"></nav>{button}'


def messages(conversation: Conversation, comparison: Comparison) -> list[dict[str, str]]:
    """A conversation as the chat takes it."""
    found = []
    for place, turn in enumerate(conversation.turns):
        if turn.question.strip():
            found.append({"role": "user", "content": question(turn)})
        if place < len(conversation.turns) - 1:
            shown = _earlier_answer(turn, comparison, conversation)
        else:
            shown = answer(turn, comparison, conversation)
        found.append({"role": "assistant", "content": shown})
    return found


# the last answer is shown anew with each piece of its text, and with it all earlier ones
_made: WeakKeyDictionary[Conversation, dict[tuple[Turn, Comparison], str]] = WeakKeyDictionary()


def _earlier_answer(turn: Turn, comparison: Comparison, conversation: Conversation) -> str:
    made = _made.setdefault(conversation, {})
    if (turn, comparison) not in made:
        made[turn, comparison] = answer(turn, comparison, conversation, last=False)
    return made[turn, comparison]


def missing() -> dict[str, str]:
    """The message in place of a conversation that was deleted, or belongs to somebody else."""
    line = "This conversation does not exist any more."
    return {"role": "assistant", "content": f'<p class="note">{line}</p>'}


def question(turn: Turn) -> str:
    """The person's message, which can be edited once it is answered."""
    asked = turn.question.strip()
    limit = MAX_REFUSED_CHARS if turn.refused else MAX_SHOWN_CHARS
    cut = "…" if len(asked) > limit else ""
    edit = "" if turn.running or turn.refused else _tool("edit", "Edit", turn.id)
    return f'<div class="question"><span>{text(asked[:limit])}{cut}</span></div>{edit}'


def answer(
    turn: Turn, comparison: Comparison, conversation: Conversation | None = None, last: bool = True
) -> str:
    """The advisor's message: the decision, the prose with its citations, and the note; then what
    can be done with it, and after the `last` one what might be asked next.
    """
    of = f" conversation-{conversation.id}" if conversation else ""
    begun = f'<div id="turn-{turn.id}" class="answer{of}'
    if not (given := turn.answer):
        tools = "" if turn.running else _tools(turn, last)
        return f'{begun}">{_note(turn)}{tools}</div>'
    opened = opens(turn, comparison)
    headings = {passage.number: passage.heading for passage in opened.values()}
    case = given.decision.use_case
    opens_case = not turn.earlier or bool(case and case.id in opened)
    card = "" if given.noted else _decision(given.decision, comparison, opens_case)
    if turn.earlier:
        card += f'<p class="note">{EARLIER}</p>'
    paragraphs = body(given.text, headings)
    gone = [each for each in given.cited if each.passage not in opened]
    paragraphs += "".join(f"<blockquote>[{c.number}] {text(c.quote)}</blockquote>" for c in gone)
    after = _note(turn) + (_elsewhere(given.elsewhere, given.question) if given.elsewhere else "")
    if not turn.running:
        after = _counterpoints(turn, given, comparison, headings) + after + _tools(turn, last)
    if last and turn.finished:
        after += _case(given.case)
    if last and turn.finished and conversation and not turn.earlier:
        after += _suggestions(suggestions(given, comparison, conversation.questions))
    quoted = [each for each in given.cited if each.passage in opened]
    quotes = "".join(f'<li value="{each.number}">{text(each.quote)}</li>' for each in quoted)
    decided = " decided" if opened or not turn.earlier else ""  # there is something to be shown
    rests = "".join(f" evidence-{number}" for number in headings)
    return (
        f'{begun}{decided}{rests}">{card}{paragraphs}{after}<ul class="quotes">{quotes}</ul></div>'
    )


def text(plain: str) -> str:
    """`plain` as one line of HTML that shows it and does nothing else."""
    return " ".join(escape(plain).split())


def body(said: str, headings: dict[int, str]) -> str:
    """The text of an answer as paragraphs, lists and tables, with its [n] as links."""
    found = []
    for kind, group in groupby(said.splitlines(), _kind_of_line):
        lines = [linked(line, headings) for line in group]
        if kind == "table":
            found.append(_table(lines))
        elif kind == "list":
            found.append(f"<ul>{''.join(f'<li>{line[2:]}</li>' for line in lines)}</ul>")
        elif kind == "text":
            found.append(f"<p>{'<br>'.join(lines)}</p>")
    return "".join(found)


def _kind_of_line(line: str) -> str:
    if line.startswith("|"):
        return "table"
    if line.startswith("- "):
        return "list"
    return "text" if line.strip() else ""


def _table(lines: Sequence[str]) -> str:
    """A table of Markdown, of which the first line is the header."""
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
    rows = [row for row in rows if set("".join(row)) != {"-"}]
    head, *others = [
        "".join(f"<{tag}>{cell}</{tag}>" for cell in row)
        for row, tag in zip(rows, ["th"] + ["td"] * len(rows), strict=False)
    ]
    rest = "".join(f"<tr>{row}</tr>" for row in others)
    return f'<table class="rows"><thead><tr>{head}</tr></thead><tbody>{rest}</tbody></table>'


def _case(case: Case) -> str:
    """What is known of the person's case, with a button to strike out each statement."""
    if not case:
        return ""
    supposed = ' class="supposed"'
    # what is left is decided on at once
    anew = text(fill("replies/anew")) if len(case.in_force) > 1 else ""
    real = len(case.in_force) - len(case.supposed)
    items = "".join(
        f'<li{"" if place < real else supposed}>{text(each)}<button type="button" '
        f'class="tool strike" value="{place}" title="Strike this out">×</button></li>'
        for place, each in enumerate(case.in_force)
    )
    return f'<div class="case"><p>Your case</p><ul>{items}</ul><span hidden>{anew}</span></div>'


def linked(paragraph: str, headings: dict[int, str]) -> str:
    """`paragraph` with its [n] as links to those passages that have a heading here."""

    def link(found: re.Match[str]) -> str:
        number = int(found[1])
        if number not in headings:
            return found[0]
        return _cite(number, headings[number], found[0])

    lines = (text(line) for line in paragraph.splitlines() if line.strip())
    return re.sub(r"\[(\d{1,4})\]", link, "<br>".join(lines))


def confidence_in_words(confidence: float) -> str:
    """How certain a verdict of that confidence is."""
    return next(words for least, words in SURE if confidence >= least)


def _cite(number: int, heading: str, shown: str) -> str:
    title = f"Evidence {number}: {text(heading)}"
    return f'<a class="cite" href="#p-{number}" title="{title}">{shown}</a>'


def _decision(decision: Decision, comparison: Comparison, opens_case: bool) -> str:
    """The card above an answer: what kind of answer it is, the verdict, and how sure it is."""
    if decision.verdict is None:
        says = "<strong>What the document says</strong>, no recommendation asked"
        if decision.kind == "abstain":
            says = "<strong>Not covered</strong> by the comparison"
        if decision.kind == "talk":
            return ""
        return f'<div class="decision"><p>{says}</p></div>'
    lines = [
        f'<p class="says">{_says(decision)}</p>',
        f'<p class="label">{text(decision.verdict)}</p>',
    ]
    case, sure = decision.use_case, decision.confidence
    if case and case.kind == "best-for":
        name = text(case.heading)
        lines.append(f"<p>for {_cite(case.number, case.heading, name) if opens_case else name}</p>")
    if sure is not None:
        share = f"{100 * sure:.0f} %"
        lines.append(
            '<p class="confidence">'
            f'<meter min="0" max="1" value="{sure:.2f}" title="{share}"></meter> '
            f"<span>{confidence_in_words(sure)}: {share}</span></p>"
        )
    sides = comparison.labels
    side = f" side-{sides.index(decision.verdict)}" if decision.verdict in sides else ""
    return f'<div class="decision{side}">{"".join(lines)}</div>'


def _says(decision: Decision) -> str:
    """Who says the verdict, and of what."""
    if decision.fit == "nearest":
        return "Nearest use case"
    if decision.fit == "open":
        return "Two use cases may fit; the likelier one"
    general = decision.use_case and decision.use_case.kind == "bottom-line"
    return "In general, the document says" if general else "The document says"


def _counterpoints(
    turn: Turn, given: Answer, comparison: Comparison, headings: dict[int, str]
) -> str:
    """The counterpoints of an answer, folded, and the date of its figures."""
    parts = [
        f"<details><summary>{title}</summary><p>{linked(said.text, headings)}</p></details>"
        for title, said in given.counterpoints
    ]
    if comparison.as_of and given.has_figures and not turn.earlier:
        parts.append(f'<p class="dated">Figures are as of {text(comparison.as_of)}.</p>')
    return "".join(parts)


def _elsewhere(other: Pointer, question: str) -> str:
    """A link that asks the other comparison."""
    asking = question if len(question) <= MAX_LINKED_CHARS else ""
    link = escape(page_path(other.slug, q=asking))
    return f'<p class="note">Another comparison may: <a href="{link}">{text(other.title)}</a></p>'


def _note(turn: Turn) -> str:
    if not turn.running:
        lines = turn.note.split("\n\n")
        return "".join(f'<p class="note">{text(line)}</p>' for line in lines if line.strip())
    doing = turn.note or ("Writing" if turn.answer else "Reading the question")
    return f'<p class="note running">{text(doing)}</p>'


def _tools(turn: Turn, last: bool) -> str:
    """What can be done with an answer; with the last one also to take it back or ask again."""
    found = [_tool("copy", "Copy")] if turn.answer else []
    if last and not turn.refused:
        found.append(_tool("retry", "Answer again", turn.id))
    if last:
        found.append(_tool("undo", "Undo", turn.id))
    if turn.finished and not turn.earlier:
        for good, words in ((1, "Helpful"), (0, "Not helpful")):
            pressed = " pressed" if turn.rated is bool(good) else ""
            found.append(_tool(f"rate{pressed}", words, str(good)))
    return f'<div class="tools">{"".join(found)}</div>'


def _tool(kind: str, words: str, value: str = "") -> str:
    return f'<button type="button" class="tool {kind}" value="{value}">{words}</button>'


def _suggestions(offered: Sequence[Suggestion]) -> str:
    buttons = "".join(
        f'<button type="button" class="suggestion" title="{text(suggestion.question)}">'
        f"{text(suggestion.label)}</button>"
        for suggestion in offered
    )
    return f'<div class="suggestions">{buttons}</div>'
