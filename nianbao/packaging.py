"""Office files as bytes: the same each time, without the moment of their making."""

import io
import re
import zipfile
from collections.abc import Callable, Iterable

LONG_AGO = (2000, 1, 1, 0, 0, 0)
_STAMP = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(</dcterms:)")


def repacked(
    package: bytes, changed: Callable[[str, bytes], bytes] | None = None, *, date: str = ""
) -> bytes:
    """The same package with one date on every entry and in its properties.

    `changed` may give an entry, by its name, another content; `date` (YYYY-MM-DD) is the file's
    own, for its properties, if it has one.
    """
    stamp = rf"\g<1>{date or '2000-01-01'}T00:00:00Z\g<2>".encode()
    with zipfile.ZipFile(io.BytesIO(package)) as source:
        contents = {name: source.read(name) for name in source.namelist()}
    for name, content in contents.items():
        if name == "docProps/core.xml":
            content = _STAMP.sub(stamp, content)
        contents[name] = changed(name, content) if changed else content
    return packed(contents.items())


def packed(contents: Iterable[tuple[str, bytes]]) -> bytes:
    """A package of these entries, each with the one date."""
    firm = io.BytesIO()
    with zipfile.ZipFile(firm, "w") as target:
        for name, content in contents:
            entry = zipfile.ZipInfo(name, LONG_AGO)
            entry.create_system, entry.external_attr = 3, 0o600 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, content)
    return firm.getvalue()
