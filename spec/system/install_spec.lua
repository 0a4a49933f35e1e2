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

local function make(words, lua)
  here(("env -u MAKEFLAGS -u MAKELEVEL make LUA=%s %s"):format(lua or process.lua, words))
end

-- Relative to the project where `process.directory()` is.
local function below(name)
  local path = process.directory() .. name
  return path:sub(1, 1) == "/" and path or process.capture "pwd":gsub("\n", "/") .. path
end

local abi = _VERSION:match "%d%.%d"
local version = require "botapi"._VERSION

-- The Luas that can be built for here, and run.
local function luas()
  return list "for l in lua5.1 lua5.2 lua5.3 lua5.4 lua5.5 luajit; do \
    pkg-config --exists $l && test -x /usr/bin/$l && echo $l; done"
end

local function has(lua, ...)
  for _, module in ipairs {...} do
    local said = bare(("PATH=/usr/bin:/bin %s -e 'require [[%s]]'"):format(lua, module))
    if not said:match "code 0\n$" then return false end
  end
  return true
end

-- What a program says that needs a module which this Debian has for other Luas alone.
local function says_what_lacks(said)
  assert.is_truthy(said:find "module 'cjson.safe' not found" or said:find "module 'argparse' not found", said)
end

-- What Lua runs a program: its first line, where LUA_INIT is this.
local TELL = "print((jit and [[luajit]] or _VERSION:lower():gsub([[ ]], [[]])))"

local function command_of(prefix)
  return ("LUA_INIT=%s %s"):format(quote(TELL), quote(prefix .. "/bin/botapi"))
end

-- The modules of a prefix, as a program of any Lua sees them.
local function paths_of(prefix, lua)
  local version_of = lua == "luajit" and "5.1" or lua:match "%d%.%d"
  return ("LUA_PATH=%s LUA_CPATH=%s"):format(quote(("%s/share/lua/%s/?.lua;;"):format(prefix, version_of)),
    quote(("%s/lib/lua/%s/?.so;;"):format(prefix, version_of)))
end

describe("make install", function()
  local prefix = below "prefix with space/usr"

  setup(function()
    process.run("rm -rf " .. quote(prefix))
    make("install PREFIX=" .. quote(prefix))
  end)

  -- What the emulator needs is installed, but for Lua 5.5, where it may have been made (make lua55-modules).
  local modules_55 = process.capture "pwd":gsub("\n", "") .. "/build/lua5.5/modules/"
  local is_made = process.lua == "lua5.5" and process.slurp(modules_55 .. "made") ~= nil

  local function run(command)
    return bare(("PATH=/usr/bin:/bin LUA_PATH_5_5=%s LUA_CPATH_5_5=%s %s"):format(quote(modules_55 .. "?.lua;;"),
      quote(modules_55 .. "?.so;;"), command))
  end

  it("puts every module, the C module and the command in their places, and no more", function()
    local expected = {"bin/botapi", "lib/lua/" .. abi .. "/botapi/core.so",
      "lib/lua/" .. abi .. "/botapi/binding.so", "share/man/man1/botapi.1",
      "share/bash-completion/completions/botapi", "share/zsh/site-functions/_botapi",
      "share/fish/vendor_completions.d/botapi.fish"}
    for _, path in ipairs(files_below(root .. "types")) do
      expected[#expected + 1] = "share/lua-botapi/types/" .. path
    end
    for _, path in ipairs(modules()) do expected[#expected + 1] = "share/lua/" .. abi .. "/" .. path end
    table.sort(expected)
    assert.same(expected, files_below(prefix))
  end)

  it("makes a command that runs from anywhere, in an empty environment, on the Lua that it was made for", function()
    local said = bare(command_of(prefix) .. " --version")
    assert.is_truthy(process.slurp(prefix .. "/bin/botapi"):match "^#!/%S+\n")
    assert.equal(process.lua, said:match "^[^\n]*")
    if not has(process.lua, "cjson.safe", "argparse") then return says_what_lacks(said) end
    assert.equal(("%s\nbotapi %s\ncode 0\n"):format(process.lua, version), said)
  end)

  -- A directory that others can write has modules with the names of all that the command loads.
  local commands = {installed = quote(prefix .. "/bin/botapi"), ["of the clone"] = quote(root .. "bin/botapi")}
  for title, command in pairs(commands) do
    it("makes a command that runs nothing of the current directory: " .. title, function()
      local at = below "strange"
      process.run(("mkdir -p %s && cd %s && mkdir -p cjson botapi && echo 'os.exit(99)' | tee init.lua argparse.lua "
        .. "cjson.lua cqueues.lua cjson/safe.lua botapi/cli.lua botapi/core.lua >/dev/null"):format(quote(at),
        quote(at)))
      if title == "installed" and not has(process.lua, "cjson.safe", "argparse", "cqueues", "openssl.ssl.context") then
        return assert.is_not.equal(99, tonumber(run(command .. " help"):match "code (%d+)\n$"))
      end
      for _, words in ipairs {"help", "migrate --rehearse --yes --accept-loss --webhook none"} do
        local said = process.capture(("cd %s && env -i HOME=%s PATH=/usr/bin:/bin %s %s 2>&1; echo code $?"):format(
          quote(at), quote(at), command, words))
        assert.equal(0, tonumber(said:match "code (%d+)\n$"), said)
      end
    end)
  end

  it("makes an emulator that runs, and serves what the installed modules send", function()
    local code = ("package.path = [[%s/share/lua/%s/?.lua;]] .. package.path "):format(prefix, abi)
      .. ("package.cpath = [[%s/lib/lua/%s/?.so;]] .. package.cpath "):format(prefix, abi)
      .. "local b = require [[botapi]] print(b.logout(os.getenv [[BOT_TOKEN]], {server = os.getenv [[BOTAPI_SERVER]]}))"
    local said = run(("%s emulator -- %s -e %s"):format(quote(prefix .. "/bin/botapi"), process.lua, quote(code)))
    if not (is_made or has(process.lua, "cjson.safe", "argparse")) then return says_what_lacks(said) end
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

-- They share their directories: share/lua/5.1 and lib/lua/5.1.
for _, pair in ipairs {{"lua5.1", "luajit"}, {"luajit", "lua5.1"}} do
  local first, second = pair[1], pair[2]

  describe(("a prefix for %s, then %s"):format(first, second), function()
    local there = {}
    for _, lua in ipairs(luas()) do there[lua] = true end
    if not (there["lua5.1"] and there.luajit) then return pending "Lua 5.1 and LuaJIT aren't both here" end
    local prefix = below("prefix-" .. first)

    local function install(lua) make("install PREFIX=" .. quote(prefix), lua) end
    local function uninstall(lua) make("uninstall PREFIX=" .. quote(prefix), lua) end

    local function runs(lua)
      local said = bare(("PATH=/usr/bin:/bin %s %s emulator -- %s %s/examples/logout.lua"):format(paths_of(prefix, lua),
        quote(prefix .. "/bin/botapi"), lua, quote(root)))
      assert.equal("logged out\ncode 0\n", said)
    end

    it("has modules that run in both, and the command of the last", function()
      process.run("rm -rf " .. quote(prefix))
      install(first)
      install(second)
      runs(first)
      runs(second)
      assert.equal(("%s\nbotapi %s\ncode 0\n"):format(second, version), bare(command_of(prefix) .. " --version"))
    end)

    it("is empty when one is uninstalled, and takes the other again", function()
      uninstall(first)
      assert.same({}, files_below(prefix))
      install(first)
      install(first)                                    -- an upgrade
      runs(first)
    end)

    it("keeps the command that Lua 5.4 has brought, whatever else is uninstalled", function()
      install "lua5.4"
      uninstall(first)
      assert.equal(("lua5.4\nbotapi %s\ncode 0\n"):format(version), bare(command_of(prefix) .. " --version"))
      uninstall "lua5.4"
      assert.same({}, files_below(prefix))
    end)
  end)
end

describe("make env", function()
  -- What a shell says when it runs this behind `eval "$(make -s env LUA=…)"`.
  local function shell(lua, command)
    return process.capture(("cd %s && env -i PATH=/usr/bin:/bin sh -c %s 2>&1"):format(quote(root),
      quote(('eval "$(make -s env LUA=%s)"; cd /; %s; echo code $?'):format(lua, command))))
  end

  for _, lua in ipairs(luas()) do
    it("finds a command that runs on " .. lua, function()
      make("all", lua)
      local said = shell(lua, ("LUA_INIT=%s botapi --version"):format(quote(TELL)))
      -- in that shell, which finds modules that were made for Lua 5.5, too
      local can = shell(lua, lua .. " -e 'require [[cjson.safe]] require [[argparse]]'"):match "code 0\n$"
      if can then
        return assert.equal(("%s\nbotapi %s\ncode 0\n"):format(lua, version), said)
      end
      assert.equal(lua, said:match "^[^\n]*")
      says_what_lacks(said)
    end)
  end

  it("finds the modules of a clone whose path has a blank", function()
    local clone = below "a clone"
    here(("mkdir -p %s && cp -r Makefile packaging src lua bin %s"):format(quote(clone), quote(clone)))
    local said = process.capture(("cd %s && env -i PATH=/usr/bin:/bin sh -c %s 2>&1"):format(quote(clone), quote(
      'eval "$(make -s env)"; cd /; command -v botapi; echo "$LUA_PATH"')))
    assert.equal(("%s/build/lua5.4/bin/botapi\n%s/lua/?.lua;;\n"):format(clone, clone), said)
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
    local listed = {"src/loader.c"}
    for _, source in ipairs(spec.build.modules["botapi.binding"].sources) do listed[#listed + 1] = source end
    same(list(("cd %s && ls src/*.c"):format(quote(root))), listed)
  end)

  local there = {}
  for _, lua in ipairs(luas()) do there[lua:gsub("^lua", "")] = true end
  local release = ("botapi-%s-1.rockspec"):format(version)

  it("passes luarocks lint, and so does that of the version", function()
    here "luarocks --lua-version=5.4 lint botapi-scm-1.rockspec"
    here("luarocks --lua-version=5.4 lint " .. release)
  end)

  it("is that of the version, but for the name and the address", function()
    local function rest(path) return (process.slurp(root .. path):gsub("\nversion = .-\n}\n", "\n")) end
    assert.equal(rest "botapi-scm-1.rockspec", rest(release))
    for _, words in ipairs { "", "release" } do
      local made = process.made(("cd %s && lua5.4 packaging/rockspec.lua %s"):format(quote(root), words))
      assert.equal(made, process.slurp(root .. (words == "" and "botapi-scm-1.rockspec" or release)), "run make docs")
    end
  end)

  -- What luarocks makes of a rockspec without a network, by `verb`; in a copy, since it leaves objects where it builds.
  -- Unoptimized: nobody waits for it.
  local function build(lua, verb, rockspec, variables)
    local name = verb .. lua .. (variables and "curl" or "")
    local copy, tree = below("copy" .. name), below("tree" .. name)
    local config = below "luarocks.lua"
    local file = assert(io.open(config, "w"))
    file:write("rocks_servers = {}\n", 'rocks_provided = {["lua-cjson"] = "2.1.0-1", argparse = "0.7.1-1"}\n')
    file:close()
    here(("rm -rf %s %s && mkdir -p %s && cp -r src lua bin types %s %s"):format(quote(copy), quote(tree), quote(copy),
      rockspec, quote(copy)))
    if verb == "build" then
      here(("make dist && cp build/botapi-%s.tar.gz %s"):format(version, quote(copy)))
    end
    here(("cd %s && HOME=%s LUAROCKS_CONFIG=%s luarocks --lua-version=%s %s %s --tree=%s "
      .. "--deps-mode=one CFLAGS='-O0 -fPIC' %s"):format(quote(copy), quote(copy), quote(config), lua, verb, rockspec,
      quote(tree), variables or ""))
    return tree
  end

  local function runs(lua, tree)
    local code = "local b = require [[botapi]] print(b._VERSION, b.logout [[malformed]])"
    local path, cpath = tree .. "/share/lua/" .. lua .. "/?.lua;;", tree .. "/lib/lua/" .. lua .. "/?.so;;"
    local said = bare(("LUA_PATH=%s LUA_CPATH=%s /usr/bin/lua%s -e %s"):format(quote(path), quote(cpath), lua,
      quote(code)))
    if has("lua" .. lua, "cjson.safe") then
      assert.is_truthy(said:find(version, 1, true) and said:match "code 0\n$", said)
    else
      says_what_lacks(said)
    end
  end

  it("builds without a network, and its command runs", function()
    local tree = build("5.4", "make", "botapi-scm-1.rockspec")
    local said = bare(quote(tree .. "/bin/botapi") .. " --help")
    assert.is_truthy(said:match "^Usage: botapi" and said:match "code 0\n$", said)
    runs("5.4", tree)
  end)

  it("brings the types for editors", function()
    local rock = below "treemake5.4/lib/luarocks/rocks-5.4/botapi/scm-1/"
    assert.same(files_below(root .. "types"), files_below(rock .. "types"))
  end)

  local function builds_for(lua)
    it("builds for Lua " .. lua, function()
      if not there[lua] then return pending("no Lua " .. lua .. " here (make deps-all)") end
      runs(lua, build(lua, "make", "botapi-scm-1.rockspec"))
    end)
  end

  for _, lua in ipairs {"5.1", "5.2", "5.3"} do builds_for(lua) end
  if there["5.5"] then builds_for "5.5" end           -- which not every Debian has

  it("of the version builds from the tarball beside it", function()
    runs("5.4", build("5.4", "build", release))
  end)

  -- A copy of this machine's libcurl, at places where neither compiler nor linker look. Its header leaves a trace.
  describe("with a libcurl elsewhere", function()
    local include, lib = below "curl/include", below "curl/lib"

    lazy_setup(function()
      here(("rm -rf %s; mkdir -p %s %s"):format(quote(below "curl"), quote(include), quote(lib)))
      here(([[header=$(echo '#include <curl/curl.h>' | gcc -E - | sed -n 's/^# 1 "\(.*\)\/curl\.h".*/\1/p' | head -n 1)
        cp -r "$header" %s
        echo '#ifndef WHERE
          #define WHERE "a header of its own"
          static const char where[] __attribute__((used)) = WHERE;
          #endif' >>%s/curl/curl.h
        cp -L "$(gcc -print-file-name=libcurl.so)" %s/libcurl.so.4
        ln -s libcurl.so.4 %s/libcurl.so]]):format(quote(include), quote(include), quote(lib), quote(lib)))
    end)

    for _, form in ipairs { "CURL_DIR=%s", "CURL_INCDIR=%s/include CURL_LIBDIR=%s/lib" } do
      it("builds by " .. form:gsub("%%s", "…"), function()
        local place = quote(below "curl")
        local tree = build("5.4", "make", "botapi-scm-1.rockspec", form:format(place, place))
        local module = tree .. "/lib/lua/5.4/botapi/binding.so"
        assert.is_truthy(process.slurp(module):find("a header of its own", 1, true))
        assert.is_truthy(process.capture("ldd " .. quote(module)):find(lib .. "/libcurl.so.4", 1, true))
        runs("5.4", tree)
      end)
    end
  end)
end)
