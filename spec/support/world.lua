-- SPDX-License-Identifier: MIT
-- What the body of a behaviour sees of the loop that it runs in. It needs nothing but Lua: nginx loads it, too.

local world = {}

world.token = "110201543:CANARY-of-the-loops-000000000000000"

--- `all` runs a list of functions side by side; failures are noted, since not every loop survives an error.
function world.new(api, now, all)
  local w = { api = api, token = world.token, now = now, all = all, failures = {} }
  function w.check(truth, text)
    if not truth then w.failures[#w.failures + 1] = text or "not true" end
  end
  function w.equal(expected, given, text)
    w.check(expected == given, ("%s%s expected, got %s"):format(text and text .. ": " or "", tostring(expected),
      tostring(given)))
  end
  return w
end

return world
