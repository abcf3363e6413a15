"""HTML bodies to plain text, one line a block (home of lxml and of css-inline). What a browser would not show is left
out, whether the element itself or a style sheet hides it."""

import re

import css_inline
import lxml.etree
import lxml.html

_BLOCKS = frozenset({"p", "div", "tr", "table", "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote",
                     "section", "article", "header", "footer", "pre", "dl", "dt", "dd", "form", "fieldset", "address",
                     "center", "hr", "body", "title"})
_SPACED = frozenset({"p", "h1", "h2", "h3", "h4", "table", "blockquote", "ul", "ol"})
_UNSEEN = frozenset({"script", "style", "head", "title", "noscript", "template", "object", "embed", "applet", "svg",
                     "select", "textarea"})
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|opacity\s*:\s*0(?:\.0+)?\s*(?:;|!|$)|"
    r"font-size\s*:\s*0(?:px|pt|em|%)?\s*(?:;|!|$)|max-height\s*:\s*0(?:px)?\s*(?:;|!|$)|"
    r"(?:left|top|text-indent|margin-left)\s*:\s*-\d{4,}", re.I)
_STYLE_SHEET = re.compile(r"<style\b", re.I)
_GAP = re.compile(r"[ \t]+")
_INLINER = css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=False)
_LARGEST_STYLED = 1_000_000
"""Characters; a longer page is read as if it had no style sheet."""
_LARGEST = 20_000_000
_DEEPEST_QUOTE = 20
"""Quoted history deeper than this is marked so deep: every line bears the marks."""


def text_of_html(source: str) -> str:
    """The visible text. Never raises; nothing readable gives an empty string.

    Quoted history (`blockquote type=cite`, Gmail's and Yahoo's quote blocks) comes out with `> ` before each line, as
    in a plain text mail.
    """
    source = re.sub(r"^\s*<\?xml[^>]*\?>", "", source[:_LARGEST]).replace("\x00", "")
    if not source.strip():
        return ""
    source = _with_styles_inside(source)
    try:
        parser = lxml.html.HTMLParser(huge_tree=True, remove_comments=True, remove_pis=True)
        root = lxml.html.document_fromstring(source, parser=parser)
    except (lxml.etree.LxmlError, ValueError, AssertionError):
        return re.sub(r"<[^<>]*>", " ", source).strip()
    writer = _Writer()
    for event, element in lxml.etree.iterwalk(root, events=("start", "end")):
        writer.step(event, element)
    return writer.text()


def _with_styles_inside(source: str) -> str:
    """Each element with the style that the page's own sheet gives it; nothing is fetched."""
    if len(source) > _LARGEST_STYLED or not _STYLE_SHEET.search(source):
        return source
    try:
        return _INLINER.inline(source)
    except (css_inline.InlineError, ValueError):
        return source


class _Writer:
    """Collects lines while the tree is walked; no recursion, since mails nest tables hundreds deep."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._written = False
        """Whether a word stands in the line."""
        self._hidden: lxml.etree._Element | None = None
        self._depth = 0
        self._pre = 0

    def step(self, event: str, element: lxml.etree._Element) -> None:
        """One start or end of an element."""
        tag = element.tag if isinstance(element.tag, str) else ""
        if self._hidden is None:
            self._opens(element, tag) if event == "start" else self._closes(element, tag)
        elif event == "end" and element is self._hidden:
            self._hidden = None
        if event == "end" and self._hidden is None:
            self._write(element.tail)

    def _opens(self, element: lxml.etree._Element, tag: str) -> None:
        if tag in _UNSEEN or not tag or _HIDDEN.search(element.get("style") or "") or element.get("hidden") is not None:
            self._hidden = element
            return
        if tag == "br":
            self._break()
        elif tag in _BLOCKS:
            self._end_line()
            self._gap(tag)
        elif tag in ("td", "th") and self._written:
            self._line.append("\t")
        self._depth += _is_quote(element, tag)
        self._pre += tag == "pre"
        if tag == "li":
            self._put("- ")
        self._write(element.text)

    def _closes(self, element: lxml.etree._Element, tag: str) -> None:
        if tag in _BLOCKS:
            self._end_line()
            self._depth -= _is_quote(element, tag)
            self._gap(tag)
        self._pre -= tag == "pre"

    def _write(self, text: str | None) -> None:
        if not text:
            return
        if self._pre:
            first, *rest = text.split("\n")
            self._put(first)
            for line in rest:
                self._break()
                self._put(line)
            return
        self._put(re.sub(r"[ \t\r\n\f]+", " ", text))

    def _put(self, piece: str) -> None:
        self._line.append(piece)
        self._written = self._written or not (piece.isspace() or not piece)

    def _end_line(self) -> None:
        if self._written:
            self._break()
        else:
            self._line.clear()

    def _break(self) -> None:
        line = "".join(self._line)
        line = line.rstrip() if self._pre else _GAP.sub(lambda gap: "\t" if "\t" in gap[0] else " ", line).strip()
        self._lines.append(self._marks() + line)
        self._line.clear()
        self._written = False

    def _gap(self, tag: str) -> None:
        if tag in _SPACED and self._lines and self._lines[-1].strip("> "):
            self._lines.append(self._marks())

    def _marks(self) -> str:
        return "> " * min(self._depth, _DEEPEST_QUOTE)

    def text(self) -> str:
        """What was collected."""
        self._end_line()
        text = "\n".join(line.rstrip() for line in self._lines)
        return re.sub(r"\n{3,}", "\n\n", text).strip("\n")


def _is_quote(element: lxml.etree._Element, tag: str) -> bool:
    if tag == "blockquote":
        mark = f"{element.get('type') or ''} {element.get('class') or ''}"
        return "cite" in mark or "quote" in mark
    return False


def referenced_cids(source: str) -> frozenset[str]:
    """The Content-IDs that pictures and links of this HTML refer to (RFC 2392), without angle brackets."""
    return frozenset(re.findall(r"""["'(]\s*cid:([^"')\s]+)""", source, re.I))
