"""The official document: what the page says on paper, in the layout of GB/T 9704-2012, as DOCX.

It is written from the finished page, element by element, so that no sentence and no figure can
differ: what the page shows on a screen only (contents, source cards, what paper leaves out) is left
out, everything else follows in its order, but that a picture moves to where a page has room for it.
Where the page bears a date, the bureau signs with it.
"""

from pathlib import Path

from docx import Document
from lxml import html

from nianbao.documents.body import Body
from nianbao.documents.layout import lay_out
from nianbao.documents.looks import LOOKS
from nianbao.documents.packing import describe, save

__all__ = ["write_document"]


def write_document(
    page: Path, charts: Path, output: Path, *, creator: str, lang: str = "zh", date: str = ""
) -> None:
    """Write the DOCX of a finished page; `charts` holds its pictures as NAME.png.

    `creator` is the bureau, never a person; `date` (YYYY-MM-DD) the document's own, if it has one.
    The same page and pictures give the same bytes. Raises NotebookFailed for a picture that
    was not saved.
    """
    tree = html.document_fromstring(page.read_text(encoding="utf-8"))
    document, look = Document(), LOOKS[lang]
    lay_out(document, look)
    body = Body(document, charts, look)
    body.write(tree.find("body"), signed=(creator, date))
    describe(document, title=body.title, creator=creator, tag=look.tag, date=date)
    save(document, output, date)
