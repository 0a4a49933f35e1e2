-- SPDX-License-Identifier: MIT
-- What the specs use of npm: the packages of spec/npm, fetched once where a registry is in reach.

local process = require "support.process"

local npm = {}

npm.directory = process.root .. "spec/npm/"

local function has(command)
  return process.run("command -v " .. command .. " >/dev/null 2>&1") == true
end

local function are_fetched(names)
  for _, name in ipairs(names) do
    if not process.slurp(npm.directory .. "node_modules/" .. name .. "/package.json") then return false end
  end
  return true
end

-- One try is enough: without a registry npm would go on for a minute. What another process has begun is waited for.
local FETCH = "timeout 120 flock package.json timeout 60 npm ci --no-progress --silent --fetch-retries=0 "
  .. "--fetch-timeout=20000 >/dev/null 2>&1"

--- Why packages can't be had; nil: they are there.
-- @tparam {string,...} names
function npm.missing(names)
  if not has "node" then return "no node here: apt-get install nodejs npm" end
  if are_fetched(names) then return nil end
  if not has "npm" then return "no npm here: apt-get install nodejs npm" end
  if not process.run("cd " .. process.quote(npm.directory) .. " && " .. FETCH) or not are_fetched(names) then
    return "no registry of npm in reach: run (cd spec/npm && npm ci) once where there is one"
  end
end

return npm
