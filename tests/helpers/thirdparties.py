"""A Google and a CooMeet on this machine: they answer in place of the real hosts and record every request.

The fake gtag.js obeys the calls of Consent Mode as the real one does: cookies `_ga` and `_ga_XXXX` with the
lifetime and flags it was given, then a hit to /g/collect, and none of both without `analytics_storage`. The
fake CooMeet asks for the camera and writes into its title how that went.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import BrowserContext, Route

GOOGLE = ("googletagmanager.com", "google-analytics.com", "analytics.google.com", "google.com")
COOMEET = ("coomeet.com",)

GTAG = """
(() => {
  const id = new URL(document.currentScript.src).searchParams.get('id');
  const consent = {}, calls = [], done = [];
  let config = null;
  const send = (event, more) => {
    if (!config || consent.analytics_storage !== 'granted' || window['ga-disable-' + id]) return;
    const query = new URLSearchParams({ v: '2', tid: id, en: event, dl: config.page_location,
      dt: config.page_title, dr: config.page_referrer, ...more });
    const about = JSON.stringify({ calls, consent, config });
    fetch('https://www.google-analytics.com/g/collect?' + query, {
      method: 'POST', mode: 'no-cors', keepalive: true, body: about });
  };
  const run = (call) => {
    const [command, target, values] = call;
    calls.push(command === 'consent' ? command + ' ' + target : command);
    if (command === 'consent') Object.assign(consent, values);
    if (command === 'event') send(target, { _et: values.engagement_time_msec });
    if (command !== 'config') return;
    config = values;
    if (consent.analytics_storage !== 'granted') return;
    const life = values.cookie_expires ?? 63072000;
    const rest = '; Path=/; Max-Age=' + life + '; ' + (values.cookie_flags ?? '');
    const host = location.hostname;
    const domain = /^[0-9.]+$/.test(host) ? '' : '; Domain=' + host.split('.').slice(-2).join('.');
    document.cookie = '_ga=GA1.1.' + Date.now() + rest + domain;
    document.cookie = '_ga_' + id.slice(2) + '=GS1.1.1' + rest + domain;
    send('page_view', {});
  };
  const waiting = window.dataLayer ?? [];
  window.dataLayer = { push: (...calls) => { for (const call of calls) run(call); } };
  for (const call of waiting) run(call);
})();
"""

CHAT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>asking</title><p>CooMeet, so to say</p>
<script>
navigator.mediaDevices.getUserMedia({ video: true, audio: true }).then(
  (stream) => { document.title = 'camera: ' + stream.getTracks().length; },
  (error) => { document.title = 'no camera: ' + error.name; });
</script></html>
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """One request that reached a third party."""

    method: str
    url: str
    referrer: str
    body: str

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def query(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.url).query).items()}

    @property
    def about(self) -> dict[str, Any]:
        """What the fake gtag.js was told when it sent a hit: calls in order, consent, config."""
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass(frozen=True, slots=True)
class ThirdParties:
    """`invite(context)` lets them answer the pages of a context; the list grows while it lives."""

    seen: list[Seen] = field(default_factory=list)

    @property
    def google(self) -> list[Seen]:
        return [request for request in self.seen if request.host.endswith(GOOGLE)]

    @property
    def hits(self) -> list[Seen]:
        return [request for request in self.google if request.path == "/g/collect"]

    @property
    def coomeet(self) -> list[Seen]:
        return [request for request in self.seen if request.host.endswith(COOMEET)]

    def invite(self, context: BrowserContext) -> None:
        context.route(lambda url: is_host(url, GOOGLE), lambda route: self._google(route))
        context.route(lambda url: is_host(url, COOMEET), lambda route: self._coomeet(route))

    def _note(self, route: Route) -> None:
        request = route.request
        referrer = request.headers.get("referer", "")
        self.seen.append(Seen(request.method, request.url, referrer, request.post_data or ""))

    def _google(self, route: Route) -> None:
        self._note(route)
        if urlsplit(route.request.url).path == "/gtag/js":
            route.fulfill(content_type="text/javascript; charset=utf-8", body=GTAG)
        else:
            route.fulfill(status=204, headers={"Access-Control-Allow-Origin": "*"})

    def _coomeet(self, route: Route) -> None:
        self._note(route)
        route.fulfill(content_type="text/html; charset=utf-8", body=CHAT)


def is_host(url: str, hosts: tuple[str, ...]) -> bool:
    name = urlsplit(url).hostname or ""
    return any(name == host or name.endswith("." + host) for host in hosts)
