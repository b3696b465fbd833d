"""Writes an eval run for people and for CI: report.html, report.md and junit.xml.

    write_report(json.loads(Path("out/run/results.json").read_text()), Path("out/run"))

The HTML page is one file that loads nothing. Whatever stands in a case or an answer may be
hostile: it is escaped in all three files, and characters that XML forbids are replaced. What is
shown is made in bars, cases and calibration. Not covered: whether the dict is right (evals.results
reads and checks the file).
"""

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from agent.web.rendering import FOLDER, templates
from evals.report import calibration
from evals.report.bars import ResultsJson, bars, checked, gates, headlines, scale_end
from evals.report.cases import Case, cases, confusion, problems
from evals.report.labels import shown_p

HERE = Path(__file__).parent
COLOURS = FOLDER.parent / "static" / "colours.css"
COUNTED = (
    ("tests", "testcase"),
    ("failures", "failure"),
    ("errors", "error"),
    ("skipped", "skipped"),
)
MOST_LISTED = 50  # cases of a sort in the summary, which CI pages cut when it is long
FORBIDDEN = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # in XML 1.0
MARKDOWN = re.compile(r"[\\`*_\[\]<>#|~$@&]|:(?=//)|(?<=www)\.", re.IGNORECASE)


def write_report(results: ResultsJson, folder: Path) -> None:
    """Write report.html, report.md and junit.xml into `folder`, which is made if need be.

    Everything is rendered before the first file is written. Raises OSError.
    """
    results = cleaned(results)
    files = {
        "report.html": html(results),
        "report.md": markdown(results),
        "junit.xml": junit(results),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        # the script's hash holds for these very line ends
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def cleaned(value: Any) -> Any:
    """`value` with every character that XML 1.0 forbids replaced, lone surrogates among them."""
    if isinstance(value, str):
        return FORBIDDEN.sub("\ufffd", value)
    if isinstance(value, dict):
        return {cleaned(key): cleaned(item) for key, item in value.items()}
    return [cleaned(item) for item in value] if isinstance(value, list | tuple) else value


def html(results: ResultsJson) -> str:
    """The page: complete without its script, which only filters the cases."""
    script = _text("report.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    environment = templates(HERE)
    environment.filters |= {"cited": cited, "shown_p": shown_p}
    verdicts = calibration.judged(results["cases"])
    made, risks = calibration.bins(verdicts), calibration.risk_curve(verdicts)
    return environment.get_template("report.html.j2").render(
        _shared(results),
        style=Markup(COLOURS.read_text(encoding="utf-8") + _text("report.css")),
        script=Markup(script),
        script_sha256=digest,
        headlines=headlines(results),
        confusion=confusion(results),
        bins=made,
        calibration_error=calibration.error(verdicts),
        risks=risks,
        risk_end=scale_end([0.05, *(point.risk for point in risks)]),
        judged=len(verdicts),
        config=list(_flat(results["config"])),
    )


def markdown(results: ResultsJson) -> str:
    """The summary for a CI page. Every value is escaped on its way out, not by each place."""
    environment = Environment(
        loader=FileSystemLoader(HERE),
        finalize=lambda value: MARKDOWN.sub(r"\\\g<0>", " ".join(str(value).split())),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.md.j2").render(_shared(results), most=MOST_LISTED)


def junit(results: ResultsJson) -> str:
    """JUnit XML: a test for each case, for each gate, and for the baseline where there is one.

    Times are in seconds. A case that could not be scored is an error.
    """
    root = ElementTree.Element("testsuites", name=results["comparison"]["title"])
    suite = _suite(root, "cases", results)
    for case in cases(results):
        answer = case.data["answer"]
        test = ElementTree.SubElement(
            suite,
            "testcase",
            classname=case.data["kind"],
            name=case.data["id"],
            time=f"{answer['timings']['total_s'] if answer else 0:.3f}",
        )
        if case.state != "passed":
            why = "; ".join(f"{name}: {explanation}" for name, explanation in case.why)
            turns = "\n".join(f"Q: {turn}" for turn in case.data["turns"])
            kind = "error" if case.state == "unscored" else "failure"
            said = f"\nA: {answer['answer']}" if answer else ""
            ElementTree.SubElement(test, kind, message=why).text = f"{turns}{said}\n{why}"
    suite = _suite(root, "gates", results)
    for gate in gates(results):
        name = f"{gate.metric} {gate.end or 'value'} {gate.wanted}"
        test = ElementTree.SubElement(suite, "testcase", classname="gate", name=name)
        if gate.outcome != "passed":
            kind = "failure" if gate.outcome == "failed" else "skipped"
            ElementTree.SubElement(test, kind, message=f"{gate.measured}, {gate.outcome}")
    if baseline := results["baseline"]:
        name = "no significant loss against the baseline"
        test = ElementTree.SubElement(suite, "testcase", classname="baseline", name=name)
        if baseline["significant"]:
            lost = ", ".join(baseline["lost"])
            message = f"{shown_p(baseline['p_value'])}; lost: {lost}"
            ElementTree.SubElement(test, "failure", message=message)
    for suite in root:
        for key, tag in COUNTED:
            suite.set(key, str(len(list(suite.iter(tag)))))
    ElementTree.indent(root)
    declaration = '<?xml version="1.0" encoding="utf-8"?>\n'
    return declaration + ElementTree.tostring(root, encoding="unicode") + "\n"


def cited(text: str, case: Case) -> Markup:
    """`text` escaped, each [number] of the case's evidence a link to it, any other one marked."""
    known = {evidence["number"] for evidence in case.data["answer"]["evidence"]}

    def link(match: re.Match[str]) -> str:
        if int(match[1]) not in known:
            return f"<mark>{match[0]}</mark>"
        return f'<a href="#c{case.number}e{int(match[1])}">{match[0]}</a>'

    return Markup(re.sub(r"\[(\d{1,6})\]", link, str(escape(text))))


def _shared(results: ResultsJson) -> dict[str, Any]:
    """What the page and the summary both show."""
    found = cases(results)
    return {
        "results": results,
        "created": _date(results["created"]),
        "baseline_created": _date((results["baseline"] or results)["created"]),
        "duration": _duration(results["duration_s"]),
        "durations": {name: _duration(s) for name, s in results["durations_s"].items()},
        "counts": dict.fromkeys(("passed", "failed", "unscored"), 0)
        | Counter(case.state for case in found),
        "problems": problems(results),
        "gates": gates(results),
        "checked": len(checked(results)),
        "groups": bars(results),
        "cases": found,
        "by_id": {case.data["id"]: case for case in found},
        "kinds": list(dict.fromkeys(case["kind"] for case in results["cases"])),
    }


def _suite(root: ElementTree.Element, name: str, results: ResultsJson) -> ElementTree.Element:
    return ElementTree.SubElement(root, "testsuite", name=name, timestamp=results["created"])


def _text(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


def _date(created: str) -> str:
    """The moment for people, or as it stands where it is no ISO date."""
    try:
        return f"{datetime.fromisoformat(created):%d %B %Y, %H:%M %Z}".strip().lstrip("0")
    except ValueError:
        return created


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    if minutes >= 60:
        return f"{minutes // 60}\u00a0h {minutes % 60}\u00a0min"
    return f"{minutes}\u00a0min {rest}\u00a0s" if minutes else f"{seconds:.3g}\u00a0s"


def _flat(config: dict[str, Any], within: str = "") -> Iterator[tuple[str, str]]:
    """Each setting and its value, those of a part after the part's name."""
    for key, value in config.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{within}{key} ")
        else:
            yield f"{within}{key}", "–" if value is None else str(value)
