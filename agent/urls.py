"""Addresses in settings: URLs that show themselves without what is secret in them, and host names.

    str(Url("postgresql://ada:secret@db/kept?key=k"))  ->  "postgresql://ada:***@db/kept?key=***"
    Hosts.read("advisor.example, 192.0.2.7")           ->  Hosts(("advisor.example", "192.0.2.7"))

Not covered: whether anything answers there.
"""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import unquote_plus

from pydantic import Secret

# a user's name, if a colon ends it, and what follows up to the last @; a path has no user
USER = re.compile(r"^((?:[\w+.-]+://)?+(?!/)(?:[^:/@]*:)?)(.*)@", re.DOTALL)
VALUE = re.compile(r"([?&][^=&]*=)([^&]+)")
LEAST_SECRET_CHARS = 4  # shorter ones stand in texts that have nothing to do with them
LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
MOST_NAME_CHARS = 253


class Url(Secret[str]):
    """A URL, or what was given for one. However it is printed, passwords and the values of its
    query, which may be keys, do not show; `get_secret_value()` has them.
    """

    def __bool__(self) -> bool:
        return bool(self.get_secret_value())

    def _display(self) -> str:
        return VALUE.sub(r"\1***", USER.sub(r"\1***@", self.get_secret_value()))

    def masked(self, text: str) -> str:
        """`text`, such as an error about this URL, without what is secret in the URL."""
        whole = self.get_secret_value()
        if whole:
            text = text.replace(whole, str(self))
        for secret in sorted(self._secrets(), key=len, reverse=True):
            text = text.replace(secret, "***")
        return re.sub(r"(?<=://)((?:[^\s/@:]*:)?)[^\s/@]+@", r"\1***@", text)

    def _secrets(self) -> set[str]:
        """As they are given and as they are meant, and the pieces that a parser may take them for:
        "p/w" in a URL is a password to some, and a host with a path to others.
        """
        url = self.get_secret_value()
        given = [found[2] for found in (*USER.finditer(url), *VALUE.finditer(url))]
        pieces = [piece for each in given for piece in re.split(r"[:/?#@&=]", each)]
        found = {form for each in (*given, *pieces) for form in (each, unquote_plus(each))}
        return {each for each in found if len(each) >= LEAST_SECRET_CHARS}


@dataclass(frozen=True)
class Hosts:
    """Names that a server is reached by, in lower case and as a browser sends them."""

    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        return ",".join(self.names)

    @classmethod
    def read(cls, given: object) -> "Hosts":
        """Names with commas between them. Raises ValueError naming one that is no host name."""
        if isinstance(given, Hosts):
            return given
        return cls(tuple(_name(each.strip()) for each in str(given).split(",") if each.strip()))


def _name(given: str) -> str:
    try:
        return ipaddress.ip_address(given.removeprefix("[").removesuffix("]")).compressed
    except ValueError:
        pass  # no address, so a name
    try:
        name = given.encode("idna").decode().lower()
    except UnicodeError:
        name = ""
    labels = name.split(".")
    whole = len(name) <= MOST_NAME_CHARS and all(map(LABEL.fullmatch, labels))
    if not whole or labels[-1].isdigit():
        raise ValueError(
            f'"{given}" is no host name; give names such as advisor.example, with commas between'
        )
    return name
