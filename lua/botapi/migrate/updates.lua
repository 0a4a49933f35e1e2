-- SPDX-License-Identifier: MIT
-- Owns the updates of a move: how those that wait on the old server are taken, and what is seen of them on both.

local core = require "botapi.core"
local ending = require "botapi.migrate.run".ending
local outcomes = require "botapi.outcome"
local counted = require "botapi.text".counted

local updates = {}

local ROUNDS = 5                -- how often more may have come while they were taken

--- Why a question that got no good answer ends the move.
function updates.unread(run, res, err)
  return ending(outcomes.of_read(res, err, run.api.reason(res, err)), { res = res, err = err })
end

-- One question. Where the answer is larger than allowed, fewer are asked for.
local function ask(run, offset)
  local state = run.updates
  local res, err = run.from:call("getUpdates", { offset = offset, limit = state.limit, timeout = 0 })
  while err and err.kind == "limit" and state.limit > 1 do
    state.limit = math.ceil(state.limit / 4)
    res, err = run.from:call("getUpdates", { offset = offset, limit = state.limit, timeout = 0 })
  end
  return res, err
end

local function last_id(list)
  local last = 0
  for _, update in ipairs(list) do last = math.max(last, update.update_id) end
  return last
end

-- One answer to the caller: how many updates it had, and the next offset; or why it ends here.
local function take(run, offset)
  local res, err = ask(run, offset)
  if not (res and res.ok) then return nil, updates.unread(run, res, err) end
  local list = res.result
  local next_offset = last_id(list) + 1
  if #list > 0 and next_offset <= offset then
    return nil, ending("refused", { message = "the old server gives the same updates again and again" })
  end
  local texts = core.texts(res) or {}
  for i, update in ipairs(list) do
    run.settings.drain(update, #list - i, texts[i])
    run.updates.drained = (run.updates.drained or 0) + 1
  end
  return #list, next_offset
end

-- All that wait. What was taken is confirmed by asking for what comes after it; the last question has nothing left to
-- confirm.
local function take_all(run)
  run.updates.drained = run.updates.drained or 0
  local n, more = take(run, 0)
  while n and n > 0 do n, more = take(run, more) end
  return not n and more or nil
end

-- How many wait on the old server: a number, or nil and why it ends here.
local function count(run)
  local res, err = run.from:get_webhook_info()
  if not (res and res.ok) then return nil, updates.unread(run, res, err) end
  return res.result.pending_update_count or 0
end

-- Updates that can't be taken along: accepted, or why it ends here.
local function lose(run, n, message)
  if n > 0 and not run.settings.accept_loss then return ending("refused", { message = message }) end
  run.updates.lost = n
end

--- Takes the updates that wait on the old server, until there are none.
-- @treturn ?botapi.migrate.Ending why it ends here
function updates.drain(run)
  local n, stop
  for _ = 1, ROUNDS do
    stop = take_all(run)
    if stop then return stop end
    n, stop = count(run)
    if n == 0 then break end
    if stop then return stop end
  end
  run.changes:note("note", { what = "drained", taken = run.updates.drained, pending = n })
  run.plan.pending = n
  return lose(run, n, "more updates came while they were taken")
end

--- Looks whether updates wait on the old server, where nobody takes them.
-- @treturn ?botapi.migrate.Ending why it ends here
function updates.look(run)
  local n, stop = count(run)
  if stop then return stop end
  run.changes:note("note", { what = "looked", pending = n })
  run.plan.pending = n
  return lose(run, n, counted(n, "update") .. (n == 1 and " waits" or " wait") .. " there now, and nobody takes them")
end

return updates
