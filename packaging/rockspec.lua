-- SPDX-License-Identifier: MIT
-- Prints a rockspec: every module below lua/, every source below src/. `make docs` writes both to their places: that of
-- the tree, and with the argument "release" that of the version, which names the tarball of `make dist`.

local HEAD = [[
-- SPDX-License-Identifier: MIT
-- Made by packaging/rockspec.lua (make docs): don't edit.
rockspec_format = "3.0"
package = "botapi"
version = "@ROCK@"
source = {
@SOURCE@
}
description = {
  summary = "Logs Telegram bots out, and tells the truth about it",
  detailed = "Version @VERSION@. Bot API calls over libcurl: sent at most once, with proof of what was sent, for any "
    .. "event loop; and an emulator of the Bot API server to test bots against.",
  license = "MIT",
  labels = {"telegram", "bot", "libcurl", "async"}
}
supported_platforms = {"linux"}
dependencies = {
  "lua >= 5.1, < 5.6",
  "lua-cjson >= 2.1",
  "argparse >= 0.7"
  -- for the emulator only: cqueues, luaossl, luasocket
}
-- Without `header`: LuaRocks doesn't look below /usr/include/<arch>, where Debian has it, and the compiler does.
external_dependencies = {
  CURL = {library = "curl"}
}
build = {
  type = "builtin",
  install = {bin = {"bin/botapi"}},
  copy_directories = {"types"},  -- for editors
  modules = {
    ["botapi.core"] = {
      sources = {"src/loader.c", "src/raise.c"},
      libraries = {"dl"}
    },
    ["botapi.binding"] = {
      sources = {
]]

local MIDDLE = [[
      },
      incdirs = {"$(CURL_INCDIR)"},
      libdirs = {"$(CURL_LIBDIR)"},
      libraries = {"curl", "pthread", "dl"}
    },
]]

local function lines_of(command)
  local lines = {}
  local pipe = assert(io.popen(command))
  for line in pipe:lines() do lines[#lines + 1] = line end
  pipe:close()
  return lines
end

local function version()
  local file = assert(io.open "src/version.h")
  local text = file:read "*a"
  file:close()
  return text:match 'BA_VERSION "([^"]+)"'
end

local sources = {}
for _, path in ipairs(lines_of "LC_ALL=C ls src/*.c") do
  if path ~= "src/loader.c" then sources[#sources + 1] = ("        %q"):format(path) end
end

local modules = {}
for _, path in ipairs(lines_of "find lua -name '*.lua' | LC_ALL=C sort") do
  local name = path:match "^lua/(.*)%.lua$":gsub("/", ".")
  modules[#modules + 1] = ("    [%q] = %q"):format(name, path)
end

-- A release has the tarball's file name for its address: `luarocks build` takes it from the same directory. Whoever
-- publishes it gives the whole one in $URL.
local values = { VERSION = version(), ROCK = "scm-1", SOURCE = '  url = "."  -- luarocks make, in the tree' }
if arg[1] == "release" then
  values.ROCK = values.VERSION .. "-1"
  values.SOURCE = ('  url = "%sbotapi-%s.tar.gz",\n  dir = "botapi-%s"'):format(os.getenv "URL" or "", values.VERSION,
    values.VERSION)
end

io.write((HEAD:gsub("@(%u+)@", values)), table.concat(sources, ",\n"), "\n", MIDDLE,
  table.concat(modules, ",\n"), "\n  }\n}\n")
