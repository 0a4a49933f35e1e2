// SPDX-License-Identifier: MIT
// The peers of Node, each as its documentation calls it. node.mjs LIBRARY once|sequence URL CALLS

import { createRequire } from "node:module";

const require = createRequire(process.env.PEERS + "/");
const [library, mode, url, calls] = process.argv.slice(2);
const token = "123456789:an-invented-secret-of-no-bot-at-all0";

const make = {
  grammy() {
    const { Bot } = require("grammy");
    const bot = new Bot(token, { client: { apiRoot: url } });
    return () => bot.api.logOut();
  },
  gramio() {
    const { Bot } = require("gramio");
    const bot = new Bot(token, { api: { baseURL: url + "/bot" } });
    return () => bot.api.logOut();
  },
  telegraf() {
    const { Telegraf } = require("telegraf");
    const bot = new Telegraf(token, { telegram: { apiRoot: url } });
    return () => bot.telegram.callApi("logOut", {});
  },
  "node-telegram-bot-api"() {
    const Bot = require("node-telegram-bot-api");
    const bot = new Bot(token, { baseApiUrl: url });
    return () => bot.logOut();
  },
};

const call = make[library]();
const check = async () => {
  const result = await call();
  if (result !== true) throw new Error("not true");
};

await check();
if (mode === "sequence") {
  const cpu = process.cpuUsage(), wall = performance.now();
  for (let i = 0; i < Number(calls); i++) await check();
  const used = process.cpuUsage(cpu);
  console.log(`${(used.user + used.system) / 1e6} ${(performance.now() - wall) / 1e3} 0`);
}
process.exit(0);
