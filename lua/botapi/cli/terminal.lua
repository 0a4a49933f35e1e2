-- SPDX-License-Identifier: MIT
-- Owns what a person sees and types: results, notes, a line that is redrawn, colour, questions.

local core = require "botapi.core"
local json = require "botapi.json"
local layout = require "botapi.cli.layout"
local machine = require "botapi.machine"
local texts = require "botapi.text"

local host = core.host

local terminal = {}
terminal.__index = terminal

local OUT, ERR = 1, 2           -- streams
local USUAL = 80                -- columns of a terminal that doesn't say

terminal.ERR = ERR

local colours = { ok = "32", LOSS = "33;1", FAIL = "31;1", error = "31;1", reset = "0" }

-- The words at which lines of a plan begin, and their colours.
local states = { ok = "ok", LOSS = "LOSS", FAIL = "FAIL", erases = "LOSS", loses = "LOSS", deletes = "LOSS" }

local function is_colourful(how, stream)
  if how == "always" then return true end
  if how == "never" or (os.getenv "NO_COLOR" or "") ~= "" or os.getenv "TERM" == "dumb" then return false end
  return host.isatty(stream)
end

-- Colours are marked by what nobody else can write, since all that others have written is shown as text.
local MARK = host.random_hex(8)
local MARKS = "<" .. MARK .. "(%a+)>"

--- A terminal, or what is in its place. No text on it shows a token; `token` is set once it is known.
-- @tparam table parsed color ("auto", "always", "never"), quiet, verbose
function terminal.new(parsed)
  return setmetatable({ quiet = parsed.quiet, verbose = parsed.verbose,
    colour = { [OUT] = is_colourful(parsed.color, OUT), [ERR] = is_colourful(parsed.color, ERR) },
    redraws = host.isatty(2) and os.getenv "TERM" ~= "dumb" and os.getenv "TERM" ~= nil }, terminal)
end

--- Whether there is a person to ask.
function terminal.can_ask()
  return host.isatty(0) and host.isatty(2)
end

local failure                   -- of standard output, the first one

-- What was begun when Ctrl-C came would be written at the end of the process, and a full pipe would hold it there.
io.stdout:setvbuf "no"

--- Writes to standard output; what can't be written is a failure of the command, see `failure`.
function terminal.write(text)
  local ok, why, errno = io.stdout:write(text)
  if not ok then failure = failure or machine.told(why, errno) end
end

--- Why standard output couldn't be written; nil where it could.
function terminal.failure() return failure end

--- A word in its colour, where there is colour.
function terminal.paint(name, text)
  return ("<%s%s>%s<%sreset>"):format(MARK, name, text, MARK)
end

--- A plan: the words that tell what is well and what isn't in colour, where there is one.
function terminal.painted(text)
  return (("\n" .. text):gsub("(\n  )(%a+)( +)", function(start, word, gap)
    return states[word] and start .. terminal.paint(states[word], word) .. gap
  end):sub(2))
end

--- A text in lines for the terminal that a stream is; for a file or a pipe it stays as it is.
function terminal.fitted(stream, text)
  return host.isatty(stream) and layout.fit(text, host.columns(stream) or USUAL) or text
end

--- How wide the terminal is that standard output is; nil: it is none.
function terminal.width() return host.isatty(OUT) and (host.columns(OUT) or USUAL) or nil end

--- Help, of which a terminal has lines that fit: standard output.
function terminal.page(text) terminal.write(terminal.fitted(OUT, text)) end

-- A text as it is shown: no token, nothing that a terminal would obey but the colours of `paint`.
local function shown(self, stream, text)
  text = texts.visible(core.redact(text, self.token))
  text = text:gsub(MARKS, function(name) return self.colour[stream] and "\27[" .. colours[name] .. "m" or "" end)
  return terminal.fitted(stream, text)
end

--- JSON, whose strings are clean: standard output.
function terminal:document(line)
  self:clear()
  terminal.write(texts.visible(line, json.escape) .. "\n")
end

--- The result: standard output.
function terminal:result(text)
  self:clear()
  terminal.write(shown(self, OUT, text) .. "\n")
end

--- What is said even with -q.
function terminal:say(text)
  self:clear()
  io.stderr:write(shown(self, ERR, text), "\n")
end

--- What isn't the result, and what -q leaves out.
function terminal:note(text)
  if not self.quiet then self:say(text) end
end

--- A failure.
function terminal:fail(text)
  self:say(terminal.paint("error", "botapi:") .. " " .. text)
end

--- A step, for -v.
function terminal:step(text)
  if self.verbose then self:say(texts.clock() .. " " .. text) end
end

-- One line, redrawn ---------------------------------------------------------------------

--- How many columns it has.
function terminal.columns() return host.columns(ERR) or USUAL end

-- To where the drawn line begins, which may take some rows.
local function to_start(self)
  local rows = self.drawn and layout.rows(self.drawn, terminal.columns()) or 1
  return rows > 1 and ("\r\27[%dA"):format(rows - 1) or "\r"
end

--- Draws a line in the place of the last one that was drawn. One that is too long takes some rows.
function terminal:draw(text)
  if self.quiet or not self.redraws then return end
  local drawn = layout.fit(shown(self, ERR, text), terminal.columns() - 1)
  io.stderr:write(to_start(self) .. drawn:gsub("\n", "\27[K\n") .. "\27[K\27[J")
  self.drawn = drawn
end

--- The drawn line stays, and the next one is another.
function terminal:keep()
  if self.drawn then io.stderr:write "\n" end
  self.drawn = nil
end

--- The drawn line goes.
function terminal:clear()
  if self.drawn then io.stderr:write(to_start(self) .. "\27[J") end
  self.drawn = nil
end

-- Questions -----------------------------------------------------------------------------

-- By a shell: read(2) goes on after a signal in Lua's own reading, and Ctrl-C would wait for the Enter key.
local READ = [[IFS= read -r line && printf '%s.' "$line"]]

--- Asks, and returns the line, or nil at the end of input. Ctrl-C raises "interrupted!".
function terminal:ask(question)
  self:clear()
  io.stderr:write(shown(self, ERR, question))
  io.stderr:flush()
  local pipe = io.popen(READ, "r")
  local line = pipe:read "*a"
  pipe:close()
  if line == "" then io.stderr:write "\n" end
  return line ~= "" and line:sub(1, -2) or nil
end

return terminal
