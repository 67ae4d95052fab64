"""One document in every language it has: structure once, texts per language, a template each."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from html import unescape
from itertools import compress

from markupsafe import Markup, escape
from msgspec.structs import asdict, replace

from policysite.core import locales, urls
from policysite.core.diagnostics import Diagnostic, Place, problem
from policysite.core.markdown import inline_all, section_numbers, substitute
from policysite.core.model import (
    DocumentPlan,
    Header,
    LanguageText,
    Layout,
    Outline,
    OutputFile,
    PageOutline,
    PagePlan,
    PageRole,
    ParsedDocument,
    Rendered,
    Service,
    Slot,
    VersionId,
    VersionRecord,
)
from policysite.core.outline import outline
from policysite.core.strings import LINK_TO_SECTION
from policysite.render import consent, feeds, plain, views
from policysite.render.headers import origin_problems, page_headers, reading, with_meta_policy
from policysite.render.site import APP_LAYOUTS, Frame, LanguageRoom, Workshop, workshop
from policysite.render.templates import Failed, render

_TAGS = re.compile(r"<[^>]*>")
_SITE_LINK = re.compile(r"\]\((/[^)\s]*)")
_LINKS = re.compile(r"</?a\b[^>]*>")


def render_document(frame: Frame, plan: DocumentPlan, tags: Sequence[str]) -> Iterator[Rendered]:
    """The pages of a document in each of these languages. Pure; a failing template becomes a diagnostic, the
    same one in each language."""
    shop = workshop(frame)
    templates = shop.env.list_templates()
    alternates = {
        page.output: rows
        for pages in listed(outline(plan), templates)
        for rows in [translations(frame.base_url, shop.config.source, plan.layout, pages)]
        for page in pages
    }
    extras = [
        page for page in plan.extras if ROLE_TEMPLATES.get(page.role, f"{plan.layout}.html") in templates
    ]
    family = _Family(shop, plan)
    for tag in tags:
        makers = [
            _Page(shop, plan, page, alternates.get(page.output, ()), family)
            for page in (*plan.pages, *extras)
            if page.tag == tag
        ]
        if plan.layout in APP_LAYOUTS and shop.config.apps.pages:
            makers += [
                _Page(shop, plan, page, (), family, app=True) for page in plan.pages if page.tag == tag
            ]
        yield _rendered(shop, plan, makers)


def _rendered(shop: Workshop, plan: DocumentPlan, makers: Sequence[_Page]) -> Rendered:
    """Pages, checked for what they load, with their headers."""
    files: list[OutputFile] = []
    problems: dict[Diagnostic, None] = {}
    headers: list[tuple[str, tuple[Header, ...]]] = []
    embed = _embedded(shop, plan)
    analytics = consent.analytics_service(shop.config)
    isolation = shop.config.analytics_isolation
    for maker in makers:
        try:
            html = maker.html()
        except Failed as failure:
            problems[failure.diagnostic] = None
            continue
        found_loads, inline_code = reading(html)
        if inline_code:
            problems[_inline_problem(plan, inline_code)] = None
        faults = origin_problems(
            found_loads, plan.key, maker.template, shop.config, shop.frame.base_url, embed
        )
        problems |= dict.fromkeys(faults)
        its_headers = page_headers(found_loads, None if maker.app else analytics, isolation, embed)
        headers.append((maker.output, its_headers))
        html = with_meta_policy(html, its_headers, shop.config.hosts)
        files.append(OutputFile(maker.output, html.encode()))
        files += maker.beside()
    return Rendered(tuple(files), tuple(problems), tuple(headers))


def _embedded(shop: Workshop, plan: DocumentPlan) -> Service | None:
    """The service whose frame the pages of a document hold."""
    wanted = plan.source.parsed.document.embed
    for service in shop.config.active_services:
        if service.id == wanted and service.frame is not None:
            return service
    return None


def _inline_problem(plan: DocumentPlan, found: re.Match[str]) -> Diagnostic:
    return problem(
        "P004",
        Place(f"templates/{plan.layout}.html"),
        f"“{plan.key}” holds inline script or style: {found.group(found.lastindex or 0)}",
        "move it to a file below assets/; the Content-Security-Policy allows nothing inline",
    )


#: Templates of the pages beside a policy; a site without one has no such pages.
ROLE_TEMPLATES = {"history": "history.html", "changes": "changes.html"}

#: Roles that search engines skip: they should find the version in force.
UNLISTED: frozenset[PageRole] = frozenset({"version", "changes"})


def listed(plan: Outline, templates: Collection[str]) -> Iterator[tuple[PageOutline, ...]]:
    """What search engines may list of a document: rows of pages that translate each other."""
    if plan.noindex or plan.layout == "not-found":
        return
    yield plan.pages
    if ROLE_TEMPLATES["history"] in templates:
        histories = tuple(page for page in plan.extras if page.role == "history")
        if histories:
            yield histories


def translations(
    base_url: str, source: str, layout: Layout, pages: Sequence[PageOutline]
) -> tuple[views.Alternate, ...]:
    """hreflang of pages that translate each other: each of them, and `x-default` for visitors of no listed
    language: the source language's page; for home pages the list of languages, which names them too."""
    rows = [views.Alternate(page.tag, urls.absolute(base_url, page.url)) for page in pages]
    default = next((page.url for page in pages if page.tag == source), None)
    if default is not None:
        rows.append(
            views.Alternate("x-default", urls.absolute(base_url, "/" if layout == "home" else default))
        )
    return tuple(rows)


class _Form:
    """The body of a document without its texts.

    parts: what it is joined of; a text belongs at every second place. places: those of translated segments,
    and segments: which slots these are. others: (place, slot, number) of headings, anchors, generated blocks.
    """

    def __init__(self, parsed: ParsedDocument) -> None:
        slots, pieces = parsed.skeleton.slots, parsed.skeleton.pieces
        numbers = section_numbers(slots, parsed.document.numbered)
        self.parts = [pieces[0], *(part for piece in pieces[1:] for part in ("", piece))]
        self.segments = [slot.kind not in ("anchor", "block") for slot in slots]
        self.places = [2 * index + 1 for index, is_text in enumerate(self.segments) if is_text]
        self.sources = [slot.raw for slot in compress(slots, self.segments)]
        self.others = [
            (2 * index + 1, slot, number)
            for index, (slot, number) in enumerate(zip(slots, numbers, strict=True))
            if slot.kind in ("heading", "anchor", "block")
        ]


class _Family:
    """What the pages of one document share: each is made when the first page asks for it."""

    def __init__(self, shop: Workshop, plan: DocumentPlan) -> None:
        self.shop = shop
        self.plan = plan
        self._forms: dict[int, _Form] = {}
        self._entries: dict[tuple[PageRole, VersionId | None, bool], tuple[views.SwitcherEntry, ...]] = {}

    def form(self, parsed: ParsedDocument) -> _Form:
        """Of a version of the document. (It stays as long as the plan, so that its identity names it.)"""
        if id(parsed) not in self._forms:
            self._forms[id(parsed)] = _Form(parsed)
        return self._forms[id(parsed)]

    def siblings(self, mine: PagePlan) -> Iterator[PagePlan]:
        """A page in every language that has it."""
        if mine.role == "main":
            yield from self.plan.pages
            return
        for page in self.plan.extras:
            if page.role == mine.role and (mine.role == "history" or page.version == mine.version):
                yield page

    def switcher(self, mine: PagePlan, app: bool) -> tuple[views.SwitcherEntry, ...]:
        """The languages that have a page, by their own names: the same ones as hreflang and sitemap."""
        key = mine.role, None if mine.role in ("main", "history") else mine.version, app
        if key not in self._entries:
            entries = []
            for page in self.siblings(mine):
                language = self.shop.languages[page.tag]
                entries.append(
                    views.SwitcherEntry(
                        tag=language.tag,
                        name=language.name,
                        dir=language.direction,
                        href=urls.app_path(page.url) if app else page.url,
                        current=False,
                    )
                )
            self._entries[key] = tuple(sorted(entries, key=lambda entry: entry.name.casefold()))
        return tuple(
            replace(entry, current=True) if entry.tag == mine.tag else entry for entry in self._entries[key]
        )


class _Page:
    """The making of one page, for the web or (`app`) as the copy the apps show."""

    def __init__(
        self,
        shop: Workshop,
        plan: DocumentPlan,
        page: PagePlan,
        alternates: tuple[views.Alternate, ...],
        family: _Family,
        app: bool = False,
    ) -> None:
        self.shop = shop
        self.family = family
        self.app = app
        self.url = urls.app_path(page.url) if app else page.url
        self.output = urls.output_path(self.url) if app else page.output
        self.plan = plan
        self.page = page
        self.alternates = alternates
        self.room = shop.room(page.tag, app)
        self.source_room = shop.room(shop.config.source)
        self.document = page.text.parsed.document
        self.references = page.text.parsed.skeleton.references
        self.toc: list[tuple[int, views.TocEntry]] = []

    def html(self) -> str:
        """The page's HTML."""
        scope = {**self.room.common, **asdict(self.context())}
        return render(self.shop.env, self.template, scope) + "\n"

    @property
    def template(self) -> str:
        """The template of this page, below templates/."""
        return ROLE_TEMPLATES.get(self.page.role, f"{self.plan.layout}.html")

    # ── texts ──

    def inline(self, text: str | None, source: str) -> str:
        """A segment as HTML; where the language has none, the source marked as what it is."""
        return self.inlines([(text, source)])[0]

    def inlines(self, rows: Sequence[tuple[str | None, str]]) -> list[str]:
        """`inline` of several segments: (text, source) of each."""
        own = iter(self._inlines([text for text, _ in rows if text is not None], self.room))
        foreign = iter(self._inlines([source for text, source in rows if text is None], self.source_room))
        original = self.source_room.language
        start = f'<span lang="{original.tag}" dir="{original.direction}">'
        return [next(own) if text is not None else f"{start}{next(foreign)}</span>" for text, _ in rows]

    def _inlines(self, texts: Sequence[str], room: LanguageRoom) -> list[str]:
        """room: whose facts are filled in; links always lead to pages of this language."""
        if not texts:
            return []
        filled = [substitute(text, room.fact) for text in texts]
        return inline_all(filled, self.references, self.room.resolve)

    def field(self, name: str) -> list[str]:
        """The front-matter texts of a name as HTML."""
        return [html for field_name, html in self._fields if field_name == name]

    @cached_property
    def _fields(self) -> tuple[tuple[str, str], ...]:
        """(name, HTML) of all front-matter texts."""
        text = self.page.text
        rows = [
            (name, value, field.text)
            for (name, field), value in zip(text.parsed.document.fields, text.fields, strict=True)
        ]
        html = self.inlines([(value, source) for _, value, source in rows])
        return tuple((name, one) for (name, _, _), one in zip(rows, html, strict=True))

    def plain_field(self, name: str) -> str:
        """A front-matter text as plain text (for `<title>` and `<meta>`)."""
        return next(map(_plain_text, self.field(name)), "")

    def body(self) -> Markup:
        """The rendered Markdown with numbers and anchors; fills `self.toc`."""
        text = self.page.text
        form, digits = self.family.form(text.parsed), self.room.language.digits
        parts = form.parts.copy()
        rows = zip(compress(text.slots, form.segments), form.sources, strict=True)
        for place, html in zip(form.places, self.inlines(list(rows)), strict=True):
            parts[place] = html
        heading = ""
        for place, slot, plain_number in form.others:
            if slot.kind == "anchor":
                parts[place] = self._anchor(slot, heading)
            elif slot.kind == "block":
                if not (self.app and slot.raw == "cookie_settings"):  # the apps store nothing to choose about
                    parts[place] = self.room.block(slot.raw)
            else:
                heading = parts[place]
                if not slot.anchor:  # a heading inside a quote or a list is no section of the page
                    continue
                number = locales.in_digits(plain_number, digits)
                entry = views.TocEntry(slot.anchor, number, Markup(_LINKS.sub("", heading)))
                self.toc.append((slot.level, entry))
                if number:
                    parts[place] = f'<span class="number">{number}</span> {heading}'
        return Markup("".join(parts))

    def _anchor(self, slot: Slot, heading: str) -> str:
        title = _plain_text(heading)
        label = self.room.gettext.gettext(LINK_TO_SECTION, title=title)
        return f'<a class="anchor" href="#{escape(slot.anchor)}" aria-label="{label}"></a>'

    # ── context ──

    def context(self) -> views.PageContext:
        """Everything the template sees."""
        common = self.room.common
        view = self.page_view()
        return views.PageContext(
            site=common["site"],  # type: ignore[arg-type]
            lang=common["lang"],  # type: ignore[arg-type]
            page=view,
            languages=self.family.switcher(self.page, self.app),
            header=self.room.menu(self.shop.config.header, self.plan.key),
            footer=common["footer"],  # type: ignore[arg-type]
            home=self.room.home,
            consent=self.room.consent,
            categories=self.room.categories,
            embed=self.embed(),
            form=self.form(),
            contact_email=str(common["contact_email"]),
            minimum_age=str(common["minimum_age"]),
            app=self.app,
        )

    def page_view(self) -> views.PageView:
        page, plan = self.page, self.plan
        body = self.body() if page.role in ("main", "version") else Markup()
        titles = self.field("title")
        leads = self.field("lead")
        version = page.version
        return views.PageView(
            key=page.key,
            layout=plan.layout,
            role=page.role,
            url=self.url,
            canonical=urls.absolute(self.shop.frame.base_url, self.canonical()),
            title=self.plain_field("title"),
            title_html=Markup(titles[0] if titles else ""),
            description=self.plain_field("description"),
            lead=Markup(leads[0]) if leads else None,
            summary=tuple(Markup(html) for html in self.field("summary")),
            body=body,
            toc=_nested(self.toc),
            alternates=self.alternates,
            noindex=self.app or plan.noindex or plan.layout == "not-found" or self.unlisted(),
            updated=self.room.date(version.date, version.precision) if version else None,
            version=locales.in_digits(version.name, self.room.language.digits) if version else None,
            notices=self.notices(),
            related=tuple(self.room.link(key) for key in self.shop.policies if key != page.key)
            if plan.layout == "policy"
            else (),
            shown=next((self.version(record) for record in plan.versions if record.id == version), None),
            versions=tuple(map(self.version, plan.versions)),
            upcoming=tuple(self.version(record) for record in plan.versions if record.state == "upcoming"),
            main=self.main() if page.role != "main" else None,
            history=self.extra("history"),
            feed=feeds.path(self.main_url()) if plan.versions and not self.app else None,
            before=self.before(),
            redline=self.redline if page.role == "changes" else None,
            markdown=plain.path(self.url)
            if page.role in plain.ROLES and plan.versions and not self.app
            else None,
        )

    # ── versions ──

    def state(self) -> str:
        """Of a page of a version: `upcoming`, `current` or `archived`."""
        return next((record.state for record in self.plan.versions if record.id == self.page.version), "")

    def unlisted(self) -> bool:
        """Whether search engines should skip the page; the version in force names its main page instead."""
        return self.page.role in UNLISTED and not (self.page.role == "version" and self.state() == "current")

    def main_url(self) -> str:
        """The address of the policy in this language, else in English."""
        page = self.plan.page(self.page.tag) or self.plan.page(self.shop.config.source)
        return page.url if page else self.page.url

    def canonical(self) -> str:
        """The address search engines should know: of the version in force, its main page."""
        main = self.plan.page(self.page.tag)
        if self.page.role == "version" and self.state() == "current" and main is not None:
            return main.url
        return self.page.url

    def main(self) -> views.Link:
        """The page of the version in force."""
        return self.room.link(self.page.key)

    def extra(self, role: PageRole, version: VersionId | None = None) -> views.Link | None:
        """The page of a role (and version) in this language, else in English; None where there is none."""
        if self.app or ROLE_TEMPLATES.get(role, "policy.html") not in self.shop.env.list_templates():
            return None
        for tag in dict.fromkeys((self.page.tag, self.shop.config.source)):
            for page in self.plan.extras:
                if page.role == role and page.tag == tag and version in (None, page.version):
                    foreign = self.shop.languages[tag] if tag != self.page.tag else None
                    return views.Link(
                        href=page.url,
                        label=self.room.labels.get(self.page.key, ""),
                        key=self.page.key,
                        current=page is self.page,
                        hreflang=foreign.tag if foreign else None,
                        lang=foreign.tag if foreign else None,
                        dir=foreign.direction if foreign else None,
                    )
        return None

    def version(self, record: VersionRecord) -> views.VersionView:
        """A version as templates see it."""
        source = self.shop.config.source
        text = record.text(self.page.tag) or record.text(source)
        english = record.text(source)
        until = record.until
        return views.VersionView(
            name=locales.in_digits(record.id.name, self.room.language.digits),
            date=self.room.date(record.id.date, record.id.precision),
            until=self.room.date(until.date, until.precision) if until else None,
            state=record.state,
            material=record.material and record.since is not None,
            announced=self.room.date(record.announced, "day") if record.announced else None,
            link=self.extra("version", record.id) or self.main(),
            changes=tuple(self._changes(text, english)) if text and english else (),
            redline=self.extra("changes", record.id),
            policy=self.plain_field("title"),
            amendments=tuple((self.room.date(on, "day"), reason) for on, reason in record.amendments),
        )

    def before(self) -> views.VersionView | None:
        """Of a page of changes: the version before."""
        previous = self.page.previous
        old = previous.parsed.document.version if previous is not None else None
        return next((self.version(record) for record in self.plan.versions if record.id == old), None)

    def redline(self, **words: object) -> Markup:
        """What the version changed, as HTML. words: fields of `Labels`, in the page's language."""
        from policysite.core.redline import redline as compare  # few pages compare, and few edits touch them
        from policysite.core.redline import wording
        from policysite.render import redline

        previous = self.page.previous
        if previous is None or previous.parsed.document.version is None or self.page.version is None:
            return Markup()
        labels = redline.Labels(**{name: str(Markup(word).unescape()) for name, word in words.items()})
        found = compare(wording(previous, self.room.fact), wording(self.page.text, self.room.fact))
        old, new = (self.extra("version", id) for id in (previous.parsed.document.version, self.page.version))
        return Markup(
            redline.as_html(
                found,
                labels,
                resolve=self.room.resolve,
                new_url=new.href if new else "",
                old_url=old.href if old else "",
                digits=self.room.language.digits,
                only_changes=True,
            )
        )

    def _changes(self, text: LanguageText, english: LanguageText) -> Iterator[Markup]:
        fields = text.parsed.document.fields
        for (name, field), value in zip(fields, text.fields, strict=True):
            if name == "changes":
                own = value if text.tag == self.page.tag else None
                yield Markup(self.inline(own, field.text if text is english else value or field.text))

    def beside(self) -> Iterator[OutputFile]:
        """Files beside a page of a policy: its text as Markdown, and in the main page's folder the feed."""
        if self.app or not self.plan.versions:
            return
        if self.page.role in plain.ROLES:
            text = plain.markdown(self.plain_page())
            yield OutputFile(plain.path(self.url).lstrip("/"), text.encode())
        if self.page.role == "main":
            versions = [self.version(record) for record in self.plan.versions]
            entries = [
                feeds.Entry(
                    version=record.id.name,
                    url=urls.absolute(self.shop.frame.base_url, view.link.href),
                    title=f"{view.policy}: {view.date.text}",
                    day=record.announced or record.id.date,
                    changes=tuple(str(change.striptags()) for change in view.changes),
                )
                for record, view in zip(self.plan.versions, versions, strict=True)
            ]
            yield feeds.atom(
                self.shop.frame.base_url,
                self.page.url,
                self.page.tag,
                f"{self.plain_field('title')} · {self.shop.config.site.name}",
                self.shop.config.site.name,
                entries,
            )

    def plain_page(self) -> plain.Page:
        """What the copy as Markdown is made of."""
        text, skeleton = self.page.text, self.page.text.parsed.skeleton
        values = [
            slot.raw if slot.kind == "block" else self._plain(value if value is not None else slot.raw)
            for slot, value in zip(skeleton.slots, text.slots, strict=True)
        ]
        fields = [
            (name, self._plain(value if value is not None else field.text))
            for (name, field), value in zip(text.parsed.document.fields, text.fields, strict=True)
        ]
        version = self.page.version
        return plain.Page(
            skeleton=skeleton,
            values=tuple(values),
            fields=tuple(fields),
            numbered=self.document.numbered,
            digits=self.room.language.digits,
            version=version.name if version else "",
            url=urls.absolute(self.shop.frame.base_url, self.url),
            tables={"cookie_table": self._cookie_rows()},
        )

    def _plain(self, text: str) -> str:
        """A segment as Markdown with facts filled in and links made absolute."""
        base = self.shop.frame.base_url

        def absolute(match: re.Match[str]) -> str:
            found = dict(self.room.resolve("a", match.group(1)))
            return f"]({urls.absolute(base, found.get('href', match.group(1)))}"

        return _SITE_LINK.sub(absolute, substitute(text, self.room.fact))

    def _cookie_rows(self) -> tuple[tuple[str, ...], ...]:
        return tuple(
            (row.name, row.purpose, row.duration, row.recipient)
            for category in self.room.categories
            for row in category.cookies
        )

    # ── other pages ──

    def _address(self, page: PagePlan) -> str:
        """Where a page of this document is, seen from here: apps stay in the apps."""
        return urls.app_path(page.url) if self.app else page.url

    def notices(self) -> tuple[views.Notice, ...]:
        """What the reader has to know about this translation."""
        language = self.room.language
        page = self.page
        source_tag = self.shop.config.source
        original = next((page for page in self.family.siblings(page) if page.tag == source_tag), None)
        if page.tag == self.shop.config.source or original is None or self.plan.layout == "not-found":
            return ()
        source = self.shop.languages[self.shop.config.source]
        english = views.Link(
            href=self._address(original),
            label=locales.name_in(source.tag, language.tag),
            key=page.key,
            hreflang=source.tag,
        )
        found = []
        if page.behind is not None and page.version is not None:
            found.append(
                views.Notice(
                    "behind",
                    english,
                    self.room.date(page.version.date, page.version.precision),
                    self.room.date(page.behind.date, page.behind.precision),
                )
            )
        if page.role in ("history", "changes"):
            return ()
        if language.status == "unreviewed":
            found.append(views.Notice("unreviewed", english))
        if language.english_prevails and page.version is not None:
            found.append(views.Notice("prevails", english))
        return tuple(found)

    def embed(self) -> views.EmbedView | None:
        """The frame this page embeds."""
        service = _embedded(self.shop, self.plan)
        if service is None or service.frame is None:
            return None
        origin = urls.origin(service.frame.url)
        live = next(
            (
                self.room.link(ref.key)
                for ref in self.shop.frame.pages
                if ref.layout == "live" and ref.embed == service.id
            ),
            views.Link(service.frame.url, service.name),
        )
        return views.EmbedView(
            service=self.room.service_view(service),
            src=service.frame.url,
            allow="; ".join(f"{feature} {origin}" for feature in service.frame.features),
            sandbox=" ".join(service.frame.sandbox),
            referrer_policy=service.frame.referrer_policy,
            live=live,
        )

    def form(self) -> views.FormView | None:
        """The form this page shows."""
        if self.document.form is None:
            return None
        return views.FormView(
            self.document.form, self.shop.config.form_endpoint, str(self.room.common["contact_email"])
        )


def _plain_text(html: str) -> str:
    """Inline HTML as plain text."""
    if "<" in html:
        html = _TAGS.sub("", html)
    return unescape(html) if "&" in html else html


def _nested(flat: list[tuple[int, views.TocEntry]]) -> tuple[views.TocEntry, ...]:
    """Second-level headings with their third-level headings inside; deeper ones are left out."""
    result: list[views.TocEntry] = []
    for level, entry in flat:
        if level == 2:
            result.append(entry)
        elif level == 3 and result:
            last = result[-1]
            result[-1] = views.TocEntry(last.anchor, last.number, last.html, (*last.children, entry))
    return tuple(result)
