"""Accept-Language as browsers, bots and tools send it; the answer of a site in English, Bengali, Arabic."""

from __future__ import annotations

#: (value; '' for no header, tag or None for the list of languages)
ACCEPT_LANGUAGE: tuple[tuple[str, str | None], ...] = (
    ("", None),  # curl, most bots
    ("*", None),
    ("en-US,en;q=0.9", "en"),  # Chrome
    ("en-US,en;q=0.5", "en"),  # Firefox
    ("en-GB,en-US;q=0.9,en;q=0.8", "en"),
    ("bn-BD,bn;q=0.9,en-US;q=0.8,en;q=0.7", "bn"),
    ("bn-IN,bn;q=0.9", "bn"),
    ("bn", "bn"),
    ("BN-bd", "bn"),
    ("ar", "ar"),
    ("ar-EG,ar;q=0.9,en-US;q=0.8,en;q=0.7", "ar"),
    ("ar-SA", "ar"),
    ("ar-001,en;q=0.5", "ar"),
    ("ar-u-nu-arab,en;q=0.5", "ar"),
    ("fr-FR,fr;q=0.9", None),
    ("fr-FR,fr;q=0.9,ar;q=0.8,en;q=0.7", "ar"),
    ("de, en;q=0.8, ar;q=0.9", "ar"),  # out of order
    ("en;q=0.1,bn;q=0.2,ar;q=0.3", "ar"),
    ("ar;q=0.8,bn;q=0.8", "ar"),  # a tie: the earlier
    ("bn;q=0.8,ar;q=0.8", "bn"),
    ("bn;q=0,en;q=0.5", "en"),  # refused
    ("bn;q=0.000,ar;q=0.001", "ar"),
    ("en;q=1.000,bn", "en"),
    ("bn;q=abc,en;q=0.2", "en"),  # not a weight
    ("bn;q=2,ar;q=0.3", "ar"),
    ("bn-Latn,ar;q=0.4", "ar"),  # Bengali in Latin letters is no Bengali page
    ("uz-Arab, ar-Latn, en;q=0.1", "en"),
    ("zh-TW,zh;q=0.9,en-US;q=0.8,en;q=0.7", "en"),
    ("zh-TW,zh;q=0.9", None),
    ("pt-BR,pt;q=0.9,en-US;q=0.8,en;q=0.7", "en"),
    ("hi-IN,hi;q=0.9,bn;q=0.8,ta;q=0.7,te;q=0.6,en;q=0.5", "bn"),
    ("  bn ; q=0.7 ,\ten", "en"),
    ("*;q=0.5, bn;q=0.2", "bn"),
    ("english", None),
    ("ben,ar", "bn"),  # ISO 639-3
    ("abn,xar", None),  # part of a tag is no tag
    (",,;q=1,bn", "bn"),
    ("bn,en,ar,fr,de,es,it,pt,nl,pl,ru,ja,zh,ko,sv,da,fi,no,cs,hu,tr,el,he,th,vi,id", "bn"),
)
