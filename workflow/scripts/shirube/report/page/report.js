// Adds to a page that is whole without it: find, sort and filter tables, fold sections, copy a
// finding, print chosen sections. Reads the page only; asks the network for nothing.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const main = document.getElementById("main"), words = document.getElementById("tool-words").dataset;
  const make = (name, text, more = {}) => {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    for (const [key, value] of Object.entries(more)) made.setAttribute(key, value);
    return made;
  };
  const button = (text, act, more = {}) => {
    const made = make("button", text, { type: "button", ...more });
    made.addEventListener("click", act);
    return made;
  };
  const plain = text => text.normalize("NFKC").toLowerCase();
  const said = make("p", "", { class: "said", role: "status" });

  // Sections: fold, and choose for print.
  for (const section of main.querySelectorAll(":scope > section")) {
    const head = section.querySelector("h2"), title = head.textContent;
    const fold = button(words.fold, () => {
      const folded = section.classList.toggle("folded");
      fold.setAttribute("aria-expanded", String(!folded));
      fold.textContent = folded ? words.unfold : words.fold;
    }, { "aria-expanded": "true", "aria-label": `${words.fold}: ${title}` });
    const box = make("input", "", { type: "checkbox", checked: "" });
    box.addEventListener("change", () => section.classList.toggle("unprinted", !box.checked));
    const label = make("label");
    label.append(box, ` ${words.print}`, make("span", `: ${title}`, { class: "unseen" }));
    const tools = make("div", "", { class: "tools" });
    tools.append(label, fold);
    head.after(tools);
  }
  const opened = place => {
    const section = place.closest("section");
    if (section && section.classList.contains("folded"))
      section.querySelector(".tools button").click();
  };

  // Find: what holds every word, one after the other.
  const field = make("input", "", { type: "search", id: "find", autocomplete: "off" });
  const search = make("form", "", { class: "find", role: "search" });
  const places = [...main.querySelectorAll("tbody tr, article, .facts > div, .tiles > div, .note, summary")];
  let hits = [], at = -1;
  const look = () => {
    for (const old of hits) old.classList.remove("hit", "now");
    const asked = plain(field.value).split(/\s+/).filter(Boolean);
    const holds = place => { const text = plain(place.textContent); return asked.every(w => text.includes(w)); };
    hits = asked.length ? places.filter(holds).filter(p => ![...p.querySelectorAll("tr, .facts > div")].some(holds)) : [];
    for (const hit of hits) hit.classList.add("hit");
    at = -1;
    said.textContent = asked.length ? words.hits.replace("#", hits.length) : "";
  };
  field.addEventListener("input", look);
  search.addEventListener("submit", event => {
    event.preventDefault();
    if (!hits.length) return;
    if (at >= 0) hits[at].classList.remove("now");
    at = (at + 1) % hits.length;
    const hit = hits[at];
    opened(hit);
    for (let d = hit.closest("details"); d; d = d.parentElement.closest("details")) d.open = true;
    hit.classList.add("now");
    hit.scrollIntoView({ block: "center" });
    said.textContent = `${at + 1} / ${hits.length}`;
  });
  search.append(make("label", words.find, { for: "find" }), field, make("button", words.next, { type: "submit" }));
  const bar = make("div", "", { class: "bar" });
  bar.append(search, button(words.printout, () => window.print()), said);
  main.prepend(bar);
  addEventListener("hashchange", () => {
    const place = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (place) { opened(place); place.scrollIntoView(); }
  });

  // Tables: sort by a head, filter by words.
  const value = cell => {
    const text = cell.textContent.trim(), number = text.replace(/[,%×≥≤]/g, "").match(/^-?\d+(\.\d+)?(e-?\d+)?/i);
    return number && number[0].length > text.replace(/[,%×≥≤]/g, "").length / 2 ? Number(number[0]) : text;
  };
  const order = (a, b) => typeof a === "number" && typeof b === "number" ? a - b
    : typeof a === "number" ? -1 : typeof b === "number" ? 1
      : a.localeCompare(b, document.documentElement.lang, { numeric: true });
  for (const table of main.querySelectorAll("table")) {
    const body = table.tBodies[0], rows = [...body.rows];
    if (rows.length < 3) continue;
    table.querySelectorAll("thead th").forEach((head, column) => {
      const text = head.textContent;
      head.textContent = "";
      head.append(button(text, () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        for (const other of table.querySelectorAll("thead th")) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const keyed = rows.map((row, n) => [value(row.cells[column]), n, row]);
        keyed.sort((a, b) => (down ? -1 : 1) * order(a[0], b[0]) || a[1] - b[1]);
        body.append(...keyed.map(one => one[2]));
      }, { class: "sort" }));
    });
    if (rows.length < 8) continue;
    const filter = make("input", "", { type: "search", autocomplete: "off" });
    const label = make("label", `${words.filter} `, { class: "filter" });
    label.append(filter, make("span", table.caption.textContent, { class: "unseen" }));
    filter.addEventListener("input", () => {
      const asked = plain(filter.value).split(/\s+/).filter(Boolean);
      for (const row of rows) row.hidden = !asked.every(w => plain(row.textContent).includes(w));
    });
    table.parentElement.before(label);
  }

  // Findings: their words to the clipboard.
  const lines = card => [card.querySelector("h3").textContent,
    ...[...card.querySelectorAll(":scope > .badges li, :scope > .lead .reason, :scope > .steps li")].map(e => e.textContent.trim()),
    ...[...card.querySelectorAll(":scope > .facts > div, :scope > .therapies > div")].map(
      e => `${e.querySelector("dt").textContent}\t${e.querySelector("dd").textContent}`),
    `report.json SHA-256\t${document.querySelector('meta[name="report-sha256"]').content}`].join("\n");
  for (const card of main.querySelectorAll("article")) {
    const copy = button(words.copy, async () => {
      try { await navigator.clipboard.writeText(lines(card)); copy.textContent = words.copied; }
      catch { copy.textContent = words.uncopied; }
      setTimeout(() => { copy.textContent = words.copy; }, 2000);
    }, { class: "copy", "aria-label": `${words.copy}: ${card.querySelector("h3").textContent}` });
    card.querySelector("h3").after(copy);
  }
});
