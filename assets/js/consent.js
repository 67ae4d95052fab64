/* The cookie banner: reveals itself when no valid choice is kept, keeps what was chosen, obeys GPC.
   Everything it needs stands in data-* attributes of #consent; it writes nothing before a choice. */
const banner = document.getElementById("consent");
const { version, lifetime, clear, analytics } = banner.dataset;
const form = banner.querySelector("form");
const choices = form.querySelector("fieldset");
const boxes = [...choices.querySelectorAll("input")];
const [accept, reject, choose, save] = form.querySelectorAll("button");
const gpc = navigator.globalPrivacyControl === true;
const root = document.documentElement;
let opener = null;

const read = () => {
  try {
    const kept = JSON.parse(localStorage.getItem("consent"));
    return kept.version === version && Date.now() - kept.time < +lifetime ? kept : null;
  } catch {
    return null;
  }
};
const allows = (kept) => !gpc && kept?.categories.includes("analytics");

const show = (open) => {
  banner.hidden = !open;
  root.classList.toggle("consent-open", open);
};

const detail = () => {
  choices.hidden = save.hidden = false;
  choose.hidden = true;
  const kept = read();
  for (const box of boxes) box.checked = !gpc && Boolean(kept?.categories.includes(box.name));
};

const load = () => {
  if (!analytics) return;
  const frame = document.createElement("iframe");
  frame.hidden = true;
  frame.title = "";
  const facts = new URLSearchParams({ l: location.href, t: document.title, r: document.referrer });
  frame.src = analytics + "#" + facts;
  document.body.append(frame);
};

const forget = () => {
  const parts = location.hostname.split(".");
  for (const name of document.cookie.split("; ").map((pair) => pair.split("=")[0])) {
    if (!clear.split(" ").some((p) => p === name || (p.endsWith("*") && name.startsWith(p.slice(0, -1))))) continue;
    for (let i = 0; i < parts.length; i++)
      for (const domain of ["", "; domain=" + parts.slice(i).join(".")])
        document.cookie = name + "=; max-age=0; path=/" + domain;
  }
};

const decide = (categories) => {
  const before = allows(read());
  localStorage.setItem("consent", JSON.stringify({ version, time: Date.now(), categories }));
  show(false);
  if (opener) opener.focus();
  else document.getElementById("content").focus({ preventScroll: true });
  if (allows({ categories }) && !before) load();
  if (before && !allows({ categories })) {
    forget();
    location.reload();
  }
};

accept.onclick = () => decide(boxes.map((box) => box.name));
reject.onclick = () => decide([]);
choose.onclick = () => {
  detail();
  boxes[0].focus();
};
form.onsubmit = (event) => {
  event.preventDefault();
  decide(boxes.filter((box) => box.checked).map((box) => box.name));
};
for (const link of document.querySelectorAll("[data-consent-open]")) {
  link.closest("[hidden]")?.removeAttribute("hidden");
  link.onclick = (event) => {
    event.preventDefault();
    opener = link;
    show(true);
    detail();
    banner.focus();
  };
}
form.querySelector(".consent-gpc").hidden = !gpc;

const kept = read();
if (allows(kept)) load();
if (!kept) show(true);
