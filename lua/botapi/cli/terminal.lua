-- SPDX-License-Identifier: MIT
-- Owns what a person sees and types: results, notes, a line that is redrawn, colour, questions.

local core = require "botapi.core"
local json = require "botapi.json"
local machine = require "botapi.machine"
local texts = require "botapi.text"

local host = core.host

local terminal = {}
terminal.__index = terminal

local colours = { ok = "32", LOSS = "33;1", FAIL = "31;1", error = "31;1", reset = "0" }

local function is_colourful(how)
  if how == "always" then return true end
  if how == "never" or (os.getenv "NO_COLOR" or "") ~= "" or os.getenv "TERM" == "dumb" then return false end
  return host.isatty(2)
end

-- Colours are marked by what nobody else can write, since all that others have written is shown as text.
local MARK = host.random_hex(8)
local MARKS = "<" .. MARK .. "(%a+)>"

--- A terminal, or what is in its place. No text on it shows a token; `token` is set once it is known.
-- @tparam table parsed color ("auto", "always", "never"), quiet, verbose
function terminal.new(parsed)
  return setmetatable({ quiet = parsed.quiet, verbose = parsed.verbose, colour = is_colourful(parsed.color),
    redraws = host.isatty(2) and os.getenv "TERM" ~= "dumb" and os.getenv "TERM" ~= nil }, terminal)
end

--- Whether there is a person to ask.
function terminal.can_ask()
  return host.isatty(0) and host.isatty(2)
end

local failure                   -- of standard output, the first one

--- Writes to standard output; what can't be written is a failure of the command, see `failure`.
function terminal.write(text)
  local ok, why, errno = io.stdout:write(text)
  if ok then ok, why, errno = io.stdout:flush() end
  if not ok then failure = failure or machine.told(why, errno) end
end

--- Why standard output couldn't be written; nil where it could.
function terminal.failure() return failure end

--- A word in its colour, where there is colour.
function terminal:paint(name, text)
  if not self.colour then return text end
  return ("<%s%s>%s<%sreset>"):format(MARK, name, text, MARK)
end

-- A text as it is shown: no token, nothing that a terminal would obey but the colours of `paint`.
local function shown(self, text)
  text = texts.visible(core.redact(text, self.token))
  return self.colour and text:gsub(MARKS, function(name) return "\27[" .. colours[name] .. "m" end) or text
end

--- JSON, whose strings are clean: standard output.
function terminal:document(line)
  self:clear()
  terminal.write(texts.visible(line, json.escape) .. "\n")
end

--- The result: standard output.
function terminal:result(text)
  self:clear()
  terminal.write(shown(self, text) .. "\n")
end

--- What is said even with -q.
function terminal:say(text)
  self:clear()
  io.stderr:write(shown(self, text), "\n")
end

--- What isn't the result, and what -q leaves out.
function terminal:note(text)
  if not self.quiet then self:say(text) end
end

--- A failure.
function terminal:fail(text)
  self:say(self:paint("error", "botapi:") .. " " .. text)
end

--- A step, for -v.
function terminal:step(text)
  if self.verbose then self:say(texts.clock() .. " " .. text) end
end

-- One line, redrawn ---------------------------------------------------------------------

--- How many columns it has.
function terminal.columns() return host.columns(2) or 80 end

--- Draws a line in the place of the last one that was drawn.
function terminal:draw(text)
  if self.quiet or not self.redraws then return end
  io.stderr:write("\r", shown(self, text):sub(1, terminal.columns() - 1), "\27[K")
  self.drawn = true
end

--- The drawn line stays, and the next one is another.
function terminal:keep()
  if self.drawn then io.stderr:write "\n" end
  self.drawn = nil
end

--- The drawn line goes.
function terminal:clear()
  if self.drawn then io.stderr:write "\r\27[K" end
  self.drawn = nil
end

-- Questions -----------------------------------------------------------------------------

-- By a shell: read(2) goes on after a signal in Lua's own reading, and Ctrl-C would wait for the Enter key.
local READ = [[IFS= read -r line && printf '%s.' "$line"]]

--- Asks, and returns the line, or nil at the end of input. Ctrl-C raises "interrupted!".
function terminal:ask(question)
  self:clear()
  io.stderr:write(shown(self, question))
  io.stderr:flush()
  local pipe = io.popen(READ, "r")
  local line = pipe:read "*a"
  pipe:close()
  if line == "" then io.stderr:write "\n" end
  return line ~= "" and line:sub(1, -2) or nil
end

return terminal
