"""The inventory and what the banner asks, from the declared services."""

from __future__ import annotations

import hashlib
import json

from policysite.core import locales
from policysite.core.model import ASKED_CATEGORIES, CATEGORIES, Config, Cookie, Duration, Language, Service
from policysite.core.strings import SESSION
from policysite.render import views
from policysite.render.i18n import Gettext

ANALYTICS_PATH = "/analytics/"

_MONTH_MS = 30 * 86_400_000


def service_view(service: Service, gettext: Gettext) -> views.ServiceView:
    """A service with its purpose in the language."""
    return views.ServiceView(
        id=service.id,
        name=service.name,
        purpose=str(gettext.gettext(service.purpose)),
        provider=service.provider,
        url=service.url,
        privacy_url=service.privacy_url,
        terms_url=service.terms_url,
        video_chat=service.frame is not None and {"camera", "microphone"} <= set(service.frame.features),
    )


def _row(service: Service, cookie: Cookie, language: Language, gettext: Gettext) -> views.CookieRow:
    duration = locales.duration_text(cookie.duration, language.tag, language.digits)
    return views.CookieRow(
        name=cookie.name,
        kind=cookie.kind,
        service=service.name,
        category=service.category,
        purpose=str(gettext.gettext(cookie.purpose)),
        duration=duration or str(gettext.gettext(SESSION)),
        recipient=cookie.recipient,
        privacy_url=service.privacy_url,
    )


def categories(config: Config, language: Language, gettext: Gettext) -> tuple[views.CategoryView, ...]:
    """Every category that has an active service, in the order of `CATEGORIES`."""
    found = []
    for category in CATEGORIES:
        services = [service for service in config.active_services if service.category == category]
        if services:
            found.append(
                views.CategoryView(
                    id=category,
                    asked=category in ASKED_CATEGORIES,
                    services=tuple(service_view(service, gettext) for service in services),
                    cookies=tuple(
                        _row(service, cookie, language, gettext)
                        for service in services
                        for cookie in service.cookies
                    ),
                )
            )
    return tuple(found)


def version(config: Config) -> str:
    """Digest of what a visitor is asked: the asked services with what they store, and for how long the
    choice is kept. Another wording elsewhere does not change it; another purpose or cookie does."""
    asked = [
        {
            "service": service.id,
            "category": service.category,
            "provider": service.provider,
            "purpose": service.purpose,
            "cookies": [
                [
                    cookie.name,
                    cookie.kind,
                    cookie.purpose,
                    cookie.duration.count,
                    cookie.duration.unit,
                    cookie.recipient,
                ]
                for cookie in service.cookies
            ],
        }
        for service in config.active_services
        if service.category in ASKED_CATEGORIES
    ]
    text = json.dumps([asked, config.count("consent_months")], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def view(
    config: Config, language: Language, inventory: tuple[views.CategoryView, ...]
) -> views.ConsentView | None:
    """What the banner asks in one language; None when no active service needs consent."""
    asked = tuple(category for category in inventory if category.asked)
    if not asked:
        return None
    months = config.count("consent_months")
    return views.ConsentView(
        version=version(config),
        lifetime_ms=months * _MONTH_MS,
        asked=asked,
        analytics=analytics(config),
        duration=locales.duration_text(Duration(months, "month"), language.tag, language.digits),
    )


def analytics_service(config: Config) -> Service | None:
    """The active Google Analytics service, if any."""
    for service in config.active_services:
        if service.kind == "google-analytics":
            return service
    return None


def analytics(config: Config) -> views.AnalyticsView | None:
    """How analytics is built in; None without an active service.

    `cookie_expires` for gtag is the longest lifetime declared for its cookies, in seconds.
    """
    service = analytics_service(config)
    if service is None or service.measurement_id is None:
        return None
    return views.AnalyticsView(
        isolation=config.analytics_isolation,
        url=ANALYTICS_PATH,
        measurement_id=service.measurement_id,
        script_url=f"{dict(service.origins)['script'][0]}/gtag/js",
        cookie_expires=max((cookie.duration.seconds for cookie in service.cookies), default=0),
    )
