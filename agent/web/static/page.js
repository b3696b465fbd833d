// The page's behaviour: what a person does in the chat, and what follows from a new answer.
// Gradio has the chat, the box and its buttons; two hidden boxes tell its server what a click means
// (docs/decisions/gradio-events.md).

import { showPanels, showEvidence, openPassage, goBack } from "./panels.js";
import { showConversations } from "./conversations.js";
import { showComparisons } from "./comparisons.js";

const $ = (selector, within = document) => within.querySelector(selector);
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

const field = (id) => $(`#${id} :is(textarea, input)`);

// as if a person typed it
const setValue = (id, text) => {
  const box = field(id);
  const prototype = box.tagName === "INPUT" ? HTMLInputElement : HTMLTextAreaElement;
  Object.getOwnPropertyDescriptor(prototype.prototype, "value").set.call(box, text);
  box.dispatchEvent(new Event("input", { bubbles: true }));
};

let conversation = ""; // the id of the one on the page
let commands = 0;

// numbered, because an equal value would be no change
const sendCommand = (command) => setValue("command", `${command} ${++commands}`);

// of the next question, which replaces `turn` and all after it
const setTarget = (turn = "") => setValue("target", `${conversation} ${turn}`.trim());

const ask = async (question, turn = "") => {
  // gradio enables the button a moment after the answer that it waited for is there
  for (let times = 0; $("#send").disabled && times < 20; times++) await wait(50);
  if ($("#send").disabled) return;
  setTarget(turn);
  setValue("box", question);
  await wait(50); // until gradio has the values
  $("#send").click();
  if (matchMedia("(pointer: fine)").matches) field("box").focus(); // a phone would open its keyboard
};

// editing: the question in the box will replace its turn

const edit = (turn) => {
  setTarget(turn);
  setValue("box", questionOf(turn));
  $("#editing")?.remove();
  const note = document.createElement("p");
  note.id = "editing";
  note.append("This replaces the question and what followed it. ");
  const cancel = document.createElement("button");
  cancel.type = "button";
  cancel.textContent = "Cancel";
  cancel.addEventListener("click", () => {
    stopEditing();
    setValue("box", "");
    field("box").focus();
  });
  note.append(cancel);
  $("#entry").before(note);
  field("box").setAttribute("aria-describedby", "editing");
  field("box").focus();
};

const stopEditing = () => {
  $("#editing")?.remove();
  field("box").removeAttribute("aria-describedby");
  setTarget();
};

const questionOf = (turn) => {
  const edits = [...document.querySelectorAll("#chat .edit")];
  const found = edits.find((button) => button.value === turn);
  return found?.parentElement.querySelector(".question > span").textContent ?? "";
};

// what a person can do with an answer

const flash = async (button, said, usual) => {
  button.textContent = said;
  await wait(1500);
  button.textContent = usual;
};

const copy = async (answer, button) => {
  const shown = [...answer.children].filter((part) => !part.matches(".tools, .suggestions, .rating, .quotes"));
  const parts = shown.map((part) => part.innerText.trim().replace(/\n+/g, "\n"));
  try {
    await navigator.clipboard.writeText(parts.join("\n\n"));
    flash(button, "Copied", "Copy");
  } catch {
    flash(button, "The browser does not allow it", "Copy"); // except on https and loopback
  }
};

const send = (path, method, body) =>
  fetch(path, { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

const rate = async (answer, button) => {
  const good = button.value === "1";
  const turn = answer.id.replace("turn-", "");
  const kept = await send("feedback", "POST", { turn, good });
  if (!kept.ok) return flash(button, "Not saved", good ? "Helpful" : "Not helpful");
  for (const each of answer.querySelectorAll(".rate")) {
    each.setAttribute("aria-pressed", String(each === button));
  }
  $(".rating", answer)?.remove();
  const form = document.createElement("form");
  form.className = "rating";
  const box = document.createElement("input");
  box.maxLength = 2000;
  box.placeholder = good ? "What helped? (optional)" : "What should it have said? (optional)";
  box.setAttribute("aria-label", box.placeholder);
  const submit = document.createElement("button");
  submit.textContent = "Send comment";
  form.append(box, submit);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const comment = box.value;
    const sent = await send("feedback", "POST", { turn, good, comment });
    form.textContent = sent.ok ? "Thank you. The comment is saved on this machine." : "The comment could not be saved.";
  });
  $(".tools", answer).after(form);
  box.focus();
};

// calls `then` when `holds`
const once = (holds, then) => {
  const check = setInterval(() => {
    if (!holds()) return;
    clearInterval(check);
    then();
  }, 50);
};

const logOut = async () => {
  await fetch("/logout", { method: "POST" });
  location.assign("/login");
};

document.addEventListener("click", (event) => {
  const target = event.target.closest("a.cite, .card .back, .tool, .suggestion, .log-out");
  if (!target) return;
  const answer = target.closest(".answer");
  if (target.matches("a.cite")) {
    event.preventDefault();
    openPassage(target, answer);
  } else if (target.matches(".back")) {
    goBack();
  } else if (target.matches(".suggestion")) {
    ask(target.title);
  } else if (target.matches(".edit")) {
    edit(target.value);
  } else if (target.matches(".retry")) {
    ask(questionOf(target.value), target.value);
  } else if (target.matches(".undo")) {
    sendCommand(`undo ${target.value}`);
    field("box").focus();
  } else if (target.matches(".strike")) {
    const anew = $(".case [hidden]", answer)?.textContent;
    sendCommand(`strike ${target.value}`);
    const here = conversation;
    if (anew) once(() => !target.isConnected, () => here === conversation && ask(anew));
    field("box").focus();
  } else if (target.matches(".copy")) {
    copy(answer, target);
  } else if (target.matches(".rate")) {
    rate(answer, target);
  } else if (target.matches(".log-out")) {
    logOut();
  }
});

// what follows from a new answer

let shown = ""; // the newest answer, and its state

const update = () => {
  for (const message of document.querySelectorAll('#chat .message [aria-label*="<div class"]')) {
    message.removeAttribute("aria-label"); // else screen readers read the HTML aloud
  }
  for (const button of document.querySelectorAll("#chat .rate:not([aria-pressed])")) {
    button.setAttribute("aria-pressed", String(button.matches(".pressed")));
  }
  const answers = document.querySelectorAll("#chat .answer");
  const answer = answers[answers.length - 1];
  const running = Boolean(answer && $(".running", answer));
  const quotes = answer ? $(".quotes", answer)?.textContent : "";
  const now = answer ? [answer.id, answer.className, quotes, running].join("\n") : "";
  const another = now.split("\n")[0] !== shown.split("\n")[0];
  if (another) [scrolledAway, actionAt] = [false, -Infinity];
  showBeginning();
  if (now === shown) return;
  shown = now;
  conversation = answer?.className.match(/ conversation-(\w+)/)?.[1] ?? "";
  if (another) stopEditing();
  history.replaceState(null, "", conversation ? `?c=${conversation}` : location.pathname);
  showEvidence(answer, conversation, another);
  announce(answer, running);
  if (!running) showConversations(conversation);
};

// scrolling

const FIRST_LINES_PX = 60; // of an answer's text
const ACTION_MS = 1000; // so long after it a person may still be scrolling

let scrolledAway = false; // by the person, until the next question
let scrollTop = 0; // where this page scrolled the chat to
let actionAt = -Infinity; // when the person last did something that may scroll

// The newest question stands at the top of the chat. Its answer has all the room below, also before
// it is that long, so that nothing moves while it grows. Of a question that leaves no room for the
// verdict and the first lines of the text only the end is seen.
const showBeginning = () => {
  const frame = $("#chat .bubble-wrap");
  const rows = [...document.querySelectorAll("#chat .message-row")];
  const last = rows.pop();
  const answer = last && $(".answer", last);
  if (!answer || scrolledAway) return;
  const y = (element, side = "top") =>
    element.getBoundingClientRect()[side] - frame.getBoundingClientRect().top + frame.scrollTop;
  const asked = rows[rows.length - 1]?.matches(".user-row") ? rows.pop() : last;
  const top = y(asked) - y(rows[0] ?? asked); // of the first row nothing is scrolled away
  const below = y(last.parentElement, "bottom") - y(last, "bottom");
  const room = Math.floor(top + frame.clientHeight - y(last) - below);
  $("#chat").style.setProperty("--room", `${room}px`);
  const text = $(":scope > p:not(.note)", answer) ?? answer;
  const begun = Math.min(y(text, "bottom"), y(text) + FIRST_LINES_PX);
  frame.scrollTop = Math.min(Math.max(top, begun - frame.clientHeight), y(answer));
  scrollTop = frame.scrollTop;
};

const noteAction = ({ target }) => {
  if (!target.closest?.("#entry")) actionAt = performance.now();
};

// The browser scrolls too, where gradio draws an answer anew and it is shorter for a moment.
const noteScrolling = ({ target }) => {
  const moved = target.matches?.(".bubble-wrap") && Math.abs(target.scrollTop - scrollTop) > 2;
  if (moved && performance.now() - actionAt < ACTION_MS) scrolledAway = true;
};

// an answer that another tab asked for, or this one before a reload, is fetched until it is complete
const refresh = () => {
  if ($("#chat .answer .running") && !$("#send").disabled) sendCommand(`open ${conversation}`);
};

// for screen readers: the decision as soon as there is one, the text when it is complete
const announce = (answer, running) => {
  const region = $("#announcer");
  if (!answer || !region) return;
  const decision = $(".decision", answer)?.innerText ?? "";
  const text = [...answer.querySelectorAll(":scope > p")].map((part) => part.innerText).join(" ");
  const said = running ? decision : `${decision} ${text}`;
  if (region.textContent !== said) region.textContent = said;
};

// the progress of loading, until questions are answered
const showStatus = async () => {
  const line = document.createElement("p");
  line.id = "status";
  line.setAttribute("role", "status");
  for (;;) {
    // the server may be restarting, or the log-in may be over
    const status = await fetch("status").then((answer) => answer.json()).catch(() => null);
    if (!status) {
      line.remove();
      await wait(1000);
      continue;
    }
    if (status.ready) break;
    const meanwhile = status.failed ? "" : ". You can ask now; the answer comes after that.";
    const said = `${status.message}${meanwhile}`;
    if (line.textContent !== said) line.textContent = said;
    if (!line.isConnected) $("#entry").before(line);
    if (status.failed) return;
    await wait(1000);
  }
  line.remove();
};

const start = async () => {
  const region = document.createElement("div");
  region.id = "announcer";
  region.className = "hidden";
  region.setAttribute("aria-live", "polite");
  document.body.append(region);
  const asked = new URLSearchParams(location.search);
  const panels = fetch("panels");
  const there = ["#command", "#target", "#box", "#chat", "#panel-root", "#conversations", "#comparisons"];
  while (!there.every((place) => $(place))) await wait(20); // gradio builds the page piece by piece
  showPanels($("#panel-root"), await (await panels).text());
  $("#chat [role=log]")?.setAttribute("aria-live", "off");
  new MutationObserver(update).observe($("#chat"), {
    subtree: true,
    childList: true,
    characterData: true,
    attributeFilter: ["aria-label"],
  });
  const early = { capture: true, passive: true };
  for (const kind of ["wheel", "touchmove", "pointerdown", "keydown"]) {
    document.addEventListener(kind, noteAction, early);
  }
  $("#chat").addEventListener("scroll", noteScrolling, early);
  new ResizeObserver(showBeginning).observe($("#chat"));
  showStatus();
  showComparisons($("#comparisons"));
  showConversations("", (id) => sendCommand(`open ${id}`));
  setInterval(refresh, 1000);
  if (asked.get("c")) sendCommand(`open ${asked.get("c")}`);
  if (asked.get("q")) {
    history.replaceState(null, "", location.pathname);
    ask(asked.get("q"));
  }
  document.documentElement.dataset.ready = "yes";
};

start();
