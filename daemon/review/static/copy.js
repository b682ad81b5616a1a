"use strict";
// A button behind each command that is to be typed, which copies it. Without it the command is selected by one click.

(() => {
  function offer(within) {
    for (const code of within.querySelectorAll("code.typed:not([data-offered])")) {
      code.dataset.offered = "";
      const button = document.createElement("button");
      button.type = "button";
      button.className = "quiet copy";
      button.textContent = "Copy";
      button.setAttribute("aria-label", `Copy ${code.textContent}`);
      code.after(button);
    }
  }

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button.copy");
    if (!button) return;
    const said = document.getElementById("said");
    try {
      await navigator.clipboard.writeText(button.previousElementSibling.textContent);
      said.textContent = "Copied.";
    } catch {
      getSelection().selectAllChildren(button.previousElementSibling);
      said.textContent = "Selected: copy it from here.";
    }
  });

  document.addEventListener("htmx:load", (event) => offer(event.detail.elt));
  offer(document);
})();
