// Shortcuts and live updates. All pages work without this script.
"use strict";

// "/" focuses the query box, as on many search pages.
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  const box = document.getElementById("q") || document.getElementById("url");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey || !box) return;
  event.preventDefault();
  box.focus();
  box.select();
});

// The URL of a search has only the parameters that differ from their defaults.
const form = document.querySelector("form.search");
if (form) {
  form.addEventListener("formdata", ({ formData }) => {
    for (const [name, value] of [...formData]) if (!value || (name === "scope" && value === "all")) formData.delete(name);
  });
}

// The histogram: one stop for the Tab key, arrow keys between its columns, and dragging to select a period.
const dates = document.querySelector("figure.dates svg");
if (dates) {
  const columns = [...dates.querySelectorAll("g")];
  const links = [...dates.querySelectorAll("a")];
  const makeTabStop = (link) => links.forEach((l) => l.setAttribute("tabindex", l === link ? "0" : "-1"));
  makeTabStop(links[0]);
  dates.addEventListener("keydown", (event) => {
    const current = links.indexOf(document.activeElement);
    const steps = { ArrowRight: current + 1, ArrowLeft: current - 1, Home: 0, End: links.length - 1 };
    const next = links[steps[event.key]];
    if (current < 0 || !next) return;
    event.preventDefault();
    makeTabStop(next);
    next.focus();
  });
  enableSelection(dates, columns);
}

function enableSelection(svg, columns) {
  let start = null;
  let band = null;
  const at = (event) => {
    const box = svg.getBoundingClientRect();
    return Math.min(1000, Math.max(0, ((event.clientX - box.left) / box.width) * 1000));
  };
  const end = () => {
    if (band) band.remove();
    start = band = null;
  };
  svg.closest("figure").querySelector(".drag-hint").hidden = false;
  svg.addEventListener("dragstart", (event) => event.preventDefault()); // dragging a link
  svg.addEventListener("pointerdown", (event) => {
    if (event.button === 0) start = { x: at(event), clientX: event.clientX };
  });
  svg.addEventListener("pointermove", (event) => {
    if (!start || (!band && Math.abs(event.clientX - start.clientX) < 6)) return;
    if (!band) {
      svg.setPointerCapture(event.pointerId);
      band = svg.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "rect"));
      band.setAttribute("class", "band");
      band.setAttribute("height", "100");
    }
    band.setAttribute("x", Math.min(start.x, at(event)));
    band.setAttribute("width", Math.abs(at(event) - start.x));
  });
  svg.addEventListener("pointerup", (event) => {
    if (!band) return end();
    const ends = [start.x, at(event)];
    const selected = columns.filter((column) => overlaps(column, Math.min(...ends), Math.max(...ends)));
    svg.addEventListener("click", (click) => click.preventDefault(), { capture: true, once: true });
    end();
    if (!selected.length) return;
    const url = new URL(svg.dataset.search, location.href);
    const bounds = { since: selected[0].dataset.since, until: selected[selected.length - 1].dataset.until };
    for (const [name, day] of Object.entries(bounds)) if (day) url.searchParams.set(name, day);
    location.assign(url);
  });
  svg.addEventListener("pointercancel", end);
}

function overlaps(column, from, to) {
  const area = column.querySelector(".column-area");
  const x = Number(area.getAttribute("x"));
  return x < to && x + Number(area.getAttribute("width")) > from;
}

// The queue page: updated every few seconds, unless it is paused or hidden, or has the keyboard focus.
const POLL_MS = 5000;
const live = document.querySelector("[data-live]");
if (live) {
  const target = document.getElementById("live");
  const button = live.querySelector("button");
  let paused = false;
  let timer = 0;
  button.hidden = false;
  button.addEventListener("click", () => {
    paused = !paused;
    button.setAttribute("aria-pressed", String(paused));
  });
  const update = async () => {
    clearTimeout(timer);
    const busy = paused || document.hidden || target.contains(document.activeElement);
    const response = busy ? null : await fetch(live.dataset.live).catch(() => null);
    if (response && response.status === 401) return location.reload();
    if (response && response.ok) {
      const updated = new DOMParser().parseFromString(await response.text(), "text/html");
      target.replaceChildren(...updated.body.childNodes);
    }
    if (!busy) target.classList.toggle("stale", !response || !response.ok);
    clearTimeout(timer);
    timer = setTimeout(update, POLL_MS);
  };
  document.addEventListener("visibilitychange", () => document.hidden || update());
  timer = setTimeout(update, POLL_MS);
}
