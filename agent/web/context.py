"""All that the page needs: the advisor, the panels, the conversations and the users.

serve(open_context(read_settings()), "127.0.0.1", 7860)
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from agent.advisor import Advisor
from agent.conversations.conversation import AdvisorLike
from agent.conversations.store import Store
from agent.factory import load, open_retriever, prepare
from agent.prompting.builder import use_case_prompt
from agent.provenance import configuration
from agent.settings import Settings
from agent.urls import Url
from agent.web.evaluation_record import last_evaluation
from agent.web.loading import LoadingAdvisor
from agent.web.panels import Panels
from agent.web.scorecard import leanings
from agent.web.users import Users
from knowledge.cache import Cache, Kept
from knowledge.comparison import Comparison
from knowledge.index import former_slugs

DATABASE = "conversations.db"
# beside the prompt that a row goes through
LEANINGS_DEPEND_ON = (
    "model",
    "model_sha256",
    "base_url",
    "embedding_sha256",
    "comparison_sha256",
    "messages_sha256",
    "probes_sha256",
    "weights_sha256",
    "gpu_layers",
)


@dataclass(frozen=True)
class WebContext:
    """What the page is made of; without `users`, nobody logs in."""

    advisor: AdvisorLike
    panels: Panels
    store: Store
    users: Users | None = None

    @property
    def comparison(self) -> Comparison:
        return self.advisor.comparison


def open_context(settings: Settings) -> WebContext:
    """A context that can be served at once: its advisor loads in a thread of its own.

    Raises AdvisorError if anything else is missing or damaged; the message says what.
    """
    users = Users(settings.users) if settings.users else None
    loaded = load(settings)
    comparison = loaded.comparison
    config = configuration(settings, comparison)
    evaluation = last_evaluation(settings.data_dir, config)
    leaning = Leanings(Cache(settings.data_dir).of("leanings"), comparison, config)
    panels = Panels(comparison, leaning.known, evaluation, config)
    store = Store(database_url(settings), comparison, config)
    store.adopt(former_slugs(settings.data_dir / "indexes", comparison.slug))
    advisor = LoadingAdvisor(
        comparison, lambda progress: prepare(loaded, settings, progress), leaning.find
    )
    return WebContext(advisor, panels, store, users)


def open_store(settings: Settings) -> Store:
    """The conversations about the comparison of `settings`, without a model."""
    return Store(database_url(settings), open_retriever(settings).index.comparison)


def database_url(settings: Settings) -> Url:
    return settings.database_url or Url(f"sqlite:///{settings.data_dir / DATABASE}")


class Leanings:
    """The leanings of the table's rows (agent.web.scorecard): from disk, or from the model once it
    is loaded.
    """

    def __init__(self, kept: Kept, comparison: Comparison, config: Mapping[str, Any]) -> None:
        self._kept, self._slug = kept, comparison.slug
        prompt = use_case_prompt(comparison, "?")
        names = [config.get(name) for name in LEANINGS_DEPEND_ON]
        self._key = json.dumps([*names, prompt.system, prompt.user])
        self._found: tuple[float, ...] = self._read() or ()

    def known(self) -> tuple[float, ...]:
        """One number for each row; none before they are known."""
        return self._found

    def find(self, advisor: Advisor) -> None:
        """Computes and stores them, unless they are known."""
        if self._found:
            return
        self._found = leanings(advisor)
        content = json.dumps(self._found).encode()
        with suppress(OSError):  # they are found again at the next start
            self._kept.save(self._slug, self._key, lambda file: file.write(content))

    def _read(self) -> tuple[float, ...] | None:
        return self._kept.load(
            self._slug, self._key, lambda file: tuple(map(float, json.load(file)))
        )
