"""Small Word files, written part by part, so that a test knows every byte of them."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
)
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_MAIN = "document.main"


def run(text: str, looks: str = "") -> str:
    """A run of text with its own looks (`<w:b/>`)."""
    properties = f"<w:rPr>{looks}</w:rPr>" if looks else ""
    return f'<w:r>{properties}<w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(*runs: str) -> str:
    """A paragraph of runs."""
    return f"<w:p>{''.join(runs)}</w:p>"


def table(*rows: tuple[str, ...]) -> str:
    """A table of texts."""
    lines = ("".join(f"<w:tc>{paragraph(run(cell))}</w:tc>" for cell in row) for row in rows)
    return f"<w:tbl>{''.join(f'<w:tr>{line}</w:tr>' for line in lines)}</w:tbl>"


def word_bytes(body: str, others: Mapping[str, str] | None = None) -> bytes:
    """A package with this body; `others` are parts of it by kind (`header`, `footnotes`, …)."""
    others = others or {}
    types = [(f"/word/{kind}.xml", kind) for kind in others]
    overrides = "".join(
        f'<Override PartName="{part}" ContentType="{_WORD}.{kind}+xml"/>'
        for part, kind in [("/word/document.xml", _MAIN), *types]
    )
    relations = "".join(
        f'<Relationship Id="r_{kind}" Type="{_OFFICE}/{kind}" Target="{kind}.xml"/>'
        for kind in others
    )
    package = "http://schemas.openxmlformats.org/package/2006"
    contents = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f"<w:document {NAMESPACES}><w:body>{body}</w:body></w:document>",
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f"{relations}</Relationships>",
        **{f"word/{kind}.xml": text for kind, text in others.items()},
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in contents.items():
            entry = zipfile.ZipInfo(name, (2023, 12, 1, 8, 0, 0))
            target.writestr(entry, _HEAD + content, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def write_word_file(path: Path, body: str, others: Mapping[str, str] | None = None) -> Path:
    """Write such a package to a file."""
    path.write_bytes(word_bytes(body, others))
    return path
