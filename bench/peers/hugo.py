"""Hugo: one content folder a language, `.AllTranslations`, cached partials; uses every core by itself."""

from __future__ import annotations

import json
from pathlib import Path

from bench.corpus import BASE_URL, COMMONMARK, NAME, Article, Corpus, Words, slug_of
from bench.peers.model import STYLE, Tool, front_matter, texts

_HEAD = """\
<!doctype html>
<html lang="{{ site.Language.Lang }}" dir="{{ site.Language.LanguageDirection }}">
<head>
<meta charset="utf-8">
<title>{{ .Title }} · {{ site.Params.brand }}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="description" content="{{ .Description }}">
<link rel="canonical" href="{{ .Permalink }}">
{{ range .AllTranslations -}}
<link rel="alternate" hreflang="{{ .Language.Lang }}" href="{{ .Permalink }}">
{{ end -}}
<link rel="stylesheet" href="/site.css">
</head>
<body>
<a class="skip" href="#main">{{ T "information of page" }}</a>
<header class="masthead">
{{ partialCached "menu.html" . site.Language.Lang }}
<nav class="languages" aria-label="{{ T "language of page" }}">
<ul>
{{ $here := site.Language.Lang -}}
{{ range .AllTranslations -}}
<li><a href="{{ .RelPermalink }}" lang="{{ .Language.Lang }}" dir="{{ .Language.LanguageDirection }}" \
hreflang="{{ .Language.Lang }}"{{ if eq .Language.Lang $here }} aria-current="page"{{ end }}>\
{{ .Language.LanguageName }}</a></li>
{{ end -}}
</ul>
</nav>
</header>
<main id="main">
"""

_FOOT = """\
</main>
{{ partialCached "footer.html" . site.Language.Lang }}
</body>
</html>
"""

_MENU = """\
<a class="brand" href="{{ "" | relLangURL }}">{{ site.Params.brand }}</a>
<nav class="menu" aria-label="{{ T "service and page" }}">
<ul>
{{ range site.Params.menu }}{{ with site.GetPage . -}}
<li><a href="{{ .RelPermalink }}">{{ .Title }}</a></li>
{{ end }}{{ end -}}
</ul>
</nav>
"""

_FOOTER = """\
<footer class="colophon">
<nav aria-label="{{ T "rule and notice" }}">
<ul>
{{ range site.Params.menu }}{{ with site.GetPage . -}}
<li><a href="{{ .RelPermalink }}">{{ .Title }}</a></li>
{{ end }}{{ end -}}
</ul>
</nav>
<p>{{ T "request for support: %(email)s" }}</p>
<p>{{ T "person after %(age)s" }}</p>
</footer>
"""

_SINGLE = """\
{{ partial "head.html" . }}<article class="document">
<h1>{{ .Title }}</h1>
<p class="lead">{{ .Params.lead }}</p>
<nav class="toc" aria-label="{{ T "explanation of page" }}">
{{ .TableOfContents }}
</nav>
<div class="text">
{{ .Content }}
</div>
</article>
{{ partial "foot.html" . }}"""

_HOME = """\
{{ partial "head.html" . }}<h1>{{ .Title }}</h1>
<p class="lead">{{ .Params.lead }}</p>
<p>{{ T "protection of information" }}</p>
{{ .Content }}
{{ partial "foot.html" . }}"""

_LAYOUTS = {
    "_default/single.html": _SINGLE,
    "index.html": _HOME,
    "partials/head.html": _HEAD,
    "partials/foot.html": _FOOT,
    "partials/menu.html": _MENU,
    "partials/footer.html": _FOOTER,
}


def _write(corpus: Corpus, folder: Path) -> None:
    for name, text in _LAYOUTS.items():
        path = folder / "layouts" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("\\\n", ""), encoding="utf-8")
    (folder / "static").mkdir()
    (folder / "static" / "site.css").write_text(STYLE, encoding="utf-8")
    (folder / "i18n").mkdir()
    (folder / "hugo.json").write_text(json.dumps(_config(corpus), ensure_ascii=False), encoding="utf-8")
    for words in corpus.languages:
        rows = [{"id": key, "translation": text} for key, text in texts(words).items()]
        file = folder / "i18n" / f"{_key(words)}.json"
        file.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
        (folder / "content" / _key(words)).mkdir(parents=True)
    for article in (corpus.home, *corpus.articles()):
        for words in corpus.languages:
            _edit(corpus, folder, article, words)


def _edit(corpus: Corpus, folder: Path, article: Article, words: Words) -> None:
    name = article.slug if article.number else "_index"
    head = "".join(f'{key}: "{text}"\n' for key, text in front_matter(article, words).items())
    file = folder / "content" / _key(words) / f"{name}.md"
    file.write_text(f"---\n{head}---\n\n{article.body(words, COMMONMARK)}", encoding="utf-8")


def _config(corpus: Corpus) -> dict[str, object]:
    return {
        "baseURL": BASE_URL,
        "title": NAME,
        "defaultContentLanguage": "en",
        "defaultContentLanguageInSubdir": True,
        "enableRobotsTXT": True,
        "disableKinds": ["taxonomy", "term", "rss", "404"],
        "markup": {"tableOfContents": {"startLevel": 2, "endLevel": 3, "ordered": True}},
        "params": {
            "brand": NAME,
            "menu": [f"/{slug_of(number)}" for number in range(1, min(4, corpus.documents) + 1)],
        },
        "languages": {
            _key(words): {
                "languageName": words.name,
                "languageDirection": words.direction,
                "contentDir": f"content/{_key(words)}",
                "weight": weight,
            }
            for weight, words in enumerate(corpus.languages, 1)
        },
    }


def _key(words: Words) -> str:
    return words.tag.lower()  # Hugo compares languages in small letters


def hugo(binary: Path, version: str) -> Tool:
    """Hugo, given its binary."""
    return Tool(
        name="Hugo",
        version=version,
        write=_write,
        edit=_edit,
        command=lambda folder, output: [binary, "--quiet", "--source", folder, "--destination", output],
        page=lambda output, words, slug: output / _key(words) / slug / "index.html",
        keeps=("resources", ".hugo_build.lock"),
    )
