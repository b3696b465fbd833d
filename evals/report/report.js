"use strict";

// Filters the cases. Without this script, all of them are shown.

const form = document.getElementById("filters");
const found = document.getElementById("found");
const cases = [...document.querySelectorAll("details.case")];
const texts = new Map(); // each case's text in lower case, made when it is first searched

function text(item) {
  if (!texts.has(item)) texts.set(item, item.textContent.toLowerCase());
  return texts.get(item);
}

function filter() {
  const words = form.text.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const item of cases) {
    const { kind, state, flipped } = item.dataset;
    const fits =
      (!form.kind.value || form.kind.value === kind) &&
      (!form.state.value || form.state.value === state) &&
      (!form.flipped.checked || Boolean(flipped)) &&
      words.every((word) => text(item).includes(word));
    item.hidden = !fits;
    shown += fits;
  }
  found.textContent = shown ? `${shown} of ${cases.length} cases` : "No case matches.";
}

function reveal() {
  const target = document.getElementById(location.hash.slice(1));
  const item = target?.closest("details.case");
  if (!item) return;
  if (item.hidden) form.reset();
  filter();
  item.open = true;
  (target.parentElement === item ? item : target).scrollIntoView();
}

form.addEventListener("input", filter);
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", () => setTimeout(filter));
addEventListener("hashchange", reveal);
form.hidden = false;
filter();
reveal();
