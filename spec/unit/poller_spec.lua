-- SPDX-License-Identifier: MIT
-- The poller alone, through a program in C.

local process = require "support.process"

local quote = process.quote
local directory = process.root .. "build/poller-spec/"

-- Sanitizers where the compiler has them: what the program does wrong in memory shows, too.
local function compile()
  local program = directory .. "poller"
  local command = ("mkdir -p %s && cd %s && ${CC:-gcc} -std=c99 -g -O1 -Wall -Wextra -fsanitize=address,undefined " ..
    "-fno-sanitize-recover=undefined -Isrc -o %s.$$ spec/support/poller.c src/poller.c src/owner.c && " ..
    "mv %s.$$ %s"):format(quote(directory), quote(process.root), quote(program), quote(program), quote(program))
  assert(process.run(command), "can't build spec/support/poller.c")
  return program
end

describe("the poller", function()
  it("watches, forgets, and tells the lives of a number apart", function()
    local pipe = io.popen("env -u LD_PRELOAD " .. quote(compile()) .. " 2>&1; echo ended $?")
    local oks, last = 0, nil
    for line in pipe:lines() do
      assert.is_nil(line:match("^not ok .*"), line)
      assert.is_truthy(line:match("^ok ") or line:match("^ended 0$"), line)
      oks = oks + (line:match("^ok ") and 1 or 0)
      last = line
    end
    pipe:close()
    assert.equal("ended 0", last)
    assert.equal(41, oks)
  end)
end)
