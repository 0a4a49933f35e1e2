-- SPDX-License-Identifier: MIT
-- Owns what a move makes of its bots' events: requests are counted, waits told in the words of the step that runs.

local outcomes = require "botapi.outcome"

local requests = {}

-- A wait of the bot object, in the words of the step that runs.
local function note_wait(run, event)
  if not run.waiting then return end
  local limited = event.why == "rate_limited"
  local closing = limited and event.method == "close"
  run.waiting { seconds = event.elapsed, again = event.left or event.wait,
    limit = event.method == "close" and run.settings.close_timeout or run.settings.deadline,
    why = closing and "429, it closes no bot in its first 10 minutes" or limited and "429" or "no answer yet" }
end

--- Notes what a bot object tells: its requests are counted, its waits are those of the step that runs.
function requests.observe(run, event)
  if event.type == "attempt" then
    requests.count(run, event.method, event.attempt > 1)
  end
  if event.type == "attempt" and event.side == "from" and outcomes.leaves(event.method) then
    run.tried_at = run.tried_at or run.now()
  end
  run.changes:follow(event)
  if event.type ~= "waiting" then run.tell(event) end
  if event.type == "wait" or event.type == "waiting" then note_wait(run, event) end
end

function requests.count(run, method, repeated)
  local counts = run.requests
  if not counts.by_method[method] then
    counts.order[#counts.order + 1] = method
    counts.by_method[method] = 0
  end
  counts.by_method[method] = counts.by_method[method] + 1
  counts.total = counts.total + 1
  if repeated then counts.repeated = counts.repeated + 1 end
end

return requests
