"""Who asks: people of a users file who log in, or, without one, browsers.

    people = People(Path("users"))      # lines of NAME:SALT:HASH:COST, made by `advisor user NAME`
    token = people.log_in("ada", "…", "127.0.0.1")
    people.owner({"advisor": token})  ->  "user ada"

A browser is known by a random cookie, of which only a hash is kept. Passwords are hashed with
scrypt (RFC 7914), as costly as OWASP's Password Storage Cheat Sheet asks at least: N = 2^17, r = 8,
p = 1, which takes 128 MiB. COST is the exponent; a line without one is of a time when it was 14.
After MOST_FAILED wrong passwords a name, or after MOST_FROM_ADDRESS an address, has to wait; a
right one clears those of its name alone, as whoever has an account could guess others' otherwise.
Log-ins end with the server. Not covered: encryption on the way; put a proxy with TLS before
anything but loopback.
"""

import hashlib
import hmac
import logging
import os
import re
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from agent.errors import InputError, LoginError

COOKIE = "advisor"
MOST_FAILED, MOST_FROM_ADDRESS, WITHIN_MINUTES = 5, 20, 15
LEAST_PASSWORD_CHARS = 8
MOST_PASSWORD_CHARS = 200
MOST_LOGGED_IN = 1000
COST, EARLIER_COST, MOST_COST = 17, 14, 20
log = logging.getLogger(__name__)
NAME = re.compile(r"[\w.@-]{1,64}")
KEPT = re.compile(r"([0-9a-f]{32}):([0-9a-f]{64})(?::(\d{1,2}))?")


@dataclass(frozen=True)
class Kept:
    """What the file has for a person: `salt` and `hash` in hexadecimal."""

    salt: str
    hash: str
    cost: int

    @classmethod
    def of(cls, password: str, salt: str, cost: int) -> "Kept":
        given = password.encode("utf-8", "surrogateescape")  # bytes of another encoding, as typed
        n, r, p = 2**cost, 8, 1
        most_bytes = 2 * 128 * n * r  # OpenSSL needs a little more than 128 n r
        salted = bytes.fromhex(salt)
        hashed = hashlib.scrypt(given, salt=salted, n=n, r=r, p=p, maxmem=most_bytes, dklen=32)
        return cls(salt, hashed.hex(), cost)

    def __str__(self) -> str:
        return f"{self.salt}:{self.hash}:{self.cost}"


class Browsers:
    """Without a users file everybody is let in, and a browser sees what it asked itself."""

    def owner(self, cookies: Mapping[str, str]) -> str:
        """Whose conversations these cookies open; empty if they are nobody's."""
        token = cookies.get(COOKIE, "")
        return f"browser {_digest(token)}" if token else ""


class Users:
    """The people of a users file."""

    def __init__(self, file: Path) -> None:
        """Raises InputError if it cannot be read, naming the line that is wrong."""
        self._file = file
        # by the hash of what the cookie holds: the name, and the salt that the file had for it,
        # which another password changes and another cost does not
        self._logged_in: dict[str, tuple[str, str]] = {}
        self._one_at_a_time = threading.Lock()
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        read_users(file)

    def owner(self, cookies: Mapping[str, str]) -> str:
        """Whose conversations these cookies open; empty if nobody is logged in with them, or whose
        password was changed since.
        """
        name, salt = self._logged_in.get(_digest(cookies.get(COOKIE, "")), ("", ""))
        try:
            kept = read_users(self._file).get(name)
        except InputError as error:
            log.error("%s", error)
            return ""
        return f"user {name}" if kept and kept.salt == salt else ""

    def log_in(self, name: str, password: str, address: str) -> str:
        """The token of a cookie. Raises LoginError, in the same words whatever was wrong.

        Takes most of a second and 128 MiB; whoever comes meanwhile waits.
        """
        with self._one_at_a_time:
            return self._log_in(name, password, address)

    def _log_in(self, name: str, password: str, address: str) -> str:
        of_name = (RateLimitItemPerMinute(MOST_FAILED, WITHIN_MINUTES), "name", _folded(name))
        of_address = (RateLimitItemPerMinute(MOST_FROM_ADDRESS, WITHIN_MINUTES), "address", address)
        if not all(self._limiter.test(*limit) for limit in (of_name, of_address)):
            raise LoginError(f"Too many wrong passwords. Try again in {WITHIN_MINUTES} minutes.")
        users = read_users(self._file)
        kept = users.get(name, Kept("00", "", COST))
        # at every cost that is in use: a name takes as long as any other, known or not
        costs = {COST, *(each.cost for each in users.values())}
        cut = password[:MOST_PASSWORD_CHARS]
        given = {cost: Kept.of(cut, kept.salt, cost) for cost in costs}
        if not hmac.compare_digest(kept.hash, given[kept.cost].hash) or not password:
            self._limiter.hit(*of_name)
            self._limiter.hit(*of_address)
            raise LoginError("The name or the password is wrong.")
        self._limiter.clear(*of_name)
        if kept.cost < COST:
            self._upgrade(name, kept, given[COST])
        while len(self._logged_in) >= MOST_LOGGED_IN:
            self._logged_in.pop(next(iter(self._logged_in)))
        token = secrets.token_urlsafe(32)
        self._logged_in[_digest(token)] = (name, kept.salt)
        return token

    def _upgrade(self, name: str, old: Kept, new: Kept) -> None:
        """Keeps the same password at today's cost; where it cannot, the next log-in tries again."""
        try:
            with _changing(self._file) as users:
                if users.get(name) == old:  # it was not changed meanwhile
                    users[name] = new
        except InputError as error:
            log.warning("%s", error)

    def log_out(self, cookies: Mapping[str, str]) -> None:
        self._logged_in.pop(_digest(cookies.get(COOKIE, "")), None)


def read_users(file: Path) -> dict[str, Kept]:
    """What is kept for each name. Raises InputError naming the line that is wrong."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"The users file {file} cannot be read ({error}). "
            'Make one with "advisor user NAME", or unset ADVISOR_USERS.'
        ) from error
    users = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        name, _, rest = line.partition(":")
        found = KEPT.fullmatch(rest)
        cost = int(found[3] or EARLIER_COST) if found else 0
        if not found or not NAME.fullmatch(name) or not 1 <= cost <= MOST_COST:
            raise InputError(
                f"{file}:{number}: not NAME:SALT:HASH:COST. "
                'Remove the line, and add the person with "advisor user NAME".'
            )
        users[name] = Kept(found[1], found[2], cost)
    return users


def write_user(file: Path, name: str, password: str) -> None:
    """Adds a person, or gives one another password. Raises InputError."""
    if not NAME.fullmatch(name):
        raise InputError(
            f'"{name[:64]}" is no name. Use 1 to 64 letters, digits, ".", "@", "_" or "-".'
        )
    if not LEAST_PASSWORD_CHARS <= len(password) <= MOST_PASSWORD_CHARS:
        raise InputError(
            f"The password has {len(password)} characters. "
            f"Choose one of {LEAST_PASSWORD_CHARS} to {MOST_PASSWORD_CHARS}."
        )
    with _changing(file) as users:
        users[name] = Kept.of(password, secrets.token_hex(16), COST)


def remove_user(file: Path, name: str) -> None:
    """Raises InputError if the file has no such person."""
    read_users(file)  # says so if it is not there
    with _changing(file) as users:
        if name not in users:
            who = ", ".join(users) or "nobody"
            raise InputError(f'{file} has no "{name[:64]}". It has: {who}.')
        del users[name]


@contextmanager
def _changing(file: Path) -> Iterator[dict[str, Kept]]:
    """The users of `file`, empty if it is not there; what is changed in them is written, and what
    another process changes meanwhile is not lost.
    """
    partial = file.with_name(f"{file.name}.partial-{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(file.with_name(f"{file.name}.lock"), mode=0o600):
            users = read_users(file) if file.exists() else {}
            before = dict(users)
            yield users
            if users == before:
                return
            partial.touch(mode=0o600)
            lines = "".join(f"{name}:{kept}\n" for name, kept in users.items())
            partial.write_text(lines, encoding="utf-8")
            partial.replace(file)
    except OSError as error:
        raise InputError(f"The users file {file} cannot be written ({error}).") from error


def _folded(name: str) -> str:
    return name[:64].casefold()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
