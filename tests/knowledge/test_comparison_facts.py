"""The shipped comparison says what its source says, in sentences of its own.

CELLS, PROSE and VERDICTS list the source's facts one by one, each under its passage. Run it with
`pytest tests/knowledge/test_comparison_facts.py`. What it does *not* cover: claims added beyond the
source, and what the advisor makes of the comparison (evals/ does).
"""

import re
from collections.abc import Iterable

import pytest

from knowledge.comparison import Comparison, Passage
from knowledge.documents.reader import parse_file
from knowledge.text.sentences import sentences
from tests.helpers.paths import SHIPPED

COPIED_WORDS = 8

# All patterns of a fact are searched in one sentence or cell, not in the passage: the advisor
# quotes sentences one by one, so a figure must bring its owner, unit and date along.
Patterns = tuple[str, ...]

CELLS: dict[str, tuple[Patterns, Patterns]] = {
    "dimension/core-focus": (
        ("AI infrastructure", "compute, data, and governance", "independent nodes and particip"),
        ("publishes", "weights", "architectures", "training code", "anyone", "use and modify"),
    ),
    "dimension/primary-benefit": (
        ("censorship resistance", "no single point of failure", "providers economic participation"),
        ("zero licensing cost", "customized in full", "community", "unprecedented speed"),
    ),
    "dimension/infrastructure-model": (
        ("distributed GPU networks", "Akash, Gensyn, Bittensor subnets", "idle compute", "world"),
        ("any infrastructure", "cloud", "on-prem", "edge devices", "operator chooses"),
    ),
    "dimension/governance": (
        ("token-based coordination", "DAO", "on-chain vot", "network parameters", "resources"),
        ("community", "foundations", "Meta's Llama Community License", "contribution", "GitHub"),
    ),
    "dimension/cost-economics": (
        ("market set prices", r"\bin Q1 2026 Bittensor earned \$43M in AI customer revenue"),
        ("self-hosted", "no per-token", "DeepSeek .* 92% industry-wide over three years"),
    ),
    "dimension/privacy-architecture": (
        ("federated learning", "data local", r"verification \(zkML\)", "integrity", "exposing"),
        ("self-hosted", "full data sovereignty", "no data leaves", "depends entirely", "deploy"),
    ),
    "dimension/training-capability": (
        ("Gensyn", "models trained by RL Swarm rank in the top 6 of Hugging Face downloads"),
        ("fine-tuned by anyone", "local GPUs", "rented cloud compute", "without .* protocol"),
    ),
    "dimension/verification-trust": (
        ("on-chain proof of inference", "cryptographic attestation", "blockchain-based audit"),
        ("open weights and code", "reproducible", "community audit", "transparent benchmarks"),
    ),
    "dimension/ecosystem-maturity": (
        ("early stage", r"March 2026 the market cap of the AI crypto sector exceeds \$28B"),
        ("mature and dominant", r"Hugging Face has 11M\+ active users and hosts 2M\+ public model"),
    ),
    "dimension/regulatory-alignment": (
        ("privacy by design", "federated", "data localization", "GDPR", "EU AI Act"),
        ("transparent and auditable", "model transparency", "licensing terms vary"),
    ),
    "dimension/enterprise-readiness": (
        ("emerging", "cost-sensitive inference", "censorship-resistant", "crypto-native"),
        ("production-ready", "Llama, Mistral, and Qwen", "on-prem at scale", "today"),
    ),
    "dimension/key-risk": (
        ("latency over", "coordination comp", "token volatility", "uncertainty around crypto-AI"),
        ("weaponization", "maintenance that is not guaranteed", 'ambiguity on some "open" models'),
    ),
}

PROSE: dict[str, tuple[Patterns, ...]] = {
    "introduction": (
        ("Llama 4 or DeepSeek R1", "open-source", "anyone", "download", "fine-tune", "deploy"),
        ("redistributes the infrastructure layer", "decentralized AI", "corporate cloud provid"),
        ("overlap", "most decentralized AI networks run", "open-weight", "a form of decentraliz"),
        (
            "early 2026",
            r"enterprise value of centralized AI is roughly \$12 trillion",
            r"decentralized AI infrastructure amounts to approximately \$12 billion",
        ),
        (r"blockchain AI sector grows at a 42\.4% CAGR", "early 2026"),
        ("match .* on most benchmarks", "open-source models", "proprietary frontier"),
        (r"U\.S\. models .* overtaken by Chinese open-weight models", "Hugging Face downloads"),
    ),
    "analysis/the-overlap-open-weights-as-the-foundation-of-decentralized-ai": (
        ("Bittensor, Akash, and Ritual", "only because", "Llama, DeepSeek, and Mistral"),
        ("open-source AI is .* necessary precondition for decentralized AI",),
        ("deployed on AWS", "open-source model", "without .* decentralized"),
        (r"\(DeAI\) needs open-source AI", "open-source AI has no need of decentralized AI"),
    ),
    "analysis/infrastructure-economics-idle-gpus-vs-hyperscaler-clouds": (
        ("spare GPU capacity", "independent providers", "competitive market for compute"),
        (r"Venice\.ai and FLock\.io", "Akash Network", "decentralized GPU inference"),
        (r"over \$620 million", r"roughly \$74,000", "staked", "Bittensor's subnet", "one year"),
        ("GPU utilization near 80%", "Bittensor's subnet"),
        ("cost advantages", "decentralized", "certain workloads", "inference at scale"),
        ("coordination overhead", "decentralized compute adds", "self-hosted", "own hardware"),
        (r"\$227 million in 2026", "federated learning solutions", "early but meaningful"),
    ),
    "analysis/the-deepseek-effect-and-model-commoditization": (
        ("billion-dollar compute budget", "DeepSeek", "AI of frontier quality", "without"),
        ("match or exceed GPT-4", "open-source models", "coding, math, and reasoning"),
        (
            "mid-2025",
            "Chinese labs, among them DeepSeek and Alibaba's Qwen",
            "41% of all model downloads on Hugging Face",
            r"overtaken U\.S\.-origin models",
        ),
        ("commoditization benefits both", "more capable models", "options for self-hosting"),
    ),
    "analysis/privacy-compliance-and-the-regulatory-landscape": (
        ("EU AI Act", "GDPR", "enterprises", "privacy first"),
        ("no data leave", "open-source", "critical", "healthcare, finance, and government"),
        (r"zero-knowledge machine learning \(zkML\)", "verify", "performed correctly", "input"),
        ("hospitals, banks, and government agencies", "federated learning", "never centralized"),
        (r"\$563 million by 2032", "federated learning market", "regulatory tailwinds"),
    ),
    "analysis/governance-models-tokens-vs-foundations": (
        ("Meta decides", "Llama version", "Mistral controls", "foundations", "open-source AI"),
        ("Bittensor's TAO token", "coordinates the incentives of subnets"),
        ("burn-mint equilibrium", "proposed for Akash's AKT token", "actual usage"),
        ("direct economic alignment", "token", "users, model developers, and compute providers"),
        ("volatility risk", "crypto-regulatory complexity", "open-source AI avoids entirely"),
        ("Ritual Network's Infernet SDK", "on-chain verification", "autonomous AI decision"),
        ("DAO governance", "AI infrastructure", "still experimental"),
    ),
    "analysis/where-they-converge-the-hybrid-future": (
        ("predictable workloads", "enterprises", "control the hardware", "self-host"),
        ("burst to decentralized compute", "enterprises", "demand spikes", "censorship-resist"),
        ("RL Swarm models already rank", "Gensyn", "verifiable distributed", "Hugging Face"),
        ("Web3 infrastructure stack", "native primitive", "storage and networking"),
    ),
    "best-for/enterprise-on-prem-deployment": (
        (r"Llama 4 and Qwen 2\.5", "production-ready", "zero per-token", "full data control"),
    ),
    "best-for/censorship-resistant-ai-applications": (
        ("content moderation appeals", "whistleblower tools", "politically sensitive analysis"),
    ),
    "best-for/cost-optimized-inference-at-scale": (
        ("self-hosted open-source .* steady-state loads", "burst compute .* demand spikes"),
    ),
    "best-for/privacy-sensitive-cross-organizational-training": (
        ("hospitals .* diagnostic models .* patient", "banks .* fraud patterns", "decentralized"),
    ),
    "best-for/rapid-prototyping-and-fine-tuning": (
        ("dramatically simpler", "open-weight model locally", "Hugging Face", "token economics"),
    ),
    "best-for/crypto-native-and-dao-applications": (
        ("Bittensor subnets and Ritual's Infernet SDK", "purpose-built", "DAOs", "DeFi", "Web3"),
    ),
    "best-for/startup-mvp-development": (
        ("token staking", "startups", "immediate access", "blockchain", "distributed node"),
    ),
    "best-for/resilient-global-ai-infrastructure": (
        ("geopolitical disruption", "cloud provider outages", "changes across jurisdictions"),
    ),
    "bottom-line": (
        (r"Hugging Face has 2 million\+ models", "DeepSeek and Llama 4", "frontier quality"),
        ("92% decline in inference costs", "open-weight models"),
        ("essential for", "decentralized AI", "crypto-native", "privacy", "censorship resistance"),
        ("recommendation is to start with open-source models", "infrastructure you control"),
        ("layered in", "federated learning", "burst capacity", "genuine advantages"),
    ),
}

VERDICTS = {
    "best-for/enterprise-on-prem-deployment": "Open Source AI",
    "best-for/censorship-resistant-ai-applications": "Decentralized AI",
    "best-for/cost-optimized-inference-at-scale": "Both / Depends",
    "best-for/privacy-sensitive-cross-organizational-training": "Decentralized AI",
    "best-for/rapid-prototyping-and-fine-tuning": "Open Source AI",
    "best-for/crypto-native-and-dao-applications": "Decentralized AI",
    "best-for/startup-mvp-development": "Open Source AI",
    "best-for/resilient-global-ai-infrastructure": "Decentralized AI",
}


def missing(patterns: Patterns, quotes: Iterable[str]) -> Patterns:
    """The patterns that the best of `quotes` lacks, case ignored; none if one has them all."""
    uncached_tokens = [
        tuple(pattern for pattern in patterns if not re.search(pattern, quote, re.IGNORECASE))
        for quote in quotes
    ]
    return min(uncached_tokens, key=len, default=patterns)


def runs(text: str) -> set[str]:
    """Every run of COPIED_WORDS words of `text`, without case and punctuation."""
    words = re.findall(r"[a-z0-9]+", text.lower())
    starts = range(len(words) - COPIED_WORDS + 1)
    return {" ".join(words[start : start + COPIED_WORDS]) for start in starts}


def prose(passage: Passage) -> tuple[str, ...]:
    return passage.cells or (passage.text,)


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return parse_file(SHIPPED)


@pytest.mark.parametrize("option", [0, 1], ids=["decentralized", "open-source"])
@pytest.mark.parametrize("passage", CELLS)
def test_cell_makes_its_claim(comparison: Comparison, passage: str, option: int) -> None:
    cell = comparison.passage(passage).cells[option]
    assert missing(CELLS[passage][option], [cell]) == ()


@pytest.mark.parametrize(
    ("passage", "patterns"),
    [
        pytest.param(passage, patterns, id=f"{passage}: {patterns[0]}")
        for passage, facts in PROSE.items()
        for patterns in facts
    ],
)
def test_one_sentence_states_the_fact(
    comparison: Comparison, passage: str, patterns: Patterns
) -> None:
    assert missing(patterns, sentences(comparison.passage(passage).text)) == ()


@pytest.mark.parametrize(("passage", "verdict"), VERDICTS.items(), ids=VERDICTS)
def test_use_case_has_its_verdict(comparison: Comparison, passage: str, verdict: str) -> None:
    assert comparison.passage(passage).verdict == verdict


def test_every_passage_has_a_fact(comparison: Comparison) -> None:
    assert {passage.id for passage in comparison.passages} == CELLS.keys() | PROSE.keys()


def test_a_figure_apart_from_its_owner_does_not_count() -> None:
    apart = sentences("Bittensor has customers. Revenue was $43M in Q1 2026.")
    assert missing((r"\$43M", "Bittensor"), apart) != ()


def test_a_copied_run_is_seen_despite_case_and_punctuation() -> None:
    copied = runs("One two-three, FOUR; five (six) seven eight!")
    assert copied == runs("one, two three four five six seven eight")
    assert copied != set()
