"""The house stands as it was drawn: imports, doors, names, prompts, lock and sizes.

Run it with `pytest tests/test_house.py`. Modules are read, not imported, so an import by a
computed name goes unseen. The wheel and the README have files of their own.
"""

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from knowledge.comparison import slug
from knowledge.documents.reader import parse_file
from tests.helpers.paths import ROOT

ROOMS = ("knowledge", "agent", "evals")  # in the order in which they may import each other
MODULES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
WRITTEN = [*MODULES, *sorted((ROOT / "tests").rglob("*.py"))]
PROMPTS = sorted((ROOT / "prompts").rglob("*.md"))
SHIPPED = sorted((ROOT / "knowledge" / "data").glob("*.md"))
MAX_TRACKED_BYTES = 2_000_000
# measured beside the advisor as others use the library, so not through the advisor's door
RIVALS = ("evals/bench/stock.py",)
MIN_COPIED_CHARS = 25  # shorter pieces of a prompt, such as "Use case:", may be told of in code


@cache
def tree(module: Path) -> ast.Module:
    return ast.parse(module.read_text(encoding="utf-8"))


@cache
def imports(module: Path) -> set[str]:
    """The top-level names that a module imports, within functions too."""
    found: set[str] = set()
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize(
    ("room", "forbidden"),
    [
        ("knowledge", {"agent", "evals", "prompts", "tests"}),
        ("agent", {"evals", "prompts", "tests"}),
        ("evals", {"prompts", "tests"}),
    ],
)
def test_imports_run_one_way(room: str, forbidden: set[str]) -> None:
    wrong = {
        named(module): sorted(found)
        for module in (ROOT / room).rglob("*.py")
        if (found := imports(module) & forbidden)
    }
    assert wrong == {}


# each room may import those before it; what stands together in a line may import each other
LAYERS = (
    ("knowledge.text",),
    ("knowledge",),
    ("knowledge.documents",),
    ("knowledge.data",),
    (
        *("agent.errors", "agent.urls", "agent.settings", "agent.logs", "agent.progress"),
        "agent.evaluation_record",
    ),
    ("agent.llm",),
    ("agent.prompting",),
    ("agent.downloads",),
    ("agent.learning",),
    ("agent.judge",),
    ("agent.dialogue",),
    ("agent.answering",),
    ("agent.advisor",),
    ("agent.conversations",),
    ("agent.factory", "agent.langchain", "agent.doctor", "agent.provenance"),
    ("agent.web",),
    ("agent.cli", "agent"),
    ("evals",),
)


def room_of(module: str) -> int:
    """The layer of `module`, by the longest name in LAYERS that it begins with."""
    places = {name: place for place, names in enumerate(LAYERS) for name in names}
    parts = module.split(".")
    names = [".".join(parts[:count]) for count in range(len(parts), 0, -1)]
    return next(places[name] for name in names if name in places)


def imported_modules(module: Path) -> set[str]:
    """The modules of ours that `module` imports."""
    found: set[str] = set()
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return {name for name in found if name.split(".")[0] in ROOMS}


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_room_imports_one_above_it(module: Path) -> None:
    name = named(module).removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    above = [other for other in imported_modules(module) if room_of(other) > room_of(name)]
    assert above == []


@pytest.mark.parametrize(
    "library", [("llama_cpp",), ("chromadb", "langchain_chroma"), ("gradio",)], ids=" and ".join
)
def test_each_library_has_one_door(library: tuple[str, ...]) -> None:
    doors = [named(module) for module in MODULES if imports(module) & set(library)]
    doors = [door for door in doors if door not in RIVALS]
    assert len(doors) == 1, doors


def test_a_rival_is_no_second_door() -> None:
    for rival in RIVALS:
        assert "llama_cpp" in imports(ROOT / rival)  # else it needs no exception
        assert "agent" not in imports(ROOT / rival)


@pytest.mark.parametrize("room", ROOMS)
def test_package_names_are_ours_alone(room: str) -> None:
    # other distributions of these names exist, and pip installs both without a word
    assert set(packages_distributions()[room]) == {"comparison-advisor"}


def names_of_shipped_comparisons() -> list[str]:
    """The options and use cases of every comparison that ships."""
    comparisons = [parse_file(path) for path in SHIPPED]
    use_cases = [p.heading for each in comparisons for p in each.of_kind("best-for")]
    return [*(option for each in comparisons for option in each.options), *use_cases]


def test_a_comparison_ships() -> None:
    assert len(names_of_shipped_comparisons()) >= 4  # else the next test would find nothing


@pytest.mark.parametrize("name", names_of_shipped_comparisons())
def test_no_code_or_prompt_names_what_is_compared(name: str) -> None:
    code = [p for room in ("agent", "knowledge") for p in (ROOT / room).rglob("*")]
    code = [path for path in code if path.suffix in (".py", ".css", ".js", ".json", ".j2")]
    # as slugs, so that "open-source AI", OPEN_SOURCE_AI and a file's name are found too
    naming = [
        named(path)
        for path in (*code, *PROMPTS)
        if f"-{slug(name)}-" in f"-{slug(path.read_text(encoding='utf-8'))}-"
    ]
    assert naming == []


LOCKS = ("requirements.lock", "requirements-test.lock")


def requirements(lock: str) -> list[str]:
    """The lock's requirements, each with its continuation lines."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    lines = re.sub(r"\\\n", " ", text).splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_requirement_is_a_version_with_hashes(lock: str) -> None:
    form = re.compile(r"[\w.-]+==\S+( ; [^\\]+?)?(\s+--hash=sha256:[0-9a-f]{64})+\s*")
    assert [line[:80] for line in requirements(lock) if not form.fullmatch(line)] == []
    assert len(requirements(lock)) > 20


def test_what_is_run_is_what_is_tested() -> None:
    tested = {line.split()[0] for line in requirements(LOCKS[1])}
    assert {line.split()[0] for line in requirements(LOCKS[0])} <= tested


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_names_no_host_and_no_option(lock: str) -> None:
    lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()
    hosts = [line for line in lines if re.search(r"\bhttps?:|://", line)]
    options = [line for line in lines if line.startswith("-")]  # such as --index-url
    assert hosts + options == []


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_holds_no_torch(lock: str) -> None:
    assert [line[:80] for line in requirements(lock) if re.match(r"(py)?torch\b", line)] == []


def test_no_file_that_git_does_not_ignore_is_over_2_mb() -> None:
    patterns = [".git", *(ROOT / ".gitignore").read_text(encoding="utf-8").split()]
    ignored = [pattern.strip("/") for pattern in patterns]
    kept = [p for p in ROOT.iterdir() if not any(fnmatch(p.name, name) for name in ignored)]
    files = [f for top in kept for f in (top.rglob("*") if top.is_dir() else [top]) if f.is_file()]
    assert ROOT / "README.md" in files
    assert [named(f) for f in files if f.stat().st_size > MAX_TRACKED_BYTES] == []


def prompt_calls() -> Iterator[tuple[str, ast.expr]]:
    """Each call of agent.prompting.templates.fill: the module, and the first argument."""
    for module in MODULES:
        if "agent.prompting.templates" not in imported_modules(module):
            continue
        for node in ast.walk(tree(module)):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            if node.func.id == "fill" and node.args:
                yield named(module), node.args[0]


def test_every_prompt_file_is_used_and_every_used_prompt_is_a_file() -> None:
    names = {(where, ast.unparse(name)) for where, name in prompt_calls()}
    literal = re.compile(r"'([\w/-]+)'")
    # a name that is computed could not be looked up here
    assert [(where, name) for where, name in names if not literal.fullmatch(name)] == []
    used = {name.strip("'") for _, name in names}
    assert {path.relative_to(ROOT / "prompts").as_posix() for path in PROMPTS} == {
        f"{name}.md" for name in used
    }


@cache
def strings(module: Path) -> str:
    """Everything that a module says in string literals, docstrings included."""
    nodes = (node for node in ast.walk(tree(module)) if isinstance(node, ast.Constant))
    return "\n".join(node.value for node in nodes if isinstance(node.value, str))


@pytest.mark.parametrize("prompt", PROMPTS, ids=lambda path: path.stem)
def test_each_prompt_exists_once(prompt: Path) -> None:
    pieces = re.split(r"\$\w+|\n|(?<=[.?!]) ", prompt.read_text(encoding="utf-8"))
    long = [piece.strip() for piece in pieces if len(piece.strip()) >= MIN_COPIED_CHARS]
    elsewhere = {named(module): strings(module) for module in MODULES}
    elsewhere |= {named(p): p.read_text(encoding="utf-8") for p in PROMPTS if p != prompt}
    copies = [(where, piece) for piece in long for where in elsewhere if piece in elsewhere[where]]
    assert copies == []


def opened(code: str) -> list[str]:
    """The calls that open text, or a process's text, in whatever encoding the locale has."""
    found = []
    for node in ast.walk(ast.parse(code)):
        if not isinstance(node, ast.Call):
            continue
        method = isinstance(node.func, ast.Attribute)
        name = ast.unparse(node.func).rpartition(".")[2]
        given = {keyword.arg: keyword.value for keyword in node.keywords}
        place = 0 if method else 1  # where open() takes its mode
        mode = given.get("mode", node.args[place] if node.args[place:] else ast.Constant("r"))
        # what else is opened, such as a conversation, is opened by no mode
        as_text = isinstance(mode, ast.Constant) and re.fullmatch("[rwxat+]+", str(mode.value))
        takes_encoding = {
            "read_text": not node.args,
            "write_text": len(node.args) < 2,
            "open": bool(as_text),
            "fdopen": True,
        }
        of_process = ast.unparse(given.get("text", ast.Constant(False))) == "True"
        if (takes_encoding.get(name) or of_process) and "encoding" not in given:
            found.append(ast.unparse(node))
    return found


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("p.read_text()", True),
        ("p.write_text(x)", True),
        ("p.open()", True),
        ('p.open("a")', True),
        ('p.open(mode="w")', True),
        ("open(p)", True),
        ('open(p, "w")', True),
        ('os.fdopen(1, "w")', True),
        ("run(c, text=True)", True),
        ('p.read_text("utf-8")', False),
        ('p.write_text(x, encoding="utf-8")', False),
        ('p.open("rb")', False),
        ('open(p, "rb")', False),
        ('desk.open(me, "tab")', False),
        ("run(c)", False),
        ('Answer(text="x")', False),
    ],
)
def test_what_is_opened_without_an_encoding_is_found(code: str, found: bool) -> None:
    assert bool(opened(code)) is found


@pytest.mark.parametrize("module", WRITTEN, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_text_is_read_and_written_in_an_encoding_that_is_named(module: Path) -> None:
    assert opened(module.read_text(encoding="utf-8")) == []


def test_every_module_has_a_docstring() -> None:
    assert [named(module) for module in WRITTEN if not ast.get_docstring(tree(module))] == []
