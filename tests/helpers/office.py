"""Small office documents, made for tests: a DOCX, a PDF with a ruled table."""

import zipfile
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
CONTENT = "application/vnd.openxmlformats-officedocument.wordprocessingml"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPES = (
    f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/word/document.xml" ContentType="{CONTENT}.document.main+xml"/>'
    f'<Override PartName="/word/styles.xml" ContentType="{CONTENT}.styles+xml"/></Types>'
)
RELATIONS = (
    f'<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{OFFICE}/%s" Target="%s"/></Relationships>'
)
STYLES = (
    f"<w:styles {W}>"
    + "".join(
        f'<w:style w:type="paragraph" w:styleId="{name.title().replace(" ", "")}"><w:name '
        f'w:val="{name}"/></w:style>'
        for name in ("Title", "heading 1", "heading 2")
    )
    + "</w:styles>"
)


def paragraph(text: str, style: str = "", run: str = "") -> str:
    """A paragraph; `run` are properties of its text, such as <w:vanish/>."""
    named = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{named}<w:r><w:rPr>{run}</w:rPr><w:t>{escape(text)}</w:t></w:r></w:p>"


def row(cells: Sequence[str], before: int = 0) -> str:
    """A table row that begins `before` columns further right."""
    indent = f'<w:trPr><w:gridBefore w:val="{before}"/></w:trPr>' if before else "<w:trPr/>"
    inner = "".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in cells)
    return f"<w:tr>{indent}{inner}</w:tr>"


def docx(path: Path, *parts: str) -> Path:
    body = "".join(
        f"<w:tbl>{part}</w:tbl>" if part.startswith("<w:tr>") else part for part in parts
    )
    document = f"<w:document {W}><w:body>{body}</w:body></w:document>"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", TYPES)
        packed.writestr("_rels/.rels", RELATIONS % ("officeDocument", "word/document.xml"))
        packed.writestr("word/_rels/document.xml.rels", RELATIONS % ("styles", "styles.xml"))
        packed.writestr("word/styles.xml", STYLES)
        packed.writestr("word/document.xml", document)
    return path


def pdf(path: Path, operations: Sequence[str], trailer: str = "", pages: int = 1) -> Path:
    """A PDF whose pages all draw `operations`, in the fonts /F1 and /F2, which draws signs."""
    stream = "\n".join(operations).encode("latin-1")
    kids = " ".join(f"{5 + i} 0 R" for i in range(pages))
    page = (
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        "/Resources<</Font<</F1 3 0 R/F2<</Type/Font/Subtype/Type1/Encoding/WinAnsiEncoding"
        "/FontDescriptor<</FontName/ABCDEF+Wingdings-Regular/FontBBox[0 0 9 9]>>>>>>>>>>"
    )
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {pages}>>".encode(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        *[page.encode()] * pages,
    ]
    data = b"%PDF-1.4\n"
    places = []
    for number, each in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj%s endobj\n" % (number, each)
    start = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    data += b"".join(b"%010d 00000 n \n" % place for place in places)
    data += b"trailer<</Size %d/Root 1 0 R%s>>\n" % (len(objects) + 1, trailer.encode())
    path.write_bytes(data + b"startxref\n%d\n%%%%EOF" % start)
    return path


def text(x: float, y: float, size: float, words: str, font: str = "F1") -> str:
    return f"BT /{font} {size} Tf {x} {y} Td ({words}) Tj ET"


def ruled(x: float, y: float, columns: Sequence[float], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table with lines around its cells, downwards from (x, y)."""
    drawn = []
    height = 20
    right = x + sum(columns)
    for i in range(len(rows) + 1):
        drawn.append(f"{x} {y - i * height} m {right} {y - i * height} l S")
    edge = x
    for width in [0, *columns]:
        edge += width
        drawn.append(f"{edge} {y} m {edge} {y - len(rows) * height} l S")
    for i, cells in enumerate(rows):
        left = x
        for width, cell in zip(columns, cells, strict=True):
            drawn.append(text(left + 4, y - i * height - 14, 10, cell))
            left += width
    return drawn
