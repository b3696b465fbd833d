"""The users file, and who of it is logged in.

    users = Users(Path("users"))        # lines of NAME:HASH, written by `advisor user NAME`
    token = users.log_in("ada", "…", "127.0.0.1")
    users.logged_in(token)  ->  "ada"

Passwords are hashed with Argon2id by argon2-cffi, with its parameters of RFC 9106 (64 MiB a hash).
The scrypt hashes of earlier versions are verified, and replaced at the next log-in.
After MAX_FAILED wrong passwords a name has to wait, and after MAX_FAILED_OF_ADDRESS an address. A
right password clears the count of its name only: an account holder could guess others' passwords
otherwise. Log-ins end with the server. Not covered: encryption on the way; put a proxy with TLS
before anything but loopback.
"""

import hashlib
import hmac
import logging
import os
import re
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from filelock import FileLock
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from agent.errors import InputError, LoginError

MAX_FAILED, MAX_FAILED_OF_ADDRESS, WINDOW_MINUTES = 5, 20, 15
MIN_PASSWORD_CHARS, MAX_PASSWORD_CHARS = 8, 200
MAX_LOGGED_IN = 1000
NAME = re.compile(r"[\w.@-]{1,64}")
HASHER = PasswordHasher()
SCRYPT = re.compile(r"([0-9a-f]{32}):([0-9a-f]{64})(?::(1\d|20))?")  # salt, hash, log2 of N
SCRYPT_COST = 14  # where none is said
log = logging.getLogger(__name__)


class Users:
    """The people of a users file."""

    def __init__(self, file: Path) -> None:
        """Raises InputError if the file cannot be read, naming the user whose line is wrong."""
        read_users(file)
        self._file = file
        self._sessions: dict[str, tuple[str, str]] = {}  # digest of a token: name, password hash
        self._one_at_a_time = threading.Lock()  # a hash takes 64 MiB
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._unknown = HASHER.hash(secrets.token_hex())  # an unknown name takes as long as others

    def logged_in(self, token: str) -> str:
        """The name of the user with this token; empty without one, or after the user's password
        was changed.
        """
        name, hashed = self._sessions.get(digest(token), ("", ""))
        try:
            return name if name and read_users(self._file).get(name) == hashed else ""
        except InputError as error:
            log.error("%s", error)
            return ""

    def log_in(self, name: str, password: str, address: str) -> str:
        """A new token. Raises LoginError, in the same words for a wrong name and password."""
        with self._one_at_a_time:
            return self._log_in(name, password[:MAX_PASSWORD_CHARS], address)

    def _log_in(self, name: str, password: str, address: str) -> str:
        of_name = RateLimitItemPerMinute(MAX_FAILED, WINDOW_MINUTES), "name", _folded(name)
        of_address = (
            RateLimitItemPerMinute(MAX_FAILED_OF_ADDRESS, WINDOW_MINUTES),
            "address",
            address,
        )
        if not all(self._limiter.test(*limit) for limit in (of_name, of_address)):
            raise LoginError(f"Too many wrong passwords. Try again in {WINDOW_MINUTES} minutes.")
        hashed = read_users(self._file).get(name)
        if not _matches(hashed or self._unknown, password) or not hashed:
            self._limiter.hit(*of_name)
            self._limiter.hit(*of_address)
            raise LoginError("Wrong user name or password.")
        self._limiter.clear(*of_name)
        if SCRYPT.fullmatch(hashed) or HASHER.check_needs_rehash(hashed):
            hashed = self._rehash(name, hashed, password)
        while len(self._sessions) >= MAX_LOGGED_IN:
            self._sessions.pop(next(iter(self._sessions)))
        token = secrets.token_urlsafe(32)
        self._sessions[digest(token)] = (name, hashed)
        return token

    def _rehash(self, name: str, old: str, password: str) -> str:
        """The hash that the file has now; the old one if it cannot be written."""
        try:
            with _changing(self._file) as users:
                if users.get(name) == old:  # not changed meanwhile
                    users[name] = _hash(password)
                return users.get(name, old)
        except InputError as error:
            log.warning("%s", error)
            return old

    def log_out(self, token: str) -> None:
        self._sessions.pop(digest(token), None)


def digest(token: str) -> str:
    """What the server keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def read_users(file: Path) -> dict[str, str]:
    """The password hash of each user. Raises InputError, naming the user whose line is wrong."""
    users = _read(file)
    for name, hashed in users.items():
        try:
            if not SCRYPT.fullmatch(hashed):
                extract_parameters(hashed)
        except InvalidHashError as error:
            raise InputError(
                f'{file}: "{name[:64]}" has no password hash. '
                f'Set the password again with "advisor user {name[:64]}", or remove the user with '
                f'"advisor user {name[:64]} --remove".'
            ) from error
    return users


def write_user(file: Path, name: str, password: str) -> None:
    """Adds a user, or changes the password of one. Raises InputError."""
    if not NAME.fullmatch(name):
        raise InputError(
            f'"{name[:64]}" is no user name. Use 1 to 64 letters, digits, ".", "@", "_" or "-".'
        )
    if not MIN_PASSWORD_CHARS <= len(password) <= MAX_PASSWORD_CHARS:
        raise InputError(
            f"The password has {len(password)} characters. "
            f"Choose one of {MIN_PASSWORD_CHARS} to {MAX_PASSWORD_CHARS}."
        )
    with _changing(file) as users:
        users[name] = _hash(password)


def remove_user(file: Path, name: str) -> None:
    """Raises InputError if the file has no such user."""
    _read(file)  # raises if there is no file
    with _changing(file) as users:
        if name not in users:
            who = ", ".join(users) or "nobody"
            raise InputError(f'{file} has no "{name[:64]}". It has: {who}.')
        del users[name]


def _read(file: Path) -> dict[str, str]:
    """The lines of the file, whatever their hashes are: users of an earlier version can be given
    a new password one by one.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"The users file {file} cannot be read ({error}). "
            'Make one with "advisor user NAME", or unset ADVISOR_USERS.'
        ) from error
    parts = (line.partition(":") for line in lines if line.strip())
    return {name: hashed for name, _, hashed in parts}


@contextmanager
def _changing(file: Path) -> Iterator[dict[str, str]]:
    """The users of `file`, or none if there is no file. Changes to the dictionary are written;
    changes by another process meanwhile are not lost.
    """
    partial = file.with_name(f"{file.name}.partial-{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(file.with_name(f"{file.name}.lock"), mode=0o600):
            users = _read(file) if file.exists() else {}
            yield users
            partial.touch(mode=0o600)
            lines = "".join(f"{name}:{hashed}\n" for name, hashed in users.items())
            partial.write_text(lines, encoding="utf-8")
            partial.replace(file)
    except OSError as error:
        raise InputError(f"The users file {file} cannot be written ({error}).") from error


def _hash(password: str) -> str:
    return HASHER.hash(_bytes(password))


def _matches(hashed: str, password: str) -> bool:
    if scrypt := SCRYPT.fullmatch(hashed):
        n = 2 ** int(scrypt[3] or SCRYPT_COST)
        found = hashlib.scrypt(
            _bytes(password),
            salt=bytes.fromhex(scrypt[1]),
            n=n,
            r=8,
            p=1,
            maxmem=2 * 128 * n * 8,  # OpenSSL needs a little more than 128 n r
            dklen=32,
        )
        return hmac.compare_digest(found.hex(), scrypt[2])
    with suppress(VerifyMismatchError):
        return HASHER.verify(hashed, _bytes(password))
    return False


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogateescape")  # a terminal's bytes, as they were typed


def _folded(name: str) -> str:
    return name[:64].casefold()
