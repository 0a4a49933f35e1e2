-- SPDX-License-Identifier: MIT
-- What the Lua language server knows of botapi; spec/unit/types_spec.lua holds it against the program.
---@meta botapi

---@alias botapi.Kind "token"|"network"|"tls"|"timeout"|"protocol"|"limit"|"cancelled"|"logged_out"|"busy"|"system"
---@alias botapi.Sent "no"|"yes"|"maybe"
---@alias botapi.Refusal "logged_out"|"logging_out"|"closed"|"unauthorized"|"forbidden"|"not_found"|"method_not_found"|"conflict"|"misdirected"|"rate_limited"|"migrated"|"bad_request"|"server"
---@alias botapi.Reason botapi.Refusal|botapi.Kind
---@alias botapi.Server "telegram"|"bale"|"local"|string

---What a Bot API server answered.
---@class botapi.Envelope
---@field ok boolean
---@field result? any
---@field error_code? integer
---@field description? string
---@field parameters? { retry_after?: integer, migrate_to_chat_id?: integer }

---Why no Bot API answer came.
---@class botapi.Error
---@field kind botapi.Kind
---@field message string
---@field sent botapi.Sent "no": not one byte of the request was written
---@field method? string
---@field http_status? integer
---@field retry_after? number seconds
---@field curl_code? integer
---@field page? "checkpoint"|"login" of botapi.facebook

---What `check` returns where there is no result: the members of the answer or of the error.
---@class botapi.Failure : botapi.Error
---@field reason botapi.Reason
---@field ok? boolean
---@field error_code? integer
---@field description? string
---@field parameters? { retry_after?: integer, migrate_to_chat_id?: integer }

---Options of every call.
---@class botapi.Options
---@field server? botapi.Server
---@field test? boolean
---@field timeout? number seconds, 30
---@field connect_timeout? number seconds, 10
---@field proxy? string
---@field ca_file? string
---@field unix_socket? string
---@field resolve? string[] "host:port:address[,address]"
---@field headers? table<string, string>
---@field user_agent? string
---@field max_response? integer bytes, 1048576
---@field plain_http? boolean
---@field reuse? boolean

---@class botapi.DeleteWebhook
---@field drop_pending_updates? boolean

---@class botapi.SetWebhook
---@field url string
---@field certificate? string PEM text
---@field ip_address? string
---@field max_connections? integer 1 to 100000
---@field allowed_updates? string[]
---@field drop_pending_updates? boolean
---@field secret_token? string 1 to 256 bytes

---@class botapi
---@field _VERSION string
---@field facebook botapi.facebook
---@field emulator botapi.emulator
local botapi = {}

---@param token string
---@param options? botapi.Options
---@return botapi.Envelope? res
---@return botapi.Error? err
function botapi.logout(token, options) end

---@param token string
---@param options? botapi.Options
---@return botapi.Envelope? res
---@return botapi.Error? err
function botapi.close_instance(token, options) end

---@param token string
---@param options? botapi.Options
---@return botapi.Envelope? res
---@return botapi.Error? err
function botapi.get_me(token, options) end

---@param token string
---@param options? botapi.Options
---@return botapi.Envelope? res
---@return botapi.Error? err
function botapi.get_webhook_info(token, options) end

---@param token string
---@param params? botapi.DeleteWebhook
---@param options? botapi.Options
---@return botapi.Envelope? res
---@return botapi.Error? err
function botapi.delete_webhook(token, params, options) end

---@param token string
---@param params botapi.SetWebhook
---@param options? botapi.Options
---@return botapi.Envelope? res
---@return botapi.Error? err
function botapi.set_webhook(token, params, options) end

---@param token string
---@param method string
---@param params? table<string, string|number|boolean|table>
---@param options? botapi.Options
---@return botapi.Envelope? res
---@return botapi.Error? err
function botapi.call(token, method, params, options) end

---@param server botapi.Server
---@param options? botapi.Options
---@return botapi.Envelope? res
---@return botapi.Error? err
function botapi.probe(server, options) end

---@param seconds number
function botapi.sleep(seconds) end

---@param res? botapi.Envelope
---@param err? botapi.Error
---@return any result
---@return botapi.Failure? failure
function botapi.check(res, err) end

---@param res? botapi.Envelope
---@param err? botapi.Error|botapi.Failure
---@return botapi.Reason?
function botapi.reason(res, err) end

---@param res? botapi.Envelope
---@param err? botapi.Error|botapi.Failure
---@return string
function botapi.explain(res, err) end

---@param token string
---@param options? botapi.BotOptions
---@return botapi.Bot
function botapi.bot(token, options) end

---@param token string
---@param options botapi.MigrateOptions
---@return botapi.Migration
function botapi.migrate(token, options) end

---@param tokens string[]|fun(): string?
---@param options? botapi.FleetOptions
---@return botapi.Fleet
function botapi.fleet(tokens, options) end

---@param settings? { keep?: integer }
---@return botapi.Engine
function botapi.engine(settings) end

-- --- engines --------------------------------------------------------------------

---@class botapi.Engine
local engine = {}

---@param token string
---@param method string
---@param params? table<string, string|number|boolean|table>
---@param options? botapi.Options
---@return botapi.Call
function engine:start(token, method, params, options) end

---@param server botapi.Server
---@param options? botapi.Options
---@return botapi.Call
function engine:probe(server, options) end

---@param seconds number
---@return botapi.Call
function engine:timer(seconds) end

---@param seconds? number
---@return integer running
function engine:step(seconds) end

---@return fun(): botapi.Call?
function engine:finished() end

---@return integer
function engine:pollfd() end

---@return integer
function engine:getfd() end

---@return string
function engine:events() end

---@return number? seconds
function engine:timeout() end

---@return boolean
function engine:dirty() end

function engine:close() end

---@class botapi.Call
local call = {}

---@return boolean
function call:done() end

---@return any res
---@return botapi.Error? err
function call:result() end

---@param seconds? number
---@return boolean done
function call:wait(seconds) end

function call:cancel() end

-- --- the bot object ---------------------------------------------------------------

---@class botapi.BotOptions : botapi.Options
---@field retries? integer 0
---@field max_wait? number seconds, 60
---@field deadline? number seconds, 120
---@field may_have_left? boolean
---@field on_event? fun(event: botapi.BotEvent)
---@field heartbeat? number seconds, 10

---@class botapi.BotEvent
---@field type "attempt"|"answer"|"failure"|"wait"|"waiting"
---@field method string
---@field server string
---@field attempt integer
---@field elapsed number seconds
---@field http_status? integer
---@field reason? botapi.Reason
---@field sent? botapi.Sent
---@field may_have_left? boolean
---@field wait? number seconds
---@field left? number seconds
---@field why? string

---@class botapi.Bot
---@field id? string
---@field server string
---@field identity string
---@field event_error? any
local bot = {}

---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:logout(options) end

---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:close_instance(options) end

---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:get_me(options) end

---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:get_webhook_info(options) end

---@param params? botapi.DeleteWebhook
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:delete_webhook(params, options) end

---@param params botapi.SetWebhook
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:set_webhook(params, options) end

---@param method string
---@param params? table<string, string|number|boolean|table>
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:call(method, params, options) end

---@param server botapi.Server
---@param options? botapi.BotOptions
---@return botapi.Bot
function bot:on(server, options) end

-- --- the move -----------------------------------------------------------------------

---@class botapi.Side : botapi.Options
---@field as? "cloud"|"local"

---@class botapi.MigrateOptions
---@field from botapi.Server|botapi.Side
---@field to botapi.Server|botapi.Side
---@field how? "logout"|"close"
---@field webhook? "keep"|false|botapi.SetWebhook
---@field secret_token? string|false
---@field certificate? string PEM text
---@field accept_loss? boolean
---@field drain? fun(update: table)
---@field dry_run? boolean
---@field confirm? fun(plan: botapi.Plan): boolean?
---@field continue? boolean
---@field ready? fun(plan: botapi.Plan): boolean?
---@field journal? string|boolean
---@field settle? boolean
---@field force? boolean
---@field verify_timeout? number seconds, 60; to the cloud 2100
---@field close_timeout? number seconds, 660
---@field timeout? number seconds
---@field connect_timeout? number seconds
---@field test? boolean
---@field retries? integer 2
---@field max_wait? number seconds, 60
---@field deadline? number seconds, 120
---@field on_event? fun(event: botapi.MigrateEvent|botapi.BotEvent)

---@class botapi.Plan
---@field bot { id?: string, username?: string, first_name?: string }
---@field from table
---@field to table
---@field how "logout"|"close"
---@field checks { state: "ok"|"LOSS"|"FAIL", name: string, text: string }[]
---@field losses table[]
---@field steps { name: string, text: string, state: string }[]
---@field pending integer
---@field webhook table|false what is set on the old server
---@field resumed boolean an earlier run has begun it
---@field has_left boolean the bot had left before any run
---@field unanswered table|false an earlier try to leave of which no answer is known
---@field settling boolean the new server is asked whether it worked
---@field unresumable boolean there is no journal
---@field text string|false

---@class botapi.MigrateEvent
---@field type "check"|"plan"|"step"|"tick"|"intent"|"result"|"report"
---@field state? string
---@field name? string
---@field message? string
---@field plan? botapi.Plan
---@field step? integer
---@field steps? integer
---@field elapsed? number seconds
---@field text? string
---@field line? string
---@field method? string
---@field server? string
---@field report? botapi.Migration

---@alias botapi.MigrateStatus "done"|"already"|"refused"|"not_sent"|"unknown"|"later"|"partly"|"move_directory"|"cancelled"

---@alias botapi.MigrateCause "dry_run"|"declined"|"interrupted"|"raised"|"journal"|"too_old"|"not_settled"|"not_put_back"

---@class botapi.Migration
---@field status botapi.MigrateStatus
---@field exit integer
---@field ok boolean
---@field text string
---@field bot table
---@field from table
---@field to table
---@field plan botapi.Plan
---@field steps table[]
---@field step? integer
---@field seconds number
---@field left_at? number seconds since 1970
---@field back_at? number seconds since 1970
---@field kept string[]
---@field lost string[]
---@field by_hand string[]
---@field requests { total: integer, repeated: integer, by_method: table<string, integer> }
---@field sent? botapi.Sent
---@field resumable? boolean
---@field journal? string
---@field warnings string[]
---@field reason? string
---@field message? string
---@field explanation? string
---@field answer? botapi.Envelope
---@field error? botapi.Error
---@field retry_after? number seconds
---@field event_error? any
---@field how "logout"|"close"
---@field cause? botapi.MigrateCause
---@field check? string the check that failed
---@field failed? string the step that failed
---@field in_doubt boolean
---@field pid? integer the process that has the journal
---@field at integer seconds since 1970
---@field tried_at? integer seconds since 1970: an earlier try that was never settled
---@field arrived boolean
---@field drained? integer
---@field put_back? string
---@field webhook? { url: string, set: boolean, read_back: boolean }

-- --- a fleet ------------------------------------------------------------------------

---@class botapi.FleetOptions : botapi.BotOptions
---@field action? "logout"|"close"|"migrate"|fun(bot: botapi.Bot, api: botapi): any, any
---@field concurrency? integer 100
---@field rate? number requests a second
---@field journal? string
---@field again? boolean
---@field force? boolean
---@field max_failures? integer
---@field max_wait? number seconds, 3600
---@field patience? number seconds, 86400
---@field count? integer
---@field on_event? fun(event: botapi.FleetEvent)
---@field bot_journal? boolean

---@class botapi.FleetEvent
---@field type "estimate"|"result"|"wait"|"slow"|"progress"|"report"|"interrupted"
---@field bots? integer
---@field seconds? number
---@field limited_seconds? number
---@field text? string
---@field bot? string
---@field n? integer
---@field outcome? botapi.FleetOutcome
---@field reason? botapi.Reason
---@field sent? botapi.Sent|integer
---@field attempts? integer
---@field res? botapi.Envelope
---@field err? botapi.Error
---@field wait? number seconds
---@field rate? number
---@field progress? botapi.Fleet the counts so far
---@field in_hand? integer
---@field message? string
---@field report? botapi.Fleet

---@alias botapi.FleetOutcome "done"|"already"|"refused"|"not_sent"|"later"|"unknown"|"partly"|"cancelled"

---@class botapi.Fleet
---@field ok boolean
---@field exit integer
---@field total integer
---@field failed integer
---@field skipped integer
---@field by_outcome table<botapi.FleetOutcome, integer>
---@field by_reason table<string, integer>
---@field seconds number
---@field rate number
---@field requests integer
---@field text string
---@field stopped? "max_failures"|"journal"
---@field message? string
---@field event_error? any

-- --- Facebook -------------------------------------------------------------------------

---@class botapi.FacebookOptions : botapi.Options
---@field retries? integer 2
---@field port? integer 443
---@field appstate_path? string
---@field on_event? fun(event: table)

---@class botapi.facebook
local facebook = {}

---@alias botapi.Appstate string|table

---@param appstate botapi.Appstate
---@param options? botapi.FacebookOptions
---@return botapi.FacebookSession? session
---@return botapi.Error? err
function facebook.session(appstate, options) end

---@param appstate botapi.Appstate
---@param options? botapi.FacebookOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function facebook.logout(appstate, options) end

---@param res? botapi.Envelope
---@param err? botapi.Error
---@return string
function facebook.explain(res, err) end

---@class botapi.FacebookSession
---@field event_error? any
local session = {}

---@return botapi.Envelope? res
---@return botapi.Error? err
function session:logout() end

---@return table[]
function session:cookies() end

return botapi
