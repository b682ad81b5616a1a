"use strict";
// Single keys, for whoever does not want to reach for the mouse. Everything they do is also a button or a link.
//
// `data-item` is one of a list, moved through by j and k. `data-key="s"` is what the key s does: in the item that one
// is in, or on the page. `data-key-help` says it in the list of keys. While somebody types, no key is taken from them.

(() => {
  const items = () => [...document.querySelectorAll("[data-item]")].filter((one) => one.offsetParent !== null);
  const here = () => document.querySelector("[data-item][data-here]");

  function goTo(item) {
    if (!item) return;
    here()?.removeAttribute("data-here");
    item.setAttribute("data-here", "");
    (item.querySelector("[data-focus]") || item).focus({ preventScroll: true });
    item.scrollIntoView({ block: "nearest" });
  }

  function move(step) {
    const all = items();
    const at = all.indexOf(here());
    goTo(all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1)]);
  }

  function typing(element) {
    return element.isContentEditable || element.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=submit], [type=button])");
  }

  function target(key) {
    const wanted = `[data-key="${CSS.escape(key)}"]`;
    const near = here()?.querySelector(wanted);
    return near || [...document.querySelectorAll(wanted)].find((one) => !one.closest("[data-item]"));
  }

  function keys() {
    const list = document.getElementById("keys-list");
    const told = new Map();
    if (items().length) {
      told.set("j", "The next one");
      told.set("k", "The one before");
    }
    for (const one of document.querySelectorAll("[data-key][data-key-help]")) {
      if (!told.has(one.dataset.key)) told.set(one.dataset.key, one.dataset.keyHelp);
    }
    list.replaceChildren();
    for (const [key, help] of told) {
      const term = document.createElement("dt");
      const cap = document.createElement("kbd");
      cap.textContent = key;
      term.append(cap);
      const told_ = document.createElement("dd");
      told_.textContent = help;
      list.append(term, told_);
    }
    document.getElementById("keys").showModal();
  }

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]")) return;
    if (typing(event.target)) return;
    if (event.key === "j" || event.key === "k") {
      if (!items().length) return;
      event.preventDefault();
      move(event.key === "j" ? 1 : -1);
      return;
    }
    if (event.key.length !== 1) return;
    const found = target(event.key);
    if (!found || found.disabled) return;
    event.preventDefault();
    if (found.matches("input, textarea, select")) found.focus();
    else found.click();
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-opens=keys]")) keys();
  });

  document.addEventListener("focusin", (event) => {
    const item = event.target.closest("[data-item]");
    if (item && item !== here()) {
      here()?.removeAttribute("data-here");
      item.setAttribute("data-here", "");
    }
  });

  for (const one of document.querySelectorAll("[data-opens=keys]")) one.hidden = false;
})();
