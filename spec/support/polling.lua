-- SPDX-License-Identifier: MIT
-- A bot that says each update that it has in hand, until it had the last one: what spec/system/updates_kill_spec.lua
-- kills, on every loop. It needs nothing but Lua: nginx loads it, too.

local LIMIT = 20

local polling = { LIMIT = LIMIT }

--- Says "ask" before each question, the text of each update, and at the end "end" with the error.
-- @tparam table api the functions of a loop
-- @tparam function say gets each line
-- @string last the text of the last update
function polling.run(api, url, token, last, say)
  local bot = api.bot(token, { server = url, timeout = 5, on_event = function(event)
    if event.type == "attempt" then say "ask" end
  end })
  local updates = bot:updates { timeout = 1, limit = LIMIT }
  local update = updates:next()
  while update do
    say(update.message.text)
    if math.random(4) == 1 then api.sleep(0.002) end    -- killed here or in a question
    if update.message.text == last then bot:stop() end
    update = updates:next()
  end
  say("end " .. tostring(updates.error))
end

-- A line that is out before this returns, whatever kills the process then.
local function say(line)
  io.write(line, "\n")
  io.flush()
end

--- The same in a process of its own: `arg` is the loop's name or "blocking", and what `run` needs.
function polling.main(name, url, token, last)
  if name == "blocking" then return polling.run(require "botapi", url, token, last, say) end
  local loop = require "support.loops".find(name)
  loop.open().run(function() polling.run(require(loop.module), url, token, last, say) end, function() end)
end

return polling
