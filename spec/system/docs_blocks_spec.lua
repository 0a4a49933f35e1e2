-- SPDX-License-Identifier: MIT
-- Owns the check that every block of code in README.md and docs/ does what it shows.

local blocks = require "support.blocks"
local cjson = require "cjson"
local nginx = require "support.nginx"
local process = require "support.process"

-- Whose Lua needs more than a pair of emulators, and has a spec that runs it.
local ELSEWHERE = { ["docs/facebook.md"] = "spec/cli/facebook_command_spec.lua" }

local function lines_of(command)
  local lines = {}
  for line in process.capture(command):gmatch "[^\n]+" do lines[#lines + 1] = line end
  return lines
end

local pages = lines_of("cd " .. process.quote(process.root) .. " && ls README.md CONTRIBUTING.md docs/*.md")

local kinds = {}

function kinds.lua(block, page)
  if ELSEWHERE[page] then
    assert.is_truthy(process.slurp(process.root .. ELSEWHERE[page]):find(page, 1, true))
    return
  end
  local emu = blocks.servers()
  local ok, why = pcall(blocks.run, block.text, ("=%s:%d"):format(page, block.line), emu)
  emu:close()
  assert(ok, why)
end

kinds["sh run"] = function(block)
  local ok, said = blocks.shell(block.text)
  assert(ok, said)
end

-- With BOTAPI_SERVER and BOT_TOKEN.
kinds["sh emulator"] = function(block)
  local ok, said = blocks.shell(block.text, "bin/botapi emulator --")
  assert(ok, said)
  assert.is_nil(said:find('"error"', 1, true), said)
end

function kinds.sh(block)
  local ok, said = blocks.shell("set -n\n" .. block.text)
  assert(ok, said)
  assert.is_nil(blocks.check_shell(block.text))
end

-- What spec/drive/openresty_admin_spec.lua runs.
kinds["sh admin"] = kinds.sh

-- What packaging/install.sh types in a bare Debian.
kinds["sh debian"] = kinds.sh

-- A session: what follows "$ " is a command, the rest is what it prints.
function kinds.console(block)
  local n = 0
  for command in block.text:gmatch "%f[^\n%z]%$ ([^\n]+)" do
    n = n + 1
    assert.is_nil(blocks.check_shell(command))
  end
  assert.is_true(n > 0)
end

function kinds.json(block)
  for line in block.text:gmatch "[^\n]+" do assert.is_table(cjson.decode(line)) end
end

function kinds.text() end

-- As nginx takes it: a location in a server, anything else in the main context. A location is asked, with a token that
-- is never sent.
function kinds.nginx(block)
  if nginx.missing() then return pending(nginx.missing()) end
  local http, main = block.text:match "\nhttp {\n(.-)\n}", block.text:match "^(.-)\nhttp {"
  local path = block.text:match "^location = (%S+)"
  local server = nginx.start { main = main, http = http or 'init_by_lua_block { token = "malformed" }',
    server = "location = /ready { return 204; }\n" .. (path and block.text or "") }
  local answer = path and server:get(path)
  server:stop()
  if path then assert.is_truthy(answer.body:find("nothing was sent", 1, true), answer.body) end
end

-- In nginx: each has `resty.botapi` to itself.
kinds["lua nginx"] = function(block)
  if nginx.missing() then return pending(nginx.missing()) end
  local server = nginx.start { http = "", server = "location = /ready { return 204; }\n"
    .. "location = /block { content_by_lua_block {\n" .. block.text .. "ngx.print 'done' } }\n" }
  local answer = server:get "/block"
  local log = server:log "error"
  server:stop()
  assert.equal("done", answer.body, log)
end

describe("the documentation", function()
  for _, page in ipairs(pages) do
    local found, loose = blocks.read(process.slurp(process.root .. page))

    it("says of each block what it is: " .. page, function()
      assert.same({}, loose)
      for _, block in ipairs(found) do assert.is_function(kinds[block.info], page .. ":" .. block.line) end
    end)

    for _, block in ipairs(found) do
      if kinds[block.info] and block.info ~= "text" then
        it(("shows what works: %s:%d (%s)"):format(page, block.line, block.info), function()
          kinds[block.info](block, page)
        end)
      end
    end

    it("links to files that are there: " .. page, function()
      local directory = page:match "^(.*/)" or ""
      for path in process.slurp(process.root .. page):gsub("```.-```", ""):gmatch "%]%(([^):#]+)#?[^):]*%)" do
        local there = process.run(("test -e %s"):format(process.quote(process.root .. directory .. path)))
        assert.is_true(there, page .. ": " .. path)
      end
    end)
  end
end)
