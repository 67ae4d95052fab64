"""Nikola: pages with a file for each language, Jinja, two processes; the database of doit is its cache."""

from __future__ import annotations

from pathlib import Path

from bench.corpus import BASE_URL, NAME, PYTHON_MARKDOWN, Article, Corpus, Words
from bench.peers.layout import page, said
from bench.peers.model import STYLE, Tool, front_matter, menu, texts

_TAGS = {
    "lang": "{{ LANGS[lang].tag }}",
    "dir": "{{ LANGS[lang].dir }}",
    "title": "{{ post.title(lang) }}",
    "brand": NAME,
    "description": "{{ post.description(lang) }}",
    "canonical": "{{ post.permalink(lang, absolute=True) }}",
    "home": "/{{ LANGS[lang].tag }}/",
    "each-language": "{% for item in LANGS %}",
    "end-language": "{% endfor %}",
    "its-lang": "{{ LANGS[item].tag }}",
    "its-url": "{{ post.permalink(item, absolute=True) }}",
    "its-path": "{{ post.permalink(item) }}",
    "its-dir": "{{ LANGS[item].dir }}",
    "its-name": "{{ LANGS[item].name }}",
    "if-here": "{% if item == lang %}",
    "end-if": "{% endif %}",
    "each-menu": "{% for slug, name in LANGS[lang].menu %}",
    "end-menu": "{% endfor %}",
    "its-href": "/{{ LANGS[lang].tag }}/{{ slug }}/",
    "its-title": "{{ name }}",
    "lead": "{{ post.meta('lead', lang) }}",
    "content": "{{ post.text(lang) }}",
    "toc": "",
}
_SAY = "{{ LANGS[lang].texts[{0}] }}"

#: What Nikola makes besides pages; no other tool is asked for it.
_UNUSED = (
    *("classify_archive", "classify_authors", "classify_categories", "classify_indexes", "classify_sections"),
    *("classify_tags", "classify_page_index", "create_bundles", "copy_assets", "generate_rss", "robots"),
    *("render_galleries", "render_listings", "render_sources", "render_taxonomies", "redirect", "sitemap"),
    *("gzip", "scale_images", "post_list_directive", "thumbnail_directive"),
)

_SETTINGS = """\
import os
BLOG_TITLE = BLOG_AUTHOR = BLOG_DESCRIPTION = {name!r}
BLOG_EMAIL = ''
SITE_URL = {url!r} + '/'
DEFAULT_LANG = 'en'
TRANSLATIONS = {folders!r}
TRANSLATIONS_PATTERN = '{{path}}.{{lang}}.{{ext}}'
NAVIGATION_LINKS = {{lang: () for lang in TRANSLATIONS}}
THEME = 'bench'
TIMEZONE = 'UTC'
POSTS = ()
PAGES = (('pages/*.md', '', 'page.tmpl'),)
DEMOTE_HEADERS = 0
COMPILERS = {{'markdown': ('.md',)}}
OUTPUT_FOLDER = os.environ['BENCH_OUTPUT']
PRETTY_URLS = True
STRIP_INDEXES = True
URL_TYPE = 'full_path'
DISABLED_PLUGINS = {unused!r}
SHOW_SOURCELINK = COPY_SOURCES = USE_CDN = USE_BUNDLES = GENERATE_RSS = GENERATE_ATOM = False
MARKDOWN_EXTENSIONS = ['attr_list', 'tables', 'sane_lists', 'toc']
MARKDOWN_EXTENSION_CONFIGS = {{'': {{'toc': {{'toc_depth': '2-3'}}}}}}
GLOBAL_CONTEXT = {{'LANGS': {languages!r}}}
"""


def _code(words: Words) -> str:
    """Nikola's name of a language: that of its folder of messages."""
    return {"zh-Hans": "zh_cn"}.get(words.tag, words.tag.lower().replace("-", "_"))


def _write(corpus: Corpus, folder: Path) -> None:
    for name in ("themes/bench/templates", "files", "pages"):
        (folder / name).mkdir(parents=True)
    theme = folder / "themes" / "bench"
    (theme / "bench.theme").write_text("[Theme]\nengine = jinja\nparent = base-jinja\n", encoding="utf-8")
    (theme / "templates" / "page.tmpl").write_text(page(_TAGS, _SAY), encoding="utf-8")
    (folder / "files" / "site.css").write_text(STYLE, encoding="utf-8")
    found = {
        _code(words): {
            "tag": words.tag,
            "name": words.name,
            "dir": words.direction,
            "menu": menu(corpus, words),
            "texts": said(texts(words)),
        }
        for words in corpus.languages
    }
    folders = {_code(words): f"./{words.tag}" for words in corpus.languages}
    settings = _SETTINGS.format(
        name=NAME, url=BASE_URL, folders=folders, languages=found, unused=list(_UNUSED)
    )
    (folder / "conf.py").write_text(settings, encoding="utf-8")
    for article in (corpus.home, *corpus.articles()):
        for words in corpus.languages:
            _edit(corpus, folder, article, words)


def _edit(corpus: Corpus, folder: Path, article: Article, words: Words) -> None:
    slug = article.slug if article.number else "index"
    rows = [f".. {key}: {text}" for key, text in front_matter(article, words).items()]
    head = "\n".join(["<!--", *rows, f".. slug: {slug}", ".. date: 2025-10-15", "-->"])
    contents = "[TOC]\n\n" if article.number else ""
    name = f"{slug}.md" if words.tag == "en" else f"{slug}.{_code(words)}.md"
    body = contents + article.body(words, PYTHON_MARKDOWN)
    (folder / "pages" / name).write_text(f"{head}\n\n{body}", encoding="utf-8")


def nikola(python: Path, version: str) -> Tool:
    """Nikola, given the Python that has it."""

    def build(folder: Path, output: Path) -> list[str | Path]:
        return ["env", f"BENCH_OUTPUT={output}", python, "-m", "nikola", "build", "-q", "-n", "2"]

    return Tool(
        name="Nikola",
        version=version,
        write=_write,
        edit=_edit,
        command=build,
        page=lambda output, words, slug: output / words.tag / slug / "index.html",
        keeps=("cache", ".doit.db", ".doit.db.db", ".doit.db.dat", ".doit.db.dir", ".doit.db.bak"),
        limit=2_000,
    )
