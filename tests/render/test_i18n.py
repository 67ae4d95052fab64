from __future__ import annotations

import time
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup

from policysite.core.locales import plural_index
from policysite.core.model import TextFile
from policysite.render.i18n import Gettext
from policysite.render.templates import environment, render

FORMS = ("صفر", "واحد", "اثنان", "%(num)s أيام", "%(num)s يوم", "%(num)s يوما")


def gettext(
    strings: Mapping[str, str | tuple[str, ...]] | None = None, **more: str | tuple[str, ...]
) -> Gettext:
    table: dict[tuple[str | None, str], tuple[str, ...]] = {}
    for key, value in {**(strings or {}), **more}.items():
        table[None, key] = (value,) if isinstance(value, str) else value
    return Gettext(table, plural_index("ar"))


def test_a_text_without_translation_is_its_own() -> None:
    speak = gettext()
    assert speak.gettext("Hello %(name)s", name="A") == "Hello A"
    assert speak.pgettext("menu", "Open") == "Open"
    assert [speak.ngettext("%(num)s day", "%(num)s days", count) for count in (0, 1, 2)] == [
        "0 days",
        "1 day",
        "2 days",
    ]


def test_contexts_are_looked_up() -> None:
    speak = Gettext({("menu", "Open"): ("Öffnen",), (None, "Open"): ("Offen",)}, plural_index("de"))
    assert (speak.pgettext("menu", "Open"), speak.gettext("Open")) == ("Öffnen", "Offen")


@pytest.mark.parametrize(
    ("count", "text"), [(0, "صفر"), (2, "اثنان"), (7, "7 أيام"), (11, "11 يوما"), (100, "100 يوم")]
)
def test_plurals_are_those_of_the_language(count: int, text: str) -> None:
    assert gettext(day=FORMS).ngettext("day", "days", count) == text


def test_a_number_may_be_shown_in_other_digits() -> None:
    assert gettext(day=FORMS).ngettext("day", "days", 7, num="٧") == "٧ أيام"


def test_too_few_forms_are_no_crash() -> None:
    assert gettext(day=("واحد",)).ngettext("day", "days", 11) == "واحد"


@pytest.mark.parametrize(
    ("translation", "shown"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("\" onmouseover='x", "&#34; onmouseover=&#39;x"),
        ("%(name)s & %(name)s", "&lt;i&gt; &amp; &lt;i&gt;"),
        ("100 % sûr", "100 % sûr"),
        ("100% réel", "100% réel"),
        ("5% d", "5% d"),
        ("50%% off", "50% off"),
        ("%(nom)s", "%(nom)s"),
        ("%(", "%("),
        ("%", "%"),
        ("%(name)r", "%(name)r"),
        ("%(name)5s", "%(name)5s"),
        ("%(__class__)s", "%(__class__)s"),
        ("{name} {{ name }}", "{name} {{ name }}"),
    ],
)
def test_a_hostile_translation_is_a_text(translation: str, shown: str) -> None:
    assert str(gettext(a=translation).gettext("a", name="<i>")) == shown
    assert str(Gettext({("c", "a"): (translation,)}, int).pgettext("c", "a", name="<i>")) == shown


def test_a_translation_cannot_ask_for_a_gigabyte() -> None:
    begun = time.perf_counter()
    assert len(gettext(a="%(num)999999999d").ngettext("a", "b", 1)) < 100
    assert time.perf_counter() - begun < 1


def test_markup_of_the_code_stays_markup() -> None:
    link = Markup('<a href="/x/">') + "A & B" + Markup("</a>")
    assert gettext(a="<%(link)s>").gettext("a", link=link) == '&lt;<a href="/x/">A &amp; B</a>&gt;'


@settings(max_examples=200, derandomize=True, deadline=None)
@given(
    st.text()
    | st.lists(st.sampled_from(["%", "(", ")", "s", "d", "name", "<", "&", '"', " ", "%%"])).map("".join)
)
def test_no_translation_raises_or_brings_markup(translation: str) -> None:
    shown = gettext(a=translation).gettext("a", name="n")
    assert isinstance(shown, Markup)
    assert not {"<", ">", '"', "'"} & set(shown)


def in_template(text: str, speak: Gettext) -> str:
    env = environment([TextFile("a.html", text)])
    scope = {
        "gettext": speak.gettext,
        "ngettext": speak.ngettext,
        "pgettext": speak.pgettext,
        "n": 3,
        "x": "<x>",
    }
    return render(env, "a.html", scope)


def test_templates_call_it() -> None:
    speak = gettext(
        {"Hi %(name)s": "<b>%(name)s", "5%% off": "৫%% ছাড়", "%(n)s thing": ("০", "১", "২", "%(n)s")}
    )
    assert in_template('{{ _("Hi %(name)s", name=x) }}', speak) == "&lt;b&gt;&lt;x&gt;"
    assert in_template("{% trans name=x %}Hi {{ name }}{% endtrans %}", speak) == "&lt;b&gt;&lt;x&gt;"
    assert in_template("{% trans %}5% off{% endtrans %}", speak) == "৫% ছাড়"
    assert (
        in_template("{% trans n=n %}{{ n }} thing{% pluralize %}{{ n }} things{% endtrans %}", speak) == "3"
    )
    assert (
        in_template('<a title="{{ _("Hi %(name)s", name=x) }}">', speak) == '<a title="&lt;b&gt;&lt;x&gt;">'
    )
