-- SPDX-License-Identifier: MIT
-- Owns the results of the methods that have no state here: plausible values of the type that bot_api.lua names.

local json = require "botapi.emulator.json"
local upload = require "botapi.emulator.upload"

-- A call here is what parameters.lua makes of the arguments, with account, now, files, and the bot's directory.

local function whole(value)
  local number = tonumber(value) or 0
  return math.tointeger and math.tointeger(number) or number
end

-- A text that isn't empty, else nil.
local function given(call, name)
  local text = call:text(name)
  return text ~= "" and text or nil
end

-- Chats and users ----------------------------------------------------------------------------------

-- The chat with an id: private for positive ids, else a supergroup; a channel for a name.
local function chat_of(text)
  if text:sub(1, 1) == "@" then
    return json.object("id", whole(-1001000000001), "title", text, "username", text:sub(2), "type", "channel")
  end
  local id = whole(text:match "^%-?%d+")
  if id > 0 then return json.object("id", id, "first_name", "Ada", "type", "private") end
  return json.object("id", id, "title", "Emulated group", "type", "supergroup")
end

local function user_of(id) return json.object("id", id, "is_bot", false, "first_name", "Ada") end

local function bot_of(call)
  local account = call.account
  return json.object("id", account.id, "is_bot", true, "first_name", account.first_name,
    "username", account.username)
end

local function member_of(call)
  return json.object("user", user_of(call:integer "user_id"), "status", "member")
end

local function creator() return json.object("user", user_of(1000001), "status", "creator", "is_anonymous", false) end

-- Files --------------------------------------------------------------------------------------------

local mime_types = {pdf = "application/pdf", zip = "application/zip", txt = "text/plain", json = "application/json",
  jpg = "image/jpeg", jpeg = "image/jpeg", png = "image/png", gif = "image/gif", webp = "image/webp",
  mp4 = "video/mp4", webm = "video/webm", mp3 = "audio/mpeg", ogg = "audio/ogg", oga = "audio/ogg"}

local function mime_type_of(name)
  local extension = name and name:match "%.(%w+)$"
  return extension and mime_types[extension:lower()] or "application/octet-stream"
end

-- The file that a value names: one that came with the call, one that the bot knows, or a new one.
local function file_of(call, kind, value)
  local account = call.account
  local attached = type(value) == "string" and value:match "^attach://(.*)"
  local sent = attached and call.values[attached] or value
  if upload.is_file(sent) then return call.files:add_upload(account, call.directory, kind, sent) end
  local is_identifier = type(value) == "string" and not value:find "^%a+:/"
  local known = is_identifier and call.files:find(account, value)
  return known or call.files:add(account, kind, {file_id = is_identifier and value or nil})
end

-- The members of a file behind those of its kind.
local function with_file(file, ...)
  local object = json.object(...)
  local names = json.names(object)
  for _, name in ipairs {"file_id", "file_unique_id", "file_size"} do
    object[name], names[#names + 1] = file[name], name
  end
  return json.ordered(object, names)
end

local function named(file) return file.file_name, "mime_type", mime_type_of(file.file_name) end

-- How each kind of file looks in a message.
local kinds = {}

function kinds.document(file) return with_file(file, "file_name", named(file)) end
function kinds.photo(file)
  return json.array {json.object("file_id", file.file_id, "file_unique_id", file.file_unique_id,
    "file_size", file.file_size, "width", 640, "height", 480)}
end
function kinds.video(file)
  return with_file(file, "duration", 1, "width", 640, "height", 480, "file_name", named(file))
end
function kinds.animation(file)
  return with_file(file, "file_name", file.file_name, "mime_type", "video/mp4", "duration", 1, "width", 640,
    "height", 480)
end
function kinds.audio(file) return with_file(file, "duration", 1, "file_name", named(file)) end
function kinds.voice(file) return with_file(file, "duration", 1, "mime_type", "audio/ogg") end
function kinds.video_note(file) return with_file(file, "duration", 1, "length", 240) end
function kinds.live_photo(file) return with_file(file, "duration", 1, "width", 640, "height", 480) end
function kinds.sticker(file)
  return with_file(file, "width", 512, "height", 512, "is_animated", false, "is_video", false, "type", "regular")
end

-- What the message of a call shows of a value that names or brings a file.
local function shown(call, kind, value) return kinds[kind](file_of(call, kind, value)) end

-- Messages -----------------------------------------------------------------------------------------

local MESSAGE = {"business_connection_id", "message_id", "from", "chat", "date", "edit_date", "message_thread_id",
  "forward_origin", "media_group_id", "text", "entities", "animation", "audio", "document", "paid_media", "live_photo",
  "photo", "sticker", "video", "video_note", "voice", "caption", "caption_entities", "contact", "dice", "game",
  "invoice", "location", "venue", "poll", "checklist", "reply_markup"}

local function location_of(call)
  return json.object("latitude", tonumber(call:text "latitude"), "longitude", tonumber(call:text "longitude"))
end

local function poll_of(question, texts, call)
  local options = json.array()
  for i, text in ipairs(texts) do
    options[i] = json.object("text", type(text) == "table" and text.text or text, "voter_count", 0)
  end
  local is_anonymous = not given(call, "is_anonymous") or call:is_true "is_anonymous"
  return json.object("id", "1", "question", question, "options", options, "total_voter_count", 0,
    "is_closed", call:is_true "is_closed", "is_anonymous", is_anonymous, "type", given(call, "type") or "regular",
    "allows_multiple_answers", call:is_true "allows_multiple_answers")
end

local function invoice_of(call)
  local total = 0
  for _, price in ipairs(call:json "prices") do total = total + whole(price.amount) end
  return json.object("title", call:text "title", "description", call:text "description",
    "start_parameter", call:text "start_parameter", "currency", call:text "currency", "total_amount", total)
end

-- What a method puts into its Message besides texts and files.
local contents = {
  sendDice = function(call, message)
    message.dice = json.object("emoji", given(call, "emoji") or "🎲", "value", 4)
  end,
  sendContact = function(call, message)
    message.contact = json.object("phone_number", call:text "phone_number", "first_name", call:text "first_name",
      "last_name", given(call, "last_name"), "vcard", given(call, "vcard"))
  end,
  sendGame = function(call, message)
    message.game = json.object("title", call:text "game_short_name", "description", "", "photo", json.array())
  end,
  sendInvoice = function(call, message) message.invoice = invoice_of(call) end,
  sendLocation = function(call, message) message.location = location_of(call) end,
  sendVenue = function(call, message)
    message.location = location_of(call)
    message.venue = json.object("location", message.location, "title", call:text "title",
      "address", call:text "address")
  end,
  sendPoll = function(call, message)
    message.poll = poll_of(call:text "question", call:json "options", call)
  end,
  sendChecklist = function(call, message) message.checklist = call:json "checklist" end,
  forwardMessage = function(_, message)
    message.forward_origin = json.object("type", "user", "sender_user", user_of(1000001), "date", message.date)
  end,
  editMessageMedia = function(call, message)
    local media = call:json "media"
    message[media.type] = shown(call, media.type, media.media)
    message.caption = media.caption
  end,
}
contents.editMessageLiveLocation, contents.editMessageChecklist = contents.sendLocation, contents.sendChecklist

function contents.sendPaidMedia(call, message)
  local list = json.array()
  for i, media in ipairs(call:json "media") do
    list[i] = json.object("type", media.type, media.type, shown(call, media.type, media.media))
  end
  message.paid_media = json.object("star_count", call:integer "star_count", "paid_media", list)
end

local function next_id(account)
  account.last_message_id = account.last_message_id + 1
  return account.last_message_id
end

local edits = {edit = true, stop = true}

-- The members that every Message has; of an edit also edit_date.
local function new_message(call)
  local date, id = math.floor(call.now), nil
  if edits[call.method.name:match "^%l+"] or call.method.name == "setGameScore" then id = call:integer "message_id" end
  local thread = call:integer "message_thread_id"
  local markup = call:json "reply_markup"
  return {business_connection_id = given(call, "business_connection_id"), message_id = id or next_id(call.account),
    from = bot_of(call), chat = chat_of(call:text "chat_id"), date = date, edit_date = id and date or nil,
    message_thread_id = thread > 0 and thread or nil,
    reply_markup = type(markup) == "table" and markup.inline_keyboard and markup or nil}
end

local function texts_of(call, message)
  local known = call.method.checks
  for _, name in ipairs {"text", "caption"} do
    if known[name] and (known[name].kind == "formatted" or known[name].kind == "message_text") then
      local entities = name == "text" and "entities" or "caption_entities"
      local list = call:text "parse_mode" == "" and call:json(entities)
      message[name] = given(call, name)
      message[entities] = message[name] and json.is_array(list) and list or nil
    end
  end
end

-- The Message that a send or an edit returns.
local function message_of(call)
  local message, method = new_message(call), call.method
  texts_of(call, message)
  for _, parameter in ipairs(method.checks) do
    local name = parameter.name
    if parameter.kind == "file" and kinds[name] and call.values[name] ~= nil then
      message[name] = shown(call, name, call.values[name])
    end
  end
  if contents[method.name] then contents[method.name](call, message) end
  if message.animation then message.document = message.animation end
  return json.ordered(message, MESSAGE)
end

local function album_of(call)
  local list, group = json.array(), nil
  for i, media in ipairs(call:json "media") do
    local message = new_message(call)
    group = group or json.encode(message.message_id)
    message.media_group_id, message.caption = group, media.caption
    message[media.type] = shown(call, media.type, media.media)
    list[i] = json.ordered(message, MESSAGE)
  end
  return list
end

-- Results, by their types --------------------------------------------------------------------------

local function message_id(call) return json.object("message_id", next_id(call.account)) end

local function invite_link(call)
  return json.object("invite_link", given(call, "invite_link") or "https://t.me/+emulated", "name", given(call, "name"),
    "creator", bot_of(call), "creates_join_request", call:is_true "creates_join_request",
    "is_primary", false, "is_revoked", call.method.name == "revokeChatInviteLink")
end

-- A value without arguments of its own.
local function fixed(...)
  local members = {...}
  return function() return json.object((table.unpack or unpack)(members)) end
end

local results = {
  ["true"] = function() return true end,
  String = function() return "https://t.me/emulated" end,
  Integer = function() return 2 end,
  Message = message_of, MessageId = message_id,
  User = bot_of,
  ChatMember = member_of,
  ChatInviteLink = invite_link,
  ForumTopic = function(call)
    return json.object("message_thread_id", next_id(call.account), "name", call:text "name",
      "icon_color", call:integer "icon_color")
  end,
  Poll = function(call) return poll_of("?", {}, call) end,
  Story = function(call)
    return json.object("chat", chat_of(json.encode(call.account.id)), "id", next_id(call.account))
  end,
  BotName = function(call) return json.object("name", call.account.first_name) end,
  BotDescription = fixed("description", ""), BotShortDescription = fixed("short_description", ""),
  MenuButton = fixed("type", "commands"), StarAmount = fixed("amount", 0),
  BotAccessSettings = fixed("is_access_restricted", false),
  SentWebAppMessage = fixed("inline_message_id", "emulated"), SentGuestMessage = fixed("inline_message_id", "emulated"),
  PreparedInlineMessage = fixed("id", "emulated", "expiration_date", 2000000000),
  PreparedKeyboardButton = fixed("id", "emulated"),
  UserProfilePhotos = function() return json.object("total_count", 0, "photos", json.array()) end,
  UserProfileAudios = function() return json.object("total_count", 0, "audios", json.array()) end,
  StarTransactions = function() return json.object("transactions", json.array()) end,
  Gifts = function() return json.object("gifts", json.array()) end,
  OwnedGifts = function() return json.object("total_count", 0, "gifts", json.array()) end,
  UserChatBoosts = function() return json.object("boosts", json.array()) end,
  StickerSet = function(call)
    return json.object("name", call:text "name", "title", call:text "name", "sticker_type", "regular",
      "stickers", json.array())
  end,
  BusinessConnection = function(call)
    return json.object("id", call:text "business_connection_id", "user", user_of(1000001), "user_chat_id", 1000001,
      "date", math.floor(call.now), "is_enabled", true)
  end,
  ChatAdministratorRights = function() return json.object("is_anonymous", false, "can_manage_chat", false) end,
}

function results.ChatFullInfo(call)
  local chat = chat_of(call:text "chat_id")
  local names = json.names(chat)
  chat.accent_color_id, chat.max_reaction_count = 0, 11
  chat.accepted_gift_types = json.object("unlimited_gifts", true, "limited_gifts", true, "unique_gifts", true,
    "premium_subscription", true, "gifts_from_channels", true)
  for _, name in ipairs {"accepted_gift_types", "accent_color_id", "max_reaction_count"} do names[#names + 1] = name end
  return json.ordered(chat, names)
end

-- Results that don't follow from their type.
local others = {
  sendMediaGroup = album_of,
  getChatAdministrators = function() return json.array {creator()} end,
  exportChatInviteLink = function() return "https://t.me/+emulated" end,
  createInvoiceLink = function() return "https://t.me/$emulated" end,
  getManagedBotToken = function(call) return call:text "user_id" .. ":" .. ("A"):rep(35) end,
  copyMessages = function(call)
    local list = json.array()
    for i in ipairs(call:json "message_ids") do list[i] = message_id(call) end
    return list
  end,
  uploadStickerFile = function(call)
    local known = file_of(call, "document", call.values.sticker or call.values.png_sticker)
    return with_file(known)
  end,
}
others.forwardMessages, others.replaceManagedBotToken = others.copyMessages, others.getManagedBotToken

--- The result of a call of a method that has no handler of its own.
return function(call)
  local method = call.method
  if others[method.name] then return others[method.name](call) end
  if call:is_inline() then return true end
  if method.result:sub(1, 1) == "[" then return json.array() end
  return results[method.result](call)
end
