"""Who is let in: passwords, lock-out, and the users file.

Passwords are hashed with parameters that take no time, but where the parameters are tested.
"""

import hashlib
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

import pytest
from argon2 import PasswordHasher, extract_parameters

import agent.web.users
from agent.errors import InputError, LoginError
from agent.web.authentication import owner_of
from agent.web.users import (
    HASHER,
    MAX_FAILED,
    MAX_FAILED_OF_ADDRESS,
    Users,
    read_users,
    remove_user,
    write_user,
)

WRONG = "Wrong user name or password."
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
DEARER = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1)


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent.web.users, "HASHER", CHEAP)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "users"
    for name in ("ada", "bob"):
        write_user(file, name, f"secret of {name}")
    return file


@pytest.fixture
def users(file: Path) -> Users:
    return Users(file)


def test_who_has_the_password_is_let_in(users: Users) -> None:
    token = users.log_in("ada", "secret of ada", "127.0.0.1")
    assert users.logged_in(token) == "ada"
    assert owner_of(token, users) == "user ada"
    users.log_out(token)
    assert users.logged_in(token) == owner_of(token, users) == ""


@pytest.mark.parametrize(
    ("name", "password"),
    [("ada", "secret of bob"), ("ada", ""), ("eve", "secret of ada"), ("", ""), ("eve", "")],
)
def test_nobody_else_is_and_is_not_told_why(users: Users, name: str, password: str) -> None:
    with pytest.raises(LoginError) as caught:
        users.log_in(name, password, "127.0.0.1")
    assert str(caught.value) == WRONG
    assert users.logged_in("") == users.logged_in("x") == ""


def test_after_some_wrong_passwords_even_the_right_one_has_to_wait(users: Users) -> None:
    for number in range(MAX_FAILED):
        with pytest.raises(LoginError, match=WRONG):
            users.log_in("ada", "guess", f"192.0.2.{number}")
    with pytest.raises(LoginError, match=r"^Too many wrong passwords\. Try again in 15 minutes"):
        users.log_in("ada", "secret of ada", "192.0.2.99")
    assert users.log_in("bob", "secret of bob", "192.0.2.99")


def test_one_address_cannot_try_many_names(users: Users) -> None:
    for number in range(MAX_FAILED_OF_ADDRESS):
        with pytest.raises(LoginError, match=WRONG):
            users.log_in(f"name {number}", "guess", "192.0.2.1")
    with pytest.raises(LoginError, match=r"^Too many"):
        users.log_in("bob", "secret of bob", "192.0.2.1")
    assert users.log_in("bob", "secret of bob", "192.0.2.2")


def test_many_guesses_at_once_count_as_many(users: Users) -> None:
    def guess(number: int) -> str:
        with pytest.raises(LoginError) as caught:
            users.log_in("ada", "guess", f"192.0.2.{number}")
        return str(caught.value)

    with ThreadPoolExecutor(12) as pool:
        said = list(pool.map(guess, range(12)))
    assert said.count(WRONG) == MAX_FAILED


def test_the_right_password_forgives_the_wrong_ones_before(users: Users) -> None:
    for _ in range(3):
        for number in range(MAX_FAILED - 1):
            with pytest.raises(LoginError, match=WRONG):
                users.log_in("ada", "guess", f"192.0.2.{number}")
        users.log_in("ada", "secret of ada", "192.0.2.9")


def test_a_right_password_clears_nothing_but_its_own_name(users: Users) -> None:
    said = []
    for number in range(MAX_FAILED_OF_ADDRESS + 5):  # by somebody who has an account
        with pytest.raises(LoginError) as caught:
            users.log_in(f"name {number}", "guess", "192.0.2.1")
        said.append(str(caught.value))
        if number < MAX_FAILED_OF_ADDRESS - 1:
            assert users.log_in("ada", "secret of ada", "192.0.2.1")
    assert said[:MAX_FAILED_OF_ADDRESS] == [WRONG] * MAX_FAILED_OF_ADDRESS
    later = said[MAX_FAILED_OF_ADDRESS:]
    assert all(line.startswith("Too many wrong passwords.") for line in later)


def test_right_passwords_of_many_at_one_address_are_not_counted(users: Users) -> None:
    for _ in range(2 * MAX_FAILED_OF_ADDRESS):
        assert users.log_in("ada", "secret of ada", "192.0.2.1")


# hashes


def test_a_hash_costs_what_owasp_asks_at_least() -> None:
    cost = extract_parameters(HASHER.hash("secret of ada"))
    assert cost.type.name == "ID" and cost.memory_cost >= 19 * 1024 and cost.time_cost >= 2


def test_a_hash_of_other_parameters_lets_in_and_is_made_anew(
    file: Path, users: Users, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = read_users(file)
    monkeypatch.setattr(agent.web.users, "HASHER", DEARER)
    tokens = [users.log_in("ada", "secret of ada", "127.0.0.1") for _ in range(2)]
    after = read_users(file)
    assert not DEARER.check_needs_rehash(after["ada"]) and after["bob"] == before["bob"]
    assert [users.logged_in(token) for token in tokens] == ["ada", "ada"]


def test_a_file_that_cannot_be_written_lets_in_all_the_same(
    file: Path, users: Users, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = read_users(file)
    monkeypatch.setattr(agent.web.users, "HASHER", DEARER)
    file.with_name(f"{file.name}.lock").unlink(missing_ok=True)
    file.with_name(f"{file.name}.lock").mkdir()
    token = users.log_in("ada", "secret of ada", "127.0.0.1")
    assert users.logged_in(token) == "ada"
    assert read_users(file) == before


class Watched(PasswordHasher):
    """Notes what is verified, and that it is one at a time."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.verified: list[str | bytes] = []
        self.running = threading.Semaphore(1)

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
        assert self.running.acquire(blocking=False)  # else 64 MiB each
        try:
            self.verified.append(hash)
            return super().verify(hash, password)
        finally:
            self.running.release()


@pytest.mark.parametrize("name", ["ada", "nobody"])
def test_an_unknown_name_is_hashed_too(
    name: str, users: Users, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasher = Watched()
    monkeypatch.setattr(agent.web.users, "HASHER", hasher)
    with pytest.raises(LoginError, match=WRONG):
        users.log_in(name, "guess", "127.0.0.1")
    assert len(hasher.verified) == 1


def test_one_password_is_hashed_at_a_time(users: Users, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent.web.users, "HASHER", Watched())
    with ThreadPoolExecutor(4) as pool:
        guesses = [pool.submit(users.log_in, name, "guess", name) for name in "abcd"]
        for guess in guesses:
            with pytest.raises(LoginError, match=WRONG):
                guess.result()


# the users file


def test_lines_without_a_hash_are_said_and_can_be_mended_one_by_one(file: Path) -> None:
    with file.open("a", encoding="utf-8") as lines:
        lines.write("eve:0f0f:1a1a\nfay:plain password\n")
    for name in ("eve", "fay"):
        with pytest.raises(InputError, match=rf'"{name}" has .* with "advisor user {name}", or'):
            Users(file)
        write_user(file, name, "another secret")
    users = Users(file)
    assert users.log_in("eve", "another secret", "127.0.0.1")
    assert users.log_in("ada", "secret of ada", "127.0.0.1")


def test_changes_at_the_same_time_are_all_kept(file: Path) -> None:
    names = [f"name{number}" for number in range(12)]
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda name: write_user(file, name, "long enough"), names))
    assert sorted(read_users(file)) == sorted(["ada", "bob", *names])


def test_a_change_of_password_ends_log_ins(users: Users, file: Path) -> None:
    token = users.log_in("ada", "secret of ada", "127.0.0.1")
    write_user(file, "ada", "another secret")
    assert users.logged_in(token) == ""


def test_who_is_taken_out_of_the_file_is_logged_out(users: Users, file: Path) -> None:
    token = users.log_in("ada", "secret of ada", "127.0.0.1")
    remove_user(file, "ada")
    write_user(file, "ada", "secret of ada")  # again, with another salt
    assert users.logged_in(token) == ""
    remove_user(file, "ada")
    with pytest.raises(InputError, match=r'has no "ada"\. It has: bob\.$'):
        remove_user(file, "ada")


def test_the_file_holds_no_password_and_is_its_owner_s_alone(file: Path) -> None:
    assert "secret" not in file.read_text(encoding="utf-8")
    assert list(read_users(file)) == ["ada", "bob"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    write_user(file, "ada", "secret of bob")
    kept = read_users(file)
    assert kept["ada"] != kept["bob"]  # the same password with another salt


@pytest.mark.parametrize(
    ("name", "password", "line"),
    [
        ("a:b", "long enough", r'^"a:b" is no user name\.'),
        ("", "long enough", r'^"" is no user name\.'),
        ("ada", "short", r"^The password has 5 characters\. Choose one of 8 to 200\.$"),
    ],
)
def test_what_cannot_be_a_user_is_refused(
    tmp_path: Path, name: str, password: str, line: str
) -> None:
    with pytest.raises(InputError, match=line):
        write_user(tmp_path / "users", name, password)
    assert not (tmp_path / "users").exists()


def test_a_users_file_that_is_none_says_so(tmp_path: Path) -> None:
    file = tmp_path / "users"
    with pytest.raises(InputError, match=r"cannot be read .* \"advisor user NAME\""):
        Users(file)
    file.write_text("\nada:plain password\n", encoding="utf-8")
    with pytest.raises(InputError, match=r'users: "ada" has no password hash\.'):
        Users(file)


@pytest.mark.parametrize("cost", ["", ":15"])
def test_a_scrypt_hash_of_an_earlier_version_is_replaced_at_the_next_log_in(
    tmp_path: Path, cost: str
) -> None:
    salt, n = "0f" * 16, 2 ** int(cost[1:] or 14)
    hashed = hashlib.scrypt(
        b"secret of ada", salt=bytes.fromhex(salt), n=n, r=8, p=1, maxmem=2**26, dklen=32
    )
    file = tmp_path / "users"
    file.write_text(f"ada:{salt}:{hashed.hex()}{cost}\n", encoding="utf-8")
    users = Users(file)
    with pytest.raises(LoginError):
        users.log_in("ada", "another secret", "127.0.0.1")
    token = users.log_in("ada", "secret of ada", "127.0.0.1")
    assert file.read_text(encoding="utf-8").startswith("ada:$argon2id$")
    assert users.logged_in(token) == "ada"


def test_a_users_file_that_broke_lets_nobody_in(users: Users, file: Path) -> None:
    token = users.log_in("ada", "secret of ada", "127.0.0.1")
    file.write_text("nonsense", encoding="utf-8")
    assert users.logged_in(token) == ""


def test_a_browser_is_known_by_its_cookie_of_which_a_hash_is_kept() -> None:
    assert owner_of("") == ""
    one, other = owner_of("token one"), owner_of("token other")
    assert one != other and "token" not in one
