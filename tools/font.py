#!/usr/bin/env python3
"""Cut Noto Sans SC down to what a Chinese office report can contain.

The uncut files come from the npm package `@expo-google-fonts/noto-sans-sc` 0.4.3
(`npm pack`, then `400Regular/NotoSansSC_400Regular.ttf` and `700Bold/NotoSansSC_700Bold.ttf`):

    python tools/font.py NotoSansSC_400Regular.ttf NotoSansSC_700Bold.ttf

Kept: the 8,105 characters of 通用规范汉字表 (`tools/standard_characters.txt`), GB 2312 whole, Latin
with pinyin, punctuation, units, arrows and signs. Dropped: hinting (charts are drawn large or as
outlines) and the tables for vertical text. The same input gives the same bytes.
"""

import argparse
import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter, load_font, save_font
from fontTools.ttLib import TTFont

PROJECT = Path(__file__).resolve().parent.parent
CHARACTERS = PROJECT / "tools" / "standard_characters.txt"
FONTS = PROJECT / "nianbao" / "fonts"

# First and last code point of each block that is kept as far as the font has it. GB 2312 brings
# kana, Greek, box drawing, ①–⑩, ⑴, ⒈, ㈠, Ⅰ–Ⅻ and the common mathematical signs of its own.
RANGES = (
    (0x0020, 0x007E),  # ASCII
    (0x00A0, 0x017F),  # Latin-1 and Latin Extended-A: ° ± × ÷ · ā ē
    (0x01CD, 0x01DC),  # pinyin's third tone: ǎ ǐ ǒ ǔ ǚ
    (0x2010, 0x203B),  # dashes, quotation marks, … ‰ ′ ″ ※
    (0x2070, 0x2089),  # superscripts and subscripts
    (0x2190, 0x2199),  # arrows
    (0x2460, 0x2473),  # ①–⑳
    (0x25A0, 0x25D7),  # ■ □ ▲ ▼ ● ○
    (0x3000, 0x301F),  # 、。「」〈〉《》〇
    (0x338E, 0x33D5),  # ㎏ ㎡ ㎞
    (0xFF01, 0xFF5E),  # full-width forms
    (0xFFE0, 0xFFE6),  # ￥ ￠
)
SIGNS = "€™№℃℉Å⅓½¼¾≈≠≤≥≡−∕∙√∞∑∏∫∴∵∝∆☆★♀♂✓✔"


def standard_characters() -> set[int]:
    """Code points of 通用规范汉字表, read from the list beside this file."""
    lines = CHARACTERS.read_text(encoding="utf-8").splitlines()
    return {ord(char) for line in lines if not line.startswith("#") for char in line}


def gb2312() -> set[int]:
    """Code points of every character that GB 2312 encodes in two bytes, by Python's own codec."""
    pairs = (bytes((row, cell)) for row in range(0xA1, 0xF8) for cell in range(0xA1, 0xFF))
    return {ord(char) for pair in pairs for char in pair.decode("gb2312", errors="ignore")}


def wanted() -> set[int]:
    """Code points the cut font should cover."""
    blocks = {code for first, last in RANGES for code in range(first, last + 1)}
    return blocks | set(map(ord, SIGNS)) | standard_characters() | gb2312()


def cut(source: Path, target: Path) -> set[int]:
    """Write the cut of `source` to `target`; returns the characters and GB 2312 signs it lacks."""
    options = Options(
        hinting=False,
        layout_features=["kern", "mark", "mkmk", "ccmp", "locl"],
        name_IDs=["*"],
        notdef_outline=True,
        glyph_names=False,
        recalc_timestamp=False,
    )
    options.drop_tables = [*options.drop_tables, "vhea", "vmtx", "BASE", "STAT", "gasp"]
    font: TTFont = load_font(source, options)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=wanted())
    subsetter.subset(font)
    save_font(font, target, options)
    with TTFont(target) as written:
        return (standard_characters() | gb2312()) - written.getBestCmap().keys()


def main() -> int:
    """Cut both weights; exit 1 where a character that must be there is not."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("regular", type=Path, help="the uncut Regular (.ttf)")
    parser.add_argument("bold", type=Path, help="the uncut Bold (.ttf)")
    parser.add_argument("--to", type=Path, default=FONTS, help="folder to write into")
    arguments = parser.parse_args()
    arguments.to.mkdir(parents=True, exist_ok=True)
    complete = True
    for source, weight in ((arguments.regular, "Regular"), (arguments.bold, "Bold")):
        target = arguments.to / f"NotoSansSC-{weight}.ttf"
        lacking = cut(source, target)
        complete = complete and not lacking
        print(f"{target.name}: {target.stat().st_size:,} bytes")
        if lacking:
            print("  not in the font:", "".join(map(chr, sorted(lacking))), file=sys.stderr)
    return 0 if complete else 1


if __name__ == "__main__":
    sys.exit(main())
