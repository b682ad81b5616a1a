"use strict";
// The page is painted before any other script is fetched: whoever opens it reads while the keys get ready. What they
// press until then is pressed again, and what they look for is looked for.

(() => {
  const early = [];
  let begun = false;

  function keep(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== document.body) return;
    if (event.key.length === 1 || event.key === "Enter") early.push(event.key);
  }

  function ready() {
    document.removeEventListener("keydown", keep);
    document.documentElement.dataset.ready = "";
    for (const key of early) {
      const options = { key, bubbles: true, cancelable: true };
      (document.activeElement || document.body).dispatchEvent(new KeyboardEvent("keydown", options));
    }
    for (const one of document.querySelectorAll("input[type=search]")) {
      if (one.value !== one.defaultValue) one.dispatchEvent(new Event("search", { bubbles: true }));
    }
  }

  function fetchThem() {
    if (begun) return;
    begun = true;
    const wanted = [...document.querySelectorAll('script[type="later"]')];
    for (const one of wanted) {
      const script = document.createElement("script");
      script.src = one.getAttribute("src");
      script.async = false; // in their order
      if (one === wanted.at(-1)) script.addEventListener("load", ready);
      document.head.append(script);
    }
  }

  document.addEventListener("keydown", keep);
  requestAnimationFrame(() => setTimeout(fetchThem));
  setTimeout(fetchThem, 1000); // a tab in the background has no frames
})();
