-- SPDX-License-Identifier: MIT
-- No decision is made on the words of an error: what happened is a value. Looks for searches in what holds such words.

local process = require "support.process"

-- Names that hold an error or its text, by the project's habits.
local NAMES = { "err", "why", "message", "raised", "said", "failure", "explanation", "interruption", "exit" }

-- By file: how many searches there are, and why each may be there.
local ALLOWED = {
  ["lua/botapi/reason.lua"] = { 2, "a Bot API server tells some refusals apart by its description alone" },
}

local function code_of(path)
  local lines = {}
  for line in process.slurp(process.root .. path):gmatch "[^\n]*" do
    lines[#lines + 1] = (line:gsub("^%s*%-%-.*", ""):gsub("%s%-%-%s.*", ""))
  end
  return lines
end

local function searches(line)
  for _, name in ipairs(NAMES) do
    for _, verb in ipairs { "find", "match", "gmatch" } do
      if line:find("%f[%w_]" .. name .. "%s*:%s*" .. verb .. "%f[%W]")
        or line:find("%f[%w_]" .. name .. "%.message%s*:%s*" .. verb .. "%f[%W]")
        or line:find("tostring%(%s*" .. name .. "[%w_.]*%s*%)%s*:%s*" .. verb .. "%f[%W]")
        or line:find("string%." .. verb .. "%s*%(%s*" .. name .. "%f[%W]") then return true end
    end
  end
end

describe("the words of an error", function()
  it("are found where they are searched", function()
    for _, line in ipairs { 'if why:find("no", 1, true) then', 'return err.message:match "x"',
      'local a = tostring(raised):find "interrupted!"', 'string.find(message, "a")' } do
      assert.is_true(searches(line), line)
    end
    assert.is_nil(searches 'local text = name:match "^%a+$"')
  end)

  it("decide nothing", function()
    local found, unknown = {}, {}
    for path in process.capture(("cd %s && find lua bin -name '*.lua' -o -name botapi -type f"):format(
      process.quote(process.root))):gmatch "[^\n]+" do
      for number, line in ipairs(code_of(path)) do
        if searches(line) then
          found[path] = (found[path] or 0) + 1
          if not ALLOWED[path] then unknown[#unknown + 1] = ("%s:%d: %s"):format(path, number, line) end
        end
      end
    end
    assert.same({}, unknown)
    for path, allowed in pairs(ALLOWED) do assert.equal(allowed[1], found[path], path .. ": " .. allowed[2]) end
  end)
end)
