// The list of comparisons next to the title: a link to the page of each.

import { addButton } from "./documents.js";

export const showComparisons = async (place) => {
  const answer = await fetch("/comparisons");
  if (!answer.ok) return;
  const { comparisons: found, ...adding } = await answer.json();
  if (adding.may_add) place.append(addButton(adding));
  const here = location.pathname;
  if (found.length < 2) return;
  const list = document.createElement("ul");
  for (const { title, address } of found) {
    const link = document.createElement("a");
    link.href = address;
    link.textContent = title;
    if (address === here) link.setAttribute("aria-current", "page");
    const entry = document.createElement("li");
    entry.append(link);
    list.append(entry);
  }
  const menu = document.createElement("details");
  const summary = document.createElement("summary");
  summary.textContent = `Comparisons (${found.length})`;
  menu.append(summary, list);
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    summary.focus();
  });
  document.addEventListener("click", ({ target }) => {
    if (!menu.contains(target)) menu.open = false;
  });
  place.prepend(menu);
};
