-- SPDX-License-Identifier: MIT
-- Which libcurl the specs run with, for the few whose behaviour libcurl's version decides: docs/internals/transport.md.

local process = require "support.process"

local libcurl = {}

libcurl.version = process.capture("pkg-config --modversion libcurl"):match "[%d.]+"

local function number(text)
  local major, minor, patch = text:match "^(%d+)%.(%d+)%.?(%d*)"
  return (major * 1000 + minor) * 1000 + (tonumber(patch) or 0)
end

--- Is it this version or a later one? `libcurl.at_least "8.20"`
function libcurl.at_least(version)
  return number(libcurl.version) >= number(version)
end

return libcurl
