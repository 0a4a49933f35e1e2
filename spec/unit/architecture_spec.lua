-- SPDX-License-Identifier: MIT
-- The rules that keep C sources and Lua modules as CONTRIBUTING.md draws them: who includes or requires whom, what is
-- exported, what is kept.

local process = require "support.process"

local SRC = process.root .. "src/"

-- What a file may know, by its name without an ending; a file that isn't here fails the spec until somebody decides.
local KNOWS = {
  compat = "lua", options = "lua", params = "lua", envelope = "lua", failure = "lua", secret = "lua", raise = "lua",
  loader = "lua", interrupt = "lua", host_common = "lua", host_file = "lua", host_system = "lua", host_terminal = "lua",
  json = "lua", file = "lua",
  core = "both", call = "both", engine_object = "both", start = "both", web = "both",
  libcurl = "curl", transfer = "curl", engine = "curl", list = "curl", queue = "curl", sockets = "curl",
  timeline = "curl", ca = "curl", proxy = "curl", upload = "curl", unread = "curl",
  endpoint = "url",                     -- libcurl's URL functions, and those only
  outcome = "nothing", buffer = "nothing", address = "nothing", redact = "nothing", request = "nothing",
  version = "nothing", cause = "nothing", sink = "nothing", parts = "nothing", owner = "nothing",
  pasted = "nothing", poller = "nothing", system = "nothing", ascii = "nothing", token = "nothing", pem = "nothing",
  quiet = "nothing",
}

local MAY = {
  lua = {lua = true}, curl = {curl = true}, url = {curl = true}, both = {lua = true, curl = true}, nothing = {},
}

-- From the bottom to the top: a file includes only what a lower row has, besides its own header.
local LAYERS = {
  "system ascii",
  "owner quiet",
  "version cause compat libcurl outcome buffer redact poller token",
  "parts",
  "request raise ca failure address pem proxy sink upload unread",
  "pasted",
  "loader json secret interrupt host_common endpoint transfer file",
  "host_file host_system host_terminal list sockets timeline envelope options",
  "queue params web",
  "engine",
  "engine_object",
  "call",
  "start",
  "core",
}

local function lines_of(command)
  local lines = {}
  for line in process.capture(command):gmatch "[^\n]+" do lines[#lines + 1] = line end
  return lines
end

local files, names = {}, {}
for _, name in ipairs(lines_of("ls " .. process.quote(SRC) .. " | grep '[.][ch]$'")) do
  files[name] = process.slurp(SRC .. name)
  names[#names + 1] = name
end

-- C without comments and the insides of strings; lines keep their numbers.
local function bare(text)
  text = text:gsub('"[^"\n]*"', function(s) return text:find("#include " .. s, 1, true) and s or '""' end)
  return (text:gsub("/%*.-%*/", function(comment) return comment:gsub("[^\n]", " ") end))
end

-- What a file knows through all that it includes: {lua = by which file, curl = by which file}.
local function knowledge(name, known, seen)
  known, seen = known or {}, seen or {}
  if seen[name] then return known end
  seen[name] = true
  for header in files[name]:gmatch '#include%s*[<"]([^>"\n]+)[>"]' do
    if header:match "^l%a*%.h$" and (header:match "^lua" or header == "lauxlib.h") then known.lua = name end
    if header:match "^curl/" then known.curl = name end
    if files[header] then knowledge(header, known, seen) end
  end
  return known
end

local function each_line(pattern, visit)
  for _, name in ipairs(names) do
    local n = 0
    for line in (bare(files[name]) .. "\n"):gmatch "([^\n]*)\n" do
      n = n + 1
      if line:find(pattern) then visit(name, line, name .. ":" .. n .. ": " .. line) end
    end
  end
end

local function found(pattern, except)
  local list = {}
  each_line(pattern, function(name, _, place)
    if not (except and except[name]) then list[#list + 1] = place end
  end)
  return list
end

-- Which files use the members of a struct besides its own: data that is handed over is for all. The members of one that
-- isn't here are its own file's.
local SHARED = {
  ba_buffer = "all", ba_span = "all", ba_request = "all", ba_outcome = "all", ba_context = "all", ba_answer = "all",
  ba_arguments = "all", ba_params_of = "all", ba_event = "all", ba_range = "all", ba_transfer = "all",
  ba_entry = "engine queue sockets timeline list", ba_list = "engine queue", ba_queue = "engine",
  ba_timeline = "engine", ba_sockets = "engine", ba_roots = "transfer", ba_call = "start", ba_sink = "all",
  ba_progress = "all", ba_parts = "all", ba_part = "all", ba_upload = "transfer",
}

local function members_of(body)
  local members = {}
  for declaration in body:sub(2, -2):gsub("%b{}", ""):gsub("%(%*([%w_]+)%)%s*%b()", "%1"):gmatch "[^;]+" do
    for part in declaration:gmatch "[^,]+" do
      local member = part:gsub("%b[]", ""):match "([%w_]+)%s*$"
      if member then members[member] = true end
    end
  end
  return members
end

-- Does a file include a header, itself or through another one?
local function includes(name, header, seen)
  seen = seen or {}
  if seen[name] then return false end
  seen[name] = true
  for each in files[name]:gmatch '#include "([^"]+)"' do
    if each == header or includes(each, header, seen) then return true end
  end
  return false
end

describe("the C sources", function()
  it("all have a place in the architecture", function()
    for _, name in ipairs(names) do assert.is_truthy(KNOWS[name:match "^[%w_]+"], name) end
    for name in pairs(KNOWS) do assert.is_truthy(files[name .. ".c"] or files[name .. ".h"], name) end
  end)

  it("include only files of a lower layer, besides their own headers", function()
    local layer_of = {}
    for layer, row in ipairs(LAYERS) do
      for base in row:gmatch "%S+" do layer_of[base] = layer end
    end
    for _, name in ipairs(names) do
      local base = name:match "^[%w_]+"
      assert.is_truthy(layer_of[base], name .. " has no layer")
      for header in files[name]:gmatch '#include "([%w_]+)%.h"' do
        assert.is_true(layer_of[header] < layer_of[base] or header == base, name .. " includes " .. header .. ".h")
      end
    end
  end)

  for _, name in ipairs(names) do
    it(("know what they may: %s"):format(name), function()
      local may = MAY[KNOWS[name:match "^[%w_]+"]] or {}
      local known = knowledge(name)
      assert.is_true(not known.lua or may.lua or false, "it knows Lua, through " .. tostring(known.lua))
      assert.is_true(not known.curl or may.curl or false, "it knows libcurl, through " .. tostring(known.curl))
    end)
  end

  it("know of libcurl only its URLs where the endpoint is made", function()
    for call in bare(files["endpoint.c"]):gmatch "(curl_[%w_]+)%s*%(" do
      assert.is_truthy(call:match "^curl_url" or call == "curl_free", call)
    end
  end)

  it("test Lua's version in compat.h only", function()
    assert.same({}, found("LUA_VERSION_NUM", {["compat.h"] = true}))
    assert.same({}, found("LUAJIT", {["compat.h"] = true}))
  end)

  it("test libcurl's version in libcurl.h only", function()
    assert.same({}, found("LIBCURL_VERSION", {["libcurl.h"] = true}))
    assert.same({}, found("curl_version_info", {["libcurl.h"] = true}))
  end)

  it("include system.h first, which alone says what the C library is to show", function()
    for _, name in ipairs(names) do
      if name:match "%.c$" then assert.equal('"system.h"', files[name]:match "#include (%S+)", name) end
    end
    assert.same({}, found("#%s*define%s+_%u", {["system.h"] = true}))
  end)

  it("raise errors through raise.c, whose functions never return", function()
    for _, call in ipairs {"lua_error", "luaL_error", "luaL_argerror", "luaL_typeerror"} do
      assert.same({}, found("%f[%w_]" .. call .. "%s*%(", {["raise.c"] = true}))
    end
  end)

  it("keep no time in a long, which may have 32 bits", function()
    assert.same({}, found "%f[%w]long%s+[%w_]*_[mu]s%s*[;,=)]")
    assert.same({}, found "%f[%w]long%s+[%w_]*seconds")
    assert.same({}, found "%f[%w]time_t%s+[%w_]+")
  end)

  it("remember no lua_State", function()
    for _, name in ipairs(names) do
      for body in bare(files[name]):gmatch "struct[%s%w_]*(%b{})" do
        assert.is_nil(body:match "lua_State[^\n]*", name)
      end
    end
  end)

  it("neither abort, exit nor print", function()
    for _, call in ipairs {"abort", "exit", "_exit", "quick_exit", "printf", "fprintf", "dprintf", "puts", "fputs",
      "putchar", "perror", "assert", "syslog"} do
      assert.same({}, found("%f[%w_]" .. call .. "%s*%("))
    end
  end)

  it("use the members of another file's struct only where they are handed over", function()
    local structs, count = {}, {next = 1, data = 1}        -- of libcurl's lists
    for _, name in ipairs(names) do
      for struct, body in bare(files[name]):gmatch "struct (ba_[%w_]+) (%b{});" do
        if name:match "%.h$" then
          structs[struct] = {file = name, members = members_of(body)}
          for member in pairs(structs[struct].members) do count[member] = (count[member] or 0) + 1 end
        end
      end
    end
    for struct in pairs(SHARED) do assert.is_truthy(structs[struct], struct) end
    local checked = 0
    for struct, declared in pairs(structs) do
      local home = declared.file:match "^[%w_]+"
      local friends = (SHARED[struct] or "") .. " " .. home .. " "
      for _, name in ipairs(names) do
        local may = SHARED[struct] == "all" or (" " .. friends):find(" " .. name:match "^[%w_]+" .. " ", 1, true)
        if not may and includes(name, declared.file) then
          local text, own = bare(files[name]), {}
          for body in text:gmatch "struct [%w_]+ (%b{})" do
            for member in pairs(members_of(body)) do own[member] = true end
          end
          for member in pairs(declared.members) do
            -- a name that several structs have says nothing
            if count[member] == 1 and not own[member] then
              checked = checked + 1
              assert.is_nil(text:match("[%->.]" .. member .. "%f[^%w_]"), name .. " uses " .. struct .. "." .. member)
            end
          end
        end
      end
    end
    assert.is_true(checked > 20)
  end)

  it("push nil, err in failure.c only", function()
    for _, name in ipairs(names) do
      -- the host's functions have nil, message, errno
      if name ~= "failure.c" and not name:match "^host_" then
        assert.is_nil(bare(files[name]):match "lua_pushnil%s*%b();%s*lua_push%a*string", name)
      end
    end
  end)

  it("have a licence in the first line and what they own in the second", function()
    for _, name in ipairs(names) do
      assert.is_truthy(files[name]:match "^/%* SPDX%-License%-Identifier: MIT %*/\n/%* [^\n]", name)
    end
    local find = "cd %s && find lua spec bin examples packaging -name '*.lua' -o -name botapi -type f"
    for _, path in ipairs(lines_of(find:format(process.quote(process.root)))) do
      local text = process.slurp(process.root .. path):gsub("^#![^\n]*\n", "")
      assert.is_truthy(text:match "^%-%- SPDX%-License%-Identifier: MIT\n%-%- [^\n]", path)
    end
  end)

  it("stay within 79 columns", function()
    assert.same({}, found(("."):rep(80)))
  end)
end)

-- Modules from the lowest layer up; `x.*` are the files of a folder. Those of one folder may require each other.
local MODULES = {
  "botapi.core",
  "botapi.place botapi.nearest",
  "botapi.base64 botapi.methods botapi.facts botapi.json botapi.keep botapi.machine botapi.misnamed botapi.misuse "
    .. "botapi.manual botapi.named botapi.framed",
  "botapi.bot_api botapi.text botapi.show botapi.policy botapi.outcome botapi.server botapi.shape botapi.drive "
    .. "botapi.reason.* botapi.value botapi.attach",
  "botapi.reason botapi.drive.* botapi.journal.* botapi.params botapi.readable botapi.help",
  "botapi.retry botapi.journal botapi.change botapi.doubt botapi.download resty.botapi.* botapi.emulator.*",
  "botapi.updates",
  "botapi.bot botapi.facebook.* botapi.migrate.*",
  "botapi.migrate botapi.facebook botapi.emulator botapi.fleet.*",
  "botapi.fleet",
  "botapi.later",
  "botapi.api",
  "botapi resty.botapi",                        -- and the module of each loop that has a file in drive/
  "botapi.cli.*",
  "botapi.cli",
}

-- What each module requires when it is loaded or later: by name, without comments.
local function requirements()
  local list = {}
  for _, path in ipairs(lines_of("cd " .. process.quote(process.root) .. " && find lua -name '*.lua'")) do
    local name, text = path:match "^lua/(.*)%.lua$":gsub("/", "."), ""
    for line in io.lines(process.root .. path) do text = text .. line:gsub("%-%-.*", "") .. "\n" end
    text = text:gsub("%[=%[.-%]=%]", "")                -- examples
    list[name] = {}
    for required in text:gmatch 'require%s*%(?%s*"([%w_.]+)"' do
      if required:match "^botapi" or required:match "^resty" then list[name][required] = true end
    end
    for prefix in text:gmatch 'require%s*%(%s*"([%w_.]+%.)"%s*%.%.' do list[name][prefix] = true end
  end
  -- one whose name is composed may be any of its folder
  for _, required in pairs(list) do
    for prefix in pairs(required) do
      if prefix:sub(-1) == "." then
        required[prefix] = nil
        for other in pairs(list) do
          if other:sub(1, #prefix) == prefix then required[other] = true end
        end
        break
      end
    end
  end
  return list
end

describe("the Lua modules", function()
  local all, layer_of = requirements(), {}
  for layer, row in ipairs(MODULES) do
    for name in row:gmatch "%S+" do layer_of[name] = layer end
  end
  local function folder(name) return name:match "^(.*)%.[^.]+$" or "" end
  local function layer(name)
    local loop = name:match "^botapi%.(%w+)$"
    if loop and all["botapi.drive." .. loop] then return layer_of.botapi end
    return layer_of[name] or layer_of[folder(name) .. ".*"]
  end

  it("require only modules of a lower layer, or of their own folder", function()
    for name, required in pairs(all) do
      assert.is_truthy(layer(name), name .. " has no layer")
      for other in pairs(required) do
        local is_beside = layer_of[name] == nil and folder(other) == folder(name)
        assert.is_true(is_beside or layer(other) < layer(name), name .. " requires " .. other)
      end
    end
  end)

  it("write into no table of another module", function()
    local ALLOWED = {["lua/botapi/emulator/facebook_faults.lua"] = true}       -- adds its faults to the others
    local seen = 0
    for _, path in ipairs(lines_of("cd " .. process.quote(process.root) .. " && find lua -name '*.lua'")) do
      local text = "\n"
      for line in io.lines(process.root .. path) do text = text .. line:gsub("%-%-.*", "") .. "\n" end
      for variable in text:gmatch 'local ([%w_]+) = require "[%w]+%.[%w_.]+"%s*\n' do
        seen = seen + 1
        for _, write in ipairs {"\n%s*" .. variable .. "%.[%w_.]+[%w_., ]* = [^\n]*",
          "\n%s*" .. variable .. "%b[][%w_., ]* = [^\n]*", "function " .. variable .. "[.:][^\n]*"} do
          assert.is_nil(not ALLOWED[path] and text:match(write) or nil, path)
        end
      end
    end
    assert.is_true(seen > 100)
  end)

  it("are public where examples require them: docs/config.ld lists those", function()
    local public, seen = {}, 0
    for path in process.slurp(process.root .. "docs/config.ld"):gmatch '"%.%./([%w_/.]+)%.lua"' do
      public[path:gsub("^lua/", ""):gsub("^build/made/reference/", ""):gsub("/", ".")] = true
    end
    local examples = process.quote(process.root) .. "examples"
    for _, line in ipairs(lines_of("grep -Erho 'require *\\(?\"[a-z_.]+' " .. examples)) do
      local name = line:match "[%w_.]+$"
      local is_ours = name:match "^botapi" or name:match "^resty%.botapi"
      assert.is_true(not is_ours or public[name] or false, name)
      seen = seen + (is_ours and 1 or 0)
    end
    assert.is_true(seen > 5)
  end)

  it("have no cycle", function()
    local done = {}
    local function visit(name, above)
      assert.is_nil(above[name], "a cycle: " .. name)
      if done[name] then return end
      above[name] = true
      for other in pairs(all[name] or {}) do visit(other, above) end
      above[name], done[name] = nil, true
    end
    for name in pairs(all) do visit(name, {}) end
  end)
end)

-- Lengths of all functions, as ctags sees them.
local function functions()
  local list = {}
  for _, line in ipairs(lines_of(("cd %s && ctags --fields=+ne --c-kinds=f -f - src/*.c"):format(
    process.quote(process.root)))) do
    local from, to = line:match "\tline:(%d+)", line:match "\tend:(%d+)"
    if from and to then
      list[#list + 1] = {name = line:match "^[^\t]+", file = line:match "^[^\t]+\t([^\t]+)", lines = to - from + 1}
    end
  end
  return list
end

describe("the C functions", function()
  local list = functions()

  it("are seen", function()
    assert.is_true(#list > 200)
  end)

  it("are 9 lines or fewer in the median, 25 or fewer nine times in ten, under 60 each", function()
    table.sort(list, function(a, b) return a.lines < b.lines end)
    local function at(part) return list[math.ceil(#list * part)].lines end
    assert.is_true(at(0.5) <= 9, "the median is " .. at(0.5))
    assert.is_true(at(0.9) <= 25, "nine in ten have at most " .. at(0.9))
    local longest = list[#list]
    assert.is_true(longest.lines < 60, ("%s: %s has %d lines"):format(longest.file, longest.name, longest.lines))
  end)
end)

describe("the module", function()
  local core = assert(package.searchpath and package.searchpath("botapi.core", package.cpath)
    or process.root .. "build/" .. process.lua .. "/botapi/core.so")
  local path = core:gsub("core%.so$", "binding.so")

  it("exports luaopen_botapi_core only, as does its loader", function()
    for _, file in ipairs {core, path} do
      local symbols = {}
      for _, line in ipairs(lines_of("nm -D --defined-only " .. process.quote(file))) do
        symbols[#symbols + 1] = line:match "%S+$"
      end
      assert.same({"luaopen_botapi_core"}, symbols)
    end
  end)

  it("keeps nothing that changes but the pthread_once, and whether the command was sent Ctrl-C", function()
    local kept = {}
    for _, line in ipairs(lines_of("objdump -t " .. process.quote(path))) do
      local name = line:match "%sO%s+%.data%s+%x+%s+(%S+)" or line:match "%sO%s+%.bss%s+%x+%s+(%S+)"
        or line:match "%sO%s+%.tbss%s+%x+%s+(%S+)"
      if name and not name:match "^__" and not name:match "^completed" then kept[#kept + 1] = name end
    end
    table.sort(kept)
    assert.same({"before", "once", "signalled"}, kept)
  end)
end)

describe("the version", function()
  it("is one", function()
    local version = require "botapi"._VERSION
    assert.is_truthy(version:match "^%d+%.%d+%.%d+$")
    assert.equal(version, process.slurp(process.root .. "CHANGELOG.md"):match "\n## %[?(%d+%.%d+%.%d+)")
    assert.equal(version, process.slurp(process.root .. "botapi-scm-1.rockspec"):match "Version (%d+%.%d+%.%d+)%.")
  end)
end)
