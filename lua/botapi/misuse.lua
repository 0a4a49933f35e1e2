-- SPDX-License-Identifier: MIT
-- Raises what is wrong with an argument, at the line of whoever called this library.

local raise = require "botapi.core".raise

--- @string name of the function, as the caller wrote it
-- @string why
return function(name, why)
  raise(("bad argument to '%s' (%s)"):format(name, why))
end
