// Suggestions while typing, and a lollipop that leads to its row. Every page works without this.
"use strict";
(() => {
  const list = document.getElementById("suggestions");
  const root = new URL(document.currentScript.src).pathname.replace(/\/static\/site\.js$/, "");
  let waiting = 0;
  let last = "";
  const fill = async (text) => {
    if (text === last || text.length < 2) return;
    last = text;
    const answer = await fetch(`${root}/suggest?q=${encodeURIComponent(text)}`);
    if (!answer.ok || text !== last) return;
    const options = (await answer.json()).suggestions.map(({ ask, label }) => {
      const option = document.createElement("option");
      option.value = ask;
      option.label = label;
      return option;
    });
    list.replaceChildren(...options);
  };
  for (const input of document.querySelectorAll("input[list=suggestions]")) {
    input.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => fill(input.value.trim()).catch(() => {}), 150);
    });
  }
  document.addEventListener("click", ({ target }) => {
    const name = target instanceof Element && target.getAttribute("data-row");
    const row = name && document.getElementById(name);
    if (row) {
      row.scrollIntoView({ block: "center" });
      row.classList.add("found");
    }
  });
})();
