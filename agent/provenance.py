"""Everything that answers depend on: hashes, versions, machine.

results.json stores this configuration, and the page compares the last evaluation with it. Two runs
with the same configuration give the same answers, so a resumed run must have the same one.
"""

import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

from agent.answering.decide import WEIGHTS_FILE
from agent.dialogue.acts import FILE as ACTS_FILE
from agent.doctor import DISTRIBUTION, LIBRARIES
from agent.downloads.catalogue import embedding_paths, model_sha256
from agent.learning.artifacts import probes_key
from agent.llm.engine import BATCH_TOKENS
from agent.prompting.templates import prompts_sha256
from agent.settings import Settings
from knowledge.cache import file_sha256
from knowledge.comparison import Comparison
from knowledge.data import MESSAGES, companion_file
from knowledge.index import index_source


def configuration(settings: Settings, comparison: Comparison) -> dict[str, Any]:
    """JSON values. Hashes are SHA-256 in hexadecimal; nothing is learnt of a served model, and its
    machine is unknown. Raises InputError for messages next to the document that cannot be read.
    """
    source = index_source(settings.data_dir / "indexes", comparison.slug)
    messages = companion_file(source, comparison, MESSAGES)
    found: dict[str, Any] = {
        "model": settings.model,
        "embedding_sha256": file_sha256(embedding_paths(settings.cache_dir).onnx),
        "comparison_sha256": comparison.sha256,
        "prompts_sha256": prompts_sha256(),
        "messages_sha256": file_sha256(messages) if messages else "",
        "weights_sha256": file_sha256(WEIGHTS_FILE),
        "acts_sha256": file_sha256(ACTS_FILE),
        "libraries": {name: version(name) for name in (DISTRIBUTION, *LIBRARIES)},
        "python": platform.python_version(),
        "top_k": settings.top_k,
    }
    if settings.base_url:
        return found | {"base_url": str(settings.base_url)}  # masks the password
    return found | {
        "model_sha256": model_sha256(settings),
        "probes_sha256": probes_key(comparison, settings),
        "gpu_layers": settings.gpu_layers,
        "threads": settings.threads,
        "n_batch": BATCH_TOKENS,
        "engine": settings.engine,
        "cpu": _cpu(),
    }


def _cpu() -> str:
    """The processor, and the vector instructions that determine rounding in llama.cpp."""
    info = Path("/proc/cpuinfo")
    said = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    lines = dict(line.split(":", 1) for line in said if ":" in line)
    fields = {name.strip(): value.strip() for name, value in lines.items()}
    wide = ("avx", "avx2", "fma", "f16c", "avx512f", "amx_int8", "neon", "asimd", "sve")
    flags = (fields.get("flags") or fields.get("Features", "")).split()
    name = fields.get("model name") or platform.processor() or platform.machine()
    return " ".join([name, *(flag for flag in wide if flag in flags)])
