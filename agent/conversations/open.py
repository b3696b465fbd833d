"""Conversations that are open in tabs.

    open_conversations = OpenConversations(store)
    conversation = open_conversations.open("browser 1f…", "tab 7", "c3…")
    open_conversations.save("browser 1f…", conversation)

Two tabs with one conversation share one object, so that neither loses the other's questions.
Not covered: who an owner is (agent.web.authentication).
"""

import threading
from weakref import WeakValueDictionary

from sqlalchemy.exc import SQLAlchemyError

from agent.conversations.conversation import Conversation
from agent.conversations.store import Store
from agent.errors import AdvisorError

MOST_OPEN = 200


class OpenConversations:
    """Conversations by owner and tab."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._open: dict[tuple[str, str], Conversation] = {}  # the last used one is last
        # by owner and id: also one without a tab, while it is still being answered or stored
        self._alive: WeakValueDictionary[tuple[str, str], Conversation] = WeakValueDictionary()
        self._lock = threading.RLock()  # not held while the database is asked

    def open(self, owner: str, tab: str, conversation_id: str = "") -> Conversation:
        """The conversation of that id, if it is the owner's; else the one open in the tab; else a
        new one.
        """
        found = self._find(owner, conversation_id) if conversation_id else None
        with self._lock:
            conversation = self._open.get((owner, tab))
            if found and conversation is not found:
                self.close(owner, tab)
                # the same for all, if another tab has found it at the same time
                conversation = self._alive.setdefault((owner, conversation_id), found)
            conversation = conversation or Conversation()
            self._open.pop((owner, tab), None)
            self._open[owner, tab] = self._alive[owner, conversation.id] = conversation
            idle = [key for key, each in self._open.items() if not each.cancel]
            for oldest in idle[: max(0, len(self._open) - MOST_OPEN)]:
                del self._open[oldest]
            return conversation

    def shows(self, owner: str, tab: str, conversation: Conversation) -> bool:
        """Whether the tab still has this conversation."""
        with self._lock:
            return self._open.get((owner, tab)) is conversation

    def close(self, owner: str, tab: str) -> None:
        """Stops an answer that only this tab waits for."""
        with self._lock:
            conversation = self._open.pop((owner, tab), None)
            if conversation and not any(each is conversation for each in self._open.values()):
                conversation.stop()

    def end(self) -> None:
        """Stops every answer, and waits until everything is stored."""
        with self._lock:
            for conversation in self._open.values():
                conversation.stop()
        self._store.close()

    def save(self, owner: str, conversation: Conversation) -> None:
        """Stores a conversation in the background, if it has an owner."""
        if owner:
            self._store.save_soon(owner, conversation)

    def delete(self, owner: str, conversation_id: str) -> None:
        """Deletes it from the store and from tabs, which begin another one. Raises
        ConversationMissingError.
        """
        self._store.delete(owner, conversation_id)
        with self._lock:
            self._alive.pop((owner, conversation_id), None)
            for key, conversation in list(self._open.items()):
                if key[0] == owner and conversation.id == conversation_id:
                    conversation.stop()
                    del self._open[key]

    def rate(self, owner: str, turn_id: str, good: bool, comment: str = "") -> None:
        """Stores and shows the owner's rating of an answer. Raises ConversationMissingError."""
        self._store.rate(owner, turn_id, good, comment)
        with self._lock:
            for (whose, _), conversation in self._open.items():
                if whose == owner:
                    conversation.rate(turn_id, good)

    def _find(self, owner: str, conversation_id: str) -> Conversation | None:
        try:
            alive = self._alive.get((owner, conversation_id))
            return alive or self._store.open(owner, conversation_id)
        except (AdvisorError, SQLAlchemyError):
            return None
