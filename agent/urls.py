"""URLs in settings, which mask their secrets when they are printed, and host names.

    str(Url("postgresql://ada:secret@db/kept?key=k"))  ->  "postgresql://ada:***@db/kept?key=***"
    Hosts.read("advisor.example, 192.0.2.7")           ->  Hosts(("advisor.example", "192.0.2.7"))

Not covered: whether a server answers at an address.
"""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import unquote_plus, urlsplit

import idna
from pydantic import Secret

# a user name before a colon, and everything up to the last @; a path has no user
USER = re.compile(r"^((?:[\w+.-]+://)?+(?!/)(?:[^:/@]*:)?)(.*)@", re.DOTALL)
# what follows a path or a host, after its name if it has one
VALUE = re.compile(r"([?&;#\s](?:[^=?&;#\s]*=)?)([^?&;#\s]+)")
NO_SECRET = re.compile(r"""^[\w+.-]+://|[\w.-]+\s*=|[:/?#@&;\s'"]""")  # in what is no URL
LEAST_SECRET_CHARS = 4  # shorter ones stand in texts that have nothing to do with them
# a host, port and path without a scheme, or a single word: nothing of it can be a password
PLAIN = re.compile(r"(?:https?:/{0,2})?[\w.-]*(?::\d+)?(?:/[\w./-]*)?")
LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
MOST_NAME_CHARS = 253


class Url(Secret[str]):
    """A URL, or what was given for one. However it is printed, passwords and what follows the path,
    which may be keys, do not show; a text that names no host and is no URL of SQLite's does not
    show at all. `get_secret_value()` has all of it.
    """

    def __bool__(self) -> bool:
        return bool(self.get_secret_value())

    def _display(self) -> str:
        path, rest = self._parts
        shown = USER.sub(r"\1***@", path) + VALUE.sub(r"\1***", rest)
        plain = PLAIN.fullmatch(self.get_secret_value())
        return shown if plain or self._is_sqlite or _names_a_host(shown) else "***"

    @property
    def _is_sqlite(self) -> bool:
        return self.get_secret_value().startswith(("sqlite:", "sqlite+"))

    @property
    def _parts(self) -> tuple[str, str]:
        """All up to the end of the path, and the rest. A user's name or password may have any sign,
        and so may a path of SQLite's but a question mark.
        """
        url = self.get_secret_value()
        user = USER.match(url)
        begins = user.end() if user else 0
        found = re.search(r"\?|\Z" if self._is_sqlite else r"[?&;#\s]|\Z", url[begins:])
        ends = begins + found.start() if found else len(url)
        return url[:ends], url[ends:]

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
        path, rest = self._parts
        given = [found[2] for found in (*USER.finditer(path), *VALUE.finditer(rest))]
        if str(self) == "***":
            given += NO_SECRET.split(self.get_secret_value())
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


def _names_a_host(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port  # ValueError if it is none: it may be a password
        return bool(parts.scheme and parts.hostname)
    except ValueError:
        return False


def _name(given: str) -> str:
    try:
        return ipaddress.ip_address(given.removeprefix("[").removesuffix("]")).compressed
    except ValueError:
        pass  # not an address, so a name
    try:
        # as browsers do: IDNA 2008 after the mapping of UTS 46
        name = given.lower() if given.isascii() else idna.encode(given, uts46=True).decode()
    except idna.IDNAError:
        name = ""
    labels = name.split(".")
    whole = len(name) <= MOST_NAME_CHARS and all(map(LABEL.fullmatch, labels))
    if not whole or labels[-1].isdigit():
        raise ValueError(
            f'"{given}" is no host name; give names such as advisor.example, separated by commas'
        )
    return name
