"""What is wrong is one line and exit status 2, a failed check is 1, and nothing is a traceback.

In this process, but for one that shows the installed command. The real model is never loaded.
"""

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import agent.factory
from agent.factory import Loaded
from agent.learning.artifacts import given_messages
from agent.settings import Settings
from agent.web.users import Users
from knowledge.cache import Cache
from knowledge.comparison import Comparison
from tests.helpers.command import HEAT, SHIPPED, Run
from tests.helpers.paths import DATA, ROOT
from tests.helpers.scripted_model import ScriptedModel


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["bogus"], "No such command 'bogus'. Try --help."),
        (["ask"], "Missing argument 'QUESTION [FOLLOW-UP]...'. Try --help."),
        (["ask", "--loud", "Which one?"], "No such option: --loud Try --help."),
        (["ask", ""], "The question is empty. Describe your case, or ask about the document."),
        (["ask", "\x07 \x1b"], "The question is empty. Describe your case, or ask about the"),
        (["ask", "Which one?", " "], "The question is empty. Describe your case, or ask about the"),
        (["ask", "a" * 20_000], "The question has 20,000 characters; at most 4,000 can be read."),
        (["ask", "🎉🎉"], 'The question "🎉🎉" has no words. Describe your case in words.'),
        (["serve", "--port", "http"], "Invalid value for '--port': "),
        (["serve", "--port", "70000"], "ADVISOR_PORT=70000 cannot be used: input should be less"),
        (["serve", "--host", "300.1.1.1"], "The page cannot be served on 300.1.1.1, port "),
        (["pull", "hf:../../etc"], '"hf:../../etc" is not of the form hf:owner/repo/file.gguf.'),
        (["pull", "nonsense"], 'No model "nonsense". Give one of qwen2.5-coder-1.5b, '),
        (["index", "nowhere.md"], "nowhere.md cannot be read: No such file or directory. Check"),
        (["index", "two\nlines.md"], "two lines.md cannot be read: "),
        (["user", "ada"], "No users file is set. Set ADVISOR_USERS to the file to write."),
        (["feedback", "import", "x.jsonl"], "Invalid value for "),
    ],
)
def test_wrong_use_is_status_2_and_one_line(arguments: list[str], line: str, run: Run) -> None:
    done = run(*arguments)
    assert (done.status, done.out) == (2, [])
    [only] = done.err
    assert only.startswith(line)


def test_no_argument_shows_the_help(run: Run) -> None:
    done = run()
    assert done.status == 2
    assert any(line.strip().startswith("ask ") for line in done.err)
    assert run("--help").status == 0


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ADVISOR_THREADS", "many"),
        ("ADVISOR_THREADS", "1\n2"),
        ("ADVISOR_TOP_K", "0"),
        ("ADVISOR_LOG", "loud"),
    ],
)
@pytest.mark.parametrize(
    "arguments", [("pull",), ("ask", "Which one?"), ("index",), ("user", "ada")]
)
def test_bad_setting_is_status_2_and_one_line(
    variable: str, value: str, arguments: tuple[str, ...], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    done = run(*arguments)
    assert (done.status, done.out) == (2, [])
    [only] = done.err
    assert only.startswith(f"{variable}={' '.join(value.split())} cannot be used: ")


def test_every_bad_setting_is_named_at_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADVISOR_THREADS", "many")
    monkeypatch.setenv("ADVISOR_TOP_K", "0")
    done = run("ask", "Which one?")
    assert (done.status, done.out) == (2, [])
    [only] = done.err
    assert "ADVISOR_THREADS=many cannot be used: " in only
    assert "ADVISOR_TOP_K=0 cannot be used: " in only


@pytest.mark.parametrize("arguments", [("--help",), ("ask", "--help"), ("doctor", "--help")])
def test_help_is_there_whatever_the_settings_are(
    arguments: tuple[str, ...], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADVISOR_THREADS", "many")
    monkeypatch.setenv("ADVISOR_LOG", "loud")
    done = run(*arguments)
    assert (done.status, done.err) == (0, [])
    assert any(line.strip().startswith("Usage: ") for line in done.out)


@pytest.mark.parametrize("arguments", [("ask", "Which one?"), ("index",), ("serve", "--port", "0")])
def test_empty_cache_folder_says_what_to_pull(
    arguments: tuple[str, ...], run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADVISOR_CACHE_DIR", str(tmp_path / "empty"))
    done = run(*arguments)
    assert (done.status, done.out) == (2, [])
    assert done.err == ['minilm-onnx is not fetched. Run "advisor pull".']


@pytest.mark.usefixtures("no_model", "indexed")
def test_missing_model_says_what_to_pull(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    done = run("ask", "Which one?", "--comparison", SHIPPED)
    assert (done.status, done.out) == (2, [])
    assert done.err == ['qwen2.5-coder-1.5b is not fetched. Run "advisor pull".']
    monkeypatch.setenv("ADVISOR_MODEL", "/nowhere/model.gguf")
    done = run("ask", "Which one?", "--comparison", SHIPPED)
    assert done.status == 2
    [only] = done.err
    assert only.startswith('No model "/nowhere/model.gguf". Give one of ')


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["ask", "Which one?", "--comparison", "tea"], 'No comparison "tea" is indexed in '),
        (["ask", "Which one?", "--comparison", "a\nb"], 'No comparison "a b" is indexed in '),
        (["serve", "--port", "0", "--comparison", "../tea"], 'No comparison "../tea" is indexed '),
    ],
)
@pytest.mark.usefixtures("no_model", "indexed")
def test_unknown_comparison_is_answered_with_those_there_are(
    arguments: list[str], line: str, run: Run
) -> None:
    done = run(*arguments)
    assert (done.status, done.out) == (2, [])
    [only] = done.err
    assert only.startswith(line)
    assert SHIPPED in only
    assert HEAT in only


@pytest.mark.usefixtures("no_model")
@pytest.mark.parametrize("arguments", [("ask", "Which one?"), ("index",)])
def test_data_folder_that_cannot_be_written_is_one_line(
    arguments: tuple[str, ...], run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()  # no folder below it can be made, not even by root
    monkeypatch.setenv("ADVISOR_DATA_DIR", str(tmp_path / "file" / "data"))
    done = run(*arguments)
    assert (done.status, done.out) == (2, [])
    assert done.err == [
        f"The index cannot be written in {tmp_path}/file/data/indexes (Not a directory). "
        "Free some space, or set ADVISOR_DATA_DIR to a writable folder."
    ]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["ask", "Which one?"], "Cannot read "),
        (["pull", "smollm2-135m"], "Cannot write the model folder "),
    ],
)
def test_cache_folder_that_cannot_be_written_is_one_line(
    arguments: list[str], line: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("ADVISOR_CACHE_DIR", str(tmp_path / "file" / "cache"))
    done = run(*arguments)
    assert (done.status, done.out) == (2, [])
    [only] = done.err
    assert only.startswith(f"{line}{tmp_path / 'file' / 'cache'}")
    assert "Not a directory" in only


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://127.0.0.1:9/v1", "http://127.0.0.1:9/v1"),
        ("nonsense", "nonsense"),
        ("http://[::1", "***"),
    ],
)
@pytest.mark.usefixtures("no_model", "indexed")
def test_base_url_that_does_not_answer_is_one_line_that_names_it(
    url: str, shown: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADVISOR_BASE_URL", url)
    done = run("ask", "Which one?", "--comparison", HEAT)
    assert (done.status, done.out) == (2, [])
    [only] = done.err
    assert only.startswith(f"The model server at {shown} does not answer (")


@pytest.mark.usefixtures("indexed", "scripted")
def test_json_is_one_object_a_turn(run: Run) -> None:
    done = run("ask", "Is it loud?", "And on a farm?", "--json", "--comparison", HEAT)
    assert (done.status, done.err) == (0, [])
    first, second = map(json.loads, done.out)
    assert (first["question"], second["question"]) == ("Is it loud?", "And on a farm?")
    assert {"answer", "abstained", "citations", "evidence"} <= set(first)


@pytest.mark.usefixtures("indexed", "scripted")
def test_answer_for_a_terminal_shows_what_is_cited(run: Run) -> None:
    done = run("ask", "Is it loud?", "--comparison", HEAT)
    [told] = map(json.loads, run("ask", "Is it loud?", "--comparison", HEAT, "--json").out)
    assert done.status == 0
    assert told["answer"] in done.out
    for citation in told["citations"]:
        line = f"  [{citation['number']}] {citation['passage']}: {citation['quote']}"
        assert line in done.out


@pytest.mark.slow
@pytest.mark.usefixtures("scripted")
def test_comparisons_of_a_folder_are_indexed_with_their_warnings(
    run: Run, tmp_path: Path, second: Comparison
) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    text = (DATA / "second.md").read_text(encoding="utf-8")
    (folder / "heat.md").write_text(text.split("## The Bottom Line")[0], encoding="utf-8")
    (folder / "notes.pptx").touch()
    done = run("index", str(folder))
    assert (done.status, done.out) == (0, [])
    assert f"{HEAT}: 13 passages." in done.err
    assert "Warning: No bottom line was found." in done.err
    assert (tmp_path / "data" / "indexes" / HEAT / "current.json").is_file()


@pytest.mark.slow
def test_an_unreadable_file_is_named_and_the_others_of_its_folder_are_indexed_with_one_model(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[ScriptedModel] = []

    def open_model(*arguments: object) -> ScriptedModel:
        opened.append(ScriptedModel(lambda prompt, options: 0, lambda prompt: ""))
        return opened[-1]

    monkeypatch.setattr(agent.factory, "open_model", open_model)
    folder = tmp_path / "documents"
    folder.mkdir()
    text = (DATA / "second.md").read_text(encoding="utf-8")
    for name, title in (("a", "Tea vs Coffee"), ("c", "Cat vs Dog"), ("d", "Ink vs Chalk")):
        renamed = re.sub("(?m)^title: .*$", f"title: {title}", text, count=1)
        (folder / f"{name}.md").write_text(renamed, encoding="utf-8")
    (folder / "b.md").write_text("# No comparison at all", encoding="utf-8")
    done = run("index", str(folder))
    assert done.status == 2
    assert [line for line in done.err if line.startswith("b.md is not a comparison: ")]
    slugs = {path.parent.name for path in (tmp_path / "data" / "indexes").glob("*/current.json")}
    assert slugs == {"tea-vs-coffee", "cat-vs-dog", "ink-vs-chalk"}
    assert len(opened) == 1


@pytest.mark.usefixtures("scripted")
def test_messages_that_cannot_be_read_are_named_and_the_other_documents_are_prepared(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared: list[str] = []

    def prepare(loaded: Loaded, settings: Settings, progress: object) -> None:
        prepared.append(loaded.comparison.slug)
        given_messages(loaded.comparison, settings)  # as learning does

    monkeypatch.setattr(agent.factory, "prepare", prepare)
    folder = tmp_path / "documents"
    folder.mkdir()
    text = (DATA / "second.md").read_text(encoding="utf-8")
    for name, title in (("a", "Tea vs Coffee"), ("b", "Cat vs Dog")):
        renamed = re.sub("(?m)^title: .*$", f"title: {title}", text, count=1)
        (folder / f"{name}.md").write_text(renamed, encoding="utf-8")
    (folder / "a.messages.jsonl").write_text("nonsense\n", encoding="utf-8")
    done = run("index", str(folder))
    assert done.status == 2
    assert prepared == ["tea-vs-coffee", "cat-vs-dog"]
    assert [line for line in done.err if line.startswith(f"{folder / 'a.messages.jsonl'}:1: ")]


@pytest.mark.slow
@pytest.mark.usefixtures("scripted")
def test_what_ships_is_found_again_though_its_folder_has_moved(run: Run, tmp_path: Path) -> None:
    assert run("index").status == 0
    pointer = tmp_path / "data" / "indexes" / SHIPPED / "current.json"
    current = json.loads(pointer.read_text(encoding="utf-8"))
    current |= {"source": str(tmp_path / "gone" / "it.md"), "form": 1, "key": "of before"}
    pointer.write_text(json.dumps(current), encoding="utf-8")
    done = run("ask", "Which one?")
    assert done.status == 0
    assert "Indexed Decentralized AI vs Open Source AI: 28 passages." in done.err


@pytest.mark.usefixtures("indexed")
def test_what_is_kept_is_listed_with_size_and_key_and_removed(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(path: Path) -> None:
        raise PermissionError

    Cache(tmp_path / "data").of("probes").save(HEAT, "a key", lambda file: file.write(bytes(10**6)))
    done = run("cache")
    assert (done.status, done.err) == (0, [])
    line = r" +1\.0 MB  \d{4}-\d\d-\d\d \d\d:\d\d  probes    [0-9a-f]{16}  " + HEAT
    assert [each for each in done.out if re.fullmatch(line, each)]
    assert len(done.out) == 4  # and two indexes, and how much it is
    done = run("cache", "probes", "--remove")
    assert done.out[-1] == f"      1.0 MB removed from {tmp_path / 'data'}"
    assert not [each for each in run("cache").out if " probes " in each]
    assert len(run("cache").out) == 3
    stays = Cache(tmp_path / "data").of("probes").path("in-the-way", "a key")
    stays.parent.mkdir(parents=True)
    stays.write_bytes(bytes(10**6))
    monkeypatch.setattr(Path, "unlink", refused)
    done = run("cache", "probes", "--remove")
    assert (done.status, done.out[-1]) == (2, f"      0.0 MB removed from {tmp_path / 'data'}")
    assert done.err == [f"{stays} cannot be removed. Check who may write there."]
    monkeypatch.undo()
    stays.unlink()
    done = run("cache", "prbes", "--remove")
    assert (done.status, done.out) == (2, [])
    assert done.err == [
        'No cache entry has the kind, name or key "prbes". "advisor cache" lists all entries.'
    ]


def test_folder_without_a_comparison_is_one_line(run: Run, tmp_path: Path) -> None:
    done = run("index", str(tmp_path))
    assert (done.status, done.out) == (2, [])
    [only] = done.err
    assert only.startswith(f"No file in {tmp_path} ends in .md, ")


@pytest.mark.slow
def test_command_in_a_process_of_its_own_leaves_one_line_and_no_trace(tmp_path: Path) -> None:
    empty = os.environ | {"ADVISOR_CACHE_DIR": str(tmp_path / "empty")}
    done = subprocess.run(
        [sys.executable, "-m", "agent.cli", "ask", "Which one?"],
        env=empty,
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == 'minilm-onnx is not fetched. Run "advisor pull".\n'


def test_a_user_is_added_and_taken_out(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "users"
    monkeypatch.setenv("ADVISOR_USERS", str(file))
    monkeypatch.setattr("sys.stdin", io.StringIO("secret of ada\n"))
    done = run("user", "ada")
    assert (done.status, done.out) == (0, [])
    assert done.err[0].startswith("ada may log in.")
    assert Users(file).log_in("ada", "secret of ada", "127.0.0.1")
    assert run("user", "ada", "--remove").status == 0
    done = run("user", "ada", "--remove")
    assert (done.status, done.err) == (2, [f'{file} has no "ada". It has: nobody.'])


def test_feedback_that_nobody_gave_is_not_exported(run: Run, indexed: Path, tmp_path: Path) -> None:
    done = run("feedback", "export", str(tmp_path / "mine.jsonl"), "--comparison", HEAT)
    assert (done.status, done.err) == (2, ["Nobody has said anything about an answer yet."])
    assert not (tmp_path / "mine.jsonl").exists()
