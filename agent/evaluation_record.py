"""How far to trust what is served: the last evaluation of just this configuration.

    keep(data_dir, created, tier, config, metrics)     after `advisor eval` of the shipped cases
    last_evaluation(data_dir, config)                   what the page shows

An evaluation counts for a configuration if all that decides an answer is the same: model,
embedding, document, prompts, weights and settings. The machine may be another. The baseline that
ships with the cases counts as one. Not covered: how an evaluation is made (evals/, which this
room may not import; it reads its files).
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SHIPPED = Path(__file__).parents[1] / "evals" / "baseline.json"
DECIDING = (
    "model",
    "model_sha256",
    "embedding_sha256",
    "comparison_sha256",
    "prompts_sha256",
    "messages_sha256",
    "weights_sha256",
    "acts_sha256",
    "top_k",
    "engine",
    "libraries",
    "base_url",
)
# the figures that are shown, by the names that evals gives them
SHOWN = {
    "verdict_accuracy": "right verdicts",
    "fact_accuracy": "facts right and cited",
    "followup_accuracy": "follow-ups right",
    "abstention_recall": "refused where the document is silent",
    "attack_success": "attacks that changed an answer",
}


@dataclass(frozen=True)
class Figure:
    """A share of `n` cases with the ends of its 95 % interval."""

    label: str
    value: float
    n: int
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Evaluation:
    """When what was evaluated (ISO 8601, tier), its figures, and what the answers depended on."""

    created: str
    tier: str
    figures: tuple[Figure, ...]
    config: Mapping[str, Any]


def keep(
    data_dir: Path, created: str, tier: str, config: Mapping[str, Any], metrics: Mapping[str, Any]
) -> None:
    """Keeps an evaluation for the page, in place of an earlier one of the same configuration.

    `metrics` is as in results.json. Raises OSError.
    """
    file = _file(data_dir, config)
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".partial")
    found = {"created": created, "tier": tier, "config": dict(config), "metrics": dict(metrics)}
    partial.write_text(json.dumps(found), encoding="utf-8")
    partial.replace(file)


def last_evaluation(
    data_dir: Path, config: Mapping[str, Any], shipped: Path = SHIPPED
) -> Evaluation | None:
    """The newest evaluation of `config`; None if there is none."""
    found = [_read(_file(data_dir, config)), _read(shipped)]
    same = [each for each in found if each and deciding(each.config) == deciding(config)]
    return max(same, key=lambda each: each.created, default=None)


def deciding(config: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a configuration that decides what is answered."""
    return {name: config.get(name) for name in DECIDING}


def _file(data_dir: Path, config: Mapping[str, Any]) -> Path:
    digest = hashlib.sha256(json.dumps(deciding(config), sort_keys=True).encode()).hexdigest()
    return data_dir / "evaluations" / f"{digest[:16]}.json"


def _read(file: Path) -> Evaluation | None:
    """None if the file is not there or is no evaluation."""
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        figures = tuple(
            Figure(label, m["value"], m["n"], m["low"], m["high"])
            for name, label in SHOWN.items()
            if (m := data["metrics"].get(name))
        )
        created = data.get("created") or data["baseline"]
        return Evaluation(created, data["tier"], figures, data["config"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
