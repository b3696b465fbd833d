"""Who asks: people of a users file who log in, or, without one, browsers.

    people = People(Path("users"))      # lines of NAME:SALT:HASH, made by `advisor user NAME`
    token = people.log_in("ada", "…", "127.0.0.1")
    people.owner({"advisor": token})  ->  "user ada"

A browser is known by a random cookie, of which only a hash is kept. Passwords are hashed with
scrypt (RFC 7914). After MOST_FAILED wrong passwords a name, or an address, has to wait. Log-ins end
with the server. Not covered: encryption on the way; put a proxy with TLS before anything but
loopback.
"""

import hashlib
import hmac
import logging
import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from agent.errors import InputUnusable, LogInRefused

COOKIE = "advisor"
MOST_FAILED, MOST_FROM_ADDRESS, WITHIN_MINUTES = 5, 20, 15
LEAST_PASSWORD_CHARS = 8
MOST_PASSWORD_CHARS = 200
MOST_LOGGED_IN = 1000
log = logging.getLogger(__name__)
NAME = re.compile(r"[\w.@-]{1,64}")


class Browsers:
    """Without a users file everybody is let in, and a browser sees what it asked itself."""

    def owner(self, cookies: Mapping[str, str]) -> str:
        """Whose conversations these cookies open; empty if they are nobody's."""
        token = cookies.get(COOKIE, "")
        return f"browser {_digest(token)}" if token else ""


class People:
    """The people of a users file."""

    def __init__(self, file: Path) -> None:
        """Raises InputUnusable if it cannot be read, naming the line that is wrong."""
        self._file = file
        # by the hash of what the cookie holds: the name, and what the file had for it
        self._logged_in: dict[str, tuple[str, str]] = {}
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        read_users(file)

    def owner(self, cookies: Mapping[str, str]) -> str:
        """Whose conversations these cookies open; empty if nobody is logged in with them, or whose
        password was changed since.
        """
        name, kept = self._logged_in.get(_digest(cookies.get(COOKIE, "")), ("", ""))
        try:
            return f"user {name}" if name and read_users(self._file).get(name) == kept else ""
        except InputUnusable as error:
            log.error("%s", error)
            return ""

    def log_in(self, name: str, password: str, address: str) -> str:
        """The token of a cookie. Raises LogInRefused, in the same words whatever was wrong."""
        limits = (
            (RateLimitItemPerMinute(MOST_FAILED, WITHIN_MINUTES), "name", name[:64].casefold()),
            (RateLimitItemPerMinute(MOST_FROM_ADDRESS, WITHIN_MINUTES), "address", address),
        )
        # counted before it is known whether it is right: many at once would pass otherwise
        within = [self._limiter.hit(*limit) for limit in limits]
        if not all(within):
            raise LogInRefused(f"Too many wrong passwords. Try again in {WITHIN_MINUTES} minutes.")
        kept = read_users(self._file).get(name, _hashed("", "00"))  # one that takes as long
        given = _hashed(password[:MOST_PASSWORD_CHARS], kept.partition(":")[0])
        if not hmac.compare_digest(kept, given) or not password:
            raise LogInRefused("The name or the password is wrong.")
        for limit in limits:
            self._limiter.clear(*limit)
        while len(self._logged_in) >= MOST_LOGGED_IN:
            self._logged_in.pop(next(iter(self._logged_in)))
        token = secrets.token_urlsafe(32)
        self._logged_in[_digest(token)] = (name, kept)
        return token

    def log_out(self, cookies: Mapping[str, str]) -> None:
        self._logged_in.pop(_digest(cookies.get(COOKIE, "")), None)


def read_users(file: Path) -> dict[str, str]:
    """Each name with its salt and hash. Raises InputUnusable naming the line that is wrong."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputUnusable(
            f"The users file {file} cannot be read ({error}). "
            'Make one with "advisor user NAME", or unset ADVISOR_USERS.'
        ) from error
    users = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        name, _, kept = line.partition(":")
        if not NAME.fullmatch(name) or not re.fullmatch(r"[0-9a-f]{32}:[0-9a-f]{64}", kept):
            raise InputUnusable(
                f"{file}:{number}: not NAME:SALT:HASH. "
                'Remove the line, and add the person with "advisor user NAME".'
            )
        users[name] = kept
    return users


def write_user(file: Path, name: str, password: str) -> None:
    """Adds a person, or gives one another password. Raises InputUnusable."""
    if not NAME.fullmatch(name):
        raise InputUnusable(
            f'"{name[:64]}" is no name. Use 1 to 64 letters, digits, ".", "@", "_" or "-".'
        )
    if not LEAST_PASSWORD_CHARS <= len(password) <= MOST_PASSWORD_CHARS:
        raise InputUnusable(
            f"The password has {len(password)} characters. "
            f"Choose one of {LEAST_PASSWORD_CHARS} to {MOST_PASSWORD_CHARS}."
        )
    users = read_users(file) if file.exists() else {}
    users[name] = _hashed(password, secrets.token_hex(16))
    _write(file, users)


def remove_user(file: Path, name: str) -> None:
    """Raises InputUnusable if the file has no such person."""
    users = read_users(file)
    if name not in users:
        raise InputUnusable(f'{file} has no "{name[:64]}". It has: {", ".join(users) or "nobody"}.')
    del users[name]
    _write(file, users)


def _write(file: Path, users: Mapping[str, str]) -> None:
    partial = file.with_name(f"{file.name}.partial-{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        partial.touch(mode=0o600)
        partial.write_text("".join(f"{name}:{kept}\n" for name, kept in users.items()), "utf-8")
        partial.replace(file)
    except OSError as error:
        raise InputUnusable(f"The users file {file} cannot be written ({error}).") from error


def _hashed(password: str, salt: str) -> str:
    """SALT:HASH, in hexadecimal."""
    hashed = hashlib.scrypt(
        password.encode(), salt=bytes.fromhex(salt), n=2**14, r=8, p=1, dklen=32
    )
    return f"{salt}:{hashed.hex()}"


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
