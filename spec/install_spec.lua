-- SPDX-License-Identifier: MIT
-- What an installation has and does: make install, make uninstall, and luarocks make without a network.

local process = require "support.process"

local quote = process.quote
local root = process.root == "./" and process.capture "pwd":gsub("\n", "/") or process.root

local function here(command)
  local log = process.directory() .. "install.log"
  assert(process.run(("{ cd %s && %s ; } >%s 2>&1 </dev/null"):format(quote(root), command, quote(log))),
    process.slurp(log))
end

local function list(command)
  local lines = {}
  for line in process.capture(command):gmatch "[^\n]+" do lines[#lines + 1] = line end
  table.sort(lines)
  return lines
end

local function files_below(directory)
  return list(("cd %s && find . -type f | sed 's|^./||'"):format(quote(directory)))
end

-- The modules of the tree, as paths below lua/.
local function modules()
  return files_below(root .. "lua")
end

-- What a command prints, run from another directory with nothing in its environment.
local function bare(command)
  return process.capture(("cd / && env -i sh -c %s 2>&1; echo code $?"):format(quote(command)))
end

local function make(words)
  here("env -u MAKEFLAGS -u MAKELEVEL make LUA=" .. process.lua .. " " .. words)
end

local abi = _VERSION:match "%d%.%d"

describe("make install", function()
  local prefix = process.directory() .. "prefix with space/usr"
  if prefix:sub(1, 1) ~= "/" then prefix = process.capture "pwd":gsub("\n", "/") .. prefix end

  setup(function() make("install PREFIX=" .. quote(prefix)) end)

  local function run(command)
    return bare(("PATH=/usr/bin:/bin %s"):format(command))
  end

  it("puts every module, the C module and the command in their places, and no more", function()
    local expected = {"bin/botapi", "lib/lua/" .. abi .. "/botapi/core.so", "share/man/man1/botapi.1",
      "share/bash-completion/completions/botapi", "share/zsh/site-functions/_botapi",
      "share/fish/vendor_completions.d/botapi.fish"}
    for _, path in ipairs(modules()) do expected[#expected + 1] = "share/lua/" .. abi .. "/" .. path end
    table.sort(expected)
    assert.same(expected, files_below(prefix))
  end)

  it("makes a command that runs from anywhere, in an empty environment", function()
    local said = bare(quote(prefix .. "/bin/botapi") .. " --help")
    assert.is_truthy(said:match "^Usage: botapi" and said:match "code 0\n$", said)
    assert.is_truthy(process.slurp(prefix .. "/bin/botapi"):match "^#!/%S+\n")
  end)

  it("makes an emulator that runs, and serves what the installed modules send", function()
    local code = ("package.path = [[%s/share/lua/%s/?.lua;]] .. package.path "):format(prefix, abi)
      .. ("package.cpath = [[%s/lib/lua/%s/?.so;]] .. package.cpath "):format(prefix, abi)
      .. "local b = require [[botapi]] print(b.logout(os.getenv [[BOT_TOKEN]], {server = os.getenv [[BOTAPI_SERVER]]}))"
    local said = run(("%s emulator -- %s -e %s"):format(quote(prefix .. "/bin/botapi"), process.lua, quote(code)))
    assert.is_truthy(said:find("{ok = true, result = true}", 1, true) and said:match "code 0\n$", said)
  end)

  it("stages below DESTDIR what runs below PREFIX", function()
    local stage = process.directory() .. "stage"
    make(("install DESTDIR=%s PREFIX=/opt/botapi"):format(quote(stage)))
    local command = process.slurp(stage .. "/opt/botapi/bin/botapi")
    assert.is_truthy(command:find("[[/opt/botapi/share/lua/" .. abi .. "/?.lua;", 1, true))
    assert.is_nil(command:find(stage, 1, true))
    make(("uninstall DESTDIR=%s PREFIX=/opt/botapi"):format(quote(stage)))
    assert.same({}, files_below(stage))
  end)
end)

describe("the rockspec", function()
  local spec = {}
  if setfenv then setfenv(assert(loadfile(root .. "botapi-scm-1.rockspec")), spec)()
  else assert(loadfile(root .. "botapi-scm-1.rockspec", "t", spec))() end

  -- What one list has and the other has not: nothing.
  local function same(there, listed)
    local kind = {}
    for _, name in ipairs(there) do kind[name] = "is missing" end
    for _, name in ipairs(listed) do kind[name] = not kind[name] and "isn't there" or nil end
    for name, what in pairs(kind) do error(name .. " " .. what .. ": run make docs", 2) end
  end

  it("lists the modules of the tree", function()
    local listed = {}
    for name, path in pairs(spec.build.modules) do
      if type(path) == "string" then
        assert.equal("lua/" .. name:gsub("%.", "/") .. ".lua", path)
        listed[#listed + 1] = path:gsub("^lua/", "")
      end
    end
    same(modules(), listed)
  end)

  it("lists the sources of the tree", function()
    local sources = list(("cd %s && ls src/*.c | grep -v poller_poll"):format(quote(root)))
    same(sources, spec.build.modules["botapi.core"].sources)
  end)

  it("passes luarocks lint", function()
    here "luarocks --lua-version=5.4 lint botapi-scm-1.rockspec"
  end)

  it("builds without a network, and its command runs", function()
    local copy, tree = process.directory() .. "copy", process.directory() .. "tree"
    local config = process.directory() .. "luarocks.lua"
    local file = assert(io.open(config, "w"))
    file:write("rocks_servers = {}\n", 'rocks_provided = {["lua-cjson"] = "2.1.0-1", argparse = "0.7.1-1"}\n')
    file:close()
    -- in a copy: luarocks leaves objects where it builds
    here(("mkdir -p %s && cp -r src lua bin botapi-scm-1.rockspec %s"):format(quote(copy), quote(copy)))
    here(("cd %s && HOME=%s LUAROCKS_CONFIG=%s luarocks --lua-version=5.4 make --tree=%s --deps-mode=one"):format(
      quote(copy), quote(copy), quote(config), quote(tree)))
    local said = bare(quote(tree .. "/bin/botapi") .. " --help")
    assert.is_truthy(said:match "^Usage: botapi" and said:match "code 0\n$", said)
    local code = "local b = require [[botapi]] print(b._VERSION, b.logout [[malformed]])"
    said = bare(("LUA_PATH=%s LUA_CPATH=%s /usr/bin/lua5.4 -e %s"):format(quote(tree .. "/share/lua/5.4/?.lua;;"),
      quote(tree .. "/lib/lua/5.4/?.so;;"), quote(code)))
    assert.is_truthy(said:find(require "botapi"._VERSION, 1, true) and said:match "code 0\n$", said)
  end)
end)
