-- SPDX-License-Identifier: MIT
-- Owns the specs of setWebhook: which webhooks a server takes, and what a refused one leaves.

local certs = require "support.certs"
local escape = require "socket.url".escape
local json = require "botapi.emulator.json"
local process = require "support.process"
local support = require "spec.support.emulator"

local function suite(as, body)
  describe("emulator: setWebhook, as " .. as .. ",", function()
    local at = {}

    setup(function()
      at.here = support.start {as = as}
      at.emu = at.here.emu
    end)
    teardown(function() at.emu:close() end)
    before_each(function() at.id = support.new_id() end)

    --- Sets a webhook; returns the answer, decoded.
    function at.set(arguments)
      local words = {}
      for name, value in pairs(arguments) do words[#words + 1] = name .. "=" .. escape(value) end
      return json.decode(at.here.call(at.id, "setWebhook", table.concat(words, "&")).body)
    end

    function at.info()
      return json.decode(at.here.call(at.id, "getWebhookInfo").body).result
    end

    --- Sends a form of parts: {name, value} or {name, value, file name}. Returns the answer, decoded.
    function at.post(parts)
      local lines = {}
      for _, part in ipairs(parts) do
        lines[#lines + 1] = '--B\r\nContent-Disposition: form-data; name="' .. part[1] .. '"'
          .. (part[3] and '; filename="' .. part[3] .. '"' or "") .. "\r\n\r\n" .. part[2] .. "\r\n"
      end
      local form = table.concat(lines) .. "--B--\r\n"
      return json.decode(at.here.post(at.id, "setWebhook", form, "multipart/form-data; boundary=B").body)
    end

    body(at)
  end)
end

suite("local", function(at)
  for url, ip in pairs {["http://127.1:81/"] = "127.0.0.1", ["http://0x7f.0.0.1"] = "127.0.0.1",
    ["http://2130706433/"] = "127.0.0.1", ["http://010.0.0.1/"] = "8.0.0.1", ["localhost"] = "127.0.0.1",
    ["http://[0:0:0:0:0:0:0:1]/"] = "::1", ["http://[2001:DB8::00FF]/"] = "2001:db8::ff",
    ["https://shop.example/hook"] = "198.51.100.1"} do
    it("sends to " .. ip .. " what is for " .. url, function()
      assert.equal("Webhook was set", at.set({url = url}).description)
      assert.same({url, ip}, {at.info().url, at.info().ip_address})
    end)
  end

  for _, url in ipairs {"http://", "http://h:0/", "http://h:65536/", "http://h:8x/", "http://[::g]/", "http://a b/",
    "ftp://h/", "http://h%4/", "https://.", "http://u@/"} do
    it("refuses " .. url, function()
      assert.equal("Bad Request: invalid webhook URL specified", at.set({url = url}).description)
    end)
  end

  it("can't connect to addresses that are nowhere", function()
    assert.equal("Bad Request: bad webhook: Failed to connect to [0.0.0.5:443]", at.set({url = "5"}).description)
    at.emu:advance(1)
    assert.equal("Bad Request: bad webhook: Failed to connect to [239.1.2.3:80]",
      at.set({url = "http://h/", ip_address = "239.1.2.3"}).description)
  end)

  it("takes an address of its own, in any form, which then belongs to the webhook", function()
    local url = "https://shop.example/hook"
    at.set {url = url, ip_address = "0:0::1"}
    assert.equal("::1", at.info().ip_address)
    at.emu:advance(1)
    assert.equal("Webhook is already set", at.set({url = url, ip_address = "::1"}).description)
    at.emu:advance(1)
    assert.equal("Webhook was set", at.set({url = url}).description)
  end)

  it("takes a file as a certificate, also one that is attached, and no text", function()
    local pem, url = process.slurp(certs.ca()), "https://127.0.0.1:9/hook"
    for _, parts in ipairs {{{"certificate", pem, "c.pem"}}, {{"certificate", "attach://c"}, {"c", pem, "c.pem"}}} do
      table.insert(parts, {"url", url})
      for _ = 1, 2 do
        assert.equal("Webhook was set", at.post(parts).description)
        assert.is_true(at.info().has_custom_certificate)
        at.emu:advance(1)
      end
    end
    assert.equal("Webhook was set", at.post({{"url", url}, {"certificate", pem}}).description)
    assert.is_false(at.info().has_custom_certificate)
  end)

  it("refuses a file that has no certificate, or a broken one, unless the webhook is plain http", function()
    local prefix = "^Bad Request: bad webhook: Failed to set custom certificate file{error:"
    local broken = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
    for content, code in pairs {["abc"] = "05800088", [broken] = "0680007B"} do
      local answer = at.post {{"url", "https://127.0.0.1:9/"}, {"certificate", content, "c.pem"}}
      assert.matches(prefix .. code, answer.description)
      assert.equal("", at.info().url)
      at.emu:advance(1)
    end
    assert.is_true(at.post({{"url", "http://127.0.0.1:9/"}, {"certificate", broken, "c.pem"}}).ok)
    assert.is_true(at.info().has_custom_certificate)
  end)

  it("that is refused erases the webhook; its allowed_updates count if its URL and secret can be ones", function()
    local good = "https://shop.example/hook"
    for _, case in ipairs {{{url = "x y"}, nil}, {{url = good, secret_token = "!"}, nil},
      {{url = good, secret_token = ("x"):rep(257)}, nil}, {{url = "https://h.invalid/"}, {"poll"}},
      {{url = good, ip_address = "x"}, {"poll"}}} do
      at.id = support.new_id()
      at.set {url = good}
      at.emu:advance(1)
      case[1].allowed_updates = '["poll"]'
      assert.is_false(at.set(case[1]).ok)
      assert.same({"", case[2]}, {at.info().url, at.info().allowed_updates})
    end
  end)

  it("drops what waits when asked to, also for the webhook that is set", function()
    at.emu:put(at.id, {pending = 3})
    at.set {url = "https://shop.example/hook"}
    at.emu:advance(1)
    assert.equal("Webhook was set", at.set({url = "https://shop.example/hook",
      drop_pending_updates = "yes"}).description)
    assert.equal(0, at.info().pending_update_count)
  end)
end)

suite("cloud", function(at)
  it("takes https on four ports, to 100 connections, 40 by default", function()
    for i, port in ipairs {"", ":443", ":80", ":88", ":8443"} do
      at.id = support.new_id()
      local most = i % 2 == 0 and "500" or nil
      assert.is_true(at.set({url = "https://8.8.8.8" .. port, max_connections = most}).ok)
      assert.equal(most and 100 or 40, at.info().max_connections)
    end
  end)

  for url, why in pairs {["http://8.8.8.8/"] = "An HTTPS URL must be provided for webhook",
    ["https://8.8.8.8:444/"] = "Webhook can be set up only on ports 80, 88, 443 or 8443",
    ["https://[2606:4700::1111]/"] = "IPv6-only addresses are not allowed",
    ["https://localhost/"] = "IP address 127.0.0.1 is reserved"} do
    it("refuses " .. url .. ": " .. why, function()
      assert.equal("Bad Request: bad webhook: " .. why, at.set({url = url}).description)
      assert.equal("", at.info().url)
    end)
  end

  it("refuses addresses that belong to no host of the internet, and no others", function()
    for ip, is_refused in pairs {["0.1.2.3"] = true, ["10.0.0.1"] = true, ["9.255.255.255"] = false,
      ["100.64.0.1"] = true, ["100.128.0.1"] = false, ["169.254.1.1"] = true, ["172.31.255.255"] = true,
      ["172.32.0.1"] = false, ["192.0.0.9"] = true, ["192.0.2.1"] = true, ["192.88.99.1"] = true,
      ["192.168.0.1"] = true, ["198.19.255.255"] = true, ["198.51.100.1"] = true, ["203.0.113.9"] = true,
      ["223.255.255.255"] = false, ["224.0.0.1"] = true, ["240.0.0.1"] = true} do
      at.id = support.new_id()
      local answer = at.set {url = "https://shop.example/", ip_address = ip}
      local refusal = "Bad Request: bad webhook: IP address " .. ip .. " is reserved"
      assert.equal(is_refused and refusal or "Webhook was set", answer.description)
      at.id = support.new_id()
      answer = at.set {url = "https://" .. ip .. "/"}
      assert.equal(is_refused and refusal or "Webhook was set", answer.description)
    end
  end)
end)
