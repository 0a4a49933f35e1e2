-- SPDX-License-Identifier: MIT
-- What the Lua language server knows of botapi.copas: the functions of botapi.
---@meta botapi.copas

---@type botapi
return {}
