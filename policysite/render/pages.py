"""One document in every language it has: structure once, texts per language, a template each."""

from __future__ import annotations

import re
from dataclasses import fields

from markupsafe import Markup, escape

from policysite.core import locales, urls
from policysite.core.diagnostics import Diagnostic, Place, problem
from policysite.core.markdown import inline, section_numbers, substitute
from policysite.core.model import (
    DocumentPlan,
    Header,
    OutputFile,
    PagePlan,
    Rendered,
    Service,
    Slot,
)
from policysite.core.strings import LINK_TO_SECTION
from policysite.render import consent, views
from policysite.render.headers import loads, origin_problems, page_headers
from policysite.render.site import APP_LAYOUTS, Frame, LanguageRoom, Workshop, workshop
from policysite.render.templates import Failed, render

_TAGS = re.compile(r"<[^>]*>")
_LINKS = re.compile(r"</?a\b[^>]*>")
#: Inside tags only: a text may speak of such things.
_INLINE = re.compile(
    r"(<script(?![^>]*\ssrc=)[^>]*>|<style\b)"
    r"|<[^<>]*\s((?:style|on[a-z]+)=[\"']|(?:href|src|action|formaction)=[\"']?\s*javascript:)",
    re.IGNORECASE,
)


def render_document(frame: Frame, plan: DocumentPlan) -> Rendered:
    """All pages of a document. Pure; a failing template becomes a diagnostic, once per template line."""
    shop = workshop(frame)
    files: list[OutputFile] = []
    problems: dict[tuple[str, str], Diagnostic] = {}  # once a document, whatever the number of its pages
    headers: list[tuple[str, tuple[Header, ...]]] = []
    alternates = _alternates(shop, plan)
    embed = _embedded(shop, plan)
    frames_itself = consent.analytics_service(shop.config) is not None
    makers = [_Page(shop, plan, page, alternates) for page in plan.pages]
    if plan.layout in APP_LAYOUTS:
        makers += [_Page(shop, plan, page, (), app=True) for page in plan.pages]
    for maker in makers:
        page = maker.page
        try:
            html = maker.html()
        except Failed as failure:
            found = failure.diagnostic
            problems.setdefault((found.code, f"{found.place} {found.message}"), found)
            continue
        inline_code = _INLINE.search(html)
        if inline_code:
            problems.setdefault(("P004", inline_code.group()), _inline_problem(plan, page, inline_code))
        template = f"{plan.layout}.html"
        found_loads = loads(html)
        faults = origin_problems(found_loads, maker.output, template, shop.config, shop.frame.base_url, embed)
        for address, fault in faults:
            problems.setdefault(("P005", address), fault)
        headers.append((maker.output, page_headers(found_loads, frames_itself and not maker.app, embed)))
        files.append(OutputFile(maker.output, html.encode()))
    return Rendered(tuple(files), tuple(problems.values()), tuple(headers))


def _embedded(shop: Workshop, plan: DocumentPlan) -> Service | None:
    """The service whose frame the pages of a document hold."""
    wanted = plan.source.parsed.document.embed
    for service in shop.config.active_services:
        if service.id == wanted and service.frame is not None:
            return service
    return None


def _inline_problem(plan: DocumentPlan, page: PagePlan, found: re.Match[str]) -> Diagnostic:
    return problem(
        "P004",
        Place(f"templates/{plan.layout}.html"),
        f"/{page.output} holds inline script or style: {found.group(found.lastindex or 0)}",
        "move it to a file below assets/; the Content-Security-Policy allows nothing inline",
    )


def _alternates(shop: Workshop, plan: DocumentPlan) -> tuple[views.Alternate, ...]:
    """hreflang of a document: every published page, and x-default; none for pages search engines skip."""
    if plan.noindex or plan.layout == "not-found":
        return ()
    base = shop.frame.base_url
    rows = [views.Alternate(page.tag, urls.absolute(base, page.url)) for page in plan.pages]
    default = plan.page(shop.config.source)
    if default is not None:
        rows.append(views.Alternate("x-default", urls.absolute(base, default.url)))
    return tuple(rows)


class _Page:
    """The making of one page, for the web or (`app`) as the copy the apps show."""

    def __init__(
        self,
        shop: Workshop,
        plan: DocumentPlan,
        page: PagePlan,
        alternates: tuple[views.Alternate, ...],
        app: bool = False,
    ) -> None:
        self.shop = shop
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
        context = self.context()
        scope = {
            **self.room.common,
            **{field.name: getattr(context, field.name) for field in fields(context)},
        }
        return render(self.shop.env, f"{self.plan.layout}.html", scope) + "\n"

    # ── texts ──

    def inline(self, text: str | None, source: str) -> str:
        """A segment as HTML; where the language has none, the source marked as what it is."""
        if text is not None:
            return self._inline(text, self.room)
        original = self.shop.languages[self.shop.config.source]
        html = self._inline(source, self.source_room, self.room)
        return f'<span lang="{original.tag}" dir="{original.direction}">{html}</span>'

    def _inline(self, text: str, room: LanguageRoom, links: LanguageRoom | None = None) -> str:
        return inline(substitute(text, room.fact), self.references, (links or room).resolve)

    def field(self, name: str) -> list[str]:
        """The front-matter texts of a name as HTML."""
        text = self.page.text
        return [
            self.inline(value, field.text)
            for (field_name, field), value in zip(text.parsed.document.fields, text.fields, strict=True)
            if field_name == name
        ]

    def plain_field(self, name: str) -> str:
        """A front-matter text as plain text (for `<title>` and `<meta>`)."""
        for html in self.field(name):
            return str(Markup(_TAGS.sub("", html)).unescape())
        return ""

    def body(self) -> Markup:
        """The rendered Markdown with numbers and anchors; fills `self.toc`."""
        text = self.page.text
        skeleton = text.parsed.skeleton
        numbers = section_numbers(skeleton.slots, text.parsed.document.numbered)
        parts = [skeleton.pieces[0]]
        heading = ""
        filled = zip(skeleton.slots, text.slots, numbers, skeleton.pieces[1:], strict=True)
        for slot, value, plain_number, piece in filled:
            if slot.kind == "anchor":
                parts.append(self._anchor(slot, heading))
            elif slot.kind == "block":
                if not (self.app and slot.raw == "cookie_settings"):  # the apps store nothing to choose about
                    parts.append(render(self.shop.env, f"{slot.raw}.html", self.room.common))
            elif slot.kind == "heading":
                heading = self.inline(value, slot.raw)
                number = ""
                if slot.anchor:  # a heading inside a quote or a list is no section of the page
                    number = locales.in_digits(plain_number, self.room.language.digits)
                    entry = views.TocEntry(slot.anchor, number, Markup(_LINKS.sub("", heading)))
                    self.toc.append((slot.level, entry))
                parts.append(f'<span class="number">{number}</span> {heading}' if number else heading)
            else:
                parts.append(self.inline(value, slot.raw))
            parts.append(piece)
        return Markup("".join(parts))

    def _anchor(self, slot: Slot, heading: str) -> str:
        title = Markup(_TAGS.sub("", heading)).unescape()
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
            languages=self.switcher(),
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
        body = self.body()
        titles = self.field("title")
        leads = self.field("lead")
        version = page.version
        return views.PageView(
            key=page.key,
            layout=plan.layout,
            url=self.url,
            canonical=urls.absolute(self.shop.frame.base_url, page.url),
            title=self.plain_field("title"),
            title_html=Markup(titles[0] if titles else ""),
            description=self.plain_field("description"),
            lead=Markup(leads[0]) if leads else None,
            summary=tuple(Markup(html) for html in self.field("summary")),
            body=body,
            toc=_nested(self.toc),
            alternates=self.alternates,
            noindex=self.app or plan.noindex or plan.layout == "not-found",
            updated=self.room.date(version.date, version.precision) if version else None,
            version=locales.in_digits(version.name, self.room.language.digits) if version else None,
            notices=self.notices(),
            related=tuple(
                self.room.link(ref.key)
                for ref in self.shop.frame.pages
                if ref.layout == "policy" and ref.tag == self.shop.config.source and ref.key != page.key
            )
            if plan.layout == "policy"
            else (),
        )

    def switcher(self) -> tuple[views.SwitcherEntry, ...]:
        """The languages that have this page, by their own names: the same ones as hreflang and sitemap."""
        entries = []
        for page in self.plan.pages:
            language = self.shop.languages[page.tag]
            entries.append(
                views.SwitcherEntry(
                    tag=language.tag,
                    name=language.name,
                    dir=language.direction,
                    href=self._address(page),
                    current=language.tag == self.page.tag,
                )
            )
        return tuple(sorted(entries, key=lambda entry: entry.name.casefold()))

    def _address(self, page: PagePlan) -> str:
        """Where a page of this document is, seen from here: apps stay in the apps."""
        return urls.app_path(page.url) if self.app else page.url

    def notices(self) -> tuple[views.Notice, ...]:
        """What the reader has to know about this translation."""
        language = self.room.language
        page = self.page
        original = self.plan.page(self.shop.config.source)
        if page.tag == self.shop.config.source or original is None or self.plan.layout == "not-found":
            return ()
        source = self.shop.languages[self.shop.config.source]
        english = views.Link(
            href=self._address(original),
            label=source.name,
            key=page.key,
            hreflang=source.tag,
            lang=source.tag,
            dir=source.direction,
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
