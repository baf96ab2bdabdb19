"use strict";
// Everything that the report says reaches the page through textContent: nothing in it can be markup.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const PAGE = 200; // rows and results that are added at once
  const COLUMNS = 40; // results in the map
  const byId = (id) => document.getElementById(id);
  const control = Object.fromEntries(
    ["search", "module", "severity", "commit", "counting"].map((id) => [id, byId(id)]));

  function element(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  const thousands = (count) => count.toLocaleString("en");
  const badge = (severity) => element("span", { class: `badge ${severity}` }, severity);
  const link = (result) => element("a", { href: `#${result.id}` }, result.title);

  // What the filters look at, made once.
  for (const item of data.exports) item.text = `${item.name} ${item.object}`.toLowerCase();
  for (const result of data.results) {
    result.text = `${result.title} ${result.place}`.toLowerCase();
    result.commits = new Set(result.culprits.flatMap((culprit) => culprit.commits));
  }
  for (const item of data.exports) {
    item.commits = new Set([...item.commits, ...item.results.flatMap((n) => [...data.results[n].commits])]);
  }

  const wanted = (item) =>
    (!control.severity.value || item.severity === control.severity.value) &&
    (!control.commit.value || item.commits.has(Number(control.commit.value))) &&
    (!control.counting.checked || item.counts);
  const inModule = (item) => !control.module.value || item.module === control.module.value;

  // Results, each filled when it is opened.

  function opened(result, details) {
    if (details.lastElementChild.tagName === "DIV") return;
    const body = element("div");
    if (result.diff.length) body.append(diff(result));
    body.append(element("ul", {}, ...result.facts.map((fact) => element("li", {}, fact))));
    if (result.path.length > 1) body.append(element("h3", {}, "The shortest way to it"), graph(result.path));
    if (result.exports.length) body.append(element("h3", {}, "Exports"),
      exportTable(result.exports.map((n) => data.exports[n]), `Exports that ${result.title} changes`, false));
    details.append(body);
  }

  function diff(result) {
    const kinds = { "-": "old", "+": "new", " ": "same" };
    const lines = result.diff.map(([mark, text, culprit]) => {
      const line = element("span", { class: kinds[mark] ?? "same" }, text);
      const by = culprit === null ? undefined : result.culprits[culprit];
      if (by) line.append(element("small", { title: by.words }, by.commits.length === 1
        ? `${data.commits[by.commits[0]].short} (${by.verdict})` : by.words));
      return line;
    });
    return element("pre", { tabindex: "0", role: "group", "aria-label": `What changed in ${result.title}` }, ...lines);
  }

  // An export's way to the cause: boxes from left to right, in rows of as many as fit.
  function graph(path) {
    const space = "http://www.w3.org/2000/svg";
    const shape = (name, attributes, text) => {
      const made = document.createElementNS(space, name);
      for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
      if (text !== undefined) made.textContent = text;
      return made;
    };
    const titles = path.map((title) => (title.length > 40 ? `${title.slice(0, 39)}…` : title));
    const widths = titles.map((title) => title.length * 8 + 20);
    const picture = shape("svg", { role: "img", "aria-label": `The way to the cause: ${path.join(", then ")}` });
    let x = 1, y = 1, right = 0;
    titles.forEach((title, number) => {
      if (x > 1 && x + widths[number] > 1000) [x, y] = [31, y + 40];
      if (number) picture.append(shape("path", { d: `M${x - 28} ${y + 14}h22m-6 -4l6 4l-6 4` }));
      picture.append(shape("rect", { x, y, width: widths[number], height: 28, rx: 5 }));
      picture.append(shape("text", { x: x + 10, y: y + 19 }, title));
      right = Math.max(right, x + widths[number]);
      x += widths[number] + 30;
    });
    picture.setAttribute("viewBox", `0 0 ${right + 1} ${y + 30}`);
    picture.setAttribute("width", right + 1);
    return picture;
  }

  function resultDetails(result) {
    const summary = element("summary", {}, badge(result.severity), " ", result.title);
    if (result.place) summary.append(element("span", { class: "place" }, result.place));
    if (!result.counts) summary.append(element("small", {}, " (does not count)"));
    const details = element("details", { id: result.id }, summary);
    details.addEventListener("toggle", () => { if (details.open) opened(result, details); });
    return details;
  }

  // Shows the first items of a list, and a button for more, which says on paper how many are missing.
  function paged(place, items, make) {
    let shown = 0;
    const button = element("button", { type: "button", class: "more" });
    const more = () => {
      const fresh = items.slice(shown, shown + PAGE).map(make);
      place.append(...fresh);
      if (shown) fresh[0].querySelector("summary, th").focus();
      shown = Math.min(shown + PAGE, items.length);
      button.textContent = `… and ${thousands(items.length - shown)} more`;
      button.hidden = shown === items.length;
    };
    button.addEventListener("click", more);
    more();
    return button;
  }

  function exportTable(items, label, why = true) {
    const rows = element("tbody");
    const head = ["Export", "What changed", "Module", "Object", "Severity", ...(why ? ["Why"] : [])]
      .map((title) => element("th", { scope: "col" }, title));
    const button = paged(rows, items, (item) => element("tr", {},
      element("th", { scope: "row", tabindex: "-1" }, item.name),
      element("td", {}, item.words),
      element("td", {}, item.module),
      element("td", {}, item.object),
      element("td", { class: item.severity }, item.severity),
      ...(why ? [element("td", {}, ...item.results.flatMap((n, i) => [i ? ", " : "", link(data.results[n])]))] : [])));
    return element("div", { class: "wide", tabindex: "0", role: "group", "aria-label": label },
      element("table", {}, element("thead", {}, element("tr", {}, ...head)), rows), button);
  }

  // Commits from the oldest on as rows, the first results as columns.
  function map(results, shown = COLUMNS) {
    const known = results.filter((result) => result.commits.size);
    const columns = known.slice(0, shown);
    const rows = [...new Set(columns.flatMap((result) => [...result.commits]))].sort((a, b) => a - b);
    byId("map-section").hidden = !columns.length;
    if (!columns.length) return [];
    const head = columns.map((result) => element("th", { scope: "col" },
      element("a", { href: `#${result.id}`, title: result.title }, `${result.title.split(": ")[0]} · ${result.severity}`)));
    const body = rows.map((row) => {
      const commit = data.commits[row];
      const cells = columns.map((result) => {
        const culprit = result.culprits.find((each) => each.commits.includes(row));
        if (!culprit) return element("td");
        const sign = culprit.verdict === "verified" ? "●" : "○";
        const words = `${culprit.verdict}, ${result.severity}: ${result.title}`;
        return element("td", { class: result.severity, title: words }, element("span", { role: "img", "aria-label": words }, sign));
      });
      const name = `${commit.short} ${commit.subject} (${commit.author}, ${commit.date})`;
      return element("tr", {}, element("th", { scope: "row" }, name), ...cells);
    });
    const caption = "Which commit changed what; ● verified, ○ one of several or suspected" +
      (shown < known.length ? `; the first ${shown} of ${thousands(known.length)} results that have a commit` : "");
    const table = element("table", {}, element("caption", {}, caption),
      element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "Commit"), ...head)),
      element("tbody", {}, ...body));
    if (shown >= known.length) return [table];
    const button = element("button", { type: "button", class: "more" }, `… and ${thousands(known.length - shown)} more`);
    button.addEventListener("click", () => {
      byId("map").replaceChildren(...map(results, shown + COLUMNS));
      byId("map").querySelectorAll("thead a")[shown].focus();
    });
    return [table, button];
  }

  function show() {
    const words = control.search.value.trim().toLowerCase().split(/\s+/);
    const matches = (text) => words.every((word) => text.includes(word));
    // An export is found by its own name or by that of what changed it, and the other way round.
    const told = data.results.map((result) => matches(result.text));
    const exports = data.exports.filter((item) =>
      inModule(item) && wanted(item) && (matches(item.text) || item.results.some((n) => told[n])));
    // What kABI rules hide changes no export, and so is in no module.
    const results = data.results.filter((result, number) => wanted(result) && (!result.exports.length
      ? told[number] && !control.module.value : result.exports.some((n) => inModule(data.exports[n]) && (told[number] || matches(data.exports[n].text)))));
    const list = byId("results");
    list.replaceChildren();
    list.after(...replaced("results-more", paged(list, results, resultDetails)));
    if (!results.length) list.append(element("p", {}, data.results.length ? "No result matches." : "Nothing changed."));
    byId("exports").replaceChildren(exportTable(exports, "Exports that changed"));
    byId("map").replaceChildren(...map(results));
    byId("count").textContent = `${thousands(results.length)} of ${thousands(data.results.length)} results, ` +
      `${thousands(exports.length)} of ${thousands(data.exports.length)} exports that changed`;
  }

  function replaced(id, made) {
    byId(id)?.remove();
    made.id = id;
    return [made];
  }

  // A link to a result opens it, whatever is filtered away and however far down it stands.
  function follow() {
    const result = data.results.find((each) => `#${each.id}` === location.hash);
    if (!result) return;
    if (!byId(result.id)) byId("results").prepend(resultDetails(result));
    const details = byId(result.id);
    details.open = true;
    opened(result, details);
    details.scrollIntoView();
    details.querySelector("summary").focus({ preventScroll: true });
  }

  function paint() {
    document.documentElement.style.colorScheme = byId("theme").value;
  }

  function choices(select, values) {
    select.append(...values.map(([value, text]) => element("option", { value }, text)));
  }

  choices(control.module, [...new Set(data.exports.map((item) => item.module))].sort().map((name) => [name, name]));
  choices(control.severity, ["breaking", "incompatible", "harmless"].map((name) => [name, name]));
  const guilty = new Set(data.exports.flatMap((item) => [...item.commits]));
  choices(control.commit, data.commits.map((commit, n) => [n, `${commit.short} ${commit.subject}`])
    .filter(([n]) => guilty.has(n)));
  for (const each of Object.values(control)) each.addEventListener("input", show);
  const form = document.querySelector("form");
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(show)); // its fields are empty only afterwards
  byId("theme").addEventListener("input", paint);
  addEventListener("hashchange", follow);
  // On paper everything that is shown is open; afterwards as before.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("#results details:not([open])")];
    data.results.forEach((result) => { const shown = byId(result.id); if (shown) opened(result, shown); });
    for (const details of closed) details.open = true;
  });
  addEventListener("afterprint", () => { for (const details of closed) details.open = false; });
  show();
  follow();
})();
