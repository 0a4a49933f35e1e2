-- SPDX-License-Identifier: MIT
-- Owns the specs of the methods of Bot API 10.0 on the emulator: their names, and what they say of wrong parameters.

local bot_api = require "botapi.bot_api"
local support = require "spec.support.emulator"

-- What a call without any parameter gets, by the real server's source (Client.cpp): the description of a 400 behind
-- "Bad Request: ", or "ok". A line: the words, then the methods.
local WITHOUT_PARAMETERS = {
  {"ok", [[answerCustomQuery deleteMyCommands deleteStickerSet deleteWebhook getAvailableGifts getChatMenuButton
    getForumTopicIconStickers getMe getMyCommands getMyDefaultAdministratorRights getMyDescription getMyName
    getMyShortDescription getMyStarBalance getStarTransactions getStickerSet getUpdates getWebhookInfo
    removeMyProfilePhoto setChatMenuButton setCustomEmojiStickerSetThumbnail setMyCommands
    setMyDefaultAdministratorRights setMyDescription setMyName setMyShortDescription setStickerSetTitle setWebhook]]},
  {"chat_id is empty", [[approveSuggestedPost banChatSenderChat closeForumTopic closeGeneralForumTopic
    createChatInviteLink createChatSubscriptionInviteLink createForumTopic declineSuggestedPost
    deleteAllMessageReactions deleteChatPhoto deleteChatStickerSet deleteForumTopic deleteMessageReaction
    editChatInviteLink editChatSubscriptionInviteLink editForumTopic editGeneralForumTopic exportChatInviteLink getChat
    getChatAdministrators getChatGifts getChatMemberCount getChatMembersCount hideGeneralForumTopic leaveChat
    pinChatMessage reopenForumTopic reopenGeneralForumTopic revokeChatInviteLink sendDice sendMessageDraft
    setChatDescription setChatPermissions setChatStickerSet setChatTitle setMessageReaction stopPoll
    unbanChatSenderChat unhideGeneralForumTopic unpinAllChatMessages unpinAllForumTopicMessages
    unpinAllGeneralForumTopicMessages unpinChatMessage verifyChat]]},
  {"invalid user_id specified", [[addStickerToSet approveChatJoinRequest banChatMember createNewStickerSet
    declineChatJoinRequest editUserStarSubscription getChatMember getGameHighScores getManagedBotAccessSettings
    getManagedBotToken getUserChatBoosts getUserGifts getUserPersonalChatMessages getUserProfileAudios
    getUserProfilePhotos giftPremiumSubscription kickChatMember promoteChatMember refundStarPayment
    removeUserVerification replaceManagedBotToken replaceStickerInSet restrictChatMember savePreparedInlineMessage
    savePreparedKeyboardButton sendGift setChatAdministratorCustomTitle setChatMemberTag setGameScore
    setManagedBotAccessSettings setPassportDataErrors setStickerSetThumb setStickerSetThumbnail setUserEmojiStatus
    unbanChatMember uploadStickerFile verifyUser]]},
  {"business connection not found", [[convertGiftToStars deleteStory getBusinessAccountGifts
    getBusinessAccountStarBalance getBusinessConnection removeBusinessAccountProfilePhoto setBusinessAccountBio
    setBusinessAccountUsername transferBusinessAccountStars upgradeGift]]},
  {"chat identifier is empty", "readBusinessMessage transferGift"},
  {"chat identifier is not specified", "deleteMessage"},
  {"sender_chat_id is empty", "removeChatVerification"},
  {"message text is empty", "sendMessage editMessageText"},
  {"message identifier is not specified", "editMessageCaption editMessageReplyMarkup stopMessageLiveLocation"},
  {"message identifiers are not specified", "deleteMessages deleteBusinessMessages"},
  {"sticker is not specified", [[deleteStickerFromSet setStickerEmojiList setStickerKeywords setStickerMaskPosition
    setStickerPositionInSet]]},
  {"query is too old and response timeout expired or query ID is invalid", "answerCallbackQuery answerInlineQuery"},
  {"result isn't specified", "answerGuestQuery answerWebAppQuery"},
  {"photo isn't specified", "setMyProfilePhoto setBusinessAccountProfilePhoto"},
  {"story content isn't specified", "postStory editStory"},
  {"accepted gift types aren't specified", "setBusinessAccountGiftSettings"},
  {"wrong parameter action in request", "sendChatAction"},
  {"can't parse options JSON object", "sendPoll"},
  {"latitude is empty", "sendLocation sendVenue editMessageLiveLocation"},
  {"file_id not specified", "getFile"},
  {'parameter "error_message" is required', "answerShippingQuery answerPreCheckoutQuery"},
  {'parameter "from_chat_id" is required', "copyMessage copyMessages forwardMessage forwardMessages repostStory"},
  {'parameter "title" is required', "sendInvoice createInvoiceLink"},
  {'parameter "checklist" is required', "sendChecklist editMessageChecklist"},
  {'parameter "media" is required', "sendMediaGroup sendPaidMedia editMessageMedia"},
  {'parameter "custom_emoji_ids" is required', "getCustomEmojiStickers"},
  {'parameter "phone_number" is required', "sendContact"},
  {'parameter "game_short_name" is required', "sendGame"},
  {'parameter "first_name" is required', "setBusinessAccountName"},
  {'parameter "method" is required', "sendCustomRequest"},
  {"there is no animation in the request", "sendAnimation"},
  {"there is no audio in the request", "sendAudio"},
  {"there is no document in the request", "sendDocument"},
  {"there is no live photo in the request", "sendLivePhoto"},
  {"there is no photo in the request", "sendPhoto setChatPhoto"},
  {"there is no sticker in the request", "sendSticker"},
  {"there is no video in the request", "sendVideo"},
  {"there is no video note in the request", "sendVideoNote"},
  {"there is no voice in the request", "sendVoice"},
}

-- What is wrong with a call: {method, parameters, the description behind "Bad Request: "}.
local CHAT = "chat_id=5&"
local WRONG = {
  -- texts
  {"sendMessage", "text=x", "chat_id is empty"},
  {"sendMessage", "text=x&chat_id=abc", "chat not found"},
  {"sendMessage", CHAT .. "text=x&parse_mode=plain", "unsupported parse_mode"},
  {"sendMessage", CHAT .. "text=%20", "text must be non-empty"},
  {"sendMessage", CHAT .. "text=" .. ("é"):rep(4097), "message is too long"},
  {"sendMessage", CHAT .. 'text=x&entities=[{"offset":0,"length":1}]',
    'can\'t parse MessageEntity: Can\'t find field "type"'},
  {"sendMessage", CHAT .. 'text=x&entities=[{"offset":0,"length":1,"type":"loud"}]',
    "can't parse MessageEntity: Unsupported type specified"},
  -- what goes with a message
  {"sendMessage", CHAT .. "text=x&reply_markup=notjson", "can't parse reply keyboard markup JSON object"},
  {"sendMessage", CHAT .. "text=x&reply_markup=5", "object expected as reply markup"},
  {"sendMessage", CHAT .. 'text=x&reply_markup={"inline_keyboard":{}}',
    'field "inline_keyboard" must be of type Array'},
  {"sendMessage", CHAT .. 'text=x&reply_markup={"inline_keyboard":[1]}',
    'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays'},
  {"sendMessage", CHAT .. 'text=x&reply_markup={"inline_keyboard":[[{"text":"a"}]]}',
    "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"},
  {"sendMessage", CHAT .. 'text=x&reply_markup={"keyboard":[[{"request_contact":1}]]}',
    'can\'t parse keyboard button: Can\'t find field "text"'},
  {"sendMessage", CHAT .. 'text=x&reply_markup={"remove_keyboard":1}',
    'field "remove_keyboard" must be of type Boolean'},
  {"sendMessage", CHAT .. "text=x&reply_parameters=[]", "object expected as reply parameters"},
  {"sendMessage", CHAT .. 'text=x&reply_parameters={"message_id":"x"}', 'field "message_id" must be a valid Number'},
  {"sendMessage", CHAT .. "text=x&link_preview_options=x", "can't parse link preview options JSON object"},
  {"sendDice", CHAT .. 'suggested_post_parameters={"price":{"currency":"EUR","amount":1}}',
    "invalid suggested post price currency specified"},
  -- files and media
  {"sendPhoto", CHAT .. "photo=attach://missing", "there is no photo in the request"},
  {"setChatPhoto", CHAT .. "photo=AgACAgIAAx", "photo must be uploaded as an InputFile"},
  {"sendMediaGroup", CHAT .. "media=x", "can't parse media JSON object"},
  {"sendMediaGroup", CHAT .. "media={}", "expected an Array of InputMedia"},
  {"sendMediaGroup", CHAT .. 'media=[{"type":"photo","media":"attach://a"}]',
    "can't parse InputMedia: media not found"},
  {"sendMediaGroup", CHAT .. 'media=[{"type":"animation","media":"x"}]',
    'can\'t parse InputMedia: type "animation" can\'t be used in sendMediaGroup'},
  {"editMessageMedia", CHAT .. 'message_id=1&media={"media":"x"}', 'can\'t parse InputMedia: Can\'t find field "type"'},
  {"sendPaidMedia", CHAT .. 'media=[{"media":"x","type":"audio"}]',
    'can\'t parse InputPaidMedia: type "audio" is unsupported'},
  {"getFile", "file_id=nonsense", "invalid file_id"},
  -- messages
  {"editMessageText", CHAT .. "text=a", "message to edit not found"},
  {"editMessageText", "text=a&message_id=5", "chat_id is empty"},
  {"copyMessage", CHAT .. "from_chat_id=6", "message to copy not found"},
  {"copyMessages", CHAT .. "from_chat_id=x&message_ids=[1]", "chat not found"},
  {"setChatMenuButton", "chat_id=", "invalid chat_id specified"},
  {"setChatPermissions", CHAT .. "permissions=", "can't parse permissions JSON object"},
  {"forwardMessage", CHAT .. "from_chat_id=6&message_id=-1", "message to forward not found"},
  {"pinChatMessage", CHAT, "message to pin not found"},
  {"stopPoll", CHAT .. "message_id=0", "message with poll to stop not found"},
  {"setMessageReaction", CHAT .. 'message_id=1&reaction=[{"type":"x"}]',
    "can't parse ReactionType: invalid reaction type specified"},
  {"deleteMessage", CHAT, "message identifier is not specified"},
  {"deleteMessages", CHAT .. "message_ids=1", "expected an Array of message identifiers"},
  {"deleteMessages", CHAT .. "message_ids=[]", "message identifiers are not specified"},
  {"deleteMessages", CHAT .. 'message_ids=["x"]', "can't parse message identifier as a Number"},
  {"deleteMessages", CHAT .. "message_ids=[0]", "invalid message identifier specified"},
  {"deleteMessages", CHAT .. "message_ids=[" .. ("1,"):rep(100) .. "1]", "too many message identifiers specified"},
  -- polls, payments, checklists
  {"sendPoll", CHAT .. "question=q&options={}", "expected an Array of String as options"},
  {"sendPoll", CHAT .. "question=q&options=[1]", "expected an option to be of type String"},
  {"sendPoll", CHAT .. 'question=q&options=["a","b"]&type=riddle', "unsupported poll type specified"},
  {"sendInvoice", "title=t&description=d&payload=p&currency=EUR&prices=[]", "there must be at least one price"},
  {"sendInvoice", 'title=t&description=d&payload=p&currency=EUR&prices=[{"amount":1}]',
    'can\'t parse labeled price: Can\'t find field "label"'},
  {"sendChecklist", CHAT .. "checklist=[]", "can't parse InputChecklist: expected an Object"},
  -- the bot
  {"setMyCommands", "commands={}", "expected an Array of BotCommand"},
  {"setMyCommands", 'commands=[{"command":"a"}]', 'can\'t parse BotCommand: Can\'t find field "description"'},
  {"setMyCommands", 'commands=[]&scope={"type":"chat"}', 'can\'t parse BotCommandScope: Can\'t find field "chat_id"'},
  {"setChatMenuButton", 'menu_button={"type":"x"}', "can't parse menu button: MenuButton has unsupported type"},
  {"setChatPermissions", CHAT .. 'permissions={"can_send_polls":"yes"}',
    'can\'t parse chat permissions: Field "can_send_polls" must be of type Boolean'},
  {"setMyProfilePhoto", 'photo={"type":"static","photo":"x"}', "photo must be uploaded as a file"},
  -- queries and stickers
  {"answerInlineQuery", "inline_query_id=1&results={}", "expected an Array of inline query results"},
  {"answerInlineQuery", 'inline_query_id=1&results=[{"type":"photo","id":"1"}]',
    'can\'t parse inline query result: Can\'t find field "photo_file_id"'},
  {"answerInlineQuery", 'inline_query_id=1&button={"text":"a"}',
    "can't parse inline query results button: InlineQueryResultsButton must have exactly one optional field"},
  {"answerShippingQuery", "shipping_query_id=1&ok=true", 'parameter "shipping_options" is required'},
  {"getCustomEmojiStickers", "custom_emoji_ids=[1]", "custom emoji identifier must be of type String"},
  {"setStickerEmojiList", "sticker=x&emoji_list=[]", "can't parse emoji list: emoji list must be non-empty"},
  {"setStickerMaskPosition", 'sticker=x&mask_position={"point":"toe"}',
    "can't parse mask position: Wrong point specified in MaskPosition"},
  {"addStickerToSet", "user_id=5&name=n", "there is no sticker file in the request"},
  {"addStickerToSet", "user_id=5&name=n&sticker=x", "can't parse sticker JSON object"},
  -- business accounts
  {"sendMessage", "business_connection_id=b&text=x", "chat identifier is empty"},
  {"sendMessage", "business_connection_id=b&text=x&chat_id=@a", "chat identifier must be a valid Integer"},
}

describe("emulator: the methods of Bot API 10.0", function()
  local here, emu, id

  setup(function()
    here = support.start()
    emu = here.emu
  end)
  teardown(function() emu:close() end)
  before_each(function() id = support.new_id() end)

  -- The description of a refusal behind "Bad Request: ", or "ok".
  local function said(method, parameters)
    local query = parameters and parameters:gsub('[^%w&=._%%-]', function(c) return ("%%%02X"):format(c:byte()) end)
    local body = here.call(id, method, query).body
    if body:find '^{"ok":true' then return "ok" end
    local words = body:match '^{"ok":false,"error_code":400,"description":"Bad Request: (.*)"}$'
    return words and words:gsub('\\"', '"') or body
  end

  for _, row in ipairs(WITHOUT_PARAMETERS) do
    for method in row[2]:gmatch "%S+" do
      it("say " .. row[1] .. " to a bare " .. method, function() assert.equal(row[1], said(method)) end)
    end
  end

  it("are 179, and known in any case and by their spelling", function()
    local names = {"logOut", "close"}
    for _, row in ipairs(WITHOUT_PARAMETERS) do
      for method in row[2]:gmatch "%S+" do names[#names + 1] = method end
    end
    assert.equal(179 + 2, #names)
    for i = 3, #names do here.call(id, names[i]:lower()) end
    local calls = emu:calls {bot = id}
    assert.equal(179, #calls)
    for i, call in ipairs(calls) do assert.equal(names[i + 2], call.method) end
  end)

  for _, row in ipairs(WRONG) do
    local words = row[3]
    it("say of " .. row[1] .. "?" .. row[2]:sub(1, 60) .. ": " .. words, function()
      assert.equal(words, said(row[1], row[2]))
    end)
  end

  it("want arrays where the table of methods has lists in JSON", function()
    local sticker = '{"sticker":"AgAC","format":"static","emoji_list":["x"],%s}'
    local places = {
      keyboard = {"sendMessage", CHAT .. 'text=x&reply_markup={"keyboard":%s}'},
      inline_keyboard = {"sendMessage", CHAT .. 'text=x&reply_markup={"inline_keyboard":%s}'},
      tasks = {"sendChecklist", CHAT .. 'checklist={"title":"t","tasks":%s}'},
      prices = {"answerShippingQuery",
        'ok=true&shipping_query_id=1&shipping_options=[{"id":"1","title":"t","prices":%s}]'},
      emoji_list = {"addStickerToSet", 'user_id=1&name=n&sticker={"sticker":"AgAC","format":"static","emoji_list":%s}'},
      keywords = {"addStickerToSet", "user_id=1&name=n&sticker=" .. sticker:format '"keywords":%s'},
    }
    for name, place in pairs(places) do
      local refusal = 'ield "' .. name .. '" '
      local depth = assert(bot_api.lists[name], name)
      local function given(json) return said(place[1], place[2]:format(json)) end
      assert.truthy(given "{}":find(refusal, 1, true) and given "{}":find("Array", 1, true), name .. ": " .. given "{}")
      assert.is_nil(given "[]":find(refusal, 1, true), name)
      assert.equal(depth == 2, given "[{}]":find("Array of Arrays", 1, true) ~= nil, name .. ": " .. given "[{}]")
    end
  end)

  it("ignore parameters that they don't know", function()
    assert.equal("ok", said("sendMessage", CHAT .. "text=x&colour=red&reply_markups=notjson"))
  end)

  it("take numbers as texts, texts as numbers, and JSON as text or as it is", function()
    for _, body in ipairs {'{"chat_id":"5","text":7}',
      '{"chat_id":5,"text":"x","reply_markup":{"remove_keyboard":true}}',
      '{"chat_id":5,"text":"x","reply_markup":"{\\"remove_keyboard\\":true}"}'} do
      assert.equal(200, here.post(id, "sendMessage", body).status, body)
    end
    local answer = here.post(id, "sendMessage", '{"chat_id":5,"text":"x","reply_markup":{"keyboard":5}}')
    assert.truthy(answer.body:find('field \\"keyboard\\" must be of type Array', 1, true), answer.body)
  end)

  it("read JSON as loosely as the real server does", function()
    local text = 'text=x&chat_id=5&reply_markup={"inline_keyboard":[[{"text":"a%09\\q\\\\\\u0062","url":"u"}]]}'
    local query = text:gsub('[^%w&=._%%-]', function(c) return ("%%%02X"):format(c:byte()) end)
    local body = here.call(id, "sendMessage", query).body
    assert.truthy(body:find('"text":"a\\tq\\\\b"', 1, true), body)
  end)

  it("return what their documentation says", function()
    local results = {
      sendDice = {CHAT, '"dice":{"emoji":'}, copyMessage = {CHAT .. "from_chat_id=6&message_id=1", '{"message_id":'},
      copyMessages = {CHAT .. "from_chat_id=6&message_ids=[1,2]", '[{"message_id":'},
      sendPoll = {CHAT .. 'question=q&options=["a","b"]', '"poll":{"id":"1","question":"q"'},
      createChatInviteLink = {CHAT, '{"invite_link":"https://t.me/'}, exportChatInviteLink = {CHAT, '"https://t.me/'},
      getChatMember = {CHAT .. "user_id=6", '{"user":{"id":6,'}, getChatMemberCount = {CHAT, "2"},
      createForumTopic = {CHAT .. "name=n", '{"message_thread_id":'}, getChatAdministrators = {CHAT, '[{"user":'},
      answerWebAppQuery = {'result={"type":"game","id":"1","game_short_name":"g"}', '{"inline_message_id":'},
      forwardMessage = {CHAT .. "from_chat_id=6&message_id=1", '"forward_origin":{"type":"user"'},
      getChat = {CHAT, '"accepted_gift_types":{'}, setGameScore = {CHAT .. "message_id=7&user_id=6", '"message_id":7,'},
      editMessageText = {"inline_message_id=a&text=b", "true"}, setChatTitle = {CHAT .. "title=t", "true"},
    }
    for method, row in pairs(results) do
      local query = row[1]:gsub('[^%w&=._-]', function(c) return ("%%%02X"):format(c:byte()) end)
      local body = here.call(id, method, query).body
      assert.truthy(body:find('{"ok":true,"result":', 1, true) and body:find(row[2], 1, true), method .. ": " .. body)
    end
  end)

  it("don't include those that came later", function()
    local not_found = '{"ok":false,"error_code":404,"description":"Not Found: method not found"}'
    local newer = 0
    for _, name in ipairs(bot_api.names()) do
      if bot_api.find(name).since then
        newer = newer + 1
        assert.equal(not_found, said(name))
      end
    end
    assert.equal(4, newer)
  end)
end)
