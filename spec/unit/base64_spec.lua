-- SPDX-License-Identifier: MIT
-- Specifies base64: what is decoded, and what is none.

local base64 = require "botapi.base64"

-- From RFC 4648, and bytes of every kind.
local PAIRS = { { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg==" },
  { "\0", "AA==" }, { "\0\255\0", "AP8A" }, { "\251\255\191", "+/+/" } }

describe("base64", function()
  it("is encoded with its padding, and decoded with it or without", function()
    for _, pair in ipairs(PAIRS) do
      assert.equal(pair[2], base64.encode(pair[1]))
      assert.equal(pair[1], base64.decode(pair[2]))
      assert.equal(pair[1], base64.decode((pair[2]:gsub("=", ""))))
    end
  end)

  it("keeps every byte at every place", function()
    local bytes = {}
    for i = 0, 255 do bytes[#bytes + 1] = string.char(i, 255 - i, i, 7) end
    local text = table.concat(bytes)
    for i = 1, 3 do assert.equal(text:sub(i), base64.decode(base64.encode(text:sub(i)))) end
  end)

  it("may have line ends, and the letters for URLs", function()
    assert.equal("foobar", base64.decode " Zm9v\r\nYmFy\n")
    assert.equal("\251\255\191", base64.decode "-_-_")
  end)

  it("is refused with other characters, or where a letter is missing", function()
    for _, text in ipairs { "Zm9v!", "Zm=9v", "Z", "Zm9vY", "Zg===", "====", "Zm9\0" } do
      assert.is_nil(base64.decode(text), text)
    end
  end)
end)
