-- SPDX-License-Identifier: MIT
-- Owns the file that `botapi migrate --drain` fills: an update a line, on the disk before the server forgets it.

local document = require "botapi.cli.document"
local host = require "botapi.core".host
local machine = require "botapi.machine"

local drain = {}

local function as_it_is(text) return text end

-- An update as the server wrote it, in one line: line ends stand only between JSON's words.
local function line_of(update, text)
  return text and text:gsub("[\r\n]", " ") or document.encode(update, as_it_is)
end

local failure = { __tostring = function(raised) return "the updates can't be written: " .. raised.drain_failed end }

-- What ends the last line of a file, where a crash has cut it.
local function line_end(path)
  local file = io.open(path, "rb")
  local size = file and file:seek "end" or 0
  local is_cut = size and size > 0 and file:seek("set", size - 1) and file:read(1) ~= "\n"
  if file then file:close() end
  return is_cut and "\n" or ""
end

--- Opens the file, which is made where there is none.
-- @string path
-- @treturn ?function to be the option `drain` of botapi.migrate; it raises a table with `drain_failed`, why it can't be
--   written
-- @treturn ?string why it can't be opened
function drain.open(path)
  if select(2, host.mode(path)) == "pipe" then return nil, path .. ": is a pipe, which puts nothing on a disk" end
  local file, why, errno = host.append(path)
  if not file then return nil, machine.told(why, errno) end
  local lines, torn = {}, line_end(path)
  local function fail(message, code)
    error(setmetatable({ drain_failed = machine.told(message, code) }, failure), 0)
  end
  return function(update, left, text)
    lines[#lines + 1] = line_of(update, text)
    if left > 0 then return end
    local block = torn .. table.concat(lines, "\n") .. "\n"
    lines, torn = {}, "\n"             -- of a write that fails a part may be there
    local ok, message, code = file:write(block)
    if not ok then fail(message, code) end
    torn = ""
    ok, message, code = file:sync()
    if not ok then fail(message, code) end
  end
end

--- The option `drain` that --drain means.
-- @treturn ?function nil: it isn't given
-- @treturn ?string what is wrong
function drain.option(parsed)
  if not parsed.drain then return nil end
  if parsed.dry_run then return function() end end    -- which asks for no update
  local write, why = drain.open(parsed.drain)
  return write, why and "--drain: " .. why .. "."
end

return drain
