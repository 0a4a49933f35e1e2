-- SPDX-License-Identifier: MIT
-- Makes the pictures of the documentation from real runs against emulators: docs/move.svg, a move in a terminal, and
-- docs/admin.png, the admin page of examples/openresty in Chromium.

local golden = require "support.golden"
local process = require "support.process"

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  assert(file:close())
end

local function admin(path)
  local browser, demo = require "support.browser", require "support.demo"
  local page, profile = demo.start(), process.directory() .. "chromium"
  assert(process.run("rm -rf " .. process.quote(profile) .. " && mkdir -p " .. process.quote(profile)))
  local chromium = browser.start(require "support.nginx".free_port(), profile)
  local ok, why = pcall(function()
    chromium:open(page.url)
    chromium:type("#key", page.key)
    chromium:click "#enter button"
    chromium:await "document.querySelectorAll('#bots tr').length === 4"
    chromium:picture(path, "body")
  end)
  chromium:stop()
  page:stop()
  assert(ok, why)
end

-- A run of the same words at another time is no other picture.
local function move(path)
  local svg, old = require "support.session".svg(), process.slurp(path)
  if not old or golden.normal(old) ~= golden.normal(svg) then write(path, svg) end
end

move "docs/move.svg"
admin "docs/admin.png"
