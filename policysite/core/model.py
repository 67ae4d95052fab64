"""Every frozen value that crosses a stage. Read this file first: it is the vocabulary of the package."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, Protocol, TypeVar

from policysite.core.diagnostics import Diagnostic, Place, place_in

# ── sources ─────────────────────────────────────────────────────────────────────────────────────

#: Project-relative POSIX path -> bytes. The only input of a build besides `BuildOptions`.
Sources = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """What the outside decides: the date that chooses the versions in force, a base URL that overrides the
    configured one (a staging host), config values from the environment (name, value), and whether the site
    is to go live (`release`: examples and unconfirmed values are refused)."""

    build_date: date
    base_url: str | None = None
    environment: tuple[tuple[str, str], ...] = ()
    release: bool = False


@dataclass(frozen=True, slots=True)
class OutputFile:
    """One file of the site: POSIX path relative to the output folder, and its bytes."""

    path: str
    data: bytes


# ── configuration ───────────────────────────────────────────────────────────────────────────────

LanguageStatus = Literal["source", "reviewed", "unreviewed"]
Direction = Literal["ltr", "rtl"]


@dataclass(frozen=True, slots=True)
class Language:
    """A language of the site: what config decides and what CLDR knows.

    tag: BCP 47 with hyphens (`pt-BR`), used in URLs, `lang` and `hreflang`. locale: the gettext folder
    name (`pt_BR`). name: the language's own name (`বাংলা`). script: ISO 15924 (`Beng`). digits: the ten
    digits its texts use.
    """

    tag: str
    locale: str
    name: str
    english_name: str
    direction: Direction
    script: str
    digits: str
    status: LanguageStatus
    english_prevails: bool = False
    published: bool = True


FactValue = str | int | date


@dataclass(frozen=True, slots=True)
class Fact:
    """A named value the texts use as `{{ name }}`: a count, a date (`precision` day or month), or text."""

    name: str
    value: FactValue
    precision: Literal["day", "month"] = "day"


DurationUnit = Literal["session", "day", "month", "year"]


@dataclass(frozen=True, slots=True)
class Duration:
    """A lifetime as people say it: `6 months`, `1 year`, `session`."""

    count: int
    unit: DurationUnit

    @property
    def days(self) -> int:
        """Upper bound in days (a month counts 31, a year 366); 0 for a session."""
        return self.count * {"session": 0, "day": 1, "month": 31, "year": 366}[self.unit]

    @property
    def seconds(self) -> int:
        """Lifetime for `Max-Age` and gtag's `cookie_expires` (a month 30 days, a year 365)."""
        return self.count * {"session": 0, "day": 1, "month": 30, "year": 365}[self.unit] * 86_400


Category = Literal["essential", "preferences", "analytics", "embed"]

#: Order of the banner and of the cookie table. `essential` is never asked; `embed` is asked by the click.
CATEGORIES: tuple[Category, ...] = ("essential", "preferences", "analytics", "embed")

#: The categories the banner asks about.
ASKED_CATEGORIES: tuple[Category, ...] = ("preferences", "analytics")

StorageKind = Literal["cookie", "local-storage", "session-storage"]


@dataclass(frozen=True, slots=True)
class Cookie:
    """One row of the inventory. `name` may end in `*` (`_ga_*`); `purpose` is English (msgid in site.po)."""

    name: str
    purpose: str
    duration: Duration
    recipient: str
    kind: StorageKind = "cookie"
    place: Place = Place("config.yaml")


@dataclass(frozen=True, slots=True)
class Frame:
    """An embedded frame: its address, the live page of its owner, and the features delegated to it."""

    url: str
    features: tuple[str, ...]
    sandbox: tuple[str, ...]
    referrer_policy: str = "strict-origin"


ServiceKind = Literal["first-party", "google-analytics", "embed"]


@dataclass(frozen=True, slots=True)
class Service:
    """A party that receives something from the visitor's browser, declared once.

    origins: CSP directive (`script`, `connect`, `img`, `frame`) -> origins, sorted by directive.
    """

    id: str
    name: str
    kind: ServiceKind
    category: Category
    purpose: str
    provider: str
    url: str | None
    privacy_url: str | None
    terms_url: str | None
    origins: tuple[tuple[str, tuple[str, ...]], ...]
    cookies: tuple[Cookie, ...]
    measurement_id: str | None = None
    frame: Frame | None = None
    place: Place = Place("config.yaml")

    @property
    def active(self) -> bool:
        """Whether the site uses it: analytics without a measurement id is switched off everywhere."""
        return self.kind != "google-analytics" or self.measurement_id is not None


@dataclass(frozen=True, slots=True)
class Site:
    """Who publishes: brand name, absolute base URL without a trailing slash, tagline (msgid in site.po)."""

    name: str
    base_url: str
    tagline: str


@dataclass(frozen=True, slots=True)
class Config:
    """`config.yaml`, validated. Languages keep their order; the source language is `source`."""

    site: Site
    source: str
    languages: tuple[Language, ...]
    facts: tuple[Fact, ...]
    services: tuple[Service, ...]
    header: tuple[str, ...]
    footer: tuple[str, ...]
    form_endpoint: str | None
    hosts: tuple[str, ...]
    protected_terms: tuple[str, ...]

    def language(self, tag: str) -> Language:
        """The language of a tag (KeyError when it is not declared)."""
        for language in self.languages:
            if language.tag == tag:
                return language
        raise KeyError(tag)

    def fact(self, name: str) -> Fact:
        """A declared fact (KeyError when there is none; the required ones are always there)."""
        for fact in self.facts:
            if fact.name == name:
                return fact
        raise KeyError(name)

    def count(self, name: str) -> int:
        """The number a fact states (`minimum_age`, `consent_months`, `cookie_max_years`)."""
        value = self.fact(name).value
        if not isinstance(value, int):
            raise TypeError(f"fact {name} is not a number")
        return value

    @property
    def active_services(self) -> tuple[Service, ...]:
        """The services this site really uses."""
        return tuple(service for service in self.services if service.active)

    @property
    def translations(self) -> tuple[Language, ...]:
        """Every language but the source."""
        return tuple(language for language in self.languages if language.tag != self.source)


# ── documents ───────────────────────────────────────────────────────────────────────────────────

Layout = Literal["home", "live", "page", "policy", "form", "not-found"]

LAYOUTS: tuple[Layout, ...] = ("home", "live", "page", "policy", "form", "not-found")

FORMS: tuple[str, ...] = ("contact", "deletion")


@dataclass(frozen=True, slots=True)
class VersionId:
    """A policy version's name and date: `2025-10` (precision month, first day) or `2025-10-15`."""

    name: str
    date: date
    precision: Literal["day", "month"]


@dataclass(frozen=True, slots=True)
class FrontField:
    """A translatable front-matter text with its place."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Document:
    """One Markdown file. `key` is the page or policy name, `version` is set for policies only.

    `locale` is None for the English source and a language tag for a whole-file override. `body` is the
    text after the front matter, `body_line` the 1-based line it starts at. `fields` holds the
    translatable front matter in order: ("title", …), ("description", …), ("lead", …), ("summary", …)*.
    """

    path: str
    key: str
    version: VersionId | None
    locale: str | None
    layout: Layout
    slug: str
    body: str
    body_line: int
    fields: tuple[tuple[str, FrontField], ...]
    numbered: bool = False
    noindex: bool = False
    form: str | None = None
    embed: str | None = None
    source_digest: str | None = None

    @property
    def is_policy(self) -> bool:
        """Whether the document is a version of a policy (complete or previous), not a page (mixed)."""
        return self.version is not None


@dataclass(frozen=True, slots=True)
class TextFile:
    """A decoded source file."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Project:
    """Everything loaded: the result of stage 1."""

    config: Config
    documents: tuple[Document, ...]
    overrides: tuple[Document, ...]
    catalogs: tuple[tuple[str, str, TextFile], ...]  # (language tag, domain, PO text)
    templates: tuple[TextFile, ...]  # path below templates/
    assets: tuple[OutputFile, ...]  # path below assets/


# ── Markdown structure ──────────────────────────────────────────────────────────────────────────


SEGMENT_KINDS = frozenset({"heading", "paragraph", "item", "cell", "term", "definition", "quote"})

#: Placeholders that stand alone in a paragraph and become generated HTML.
BLOCKS: tuple[str, ...] = ("cookie_table", "cookie_settings")


@dataclass(frozen=True, slots=True)
class Slot:
    """A hole in a skeleton that one segment fills.

    raw: inline Markdown as written (soft line breaks kept). kind: one of `SEGMENT_KINDS`, or a generated
    slot that nobody translates: `anchor` (the link beside a heading) or `block` (a paragraph that is only
    a placeholder such as `{{ cookie_table }}`; raw is its name). level and anchor are set for headings and
    their anchors. line and col: 1-based within the body.
    """

    raw: str
    kind: str
    line: int
    col: int = 1
    level: int = 0
    anchor: str = ""
    numbered: bool = True

    @property
    def translatable(self) -> bool:
        """Whether the slot is a segment of the document."""
        return self.kind in SEGMENT_KINDS


@dataclass(frozen=True, slots=True)
class Skeleton:
    """A parsed document: HTML pieces with one slot between each pair (len(pieces) == len(slots) + 1)."""

    pieces: tuple[str, ...]
    slots: tuple[Slot, ...]
    references: tuple[tuple[str, tuple[str, str | None]], ...] = ()


# ── translation ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Segment:
    """A translatable text: its message id (soft breaks folded), kind and place in the source."""

    msgid: str
    kind: str
    place: Place


@dataclass(frozen=True, slots=True)
class Message:
    """A catalog entry with everything a translator or tool wrote on it.

    msgstr holds one text, or one per plural form. previous holds the `#|` lines without their mark.
    line and msgstr_line are 1-based lines in the PO file (0 for a new entry).
    """

    msgid: str
    msgstr: tuple[str, ...] = ("",)
    plural: str | None = None
    context: str | None = None
    user_comments: tuple[str, ...] = ()
    auto_comments: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    previous: tuple[str, ...] = ()
    obsolete: bool = False
    line: int = 0
    msgstr_line: int = 0

    @property
    def key(self) -> tuple[str | None, str]:
        """What makes the entry unique in its catalog."""
        return (self.context, self.msgid)

    @property
    def fuzzy(self) -> bool:
        """Whether a person still has to approve it. A fuzzy message is never published."""
        return "fuzzy" in self.flags

    @property
    def usable(self) -> bool:
        """Whether its translation may be published: in use, approved, and complete."""
        return not self.fuzzy and not self.obsolete and all(self.msgstr)


@dataclass(frozen=True, slots=True)
class Catalog:
    """A parsed PO file of one language and domain. header keeps every field in order, `X-*` included.
    tail: the comment lines after the last entry, as written."""

    path: str
    tag: str
    domain: str
    text: str
    messages: tuple[Message, ...] = ()
    header: tuple[tuple[str, str], ...] = ()
    header_entry: Message = Message("")
    tail: tuple[str, ...] = ()

    def translations(self) -> dict[str, str]:
        """msgid → msgstr of every singular message that may be published."""
        return {item.msgid: item.msgstr[0] for item in self.messages if item.usable and item.plural is None}


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """A document with its structure. `slot_ids[i]` is the message id of skeleton slot i (empty for a
    generated slot), `field_ids[i]` that of front-matter field i."""

    document: Document
    skeleton: Skeleton
    slot_ids: tuple[str, ...]
    field_ids: tuple[str, ...]

    def slot_place(self, index: int) -> Place:
        """Where a slot's text stands in the file."""
        slot = self.skeleton.slots[index]
        found = place_in(self.document.path, self.document.body, slot.line, slot.col)
        return Place(found.path, found.line + self.document.body_line - 1, found.col, found.text)

    def segments(self) -> Iterator[Segment]:
        """Every translatable text in reading order: front matter, then body."""
        for (name, text), msgid in zip(self.document.fields, self.field_ids, strict=True):
            yield Segment(msgid, name, text.place)
        for index, (slot, msgid) in enumerate(zip(self.skeleton.slots, self.slot_ids, strict=True)):
            if slot.translatable:
                yield Segment(msgid, slot.kind, self.slot_place(index))

    def msgids(self) -> tuple[str, ...]:
        """The distinct message ids, in order of first appearance."""
        return tuple(dict.fromkeys((*self.field_ids, *(msgid for msgid in self.slot_ids if msgid))))

    @property
    def anchors(self) -> frozenset[str]:
        """The ids a link can lead to."""
        return frozenset(slot.anchor for slot in self.skeleton.slots if slot.anchor)


@dataclass(frozen=True, slots=True)
class LanguageText:
    """One document in one language: what fills each slot and each front-matter field.

    `parsed` is the English structure, or that of a whole-file override. `slots[i]` / `fields[i]` is inline
    Markdown, or None where the language has no text (English fallback in pages, withheld in policies).
    """

    tag: str
    parsed: ParsedDocument
    slots: tuple[str | None, ...]
    fields: tuple[str | None, ...]

    @property
    def missing(self) -> int:
        """How many texts are missing."""
        return self.slots.count(None) + self.fields.count(None)

    @property
    def total(self) -> int:
        """How many texts there are."""
        return sum(1 for slot in self.parsed.skeleton.slots if slot.translatable) + len(self.fields)

    def text(self, name: str) -> str | None:
        """The first front-matter text of a name; None when the document or the language has none."""
        for (field_name, _), text in zip(self.parsed.document.fields, self.fields, strict=True):
            if field_name == name:
                return text
        return None


# ── plan ────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class PagePlan:
    """One page of the site: a document (or policy version) in one language at one URL.

    url: site path `/bn/privacy/`. output: file below the output folder. behind: the version in force, when
    this language shows an older one.
    """

    key: str
    tag: str
    url: str
    output: str
    text: LanguageText
    version: VersionId | None = None
    behind: VersionId | None = None


@dataclass(frozen=True, slots=True)
class DocumentPlan:
    """A document (key) with the pages it has; a language without a page reads the source language's page.

    source: the English text of the version in force (structure, ids, fallbacks). withheld: tag → how many
    texts it lacks, for languages that have something but not enough to be published.
    """

    key: str
    layout: Layout
    noindex: bool
    source: LanguageText
    pages: tuple[PagePlan, ...]
    withheld: tuple[tuple[str, int], ...] = ()

    def page(self, tag: str) -> PagePlan | None:
        """The page in a language, or None when the language has none."""
        for page in self.pages:
            if page.tag == tag:
                return page
        return None


@dataclass(frozen=True, slots=True)
class ConsentProof:
    """What the banner of a build asked: the consent version, and per language the text shown to visitors
    and its SHA-256 (tag, hex digest, text), kept in the manifest so that it can be shown later."""

    version: str
    banners: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Asset:
    """A fingerprinted file: its source path below assets/, its URL, its SRI digest, its bytes."""

    name: str
    url: str
    integrity: str
    data: bytes = field(repr=False)


# ── builds in memory ────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Built:
    """One build: output path -> bytes, every problem found, how long it took, and the headers of its pages.

    Where a diagnostic is an error, `files` is not looked at.
    """

    files: Mapping[str, bytes]
    diagnostics: tuple[Diagnostic, ...]
    seconds: float
    headers: Mapping[str, tuple[Header, ...]] = field(default_factory=dict)


# ── stage running ───────────────────────────────────────────────────────────────────────────────

Shared = TypeVar("Shared")
Item = TypeVar("Item")
Result = TypeVar("Result")


#: Name and value of an HTTP header.
Header = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Rendered:
    """What rendering one item gives: files, problems, and its pages' headers (output path → headers)."""

    files: tuple[OutputFile, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    headers: tuple[tuple[str, tuple[Header, ...]], ...] = ()


class Mapper(Protocol):
    """Runs a pure function over items, in order. May skip unchanged items or use several processes.

    `function` must be a module-level function of (shared, item); every value must have a canonical form
    (`core.digest`). The result is the same as `(function(shared, item) for item in items)`.
    """

    def __call__(
        self,
        function: Callable[[Shared, Item], Rendered],
        shared: Shared,
        items: Sequence[Item],
    ) -> Iterator[Rendered]: ...


def serial(
    function: Callable[[Shared, Item], Rendered], shared: Shared, items: Iterable[Item]
) -> Iterator[Rendered]:
    """The plain Mapper."""
    return (function(shared, item) for item in items)
