-- SPDX-License-Identifier: MIT
-- Owns plausible results: the Message of a send or an edit, the Chat, the File, and what else methods return.

local json = require "botapi.emulator.json"
local request = require "botapi.emulator.request"

local results = {}

local function file(name, value)
  local id = type(value) == "string" and value or "emulated_file_" .. name
  local size = type(value) == "table" and value.file_size or 1024
  return json.object("file_id", id, "file_unique_id", "emulated_" .. name, "file_size", size)
end

local function sized(name, value)
  local photo = file(name, value)
  return json.object("file_id", photo.file_id, "file_unique_id", photo.file_unique_id,
    "file_size", photo.file_size, "width", 640, "height", 480)
end

-- Which parameter of a send carries the content, and what it becomes in the Message.
local contents = {
  photo = function(value) return json.array {sized("photo", value)} end,
  video = function(value) return sized("video", value) end,
  animation = function(value) return sized("animation", value) end,
  sticker = function(value) return sized("sticker", value) end,
  audio = function(value) return file("audio", value) end,
  document = function(value) return file("document", value) end,
  voice = function(value) return file("voice", value) end,
  video_note = function(value) return file("video_note", value) end,
}

--- The chat with an id: private for positive ids, else a supergroup.
function results.chat(chat_id)
  local id = tonumber(chat_id)
  if not id then
    return json.object("id", -1001000000001, "title", tostring(chat_id),
      "username", tostring(chat_id):gsub("^@", ""), "type", "channel")
  end
  id = math.tointeger and math.tointeger(id) or id
  if id > 0 then return json.object("id", id, "first_name", "Ada", "type", "private") end
  return json.object("id", id, "title", "Emulated group", "type", "supergroup")
end

--- The bot as a User.
function results.user(account)
  return json.object("id", account.id, "is_bot", true, "first_name", account.first_name,
    "username", account.username)
end

local function next_id(account)
  account.last_message_id = account.last_message_id + 1
  return account.last_message_id
end

-- Puts the name and value pairs of the content at the end of a list.
local function add_content(list, params)
  local function add(name, value)
    list[#list + 1] = name
    list[#list + 1] = value
  end
  if params.text ~= nil then add("text", tostring(params.text)) end
  for name, build in pairs(contents) do
    if params[name] ~= nil then add(name, build(params[name])) end
  end
  if params.caption ~= nil then add("caption", tostring(params.caption)) end
  if params.latitude ~= nil then
    add("location", json.object("latitude", tonumber(params.latitude), "longitude", tonumber(params.longitude)))
  end
  if params.phone_number ~= nil then
    add("contact", json.object("phone_number", params.phone_number, "first_name", params.first_name))
  end
  local markup = request.decoded(params.reply_markup)
  if type(markup) == "table" and markup.inline_keyboard then add("reply_markup", markup) end
end

--- The Message that a send or an edit returns.
-- @tparam table account the bot's
-- @tparam table params of the call
-- @tparam number now
-- @treturn table
function results.sent(account, params, now)
  local id = tonumber(params.message_id)
  local date = math.floor(now)
  local list = {"message_id", id and math.floor(id) or next_id(account), "from", results.user(account),
    "chat", results.chat(params.chat_id), "date", date}
  if id then
    list[#list + 1] = "edit_date"
    list[#list + 1] = date
  end
  add_content(list, params)
  return json.object((table.unpack or unpack)(list))
end

--- The Messages of sendMediaGroup.
function results.album(account, params, now)
  local list, media = json.array(), request.decoded(params.media)
  for _, item in ipairs(type(media) == "table" and media or {}) do
    list[#list + 1] = results.sent(account, {chat_id = params.chat_id, caption = item.caption,
      [item.type or "photo"] = item.media or true}, now)
  end
  return list
end

local function member(params, status)
  local id = tonumber(params.user_id) or 1000001
  return json.object("user", json.object("id", math.floor(id), "is_bot", false, "first_name", "Ada"),
    "status", status)
end

-- What the get methods return that have no state here.
local gets = {
  getchat = function(params) return results.chat(params.chat_id) end,
  getchatmember = function(params) return member(params, "member") end,
  getchatadministrators = function(params) return json.array {member(params, "creator")} end,
  getchatmembercount = function() return 2 end,
  getchatmemberscount = function() return 2 end,
  getfile = function(params)
    return json.object("file_id", params.file_id, "file_unique_id", "emulated_file",
      "file_size", 1024, "file_path", "documents/file_0.bin")
  end,
  getuserprofilephotos = function() return json.object("total_count", 0, "photos", json.array()) end,
  getmycommands = function() return json.array() end,
  getforumtopiciconstickers = function() return json.array() end,
  getcustomemojistickers = function() return json.array() end,
  getgamehighscores = function() return json.array() end,
  getmyname = function(_, account) return json.object("name", account.first_name) end,
  getmydescription = function() return json.object("description", "") end,
  getmyshortdescription = function() return json.object("short_description", "") end,
  getchatmenubutton = function() return json.object("type", "commands") end,
  exportchatinvitelink = function() return "https://t.me/+emulated" end,
  createinvoicelink = function() return "https://t.me/$emulated" end,
  copymessage = function(_, account) return json.object("message_id", next_id(account)) end,
}

--- The result of any method that has no handler of its own.
-- @tparam string method canonical name
-- @tparam table params
-- @tparam table account
-- @tparam number now
-- @return a JSON value
function results.result(method, params, account, now)
  local name = method:lower()
  if gets[name] then return gets[name](params, account) end
  if name == "sendmediagroup" then return results.album(account, params, now) end
  if name == "sendchataction" then return true end
  if params.inline_message_id ~= nil then return true end
  if name:find "^send" or name:find "^editmessage" or name == "forwardmessage" or name == "stopmessagelivelocation" then
    return results.sent(account, params, now)
  end
  if name:find "^get" then return json.object() end
  return true
end

return results
