// SPDX-License-Identifier: MIT
// Owns what grammy and node-telegram-bot-api do against an emulator: getMe, getUpdates, logOut.
"use strict";

const server = process.env.BOTAPI_SERVER;
const token = process.env.BOT_TOKEN;

async function grammy() {
  const { Bot } = require("grammy");
  const bot = new Bot(token, { client: { apiRoot: server } });
  const seen = { me: await bot.api.getMe(), updates: await bot.api.getUpdates({ timeout: 1 }) };
  seen.logout = await bot.api.logOut();
  seen.after = await bot.api.getMe().catch((error) => [error.error_code, error.description]);
  return seen;
}

async function ntba() {
  process.env.NTBA_FIX_350 = "1";
  const TelegramBot = require("node-telegram-bot-api");
  const bot = new TelegramBot(token, { baseApiUrl: server });
  const seen = { me: await bot.getMe(), updates: await bot.getUpdates({ timeout: 1 }) };
  seen.logout = await bot.logOut();
  seen.after = await bot.getMe().catch((error) => {
    const body = error.response.body;
    return [body.error_code, body.description];
  });
  return seen;
}

({ grammy, ntba })[process.argv[2]]().then(
  (seen) => { console.log(JSON.stringify(seen)); },
  (error) => { console.error(error); process.exit(1); },
);
