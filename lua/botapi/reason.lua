-- SPDX-License-Identifier: MIT
-- What an outcome means: `check` for one channel, `reason` for programs, `explain` for people.

--- What became of a call, for programs and for people.
--
-- Each function takes what a call returned: `res`, the envelope, or `nil` and `err`, the error object.
-- None of their texts holds the token.
--
-- @module botapi.reason
-- @usage
-- local botapi = require "botapi"
-- local result, failure = botapi.check(botapi.logout("malformed"))
-- assert(result == nil and failure.reason == "token")

local clean = require "botapi.core".clean
local methods = require "botapi.methods"
local outcomes = require "botapi.outcome"
local rows = require "botapi.reason.rows"
local text = require "botapi.text"

local reason = {}

local function number(value)
  return type(value) == "number" and -2 ^ 53 < value and value < 2 ^ 53 and value or nil
end

local function first(list, fits, facts)
  for _, row in ipairs(list) do
    if fits(row, facts) then
      return row
    end
  end
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

local function facts_of_error(err)
  return {
    kind = err.kind,
    said = type(err.message) == "string" and err.message or "",
    sent = rows.consequences[err.sent] and err.sent or "maybe",
    code = number(err.http_status),
    curl = number(err.curl_code),
    retry_after = number(outcomes.retry_after(nil, err)),
  }
end

local function row_fits(row, facts)
  return (not row.kind or row.kind == facts.kind)
    and (not row.sent or row.sent == facts.sent)
    and (not row.curl or row.curl == facts.curl)
    and (not row.code or row.code == facts.code)
    and (not row.from or facts.code and row.from <= facts.code and facts.code <= row.to)
    and (not row.says or facts.said:find(row.says))
    and (not row.has or facts[row.has])
    and (not row.below or facts[row.has] < row.below)
end

local function row_of_answer(facts)
  return first(rows.answers, row_fits, facts)
end

local function whole(n)
  return n and ("%.0f"):format(n)
end

-- One pass: what is filled in is not looked at again.
local function fill(template, facts)
  local said = (facts.said or ""):gsub("[%.%s]+$", "")
  local words = {
    said = said ~= "" and said or "it doesn't say why",
    code = whole(facts.code),
    chat = whole(facts.migrate_to_chat_id),
    wait = facts.retry_after and text.wait(facts.retry_after),
  }
  return (template:gsub("{(%a+)}", words))
end

local function consequence(facts, method)
  local known = type(method) == "string" and methods[method:lower()]
  local class = known and (known == methods.logout and "logout" or known == methods.close and "close"
    or known.reads and "reads") or "any"
  local texts = rows.consequences[facts.sent]
  return texts[class] or texts.any
end

local function step_of_error(row, facts, method)
  local follows = consequence(facts, method)
  local step = row.fix and row.fix .. "; " .. follows or follows
  return row.step or step:sub(1, 1):upper() .. step:sub(2) .. "."
end

-- The arguments of every function here: the answer, or nil and the error. A failure of `check` is either.
local function outcome(name, res, err)
  local source = res
  if res == nil then
    source = err
  end
  if type(source) == "table" and type(source.ok) == "boolean" then
    return source
  end
  if res == nil and type(source) == "table" and type(source.kind) == "string" then
    return nil, source
  end
  error(("bad argument to '%s' (%s)"):format(name, res == nil
    and "err: an error object expected, as res is nil" or "res: an envelope with a boolean ok expected"), 3)
end

--- A failure of `check` as one line, as `tostring` has it, but without the name of this library.
--
-- @tparam table failure
-- @treturn string
-- @usage
-- local reason = require "botapi.reason"
-- local _, failure = reason.check { ok = false, error_code = 400, description = "Logged out" }
-- assert(reason.line(failure) == "400 Logged out")
function reason.line(failure)
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

--- Why a call didn't do what it should, as one word for programs.
--
-- @tparam ?table res the envelope
-- @tparam ?table err the error object, when there is no envelope
-- @treturn ?string nil when the answer is ok, else `logged_out`, `logging_out`, `closed`, `unauthorized`,
-- `forbidden`, `not_found`, `method_not_found`, `conflict`, `misdirected`, `rate_limited`, `migrated`,
-- `bad_request`, `server`, or the error's kind
-- @raise when it gets neither an envelope nor an error object
-- @usage
-- local botapi = require "botapi"
-- if botapi.reason(botapi.logout("malformed")) == "token" then print "look at BOT_TOKEN" end
function reason.reason(res, err)
  local answer, failed = outcome("reason", res, err)
  if failed then
    return failed.kind
  end
  if answer.ok then
    return nil
  end
  return row_of_answer(facts_of_answer(answer)).reason
end

--- One channel for both kinds of failure, so that `assert` sees a refusal, too.
--
-- The failure is a table with the members of `res` or `err`, `reason`, and `retry_after`, which is that of `parameters`
-- when the server has answered; `tostring` makes one line of it. Its strings have no control bytes and no token and at
-- most 200 bytes.
--
-- @tparam ?table res the envelope
-- @tparam ?table err the error object, when there is no envelope
-- @return the envelope's `result` (true where it has none), or nil
-- @treturn ?table the failure
-- @raise when it gets neither an envelope nor an error object
-- @usage
-- local botapi = require "botapi"
-- local result, failure = botapi.check { ok = false, error_code = 400, description = "Logged out" }
-- assert(result == nil and failure.reason == "logged_out" and tostring(failure) == "botapi: 400 Logged out")
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

--- What happened and what to do next, in two sentences for people.
--
-- @tparam ?table res the envelope
-- @tparam ?table err the error object, when there is no envelope
-- @treturn string the cause, and the next step
-- @raise when it gets neither an envelope nor an error object
-- @usage
-- local botapi = require "botapi"
-- print(botapi.explain(botapi.logout("malformed")))
function reason.explain(res, err)
  local answer, failed = outcome("explain", res, err)
  if answer and answer.ok then
    return "The server did it. Nothing is left to do."
  end
  local facts = answer and facts_of_answer(answer) or facts_of_error(failed)
  local row = answer and row_of_answer(facts) or first(rows.errors, row_fits, facts)
  local step = answer and row.step or step_of_error(row, facts, failed.method)
  return fill(row.cause .. " " .. step, facts)
end

return reason
