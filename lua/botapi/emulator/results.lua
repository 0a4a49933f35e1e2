-- SPDX-License-Identifier: MIT
-- Owns the results of the methods that have no state here: plausible Messages, Chats, Files and more.

local json = require "botapi.emulator.json"
local request = require "botapi.emulator.request"

local function file(name, value)
  local id = type(value) == "string" and value or "emulated_file_" .. name
  local size = type(value) == "table" and value.file_size or 1024
  return json.object("file_id", id, "file_unique_id", "emulated_" .. name, "file_size", size)
end

local function sized(name, value)
  local object = file(name, value)
  object.width, object.height = 640, 480
  return json.ordered(object, {"file_id", "file_unique_id", "file_size", "width", "height"})
end

-- The parameters of a send that carry content: what each becomes in the Message.
local contents = {
  text = function(value) return tostring(value) end,
  photo = function(value) return json.array {sized("photo", value)} end,
  caption = function(value) return tostring(value) end,
}
for _, name in ipairs {"video", "animation", "sticker"} do
  contents[name] = function(value) return sized(name, value) end
end
for _, name in ipairs {"audio", "document", "voice", "video_note"} do
  contents[name] = function(value) return file(name, value) end
end

local MESSAGE = {"message_id", "from", "chat", "date", "edit_date", "text", "photo", "video", "animation", "sticker",
  "audio", "document", "voice", "video_note", "caption", "location", "contact", "reply_markup"}

-- The chat with an id: private for positive ids, else a supergroup; a channel for a name.
local function chat_of(params)
  local id, name = tonumber(params.chat_id), tostring(params.chat_id)
  if not id then
    return json.object("id", -1001000000001, "title", name, "username", name:gsub("^@", ""), "type", "channel")
  end
  id = math.tointeger and math.tointeger(id) or id
  if id > 0 then return json.object("id", id, "first_name", "Ada", "type", "private") end
  return json.object("id", id, "title", "Emulated group", "type", "supergroup")
end

local function next_id(account)
  account.last_message_id = account.last_message_id + 1
  return account.last_message_id
end

-- The Message that a send or an edit returns.
local function message_of(params, account, now)
  local id, date = tonumber(params.message_id), math.floor(now)
  local user = json.object("id", account.id, "is_bot", true, "first_name", account.first_name,
    "username", account.username)
  local message = {message_id = id and math.floor(id) or next_id(account), from = user, chat = chat_of(params),
    date = date, edit_date = id and date}
  for name, content_of in pairs(contents) do
    if params[name] ~= nil then message[name] = content_of(params[name]) end
  end
  if params.latitude ~= nil then
    message.location = json.object("latitude", tonumber(params.latitude), "longitude", tonumber(params.longitude))
  end
  if params.phone_number ~= nil then
    message.contact = json.object("phone_number", params.phone_number, "first_name", params.first_name)
  end
  local markup = request.decoded(params.reply_markup)
  if type(markup) == "table" and markup.inline_keyboard then message.reply_markup = markup end
  return json.ordered(message, MESSAGE)
end

local function album_of(params, account, now)
  local list, media = json.array(), request.decoded(params.media)
  for _, item in ipairs(type(media) == "table" and media or {}) do
    list[#list + 1] = message_of({chat_id = params.chat_id, caption = item.caption,
      [item.type or "photo"] = item.media or true}, account, now)
  end
  return list
end

local function member(params, status)
  local id = tonumber(params.user_id) or 1000001
  return json.object("user", json.object("id", math.floor(id), "is_bot", false, "first_name", "Ada"),
    "status", status)
end

local function empty() return json.array() end

-- The results that don't follow from a method's name.
local others = {
  getchat = chat_of,
  getchatmember = function(params) return member(params, "member") end,
  getchatadministrators = function(params) return json.array {member(params, "creator")} end,
  getchatmembercount = function() return 2 end,
  getchatmemberscount = function() return 2 end,
  getfile = function(params)
    return json.object("file_id", params.file_id, "file_unique_id", "emulated_file",
      "file_size", 1024, "file_path", "documents/file_0.bin")
  end,
  getuserprofilephotos = function() return json.object("total_count", 0, "photos", json.array()) end,
  getmycommands = empty,
  getforumtopiciconstickers = empty,
  getcustomemojistickers = empty,
  getgamehighscores = empty,
  getmyname = function(_, account) return json.object("name", account.first_name) end,
  getmydescription = function() return json.object("description", "") end,
  getmyshortdescription = function() return json.object("short_description", "") end,
  getchatmenubutton = function() return json.object("type", "commands") end,
  exportchatinvitelink = function() return "https://t.me/+emulated" end,
  createinvoicelink = function() return "https://t.me/$emulated" end,
  copymessage = function(_, account) return json.object("message_id", next_id(account)) end,
  sendmediagroup = album_of,
  sendchataction = function() return true end,
}

--- The result of a method that has no handler of its own.
return function(method, params, account, now)
  local name = method:lower()
  if others[name] then return others[name](params, account, now) end
  if params.inline_message_id ~= nil then return true end
  if name:find "^send" or name:find "^editmessage" or name == "forwardmessage" or name == "stopmessagelivelocation" then
    return message_of(params, account, now)
  end
  if name:find "^get" then return json.object() end
  return true
end
