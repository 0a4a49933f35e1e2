-- SPDX-License-Identifier: MIT
-- Owns what a person sees and types: results, notes, a line that is redrawn, colour, questions.

local clock = require "botapi.text".clock
local core = require "botapi.core"

local host = core.host

local terminal = {}
terminal.__index = terminal

local colours = { ok = "32", LOSS = "33;1", FAIL = "31;1", strong = "1", error = "31;1" }

local function is_colourful(how)
  if how == "always" then return true end
  if how == "never" or (os.getenv "NO_COLOR" or "") ~= "" or os.getenv "TERM" == "dumb" then return false end
  return host.isatty(2)
end

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

--- A word in its colour, where there is colour.
function terminal:paint(name, text)
  if not self.colour then return text end
  return "\27[" .. colours[name] .. "m" .. text .. "\27[0m"
end

--- JSON, whose strings are clean: standard output.
function terminal:document(line)
  self:clear()
  io.stdout:write(line, "\n")
  io.stdout:flush()
end

--- The result: standard output.
function terminal:result(text)
  self:document(core.redact(text, self.token))
end

--- What is said even with -q.
function terminal:say(text)
  self:clear()
  io.stderr:write(core.redact(text, self.token), "\n")
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
  if self.verbose then self:say(clock() .. " " .. text) end
end

-- One line, redrawn ---------------------------------------------------------------------

--- Draws a line in the place of the last one that was drawn.
function terminal:draw(text)
  if self.quiet or not self.redraws then return end
  local columns = host.columns(2) or 80
  io.stderr:write("\r", core.redact(text, self.token):sub(1, columns - 1), "\27[K")
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
  io.stderr:write(question)
  io.stderr:flush()
  local pipe = io.popen(READ, "r")
  local line = pipe:read "*a"
  pipe:close()
  if line == "" then io.stderr:write "\n" end
  return line ~= "" and line:sub(1, -2) or nil
end

return terminal
