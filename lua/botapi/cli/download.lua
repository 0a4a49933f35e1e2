-- SPDX-License-Identifier: MIT
-- Owns the command `botapi download`: a file of the bot's, to a path or to standard output, with a progress line.

local download = require "botapi.download"
local options = require "botapi.cli.options"
local outcomes = require "botapi.outcome"
local session = require "botapi.cli.session"
local terminal = require "botapi.cli.terminal"
local texts = require "botapi.text"

local command = {}

local MEGABYTE = 1e6
local LARGEST = 2 ^ 53
local STDOUT = "-"
-- Its other names: what is told of the file doesn't belong behind it.
local DEVICES = { ["/dev/stdout"] = true, ["/dev/fd/1"] = true, ["/proc/self/fd/1"] = true }

function command.describe(parser)
  parser:summary "Download a file that the bot knows."
  parser:description("Downloads a file. A path has the old file until the whole new one is there. Any call logs the "
    .. "bot in on that server, if it wasn't.")
  parser:epilog("Example: botapi download BQACAgIAAxkBAAM -o report.pdf --server telegram")
  parser:argument("file", "The file_id, or a file_path as getFile gives it."):argname "FILE_ID"
  parser:option("-o --output", "Where it goes; - is standard output."):argname "PATH":count "1"
  parser:flag("--resume", "Keep what came before a failure, and go on there the next time.")
  parser:option("--max-size", "The largest file to take, in bytes."):argname "N":convert(options.whole(0, LARGEST))
  options.add_server(parser):count "1"
  options.add_retries(parser)
  options.add_bot(parser)
end

local function megabytes(bytes) return ("%.1f"):format(bytes / MEGABYTE) end

-- `12.3 of 45.6 MB, 27 %`
local function progress_text(done, total)
  if not total then return megabytes(done) .. " MB" end
  return ("%s of %s MB, %.0f %%"):format(megabytes(done), megabytes(total), total > 0 and done / total * 100 or 100)
end

local function check(self)
  local parsed = self.parsed
  if DEVICES[parsed.output] then parsed.output = STDOUT end
  local is_stdout = parsed.output == STDOUT
  if is_stdout and parsed.json then return "--json and the file can't both go to standard output: use -o PATH." end
  if is_stdout and parsed.resume then return "--resume needs a path: use -o PATH." end
  if parsed.output == "" then return "-o needs a path." end
  local problem = download.wrong(parsed.file)
  return problem and problem .. "." or self:read_server(parsed.server) or self:read_token()
end

-- What is written to standard output: no more, once it can't be. A pipe takes a piece of this size whole or not at all;
-- after a part of one the C library goes on with the rest, and doesn't see that Ctrl-C has interrupted it.
local PIECE = 4096

local function write(bytes)
  for i = 1, #bytes, PIECE do
    terminal.write(bytes:sub(i, i + PIECE - 1))
    if terminal.failure() then return false end
  end
  return true
end

local function finish(self, departure, res, err)
  self.out:clear()
  if terminal.failure() then return outcomes.exits.done end     -- which tells so
  if not (res and res.ok) then return self:finish_failed("", res, err) end
  self:note_arrival(departure)
  local result, output = res.result, self.parsed.output
  local text = ("%s: %s MB%s."):format(texts.path(output), megabytes(result.file_size), result.resumed
    and ", of which a part was there" or "")
  return self:finish { outcome = "done", sent = "yes", response = res, text = output ~= STDOUT and text or nil }
end

-- Nothing that a download does has to be undone.
local function stopped(self)
  self.out:clear()
  return self:stopped()
end

local function perform(self)
  local parsed = self.parsed
  local wrong = check(self)
  if wrong then return self:misused(wrong) end
  local ended, departure = self:check_journal()
  if ended then return ended end
  return self.guard(function() return stopped(self) end, function()
    return finish(self, departure, self.client:download(parsed.file, parsed.output == STDOUT and write or parsed.output,
      { resume = parsed.resume, max_size = parsed.max_size,
        on_progress = function(done, total) self.out:draw(progress_text(done, total)) end }))
  end)
end

function command.run(parsed) return session.run("download", parsed, perform) end

return command
