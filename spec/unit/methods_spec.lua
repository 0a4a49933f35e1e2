-- SPDX-License-Identifier: MIT
-- Specifies the table of methods: what it names, what is of the lifecycle, and that its parameters are well described.

local methods = require "botapi.methods"

describe("the table of methods", function()
  it("is keyed by the lower-case name, as the server looks methods up", function()
    for key, method in pairs(methods) do
      assert.equal(key, method.name:lower())
      assert.matches("^%a+$", method.name)
    end
  end)

  it("names six functions of Lua", function()
    local names = {}
    for _, method in pairs(methods) do
      if method.lua then names[method.lua] = method.name end
      assert.equal(method.lua ~= nil, method.params ~= nil)
    end
    assert.same({
      logout = "logOut", close_instance = "close", get_me = "getMe", get_webhook_info = "getWebhookInfo",
      delete_webhook = "deleteWebhook", set_webhook = "setWebhook",
    }, names)
  end)

  it("has the methods of the lifecycle, and no other is one", function()
    local names = {}
    for _, method in pairs(methods) do
      if method.lifecycle then names[#names + 1] = method.name end
    end
    table.sort(names)
    assert.same({ "close", "deleteWebhook", "logOut", "setWebhook" }, names)
  end)

  it("describes each parameter by a known type and a meaning", function()
    local types = { string = true, integer = true, boolean = true, array = true, file = true }
    for _, method in pairs(methods) do
      for name, param in pairs(method.params or {}) do
        assert.matches("^[%l_]+$", name)
        assert.is_true(types[param.type])
        assert.is_true(#param.meaning > 10)
        if param.min or param.max then
          assert.is_true(param.type == "string" or param.type == "integer")
          assert.is_true(param.min <= param.max)
        end
      end
    end
  end)

  it("knows what a secret token may be", function()
    local secret = methods.setwebhook.params.secret_token
    assert.matches(secret.pattern, "AZaz09_-")
    for _, wrong in ipairs { "", "a b", "a:b", "a.b", "\195\164", "a\n" } do
      assert.is_nil(wrong:match(secret.pattern))
    end
    assert.same({ 1, 256 }, { secret.min, secret.max })
  end)
end)
