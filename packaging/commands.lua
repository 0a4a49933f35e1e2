-- SPDX-License-Identifier: MIT
-- Prints docs/command.md with its list of the commands brought up to date, from the parser. `make docs` writes it to
-- its place.

local cli = require "botapi.cli"

local BEGIN, END = "<!-- commands: written by make docs -->\n", "<!-- end of the commands -->"

local rows = { "| command | what it does |\n|---|---|\n" }
local _, parsers = cli.parser()
for _, name in ipairs(cli.commands) do
  rows[#rows + 1] = ("| `botapi %s` | %s |\n"):format(name, parsers[name]._summary)
end

local file = assert(io.open "docs/command.md")
local page = file:read "*a"
file:close()
local from, to = select(2, page:find(BEGIN, 1, true)), page:find(END, 1, true)
io.write(page:sub(1, from), "\n", table.concat(rows), "\n", page:sub(to))
