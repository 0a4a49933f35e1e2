-- SPDX-License-Identifier: MIT
-- The page of the admin endpoint in headless Chromium, as an operator uses it; a picture of each step below build/.

local browser = require "support.browser"
local demo = require "support.demo"
local nginx = require "support.nginx"
local process = require "support.process"

local missing = nginx.missing() or browser.missing() or demo.missing()

describe("the admin page", function()
  if missing then
    pending(missing)
    return
  end
  local admin, page, pictures
  lazy_setup(function()
    admin = demo.start()
    pictures = process.root .. "build/screenshots/"
    local profile = process.directory() .. "chromium"
    assert(process.run("rm -rf " .. pictures .. " && mkdir -p " .. pictures .. " " .. profile))
    page = browser.start(nginx.free_port(), profile)
    page:open(admin.url)
  end)
  lazy_teardown(function()
    if page then page:stop() end
    if admin then admin:stop() end
  end)

  local function enter(key)
    page:type("#key", key)
    page:click "#enter button"
  end

  local function picture(name)
    page:picture(pictures .. name .. ".png")
  end

  local function row(name)
    return "#bots tr:nth-child(" .. ({ shop = 1, news = 2, weather = 3, gone = 4 })[name] .. ")"
  end

  it("says that a wrong key is wrong, and shows nothing", function()
    enter "CANARY-this-is-not-the-key-00000000"
    page:await "!document.getElementById('message').hidden"
    assert.equal("This isn't the key.", page:text "#message")
    assert.equal(true, page:run "return document.getElementById('list').hidden")
    picture "wrong-key"
  end)

  it("lists the bots, without a call to any server", function()
    enter(admin.key)
    page:await "document.querySelectorAll('#bots tr').length === 4"
    assert.is_truthy(page:text(row "shop"):find("1000001", 1, true))
    assert.is_truthy(page:text(row "shop"):find("answers", 1, true))
    assert.is_truthy(page:text(row "gone"):find("doesn't answer", 1, true))
    assert.equal(0, admin:calls())
    picture "list"
  end)

  -- Presses a bot's button, types its name where it is asked for, and confirms.
  local function log_out(name)
    page:click(row(name) .. " button")
    page:await "document.getElementById('ask').open"
    page:type("#typed", name)
    page:click "#confirm"
  end

  it("asks for the name, and does nothing when it is cancelled", function()
    page:click(row "shop" .. " button")
    page:await "document.getElementById('ask').open"
    assert.equal(true, page:run "return document.getElementById('confirm').disabled")
    page:type("#typed", "sho")
    assert.equal(true, page:run "return document.getElementById('confirm').disabled")
    picture "ask"
    page:click "#cancel"
    page:await "!document.getElementById('ask').open"
    assert.equal(0, admin:calls())
    picture "cancel"
  end)

  it("logs out, shows what came back, and lists the bot as gone", function()
    log_out "shop"
    page:await "!document.getElementById('outcome').hidden"
    assert.equal("shop is logged out", page:text "#outcome-title")
    page:await "document.querySelector('#bots tr:nth-child(1) button').disabled"
    assert.equal(1, admin:calls())
    picture "logged-out"
  end)

  it("says that nothing was sent where the server is down, and what to do", function()
    log_out "gone"
    page:await "document.getElementById('outcome-title').textContent.startsWith('gone')"
    assert.equal("gone wasn't logged out", page:text "#outcome-title")
    assert.is_truthy(page:text "#outcome-text":find("nothing was sent", 1, true))
    assert.is_true(#page:text "#outcome-next" > 20)
    picture "server-down"
  end)

  it("says that its own server is gone", function()
    page:run "window.fetch = () => Promise.reject(new TypeError())"
    log_out "news"
    page:await "document.getElementById('outcome-title').textContent.startsWith('news')"
    assert.equal("news is not known to be logged out", page:text "#outcome-title")
    assert.is_truthy(page:text "#outcome-next":find("Its journal knows", 1, true))
    page:await "!document.getElementById('message').hidden"
    assert.equal("This page's own server doesn't answer.", page:text "#message")
    picture "own-server-down"
  end)
end)
