"""Zola: `name.tag.md` beside the English file, `page.translations`, `trans()`; uses every core by itself."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from bench.corpus import BASE_URL, COMMONMARK, NAME, Article, Corpus, Words
from bench.peers.layout import page, said
from bench.peers.model import STYLE, Tool, front_matter, menu, texts

_TAGS = {
    "lang": "{{ lang }}",
    "dir": "{{ config.extra.dirs[lang] }}",
    "title": "{{ page.title }}",
    "brand": NAME,
    "description": "{{ page.description }}",
    "canonical": "{{ page.permalink | safe }}",
    "home": "{{ config.extra.homes[lang] }}",
    "each-language": "{% for item in page.translations %}",
    "end-language": "{% endfor %}",
    "its-lang": "{{ item.lang }}",
    "its-url": "{{ item.permalink | safe }}",
    "its-path": "{{ item.permalink | safe }}",
    "its-dir": "{{ config.extra.dirs[item.lang] }}",
    "its-name": "{{ config.extra.names[item.lang] }}",
    "if-here": "{% if item.lang == lang %}",
    "end-if": "{% endif %}",
    "each-menu": "{% for entry in config.extra.menus[lang] %}",
    "end-menu": "{% endfor %}",
    "its-href": "{{ entry.0 }}",
    "its-title": "{{ entry.1 }}",
    "lead": "{{ page.extra.lead }}",
    "content": "{{ page.content | safe }}",
    "toc": """\
<nav class="toc" aria-label="{{ trans(key="t6", lang=lang) }}">
<ol>
{% for entry in page.toc %}
<li><a href="#{{ entry.id }}">{{ entry.title }}</a>
{% if entry.children %}
<ol>
{% for child in entry.children %}
<li><a href="#{{ child.id }}">{{ child.title }}</a></li>
{% endfor %}
</ol>
{% endif %}
</li>
{% endfor %}
</ol>
</nav>""",
}
_SAY = '{{ trans(key="t{0}", lang=lang) }}'
_SECTION = {**{name: tag.replace("page.", "section.") for name, tag in _TAGS.items()}, "toc": ""}


def _write(corpus: Corpus, folder: Path) -> None:
    for name in ("templates", "static", "content"):
        (folder / name).mkdir()
    (folder / "templates" / "page.html").write_text(page(_TAGS, _SAY), encoding="utf-8")
    (folder / "templates" / "index.html").write_text(page(_SECTION, _SAY), encoding="utf-8")
    (folder / "static" / "site.css").write_text(STYLE, encoding="utf-8")
    (folder / "config.toml").write_text(_config(corpus), encoding="utf-8")
    for article in (corpus.home, *corpus.articles()):
        for words in corpus.languages:
            _edit(corpus, folder, article, words)


def _edit(corpus: Corpus, folder: Path, article: Article, words: Words) -> None:
    name = article.slug if article.number else "_index"
    fields = front_matter(article, words)
    lead = fields.pop("lead")
    rows = [f"{key} = {_quoted(text)}" for key, text in fields.items()]
    head = "\n".join([*rows, "[extra]", f"lead = {_quoted(lead)}", ""])
    file = folder / "content" / (f"{name}.md" if words.tag == "en" else f"{name}.{words.tag}.md")
    body = article.body(words, replace(COMMONMARK, prefix=_prefix(words)))
    file.write_text(f"+++\n{head}+++\n\n{body}", encoding="utf-8")


def _config(corpus: Corpus) -> str:
    def table(name: str, values: dict[str, object]) -> str:
        rows = "".join(f'"{key}" = {_quoted(value)}\n' for key, value in values.items())
        return f"\n[{name}]\n{rows}"

    rows = f'base_url = "{BASE_URL}"\ntitle = "{NAME}"\ndefault_language = "en"\n'
    rows += "compile_sass = false\nbuild_search_index = false\n"
    rows += table("translations", _texts(corpus.languages[0]))
    for words in corpus.languages[1:]:
        rows += table(f'languages."{words.tag}"', {})
        rows += table(f'languages."{words.tag}".translations', _texts(words))
    rows += table("extra.dirs", {words.tag: words.direction for words in corpus.languages})
    rows += table("extra.names", {words.tag: words.name for words in corpus.languages})
    rows += table("extra.homes", {words.tag: f"{_prefix(words)}/" for words in corpus.languages})
    menus = {
        words.tag: [[f"{_prefix(words)}/{slug}/", title] for slug, title in menu(corpus, words)]
        for words in corpus.languages
    }
    return rows + table("extra.menus", dict(menus))


def _texts(words: Words) -> dict[str, object]:
    return {f"t{number}": text for number, text in enumerate(said(texts(words)))}


def _quoted(value: object) -> str:
    """A text or a list as TOML writes it; JSON's strings are TOML's, as far as they occur here."""
    return json.dumps(value, ensure_ascii=False)


def _prefix(words: Words) -> str:
    return "" if words.tag == "en" else f"/{words.tag}"


def zola(command: list[str | Path], version: str) -> Tool:
    """Zola, given the command that starts it. English has no folder of its own there."""

    def build(folder: Path, output: Path) -> list[str | Path]:
        return [*command, "--root", folder, "build", "--force", "--output-dir", output]

    def place(output: Path, words: Words, slug: str) -> Path:
        return (output if words.tag == "en" else output / words.tag) / slug / "index.html"

    return Tool(name="Zola", version=version, write=_write, edit=_edit, command=build, page=place)
