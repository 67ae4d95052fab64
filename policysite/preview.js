// The toolbar of `policysite serve` and `build --preview`: how complete the page's language is, what is wrong
// with it and where, and for each text the line that changes it. It reads its report beside the page's script.
(() => {
  "use strict";
  if (window.top !== window) return;

  const { report: address, editor } = document.currentScript.dataset;
  const STYLE = `
    :host { all: initial; }
    @media print { :host { display: none; } }
    aside {
      position: fixed; z-index: 2147483646; inset: auto .75rem .75rem auto; box-sizing: border-box;
      max-width: min(30rem, calc(100vw - 1.5rem)); max-height: 70vh; overflow: auto; direction: ltr; text-align: left;
      background: #1c1b22; color: #fbfbfe; border: 1px solid #5b5b66; border-radius: 8px; color-scheme: dark;
      font: 14px/1.5 system-ui, sans-serif; box-shadow: 0 4px 24px #0008;
    }
    summary { padding: .5rem 1rem; cursor: pointer; border-radius: 8px; }
    summary:focus-visible, :is(a, button, input):focus-visible { outline: 3px solid #80ebff; outline-offset: 2px; }
    details[open] summary { border-bottom: 1px solid #42414d; border-radius: 8px 8px 0 0; }
    .in { padding: .75rem 1rem; }
    h2 { font-size: 1em; margin: .75rem 0 .25rem; }
    p, ul { margin: .25rem 0; padding: 0; list-style: none; overflow-wrap: anywhere; }
    li { padding: .375rem 0; border-top: 1px solid #42414d; }
    label { display: flex; gap: .5rem; align-items: center; }
    input { inline-size: 1.1rem; block-size: 1.1rem; margin: 0; }
    a, code { color: #80ebff; font: 13px/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
    .error { color: #ff9aa2; } .warning { color: #ffd567; } .info, .quiet { color: #b8b8c4; }
    .hint { color: #9be9a8; }
    button { font: inherit; color: inherit; text-align: start; background: none; border: 0; padding: 0;
             text-decoration: underline; cursor: pointer; }
  `;
  // On the page itself: only outlines, which move nothing.
  const MARKS = `
    [data-policysite-state] { outline: 1px dashed #7d8b90; outline-offset: 2px; cursor: help; }
    [data-policysite-state=fuzzy], [data-policysite-state=missing] { outline: 2px dashed #b36b00; }
    [data-policysite-state=warning] { outline: 2px solid #b36b00; outline-offset: 2px; }
    [data-policysite-state=error] { outline: 3px solid #d4002a; outline-offset: 2px; }
  `;
  const STATES = {
    source: "the English text", translated: "translated", fuzzy: "to be reviewed, so English is shown",
    missing: "not translated, so English is shown", file: "from a whole-file translation",
  };
  const RANK = ["info", "warning", "error"];

  const add = (parent, tag, text, name) => {
    const element = parent.appendChild(document.createElement(tag));
    if (text) element.textContent = text;
    if (name) element.className = name;
    return element;
  };
  const count = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;
  const sheet = (text) => {
    const made = new CSSStyleSheet(); // a style element would be refused by the page's own CSP
    made.replaceSync(text);
    return made;
  };
  const said = (element) => {
    const copy = element.cloneNode(true);
    for (const part of copy.querySelectorAll(".number, .anchor")) part.remove();
    return copy.textContent.replace(/\s+/g, " ").trim();
  };

  /** The innermost elements that say exactly a text, for each text of the report. */
  const places = (texts) => {
    const exact = new Map();
    const patterns = [];
    for (const text of texts) {
      if (/%\(\w+\)s/.test(text.shown)) {
        const parts = text.shown.split(/%\(\w+\)s/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
        patterns.push([new RegExp(`^${parts.join(".+")}$`, "u"), text]);
      } else if (text.shown && !exact.has(text.shown)) exact.set(text.shown, text);
    }
    const found = new Map();
    for (const element of document.body.querySelectorAll("*")) {
      if (element.closest("script, template, policysite-preview, policysite-problems")) continue;
      const words = said(element);
      if (!words || words.length > 4000) continue;
      const text = exact.get(words) ?? patterns.find(([pattern]) => pattern.test(words))?.[1];
      if (!text) continue;
      for (let outer = element.parentElement; outer; outer = outer.parentElement)
        if (found.get(outer) === text) found.delete(outer);
      found.set(element, text);
    }
    return found;
  };

  let shown = "";
  let end = () => {};

  const show = (report) => {
    if (shown === JSON.stringify(report)) return;
    shown = JSON.stringify(report);
    end();
    const texts = places(report.texts);
    const stop = new AbortController();
    const host = document.createElement("policysite-preview");
    const root = host.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet(STYLE)];
    document.adoptedStyleSheets = [sheet(MARKS)]; // pages have none of their own
    end = () => {
      stop.abort();
      host.remove();
      for (const element of texts.keys()) delete element.dataset.policysiteState;
    };
    const aside = add(root, "aside");
    aside.lang = "en";
    aside.setAttribute("aria-label", "Preview");
    const details = add(aside, "details");
    const serious = report.problems.filter(({ level }) => level !== "info");
    const percent = report.total ? Math.floor((100 * report.translated) / report.total) : 100;
    add(details, "summary", [`${report.language} ${percent} %`, count(serious.length, "problem"),
      count(report.words, "word") + " to translate"].join(" · "));
    const body = add(details, "div", "", "in");
    add(body, "p", `${report.name}: ${report.translated} of ${count(report.total, "text")} of ${report.document}`
      + (report.fuzzy ? `, ${report.fuzzy} to be reviewed` : "") + (report.missing ? `, ${report.missing} missing` : "") + ".");
    const label = add(body, "label");
    const box = add(label, "input");
    box.type = "checkbox";
    add(label, "span", "Mark the texts; a click on one tells where it is changed");
    const chosen = add(body, "div");
    chosen.setAttribute("aria-live", "polite");

    const link = (parent, place, name) => {
      if (!editor) return add(parent, "code", place, name);
      const [, path, line] = /^(.*?)(?::(\d+))?$/.exec(place);
      const made = add(parent, "a", place, name);
      made.href = editor.replaceAll("{path}", encodeURI(path)).replaceAll("{line}", line ?? "1");
      return made;
    };
    const tell = (text) => {
      chosen.replaceChildren();
      add(chosen, "h2", STATES[text.state]);
      add(chosen, "p", text.source, "quiet");
      link(add(chosen, "p"), text.place);
      for (const index of text.problems) problem(add(chosen, "div"), report.problems[index], false);
      details.open = true;
    };
    const problem = (parent, item, jump = true) => {
      const place = [item.path, item.line].filter(Boolean).join(":");
      const line = add(parent, "p");
      add(line, "span", `${item.code} `, item.level);
      link(line, place);
      add(parent, "p", item.message);
      if (item.hint) add(parent, "p", item.hint, "hint");
      const where = jump && [...texts].find(([, text]) => text.problems.some((index) => report.problems[index] === item));
      if (where) {
        const button = add(parent, "button", "Show it in the page");
        button.type = "button";
        button.addEventListener("click", () => {
          where[0].scrollIntoView({ block: "center" });
          tell(where[1]);
        });
      }
    };
    if (serious.length) {
      add(body, "h2", count(serious.length, "problem"));
      const list = add(body, "ul");
      for (const item of serious) problem(add(list, "li"), item);
    }
    const mark = () => {
      for (const [element, text] of texts) {
        const worst = text.problems.map((index) => RANK.indexOf(report.problems[index].level)).sort().at(-1) ?? 0;
        const state = worst > 0 ? RANK[worst] : text.state;
        if (box.checked || worst > 0 || state === "fuzzy" || state === "missing") element.dataset.policysiteState = state;
        else delete element.dataset.policysiteState;
      }
    };
    box.addEventListener("change", mark);
    document.addEventListener("click", (event) => {
      if (!box.checked || !(event.target instanceof Element)) return;
      for (let element = event.target; element; element = element.parentElement) {
        if (!texts.has(element)) continue;
        event.preventDefault();
        event.stopPropagation();
        tell(texts.get(element));
        return;
      }
    }, { capture: true, signal: stop.signal });
    mark();
    document.documentElement.append(host);
  };

  const load = () =>
    fetch(address)
      .then((answer) => (answer.ok ? answer.json() : null))
      .then((report) => report && show(report));
  document.addEventListener("policysite-build", load); // other warnings of the same page
  load();
})();
