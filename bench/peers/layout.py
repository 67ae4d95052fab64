"""The layout that every peer has, written once: each fills the gaps with the tags of its own templates."""

from __future__ import annotations

import re
from collections.abc import Mapping

_PAGE = """\
<!doctype html>
<html lang="«lang»" dir="«dir»">
<head>
<meta charset="utf-8">
<title>«title» · «brand»</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="description" content="«description»">
<link rel="canonical" href="«canonical»">
«each-language»
<link rel="alternate" hreflang="«its-lang»" href="«its-url»">
«end-language»
<link rel="stylesheet" href="/site.css">
</head>
<body>
<a class="skip" href="#main">«say information of page»</a>
<header class="masthead">
<a class="brand" href="«home»">«brand»</a>
<nav class="menu" aria-label="«say service and page»">
<ul>
«each-menu»
<li><a href="«its-href»">«its-title»</a></li>
«end-menu»
</ul>
</nav>
<nav class="languages" aria-label="«say language of page»">
<ul>
«each-language»
<li><a href="«its-path»" lang="«its-lang»" dir="«its-dir»" hreflang="«its-lang»"«if-here» aria-current="page"«end-if»>«its-name»</a></li>
«end-language»
</ul>
</nav>
</header>
<main id="main">
<article class="document">
<h1>«title»</h1>
<p class="lead">«lead»</p>
«toc»
<div class="text">
«content»
</div>
</article>
</main>
<footer class="colophon">
<nav aria-label="«say rule and notice»">
<ul>
«each-menu»
<li><a href="«its-href»">«its-title»</a></li>
«end-menu»
</ul>
</nav>
<p>«say request for support: %(email)s»</p>
<p>«say person after %(age)s»</p>
</footer>
</body>
</html>
"""  # noqa: E501

#: What the layout says, by the names of `corpus.INTERFACE`.
SAID = (
    *("information of page", "service and page", "language of page", "rule and notice"),
    *("request for support: %(email)s", "person after %(age)s", "explanation of page"),
)

_GAP = re.compile("«(say )?([^»]+)»")


def page(tags: Mapping[str, str], say: str) -> str:
    """The template of a page. tags: what stands in each gap; say: how the text number {0} of SAID is said."""

    def filled(gap: re.Match[str]) -> str:
        return say.replace("{0}", str(SAID.index(gap.group(2)))) if gap.group(1) else tags[gap.group(2)]

    return _GAP.sub(filled, _PAGE)


def said(texts: Mapping[str, str]) -> list[str]:
    """The texts of the interface in the order of SAID."""
    return [texts[key] for key in SAID]
