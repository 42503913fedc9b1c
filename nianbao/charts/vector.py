"""Writing a figure as SVG that is the same every time, small, and safe inside a page."""

import functools
import hashlib
import html
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

import matplotlib as mpl
from matplotlib.figure import Figure

from nianbao.charts.typeset import visible


@contextmanager
def standard_settings() -> Iterator[None]:
    """Matplotlib as it was delivered, whatever a user's own settings file says."""
    with mpl.rc_context():
        mpl.rcdefaults()
        yield


_STYLE = re.compile(r' style="([^"]*)"')
_ID = re.compile(r' id="([^"]+)"')
_REFERENCE = re.compile(r'(xlink:href="#|url\(#)([^")]+)')
_TRANSLATE = re.compile(r"translate\(([^)]*)\)")
_GLYPH = re.compile(r' d="([^"]*)" transform="scale\(0\.015625\)"')
_LONG = re.compile(r"-?\d+\.\d{3,}")


def svg(figure: Figure) -> bytes:
    """Write a figure as SVG that is the same every time, small, and safe inside a page.

    No date, no generator, no document type or style sheet (a page's policy may forbid them), and
    ids that no other chart on the page has.
    """
    buffer = io.BytesIO()
    with mpl.rc_context({"svg.fonttype": "path", "svg.hashsalt": "nianbao"}):
        figure.savefig(
            buffer,
            format="svg",
            metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")),
        )
    raw = buffer.getvalue().decode("utf-8")
    raw = raw[raw.index("<svg") :]
    raw = re.sub(r"<!--.*?-->", "", raw, flags=re.DOTALL)
    raw = re.sub(r"<style[^>]*>.*?</style>", "", raw, flags=re.DOTALL)
    raw = re.sub(r"<metadata>.*?</metadata>", "", raw, flags=re.DOTALL)
    width, height = round(figure.get_figwidth() * 72), round(figure.get_figheight() * 72)
    raw = re.sub(
        r"<svg[^>]*>",
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'stroke-linejoin="round" stroke-linecap="butt">',
        raw,
        count=1,
    )
    raw = _STYLE.sub(lambda found: _attributes(found[1]), raw)
    raw = _TRANSLATE.sub(lambda found: f"translate({_shortened(found[1])})", raw)
    raw = re.sub(r' d="([^"]*)"', lambda found: f' d="{_path(found[1])}"', raw)
    raw = _GLYPH.sub(lambda found: f' d="{_coarse(found[1])}" transform="scale(0.25)"', raw)
    raw = re.sub(r' transform="translate\((\S+) 0\)"/>', r' x="\1"/>', raw)
    raw = re.sub(r">\s+<", "><", raw)
    return _own_ids(raw).encode("utf-8") + b"\n"


def inside(sheet: bytes, picture: bytes, top: int, about: Mapping[str, Iterable[str]]) -> bytes:
    """One SVG on another, so far from its top; `about` are elements of text that describe both."""
    (root, around), (_, within) = (_opened(one.decode("utf-8")) for one in (sheet, picture))
    said = "".join(f"<{name}>{_escaped(lines)}</{name}>" for name, lines in about.items())
    drawn = f'{around}<g transform="translate(0 {top})">{within}</g>'
    return f'{root} role="img">{said}{drawn}</svg>\n'.encode()


def _opened(svg: str) -> tuple[str, str]:
    """The start tag, without its end, and the content."""
    root, _, rest = svg.partition(">")
    return root, rest.rpartition("</svg>")[0]


def _escaped(lines: Iterable[str]) -> str:
    shown = (visible(line) for line in dict.fromkeys(lines))
    return html.escape("\n".join(filter(None, shown)), quote=False)


def _attributes(style: str) -> str:
    """A style as presentation attributes: no inline style for a page's policy to refuse."""
    pairs = (part.split(":", 1) for part in style.split(";") if ":" in part)
    return "".join(f' {name.strip()}="{value.strip()}"' for name, value in pairs)


def _shortened(numbers: str) -> str:
    short = _LONG.sub(lambda found: f"{float(found[0]):.2f}".rstrip("0").rstrip("."), numbers)
    return re.sub(r"\s+", " ", short).strip()


@functools.lru_cache(maxsize=8192)  # the glyphs of one chart are those of the next
def _path(commands: str) -> str:
    """A path without needless blanks."""
    return re.sub(r" ?([A-Za-z]) ?", r"\1", _shortened(commands))


@functools.lru_cache(maxsize=8192)
def _coarse(outline: str) -> str:
    """A glyph on a grid of 400 units to the em instead of 6400, still a twentieth of a pixel."""
    return re.sub(r"-?[\d.]+", lambda found: str(round(float(found[0]) / 16)), outline)


def _own_ids(raw: str) -> str:
    used = {name for _, name in _REFERENCE.findall(raw)}
    prefix = "c" + hashlib.sha256(raw.encode("utf-8")).hexdigest()[:5]
    ids: dict[str, str] = {}
    for name in _ID.findall(raw):
        if name in used:
            ids.setdefault(name, f"{prefix}-{len(ids)}")
    raw = _ID.sub(lambda found: f' id="{ids[found[1]]}"' if found[1] in ids else "", raw)
    return _REFERENCE.sub(lambda found: found[1] + ids[found[2]], raw)
