"""`advisor doctor` looks at everything, says what to do about what is wrong, and keeps secrets."""

from pathlib import Path

import pytest

import agent.llm.engine
from agent.settings import Settings
from tests.helpers.command import HEAT, SHIPPED, Run
from tests.helpers.disk import disk_of


@pytest.mark.usefixtures("no_model")
def test_doctor_fails_and_names_the_remedy_when_the_model_is_missing(run: Run) -> None:
    done = run("doctor")
    assert (done.status, done.err) == (1, [])
    assert 'FAIL  model: qwen2.5-coder-1.5b is not fetched. Run "advisor pull".' in done.out
    [index] = [line for line in done.out if line.startswith("FAIL  index: ")]
    assert index.endswith('Run "advisor index".')
    assert any(line.startswith("ok    embedding: ") for line in done.out)


@pytest.mark.usefixtures("no_model", "indexed")
def test_doctor_lists_the_indexes_and_every_setting_but_no_key(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADVISOR_API_KEY", "sk-secret")
    done = run("doctor")
    assert f"ok    index: {SHIPPED} (28), {HEAT} (14)" in done.out
    for name in Settings.model_fields:
        assert any(line.startswith(f"ADVISOR_{name.upper()}=") for line in done.out)
    assert "sk-secret" not in "\n".join(done.out)


@pytest.mark.usefixtures("no_model", "indexed")
def test_no_command_shows_a_password_of_a_configured_url(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADVISOR_BASE_URL", "http://ada:hunter-a@127.0.0.1:9/v1?key=hunter-b")
    monkeypatch.setenv("ADVISOR_DATABASE_URL", "oracle://bob:hunter-c@host/d?token=hunter-d")
    for arguments in (["doctor"], ["ask", "Is it loud?"], ["feedback", "export", "x.jsonl"]):
        done = run(*arguments, *(["--comparison", HEAT] if arguments != ["doctor"] else []))
        assert done.status in (1, 2)
        said = "\n".join(done.out + done.err)
        assert "hunter" not in said, arguments
        assert "ada:***@127.0.0.1:9/v1?key=***" in said or "bob:***@host/d?token=***" in said


@pytest.mark.parametrize("variable", ["ADVISOR_DATA_DIR", "ADVISOR_CACHE_DIR"])
def test_doctor_names_a_folder_that_cannot_be_written(
    variable: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "folder"
    monkeypatch.setenv(variable, str(folder))
    done = run("doctor")
    assert (done.status, done.err) == (1, [])
    assert (
        f"FAIL  {variable}: {folder} cannot be written. Set {variable} to another folder."
        in done.out
    )


@pytest.mark.usefixtures("no_model")
def test_doctor_says_that_the_server_does_not_answer(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADVISOR_BASE_URL", "http://127.0.0.1:9/v1")
    done = run("doctor")
    assert done.status == 1
    [model] = [line for line in done.out if line.startswith("FAIL  model: ")]
    assert "The model server at http://127.0.0.1:9/v1 does not answer (" in model


@pytest.mark.usefixtures("no_model", "indexed")
def test_doctor_says_what_llama_cpp_finds_and_what_it_was_built_for(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    # built for a GPU where there is none, it was said to be built for none
    monkeypatch.setattr(agent.llm.engine, "built_for", lambda: "CUDA : ARCHS = 860")
    for has_gpu, layers, said in (
        (True, "9", "ok    llama.cpp: finds a GPU; built for CUDA : ARCHS = 860"),
        (False, "0", "ok    llama.cpp: finds no GPU; built for CUDA : ARCHS = 860"),
        (False, "9", "FAIL  llama.cpp: ADVISOR_GPU_LAYERS=9, but it finds no GPU. See docs/"),
    ):
        monkeypatch.setattr(agent.llm.engine, "has_gpu", lambda found=has_gpu: found)
        monkeypatch.setenv("ADVISOR_GPU_LAYERS", layers)
        assert any(line.startswith(said) for line in run("doctor").out), said


@pytest.mark.usefixtures("no_model", "indexed")
def test_doctor_says_in_one_line_that_an_index_cannot_be_used(
    run: Run, indexed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADVISOR_COMPARISON", HEAT)
    with disk_of(0):
        done = run("doctor")
    assert done.status == 1
    [said] = [line for line in done.out if line.startswith("FAIL  index: ")]
    assert said.startswith(f"FAIL  index: The index of {HEAT} in {indexed} cannot be used (")


@pytest.mark.usefixtures("no_model", "indexed")
def test_doctor_lists_bad_settings_and_goes_on(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADVISOR_THREADS", "1\n2")
    monkeypatch.setenv("ADVISOR_LOG", "loud")
    done = run("doctor")
    assert (done.status, done.err) == (1, [])
    failed = [line for line in done.out if line.startswith("FAIL  settings: ")]
    assert len(failed) == 2
    assert any("ADVISOR_THREADS=1 2 cannot be used: input should be" in line for line in failed)
    assert any("ADVISOR_LOG=loud cannot be used: input should be" in line for line in failed)
    assert f"ok    index: {SHIPPED} (28), {HEAT} (14)" in done.out
    assert any(line.startswith("ADVISOR_THREADS=2  (") for line in done.out)
