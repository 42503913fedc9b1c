"""Office files as bytes: the same each time, without the moment of their making."""

import io
import re
import zipfile
from collections.abc import Callable

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
    firm = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as source, zipfile.ZipFile(firm, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = _STAMP.sub(stamp, content)
            if changed:
                content = changed(name, content)
            entry = zipfile.ZipInfo(name, LONG_AGO)
            entry.create_system, entry.external_attr = 3, 0o600 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, content)
    return firm.getvalue()
