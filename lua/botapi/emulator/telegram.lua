-- SPDX-License-Identifier: MIT
-- Owns the simulated Telegram: the bots' accounts and tokens, and which updates go to which server.

local json = require "botapi.emulator.json"

local telegram = {}
telegram.__index = telegram

--- A Telegram without servers. Only the tokens are valid; without them any well-formed token is.
function telegram.new(clock, tokens)
  local self = setmetatable({clock = clock, accounts = {}, tokens = tokens and {} or nil}, telegram)
  for _, token in ipairs(tokens or {}) do self.tokens[token] = true end
  return self
end

local function new_account(id, test)
  return {
    id = id, test = test,
    first_name = string.format("Bot %d", id), username = string.format("emulated_%d_bot", id),
    is_revoked = false, last_update_id = 0, last_message_id = 0,
    sessions = {},   -- those logged in, in the order of their logins
    backlog = {},    -- updates that came while it was logged in nowhere
  }
end

--- The account of a bot, in the test environment or not; made when first asked for.
function telegram:account(id, test)
  local key = string.format(test and "%.0f/test" or "%.0f", id)
  self.accounts[key] = self.accounts[key] or new_account(id, test)
  return self.accounts[key]
end

--- Does Telegram accept this token?
function telegram:accepts(account, token)
  return not account.is_revoked and (not self.tokens or self.tokens[token] == true)
end

--- Logs a session in: it gets the updates that waited, and all that follow.
function telegram.login(_, account, session)
  table.insert(account.sessions, session)
  local backlog = account.backlog
  account.backlog = {}
  for _, update in ipairs(backlog) do session:receive(update) end
end

--- Ends a session.
function telegram.logout(_, account, session)
  for i = #account.sessions, 1, -1 do
    if account.sessions[i] == session then table.remove(account.sessions, i) end
  end
end

-- {"text": "/start"} stands for a message in a private chat.
local function complete(clock, account, update)
  if update.text == nil then return update end
  account.last_message_id = account.last_message_id + 1
  local sender = json.object("id", 1000001, "is_bot", false, "first_name", "Ada", "username", "ada")
  local chat = json.object("id", 1000001, "first_name", "Ada", "username", "ada", "type", "private")
  local text, entities = tostring(update.text), nil
  local command = text:match "^/[%w_@]+"
  if command then entities = json.array {json.object("offset", 0, "length", #command, "type", "bot_command")} end
  return json.object("message", json.object("message_id", account.last_message_id, "from", sender,
    "chat", chat, "date", math.floor(clock:now()), "text", text, "entities", entities))
end

--- Makes an update with the next id, from an Update or {text = …}; delivers it to nobody.
function telegram:make(account, update)
  update = complete(self.clock, account, update)
  local id = update.update_id or account.last_update_id + 1
  account.last_update_id = math.max(account.last_update_id, id)
  local numbered, names = {update_id = id}, {"update_id"}
  for _, name in ipairs(json.names(update)) do
    if name ~= "update_id" then numbered[name], names[#names + 1] = update[name], name end
  end
  return json.ordered(numbered, names)
end

--- Delivers an update to each server where the bot is logged in, or keeps it until there is one; returns its id.
function telegram:deliver(account, update)
  update = self:make(account, update)
  for _, session in ipairs(account.sessions) do session:receive(update) end
  if not account.sessions[1] then table.insert(account.backlog, update) end
  return update.update_id
end

return telegram
