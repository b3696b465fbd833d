"""What stands around the text of a document: its contents, references, comments, contacts.

blocks, notes = without_furniture(blocks)
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from knowledge.documents.blocks import Block, short

RECORDS = r"(?:log|history|records?|drivers?|makers?|criteria|matrix|process|dates?)"
APPARATUS = re.compile(  # a heading over what recommends nothing
    r"(?i)^\W*(?:(?:\d+ |leave an? |post an? |other |our |the )*(?:comments?|repl(?:y|ies)"
    r"|responses?|references|see also|further reading|external links|sources?|bibliography"
    r"|footnotes|credits|thanks|acknowledge?ments?|attachments?|annex\b.*|appendix\b.*|imprint"
    r"|contact(?: us)?|opening hours|action items|about the authors?|licen[cs]e"
    rf"|contribut(?:ing|ors)|navigation(?: menu)?|(?:test )?method\w*|decision {RECORDS}"
    r"|(?:pros|advantages) (?:and|&) (?:cons|disadvantages|drawbacks))"
    r"|(?:this is |the way )?how (?:we|i)(?: have)? (?:test|measur|rate|scor)\w*)\W*$"
)
POSITIONS = re.compile(  # a heading over what others want
    r"(?i)\bstakeholders?\b|\b(?:positions?|votes|opinions?|comments|feedback|responses?|submissions?"
    r"|statements?|views) (?:of|from|by)\b"
)

CONTENTS = re.compile(r"(?i)^\W*(?:(?:table of )?contents|on this page|in this (?:\w+))\W*$")
AROUND = re.compile(  # a heading, or bold words before a line, that invite to something else
    r"(?i)^\W*(?:(?:was|is|did) this (?:page|article|guide|post)\b.*|share(?: (?:this|on|via)\b.*)?"
    r"|you (?:might|may) also (?:like|enjoy|be interested in)|(?:read|up) next|about the author"
    r"|related (?:articles|guides|links|pages|posts|reading|stories)|recommended for you"
    r"|(?:get|subscribe to|sign up for) (?:our|the) newsletter|advertisement)\W*$"
)
MARKS = re.compile(r"\s*(?:\[\s*edit\s*\]|¶|🔗)\s*$")  # after a heading, from a saved page
MAX_INVITATION_CHARS = 200
MAX_HEADING_CHARS = 80
LISTED = 0.7  # of a block's letters that are headings, for it to be a list of them


def without_furniture(blocks: Sequence[Block]) -> tuple[list[Block], list[str]]:
    """`blocks` without lists of contents and invitations to read, share or rate, and a note
    on those; headings without what a page hangs on them.
    """
    kept: list[Block] = []
    left_out: list[str] = []
    inside = ""  # what is being left out
    for i, block in enumerate(blocks):
        title = block.text if block.level else block.lead or block.text
        if block.level or block.text == block.lead:
            inside = ""
        if AROUND.match(title) and (block.level or block.lead):
            inside = "around" if block.level or block.text == block.lead else ""
            left_out.append(title)
        elif CONTENTS.match(title) and not block.item:
            inside = "contents"
            kept.append(block)
        elif inside == "contents" and _lists(block, blocks[i + 1 :]):
            if kept and CONTENTS.match(kept[-1].text):
                left_out.append(kept.pop().text)
        elif inside == "around" and (block.item or len(block.text) < MAX_INVITATION_CHARS):
            continue
        else:
            inside = ""
            kept.append(replace(block, text=MARKS.sub("", block.text)) if block.level else block)
    shown = ", ".join(f'"{short(each)}"' for each in left_out)
    return kept, [f"Left out: {shown}."] if left_out else []


def _bare(text: str) -> str:
    """The letters of `text`: what a heading and its line in the contents have in common."""
    return re.sub(r"[\W\d_]+", "", text).casefold()


def _lists(block: Block, following: Sequence[Block]) -> bool:
    """Whether a block is made of the headings that follow, as a line of the contents is."""
    lines = [
        each.text for each in following if not each.item and len(each.text) < MAX_HEADING_CHARS
    ]
    whole = rest = _bare(block.text)
    for heading in sorted(filter(None, map(_bare, lines)), key=len, reverse=True):
        rest = rest.replace(heading, "", 1)
    return bool(whole) and len(rest) <= (1 - LISTED) * len(whole) and not block.level
