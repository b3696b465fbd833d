"""The comparison that ships against its seed, the text that its facts come from.

The seed is somebody else's wording: it lies beside a checkout, never in the repository.
"""

import pytest

from knowledge.comparison import Comparison
from knowledge.documents.reader import parse_file
from tests.helpers.paths import ROOT, SHIPPED
from tests.knowledge.test_comparison_facts import prose, runs

SEED = ROOT.parent / "shared" / "seed" / "comparison.txt"
pytestmark = pytest.mark.skipif(  # it is not ours to ship, so no user has it to compare with
    not SEED.exists(), reason=f"no seed to compare with at {SEED}"
)


def test_seed_gives_28_passages_and_its_verdicts() -> None:
    seed = parse_file(SEED)
    kinds = [passage.kind for passage in seed.passages]
    assert kinds == (
        ["introduction"] + ["dimension"] * 12 + ["analysis"] * 6 + ["best-for"] * 8
    ) + ["bottom-line"]
    assert [passage.number for passage in seed.passages] == list(range(1, 29))
    assert [passage.verdict for passage in seed.of_kind("best-for")] == [
        "Open Source AI",
        "Decentralized AI",
        "Both / Depends",
        "Decentralized AI",
        "Open Source AI",
        "Decentralized AI",
        "Open Source AI",
        "Decentralized AI",
    ]


def test_shipped_comparison_is_the_seed_in_other_words() -> None:
    seed, shipped = parse_file(SEED), parse_file(SHIPPED)
    assert shipped.warnings == ()
    assert (shipped.title, shipped.options, shipped.both) == (seed.title, seed.options, seed.both)
    assert [(p.number, p.id, p.heading) for p in shipped.passages] == [
        (p.number, p.id, p.heading) for p in seed.passages
    ]
    # that of the bottom line stands in the seed's text, and in our front matter
    assert [p.verdict for p in shipped.passages] == [p.verdict for p in seed.passages]
    assert shipped.passages[-1].verdict == "Open Source AI"


def test_seed_splits_every_row_but_the_one_with_an_unknown_word() -> None:
    seed = parse_file(SEED)
    assert [passage.heading for passage in seed.of_kind("dimension")] == [
        "Core focus",
        "Primary benefit",
        "Infrastructure model",
        "Governance",
        "Cost economics",
        "Privacy architecture",
        "Training capability",
        "Verification & trust",
        "Ecosystem maturity",
        "Regulatory alignment",
        "Enterprise readiness",
        "Key risk",
    ]
    whole = [passage.heading for passage in seed.of_kind("dimension") if not passage.cells]
    assert whole == ["Governance"]
    (warning,) = seed.warnings
    assert warning == (
        'Row "Governance": cells could be split in 2 places '
        "(allocation|Community-driven, Git|Hub); kept whole."
    )
    assert seed.passage("dimension/ecosystem-maturity").cells == (
        "Early-stage but accelerating; AI crypto sector exceeds $28B market cap as of March 2026",
        "Mature and dominant; Hugging Face hosts 2M+ public models with 11M+ active users",
    )


def test_no_sentence_is_copied_from_the_seed(comparison: Comparison) -> None:
    headings = {comparison.title} | {passage.heading for passage in comparison.passages}
    lines = [line for line in SEED.read_text("utf-8").splitlines() if line not in headings]
    seed = set().union(*map(runs, lines))
    ours = set().union(*(runs(text) for each in comparison.passages for text in prose(each)))
    assert ours & seed == set()
