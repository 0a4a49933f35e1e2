-- SPDX-License-Identifier: MIT
-- Owns the Bot API's methods as data: names, results, parameters, what these are, what only reads, what is a list.

-- It is loaded when it is first asked, and each line is parsed then: a plain call doesn't need it. What the named
-- functions check before they send is in botapi.methods.

local methods = require "botapi.methods"
local nearest = require "botapi.nearest"

-- The version of which all methods are here.
local VERSION = "10.1"

-- A line for each method: its name, its result, and its parameters in the order in which the real server checks them.
-- After a method's name, ? says that it only reads: it changes nothing, so a repeat is harmless (getUpdates confirms);
-- ^, that it came with Bot API 10.1. =name makes another name of a method.
-- After a parameter's name, ! says that the server refuses a call without it, and * that the documentation calls it
-- required while the server leaves that to Telegram; :check is what it is, where its name doesn't say it (`usual`
-- below). [X] is an array of X; +name stands for the parameters of a group. ~name is a parameter that the server takes
-- and the documentation doesn't have; it and *name may also stand behind a group, of which they are about one.
-- Sources: Client.cpp of the real server 10.0, init_methods and process_*_query; the documentation of Bot API 10.1.
local lines = [[

getMe? User
logOut true
close true
getUpdates [Update] offset:integer limit timeout allowed_updates:update_kinds
setWebhook true url* certificate:upload max_connections:integer ip_address secret_token drop_pending_updates:boolean
  allowed_updates:update_kinds
deleteWebhook true drop_pending_updates:boolean
getWebhookInfo? WebhookInfo
getMyCommands? [BotCommand] scope language_code
setMyCommands true commands* scope language_code
deleteMyCommands true scope language_code
getMyDefaultAdministratorRights? ChatAdministratorRights for_channels:boolean
setMyDefaultAdministratorRights true for_channels:boolean rights
getMyName? BotName language_code
setMyName true language_code name
setMyProfilePhoto true photo!:profile_photo
removeMyProfilePhoto true
getMyDescription? BotDescription language_code
setMyDescription true language_code description
getMyShortDescription? BotShortDescription language_code
setMyShortDescription true language_code short_description
getChatMenuButton? MenuButton chat_id:private_chat
setChatMenuButton true menu_button chat_id:private_chat
getUserProfilePhotos? UserProfilePhotos user_id! offset:integer limit
getUserProfileAudios? UserProfileAudios user_id! offset:integer limit
sendMessage Message link_preview_options text!:message_text parse_mode entities +send
sendAnimation Message animation! thumbnail duration width height +caption show_caption_above_media has_spoiler +send
sendAudio Message audio! thumbnail duration title performer +caption +send
sendDice Message emoji +send
sendDocument Message document! thumbnail +caption disable_content_type_detection:boolean +send
sendLivePhoto Message live_photo! photo! +caption show_caption_above_media has_spoiler +send
sendPhoto Message photo! +caption show_caption_above_media has_spoiler +send
sendSticker Message sticker!:file emoji +send
sendVideo Message video! thumbnail duration width height cover:file start_timestamp:integer supports_streaming:boolean
  +caption show_caption_above_media has_spoiler +send
sendVideoNote Message video_note! thumbnail duration length:integer +send
sendVoice Message voice! duration +caption +send
sendPaidMedia Message star_count* media!:paid_media +caption payload show_caption_above_media +send
  ~message_effect_id
sendGame Message game_short_name! +send ~direct_messages_topic_id ~suggested_post_parameters
sendInvoice Message +invoice start_parameter +send ~business_connection_id ~subscription_period
sendLocation Message +location live_period heading proximity_alert_radius +send
sendVenue Message +location title* address* google_place_id google_place_type foursquare_id foursquare_type +send
  ~horizontal_accuracy
sendContact Message phone_number! first_name! last_name vcard +send
sendPoll Message question*:formatted question_parse_mode question_entities:entities options!:poll_options
  description:formatted description_parse_mode description_entities:entities is_anonymous:boolean
  allows_multiple_answers:boolean type:poll_type explanation:formatted explanation_parse_mode
  explanation_entities:entities explanation_media:poll_media correct_option_ids allow_adding_options:boolean
  allows_revoting:boolean open_period:integer close_date:integer is_closed:boolean shuffle_options:boolean
  hide_results_until_closes:boolean members_only:boolean country_codes media:poll_media +send
  ~direct_messages_topic_id ~suggested_post_parameters
stopPoll Poll reply_markup business_connection_id chat_id! message_id!:message_with_poll_to_stop
sendChecklist Message checklist! +send *business_connection_id ~message_thread_id ~direct_messages_topic_id
  ~suggested_post_parameters ~allow_paid_broadcast
copyMessage MessageId from_chat_id! +caption show_caption_above_media video_start_timestamp:integer
  message_id!:message_to_copy +send ~business_connection_id
copyMessages [MessageId] +forwarded remove_caption:boolean chat_id! ~message_effect_id ~suggested_post_parameters
forwardMessage Message from_chat_id! video_start_timestamp:integer message_id!:message_to_forward +send
  ~business_connection_id ~reply_parameters ~reply_markup ~allow_paid_broadcast
forwardMessages [MessageId] +forwarded chat_id! ~message_effect_id ~suggested_post_parameters
sendMediaGroup [Message] reply_parameters ~suggested_post_parameters media!:album business_connection_id
  message_thread_id direct_messages_topic_id disable_notification protect_content allow_paid_broadcast message_effect_id
  chat_id!
sendChatAction true action! message_thread_id business_connection_id chat_id!
sendMessageDraft true draft_id*:integer text:formatted parse_mode entities message_thread_id chat_id!
setMessageReaction true is_big:boolean reaction chat_id! message_id!:message_to_react
editMessageText Message link_preview_options text:message_text parse_mode entities reply_markup +edited
  rich_message:object
editMessageLiveLocation Message +location live_period heading proximity_alert_radius reply_markup +edited
stopMessageLiveLocation Message reply_markup +edited
editMessageMedia Message reply_markup media!:input_media +edited
editMessageCaption Message reply_markup +caption show_caption_above_media +edited
editMessageChecklist Message reply_markup checklist! business_connection_id* chat_id! message_id!:message_to_edit
editMessageReplyMarkup Message reply_markup +edited
deleteMessage true chat_id!:named_chat message_id!:named_message
deleteMessages true message_ids! chat_id!
deleteMessageReaction true user_id:optional_user chat_id! message_id!:message_to_delete_reactions
  actor_chat_id:reaction_sender
deleteAllMessageReactions true user_id:optional_user chat_id! actor_chat_id:reaction_sender
postStory Story content! areas +caption business_connection_id!:business active_period* post_to_chat_page:boolean
  protect_content
repostStory Story from_chat_id! business_connection_id!:business ~story_id from_story_id*:integer active_period*
  post_to_chat_page:boolean protect_content
editStory Story content! areas +caption business_connection_id!:business story_id*
deleteStory true business_connection_id!:business story_id*
createInvoiceLink String +invoice business_connection_id
getMyStarBalance? StarAmount
getStarTransactions? StarTransactions offset:integer limit
refundStarPayment true user_id! telegram_payment_charge_id!
editUserStarSubscription true user_id! telegram_payment_charge_id* is_canceled*:boolean
getAvailableGifts? Gifts
sendGift true gift_id* pay_for_upgrade:boolean text:formatted text_parse_mode text_entities:entities
  chat_id:optional_chat user_id:gift_receiver
giftPremiumSubscription true user_id! month_count*:integer star_count* text:formatted text_parse_mode
  text_entities:entities
getManagedBotToken? String user_id!
getManagedBotAccessSettings? BotAccessSettings user_id!
setManagedBotAccessSettings true user_id! is_access_restricted*:boolean added_user_ids
replaceManagedBotToken String user_id!
verifyUser true user_id! custom_description
verifyChat true chat_id! custom_description
removeUserVerification true user_id!
removeChatVerification true chat_id!:sender_chat
setGameScore Message user_id! score*:integer force:boolean disable_edit_message:boolean chat_id:edited_chat
  message_id:message_to_set_game_score inline_message_id
getGameHighScores? [GameHighScore] user_id! chat_id:edited_chat message_id:message_to_get_game_high_scores
  inline_message_id
answerWebAppQuery SentWebAppMessage web_app_query_id* result!
answerGuestQuery SentGuestMessage guest_query_id* result!
answerInlineQuery true is_personal:boolean cache_time next_offset button results* inline_query_id!
savePreparedInlineMessage PreparedInlineMessage user_id! result! allow_user_chats:boolean allow_bot_chats:boolean
  allow_group_chats:boolean allow_channel_chats:boolean
savePreparedKeyboardButton PreparedKeyboardButton user_id! button!:prepared_button
answerCallbackQuery true text show_alert:boolean url cache_time callback_query_id!
answerShippingQuery true ok*:boolean shipping_options error_message:refusal shipping_query_id!
answerPreCheckoutQuery true ok*:boolean error_message:refusal pre_checkout_query_id!
exportChatInviteLink String chat_id!
createChatInviteLink ChatInviteLink name expire_date:integer member_limit:integer creates_join_request:boolean chat_id!
createChatSubscriptionInviteLink ChatInviteLink name subscription_period* subscription_price*:integer chat_id!
editChatInviteLink ChatInviteLink invite_link* name expire_date:integer member_limit:integer
  creates_join_request:boolean chat_id!
editChatSubscriptionInviteLink ChatInviteLink invite_link* name chat_id!
revokeChatInviteLink ChatInviteLink invite_link* chat_id!
getBusinessConnection? BusinessConnection business_connection_id!:business
readBusinessMessage true chat_id!:business_chat business_connection_id!:business message_id*
deleteBusinessMessages true message_ids! business_connection_id!:business
setBusinessAccountName true first_name! last_name business_connection_id!:business
setBusinessAccountUsername true username business_connection_id!:business
setBusinessAccountBio true bio business_connection_id!:business
setBusinessAccountProfilePhoto true photo!:profile_photo is_public:boolean business_connection_id!:business
removeBusinessAccountProfilePhoto true is_public:boolean business_connection_id!:business
setBusinessAccountGiftSettings true show_gift_button*:boolean accepted_gift_types! business_connection_id!:business
getBusinessAccountStarBalance? StarAmount business_connection_id!:business
transferBusinessAccountStars true star_count* business_connection_id!:business
getBusinessAccountGifts? OwnedGifts business_connection_id!:business exclude_unsaved:boolean exclude_saved:boolean
  +gifts
getUserGifts? OwnedGifts user_id! +gifts
getChatGifts? OwnedGifts chat_id! exclude_unsaved:boolean exclude_saved:boolean +gifts
convertGiftToStars true owned_gift_id* business_connection_id!:business
upgradeGift true owned_gift_id* keep_original_details:boolean star_count business_connection_id!:business
transferGift true owned_gift_id* star_count new_owner_chat_id!:business_chat business_connection_id!:business
setUserEmojiStatus true user_id! emoji_status_custom_emoji_id emoji_status_expiration_date:integer
getChat? ChatFullInfo chat_id!
getUserPersonalChatMessages? [Message] user_id! limit*
setChatPhoto true photo!:chat_photo chat_id!
deleteChatPhoto true chat_id!
setChatTitle true title* chat_id!
setChatPermissions true permissions* use_independent_chat_permissions:boolean chat_id!
setChatDescription true description chat_id!
pinChatMessage true disable_notification business_connection_id chat_id! message_id!:message_to_pin
unpinChatMessage true business_connection_id chat_id! message_id
unpinAllChatMessages true chat_id!
approveSuggestedPost true send_date:integer chat_id! message_id!:suggested_post
declineSuggestedPost true comment chat_id! message_id!:suggested_post
setChatStickerSet true sticker_set_name* chat_id!
deleteChatStickerSet true chat_id!
getForumTopicIconStickers? [Sticker]
createForumTopic ForumTopic name* icon_color:integer icon_custom_emoji_id chat_id!
editForumTopic true message_thread_id* name icon_custom_emoji_id chat_id!
closeForumTopic true message_thread_id* chat_id!
reopenForumTopic true message_thread_id* chat_id!
deleteForumTopic true message_thread_id* chat_id!
unpinAllForumTopicMessages true message_thread_id* chat_id!
editGeneralForumTopic true name* chat_id!
closeGeneralForumTopic true chat_id!
reopenGeneralForumTopic true chat_id!
hideGeneralForumTopic true chat_id!
unhideGeneralForumTopic true chat_id!
unpinAllGeneralForumTopicMessages true chat_id!
getChatMember? ChatMember user_id! chat_id!
getChatAdministrators? [ChatMember] chat_id! return_bots:boolean
getChatMemberCount? Integer chat_id!
getChatMembersCount? =getChatMemberCount
leaveChat true chat_id!
promoteChatMember true user_id! can_manage_chat:boolean can_change_info:boolean can_post_messages:boolean
  can_edit_messages:boolean can_delete_messages:boolean can_invite_users:boolean can_restrict_members:boolean
  can_pin_messages:boolean can_manage_topics:boolean can_promote_members:boolean can_manage_video_chats:boolean
  can_post_stories:boolean can_edit_stories:boolean can_delete_stories:boolean can_manage_direct_messages:boolean
  can_manage_tags:boolean is_anonymous:boolean chat_id!
setChatAdministratorCustomTitle true user_id! custom_title* chat_id!
setChatMemberTag true user_id! tag chat_id!
banChatMember true user_id! until_date:integer revoke_messages:boolean chat_id!
kickChatMember =banChatMember
restrictChatMember true user_id! permissions* use_independent_chat_permissions:boolean until_date:integer chat_id!
unbanChatMember true user_id! only_if_banned:boolean chat_id!
banChatSenderChat true ~until_date:integer chat_id! sender_chat_id!
unbanChatSenderChat true chat_id! sender_chat_id!
approveChatJoinRequest true user_id! chat_id!
declineChatJoinRequest true user_id! chat_id!
getUserChatBoosts? UserChatBoosts user_id! chat_id!
getStickerSet? StickerSet name*
getCustomEmojiStickers? [Sticker] custom_emoji_ids!
uploadStickerFile File user_id! sticker_format!:upload_format sticker!:sticker_upload
createNewStickerSet true user_id! name* title* stickers! sticker_type needs_repainting:boolean
addStickerToSet true user_id! name* sticker!:input_sticker
replaceStickerInSet true user_id! name* old_sticker!:sticker_id sticker!:input_sticker
setStickerSetTitle true name* title*
setStickerSetThumbnail true user_id! name* thumbnail:file format*:sticker_format
setStickerSetThumb =setStickerSetThumbnail
setCustomEmojiStickerSetThumbnail true name* custom_emoji_id
deleteStickerSet true name*
setStickerPositionInSet true sticker!:sticker_id position*:integer
deleteStickerFromSet true sticker!:sticker_id
setStickerEmojiList true sticker!:sticker_id emoji_list!
setStickerKeywords true sticker!:sticker_id keywords
setStickerMaskPosition true sticker!:sticker_id mask_position
setPassportDataErrors true user_id! errors!
sendCustomRequest true method! parameters
answerCustomQuery true custom_query_id* data
getFile? File file_id!
sendRichMessage^ Message rich_message*:object +send
sendRichMessageDraft^ true chat_id! message_thread_id draft_id*:integer rich_message*:object
answerChatJoinRequestQuery^ true chat_join_request_query_id* result*:string
sendChatJoinRequestWebApp^ true chat_join_request_query_id* web_app_url*
]]

local groups = {
  send = "reply_parameters suggested_post_parameters reply_markup business_connection_id message_thread_id "
    .. "direct_messages_topic_id disable_notification protect_content allow_paid_broadcast message_effect_id chat_id!",
  caption = "caption:formatted parse_mode caption_entities:entities",
  location = "latitude!:coordinate longitude!:coordinate horizontal_accuracy:number",
  edited = "business_connection_id chat_id:edited_chat message_id:message_to_edit inline_message_id",
  forwarded = "from_chat_id! message_ids! suggested_post_parameters message_thread_id disable_notification "
    .. "protect_content message_effect_id direct_messages_topic_id",
  gifts = "exclude_unlimited:boolean exclude_limited_upgradable:boolean exclude_limited_non_upgradable:boolean "
    .. "exclude_unique:boolean exclude_from_blockchain:boolean sort_by_price:boolean offset limit",
  invoice = "title! description! payload! provider_token provider_data currency! prices! "
    .. "max_tip_amount suggested_tip_amounts photo_url photo_size:integer photo_width:integer photo_height:integer "
    .. "need_name:boolean need_phone_number:boolean need_email:boolean need_shipping_address:boolean "
    .. "send_phone_number_to_provider:boolean send_email_to_provider:boolean is_flexible:boolean "
    .. "subscription_period",
}

-- What checks a parameter of a name, where the line of its method doesn't say it; the others are strings.
local usual = {}

local by_check = {
  chat = "chat_id", source_chat = "from_chat_id", sender_chat = "sender_chat_id", user = "user_id",
  inline_message = "inline_message_id",
  query = "inline_query_id callback_query_id shipping_query_id pre_checkout_query_id",
  file = "animation audio document live_photo photo video video_note voice", upload = "thumbnail",
  boolean = "has_spoiler show_caption_above_media disable_notification protect_content allow_paid_broadcast",
  integer = "limit timeout duration width height heading live_period proximity_alert_radius message_thread_id "
    .. "direct_messages_topic_id message_id story_id active_period star_count subscription_period cache_time",
}
for check, names in pairs(by_check) do
  for name in names:gmatch "%S+" do usual[name] = check end
end
-- those whose check has their own name
for name in ([[reply_markup reply_parameters suggested_post_parameters link_preview_options entities message_ids
  added_user_ids custom_emoji_ids country_codes correct_option_ids checklist reaction areas content permissions rights
  scope commands menu_button accepted_gift_types results result button shipping_options prices suggested_tip_amounts
  max_tip_amount keywords emoji_list mask_position stickers sticker_type errors action file_id]]):gmatch "%S+" do
  usual[name] = name
end

-- What people give, by the check; the others are strings. A chat is an integer or a "@name", a file an InputFile or a
-- text that names one.
local kind_of = {}

for kind, checks in pairs {
  chat = "chat source_chat named_chat optional_chat edited_chat sender_chat",
  integer = "integer user optional_user private_chat business_chat gift_receiver reaction_sender named_message "
    .. "message_to_edit message_to_copy message_to_forward message_to_react message_to_delete_reactions "
    .. "message_with_poll_to_stop message_to_pin message_to_set_game_score message_to_get_game_high_scores "
    .. "suggested_post max_tip_amount",
  number = "number coordinate",
  boolean = "boolean",
  file = "file upload chat_photo sticker_upload",
  integers = "message_ids added_user_ids correct_option_ids suggested_tip_amounts",
  strings = "update_kinds custom_emoji_ids country_codes keywords emoji_list",
  objects = "entities album areas commands errors paid_media poll_options prices reaction results shipping_options "
    .. "stickers",
  object = "object accepted_gift_types button checklist content input_media input_sticker link_preview_options "
    .. "mask_position menu_button permissions poll_media prepared_button profile_photo reply_markup reply_parameters "
    .. "result rights scope suggested_post_parameters",
} do
  for check in checks:gmatch "%S+" do kind_of[check] = kind end
end

local CLOSE = "closeinstance"          -- the one function of Lua that isn't named after its method

local LISTS = { integers = true, strings = true, objects = true }

local bot_api = {
  version = VERSION,
  emulated_version = "10.0",           -- that of the server that the emulator is like: it lacks the methods with a ^
  -- Members of JSON parameters that are arrays, wherever they stand, and how deep; by the documentation's types.
  lists = {
    inline_keyboard = 2, keyboard = 2, entities = 1, caption_entities = 1, quote_entities = 1, text_entities = 1,
    title_entities = 1, emoji_list = 1, file_hashes = 1, keywords = 1, prices = 1, suggested_tip_amounts = 1, tasks = 1,
  },
}

-- Names ---------------------------------------------------------------------------

local small, key_of = nearest.small, nearest.key_of

--- The name as Lua writes it: send_message of sendMessage.
function bot_api.snake(name)
  return (name:gsub("[A-Z]", function(letter) return "_" .. small[letter] end))
end

-- Lines ---------------------------------------------------------------------------

local function add_parameter(entry, mark, name, after, check)
  local checked = entry.checks[name]
  if not checked then
    checked = { name = name, kind = check ~= "" and check or usual[name] or "string", is_refused = after == "!" }
    entry.checks[name], entry.checks[#entry.checks + 1] = checked, checked
  end
  entry.kinds[name] = mark ~= "~" and (kind_of[checked.kind] or "string") or nil
  entry.required[name] = mark ~= "~" and (entry.required[name] or mark == "*" or after ~= "") or nil
end

local function add_parameters(entry, text)
  for word in text:gmatch "%S+" do
    local group = word:match "^%+(.*)"
    if group then
      add_parameters(entry, groups[group])
    else
      add_parameter(entry, word:match "^([~*]?)([%l_]+)([!*]?):?([%l_]*)$")
    end
  end
end

local function parse(line)
  local name, mark, result, text = line:match "^(%a+)([?^]?) (%S+)(.*)"
  local named = methods[key_of(name)]
  local entry = { name = name, lua = named and named.lua or bot_api.snake(name), reads = mark == "?",
    since = mark == "^" and VERSION or nil, result = result, params = {}, kinds = {}, required = {}, checks = {} }
  local original = result:match "^=(.*)"
  if original then
    original = bot_api.find(original)
    entry.result, entry.same = original.result, original.name
    for _, member in ipairs { "params", "kinds", "required", "checks" } do entry[member] = original[member] end
    return entry
  end
  add_parameters(entry, text)
  for _, checked in ipairs(entry.checks) do
    if entry.kinds[checked.name] then entry.params[#entry.params + 1] = checked.name end
  end
  return entry
end

local entries = {}              -- by such names
local lowered                   -- the lines

local function line_of(key)
  if not key:find "^[a-z]+$" then return nil end
  lowered = lowered or lines:gsub("[A-Z]", small)
  for _, behind in ipairs { " ", "?", "^" } do
    local from = lowered:find("\n" .. key .. behind, 1, true)
    if from then return lines:sub(from + 1, (lines:find("\n[^ ]", from + 1) or #lines) - 1) end
  end
end

local function parsed(key)
  local line = line_of(key)
  if not line then return nil end
  local entry = parse(line)
  entries[key], entries[key_of(entry.lua)] = entry, entry
  return entry
end

--- The entry of a method, by its name in any case, or as functions of Lua are named; nil for an unknown one.
--
-- An entry: `name` as the Bot API writes it, `lua` as Lua does, `reads`, `result`; `params`, the names of the
-- documented parameters, and by these names `kinds` and `required`; `since`, where the emulator's version doesn't have
-- it yet; `same`, where it is another name of that method; `checks`, for the emulator: a list, and by name, of `name`,
-- `kind` (that of the check) and `is_refused`, in the server's order.
--
-- Kinds: "string", "integer", "number", "boolean", "chat" (an integer or a name), "file" (or a text that names one),
-- "object", "integers", "strings", "objects".
function bot_api.find(name)
  local key = key_of(name)
  return entries[key] or parsed(key == CLOSE and "close" or key)
end

--- The names of all methods, in the order of the table: a new list.
function bot_api.names()
  local list = {}
  for name in lines:gmatch "\n(%a+)" do list[#list + 1] = name end
  return list
end

--- Is it a JSON array?
function bot_api.is_list(kind) return LISTS[kind] or false end

--- Is it a file that can be uploaded?
function bot_api.is_file(kind) return kind == "file" end

local keys                      -- lists of them, by the first letter

--- The name that was meant by a mistyped one that begins with the right letter, in the spelling of the Bot API; nil
-- where none is near.
function bot_api.nearest(name)
  if not keys then
    keys = {}
    for _, each in ipairs(bot_api.names()) do
      local letter = each:sub(1, 1)
      keys[letter] = keys[letter] or {}
      table.insert(keys[letter], key_of(each))
    end
  end
  name = key_of(name)
  local key = nearest.of(name, keys[name:sub(1, 1)] or {})
  return key and bot_api.find(key).name
end

return bot_api
