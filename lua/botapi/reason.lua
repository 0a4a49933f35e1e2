-- SPDX-License-Identifier: MIT
-- What an outcome means: `check` for one channel, `reason` for programs, `explain` for people.

local core = require "botapi.core"
local methods = require "botapi.methods"
local misuse = require "botapi.misuse"
local outcomes = require "botapi.outcome"
local rows = require "botapi.reason.rows"
local text = require "botapi.text"

local clean, framed = core.clean, core.framed

local reason = {}

local function number(value)
  return type(value) == "number" and -2 ^ 53 < value and value < 2 ^ 53 and value or nil
end

local function code_of(said)
  for _, row in ipairs(rows.codes) do
    if said:find(row[1]) then
      return row[2]
    end
  end
end

-- What rows are matched with, and what their texts name.
local function facts_of_answer(res)
  local said = type(res.description) == "string" and clean(res.description, res) or ""
  local parameters = type(res.parameters) == "table" and res.parameters or {}
  return {
    code = number(res.error_code) or code_of(said),
    said = said,
    retry_after = number(outcomes.retry_after(res)),
    migrate_to_chat_id = number(parameters.migrate_to_chat_id),
  }
end

-- Of what libcurl needs to look a name up, besides descriptors: threads.
local DESCRIPTORS = { [23] = true, [24] = true }

local function facts_of_error(err)
  local errno = number(err.errno)
  local what = type(err.cause) == "string" and err.cause or err.message
  return {
    kind = err.kind,
    problem = err.problem,
    said = type(err.message) == "string" and err.message or "",
    what = type(what) == "string" and clean(what, err) or "it doesn't say what",
    errno = errno,
    lookup_errno = number(err.curl_code) and not DESCRIPTORS[errno] and errno,
    sent = rows.consequences[err.sent] and err.sent or "maybe",
    code = number(err.http_status),
    curl = number(err.curl_code),
    retry_after = number(outcomes.retry_after(nil, err)),
    malformed = err.malformed,
    location = type(err.location) == "string" and err.location or nil,
  }
end

local function row_fits(row, facts)
  return (not row.kind or row.kind == facts.kind)
    and (not row.problem or row.problem == facts.problem)
    and (not row.page or row.page == facts.page)
    and (not row.sent or row.sent == facts.sent)
    and (not row.curl or row.curl == facts.curl)
    and (not row.errno or row.errno == facts.errno)
    and (not row.code or row.code == facts.code)
    and (not row.from or facts.code and row.from <= facts.code and facts.code <= row.to)
    and (not row.says or facts.said:find(row.says))
    and (not row.has or facts[row.has])
    and (not row.below or facts[row.has] < row.below)
end

local function first(list, facts)
  for _, row in ipairs(list) do
    if row_fits(row, facts) then return row end
  end
end

local function whole(n)
  return n and ("%.0f"):format(n)
end

-- One pass: what is filled in is not looked at again.
local function fill(template, facts)
  local said = (facts.said or ""):gsub("[%.%s]+$", "")
  local words = {
    said = said ~= "" and said or "it doesn't say why",
    what = facts.what,
    code = whole(facts.code),
    chat = whole(facts.migrate_to_chat_id),
    location = facts.location,
    wait = facts.retry_after and text.wait(facts.retry_after),
  }
  return (template:gsub("{(%a+)}", words))
end

-- What failed with what follows from it: logout, close, a method that only reads, or any other.
local function class_of(method)
  if type(method) ~= "string" then return "any" end
  local known = methods[method:lower()]
  if known == methods.logout then return "logout" end
  if known == methods.close then return "close" end
  if method == "download" then return "reads" end       -- of a file
  local is_there, bot_api = pcall(require, "botapi.bot_api")      -- it isn't where no file can be opened any more
  local entry = is_there and bot_api.find(method)
  return entry and entry.reads and "reads" or "any"
end

local function consequence(facts, failed)
  local texts = rows.consequences[outcomes.is_front(failed) and "front" or facts.sent]
  return texts[class_of(failed.method)] or texts.any
end

--- Two sentences for people: what the first row that fits says.
-- @tparam table list rows as those of `rows.errors`
-- @tparam table facts what rows are matched with, and what their texts name
-- @tparam ?string follows what follows for the caller, behind a row's `fix`
-- @treturn string the cause, and the next step
function reason.sentences(list, facts, follows)
  local row = first(list, facts)
  local step = row.step
  if not step then
    step = row.fix and row.fix .. "; " .. follows or follows
    step = step:sub(1, 1):upper() .. step:sub(2) .. "."
  end
  return fill(row.cause .. " " .. step, facts)
end

local function is_answer(value) return type(value) == "table" and type(value.ok) == "boolean" end

local function is_error(value) return type(value) == "table" and type(value.kind) == "string" end

-- Why two values are neither an answer nor nil and an error, and what to write.
local function problem_of(name, res, err)
  if is_error(res) then return ("res: an envelope expected, got an error: write botapi.%s(nil, err)"):format(name) end
  if res ~= nil then return "res: an envelope with a boolean ok expected" end
  return "err: an error object expected, as res is nil" .. (err == nil
    and (": a call returns two values, write res, err = … and botapi.%s(res, err)"):format(name) or "")
end

-- The arguments of every function here: the answer, or nil and the error. A failure of `check` is either.
local function outcome(name, res, err)
  local source = res
  if res == nil then source = err end
  if is_answer(source) then return source end
  if res == nil and is_error(source) then return nil, source end
  misuse(name, problem_of(name, res, err))
end

--- A failure of `check` as one line, as `tostring` has it, but without the name of this library.
-- @tparam ?table failure nil: the answer was ok, and not true
function reason.line(failure)
  if not failure then return "the server said ok, and not that it was done" end
  if failure.ok ~= false then return tostring(failure.message) end
  local said = type(failure.description) == "string" and failure.description or "the server refused the call"
  return (number(failure.error_code) and whole(failure.error_code) .. " " or "") .. said
end

local failure_meta = { __name = "botapi.failure" }

function failure_meta.__tostring(failure) return "botapi: " .. reason.line(failure) end

-- All of it, with clean strings; `seen` for tables that hold themselves.
local function cleaned(value, source, seen)
  if type(value) == "string" then
    return clean(value, source)
  end
  if type(value) ~= "table" then
    return value
  end
  if not seen[value] then
    seen[value] = {}
    for key, member in pairs(value) do
      seen[value][cleaned(key, source, seen)] = cleaned(member, source, seen)
    end
  end
  return seen[value]
end

-- The three functions of users: types/botapi.lua has their pages.

function reason.reason(res, err)
  local answer, failed = outcome("reason", res, err)
  if failed then
    return failed.kind
  end
  if answer.ok then
    return nil
  end
  return first(rows.answers, facts_of_answer(answer)).reason
end

function reason.check(res, err)
  local answer, failed = outcome("check", res, err)
  if answer and answer.ok then
    return answer.result == nil or answer.result
  end
  local failure = cleaned(answer or failed, answer or failed, {})
  failure.reason = reason.reason(res, err)
  if answer then failure.retry_after = number(outcomes.retry_after(answer)) or failure.retry_after end
  return nil, setmetatable(failure, failure_meta)
end

function reason.explain(res, err)
  local answer, failed = outcome("explain", res, err)
  if answer and answer.ok then
    return answer.result == nil and rows.ok.none or rows.ok[answer.result] or rows.ok.other
  end
  if answer then return reason.sentences(rows.answers, facts_of_answer(answer)) end
  local facts = facts_of_error(failed)
  return reason.sentences(rows.errors, facts, consequence(facts, failed))
end

for _, name in ipairs { "reason", "check", "explain" } do reason[name] = framed(reason[name]) end

return reason
