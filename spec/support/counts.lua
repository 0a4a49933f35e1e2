-- SPDX-License-Identifier: MIT
-- An output handler of busted: prints as busted does, and writes its counts where BOTAPI_COUNTS says.

local plain = require "busted.outputHandlers.plainTerminal"

-- First line: passed, failed, skipped; then a line for each that was skipped, with its reason.
local function write(handler)
  local file = assert(io.open(assert(os.getenv "BOTAPI_COUNTS", "BOTAPI_COUNTS isn't set"), "w"))
  file:write(("%d %d %d\n"):format(handler.successesCount, handler.failuresCount + handler.errorsCount,
    handler.pendingsCount))
  for _, skipped in ipairs(handler.pendings) do
    local why = type(skipped.message) == "string" and ": " .. skipped.message or ""
    file:write((skipped.name .. why):gsub("%s+", " "), "\n")
  end
  file:close()
end

return function(options)
  local handler = plain(options)
  require "busted".subscribe({"suite", "end"}, function()
    write(handler)
    return nil, true
  end)
  return handler
end
