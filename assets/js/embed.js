/* The video chat: a click on the real link puts the frame in its place. Without script the link works. */
const stage = document.getElementById("stage");
const link = stage.querySelector(".stage-open");
const status = stage.querySelector("[role=status]");
link.onclick = (event) => {
  event.preventDefault();
  const frame = stage.querySelector("template").content.firstElementChild.cloneNode(true);
  status.textContent = status.dataset.loading;
  const timer = setTimeout(() => (status.textContent = status.dataset.failed), +stage.dataset.wait);
  frame.onload = () => {
    clearTimeout(timer);
    status.textContent = status.dataset.ready;
    stage.querySelector(".stage-poster").hidden = true;
  };
  stage.append(frame);
  frame.focus();
};
