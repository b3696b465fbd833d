// Adding a comparison: a document is sent, shown as it is recognised, corrected, and indexed.
// Everything that a document says is set as text, never as HTML.

const element = (name, properties = {}, ...children) => {
  const found = Object.assign(document.createElement(name), properties);
  found.append(...children.filter((child) => child !== null));
  return found;
};

const button = (text, act, properties = {}) => {
  const found = element("button", { type: "button", textContent: text, ...properties });
  found.addEventListener("click", act);
  return found;
};

const labelled = (text, control) => element("label", {}, element("span", { textContent: text }), control);

// the response as an object, with an `error` in one line if there is one
const asked = async (path, method, body, type) => {
  try {
    const headers = type ? { "Content-Type": type } : {};
    const answer = await fetch(path, { method, headers, body });
    const found = await answer.json();
    if (!answer.ok && !found.error) found.error = "The server did not take it.";
    return { ...found, status: answer.status };
  } catch {
    return { error: "The server cannot be reached. Try again.", status: 0 };
  }
};

const send = (path, body) => asked(path, "POST", JSON.stringify(body), "application/json");

let dialog; // one, made when it is first opened

export const addButton = (page) => button("Add a comparison", () => open(page), { id: "add-comparison" });

const open = (page) => {
  if (!dialog) {
    dialog = element("dialog", { id: "adding" });
    dialog.setAttribute("aria-labelledby", "adding-title");
    document.querySelector(".gradio-container").append(dialog);
  }
  showChoice(page);
  dialog.showModal();
};

// the parts that every step has: a title, a line about what happens, and an error
const show = (title, ...children) => {
  const close = button("Close", () => dialog.close(), { className: "close" });
  const heading = element("h2", { id: "adding-title", textContent: title, tabIndex: -1 });
  const doing = element("p", { className: "hint doing" });
  doing.setAttribute("role", "status");
  const wrong = element("p", { className: "wrong" });
  wrong.setAttribute("role", "alert");
  dialog.replaceChildren(element("header", {}, heading, close), ...children, doing, wrong);
  dialog.scrollTop = 0;
  if (dialog.open) heading.focus();
};

const say = (doing, wrong = "") => {
  dialog.querySelector(".doing").textContent = doing;
  dialog.querySelector(".wrong").textContent = wrong;
  for (const each of dialog.querySelectorAll("button:not(.close), input, select, textarea")) {
    each.disabled = Boolean(doing);
  }
};

// step 1: a file or a text

const showChoice = (page) => {
  const file = element("input", { type: "file", accept: page.formats });
  const text = element("textarea", { rows: 6, spellcheck: false });
  const read = async (event) => {
    event.preventDefault();
    const [chosen] = file.files;
    if (!chosen && !text.value.trim()) return say("", "Choose a file, or paste the text of one.");
    say("Reading the document …");
    const name = chosen ? chosen.name : "pasted.txt";
    const body = chosen ?? text.value;
    const found = await asked(`/documents?${new URLSearchParams({ name })}`, "POST", body, "application/octet-stream");
    if (found.error) return say("", found.error);
    showFound(page, found);
  };
  const formats = page.formats.replaceAll(",", " ").replaceAll(".", "");
  const form = element(
    "form",
    {},
    labelled("A file", file),
    element("p", { className: "hint", textContent: `At most 20 MiB: ${formats}` }),
    labelled("Or its text", text),
    element("p", { className: "hint", textContent: "You see what is recognised before anything is indexed." }),
    element("div", { className: "toolbar" }, element("button", { textContent: "Read it", className: "main" })),
  );
  form.addEventListener("submit", read);
  show("Add a comparison", form);
};

// step 2: what was recognised, to be corrected

const origin = ({ sure, probability, source, line }) =>
  element("span", {
    className: `origin ${sure}`,
    textContent: `${sure}${probability ? ` ${probability.toFixed(2)}` : ""}: ${source}${line ? `, line ${line}` : ""}`,
  });

const choice = (verdicts, chosen, none) => {
  const found = element("select", {}, ...verdicts.map((verdict) => element("option", { value: verdict, textContent: verdict })));
  found.append(element("option", { value: "none", textContent: none }));
  found.value = chosen ?? "none";
  found.dataset.before = found.value;
  return found;
};

const part = (title, count, ...children) =>
  count ? element("section", {}, element("h3", { textContent: `${title} (${count})` }), ...children) : null;

const listed = (found, name) =>
  element("ul", {}, ...found.map((each) => element("li", {}, element("span", { textContent: `${each[name]} ` }), origin(each))));

const folded = (title, found, name) =>
  found.length
    ? element("details", {}, element("summary", { textContent: `${title} (${found.length})` }), listed(found, name))
    : null;

const lines = (title, found) =>
  found.length
    ? element("section", {}, element("h3", { textContent: title }), element("ul", {}, ...found.map((line) => element("li", { textContent: line }))))
    : null;

const showFound = (page, found) => {
  const title = element("input", { value: found.title, maxLength: 200 });
  const names = found.options.map(({ name }) => element("input", { value: name, maxLength: 100 }));
  names.forEach((box, at) => box.setAttribute("aria-label", `Option ${at + 1}`));
  const options = element(
    "ul",
    { className: "options" },
    ...found.options.map((each, at) => element("li", {}, names[at], origin(each))),
  );
  const cases = found.use_cases.map((each) => [each, choice(found.verdicts, each.verdict, "no use case")]);
  const general = found.in_general && choice(found.verdicts, found.in_general.verdict, "no verdict");
  const rest = element("div", {});
  const reread = button("Read again with these options", () => readAgain(), { hidden: true });
  const add = button("One more option", () => {
    const box = element("input", { maxLength: 100 });
    names.push(box);
    box.setAttribute("aria-label", `Option ${names.length}`);
    options.append(element("li", {}, box));
    box.focus();
  });
  const written = () => names.map((box) => box.value.trim()).filter(Boolean);
  const changed = () => written().join("\n") !== found.options.map(({ name }) => name).join("\n");
  options.addEventListener("input", () => {
    reread.hidden = !changed();
    rest.hidden = changed(); // it was read with other options
  });
  const readAgain = async () => {
    say("Reading the document …");
    const again = await send(`/documents/${found.id}/read`, { title: title.value, options: written() });
    if (again.error) return say("", again.error);
    showFound(page, { ...again, given: written() });
  };
  const corrections = () => ({
    title: title.value === found.title ? "" : title.value,
    options: found.given ?? [],
    in_general: general && general.value !== general.dataset.before ? general.value : "",
    verdicts: Object.fromEntries(
      cases.filter(([, chosen]) => chosen.value !== chosen.dataset.before).map(([each, chosen]) => [each.case, chosen.value]),
    ),
  });
  const use = async (replace) => {
    say("Indexing …");
    const polling = setInterval(async () => {
      const { progress } = await asked(`/documents/${found.id}`, "GET");
      if (progress && dialog.querySelector(".doing").textContent) dialog.querySelector(".doing").textContent = progress;
    }, 500);
    const done = await send(`/documents/${found.id}/use`, { corrections: corrections(), replace });
    clearInterval(polling);
    if (done.status === 409) return askToReplace(done.error, use);
    if (done.error) return say("", done.error);
    location.assign(done.address);
  };
  rest.append(
    ...[
      part(
        "Use cases",
        cases.length,
        element(
          "ul",
          { className: "cases" },
          ...cases.map(([each, chosen]) => element("li", {}, labelled(each.case, chosen), origin(each))),
        ),
      ),
      general && element("section", {}, element("h3", { textContent: "In general" }), element("div", { className: "cases" }, labelled("Everybody", general), origin(found.in_general))),
      folded("Rows of tables", found.rows, "row"),
      folded("Analysis", found.analysis, "heading"),
      lines("Not certain", found.warnings),
      lines("Advice", found.advice),
      page.shared && element("p", { className: "hint", textContent: "Everybody who may log in here can ask about it." }),
      element("div", { className: "toolbar" }, button("Use it", () => use(false), { className: "main" }), button("Another document", () => showChoice(page))),
    ].filter(Boolean),
  );
  const optionPart = part("Options", names.length, options, element("div", { className: "toolbar" }, names.length < 6 ? add : null, reread));
  show("What was recognised", labelled("Title", title), optionPart, rest);
};

const askToReplace = (line, use) => {
  say("", line);
  const question = element(
    "span",
    { className: "toolbar" },
    button("Replace it", () => use(true)),
    button("Keep it", () => say("")),
  );
  dialog.querySelector(".wrong").append(" ", question);
  question.querySelector("button").focus();
};
