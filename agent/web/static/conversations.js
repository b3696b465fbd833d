// The list of conversations: open, search, rename, delete, export.

import { weighed } from "./panels.js";

let open = () => {};
let current = "";
let listElement;

const element = (name, properties = {}, ...children) => {
  const found = Object.assign(document.createElement(name), properties);
  found.append(...children);
  return found;
};

const button = (text, act, properties = {}) => {
  const found = element("button", { type: "button", textContent: text, ...properties });
  found.addEventListener("click", act);
  return found;
};

// `id` is that of the conversation in the chat
export const showConversations = async (id, onOpen) => {
  current = id;
  if (onOpen) {
    open = onOpen;
    build();
  }
  await list();
};

const build = () => {
  const search = element("input", {
    type: "search",
    id: "conversation-search",
    placeholder: "Search conversations",
    maxLength: 100,
    autocomplete: "off",
  });
  search.setAttribute("aria-label", "Search conversations");
  let waiting;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(list, 150);
  });
  listElement = element("ul");
  const nav = document.getElementById("conversations");
  const toggle = button("Conversations", () => {
    const unfolded = nav.classList.toggle("unfolded");
    toggle.setAttribute("aria-expanded", String(unfolded));
  }, { id: "conversations-toggle" });
  toggle.setAttribute("aria-expanded", "false");
  nav.append(toggle, search, listElement);
};

let requests = 0; // only the response to the last one counts
let focusNext = ""; // the id of the entry that gets the focus once the list is drawn

const list = async () => {
  const request = ++requests;
  const search = document.getElementById("conversation-search").value;
  const answer = await fetch(`conversations?${new URLSearchParams({ search })}`);
  if (answer.status === 401) return location.reload(); // to the log-in
  if (!answer.ok || request !== requests || listElement.querySelector("form")) return; // a title is being written
  const found = await answer.json();
  const empty = search ? "No conversation found." : "No conversations yet.";
  const entries = found.map(entry);
  const active = document.activeElement;
  const focused = active === document.body ? focusNext : active.closest("#conversations li")?.id;
  focusNext = "";
  listElement.replaceChildren(...(entries.length ? entries : [element("li", { className: "hint", textContent: empty })]));
  if (focused) document.getElementById(focused)?.querySelector("button").focus();
};

const entry = ({ id, title, changed }) => {
  const name = button(title, () => open(id), { className: "open", title: new Date(changed).toLocaleString() });
  const found = element("li", { id: `listed-${id}` }, name);
  if (id !== current) return found;
  name.setAttribute("aria-current", "true");
  const actions = element(
    "div",
    { className: "actions" },
    button("Rename", () => rename(found, id, title)),
    button("Delete", () => remove(found, id)),
    ...["md", "html", "json"].map((form) => save(id, form)),
  );
  found.append(actions);
  return found;
};

const save = (id, form) => {
  const names = { md: "Markdown", html: "Print", json: "JSON" };
  const link = element("a", { textContent: names[form], href: `conversations/${id}/export.${form}` });
  link.download = "";
  link.addEventListener("click", () => {
    const table = weighed();
    const query = table ? `?${new URLSearchParams({ weighed: JSON.stringify(table) })}` : "";
    link.href = `conversations/${id}/export.${form}${query}`;
  });
  return link;
};

// shows a form or a question instead of an entry; the result puts the entry back and lists anew
const replaced = (found, by) => {
  const before = [...found.childNodes];
  found.replaceChildren(by);
  return () => {
    focusNext = found.id;
    by.replaceWith(...before);
    return list();
  };
};

const rename = (found, id, title) => {
  const box = element("input", { value: title, maxLength: 80 });
  box.setAttribute("aria-label", "New title");
  const form = element("form", {}, box);
  const relist = replaced(found, form);
  const done = async () => {
    if (box.value.trim() && box.value !== title) {
      await fetch(`conversations/${id}/title`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ title: box.value }),
      });
    }
    await relist();
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    done();
  });
  box.addEventListener("keydown", (event) => event.key === "Escape" && relist());
  box.focus();
  box.select();
};

const remove = (found, id) => {
  const sure = button("Delete for good", async () => {
    const done = await fetch(`conversations/${id}`, { method: "DELETE" });
    if (done.ok && id === current) open(""); // an empty chat
    await relist();
    document.getElementById("conversation-search").focus();
  });
  const keep = button("Keep", () => relist());
  const question = element("div", { className: "actions" }, sure, keep);
  const relist = replaced(found, question);
  keep.focus();
};
