"""URLs in settings, which mask their secrets when they are printed, and host names.

    str(Url("postgresql://ada:secret@db/kept?key=k"))  ->  "postgresql://ada:***@db/kept?key=***"
    Hosts.read("advisor.example, 192.0.2.7")           ->  Hosts(("advisor.example", "192.0.2.7"))

Not covered: whether a server answers at an address.
"""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import unquote_plus

from pydantic import Secret

# a user name before a colon, and everything up to the last @; a path has no user
USER = re.compile(r"^((?:[\w+.-]+://)?+(?!/)(?:[^:/@]*:)?)(.*)@", re.DOTALL)
VALUE = re.compile(r"([?&][^=&]*=)([^&]+)")
LEAST_SECRET_CHARS = 4  # shorter ones occur by chance in unrelated texts
LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
MOST_NAME_CHARS = 253


class Url(Secret[str]):
    """A URL, or the text that a user gave as one. Printing it masks passwords and the values of its
    query, which may be keys; `get_secret_value()` returns the whole URL.
    """

    def __bool__(self) -> bool:
        return bool(self.get_secret_value())

    def _display(self) -> str:
        return VALUE.sub(r"\1***", USER.sub(r"\1***@", self.get_secret_value()))

    def masked(self, text: str) -> str:
        """`text`, such as an error about this URL, with the secrets of the URL masked."""
        whole = self.get_secret_value()
        if whole:
            text = text.replace(whole, str(self))
        for secret in sorted(self._secrets(), key=len, reverse=True):
            text = text.replace(secret, "***")
        return re.sub(r"(?<=://)((?:[^\s/@:]*:)?)[^\s/@]+@", r"\1***@", text)

    def _secrets(self) -> set[str]:
        """The secrets as written and as decoded, and their pieces: some parsers take "p/w" for a
        password, others for a host with a path.
        """
        url = self.get_secret_value()
        given = [found[2] for found in (*USER.finditer(url), *VALUE.finditer(url))]
        pieces = [piece for each in given for piece in re.split(r"[:/?#@&=]", each)]
        found = {form for each in (*given, *pieces) for form in (each, unquote_plus(each))}
        return {each for each in found if len(each) >= LEAST_SECRET_CHARS}


@dataclass(frozen=True)
class Hosts:
    """Host names of a server, in lower case and as a browser sends them."""

    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        return ",".join(self.names)

    @classmethod
    def read(cls, given: object) -> "Hosts":
        """Parses names separated by commas. Raises ValueError, which names an invalid one."""
        if isinstance(given, Hosts):
            return given
        return cls(tuple(_name(each.strip()) for each in str(given).split(",") if each.strip()))


def _name(given: str) -> str:
    try:
        return ipaddress.ip_address(given.removeprefix("[").removesuffix("]")).compressed
    except ValueError:
        pass  # not an address, so a name
    try:
        name = given.encode("idna").decode().lower()
    except UnicodeError:
        name = ""
    labels = name.split(".")
    whole = len(name) <= MOST_NAME_CHARS and all(map(LABEL.fullmatch, labels))
    if not whole or labels[-1].isdigit():
        raise ValueError(
            f'"{given}" is no host name; give names such as advisor.example, separated by commas'
        )
    return name
