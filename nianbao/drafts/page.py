"""The page of `proof`: the draft with its figures marked, and what is said of each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from nianbao.captions import Captions
from nianbao.drafts.placing import MADE_BY
from nianbao.drafts.terms import NO_FIGURES
from nianbao.drafts.text import Draft, Paragraph
from nianbao.drafts.verdicts import Verdict
from nianbao.languages import LANGUAGES

_LOOKS = """
:root { color-scheme: light dark; --ink: light-dark(#1d1d1f, #e8e6e3);
  --paper: light-dark(#fff, #1a1a1c); --faint: light-dark(#6b6b70, #a09f9b);
  --line: light-dark(#d9d9de, #3a3a3e); --right: light-dark(#1f6f43, #7fcf9f);
  --wrong: light-dark(#a4161a, #ff9a94); --open: light-dark(#8a5a00, #e5b567); }
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: var(--ink);
  background: var(--paper); font: 1rem/1.8 "Noto Serif CJK SC", "Songti SC", SimSun, serif; }
h1, h2 { font-size: 1.25rem; line-height: 1.4; }
.where, .source { color: var(--faint); font-size: .85rem; }
.draft p { margin: .5rem 0; white-space: pre-wrap; overflow-wrap: anywhere; }
mark { background: none; color: inherit; border-bottom: 2px solid; }
mark.agrees { border-color: var(--right); }
mark.disagrees { border-color: var(--wrong); color: var(--wrong); font-weight: bold; }
mark.unchecked { border-bottom: 2px dotted var(--open); }
mark a { color: inherit; text-decoration: none; }
li { margin: .75rem 0; overflow-wrap: anywhere; }
.source { white-space: pre-line; }
@media print { body { margin: 0; max-width: none; } }
"""


@dataclass(frozen=True, slots=True)
class Noted:
    """A verdict with what is said of it."""

    verdict: Verdict
    said: str


def page(
    draft: Draft,
    noted: Sequence[Noted],
    captions: Captions,
    counts: Mapping[str, int],
    lang: str,
) -> str:
    """One self-contained page without script."""
    figures = [n for n in noted if n.verdict.verdict != "unchecked" or not _no_figure(n)]
    title = escape(captions.say("page", "title", {"name": draft.path.name}))
    body = "\n".join(_paragraph(one, figures) for one in draft.paragraphs)
    parts = "\n".join(_part(name, draft, figures, captions) for name in ("disagrees", "unchecked"))
    agreed = _part("agrees", draft, figures, captions)
    return f"""<!DOCTYPE html>
<html lang="{LANGUAGES[lang].html}">
<head>
<meta charset="utf-8">
{MADE_BY.decode()}
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{_LOOKS}</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p>{escape(captions.say("proof", "counts", counts))}</p>
{parts}
<h2>{escape(captions.say("page", "draft"))}</h2>
<div class="draft" lang="zh-CN">
{body}
</div>
{agreed}
</main>
</body>
</html>
"""


def _no_figure(one: Noted) -> bool:
    return one.verdict.kind in NO_FIGURES


def _paragraph(paragraph: Paragraph, figures: Sequence[Noted]) -> str:
    return f"<p>{''.join(_pieces(paragraph, figures))}</p>"


def _pieces(paragraph: Paragraph, figures: Sequence[Noted]) -> Iterator[str]:
    at = 0
    for number, one in enumerate(figures, 1):
        verdict = one.verdict
        if verdict.paragraph != paragraph.number or verdict.start < at:
            continue
        yield escape(paragraph.text[at : verdict.start])
        text = escape(paragraph.text[verdict.start : verdict.end])
        yield f'<mark class="{verdict.verdict}" id="d{number}">'
        yield f'<a href="#n{number}">{text}</a></mark>'
        at = verdict.end
    yield escape(paragraph.text[at:])


def _part(name: str, draft: Draft, figures: Sequence[Noted], captions: Captions) -> str:
    """All figures of one verdict, each with what is said of it."""
    items = "\n".join(
        _item(number, draft.paragraphs[one.verdict.paragraph], one)
        for number, one in enumerate(figures, 1)
        if one.verdict.verdict == name
    )
    return f"<h2>{escape(captions.say('page', name))}</h2>\n<ul>\n{items}\n</ul>" if items else ""


def _item(number: int, paragraph: Paragraph, one: Noted) -> str:
    verdict, (first, _, rest) = one.verdict, one.said.partition("\n")
    source = f'<div class="source">{escape(rest)}</div>' if rest else ""
    return (
        f'<li id="n{number}"><a href="#d{number}">{escape(verdict.text)}</a> '
        f'<span class="where">{escape(paragraph.where)}</span> {escape(first)}{source}</li>'
    )
