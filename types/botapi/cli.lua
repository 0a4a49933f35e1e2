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
---@field client table|false the bot object
---@field on_event fun(event: table)|false sees each event of the bot object

---@class botapi.cli.Act what differs between logout and close
---@field method string
---@field done string a participle: "logged out"
---@field purpose string "log it out"
---@field again string what a call would do afterwards: "log it in again"
---@field proof string the answers that settle an attempt
---@field plan fun(add: function, session: table, info: table) adds the lines of the plan
---@field text fun(session: table, at: number): string it was done
---@field already fun(session: table): string it had been done before

---@class botapi.cli.Leaving one run
---@field session botapi.cli.Session
---@field act botapi.cli.Act
---@field changes table see `botapi.change`; its journal is that of the run
---@field at integer when the request was sent, in seconds since 1970
---@field earlier table|false an attempt that was never answered, and is settled now
---@field info table what getWebhookInfo said

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
---@field file file*|false the tokens
---@field count integer|false how many bots, where that is known
---@field wrong integer|false how many lines have no token, where that is known
---@field journal string|false its path
---@field lines table the line of each token in hand that is malformed, by its number
---@field counts table of the bots so far, see `botapi.fleet.tally`
---@field interrupted table|false the event
---@field began number when the progress began, on the monotonic clock
---@field shown_at number when it was last shown

---@class botapi.cli.FacebookLogout
---@field of botapi.cli.Session
---@field session table|false see `botapi.facebook`
---@field is_asked boolean the logout itself was sent
