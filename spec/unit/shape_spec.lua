-- SPDX-License-Identifier: MIT
-- Specifies what is checked of an answer where it comes in: a member of a wrong type is a failure that names it.

local shape = require "botapi.shape"

local function ok(result) return { ok = true, result = result } end

local function info(name, value) return ok { url = "", [name] = value } end

local function update(id) return ok { { update_id = id } } end

describe("an answer", function()
  for _, each in ipairs {
    { "getMe", ok(true), "result" }, { "getMe", ok {}, "result.id" }, { "getMe", ok { id = "1" }, "id" },
    { "getMe", ok { id = 2.5 }, "id" }, { "getMe", ok { id = 1, username = 5 }, "username" },
    { "GETME", ok { id = 1, first_name = {} }, "first_name" },
    { "getWebhookInfo", ok "x", "result" }, { "getWebhookInfo", ok { url = 5 }, "url" },
    { "getWebhookInfo", info("pending_update_count", "3"), "pending_update_count" },
    { "getWebhookInfo", info("pending_update_count", 2.5), "pending_update_count" },
    { "getWebhookInfo", info("pending_update_count", {}), "pending_update_count" },
    { "getWebhookInfo", info("pending_update_count", 1e14), "pending_update_count" },
    { "getWebhookInfo", info("max_connections", 1e15), "max_connections" },
    { "getWebhookInfo", info("pending_update_count", -1), "pending_update_count" },
    { "getWebhookInfo", info("max_connections", 40.5), "max_connections" },
    { "getWebhookInfo", info("max_connections", 1e300), "max_connections" },
    { "getWebhookInfo", info("has_custom_certificate", "yes"), "has_custom_certificate" },
    { "getWebhookInfo", info("last_error_date", "now"), "last_error_date" },
    { "getWebhookInfo", info("last_error_message", 5), "last_error_message" },
    { "getWebhookInfo", info("ip_address", {}), "ip_address" },
    { "getWebhookInfo", info("allowed_updates", "message"), "allowed_updates" },
    { "getWebhookInfo", info("allowed_updates", { message = true }), "allowed_updates" },
    { "getWebhookInfo", info("allowed_updates", { "message", 5 }), "allowed_updates[2]" },
    { "getWebhookInfo", info("allowed_updates", { nil, "message" }), "allowed_updates[1]" },
    { "getUpdates", ok { nil, { update_id = 5 } }, "result[1]" },
    { "getUpdates", ok { { update_id = 5 }, nil, { update_id = 6 } }, "result[2]" },
    { "getUpdates", ok(nil), "result" }, { "getUpdates", ok(5), "result" }, { "getUpdates", ok { a = 1 }, "result" },
    { "getUpdates", ok { 5 }, "result[1]" }, { "getUpdates", ok { {} }, "result[1].update_id" },
    { "getUpdates", update(-1), "result[1].update_id" },
    { "getUpdates", update "5", "result[1].update_id" }, { "getUpdates", update(0.5), "result[1].update_id" },
    { "logOut", { ok = false, error_code = "400" }, "error_code" },
    { "logOut", { ok = false, error_code = 2.5 }, "error_code" },
    { "logOut", { ok = false, error_code = 429, parameters = 5 }, "parameters" },
    { "logOut", { ok = false, error_code = 429, parameters = { retry_after = "7" } }, "parameters.retry_after" },
    { "sendMessage", { ok = false, error_code = 400, parameters = { migrate_to_chat_id = "x" } },
      "parameters.migrate_to_chat_id" },
  } do
    it(("to %s with a wrong %s is a failure"):format(each[1], each[3]), function()
      local res, err = shape.checked(each[1], each[2])
      assert.is_nil(res)
      assert.same({ "protocol", "yes", each[1], true }, { err.kind, err.sent, err.method, err.malformed })
      assert.truthy(err.message:find(each[1] .. ": in the answer " .. each[3] .. " is ", 1, true), err.message)
    end)
  end

  it("with what the Bot API says passes as it is", function()
    for method, answer in pairs { getMe = ok { id = 2 ^ 53 + 2, username = "x", first_name = "y", is_bot = true },
      getWebhookInfo = ok { url = "https://h/", has_custom_certificate = false, pending_update_count = 3,
        max_connections = 40, allowed_updates = { "message" }, last_error_date = 1, last_error_message = "x" },
      getUpdates = ok { { update_id = 5 }, { update_id = 6 } }, logOut = ok(true), getChat = ok { id = "@x" },
      close = { ok = false, error_code = 429, parameters = { retry_after = 0.5 } },
      deleteWebhook = { ok = false, description = "Bad Request: x" } } do
      assert.equal(answer, (shape.checked(method, answer)))
    end
    assert.is_truthy(shape.checked("getUpdates", ok {}))
    assert.is_truthy(shape.checked("getWebhookInfo", ok { allowed_updates = {} }))
  end)

  it("that didn't come stays the error that it was", function()
    local err = { kind = "network", sent = "maybe" }
    assert.same({ nil, err }, { shape.checked("getMe", nil, err) })
  end)

  it("that limits the rate still does, though its time is malformed", function()
    local _, err = shape.checked("getMe", { ok = false, error_code = 429, parameters = { retry_after = {} } })
    assert.equal(429, err.http_status)
    local outcomes = require "botapi.outcome"
    assert.equal("later", outcomes.of_change("logOut", nil, err, "protocol"))
  end)
end)
