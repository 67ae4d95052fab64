"""MkDocs with mkdocs-static-i18n: a folder a language, a theme of its own, no search."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import yaml

from bench.corpus import BASE_URL, NAME, PYTHON_MARKDOWN, Article, Corpus, Words
from bench.peers.layout import page, said
from bench.peers.model import STYLE, Tool, front_matter, menu, texts

_TAGS = {
    "lang": "{{ i18n_page_locale }}",
    "dir": "{{ config.extra.languages[i18n_page_locale].dir }}",
    "title": "{{ page.meta.title }}",
    "brand": NAME,
    "description": "{{ page.meta.description }}",
    "canonical": "{{ page.canonical_url }}",
    "home": "/{{ i18n_page_locale }}/",
    "each-language": "{% for tag, item in config.extra.languages.items() %}",
    "end-language": "{% endfor %}",
    "its-lang": "{{ tag }}",
    "its-url": BASE_URL + "/{{ tag }}/{{ page.meta.name }}",
    "its-path": "/{{ tag }}/{{ page.meta.name }}",
    "its-dir": "{{ item.dir }}",
    "its-name": "{{ item.name }}",
    "if-here": "{% if tag == i18n_page_locale %}",
    "end-if": "{% endif %}",
    "each-menu": "{% for slug, name in config.extra.languages[i18n_page_locale].menu %}",
    "end-menu": "{% endfor %}",
    "its-href": "/{{ i18n_page_locale }}/{{ slug }}/",
    "its-title": "{{ name }}",
    "lead": "{{ page.meta.lead }}",
    "content": "{{ page.content }}",
    "toc": """\
<nav class="toc" aria-label="{{ config.extra.languages[i18n_page_locale].texts[6] }}">
<ol>
{% for entry in page.toc %}
<li><a href="{{ entry.url }}">{{ entry.title }}</a>
{% if entry.children %}
<ol>
{% for child in entry.children %}
<li><a href="{{ child.url }}">{{ child.title }}</a></li>
{% endfor %}
</ol>
{% endif %}
</li>
{% endfor %}
</ol>
</nav>""",
}
_SAY = "{{ config.extra.languages[i18n_page_locale].texts[{0}] }}"


def _write(corpus: Corpus, folder: Path) -> None:
    (folder / "theme").mkdir()
    (folder / "theme" / "main.html").write_text(page(_TAGS, _SAY), encoding="utf-8")
    config = yaml.safe_dump(_config(corpus), allow_unicode=True, sort_keys=False)
    (folder / "mkdocs.yml").write_text(config, encoding="utf-8")
    for words in corpus.languages:
        (folder / "docs" / _key(words)).mkdir(parents=True)
    (folder / "docs" / "site.css").write_text(STYLE, encoding="utf-8")
    for article in (corpus.home, *corpus.articles()):
        for words in corpus.languages:
            _edit(corpus, folder, article, words)


def _edit(corpus: Corpus, folder: Path, article: Article, words: Words) -> None:
    head = "".join(f'{key}: "{text}"\n' for key, text in front_matter(article, words).items())
    head += f"name: {article.slug}/\n" if article.number else 'name: ""\n'
    prefix = "" if words.tag == "en" else f"/{_key(words)}"
    body = article.body(words, replace(PYTHON_MARKDOWN, prefix=prefix))
    file = folder / "docs" / _key(words) / (f"{article.slug}.md" if article.number else "index.md")
    file.write_text(f"---\n{head}---\n\n{body}", encoding="utf-8")


def _config(corpus: Corpus) -> dict[str, object]:
    languages = {
        _key(words): {
            "name": words.name,
            "dir": words.direction,
            "menu": [list(entry) for entry in menu(corpus, words)],
            "texts": said(texts(words)),
        }
        for words in corpus.languages
    }
    listed = [
        {"locale": _key(words), "name": words.name, "build": True, "default": words.tag == "en"}
        for words in corpus.languages
    ]
    return {
        "site_name": NAME,
        "site_url": BASE_URL,
        "theme": {"name": None, "custom_dir": "theme"},
        "markdown_extensions": ["attr_list", "tables", "sane_lists", {"toc": {"toc_depth": "2-3"}}],
        "plugins": [
            {
                "i18n": {
                    "docs_structure": "folder",
                    "languages": listed,
                    "reconfigure_material": False,
                    "reconfigure_search": False,
                }
            }
        ],
        "validation": {"links": {"absolute_links": "ignore"}, "nav": {"omitted_files": "ignore"}},
        "extra": {"languages": languages},
    }


def _key(words: Words) -> str:
    """The plugin takes a language and perhaps a country; it knows no scripts."""
    return words.tag.split("-Hans")[0]


def mkdocs(python: Path, version: str) -> Tool:
    """MkDocs, given the Python that has it. English has no folder of its own there."""

    def build(folder: Path, output: Path) -> list[str | Path]:
        options: list[str | Path] = ["--config-file", folder / "mkdocs.yml", "--site-dir", output]
        return [python, "-m", "mkdocs", "build", "--quiet", *options]

    def place(output: Path, words: Words, slug: str) -> Path:
        return (output if words.tag == "en" else output / _key(words)) / slug / "index.html"

    return Tool(
        name="MkDocs",
        version=version,
        write=_write,
        edit=_edit,
        command=build,
        page=place,
        limit=1_000,
        note="with mkdocs-static-i18n",
    )
