-- SPDX-License-Identifier: MIT
-- The admin endpoint behind nginx, HAProxy and Caddy, with the recipes of docs/openresty.md, by curl and Chromium.

local browser = require "support.browser"
local demo = require "support.demo"
local front = require "support.front"
local json = require("cjson.safe").new()
local nginx = require "support.nginx"
local process = require "support.process"

local missing = nginx.missing() or browser.missing() or demo.missing()

local function header(name, value)
  return (" -H '%s: %s'"):format(name, value)
end

describe("the admin endpoint behind a proxy", function()
  if missing then
    pending(missing)
    return
  end
  local page
  setup(function()
    local profile = process.directory() .. "chromium" .. nginx.free_port()
    assert(process.run("mkdir -p " .. profile))
    page = browser.start(nginx.free_port(), profile)
  end)
  teardown(function()
    if page then page:stop() end
  end)

  -- Enters the key and logs the bot shop out.
  local function use_page(key)
    page:await "!document.getElementById('enter').hidden"
    page:type("#key", key)
    page:click "#enter button"
    page:await "document.querySelectorAll('#bots tr').length === 4"
    page:click "#bots tr[data-name=shop] button"
    page:type("#typed", "shop")
    page:click "#confirm"
    page:await "document.querySelector('#outcomes li')"
    return page:text "#outcomes h2"
  end

  it("works behind a plain proxy_pass, at another path: the page, and a script", function()
    local admin, proxy = demo.start(), nil
    finally(function()
      if proxy then proxy:stop() end
      admin:stop()
    end)
    proxy = front.start("plain", admin.port)
    assert.equal(200, (proxy:ask("bots", header("Authorization", "Bearer " .. admin.key))))
    page:open(proxy.url)
    assert.equal("shop is logged out", use_page(admin.key))
    assert.equal(1, admin:calls())
    -- where a browser doesn't say whose page asks
    local status, body = proxy:ask("bots", header("X-Botapi-Key", admin.key) .. header("Origin", "http://bots.example"))
    assert.equal(403, status)
    assert.is_truthy(body:find("a proxy in front doesn't pass the header Host on", 1, true))
  end)

  for _, kind in ipairs { "nginx", "haproxy", "caddy" } do
    describe("by the recipe for " .. kind, function()
      if front.missing(kind) then
        pending(front.missing(kind))
        return
      end
      local admin, proxy, key
      setup(function()
        admin = demo.start()
        admin:reload("#(set_real_ip_from)", "%1")
        admin:reload("#(real_ip_header)", "%1")
        proxy = front.start(kind, admin.port)
        key = header("X-Botapi-Key", admin.key)
      end)
      teardown(function()
        if proxy then proxy:stop() end
        if admin then admin:stop() end
      end)

      it("wants the proxy's login, and the key beside it", function()
        assert.equal(401, (proxy:ask ""))
        assert.equal(401, (proxy:ask("bots", key)))
        assert.equal(200, (proxy:ask("", proxy.login())))
        local status, body = proxy:ask("bots", proxy.login())
        assert.same({ 401, 401 }, { status, json.decode(body).error_code })
        assert.equal(200, (proxy:ask("bots", proxy.login() .. key)))
      end)

      it("refuses what another site asks for, and takes what its own page does, whatever the browser says", function()
        local own = proxy.login() .. key .. header("Origin", "https://" .. proxy.host)
        assert.equal(200, (proxy:ask("bots", own)))
        assert.equal(200, (proxy:ask("bots", own .. header("Sec-Fetch-Site", "same-origin"))))
        assert.equal(403, (proxy:ask("bots", own .. header("Sec-Fetch-Site", "cross-site"))))
        assert.equal(403, (proxy:ask("bots", proxy.login() .. key .. header("Origin", "https://example.org"))))
      end)

      it("leads back to itself", function()
        local status, _, head = proxy:ask("../", proxy.login())
        assert.equal(303, status)
        assert.equal("/admin/", head:match "[Ll]ocation: (%S+)")
      end)

      it("limits each client by its own address, whatever the client says of it", function()
        local requests = {}
        for i = 1, 100 do
          requests[i] = "--interface 127.0.0.2 " .. proxy.login() .. header("X-Forwarded-For", "192.0.2." .. i)
        end
        assert.same({ [401] = true, [429] = true }, proxy:burst("bots", requests))
        assert.equal(200, (proxy:ask("bots", "--interface 127.0.0.3 " .. proxy.login() .. key)))
        assert.is_truthy(admin:log "access":find("127.0.0.2 ", 1, true))
        assert.is_nil(admin:log "access":find("192.0.2.", 1, true))
      end)

      it("serves the page, which logs a bot out", function()
        page:open(proxy:url_with_login())
        assert.equal("shop is logged out", use_page(admin.key))
        assert.equal(1, admin:calls())
      end)

      it("has the page say that the endpoint is gone, where the proxy answers for it", function()
        admin:stop()
        page:click "#again"
        page:await "!document.getElementById('message').hidden"
        local said = "^Not the endpoint but a proxy in front has answered: HTTP 50[23]%.$"
        assert.is_truthy(page:text "#message":find(said))
        page:click "#bots tr[data-name=news] button"
        page:type("#typed", "news")
        page:click "#confirm"
        page:await "document.querySelector('#outcomes h2')?.textContent.startsWith('news')"
        assert.equal("news is not known to be logged out", page:text "#outcomes h2")
      end)

      it("has no key in the proxy's own logs", function()
        local text = process.capture("cat " .. process.quote(proxy.dir) .. "*.log 2>/dev/null") .. proxy.child:errors()
        assert.is_nil(text:find(admin.key, 1, true))
      end)
    end)
  end
end)
