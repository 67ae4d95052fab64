// The page at `/`: goes on to the language the visitor chose before, else to the first language of the browser
// that the site speaks. Without it one chooses.

const links = [...document.querySelectorAll("a[hreflang]")];

// Language and script: zh-TW is zh-Hant, sr-ME is sr-Cyrl, en-GB is en-Latn.
const kind = (tag) => {
  try {
    const { language, script } = new Intl.Locale(tag).maximize();
    return `${language}-${script}`;
  } catch {
    return tag;
  }
};

const match = (tag) =>
  links.find(({ hreflang }) => hreflang === tag) ?? links.find(({ hreflang }) => kind(hreflang) === kind(tag));

const chosen = document.cookie.match(/(?:^|;\s*)language=([^;]+)/)?.[1];
const link = links.find(({ hreflang }) => hreflang === chosen) ?? navigator.languages.map(match).find(Boolean);
if (link) location.replace(link.href);
