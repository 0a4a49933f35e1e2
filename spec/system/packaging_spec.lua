-- SPDX-License-Identifier: MIT
-- Owns the check of what is given away: a tarball that builds, a Debian package that runs, the same bytes each time.

local process = require "support.process"

local quote = process.quote

-- Those that have a package for each Debian (lua5.5: not for every one), and LuaJIT, which runs 5.1's.
local LUAS = { "lua5.1", "lua5.2", "lua5.3", "lua5.4", "lua5.5", "luajit" }
local version = require "botapi"._VERSION

describe("what is given away", function()
  if process.lua ~= "lua5.4" then return pending("it is the same for each Lua: checked under Lua 5.4") end
  if not process.run "command -v dpkg-buildpackage dh fakeroot >/dev/null" then
    return pending("no debhelper here (packaging/deps.sh deb)")
  end

  local base = process.directory()
  if base:sub(1, 1) ~= "/" then base = process.capture "pwd":gsub("\n", "/") .. base end
  local tarball = "build/botapi-" .. version .. ".tar.gz"

  local function run(command)
    local log = base .. "packaging.log"
    command = "unset MAKEFLAGS MAKELEVEL LUA LUA_PATH LUA_CPATH BUILD; " .. command
    assert(process.run(("{ %s ; } >%s 2>&1 </dev/null"):format(command, quote(log))), process.slurp(log))
    return process.slurp(log)
  end

  local function sum(path)
    return process.capture("sha256sum " .. quote(path)):match "^%x+"
  end

  -- Two copies at places of different length, unpacked from the tree's tarball, and built at the same time.
  local places = { base .. "a/", base .. "a-rather-longer-name/of-another-depth/" }
  local trees = {}

  lazy_setup(function()
    run(("cd %s && make dist"):format(quote(process.root)))
    local jobs = {}
    for i, place in ipairs(places) do
      trees[i] = place .. "botapi-" .. version .. "/"
      run(("mkdir -p %s && tar -xzf %s -C %s"):format(quote(place), quote(process.root .. tarball), quote(place)))
      jobs[i] = ("(cd %s && umask %s && TZ=%s make && make dist deb) & p%d=$!"):format(quote(trees[i]),
        i == 1 and "022" or "027", i == 1 and "UTC" or "Asia/Tokyo", i)
    end
    run(table.concat(jobs, "; ") .. "; wait $p1 && wait $p2")
  end)

  local function same(path)
    local first, second = sum(trees[1] .. path), sum(trees[2] .. path)
    assert.is_truthy(first)
    assert.equal(first, second, path)
    return first
  end

  local deb = ("build/lua-botapi_%s_%s.deb"):format(version, process.capture "dpkg --print-architecture":gsub("%s", ""))

  it("is a tarball that makes itself again, byte for byte", function()
    assert.equal(sum(process.root .. tarball), same(tarball))
  end)

  it("is a module of the same bytes wherever it was built, that knows no place", function()
    for _, name in ipairs {"core", "binding"} do
      local path = "build/lua5.4/botapi/" .. name .. ".so"
      same(path)
      assert.is_nil(process.slurp(trees[1] .. path):find(base, 1, true))
    end
  end)

  it("is a Debian package of the same bytes wherever it was built", function()
    same(deb)
  end)

  it("is a tarball with the types for editors", function()
    local list = process.capture("tar -tzf " .. quote(process.root .. tarball))
    assert.is_truthy(list:find("/types/botapi.lua\n", 1, true) and list:find("/types/resty/botapi.lua\n", 1, true))
  end)

  it("is made of packages that this Debian has", function()
    run(("cd %s/build/deb/botapi-%s && dpkg-checkbuilddeps -I"):format(quote(trees[1]), version))
  end)

  it("is a package that needs neither pkg-config nor a compiler to run", function()
    local depends = process.capture("dpkg-deb -f " .. quote(trees[1] .. deb) .. " Depends")
    assert.is_truthy(depends:find("libcurl", 1, true), depends)
    assert.is_truthy(depends:find("lua-cjson", 1, true), depends)
    for _, name in ipairs { "pkg-config", "gcc", "make", "%-dev" } do assert.is_nil(depends:find(name), depends) end
  end)

  -- Installed by dpkg below a root of its own; what runs there sees it over this machine's /usr, and nobody else does.
  describe("installed", function()
    if process.capture "id -u" ~= "0\n" or not process.run "unshare -m true 2>/dev/null" then
      return pending("only root can lay it over /usr")
    end
    local root = base .. "root/"
    local dpkg = ("dpkg --root=%s --log=/dev/null --force-depends "):format(quote(root))

    lazy_setup(function()
      local state = quote(root .. "var/lib/dpkg")
      run(("mkdir -p %s/info %s/updates && touch %s/status"):format(state, state, state))
      run(dpkg .. "-i " .. quote(trees[1] .. deb))
    end)

    -- With what is below `lower` laid over this machine's `place`.
    local function over(place, lower, command)
      lower = lower:gsub("[:,\\]", "\\%0")             -- the colon divides directories there
      local mounted = ("mount -t overlay overlay -o lowerdir=%s:%s %s && cd / && %s"):format(quote(lower), place, place,
        command)
      return run("unshare -m sh -c " .. quote(mounted))
    end

    local function inside(command)
      return over("/usr", root .. "usr", command)
    end

    it("has a command that runs, with its page and completions", function()
      local said = inside "env -i PATH=/usr/bin:/bin botapi --version && gzip -dc /usr/share/man/man1/botapi.1.gz"
      assert.is_truthy(said:find(version, 1, true) and said:find(".TH BOTAPI", 1, true), said)
      inside "test -e /usr/share/bash-completion/completions/botapi"
    end)

    it("has an emulator against which an example logs out", function()
      local example = "lua5.4 /usr/share/doc/lua-botapi/examples/logout.lua"
      assert.equal("logged out\n", inside("env -i PATH=/usr/bin:/bin botapi emulator -- " .. example))
    end)

    -- What the package says of the Luas: "5.1, 5.3 and LuaJIT" as a set of names.
    local function told(pattern)
      local text = process.capture("dpkg-deb -f " .. quote(trees[1] .. deb) .. " Description"):gsub("%s+", " ")
      local names = {}
      for name in (text:match(pattern) or ""):gsub(" and ", ", "):gmatch "[^, ]+" do
        names[name:match "%d" and "lua" .. name or name:lower()] = true
      end
      return names
    end

    -- Whether this machine can, the package aside.
    local function can(command)
      return process.run(("cd / && env -i PATH=/usr/bin:/bin sh -c %s >/dev/null 2>&1"):format(quote(command)))
    end

    describe("has the module", function()
      local usable, unusable
      lazy_setup(function()
        usable = told "It has the modules for Lua (.-), for blocking"
        unusable = told "The modules for Lua (.-) are there"
      end)

      for _, lua in ipairs(LUAS) do
        it("of " .. lua .. ", where its headers are here, and says whether it can be used", function()
          if not can("pkg-config --exists " .. (lua == "luajit" and "lua5.1" or lua)) then
            assert.is_falsy(usable[lua] or unusable[lua])
            return assert.equal("lua5.5", lua, "the headers are missing (packaging/deps.sh deb)")
          end
          assert.is_true(can("command -v " .. lua), lua .. " is missing (make deps-all)")
          local code = "local b = require [[botapi]] print(b._VERSION, select(2, b.logout [[malformed]]).kind)"
          local said = inside(("env -i PATH=/usr/bin:/bin %s -e %s 2>&1 || :"):format(lua, quote(code)))
          if can(lua .. " -e 'require [[cjson.safe]]'") then
            assert.equal(version .. "\ttoken\n", said)
            assert.is_true(usable[lua] and not unusable[lua])
          else                          -- it has come as far as our C module
            assert.is_truthy(said:find("module 'cjson.safe' not found", 1, true), said)
            assert.is_true(unusable[lua] and not usable[lua])
          end
        end)
      end
    end)

    it("has the types for editors", function()
      inside "test -s /usr/share/lua-botapi/types/botapi.lua"
    end)

    -- Asked of the shells themselves, for the package and for make install, as they start for a user without settings.
    local COMPLETES = {
      zsh = "zsh -fc 'autoload -Uz compinit; compinit -D -u; print ${_comps[botapi]}; autoload +X _botapi'",
      bash = "bash --norc -c '. /usr/share/bash-completion/bash_completion; _completion_loader botapi; "
        .. "complete -p botapi'",
      -- fish 3 looks below /usr/local only where XDG_DATA_DIRS, which a desktop's session sets, says so
      fish = "XDG_DATA_DIRS=/usr/local/share:/usr/share fish -c 'complete -C \"botapi migr\"'",
    }
    local SAYS = { zsh = "^_botapi\n", bash = "^complete .*%-F _botapi botapi\n", fish = "^migrate\t" }
    local NEEDS = { zsh = "/usr/bin/zsh", bash = "/usr/share/bash-completion/bash_completion", fish = "/usr/bin/fish" }

    for shell, command in pairs(COMPLETES) do
      it("completes in " .. shell .. ", and so does make install", function()
        if not process.run("test -e " .. NEEDS[shell]) then return pending("no " .. NEEDS[shell] .. " here") end
        run("mkdir -p " .. quote(base .. "home"))
        command = "env -i HOME=" .. quote(base .. "home") .. " PATH=/usr/local/bin:/usr/bin:/bin " .. command
        assert.is_nil(run("cd / && " .. command .. " 2>&1 || :"):match(SAYS[shell]), "it does so without")
        local said = inside(command)
        assert.is_truthy(said:match(SAYS[shell]), said)
        run(("cd %s && make install DESTDIR=%s PREFIX=/usr/local"):format(quote(trees[1]), quote(base .. "local")))
        said = over("/usr/local", base .. "local/usr/local", command)
        assert.is_truthy(said:match(SAYS[shell]), said)
      end)
    end

    it("is gone without a trace when it is removed", function()
      run(dpkg .. "-P lua-botapi")
      assert.equal("", process.capture(("find %s -type f 2>/dev/null"):format(quote(root .. "usr"))))
    end)
  end)
end)

describe("the packages' versions", function()
  it("are the library's", function()
    local changelog = process.slurp(process.root .. "packaging/debian/changelog")
    assert.equal(version, changelog:match "^lua%-botapi %((%S+)%)")
    local year, month, day = process.slurp(process.root .. "CHANGELOG.md"):match "\n## %S+ %- (%d+)%-(%d+)%-(%d+)"
    assert.equal(("%s-%s-%s"):format(year, month, day),
      process.capture("date -u +%F -d " .. quote(changelog:match "  (%a+, %d+ %a+ %d+ %S+ %S+)\n")):gsub("%s", ""), nil)
  end)
end)
