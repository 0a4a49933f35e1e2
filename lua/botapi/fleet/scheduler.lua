-- SPDX-License-Identifier: MIT
-- Owns the coroutines of a fleet, one for each bot in hand: what each waits for, and which is resumed next.

local core = require "botapi.core"
local heap = require "botapi.fleet.heap"

local monotonic = core.host.monotonic
local unpack = table.unpack or unpack

local scheduler = {}
local methods = {}
local meta = { __index = methods }

local LONGEST = 1e9     -- seconds, as engine:timer takes them
local LONG = 1          -- seconds: a bot that sleeps longer makes room for another one

-- What a coroutine yields. Anything else was yielded by a function of the caller's that waits by other means.
local SEND, SLEEP = {}, {}
-- What it gets where the call couldn't even be started: its error is raised there.
local RAISED = {}

local function answer(res, err)
  if res == RAISED then error(err, 0) end
  return true, res, err
end

-- The driver of the functions that bots call: they suspend the bot's coroutine, whichever driver the fleet runs on.
local function private_drive(self)
  local drive = { engine = function() return self.engine end }
  function drive.run(name, ...)
    local count, arguments = select("#", ...), { ... }
    return answer(coroutine.yield(SEND, function()
      return core.begin[name](self.engine, unpack(arguments, 1, count))
    end))
  end
  function drive.await(call) return coroutine.yield(SEND, function() return call end) end
  function drive.sleep(seconds)
    seconds = tonumber(seconds)
    if not (seconds and 0 <= seconds and seconds <= LONGEST) then
      error("bad argument #1 to 'sleep' (seconds from 0 to 1e9 expected)", 2)
    end
    coroutine.yield(SLEEP, seconds)
  end
  return drive
end

--- A scheduler.
-- @tparam botapi.engine engine
-- @tparam botapi.fleet.gate gate
-- @tparam table hooks `ended(task, ok, value)`: a coroutine returned, or raised;
--   `answered(task, res, err)`; `sleeps(task, seconds)`
-- @tparam function functions_for makes the functions of `botapi` over a driver
-- @treturn table `api`: the functions for what runs in it
function scheduler.new(engine, gate, hooks, functions_for)
  local self = setmetatable({ engine = engine, gate = gate, hooks = hooks, running = {}, in_flight = 0, active = 0,
    asleep = {}, requests = 0, sent = 0, sends = { first = 1, last = 0 }, ready = { first = 1, last = 0 } }, meta)
  self.api = functions_for(private_drive(self))
  return self
end

-- Queues ----------------------------------------------------------------------------

local function push(queue, task)
  queue.last = queue.last + 1
  queue[queue.last] = task
end

local function pop(queue)
  local task = queue[queue.first]
  if not task then return nil end
  queue[queue.first] = nil
  queue.first = queue.first + 1
  return task
end

local function is_empty(queue) return queue.first > queue.last end

-- Coroutines ------------------------------------------------------------------------

local function sleep(self, task, seconds)
  if not self.stopped then self.hooks.sleeps(task, seconds) end
  task.makes_room = seconds >= LONG
  if task.makes_room then self.active = self.active - 1 end
  task.wakes = monotonic() + seconds
  heap.push(self.asleep, task)
end

local function ended(self, task, ok, value)
  self.active = self.active - 1
  self.hooks.ended(task, ok, value)
end

local serve

local function resume(self, task, ...)
  return serve(self, task, coroutine.resume(task.co, ...))
end

local function cancelled()
  return nil, core.error { kind = "cancelled", sent = "no", cause = "the fleet was stopped before" }
end

-- What the coroutine wants next.
function serve(self, task, ok, want, value)
  if not ok or coroutine.status(task.co) == "dead" then
    ended(self, task, ok, want)
  elseif rawequal(want, SEND) then
    task.start = value or false
    if task.is_admitted or self.stopped then
      task.is_admitted = false
      self:start(task)
    else
      push(self.sends, task)
    end
  elseif rawequal(want, SLEEP) then
    sleep(self, task, self.stopped and 0 or value)
  else
    ended(self, task, false, "the action waited for something else than its bot")
  end
end

--- Adds a task; it begins with the next `run`.
-- @tparam botapi.fleet.Task task
-- @tparam function fn what its coroutine runs; it gets the task
function methods:add(task, fn)
  task.co = coroutine.create(fn)
  self.active = self.active + 1
  push(self.ready, task)
end

--- Suspends a coroutine until the gate admits its next call, which is then sent without another wait.
function scheduler.pass_gate() coroutine.yield(SEND, nil) end

-- Sends what a task wants sent, or resumes it when it only waited for the gate.
function methods:start(task)
  local start = task.start
  task.start = false
  if not start then
    task.is_admitted = true
    return resume(self, task)
  elseif self.stopped then
    return resume(self, task, cancelled())
  end
  local ok, call = pcall(start)
  if not ok then return resume(self, task, RAISED, call) end
  self.requests = self.requests + 1
  task.requests = task.requests + 1
  self.running[call] = task
  self.in_flight = self.in_flight + 1
end

--- From now on nothing is sent and no task sleeps: one that wants to send gets an error of kind `cancelled`.
function methods:stop()
  self.stopped = true
  for _, task in ipairs(self.asleep) do task.wakes = 0 end
end

-- Running ---------------------------------------------------------------------------

local function wake(self, now)
  while self.asleep[1] and self.asleep[1].wakes <= now do
    local task = heap.pop(self.asleep)
    if task.makes_room then self.active = self.active + 1 end
    push(self.ready, task)
  end
end

local function run_ready(self)
  for _ = self.ready.first, self.ready.last do
    local task = pop(self.ready)
    if coroutine.status(task.co) == "suspended" then resume(self, task, task) end
  end
end

local function send_queued(self, now)
  while not is_empty(self.sends) and (self.stopped or self.gate:wait(now) == 0) do
    self.gate:pass(now)
    self:start(pop(self.sends))
  end
end

--- Resumes every coroutine that can go on, and sends what the gate admits.
function methods:run()
  local now = monotonic()
  wake(self, now)
  run_ready(self)
  send_queued(self, now)
end

--- Whether no task is left.
function methods:is_idle()
  return self.in_flight == 0 and not self.asleep[1] and is_empty(self.sends) and is_empty(self.ready)
end

--- Seconds until a task can go on without an answer from a server; nil: none can.
function methods:due()
  local now, due = monotonic(), nil
  if not is_empty(self.ready) then return 0 end
  if self.asleep[1] then due = self.asleep[1].wakes - now end
  if not is_empty(self.sends) then due = math.min(due or math.huge, self.stopped and 0 or self.gate:wait(now)) end
  return due and math.max(due, 0)
end

-- The result of a call, counted when it was or may have been sent.
local function result_of(self, call)
  local res, err = call:result()
  if res or err.sent ~= "no" then self.sent = self.sent + 1 end
  return res, err
end

--- Resumes the tasks whose calls have finished.
function methods:collect()
  for call in self.engine:finished() do
    local task = self.running[call]
    if task then
      local res, err = result_of(self, call)
      self.in_flight = self.in_flight - 1
      self.hooks.answered(task, res, err)
      resume(self, task, res, err)
      self.running[call] = nil          -- last: Ctrl-C may come at any point before
    end
  end
end

--- After the engine was closed: counts the calls that this ended; no task is resumed.
-- @treturn number how many of them were or may have been sent
function methods:collect_ended()
  local before = self.sent
  for call in pairs(self.running) do result_of(self, call) end
  self.running, self.in_flight = {}, 0
  return self.sent - before
end

return scheduler
