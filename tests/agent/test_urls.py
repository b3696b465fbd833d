"""URLs show what is not secret in them, and errors about them as much."""

import json

import pytest

from agent.urls import Url


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("", ""),
        ("http://127.0.0.1:8000/v1", "http://127.0.0.1:8000/v1"),
        ("nonsense", "nonsense"),
        ("localhost:8000/v1", "localhost:8000/v1"),  # the scheme was forgotten
        ("http://ada:hunter2@host:8000/v1", "http://ada:***@host:8000/v1"),
        ("ada:hunter2@host/v1", "***"),  # the beginning was forgotten
        ("//ada:hunter2@db/kept", "***"),
        ("host=db user=ada password=hunter2", "***"),  # libpq's form
        ("http://ada:hunter2", "***"),  # the host was forgotten
        ("http://:hunter2", "***"),
        ("postgresql:ada:hunter2@db", "***"),
        ("https://host/v1;key=hunter2", "https://host/v1;key=***"),
        ("https://host/v1;hunter2", "https://host/v1;***"),
        ("https://host;key=hunter2", "https://host;key=***"),
        ("https://host/v1#tok=hunter2", "https://host/v1#tok=***"),
        ("https://host/v1?hunter2#hunter3", "https://host/v1?***#***"),
        ("https://host/v1?key=a;hunter2", "https://host/v1?key=***;***"),
        ("https://host/v1 password=hunter2 x", "https://host/v1 password=*** ***"),
        ("https://host/v1\nhunter2", "https://host/v1\n***"),
        ("https://sk-hunter2@host/v1", "https://***@host/v1"),  # some keys stand for a user
        ("postgresql+psycopg://ada:hunt:er2@db/kept", "postgresql+psycopg://ada:***@db/kept"),
        ("postgresql://ada:h@nt/e?r#2@db/kept", "postgresql://ada:***@db/kept"),
        (
            "postgresql://db/kept?user=ada&password=hunter2",
            "postgresql://db/kept?user=***&password=***",
        ),
        ("http://host/v1?mail=a@b&key=hunter2", "http://***@b&key=***"),
        ("sqlite:////home/ada@desk/kept.db", "sqlite:////home/ada@desk/kept.db"),
        ("sqlite:///C:/ada@desk/kept.db", "sqlite:///C:/ada@desk/kept.db"),
        ("sqlite:////my files/a;b#c&d.db", "sqlite:////my files/a;b#c&d.db"),
        ("sqlite:///kept.db?key=hunter2", "sqlite:///kept.db?key=***"),
        ("sqlite+pysqlcipher://:hunter2@/kept.db", "sqlite+pysqlcipher://:***@/kept.db"),
    ],
)
def test_a_url_shows_neither_a_password_nor_a_key(given: str, shown: str) -> None:
    url = Url(given)
    assert str(url) == f"{url}" == "%s" % url == shown  # noqa: UP031 - as logging does
    assert repr(url) == f"Url({shown!r})"
    assert url.get_secret_value() == given
    assert bool(url) is bool(given)
    with pytest.raises(TypeError):
        json.dumps(url)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ("http://ada:hunter2@host/v1", "cannot reach http://ada:hunter2@host/v1/models"),
        ("http://ada:hunter2@host/v1", "POST http://ada:hunter2@host/v1"),
        ("http://ada:hunt%20er2@host/v1", "wrong password 'hunt er2'"),
        ("http://ada:hunter2/x@host/v1", "Invalid port: 'hunter2'"),
        ("http://host/v1?key=hunter2", "http://host/v1/models?key=hunter2 refused"),
        ("http://host/v1;key=hunter2", "http://host/v1;key=hunter2/models refused"),
        ("host=db password=hunter2", 'invalid dsn: "hunter2"'),
        ("//ada:hunter2@db/kept", "no scheme in //ada:hunter2@db/kept/x, user hunter2"),
        ("http://ada:hunter2", "Invalid port: 'hunter2'"),
        ("", "HTTP Request: GET http://ada:hunter2@elsewhere/x"),
    ],
)
def test_an_error_about_it_shows_no_more(given: str, error: str) -> None:
    shown = Url(given).masked(error)
    assert "hunt" not in shown and "***" in shown
    assert Url(given).masked("Connection refused") == "Connection refused"
