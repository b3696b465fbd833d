"""Each figure of a document as a question that only this figure answers.

The model writes the question from the sentence; it is kept if it leads back (round-trip
consistency, Alberti et al. 2019, arXiv:1906.05416): its passage is among the nearest ones, and of
the figures in their likeliest sentences the model reads this one. Not covered: figures in words,
and years beside other figures, which are seldom what a sentence is about.
"""

import math
import re

from agent.progress import Report
from agent.prompting.templates import fill
from evals.datasets.case import GENERATED, Case
from evals.generation.draft import Draft, Writer
from knowledge.comparison import Comparison, Passage
from knowledge.retrieve import Retriever
from knowledge.sampling import evenly
from knowledge.text.quantities import Number, missing, numbers, written
from knowledge.text.words import stems

MOST = 60  # questions written; of more figures, so many at even distances
NEAREST = 3  # passages, and so many of their likeliest SENTENCES, out of which the figure is read
SENTENCES = 12
SURE = 0.9  # probability of the figure from which a question is kept
NOT_STATED = "not stated"  # as in prompts/generating/answers.md
YEAR = re.compile(r"(?:1[89]|20)\d\d")
SCALES = {1e3: "k|thousand", 1e6: "m|mn|million", 1e9: "bn?|billion", 1e12: "tn?|trillion"}


def questions(writer: Writer, retriever: Retriever, report: Report) -> Draft:
    """A case of kind "fact" for each figure that survives the round trip."""
    draft = Draft("fact")
    comparison = retriever.index.comparison
    asked = evenly(_figures(comparison), MOST)
    for place, (passage, sentence, figure) in enumerate(asked, 1):
        question = writer.write(
            fill("generating/questions"),
            fill("generating/question", subject=passage.heading, sentence=sentence, figure=figure),
            "Question:",
        )
        fault = _fault(question, figure, passage, sentence, comparison)
        case = Case(
            id=f"{GENERATED}fact-{place:02}",
            kind="fact",
            turns=(question or "?",),
            must=(pattern(numbers(figure)[0]),),
            cites=(passage.id,),
            group=passage.id,
        )
        draft.add(case, fault or _astray(writer, retriever, question, passage, figure))
        report(place, len(asked))
    return draft


def pattern(number: Number) -> str:
    """A regex for the forms in which people write a number in digits.

    1,200 and 1200; 2.4 billion and 2.4bn; 12% and 12 percent. A currency sign may stand there.
    """
    forms = [_digits(number.value)]
    for scale, names in SCALES.items():
        if number.value >= scale:
            forms.append(rf"{_digits(number.value / scale)}\s?(?:{names})\b")
    unit = r"\s?(?:%|per\s?cent)" if number.unit == "%" else ""
    # neither a part of another number nor a [citation]
    return rf"(?<![\w.,\[])(?:{'|'.join(forms)})(?!\d|[.,]\d|\]){unit}"


def _digits(value: float) -> str:
    whole, _, decimals = f"{value:.10g}".partition(".")
    grouped = r"[,.'’\s]?".join(re.findall(r"\d{1,3}(?=(?:\d{3})*$)", whole))
    return grouped + (rf"[.,]{decimals}0*" if decimals else r"(?:\.0+)?")


def _figures(comparison: Comparison) -> list[tuple[Passage, str, str]]:
    """Each figure that can be asked for, with its passage and what the model sees of that: a cell,
    or the sentence after the one before it, which may say whom "she" means.
    """
    found = []
    for passage in comparison.passages:
        before = ""
        for sentence in passage.sentences:
            shown = sentence if passage.cells else f"{before} {sentence}".strip()
            figures = _askable(sentence, passage, comparison)
            found += [(passage, shown, figure) for figure in figures]
            before = sentence
    return found


def _askable(sentence: str, passage: Passage, comparison: Comparison) -> list[str]:
    """The figures of `sentence`, but not those of names, years only alone, and one of a cell."""
    for option in comparison.options:
        sentence = sentence.replace(option, "")
    found = written(sentence)
    others = [figure for figure in found if not YEAR.fullmatch(figure)]
    if passage.cells or not others:
        return found if len(found) == 1 else []
    return others


def _fault(
    question: str, figure: str, passage: Passage, sentence: str, comparison: Comparison
) -> str:
    """What makes `question` unusable by itself; "" if nothing does."""
    if not question.endswith("?"):
        return "no question"
    number = numbers(figure)[0]
    if any(number.same(other) for other in numbers(question)):
        return "names the figure"
    if passage.cells and not _of_cell(question, passage, sentence, comparison):
        return "names not its row and option"
    return ""


def _of_cell(question: str, passage: Passage, cell: str, comparison: Comparison) -> bool:
    """Whether `question` names the option whose cell it is and no other, a word of the row or cell,
    and every number of the row's heading.
    """
    asked = set(stems(question))
    named = [option for option in comparison.options if set(stems(option)) <= asked]
    sides = zip(comparison.options, passage.sides, strict=True)
    own = [option for option, side in sides if cell in side][:1]
    row = set(stems(f"{passage.heading} {cell}")) - set(stems(" ".join(comparison.options)))
    return named == own and bool(asked & row) and not missing(passage.heading, question)


def _astray(
    writer: Writer, retriever: Retriever, question: str, passage: Passage, figure: str
) -> str:
    """Why `question` does not lead back to `figure` in `passage`; "" if it does."""
    found = retriever.retrieve(question, NEAREST)
    if passage not in [item.passage for item in found.evidence]:
        return "leads to other passages"
    likeliest = {(each.passage, each.sentence) for each in found.quotations[:SENTENCES]}
    lines, figures = [], [NOT_STATED]
    for each in (item.passage for item in found.evidence):
        sentences = [s for s in each.sentences if (each, s) in likeliest]
        lines.append(". ".join([each.heading, *sentences]))
        figures += [figure for sentence in sentences for figure in written(sentence)]
    figures = list(dict.fromkeys(figures))
    asked = fill("generating/answer", passages="\n".join(lines), question=question)
    weighed = writer.weigh(fill("generating/answers"), asked, "Answer:", figures)
    wanted = numbers(figure)[0]
    read = sum(
        math.exp(log_probability)
        for read, log_probability in zip(figures, weighed, strict=True)
        if any(wanted.same(number) for number in numbers(read))
    )
    return "" if read >= SURE else "may be answered otherwise"
