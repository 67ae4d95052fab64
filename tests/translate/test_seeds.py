"""A look for seeds never hides a match: a pattern finds the same with them as without."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policysite.load.config import load_config
from policysite.translate.lexicons import lexicon
from policysite.translate.rules.scope import Scope, scope_of
from policysite.translate.rules.wording import may_repeat
from policysite.translate.words import Pattern, pattern_of, seed
from tests.helpers.mini import CONFIG

TAGS = ("bn", "hi", "ur", "tr", "de", "fr", "es", "pt-BR", "ru", "id", "ja", "zh-Hans")
MORE = "".join(f"  {tag}:\n" for tag in TAGS)
LANGUAGES, _ = load_config("config.yaml", CONFIG.replace("  bn:\n", MORE, 1))


def scopes() -> list[Scope]:
    assert LANGUAGES is not None
    return [scope_of(language, "en", ("Ohmegull", "GDPR")) for language in LANGUAGES.translations]


SCOPES = scopes()

#: Letters that `(?i:…)` takes for equal in unusual ways, joiners, marks, spaces.
ODD = "iIıİsSſßẞµμσςΣkK\u0345ι\u200d\u09be \u00a0\t-.’'"


def patterns(scope: Scope) -> list[Pattern]:
    found = [scope.source.negation, scope.negation, scope.informal, scope.alternatives]
    found += [pattern for pattern, _ in (*scope.numbers, *scope.source.numbers)]
    found += [pattern for clash in scope.clashes for pattern in (clash.subject, clash.verb, clash.unless)]
    return [pattern for pattern in found if pattern is not None]


def texts(scope: Scope) -> st.SearchStrategy[str]:
    words = lexicon(scope.language.tag)
    items = (*words.negation, *words.informal, *words.alternatives, *(word for word, _ in words.numbers))
    pieces = st.sampled_from([item.strip("*") for item in items] or ["x"])
    changed = st.one_of(pieces, pieces.map(str.upper), pieces.map(str.title), pieces.map(str.swapcase))
    return st.lists(st.one_of(changed, st.text(alphabet=ODD, max_size=3)), max_size=8).map(" ".join)


def repeats(text: str) -> bool:
    """Whether a word may stand twice in a text, as `wording.may_double` asks it."""
    return "\u0307" in text or bool(may_repeat(seed(text).split()))


@pytest.mark.parametrize("scope", SCOPES, ids=lambda scope: scope.language.tag)
@given(data=st.data())
def test_no_match_is_hidden(scope: Scope, data: st.DataObject) -> None:
    text = data.draw(texts(scope))
    for pattern in patterns(scope):
        real = re.compile(pattern.source)
        assert (pattern.search(text) is None) == (real.search(text) is None)
        assert pattern.findall(text) == real.findall(text)
        assert pattern.sub("_", text) == real.sub("_", text)
    if scope.doubled is not None and not scope.doubled.seeds and not repeats(text):
        assert not scope.doubled.regex.search(text)


@given(st.text(alphabet=ODD + "aB", min_size=1, max_size=4), st.text(alphabet=ODD + "aB", max_size=10))
def test_what_re_takes_for_equal_has_one_seed(item: str, text: str) -> None:
    pattern = pattern_of([item])
    if pattern is None:
        return
    assert (pattern.search(text) is None) == (re.search(pattern.source, text) is None)


@given(st.text(alphabet="aAbıiİsſ -.\n\u0301", max_size=16))
def test_every_repeated_word_is_suspected(text: str) -> None:
    for scope in SCOPES:
        if scope.doubled is not None and not scope.doubled.seeds and scope.doubled.regex.search(text):
            assert repeats(text)


def test_a_pattern_is_compiled_when_a_text_needs_it() -> None:
    pattern = pattern_of(["word", "two words"])
    assert pattern is not None
    assert pattern.search("nothing of it") is None
    assert pattern._compiled is None
    assert pattern.search("a WORD") is not None
    assert pattern._compiled is not None
    assert seed("İI") == "ii"
