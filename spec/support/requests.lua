-- SPDX-License-Identifier: MIT
-- What each function of the API puts on the wire, written down: the judge of every way to call it.

local requests = {}

local CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
local HOOK = { url = "https://bot.example/hook?a=b&c", certificate = CERTIFICATE, max_connections = 40,
  allowed_updates = {}, secret_token = "s3-cret_" }
local HOOK_PARTS = [[
allowed_updates: []
certificate (file): ]] .. CERTIFICATE .. [[

max_connections: 40
secret_token: s3-cret_
url: https://bot.example/hook?a=b&c]]

-- Each: what is called with `f`, the functions; `o`, the options; `t`, the token. The head's first line, then the
-- fields of the body by name, decoded.
local LIST = {
  { "logout", function(f, t, o) return f.logout(t, o) end, "POST /bot<token>/logOut" },
  { "close_instance", function(f, t, o) return f.close_instance(t, o) end, "POST /bot<token>/close" },
  { "get_me", function(f, t, o) return f.get_me(t, o) end, "POST /bot<token>/getMe" },
  { "get_webhook_info", function(f, t, o) return f.get_webhook_info(t, o) end, "POST /bot<token>/getWebhookInfo" },
  { "delete_webhook", function(f, t, o) return f.delete_webhook(t, { drop_pending_updates = true }, o) end,
    "POST /bot<token>/deleteWebhook", "drop_pending_updates: true" },
  { "set_webhook", function(f, t, o) return f.set_webhook(t, { url = "https://bot.example/?a=b&c" }, o) end,
    "POST /bot<token>/setWebhook", "url: https://bot.example/?a=b&c" },
  { "set_webhook with a certificate", function(f, t, o) return f.set_webhook(t, HOOK, o) end,
    "POST /bot<token>/setWebhook", HOOK_PARTS },
  { "call of setWebhook with a certificate", function(f, t, o) return f.call(t, "setWebhook", HOOK, o) end,
    "POST /bot<token>/setWebhook", HOOK_PARTS },
  { "call of SETWEBHOOK, in any case", function(f, t, o) return f.call(t, "SETWEBHOOK", HOOK, o) end,
    "POST /bot<token>/SETWEBHOOK", HOOK_PARTS },
  { "call of a method that isn't known", function(f, t, o)
    return f.call(t, "sendMessage", { chat_id = -1002147483648123, text = "a&b\r\n=\0é", silent = false,
      reply_markup = { remove_keyboard = true } }, o)
  end, "POST /bot<token>/sendMessage",
    'chat_id: -1002147483648123\nreply_markup: {"remove_keyboard":true}\nsilent: false\ntext: a&b\r\n=\0é' },
  { "call without parameters", function(f, t, o) return f.call(t, "getMe", nil, o) end, "POST /bot<token>/getMe" },
}

-- Bots have no probe.
local PROBE = { "probe", function(f, _, o)
  local options = {}
  for name, value in pairs(o) do options[name] = name ~= "server" and value or nil end
  return f.probe(o.server, options)
end, "POST /bot" }

local HEADERS = { accept = true, ["content-type"] = true, ["content-length"] = true, ["user-agent"] = true,
  ["x-mine"] = true }

--- How many requests `run` makes.
requests.count = #LIST + 1

--- The options that each of them is given.
function requests.options(url)
  return { server = url, timeout = 20, headers = { ["X-Mine"] = "yes" }, user_agent = "judge/1" }
end

--- Makes all requests with functions, one after another.
function requests.run(functions, token, url)
  for _, each in ipairs(LIST) do each[2](functions, token, requests.options(url)) end
  PROBE[2](functions, token, requests.options(url))
end

--- The same with a bot, whose methods have no token and no server: no probe.
function requests.run_bot(bot)
  local functions = {}
  for _, name in ipairs { "close_instance", "get_me", "get_webhook_info" } do
    functions[name] = function() return bot[name](bot) end
  end
  for _, name in ipairs { "delete_webhook", "set_webhook" } do
    functions[name] = function(_, params) return bot[name](bot, params) end
  end
  function functions.call(_, method, params) return bot:call(method, params) end
  for i = 2, #LIST do LIST[i][2](functions) end
  bot:logout()
end

local function decoded(text)
  text = text:gsub("+", " ")
  return (text:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

local function multipart(body, boundary)
  local fields, rest = {}, "\r\n" .. body
  local mark = "\r\n--" .. boundary
  local from = #mark + 3
  while true do
    local at = rest:find(mark, from, true)
    if not at then break end
    local part = rest:sub(from, at - 1)
    local head, value = part:match "^(.-)\r\n\r\n(.*)$"
    local name = head:match 'name="([^"]*)"'
    fields[#fields + 1] = name .. (head:find('filename="', 1, true) and " (file)" or "") .. ": " .. value
    from = at + #mark + 2
  end
  assert(rest:sub(-#mark - 4) == mark .. "--\r\n", "the body ends with its boundary")
  return fields
end

-- The fields of a body, by name: their order is that of a Lua table, any.
local function fields_of(head, body)
  local boundary = head:match "[Cc]ontent%-[Tt]ype: multipart/form%-data; boundary=([^\r\n]+)"
  local fields = {}
  if boundary then
    fields = multipart(body, boundary)
  else
    for name, value in body:gmatch "([^&=]+)=([^&]*)" do
      fields[#fields + 1] = decoded(name) .. ": " .. decoded(value)
    end
  end
  table.sort(fields)
  return table.concat(fields, "\n")
end

local function check_head(head, body, problems)
  local function check(truth, text) problems[#problems + 1] = not truth and text or nil end
  check(head:find "\r\n[Xx]%-[Mm]ine: yes\r\n", "the caller's header is missing")
  check(head:find "\r\n[Uu]ser%-[Aa]gent: judge/1\r\n", "the user agent isn't the caller's")
  check(tonumber(head:match "\r\n[Cc]ontent%-[Ll]ength: (%d+)" or 0) == #body, "the Content-Length is wrong")
  for name in head:gmatch "\r\n([%w-]+):" do
    if not HEADERS[name:lower()] and name:lower() ~= "host" then problems[#problems + 1] = "the header " .. name end
  end
end

local function shown(request, token)
  local line = request.verb .. " " .. request.path:gsub((token:gsub("%W", "%%%0")), "<token>")
  local fields = fields_of(request.head, request.body)
  return fields == "" and line or line .. "\n" .. fields
end

local function wanted(each)
  return each[4] and each[3] .. "\n" .. each[4] or each[3]
end

--- What is wrong with the requests that a server saw, as a list of texts.
-- @tparam table seen as support.faults tells it
-- @string token
-- @tparam ?boolean by_bot they are those of `run_bot`
function requests.problems(seen, token, by_bot)
  local problems, list = {}, {}
  for i = by_bot and 2 or 1, #LIST do list[#list + 1] = LIST[i] end
  list[#list + 1] = by_bot and LIST[1] or PROBE
  if #seen ~= #list then return { ("%d requests in place of %d"):format(#seen, #list) } end
  for i, each in ipairs(list) do
    local found = {}
    check_head(seen[i].head, seen[i].body, found)
    local got = shown(seen[i], token)
    if got ~= wanted(each) then found[#found + 1] = ("sent\n%s\nin place of\n%s"):format(got, wanted(each)) end
    for _, problem in ipairs(found) do problems[#problems + 1] = each[1] .. ": " .. problem end
  end
  return problems
end

return requests
