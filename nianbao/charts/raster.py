"""Writing a figure as PNG at twice its size, small and the same every time."""

import functools
import io

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from nianbao.charts.vector import standard_settings

_TWICE = 144  # dots to the inch where one pixel of the sheet is a point
_COLOURS = 64  # a chart has a dozen; the others are their edges


def png(figure: Figure) -> bytes:
    """Write a figure as PNG: two dots for each pixel of the SVG, a palette, no date, no maker."""
    return _packed(_pixels(figure))


def inside(sheet: Figure, figure: Figure, top: int) -> bytes:
    """Write a figure that lies on another, so many pixels of the SVG from its top, as PNG."""
    picture = _pixels(sheet).copy()
    picture.paste(_pixels(figure), (0, top * _TWICE // 72))
    return _packed(picture)


@functools.lru_cache(maxsize=2)  # a chart is written by itself, then on its sheet
def _pixels(figure: Figure) -> Image.Image:
    with standard_settings():
        figure.set_dpi(_TWICE)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()  # type: ignore[no-untyped-call]
        size = canvas.get_width_height()
        dots = bytes(canvas.buffer_rgba())  # type: ignore[no-untyped-call]
        return Image.frombytes("RGBA", size, dots).convert("RGB")


def _packed(picture: Image.Image) -> bytes:
    few = picture.quantize(_COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    palette = few.getpalette() or []
    paper = 3 * int(few.tobytes()[0])  # the corner: exactly white again, so that no edge shows
    few.putpalette([*palette[:paper], 255, 255, 255, *palette[paper + 3 :]])
    buffer = io.BytesIO()
    few.save(buffer, "PNG", dpi=(_TWICE, _TWICE))
    return buffer.getvalue()
