-- SPDX-License-Identifier: MIT
-- Owns downloads: which file is meant, where it goes, and that nothing is left half there.

-- What it takes and returns is said in types/botapi.lua and docs/files.md.

local core = require "botapi.core"
local drives = require "botapi.drive"
local misuse = require "botapi.misuse"
local policy = require "botapi.policy"
local servers = require "botapi.server"

local host = core.host

local NAME = "download"
local BLOCK = 64 * 1024                 -- bytes of a file on this machine that are copied at once
local PAUSE = 128                       -- so many blocks between two turns of the loop
local MOST = 2 ^ 53
local NAME_MAX = 255                    -- bytes of a file's name on usual disks
local CUT = "[\192-\255]?[\128-\191]*$" -- what may be a part of a character in UTF-8
local SHORTEST, LONGEST, GROWTH = 0.001, 0.050, 1.25    -- seconds between two looks at a pipe that is full
local ENOENT, ENXIO, EAGAIN, EISDIR = 2, 6, 11, 21
local GONE = 416                        -- the status of a range that the file hasn't got

-- Arguments -----------------------------------------------------------------------

local OPTIONS = {
  max_size = { "number", min = 0, max = MOST },
  resume = { "boolean" },
  on_progress = { "function" },
}

-- Options of calls, and of downloads; nil and what is wrong.
local function split(options)
  if options ~= nil and type(options) ~= "table" then
    return nil, "options: table expected, got " .. type(options)
  end
  local call, own = {}, {}
  for name, value in pairs(policy.plain(options, OPTIONS) or {}) do
    local spec = OPTIONS[name]
    local problem = policy.unknown(name, OPTIONS) or spec and policy.mismatch(name, value, spec)
    if problem then return nil, problem end
    (spec and own or call)[name] = value
  end
  return call, own
end

local function is_absolute(path) return path:sub(1, 1) == "/" end

local function is_text(value) return type(value) == "string" and value ~= "" and not value:find "%z" end

-- What a text means. One that a user has written must not name a file of this machine.
local function of_text(text)
  if is_absolute(text) then return nil, "file: a place on the server's disk is taken as {file_path =} alone" end
  return text:find("/", 1, true) and { file_path = text } or { file_id = text }
end

-- Which file is meant: `file_id` or `file_path`, and what else is known of it; nil and what is wrong.
local function read_file(file)
  if type(file) == "string" then
    local problem
    file, problem = of_text(file)
    if not file then return nil, problem end
  end
  if type(file) ~= "table" then
    return nil, "file: a file_id, a file_path or a File expected, got " .. type(file)
  end
  if file[1] then return nil, "file: a list: of a photo's sizes give one, the last is the largest" end
  local known = { file_id = file.file_id, file_unique_id = file.file_unique_id, file_path = file.file_path,
    file_size = file.file_size }
  if not (is_text(known.file_path) or known.file_path == nil and is_text(known.file_id)) then
    return nil, "file: it has neither a file_id nor a file_path"
  end
  local problem = known.file_path and not is_absolute(known.file_path) and core.file_path(known.file_path)
  if problem then return nil, "file: its file_path " .. problem end
  return known
end

--- Reads the arguments behind the token.
-- @treturn ?table what is asked for: `file`, `to`, `call` (options of calls), and the own options
-- @treturn ?string what is wrong
local function read(file, to, options)
  local call, own = split(options)
  if not call then return nil, own end
  local known, problem = read_file(file)
  if not known then return nil, problem end
  if type(to) ~= "function" and not is_text(to) then
    return nil, "to: a path or a function expected, got " .. (type(to) == "string" and "an odd path" or type(to))
  end
  if own.resume and type(to) == "function" then return nil, "option 'resume': it needs a path" end
  own.file, own.to, own.call = known, to, call
  return own
end

-- Failures ------------------------------------------------------------------------

local function failure(kind, sent, cause, more)
  more = more or {}
  return nil, core.error { kind = kind, sent = sent, method = NAME, cause = cause, errno = more.errno,
    problem = more.problem }
end

-- What the system says of a path, after `sent`.
local function of_system(sent, message, errno)
  return failure("system", sent, message, { errno = errno, problem = "file_unwritable" })
end

-- What ends a download while it runs is a table: `kind`, `cause`, and what `failure` takes more.
local UNWANTED = { kind = "cancelled", cause = "its owner wanted no more" }
local LARGE = { kind = "limit", cause = "the file is larger than max_size", problem = "file_large" }

local function fail_for(wrong, sent) return failure(wrong.kind, sent, wrong.cause, wrong) end

-- Targets -------------------------------------------------------------------------

-- Where the file goes. `file`: what it is written to, nil where a function gets it; `beside`: its path until it is
-- whole, nil where it isn't a regular file, or is open already; `from`: how much of it an earlier try has left.

-- The path of a part: its name begins as that of the file, unless that leaves no room for what makes it another one.
local function beside(ask, unique)
  local directory, name = ask.place:match "^(.-)([^/]*)$"
  local ending = "." .. unique .. ".part"
  local room = NAME_MAX - #ending
  if #name > room and #name <= NAME_MAX then name = name:sub(1, room):gsub(CUT, "") end
  return directory .. name .. ending
end

-- The path of what stays for a later try; nil where nothing may.
local function kept_path(ask)
  local unique = ask.file.file_unique_id
  local is_known = ask.file.file_size and type(unique) == "string" and unique:find "^[%w_-]+$" and #unique < 100
  return ask.resume and is_known and beside(ask, unique)
end

local function passing_path(ask)
  return beside(ask, (host.random_hex(8) or host.monotonic()))
end

-- Throws away what is there of an earlier try.
local function cut(target, sent)
  local ok, message, errno = target.file:cut()
  if not ok then return of_system(sent, message, errno) end
  target.from = 0
  return target
end

-- What an earlier try has left, or a new one; true where another download writes it at this moment.
local function open_kept(ask, path)
  local file, size, errno = host.part(path)
  if not file and errno == EAGAIN then return true end
  if not file then return of_system("no", size, errno) end
  local target = { file = file, beside = path, from = size }
  if size < ask.file.file_size then return target end
  return cut(target, "no")              -- more than can be
end

-- A part is nothing that was there: a name that is taken, by a link too, is a failure. `ask.place` is behind all links.
local function open_beside(ask)
  local path = kept_path(ask)
  if path then
    local target, problem = open_kept(ask, path)
    if target ~= true then return target, problem end
  end
  path = passing_path(ask)
  local file, message, errno = host.make(path)
  if not file then return of_system("no", message, errno) end
  return { file = file, beside = path, from = 0 }
end

-- What isn't a regular file, or is open already.
local function open_device(ask, place, kind)
  local file, message, errno = host.device(place)
  if file then return { file = file, from = 0 } end
  if kind == "pipe" and errno == ENXIO then message = ask.to .. ": nobody reads it" end
  return of_system("no", message, errno)
end

local function open_target(ask)
  if type(ask.to) == "function" then return { from = 0 } end
  local place, is_open, code = host.follow(ask.to)
  if not place then return of_system("no", is_open, code) end
  local mode, kind = host.mode(place)
  if kind == "directory" then return of_system("no", ask.to .. ": is a directory", EISDIR) end
  ask.place = place
  local is_regular = kind ~= "other" and kind ~= "pipe"
  if not is_regular or is_open then return open_device(ask, place, kind) end
  local target, problem = open_beside(ask)
  if target and mode then target.file:restrict() end    -- it isn't known yet who may read it
  return target, problem
end

-- Ends it without the whole file; what a later try can go on from stays. What isn't kept goes with its handle, also
-- where only the collector ends it.
local function drop(target)
  if target.file then target.file:close() end
end

-- The whole file is there. It is renamed while it is open: until then nobody else may write it.
local function finish(ask, target, sent)
  if target.beside then
    local ok, message, errno = target.file:inherit(ask.place)
    if ok then ok, message, errno = target.file:sync() end
    if ok then ok, message, errno = target.file:rename(ask.place) end
    if not ok then
      target.file:discard()             -- nobody knows what is on the disk
      drop(target)
      return of_system(sent, message, errno)
    end
  end
  drop(target)
  return true
end

-- News ----------------------------------------------------------------------------

local function progress(ask, done, total)
  if not ask.on_progress or done == ask.told then return end
  ask.told = done
  ask.on_progress(done, total)
end

local function late(ask)
  return { kind = "timeout", cause = ask.to .. ": takes no more", problem = "file_unwritable" }
end

-- Waits a little for who reads a pipe, in the time of the whole download: what is wrong, or nil.
local function pause_for(api, ask, pause)
  local left = ask.till - host.monotonic()
  if left <= 0 then return late(ask) end
  local ok, err = api.sleep(math.min(pause, left))
  return not ok and { kind = err.kind, cause = err.cause, errno = err.errno } or nil
end

-- Writes all of a text, whatever the file is, and blocks no event loop: what is wrong, or nil.
local function put_all(api, ask, file, text)
  local pause, wrong = SHORTEST, nil
  while text ~= "" and not wrong do
    local n, why, errno = file:put(text)
    if not n then return { kind = "system", cause = why, errno = errno, problem = "file_unwritable" } end
    text = text:sub(n + 1)
    if n == 0 then
      wrong, pause = pause_for(api, ask, pause), math.min(pause * GROWTH, LONGEST)
    end
  end
  return wrong
end

-- Gives a chunk away: what is wrong, or nil.
local function give(api, ask, target, chunk)
  ask.given = (ask.given or 0) + #chunk
  local wrong
  if target.file then
    wrong = put_all(api, ask, target.file, chunk)
  elseif ask.to(chunk) == false then
    wrong = UNWANTED
  end
  if wrong then return wrong end
  progress(ask, ask.given, ask.file.file_size)
end

-- Takes what a call brings until it has ended: what is wrong, or nil.
local function follow(api, ask, target, call)
  local news, total, wrong
  repeat
    api.drive.await(call)
    news, total = call:news()
    if type(news) == "string" then
      wrong = give(api, ask, target, news)
    elseif news then
      progress(ask, news, total)
    end
  until news == nil or wrong
  return wrong
end

-- What is closed with a coroutine that is closed: the call, and what is written.
local function give_up(held)
  if held.call then
    held.call:cancel()
    held.call:result()          -- so that the engine lets it go
  end
  drop(held.target)
end

local closing = { __close = function(held)
  if not held.is_over then give_up(held) end
end }

-- Runs what may raise, and waits: where a yield can't cross pcall, what is raised passes through, and the collector
-- ends what it leaves.
local function protected(api, fn, ...)
  if drives.yields_in_pcall or api.drive.blocking then return pcall(fn, ...) end
  return true, fn(...)
end

-- Runs fn(api, ask, …) to its end, whatever ends it.
local function guarded(api, ask, held, fn, ...)
  local ok, value
  for _ in drives.once, nil, nil, setmetatable(held, closing) do
    ok, value = protected(api, fn, api, ask, ...)
    held.is_over = true
  end
  if ok then return value end
  give_up(held)
  error(value, 0)
end

-- From the server -----------------------------------------------------------------

-- The engine itself writes to a regular file alone, which nothing waits for.
local function begin(api, token, ask, target)
  local file = target.beside and target.file or nil
  return api.drive.engine():download(token, ask.file.file_path, { file = file, from = target.from,
    size = ask.file.file_size, most = ask.max_size, progress = ask.on_progress ~= nil and file ~= nil }, ask.call)
end

-- One request: what the engine says, or what has ended it here.
local function fetch(api, token, ask, target)
  local call = begin(api, token, ask, target)
  local wrong = guarded(api, ask, { call = call, target = target }, follow, target, call)
  if wrong then call:cancel() end
  local res, err = call:result()
  if wrong then return fail_for(wrong, err and err.sent or "yes") end
  return res, err
end

-- An earlier try has left more than there is, or of another file.
local function is_gone(target, res, err)
  return target.from > 0 and (res and res.error_code == GONE or err and err.http_status == GONE)
end

local function told(ask, path, is_resumed)
  local result = {}
  for name, value in pairs(ask.file) do result[name] = value end
  result.path, result.resumed = path, is_resumed or nil
  return { ok = true, result = result }
end

local function deliver(api, token, ask)
  local target, problem = open_target(ask)
  if not target then return nil, problem end
  local res, err = fetch(api, token, ask, target)
  if is_gone(target, res, err) then
    local anew, why = cut(target, err and err.sent or "yes")
    if anew then
      res, err = fetch(api, token, ask, target)
    else
      res, err = nil, why
    end
  end
  if not (res and res.size) then
    drop(target)
    return res, err
  end
  ask.file.file_size = res.size
  local ok, why = finish(ask, target, "yes")
  if not ok then return nil, why end
  progress(ask, res.size, res.size)
  return told(ask, target.file and ask.to or nil, res.resumed)
end

-- From this machine's disk --------------------------------------------------------

-- What is wrong, or nil: it is whole.
local function copy_blocks(api, ask, target, source)
  local n = 0
  repeat
    local block, why, errno = source:read(BLOCK)        -- at its end nil alone
    if why then return { kind = "system", cause = why, errno = errno, problem = "file_elsewhere" } end
    if not block then return nil end
    n = n + 1
    local wrong = give(api, ask, target, block)
    if wrong then return wrong end
    if n % PAUSE == 0 then api.sleep(0) end
  until ask.max_size and ask.given > ask.max_size
  return LARGE
end

local function copy_into(api, ask, target, source)
  local held = { target = target }
  local wrong = guarded(api, ask, held, copy_blocks, target, source)
  local size = ask.given or 0
  if not wrong and (ask.file.file_size or size) == size then
    ask.file.file_size = size
    local ok, why = finish(ask, target, "no")
    if not ok then return nil, why end
    progress(ask, size, size)
    return told(ask, target.file and ask.to or nil)
  end
  drop(target)
  if not wrong then
    return failure("protocol", "no", "the file has another size than the server said", { problem = "file_other" })
  end
  return fail_for(wrong, "no")
end

-- The place may hold the token: it is never shown.
local function copy(api, ask)
  local path = ask.file.file_path
  if not servers.is_nearby(ask.call) then
    return failure("protocol", "no", "the server names a place on a disk, which only a server nearby may")
  end
  local _, kind, errno = host.mode(path)
  local source = kind == "file" and io.open(path, "rb")
  if not source then
    return failure("system", "no", "the file is on the server's disk, as with --local, and can't be read from here",
      { errno = type(errno) == "number" and errno or ENOENT, problem = "file_elsewhere" })
  end
  ask.resume = nil
  local target, problem = open_target(ask)
  local res
  if target then res, problem = copy_into(api, ask, target, source) end
  source:close()
  return res, problem
end

-- Both ----------------------------------------------------------------------------

-- What getFile has told, into `ask`; or why there is nothing to go on with.
local function note(ask, res, err)
  if err or not res.ok then return res, err end
  local file = res.result
  if type(file) ~= "table" or not is_text(file.file_path)
    or file.file_size ~= nil and type(file.file_size) ~= "number" then
    return failure("protocol", "no", "getFile gave no file_path: the server hasn't got the file")
  end
  local problem = not is_absolute(file.file_path) and core.file_path(file.file_path)
  if problem then return failure("protocol", "no", "getFile gave a file_path that " .. problem) end
  for _, name in ipairs { "file_unique_id", "file_size", "file_path" } do ask.file[name] = file[name] end
end

local function perform(api, token, ask)
  ask.till = host.monotonic() + (ask.call.timeout or math.huge)
  local size = ask.file.file_size
  if ask.max_size and size and size > ask.max_size then
    return fail_for(LARGE, "no")
  end
  if is_absolute(ask.file.file_path) then return copy(api, ask) end
  return deliver(api, token, ask)
end

-- A server may have made the name of the part of a secret: no file is called so.
local function names_secret(ask, secrets)
  local unique = ask.file.file_unique_id
  return type(unique) == "string" and core.redact(unique, secrets) ~= unique
end

-- What the system says of a path has that path; what is told of a file, the server's words for it.
local function body(api, token, ask)
  local secrets = core.secrets(token, ask.call)
  ask.resume = ask.resume and not names_secret(ask, secrets)
  local res, err = perform(api, token, ask)
  if res then return core.envelope(res, secrets) end
  err.cause, err.message = core.redact(err.cause, secrets), core.redact(err.message, secrets)
  return nil, err
end

-- By the engine of the download, whose connection it leaves.
local function get_file(api, token, ask, options)
  local call = api.drive.engine():start(token, "getFile", { file_id = ask.file.file_id }, options)
  api.drive.await(call)
  return call:result()
end

local function run(api, token, ask)
  if not ask.file.file_path then
    local res, err = note(ask, get_file(api, token, ask, ask.call))
    if res or err then return res, err end
  end
  return body(api, token, ask)
end

--- What is wrong with the token's type and options of calls, as any call would say it.
local function check(token, file, to, options)
  local ask, problem = read(file, to, options)
  if not ask then return nil, problem end
  local ok, why = pcall(core.reason.get_me, token, ask.call)    -- only checks: nothing in it yields
  if not ok then return nil, why end
  return ask
end

local function is_bot(token) return type(token) == "table" and type(rawget(token, "token")) == "userdata" end

local function checked(token, ...)
  if is_bot(token) then misuse(NAME, "token: string expected, got a bot: write bot:download(), without the token") end
  local ask, problem = check(token, ...)
  if not ask then misuse(NAME, problem) end
  return ask
end

-- Where the last argument may be a callback, `to` isn't it.
local function wrap(drive, fn, n, verify)
  if not drive.wrap then return fn end
  local wrapped = drive.wrap(fn, verify)
  return function(...)
    if select("#", ...) <= n then return fn(...) end
    return wrapped(...)
  end
end

local download = {}

--- Makes `download(token, file, to [, options])` of the functions of a loop.
function download.of(api)
  return wrap(api.drive, function(token, file, to, options)
    return run(api, token, (checked(token, file, to, options)))
  end, 3, checked)
end

--- Makes `bot:download(file, to [, options])`.
-- @tparam table api the functions of a loop
-- @tparam table of `ask(bot, file, to, options)` → what `checked` gives, with the bot's options;
-- `get_file(bot, ask, perform)` and `try(bot, ask, perform)` → what perform(options) gives in the end
function download.of_bots(api, of)
  local function perform_all(bot, ask)
    if not ask.file.file_path then
      local res, err = note(ask, of.get_file(bot, ask, function(options)
        return get_file(api, bot.token, ask, options)
      end))
      if res or err then return res, err end
    end
    return of.try(bot, ask, function(options)
      ask.call = options
      return body(api, bot.token, ask)
    end)
  end
  return wrap(api.drive, function(bot, file, to, options)
    return perform_all(bot, of.ask(bot, file, to, options))
  end, 3, of.ask)
end

download.check, download.options = check, OPTIONS

--- Why nothing can be downloaded by it; nil: a server may know it.
function download.wrong(file) return select(2, read_file(file)) end

return download
