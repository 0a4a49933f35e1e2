-- SPDX-License-Identifier: MIT
-- Owns the list of bots in a file: a token on each line, or a JSON object where the line begins with `{`.

local core = require "botapi.core"
local entry = require "botapi.fleet.entry"
local shard = require "botapi.fleet.shard"

local source = {}
local methods = {}
local meta = { __index = methods }

-- A line --------------------------------------------------------------------------------

-- A file's bytes, or why it can't be read.
local function slurp(path)
  local file, why = io.open(path, "r")
  local text
  if file then
    text, why = file:read "*a"
    file:close()
  end
  return text, why
end

-- The webhook of a line, in the words of `botapi.migrate`; its secret and its certificate belong to the URL.
local function read_webhook(given)
  local hook = given.webhook
  if hook == "none" then given.webhook = false end
  if type(hook) ~= "string" or hook == "none" or hook == "keep" then return nil end
  if not hook:find "^%a+://" then return "'webhook' is keep, none or a URL" end
  given.webhook = { url = hook, secret_token = given.secret_token or nil, certificate = given.certificate }
  given.secret_token, given.certificate = nil, nil
end

-- Where a string ends, in text that is JSON; `at` is behind its first quote.
local function string_end(text, at)
  while text:sub(at, at) ~= '"' do
    at = text:find('["\\]', text:sub(at, at) == "\\" and at + 2 or at + 1)
  end
  return at
end

-- The name of a member that stands there twice, however it is escaped: JSON keeps the last, and a token that came first
-- would be left out.
local function twice(text)
  local seen, depth = {}, 0
  local from = text:find('["{}%[%]]')
  while from do
    local char = text:sub(from, from)
    local at = char == '"' and string_end(text, from + 1) or from
    depth = depth + (char:find "[{%[]" and 1 or char:find "[}%]]" and -1 or 0)
    if char == '"' and depth == 1 and text:find("^%s*:", at + 1) then
      local name = core.decode(text:sub(from, at))
      if seen[name] and entry.is_member(name) then return name end
      seen[name] = true
    end
    from = text:find('["{}%[%]]', at + 1)
  end
end

-- A JSON object as a table for `botapi.fleet`: the certificate is a path there, and an empty secret none.
local function of_json(text)
  local given = core.decode(text)
  if type(given) ~= "table" then return nil, "it begins with { and isn't a JSON object" end
  local doubled = twice(text)
  if doubled then return nil, ("'%s' stands there twice"):format(doubled) end
  if given.secret_token == "" then given.secret_token = false end
  if type(given.webhook) == "table" then return nil, "'webhook' is keep, none or a URL" end
  if type(given.certificate) == "string" then
    local why
    given.certificate, why = slurp(given.certificate)
    if not given.certificate then return nil, "'certificate' can't be read: " .. why end
  end
  local problem = read_webhook(given)
  return not problem and given or nil, problem
end

-- What a line says of a bot: a token or a table; nil for an empty line and for a comment; nil and what is wrong.
local function read_line(line)
  local text = line:match "^%s*(.-)%s*$"
  if text == "" or text:sub(1, 1) == "#" then return nil end
  if text:sub(1, 1) == "{" then return of_json(text) end
  return text
end

-- All lines -----------------------------------------------------------------------------

-- What can't be read twice is kept.
local function keep(file)
  local lines = {}
  for line in file:lines() do lines[#lines + 1] = line end
  return lines
end

--- The list in a file.
-- @tparam file file open for reading
-- @treturn table `is_kept`: it isn't a file that can be read again
function source.new(file)
  local lines = not file:seek("set", 0) and keep(file) or false
  return setmetatable({ file = file, lines = lines, is_kept = lines and true or false }, meta)
end

-- Each line with its number, from the first on.
local function each_line(self)
  local n, next_line = 0, nil
  if not self.lines then
    self.file:seek("set", 0)
    next_line = self.file:lines()
  end
  return function()
    n = n + 1
    local line
    if self.lines then line = self.lines[n] else line = next_line() end
    return line and n, line
  end
end

-- The id of a line's bot, or what is wrong with the line; and its server, where it isn't the fleet's.
local function check_line(settings, given)
  local token, problem, server = entry.read(settings, given)
  if not token then return nil, problem end
  local secret = core.token(token)
  return secret:id(), secret:problem(), server
end

--- Looks at each line: how many bots are in the list, and which lines can't be used.
-- @tparam table settings of the fleet
-- @treturn int of this shard
-- @treturn int of all
-- @treturn {table,...} each `line`, its number, and `text`, what is wrong, without a token
-- @treturn int how many lines there are
function methods:check(settings)
  local n, all, wrong, lines = 0, 0, {}, 0
  for number, line in each_line(self) do
    lines = number
    local given, problem = read_line(line)
    local id
    if given then id, problem = check_line(settings, given) end
    if problem then
      wrong[#wrong + 1] = { line = number, text = problem }
    elseif given then
      all = all + 1
      n = n + (shard.has(settings.shard, id) and 1 or 0)
    end
  end
  return n, all, wrong, lines
end

--- Counts the bots of this shard that an earlier run has settled.
-- @tparam table settings of the fleet
-- @tparam table log its journal
-- @treturn int
function methods:count_settled(settings, log)
  local n = 0
  for _, line in each_line(self) do
    local given = read_line(line)
    local id, problem, server
    if given then id, problem, server = check_line(settings, given) end
    local is_asked = id and not problem and shard.has(settings.shard, id)
    if is_asked and log:earlier(id, server) then n = n + 1 end
  end
  return n
end

--- An iterator for `botapi.fleet`. A line that has gone wrong since the check is one of those that fail.
-- @treturn function
function methods:bots()
  local next_line = each_line(self)
  return function()
    for _, line in next_line do
      local given, problem = read_line(line)
      if given or problem then return given or false end
    end
  end
end

return source
