"""Packing: what the document says of itself, and a zip that is the same every time."""

import datetime as dt
import io
import zipfile
from pathlib import Path

from docx.document import Document

from nianbao.documents.markup import emptied

# Of the template: a picture of an empty page, the counts of another program, styles for an old one.
_LEFT_OUT = (
    "/thumbnail",
    "/extended-properties",
    "/stylesWithEffects",
    "/webSettings",
    "/customXml",
)
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the first date that a zip can carry
_LANGUAGES = {"zh": "zh-CN", "en": "en-GB"}


def describe(document: Document, *, title: str, creator: str, lang: str, date: str) -> None:
    """Set the properties: title, bureau, language, and the document's own date if it has one."""
    properties = document.core_properties
    emptied(properties._element)
    properties.title = title[:255]
    properties.author = creator[:255]
    properties.language = _LANGUAGES[lang]
    if date:
        moment = dt.datetime.fromisoformat(date).replace(tzinfo=dt.UTC)
        properties.created = properties.modified = moment


def save(document: Document, output: Path) -> None:
    """Write the document without what came with the template; every entry has one date."""
    package = document.part.package
    for relations in (package.rels, document.part.rels):
        for key, relation in list(relations.items()):
            if relation.reltype.endswith(_LEFT_OUT):
                del relations[key]
    written = io.BytesIO()
    document.save(written)
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(output, "w") as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, _LONG_AGO)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            packed = not name.endswith(".png")
            entry.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
            target.writestr(entry, source.read(name))
