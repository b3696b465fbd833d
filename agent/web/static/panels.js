// The panels beside the chat: the evidence of an answer, the table to be weighed, and how far to
// trust answers.

const $ = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

let origin = null; // the citation that led to a passage
let marked = null; // the answer whose quotes are highlighted

export const showPanels = (place, html) => {
  place.innerHTML = html; // the server escapes the document's text
  for (const tab of all("[role=tab]")) tab.addEventListener("click", () => select(tab));
  $("[role=tablist]").addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const tabs = all("[role=tab]");
    const next = tabs[(tabs.indexOf(document.activeElement) + step + tabs.length) % tabs.length];
    select(next);
    next.focus();
  });
  $("#search").addEventListener("input", filter);
  $("#only-evidence").addEventListener("click", () => {
    $("#only-evidence").setAttribute("aria-pressed", String(!pressed()));
    filter();
  });
  setUpMatrix();
  const named = location.hash.match(/^#p-\d+$/) && $(location.hash);
  if (named) focusOn(named);
};

const setUpMatrix = () => {
  for (const row of rows()) row.addEventListener("input", () => touch(row));
  $("#reset-weights").addEventListener("click", () => {
    resetWeights();
    touched = true;
  });
  $("#weights-from-conversation").addEventListener("click", () => {
    touched = false;
    suggestWeights();
  });
  balance();
};

// the model may have found since for which option each row speaks
const reloadMatrix = async () => {
  const panels = new DOMParser().parseFromString(await (await fetch("panels")).text(), "text/html");
  const matrix = $("#matrix", panels);
  if (touched || matrix.matches(".unread")) return;
  matrix.hidden = $("#matrix").hidden;
  $("#matrix").replaceWith(matrix);
  setUpMatrix();
  if (ofConversation) suggestWeights();
};

const select = (tab) => {
  for (const each of all("[role=tab]")) {
    const chosen = each === tab;
    each.setAttribute("aria-selected", String(chosen));
    each.tabIndex = chosen ? 0 : -1;
    document.getElementById(each.getAttribute("aria-controls")).hidden = !chosen;
  }
  if (tab.id === "tab-matrix" && $("#matrix").matches(".unread")) reloadMatrix();
};

const focusOn = (element) => {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  element.scrollIntoView({ behavior: still ? "auto" : "smooth", block: "center" });
  element.focus({ preventScroll: true });
};

// evidence

const pressed = () => $("#only-evidence").getAttribute("aria-pressed") === "true";

const filter = () => {
  const words = $("#search").value.toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  for (const card of all("#evidence .card")) {
    const said = card.textContent.toLowerCase();
    const fits = words.every((word) => said.includes(word));
    card.hidden = !fits || (pressed() && !words.length && !card.classList.contains("used"));
    found += !card.hidden;
  }
  $("#evidence").classList.toggle("narrowed", pressed() && !words.length);
  for (const part of all("#evidence .part")) part.hidden = !$(".card:not([hidden])", part);
  const hint = $("#evidence > .hint");
  hint.hidden = !words.length && (found > 0 || !marked?.matches(".decided"));
  hint.textContent = words.length
    ? `${found} of ${all("#evidence .card").length} passages found`
    : "No passage of the comparison covers this question.";
};

// highlights an answer's evidence and quotes; without an answer everything is shown
const highlightEvidence = (answer) => {
  marked = answer ?? null;
  for (const each of all("#evidence mark")) {
    const parent = each.parentNode;
    each.replaceWith(...each.childNodes);
    parent.normalize();
  }
  const numbers = new Set([...(answer?.className ?? "").matchAll(/ evidence-(\d+)/g)].map((found) => found[1]));
  const lead = answer && $(".decision .cite", answer)?.getAttribute("href");
  for (const card of all("#evidence .card")) {
    card.classList.toggle("used", numbers.has(card.id.slice(2)));
    card.classList.toggle("first", Boolean(lead) && `#${card.id}` === lead);
    $(".back", card).hidden = !numbers.has(card.id.slice(2));
  }
  for (const quote of answer ? all(".quotes li", answer) : []) {
    for (const said of all(`#p-${quote.value} .said`)) highlight(said, quote.textContent);
  }
};

// a quote of a table's cell begins with the option
const highlight = (said, quote) => {
  const label = said.previousElementSibling?.matches("dt") ? `${said.previousElementSibling.textContent}: ` : "";
  const wanted = label && quote.startsWith(label) ? quote.slice(label.length) : quote;
  for (const node of [...said.childNodes].filter((each) => each.nodeType === Node.TEXT_NODE)) {
    const at = node.textContent.indexOf(wanted);
    if (at < 0) continue;
    const range = document.createRange();
    range.setStart(node, at);
    range.setEnd(node, at + wanted.length);
    range.surroundContents(document.createElement("mark"));
    return;
  }
};

let ofConversation = "";
let ofAnswer = ""; // the id of the answer whose evidence alone is shown

export const showEvidence = (answer, conversation, another) => {
  highlightEvidence(answer);
  const decided = Boolean(answer?.matches(".decided"));
  $("#only-evidence").hidden = !decided;
  const narrowed = answer && (decided || $(".running", answer)) ? answer.id : "";
  if (narrowed !== ofAnswer) $("#only-evidence").setAttribute("aria-pressed", String(Boolean(narrowed)));
  ofAnswer = narrowed;
  if (another) {
    $("#search").value = "";
    $("#panels")?.scrollTo(0, 0);
  }
  filter();
  if (conversation !== ofConversation) {
    if (ofConversation || !conversation) touched = false; // what was weighed before the first question stays
    ofConversation = conversation;
  }
  $("#weights-from-conversation").hidden = !conversation;
  if (answer && !$(".running", answer) && !touched) suggestWeights();
  if (!conversation && !touched) resetWeights();
};

export const openPassage = (link, answer) => {
  const card = $(link.getAttribute("href"));
  if (!card) return;
  origin = link;
  select($("#tab-evidence"));
  if (answer && answer !== marked) highlightEvidence(answer);
  $("#search").value = "";
  filter();
  card.hidden = false;
  card.closest(".part").hidden = false;
  focusOn(card);
};

export const goBack = () => focusOn(origin?.isConnected ? origin : $("#box textarea"));

// the weighed table

let touched = false; // by the person, in this conversation

const rows = () => all("#matrix .row");
const weight = (row) => Number($("[name=weight]", row).value);
const leans = (row) => {
  const chosen = $("[name=leans]", row).value;
  return Number(chosen === "read" ? row.dataset.leans : chosen);
};

// for an export: null if nobody weighed anything
export const weighed = () =>
  touched || rows().some((row) => !$(".because", row).hidden)
    ? rows().map((row) => [weight(row), leans(row)])
    : null;

const setWeight = (row, value, because = "") => {
  $("[name=weight]", row).value = value;
  $("output", row).textContent = value;
  $(".because", row).textContent = because;
  $(".because", row).hidden = !because;
};

const touch = (row) => {
  touched = true;
  $("output", row).textContent = weight(row);
  $(".because", row).hidden = true;
  balance();
};

const resetWeights = () => {
  for (const row of rows()) {
    setWeight(row, $("[name=weight]", row).defaultValue);
    $("[name=leans]", row).value = "read";
  }
  $("#weights-origin").textContent =
    "All rows count the same until a conversation says what matters, or you move a slider.";
  balance();
};

const suggestWeights = async () => {
  const conversation = ofConversation;
  const answer = await fetch(`conversations/${conversation}/weights`);
  if (!answer.ok || touched || conversation !== ofConversation) return; // too late
  const raised = await answer.json();
  for (const row of rows()) {
    const found = raised.find((each) => String(each.number) === row.dataset.number);
    if (found) setWeight(row, found.weight, `Raised because you wrote: “${found.because}”`);
    else setWeight(row, $("[name=weight]", row).defaultValue);
  }
  $("#weights-origin").textContent = raised.length
    ? `${raised.length} of ${rows().length} rows are raised by what you wrote, and each shows the message. Move any slider.`
    : "No row of the table is about what you wrote. All rows count the same.";
  balance();
};

// the same as agent.web.scorecard.Weighed.balance
const balance = () => {
  if (!rows().length) return;
  const total = rows().reduce((sum, row) => sum + weight(row), 0);
  const leaning = rows().reduce((sum, row) => sum + weight(row) * leans(row), 0);
  const share = total ? 0.5 + leaning / total / 2 : 0.5;
  const names = [];
  for (const [place, bar] of all("#balance .bar").entries()) {
    const percent = Math.round(100 * (place ? share : 1 - share));
    $(".fill", bar).style.width = `${percent}%`;
    $("output", bar).textContent = `${percent} %`;
    names.push(`${$(".name", bar).textContent} ${percent} %`);
  }
  $("#balance").setAttribute("aria-label", `Weighed together: ${names.join(", ")}`);
  reasons(share);
};

const reasons = (share) => {
  const side = share > 0.5 ? 1 : -1;
  const telling = rows()
    .map((row) => [weight(row) * leans(row) * side, row])
    .filter(([counts]) => counts > 0)
    .sort(([a], [b]) => b - a)
    .slice(0, 3);
  const place = $("#reasons");
  place.textContent = telling.length ? "Most of that comes from " : "No row tips the balance.";
  telling.forEach(([, row], at) => {
    if (at) place.append(at === telling.length - 1 ? " and " : ", ");
    const legend = $("legend", row);
    const link = $("a", legend).cloneNode(true);
    place.append(legend.textContent.replace(/^\s*\[\d+\]\s*/, "").trim(), " ", link);
  });
  if (telling.length) place.append(".");
};
