"""Who is let in: passwords, lock-out, and the users file."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from agent.errors import InputUnusable, LogInRefused
from agent.people import (
    COOKIE,
    MOST_FAILED,
    MOST_FROM_ADDRESS,
    Browsers,
    People,
    read_users,
    remove_user,
    write_user,
)

WRONG = "The name or the password is wrong."


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "users"
    for name in ("ada", "bob"):
        write_user(file, name, f"secret of {name}")
    return file


@pytest.fixture
def people(file: Path) -> People:
    return People(file)


def test_who_has_the_password_is_let_in(people: People) -> None:
    token = people.log_in("ada", "secret of ada", "127.0.0.1")
    assert people.owner({COOKIE: token}) == "user ada"
    people.log_out({COOKIE: token})
    assert people.owner({COOKIE: token}) == ""


@pytest.mark.parametrize(
    ("name", "password"),
    [("ada", "secret of bob"), ("ada", ""), ("eve", "secret of ada"), ("", ""), ("eve", "")],
)
def test_nobody_else_is_and_is_not_told_why(people: People, name: str, password: str) -> None:
    with pytest.raises(LogInRefused) as caught:
        people.log_in(name, password, "127.0.0.1")
    assert str(caught.value) == WRONG
    assert people.owner({COOKIE: ""}) == people.owner({}) == people.owner({COOKIE: "x"}) == ""


def test_after_some_wrong_passwords_even_the_right_one_has_to_wait(people: People) -> None:
    for number in range(MOST_FAILED):
        with pytest.raises(LogInRefused, match=WRONG):
            people.log_in("ada", "guess", f"192.0.2.{number}")
    with pytest.raises(LogInRefused, match=r"^Too many wrong passwords\. Try again in 15 minutes"):
        people.log_in("ada", "secret of ada", "192.0.2.99")
    assert people.log_in("bob", "secret of bob", "192.0.2.99")


def test_one_address_cannot_try_many_names(people: People) -> None:
    for number in range(MOST_FROM_ADDRESS):
        with pytest.raises(LogInRefused, match=WRONG):
            people.log_in(f"name {number}", "guess", "192.0.2.1")
    with pytest.raises(LogInRefused, match=r"^Too many"):
        people.log_in("bob", "secret of bob", "192.0.2.1")
    assert people.log_in("bob", "secret of bob", "192.0.2.2")


def test_many_guesses_at_once_count_as_many(people: People) -> None:
    def guess(number: int) -> str:
        with pytest.raises(LogInRefused) as caught:
            people.log_in("ada", "guess", f"192.0.2.{number}")
        return str(caught.value)

    with ThreadPoolExecutor(12) as pool:
        said = list(pool.map(guess, range(12)))
    assert said.count(WRONG) == MOST_FAILED


def test_the_right_password_forgives_the_wrong_ones_before(people: People) -> None:
    for _ in range(3):
        for number in range(MOST_FAILED - 1):
            with pytest.raises(LogInRefused, match=WRONG):
                people.log_in("ada", "guess", f"192.0.2.{number}")
        people.log_in("ada", "secret of ada", "192.0.2.9")


def test_a_change_of_password_ends_log_ins(people: People, file: Path) -> None:
    token = people.log_in("ada", "secret of ada", "127.0.0.1")
    write_user(file, "ada", "another secret")
    assert people.owner({COOKIE: token}) == ""


def test_who_is_taken_out_of_the_file_is_logged_out(people: People, file: Path) -> None:
    token = people.log_in("ada", "secret of ada", "127.0.0.1")
    remove_user(file, "ada")
    write_user(file, "ada", "secret of ada")  # again, with another salt
    assert people.owner({COOKIE: token}) == ""
    remove_user(file, "ada")
    with pytest.raises(InputUnusable, match=r'has no "ada"\. It has: bob\.$'):
        remove_user(file, "ada")


def test_the_file_holds_no_password_and_is_its_owner_s_alone(file: Path) -> None:
    assert "secret" not in file.read_text()
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
    with pytest.raises(InputUnusable, match=line):
        write_user(tmp_path / "users", name, password)
    assert not (tmp_path / "users").exists()


def test_a_users_file_that_is_none_says_where(tmp_path: Path) -> None:
    file = tmp_path / "users"
    with pytest.raises(InputUnusable, match=r"cannot be read .* \"advisor user NAME\""):
        People(file)
    file.write_text("\nada:plain password\n")
    with pytest.raises(InputUnusable, match=r"users:2: not NAME:SALT:HASH\."):
        People(file)


def test_a_browser_is_known_by_its_cookie_of_which_a_hash_is_kept() -> None:
    browsers = Browsers()
    assert browsers.owner({}) == ""
    one, other = (browsers.owner({COOKIE: token}) for token in ("token one", "token other"))
    assert one != other and "token" not in one


def test_a_users_file_that_broke_lets_nobody_in(people: People, file: Path) -> None:
    token = people.log_in("ada", "secret of ada", "127.0.0.1")
    file.write_text("nonsense")
    assert people.owner({COOKIE: token}) == ""
