"""Files below `/.well-known/`: Global Privacy Control, security contact, the apps that open the site's
links."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date

from policysite.core import urls
from policysite.core.diagnostics import Diagnostic, problem
from policysite.core.model import Apps, Config, Outline, OutputFile, SecurityContact

_FOLDER = ".well-known"

#: Days before the end of security.txt from which a build warns.
WARNING_DAYS = 30
#: RFC 9116, 2.5.5: less than a year ahead is recommended.
LONGEST_DAYS = 366


def well_known(config: Config, base_url: str, plans: Sequence[Outline]) -> tuple[OutputFile, ...]:
    """All of them; those nobody configured are left out."""
    files = [_gpc(plans)]
    if config.security is not None:
        files.append(_security(config, config.security, base_url))
    files += _association(config.apps)
    return tuple(files)


def _gpc(plans: Sequence[Outline]) -> OutputFile:
    """`gpc.json` (W3C Global Privacy Control): honoured since the newest policy."""
    dates = [page.version.date for plan in plans for page in plan.pages if page.version is not None]
    updated = {"lastUpdate": max(dates).isoformat()} if dates else {}
    return _json("gpc.json", {"gpc": True, **updated})


def _security(config: Config, security: SecurityContact, base_url: str) -> OutputFile:
    """`security.txt` (RFC 9116). Its last day ends at midnight UTC."""
    languages = security.languages or tuple(one.tag for one in config.languages if one.published)
    rows = [f"Contact: {contact}" for contact in security.contact]
    rows.append(f"Expires: {security.expires.isoformat()}T23:59:59Z")
    rows.append(f"Preferred-Languages: {', '.join(languages)}")
    rows.append(f"Canonical: {urls.absolute(base_url, f'/{_FOLDER}/security.txt')}")
    if security.policy:
        rows.append(f"Policy: {security.policy}")
    return OutputFile(f"{_FOLDER}/security.txt", ("\n".join(rows) + "\n").encode())


def security_problems(security: SecurityContact | None, today: date) -> Iterator[Diagnostic]:
    """C302: the contact has expired (an error), C303: it will soon, or it promises more than a year."""
    if security is None:
        return
    left = (security.expires - today).days
    hint = "check the contact, then write a later day (less than a year from now)"
    if left < 0:
        yield problem("C302", security.place, f"security.txt expired on {security.expires.isoformat()}", hint)
    elif left < WARNING_DAYS:
        days = "1 day" if left == 1 else f"{left} days"
        yield problem("C303", security.place, f"security.txt expires in {days}", hint)
    elif left > LONGEST_DAYS:
        yield problem(
            "C303",
            security.place,
            f"security.txt expires in {left} days; a contact is to be checked once a year",
            "write a day less than a year from now",
        )


def _association(apps: Apps) -> Iterator[OutputFile]:
    """`assetlinks.json` (Digital Asset Links) and `apple-app-site-association`: the apps open the site's
    links."""
    if apps.android:
        rows = [
            {
                "relation": ["delegate_permission/common.handle_all_urls"],
                "target": {
                    "namespace": "android_app",
                    "package_name": name,
                    "sha256_cert_fingerprints": list(prints),
                },
            }
            for name, prints in apps.android
        ]
        yield _json("assetlinks.json", rows)
    if apps.ios:
        details = [{"appIDs": list(apps.ios), "components": [{"/": "/*"}]}]
        yield _json("apple-app-site-association", {"applinks": {"details": details}})


def _json(name: str, value: object) -> OutputFile:
    return OutputFile(f"{_FOLDER}/{name}", (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode())
