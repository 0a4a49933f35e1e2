-- SPDX-License-Identifier: MIT
-- What the Lua language server knows of botapi.emulator.
---@meta botapi.emulator

---@class botapi.EmulatorOptions
---@field as? "local"|"cloud"|"bale"|"facebook"
---@field port? integer
---@field host? string
---@field bot? string|string[]
---@field limits? boolean
---@field pair? boolean
---@field filter? string
---@field tls? boolean|{ cert: string, key: string }
---@field control? integer|string
---@field lua? string

---@class botapi.emulator
local emulator = {}

---@param options? botapi.EmulatorOptions
---@return botapi.Emulator
function emulator.start(options) end

---@alias botapi.FaultName "lost_answer"|"lost_request"|"silence"|"slow"|"truncated"|"garbage"|"trickle"|"rate_limited"|"unauthorized"|"logged_out"|"closing"|"conflict"|"restart"|"supergroup"|"bad_gateway"|"gateway_timeout"

---@class botapi.Emulator
---@field url string
---@field urls string[]
---@field pid integer
---@field local_url? string of a pair
---@field ca_file? string with TLS
---@field control_url string
local client = {}

---@param options? botapi.EmulatorOptions
---@return botapi.Emulator
function client.start(options) end

---@param id integer
---@return string
function client:token(id) end

---@return { port: integer, resolve: string[], ca_file: string }
function client:facebook() end

---@class botapi.Rule
---@field method? string
---@field bot? integer
---@field match? table
---@field skip? integer
---@field times? integer
---@field answer? botapi.FaultName|table

---@param rule botapi.Rule
---@return integer id
function client:rule(rule) end

---@return table[]
function client:rules() end

---@param id? integer
function client:unrule(id) end

---@param filter? { method?: string, bot?: integer, since?: integer, status?: integer, kind?: "api"|"webhook", server?: string, expect?: integer|string, wait?: number|string }
---@return table[]? calls
---@return string? sentence
---@return table[]? came
function client:calls(filter) end

function client:forget() end

---@param time number|string
function client:advance(time) end

---@param change? { advance?: number|string, freeze?: boolean }
---@return table
function client:clock(change) end

---@param id integer
---@param server? "cloud"|"local"
---@return table
function client:bot(id, server) end

---@param id integer
---@param change table
---@param server? "cloud"|"local"
function client:put(id, change, server) end

---@param id integer
function client:revoke(id) end

---@param id integer
---@param update table
---@return integer[]
function client:updates(id, update) end

---@param id? integer
function client:reset(id) end

---@param how? { killed?: boolean }
---@param server? "cloud"|"local"
function client:restart(how, server) end

---@return table
function client:state() end

function client:close() end

return emulator
