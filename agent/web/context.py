"""All that the page needs: the advisor, the panels, the conversations and the users.

serve(open_context(read_settings()), "127.0.0.1", 7860)
"""

import json
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from agent.advisor import Advisor
from agent.conversations.conversation import AdvisorLike
from agent.conversations.queue import AnswerQueue
from agent.conversations.store import Store
from agent.evaluation_record import last_evaluation
from agent.factory import Loaded, load, open_retriever, prepare, read_ahead, restore
from agent.judge import ModelJudge
from agent.prompting.builder import use_case_prompt
from agent.provenance import configuration
from agent.settings import Settings
from agent.urls import Url
from agent.web.loading import LoadingAdvisor
from agent.web.panels import Panels
from agent.web.scorecard import leanings
from agent.web.users import Users
from knowledge.cache import Cache, Kept
from knowledge.comparison import Comparison
from knowledge.embed import Embedders
from knowledge.errors import IndexMissingError
from knowledge.index import former_slugs, titles

T = TypeVar("T")

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
    """What the page of a comparison is made of; without `users`, nobody logs in.

    All comparisons of a `library` share its queue. Without one there is no other comparison.
    """

    advisor: AdvisorLike
    panels: Panels
    store: Store
    users: Users | None = None
    queue: AnswerQueue = field(default_factory=AnswerQueue)
    library: "Library | None" = None

    @property
    def comparison(self) -> Comparison:
        return self.advisor.comparison

    @property
    def titles(self) -> Mapping[str, str]:
        """The titles of all comparisons that can be opened, by slug."""
        own = {self.comparison.slug: self.comparison.title}
        return self.library.titles() if self.library else own

    def another(self, slug: str) -> "WebContext":
        """The context of that comparison. Raises IndexMissingError if it is not indexed."""
        if self.library:
            return self.library.open(slug)
        if slug == self.comparison.slug:
            return self
        raise missing(slug)


def open_context(settings: Settings) -> WebContext:
    """The context of the comparison of `settings`, which can be served at once: its advisor loads
    in a thread of its own.

    Raises AdvisorError if anything else is missing or damaged; the message says what.
    """
    users = Users(settings.users) if settings.users else None
    library = Library(settings, load(settings), users)
    return library.open(library.start)


class Library:
    """The indexed comparisons, each opened when it is asked for.

    They share a model with its KV cache, the embedder, the queue, the users and the database.
    """

    def __init__(self, settings: Settings, first: Loaded, users: Users | None = None) -> None:
        self.settings, self._first, self._users = settings, first, users
        self.start = first.comparison.slug
        self._queue = AnswerQueue()
        self._opened: dict[str, WebContext] = {}
        self._opening = threading.Lock()
        self._prefilled = Prefilled()

    @property
    def folder(self) -> Path:
        return self.settings.data_dir / "indexes"

    @property
    def embedders(self) -> Embedders:
        return self._first.embedders

    @property
    def judge(self) -> ModelJudge:
        """A judge of documents with the model that answers."""
        return ModelJudge(self.settings, self._first.model)

    def titles(self) -> Mapping[str, str]:
        """Of all comparisons, by slug."""
        return titles(self.folder)

    def open(self, slug: str) -> WebContext:
        """Its context, made when it is first asked for. Raises IndexMissingError without an index,
        and AdvisorError if anything of it is missing or damaged.
        """
        with self._opening:
            if slug not in self.titles():
                raise missing(slug)
            if slug not in self._opened:
                settings = self.settings.model_copy(update={"comparison": slug})
                own = slug == self._first.comparison.slug
                self._opened[slug] = self._make(
                    self._first if own else load(settings, self._first), settings
                )
            return self._opened[slug]

    def forget(self, slug: str) -> None:
        """Opens the comparison anew when it is next asked for: its document was replaced."""
        with self._opening:
            self._opened.pop(slug, None)

    def _make(self, loaded: Loaded, settings: Settings) -> WebContext:
        comparison = loaded.comparison
        config = configuration(settings, comparison)
        evaluation = last_evaluation(settings.data_dir, config)
        leaning = Leanings(Cache(settings.data_dir).of("leanings"), comparison, config)
        panels = Panels(comparison, leaning.known, evaluation, config)
        store = Store(database_url(settings), comparison, config)
        store.adopt(former_slugs(self.folder, comparison.slug))

        all_read = threading.Event()

        def read(cancel: threading.Event) -> None:
            if not all_read.is_set():
                read_ahead(loaded, settings, cancel=cancel)
            if not cancel.is_set():
                all_read.set()

        def ready(advisor: Advisor) -> None:
            leaning.find(advisor)
            self._queue.run_when_idle(read)

        advisor = LoadingAdvisor(
            comparison,
            lambda progress: self._prefilled.loading(lambda: prepare(loaded, settings, progress)),
            ready,
            lambda: self._prefilled.ensure(comparison.slug, lambda: restore(loaded, settings)),
            read,
        )
        return WebContext(advisor, panels, store, self._users, self._queue, self)


class Prefilled:
    """Which comparison the KV cache is known to hold: another one may have taken its room."""

    def __init__(self) -> None:
        self._slug = ""
        self._loading = 0

    def loading(self, load: Callable[[], T]) -> T:
        """The result of `load`, which fills the KV cache."""
        self._loading += 1
        try:
            return load()
        finally:
            self._loading -= 1
            self._slug = ""

    def ensure(self, slug: str, restore: Callable[[], None]) -> None:
        """Calls `restore` before a question about the comparison, if another one was in between."""
        if self._slug != slug or self._loading:
            restore()
            self._slug = slug


def missing(slug: str) -> IndexMissingError:
    return IndexMissingError(f'There is no comparison "{slug[:80]}" here.')


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
