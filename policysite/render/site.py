"""What all pages share: the frame of the site, and per language the menus, texts and inventory.

`Frame` is the plain value that crosses processes; `Workshop` is what one process makes of it once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cached_property, lru_cache

from jinja2 import Environment
from markupsafe import Markup
from msgspec import Struct
from msgspec.structs import replace

from policysite.core import locales, urls
from policysite.core.markdown import inline, substitute
from policysite.core.model import Config, Fact, Language, Service, TextFile, VersionId
from policysite.render import consent, views
from policysite.render.hosts.model import remembered
from policysite.render.i18n import Gettext
from policysite.render.templates import compiled, render

#: Layouts the apps show pages of: no banner, no analytics, no cookie code (docs/explanation/consent.md).
APP_LAYOUTS = frozenset({"page", "policy", "form"})

#: From this `facts.minimum_age` on pages say that the site is for adults only, and are rated so.
ADULT_AGE = 18


class PageRef(Struct, frozen=True):
    """A page as other pages see it: where it is and what menus call it."""

    key: str
    tag: str
    layout: str
    url: str
    slug: str
    title: str
    nav_title: str
    noindex: bool
    embed: str | None


class UpdateRef(Struct, frozen=True):
    """A material change that readers are told of: the policy, its version, and the languages that have it."""

    key: str
    version: VersionId
    upcoming: bool
    tags: tuple[str, ...]


class AssetRecord(Struct, frozen=True):
    """An asset as templates see it."""

    name: str
    url: str
    integrity: str


#: (language tag, ((context, msgid, forms), …)) of every language but the source.
Strings = tuple[tuple[str, tuple[tuple[str | None, str, tuple[str, ...]], ...]], ...]


class Frame(Struct, frozen=True, eq=False):
    """Everything pages share. strings: (tag, ((context, msgid, forms), …)), publishable messages only.
    languages: tags of the pages to make; None for all."""

    config: Config
    base_url: str
    pages: tuple[PageRef, ...]
    strings: Strings
    templates: tuple[TextFile, ...]
    assets: tuple[AssetRecord, ...]
    updates: tuple[UpdateRef, ...] = ()
    languages: tuple[str, ...] | None = None


@lru_cache(maxsize=2)
def workshop(frame: Frame) -> Workshop:
    """The process's workshop for a frame (frames compare by identity)."""
    return Workshop(frame)


class Workshop:
    """Derived, read-only tables of one frame."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.config = frame.config
        self.env: Environment = compiled(frame.templates)
        self.assets = {asset.name: views.AssetRef(asset.url, asset.integrity) for asset in frame.assets}
        self.pages = {(page.key, page.tag): page for page in frame.pages}
        self.layouts = {page.key: page.layout for page in frame.pages}
        #: The keys of all policies, in the order of the site.
        self.policies = tuple(
            page.key for page in frame.pages if page.layout == "policy" and page.tag == frame.config.source
        )
        self.keys_by_slug = {page.slug: page.key for page in frame.pages if page.layout != "not-found"}
        self.languages = {language.tag: language for language in frame.config.languages}
        self._rooms: dict[tuple[str, bool], LanguageRoom] = {}

    def room(self, tag: str, app: bool = False) -> LanguageRoom:
        """What all pages of one language share, on the web or in the apps."""
        if (tag, app) not in self._rooms:
            self._rooms[tag, app] = LanguageRoom(self, self.languages[tag], app)
        return self._rooms[tag, app]

    def asset(self, name: str) -> views.AssetRef:
        """`asset(name)` of the templates. Raises KeyError with the known names."""
        try:
            return self.assets[name]
        except KeyError:
            raise KeyError(f"no asset “{name}”; there are: {', '.join(sorted(self.assets))}") from None


class LanguageRoom:
    """Menus, numbers, texts and inventory in one language."""

    def __init__(self, shop: Workshop, language: Language, app: bool = False) -> None:
        self.shop = shop
        self.language = language
        self.app = app
        strings: Mapping[tuple[str | None, str], tuple[str, ...]] = {
            (context, msgid): forms
            for tag, rows in shop.frame.strings
            if tag == language.tag
            for context, msgid, forms in rows
        }
        self.gettext = Gettext(strings, locales.plural_index(language.tag))
        self._facts = {fact.name: self._fact_text(fact) for fact in shop.config.facts}
        self._link_attributes = lru_cache(maxsize=1024)(self._resolved)
        self._blocks: dict[str, str] = {}

    def fact(self, name: str) -> str | None:
        """A fact's text in this language, None when there is no such fact."""
        return self._facts.get(name)

    def _fact_text(self, fact: Fact) -> str:
        tag, digits = self.language.tag, self.language.digits
        if isinstance(fact.value, str):
            return fact.value
        if isinstance(fact.value, int):
            return locales.number_text(fact.value, tag, digits)
        return locales.date_text(fact.value, fact.precision, tag, digits)

    def number(self, value: int) -> str:
        """An integer in the language's digits."""
        return locales.number_text(value, self.language.tag, self.language.digits)

    @cached_property
    def labels(self) -> dict[str, str]:
        """What menus call each page of this language: plain text, with facts filled in."""
        return {
            page.key: str(Markup(inline(substitute(page.nav_title, self.fact))).striptags())
            for page in self.shop.frame.pages
            if page.tag == self.language.tag
        }

    def link(self, key: str, anchor: str = "", *, current: str = "") -> views.Link:
        """A link to a page in this language, else to the source language's page. KeyError: no such page."""
        source = self.shop.config.source
        page = self.shop.pages.get((key, self.language.tag))
        foreign = None
        if page is None:
            page = self.shop.pages.get((key, source))
            if page is None:
                raise KeyError(f"no page “{key}”")
            foreign = self.shop.languages[source]
        url = urls.app_path(page.url) if self.app and page.layout in APP_LAYOUTS else page.url
        return views.Link(
            href=url + (f"#{anchor}" if anchor else ""),
            label=(self.shop.room(source) if foreign else self).labels[key],
            key=key,
            current=key == current,
            hreflang=foreign.tag if foreign else None,
            lang=foreign.tag if foreign else None,
            dir=foreign.direction if foreign else None,
        )

    def block(self, name: str) -> str:
        """A generated block, the same on all pages of the language. Raises `Failed`."""
        if name not in self._blocks:
            self._blocks[name] = render(self.shop.env, f"{name}.html", self.common)
        return self._blocks[name]

    def resolve(self, element: str, target: str) -> tuple[tuple[str, str], ...]:
        """Attributes of a content link: internal paths get this language's address (or the English page)."""
        return self._link_attributes(element, target)

    def _resolved(self, element: str, target: str) -> tuple[tuple[str, str], ...]:
        if element == "img":
            name = target.removeprefix("/assets/")
            asset = self.shop.assets.get(name)
            return (("src", asset.href), ("loading", "lazy")) if asset else ()
        internal = urls.split_internal(target)
        if internal is None:
            return (("rel", "external noopener"),) if target.startswith("https:") else ()
        path, anchor = internal
        if not path:
            return ()
        key = self.shop.keys_by_slug.get(path.strip("/"))
        if key is None:
            return ()
        link = self.link(key, anchor)
        return (("href", link.href), *((("hreflang", link.hreflang),) if link.hreflang else ()))

    @cached_property
    def categories(self) -> tuple[views.CategoryView, ...]:
        """The whole inventory in this language."""
        return consent.categories(self.shop.config, self.language, self.gettext)

    @cached_property
    def consent(self) -> views.ConsentView | None:
        """What the banner asks; None when nothing has to be asked, and always in the apps."""
        return None if self.app else consent.view(self.shop.config, self.language, self.categories)

    @cached_property
    def common(self) -> dict[str, object]:
        """The names every page of this language has in scope, besides `page` and what depends on it."""
        config, language = self.shop.config, self.language
        return {
            "site": views.SiteView(
                config.site.name,
                self.shop.frame.base_url,
                str(self.gettext.gettext(config.site.tagline)) if config.site.tagline else "",
                config.count("minimum_age") >= ADULT_AGE,
            ),
            "lang": views.LanguageView(
                language.tag, language.direction, language.name, language.script, language.digits
            ),
            "app": self.app,
            "remember_language": None if self.app else remembered(config),
            "source_tag": config.source,
            "updates": self.updates,
            "footer": self.menu(config.footer),
            "home": self.home,
            "consent": self.consent,
            "categories": self.categories,
            "contact_email": self._facts["contact_email"],
            "minimum_age": self._facts["minimum_age"],
            "asset": self.shop.asset,
            "number": self.number,
            "link": self.link,
            "gettext": self.gettext.gettext,
            "ngettext": self.gettext.ngettext,
            "pgettext": self.gettext.pgettext,
        }

    @property
    def updates(self) -> tuple[views.UpdateView, ...]:
        """The material changes that readers are told of on the home page."""
        found = []
        for ref in self.shop.frame.updates:
            link = self.link(ref.key)
            tag = link.hreflang or self.language.tag
            if ref.upcoming and tag in ref.tags:
                link = replace(link, href=f"{link.href}{ref.version.name}/")
            found.append(
                views.UpdateView(link, self.date(ref.version.date, ref.version.precision), ref.upcoming)
            )
        return tuple(found)

    def menu(self, keys: Iterable[str], current: str = "") -> tuple[views.Link, ...]:
        """The links of a menu; in the apps only those to pages the apps have."""
        layouts = self.shop.layouts
        return tuple(
            self.link(key, current=current) for key in keys if not self.app or layouts[key] in APP_LAYOUTS
        )

    @cached_property
    def home(self) -> views.Link:
        """The home page in this language."""
        for page in self.shop.frame.pages:
            if page.layout == "home":
                return self.link(page.key)
        raise KeyError("home")

    def service_view(self, service: Service) -> views.ServiceView:
        """A declared service in this language."""
        return consent.service_view(service, self.gettext)

    def date(self, value: date, precision: str) -> views.DateView:
        """A date for `<time>`."""
        text = locales.date_text(value, precision, self.language.tag, self.language.digits)
        return views.DateView(locales.date_iso(value, precision), text)
