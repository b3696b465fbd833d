"""Fifty pieces of markup, from a question, a conversation kept before, and a hostile comparison: in
a real browser no script of theirs runs and no request leaves.

Skipped where there is no Chromium, except in CI.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from agent.answering.types import Answer, Citation, CitedText, Decision
from agent.conversations.store import Store
from agent.evaluation_record import Evaluation, Figure
from agent.web.app import build_app
from agent.web.context import WebContext
from agent.web.panels import Panels
from knowledge.comparison import Comparison, Evidence, Passage
from tests.helpers.browser import ask, in_a_browser, load_again
from tests.helpers.coffee import FakeAdvisor, serving

pytestmark = in_a_browser

RUN = "window.ran=1"
AWAY = "http://evil.example"
PAYLOADS = (
    f"<script>{RUN}</script>",
    f"<script src={AWAY}/a.js></script>",
    f"<scr<script>ipt>{RUN}</scr</script>ipt>",
    f"<img src=x onerror={RUN}>",
    f"<img src={AWAY}/b.png>",
    f'<img src="x" srcset="{AWAY}/c.png 2x">',
    f"<svg onload={RUN}></svg>",
    f"<svg><script>{RUN}</script></svg>",
    f"<svg><image href={AWAY}/d.svg></svg>",
    f"<svg><animate onbegin={RUN} attributeName=x dur=1s>",
    f"<svg><use href={AWAY}/e.svg#x></svg>",
    f"<math><mtext><img src=x onerror={RUN}></mtext></math>",
    f"<iframe src=javascript:{RUN}></iframe>",
    f"<iframe srcdoc='<script>parent.{RUN}</script>'></iframe>",
    f"<iframe src={AWAY}/f></iframe>",
    f"<object data={AWAY}/g></object>",
    f"<embed src={AWAY}/h>",
    f"<video src={AWAY}/i.mp4 onerror={RUN}></video>",
    f"<audio src=x onerror={RUN}></audio>",
    f"<details open ontoggle={RUN}>x</details>",
    f"<body onload={RUN}>",
    f"<input autofocus onfocus={RUN}>",
    f"<select autofocus onfocus={RUN}><option>x</select>",
    f"<marquee onstart={RUN}>x</marquee>",
    f"<a href=javascript:{RUN}>x</a>",
    f"<a href={AWAY}/j target=_blank>x</a>",
    f"<form action={AWAY}/k><button>x</button></form>",
    f"<button formaction=javascript:{RUN}>x</button>",
    f"<link rel=stylesheet href={AWAY}/l.css>",
    f"<style>@import url({AWAY}/m.css);</style>",
    f"<div style='background:url({AWAY}/n.png)'>x</div>",
    f"<meta http-equiv=refresh content='0;url={AWAY}/o'>",
    f"<base href={AWAY}/>",
    f"<template><script>{RUN}</script></template>",
    f"<noscript><p title='</noscript><img src=x onerror={RUN}>'></noscript>",
    f"<!--><img src=x onerror={RUN}>-->",
    f"<![CDATA[<img src=x onerror={RUN}>]]>",
    f"</p></div></article><img src=x onerror={RUN}>",
    f'"><img src=x onerror={RUN}>',
    f"' onmouseover={RUN} x='",
    f"![x]({AWAY}/p.png)",
    f"[x](javascript:{RUN})",
    f"[x]({AWAY}/q)",
    f"<{AWAY}/r>",
    f"[x]: {AWAY}/s\n\n![x]",
    f"```html\n<img src=x onerror={RUN}>\n```",
    f"$$\\href{{javascript:{RUN}}}{{x}}$$",
    "{{constructor.constructor('" + RUN + "')()}}",
    "${" + RUN + "}",
    f"&lt;img src=x onerror={RUN}&gt;",
)
SOME = 5  # in one question


def hostile_comparison() -> Comparison:
    """Each piece is a heading, a text, a cell, or a label somewhere."""
    passages = [
        Passage(1, "introduction", PAYLOADS[0], PAYLOADS[1]),
        Passage(2, "dimension", PAYLOADS[2], f"A: {PAYLOADS[3]}", cells=(PAYLOADS[3], PAYLOADS[4])),
    ]
    for payload in PAYLOADS:
        passages.append(Passage(len(passages) + 1, "analysis", payload, f"{payload}\n{payload}"))
        number = len(passages) + 1
        passages.append(Passage(number, "best-for", payload, payload, PAYLOADS[5]))
    options = (PAYLOADS[5], PAYLOADS[6])
    return Comparison(PAYLOADS[7], options, PAYLOADS[8], PAYLOADS[9], tuple(passages))


COMPARISON = hostile_comparison()


def echo(question: str) -> Iterator[Answer]:
    """The question as the answer, under a verdict that rests on every passage."""
    case = COMPARISON.of_kind("best-for")[0]
    evidence = tuple(Evidence(passage, 1.0) for passage in COMPARISON.passages)
    decision = Decision("advise", case, case.verdict, 0.9, evidence, rival=case)
    said = CitedText(question, (Citation(1, "introduction", question),))
    text = f"{question} [1]\n\n{question} [2]"
    answer = Answer(question, question, decision, text, said.citations)
    yield replace(answer, against=said, would_change=said)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("kept")
    figures = (Figure(PAYLOADS[0], 1.0, 1, None, None),)
    evaluation = Evaluation(PAYLOADS[1], PAYLOADS[2], figures, {})
    config = {"model": PAYLOADS[3], "x_sha256": PAYLOADS[4], "libraries": {PAYLOADS[5]: "1"}}
    panels = Panels(COMPARISON, lambda: (0.5,), evaluation, config)
    store = Store(f"sqlite:///{folder / 'kept.db'}", COMPARISON)
    with serving(build_app(WebContext(FakeAdvisor(COMPARISON, echo), panels, store))) as address:
        yield address


def nothing_ran(page: Page) -> None:
    assert page.evaluate("window.ran") is None
    inert = "img, script, iframe, object, embed, video, audio, marquee, base, .katex"
    for place in ("#chat", "#panels", "#sidebar", "#examples", "#header"):
        found = page.locator(place).locator(inert)
        assert found.count() == 0, found.first.evaluate("element => element.outerHTML")
    away = page.locator("a[href^=http], a[href^=javascript]")
    assert away.evaluate_all("all => all.map((a) => a.href)") == []


def test_there_are_fifty() -> None:
    assert len(set(PAYLOADS)) == 50


def test_a_hostile_comparison_is_text(page: Page) -> None:
    for view in ("evidence", "matrix", "trust"):
        page.locator(f"#tab-{view}").click()
        nothing_ran(page)
    shown = page.locator("#evidence").evaluate("element => element.textContent")
    for payload in PAYLOADS:
        assert "".join(payload.split()) in "".join(shown.split())


def test_hostile_questions_answers_and_history_are_text(page: Page) -> None:
    for start in range(0, len(PAYLOADS), SOME):
        ask(page, "What is " + " ".join(PAYLOADS[start : start + SOME]))
        nothing_ran(page)
    shown = page.locator("#chat").evaluate("element => element.textContent")
    for payload in PAYLOADS:
        # gradio's own Markdown may set quotes and dots otherwise, which does no harm
        assert re.sub(r"\W", "", payload) in re.sub(r"\W", "", shown)
    for summary in page.locator("#chat summary").all():
        summary.click()
    load_again(page)
    expect(page.locator("#chat .tools")).to_have_count(len(PAYLOADS) // SOME)
    expect(page.locator("#conversations .open")).to_have_count(1)
    nothing_ran(page)


def test_a_hostile_title_and_what_is_taken_along_are_text(
    page: Page, tmp_path: Path, address: str
) -> None:
    ask(page, " ".join(PAYLOADS[:SOME]))
    conversation = page.url.partition("?c=")[2]
    for payload in PAYLOADS:
        path = f"{address}conversations/{conversation}/title"
        renamed = page.request.post(path, data={"title": payload})
        assert renamed.ok
        page.locator("#conversation-search").fill("")  # the list is asked for again
        page.locator("#conversation-search").dispatch_event("input")
        title = renamed.json()["title"]
        expect(page.locator("#conversations .open").first).to_have_text(title)
    nothing_ran(page)
    taken = page.request.get(f"{address}conversations/{conversation}/export.html").text()
    file = tmp_path / "taken.html"
    file.write_text(taken, encoding="utf-8")
    other = page.context.new_page()
    asked: list[str] = []
    other.on("request", lambda request: asked.append(request.url))
    other.goto(file.as_uri())
    assert asked == [file.as_uri()]
    assert other.evaluate("window.ran") is None
    assert other.locator("img, script, iframe, a, form").count() == 0
    other.close()
