"""Pictures that stand for words in the cells of tables: by their label, else by their name."""

import re
from collections.abc import Iterable

from lxml.html import HtmlElement

from knowledge.documents.blocks import plain
from knowledge.documents.marks import MARK

PICTURE = "(picture)"  # of which nothing says what it shows
YES, NO = "✔", "✘"
YES_WORDS = {"check", "checkmark", "checked", "tick", "ticked", "yes", "true", "ok", "thumbsup"}
NO_WORDS = {
    *("cross", "crossed", "unchecked", "no", "false", "times", "xmark", "close", "x"),
    "thumbsdown",
}
FILLER_WORDS = """
    icon icons fa fas far bi mdi glyphicon emoji mark sign symbol circle square box solid heavy
    white black green red lg sm svg png gif jpg webp multiplication negative squared ballot with
"""
FILLERS = frozenset(FILLER_WORDS.split())
LABELS = ("aria-label", "alt", "title", "label", "name", "icon", "text", "type", "value", "status")
NAMES = ("class", "className", "src", "href", "{http://www.w3.org/1999/xlink}href", "xlink:href")
SIGN_LABEL = re.compile(r"\(?(?:[+–−-]|plus|minus|[^\w\s]{1,3})\)?$")
TAG = re.compile(r"<(img|input|svg|i|span|[A-Z][\w.]*)\b([^<>]*)>(\s*</\1>)?")
VALUE = re.compile(r"""=(?:"[^"]*"|'[^']*')""")
TICKED = re.compile(r"\schecked\b(?!=\{false)")
BOX = re.compile(r"(^|\|)(\s*)\[([ xX])\](?=\s|\||$)")  # that a cell begins with
LIGATURES = re.compile(  # elements whose text names what they show
    r"(?:^|\s)material-(?:icons|symbols)(?:-(?:outlined|round(?:ed)?|sharp|two-tone))?(?:\s|$)"
)
ATTRIBUTE = re.compile(r"""([\w-]+)=(?:"([^"]*)"|'([^']*)'|\{["']([^"']*)["']\})""")
SHORTCODE = re.compile(r":([a-z_]{1,30}):")
COLOURS = {"green": "🟢", "red": "🔴", "yellow": "🟡", "orange": "🟠", "white": "⚪"}


def sign_of(name: str) -> str:
    """The tick or cross that `name` is a word for, as in "check-circle.svg"; "" for other names."""
    words = {*re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower())} - FILLERS
    if not words:
        return ""
    return YES if words <= YES_WORDS else NO if words <= NO_WORDS else ""


def name_pictures(page: HtmlElement) -> None:
    """Puts words in the place of pictures in the cells of tables, and of emoji elsewhere."""
    for image in [*page.iter("img")]:
        if MARK.fullmatch(image.get("alt", "")):
            _say(image, image.get("alt", ""))
    for cell in page.iter("td", "th"):
        found = [each for each in cell.iter("img", "svg", "i", "span", "input") if _is_one(each)]
        inside = {part for each in found for part in each.iterdescendants()}
        outer = [each for each in found if each not in inside]
        drawn = "".join(each.text_content() for each in outer)
        alone = len(plain(cell.text_content())) == len(plain(drawn))
        for each in outer:
            _say(each, _words(each, alone))


def _is_one(element: HtmlElement) -> bool:
    if element.tag == "input":
        return bool(element.get("type") == "checkbox")
    text, named = plain(element.text_content()), element.get("class", "")
    return element.tag == "svg" or not text or bool(LIGATURES.search(named) and sign_of(text))


def _words(picture: HtmlElement, alone: bool) -> str:
    """What a picture says; beside other text, only if it is a sign."""
    if picture.tag == "input":
        return YES if "checked" in picture.attrib else NO
    label = next((plain(picture.get(name, "")) for name in LABELS[:3] if picture.get(name)), "")
    if label := label or plain(picture.text_content()):
        return _labelled(label, alone)
    parts = [picture, *picture.iterdescendants()]
    sign = _sign_named(part.get(name, "") for part in parts for name in NAMES)
    if sign:
        hidden = picture.get("aria-hidden") == "true" and not alone  # its words stand beside it
        return "" if hidden else sign
    shows = any(part.tag in ("img", "svg") and part.get("alt") is None for part in parts)
    return PICTURE if alone and shows else ""


def _labelled(label: str, alone: bool) -> str:
    return sign_of(label) or (label if alone or SIGN_LABEL.match(label) else "")


def _sign_named(names: Iterable[str]) -> str:
    """The sign that a class or a file of these `names` is called after."""
    parts = (part for name in names for part in re.split(r"[\s/#]+", name))
    return next(filter(None, map(sign_of, parts)), "")


def _say(picture: HtmlElement, words: str) -> None:
    tail = picture.tail
    picture.clear()
    picture.tag, picture.text, picture.tail = "span", f" {words} ", tail


def named_in_cells(line: str) -> str:
    """A line of a Markdown table with words in the place of its components, HTML pictures, emoji
    that are written as their names, and boxes.
    """
    line = BOX.sub(lambda box: f"{box[1]}{box[2]}{NO if box[3] == ' ' else YES}", line)
    return TAG.sub(_of_tag, SHORTCODE.sub(_of_shortcode, line))


def _of_shortcode(code: re.Match[str]) -> str:
    """The sign of an emoji that is written as its name, ":green_circle:"; others as they are."""
    name = code[1].removeprefix("large_").removesuffix("_entry").removesuffix("_entry_sign")
    colour, circle, _ = name.partition("_circle")
    return (COLOURS.get(colour, "") if circle else "") or sign_of(name) or code[0]


def _of_tag(tag: re.Match[str]) -> str:
    name, attributes, closed = tag.groups()
    if not (closed or name in ("img", "input") or attributes.endswith("/")):
        return tag[0]
    if name == "input":
        ticked = TICKED.search(VALUE.sub("=", attributes))
        return tag[0] if "checkbox" not in attributes else YES if ticked else NO
    before, after = tag.string[: tag.start()].rstrip(), tag.string[tag.end() :].lstrip()
    alone = before[-1:] in ("|", "") and after[:1] in ("|", "")
    said = {key: "".join(value) for key, *value in ATTRIBUTE.findall(attributes)}
    label = next((said[key] for key in LABELS if said.get(key)), "")
    component = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name) if name[0].isupper() else ""
    if sign := _sign_named([label, *(said.get(key, "") for key in NAMES), name]):
        return sign
    return _labelled(label, alone) if label else (component or PICTURE) if alone else ""
