-- SPDX-License-Identifier: MIT
-- The request function that Telegram frameworks in Lua call, on botapi: docs/frameworks.md says how to put it in.
--   local request = require "framework_shim"(botapi, botapi.bot(token, {retries = 3}))
--   local answer, err = request("sendPhoto", {chat_id = 5}, {photo = "cat.jpg"})   -- the server's; nil, err: none came
local PAUSE, TICK, LEAVING = 1, 0.05, 120       -- seconds: after a failed poll; while a logOut runs, at most so long

-- What is open, and a source of LTN12, has no size before it is read.
local function content(data)
  if type(data) ~= "function" then return type(data) == "userdata" and data:read "*a" or data end
  local chunks = {}
  for chunk in data do chunks[#chunks + 1] = chunk end
  return table.concat(chunks)
end

-- A string is a path where a file of that name is there, else a file_id or a URL.
local function file_of(botapi, value)
  local file = type(value) == "string" and io.open(value, "rb")
  if type(value) == "string" then return file and file:close() and botapi.file(value) or value end
  local name, kind = value.filename or value.name, value.content_type or value.type
  if value.path then return botapi.file(value.path, { name = name, type = kind }) end
  return value.data and botapi.file { data = content(value.data), name = name, type = kind } or value
end

-- Keyboards are often objects: what is sent is what they hold, without their class.
local function plain(botapi, value)
  local meta = getmetatable(value)
  if type(value) ~= "table" or meta and type(meta) ~= "table" then return value end
  if value.filename and value.data then return file_of(botapi, value) end
  local copy = {}
  for key, member in next, value do copy[key] = plain(botapi, member) end
  return setmetatable(copy, meta and not meta.__index and meta or nil)
end

local function protected(fn, ...)       -- in Lua 5.1 no coroutine waits inside of a pcall
  if _VERSION == "Lua 5.1" and not jit and coroutine.running() then return true, fn(...) end
  return pcall(fn, ...)
end

return function(botapi, bot)
  local leaving, doubt = 0, nil   -- until when others wait for a logOut, which they could undo; why its end isn't known
  return function(endpoint, parameters, files, options)
    local method, params = endpoint:match "[^/]*$", {}
    for name, value in pairs(parameters or {}) do
      if type(name) == "string" then params[name] = plain(botapi, value) end    -- {""} stands for none
    end
    for name, value in pairs(files or {}) do params[name] = file_of(botapi, value) end
    while os.time() < leaving do botapi.sleep(TICK) end
    local polls, leaves = method:lower() == "getupdates", method:lower() == "logout"
    if leaves then leaving = os.time() + LEAVING elseif doubt then error(doubt, 0) end
    local ok, answer, err = protected(bot.call, bot, method, params, options)
    local failure = not ok and answer or select(2, botapi.check(answer, err))
    local is_open = type(failure) == "table" and failure.sent ~= "no" and (failure.error_code or 500) >= 500
    if leaves then leaving, doubt = 0, is_open and failure or nil end
    if not ok or polls and err and err.kind == "logged_out" then error(failure, 0) end  -- their loops have no other end
    if polls and not (answer and answer.ok) then botapi.sleep(PAUSE) end
    return answer, err
  end
end
