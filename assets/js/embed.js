// The chat opens in place, where the poster is. Without this script the link leads to a page with the chat.

const stage = document.querySelector(".stage");
const link = stage.querySelector(".button");
const notice = stage.querySelector(".small");
const status = document.querySelector(".status");

const open = (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return; // a new tab or window is wanted
  event.preventDefault();
  link.removeEventListener("click", open);
  const frame = document.importNode(stage.querySelector("template").content, true).querySelector("iframe");
  const say = (text) => (status.textContent = text);
  const late = setTimeout(() => say(status.dataset.failed), 15000);
  frame.addEventListener("load", () => {
    clearTimeout(late);
    say(status.dataset.loaded);
  });
  say(status.dataset.loading);
  stage.append(frame);
  link.removeAttribute("class");
  status.after(link, notice);
  frame.focus();
};

link.addEventListener("click", open);
