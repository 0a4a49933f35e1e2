// SPDX-License-Identifier: MIT
// Makes calls with a client from npm and prints what the client reports: a JSON array with, for each call, {result} or
// {error_code, description}. Usage: node clients.js NAME '[["getMe"], ["wait", 50], ["setWebhook", {…}]]'
"use strict";

const server = process.env.BOTAPI_SERVER;
const token = process.env.BOT_TOKEN;

// Each makes a client and returns how it calls a method.
const clients = {
  grammy() {
    const { Bot } = require("grammy");
    const bot = new Bot(token, { client: { apiRoot: server } });
    return (method, ...params) => bot.api.raw[method](...params);
  },
  telegraf() {
    const { Telegraf } = require("telegraf");
    const bot = new Telegraf(token, { telegram: { apiRoot: server } });
    return (method, params) => bot.telegram.callApi(method, params ?? {});
  },
  "node-telegram-bot-api"() {
    const { Api } = require("node-telegram-bot-api");
    const api = new Api(token, { apiRoot: server });
    return (method, params) => api.request(method, params);
  },
  gramio() {
    const { Bot } = require("gramio");
    const bot = new Bot(token, { api: { baseURL: `${server}/bot` } });
    return (method, params) => bot.api[method](params);
  },
  puregram() {
    const { Telegram } = require("puregram");
    const telegram = Telegram.fromToken(token, { apiBaseUrl: `${server}/bot` });
    return (method, params) => telegram.api.call(method, params);
  },
};

// What a client's error says of the server's answer; the libraries have several names for it.
function reported(error) {
  const answer = error.response?.error_code ? error.response : error;
  const code = answer.error_code ?? answer.errorCode ?? answer.code;
  if (!Number.isInteger(code)) throw error;
  return { error_code: code, description: answer.description ?? answer.message };
}

async function run(name, steps) {
  const call = clients[name]();
  const seen = [];
  for (const [method, ...params] of steps) {
    if (method === "wait") await new Promise((resolve) => { setTimeout(resolve, params[0]); });
    else seen.push(await call(method, ...params).then((result) => ({ result }), reported));
  }
  return seen;
}

run(process.argv[2], JSON.parse(process.argv[3])).then(
  (seen) => { console.log(JSON.stringify(seen)); },
  (error) => { console.error(error); process.exit(1); },
);
