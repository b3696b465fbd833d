"""Each figure of a document as a question that only this figure answers.

The model writes the question from the sentence; it is kept if it leads back (round-trip
consistency, Alberti et al. 2019, arXiv:1906.05416): its passage is among the nearest ones, and the
model reads the same figure out of them. Not covered: figures in words, and several in one answer.
"""

import re

from agent.progress import Report
from agent.prompting.templates import fill
from evals.datasets.case import GENERATED, Case
from evals.generation.draft import Draft, Writer, evenly
from knowledge.comparison import Comparison, Passage
from knowledge.retrieve import Retriever
from knowledge.text.quantities import Number, numbers, written
from knowledge.text.words import stems

MOST = 60  # questions written; of more figures, so many at even distances
NEAREST = 3  # passages, and so many of their likeliest SENTENCES, out of which the figure is read
SENTENCES = 12
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
    """Each figure with its passage and what the model sees of that: a cell, or the sentence after
    the one before it.
    """
    found = []
    for passage in comparison.passages:
        before = ""
        for sentence in passage.sentences:
            shown = sentence if passage.cells else f"{before} {sentence}".strip()
            found += [(passage, shown, figure) for figure in written(sentence)]
            before = sentence
    return found


def _fault(question: str, figure: str, passage: Passage, shown: str, comparison: Comparison) -> str:
    """What makes `question` unusable by itself; "" if nothing does."""
    if not question.endswith("?"):
        return "no question"
    [number] = numbers(figure)[:1]
    if any(number.same(other) for other in numbers(question)):
        return "names the figure"
    if passage.cells and not _names_owner(question, passage, shown, comparison):
        return "names no option, or another"
    return ""


def _names_owner(question: str, passage: Passage, shown: str, comparison: Comparison) -> bool:
    """Whether `question` names the option whose cell is `shown`, and no other."""
    asked = set(stems(question))
    named = [option for option in comparison.options if set(stems(option)) <= asked]
    sides = zip(comparison.options, passage.sides, strict=True)
    return named == [option for option, side in sides if shown in side][:1]


def _astray(
    writer: Writer, retriever: Retriever, question: str, passage: Passage, figure: str
) -> str:
    """Why `question` does not lead back to `figure` in `passage`; "" if it does."""
    found = retriever.retrieve(question, NEAREST)
    if passage not in [item.passage for item in found.evidence]:
        return "leads to other passages"
    likeliest = {(each.passage, each.sentence) for each in found.quotations[:SENTENCES]}
    passages = "\n".join(
        ". ".join(
            [
                each.passage.heading,
                *(s for s in each.passage.sentences if (each.passage, s) in likeliest),
            ]
        )
        for each in found.evidence
    )
    asked = fill("generating/answer", passages=passages, question=question)
    read = numbers(writer.write(fill("generating/answers"), asked, "Answer:"))
    wanted = numbers(figure)[0]
    return "" if any(wanted.same(number) for number in read) else "is answered otherwise"
