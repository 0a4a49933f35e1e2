-- SPDX-License-Identifier: MIT
-- Owns the requests of a logout, one after the other: the first page, the settings menu, logout.php, where it leads.

local cookies = require "botapi.facebook.cookies"
local core = require "botapi.core"
local page = require "botapi.facebook.page"

local flow = {}

local monotonic, random = core.host.monotonic, core.host.random_fraction

local NAME = "facebook.logout"
local MENU = "/bluebar/modern_settings_menu/?help_type=364455653583099&show_contextual_help=1"
local NOT_LOGGED_IN = 1357001
local FIRST_WAIT = 0.5                  -- seconds, then twice as long each time

-- Failures ------------------------------------------------------------------------------

local CONSEQUENCES = {
  no = "/logout.php was not asked: nothing was changed",
  maybe = "it isn't known whether the session was ended",
  yes = "whether the session was ended isn't known",
}

--- An error object of this flow.
-- @tparam table fields kind, sent, cause, http_status, page
-- @treturn nil
function flow.failure(fields)
  fields.method = NAME
  fields.message = ("%s: %s; %s"):format(NAME, fields.cause, CONSEQUENCES[fields.sent])
  return nil, core.error(fields)
end

-- A failure of the engine, about the whole: before /logout.php nothing was sent that changes anything.
local function failed(err, sent)
  return flow.failure { kind = err.kind, sent = sent, cause = err.cause, http_status = err.http_status,
    problem = err.problem, curl_code = err.curl_code, errno = err.errno, retry_after = err.retry_after }
end

-- Requests ------------------------------------------------------------------------------

local function tell(run, event)
  event.method, event.server = run.step, run.base
  event.attempt, event.elapsed = run.attempt, monotonic() - run.began
  run.tell(event)
end

-- Starts one; nil and a failure where a redirect's URL isn't one. Nothing in it yields.
local function start(run, url, form)
  local engine = run.api.drive.engine()
  local ok, call = pcall(engine.web, engine, url, form, run.jar:lines(), run.options)
  if ok then return call end
  if run.step ~= "landing" then error(call, 0) end
  return nil, { kind = "protocol", sent = "no", cause = "the redirect's URL isn't one" }
end

-- One request: what came back, or nil and the engine's error.
local function ask(run, url, form)
  tell(run, { type = "attempt" })
  local call, why = start(run, url, form)
  if not call then return nil, why end
  run.api.drive.await(call)
  local answer, err = call:result()
  if err then
    tell(run, { type = "failure", reason = err.kind, sent = err.sent, http_status = err.http_status })
    return nil, err
  end
  run.jar:update(answer.cookies)
  tell(run, { type = "answer", http_status = answer.status, sent = "yes" })
  return answer
end

local function is_server_error(answer)
  return 500 <= answer.status and answer.status < 600
end

-- A request that only reads: a 5xx is asked again, `retries` times.
local function read(run, step, url, form)
  run.step, run.attempt = step, 1
  local answer, err = ask(run, url, form)
  while answer and is_server_error(answer) and run.attempt <= run.retries do
    local wait = (0.5 + random() / 2) * FIRST_WAIT * 2 ^ (run.attempt - 1)
    tell(run, { type = "wait", wait = wait, why = "server" })
    run.api.sleep(wait)
    run.attempt = run.attempt + 1
    answer, err = ask(run, url, form)
  end
  return answer, err
end

-- Judging -------------------------------------------------------------------------------

-- The envelope of a refusal; nil where the answer is none.
local function refusal(run, answer)
  local data = page.decode(answer.body)
  local code, said = nil, nil
  if data then code, said = page.refusal(data) end
  if not code then return nil, data end
  said = run.jar:clean(said, run.secrets) or ""
  if said == "" then said = code == NOT_LOGGED_IN and "Not logged in" or "Facebook gives no reason" end
  return core.envelope { ok = false, error_code = code, description = said }, data
end

local function checkpoint(answer, sent)
  return flow.failure { kind = "protocol", sent = sent, http_status = answer.status, page = "checkpoint",
    cause = "Facebook asks for a checkpoint: the account's owner must confirm it in a browser" }
end

local function not_logged_in(answer)
  return flow.failure { kind = "logged_out", sent = "no", http_status = answer.status, page = "login",
    cause = "this session isn't logged in: Facebook asks for a password" }
end

local function changed(answer, why)
  return flow.failure { kind = "protocol", sent = "no", http_status = answer.status, cause = why }
end

-- Why a page that was read isn't the one that was asked for: nil and an error, or nothing.
local function wrong_page(run, answer)
  if page.is_checkpoint(answer) then return checkpoint(answer, "no") end
  if page.is_login(answer) or not (run.jar:value "c_user" and run.jar:value "xs") then return not_logged_in(answer) end
  if answer.location then return changed(answer, "Facebook redirects, which isn't followed here") end
  if answer.status ~= 200 then return changed(answer, ("Facebook answered HTTP %d"):format(answer.status)) end
end

-- Steps: what the next one needs, or nil and the end: an envelope, or nil and an error ------

local function first_page(run)
  local answer, err = read(run, "home", run.base .. "/")
  if not answer then return nil, failed(err, "no") end
  local _, wrong = wrong_page(run, answer)
  if wrong then return nil, nil, wrong end
  local tokens = page.tokens(answer.body)
  if not tokens then return nil, changed(answer, "Facebook's first page has no fb_dtsg: it has changed") end
  run.secrets[#run.secrets + 1] = tokens.fb_dtsg
  return tokens
end

local function menu_form(run, tokens)
  return page.form { { "pmid", "0" }, { "__user", run.jar:value "c_user" }, { "__a", "1" }, { "__req", "1" },
    { "__rev", tokens.revision }, { "fb_dtsg", tokens.fb_dtsg }, { "jazoest", page.jazoest(tokens.fb_dtsg) } }
end

local function settings_menu(run, tokens)
  local answer, err = read(run, "settings_menu", run.base .. MENU, menu_form(run, tokens))
  if not answer then return nil, failed(err, "no") end
  local refused, data = refusal(run, answer)
  if refused then return nil, refused end
  local _, wrong = wrong_page(run, answer)
  if wrong then return nil, nil, wrong end
  if not data then return nil, changed(answer, "the settings menu isn't JSON: Facebook has changed it") end
  local form, why = page.logout_form(data)
  if not form then return nil, changed(answer, why .. ": Facebook has changed it") end
  run.secrets[#run.secrets + 1], run.secrets[#run.secrets + 2] = form.fb_dtsg, form.h
  return form
end

-- Where a redirect leads: "here" (the same host), "family" (another of Facebook's), "elsewhere".
local function destination(run, location)
  local scheme, authority = location:match "^(%a+)://([^/?#\\]*)"
  authority = (authority or ""):lower()
  if scheme == "https" and authority:gsub(":443$", "") == run.base:match "^https://(.*)$" then return "here" end
  local host = (scheme == "https" or scheme == "http") and authority:match "^([%w.-]+):?%d*$" or ""
  return cookies.is_family(host) and "family" or "elsewhere"
end

-- No sign that the session was ended.
local function unproven(run, answer, where)
  local refused = refusal(run, answer)
  if refused then return refused end
  if where ~= "elsewhere" and page.is_checkpoint(answer) then return checkpoint(answer, "yes") end
  return flow.failure { kind = "protocol", sent = "yes", http_status = answer.status,
    cause = where == "elsewhere" and "logout.php redirects to a host that isn't Facebook's, which isn't followed"
      or ("logout.php answered HTTP %d without a sign of a logout"):format(answer.status) }
end

-- The page that the redirect leads to: what it sets and clears is kept. It can't take the proof back, unless it shows
-- the session alive. Returns what went wrong, and whether it does.
local function landing(run, location)
  run.step, run.attempt = "landing", 1
  local answer, err = ask(run, location)
  if err then return "the page after the logout was not read (" .. err.kind .. ")" end
  if is_server_error(answer) then return ("the page after the logout answered HTTP %d"):format(answer.status) end
  return nil, run.jar:value "c_user" ~= nil and page.tokens(answer.body) ~= nil
end

local function still_alive()
  return flow.failure { kind = "protocol", sent = "yes",
    cause = "logout.php redirected, but the page that it leads to is that of a session that is logged in" }
end

-- The one request that changes something, never repeated.
local function post(run, form)
  local before = run.state.may_have_ended
  run.step, run.attempt, run.state.may_have_ended = "logout", 1, true
  local answer, err = ask(run, run.base .. "/logout.php",
    page.form { { "fb_dtsg", form.fb_dtsg }, { "ref", form.ref }, { "h", form.h } })
  if err and err.sent == "no" then run.state.may_have_ended = before end
  return answer, err
end

local function leave(run, form)
  local answer, err = post(run, form)
  if not answer then return failed(err, err.sent) end
  local where = answer.location and destination(run, answer.location)
  local is_redirect = where and where ~= "elsewhere" and not page.is_checkpoint(answer)
  if not is_redirect and run.jar:value "c_user" then return unproven(run, answer, where) end
  local note, is_alive
  if where == "here" then note, is_alive = landing(run, answer.location) end
  if is_alive then return still_alive() end
  return core.envelope { ok = true, result = true, description = note }
end

--- Ends a session.
-- @tparam table run as botapi.facebook makes it, all fields; in its `state`, `may_have_ended` is true from when
--   /logout.php may have got a request
-- @treturn ?table an envelope
-- @treturn ?table an error object
function flow.run(run)
  local tokens, res, err = first_page(run)
  if not tokens then return res, err end
  local form
  form, res, err = settings_menu(run, tokens)
  if not form then return res, err end
  return leave(run, form)
end

return flow
