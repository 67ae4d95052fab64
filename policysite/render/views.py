"""What templates see. Every template gets the names of `PageContext`; nothing else is in scope.

Texts are `Markup` when they hold rendered inline HTML, plain `str` (escaped by autoescape) otherwise.
"""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup
from msgspec import Struct


class Link(Struct, frozen=True):
    """A link to a page of this site or elsewhere. hreflang is set when the target is in another language
    (then `label` is in that language too when `lang` is set)."""

    href: str
    label: str
    key: str = ""
    current: bool = False
    hreflang: str | None = None
    lang: str | None = None
    dir: str | None = None


class SwitcherEntry(Struct, frozen=True):
    """One language that has this page: its own name, and where the page is."""

    tag: str
    name: str
    dir: str
    href: str
    current: bool


class TocEntry(Struct, frozen=True):
    """A heading: anchor id, number in the language's digits (`২.১`, empty when unnumbered), inline HTML
    without links, sub-entries."""

    anchor: str
    number: str
    html: Markup
    children: tuple[TocEntry, ...] = ()


class Alternate(Struct, frozen=True):
    """`<link rel="alternate" hreflang=… href=…>`; hreflang may be `x-default`; href is absolute."""

    hreflang: str
    href: str


class DateView(Struct, frozen=True):
    """A date for `<time datetime={{ iso }}>{{ text }}</time>`."""

    iso: str
    text: str


class VersionView(Struct, frozen=True):
    """A version of a policy. name: in the language's digits. date, until: in force from, and until the day
    before. state: `upcoming`, `current` or `archived`. link: its own page (hreflang is set where it is not in
    this language). changes: what it changed, inline HTML. redline: the page of its changes, word by word.
    policy: what the policy is called. amendments: corrections since, (day, reason in the source language)."""

    name: str
    date: DateView
    until: DateView | None
    state: str
    material: bool
    announced: DateView | None
    link: Link
    changes: tuple[Markup, ...]
    redline: Link | None
    policy: str
    amendments: tuple[tuple[DateView, str], ...] = ()


class UpdateView(Struct, frozen=True):
    """A material change of a policy: link to the text, from when it holds, whether that is still to come."""

    policy: Link
    date: DateView
    upcoming: bool


class Notice(Struct, frozen=True):
    """A notice above the text. kind: `unreviewed` (nobody checked this translation), `behind` (this language
    shows an older version: `shown` and `current` are dates), `prevails` (the English text prevails).
    english is the link to the English page, named in the reader's language (hreflang is set)."""

    kind: str
    english: Link
    shown: DateView | None = None
    current: DateView | None = None


class AssetRef(Struct, frozen=True):
    """A fingerprinted file: `href` and the `integrity` value its tag must carry."""

    href: str
    integrity: str


class CookieRow(Struct, frozen=True):
    """A row of the inventory, in the page's language (purpose, duration) or literal (name, recipient)."""

    name: str
    kind: str  # cookie | local-storage | session-storage
    service: str
    category: str
    purpose: str
    duration: str
    recipient: str
    privacy_url: str | None


class CategoryView(Struct, frozen=True):
    """A category of the banner: id (`analytics`), services in it, rows of what they store."""

    id: str
    asked: bool
    services: tuple[ServiceView, ...]
    cookies: tuple[CookieRow, ...]


class ServiceView(Struct, frozen=True):
    """A declared service: name, purpose in the page's language, provider and its policy link. video_chat:
    whether it is a frame that is given camera and microphone."""

    id: str
    name: str
    purpose: str
    provider: str
    url: str | None
    privacy_url: str | None
    terms_url: str | None
    video_chat: bool = False


class AnalyticsView(Struct, frozen=True):
    """What js/analytics.js has to know.

    isolation: `frame` (it runs in the hidden frame at `url`) or `page` (in every page that asks for consent).
    script_url: Google's script without its parameters. cookie_expires: seconds.
    """

    isolation: str
    url: str
    measurement_id: str
    script_url: str
    cookie_expires: int


class ConsentView(Struct, frozen=True):
    """What the banner asks. None when nothing has to be asked (no analytics id configured).

    version: digest of the inventory, categories and the banner's meaning. lifetime_ms: how long a choice
    is kept. analytics: what starts after a grant of `analytics`, None when there is none.
    """

    version: str
    lifetime_ms: int
    asked: tuple[CategoryView, ...]
    analytics: AnalyticsView | None
    duration: str  # `6 months`, in the page's language


class EmbedView(Struct, frozen=True):
    """The embedded frame of this page: the frame's attributes, and who is behind it."""

    service: ServiceView
    src: str
    allow: str
    sandbox: str
    referrer_policy: str
    live: Link


class FormView(Struct, frozen=True):
    """A form page. endpoint: where it posts, or None: then `email` is the address to write to."""

    name: str  # contact | deletion
    endpoint: str | None
    email: str


class SiteView(Struct, frozen=True):
    """The site: brand name, base URL, tagline in the page's language. adults: whether it is for adults only
    (`facts.minimum_age` is 18 or more)."""

    name: str
    base_url: str
    tagline: str
    adults: bool = False


class LanguageView(Struct, frozen=True):
    """The page's language."""

    tag: str
    dir: str
    name: str
    script: str
    digits: str


class PageView(Struct, frozen=True):
    """The page itself.

    title/description/lead/summary come from the front matter (title and description plain text for
    `<title>` and `<meta>`; title_html, lead and summary inline HTML). body is the rendered Markdown
    with ids, numbers and anchors.

    role: `main`, or of a policy `version` (one version at its own address), `history`, `changes`.
    shown: the version on this page; versions: all, newest first; upcoming: those still to come.
    main: the page of the version in force; history, feed and markdown: addresses, None where there is none.
    Of a page of changes, before is the version before, and `redline(inserted=…, deleted=…, …)` what changed,
    as HTML with the given words (the fields of `render.redline.Labels`).
    """

    key: str
    layout: str
    role: str
    url: str
    canonical: str
    title: str
    title_html: Markup
    description: str
    lead: Markup | None
    summary: tuple[Markup, ...]
    body: Markup
    toc: tuple[TocEntry, ...]
    alternates: tuple[Alternate, ...]
    noindex: bool
    updated: DateView | None
    version: str | None
    notices: tuple[Notice, ...]
    related: tuple[Link, ...]
    shown: VersionView | None = None
    versions: tuple[VersionView, ...] = ()
    upcoming: tuple[VersionView, ...] = ()
    main: Link | None = None
    history: Link | None = None
    feed: str | None = None
    markdown: str | None = None
    before: VersionView | None = None
    redline: Callable[..., Markup] | None = None


class PageContext(Struct, frozen=True):
    """The names in scope of a page template (besides `_`/`gettext`/`ngettext`, and the functions below).

    Functions: `asset(name)` -> AssetRef of `assets/<name>`; `number(n)` -> n in the language's digits;
    `link(key, anchor='')` -> Link to a page in this language (or its English page).
    """

    site: SiteView
    lang: LanguageView
    page: PageView
    languages: tuple[SwitcherEntry, ...]
    header: tuple[Link, ...]
    footer: tuple[Link, ...]
    home: Link
    consent: ConsentView | None
    categories: tuple[CategoryView, ...]  # the whole inventory, for the cookie table
    embed: EmbedView | None
    form: FormView | None
    contact_email: str
    minimum_age: str
    app: bool  # the copy that the apps show: no menu, no banner, no cookie code
