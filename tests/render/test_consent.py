from __future__ import annotations

import pytest

from policysite.core.model import Config
from policysite.load.config import load_config
from policysite.render import consent
from policysite.render.i18n import Gettext
from tests.helpers import mini


def config(**changes: str) -> Config:
    text = mini.CONFIG
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    found, problems = load_config("config.yaml", text)
    assert found is not None, problems
    return found


SILENT = Gettext({}, int)
BENGALI = Gettext(
    {(None, "Tells browsers apart."): ("ব্রাউজার <b>",), (None, "Until you close the browser"): ("বন্ধ পর্যন্ত",)},
    int,
)


def test_the_inventory_is_what_was_declared() -> None:
    site = config()
    essential, analytics = consent.categories(site, site.language("en"), SILENT)
    assert (essential.id, essential.asked, analytics.id, analytics.asked) == (
        "essential",
        False,
        "analytics",
        True,
    )
    assert [(row.name, row.kind, row.duration, row.recipient) for row in essential.cookies] == [
        ("consent", "local-storage", "6 months", "Acme")
    ]
    assert [service.provider for service in analytics.services] == ["Google"]


def test_rows_are_in_the_language_of_the_page_and_hold_no_markup() -> None:
    site = config(**{"duration: 1 year": "duration: session"})
    (_, analytics) = consent.categories(site, site.language("bn"), BENGALI)
    (row,) = analytics.cookies
    assert (row.purpose, row.duration, row.name) == ("ব্রাউজার &lt;b&gt;", "বন্ধ পর্যন্ত", "_ga")
    (essential, _) = consent.categories(config(), site.language("bn"), BENGALI)
    assert essential.cookies[0].duration == "৬ মাস"


def test_nothing_is_asked_where_nothing_needs_consent() -> None:
    site = config(**{"    measurement_id: G-TEST000\n": ""})
    inventory = consent.categories(site, site.language("en"), SILENT)
    assert [category.id for category in inventory] == ["essential"]
    assert consent.view(site, site.language("en"), inventory) is None
    assert consent.analytics_service(site) is None


def test_the_banner_knows_how_long_a_choice_lasts() -> None:
    site = config()
    view = consent.view(site, site.language("bn"), consent.categories(site, site.language("bn"), SILENT))
    assert view is not None
    assert view.lifetime_ms == 6 * 30 * 86_400_000
    assert view.duration == "৬ মাস"
    assert view.analytics is not None
    assert view.analytics.url == "/analytics/"
    assert view.analytics.isolation == "frame"
    assert view.analytics.script_url == "https://www.googletagmanager.com/gtag/js"
    assert view.analytics.cookie_expires == 365 * 86_400


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("tagline: Plain words", "tagline: Other words", True),
        ("purpose: Remembers your choice.", "purpose: Other.", True),  # not asked about
        ("purpose: Counts visits.", "purpose: Counts visitors.", False),
        ("name: _ga", "name: _gb", False),
        ("duration: 1 year", "duration: 11 months", False),
        ("provider: Google", "provider: Other", False),
        ("consent_months: 6", "consent_months: 7", False),
    ],
)
def test_visitors_are_asked_again_exactly_when_the_question_changes(old: str, new: str, same: bool) -> None:
    version = consent.version(config())
    assert len(version) == 12
    assert (consent.version(config(**{old: new})) == version) is same
