-- SPDX-License-Identifier: MIT
-- Owns the checks of a call's parameters, and the real server's words for what is missing or wrong.

-- A check gets the call's arguments and the parameter of bot_api.lua, and returns the words of a mistake or nil.
-- Source: the process_*_query and check_* functions of the real server's Client.cpp.

local json = require "botapi.emulator.json"
local shape = require "botapi.emulator.shape"
local shapes = require "botapi.emulator.parameter_shapes"
local upload = require "botapi.emulator.upload"
local values = require "botapi.emulator.values"

local parameters = {}

-- The arguments of one call -----------------------------------------------------------------------

local arguments = {}
arguments.__index = arguments

--- An argument as text, as the server sees it; empty when it is missing or a file.
function arguments:text(name)
  local value = self.values[name]
  return type(value) == "string" and value or ""
end

--- An argument as a whole number, read as far as it is one; 0 without one.
function arguments:integer(name)
  return tonumber(self:text(name):match "^%-?%d+" or 0)
end

--- An argument that holds JSON, decoded; nil when it is missing or none.
function arguments:json(name)
  return (json.decode(self:text(name)))
end

--- Is an argument one of the words for true?
function arguments:is_true(name)
  return values.is_true(self.values[name])
end

--- Does a text, the value of a parameter of a name, say where a file is? With `must_be_new` it came with the call.
function arguments:has_file(name, text, must_be_new)
  local attached = text:match "^attach://(.*)"
  if self.is_local and text:find "^file:/" then return true end
  if text ~= "" and not attached and not must_be_new then return self.knows_file(text) end
  return upload.is_file(self.values[attached or name])
end

--- Is an edit about an inline message? That is so when neither a chat nor a message is given.
function arguments:is_inline()
  return self.method.checks.inline_message_id ~= nil and self:text "chat_id" == ""
    and self:integer "message_id" <= 0
end

local function required_words(parameter)
  return string.format('Parameter "%s" is required', parameter.name)
end

-- The checks, by the kinds of bot_api.lua -----------------------------------------------------

local checks = {}

local function plain(call, parameter)
  if parameter.is_refused and call:text(parameter.name) == "" then return required_words(parameter) end
end

function checks.coordinate(call, parameter)
  if not call:text(parameter.name):find "%S" then return parameter.name .. " is empty" end
end

-- Texts: "question" has "question_parse_mode" and "question_entities", or the method's only ones.
function checks.formatted(call, parameter)
  local own = parameter.name .. "_"
  local mode = call.method.checks[own .. "parse_mode"] and own or ""
  local entities = call.method.checks[own .. "entities"] and own or ""
  return shapes.formatted(call:text(parameter.name), call:text(mode .. "parse_mode"),
    call:json(entities .. "entities"))
end

function checks.message_text(call, parameter)
  return call:text(parameter.name) == "" and "Message text is empty" or checks.formatted(call, parameter)
end

-- Chats and users

local function check_chat(text)
  if text == "" then return "chat_id is empty" end
  if text:sub(1, 1) ~= "@" and tonumber(text:match "^%-?%d+" or 0) == 0 then return "chat not found" end
end

function checks.business_chat(call, parameter)
  local text = call:text(parameter.name)
  if text == "" then return "chat identifier is empty" end
  if not shape.is_integer(text, 64) then return "chat identifier must be a valid Integer" end
end

-- Is the call made for a business account? Then the chat's checks are others, and messages aren't looked for.
local function is_for_business(call)
  return call.method.checks.business_connection_id ~= nil and call:text "business_connection_id" ~= ""
end

function checks.chat(call, parameter)
  if is_for_business(call) then return checks.business_chat(call, parameter) end
  return check_chat(call:text(parameter.name))
end

-- Where something is copied or forwarded from.
function checks.source_chat(call, parameter)
  return plain(call, parameter) or check_chat(call:text(parameter.name))
end

function checks.named_chat(call, parameter)
  return call:text(parameter.name) == "" and "Chat identifier is not specified" or nil
end

function checks.optional_chat(call, parameter)
  local text = call:text(parameter.name)
  return text ~= "" and check_chat(text) or nil
end

function checks.sender_chat(call, parameter)
  local text = call:text(parameter.name)
  if text == "" then return "sender_chat_id is empty" end
  if not shape.is_integer(text, 64) then return "sender_chat_id is not a valid Integer" end
end

function checks.user(call, parameter)
  if call:integer(parameter.name) <= 0 then return "Invalid " .. parameter.name .. " specified" end
end

function checks.optional_user(call, parameter)
  return call:text(parameter.name) ~= "" and checks.user(call, parameter) or nil
end

function checks.private_chat(call, parameter)
  return call.values[parameter.name] ~= nil and checks.user(call, parameter) or nil
end

function checks.gift_receiver(call, parameter)
  return call:text "chat_id" == "" and checks.user(call, parameter) or nil
end

function checks.reaction_sender(call, parameter)
  return call:text "user_id" == "" and checks.sender_chat(call, parameter) or nil
end

function checks.business(call, parameter)
  return call:text(parameter.name) == "" and "business connection not found" or nil
end

-- Messages

function checks.edited_chat(call, parameter)
  return not call:is_inline() and checks.chat(call, parameter) or nil
end

function checks.inline_message(call, parameter)
  return call:is_inline() and call:text(parameter.name) == "" and "Message identifier is not specified" or nil
end

function checks.named_message(call, parameter)
  if call:integer(parameter.name) <= 0 then return "Message identifier is not specified" end
  return check_chat(call:text "chat_id")
end

for _, kind in ipairs {"message_to_edit", "message_to_copy", "message_to_forward", "message_to_react",
  "message_to_delete_reactions", "message_with_poll_to_stop", "message_to_pin", "message_to_set_game_score",
  "message_to_get_game_high_scores", "suggested_post"} do
  checks[kind] = function(call, parameter)
    if is_for_business(call) or call:is_inline() or call:integer(parameter.name) > 0 then return nil end
    return kind:gsub("_", " ") .. " not found"
  end
end

-- Files

function checks.file(call, parameter)
  local text = call:text(parameter.name)
  if call:has_file(parameter.name, text) then return nil end
  if text ~= "" and not text:find "^attach://" then return "wrong file identifier/HTTP URL specified" end
  return parameter.is_refused and "There is no " .. parameter.name:gsub("_", " ") .. " in the request" or nil
end

function checks.chat_photo(call, parameter)
  local text = call:text(parameter.name)
  if call:has_file(parameter.name, text, true) then return nil end
  return text == "" and "There is no photo in the request" or "Photo must be uploaded as an InputFile"
end

function checks.file_id(call, parameter)
  local text = call:text(parameter.name)
  if text == "" then return "file_id not specified" end
  return not call.knows_file(text, true) and "invalid file_id" or nil
end

-- Stickers

local formats = {static = true, animated = true, video = true, auto = true}

function checks.sticker_format(call, parameter)
  local text = call:text(parameter.name)
  return text ~= "" and not formats[text] and "Invalid sticker format specified" or nil
end

function checks.upload_format(call, parameter)
  if call.values.sticker == nil then return nil end   -- a png_sticker
  return not formats[call:text(parameter.name)] and "Invalid sticker format specified" or nil
end

function checks.sticker_upload(call, parameter)
  if call:has_file(parameter.name, call:text(parameter.name), true) then return nil end
  return not upload.is_file(call.values.png_sticker) and "There is no sticker in the request" or nil
end

function checks.sticker_id(call, parameter)
  return not call:text(parameter.name):find "%S" and "Sticker is not specified" or nil
end

function checks.sticker_type(call, parameter)
  local text = call:text(parameter.name)
  local is_known = text == "" or text == "regular" or text == "mask" or text == "custom_emoji"
  return not is_known and "Unsupported sticker type specified" or nil
end

-- A sticker as a parameter of its own, as it was before InputSticker.
local function old_sticker(call)
  if call:has_file("png_sticker", call:text "png_sticker") then return nil end
  if upload.is_file(call.values.tgs_sticker) or upload.is_file(call.values.webm_sticker) then return nil end
  if call:text "tgs_sticker" ~= "" then return "animated sticker must be uploaded as an InputFile" end
  if call:text "webm_sticker" ~= "" then return "video sticker must be uploaded as an InputFile" end
  return "there is no sticker file in the request"
end

-- Words that have to be one of a list

local actions = {}
for word in ([[cancel typing record_video upload_video record_audio record_voice upload_audio upload_voice upload_photo
  upload_document choose_sticker pick_up_location find_location record_video_note upload_video_note]]):gmatch "%S+" do
  actions[word] = true
end

function checks.action(call, parameter)
  return not actions[call:text(parameter.name):lower()] and "Wrong parameter action in request" or nil
end

function checks.poll_type(call, parameter)
  local text = call:text(parameter.name)
  local is_known = text == "" or text == "regular" or text == "quiz"
  return not is_known and "Unsupported poll type specified" or nil
end

function checks.max_tip_amount(call, parameter)
  local text = call:text(parameter.name)
  return text ~= "" and not shape.is_integer(text, 64) and "Can't parse \"max_tip_amount\" as Number" or nil
end

-- Why a bot refuses what was asked.
function checks.refusal(call, parameter)
  return not call:is_true "ok" and call:text(parameter.name) == "" and required_words(parameter) or nil
end

-- Telegram's own words: such a query was never asked.
function checks.query(call, parameter)
  if call:integer(parameter.name) ~= 0 then return nil end
  return "query is too old and response timeout expired or query ID is invalid"
end

-- JSON ---------------------------------------------------------------------------------------------

-- The words for a text that is no JSON: "Can't parse <these> JSON object"; and those for a missing one that is
-- required, where they aren't the usual ones.
local names_of_json = {
  reply_markup = "reply keyboard markup", reply_parameters = "reply parameters",
  suggested_post_parameters = "suggested post parameters", link_preview_options = "link preview options",
  input_media = "input media", album = "media", paid_media = "paid media", poll_media = "InputPollMedia",
  poll_options = "options", checklist = "InputChecklist", reaction = "reaction types", areas = "story areas",
  content = "story content", profile_photo = "photo", permissions = "permissions", rights = "ChatAdministratorRights",
  scope = "BotCommandScope", commands = "commands", menu_button = "menu button",
  accepted_gift_types = "accepted gift types", message_ids = "message_ids", added_user_ids = "added_user_ids",
  custom_emoji_ids = "custom emoji identifiers", country_codes = "country_codes",
  correct_option_ids = "correct option identifiers", prices = "prices", suggested_tip_amounts = "suggested_tip_amounts",
  shipping_options = "shipping options", keywords = "keywords", mask_position = "mask position", stickers = "stickers",
  input_sticker = "sticker", errors = "errors", button = "inline query results button",
  prepared_button = "keyboard button",
}
local other_words = {
  results = "Can't parse JSON encoded inline query results: %s",
  result = "Can't parse JSON encoded web view query results %s", emoji_list = "Can't parse emoji list JSON array",
}
local missing_words = {
  content = "Story content isn't specified", profile_photo = "Photo isn't specified",
  accepted_gift_types = "Accepted gift types aren't specified", message_ids = "Message identifiers are not specified",
  result = "Result isn't specified",
}
-- those for which an empty text is no JSON either: "given" when the parameter is there
local never_empty = {poll_options = "always", emoji_list = "always", errors = "always", prepared_button = "always",
  input_sticker = "always", stickers = "always", permissions = "given", keywords = "given"}

local function json_words(kind, why)
  if other_words[kind] then return (other_words[kind]:gsub("%%s", function() return why end)) end
  return "Can't parse " .. names_of_json[kind] .. " JSON object"
end

local function check_json(call, parameter)
  local kind, name = parameter.kind, parameter.name
  local text = call:text(name)
  if never_empty[kind] == "given" and call.values[name] == nil then return nil end
  if text == "" and not never_empty[kind] then
    return parameter.is_refused and (missing_words[kind] or required_words(parameter)) or nil
  end
  local value, why = json.decode(text)
  if why then return json_words(kind, why) end
  if kind == "message_ids" and json.is_array(value) and #value == 0 then return missing_words.message_ids end
  return shapes[kind](value, function(file, must_be_new) return call:has_file(nil, file, must_be_new) end)
end

for _, kinds in ipairs {names_of_json, other_words} do
  for kind in pairs(kinds) do checks[kind] = check_json end
end

local function is_given(call, name) return call.values[name] ~= nil end

function checks.stickers(call, parameter)
  if not is_given(call, parameter.name) then return old_sticker(call) end
  return check_json(call, parameter)
end

checks.input_sticker = checks.stickers

function checks.shipping_options(call, parameter)
  if not call:is_true "ok" then return nil end
  return call:text(parameter.name) == "" and required_words(parameter) or check_json(call, parameter)
end

-- The explanation and the right answers of a quiz only.
function checks.correct_option_ids(call, parameter)
  if call:text "type" == "quiz" and is_given(call, parameter.name) then return check_json(call, parameter) end
end

function checks.added_user_ids(call, parameter)
  if not (call:is_true "is_access_restricted" and is_given(call, parameter.name)) then return nil end
  return call:text(parameter.name) == "" and "User identifiers are not specified" or check_json(call, parameter)
end

-- Checks a call ------------------------------------------------------------------------------------

-- "Bad Request: …", with a small letter unless the second one is a capital.
local function description(words)
  if not words:find "^.[A-Z_]" then words = words:sub(1, 1):lower() .. words:sub(2) end
  return "Bad Request: " .. words
end

--- The arguments of a call of a method of bot_api.lua. `options`: is_local (files of the server may be named),
-- knows_file(id, is_strict) (may the bot use the file? strictly: has it ever seen it?).
function parameters.arguments(method, given, options)
  return setmetatable({method = method, values = given, is_local = options.is_local,
    knows_file = options.knows_file}, arguments)
end

-- What Telegram itself finds wrong with a text, once the server has taken it: {most characters, words}.
local lengths = {text = {4096, "Message is too long"}, caption = {1024, "Message caption is too long"}}

local function check_length(call, parameter)
  local text, limit = call:text(parameter.name), lengths[parameter.name]
  local is_message = parameter.kind == "message_text"
  if not limit or not (is_message or parameter.kind == "formatted") then return nil end
  if is_message and not text:find "%S" then return "Text must be non-empty" end
  local _, characters = text:gsub("[^\128-\191]", "")
  return call:text "parse_mode" == "" and characters > limit[1] and limit[2] or nil
end

--- Checks the arguments of a call in the real server's order. Returns nil, or the description of a 400.
function parameters.check(call)
  local words
  for _, parameter in ipairs(call.method.checks) do
    words = words or (checks[parameter.kind] or plain)(call, parameter)
  end
  for _, parameter in ipairs(call.method.checks) do words = words or check_length(call, parameter) end
  return words and description(words)
end

return parameters
