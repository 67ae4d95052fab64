"""A language the visitor chose wins at `/`, on every server, once the cookie is declared."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from policysite import pipeline
from policysite.core.diagnostics import has_errors
from policysite.core.model import BuildOptions
from tests.helpers.chromium import launch
from tests.helpers.projects import DATE, write
from tests.helpers.servers import SERVERS, Server
from tests.helpers.site import sources_for
from tests.servers.conftest import LANGUAGES, MORE

COOKIE = """\
      - name: language
        purpose: Remembers the language you chose.
        duration: session
"""
TRANSLATED = {"bn": "আপনার বেছে নেওয়া ভাষা মনে রাখে।", "ar": "يتذكر اللغة التي اخترتها."}


@pytest.fixture(scope="module")
def remembering(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site with the cookie declared and its purpose translated."""
    files = sources_for("nginx, apache, caddy", MORE, LANGUAGES)
    config = files["config.yaml"].decode()
    assert "        duration: 6 months\n" in config
    files["config.yaml"] = config.replace(
        "        duration: 6 months\n", f"        duration: 6 months\n{COOKIE}", 1
    ).encode()
    for tag, text in TRANSLATED.items():
        path = f"translations/{tag}/LC_MESSAGES/site.po"
        files[path] += f'\nmsgid "Remembers the language you chose."\nmsgstr "{text}"\n'.encode()
    prepared, problems = pipeline.prepare(files, BuildOptions(DATE))
    assert prepared is not None
    steps = list(pipeline.render(prepared))
    found = (*problems, *(item for step in steps for item in step.diagnostics))
    assert not has_errors(found), found
    made = {file.path: file.data for step in steps for file in step.files}
    return write(made, tmp_path_factory.mktemp("remembering") / "site")


@pytest.fixture(scope="module", params=sorted(SERVERS))
def server(
    request: pytest.FixtureRequest, remembering: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    with SERVERS[request.param](remembering, tmp_path_factory.mktemp(request.param)) as running:
        yield running


@pytest.mark.parametrize(
    ("cookie", "location"),
    [
        ("language=ar", "/ar/"),
        ("a=b; language=ar; c=d", "/ar/"),
        ("language=fr", "/bn/"),
        ("language=arx", "/bn/"),
        ("xlanguage=ar", "/bn/"),
        ("language=//evil.example", "/bn/"),
        ("language=", "/bn/"),
        ("", "/bn/"),
    ],
)
def test_the_choice_wins_where_the_site_has_it(server: Server, cookie: str, location: str) -> None:
    headers = {"Accept-Language": "bn,en;q=0.5"} | ({"Cookie": cookie} if cookie else {})
    reply = server.get("/", headers)
    assert (reply.status, server.path(reply.headers["location"])) == (302, location)
    vary = {word.strip() for word in reply.headers["vary"].split(",")}
    assert {"Accept-Language", "Cookie"} <= vary


def test_a_click_on_a_language_is_remembered_and_nothing_is_before(server: Server) -> None:
    origin = f"http://127.0.0.1:{server.port}"
    with launch() as browser:
        page = browser.new_context(locale="bn").new_page()
        faults: list[str] = []
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        page.goto(f"{origin}/")
        assert page.url == f"{origin}/bn/"
        assert page.context.cookies() == []
        page.locator(".languages summary").click()
        page.locator(".languages a[hreflang=ar]").click()
        page.wait_for_url(f"{origin}/ar/")
        (cookie,) = page.context.cookies()
        assert (cookie["name"], cookie["value"], cookie["expires"]) == ("language", "ar", -1)
        assert cookie["sameSite"] == "Lax"
        page.goto(f"{origin}/")
        assert page.url == f"{origin}/ar/"
        assert faults == []
