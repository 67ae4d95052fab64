"""Every frozen value that crosses a stage. Read this file first: it is the vocabulary of the package."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Literal, Protocol, TypeVar

from msgspec import Struct, field

from policysite.core.diagnostics import Diagnostic, Level, Place, place_in

# ── sources ─────────────────────────────────────────────────────────────────────────────────────

#: Project-relative POSIX path -> bytes. The only input of a build besides `BuildOptions`.
Sources = Mapping[str, bytes]


#: Environment variables that supply values of config.yaml begin so.
ENVIRONMENT_PREFIX = "POLICYSITE__"

#: The site's one declaration, at the top of a project.
CONFIG = "config.yaml"


class BuildOptions(Struct, frozen=True):
    """What the outside decides: the date that chooses the versions in force, a base URL that overrides the
    configured one (a staging host), config values from the environment (name, value), and whether the site
    is to go live (`release`: examples and unconfirmed values are refused). languages: tags of the part of the
    site whose translations are checked and whose pages are made; None for the whole site."""

    build_date: date
    base_url: str | None = None
    environment: tuple[tuple[str, str], ...] = ()
    release: bool = False
    languages: tuple[str, ...] | None = None


class OutputFile(Struct, frozen=True):
    """One file of the site: POSIX path relative to the output folder, and its bytes."""

    path: str
    data: bytes


class StoredFile(Struct, frozen=True, eq=False):
    """An OutputFile of an earlier build: what is known of it without its bytes, and a way to get them.

    sha256: in hex. size: in bytes. load: gives the bytes (raises `StaleCache` when they are gone).
    """

    path: str
    sha256: str
    size: int
    load: Callable[[], bytes]

    @property
    def data(self) -> bytes:
        """The bytes."""
        return self.load()


#: A file of the site, made now or by an earlier build.
SiteFile = OutputFile | StoredFile


# ── configuration ───────────────────────────────────────────────────────────────────────────────

LanguageStatus = Literal["source", "reviewed", "unreviewed"]
Direction = Literal["ltr", "rtl"]
Register = Literal["formal", "informal"]


class Language(Struct, frozen=True):
    """A language of the site: what config decides and what CLDR knows.

    tag: BCP 47 with hyphens (`pt-BR`), used in URLs, `lang` and `hreflang`. locale: the gettext folder
    name (`pt_BR`). name: the language's own name (`বাংলা`). script: ISO 15924 (`Beng`). digits: the ten
    digits its texts use. register: how its texts address the reader. coverage: percent of the texts of each
    catalog that must have an approved translation.
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
    register: Register = "formal"
    coverage: int = 0


FactValue = str | int | date


class Fact(Struct, frozen=True):
    """A named value the texts use as `{{ name }}`: a count, a date (`precision` day or month), or text."""

    name: str
    value: FactValue
    precision: Literal["day", "month"] = "day"


DurationUnit = Literal["session", "day", "month", "year"]


class Duration(Struct, frozen=True):
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


class Cookie(Struct, frozen=True):
    """One row of the inventory. `name` may end in `*` (`_ga_*`); `purpose` is English (msgid in site.po)."""

    name: str
    purpose: str
    duration: Duration
    recipient: str
    kind: StorageKind = "cookie"
    place: Place = Place(CONFIG)


class Frame(Struct, frozen=True):
    """An embedded frame: its address, the live page of its owner, and the features delegated to it."""

    url: str
    features: tuple[str, ...]
    sandbox: tuple[str, ...]
    referrer_policy: str = "strict-origin"


ServiceKind = Literal["first-party", "google-analytics", "embed"]

#: Where Google's script runs after a grant: in a hidden frame of its own page, or in the page itself.
Isolation = Literal["frame", "page"]


class Service(Struct, frozen=True):
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
    place: Place = Place(CONFIG)

    @property
    def active(self) -> bool:
        """Whether the site uses it: analytics without a measurement id is switched off everywhere."""
        return self.kind != "google-analytics" or self.measurement_id is not None


#: Hosts and servers the site can be written for (`hosts` in config.yaml; `render.hosts` has a writer for
#: each).
HOSTS: tuple[str, ...] = ("netlify", "cloudflare", "firebase", "vercel", "apache", "nginx", "caddy", "s3")


class Site(Struct, frozen=True):
    """Who publishes: brand name, absolute base URL without a trailing slash, tagline (msgid in site.po)."""

    name: str
    base_url: str
    tagline: str


class SecurityContact(Struct, frozen=True):
    """What `/.well-known/security.txt` says (RFC 9116). contact: addresses (mailto:, https:) in order of
    preference. expires: the last day it may be trusted. place: where the day is written."""

    contact: tuple[str, ...]
    expires: date
    policy: str | None = None
    languages: tuple[str, ...] = ()
    place: Place = Place(CONFIG)


class Apps(Struct, frozen=True):
    """The apps that open links of the site: Android (package name, SHA-256 fingerprints of its signing
    certificates), iOS (`<team id>.<bundle id>`). pages: whether pages have a copy for the apps."""

    android: tuple[tuple[str, tuple[str, ...]], ...] = ()
    ios: tuple[str, ...] = ()
    pages: bool = True


Theme = Literal["policysite", "none"]

#: Where templates and assets come from that a project does not have itself.
THEMES: tuple[Theme, ...] = ("policysite", "none")


class Config(Struct, frozen=True):
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
    precompress: bool = True
    security: SecurityContact | None = None
    apps: Apps = Apps()
    analytics_isolation: Isolation = "frame"
    notice_days: int = 30
    levels: tuple[tuple[str, Level], ...] = ()  # code → level other than its own
    theme: Theme = "policysite"

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


class VersionId(Struct, frozen=True):
    """A policy version's name and date: `2025-10` (precision month, first day) or `2025-10-15`."""

    name: str
    date: date
    precision: Literal["day", "month"]


class FrontField(Struct, frozen=True):
    """A translatable front-matter text with its place."""

    text: str
    place: Place


class Document(Struct, frozen=True):
    """One Markdown file. `key` is the page or policy name, `version` is set for policies only.

    `locale` is None for the English source and a language tag for a whole-file override. `body` is the
    text after the front matter, `body_line` the 1-based line it starts at. `fields` holds the
    translatable front matter in order: ("title", …), ("description", …), ("lead", …), ("summary", …)*,
    ("changes", …)*. material: whether a version changes what readers agreed to. announced: the day a version
    was made public, where it differs from the day it takes effect.
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
    material: bool = True
    announced: date | None = None

    @property
    def is_policy(self) -> bool:
        """Whether the document is a version of a policy (complete or previous), not a page (mixed)."""
        return self.version is not None


class TextFile(Struct, frozen=True):
    """A decoded source file."""

    path: str
    text: str


class GlossaryTerm(Struct, frozen=True):
    """An English term and the forms a translation of it may have: words or their stems."""

    text: str
    forms: tuple[str, ...]


class Glossary(Struct, frozen=True):
    """`translations/<locale>/glossary.yaml` of one language (tag)."""

    tag: str
    path: str
    terms: tuple[GlossaryTerm, ...]


class Project(Struct, frozen=True):
    """Everything loaded: the result of stage 1. locks: of the policies that have one that can be read."""

    config: Config
    documents: tuple[Document, ...]
    overrides: tuple[Document, ...]
    catalogs: tuple[tuple[str, str, TextFile], ...]  # (language tag, domain, PO text)
    templates: tuple[TextFile, ...]  # path below templates/
    assets: tuple[OutputFile, ...]  # path below assets/
    glossaries: tuple[Glossary, ...] = ()
    locks: tuple[VersionLock, ...] = ()


# ── Markdown structure ──────────────────────────────────────────────────────────────────────────


SEGMENT_KINDS = frozenset({"heading", "paragraph", "item", "cell", "term", "definition", "quote"})

#: Placeholders that stand alone in a paragraph and become generated HTML.
BLOCKS: tuple[str, ...] = ("cookie_table", "cookie_settings")


class Slot(Struct, frozen=True):
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


class Skeleton(Struct, frozen=True):
    """A parsed document: HTML pieces with one slot between each pair (len(pieces) == len(slots) + 1)."""

    pieces: tuple[str, ...]
    slots: tuple[Slot, ...]
    references: tuple[tuple[str, tuple[str, str | None]], ...] = ()


# ── translation ─────────────────────────────────────────────────────────────────────────────────


class Segment(Struct, frozen=True):
    """A translatable text: its message id (soft breaks folded), kind and place in the source."""

    msgid: str
    kind: str
    place: Place


class Message(Struct, frozen=True):
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


class Catalog(Struct, frozen=True):
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


class ParsedDocument(Struct, frozen=True):
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

    @property
    def anchors(self) -> frozenset[str]:
        """The ids a link can lead to."""
        return frozenset(slot.anchor for slot in self.skeleton.slots if slot.anchor)


class LanguageText(Struct, frozen=True):
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


#: main: the document itself (of a policy: the version in force, or the newest complete one). version: one
#: version at its own address. history: every version. changes: what a version changed.
PageRole = Literal["main", "version", "history", "changes"]

VersionState = Literal["upcoming", "current", "archived"]


class PagePlan(Struct, frozen=True):
    """One page of the site: a document (or policy version) in one language at one URL.

    url: site path `/bn/privacy/`. output: file below the output folder. behind: the version in force, when
    this language shows an older one. previous: of a page of changes, the text before.
    """

    key: str
    tag: str
    url: str
    output: str
    text: LanguageText
    version: VersionId | None = None
    behind: VersionId | None = None
    role: PageRole = "main"
    previous: LanguageText | None = None


class VersionRecord(Struct, frozen=True):
    """A version of a policy on the day of the build.

    until: the version that follows, None for the newest. since: the version before, None for the first.
    texts: the languages that have it in full, in the order of the config. amendments: corrections after it
    was in force, from versions.lock: (day, reason).
    """

    id: VersionId
    state: VersionState
    since: VersionId | None
    until: VersionId | None
    material: bool
    announced: date | None
    texts: tuple[LanguageText, ...]
    amendments: tuple[tuple[date, str], ...] = ()

    def text(self, tag: str) -> LanguageText | None:
        """The version in a language, None where it is not complete."""
        return next((text for text in self.texts if text.tag == tag), None)


class DocumentPlan(Struct, frozen=True):
    """A document (key) with the pages it has; a language without a page reads the source language's page.

    source: the English text of the version in force (structure, ids, fallbacks). withheld: tag → how many
    texts it lacks, for languages that have something but not enough to be published. versions: of a policy,
    newest first. extras: pages beside the main ones: versions, history, changes.
    """

    key: str
    layout: Layout
    noindex: bool
    source: LanguageText
    pages: tuple[PagePlan, ...]
    withheld: tuple[tuple[str, int], ...] = ()
    versions: tuple[VersionRecord, ...] = ()
    extras: tuple[PagePlan, ...] = ()

    def page(self, tag: str) -> PagePlan | None:
        """The page in a language, or None when the language has none."""
        for page in self.pages:
            if page.tag == tag:
                return page
        return None


class PageOutline(Struct, frozen=True):
    """A planned page as the rest of the site sees it: everything but its texts.

    title, nav_title: inline Markdown, '' where the language has none. digest: SHA-256 of the texts of a
    version's own page (`core.outline`), '' for other roles.
    """

    tag: str
    url: str
    output: str
    role: PageRole
    version: VersionId | None
    title: str
    nav_title: str
    digest: str = ""


class Outline(Struct, frozen=True):
    """A planned document as the rest of the site sees it.

    path: its source file (of a policy: of the version in force). versions: without their texts.
    """

    key: str
    path: str
    layout: Layout
    slug: str
    embed: str | None
    noindex: bool
    pages: tuple[PageOutline, ...]
    extras: tuple[PageOutline, ...] = ()
    versions: tuple[VersionRecord, ...] = ()

    def page(self, tag: str) -> PageOutline | None:
        """The page in a language, or None when the language has none."""
        return next((page for page in self.pages if page.tag == tag), None)


class ConsentProof(Struct, frozen=True):
    """What the banner of a build asked: the consent version, and per language the text shown to visitors
    and its SHA-256 (tag, hex digest, text), kept in the manifest so that it can be shown later."""

    version: str
    banners: tuple[tuple[str, str, str], ...]


class Asset(Struct, frozen=True):
    """A fingerprinted file: its source path below assets/, its URL, its SRI digest, its bytes."""

    name: str
    url: str
    integrity: str
    data: bytes


# ── what changed between two versions ───────────────────────────────────────────────────────────

#: Fact name → value, None where there is no such fact.
Values = Callable[[str], "str | None"]


class Mark(Struct, frozen=True, order=True):
    """A style around a text: the HTML element (`strong`, `em`, `code`, `a`, `img`) and, for a link or an
    image, its target and title. `br` is a forced line break, whose text is a line feed."""

    tag: str
    target: str = ""
    title: str = ""


class Span(Struct, frozen=True, order=True):
    """A text and the styles it stands in, the outermost first. The text of an image is its alternative."""

    text: str
    marks: tuple[Mark, ...] = ()


class Block(Struct, frozen=True, order=True):
    """One block of a wording.

    kind: one of `SEGMENT_KINDS`, a front-matter name (`title`, `lead`, `summary`), `row` (the cells of a
    table row, joined with ` | `) or `block` (a generated one). text: inline Markdown, soft line breaks
    folded. level and anchor are set for headings, and number: `2.1` as the page counts, in the digits 0-9,
    or as the author wrote it before the heading's text.
    """

    kind: str
    text: str
    level: int = 0
    anchor: str = ""
    number: str = ""


class Wording(Struct, frozen=True):
    """What one version of a document says in one language: its blocks in reading order."""

    blocks: tuple[Block, ...]
    references: tuple[tuple[str, tuple[str, str | None]], ...] = ()


RunKind = Literal["equal", "delete", "insert"]


class Run(Struct, frozen=True):
    """A stretch of a block that both versions have, or only the old (`delete`) or the new one (`insert`)."""

    kind: RunKind
    spans: tuple[Span, ...]

    @property
    def text(self) -> str:
        """Its text, without styles."""
        return "".join(span.text for span in self.spans)

    @property
    def blank(self) -> bool:
        """Whether it is white space only, and no forced line break."""
        return all(span.text.isspace() and span.text != "\n" for span in self.spans)


ChangeStatus = Literal["kept", "changed", "renumbered", "moved", "added", "removed"]

CHANGE_STATUSES: tuple[ChangeStatus, ...] = ("kept", "renumbered", "changed", "moved", "added", "removed")


class BlockChange(Struct, frozen=True):
    """A block of the old version, of the new one, or of both, and what happened to its words.

    old and new are indexes into the blocks of the two wordings. The equal and deleted runs are the old
    text, the equal and inserted runs the new one. moved: it stands in another section than it did.

    A block that was split or joined has several changes in a row, with the same `old` or the same `new`;
    their runs together are its text. part: `first` of them, then `split` or `joined`.
    """

    before: Block | None
    after: Block | None
    old: int | None
    new: int | None
    runs: tuple[Run, ...]
    moved: bool = False
    part: Literal["", "first", "split", "joined"] = ""

    @property
    def block(self) -> Block:
        """The new block, or the old one where it was removed."""
        block = self.after or self.before
        assert block is not None
        return block

    @property
    def status(self) -> ChangeStatus:
        """What happened to the block."""
        if self.before is None or self.after is None:
            return "added" if self.before is None else "removed"
        if self.moved:
            return "moved"
        same = self.before.kind == self.after.kind and self.before.level == self.after.level
        return "kept" if same and not self.part and not self.reworded else "changed"

    @property
    def reworded(self) -> bool:
        """Whether more changed than white space."""
        return any(run.kind != "equal" and not run.blank for run in self.runs)


class SectionChange(Struct, frozen=True):
    """A heading and what stands below it up to the next heading, in both versions.

    blocks: in the new order, each removed one where it stood; the heading is the first. moved: it changed
    its place among the sections. left: blocks that moved from here into another section, as they were.
    """

    before: Block | None
    after: Block | None
    blocks: tuple[BlockChange, ...]
    exists: tuple[bool, bool] = (True, True)  # in the old and in the new version
    moved: bool = False
    left: tuple[Block, ...] = ()

    @property
    def heading(self) -> Block | None:
        """The heading as it is now, or as it was; None for what stands before the first one."""
        return self.after or self.before

    @property
    def edited(self) -> bool:
        """Whether a word, a style, a link or a block of it changed."""
        return bool(self.left) or any(change.status != "kept" for change in self.blocks)

    @property
    def renumbered(self) -> bool:
        """Whether it has another number than before."""
        return bool(self.before and self.after and self.before.number != self.after.number)

    @property
    def status(self) -> ChangeStatus:
        """The most important of what happened; `edited`, `moved` and `renumbered` tell all."""
        if not all(self.exists):
            return "removed" if self.exists[0] else "added"
        if self.moved:
            return "moved"
        if self.edited:
            return "changed"
        return "renumbered" if self.renumbered else "kept"


class Redline(Struct, frozen=True):
    """What changed between two versions of a document in one language, section by section."""

    sections: tuple[SectionChange, ...]

    @property
    def changed(self) -> bool:
        """Whether anything a reader sees changed, numbers and order included."""
        return any(section.status != "kept" for section in self.sections)

    @property
    def edited(self) -> bool:
        """Whether the text itself changed: more than the order and the numbers of sections."""
        return any(section.edited or not all(section.exists) for section in self.sections)


# ── what was in force ───────────────────────────────────────────────────────────────────────────


class Amendment(Struct, frozen=True):
    """A correction of a version after it was in force: the day, the reason, and the text as it was before."""

    on: date
    reason: str
    text: tuple[str, ...]


class LockedVersion(Struct, frozen=True):
    """A version that is or was in force: the name of its file, its date, its text line by line."""

    name: str
    date: date
    text: tuple[str, ...]
    amendments: tuple[Amendment, ...] = ()
    place: Place = Place("")


class VersionLock(Struct, frozen=True):
    """`content/<key>/versions.lock`, by date."""

    path: str
    key: str
    versions: tuple[LockedVersion, ...] = ()


# ── builds in memory ────────────────────────────────────────────────────────────────────────────


class Built(Struct, frozen=True):
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


class Rendered(Struct, frozen=True):
    """What rendering one item gives: files, problems, and its pages' headers (output path → headers)."""

    files: tuple[SiteFile, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    headers: tuple[tuple[str, tuple[Header, ...]], ...] = ()


class Home:
    """What a process keeps for itself while it works: derived from what all processes had when they parted,
    and filled as each one needs. Never sent; the others have their own, which gives the same answers."""


class Mapper(Protocol):
    """Runs a pure function over items, in order. May use several processes.

    `function` must be a module-level function of (shared, item); all values can be pickled, or are a `Home`.
    The result is the same as `(function(shared, item) for item in items)`. A text as item names work that is
    best done by the process that did other work of that name.
    """

    def __call__(
        self,
        function: Callable[[Shared, Item], Result],
        shared: Shared,
        items: Sequence[Item],
    ) -> Iterator[Result]: ...


def serial(
    function: Callable[[Shared, Item], Result], shared: Shared, items: Iterable[Item]
) -> Iterator[Result]:
    """The plain Mapper."""
    return (function(shared, item) for item in items)
