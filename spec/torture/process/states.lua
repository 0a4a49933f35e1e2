-- SPDX-License-Identifier: MIT
-- What each of four threads does under TSan: calls of all kinds, on the default engine and on one of its own.

local url, tls, ca, dead = ...
local core = require "botapi.core"
local TOKEN = "110201543:CANARY-threads-00000000000000000"

local plain = {server = url, timeout = 20}
for i = 1, 40 do
  local res, err = core.logout(TOKEN, plain)
  assert(res and res.ok, tostring(err))
  assert(core.get_me(TOKEN, plain).ok)
  if i % 4 == 0 then
    res, err = core.logout(TOKEN, {server = tls, ca_file = ca, timeout = 20})
    assert(res and res.ok, tostring(err))
    local none, why = core.logout(TOKEN, {server = dead, timeout = 0.02})
    assert(none == nil and why.sent, tostring(why))
    assert(core.probe("http://localhost:1", {timeout = 1}) == nil)
  end
end
local engine = core.engine()
for _ = 1, 50 do engine:start(TOKEN, "logOut", nil, plain) end
while engine:step(1) > 0 do end
for call in engine:finished() do assert(call:result().ok) end
engine:start(TOKEN, "logOut", nil, {server = dead, timeout = 9})
engine:step(0.01)
