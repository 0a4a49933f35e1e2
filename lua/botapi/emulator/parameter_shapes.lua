-- SPDX-License-Identifier: MIT
-- Owns the JSON that the Bot API's parameters hold: the shape of each, and the real server's words for a wrong one.

-- By the kinds of checks in bot_api.lua. Source: the get_* functions of the real server's Client.cpp.

local shape = require "botapi.emulator.shape"

local type_of, is_integer = shape.type_of, shape.is_integer
local boolean, list, object_field, double = shape.boolean, shape.list, shape.object_field, shape.double
local text, integer, long, file = shape.text, shape.integer, shape.long, shape.file
local required, of, one_of, non_empty = shape.required, shape.of, shape.one_of, shape.non_empty
local object, fields, by_type, array, item = shape.object, shape.fields, shape.by_type, shape.array, shape.item
local prefixed, unless_null = shape.prefixed, shape.unless_null

local shapes = {}

local nothing = fields {}

-- Text, and the entities in it ---------------------------------------------------------------------

local function entity_words(type_name)
  return type_name == "" and "Type is not specified" or "Unsupported type specified"
end

local entity_types = {
  pre = fields {"language", text}, text_link = fields {"url", required(text)},
  text_mention = fields {"user", required(of(object(nil, {"id", required(long)}), object_field))},
  custom_emoji = fields {"custom_emoji_id", required(long)},
  date_time = fields {"unix_time", required(integer), "date_time_format", text},
}
for name in ([[bold italic underline strikethrough spoiler code blockquote expandable_blockquote mention hashtag cashtag
  bot_command url email phone_number bank_card_number]]):gmatch "%S+" do entity_types[name] = nothing end

local entity = by_type("expected an Object", {"offset", required(integer), "length", required(integer)}, entity_types,
  entity_words)
local entities = array(nil, entity, {prefix = "Can't parse MessageEntity: "})

local MAX_TEXT = 32768   -- bytes
local parse_modes = {markdown = true, markdownv2 = true, html = true}

--- Checks a text with its parse mode and its entities, which are ignored where they are no array.
function shapes.formatted(value, parse_mode, its_entities)
  if #value > MAX_TEXT then return "Text is too long" end
  parse_mode = parse_mode:lower()
  if value ~= "" and parse_mode ~= "" and parse_mode ~= "none" then
    return not parse_modes[parse_mode] and "Unsupported parse_mode" or nil
  end
  if type_of(its_entities) == "Array" then return entities(its_entities) end
end

-- The field with a text that may be formatted, after the checks of the fields that belong to it.
local function formatted(parse_mode, entities_name)
  return function(given, name)
    local its_text, mode = given[name], given[parse_mode]
    local wrong = text(given, name) or text(given, parse_mode)
    return wrong or shapes.formatted(tostring(its_text or ""), tostring(mode or ""), given[entities_name])
  end
end

-- Files in JSON ------------------------------------------------------------------------------------

local location = {"latitude", required(double), "longitude", required(double), "horizontal_accuracy", double}
local venue = {"latitude", required(double), "longitude", required(double), "horizontal_accuracy", double,
  "title", required(text), "address", required(text), "foursquare_id", text, "foursquare_type", text,
  "google_place_id", text, "google_place_type", text}

local function unsupported(type_name) return string.format('type "%s" is unsupported', tostring(type_name)) end

local function media_of(more)
  local list_of_fields = {"media", file "media not found", "thumbnail", text}
  for _, each in ipairs(more) do table.insert(list_of_fields, each) end
  return fields(list_of_fields)
end

local picture_size = {"width", integer, "height", integer, "duration", integer}
local media_types = {
  photo = media_of {}, live_photo = media_of {"photo", file "photo not found"},
  video = media_of {"width", integer, "height", integer, "duration", integer, "cover", text, "start_timestamp", integer,
    "supports_streaming", boolean},
  animation = media_of(picture_size),
  audio = media_of {"duration", integer, "title", text, "performer", text},
  document = media_of {"disable_content_type_detection", boolean},
}

-- The file is looked for before the type is.
local function check_media(is_album)
  return function(value, has_file)
    local wrong = file "media not found"(value, "media", has_file)
    if wrong then return wrong end
    local name = tostring(value.type)
    if is_album and name == "animation" then return 'type "animation" can\'t be used in sendMediaGroup' end
    return (media_types[name] or function() return unsupported(name) end)(value, has_file)
  end
end

local caption = {"caption", formatted("parse_mode", "caption_entities"), "show_caption_above_media", boolean,
  "has_spoiler", boolean, "type", required(text)}
local function media(is_album) return object("expected an Object", caption, check_media(is_album)) end

local poll_types = {location = fields(location), venue = fields(venue),
  sticker = fields {"media", file "media not found"}}
local function poll_media(is_option)
  return unless_null(object("expected an Object", {"type", required(text)}, function(value, has_file)
    local name = tostring(value.type)
    local is_other = is_option and (name == "audio" or name == "document") or not is_option and name == "sticker"
    if is_other or not (poll_types[name] or media_types[name]) then return "invalid type specified" end
    return (poll_types[name] or media_types[name])(value, has_file)
  end))
end

local paid_types = {
  photo = nothing, live_photo = fields {"photo", file "photo not found"},
  video = fields {"duration", integer, "supports_streaming", boolean, "cover", text, "start_timestamp", integer},
}
local paid_media = by_type("expected an Object", {"media", file "media not found", "thumbnail", text,
  "width", integer, "height", integer}, paid_types, unsupported)

-- Keyboards ----------------------------------------------------------------------------------------

local style = one_of("default primary danger success", "invalid button style specified")
local button_head = {"text", required(text), "icon_custom_emoji_id", long, "style", style}
local web_app = of(object(nil, {"url", required(text)}), object_field)
local request = of(object(nil, {"request_id", required(integer)}), object_field)

local keyboard_button = object("KeyboardButton must be a String or an Object", {"text", required(text),
  "icon_custom_emoji_id", long, "style", style, "request_contact", boolean, "request_location", boolean,
  "request_poll", object_field,
  "web_app", web_app, "request_users", request, "request_chat", request, "request_managed_bot", request})

local function any_keyboard_button(value)
  if type_of(value) ~= "String" then return keyboard_button(value) end
end

-- The first of these that an inline button has says what it is; without any it is a mistake.
local inline_kinds = {"callback_game", nothing, "pay", nothing,
  "switch_inline_query", fields {"switch_inline_query", text},
  "switch_inline_query_chosen_chat", fields {"switch_inline_query_chosen_chat", object_field},
  "switch_inline_query_current_chat", fields {"switch_inline_query_current_chat", text},
  "login_url", fields {"login_url", web_app}, "web_app", fields {"web_app", web_app},
  "copy_text", fields {"copy_text", of(object(nil, {"text", required(text)}), object_field)}}

local function inline_button_kind(value)
  for _, name in ipairs {"url", "callback_data"} do
    local wrong = text(value, name)
    if wrong then return wrong end
    if value[name] ~= nil and value[name] ~= "" then return nil end
  end
  for i = 1, #inline_kinds, 2 do
    if value[inline_kinds[i]] ~= nil then return inline_kinds[i + 1](value) end
  end
  return "Text buttons are unallowed in the inline keyboard"
end

local inline_button = object("InlineKeyboardButton must be an Object", button_head, inline_button_kind)

local function rows(words, button, prefix)
  return of(array(nil, array(words, button, {prefix = prefix})), list)
end

shapes.reply_markup = object("Object expected as reply markup", {
  "keyboard", rows('Field "keyboard" must be an Array of Arrays', any_keyboard_button, "Can't parse keyboard button: "),
  "inline_keyboard", rows('Field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays',
    inline_button, "Can't parse inline keyboard button: "),
  "hide_keyboard", boolean, "remove_keyboard", boolean, "personal_keyboard", boolean, "selective", boolean,
  "force_reply_keyboard", boolean, "force_reply", boolean, "input_field_placeholder", text})

-- What goes with a message -------------------------------------------------------------------------

local reply = object(nil, {"chat_id", text, "message_id", required(integer), "allow_sending_without_reply", boolean,
  "quote", formatted("quote_parse_mode", "quote_entities"), "quote_position", integer, "checklist_task_id", integer,
  "poll_option_id", text})

function shapes.reply_parameters(value)
  if type_of(value) ~= "Object" then return "Object expected as reply parameters" end
  if next(value) ~= nil then return reply(value) end
end

local function check_price(value)
  if value.currency == "XTR" then return nil end
  if value.currency ~= "TON" then return "Invalid suggested post price currency specified" end
  if tonumber(value.amount) % 10000000 ~= 0 then
    return "Suggested post price must be divisible by 10000000 nanotoncoins"
  end
end

shapes.suggested_post_parameters = object("Object expected as suggested post parameters", {"send_date", integer,
  "price", of(object(nil, {"currency", required(text), "amount", required(long)}, check_price), object_field)})

shapes.link_preview_options = object("Object expected as link preview options", {"is_disabled", boolean, "url", text,
  "prefer_small_media", boolean, "prefer_large_media", boolean, "show_above_text", boolean})

shapes.input_media = prefixed("Can't parse InputMedia: ", media(false))
shapes.album = array("Expected an Array of InputMedia", media(true), {prefix = "Can't parse InputMedia: "})
shapes.paid_media = array("Expected an Array of InputPaidMedia", paid_media, {prefix = "Can't parse InputPaidMedia: "})
shapes.poll_media = prefixed("Failed to parse InputPollMedia: ", poll_media(false))

local poll_option = object(nil, {"text", required(formatted("text_parse_mode", "text_entities")),
  "media", of(prefixed("Failed to parse poll option media: ", poll_media(true)))})

shapes.poll_options = array("Expected an Array of String as options", function(value, has_file)
  if type_of(value) == "String" then return nil end
  if type_of(value) ~= "Object" then return "Expected an option to be of type String" end
  return poll_option(value, has_file)
end)

local task = object("expected an Object", {"id", required(integer),
  "text", required(formatted("parse_mode", "text_entities"))})
shapes.checklist = prefixed("Can't parse InputChecklist: ", object("expected an Object", {
  "title", required(formatted("parse_mode", "title_entities")), "others_can_add_tasks", boolean,
  "others_can_mark_tasks_as_done", boolean,
  "tasks", required(of(array(nil, task, {prefix = "Can't parse InputChecklistTask: "}), list))}))

local reaction = by_type("expected an Object", {}, {emoji = fields {"emoji", required(text)},
  custom_emoji = fields {"custom_emoji_id", required(long)}}, "invalid reaction type specified")
shapes.reaction = array("Expected an Array of ReactionType", reaction, {prefix = "Can't parse ReactionType: "})

-- Lists of plain values ----------------------------------------------------------------------------

-- Identifiers: numbers, also as texts.
local function identifiers(of_what, one, bits, most)
  local function check(value)
    local found = type_of(value)
    if found ~= "Number" and found ~= "String" then return one .. " must be a Number" end
    if not is_integer(value, bits) then return "Can't parse " .. one:gsub("^%u", string.lower) .. " as a Number" end
    if tonumber(value) <= 0 then return "Invalid " .. one:gsub("^%u", string.lower) .. " specified" end
  end
  return array("Expected an Array of " .. of_what, check,
    {most = most, too_many = "Too many " .. of_what .. " specified"})
end

shapes.message_ids = identifiers("message identifiers", "Message identifier", 32, 100)
shapes.added_user_ids = identifiers("user identifiers", "User identifier", 64, 10)

shapes.custom_emoji_ids = array("Expected an Array of custom emoji identifiers", function(value)
  if type_of(value) ~= "String" then return "Custom emoji identifier must be of type String" end
  if not is_integer(value, 64) then return "Invalid custom emoji identifier specified" end
end)
shapes.correct_option_ids = array("Expected an Array of correct option identifiers", function(value)
  if type_of(value) ~= "Number" then return "Correct option identifier must be of type Number" end
  if not is_integer(value, 32) then return "Invalid correct option identifier specified" end
end)
shapes.country_codes = array("Expected an Array of String", item("String", "Expected an Array of String"),
  {most = 12, too_many = "Too many items specified"})
shapes.suggested_tip_amounts = array("Expected an Array of suggested tip amounts", function(value)
  local found = type_of(value)
  if found ~= "Number" and found ~= "String" then return "Suggested tip amount must be of type Number or String" end
  if not is_integer(value, 64) then return "Can't parse suggested tip amount as Number" end
end)
shapes.keywords = array('Field "keywords" must be an Array', item("String", "keyword must be a string"))

-- Payments -----------------------------------------------------------------------------------------

local price = object("LabeledPrice must be an Object", {
  "label", required(non_empty "LabeledPrice label must be non-empty"), "amount", required(long)})
shapes.prices = array("Expected an Array of labeled prices", price,
  {prefix = "Can't parse labeled price: ", least = "There must be at least one price"})

local shipping_option = object("ShippingOption must be an Object", {
  "id", required(non_empty "ShippingOption identifier must be non-empty"),
  "title", required(non_empty "ShippingOption title must be non-empty"),
  "prices", required(of(prefixed("Can't parse shipping option prices: ", shapes.prices), list))})
shapes.shipping_options = array("Expected an Array of shipping options", shipping_option,
  {prefix = "Can't parse shipping option: ", least = "There must be at least one shipping option"})

-- The bot and its chats ----------------------------------------------------------------------------

-- An object of flags, all optional.
local function flags(words, names)
  local list_of_fields = {}
  for name in names:gmatch "%S+" do
    list_of_fields[#list_of_fields + 1], list_of_fields[#list_of_fields + 2] = name, boolean
  end
  return object(words, list_of_fields)
end

local can_manage = "can_manage_chat can_change_info can_post_messages can_edit_messages can_delete_messages "
  .. "can_invite_users can_restrict_members can_pin_messages can_manage_topics can_promote_members "
  .. "can_manage_video_chats can_post_stories can_edit_stories can_delete_stories can_manage_direct_messages "
  .. "can_manage_tags is_anonymous"
shapes.rights = prefixed("Can't parse ChatAdministratorRights: ",
  flags("ChatAdministratorRights must be an Object", can_manage))

local can_send = flags(nil, "can_send_messages can_send_polls can_send_other_messages can_add_web_page_previews "
  .. "can_change_info can_invite_users can_pin_messages can_manage_topics can_send_audios can_send_documents "
  .. "can_send_photos can_send_videos can_send_video_notes can_send_voice_notes can_edit_tag can_react_to_messages")
function shapes.permissions(value)
  if type_of(value) ~= "Object" then return "Object expected as permissions" end
  return prefixed("Can't parse chat permissions: ", can_send)(value)
end

local scope_chat = {"chat_id", required(non_empty "Empty chat_id specified")}
local function positive_user(given, name)
  return long(given, name) or tonumber(given[name]) <= 0 and "Invalid user_id specified" or nil
end
shapes.scope = prefixed("Can't parse BotCommandScope: ", by_type("BotCommandScope must be an Object", {}, {
  default = nothing, all_private_chats = nothing, all_group_chats = nothing, all_chat_administrators = nothing,
  chat = fields(scope_chat), chat_administrators = fields(scope_chat),
  chat_member = fields {scope_chat[1], scope_chat[2], "user_id", required(positive_user)},
}, "Unsupported type specified"))

shapes.commands = array("Expected an Array of BotCommand",
  object("expected an Object", {"command", required(text), "description", required(text)}),
  {prefix = "Can't parse BotCommand: "})

shapes.menu_button = prefixed("Can't parse menu button: ", by_type("MenuButton must be an Object", {}, {
  default = nothing, commands = nothing, web_app = fields {"text", required(text), "web_app", required(web_app)},
}, "MenuButton has unsupported type"))

shapes.accepted_gift_types = object("Object expected as accepted gift types", {"unlimited_gifts", required(boolean),
  "limited_gifts", required(boolean), "unique_gifts", required(boolean), "premium_subscription", required(boolean),
  "gifts_from_channels", boolean})

shapes.profile_photo = by_type("Object expected as profile photo", {}, {
  static = fields {"photo", required(file("Photo must be uploaded as a file", true))},
  animated = fields {"animation", required(file("Photo must be uploaded as a file", true)),
    "main_frame_timestamp", double},
}, "Invalid profile photo type specified")

shapes.content = by_type("Object expected as story content", {}, {
  photo = fields {"photo", required(file("Story photo must be uploaded as a file", true))},
  video = fields {"duration", double, "cover_frame_timestamp", double, "is_animation", boolean,
    "video", required(file("Story video must be uploaded as a file", true))},
}, "Invalid story content type specified")

local area_types = {
  location = fields(location), suggested_reaction = fields {
    "reaction_type", required(of(prefixed("can't parse ReactionType: ", reaction), object_field)),
    "is_dark", boolean, "is_flipped", boolean},
  link = fields {"url", required(text)}, unique_gift = fields {"name", required(text)},
  weather = fields {"temperature", required(double), "emoji", required(text), "background_color", required(long)},
}
local position = object(nil, {"x_percentage", required(double), "y_percentage", required(double),
  "width_percentage", required(double), "height_percentage", required(double), "rotation_angle", required(double),
  "corner_radius_percentage", required(double)})
local area = object("expected an Object", {"position", required(of(position, object_field)),
  "type", required(of(by_type(nil, {}, area_types, "invalid story area type specified"), object_field))})
shapes.areas = array("Expected an Array of InputStoryArea", area, {prefix = "Can't parse InputStoryArea: "})

-- Stickers -----------------------------------------------------------------------------------------

local emoji_list = array("expected an Array of string", item("String", "emoji must be a string"),
  {most = 20, too_many = "too many emoji specified", least = "emoji list must be non-empty"})
shapes.emoji_list = prefixed("Can't parse emoji list: ", emoji_list)

local mask_position = unless_null(object("MaskPosition must be an Object", {
  "point", required(one_of("forehead eyes mouth chin", "Wrong point specified in MaskPosition")),
  "x_shift", required(double), "y_shift", required(double), "scale", required(double)}))
shapes.mask_position = prefixed("Can't parse mask position: ", mask_position)

local sticker_format = one_of("static animated video auto", "Invalid sticker format specified")
local function sticker(format_field)
  return object("InputSticker must be an Object", {"sticker", file "sticker not found", "format", format_field,
    "emoji_list", required(of(emoji_list, list)), "mask_position", of(mask_position),
    "keywords", of(shapes.keywords, list)})
end
shapes.input_sticker = prefixed("Can't parse sticker: ", sticker(sticker_format))
shapes.stickers = array("Expected an Array of InputSticker", sticker(required(sticker_format)),
  {prefix = "Can't parse InputSticker: ", most = 50, too_many = "Too many stickers specified"})

-- Passport, inline mode ----------------------------------------------------------------------------

shapes.errors = array("Expected an Array of PassportElementError",
  object("expected an Object", {"type", required(text), "message", required(text), "source", text}),
  {prefix = "Can't parse PassportElementError: "})

-- What a result of a type must have besides: fields, and the name of a file, which is a URL or an identifier.
local result_types = {
  article = fields {"title", required(text)}, contact = fields {"phone_number", required(text),
    "first_name", required(text)},
  game = fields {"game_short_name", required(text)}, location = fields {location[1], location[2], location[3],
    location[4], "title", required(text)},
  venue = fields(venue), sticker = fields {"sticker_file_id", required(text)},
}
for type_name, file_name in pairs {audio = "audio", document = "document", gif = "gif", mpeg4_gif = "mpeg4",
  photo = "photo", video = "video", voice = "voice"} do
  result_types[type_name] = function(value)
    local url = file_name .. "_url"
    local wrong = text(value, url)
    if wrong or value[url] ~= nil and value[url] ~= "" then return wrong end
    return required(text)(value, file_name .. "_file_id")
  end
end

local message_content = of(object(nil, {"message_text", formatted("parse_mode", "entities")}), object_field)

local function check_result(value)
  local name = tostring(value.type):lower()
  if name == "article" and value.input_message_content == nil then
    local wrong = required(text)(value, "message_text")
    if wrong then return wrong end
  end
  if result_types[name] then return result_types[name](value) end
  return string.format('type "%s" is unsupported for the inline query result', name)
end

shapes.result = object("Inline query result must be an object", {"type", required(text), "id", required(text),
  "input_message_content", message_content, "caption", formatted("parse_mode", "caption_entities"),
  "show_caption_above_media", boolean, "reply_markup", of(shapes.reply_markup, object_field)}, check_result)
shapes.results = unless_null(array("Expected an Array of inline query results", shapes.result,
  {prefix = "Can't parse inline query result: ", most = 50, too_many = "Too many inline query results specified"}))

shapes.button = prefixed("Can't parse inline query results button: ",
  object("InlineQueryResultsButton must be an Object", {"text", required(text), "start_parameter", text,
    "web_app", web_app}, function(value)
    if value.start_parameter ~= nil or value.web_app ~= nil then return nil end
    return "InlineQueryResultsButton must have exactly one optional field"
  end))
shapes.prepared_button = prefixed("Can't parse keyboard button: ", any_keyboard_button)

return shapes
