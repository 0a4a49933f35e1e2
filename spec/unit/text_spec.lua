-- SPDX-License-Identifier: MIT
-- Owns the check of the texts for people: durations, counts, names and paths as they are read.

local text = require "botapi.text"

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
    assert.equal("bot 5", text.name_of { id = "5" })
    assert.equal("the bot", text.name_of {})
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
