"use strict";
// The editor of a draft: gaps are marked and jumped to, what is typed is kept, and saving is a key away.
// Texts reach the page by textContent alone.

(() => {
  const PAUSE = 1500;
  const LONGEST = 5000;
  const kept = new WeakMap();

  const say = (words) => { document.getElementById("said").textContent = words; };
  const fields = (form) => [form.elements.subject, form.elements.text];
  const editors = () => [...document.querySelectorAll("form.editor")];
  const isUnsaved = (form) => "unsaved" in form.dataset || fields(form).some((one) => one.value !== one.defaultValue);
  const count = (number) => (number ? `${number} ${number === 1 ? "gap" : "gaps"} to fill` : "No gap left");

  // As `rules.model.gaps` counts them: [[…]] with something inside.
  function gaps(text) {
    const found = [];
    for (let from = 0; ;) {
      const begin = text.indexOf("[[", from);
      const end = begin < 0 ? -1 : text.indexOf("]]", begin + 2);
      if (end < 0) return found;
      if (text.slice(begin + 2, end).trim()) found.push([begin, end + 2]);
      from = end + 2;
    }
  }

  function show(form) {
    const text = form.elements.text.value;
    const behind = form.querySelector(".behind");
    const pieces = [];
    let from = 0;
    for (const [begin, end] of gaps(text)) {
      const mark = document.createElement("mark");
      mark.textContent = text.slice(begin, end);
      pieces.push(text.slice(from, begin), mark);
      from = end;
    }
    behind.replaceChildren(...pieces, `${text.slice(from)}\n `); // a line below the last, as the field has it
    const open = gaps(text).length + gaps(form.elements.subject.value).length;
    form.querySelector("[data-gaps]").textContent = count(open);
    form.querySelector("[data-next-gap]").hidden = !open;
  }

  function nextGap(form) {
    const places = fields(form).flatMap((field) => gaps(field.value).map(([begin, end]) => ({ field, begin, end })));
    if (!places.length) {
      say("No gap is left.");
      return;
    }
    const order = fields(form);
    const at = order.indexOf(document.activeElement);
    const from = at < 0 ? -1 : document.activeElement.selectionEnd;
    const isAfter = (one) => at < 0 || order.indexOf(one.field) > at
      || (order.indexOf(one.field) === at && one.begin >= from);
    const chosen = places.find(isAfter) || places[0];
    chosen.field.focus({ preventScroll: true });
    chosen.field.setSelectionRange(chosen.begin, chosen.end);
    const marks = form.querySelectorAll(".behind mark");
    const mark = marks[places.filter((one) => one.field === form.elements.text).indexOf(chosen)];
    (mark || chosen.field).scrollIntoView({ block: "nearest" });
    const words = chosen.field.value.slice(chosen.begin + 2, chosen.end - 2);
    say(`Gap ${places.indexOf(chosen) + 1} of ${places.length}: ${words}`);
  }

  // --- what is typed is kept -------------------------------------------------------------------------------

  const state = (form) => {
    if (!kept.has(form)) kept.set(form, { timer: 0, since: 0, going: null, sent: "", saving: null });
    return kept.get(form);
  };
  const body = (form) => new URLSearchParams(new FormData(form));
  const why = (text) => new DOMParser().parseFromString(text, "text/html").querySelector(".trouble p")?.textContent
    || "the page does not let you in any more, or a cycle is at work";
  const place = (form, what) => `${form.getAttribute("action")}/${what}`;

  function later(form) {
    const its = state(form);
    clearTimeout(its.timer);
    its.since = its.since || Date.now();
    its.timer = setTimeout(() => keep(form), Math.max(0, Math.min(PAUSE, its.since + LONGEST - Date.now())));
  }

  async function keep(form) {
    const its = state(form);
    clearTimeout(its.timer);
    its.since = 0;
    await its.saving; // what is saved need not be kept
    const unsaved = isUnsaved(form);
    if (!unsaved && !its.sent) return true;
    const told = String(body(form));
    if (unsaved && told === its.sent) return true;
    its.going?.abort();
    its.going = new AbortController();
    try {
      const answer = await fetch(place(form, unsaved ? "words" : "forget"), {
        method: "POST", body: new URLSearchParams(told), signal: its.going.signal,
      });
      if (!answer.ok) throw new Error(why(await answer.text()));
      its.sent = unsaved ? told : "";
      const others = unsaved && answer.status === 200 ? await answer.text() : "";
      note(form, unsaved ? others || "Kept, and not in the draft yet" : "");
      return true;
    } catch (error) {
      if (error.name === "AbortError") return true;
      note(form, `Not kept yet: ${error instanceof TypeError ? "the page does not answer" : error.message}`); // fetch's own
      later(form);
      return false;
    }
  }

  function note(form, words) {
    const line = form.querySelector("[data-kept]");
    if (line) line.textContent = words;
  }

  function stop(form) {
    const its = state(form);
    clearTimeout(its.timer);
    its.since = 0;
    its.going?.abort();
  }

  // A save under way, to be waited for: true when it came into the draft, or when there is none.
  function saving(form) {
    const its = state(form);
    its.saving = new Promise((resolve) => {
      const ended = (event) => {
        if (event.detail.requestConfig?.elt !== form) return;
        document.removeEventListener("htmx:afterRequest", ended);
        its.saving = null;
        resolve(event.detail.successful);
      };
      document.addEventListener("htmx:afterRequest", ended);
    });
  }

  const saved = async (form) => await state(form).saving ?? true;

  // What is being left behind is kept on the way out.
  function parting(form) {
    if ("given" in form.dataset || !isUnsaved(form) || String(body(form)) === state(form).sent) return;
    navigator.sendBeacon(place(form, "words"), body(form));
  }

  // --- events ----------------------------------------------------------------------------------------------

  function begin(root) {
    const found = root.matches?.("form.editor") ? [root] : [...root.querySelectorAll("form.editor")];
    found.forEach(show);
  }

  document.addEventListener("input", (event) => {
    const form = event.target.closest?.("form.editor");
    if (!form) return;
    delete form.dataset.given; // they go on with their own words
    show(form);
    later(form);
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-next-gap]");
    if (button) nextGap(button.form);
  });

  document.addEventListener("keydown", (event) => {
    const item = event.target.closest?.("[data-item]") || document.querySelector("[data-item][data-here]");
    const form = event.target.closest?.("form.editor") || item?.querySelector("form.editor");
    if (!form) return;
    if (event.altKey && !event.ctrlKey && event.code === "KeyG") {
      event.preventDefault();
      nextGap(form);
    } else if ((event.ctrlKey || event.metaKey) && (event.key === "s" || event.key === "Enter")) {
      event.preventDefault();
      if (!event.repeat) form.requestSubmit(form.querySelector("button.save"));
    }
  });

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form.editor");
    if (!form) return;
    stop(form);
    if (window.htmx) saving(form);
    form.dataset.asked = JSON.stringify(fields(form).map((one) => one.value));
    if (event.submitter?.matches(".theirs")) form.dataset.given = "";
  });

  document.addEventListener("afterword:saved", (event) => {
    const form = document.getElementById(`e-${event.detail.id}`);
    if (!form) return;
    form.elements.base.value = event.detail.base;
    JSON.parse(form.dataset.asked || "[]").forEach((value, at) => { fields(form)[at].defaultValue = value; });
    delete form.dataset.unsaved;
    form.querySelectorAll(".notice, .versions, .conflict-words, button.theirs").forEach((one) => one.remove());
    form.querySelector("button.save").firstChild.textContent = "Save to Drafts ";
    form.classList.remove("conflict");
    state(form).sent = "";
    note(form, "");
    const item = form.closest("[data-item]");
    if (item) item.dataset.mark = event.detail.mark;
    if (isUnsaved(form)) later(form);
  });

  document.addEventListener("htmx:beforeCleanupElement", (event) => {
    if (event.target.matches?.("form.editor")) parting(event.target);
  });

  addEventListener("beforeunload", (event) => {
    if (editors().some((form) => isUnsaved(form) && !("asked" in form.dataset && !window.htmx))) event.preventDefault();
  });
  addEventListener("pagehide", () => editors().forEach(parting));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") editors().forEach(parting);
  });

  window.afterwordEditor = { keep, saved, isUnsaved, nextGap };
  begin(document);
  document.addEventListener("htmx:load", (event) => begin(event.detail.elt));
})();
