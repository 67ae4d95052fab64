"""Eleventy: one content folder a language, Nunjucks, markdown-it with ids and a table of contents."""

from __future__ import annotations

import json
from pathlib import Path

from bench.corpus import BASE_URL, COMMONMARK, NAME, Article, Corpus, Words
from bench.peers.layout import page, said
from bench.peers.model import STYLE, Tool, front_matter, menu, texts

_TAGS = {
    "lang": "{{ lang }}",
    "dir": "{{ site.languages[lang].dir }}",
    "title": "{{ title }}",
    "brand": NAME,
    "description": "{{ description }}",
    "canonical": BASE_URL + "{{ page.url }}",
    "home": "/{{ lang }}/",
    "each-language": "{% for tag, item in site.languages %}",
    "end-language": "{% endfor %}",
    "its-lang": "{{ tag }}",
    "its-url": BASE_URL + "/{{ tag }}/{{ name }}",
    "its-path": "/{{ tag }}/{{ name }}",
    "its-dir": "{{ item.dir }}",
    "its-name": "{{ item.name }}",
    "if-here": "{% if tag == lang %}",
    "end-if": "{% endif %}",
    "each-menu": "{% for entry in site.languages[lang].menu %}",
    "end-menu": "{% endfor %}",
    "its-href": "/{{ lang }}/{{ entry[0] }}/",
    "its-title": "{{ entry[1] }}",
    "lead": "{{ lead }}",
    "content": "{{ content | safe }}",
    "toc": "",
}
_SAY = "{{ site.languages[lang].texts[{0}] }}"

#: Every page exists in every language, so that the list of languages needs no look-up of translations (the
#: filter of Eleventy's i18n plugin looks through all pages for every page).
_CONFIG = """\
import markdownIt from 'markdown-it';
import attributes from 'markdown-it-attrs';
import anchors from 'markdown-it-anchor';
import contents from 'markdown-it-toc-done-right';

export default function (config) {
  config.setLibrary('md', markdownIt({ html: true })
    .use(attributes)
    .use(anchors, { tabIndex: false })
    .use(contents, { level: [2, 3], listType: 'ol', containerClass: 'toc' }));
  config.addPassthroughCopy({ static: '/' });
  const dir = { input: 'content', includes: '../layouts', data: '../data' };
  return { markdownTemplateEngine: false, dir };
}
"""


def _write(corpus: Corpus, folder: Path) -> None:
    for name in ("layouts", "static", "data"):
        (folder / name).mkdir()
    (folder / "layouts" / "policy.njk").write_text(page(_TAGS, _SAY), encoding="utf-8")
    (folder / "static" / "site.css").write_text(STYLE, encoding="utf-8")
    (folder / "eleventy.config.mjs").write_text(_CONFIG, encoding="utf-8")
    (folder / "data" / "site.json").write_text(_data(corpus), encoding="utf-8")
    for words in corpus.languages:
        (folder / "content" / words.tag).mkdir(parents=True)
        common = {"layout": "policy.njk", "lang": words.tag}
        file = folder / "content" / words.tag / f"{words.tag}.json"
        file.write_text(json.dumps(common), encoding="utf-8")
    for article in (corpus.home, *corpus.articles()):
        for words in corpus.languages:
            _edit(corpus, folder, article, words)


def _edit(corpus: Corpus, folder: Path, article: Article, words: Words) -> None:
    file = folder / "content" / words.tag / (f"{article.slug}.md" if article.number else "index.md")
    head = "".join(f'{key}: "{text}"\n' for key, text in front_matter(article, words).items())
    head += f"name: {article.slug}/\n" if article.number else 'name: ""\n'
    contents = "[[toc]]\n\n" if article.number else ""
    file.write_text(f"---\n{head}---\n\n{contents}{article.body(words, COMMONMARK)}", encoding="utf-8")


def _data(corpus: Corpus) -> str:
    found = {
        words.tag: {
            "name": words.name,
            "dir": words.direction,
            "menu": menu(corpus, words),
            "texts": said(texts(words)),
        }
        for words in corpus.languages
    }
    return json.dumps({"languages": found}, ensure_ascii=False)


def eleventy(modules: Path, version: str) -> Tool:
    """Eleventy, given the node_modules folder that holds it."""

    def build(folder: Path, output: Path) -> list[str | Path]:
        link = folder / "node_modules"
        if not link.exists():
            link.symlink_to(modules)  # imports of the configuration are looked for here
        return [modules / ".bin" / "eleventy", "--quiet", f"--output={output}"]

    return Tool(
        name="Eleventy",
        version=version,
        write=_write,
        edit=_edit,
        command=build,
        page=lambda output, words, slug: output / words.tag / slug / "index.html",
    )
