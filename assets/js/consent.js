// Asks before analytics, remembers the answer, obeys it. The banner's data-* attributes say what is asked:
// nothing is written, and nobody else is called, before a choice. See docs/explanation/consent.md.

const KEY = "consent";
const banner = document.getElementById(KEY);
const { version, lifetime, analytics } = banner.dataset;
const boxes = [...banner.querySelectorAll("input")];
const gpc = navigator.globalPrivacyControl === true;
let choice; // {version, time, categories: {analytics: true}}, or undefined
let opener; // what opened the settings and gets the focus back
let running; // the element that analytics runs in

// The stored choice, unless it is too old or answers another question.
const read = () => {
  try {
    const stored = JSON.parse(localStorage.getItem(KEY));
    const age = Date.now() - stored.time;
    if (stored.version === version && age >= 0 && age < lifetime && stored.categories) return stored;
  } catch {} // no storage, or not ours
};

// A Global Privacy Control signal outweighs every agreement for as long as it is there.
const refused = (name) => gpc && name === "analytics";
const granted = (name) => !refused(name) && choice?.categories[name];

// Elements with data-when="name:value" show while it is so.
const show = (states) => {
  for (const element of document.querySelectorAll("[data-when]")) {
    const [name, value] = element.dataset.when.split(":");
    if (name in states) element.hidden = String(states[name]) !== value;
  }
};

// Expire the cookies of a category on this host and on every domain above it.
const forget = (names) => {
  const known = new RegExp(`^(${names.replaceAll(" ", "|").replaceAll("*", ".*")})$`);
  for (const cookie of document.cookie.split("; ")) {
    const name = cookie.split("=")[0];
    const labels = location.hostname.split(".");
    if (!known.test(name)) continue;
    document.cookie = `${name}=; Max-Age=0; Path=/`;
    for (; labels.length; labels.shift()) {
      document.cookie = `${name}=; Max-Age=0; Path=/; Domain=${labels.join(".")}`;
    }
  }
};

// Analytics runs in a hidden frame or, with `analytics.isolation: page`, in this page: js/analytics.js waits.
const start = () => {
  running = document.createElement(analytics === "page" ? "i" : "iframe");
  running.hidden = true;
  if (analytics === "page") dispatchEvent(new Event("granted"));
  else running.src = analytics;
  document.body.append(running);
};

// Make the page what the choice says.
const apply = () => {
  const states = { gpc, script: true };
  for (const box of boxes) {
    states[box.name] = granted(box.name) ?? (refused(box.name) ? false : undefined);
    box.checked = states[box.name];
    box.disabled = refused(box.name);
  }
  show(states);
  if (analytics && states.analytics && !running) start();
  const withdrawn = running && !states.analytics;
  if (withdrawn) {
    (running.contentWindow ?? window).withdraw?.();
    running.remove();
  }
  for (const box of boxes) if (!states[box.name]) forget(box.dataset.clear);
  if (withdrawn) location.reload();
};

const open = (choosing) => {
  show({ choosing });
  banner.hidden = false;
  if (choosing) banner.querySelector(".title").focus();
};

const close = () => {
  if (banner.contains(document.activeElement)) (opener ?? document.querySelector("main")).focus({ preventScroll: true });
  banner.hidden = true;
  opener = undefined;
};

const save = (wanted) => {
  const categories = {};
  for (const box of boxes) categories[box.name] = wanted(box) && !refused(box.name);
  choice = { version, time: Date.now(), categories };
  try {
    localStorage.setItem(KEY, JSON.stringify(choice));
  } catch {} // the choice then holds for this page only
  close();
  apply();
};

banner.addEventListener("click", ({ target: { value } }) => {
  if (value === "accept") save(() => true);
  if (value === "reject") save(() => false);
  if (value === "save") save((box) => box.checked);
  if (value === "close") close();
  if (value === "choose") open(true);
});

banner.addEventListener("keydown", ({ key }) => key === "Escape" && close());

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-open=consent]");
  if (!link) return;
  event.preventDefault();
  opener = link;
  apply();
  open(true);
});

choice = read();
apply();
if (!choice && !boxes.every((box) => refused(box.name))) open(false);
