"""Who is let in: passwords, lock-out, and the users file.

Passwords are hashed at a cost that takes no time, but in the tests of the cost itself.
"""

import hashlib
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import agent.web.users
from agent.errors import InputError, LoginError
from agent.web.users import (
    COOKIE,
    COST,
    EARLIER_COST,
    MOST_FAILED,
    MOST_FROM_ADDRESS,
    Browsers,
    Kept,
    Users,
    read_users,
    remove_user,
    write_user,
)

WRONG = "The name or the password is wrong."
CHEAP = 4


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent.web.users, "COST", CHEAP)


@pytest.fixture
def costly(monkeypatch: pytest.MonkeyPatch) -> None:
    """As it is when it is not tested."""
    monkeypatch.setattr(agent.web.users, "COST", COST)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "users"
    for name in ("ada", "bob"):
        write_user(file, name, f"secret of {name}")
    return file


@pytest.fixture
def people(file: Path) -> Users:
    return Users(file)


def test_who_has_the_password_is_let_in(people: Users) -> None:
    token = people.log_in("ada", "secret of ada", "127.0.0.1")
    assert people.owner({COOKIE: token}) == "user ada"
    people.log_out({COOKIE: token})
    assert people.owner({COOKIE: token}) == ""


@pytest.mark.parametrize(
    ("name", "password"),
    [("ada", "secret of bob"), ("ada", ""), ("eve", "secret of ada"), ("", ""), ("eve", "")],
)
def test_nobody_else_is_and_is_not_told_why(people: Users, name: str, password: str) -> None:
    with pytest.raises(LoginError) as caught:
        people.log_in(name, password, "127.0.0.1")
    assert str(caught.value) == WRONG
    assert people.owner({COOKIE: ""}) == people.owner({}) == people.owner({COOKIE: "x"}) == ""


def test_after_some_wrong_passwords_even_the_right_one_has_to_wait(people: Users) -> None:
    for number in range(MOST_FAILED):
        with pytest.raises(LoginError, match=WRONG):
            people.log_in("ada", "guess", f"192.0.2.{number}")
    with pytest.raises(LoginError, match=r"^Too many wrong passwords\. Try again in 15 minutes"):
        people.log_in("ada", "secret of ada", "192.0.2.99")
    assert people.log_in("bob", "secret of bob", "192.0.2.99")


def test_one_address_cannot_try_many_names(people: Users) -> None:
    for number in range(MOST_FROM_ADDRESS):
        with pytest.raises(LoginError, match=WRONG):
            people.log_in(f"name {number}", "guess", "192.0.2.1")
    with pytest.raises(LoginError, match=r"^Too many"):
        people.log_in("bob", "secret of bob", "192.0.2.1")
    assert people.log_in("bob", "secret of bob", "192.0.2.2")


def test_many_guesses_at_once_count_as_many(people: Users) -> None:
    def guess(number: int) -> str:
        with pytest.raises(LoginError) as caught:
            people.log_in("ada", "guess", f"192.0.2.{number}")
        return str(caught.value)

    with ThreadPoolExecutor(12) as pool:
        said = list(pool.map(guess, range(12)))
    assert said.count(WRONG) == MOST_FAILED


def test_the_right_password_forgives_the_wrong_ones_before(people: Users) -> None:
    for _ in range(3):
        for number in range(MOST_FAILED - 1):
            with pytest.raises(LoginError, match=WRONG):
                people.log_in("ada", "guess", f"192.0.2.{number}")
        people.log_in("ada", "secret of ada", "192.0.2.9")


def test_a_right_password_clears_nothing_but_its_own_name(people: Users) -> None:
    said = []
    for number in range(MOST_FROM_ADDRESS + 5):  # by somebody who has an account
        with pytest.raises(LoginError) as caught:
            people.log_in(f"name {number}", "guess", "192.0.2.1")
        said.append(str(caught.value))
        if number < MOST_FROM_ADDRESS - 1:
            assert people.log_in("ada", "secret of ada", "192.0.2.1")
    assert said[:MOST_FROM_ADDRESS] == [WRONG] * MOST_FROM_ADDRESS
    assert all(line.startswith("Too many wrong passwords.") for line in said[MOST_FROM_ADDRESS:])


def test_right_passwords_of_many_at_one_address_are_not_counted(people: Users) -> None:
    for _ in range(2 * MOST_FROM_ADDRESS):
        assert people.log_in("ada", "secret of ada", "192.0.2.1")


# what a hash costs


def of_before(file: Path, name: str, password: str) -> None:
    """Adds a line as it was written when hashes were cheaper."""
    salt = bytes(16)
    hashed = hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32)
    with file.open("a", encoding="utf-8") as lines:
        lines.write(f"{name}:{salt.hex()}:{hashed.hex()}\n")


@pytest.mark.usefixtures("costly")
def test_a_hash_costs_what_owasp_asks_at_least(tmp_path: Path) -> None:
    write_user(tmp_path / "users", "ada", "secret of ada")
    line = (tmp_path / "users").read_text(encoding="utf-8").strip()
    _, salt, hashed, cost = line.split(":")
    assert 2 ** int(cost) >= 2**17
    again = hashlib.scrypt(
        b"secret of ada", salt=bytes.fromhex(salt), n=2**17, r=8, p=1, maxmem=2**28, dklen=32
    )
    assert again.hex() == hashed


@pytest.mark.usefixtures("costly")
def test_a_cheap_hash_of_before_lets_in_and_is_made_anew_without_logging_out(
    file: Path, people: Users
) -> None:
    of_before(file, "eve", "secret of eve")
    before = read_users(file)
    first = people.log_in("ada", "secret of ada", "127.0.0.1")  # of the cheap line of another
    assert read_users(file)["eve"] == before["eve"]
    one = people.log_in("eve", "secret of eve", "127.0.0.1")
    assert (before["eve"].cost, read_users(file)["eve"].cost) == (EARLIER_COST, COST)
    other = people.log_in("eve", "secret of eve", "127.0.0.1")
    for token, name in ((first, "ada"), (one, "eve"), (other, "eve")):
        assert people.owner({COOKIE: token}) == f"user {name}"
    assert read_users(file)["bob"] == before["bob"]
    with pytest.raises(LoginError, match=WRONG):
        people.log_in("eve", "secret of bob", "127.0.0.1")


def test_a_log_in_before_the_hash_is_made_anew_lasts(
    file: Path, people: Users, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = people.log_in("ada", "secret of ada", "127.0.0.1")
    monkeypatch.setattr(agent.web.users, "COST", CHEAP + 1)
    people.log_in("ada", "secret of ada", "127.0.0.1")
    assert read_users(file)["ada"].cost == CHEAP + 1
    assert people.owner({COOKIE: token}) == "user ada"


def test_a_file_that_cannot_be_written_lets_in_all_the_same(
    file: Path, people: Users, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agent.web.users, "COST", CHEAP + 1)
    file.with_name(f"{file.name}.lock").unlink(missing_ok=True)
    file.with_name(f"{file.name}.lock").mkdir()
    token = people.log_in("ada", "secret of ada", "127.0.0.1")
    assert people.owner({COOKIE: token}) == "user ada"
    assert read_users(file)["ada"].cost == CHEAP


@pytest.mark.parametrize("name", ["ada", "eve", "nobody"])
def test_every_name_is_hashed_alike_whatever_its_line_costs(
    name: str, file: Path, people: Users, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_before(file, "eve", "secret of eve")
    spent: list[int] = []
    hashed = Kept.of

    def watched(password: str, salt: str, cost: int) -> Kept:
        spent.append(cost)
        return hashed(password, salt, cost)

    monkeypatch.setattr(Kept, "of", watched)
    with pytest.raises(LoginError, match=WRONG):
        people.log_in(name, "guess", "127.0.0.1")
    assert sorted(spent) == [CHEAP, EARLIER_COST]


def test_one_password_is_hashed_at_a_time(people: Users, monkeypatch: pytest.MonkeyPatch) -> None:
    running = threading.Semaphore(1)
    hashed = Kept.of

    def alone(password: str, salt: str, cost: int) -> Kept:
        assert running.acquire(blocking=False)  # else 128 MiB each
        found = hashed(password, salt, EARLIER_COST)
        running.release()
        return found

    monkeypatch.setattr(Kept, "of", alone)
    with ThreadPoolExecutor(4) as pool:
        guesses = [pool.submit(people.log_in, name, "guess", name) for name in "abcd"]
        for guess in guesses:
            with pytest.raises(LoginError, match=WRONG):
                guess.result()


@pytest.mark.parametrize("cost", ["0", "21", "99", "x", ""])
def test_a_line_of_a_cost_that_nobody_set_is_said(file: Path, cost: str) -> None:
    file.write_text(f"ada:{'0' * 32}:{'0' * 64}:{cost}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"users:1: not NAME:SALT:HASH:COST\."):
        Users(file)


def test_changes_at_the_same_time_are_all_kept(file: Path) -> None:
    names = [f"name{number}" for number in range(12)]
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda name: write_user(file, name, "long enough"), names))
    assert sorted(read_users(file)) == sorted(["ada", "bob", *names])


# the users file


def test_a_change_of_password_ends_log_ins(people: Users, file: Path) -> None:
    token = people.log_in("ada", "secret of ada", "127.0.0.1")
    write_user(file, "ada", "another secret")
    assert people.owner({COOKIE: token}) == ""


def test_who_is_taken_out_of_the_file_is_logged_out(people: Users, file: Path) -> None:
    token = people.log_in("ada", "secret of ada", "127.0.0.1")
    remove_user(file, "ada")
    write_user(file, "ada", "secret of ada")  # again, with another salt
    assert people.owner({COOKIE: token}) == ""
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
        ("a:b", "long enough", r'^"a:b" is no name\.'),
        ("", "long enough", r'^"" is no name\.'),
        ("ada", "short", r"^The password has 5 characters\. Choose one of 8 to 200\.$"),
    ],
)
def test_what_cannot_be_a_user_is_refused(
    tmp_path: Path, name: str, password: str, line: str
) -> None:
    with pytest.raises(InputError, match=line):
        write_user(tmp_path / "users", name, password)
    assert not (tmp_path / "users").exists()


def test_a_users_file_that_is_none_says_where(tmp_path: Path) -> None:
    file = tmp_path / "users"
    with pytest.raises(InputError, match=r"cannot be read .* \"advisor user NAME\""):
        Users(file)
    file.write_text("\nada:plain password\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"users:2: not NAME:SALT:HASH:COST\."):
        Users(file)


def test_a_browser_is_known_by_its_cookie_of_which_a_hash_is_kept() -> None:
    browsers = Browsers()
    assert browsers.owner({}) == ""
    one, other = (browsers.owner({COOKIE: token}) for token in ("token one", "token other"))
    assert one != other and "token" not in one


def test_a_users_file_that_broke_lets_nobody_in(people: Users, file: Path) -> None:
    token = people.log_in("ada", "secret of ada", "127.0.0.1")
    file.write_text("nonsense", encoding="utf-8")
    assert people.owner({COOKIE: token}) == ""
