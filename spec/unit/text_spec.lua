-- SPDX-License-Identifier: MIT
-- Owns the check of the texts for people: durations, counts, names and paths as they are read.

local text = require "botapi.text"

describe("what a value says", function()
  it("is a text, whatever its __tostring does", function()
    assert.equal("5", text.of(5))
    assert.equal("nil", text.of(nil))
    assert.equal("mine", text.of(setmetatable({}, { __tostring = function() return "mine" end })))
    for _, odd in ipairs { function() error "boo" end, function() return {} end, function() return nil end,
      function() error(nil) end } do
      assert.equal("a table that can't be shown", text.of(setmetatable({}, { __tostring = odd })))
    end
  end)
end)

describe("a text for people", function()
  it("tells how long something took", function()
    for seconds, said in pairs { [0] = "0.0 s", [1.24] = "1.2 s", [63.4] = "63 s", [119] = "119 s", [120] = "2 min",
      [3600] = "60 min" } do
      assert.equal(said, text.duration(seconds))
    end
  end)

  it("tells a limit, rounded up", function()
    for seconds, said in pairs { [0] = "1 s", [0.2] = "1 s", [60] = "60 s", [120] = "120 s", [121] = "3 min",
      [2100] = "35 min", [7200] = "120 min", [7201] = "3 h", [86400] = "24 h" } do
      assert.equal(said, text.limit(seconds))
    end
  end)

  it("tells a wait in words, in two units at most", function()
    for seconds, said in pairs { [-1] = "0 seconds", [0.2] = "1 second", [119] = "119 seconds", [120] = "2 minutes",
      [121] = "2 minutes 1 second", [3600] = "1 hour", [3601] = "1 hour 1 minute", [90000] = "1 day 1 hour" } do
      assert.equal(said, text.wait(seconds))
    end
  end)

  it("tells how long ago something was", function()
    for seconds, said in pairs { [0] = "0 seconds ago", [1.9] = "1 second ago", [89] = "89 seconds ago",
      [90] = "2 minutes ago", [5399] = "90 minutes ago", [5400] = "2 hours ago", [129599] = "36 hours ago",
      [129600] = "2 days ago" } do
      assert.equal(said, text.ago(seconds))
    end
  end)

  it("counts, and names a bot by what is known of it", function()
    assert.equal("1 update", text.counted(1, "update"))
    assert.equal("0 updates", text.counted(0, "update"))
    assert.equal("@shop_bot", text.name_of { username = "shop_bot", id = "5" })
    assert.equal("@shop_?bot", text.name_of { username = "sh\1op\226\128\139_ \194\155bo\27t" })
    assert.equal("bot 5", text.name_of { id = "5" })
    assert.equal("the bot", text.name_of {})
  end)

  -- By Unicode: what has no width or ink by itself, and what turns the direction; C0 and C1. Not by the library's list.
  local INVISIBLE = { 0, 0x8, 0xb, 0xd, 0x1b, 0x7f, 0x80, 0x9b, 0xad, 0x34f, 0x61c, 0x115f, 0x1160, 0x17b4, 0x17b5,
    0x180b, 0x180e, 0x180f, 0x200b, 0x200d, 0x200f, 0x2028, 0x202e, 0x2060, 0x2069, 0x206f, 0x2800, 0x3164, 0xfe00,
    0xfe0f, 0xfeff, 0xffa0, 0xfff0, 0xfffb, 0x1bca0, 0x1bca3, 0x1d173, 0x1d17a, 0xe0001, 0xe007f, 0xe0100, 0xe0fff }

  local function character(code)
    if code < 0x80 then return string.char(code) end
    local bytes, lead = "", 0x80
    local limit = 0x40
    while code >= limit do
      bytes = string.char(0x80 + code % 0x40) .. bytes
      code, lead, limit = math.floor(code / 0x40), lead / 2 + 0x80, lead == 0x80 and 0x20 or limit / 2
    end
    return string.char(lead + code) .. bytes
  end

  it("shows what can't be seen, or would be obeyed, as its code", function()
    for _, code in ipairs(INVISIBLE) do
      assert.equal(("a\\u{%x}b"):format(code), text.visible("a" .. character(code) .. "b"))
      assert.equal(("<%d><%d>"):format(code, code),
        text.visible(character(code):rep(2), function(each) return ("<%d>"):format(each) end))
      assert.equal("@ab", text.name_of { username = "a" .. character(code) .. "b" })
    end
    assert.equal("a\\u{ff}b\\u{e2}\\u{80}", text.visible "a\255b\226\128")
    assert.equal("\195\169\\u{a9}", text.visible "\195\169\169")
    local seen = "a\tb\n \195\169 e\204\129 \206\177 \226\130\172 \240\159\152\128 \239\188\161"
    assert.equal(seen, text.visible(seen))
    assert.equal("", text.visible "")
  end)

  it("shortens a path below the home directory, and no other", function()
    local home = os.getenv "HOME"
    if home and #home > 1 then assert.equal("~/a", text.path(home .. "/a")) end
    assert.equal((home or "") .. "x/a", text.path((home or "") .. "x/a"))
  end)

  it("fills lines of at most 73 columns", function()
    local filled = text.filled(("word "):rep(40), "  ")
    for line in filled:gmatch "[^\n]+" do
      assert.is_true(#line <= 73)
      assert.equal("  ", line:sub(1, 2))
    end
    assert.equal(("word "):rep(40):sub(1, -2), (filled:gsub("%s+", " "):sub(2)))
  end)
end)
