-- SPDX-License-Identifier: MIT
-- The names of the paths of paths.lua, in the order in which they are told: loops, then roads.

return {"blocking", "engine", "cqueues", "luv", "resty-step", "resty-thread", "unix", "ipv6", "tinyproxy",
  "dante", "nginx", "haproxy"}
