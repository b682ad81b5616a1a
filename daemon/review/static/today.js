"use strict";
// The list of Today: it is there at once, looks at the mailbox after that, and swaps what has changed. Never what one
// is in: an opened draft stays as it is, and is told of; the focus stays where it is.

(() => {
  const LOOK = 60000;
  let fading = 0;
  const list = () => document.getElementById("list");
  const looker = document.getElementById("look");
  let looked = 0;
  let sending = 0; // words of the user that are not answered, or were just now

  function say(words) {
    document.getElementById("said").textContent = words;
    fade();
  }

  // Read out or read, it goes again: an old message looks like news.
  function fade() {
    clearTimeout(fading);
    fading = setTimeout(() => { document.getElementById("said").textContent = ""; }, 12000);
  }

  // --- focus -----------------------------------------------------------------------------------------------

  const isLost = () => !document.activeElement || document.activeElement === document.body;

  function arrived(element) {
    const first = element.querySelector?.("[data-first]");
    if (first) {
      first.focus();
    } else if (element.matches("li.open")) {
      opened(element);
    } else if (element.matches("li.draft") && isLost()) {
      element.querySelector("[data-focus]")?.focus();
    }
  }

  function opened(item) {
    item.scrollIntoView({ block: "nearest" });
    const form = item.querySelector("form.editor");
    if (!form || matchMedia("(pointer: coarse)").matches) {
      const first = item.querySelector("[data-close]");
      first?.focus({ preventScroll: true });
      return;
    }
    form.elements.text.focus({ preventScroll: true });
    form.elements.text.setSelectionRange(0, 0);
  }

  async function close(item) {
    const question = item.querySelector(".ask > *");
    if (question) {
      question.remove();
      (item.querySelector("[data-key=z], [data-focus], [data-close]"))?.focus();
      return;
    }
    const link = item.querySelector("[data-close]");
    if (!link) return;
    if (item.contains(document.activeElement)) document.activeElement.blur(); // the next key is not for the text
    const form = item.querySelector("form.editor");
    if (form && !await window.afterwordEditor.saved(form)) return; // it stays open, with what went wrong
    if (form && window.afterwordEditor.isUnsaved(form)) {
      if (!await window.afterwordEditor.keep(form)) {
        say("Your words could not be kept: the draft stays open.");
        return;
      }
      say("Closed. Your words are kept, and not in the draft yet.");
    }
    link.click();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const item = event.target.closest?.("[data-item]") || document.querySelector("[data-item][data-here]");
    if (!item) return;
    if (event.key === "Escape" && !event.isComposing) {
      event.preventDefault();
      close(item);
    } else if (event.key === "o" && !event.target.matches("textarea, input, select")) {
      event.preventDefault();
      item.querySelector("a.line")?.click();
    } else if (event.key === "Enter" && item.querySelector("[data-key].htmx-request:not(.line)") && !event.target.matches("textarea, input, select")) {
      event.preventDefault(); // it is for the question that is on its way, not for the draft
    }
  });

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-close]");
    const form = link?.closest("[data-item]")?.querySelector("form.editor");
    if (!form || event.detail === 0 || !window.afterwordEditor.isUnsaved(form)) return;
    event.preventDefault();
    event.stopPropagation();
    close(link.closest("[data-item]"));
  }, true);

  // Whether a program took the address, no browser tells.
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.('a[href^="mid:"]')) return;
    say("Your mail program was asked for this draft. If nothing opens, it does not answer such links: you find the draft in its Drafts.");
  });

  // --- the mailbox -----------------------------------------------------------------------------------------

  function look() {
    if (!looker || document.visibilityState === "hidden") return;
    looked = Date.now();
    htmx.trigger(looker, "look");
  }

  const key = (item) => item.id;

  function quietly(item, fresh) {
    const [time, now] = [item.querySelector(".time"), fresh.querySelector(".time")];
    if (time && now && time.textContent !== now.textContent) time.textContent = now.textContent;
    for (const press of ["late", "soon", "later", "none"]) item.classList.toggle(press, fresh.classList.contains(press));
  }

  function tellOpened(item, words) {
    const news = item.querySelector(".news");
    if (!news) return;
    const told = document.createElement("div");
    told.className = "notice";
    told.setAttribute("role", "alert");
    const line = document.createElement("p");
    line.textContent = words;
    told.append(line);
    news.replaceChildren(told);
  }

  function swap(item, fresh) {
    if (item.matches(".let-go")) return item;
    if (item.matches(".open")) {
      const [line, now] = [item.querySelector(".line"), fresh.querySelector(".line")];
      line.replaceChildren(...[...now.childNodes].map((one) => document.importNode(one, true)));
      item.dataset.mark = fresh.dataset.mark;
      if (!item.querySelector("form.conflict")) tellOpened(item, "This draft has changed in the mailbox since you opened it. A save shows you both versions.");
      return item;
    }
    const held = item.contains(document.activeElement) ? document.activeElement : null;
    const made = document.importNode(fresh, true);
    const wanted = held?.dataset.key;
    if (item.hasAttribute("data-here")) made.setAttribute("data-here", "");
    item.replaceWith(made);
    htmx.process(made);
    if (held) (made.querySelector(`[data-key="${wanted}"]`) || made.querySelector("[data-focus]"))?.focus({ preventScroll: true });
    return made;
  }

  function section(group, after) {
    const there = list().querySelector(`[data-group="${group.dataset.group}"]`);
    if (there) return there;
    const made = document.importNode(group, true);
    made.querySelector("ol").replaceChildren();
    after.after(made);
    htmx.process(made);
    return made;
  }

  function putAfter(parent, before, item) {
    let next = before ? before.nextElementSibling : parent.firstElementChild;
    while (next && next !== item && next.matches(".let-go")) next = next.nextElementSibling;
    if (next === item || (item.isConnected && item.contains(document.activeElement))) return;
    parent.insertBefore(item, next);
  }

  function reconcile(text) {
    const fresh = new DOMParser().parseFromString(text, "text/html");
    const now = fresh.getElementById("list");
    if (!now || !list()) return;
    const told = { changed: 0, added: 0, gone: 0 };
    const wanted = new Set([...now.querySelectorAll("li.draft")].map(key));
    for (const item of list().querySelectorAll("li.draft")) {
      if (wanted.has(item.id) || item.matches(".let-go")) continue;
      told.gone += 1;
      if (item.matches(".open")) {
        tellOpened(item, "This draft waits no more: it was sent, deleted or taken away. What you typed is kept.");
        continue;
      }
      const next = item.contains(document.activeElement) && (item.nextElementSibling || item.previousElementSibling);
      item.remove();
      if (next) next.querySelector("[data-focus]")?.focus({ preventScroll: true });
    }
    let after = list().querySelector(".sum");
    after.textContent = now.querySelector(".sum").textContent;
    for (const group of now.querySelectorAll("[data-group]")) {
      const there = section(group, after);
      after = there;
      there.querySelector(".number").textContent = group.querySelector(".number").textContent;
      const parent = there.querySelector("ol");
      let before = null;
      for (const one of group.querySelectorAll("li.draft")) {
        let item = document.getElementById(one.id);
        if (!item) {
          item = document.importNode(one, true);
          told.added += 1;
          putAfter(parent, before, item);
          htmx.process(item);
        } else if (item.dataset.mark !== one.dataset.mark) {
          told.changed += item.matches(".let-go, .open") ? 0 : 1; // what is open is told beside its text
          item = swap(item, one);
          putAfter(parent, before, item);
        } else {
          quietly(item, one);
          putAfter(parent, before, item);
        }
        before = item;
      }
    }
    for (const group of list().querySelectorAll("[data-group]")) if (!group.querySelector("li")) group.remove();
    list().querySelector(".empty")?.remove();
    const empty = now.querySelector(".empty");
    if (empty && !list().querySelector("li.draft")) list().append(document.importNode(empty, true));
    const first = "partial" in list().dataset; // the rest of many was to come
    delete list().dataset.partial;
    list().querySelector(".more")?.remove();
    list().dataset.seen = now.dataset.seen;
    const troubles = fresh.getElementById("troubles");
    const shown = document.getElementById("troubles");
    if (troubles && shown.textContent.trim() !== troubles.textContent.trim()) shown.replaceChildren(...troubles.childNodes);
    if (!first) tell(told);
  }

  function tell(told) {
    const drafts = (number) => `${number} ${number === 1 ? "draft" : "drafts"}`;
    const words = [
      told.changed && `${drafts(told.changed)} changed`,
      told.added && `${drafts(told.added)} came`,
      told.gone && `${drafts(told.gone)} went`,
    ].filter(Boolean);
    const before = document.getElementById("said").textContent; // what the user's own word led to is not talked over
    if (words.length) say(`${before} In the mailbox: ${words.join(", ")}.`.trim());
  }

  document.addEventListener("htmx:configRequest", (event) => {
    if (event.target === looker) event.detail.parameters.seen = list()?.dataset.seen || "";
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.requestConfig?.elt !== looker) return;
    event.detail.shouldSwap = false;
    if (event.detail.xhr.status === 200 && !sending) reconcile(event.detail.xhr.responseText);
  });

  document.addEventListener("htmx:oobAfterSwap", (event) => { if (event.detail.target?.id === "said") fade(); });
  document.addEventListener("htmx:load", (event) => { if (event.detail.elt !== document.body) arrived(event.detail.elt); });
  // The list as it is after a word of the user may be here before the answer to that word, which is put where the draft
  // stands, or before htmx has settled it, with its classes: that list is passed over, and asked for again.
  const isWord = (event) => event.detail.requestConfig?.verb === "post";
  document.addEventListener("htmx:beforeSend", (event) => { if (isWord(event)) sending += 1; });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (isWord(event)) setTimeout(() => { sending -= 1; look(); }, 400);
  });
  document.addEventListener("visibilitychange", () => { if (Date.now() - looked > LOOK / 4) look(); });
  if (looker) {
    // What the ledger knows is painted first; htmx is there when the document is.
    setTimeout(look); // htmx is there: scripts come in their order
    setInterval(look, LOOK);
  }

  const alone = document.querySelector(".drafts.alone li.open");
  if (alone) alone.setAttribute("data-here", "");
})();
