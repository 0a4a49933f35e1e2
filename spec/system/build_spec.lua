-- SPDX-License-Identifier: MIT
-- The module is built with the flags that distributions build with: without a warning, and it works then.

local faults = require "support.faults"
local process = require "support.process"

local quote = process.quote

local FLAGS = {"-O3", "-flto=auto", "-D_GNU_SOURCE", "-D_FORTIFY_SOURCE=3", "-fstrict-flex-arrays=3",
  "-fstack-protector-strong", "-fstack-clash-protection"}

-- Those that this compiler has: -fstrict-flex-arrays is gcc 13's.
local function known()
  local list = {}
  for _, flag in ipairs(FLAGS) do
    if process.run(("echo 'int x;' | ${CC:-gcc} %s -x c -c -o /dev/null - 2>/dev/null"):format(flag)) then
      list[#list + 1] = flag
    end
  end
  return list
end

local function build(name, flags)
  local directory = "build/build-spec/" .. name
  local output = process.capture(("cd %s && env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -sB LUA=%s B=%s "
    .. "WERROR=-Werror CFLAGS=%s %s/botapi/core.so 2>&1; echo ended $?"):format(quote(process.root), process.lua,
    directory, quote(flags), directory))
  assert.equal("ended 0\n", output)
  return process.root .. directory
end

describe("the module", function()
  it("builds with the flags of distributions, without a warning, and works", function()
    local flags = known()
    assert.is_true(#flags >= #FLAGS - 1, table.concat(flags, " "))
    local built = build("hard", table.concat(flags, " "))
    local server = faults.start()
    local listener = server:open {mode = "ok"}
    local child = process.program([[
      local core = require "botapi.core"
      local url, path = ...
      assert(package.searchpath("botapi.core", package.cpath) == path)
      local token = core.token "110201543:AAHCANARYabcdefghijklmnopqrst"
      assert(tostring(token) == "botapi.token: bot 110201543" and token:id() == "110201543")
      assert(core.logout(token, {server = url, headers = {["X-One"] = "1"}}).ok)
      assert(core.call(token, "sendMessage", {text = ("x"):rep(100000), list = {1, {a = 2}}}, {server = url}).ok)
      local _, err = core.host.append "/proc/none/file"
      assert(err:find("/proc/none/file: No such file", 1, true), err)
      print "done"
    ]], {env = {LUA_CPATH = built .. "/?.so;" .. package.cpath}}, listener.url, built .. "/botapi/core.so")
    child:wait(30)
    assert.equal("", child:errors())
    assert.equal("done", child.lines[#child.lines])
    listener:close()
    server:stop()
  end)
end)
