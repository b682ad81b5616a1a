"use strict";
// The drawing of the next weeks: a card tells all of the mark that the pointer or the focus is on, and arrow keys move
// among the marks. Without this file each mark is still a link whose tooltip tells the same.

(() => {
  const marks = () => [...document.querySelectorAll("#weeks .mark")];
  const card = () => document.getElementById("card");
  let leaving = 0;

  function tell(mark) {
    clearTimeout(leaving);
    const box = card();
    const entry = document.getElementById(mark.dataset.entry);
    if (!box || !entry) return;
    box.replaceChildren();
    const lines = entry.querySelector("div").cloneNode(true);
    const kind = document.createElement("p");
    kind.className = "kind";
    kind.textContent = lines.querySelector(".unseen").textContent.replace(/: $/, "");
    lines.querySelector(".unseen").remove();
    for (const link of lines.querySelectorAll("a")) {
      const title = document.createElement("strong");
      title.textContent = link.textContent;
      link.replaceWith(title);
    }
    box.append(kind, lines);
    box.hidden = false;
    const at = mark.querySelector(".hit").getBoundingClientRect();
    const frame = document.getElementById("weeks").getBoundingClientRect();
    const size = box.getBoundingClientRect();
    const left = Math.min(Math.max(at.left, frame.left + 4), window.innerWidth - size.width - 12);
    const below = at.bottom + 6;
    box.style.left = `${Math.max(left, 4)}px`;
    box.style.top = `${below + size.height < window.innerHeight ? below : Math.max(at.top - size.height - 6, 4)}px`;
  }

  function hide() {
    clearTimeout(leaving);
    if (card()) card().hidden = true;
  }

  function later() {
    clearTimeout(leaving);
    leaving = setTimeout(hide, 200);
  }

  function middle(mark) {
    const at = mark.querySelector(".hit").getBoundingClientRect();
    return { x: at.left + at.width / 2, y: at.top + at.height / 2 };
  }

  // One stop for Tab, wherever one was last.
  function rove(mark) {
    for (const one of marks()) one.setAttribute("tabindex", one === mark ? "0" : "-1");
  }

  function nearest(mark, key) {
    const from = middle(mark);
    const across = key === "ArrowLeft" || key === "ArrowRight";
    const sign = key === "ArrowLeft" || key === "ArrowUp" ? -1 : 1;
    let best = null;
    let least = Infinity;
    for (const one of marks()) {
      const to = middle(one);
      const dx = to.x - from.x;
      const dy = to.y - from.y;
      const ahead = sign * (across ? dx : dy);
      const aside = Math.abs(across ? dy : dx);
      if (one === mark || ahead < 1 || (across && aside > 12)) continue;
      const cost = across ? ahead : ahead * 4 + aside;
      if (cost < least) [best, least] = [one, cost];
    }
    return best;
  }

  function prepare() {
    const all = marks();
    for (const one of all) one.querySelector("title")?.remove();
    if (all.length) rove(all[0]);
  }

  document.addEventListener("mouseover", (event) => {
    const mark = event.target.closest?.("#weeks .mark");
    if (mark) tell(mark);
    else if (event.target.closest?.("#card")) clearTimeout(leaving);
    else if (card() && !card().hidden && !document.activeElement?.closest?.(".mark")) later();
  });
  document.addEventListener("focusin", (event) => {
    const mark = event.target.closest("#weeks .mark");
    if (!mark) {
      hide();
      return;
    }
    rove(mark);
    mark.querySelector(".hit").scrollIntoView({ block: "nearest", inline: "nearest" });
    tell(mark);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
    const here = event.target.closest?.("#weeks .mark");
    if (!here || !event.key.startsWith("Arrow") || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    nearest(here, event.key)?.focus();
  });
  document.addEventListener("scroll", () => {
    const mark = document.activeElement?.closest?.("#weeks .mark");
    if (mark && card() && !card().hidden) tell(mark);
    else hide();
  }, { capture: true, passive: true });
  document.addEventListener("htmx:load", prepare);
  prepare();
})();
