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

---Starts an emulator as a process of its own; returns when it answers.
---```lua
---local emu = require "botapi.emulator".start()
---local token = emu:token(123)
---emu:rule {method = "logOut", answer = "lost_answer"}
---local res, err = require "botapi".logout(token, {server = emu.url})
---assert(not res and err.sent == "maybe" and #emu:calls {method = "logOut"} == 1)
---emu:close()
---```
---@param options? botapi.EmulatorOptions `as` ("local", "cloud", "bale", "facebook"), `pair`, `port`, `bot`, `tls` and more:
---  docs/emulator.md
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

---a well-formed token of a bot
---@param id integer
---@return string
function client:token(id) end

---the options for botapi.facebook, of an emulator of it
---@return { port: integer, resolve: string[], ca_file: string }
function client:facebook() end

---@class botapi.Rule
---@field method? string
---@field bot? integer
---@field match? table
---@field skip? integer
---@field times? integer
---@field answer? botapi.FaultName|table

---adds a stub or a fault, and returns its id: `method`, `bot`, `match`, `skip`, `times`, `answer`
---@param rule botapi.Rule
---@return integer id
function client:rule(rule) end

---the rules that still stand
---@return table[]
function client:rules() end

---removes a rule, or all
---@param id? integer
function client:unrule(id) end

---the calls that came: `bot`, `method`, `status`, `since`, `kind`; it waits with `expect` and `wait`
---@param filter? { method?: string, bot?: integer, since?: integer, status?: integer, kind?: "api"|"webhook", server?: string, expect?: integer|string, wait?: number|string }
---@return table[]? calls
---@return string? sentence
---@return table[]? came
function client:calls(filter) end

---forgets the calls
function client:forget() end

---moves its clock: seconds, or "10m"
---@param time number|string
function client:advance(time) end

---shows its clock, or changes it: `advance`, `freeze`
---@param change? { advance?: number|string, freeze?: boolean }
---@return table
function client:clock(change) end

---a bot as the server sees it: `state`, `pending` and more
---@param id integer
---@param server? "cloud"|"local"
---@return table
function client:bot(id, server) end

---changes a bot: `state`, `age`, `pending`, `username`, `webhook` and more
---@param id integer
---@param change table
---@param server? "cloud"|"local"
function client:put(id, change, server) end

---revokes a bot's token
---@param id integer
function client:revoke(id) end

---sends it an Update, a list of them, or `{text = "/start"}`
---@param id integer
---@param update table
---@return integer[]
function client:updates(id, update) end

---back to the start: one bot, or all
---@param id? integer
function client:reset(id) end

---stops the server and starts it; `{killed = true}`: by SIGKILL
---@param how? { killed?: boolean }
---@param server? "cloud"|"local"
function client:restart(how, server) end

---what the emulator says of itself
---@return table
function client:state() end

---ends it
function client:close() end

return emulator
