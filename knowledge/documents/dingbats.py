"""Signs of fonts that draw them in place of letters: in Wingdings "ü" is a tick."""

import re

from mammoth.docx.dingbats import dingbats

PRIVATE = range(0xF000, 0xF100)  # where such fonts have their signs in Unicode, by their codes
FONTS = {re.sub(r"\W", "", font).lower(): font for font, _ in dingbats}


def drawn(font: str | None, text: str) -> str:
    """`text` as `font` draws it; as it is in any other font. A PDF's name of a font is one too:
    "ABCDEF+Wingdings-Regular".
    """
    name = FONTS.get(re.sub(r"\W", "", re.sub(r"^[A-Z]{6}\+|-Regular$", "", font or "")).lower())
    if name is None:
        return text
    return "".join(chr(dingbats.get((name, _code(char)), ord(char))) for char in text)


def _code(char: str) -> int:
    return ord(char) - PRIVATE.start * (ord(char) in PRIVATE)
