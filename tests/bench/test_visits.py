"""What the tables of a first visit count."""

from __future__ import annotations

from bench.lighthouse import summary
from bench.served import HOST
from bench.visits import loaded

PAGE = """
<link rel="canonical" href="https://ohmegull.com/en/">
<link rel="alternate" hreflang="bn" href="/bn/">
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/site.css" integrity="sha384-x">
<script type="module" src="/assets/consent.js" integrity="sha384-y"></script>
<a href="/en/privacy/">Privacy</a> <img src="/assets/poster.svg" alt=""> <img src="/assets/poster.svg" alt="">
"""


def test_what_a_browser_loads_is_counted_once_and_links_are_not() -> None:
    assert loaded(PAGE) == [
        "/assets/icon.svg",
        "/assets/site.css",
        "/assets/consent.js",
        "/assets/poster.svg",
    ]


def test_the_worst_run_counts_and_the_audits_below_100_are_named() -> None:
    def run(path: str, score: int, blocked: float, *failed: str) -> dict[str, object]:
        return {
            "url": f"https://{HOST}{path}",
            "scores": {"performance": score, "seo": 100},
            "failed": {"performance": list(failed), "seo": []},
            "metrics": {"tbt": blocked},
        }

    runs = [run("/a/", 100, 0.0, "rounding"), run("/a/", 97, 1234.5, "speed-index"), run("/b/", 100, 3.0)]
    head, rows, failed = summary([f"https://{HOST}/a/", f"https://{HOST}/b/"], runs)
    assert head == ["page", "performance", "seo", "tbt"]
    assert rows == [["/a/", "97", "100", "1,234"], ["/b/", "100", "100", "3"]]
    assert failed == ["/a/: performance: speed-index"]
