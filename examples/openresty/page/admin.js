// SPDX-License-Identifier: MIT
// What the page of the admin endpoint does: it asks with the key, shows what comes, and asks twice before it acts.
"use strict";

const $ = (id) => document.getElementById(id);

let key = "";           // in no storage: it is gone with the page
let asked = null;       // the bot of the open question

// What a server that was probed is, in words.
const servers = { answers: ["answers", "good"] };

// --- asking ------------------------------------------------------------------

// Resolves to {status, body}, also where nothing that is JSON came back.
async function ask(path, body) {
  const options = { headers: { Authorization: "Bearer " + key }, cache: "no-store", credentials: "omit" };
  if (body) {
    options.method = "POST";
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  try {
    const response = await fetch(path, options);
    const text = await response.text();
    try {
      return { status: response.status, body: JSON.parse(text) };
    } catch {
      return { status: response.status, body: { ok: false, description: "HTTP " + response.status } };
    }
  } catch {
    return { status: 0, body: { ok: false, description: "This page's own server doesn't answer.",
      explanation: "What it has sent isn't known here. Its journal knows: look again when it is back." } };
  }
}

// --- showing -----------------------------------------------------------------

function tell(text) {
  $("message").textContent = text;
  $("message").hidden = !text;
}

function cell(row, text, kind) {
  const td = row.insertCell();
  td.textContent = text;
  if (kind) td.className = kind;
  return td;
}

function small(td, text, kind) {
  const line = document.createElement("small");
  line.textContent = text;
  if (kind) line.className = kind;
  td.append(line);
}

function since(seconds) {
  return seconds ? " Since " + new Date(seconds * 1000).toLocaleString() + "." : "";
}

function add(bot) {
  const row = $("bots").insertRow();
  cell(row, bot.name);
  cell(row, bot.id);
  const [word, kind] = servers[bot.server_state] || ["doesn't answer (" + bot.server_state + ")", "bad"];
  small(cell(row, bot.server), word, kind);
  cell(row, bot.text + since(bot.at), bot.state === "left" ? "good" : "");
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Log out…";
  button.disabled = bot.state === "left";
  button.addEventListener("click", () => question(bot));
  cell(row, "").append(button);
}

async function list() {
  const { status, body } = await ask("bots");
  if (!body.ok) {
    $("list").hidden = true;
    $("enter").hidden = false;
    tell(status === 401 ? "This isn't the key." : body.description);
    return;
  }
  tell("");
  $("enter").hidden = true;
  $("list").hidden = false;
  $("bots").replaceChildren();
  body.result.bots.forEach(add);
}

function show(bot, { status, body }) {
  const done = status === 200;
  $("outcome").className = done ? "done" : "";
  $("outcome-title").textContent = done ? bot.name + " is logged out" : bot.name + " is not known to be logged out";
  if (status === 409 || body.sent === "no") $("outcome-title").textContent = bot.name + " wasn't logged out";
  $("outcome-text").textContent = body.description || "The server said: " + JSON.stringify(body.result);
  $("outcome-next").textContent = body.explanation || "";
  $("outcome-answer").textContent = JSON.stringify(body, null, 2);
  $("outcome").hidden = false;
}

// --- the question ------------------------------------------------------------

function question(bot) {
  asked = bot;
  for (const element of document.querySelectorAll(".ask-name")) element.textContent = bot.name;
  $("ask-server").textContent = bot.server;
  $("typed").value = "";
  $("confirm").disabled = true;
  $("ask").showModal();
  $("typed").focus();
}

$("typed").addEventListener("input", () => {
  $("confirm").disabled = !asked || $("typed").value !== asked.name;
});

$("cancel").addEventListener("click", () => $("ask").close());

$("ask").addEventListener("close", () => {
  asked = null;
});

$("ask-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const bot = asked;
  if (!bot || $("typed").value !== bot.name) return;
  $("confirm").disabled = true;
  $("cancel").disabled = true;
  const came = await ask("bots/" + encodeURIComponent(bot.name) + "/logout", { name: bot.name });
  $("cancel").disabled = false;
  $("ask").close();
  show(bot, came);
  await list();
  $("outcome").scrollIntoView({ block: "nearest" });
});

// --- the rest ----------------------------------------------------------------

$("enter").addEventListener("submit", (event) => {
  event.preventDefault();
  key = $("key").value.trim();
  $("key").value = "";
  list();
});

$("again").addEventListener("click", list);
