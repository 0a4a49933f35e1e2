-- SPDX-License-Identifier: MIT
-- What the Lua language server knows of botapi.luv: the functions of botapi.
---@meta botapi.luv

---@type botapi
return {}
