"""What the preview's toolbar says of a page: coverage, words to translate, each text's place and problems.

Pure: a prepared site and its diagnostics in, records out. The toolbar finds the texts in the page by what
they say, so that a page in the preview has the very HTML that is published.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from html import escape
from typing import Literal
from urllib.parse import quote

from markupsafe import Markup
from msgspec import Struct, to_builtins
from msgspec.structs import replace

from policysite.core.diagnostics import Diagnostic, Place
from policysite.core.markdown import inline, substitute
from policysite.core.model import Catalog, Message, OutputFile, PagePlan, SiteFile
from policysite.core.reports import as_records
from policysite.core.urls import app_path, output_path
from policysite.load.project import SITE_DOMAIN
from policysite.pipeline import Prepared
from policysite.render.headers import without_meta_policy
from policysite.render.site import APP_LAYOUTS, workshop

#: Of a text in a page: in the source language; translated; translated, to be reviewed, so not shown; not
#: translated; from a whole-file translation.
State = Literal["source", "translated", "fuzzy", "missing", "file"]


class PreviewText(Struct, frozen=True):
    """A text of a page. shown: what a reader sees, as plain text; an interface text may hold `%(name)s`,
    which stands for anything. source: the English text. place: `path:line`, where it is changed. problems:
    indexes into the report's."""

    shown: str
    source: str
    state: State
    place: str
    problems: tuple[int, ...] = ()


class PageReport(Struct, frozen=True):
    """What the toolbar says of one page.

    output: file below the output folder. language: its tag. name: its own name. document: path of the text.
    total, translated, fuzzy, missing: texts of the document. words: English words of what is fuzzy or
    missing, in the document and in the interface. texts: of the document, then of the interface. problems:
    the diagnostics of the files the page is made of.
    """

    output: str
    language: str
    name: str
    document: str
    total: int
    translated: int
    fuzzy: int
    missing: int
    words: int
    texts: tuple[PreviewText, ...]
    problems: tuple[Diagnostic, ...]

    def record(self) -> dict[str, object]:
        """JSON-ready, with stable keys; problems as `check --format json` has them."""
        return {
            **{name: getattr(self, name) for name in _FIGURES},
            "texts": [to_builtins(text) for text in self.texts],
            "problems": as_records(self.problems),
        }


#: Where the toolbar's script is, and below which folder a preview on disk keeps its reports.
TOOLBAR_PATH = "/__policysite/preview.js"
REPORTS = "__policysite/pages/"

_FIGURES = ("output", "language", "name", "document", "total", "translated", "fuzzy", "missing", "words")

_SPACE = re.compile(r"\s+")


class PagePreviews:
    """The reports of a site's pages, each made when it is asked for."""

    def __init__(self, prepared: Prepared, diagnostics: Sequence[Diagnostic]) -> None:
        self._prepared = prepared
        self._diagnostics = tuple(diagnostics)

    @cached_property
    def _pages(self) -> Mapping[str, tuple[str, str, bool]]:
        """Output → the document's key, the page's own output, whether it is the copy for the apps."""
        found: dict[str, tuple[str, str, bool]] = {}
        for plan in self._prepared.outlines:
            for page in (*plan.pages, *plan.extras):
                found[page.output] = (plan.key, page.output, False)
            for page in plan.pages if plan.layout in APP_LAYOUTS else ():
                found[output_path(app_path(page.url))] = (plan.key, page.output, True)
        return found

    @property
    def outputs(self) -> Sequence[str]:
        """The output files there is a report of."""
        return tuple(self._pages)

    def report(self, output: str) -> PageReport | None:
        """The report of an output file (`bn/privacy/index.html`); None for what is no page of a document."""
        found = self._pages.get(output)
        if found is None:
            return None
        key, own, app = found
        plan = self._prepared.documents.plan(key)
        page = next(one for one in (*plan.pages, *plan.extras) if one.output == own)
        document = page.text.parsed.document
        catalogs = [self._prepared.documents.catalog_of(page.tag, name) for name in (plan.key, SITE_DOMAIN)]
        paths = {document.path, plan.source.parsed.document.path, output, page.output}
        paths |= {catalog.path for catalog in catalogs if catalog is not None}
        problems = tuple(item for item in self._diagnostics if item.place.path in paths)
        texts = tuple(self._of_document(page, app, catalogs[0], problems))
        interface = tuple(self._of_interface(page, catalogs[1], problems))
        language = next(one for one in self._prepared.frame.config.languages if one.tag == page.tag)
        states = [text.state for text in texts]
        waiting = {text.source for text in (*texts, *interface) if text.state in ("fuzzy", "missing")}
        return PageReport(
            output=output,
            language=page.tag,
            name=language.name,
            document=document.path,
            total=len(texts),
            translated=len(texts) - states.count("fuzzy") - states.count("missing"),
            fuzzy=states.count("fuzzy"),
            missing=states.count("missing"),
            words=sum(len(source.split()) for source in waiting),
            texts=(*texts, *interface),
            problems=problems,
        )

    def _of_document(
        self, page: PagePlan, app: bool, catalog: Catalog | None, problems: Sequence[Diagnostic]
    ) -> Iterator[PreviewText]:
        shop = workshop(self._prepared.frame)
        source = self._prepared.frame.config.source
        room = shop.room(page.tag, app)
        parsed = page.text.parsed
        entries = _entries(catalog)
        slots = zip(parsed.skeleton.slots, page.text.slots, strict=True)
        values = (*page.text.fields, *(value for slot, value in slots if slot.translatable))
        for segment, value in zip(parsed.segments(), values, strict=True):
            shown = segment.msgid if value is None else value
            plain = _plain(inline(substitute(shown, room.fact), parsed.skeleton.references))
            if page.tag == source or parsed.document.locale is not None:
                state: State = "source" if page.tag == source else "file"
                yield _text(plain, segment.msgid, state, segment.place, 0, problems)
            else:
                entry = entries.get((None, segment.msgid))
                yield _translated(plain, entry, segment.msgid, segment.place, problems)

    def _of_interface(
        self, page: PagePlan, catalog: Catalog | None, problems: Sequence[Diagnostic]
    ) -> Iterator[PreviewText]:
        if page.tag == self._prepared.frame.config.source:
            return
        entries = _entries(catalog)
        for source in self._prepared.messages:
            entry = entries.get(source.key)
            shown = entry.message.msgstr[0] if entry is not None and entry.message.usable else source.msgid
            place = source.places[0] if source.places else Place("templates")
            yield _translated(shown, entry, source.msgid, place, problems)


def toolbar_tag(report: str, editor: str = "") -> bytes:
    """The script element of the toolbar. report: the address of the page's. editor: see `devsite.Toolbar`."""
    data = f'data-report="{escape(report)}" data-editor="{escape(editor)}"'
    return f'<script src="{TOOLBAR_PATH}" {data}></script>'.encode()


def at_end(body: bytes, addition: bytes) -> bytes:
    """A page with more before its last `</body>`, else at its end."""
    end = body.lower().rfind(b"</body>")
    return body + addition if end < 0 else body[:end] + addition + body[end:]


def without_hosts(prepared: Prepared) -> Prepared:
    """The site as it is previewed from disk: nothing for a host, whose headers would refuse the toolbar."""
    config = replace(prepared.frame.config, hosts=())
    return replace(prepared, frame=replace(prepared.frame, config=config))


def preview_files(files: Iterable[SiteFile], reports: PagePreviews, script: bytes) -> Iterator[SiteFile]:
    """A built site as a preview: pages with the toolbar, their reports, and nothing for search engines.

    files: of `without_hosts`. script: the toolbar's.
    """
    pages = set(reports.outputs)
    made = []  # a project without a template of the history has no such page
    for file in files:
        if file.path == "sitemap.xml":
            continue
        if file.path == "robots.txt":
            yield OutputFile(file.path, b"User-agent: *\nDisallow: /\n")
        elif file.path in pages:
            made.append(file.path)
            tag = toolbar_tag(f"/{REPORTS}{quote(file.path)}.json")
            # What a page brings where no host sends headers would refuse the toolbar.
            yield OutputFile(file.path, at_end(without_meta_policy(file.data), tag))
        else:
            yield file
    yield OutputFile(TOOLBAR_PATH.lstrip("/"), script)
    for output in made:
        found = reports.report(output)
        if found is not None:
            yield OutputFile(
                f"{REPORTS}{output}.json", json.dumps(found.record(), ensure_ascii=False).encode()
            )


class _Entry(Struct, frozen=True):
    """A message, the path of its catalog, and the last line before the next message."""

    message: Message
    path: str
    last: float


def _entries(catalog: Catalog | None) -> Mapping[tuple[str | None, str], _Entry]:
    """By (context, msgid); without obsolete messages."""
    if catalog is None:
        return {}
    rows = sorted(catalog.messages, key=lambda item: item.line)
    ends: list[float] = [item.line - 1 for item in rows[1:]]
    return {
        item.key: _Entry(item, catalog.path, last)
        for item, last in zip(rows, [*ends, math.inf], strict=False)
        if not item.obsolete
    }


def _plain(html: str) -> str:
    return _SPACE.sub(" ", str(Markup(html).striptags())).strip()


def _translated(
    shown: str, entry: _Entry | None, msgid: str, place: Place, problems: Sequence[Diagnostic]
) -> PreviewText:
    """A text that comes from a catalog; where the catalog lacks it, its place in the source."""
    if entry is None:
        return _text(shown, msgid, "missing", place, 0, problems)
    message = entry.message
    state: State = "translated" if message.usable else "fuzzy" if message.fuzzy else "missing"
    return _text(shown, msgid, state, Place(entry.path, message.line), entry.last, problems)


def _text(
    shown: str, msgid: str, state: State, place: Place, last: float, problems: Sequence[Diagnostic]
) -> PreviewText:
    """last: the last line of the text's entry; 0 for the line of `place` alone."""
    last = max(last, place.line)
    own = tuple(
        index
        for index, item in enumerate(problems)
        if item.place.path == place.path and place.line <= item.place.line <= last and place.line
    )
    shown = _SPACE.sub(" ", shown).strip()
    return PreviewText(shown, msgid, state, str(Place(place.path, place.line)), own)
