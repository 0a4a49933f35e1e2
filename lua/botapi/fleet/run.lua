-- SPDX-License-Identifier: MIT
-- Owns the state of a fleet and of the bots in it: their fields, all made here.

local actions = require "botapi.fleet.actions"
local core = require "botapi.core"
local drive = require "botapi.drive"
local entry = require "botapi.fleet.entry"
local gates = require "botapi.fleet.gate"
local schedulers = require "botapi.fleet.scheduler"
local tally = require "botapi.fleet.tally"

local monotonic = core.host.monotonic

-- The types of the state are in types/botapi/fleet/run.lua. `false` stands for what isn't known yet: no field is
-- added later.
local runs = {}

-- An error that is raised there is kept.
local function teller(run)
  local on_event = run.settings.on_event
  return function(event)
    if not on_event then return end
    local ok, raised = pcall(on_event, event)
    if not ok then run.event_error = raised end
  end
end

local function iterator(tokens)
  if type(tokens) == "function" then return tokens end
  local i = 0
  return function()
    i = i + 1
    return tokens[i]
  end
end

--- The state of a fleet that hasn't begun.
-- @tparam table api
-- @tparam table|function tokens
-- @tparam table settings
-- @tparam table hooks of the scheduler, each with the run before its arguments
-- @treturn botapi.fleet.Run
function runs.new(api, tokens, settings, hooks)
  local run = { settings = settings, api = false, action = false, next_token = iterator(tokens),
    engine = core.engine { keep = settings.concurrency }, gate = gates.new(settings.rate), scheduler = false,
    wait = drive.wait_of(api.drive), sleep = api.drive.sleep, ledger = false, counts = tally.new(), results = {},
    in_hand = {}, n = 0, has_all = false, message = false, began = monotonic(), ticked = monotonic(),
    event_error = false, tell = false }
  run.tell = teller(run)
  local own = {}
  for name, hook in pairs(hooks) do own[name] = function(...) return hook(run, ...) end end
  run.scheduler = schedulers.new(run.engine, run.gate, own, getmetatable(api).functions_for)
  run.api = run.scheduler.api
  run.action = actions.of(run)
  return run
end

--- The next bot of a run.
-- @tparam botapi.fleet.Run run
-- @param given a token, or a table: see `botapi.fleet.entry`
-- @treturn botapi.fleet.Task
function runs.task(run, given)
  run.n = run.n + 1
  local token, options, server = entry.read(run.settings, given)
  local secret = token and core.token(token)
  local problem = secret and secret:problem()
  return { n = run.n, token = secret or false, id = secret and secret:id() or false,
    options = token and options or false, server = server or false, problem = not token and options or problem or false,
    began = false, is_noted = false, may_have_left = false, is_open = false, has_answer = false, res = false,
    err = false, report = false, requests = 0, co = false, start = false, is_admitted = false, wakes = false,
    makes_room = false }
end

return runs
