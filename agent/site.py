"""Makes a page ready: the advisor, what stands beside it, and where conversations are kept.

serve(open_site(read_settings()), "127.0.0.1", 7860)
"""

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.address import Url
from agent.advisor import Advisor
from agent.configuration import configuration
from agent.conversation import AdvisorLike
from agent.matrix import leanings
from agent.page.shelf import Shelf
from agent.people import Browsers, People
from agent.ready import Bar, Say, open_advisor, open_embedder, refresh_index, silent
from agent.settings import Settings
from agent.store import Store
from agent.trust import deciding, last_evaluation
from knowledge.comparison import Comparison
from knowledge.index import open_index

DATABASE = "conversations.db"


@dataclass(frozen=True)
class Site:
    """All that a page is made of."""

    advisor: AdvisorLike
    shelf: Shelf
    store: Store
    visitors: Browsers | People = field(default_factory=Browsers)

    @property
    def comparison(self) -> Comparison:
        return self.advisor.comparison


def open_site(settings: Settings, say: Say = lambda line: None, bar: Bar = silent) -> Site:
    """Raises AdvisorError when something it needs is missing or damaged; the message says what."""
    visitors = People(settings.users) if settings.users else Browsers()
    advisor = open_advisor(settings, say, bar)
    comparison = advisor.comparison
    config = configuration(settings, comparison)
    evaluation = last_evaluation(settings.data_dir, config)
    leaning = _leanings(advisor, settings.data_dir, deciding(config))
    shelf = Shelf(comparison, leaning, evaluation, config)
    store = Store(database_url(settings), comparison, config)
    return Site(advisor, shelf, store, visitors)


def open_store(settings: Settings, say: Say = lambda line: None) -> Store:
    """The conversations about the comparison of `settings`, without a model."""
    embedder = open_embedder(settings)
    refresh_index(settings, embedder, say)
    index = open_index(settings.data_dir / "indexes", embedder, settings.comparison)
    return Store(database_url(settings), index.comparison)


def database_url(settings: Settings) -> Url:
    return settings.database_url or Url(f"sqlite:///{settings.data_dir / DATABASE}")


def _leanings(advisor: Advisor, data_dir: Path, config: Mapping[str, Any]) -> tuple[float, ...]:
    """For whom each row of the table speaks: from disk where it fits, else anew."""
    key = hashlib.sha256(json.dumps(config, sort_keys=True).encode()).hexdigest()[:16]
    file = data_dir / "leanings" / f"{advisor.comparison.slug}-{key}.json"
    with suppress(OSError, ValueError, TypeError):  # not there yet, or no list of numbers
        return tuple(map(float, json.loads(file.read_text(encoding="utf-8"))))
    found = leanings(advisor)
    with suppress(OSError):  # they are found again at the next start
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(found), encoding="utf-8")
    return found
