-- SPDX-License-Identifier: MIT
-- Owns what is said of a name that isn't known: which one was meant, and never what may be a secret.

local nearest = require "botapi.nearest"

local LONGEST = 32              -- a secret is longer

--- Why a name isn't one of those that are known.
-- @string what it is the name of: "option", "parameter"
-- @param name what the caller wrote
-- @tparam table known a list of names
-- @treturn string
return function(what, name, known)
  if type(name) ~= "string" then return ("the %s's name must be a string"):format(what) end
  if #name > LONGEST or not name:find "^[%w_]+$" then
    return ("unknown %s (not shown: it may be a secret)"):format(what)
  end
  local meant = nearest.of(name, known)
  return ("unknown %s '%s'%s"):format(what, name, meant and "; " .. nearest.question(meant) or "")
end
