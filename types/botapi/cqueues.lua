-- SPDX-License-Identifier: MIT
-- What the Lua language server knows of botapi.cqueues: the functions of botapi.
---@meta botapi.cqueues

---@type botapi
return {}
