"""Which conversation is open in which tab, and what becomes of it: kept, rated, deleted.

    desk = Desk(store)
    conversation = desk.open("browser 1f…", "tab 7", "c3…")
    desk.keep("browser 1f…", conversation)

Two tabs that show one conversation have the very same one, so that neither loses what the other
asked. Not covered: who an owner is (agent.web.users).
"""

import threading
from weakref import WeakValueDictionary

from sqlalchemy.exc import SQLAlchemyError

from agent.conversations.conversation import Conversation
from agent.conversations.store import Store
from agent.errors import AdvisorError

MOST_OPEN = 200


class OpenConversations:
    """The conversations that are open, by owner and tab."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._open: dict[tuple[str, str], Conversation] = {}  # the last used stands last
        # by owner and id: also one whose tab is closed, while it is still being answered or kept
        self._alive: WeakValueDictionary[tuple[str, str], Conversation] = WeakValueDictionary()
        self._lock = threading.RLock()  # not held while the database is asked

    def open(self, owner: str, tab: str, name: str = "") -> Conversation:
        """The conversation of that id, if it is the owner's; else the one that is open in the tab;
        else a new one.
        """
        found = self._kept(owner, name) if name else None
        with self._lock:
            conversation = self._open.get((owner, tab))
            if found and conversation is not found:
                self.close(owner, tab)
                # the same for all, if another tab has found it at the same time
                conversation = self._alive.setdefault((owner, name), found)
            conversation = conversation or Conversation()
            self._open.pop((owner, tab), None)
            self._open[owner, tab] = self._alive[owner, conversation.id] = conversation
            idle = [key for key, each in self._open.items() if not each.cancel]
            for oldest in idle[: max(0, len(self._open) - MOST_OPEN)]:
                del self._open[oldest]
            return conversation

    def shows(self, owner: str, tab: str, conversation: Conversation) -> bool:
        """Whether the tab has not gone to another one meanwhile."""
        with self._lock:
            return self._open.get((owner, tab)) is conversation

    def close(self, owner: str, tab: str) -> None:
        """Stop what this tab alone waits for."""
        with self._lock:
            conversation = self._open.pop((owner, tab), None)
            if conversation and not any(each is conversation for each in self._open.values()):
                conversation.stop()

    def end(self) -> None:
        """Stops all that is being answered, and waits until all is kept."""
        with self._lock:
            for conversation in self._open.values():
                conversation.stop()
        self._store.close()

    def keep(self, owner: str, conversation: Conversation) -> None:
        """Keeps it, unless it is nobody's, without waiting until it is kept."""
        if owner:
            self._store.keep_soon(owner, conversation)

    def delete(self, owner: str, name: str) -> None:
        """For good, and tabs that show it begin another. Raises ConversationMissingError."""
        self._store.delete(owner, name)
        with self._lock:
            self._alive.pop((owner, name), None)
            for key, conversation in list(self._open.items()):
                if key[0] == owner and conversation.id == name:
                    conversation.stop()
                    del self._open[key]

    def rate(self, owner: str, turn_id: str, good: bool, comment: str = "") -> None:
        """Keeps and shows what the owner thinks of an answer. Raises ConversationMissingError."""
        self._store.rate(owner, turn_id, good, comment)
        with self._lock:
            for (whose, _), conversation in self._open.items():
                if whose == owner:
                    conversation.rate(turn_id, good)

    def _kept(self, owner: str, name: str) -> Conversation | None:
        try:
            return self._alive.get((owner, name)) or self._store.open(owner, name)
        except (AdvisorError, SQLAlchemyError):
            return None
