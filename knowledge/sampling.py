"""A few of many, without chance."""

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def evenly(items: Sequence[T], most: int) -> list[T]:
    """At most `most` of `items`, at even distances, the first of them included."""
    count = min(most, len(items))
    return [items[place * len(items) // count] for place in range(count)]
