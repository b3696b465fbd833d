"""Settings come from the environment once; a bad one is a line that names it and its value."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from agent.errors import InputError
from agent.settings import Settings, read_settings, usable_settings
from agent.urls import Url


def test_environment_overrides_the_default_and_a_flag_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("ADVISOR_PORT", raising=False)
    assert read_settings().port == 7860
    monkeypatch.setenv("ADVISOR_PORT", "8000")
    assert read_settings().port == 8000
    assert read_settings(port=0).port == 0


def test_empty_flag_leaves_the_environment_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADVISOR_COMPARISON", "tea-vs-coffee")
    monkeypatch.setenv("ADVISOR_PORT", "8000")
    settings = read_settings(comparison="", port=None)
    assert (settings.comparison, settings.port) == ("tea-vs-coffee", 8000)


def test_a_variable_under_its_old_name_works_and_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("ADVISOR_CELLS_MIB", "64")
    assert read_settings().kv_cache_mib == 64
    assert "ADVISOR_CELLS_MIB is called ADVISOR_KV_CACHE_MIB now." in caplog.text
    monkeypatch.setenv("ADVISOR_KV_CACHE_MIB", "32")
    assert read_settings().kv_cache_mib == 32
    assert read_settings(kv_cache_mib=16).kv_cache_mib == 16


def test_folders_can_be_moved(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ADVISOR_CACHE_DIR", str(tmp_path))
    assert read_settings().cache_dir == tmp_path
    assert read_settings().data_dir == tmp_path / "data"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ADVISOR_PORT", "http"),
        ("ADVISOR_PORT", "70000"),
        ("ADVISOR_PORT", "-1"),
        ("ADVISOR_THREADS", "0"),
        ("ADVISOR_THREADS", "two"),
        ("ADVISOR_TOP_K", "13"),
        ("ADVISOR_TOP_K", "1.5"),
        ("ADVISOR_KV_CACHE_MIB", "-1"),
        ("ADVISOR_ENGINE", "fast"),
        ("ADVISOR_LOG", "loud"),
    ],
)
def test_bad_value_is_one_line_with_variable_and_value(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(InputError) as caught:
        read_settings()
    assert str(caught.value).startswith(f"{variable}={value} cannot be used: input should be ")
    assert "\n" not in str(caught.value)


def test_bad_flag_is_named_as_its_variable() -> None:
    with pytest.raises(InputError, match=r"^ADVISOR_PORT=70000 cannot be used: "):
        read_settings(port=70000)


def test_all_bad_values_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADVISOR_PORT", "http")
    monkeypatch.setenv("ADVISOR_TOP_K", "13")
    with pytest.raises(InputError, match=r"ADVISOR_TOP_K=13 cannot .*ADVISOR_PORT=http cannot"):
        read_settings()
    settings, wrong = usable_settings(threads=3)
    assert (settings.port, settings.top_k, settings.threads, len(wrong)) == (7860, 4, 3, 2)


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ("", ()),
        ("advisor.example", ("advisor.example",)),
        (" Advisor.Example ,desk,", ("advisor.example", "desk")),
        ("münchen.example", ("xn--mnchen-3ya.example",)),
        ("Straße.example", ("xn--strae-oqa.example",)),  # IDNA 2003 had another name: strasse
        ("βόλος.example", ("xn--nxasmm1c.example",)),
        ("192.0.2.7,[2001:DB8::1],::1", ("192.0.2.7", "2001:db8::1", "::1")),
    ],
)
def test_hosts_are_names_with_commas_between(
    given: str, names: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADVISOR_HOSTS", given)
    hosts = read_settings().hosts
    assert hosts.names == names
    assert read_settings(hosts=str(hosts)).hosts == hosts


@pytest.mark.parametrize(
    "wrong",
    [
        "https://advisor.example",
        "advisor.example:8443",
        "advisor.example/chat",
        "a b",
        "*",
        "*.example",
        "-a.example",
        "a..example",
        "\u00ad.example",
        "☃\u200d.example",
        "300.1.1.1",
        "a" * 64,
        ".".join(["a" * 60] * 5),
    ],
)
def test_what_is_no_host_name_is_one_line(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADVISOR_HOSTS", f"desk,{wrong}")
    with pytest.raises(InputError) as caught:
        read_settings()
    assert str(caught.value) == (
        f'ADVISOR_HOSTS=desk,{wrong} cannot be used: "{wrong}" is no host name; '
        "give names such as advisor.example, separated by commas."
    )


@pytest.mark.parametrize("variable", ["ADVISOR_BASE_URL", "ADVISOR_DATABASE_URL"])
def test_a_url_shows_no_password(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, "https://ada:hunter2@host/v1")
    settings = read_settings()
    url: Url = getattr(settings, variable.removeprefix("ADVISOR_").lower())
    assert url.get_secret_value() == "https://ada:hunter2@host/v1"
    shown = f"{url} {url!r} {settings} {settings!r} {settings.model_dump()}"
    assert "hunter2" not in shown + settings.model_dump_json()


def test_key_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADVISOR_API_KEY", "sk-secret")
    settings = read_settings()
    assert settings.api_key.get_secret_value() == "sk-secret"
    assert "sk-secret" not in f"{settings} {settings.api_key}"


@pytest.mark.parametrize("name", Settings.model_fields)
def test_settings_do_not_change(name: str) -> None:
    settings = Settings()
    with pytest.raises(ValidationError, match="frozen"):
        setattr(settings, name, getattr(settings, name))


def test_every_setting_says_what_it_is_for() -> None:
    assert all(field.description for field in Settings.model_fields.values())
