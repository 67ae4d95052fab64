"""The corpus of the benchmark: the same every time, free of problems, and the same in all its forms."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bench.corpus import (
    NAME,
    OURS,
    SECTIONS,
    VARIANTS,
    Corpus,
    Variant,
    languages,
    say,
    write_article,
    write_project,
)
from policysite.commands import building
from policysite.core.model import Built
from policysite.request import BuildRequest

DAY = date(2026, 1, 15)
SMALL = Corpus(2, len(languages()))


def built(project: Path) -> Built:
    return building.build_in_memory(BuildRequest(project, build_date=DAY))


@pytest.fixture(scope="module", params=VARIANTS)
def variant(request: pytest.FixtureRequest) -> Variant:
    found: Variant = request.param
    return found


@pytest.fixture(scope="module")
def project(variant: Variant, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus") / variant
    write_project(SMALL, folder, variant)
    return folder


@pytest.fixture(scope="module")
def site(project: Path) -> Built:
    return built(project)


def test_every_list_of_words_means_the_same_in_the_same_place() -> None:
    first = languages()[0]
    for words in languages():
        assert len(words.words) == len(set(words.words)) == len(first.words), words.tag
        assert len(words.joins) == len(set(words.joins)) == len(first.joins), words.tag


def test_no_check_finds_anything(site: Built) -> None:
    assert [str(item) for item in site.diagnostics] == []


def test_there_is_one_page_for_each_document_and_language(site: Built) -> None:
    pages = {path for path in site.files if path.endswith("/index.html") and path.count("/") == 2}
    assert pages == {
        f"{words.tag}/{article.slug}/index.html" for article in SMALL.articles() for words in SMALL.languages
    }


def test_every_page_is_whole_in_its_language(site: Built) -> None:
    for article in SMALL.articles():
        for words in SMALL.languages:
            html = site.files[f"{words.tag}/{article.slug}/index.html"].decode()
            assert say(article.middle, words, OURS) in html
            assert html.count("<h2") == SECTIONS
            assert html.count('rel="alternate" hreflang=') == len(SMALL.languages) + 1
            for mark in ("<table", "<ol>", "<ul>", "<strong>", "<code>", "<h3", NAME, 'rel="external'):
                assert mark in html, (words.tag, mark)
            if words.tag != "en":
                assert 'lang="en" dir="ltr">' not in html.split("<main")[1]  # no text fell back to English


def test_overrides_and_catalogs_give_the_same_pages(tmp_path: Path) -> None:
    corpus = Corpus(1, 4)
    sites = []
    for kind in VARIANTS:
        write_project(corpus, tmp_path / kind, kind)
        sites.append(built(tmp_path / kind).files)
    assert sites[0] == sites[1]


def test_a_seed_gives_the_same_texts_and_another_one_others(tmp_path: Path) -> None:
    texts = [tuple(Corpus(3, 2, seed).articles()) for seed in (7, 7, 8)]
    assert texts[0] == texts[1]
    assert texts[0] != texts[2]
    assert len({article.blocks for article in texts[0]}) == 3


def test_the_sizes_are_those_of_real_policies() -> None:
    for article in SMALL.articles():
        sizes = [len(article.body(words, OURS).encode()) for words in SMALL.languages]
        assert min(sizes) > 5_500
        assert max(sizes) < 21_000
        assert 7_000 < sizes[0] < 12_000  # English


def test_an_edit_changes_one_page_and_breaks_no_rule(project: Path, variant: Variant, site: Built) -> None:
    article, words = SMALL.article(2, edition=1), SMALL.languages[1]
    assert article.middle != SMALL.article(2).middle
    write_article(SMALL, project, article, variant, words.tag)
    try:
        after = built(project)
    finally:
        write_article(SMALL, project, SMALL.article(2), variant, words.tag)
    assert [str(item) for item in after.diagnostics] == []
    changed = {path for path in site.files if site.files[path] != after.files[path]}
    assert changed == {f"{words.tag}/{article.slug}/index.html"}
    assert say(article.middle, words, OURS) in after.files[changed.pop()].decode()
