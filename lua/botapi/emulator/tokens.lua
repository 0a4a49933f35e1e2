-- SPDX-License-Identifier: MIT
-- Owns the tokens that an emulator gives out.

local tokens = {}

-- No text for people has six characters of it in a row, as they would be redacted there.
local SECRET = "AAEm-ul8d_T0k3n-0f_N0-r3al_B0t-x1y2z"

--- A well-formed token of a bot.
-- @string id its digits
function tokens.of(id) return id .. ":" .. SECRET end

return tokens
