-- SPDX-License-Identifier: MIT
-- A walk over what the command writes: its output, journals and other files, the list of processes, the emulator.

local canary = require "support.canary"
local process = require "support.process"
local support = require "spec.support.emulator"
local terminal = require "support.terminal"

local quote = process.quote
local directory = terminal.directory()

describe("a walk over the command's texts", function()
  local pair, state, found, last_id

  setup(function()
    pair = require "botapi.emulator".start { pair = true }
    last_id = support.new_id()
  end)
  teardown(function() pair:close() end)
  before_each(function()
    found = {}
    last_id = last_id + 1
    state = directory .. "walk" .. last_id
    pair:unrule()
  end)
  after_each(function() assert.same({}, found) end)

  local function look(where, text)
    local part = canary.shown(text)
    if part then
      local at = text:find(part, 1, true) or 1
      found[#found + 1] = ("%s: %s"):format(where, canary.masked(text:sub(math.max(1, at - 60), at + 30)))
    end
  end

  local function token_of(id) return ("%d:%s"):format(id, canary.secret) end

  -- Runs the command, looks at what it says, and at each file that it left in its state's directory.
  local function run(where, words, id, env)
    words = words:gsub("CLOUD", pair.url):gsub("LOCAL", pair.local_url)
    local command = ("env -u BOT_TOKEN %s XDG_STATE_HOME=%s BOT_TOKEN=%s bin/botapi %s 2>&1 </dev/null"):format(
      env or "", quote(state), quote(token_of(id)), words)
    local text = process.capture(command)
    assert.is_nil(text:find("stack traceback", 1, true), text)
    assert.is_nil(text:find("this is a bug", 1, true), text)
    look(where .. ": " .. words, text)
    return text
  end

  local function look_at_files(where)
    look(where .. ": files", process.capture("cat " .. quote(state) .. "/botapi/* " .. quote(state) .. "/*.journal "
      .. quote(state) .. "/*.lock 2>/dev/null; ls -R " .. quote(state)))
  end

  local function put(id, url)
    pair:put(id, { state = "logged_in", username = "shop_bot", pending = 1, webhook = { url = url } }, "cloud")
    pair:put(id, { state = "logged_in", username = "shop_bot", pending = 1, webhook = { url = url } }, "local")
  end

  local function write_list(id)
    process.run("mkdir -p " .. quote(state))
    local path = state .. "/list"
    local file = assert(io.open(path, "w"))
    file:write(token_of(id), "\n")
    file:close()
    return quote(path)
  end

  -- A command takes its time: spec/system/canary_walk_spec.lua has all forms.
  local seldom = { ["encoded three times"] = true, ["JSON escapes in capitals"] = true, ["between C1 controls"] = true,
    ["its colon percent-encoded"] = true, ["a password in a URL"] = true, ["cut at its end"] = true }
  local chosen = {}
  for i, form in ipairs(canary.forms(token_of(1))) do chosen[#chosen + 1] = not seldom[form[1]] and i or nil end

  -- What a hostile server says; the commands that then run.
  local parts = {
    { "in the webhook's URL", function() end, { "status --json -v", "logout --dry-run", "call getWebhookInfo",
      "migrate --dry-run --from CLOUD --to LOCAL --webhook keep",
      "migrate --yes --json -v --from CLOUD --to LOCAL --webhook keep --secret-token none --accept-loss",
      "migrate --show --json" } },
    { "in a member", function(id, text)
      local me = { id = id, is_bot = true, username = text, first_name = text }
      pair:rule { bot = id, method = "getMe", times = 0, answer = { result = me } }
      pair:rule { bot = id, method = "getWebhookInfo", times = 0, answer = { result = { url = text, ip_address = text,
        has_custom_certificate = false, pending_update_count = 1, last_error_message = text, last_error_date = 1,
        allowed_updates = { text } } } }
    end, { "status", "logout --dry-run", "logout --confirm x --json", "call getMe --json",
      "migrate --yes -v --from CLOUD --to LOCAL --webhook keep --secret-token none --accept-loss" } },
    { "in a description", function(id, text)
      for _, method in ipairs { "logOut", "close", "setWebhook", "deleteWebhook", "sendMessage" } do
        pair:rule { bot = id, method = method, times = 0, answer = { error_code = 400, description = text } }
      end
    end, { "logout --yes --json", "close --yes -v --delete-webhook", "call sendMessage --json",
      "migrate --yes --json --from CLOUD --to LOCAL --webhook none --accept-loss",
      "fleet logout LIST --yes --json -v" } },
    { "in a front's page", function(id, text)
      pair:rule { bot = id, times = 0, answer = { raw = ("HTTP/1.1 302 %s\r\nLocation: https://h/%s\r\n"
        .. "Content-Length: 0\r\n\r\n"):format(text, text) } }
    end, { "logout --yes", "status --json -v", "call getMe", "fleet logout LIST --yes -v",
      "migrate --yes --from CLOUD --to LOCAL" } },
    { "in a parameter", function() end, { "call sendMessage chat_id=5 text=FORM --json",
      "call setWebhook url=https://bot.example/FORM",
      "migrate --yes --from CLOUD --to LOCAL --webhook https://bot.example/FORM", "migrate --show --json" } },
  }

  -- A word that is a token is never repeated; where it is a part of one, the command can't know.
  local words_of_its_own = { "call FORM", "status FORM", "--FORM", "status --FORM" }

  for _, part in ipairs(parts) do
    it("finds no form of the token " .. part[1], function()
      for _, i in ipairs(chosen) do
        last_id = last_id + 1
        local id = last_id
        local form = canary.forms(token_of(id))[i]
        local text = form[2]
        local url = text:find "://" and text or "https://bot.example/" .. text:gsub("%c", ""):gsub("\194\155", "")
        pair:unrule()
        put(id, url)
        part[2](id, text)
        for _, words in ipairs(part[3]) do
          words = words:gsub("LIST", write_list(id))
          if not words:find("LOCAL", 1, true) and not words:find "^migrate" then words = words .. " --server LOCAL" end
          words = words:gsub("[^ ]*FORM[^ ]*", function(word)
            return quote((word:gsub("FORM", (text:gsub("%%", "%%%%")))))
          end)
          run(form[1], words, id)
        end
        look_at_files(form[1])
      end
    end)
  end

  it("repeats no token that came as an argument", function()
    for i, form in ipairs(canary.forms(token_of(last_id))) do
      for _, words in ipairs(i <= 4 and form[2]:find "^[%d%%]" and words_of_its_own or {}) do
        run(form[1], words:gsub("[^ ]*FORM", function(word)
          return quote((word:gsub("FORM", (form[2]:gsub("%%", "%%%%")))))
        end), last_id)
      end
    end
  end)

  it("finds none in what the emulator tells, whoever sent it", function()
    local server = pair.url:match "//(.*)"
    local function ask(path)
      return process.capture(("curl -s -m 10 'http://%s/_emulator%s'"):format(server, path))
    end
    for i = 1, #canary.forms(token_of(1)) do
      last_id = last_id + 1
      local id = last_id
      local form = canary.forms(token_of(id))[i]
      local text = form[2]
      pair:forget()
      pair:unrule()
      pair:rule { bot = id, method = "sendMessage", times = 0, answer = { error_code = 400, description = text } }
      put(id, text:find "://" and text or "https://bot.example/" .. text:gsub("%c", ""):gsub("\194\155", ""))
      run(form[1], "call sendMessage chat_id=5 text=" .. quote(text) .. " --server CLOUD", id)
      run(form[1], "call setWebhook url=" .. quote("https://bot.example/" .. text) .. " --server CLOUD", id)
      for _, path in ipairs { "", "/bots/" .. id, "/calls?bot=" .. id, "/rules", "/calls?expect=9" } do
        look(form[1] .. ": the emulator's " .. path, ask(path))
      end
    end
  end)

  it("finds none in the list of processes, nor in what the build made", function()
    local id = last_id
    process.run("mkdir -p " .. quote(state))
    local path = state .. "/token"
    local file = assert(io.open(path, "w"))
    file:write(token_of(id), "\n")
    file:close()
    process.run("chmod 600 " .. quote(path))
    put(id, "https://bot.example/")
    for _, words in ipairs { "--token-file " .. path, "--token-command 'sleep 0.3; cat " .. path .. "'" } do
      pair:rule { bot = id, times = 0, answer = { delay = 0.4 } }
      local pipe = io.popen(("env -u BOT_TOKEN XDG_STATE_HOME=%s bin/botapi status --server %s %s 2>&1 & pid=$!; "
        .. "for i in 1 2 3 4 5 6 7 8; do for p in $(ps -e -o pid=,ppid= | awk -v top=$pid '{ of[$1] = $2 } "
        .. "END { for (p in of) for (q = p; q; q = of[q]) if (q == top) print p }'); "
        .. "do cat /proc/$p/cmdline /proc/$p/environ 2>/dev/null; done; sleep 0.1; done; wait")
        :format(quote(state), pair.local_url, words))
      local text = pipe:read "*a"
      pipe:close()
      assert.truthy(text:find("XDG_STATE_HOME", 1, true), text)
      assert.truthy(text:find("Waiting", 1, true), text)
      look("processes: " .. words, (text:gsub("%z", "\n")))
    end
    for _, words in ipairs { "completion bash", "completion zsh", "completion fish", "help", "help environment",
      "migrate --help", "--version" } do
      run("said without a server", words, id)
    end
    look("files", process.capture "cat build/*.1 build/completions/* 2>/dev/null")
  end)

  it("finds no password of a proxy", function()
    local proxy = ("http://user:%s@127.0.0.1:1"):format(canary.password)
    local id = last_id
    for _, words in ipairs { "status -v --json", "logout --yes", "call getMe", "close --yes" } do
      for _, secure in ipairs { "http://127.0.0.1:2", "https://127.0.0.1:2" } do
        run("an option", words .. " --server " .. secure .. " --proxy " .. quote(proxy), id)
        run("the environment", words .. " --server " .. secure, id, ("https_proxy=%s http_proxy=%s"):format(
          quote(proxy), quote(proxy)))
      end
    end
    run("a malformed one", "status --server LOCAL --proxy " .. quote(proxy .. ":x["), id)
    look_at_files "a proxy"
  end)

  it("finds no password of a proxy that repeats it", function()
    local server = require "support.faults".start()
    local proxy = server:open { mode = "proxy_login_echo" }
    for _, words in ipairs { "status", "call sendMessage chat_id=1", "download F -o /dev/null" } do
      for _, flag in ipairs { "", "--json", "-v" } do
        run("a proxy", ("%s --server http://bot.example --plain-http --proxy http://user:%s@localhost:%d %s"):format(
          words, canary.password, proxy.port, flag), last_id)
      end
    end
    for _, flag in ipairs { "", "--json", "-v" } do
      last_id = last_id + 1
      state = directory .. "walk" .. last_id
      local list = write_list(last_id)
      run("a proxy", ("fleet logout %s --server http://bot.example --plain-http --proxy http://user:%s@localhost:%d "
        .. "--yes %s"):format(list, canary.password, proxy.port, flag), last_id)
      look_at_files "a proxy"
    end
    assert.equal(9 + 3, proxy:close().seen())
    server:stop()
  end)

  it("finds no password of a proxy of a move's side that repeats it", function()
    local server = require "support.faults".start()
    local proxy = server:open { mode = "proxy_login_echo" }
    local through = ("http://user:%s@localhost:%d"):format(canary.password, proxy.port)
    local far = "http://bot.example --plain-http"
    for _, flag in ipairs { "", "--json", "-v", "--dry-run" } do
      for _, way in ipairs { "--from %s --from-proxy %s --to LOCAL",
        "--from CLOUD --to %s --to-proxy %s --accept-loss --webhook none" } do
        last_id = last_id + 1
        put(last_id, "https://bot.example/")
        for _ = 1, 2 do                 -- the second one goes on
          run("a side's proxy", ("migrate --yes " .. way .. " " .. flag):format(far, through), last_id)
        end
        run("the journal", "migrate --show --json", last_id)
      end
    end
    look_at_files "a side's proxy"
    assert.equal(19, proxy:close().seen())
    server:stop()
  end)
end)
