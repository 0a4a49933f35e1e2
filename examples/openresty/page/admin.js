// SPDX-License-Identifier: MIT
// What the page of the admin endpoint does: it asks with the key, shows what comes, and asks twice before it acts.
"use strict";

const $ = (id) => document.getElementById(id);

const AT_ONCE = 4;              // logouts
const LIST_SECONDS = 20;        // how long to wait for the list, and for a logout: longer than the endpoint's deadline
const LOGOUT_SECONDS = 90;
const PAUSE = 3;                // seconds, where a rate limit doesn't say how long

let key = "";                   // in no storage: it is gone with the page
let asked = [];                 // the bots of the open question
let order = { by: "name", up: true };
const shown = new Map();        // by name: a bot's row, with what it consists of

// --- asking ------------------------------------------------------------------

// What a status without JSON means: it isn't from the endpoint.
function foreign(status) {
  if (status === 401) return "A proxy in front wants a login (HTTP 401). Load this page again.";
  return `Not the endpoint but a proxy in front has answered: HTTP ${status}.`;
}

const LOST = "What it has sent isn't known here. Its journal knows: look again when it is back.";

function options(body, seconds) {
  const all = { headers: { "X-Botapi-Key": key }, cache: "no-store", credentials: "same-origin",
    signal: AbortSignal.timeout(seconds * 1000) };
  if (!body) return all;
  all.method = "POST";
  all.headers["Content-Type"] = "application/json";
  all.body = JSON.stringify(body);
  return all;
}

// Resolves to {status, body, pause}, also where nothing that is JSON came back.
async function ask(path, body, seconds) {
  try {
    // the page's own URL may hold a login, which fetch doesn't take
    const response = await fetch(new URL(path, location.origin + location.pathname), options(body, seconds));
    const text = await response.text();
    const pause = Number(response.headers.get("Retry-After")) || PAUSE;
    try {
      return { status: response.status, body: JSON.parse(text), pause };
    } catch {
      return { status: response.status, is_foreign: true, pause, body: { ok: false,
        description: foreign(response.status), explanation: response.status < 500 ? "" : LOST } };
    }
  } catch {
    return { status: 0, is_foreign: true, body: { ok: false, description: "This page's own server doesn't answer.",
      explanation: LOST } };
  }
}

// --- small things ------------------------------------------------------------

function make(kind, text, name) {
  const element = document.createElement(kind);
  if (text) element.textContent = text;
  if (name) element.className = name;
  return element;
}

function tell(text) {
  $("message").textContent = text;
  $("message").hidden = !text;
}

function say(text) {
  $("status").textContent = text;
}

function since(seconds) {
  return seconds ? ` Since ${new Date(seconds * 1000).toLocaleString()}.` : "";
}

function counted(n) {
  return n === 1 ? "1 bot" : `${n} bots`;
}

function sleep(seconds) {
  return new Promise((resolve) => { setTimeout(resolve, seconds * 1000); });
}

// For buttons that may have the focus: a disabled one would lose it.
function enable(button, yes) {
  button.setAttribute("aria-disabled", String(!yes));
}

function is_enabled(button) {
  return button.getAttribute("aria-disabled") !== "true";
}

// --- the list ----------------------------------------------------------------

function new_row(name) {
  const row = { tr: make("tr"), box: make("input"), bot: make("td"), server: make("td"), text: make("span"),
    button: make("button", "Log out…"), name };
  row.box.type = "checkbox";
  row.box.setAttribute("aria-label", "Select " + name);
  row.box.addEventListener("change", count);
  row.button.type = "button";
  row.button.setAttribute("aria-label", "Log out " + name);
  row.button.addEventListener("click", () => { if (is_enabled(row.button)) question([row]); });
  const first = make("td"), last = make("td"), known = make("div", "", "known");
  first.append(row.box);
  known.append(row.text, row.button);
  last.append(known);
  row.tr.append(first, row.bot, row.server, last);
  row.tr.dataset.name = name;
  return row;
}

// A row is busy from the confirmation until its outcome is there.
function paint(row) {
  const is_free = !row.busy && row.data.state !== "left" && row.data.state !== "running";
  row.text.textContent = row.busy || row.data.text + since(row.data.at);
  row.text.className = !row.busy && row.data.state === "left" ? "good" : "";
  row.box.disabled = !is_free;
  if (!is_free) row.box.checked = false;
  enable(row.button, is_free);
}

function fill(row, data) {
  row.data = data;
  const is_there = data.server_state === "answers";
  row.bot.replaceChildren(data.name, make("small", data.id));
  row.server.replaceChildren(data.server,
    make("small", is_there ? "answers" : `doesn't answer (${data.server_state})`, is_there ? "good" : "bad"));
  row.search = [data.name, data.id, data.server, data.text].join(" ").toLowerCase();
  paint(row);
}

function compare(a, b) {
  const way = order.up ? 1 : -1;
  return way * a.data[order.by].localeCompare(b.data[order.by], "en", { numeric: true })
    || a.name.localeCompare(b.name, "en", { numeric: true });
}

function visible() {
  return [...shown.values()].filter((row) => !row.tr.hidden);
}

function selected() {
  return visible().filter((row) => row.box.checked);
}

// How many there are, and what the buttons above the list can do. What isn't shown isn't selected.
function count() {
  const rows = visible(), free = rows.filter((row) => !row.box.disabled), chosen = selected();
  const part = rows.length === shown.size ? "" : `${rows.length} of `;
  $("count").textContent = part + counted(shown.size);
  $("several").textContent = chosen.length ? `Log out ${counted(chosen.length)}…` : "Log out selected…";
  enable($("several"), chosen.length > 0);
  $("all").disabled = free.length === 0;
  $("all").checked = free.length > 0 && chosen.length === free.length;
  $("all").indeterminate = chosen.length > 0 && chosen.length < free.length;
}

function filter() {
  const words = $("find").value.toLowerCase().split(/\s+/);
  for (const row of shown.values()) {
    row.tr.hidden = !words.every((word) => row.search.includes(word));
    if (row.tr.hidden) row.box.checked = false;
  }
  count();
}

// Rows are moved where they have to be; the focus stays where it was.
function arrange() {
  const focus = document.activeElement;
  const rows = [...shown.values()].sort(compare);
  rows.forEach((row, i) => {
    if ($("bots").rows[i] !== row.tr) $("bots").insertBefore(row.tr, $("bots").rows[i] || null);
  });
  if (focus && focus !== document.activeElement) focus.focus({ preventScroll: true });
  for (const button of document.querySelectorAll(".sort")) {
    const th = button.parentElement;
    if (button.dataset.by === order.by) th.setAttribute("aria-sort", order.up ? "ascending" : "descending");
    else th.removeAttribute("aria-sort");
  }
}

function fill_all(list) {
  const names = new Set(list.map((data) => data.name));
  for (const [name, row] of shown) {
    if (names.has(name)) continue;
    row.tr.remove();
    shown.delete(name);
  }
  for (const data of list) {
    if (!shown.has(data.name)) shown.set(data.name, new_row(data.name));
    fill(shown.get(data.name), data);
  }
  arrange();
  filter();
}

// Without a list there is nothing to act on: back to the key.
function lose(came) {
  const is_key = came.status === 401 && !came.is_foreign;
  tell(is_key ? "This isn't the key." : came.body.description);
  if (!is_key && shown.size) return;
  $("list").hidden = true;
  $("enter").hidden = false;
  $("key").focus();
}

async function list() {
  let came = await ask("bots", null, LIST_SECONDS);
  while (came.status === 429) {
    say(`The endpoint wants a pause of ${came.pause} s.`);
    await sleep(came.pause);
    came = await ask("bots", null, LIST_SECONDS);
  }
  if (!came.body.ok) return lose(came);
  tell("");
  fill_all(came.body.result.bots);
  if ($("list").hidden) {
    $("enter").hidden = true;
    $("list").hidden = false;
    $("find").focus();
  }
}

async function look(text) {
  say(text);
  await list();
  if (!work.active) say("");
}

// --- what became of it -------------------------------------------------------

// The endpoint's outcomes: how each is coloured and counted, and its title.
const OUT = ["good", "logged out", "is logged out"];
const NOT_OUT = ["bad", "not logged out", "wasn't logged out"];
const UNKNOWN = ["bad", "unknown", "is not known to be logged out"];
const outcomes = { done: OUT, already: OUT, refused: NOT_OUT, later: NOT_OUT, not_sent: NOT_OUT, unknown: UNKNOWN };
const states = { left: ["", "had already left", "had already left"],
  running: ["", "already under way", "is being logged out by someone else"] };

// The same of any answer. Where the endpoint says nothing, a 4xx has refused the request.
function meaning({ status, body }) {
  return states[body.state] || outcomes[body.outcome] || (400 <= status && status < 500 ? NOT_OUT : UNKNOWN);
}

function show(name, came) {
  const [kind, what, title] = meaning(came);
  work.title = `${name} ${title}`;
  if (kind !== "good" || work.total === 1) {
    const item = make("li", "", "card " + kind);
    const text = came.body.state ? "Nothing was sent." + since(came.body.at) : came.body.description;
    item.append(make("h2", work.title), make("p", text));
    if (came.body.explanation) item.append(make("p", came.body.explanation));
    const details = make("details");
    details.append(make("summary", "The answer"), make("pre", JSON.stringify(came.body, null, 2)));
    item.append(details);
    $("outcomes").prepend(item);
  }
  work.counts[what] = (work.counts[what] || 0) + 1;
}

// --- the work ----------------------------------------------------------------

const work = { queue: [], active: 0, total: 0, done: 0, counts: {}, title: "", pause: 0, began: 0 };

function summary() {
  return Object.entries(work.counts).map(([what, n]) => `${n} ${what}`).join(", ");
}

function progress() {
  const is_over = work.active === 0 && work.queue.length === 0;
  $("running").hidden = is_over;
  $("stop").hidden = work.queue.length === 0;
  $("progress").max = work.total;
  $("progress").value = work.done;
  const said = summary();
  if (is_over && work.total === 1) return say(work.title + ".");
  if (is_over) return say(`${work.done} of ${counted(work.total)}: ${said}.`);
  const seconds = Math.round((Date.now() - work.began) / 1000);
  say(`Sending… ${work.done} of ${counted(work.total)}${said ? ": " + said : ""}.`
    + (work.pause ? ` The endpoint wants a pause of ${work.pause} s.` : "")
    + (seconds >= 10 ? ` ${seconds} s so far; a slow server takes a minute at most.` : ""));
}

function set_busy(row, text) {
  row.busy = text;
  paint(row);
  count();
}

// The rest isn't sent.
function stop() {
  for (const row of work.queue) {
    work.counts["not sent"] = (work.counts["not sent"] || 0) + 1;
    set_busy(row, "");
  }
  work.queue = [];
  progress();
}

async function log_out(row) {
  set_busy(row, "Sending…");
  const path = "bots/" + encodeURIComponent(row.name) + "/logout";
  let came = await ask(path, { name: row.name }, LOGOUT_SECONDS);
  while (came.status === 429) {
    work.pause = came.pause;
    progress();
    await sleep(came.pause);
    work.pause = 0;
    came = await ask(path, { name: row.name }, LOGOUT_SECONDS);
  }
  work.done += 1;
  show(row.name, came);
  if (meaning(came) === OUT) row.data = { ...row.data, state: "left", text: "It is logged out." };
  set_busy(row, "");
  if (came.is_foreign || came.status === 401 || came.status === 403) stop();
}

async function worker() {
  work.active += 1;
  while (work.queue.length) {
    await log_out(work.queue.shift());
    progress();
  }
  work.active -= 1;
  if (work.active) return;
  await list();
  progress();
}

function begin(rows) {
  if (!work.active) {
    Object.assign(work, { total: 0, done: 0, counts: {}, began: Date.now() });
    $("outcomes").replaceChildren();
  }
  work.total += rows.length;
  for (const row of rows) set_busy(row, "Waiting…");
  work.queue.push(...rows);
  $("work").hidden = false;
  while (work.active < AT_ONCE && work.queue.length) worker();
  progress();
}

setInterval(() => { if (work.active) progress(); }, 5000);

// --- the question ------------------------------------------------------------

function question(rows) {
  asked = rows;
  const one = rows.length === 1, servers = [...new Set(rows.map((row) => row.data.server))];
  $("ask-title").textContent = one ? `Log ${rows[0].name} out?` : `Log ${counted(rows.length)} out?`;
  $("ask-names").hidden = one;
  $("ask-names").replaceChildren(...rows.map((row) => make("li", row.name)));
  $("ask-what").textContent = `${one ? "It leaves" : "They leave"} ${servers.join(", ")}: `
    + `${one ? "its webhook" : "webhooks"} and the updates that wait there are lost.`;
  $("ask-cloud").hidden = !rows.some((row) => row.data.cloud);
  $("ask-local").hidden = rows.every((row) => row.data.cloud);
  $("ask-word").textContent = word();
  $("typed").value = "";
  $("confirm").disabled = true;
  $("ask").showModal();
  $("typed").focus();
}

// What has to be typed: the bot's name, or how many they are.
function word() {
  return asked.length === 1 ? asked[0].name : String(asked.length);
}

function is_typed() {
  return asked.length > 0 && $("typed").value.trim() === word();
}

$("typed").addEventListener("input", () => { $("confirm").disabled = !is_typed(); });

$("cancel").addEventListener("click", () => $("ask").close());

// By a button or by Esc; the browser gives the focus back to the button that asked.
$("ask").addEventListener("close", () => {
  if (asked.length && !work.active) say("Cancelled: nothing was sent.");
  asked = [];
});

$("ask-form").addEventListener("submit", (event) => {
  event.preventDefault();
  if (!is_typed()) return;
  const rows = asked;
  asked = [];
  $("ask").close();
  begin(rows);
});

// --- the rest ----------------------------------------------------------------

$("enter").addEventListener("submit", (event) => {
  event.preventDefault();
  key = $("key").value.trim();
  $("key").value = "";
  look("Asking…");
});

$("again").addEventListener("click", () => { if (!work.active) look("Looking…"); });
$("stop").addEventListener("click", stop);
$("find").addEventListener("input", filter);
$("several").addEventListener("click", () => { if (is_enabled($("several"))) question(selected()); });

$("all").addEventListener("change", () => {
  for (const row of visible()) row.box.checked = $("all").checked && !row.box.disabled;
  count();
});

for (const button of document.querySelectorAll(".sort")) {
  button.addEventListener("click", () => {
    order = { by: button.dataset.by, up: order.by === button.dataset.by ? !order.up : true };
    arrange();
  });
}
