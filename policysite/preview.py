"""What the preview's toolbar says of a page: coverage, words to translate, each text's place and problems.

Pure: a prepared site and its diagnostics in, records out. The toolbar finds the texts in the page by what
they say, so that a page in the preview has the very HTML that is published.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from html import escape
from typing import Literal
from urllib.parse import quote

from markupsafe import Markup

from policysite.core.diagnostics import Diagnostic, Place
from policysite.core.markdown import inline, substitute
from policysite.core.model import Catalog, DocumentPlan, Message, OutputFile, PagePlan
from policysite.core.reports import as_records
from policysite.core.urls import app_path, output_path
from policysite.load.project import SITE_DOMAIN
from policysite.pipeline import Prepared
from policysite.render.site import APP_LAYOUTS, workshop

#: Of a text in a page: in the source language; translated; translated, to be reviewed, so not shown; not
#: translated; from a whole-file translation.
State = Literal["source", "translated", "fuzzy", "missing", "file"]


@dataclass(frozen=True, slots=True)
class PreviewText:
    """A text of a page. shown: what a reader sees, as plain text; an interface text may hold `%(name)s`,
    which stands for anything. source: the English text. place: `path:line`, where it is changed. problems:
    indexes into the report's."""

    shown: str
    source: str
    state: State
    place: str
    problems: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class PageReport:
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
            "texts": [asdict(text) for text in self.texts],
            "problems": as_records(self.problems),
        }


#: What a page brings where no host sends headers; it would refuse the toolbar.
_META_POLICY = re.compile(rb'<meta http-equiv="Content-Security-Policy"[^>]*>\n?')

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
    def _pages(self) -> Mapping[str, tuple[DocumentPlan, PagePlan, bool]]:
        found: dict[str, tuple[DocumentPlan, PagePlan, bool]] = {}
        for plan in self._prepared.plans:
            for page in (*plan.pages, *plan.extras):
                found[page.output] = (plan, page, False)
            for page in plan.pages if plan.layout in APP_LAYOUTS else ():
                found[output_path(app_path(page.url))] = (plan, page, True)
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
        plan, page, app = found
        document = page.text.parsed.document
        catalogs = [self._prepared.translated.catalog(page.tag, name) for name in (plan.key, SITE_DOMAIN)]
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
        messages = _by_key(catalog)
        slots = zip(parsed.skeleton.slots, page.text.slots, strict=True)
        values = (*page.text.fields, *(value for slot, value in slots if slot.translatable))
        for segment, value in zip(parsed.segments(), values, strict=True):
            shown = segment.msgid if value is None else value
            plain = _plain(inline(substitute(shown, room.fact), parsed.skeleton.references))
            if page.tag == source or parsed.document.locale is not None:
                state: State = "source" if page.tag == source else "file"
                yield _text(plain, segment.msgid, state, segment.place, 0, problems)
            else:
                message = messages.get((None, segment.msgid))
                yield _translated(plain, message, segment.msgid, catalog, segment.place, problems)

    def _of_interface(
        self, page: PagePlan, catalog: Catalog | None, problems: Sequence[Diagnostic]
    ) -> Iterator[PreviewText]:
        if page.tag == self._prepared.frame.config.source:
            return
        messages = _by_key(catalog)
        for source in dict(self._prepared.translated.sources)[SITE_DOMAIN]:
            message = messages.get(source.key)
            shown = message.msgstr[0] if message is not None and message.usable else source.msgid
            place = source.places[0] if source.places else Place("templates")
            yield _translated(shown, message, source.msgid, catalog, place, problems)


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


def preview_files(files: Iterable[OutputFile], reports: PagePreviews, script: bytes) -> Iterator[OutputFile]:
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
            yield OutputFile(file.path, at_end(_META_POLICY.sub(b"", file.data), tag))
        else:
            yield file
    yield OutputFile(TOOLBAR_PATH.lstrip("/"), script)
    for output in made:
        found = reports.report(output)
        if found is not None:
            yield OutputFile(
                f"{REPORTS}{output}.json", json.dumps(found.record(), ensure_ascii=False).encode()
            )


def _by_key(catalog: Catalog | None) -> Mapping[tuple[str | None, str], Message]:
    return {item.key: item for item in catalog.messages if not item.obsolete} if catalog else {}


def _plain(html: str) -> str:
    return _SPACE.sub(" ", str(Markup(html).striptags())).strip()


def _translated(
    shown: str,
    message: Message | None,
    msgid: str,
    catalog: Catalog | None,
    place: Place,
    problems: Sequence[Diagnostic],
) -> PreviewText:
    """A text that comes from a catalog; where the catalog lacks it, its place in the source."""
    if message is None or catalog is None:
        return _text(shown, msgid, "missing", place, 0, problems)
    state: State = "translated" if message.usable else "fuzzy" if message.fuzzy else "missing"
    following = [item.line for item in catalog.messages if item.line > message.line]
    last = min(following, default=1 << 30) - 1
    return _text(shown, msgid, state, Place(catalog.path, message.line), last, problems)


def _text(
    shown: str, msgid: str, state: State, place: Place, last: int, problems: Sequence[Diagnostic]
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
