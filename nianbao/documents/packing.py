"""Packing: what the document says of itself, and a zip that is the same every time."""

import datetime as dt
import io
from pathlib import Path

from docx.document import Document

from nianbao.documents.markup import emptied
from nianbao.packaging import repacked

# Of the template: a picture of an empty page, the counts of another program, styles for an old one.
_LEFT_OUT = (
    "/thumbnail",
    "/extended-properties",
    "/stylesWithEffects",
    "/webSettings",
    "/customXml",
)


def describe(document: Document, *, title: str, creator: str, tag: str, date: str) -> None:
    """Set the properties: title, bureau, language, and the document's own date if it has one."""
    properties = document.core_properties
    emptied(properties._element)
    properties.title = title[:255]
    properties.author = creator[:255]
    properties.language = tag
    if date:
        moment = dt.datetime.fromisoformat(date).replace(tzinfo=dt.UTC)
        properties.created = properties.modified = moment


def save(document: Document, output: Path, date: str) -> None:
    """Write the document without what came with the template."""
    package = document.part.package
    for relations in (package.rels, document.part.rels):
        for key, relation in list(relations.items()):
            if relation.reltype.endswith(_LEFT_OUT):
                del relations[key]
    written = io.BytesIO()
    document.save(written)
    output.write_bytes(repacked(written.getvalue(), date=date))
