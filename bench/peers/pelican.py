"""Pelican: pages with a language each and `page.translations`; its cache of read content is on."""

from __future__ import annotations

from pathlib import Path

from bench.corpus import BASE_URL, NAME, PYTHON_MARKDOWN, Article, Corpus, Words
from bench.peers.layout import page, said
from bench.peers.model import STYLE, Tool, front_matter, menu, texts

_TAGS = {
    "lang": "{{ page.lang }}",
    "dir": "{{ LANGUAGES[page.lang].dir }}",
    "title": "{{ page.title }}",
    "brand": NAME,
    "description": "{{ page.description }}",
    "canonical": "{{ SITEURL }}/{{ page.url }}",
    "home": "/{{ page.lang }}/",
    "each-language": "{% for item in [page] + page.translations %}",
    "end-language": "{% endfor %}",
    "its-lang": "{{ item.lang }}",
    "its-url": "{{ SITEURL }}/{{ item.url }}",
    "its-path": "/{{ item.url }}",
    "its-dir": "{{ LANGUAGES[item.lang].dir }}",
    "its-name": "{{ LANGUAGES[item.lang].name }}",
    "if-here": "{% if item.lang == page.lang %}",
    "end-if": "{% endif %}",
    "each-menu": "{% for slug, name in LANGUAGES[page.lang].menu %}",
    "end-menu": "{% endfor %}",
    "its-href": "/{{ page.lang }}/{{ slug }}/",
    "its-title": "{{ name }}",
    "lead": "{{ page.lead }}",
    "content": "{{ page.content }}",
    "toc": "",
}
_SAY = "{{ LANGUAGES[page.lang].texts[{0}] }}"

_SETTINGS = """\
SITENAME = AUTHOR = {name!r}
SITEURL = {url!r}
PATH = 'content'
PAGE_PATHS = ['pages']
ARTICLE_PATHS = []
STATIC_PATHS = ['static']
EXTRA_PATH_METADATA = {{'static/site.css': {{'path': 'site.css'}}}}
THEME = 'theme'
TIMEZONE = 'UTC'
DEFAULT_LANG = 'en'
PAGE_URL = PAGE_LANG_URL = '{{lang}}/{{slug}}/'
PAGE_SAVE_AS = PAGE_LANG_SAVE_AS = '{{lang}}/{{slug}}/index.html'
DIRECT_TEMPLATES = []
ARCHIVES_SAVE_AS = AUTHOR_SAVE_AS = CATEGORY_SAVE_AS = TAG_SAVE_AS = ''
FEED_ALL_ATOM = CATEGORY_FEED_ATOM = TRANSLATION_FEED_ATOM = AUTHOR_FEED_ATOM = AUTHOR_FEED_RSS = None
MARKDOWN = {{
    'extension_configs': {{
        'markdown.extensions.attr_list': {{}},
        'markdown.extensions.tables': {{}},
        'markdown.extensions.sane_lists': {{}},
        'markdown.extensions.toc': {{'toc_depth': '2-3'}},
    }},
    'output_format': 'html5',
}}
CACHE_CONTENT = LOAD_CONTENT_CACHE = True
LANGUAGES = {languages!r}
"""


def _write(corpus: Corpus, folder: Path) -> None:
    for name in ("theme/templates", "content/static", "content/pages"):
        (folder / name).mkdir(parents=True)
    (folder / "theme" / "templates" / "page.html").write_text(page(_TAGS, _SAY), encoding="utf-8")
    (folder / "content" / "static" / "site.css").write_text(STYLE, encoding="utf-8")
    found = {
        words.tag: {
            "name": words.name,
            "dir": words.direction,
            "menu": menu(corpus, words),
            "texts": said(texts(words)),
        }
        for words in corpus.languages
    }
    settings = _SETTINGS.format(name=NAME, url=BASE_URL, languages=found)
    (folder / "pelicanconf.py").write_text(settings, encoding="utf-8")
    for article in (corpus.home, *corpus.articles()):
        for words in corpus.languages:
            _edit(corpus, folder, article, words)


def _edit(corpus: Corpus, folder: Path, article: Article, words: Words) -> None:
    rows = [f"{key}: {text}" for key, text in front_matter(article, words).items()]
    rows += [f"lang: {words.tag}", f"slug: {article.slug if article.number else 'index'}"]
    if not article.number:
        rows += [f"save_as: {words.tag}/index.html", f"url: {words.tag}/"]
    contents = "[TOC]\n\n" if article.number else ""
    body = contents + article.body(words, PYTHON_MARKDOWN)
    name = article.slug if article.number else "home"
    file = folder / "content" / "pages" / f"{name}.{words.tag}.md"
    file.write_text("\n".join([*rows, "", body]), encoding="utf-8")


def pelican(python: Path, version: str) -> Tool:
    """Pelican, given the Python that has it."""

    def build(folder: Path, output: Path) -> list[str | Path]:
        options: list[str | Path] = ["--settings", folder / "pelicanconf.py", "--output", output, "--quiet"]
        return [python, "-m", "pelican", folder / "content", *options]

    return Tool(
        name="Pelican",
        version=version,
        write=_write,
        edit=_edit,
        command=build,
        page=lambda output, words, slug: output / words.tag / slug / "index.html",
        keeps=("cache",),
        limit=10_000,
    )
