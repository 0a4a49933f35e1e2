-- SPDX-License-Identifier: MIT
-- A Turkish locale, whose small letter of I is another one, and a German one, whose numbers have a comma.

local process = require "support.process"

local locales = { names = { "tr_TR.UTF-8", "de_DE.UTF-8" } }

--- Makes them, for LOCPATH. nil where this machine has no sources of locales (apt-get install locales).
-- @treturn ?string a directory
function locales.make()
  if not process.run "test -e /usr/share/i18n/locales/tr_TR && command -v localedef >/dev/null" then return nil end
  local directory = process.directory() .. "locales"
  for _, name in ipairs(locales.names) do
    assert(process.run(("mkdir -p %s && localedef --no-archive -i %s -f UTF-8 %s/%s"):format(directory,
      name:match "^[^.]+", directory, name)))
  end
  return directory
end

return locales
