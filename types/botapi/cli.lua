-- SPDX-License-Identifier: MIT
-- What the Lua language server knows of the command: the state of a run, and of each command that has more.
---@meta botapi.cli

---@class botapi.cli.Bot
---@field id? string
---@field username? string
---@field first_name? string

---@class botapi.cli.Session
---@field command string
---@field parsed table the arguments, as the parser gives them
---@field out table the terminal
---@field clean fun(text: string): string takes the token out of a text
---@field attempts integer how often the last method was asked
---@field bot botapi.cli.Bot what is known of it
---@field server table|false as `botapi.server` reads it
---@field token string|false
---@field secrets userdata|false what no text may show: the token, and the logins of the proxies
---@field client table|false the bot object
---@field on_event fun(event: table)|false sees each event of the bot object

---@class botapi.cli.Act what differs between logout and close
---@field method string
---@field done string a participle: "logged out"
---@field purpose string "log it out"
---@field plan fun(add: function, session: table, info: table) adds the lines of the plan
---@field text fun(session: table, at: number, info: table): string it was done
---@field already fun(session: table): string it had been done before

---@class botapi.cli.Leaving one run
---@field session botapi.cli.Session
---@field act botapi.cli.Act
---@field changes table see `botapi.change`; its journal is that of the run
---@field at integer when the request was sent, in seconds since 1970
---@field earlier table|false an attempt that was never answered, and is settled now
---@field info table what getWebhookInfo said
---@field taken_off string|boolean the URL of the webhook that was taken off; true where it was not asked for

---@class botapi.cli.Move one run
---@field session botapi.cli.Session
---@field options table of botapi.migrate
---@field rehearsal table|false the emulated servers
---@field report table|false
---@field exit integer|false what the question led to, which has been said

---@class botapi.cli.Fleet one run
---@field session botapi.cli.Session
---@field options table of botapi.fleet
---@field settings table what botapi.fleet makes of them, with the defaults
---@field action string
---@field to table|false of a move: the new server
---@field list table|false the bots, see `botapi.fleet.source`
---@field count integer how many bots
---@field settled integer|false how many of them an earlier run has settled; false: there was none
---@field left integer how many are left
---@field lines integer how many lines the list has
---@field all integer how many are in the whole list, where this is a shard of it
---@field journal string|false its path
---@field counts table of the bots so far, see `botapi.fleet.tally`
---@field interrupted table|false the event
---@field fronts integer how many bots were answered by no Bot API server
---@field began number when the progress began, on the monotonic clock
---@field shown_at number when it was last shown

---@class botapi.cli.FacebookLogout
---@field of botapi.cli.Session
---@field session table|false see `botapi.facebook`
---@field is_asked boolean the logout itself was sent
