-- SPDX-License-Identifier: MIT
-- A headless Chromium for the specs, by chromedriver's WebDriver: open, find, click, type, read, take a picture.

local http = require "socket.http"
local json = require("cjson.safe").new()
local ltn12 = require "ltn12"
local mime = require "mime"
local process = require "support.process"

local browser = {}
browser.__index = browser

local ELEMENT = "element-6066-11e4-a52e-4f735466cecf" -- the name that WebDriver gives an element's reference

local FLAGS = { "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--ignore-certificate-errors",
  "--disable-component-update", "--disable-sync", "--window-size=900,760" }

--- Why there is no browser here; nil: there is one.
function browser.missing()
  if not process.run "command -v chromium >/dev/null && command -v chromedriver >/dev/null" then
    return "chromium and chromedriver aren't installed (make deps)"
  end
end

local function ask(self, verb, path, body)
  local text, parts = body and json.encode(body) or nil, {}
  local _, status = http.request { method = verb, url = self.url .. path, sink = ltn12.sink.table(parts),
    source = text and ltn12.source.string(text),
    headers = text and { ["Content-Type"] = "application/json", ["Content-Length"] = #text } }
  local answer = json.decode(table.concat(parts))
  if status ~= 200 then
    error(("webdriver: %s %s: %s %s"):format(verb, path, tostring(status), answer and answer.value.message or ""), 3)
  end
  return answer.value
end

--- Starts one. `profile`: an empty directory.
function browser.start(port, profile)
  local args = { "--user-data-dir=" .. profile }
  for _, flag in ipairs(FLAGS) do args[#args + 1] = flag end
  local child = process.start { "chromedriver", "--port=" .. port, name = "chromedriver" }
  child:expect("started successfully", 30)
  local self = setmetatable({ child = child, url = ("http://127.0.0.1:%d"):format(port) }, browser)
  local session = ask(self, "POST", "/session", { capabilities = { alwaysMatch = {
    ["goog:chromeOptions"] = { args = args } } } })
  self.url = self.url .. "/session/" .. session.sessionId
  return self
end

function browser:open(url)
  ask(self, "POST", "/url", { url = url })
end

local function find(self, selector)
  local element = ask(self, "POST", "/element", { using = "css selector", value = selector })
  return "/element/" .. element[ELEMENT]
end

--- Clicks as a person does: it fails where something is in the way.
function browser:click(selector)
  ask(self, "POST", find(self, selector) .. "/click", {})
end

function browser:type(selector, text)
  ask(self, "POST", find(self, selector) .. "/value", { text = text })
end

--- What a script returns.
function browser:run(script)
  return ask(self, "POST", "/execute/sync", { script = script, args = { 0 } }) -- lua-cjson has no empty list
end

--- A command of Chromium's own: see the Chrome DevTools Protocol.
local function devtools(self, command, params)
  return ask(self, "POST", "/goog/cdp/execute", { cmd = command, params = params })
end

--- The width of the window, and whether the user likes it dark.
function browser:emulate(width, is_dark)
  devtools(self, "Emulation.setDeviceMetricsOverride",
    { width = width, height = 900, deviceScaleFactor = 1, mobile = false })
  devtools(self, "Emulation.setEmulatedMedia",
    { features = { { name = "prefers-color-scheme", value = is_dark and "dark" or "light" } } })
end

-- Keys that WebDriver writes as code points of its own.
local KEYS = { escape = "\238\128\140", tab = "\238\128\132", enter = "\238\128\135" }

--- Presses a key, wherever the focus is.
function browser:press(name)
  local element = ask(self, "GET", "/element/active")
  ask(self, "POST", "/element/" .. element[ELEMENT] .. "/value", { text = KEYS[name] })
end

--- The text that a person sees of an element.
function browser:text(selector)
  return ask(self, "GET", find(self, selector) .. "/text")
end

--- Waits until a script returns true.
function browser:await(script)
  for _ = 1, 400 do
    if self:run("return Boolean(" .. script .. ")") == true then return end
    process.run "sleep 0.05"
  end
  error("the page never came so far: " .. script .. "; it says: " .. self:text "body":sub(1, 1500), 2)
end

--- Writes a PNG of the window, or of an element alone.
function browser:picture(path, selector)
  local file = assert(io.open(path, "wb"))
  file:write((mime.unb64(ask(self, "GET", (selector and find(self, selector) or "") .. "/screenshot"))))
  file:close()
end

function browser:stop()
  pcall(ask, self, "DELETE", "")
  self.child:stop()
end

return browser
