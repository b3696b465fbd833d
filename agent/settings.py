"""Every setting, read once from `ADVISOR_…` variables; flags of the command line override them."""

from pathlib import Path
from typing import Annotated, Any, Literal

import platformdirs
from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from agent.errors import InputError
from agent.urls import Hosts, Url
from knowledge.validation import reason

DEFAULT_MODEL = "qwen2.5-coder-1.5b"


class Settings(BaseSettings):
    """Where things live and how the model runs. Units are in the names."""

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
        description="indexes, what the model has learnt, evaluations, and conversations",
    )
    cache_dir: Path = Field(
        Path(platformdirs.user_cache_dir("comparison-advisor")), description="model files"
    )
    log: Literal["debug", "info", "warning", "error"] = Field(
        "warning", description="how much the log on standard error says"
    )
    comparison: str = Field(
        "", description="slug of the comparison to use, where several are indexed"
    )
    engine: Literal["caching", "plain"] = Field(
        "caching", description="plain has no KV cache and processes all anew, for comparison"
    )
    kv_cache_mib: int = Field(256, ge=0, description="size of the KV cache in MiB (28 KiB a token)")
    threads: int = Field(2, ge=1, description="threads the model runs on")
    gpu_layers: int = Field(
        0, ge=-1, description="layers of the model that run on a GPU; -1 all of them"
    )
    top_k: int = Field(4, ge=1, le=12, description="passages given to the model")
    database_url: Url = Field(
        Url(""), description="where conversations are kept (SQLAlchemy); empty: a file in data_dir"
    )
    users: Path | None = Field(
        None, description="file of people who may log in; without one nobody has to"
    )
    host: str = Field("127.0.0.1", description="address the page is served on")
    port: int = Field(
        7860, ge=0, le=65535, description="port the page is served on; 0 takes a free one"
    )
    hosts: Annotated[Hosts, NoDecode, BeforeValidator(Hosts.read)] = Field(
        Hosts(), description="names, with commas between, that a proxy serves the page under"
    )


def read_settings(**overrides: Any) -> Settings:
    """The settings of the environment; an override that is empty or None leaves them alone.

    Raises InputError naming each variable that cannot be used, and its value.
    """
    settings, wrong = usable_settings(**overrides)
    if wrong:
        raise InputError(" ".join(wrong))
    return settings


def usable_settings(**overrides: Any) -> tuple[Settings, tuple[str, ...]]:
    """The same, and a line for each that cannot be used and has its default instead."""
    given = {name: value for name, value in overrides.items() if value not in ("", None)}
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
