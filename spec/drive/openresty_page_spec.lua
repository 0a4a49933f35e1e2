-- SPDX-License-Identifier: MIT
-- The page of the admin endpoint in headless Chromium, as an operator uses it. Each state is looked at by axe-core in
-- four ways: narrow and wide, light and dark; its pictures are below build/.

local axe = require "support.axe"
local browser = require "support.browser"
local demo = require "support.demo"
local nginx = require "support.nginx"
local process = require "support.process"

local missing = nginx.missing() or browser.missing() or demo.missing()

local WAYS = { { "375-light", 375, false }, { "375-dark", 375, true }, { "1280-dark", 1280, true },
  { "1280-light", 1280, false } }

local pictures = process.root .. "build/screenshots/"

local function start_browser()
  local profile = process.directory() .. "chromium" .. nginx.free_port()
  assert(process.run("mkdir -p " .. pictures .. " " .. profile))
  return browser.start(nginx.free_port(), profile)
end

describe("the admin page", function()
  if missing then
    pending(missing)
    return
  end
  local admin, page, no_axe

  setup(function()
    no_axe = axe.missing()
    page = start_browser()
  end)
  teardown(function()
    if page then page:stop() end
  end)

  local function enter(key)
    page:type("#key", key)
    page:click "#enter button"
  end

  -- Starts the endpoint with so many bots more, and opens the page with the key.
  local function open(rate, more)
    admin = demo.start(rate, more)
    page:open(admin.url)
  end

  local function await_status(text)
    page:await(("document.getElementById('status').textContent === %q"):format(text))
  end

  -- Looks at the page as it is, in each way.
  local function look(name)
    for _, way in ipairs(WAYS) do
      page:emulate(way[2], way[3])
      page:picture(pictures .. name .. "-" .. way[1] .. ".png")
      if not no_axe then assert.equal("", axe.objections(page), name .. ", " .. way[1]) end
      assert.equal(true, page:run "return document.documentElement.scrollWidth <= innerWidth", name .. " is too wide")
    end
  end

  local function row(name)
    return ("#bots tr[data-name=%s]"):format(name)
  end

  local function ask(name)
    page:click(row(name) .. " button")
    page:await "document.getElementById('ask').open"
  end

  local function confirm(word)
    page:type("#typed", word)
    page:click "#confirm"
  end

  local function log_out(name)
    ask(name)
    confirm(name)
  end

  local function focus()
    return page:run "return document.activeElement.getAttribute('aria-label') || document.activeElement.id"
  end

  local function first_outcome()
    page:await "document.querySelector('#outcomes li')"
    return page:text "#outcomes li h2", page:run "return document.querySelector('#outcomes li').className"
  end

  describe("with a few bots", function()
    setup(function() open(nil, 2) end)
    teardown(function()
      if admin then admin:stop() end
    end)

    it("says that a wrong key is wrong, and shows nothing", function()
      enter "CANARY-this-is-not-the-key-00000000"
      page:await "!document.getElementById('message').hidden"
      assert.equal("This isn't the key.", page:text "#message")
      assert.equal(true, page:run "return document.getElementById('list').hidden")
      assert.equal("key", focus())
      look "wrong-key"
    end)

    it("lists the bots, without a call to any server", function()
      enter(admin.key)
      page:await "document.querySelectorAll('#bots tr').length === 6"
      assert.is_truthy(page:text(row "shop"):find("1000001", 1, true))
      assert.is_truthy(page:text(row "shop"):find("answers", 1, true))
      assert.is_truthy(page:text(row "gone"):find("doesn't answer", 1, true))
      assert.equal(0, admin:calls())
      assert.equal("find", focus())
      look "list"
      for _, width in ipairs { 375, 1280 } do
        page:emulate(width, false)
        for _, header in ipairs { "name", "server", "state" } do
          assert.is_true(#page:text("[data-by=" .. header .. "]") > 0, header)
        end
      end
    end)

    it("asks for the name; a cancelled question sends nothing, says so, and gives the focus back", function()
      for _, how in ipairs { "button", "escape" } do
        ask "shop"
        assert.equal(true, page:run "return document.getElementById('confirm').disabled")
        page:type("#typed", "sho")
        assert.equal(true, page:run "return document.getElementById('confirm').disabled")
        if how == "button" then
          look "ask"
          page:click "#cancel"
        else
          page:press "escape"
        end
        page:await "!document.getElementById('ask').open"
        await_status "Cancelled: nothing was sent."
        assert.equal("Log out shop", focus())
      end
      assert.equal(0, admin:calls())
    end)

    it("speaks of the cloud only where a bot leaves the cloud", function()
      ask "weather"
      assert.is_nil(page:text "#ask":lower():find("cloud", 1, true))
      page:press "escape"
      page:run "shown.get('weather').data.cloud = true"
      ask "weather"
      assert.is_truthy(page:text "#ask":find("Telegram's cloud takes a bot that has left it back", 1, true))
      assert.is_nil(page:text "#ask":find("A later request there", 1, true))
      look "ask-cloud"
      page:press "escape"
    end)

    it("says that it sends while a slow server takes its time, then what came back; the focus stays", function()
      admin:rule { bot = 1000001, method = "logOut", ["then"] = { execute = true, delay = "50s" } }
      log_out "shop"
      page:await "document.getElementById('status').textContent.startsWith('Sending… 0 of 1 bot')"
      assert.is_truthy(page:text(row "shop"):find("Sending…", 1, true))
      look "sending"
      admin:advance "50s"
      await_status "shop is logged out."
      assert.same({ "shop is logged out", "card good" }, { first_outcome() })
      page:await "shown.get('shop').data.state === 'left'"
      assert.equal("Log out shop", focus())
      assert.equal("true", page:run "return document.activeElement.getAttribute('aria-disabled')")
      assert.equal(1, admin:calls())
      look "logged-out"
    end)

    it("doesn't ask about a bot that has left", function()
      page:click(row "shop" .. " button")
      assert.equal(false, page:run "return document.getElementById('ask').open")
    end)

    it("says that a bot is being logged out by someone else", function()
      admin:rule { bot = 1000002, method = "logOut", ["then"] = { execute = true, delay = "50s" } }
      page:run [[window.other = fetch("bots/news/logout", { method: "POST", body: '{"name":"news"}',
        headers: { "Content-Type": "application/json", "X-Botapi-Key": key } })]]
      admin:await_calls(2)
      log_out "news"
      await_status "news is being logged out by someone else."
      assert.same({ "news is being logged out by someone else", "card " }, { first_outcome() })
      look "running-elsewhere"
      admin:advance "50s"
      page:run "return window.other.then((answer) => answer.status)"
      page:click "#again"
      page:await "shown.get('news').data.state === 'left'"
      assert.equal(2, admin:calls())
    end)

    it("says without alarm that a bot had already left, where the page is stale", function()
      local said = admin:ask("POST", "/admin/bots/weather/logout", { ["Content-Type"] = "application/json" },
        '{"name":"weather"}')
      assert.equal(200, said.status)
      log_out "weather"
      await_status "weather had already left."
      assert.same({ "weather had already left", "card " }, { first_outcome() })
      assert.is_truthy(page:text "#outcomes li":find("Nothing was sent. Since ", 1, true))
      look "stale"
    end)

    it("says that nothing was sent where the server is down, and what to do", function()
      log_out "gone"
      await_status "gone wasn't logged out."
      assert.same({ "gone wasn't logged out", "card bad" }, { first_outcome() })
      local text = page:text "#outcomes li"
      assert.is_truthy(text:find("nothing was sent", 1, true))
      look "server-down"
    end)

    it("says how long a rate limit of the Bot API server lasts", function()
      admin:rule { bot = 2000001, method = "logOut", ["then"] = { error_code = 429, retry_after = 77 } }
      log_out "bot-001"
      await_status "bot-001 wasn't logged out."
      assert.is_truthy(page:text "#outcomes li":find("77 seconds", 1, true))
      look "server-limits"
    end)

    it("says that what a server did isn't known, where its answer was lost", function()
      admin:rule { bot = 2000001, method = "logOut", times = 0, ["then"] = "lost_request" }
      log_out "bot-001"
      await_status "bot-001 is not known to be logged out."
      page:await "shown.get('bot-001').data.state === 'unsettled'"
      look "unknown"
      admin:forget_rules()
      log_out "bot-001"
      await_status "bot-001 is logged out."
    end)

    it("says that nothing was sent where the journal can't be written", function()
      local journal = admin.dir .. "journal/2000002.jsonl"
      assert(process.run("mkdir " .. process.quote(journal)))
      log_out "bot-002"
      await_status "bot-002 wasn't logged out."
      assert.is_truthy(page:text "#outcomes li":find("Nothing was sent: the journal can't be opened", 1, true))
      assert(process.run("rmdir " .. process.quote(journal)))
    end)

    it("says that it asks, while its own server takes its time", function()
      page:run "window.real = fetch; window.fetch = () => new Promise((done) => { window.let_go = done; })"
      page:click "#again"
      await_status "Looking…"
      look "looking"
      page:run "window.let_go(window.real('bots', { headers: { 'X-Botapi-Key': key } })); window.fetch = window.real"
      await_status ""
    end)

    it("says that a proxy in front wants a login again, and keeps the list", function()
      page:run "window.fetch = () => Promise.resolve(new Response('<html>', { status: 401 }))"
      log_out "bot-002"
      await_status "bot-002 wasn't logged out."
      assert.equal("A proxy in front wants a login (HTTP 401). Load this page again.", page:text "#message")
      look "proxy-login"
      page:run "window.fetch = window.real"
      page:click "#again"
      page:await "document.getElementById('message').hidden"
      assert.is_truthy(page:text(row "bot-002"):find("This endpoint hasn't logged it out.", 1, true))
    end)

    it("says that its own server is gone", function()
      admin:stop()
      log_out "gone"
      await_status "gone is not known to be logged out."
      assert.same({ "gone is not known to be logged out", "card bad" }, { first_outcome() })
      assert.is_truthy(page:text "#outcomes li":find("Its journal knows", 1, true))
      assert.equal("This page's own server doesn't answer.", page:text "#message")
      assert.equal("Log out gone", focus())
      look "own-server-down"
    end)
  end)

  describe("with 200 bots", function()
    setup(function()
      open(nil, 196)
      enter(admin.key)
      page:await "document.querySelectorAll('#bots tr').length === 200"
    end)
    teardown(function()
      if admin then admin:stop() end
    end)

    local function names()
      return page:run "return visible().map((row) => row.name).sort().join(' ')"
    end

    local function find(text)
      page:run "document.getElementById('find').value = ''"
      page:type("#find", text)
    end

    it("finds and sorts", function()
      look "many"
      find "bot-19"
      assert.equal("7 of 200 bots", page:text "#count")
      assert.equal("bot-190 bot-191 bot-192 bot-193 bot-194 bot-195 bot-196", names())
      find "1000003"
      assert.equal("weather", names())
      local function first() return page:run "return document.querySelector('#bots tr').dataset.name" end
      assert.equal("bot-001", first())
      page:click "[data-by=name]"
      assert.equal("weather", first())
      assert.equal("descending", page:run "return document.querySelector('[aria-sort]').getAttribute('aria-sort')")
      page:click "[data-by=server]"
      assert.equal("ascending", page:run "return document.querySelector('[aria-sort]').getAttribute('aria-sort')")
      assert.equal("gone", first())
    end)

    it("logs several out with one confirmation", function()
      find "bot-19"
      page:click "#all"
      assert.equal("Log out 7 bots…", page:text "#several")
      page:click "#several"
      page:await "document.getElementById('ask').open"
      assert.is_truthy(page:text "#ask":find("bot-195", 1, true))
      look "ask-several"
      confirm "7"
      await_status "7 of 7 bots: 7 logged out."
      assert.equal(7, admin:calls())
      assert.equal("several", focus())
      assert.equal("Log out selected…", page:text "#several")
      look "several-done"
    end)

    it("selects nothing that isn't shown", function()
      find "bot-01"
      page:click "#all"
      find "bot-013"
      assert.equal("Log out 1 bot…", page:text "#several")
      page:click "#all"
    end)

    it("shows how far it is, takes more meanwhile, and stops when told to", function()
      admin:rule { method = "logOut", times = 4, ["then"] = { execute = true, delay = "50s" } }
      find "bot-05"
      page:click "#all"
      page:click "#several"
      confirm "10"
      page:await "document.getElementById('status').textContent.startsWith('Sending… 0 of 10 bots')"
      find "bot-060"
      log_out "bot-060"
      page:await "document.getElementById('status').textContent.startsWith('Sending… 0 of 11 bots')"
      admin:await_calls(11)
      assert.equal(11, page:run "return document.getElementById('progress').max")
      look "several-sending"
      page:click "#stop"
      admin:advance "50s"
      await_status "4 of 11 bots: 7 not sent, 4 logged out."
      assert.equal(11, admin:calls())
    end)
  end)

  it("waits as long as the endpoint's limit wants, and goes on", function()
    finally(function() admin:stop() end)
    open("60r/m", 8)
    enter(admin.key)
    page:await "document.querySelectorAll('#bots tr').length === 12"
    page:type("#find", "bot-")
    page:click "#all"
    page:click "#several"
    confirm "8"
    page:await "document.getElementById('status').textContent.includes('The endpoint wants a pause of 3 s.')"
    assert.is_true(page:run "return [...shown.values()].some((row) => row.data.state === 'left')")
    look "rate-limited"
    await_status "8 of 8 bots: 8 logged out."
    assert.equal(8, admin:calls())
  end)

  it("is looked at by axe-core", function()
    if no_axe then return pending(no_axe) end
    assert.is_string(page:run "return axe.version")
  end)
end)
