"use strict";
// What was refused is told beside what it was asked of, and never in its place: what was typed there stays.

(() => {
  const say = (words) => { document.getElementById("said").textContent = words; };

  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, requestConfig } = event.detail;
    const asked = requestConfig.elt;
    if (xhr.status < 400 || xhr.getResponseHeader("HX-Retarget") || asked.matches("form.editor")) return;
    event.detail.shouldSwap = false;
    const found = new DOMParser().parseFromString(xhr.responseText, "text/html").querySelector(".trouble");
    const item = asked.closest("[data-item]") || document.querySelector("[data-item][data-here]");
    const place = item?.querySelector(".ask") || document.getElementById("troubles");
    if (!found) {
      say(xhr.responseText.slice(0, 300) || "That did not work.");
      return;
    }
    const told = document.importNode(found, true);
    if (place) {
      place.replaceChildren(told);
    } else {
      asked.querySelector(".trouble")?.remove();
      asked.prepend(told);
    }
  });
  document.addEventListener("htmx:sendError", () => {
    say("The page is not served any more, or does not answer: type `afterword review` once more. What you typed stands here.");
  });
})();
