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

  -- What the emulator needs is installed, but for Lua 5.5, where it was made (make lua55-modules).
  local function run(command)
    local made = process.capture "pwd":gsub("\n", "") .. "/build/lua5.5/modules/?"
    return bare(("PATH=/usr/bin:/bin LUA_PATH_5_5=%s LUA_CPATH_5_5=%s %s"):format(quote(made .. ".lua;;"),
      quote(made .. ".so;;"), command))
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
    local sources = list(("cd %s && ls src/*.c"):format(quote(root)))
    same(sources, spec.build.modules["botapi.core"].sources)
  end)

  local version = require "botapi"._VERSION
  local release = ("botapi-%s-1.rockspec"):format(version)

  it("passes luarocks lint, and so does that of the version", function()
    here "luarocks --lua-version=5.4 lint botapi-scm-1.rockspec"
    here("luarocks --lua-version=5.4 lint " .. release)
  end)

  it("is that of the version, but for the name and the address", function()
    local function rest(path) return (process.slurp(root .. path):gsub("\nversion = .-\n}\n", "\n")) end
    assert.equal(rest "botapi-scm-1.rockspec", rest(release))
    for _, words in ipairs { "", "release" } do
      local made = process.capture(("cd %s && lua5.4 packaging/rockspec.lua %s"):format(quote(root), words))
      assert.equal(made, process.slurp(root .. (words == "" and "botapi-scm-1.rockspec" or release)), "run make docs")
    end
  end)

  -- What luarocks makes of a rockspec without a network, by `verb`; in a copy, since it leaves objects where it builds.
  local function build(lua, verb, rockspec)
    local name = verb .. lua
    local copy, tree = process.directory() .. "copy" .. name, process.directory() .. "tree" .. name
    local config = process.directory() .. "luarocks.lua"
    local file = assert(io.open(config, "w"))
    file:write("rocks_servers = {}\n", 'rocks_provided = {["lua-cjson"] = "2.1.0-1", argparse = "0.7.1-1"}\n')
    file:close()
    here(("mkdir -p %s && cp -r src lua bin %s %s"):format(quote(copy), rockspec, quote(copy)))
    if verb == "build" then
      here(("make dist && cp build/botapi-%s.tar.gz %s"):format(version, quote(copy)))
    end
    here(("cd %s && HOME=%s LUAROCKS_CONFIG=%s luarocks --lua-version=%s %s %s --tree=%s --deps-mode=one"):format(
      quote(copy), quote(copy), quote(config), lua, verb, rockspec, quote(tree)))
    return tree
  end

  local function runs(lua, tree)
    local code = "local b = require [[botapi]] print(b._VERSION, b.logout [[malformed]])"
    local path, cpath = tree .. "/share/lua/" .. lua .. "/?.lua;;", tree .. "/lib/lua/" .. lua .. "/?.so;;"
    local said = bare(("LUA_PATH=%s LUA_CPATH=%s /usr/bin/lua%s -e %s"):format(quote(path), quote(cpath), lua,
      quote(code)))
    assert.is_truthy(said:find(version, 1, true) and said:match "code 0\n$", said)
  end

  it("builds without a network, and its command runs", function()
    local tree = build("5.4", "make", "botapi-scm-1.rockspec")
    local said = bare(quote(tree .. "/bin/botapi") .. " --help")
    assert.is_truthy(said:match "^Usage: botapi" and said:match "code 0\n$", said)
    runs("5.4", tree)
  end)

  for _, lua in ipairs { "5.1", "5.3" } do
    it("builds for Lua " .. lua, function()
      if not process.run(("test -e /usr/include/lua%s/lua.h"):format(lua)) then
        return pending("no headers of Lua " .. lua .. " here (make deps-all)")
      end
      runs(lua, build(lua, "make", "botapi-scm-1.rockspec"))
    end)
  end

  it("of the version builds from the tarball beside it", function()
    runs("5.4", build("5.4", "build", release))
  end)
end)
