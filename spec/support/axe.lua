-- SPDX-License-Identifier: MIT
-- Looks at a page in the browser with axe-core, which knows what keeps people from reading a page.

local npm = require "support.npm"
local process = require "support.process"

local axe = {}

-- What it couldn't decide counts, too.
local RUN = [[
  return axe.run(document, { resultTypes: ["violations", "incomplete"] }).then((found) =>
    [...found.violations, ...found.incomplete].flatMap((rule) =>
      rule.nodes.map((node) => rule.id + ": " + node.html + ": " + node.failureSummary)).join("\n"));
]]

--- Why it can't be had; nil: it is there.
function axe.missing() return npm.missing { "axe-core" } end

--- What it objects to on the page that is open, a text; "" is nothing.
-- @tparam table page a browser's (spec/support/browser.lua)
function axe.objections(page)
  if not page:run "return Boolean(window.axe)" then
    page:run(process.slurp(npm.directory .. "node_modules/axe-core/axe.min.js") .. "; window.axe = axe")
  end
  return page:run(RUN)
end

return axe
