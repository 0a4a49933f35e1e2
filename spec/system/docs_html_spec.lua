-- SPDX-License-Identifier: MIT
-- Owns the check of the documentation as HTML: links that lead somewhere, code that is whole, a search, and what a
-- reader sees on a phone and in the dark.

local axe = require "support.axe"
local blocks = require "support.blocks"
local browser = require "support.browser"
local nginx = require "support.nginx"
local process = require "support.process"

local quote = process.quote

describe("the documentation as HTML", function()
  if process.lua ~= "lua5.4" then return pending("it is the same for each Lua: checked under Lua 5.4") end

  local directory = require "support.terminal".directory() .. "html"
  local pages, names = {}, {}

  lazy_setup(function()
    local command = "cd %s && sh packaging/docs.sh %s"
    assert(process.run((command .. " >/dev/null"):format(quote(process.root), quote(directory))))
    for name in process.capture(("cd %s && ls *.html"):format(quote(directory))):gmatch "[^\n]+" do
      names[#names + 1] = name
      pages[name] = process.slurp(directory .. "/" .. name)
    end
  end)

  local function exists(name) return process.slurp(directory .. "/" .. name) ~= nil end

  -- The ids of a page; none twice.
  local function anchors_of(name)
    local anchors = {}
    for id in pages[name]:gmatch ' id="([^"]*)"' do
      assert.is_nil(anchors[id], name .. " has the anchor twice: " .. id)
      anchors[id] = true
    end
    return anchors
  end

  it("has links and pictures that lead somewhere, each with its anchor", function()
    local anchors, count = {}, 0
    for _, name in ipairs(names) do anchors[name] = anchors_of(name) end
    for _, name in ipairs(names) do
      for target in pages[name]:gsub(" src=", " href="):gmatch ' href="([^"]*)"' do
        local file, anchor = target:match "^([^#]*)#?(.*)$"
        if file == "" then file = name end
        if not target:find "^https?://" then
          assert.is_true(exists(file), name .. ": no such file: " .. target)
          assert.is_true(anchor == "" or anchors[file][anchor] == true, name .. ": no such anchor: " .. target)
          count = count + 1
        end
      end
    end
    assert.is_true(count > 2500, tostring(count))
  end)

  it("has every guide in its list of pages, those before the changelog", function()
    local list = pages["index.html"]:match '<nav.-</nav>'
    local changelog = list:find('"CHANGELOG.html"', 1, true)
    for path in process.capture(("cd %s && ls docs/*.md"):format(quote(process.root))):gmatch "docs/([^\n]+)%.md" do
      assert.is_true((list:find('"' .. path .. '.html"', 1, true) or math.huge) < changelog, path)
    end
  end)

  it("shows code whole, and every table as one", function()
    local count = 0
    for path in process.capture(("cd %s && ls README.md docs/*.md"):format(quote(process.root))):gmatch "[^\n]+" do
      local text = process.slurp(process.root .. path)
      local html = pages[path == "README.md" and "index.html" or path:match "docs/(.*)%.md" .. ".html"]
      local shown = html:gsub("<[^>]*>", ""):gsub("&lt;", "<"):gsub("&gt;", ">"):gsub("&quot;", '"'):gsub("&amp;", "&")
      for _, block in ipairs(blocks.read(text)) do
        assert.is_truthy(shown:find(block.text:gsub("\n$", ""), 1, true), ("%s:%d"):format(path, block.line))
        count = count + 1
      end
      local _, rules = text:gsub("\n|[%s|:-]+\n", "\n")
      local _, tables = html:gsub("<table", "")
      assert.equal(rules, tables, path)
      local prose = html:match "<main.*</main>":gsub("<pre.-</pre>", ""):gsub("<code>.-</code>", "")
      assert.is_nil(prose:match "%*%*%w" or prose:match "&lt;!%-%-", path)
    end
    assert.is_true(count > 50)
  end)

  describe("in a browser", function()
    if browser.missing() then return pending(browser.missing()) end
    local page

    lazy_setup(function()
      local profile = process.directory() .. "chromium-docs"
      assert(process.run("rm -rf " .. quote(profile) .. " && mkdir -p " .. quote(profile)))
      page = browser.start(nginx.free_port(), profile)
    end)
    lazy_teardown(function() if page then page:stop() end end)

    local function open(name) page:open("file://" .. directory .. "/" .. name) end

    for _, width in ipairs { 375, 1280 } do
      it(("has no page that is wider than a screen of %d pixels"):format(width), function()
        page:emulate(width, false)
        for _, name in ipairs(names) do
          open(name)
          -- a page that is new to the browser gets its width a moment later
          assert(pcall(page.await, page, ("innerWidth === %d && document.documentElement.scrollWidth === "
            .. "document.documentElement.clientWidth"):format(width)), name)
        end
      end)
    end

    it("has no element that HTML doesn't know: no word in angle brackets was taken for one", function()
      for _, name in ipairs(names) do
        open(name)
        assert.equal("", page:run [[
          return [...document.querySelectorAll("*")].filter((it) => it instanceof HTMLUnknownElement)
            .map((it) => it.localName).join(" ")]], name)
      end
    end)

    it("is dark where the reader has it so, and its text can be read", function()
      for _, is_dark in ipairs { false, true } do
        page:emulate(1280, is_dark)
        open "moving.html"
        local red = "return Number(getComputedStyle(document.body).%s.match(/\\d+/)[0])"
        assert.equal(is_dark, page:run(red:format "backgroundColor") < page:run(red:format "color"))
      end
    end)

    it("has nothing that axe-core objects to, narrow and wide, light and dark", function()
      local why = axe.missing()
      if why then return pending(why) end
      for i, name in ipairs { "index", "options", "moving", "botapi", "CONTRIBUTING", "examples-bot.lua", "which",
        "examples-openresty" } do                     -- one of each sort
        page:emulate(i % 2 == 0 and 375 or 1280, i % 4 < 2)
        open(name .. ".html")
        assert.equal("", axe.objections(page), name)
      end
    end)

    it("finds the section that has the words that are typed", function()
      page:emulate(375, false)
      open "index.html"
      page:type("#search input", "old server gone")
      page:await "document.querySelector('#found a')"
      assert.is_truthy(page:text "#found a":find("The old server is gone", 1, true))
      page:click "#found a"
      page:await "location.href.endsWith('moving.html#the-old-server-is-gone')"
      page:type("#search input", "nowhere-to-be-found")
      page:await "document.getElementById('found').textContent.startsWith('Nothing')"
    end)
  end)
end)
