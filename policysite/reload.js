// Added to pages by `policysite serve` only: reloads after a build, shows the problems of one that failed.
(() => {
  "use strict";
  if (window.top !== window) return; // a frame reloads with the page around it

  const version = document.currentScript.dataset.version;
  const STYLE = `
    :host { all: initial; }
    @media print { :host { display: none; } }
    section {
      position: fixed; z-index: 2147483647; inset: auto 0 0 0; max-height: 70vh; overflow: auto;
      box-sizing: border-box; padding: 1rem 1.25rem; direction: ltr; text-align: left;
      background: #1c1b22; color: #fbfbfe; border-top: 4px solid #ff6b6b;
      font: 15px/1.5 system-ui, sans-serif;
    }
    header { display: flex; gap: 1rem; justify-content: space-between; align-items: start; }
    h2 { font-size: 1.1em; margin: 0 0 .5rem; }
    button { font: inherit; color: inherit; background: #42414d; border: 1px solid #8f8f9d; border-radius: 4px;
             padding: .25rem .75rem; cursor: pointer; }
    ol { margin: 0; padding: 0; list-style: none; }
    li { padding: .5rem 0; border-top: 1px solid #42414d; overflow-wrap: anywhere; }
    code, pre { font: 13px/1.5 ui-monospace, monospace; }
    code { color: #ff9aa2; }
    p, pre { margin: .125rem 0; white-space: pre-wrap; }
    .hint { color: #9be9a8; }
  `;

  const add = (parent, tag, text, name) => {
    const element = parent.appendChild(document.createElement(tag));
    if (text) element.textContent = text;
    if (name) element.className = name;
    return element;
  };

  let box = null;
  let seen = "";

  const hide = () => {
    if (box) box.remove();
    box = null;
  };

  const show = (problems) => {
    hide();
    box = document.createElement("policysite-problems");
    const root = box.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet(); // a style element would be refused by the page's own CSP
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    const section = add(root, "section");
    section.lang = "en";
    section.setAttribute("role", "alert");
    const header = add(section, "header");
    const count = problems.length === 1 ? "1 error" : `${problems.length} errors`;
    add(header, "h2", `${count} in the latest build`);
    const button = add(header, "button", "Hide");
    button.type = "button";
    button.addEventListener("click", hide);
    const list = add(section, "ol");
    for (const problem of problems) {
      const item = add(list, "li");
      const place = [problem.path, problem.line, problem.column].filter(Boolean).join(":");
      add(item, "code", `${place} ${problem.code}`);
      add(item, "p", problem.message);
      if (problem.text.trim()) add(item, "pre", problem.text);
      if (problem.hint) add(item, "p", problem.hint, "hint");
    }
    document.documentElement.append(box);
  };

  let source = null;

  const close = () => {
    if (source) source.close();
    source = null;
  };

  const open = () => {
    if (source) return;
    source = new EventSource("/__policysite/events");
    source.addEventListener("build", (event) => {
      const build = JSON.parse(event.data);
      if (build.version !== version) {
        close();
        location.reload();
      } else if (event.data !== seen) {
        seen = event.data;
        document.dispatchEvent(new Event("policysite-build")); // for the toolbar
        if (build.problems.length) show(build.problems);
        else hide();
      }
    });
  };

  // A browser opens six connections to a host: hidden tabs give theirs back. The first event after opening
  // again says all that was missed.
  const follow = () => (document.hidden ? close() : open());
  document.addEventListener("visibilitychange", follow);
  follow();
})();
