"""A site of policies to measure with: any number of documents in up to twenty languages, always the same.

Each document has 13 sections with headings, lists, tables, links, bold, code, numbers, values and a name
that is never translated. Its sentences are rows of words from bench/data/words.yaml: no sense, but real
scripts, real lengths, and translations that pass every check. A text is kept as parts without a language
(`Text`), so that policysite's catalogs, its whole-file overrides and the sources of the peers say the same.

`python -m bench.corpus FOLDER --size M` writes a project of policysite, `--variant overrides` one without
catalogs.
"""

from __future__ import annotations

import argparse
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal

import yaml

from policysite.core import locales
from policysite.core.strings import LINK_TO_SECTION, SESSION, STRINGS
from policysite.load.documents import load_document
from policysite.translate.segments import parse_document, source_digest

ROOT = Path(__file__).parent.parent
WORDS = Path(__file__).parent / "data" / "words.yaml"
TEMPLATES = Path(__file__).parent / "data" / "templates"

#: name → documents, languages.
SIZES: dict[str, tuple[int, int]] = {"S": (10, 10), "M": (50, 20), "L": (500, 20)}

Variant = Literal["catalogs", "overrides"]
VARIANTS: tuple[Variant, ...] = ("catalogs", "overrides")

#: A name that stays as it is in every language (`protected_terms`).
NAME = "Novaria"
BASE_URL = "https://novaria.test"

#: Values of config.yaml that texts state as `{{ name }}`.
FACTS: dict[str, int | str] = {
    "contact_email": "help@novaria.test",
    "minimum_age": 18,
    "log_retention_days": 90,
    "rights_response_days": 30,
    "cookie_max_years": 1,
    "consent_months": 6,
}

_COUNTS = ("minimum_age", "log_retention_days", "rights_response_days", "consent_months")
_CODES = ("session_id", "max-age", "Sec-GPC", "localStorage")

#: Numbers of words whose translation the glossary prescribes.
_GLOSSARY = (2, 9, 15, 17, 19, 21)

SECTIONS = 13

#: What a text consists of: a kind, then its values. `word` and `join` name a place in the word lists; `bold`,
#: `em` and `link` hold parts; `code` and `raw` stand in every language.
Part = tuple[Any, ...]
Text = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """What a language says with: words and joining words by number, marks, digits."""

    tag: str
    words: tuple[str, ...]
    joins: tuple[str, ...]
    comma: str
    end: str
    colon: str
    gap: str
    digits: str
    name: str
    direction: str

    def number(self, value: int) -> str:
        """A number in the digits of the language."""
        return locales.in_digits(str(value), self.digits)


@cache
def languages() -> tuple[Words, ...]:
    """Every language of bench/data/words.yaml, English first."""
    raw = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return tuple(
        Words(
            tag,
            tuple(value["words"]),
            tuple(value["joins"]),
            value["comma"],
            value["end"],
            value.get("colon", ":"),
            " " if value.get("spaced", True) else "",
            locales.digits(tag, None),
            locales.own_name(tag),
            locales.direction(tag),
        )
        for tag, value in raw.items()
    )


@dataclass(frozen=True, slots=True)
class Block:
    """A heading (level 2 or 3 with an id), a paragraph, a list (`bullets`, `steps`) or a table of two
    columns, with its texts."""

    kind: Literal["heading", "paragraph", "bullets", "steps", "table"]
    texts: tuple[Text, ...]
    level: int = 0
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a tool writes what Markdown leaves open. placeholders: keep `{{ name }}`, else write the value.
    prefix: what stands before a site path, with `{tag}` for the language; anchor: the id of a heading."""

    placeholders: bool = False
    prefix: str = "/{tag}"
    anchor: str = " {{#{0}}}"


#: policysite's own: paths without a language, values by name.
OURS = Dialect(placeholders=True, prefix="", anchor=" {{: #{0} }}")
#: CommonMark with ids, as Hugo and Zola read it.
COMMONMARK = Dialect()
#: Python-Markdown with attr_list.
PYTHON_MARKDOWN = Dialect(anchor=" {{: #{0} }}")


def say(text: Text, words: Words, dialect: Dialect) -> str:
    """A text in a language, as inline Markdown on one line. Each sentence begins with a capital letter."""
    said = _say(text, words, dialect)
    pieces = said.split(words.end + words.gap) if words.gap else [said]
    return (words.end + words.gap).join(piece[:1].upper() + piece[1:] for piece in pieces)


def _say(text: Text, words: Words, dialect: Dialect) -> str:
    out: list[str] = []
    for part in text:
        kind = part[0]
        if kind == "word":
            piece = words.words[part[1]]
        elif kind == "join":
            piece = words.joins[part[1]]
        elif kind == "comma":
            out[-1] += words.comma
            continue
        elif kind == "number":
            piece = words.number(part[1])
        elif kind == "fact":
            piece = _fact(str(part[1]), words, dialect)
        elif kind == "bold":
            piece = f"**{_say(part[1], words, dialect)}**"
        elif kind == "em":
            piece = f"*{_say(part[1], words, dialect)}*"
        elif kind == "link":
            target = str(part[2])
            if target.startswith("/"):
                target = dialect.prefix.format(tag=words.tag) + target
            piece = f"[{_say(part[1], words, dialect)}]({target})"
        elif kind == "mail":
            address = _fact("contact_email", words, dialect)
            piece = f"[{address}](mailto:{address})"
        elif kind in ("end", "colon"):
            out[-1] += words.end if kind == "end" else words.colon
            continue
        elif kind == "code":
            piece = f"`{part[1]}`" if words.gap else f"「`{part[1]}`」"  # quoted, where no space parts words
        else:
            piece = str(part[1])
        out.append(piece)
    return words.gap.join(out)


def _fact(name: str, words: Words, dialect: Dialect) -> str:
    if dialect.placeholders:
        return f"{{{{ {name} }}}}"
    value = FACTS[name]
    return words.number(value) if isinstance(value, int) else value


@dataclass(frozen=True)
class Article:
    """A document without a language. number counts from 1; edition: 0, or the number of an edit."""

    number: int
    title: Text
    description: Text
    lead: Text
    blocks: tuple[Block, ...]

    @property
    def slug(self) -> str:
        """Its name in addresses and of its file."""
        return slug_of(self.number)

    @cached_property
    def middle(self) -> Text:
        """A text without markup in the middle, which an edit changes and a check looks for."""
        anchored = [index for index, block in enumerate(self.blocks) if block.anchor == f"s{SECTIONS // 2}"]
        return self.blocks[anchored[0] + 1].texts[0]

    def edited(self, edition: int) -> Article:
        """The same with another word in `middle`; 0 changes nothing."""
        if not edition:
            return self
        middle = self.middle
        count = len(languages()[0].words)
        place = next(
            index
            for index, part in enumerate(middle)
            if part[0] == "word" and part[1] not in _GLOSSARY  # a term keeps its translation (T302)
        )
        word = ("word", (middle[place][1] + 1 + edition % (count - 1)) % count)
        changed = (*middle[:place], word, *middle[place + 1 :])
        blocks = tuple(
            Block(block.kind, tuple(changed if text is middle else text for text in block.texts))
            if block.kind == "paragraph"
            else block
            for block in self.blocks
        )
        return Article(self.number, self.title, self.description, self.lead, blocks)

    def body(self, words: Words, dialect: Dialect) -> str:
        """The text below the front matter, in Markdown."""
        return "\n\n".join(_markdown(block, words, dialect) for block in self.blocks) + "\n"


def slug_of(number: int) -> str:
    """`policy-0007`"""
    return f"policy-{number:04}"


def _markdown(block: Block, words: Words, dialect: Dialect) -> str:
    texts = [say(text, words, dialect) for text in block.texts]
    if block.kind == "heading":
        return "#" * block.level + " " + texts[0] + dialect.anchor.format(block.anchor)
    if block.kind == "bullets":
        return "\n".join(f"- {text}" for text in texts)
    if block.kind == "steps":
        return "\n".join(f"{index}. {text}" for index, text in enumerate(texts, 1))
    if block.kind == "table":
        rows = [f"| {left} | {right} |" for left, right in zip(texts[::2], texts[1::2], strict=True)]
        return "\n".join([rows[0], "| --- | --- |", *rows[1:]])
    return texts[0]


# ── composing ───────────────────────────────────────────────────────────────────────────────────


class _Author:
    """Composes the texts of one document. Uses `random.random` only, whose values Python promises to keep."""

    def __init__(self, seed: int, number: int, documents: int) -> None:
        self._random = random.Random(seed * 1_000_003 + number).random
        self._documents = documents
        self._words = len(languages()[0].words)
        self._joins = len(languages()[0].joins)
        self._last = -1

    def below(self, limit: int) -> int:
        return int(self._random() * limit)

    def word(self) -> Part:
        step = 1 + self.below(self._words - 1)
        self._last = (self._last + step) % self._words  # never the word before: “the the” is a mistake (T306)
        return ("word", self._last)

    def join(self) -> Part:
        return ("join", self.below(self._joins))

    def phrase(self, count: int) -> Text:
        parts: list[Part] = [self.word()]
        for _ in range(count - 1):
            parts += (self.join(), self.word())
        return tuple(parts)

    def sentence(self, count: int, marked: bool = True, end: str = "end") -> Text:
        """About `count` words; marked: with a chance of bold, a link, code, a number and the like."""
        parts: list[Part] = list(self.phrase(2))
        left = count - 2
        while left > 0:
            parts.append(("comma",) if left % 4 == 0 else self.join())
            if marked and self._random() < 0.28:
                parts += (self.marked(), self.join())
                left -= 2
            parts.append(self.word())
            left -= 1
        return (*parts, (end,))

    def marked(self) -> Part:
        kind = self.below(10)
        if kind < 2:
            return ("bold", self.phrase(2))
        if kind == 2:
            return ("em", self.phrase(1))
        if kind < 5:
            return ("link", self.phrase(2), self.target())
        if kind == 5:
            return ("code", _CODES[self.below(len(_CODES))])
        if kind == 6:
            return ("number", 2 + self.below(360))
        if kind == 7:
            return ("fact", _COUNTS[self.below(len(_COUNTS))])
        if kind == 8:
            return ("raw", NAME)
        return ("mail",)

    def target(self) -> str:
        if self._random() < 0.3:
            return f"https://partner-{self.below(40)}.test/terms"
        return f"/{slug_of(1 + self.below(self._documents))}/#s{1 + self.below(SECTIONS)}"

    def blocks(self) -> Iterator[Block]:
        for section in range(1, SECTIONS + 1):
            yield Block("heading", (self.phrase(3),), 2, f"s{section}")
            if section == SECTIONS // 2:
                yield Block("paragraph", (self.sentence(9, marked=False),))
            yield Block("paragraph", ((*self.sentence(6), *self.sentence(5, marked=False)),))
            yield Block("paragraph", (self.sentence(8),))
            kind = section % 4
            if kind == 1:
                yield Block("paragraph", (self.sentence(5, marked=False, end="colon"),))
                yield Block("bullets", tuple(self.sentence(5) for _ in range(4)))
            elif kind == 2:
                cells = [self.phrase(2) if index % 2 == 0 else self.sentence(5) for index in range(2, 8)]
                yield Block("table", (self.phrase(1), self.phrase(2), *cells))
            elif kind == 3:
                yield Block("heading", (self.phrase(3),), 3, f"s{section}a")
                yield Block("paragraph", (self.sentence(12),))
            else:
                yield Block("steps", tuple(self.sentence(5) for _ in range(3)))
        yield Block("paragraph", (_CONTACT,))


#: What every document ends with, as real policies do.
_CONTACT: Text = (
    *(("word", 4), ("join", 1), ("word", 36), ("join", 3), ("raw", NAME), ("join", 5), ("mail",), ("end",)),
)


@dataclass(frozen=True)
class Corpus:
    """So many documents in the first `count` languages of bench/data/words.yaml. The same seed gives the
    same texts."""

    documents: int
    count: int
    seed: int = 7

    @property
    def languages(self) -> tuple[Words, ...]:
        """Its languages, English first."""
        return languages()[: self.count]

    @property
    def pages(self) -> int:
        """How many pages its documents have; the home pages come on top."""
        return self.documents * self.count

    def article(self, number: int, edition: int = 0) -> Article:
        """Document `number`, from 1."""
        author = _Author(self.seed, number, self.documents)
        title = author.phrase(3)
        description, lead = author.sentence(9, marked=False), author.sentence(8, marked=False)
        return Article(number, title, description, lead, tuple(author.blocks())).edited(edition)

    def articles(self) -> Iterator[Article]:
        """Every document, one after the other."""
        return map(self.article, range(1, self.documents + 1))

    @property
    def home(self) -> Article:
        """The home page: a short text that leads to the first document."""
        author = _Author(self.seed, 0, self.documents)
        link = ("link", author.phrase(2), f"/{slug_of(1)}/")
        paragraph = Block("paragraph", ((*author.phrase(2), author.join(), link, ("end",)),))
        return Article(
            0, author.phrase(2), author.sentence(8, False), author.sentence(6, False), (paragraph,)
        )


# ── a project of policysite ─────────────────────────────────────────────────────────────────────

#: What templates say: their text in English, and how it is composed in any language.
INTERFACE: dict[str, Text] = {
    "information of page": (("word", 0), ("join", 1), ("word", 31)),
    "service and page": (("word", 1), ("join", 0), ("word", 31)),
    "language of page": (("word", 30), ("join", 1), ("word", 31)),
    "rule and notice": (("word", 7), ("join", 0), ("word", 37)),
    "explanation of page": (("word", 39), ("join", 1), ("word", 31)),
    "request for support: %(email)s": (
        *(("word", 4), ("join", 3), ("word", 16), ("colon",), ("raw", "%(email)s")),
    ),
    "person after %(age)s": (("word", 24), ("join", 6), ("raw", "%(age)s")),
    "protection of information": (("word", 34), ("join", 1), ("word", 0)),
}

_STRINGS: dict[str, Text] = {
    **INTERFACE,
    LINK_TO_SECTION: (("word", 31), ("colon",), ("raw", "%(title)s")),
    SESSION: (("word", 13), ("join", 6), ("word", 31)),
}


def interface(key: str, words: Words) -> str:
    """A text of the templates in a language. key: its English text."""
    if words.tag == "en":
        return key
    text = say(_STRINGS[key], words, OURS)
    return text if key[0].isupper() else text[0].lower() + text[1:]


def write_project(
    corpus: Corpus, folder: Path, variant: Variant = "catalogs", precompress: bool = False
) -> None:
    """A project of policysite in `folder`, which must not exist."""
    content = folder / "content"
    content.mkdir(parents=True)
    shutil.copytree(TEMPLATES / "policysite", folder / "templates")
    (folder / "assets").mkdir()
    shutil.copy(TEMPLATES / "site.css", folder / "assets" / "site.css")
    (folder / "config.yaml").write_text(_config(corpus, precompress), encoding="utf-8")
    for words in corpus.languages[1:]:
        catalogs = _catalog_folder(folder, words)
        catalogs.mkdir(parents=True)
        (catalogs / "site.po").write_text(_site_catalog(words), encoding="utf-8")
        (catalogs.parent / "glossary.yaml").write_text(_glossary(words), encoding="utf-8")
    for article in (corpus.home, *corpus.articles()):
        write_article(corpus, folder, article, variant)


def write_article(
    corpus: Corpus, folder: Path, article: Article, variant: Variant, translation: str | None = None
) -> None:
    """A document of a project in every language; or only its translation into one, edited or not, of the
    English text as it was."""
    name = article.slug if article.number else "home"
    path = f"content/{name}.md"
    source = article if translation is None else corpus.article(article.number)
    english = source_file(source)
    if translation is None:
        (folder / path).write_text(english, encoding="utf-8")
    digest = _digest(path, english) if variant == "overrides" else ""
    for words in corpus.languages[1:]:
        if translation not in (None, words.tag):
            continue
        if variant == "overrides":
            file = folder / "content" / f"{name}.{words.tag}.md"
            head = f'source_digest: "{digest}"\n'
            file.write_text(_front_matter(article, words, head) + article.body(words, OURS), encoding="utf-8")
        else:
            file = _catalog_folder(folder, words) / f"{name}.po"
            file.write_text(_catalog(source, article, name, path, words), encoding="utf-8")


def _catalog_folder(folder: Path, words: Words) -> Path:
    return folder / "translations" / locales.gettext_name(words.tag) / "LC_MESSAGES"


def source_file(article: Article) -> str:
    """The English file of a document."""
    english = languages()[0]
    return _front_matter(article, english, _layout(article)) + article.body(english, OURS)


def _layout(article: Article) -> str:
    return "layout: page\nnumbered: true\n" if article.number else "layout: home\n"


def _fields(article: Article) -> tuple[tuple[str, Text], ...]:
    return (("title", article.title), ("description", article.description), ("lead", article.lead))


def _front_matter(article: Article, words: Words, rest: str) -> str:
    fields = "".join(f'{key}: "{say(text, words, OURS)}"\n' for key, text in _fields(article))
    return f"---\n{fields}{rest}---\n\n"


def _digest(path: str, text: str) -> str:
    document, problems = load_document(path, text)
    if document is None:
        raise AssertionError(problems)
    return source_digest(parse_document(document))


def _config(corpus: Corpus, precompress: bool) -> str:
    tags = "".join(f"  {words.tag}: {{status: reviewed}}\n" for words in corpus.languages[1:])
    facts = "".join(f"  {name}: {value}\n" for name, value in FACTS.items())
    menu = ", ".join(["home", *map(slug_of, range(1, min(4, corpus.documents) + 1))])
    return (
        f"site:\n  name: {NAME}\n  base_url: {BASE_URL}\n"
        f"languages:\n  en:\n{tags}"
        f"facts:\n{facts}"
        f"navigation:\n  header: [{menu}]\n  footer: [{menu}]\n"
        f"protected_terms: [{NAME}]\n"
        "theme: none\n"
        "apps:\n  pages: false\n"
        f"precompress: {str(precompress).lower()}\n"
    )


def _glossary(words: Words) -> str:
    english = languages()[0].words
    return "".join(f"{english[index]}: [{words.words[index]}]\n" for index in _GLOSSARY)


#: kind of a text → the comment its message has in a catalog.
_KINDS = {
    "heading": "heading",
    "paragraph": "paragraph",
    "bullets": "item",
    "steps": "item",
    "table": "cell",
}


def _catalog(source: Article, article: Article, name: str, path: str, words: Words) -> str:
    rows: dict[str, tuple[str, list[str], str]] = {}  # msgid → comment, places, msgstr
    english = languages()[0]

    def add(text: Text, translated: Text, comment: str, line: int) -> None:
        msgid = say(text, english, OURS)
        rows.setdefault(msgid, (comment, [], say(translated, words, OURS)))[1].append(f"{path}:{line}")

    for line, (key, text) in enumerate(_fields(source), 2):
        add(text, text, key, line)
    line = 5 + _layout(article).count("\n") + 2
    for block, other in zip(source.blocks, article.blocks, strict=True):
        for index, (text, translated) in enumerate(zip(block.texts, other.texts, strict=True)):
            offset = index if block.kind in ("bullets", "steps") else 0
            if block.kind == "table":
                offset = index // 2 + (index > 1)
            add(text, translated, _KINDS[block.kind], line + offset)
        lines = {"bullets": len(block.texts), "steps": len(block.texts), "table": len(block.texts) // 2 + 1}
        line += lines.get(block.kind, 1) + 1
    entries = [
        f"#. {comment}\n#: {' '.join(places)}\n{_po('msgid', msgid)}{_po('msgstr', msgstr)}"
        for msgid, (comment, places, msgstr) in rows.items()
    ]
    return _po_header(name, words) + "\n".join(["", *entries])


def _site_catalog(words: Words) -> str:
    notes = dict(STRINGS)
    entries = []
    for key in _STRINGS:
        note = f"#. {notes[key]}\n" if key in notes else ""
        entries.append(
            f"{note}#: templates/base.html\n{_po('msgid', key)}{_po('msgstr', interface(key, words))}"
        )
    return _po_header("site", words) + "\n".join(["", *entries])


def _po_header(name: str, words: Words) -> str:
    fields = (
        f"Project-Id-Version: {name}",
        "Report-Msgid-Bugs-To: ",
        f"Language: {locales.gettext_name(words.tag)}",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=UTF-8",
        "Content-Transfer-Encoding: 8bit",
        f"Plural-Forms: {locales.plural_header(words.tag)}",
        "X-Generator: policysite",
        "X-Segmenter-Version: 1",
    )
    return 'msgid ""\nmsgstr ""\n' + "".join(f'"{field}\\n"\n' for field in fields)


def _po(keyword: str, text: str) -> str:
    """`msgid "…"`, folded between words at 76 columns as gettext's tools do."""
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    if len(keyword) + len(text) + 3 <= 76:
        return f'{keyword} "{text}"\n'
    lines = [""]
    for word in text.split(" "):
        if len(lines[-1]) + len(word) > 72:
            lines.append("")
        lines[-1] += f"{word} "
    lines[-1] = lines[-1][:-1]
    return f'{keyword} ""\n' + "".join(f'"{line}"\n' for line in lines if line)


# ── command ─────────────────────────────────────────────────────────────────────────────────────


def main(arguments: list[str] | None = None) -> None:
    """Writes one project."""
    parser = argparse.ArgumentParser(prog="python -m bench.corpus", description=main.__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size", choices=list(SIZES), default="S")
    parser.add_argument("--documents", type=int)
    parser.add_argument("--languages", type=int)
    parser.add_argument("--variant", choices=VARIANTS, default="catalogs")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args(arguments)
    documents, count = SIZES[options.size]
    corpus = Corpus(options.documents or documents, options.languages or count, options.seed)
    write_project(corpus, options.folder, options.variant)
    print(f"{corpus.documents} documents in {corpus.count} languages: {options.folder}")


if __name__ == "__main__":
    main()
