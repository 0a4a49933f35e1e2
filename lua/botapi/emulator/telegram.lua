-- SPDX-License-Identifier: MIT
-- Owns the simulated Telegram: the bots' accounts and tokens, and which updates go to which server.

local json = require "botapi.emulator.json"
local new_files = require "botapi.emulator.known_files".new

local telegram = {}
telegram.__index = telegram

--- A Telegram without servers. Only the tokens are valid; without them any well-formed token is.
function telegram.new(clock, tokens)
  local self = setmetatable({clock = clock, accounts = {}, tokens = tokens and {} or nil, files = new_files()},
    telegram)
  for _, token in ipairs(tokens or {}) do self.tokens[token] = true end
  return self
end

local function new_account(id, test)
  return {
    id = id, test = test,
    first_name = string.format("Bot %d", id), username = string.format("emulated_%d_bot", id),
    is_revoked = false, last_message_id = 0,
    sessions = {},   -- those that are connected, the oldest connection first
    backlog = {},    -- updates that came while none was: they wait at Telegram for the next one
    files = {},      -- those that it knows, by their identifiers
  }
end

--- The account of a bot, in the test environment or not; made when first asked for.
function telegram:account(id, test)
  local key = string.format(test and "%.0f/test" or "%.0f", id)
  self.accounts[key] = self.accounts[key] or new_account(id, test)
  return self.accounts[key]
end

--- Is it one of the tokens that are the only valid ones?
function telegram:is_given(token)
  return self.tokens ~= nil and self.tokens[token] == true
end

--- Does Telegram accept this token?
function telegram:accepts(account, token)
  return not account.is_revoked and (not self.tokens or self:is_given(token))
end

--- Connects a session: it gets the updates that waited at Telegram, and all that follow.
function telegram.connect(_, account, session)
  table.insert(account.sessions, session)
  local backlog = account.backlog
  account.backlog = {}
  for _, update in ipairs(backlog) do session:receive(update) end
end

--- Ends the connection of a session, which need not be there.
function telegram.disconnect(_, account, session)
  for i = #account.sessions, 1, -1 do
    if account.sessions[i] == session then table.remove(account.sessions, i) end
  end
end

--- The update that was asked for: an Update is itself, {text = "/start"} stands for a message in a private chat.
function telegram:update(account, given)
  if given.text == nil then return given end
  account.last_message_id = account.last_message_id + 1
  local sender = json.object("id", 1000001, "is_bot", false, "first_name", "Ada", "username", "ada")
  local chat = json.object("id", 1000001, "first_name", "Ada", "username", "ada", "type", "private")
  local text, entities = tostring(given.text), nil
  local command = text:match "^/[%w_@]+"
  if command then entities = json.array {json.object("offset", 0, "length", #command, "type", "bot_command")} end
  return json.object("message", json.object("message_id", account.last_message_id, "from", sender,
    "chat", chat, "date", math.floor(self.clock:now()), "text", text, "entities", entities))
end

--- Delivers an update to each server that the bot is connected to, or keeps it until there is one. Returns its id on
-- the first of these servers; nil when it isn't in that one's queue.
function telegram:deliver(account, given)
  local update, first_id = self:update(account, given), nil
  self.files:note(account, update)
  for i, session in ipairs(account.sessions) do
    local id = session:receive(update)
    if i == 1 then first_id = id end
  end
  if not account.sessions[1] then table.insert(account.backlog, update) end
  return first_id
end

return telegram
