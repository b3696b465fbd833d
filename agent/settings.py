"""Every setting, read once from `ADVISOR_…` variables; command-line options override them."""

import logging
import os
from pathlib import Path
from typing import Annotated, Any, Literal

import platformdirs
from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from agent.errors import InputError
from agent.urls import Hosts, Url
from knowledge.validation import reason

DEFAULT_MODEL = "qwen2.5-coder-1.5b"
RENAMED = {"ADVISOR_CELLS_MIB": "kv_cache_mib"}  # the old names go with the next version

log = logging.getLogger(__name__)


class Settings(BaseSettings):
    """Where files are stored and how the model runs. Names carry the units."""

    model_config = SettingsConfigDict(env_prefix="ADVISOR_", frozen=True)

    model: str = Field(
        DEFAULT_MODEL,
        description="known model, GGUF path, hf:owner/repo/file.gguf, or served model's name",
    )
    base_url: Url = Field(
        Url(""), description="OpenAI-compatible server; empty runs the model here"
    )
    api_key: SecretStr = Field(SecretStr(""), description="key for the server at base_url")
    data_dir: Path = Field(
        Path(platformdirs.user_data_dir("comparison-advisor")),
        description="indexes, KV caches, probes, evaluations, and conversations",
    )
    cache_dir: Path = Field(
        Path(platformdirs.user_cache_dir("comparison-advisor")), description="model files"
    )
    log: Literal["debug", "info", "warning", "error"] = Field(
        "warning", description="level of the log on standard error"
    )
    comparison: str = Field(
        "", description="slug of the comparison to use; none: the one indexed last"
    )
    engine: Literal["caching", "plain"] = Field(
        "caching", description="plain processes every prompt without a KV cache, for comparison"
    )
    kv_cache_mib: int = Field(256, ge=0, description="size of the KV cache in MiB (28 KiB a token)")
    threads: int = Field(2, ge=1, description="threads the model runs on")
    gpu_layers: int = Field(
        0, ge=-1, description="layers of the model that run on a GPU; -1 means all"
    )
    top_k: int = Field(4, ge=1, le=12, description="passages that the model sees")
    database_url: Url = Field(
        Url(""), description="database for conversations (SQLAlchemy); empty: a file in data_dir"
    )
    users: Path | None = Field(
        None, description="file of users who may log in; without it nobody has to"
    )
    host: str = Field("127.0.0.1", description="address the page is served on")
    port: int = Field(
        7860, ge=0, le=65535, description="port the page is served on; 0 takes a free one"
    )
    uploads: Literal["auto", "everybody", "nobody"] = Field(
        "auto",
        description="who may add comparisons on the page; auto: users who logged in, and without "
        "users whoever sits at this machine",
    )
    hosts: Annotated[Hosts, NoDecode, BeforeValidator(Hosts.read)] = Field(
        Hosts(), description="host names, separated by commas, under which a proxy serves the page"
    )


def read_settings(**overrides: Any) -> Settings:
    """The settings of the environment; empty overrides and None are ignored.

    Raises InputError, which names each unusable variable and its value.
    """
    settings, wrong = usable_settings(**overrides)
    if wrong:
        raise InputError(" ".join(wrong))
    return settings


def usable_settings(**overrides: Any) -> tuple[Settings, tuple[str, ...]]:
    """The settings, with defaults for unusable variables, and a line about each of those."""
    given = {name: value for name, value in overrides.items() if value not in ("", None)}
    given = _renamed() | given
    try:
        return Settings(**given), ()
    except ValidationError as error:
        problems = {str(problem["loc"][0]): problem for problem in error.errors()}
    defaults = {name: Settings.model_fields[name].default for name in problems}
    wrong = tuple(
        f"ADVISOR_{name.upper()}={problem['input']} cannot be used: {reason(problem)}."
        for name, problem in problems.items()
    )
    return Settings(**given | defaults), wrong


def _renamed() -> dict[str, str]:
    """The values of variables that have another name now, unless that one is set too."""
    found = {}
    for old, name in RENAMED.items():
        new = f"ADVISOR_{name.upper()}"
        if old in os.environ and new not in os.environ:
            log.warning(
                "%s is called %s now. Set that; the old name goes with the next version.", old, new
            )
            found[name] = os.environ[old]
    return found
