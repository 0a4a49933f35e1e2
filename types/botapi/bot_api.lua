-- SPDX-License-Identifier: MIT
-- What the Lua language server knows of the Bot API's methods, which bots have by name. Made by `make docs`.
---@meta botapi.bot_api

---@alias botapi.Method
---| "getMe"
---| "logOut"
---| "close"
---| "getUpdates"
---| "setWebhook"
---| "deleteWebhook"
---| "getWebhookInfo"
---| "getMyCommands"
---| "setMyCommands"
---| "deleteMyCommands"
---| "getMyDefaultAdministratorRights"
---| "setMyDefaultAdministratorRights"
---| "getMyName"
---| "setMyName"
---| "setMyProfilePhoto"
---| "removeMyProfilePhoto"
---| "getMyDescription"
---| "setMyDescription"
---| "getMyShortDescription"
---| "setMyShortDescription"
---| "getChatMenuButton"
---| "setChatMenuButton"
---| "getUserProfilePhotos"
---| "getUserProfileAudios"
---| "sendMessage"
---| "sendAnimation"
---| "sendAudio"
---| "sendDice"
---| "sendDocument"
---| "sendLivePhoto"
---| "sendPhoto"
---| "sendSticker"
---| "sendVideo"
---| "sendVideoNote"
---| "sendVoice"
---| "sendPaidMedia"
---| "sendGame"
---| "sendInvoice"
---| "sendLocation"
---| "sendVenue"
---| "sendContact"
---| "sendPoll"
---| "stopPoll"
---| "sendChecklist"
---| "copyMessage"
---| "copyMessages"
---| "forwardMessage"
---| "forwardMessages"
---| "sendMediaGroup"
---| "sendChatAction"
---| "sendMessageDraft"
---| "setMessageReaction"
---| "editMessageText"
---| "editMessageLiveLocation"
---| "stopMessageLiveLocation"
---| "editMessageMedia"
---| "editMessageCaption"
---| "editMessageChecklist"
---| "editMessageReplyMarkup"
---| "deleteMessage"
---| "deleteMessages"
---| "deleteMessageReaction"
---| "deleteAllMessageReactions"
---| "postStory"
---| "repostStory"
---| "editStory"
---| "deleteStory"
---| "createInvoiceLink"
---| "getMyStarBalance"
---| "getStarTransactions"
---| "refundStarPayment"
---| "editUserStarSubscription"
---| "getAvailableGifts"
---| "sendGift"
---| "giftPremiumSubscription"
---| "getManagedBotToken"
---| "getManagedBotAccessSettings"
---| "setManagedBotAccessSettings"
---| "replaceManagedBotToken"
---| "verifyUser"
---| "verifyChat"
---| "removeUserVerification"
---| "removeChatVerification"
---| "setGameScore"
---| "getGameHighScores"
---| "answerWebAppQuery"
---| "answerGuestQuery"
---| "answerInlineQuery"
---| "savePreparedInlineMessage"
---| "savePreparedKeyboardButton"
---| "answerCallbackQuery"
---| "answerShippingQuery"
---| "answerPreCheckoutQuery"
---| "exportChatInviteLink"
---| "createChatInviteLink"
---| "createChatSubscriptionInviteLink"
---| "editChatInviteLink"
---| "editChatSubscriptionInviteLink"
---| "revokeChatInviteLink"
---| "getBusinessConnection"
---| "readBusinessMessage"
---| "deleteBusinessMessages"
---| "setBusinessAccountName"
---| "setBusinessAccountUsername"
---| "setBusinessAccountBio"
---| "setBusinessAccountProfilePhoto"
---| "removeBusinessAccountProfilePhoto"
---| "setBusinessAccountGiftSettings"
---| "getBusinessAccountStarBalance"
---| "transferBusinessAccountStars"
---| "getBusinessAccountGifts"
---| "getUserGifts"
---| "getChatGifts"
---| "convertGiftToStars"
---| "upgradeGift"
---| "transferGift"
---| "setUserEmojiStatus"
---| "getChat"
---| "getUserPersonalChatMessages"
---| "setChatPhoto"
---| "deleteChatPhoto"
---| "setChatTitle"
---| "setChatPermissions"
---| "setChatDescription"
---| "pinChatMessage"
---| "unpinChatMessage"
---| "unpinAllChatMessages"
---| "approveSuggestedPost"
---| "declineSuggestedPost"
---| "setChatStickerSet"
---| "deleteChatStickerSet"
---| "getForumTopicIconStickers"
---| "createForumTopic"
---| "editForumTopic"
---| "closeForumTopic"
---| "reopenForumTopic"
---| "deleteForumTopic"
---| "unpinAllForumTopicMessages"
---| "editGeneralForumTopic"
---| "closeGeneralForumTopic"
---| "reopenGeneralForumTopic"
---| "hideGeneralForumTopic"
---| "unhideGeneralForumTopic"
---| "unpinAllGeneralForumTopicMessages"
---| "getChatMember"
---| "getChatAdministrators"
---| "getChatMemberCount"
---| "getChatMembersCount"
---| "leaveChat"
---| "promoteChatMember"
---| "setChatAdministratorCustomTitle"
---| "setChatMemberTag"
---| "banChatMember"
---| "kickChatMember"
---| "restrictChatMember"
---| "unbanChatMember"
---| "banChatSenderChat"
---| "unbanChatSenderChat"
---| "approveChatJoinRequest"
---| "declineChatJoinRequest"
---| "getUserChatBoosts"
---| "getStickerSet"
---| "getCustomEmojiStickers"
---| "uploadStickerFile"
---| "createNewStickerSet"
---| "addStickerToSet"
---| "replaceStickerInSet"
---| "setStickerSetTitle"
---| "setStickerSetThumbnail"
---| "setStickerSetThumb"
---| "setCustomEmojiStickerSetThumbnail"
---| "deleteStickerSet"
---| "setStickerPositionInSet"
---| "deleteStickerFromSet"
---| "setStickerEmojiList"
---| "setStickerKeywords"
---| "setStickerMaskPosition"
---| "setPassportDataErrors"
---| "sendCustomRequest"
---| "answerCustomQuery"
---| "getFile"
---| "sendRichMessage"
---| "sendRichMessageDraft"
---| "answerChatJoinRequestQuery"
---| "sendChatJoinRequestWebApp"

---Parameters of getUpdates.
---@class botapi.GetUpdates
---@field offset? integer
---@field limit? integer
---@field timeout? integer
---@field allowed_updates? string[]|string

---Parameters of getMyCommands.
---@class botapi.GetMyCommands
---@field scope? table|string
---@field language_code? string

---Parameters of setMyCommands.
---@class botapi.SetMyCommands
---@field commands table[]|string
---@field scope? table|string
---@field language_code? string

---Parameters of deleteMyCommands.
---@class botapi.DeleteMyCommands
---@field scope? table|string
---@field language_code? string

---Parameters of getMyDefaultAdministratorRights.
---@class botapi.GetMyDefaultAdministratorRights
---@field for_channels? boolean

---Parameters of setMyDefaultAdministratorRights.
---@class botapi.SetMyDefaultAdministratorRights
---@field for_channels? boolean
---@field rights? table|string

---Parameters of getMyName.
---@class botapi.GetMyName
---@field language_code? string

---Parameters of setMyName.
---@class botapi.SetMyName
---@field language_code? string
---@field name? string

---Parameters of setMyProfilePhoto.
---@class botapi.SetMyProfilePhoto
---@field photo table|string

---Parameters of getMyDescription.
---@class botapi.GetMyDescription
---@field language_code? string

---Parameters of setMyDescription.
---@class botapi.SetMyDescription
---@field language_code? string
---@field description? string

---Parameters of getMyShortDescription.
---@class botapi.GetMyShortDescription
---@field language_code? string

---Parameters of setMyShortDescription.
---@class botapi.SetMyShortDescription
---@field language_code? string
---@field short_description? string

---Parameters of getChatMenuButton.
---@class botapi.GetChatMenuButton
---@field chat_id? integer

---Parameters of setChatMenuButton.
---@class botapi.SetChatMenuButton
---@field menu_button? table|string
---@field chat_id? integer

---Parameters of getUserProfilePhotos.
---@class botapi.GetUserProfilePhotos
---@field user_id integer
---@field offset? integer
---@field limit? integer

---Parameters of getUserProfileAudios.
---@class botapi.GetUserProfileAudios
---@field user_id integer
---@field offset? integer
---@field limit? integer

---Parameters of sendMessage.
---@class botapi.SendMessage
---@field text string
---@field chat_id integer|string
---@field link_preview_options? table|string
---@field parse_mode? string
---@field entities? table[]|string
---@field reply_parameters? table|string
---@field suggested_post_parameters? table|string
---@field reply_markup? table|string
---@field business_connection_id? string
---@field message_thread_id? integer
---@field direct_messages_topic_id? integer
---@field disable_notification? boolean
---@field protect_content? boolean
---@field allow_paid_broadcast? boolean
---@field message_effect_id? string

---Parameters of sendAnimation.
---@class botapi.SendAnimation
---@field animation botapi.InputFile|string
---@field chat_id integer|string
---@field thumbnail? botapi.InputFile|string
---@field duration? integer
---@field width? integer
---@field height? integer
---@field caption? string
---@field parse_mode? string
---@field caption_entities? table[]|string
---@field show_caption_above_media? boolean
---@field has_spoiler? boolean
---@field reply_parameters? table|string
---@field suggested_post_parameters? table|string
---@field reply_markup? table|string
---@field business_connection_id? string
---@field message_thread_id? integer
---@field direct_messages_topic_id? integer
---@field disable_notification? boolean
---@field protect_content? boolean
---@field allow_paid_broadcast? boolean
---@field message_effect_id? string

---Parameters of sendAudio.
---@class botapi.SendAudio
---@field audio botapi.InputFile|string
---@field chat_id integer|string
---@field thumbnail? botapi.InputFile|string
---@field duration? integer
---@field title? string
---@field performer? string
---@field caption? string
---@field parse_mode? string
---@field caption_entities? table[]|string
---@field reply_parameters? table|string
---@field suggested_post_parameters? table|string
---@field reply_markup? table|string
---@field business_connection_id? string
---@field message_thread_id? integer
---@field direct_messages_topic_id? integer
---@field disable_notification? boolean
---@field protect_content? boolean
---@field allow_paid_broadcast? boolean
---@field message_effect_id? string

---Parameters of sendDice.
---@class botapi.SendDice
---@field chat_id integer|string
---@field emoji? string
---@field reply_parameters? table|string
---@field suggested_post_parameters? table|string
---@field reply_markup? table|string
---@field business_connection_id? string
---@field message_thread_id? integer
---@field direct_messages_topic_id? integer
---@field disable_notification? boolean
---@field protect_content? boolean
---@field allow_paid_broadcast? boolean
---@field message_effect_id? string

---Parameters of sendDocument.
---@class botapi.SendDocument
---@field document botapi.InputFile|string
---@field chat_id integer|string
---@field thumbnail? botapi.InputFile|string
---@field caption? string
---@field parse_mode? string
---@field caption_entities? table[]|string
---@field disable_content_type_detection? boolean
---@field reply_parameters? table|string
---@field suggested_post_parameters? table|string
---@field reply_markup? table|string
---@field business_connection_id? string
---@field message_thread_id? integer
---@field direct_messages_topic_id? integer
---@field disable_notification? boolean
---@field protect_content? boolean
---@field allow_paid_broadcast? boolean
---@field message_effect_id? string

---Parameters of sendLivePhoto.
---@class botapi.SendLivePhoto
---@field live_photo botapi.InputFile|string
---@field photo botapi.InputFile|string
---@field chat_id integer|string
---@field caption? string
---@field parse_mode? string
---@field caption_entities? table[]|string
---@field show_caption_above_media? boolean
---@field has_spoiler? boolean
---@field reply_parameters? table|string
---@field suggested_post_parameters? table|string
---@field reply_markup? table|string
---@field business_connection_id? string
---@field message_thread_id? integer
---@field direct_messages_topic_id? integer
---@field disable_notification? boolean
---@field protect_content? boolean
---@field allow_paid_broadcast? boolean
---@field message_effect_id? string

---Parameters of sendPhoto.
---@class botapi.SendPhoto
---@field photo botapi.InputFile|string
---@field chat_id integer|string
---@field caption? string
---@field parse_mode? string
---@field caption_entities? table[]|string
---@field show_caption_above_media? boolean
---@field has_spoiler? boolean
---@field reply_parameters? table|string
---@field suggested_post_parameters? table|string
---@field reply_markup? table|string
---@field business_connection_id? string
---@field message_thread_id? integer
---@field direct_messages_topic_id? integer
---@field disable_notification? boolean
---@field protect_content? boolean
---@field allow_paid_broadcast? boolean
---@field message_effect_id? string

---Parameters of sendSticker.
---@class botapi.SendSticker
---@field sticker botapi.InputFile|string
---@field chat_id integer|string
---@field emoji? string
---@field reply_parameters? table|string
---@field suggested_post_parameters? table|string
---@field reply_markup? table|string
---@field business_connection_id? string
---@field message_thread_id? integer
---@field direct_messages_topic_id? integer
---@field disable_notification? boolean
---@field protect_content? boolean
---@field allow_paid_broadcast? boolean
---@field message_effect_id? string

---Parameters of sendVideo.
---@class botapi.SendVideo
---@field video botapi.InputFile|string
---@field chat_id integer|string
---@field thumbnail? botapi.InputFile|string
---@field duration? integer
---@field width? integer
---@field height? integer
---@field cover? botapi.InputFile|string
---@field start_timestamp? integer
---@field supports_streaming? boolean
---@field caption? string
---@field parse_mode? string
---@field caption_entities? table[]|string
---@field show_caption_above_media? boolean
---@field has_spoiler? boolean
---@field reply_parameters? table|string
---@field suggested_post_parameters? table|string
---@field reply_markup? table|string
---@field business_connection_id? string
---@field message_thread_id? integer
---@field direct_messages_topic_id? integer
---@field disable_notification? boolean
---@field protect_content? boolean
---@field allow_paid_broadcast? boolean
---@field message_effect_id? string

---Parameters of sendVideoNote.
---@class botapi.SendVideoNote
---@field video_note botapi.InputFile|string
---@field chat_id integer|string
---@field thumbnail? botapi.InputFile|string
---@field duration? integer
---@field length? integer
---@field reply_parameters? table|string
---@field suggested_post_parameters? table|string
---@field reply_markup? table|string
---@field business_connection_id? string
---@field message_thread_id? integer
---@field direct_messages_topic_id? integer
---@field disable_notification? boolean
---@field protect_content? boolean
---@field allow_paid_broadcast? boolean
---@field message_effect_id? string

---Parameters of sendVoice.
---@class botapi.SendVoice
---@field voice botapi.InputFile|string
---@field chat_id integer|string
---@field duration? integer
---@field caption? string
---@field parse_mode? string
---@field caption_entities? table[]|string
---@field reply_parameters? table|string
---@field suggested_post_parameters? table|string
---@field reply_markup? table|string
---@field business_connection_id? string
---@field message_thread_id? integer
---@field direct_messages_topic_id? integer
---@field disable_notification? boolean
---@field protect_content? boolean
---@field allow_paid_broadcast? boolean
---@field message_effect_id? string

---Parameters of sendPaidMedia.
---@class botapi.SendPaidMedia
---@field star_count integer
---@field media table[]|string
---@field chat_id integer|string
---@field caption? string
---@field parse_mode? string
---@field caption_entities? table[]|string
---@field payload? string
---@field show_caption_above_media? boolean
---@field reply_parameters? table|string
---@field suggested_post_parameters? table|string
---@field reply_markup? table|string
---@field business_connection_id? string
---@field message_thread_id? integer
---@field direct_messages_topic_id? integer
---@field disable_notification? boolean
---@field protect_content? boolean
---@field allow_paid_broadcast? boolean

---Parameters of sendGame.
---@class botapi.SendGame
---@field game_short_name string
---@field chat_id integer|string
---@field reply_parameters? table|string
---@field reply_markup? table|string
---@field business_connection_id? string
---@field message_thread_id? integer
---@field disable_notification? boolean
---@field protect_content? boolean
---@field allow_paid_broadcast? boolean
---@field message_effect_id? string

---Parameters of sendInvoice.
---@class botapi.SendInvoice
---@field title string
---@field description string
---@field payload string
---@field currency string
---@field prices table[]|string
---@field chat_id integer|string
---@field provider_token? string
---@field provider_data? string
---@field max_tip_amount? integer
---@field suggested_tip_amounts? integer[]|string
---@field photo_url? string
---@field photo_size? integer
---@field photo_width? integer
---@field photo_height? integer
---@field need_name? boolean
---@field need_phone_number? boolean
---@field need_email? boolean
---@field need_shipping_address? boolean
---@field send_phone_number_to_provider? boolean
---@field send_email_to_provider? boolean
---@field is_flexible? boolean
---@field start_parameter? string
---@field reply_parameters? table|string
---@field suggested_post_parameters? table|string
---@field reply_markup? table|string
---@field message_thread_id? integer
---@field direct_messages_topic_id? integer
---@field disable_notification? boolean
---@field protect_content? boolean
---@field allow_paid_broadcast? boolean
---@field message_effect_id? string

---Parameters of sendLocation.
---@class botapi.SendLocation
---@field latitude number
---@field longitude number
---@field chat_id integer|string
---@field horizontal_accuracy? number
---@field live_period? integer
---@field heading? integer
---@field proximity_alert_radius? integer
---@field reply_parameters? table|string
---@field suggested_post_parameters? table|string
---@field reply_markup? table|string
---@field business_connection_id? string
---@field message_thread_id? integer
---@field direct_messages_topic_id? integer
---@field disable_notification? boolean
---@field protect_content? boolean
---@field allow_paid_broadcast? boolean
---@field message_effect_id? string

---Parameters of sendVenue.
---@class botapi.SendVenue
---@field latitude number
---@field longitude number
---@field title string
---@field address string
---@field chat_id integer|string
---@field google_place_id? string
---@field google_place_type? string
---@field foursquare_id? string
---@field foursquare_type? string
---@field reply_parameters? table|string
---@field suggested_post_parameters? table|string
---@field reply_markup? table|string
---@field business_connection_id? string
---@field message_thread_id? integer
---@field direct_messages_topic_id? integer
---@field disable_notification? boolean
---@field protect_content? boolean
---@field allow_paid_broadcast? boolean
---@field message_effect_id? string

---Parameters of sendContact.
---@class botapi.SendContact
---@field phone_number string
---@field first_name string
---@field chat_id integer|string
---@field last_name? string
---@field vcard? string
---@field reply_parameters? table|string
---@field suggested_post_parameters? table|string
---@field reply_markup? table|string
---@field business_connection_id? string
---@field message_thread_id? integer
---@field direct_messages_topic_id? integer
---@field disable_notification? boolean
---@field protect_content? boolean
---@field allow_paid_broadcast? boolean
---@field message_effect_id? string

---Parameters of sendPoll.
---@class botapi.SendPoll
---@field question string
---@field options table[]|string
---@field chat_id integer|string
---@field question_parse_mode? string
---@field question_entities? table[]|string
---@field description? string
---@field description_parse_mode? string
---@field description_entities? table[]|string
---@field is_anonymous? boolean
---@field allows_multiple_answers? boolean
---@field type? string
---@field explanation? string
---@field explanation_parse_mode? string
---@field explanation_entities? table[]|string
---@field explanation_media? table|string
---@field correct_option_ids? integer[]|string
---@field allow_adding_options? boolean
---@field allows_revoting? boolean
---@field open_period? integer
---@field close_date? integer
---@field is_closed? boolean
---@field shuffle_options? boolean
---@field hide_results_until_closes? boolean
---@field members_only? boolean
---@field country_codes? string[]|string
---@field media? table|string
---@field reply_parameters? table|string
---@field reply_markup? table|string
---@field business_connection_id? string
---@field message_thread_id? integer
---@field disable_notification? boolean
---@field protect_content? boolean
---@field allow_paid_broadcast? boolean
---@field message_effect_id? string

---Parameters of stopPoll.
---@class botapi.StopPoll
---@field chat_id integer|string
---@field message_id integer
---@field reply_markup? table|string
---@field business_connection_id? string

---Parameters of sendChecklist.
---@class botapi.SendChecklist
---@field checklist table|string
---@field business_connection_id string
---@field chat_id integer|string
---@field reply_parameters? table|string
---@field reply_markup? table|string
---@field disable_notification? boolean
---@field protect_content? boolean
---@field message_effect_id? string

---Parameters of copyMessage.
---@class botapi.CopyMessage
---@field from_chat_id integer|string
---@field message_id integer
---@field chat_id integer|string
---@field caption? string
---@field parse_mode? string
---@field caption_entities? table[]|string
---@field show_caption_above_media? boolean
---@field video_start_timestamp? integer
---@field reply_parameters? table|string
---@field suggested_post_parameters? table|string
---@field reply_markup? table|string
---@field message_thread_id? integer
---@field direct_messages_topic_id? integer
---@field disable_notification? boolean
---@field protect_content? boolean
---@field allow_paid_broadcast? boolean
---@field message_effect_id? string

---Parameters of copyMessages.
---@class botapi.CopyMessages
---@field from_chat_id integer|string
---@field message_ids integer[]|string
---@field chat_id integer|string
---@field message_thread_id? integer
---@field disable_notification? boolean
---@field protect_content? boolean
---@field direct_messages_topic_id? integer
---@field remove_caption? boolean

---Parameters of forwardMessage.
---@class botapi.ForwardMessage
---@field from_chat_id integer|string
---@field message_id integer
---@field chat_id integer|string
---@field video_start_timestamp? integer
---@field suggested_post_parameters? table|string
---@field message_thread_id? integer
---@field direct_messages_topic_id? integer
---@field disable_notification? boolean
---@field protect_content? boolean
---@field message_effect_id? string

---Parameters of forwardMessages.
---@class botapi.ForwardMessages
---@field from_chat_id integer|string
---@field message_ids integer[]|string
---@field chat_id integer|string
---@field message_thread_id? integer
---@field disable_notification? boolean
---@field protect_content? boolean
---@field direct_messages_topic_id? integer

---Parameters of sendMediaGroup.
---@class botapi.SendMediaGroup
---@field media table[]|string
---@field chat_id integer|string
---@field reply_parameters? table|string
---@field business_connection_id? string
---@field message_thread_id? integer
---@field direct_messages_topic_id? integer
---@field disable_notification? boolean
---@field protect_content? boolean
---@field allow_paid_broadcast? boolean
---@field message_effect_id? string

---Parameters of sendChatAction.
---@class botapi.SendChatAction
---@field action string
---@field chat_id integer|string
---@field message_thread_id? integer
---@field business_connection_id? string

---Parameters of sendMessageDraft.
---@class botapi.SendMessageDraft
---@field draft_id integer
---@field chat_id integer|string
---@field text? string
---@field parse_mode? string
---@field entities? table[]|string
---@field message_thread_id? integer

---Parameters of setMessageReaction.
---@class botapi.SetMessageReaction
---@field chat_id integer|string
---@field message_id integer
---@field is_big? boolean
---@field reaction? table[]|string

---Parameters of editMessageText.
---@class botapi.EditMessageText
---@field link_preview_options? table|string
---@field text? string
---@field parse_mode? string
---@field entities? table[]|string
---@field reply_markup? table|string
---@field business_connection_id? string
---@field chat_id? integer|string
---@field message_id? integer
---@field inline_message_id? string
---@field rich_message? table|string

---Parameters of editMessageLiveLocation.
---@class botapi.EditMessageLiveLocation
---@field latitude number
---@field longitude number
---@field horizontal_accuracy? number
---@field live_period? integer
---@field heading? integer
---@field proximity_alert_radius? integer
---@field reply_markup? table|string
---@field business_connection_id? string
---@field chat_id? integer|string
---@field message_id? integer
---@field inline_message_id? string

---Parameters of stopMessageLiveLocation.
---@class botapi.StopMessageLiveLocation
---@field reply_markup? table|string
---@field business_connection_id? string
---@field chat_id? integer|string
---@field message_id? integer
---@field inline_message_id? string

---Parameters of editMessageMedia.
---@class botapi.EditMessageMedia
---@field media table|string
---@field reply_markup? table|string
---@field business_connection_id? string
---@field chat_id? integer|string
---@field message_id? integer
---@field inline_message_id? string

---Parameters of editMessageCaption.
---@class botapi.EditMessageCaption
---@field reply_markup? table|string
---@field caption? string
---@field parse_mode? string
---@field caption_entities? table[]|string
---@field show_caption_above_media? boolean
---@field business_connection_id? string
---@field chat_id? integer|string
---@field message_id? integer
---@field inline_message_id? string

---Parameters of editMessageChecklist.
---@class botapi.EditMessageChecklist
---@field checklist table|string
---@field business_connection_id string
---@field chat_id integer|string
---@field message_id integer
---@field reply_markup? table|string

---Parameters of editMessageReplyMarkup.
---@class botapi.EditMessageReplyMarkup
---@field reply_markup? table|string
---@field business_connection_id? string
---@field chat_id? integer|string
---@field message_id? integer
---@field inline_message_id? string

---Parameters of deleteMessage.
---@class botapi.DeleteMessage
---@field chat_id integer|string
---@field message_id integer

---Parameters of deleteMessages.
---@class botapi.DeleteMessages
---@field message_ids integer[]|string
---@field chat_id integer|string

---Parameters of deleteMessageReaction.
---@class botapi.DeleteMessageReaction
---@field chat_id integer|string
---@field message_id integer
---@field user_id? integer
---@field actor_chat_id? integer

---Parameters of deleteAllMessageReactions.
---@class botapi.DeleteAllMessageReactions
---@field chat_id integer|string
---@field user_id? integer
---@field actor_chat_id? integer

---Parameters of postStory.
---@class botapi.PostStory
---@field content table|string
---@field business_connection_id string
---@field active_period integer
---@field areas? table[]|string
---@field caption? string
---@field parse_mode? string
---@field caption_entities? table[]|string
---@field post_to_chat_page? boolean
---@field protect_content? boolean

---Parameters of repostStory.
---@class botapi.RepostStory
---@field from_chat_id integer|string
---@field business_connection_id string
---@field from_story_id integer
---@field active_period integer
---@field post_to_chat_page? boolean
---@field protect_content? boolean

---Parameters of editStory.
---@class botapi.EditStory
---@field content table|string
---@field business_connection_id string
---@field story_id integer
---@field areas? table[]|string
---@field caption? string
---@field parse_mode? string
---@field caption_entities? table[]|string

---Parameters of deleteStory.
---@class botapi.DeleteStory
---@field business_connection_id string
---@field story_id integer

---Parameters of createInvoiceLink.
---@class botapi.CreateInvoiceLink
---@field title string
---@field description string
---@field payload string
---@field currency string
---@field prices table[]|string
---@field provider_token? string
---@field provider_data? string
---@field max_tip_amount? integer
---@field suggested_tip_amounts? integer[]|string
---@field photo_url? string
---@field photo_size? integer
---@field photo_width? integer
---@field photo_height? integer
---@field need_name? boolean
---@field need_phone_number? boolean
---@field need_email? boolean
---@field need_shipping_address? boolean
---@field send_phone_number_to_provider? boolean
---@field send_email_to_provider? boolean
---@field is_flexible? boolean
---@field subscription_period? integer
---@field business_connection_id? string

---Parameters of getStarTransactions.
---@class botapi.GetStarTransactions
---@field offset? integer
---@field limit? integer

---Parameters of refundStarPayment.
---@class botapi.RefundStarPayment
---@field user_id integer
---@field telegram_payment_charge_id string

---Parameters of editUserStarSubscription.
---@class botapi.EditUserStarSubscription
---@field user_id integer
---@field telegram_payment_charge_id string
---@field is_canceled boolean

---Parameters of sendGift.
---@class botapi.SendGift
---@field gift_id string
---@field pay_for_upgrade? boolean
---@field text? string
---@field text_parse_mode? string
---@field text_entities? table[]|string
---@field chat_id? integer|string
---@field user_id? integer

---Parameters of giftPremiumSubscription.
---@class botapi.GiftPremiumSubscription
---@field user_id integer
---@field month_count integer
---@field star_count integer
---@field text? string
---@field text_parse_mode? string
---@field text_entities? table[]|string

---Parameters of getManagedBotToken.
---@class botapi.GetManagedBotToken
---@field user_id integer

---Parameters of getManagedBotAccessSettings.
---@class botapi.GetManagedBotAccessSettings
---@field user_id integer

---Parameters of setManagedBotAccessSettings.
---@class botapi.SetManagedBotAccessSettings
---@field user_id integer
---@field is_access_restricted boolean
---@field added_user_ids? integer[]|string

---Parameters of replaceManagedBotToken.
---@class botapi.ReplaceManagedBotToken
---@field user_id integer

---Parameters of verifyUser.
---@class botapi.VerifyUser
---@field user_id integer
---@field custom_description? string

---Parameters of verifyChat.
---@class botapi.VerifyChat
---@field chat_id integer|string
---@field custom_description? string

---Parameters of removeUserVerification.
---@class botapi.RemoveUserVerification
---@field user_id integer

---Parameters of removeChatVerification.
---@class botapi.RemoveChatVerification
---@field chat_id integer|string

---Parameters of setGameScore.
---@class botapi.SetGameScore
---@field user_id integer
---@field score integer
---@field force? boolean
---@field disable_edit_message? boolean
---@field chat_id? integer|string
---@field message_id? integer
---@field inline_message_id? string

---Parameters of getGameHighScores.
---@class botapi.GetGameHighScores
---@field user_id integer
---@field chat_id? integer|string
---@field message_id? integer
---@field inline_message_id? string

---Parameters of answerWebAppQuery.
---@class botapi.AnswerWebAppQuery
---@field web_app_query_id string
---@field result table|string

---Parameters of answerGuestQuery.
---@class botapi.AnswerGuestQuery
---@field guest_query_id string
---@field result table|string

---Parameters of answerInlineQuery.
---@class botapi.AnswerInlineQuery
---@field results table[]|string
---@field inline_query_id string
---@field is_personal? boolean
---@field cache_time? integer
---@field next_offset? string
---@field button? table|string

---Parameters of savePreparedInlineMessage.
---@class botapi.SavePreparedInlineMessage
---@field user_id integer
---@field result table|string
---@field allow_user_chats? boolean
---@field allow_bot_chats? boolean
---@field allow_group_chats? boolean
---@field allow_channel_chats? boolean

---Parameters of savePreparedKeyboardButton.
---@class botapi.SavePreparedKeyboardButton
---@field user_id integer
---@field button table|string

---Parameters of answerCallbackQuery.
---@class botapi.AnswerCallbackQuery
---@field callback_query_id string
---@field text? string
---@field show_alert? boolean
---@field url? string
---@field cache_time? integer

---Parameters of answerShippingQuery.
---@class botapi.AnswerShippingQuery
---@field ok boolean
---@field shipping_query_id string
---@field shipping_options? table[]|string
---@field error_message? string

---Parameters of answerPreCheckoutQuery.
---@class botapi.AnswerPreCheckoutQuery
---@field ok boolean
---@field pre_checkout_query_id string
---@field error_message? string

---Parameters of exportChatInviteLink.
---@class botapi.ExportChatInviteLink
---@field chat_id integer|string

---Parameters of createChatInviteLink.
---@class botapi.CreateChatInviteLink
---@field chat_id integer|string
---@field name? string
---@field expire_date? integer
---@field member_limit? integer
---@field creates_join_request? boolean

---Parameters of createChatSubscriptionInviteLink.
---@class botapi.CreateChatSubscriptionInviteLink
---@field subscription_period integer
---@field subscription_price integer
---@field chat_id integer|string
---@field name? string

---Parameters of editChatInviteLink.
---@class botapi.EditChatInviteLink
---@field invite_link string
---@field chat_id integer|string
---@field name? string
---@field expire_date? integer
---@field member_limit? integer
---@field creates_join_request? boolean

---Parameters of editChatSubscriptionInviteLink.
---@class botapi.EditChatSubscriptionInviteLink
---@field invite_link string
---@field chat_id integer|string
---@field name? string

---Parameters of revokeChatInviteLink.
---@class botapi.RevokeChatInviteLink
---@field invite_link string
---@field chat_id integer|string

---Parameters of getBusinessConnection.
---@class botapi.GetBusinessConnection
---@field business_connection_id string

---Parameters of readBusinessMessage.
---@class botapi.ReadBusinessMessage
---@field chat_id integer
---@field business_connection_id string
---@field message_id integer

---Parameters of deleteBusinessMessages.
---@class botapi.DeleteBusinessMessages
---@field message_ids integer[]|string
---@field business_connection_id string

---Parameters of setBusinessAccountName.
---@class botapi.SetBusinessAccountName
---@field first_name string
---@field business_connection_id string
---@field last_name? string

---Parameters of setBusinessAccountUsername.
---@class botapi.SetBusinessAccountUsername
---@field business_connection_id string
---@field username? string

---Parameters of setBusinessAccountBio.
---@class botapi.SetBusinessAccountBio
---@field business_connection_id string
---@field bio? string

---Parameters of setBusinessAccountProfilePhoto.
---@class botapi.SetBusinessAccountProfilePhoto
---@field photo table|string
---@field business_connection_id string
---@field is_public? boolean

---Parameters of removeBusinessAccountProfilePhoto.
---@class botapi.RemoveBusinessAccountProfilePhoto
---@field business_connection_id string
---@field is_public? boolean

---Parameters of setBusinessAccountGiftSettings.
---@class botapi.SetBusinessAccountGiftSettings
---@field show_gift_button boolean
---@field accepted_gift_types table|string
---@field business_connection_id string

---Parameters of getBusinessAccountStarBalance.
---@class botapi.GetBusinessAccountStarBalance
---@field business_connection_id string

---Parameters of transferBusinessAccountStars.
---@class botapi.TransferBusinessAccountStars
---@field star_count integer
---@field business_connection_id string

---Parameters of getBusinessAccountGifts.
---@class botapi.GetBusinessAccountGifts
---@field business_connection_id string
---@field exclude_unsaved? boolean
---@field exclude_saved? boolean
---@field exclude_unlimited? boolean
---@field exclude_limited_upgradable? boolean
---@field exclude_limited_non_upgradable? boolean
---@field exclude_unique? boolean
---@field exclude_from_blockchain? boolean
---@field sort_by_price? boolean
---@field offset? string
---@field limit? integer

---Parameters of getUserGifts.
---@class botapi.GetUserGifts
---@field user_id integer
---@field exclude_unlimited? boolean
---@field exclude_limited_upgradable? boolean
---@field exclude_limited_non_upgradable? boolean
---@field exclude_unique? boolean
---@field exclude_from_blockchain? boolean
---@field sort_by_price? boolean
---@field offset? string
---@field limit? integer

---Parameters of getChatGifts.
---@class botapi.GetChatGifts
---@field chat_id integer|string
---@field exclude_unsaved? boolean
---@field exclude_saved? boolean
---@field exclude_unlimited? boolean
---@field exclude_limited_upgradable? boolean
---@field exclude_limited_non_upgradable? boolean
---@field exclude_unique? boolean
---@field exclude_from_blockchain? boolean
---@field sort_by_price? boolean
---@field offset? string
---@field limit? integer

---Parameters of convertGiftToStars.
---@class botapi.ConvertGiftToStars
---@field owned_gift_id string
---@field business_connection_id string

---Parameters of upgradeGift.
---@class botapi.UpgradeGift
---@field owned_gift_id string
---@field business_connection_id string
---@field keep_original_details? boolean
---@field star_count? integer

---Parameters of transferGift.
---@class botapi.TransferGift
---@field owned_gift_id string
---@field new_owner_chat_id integer
---@field business_connection_id string
---@field star_count? integer

---Parameters of setUserEmojiStatus.
---@class botapi.SetUserEmojiStatus
---@field user_id integer
---@field emoji_status_custom_emoji_id? string
---@field emoji_status_expiration_date? integer

---Parameters of getChat.
---@class botapi.GetChat
---@field chat_id integer|string

---Parameters of getUserPersonalChatMessages.
---@class botapi.GetUserPersonalChatMessages
---@field user_id integer
---@field limit integer

---Parameters of setChatPhoto.
---@class botapi.SetChatPhoto
---@field photo botapi.InputFile|string
---@field chat_id integer|string

---Parameters of deleteChatPhoto.
---@class botapi.DeleteChatPhoto
---@field chat_id integer|string

---Parameters of setChatTitle.
---@class botapi.SetChatTitle
---@field title string
---@field chat_id integer|string

---Parameters of setChatPermissions.
---@class botapi.SetChatPermissions
---@field permissions table|string
---@field chat_id integer|string
---@field use_independent_chat_permissions? boolean

---Parameters of setChatDescription.
---@class botapi.SetChatDescription
---@field chat_id integer|string
---@field description? string

---Parameters of pinChatMessage.
---@class botapi.PinChatMessage
---@field chat_id integer|string
---@field message_id integer
---@field disable_notification? boolean
---@field business_connection_id? string

---Parameters of unpinChatMessage.
---@class botapi.UnpinChatMessage
---@field chat_id integer|string
---@field business_connection_id? string
---@field message_id? integer

---Parameters of unpinAllChatMessages.
---@class botapi.UnpinAllChatMessages
---@field chat_id integer|string

---Parameters of approveSuggestedPost.
---@class botapi.ApproveSuggestedPost
---@field chat_id integer|string
---@field message_id integer
---@field send_date? integer

---Parameters of declineSuggestedPost.
---@class botapi.DeclineSuggestedPost
---@field chat_id integer|string
---@field message_id integer
---@field comment? string

---Parameters of setChatStickerSet.
---@class botapi.SetChatStickerSet
---@field sticker_set_name string
---@field chat_id integer|string

---Parameters of deleteChatStickerSet.
---@class botapi.DeleteChatStickerSet
---@field chat_id integer|string

---Parameters of createForumTopic.
---@class botapi.CreateForumTopic
---@field name string
---@field chat_id integer|string
---@field icon_color? integer
---@field icon_custom_emoji_id? string

---Parameters of editForumTopic.
---@class botapi.EditForumTopic
---@field message_thread_id integer
---@field chat_id integer|string
---@field name? string
---@field icon_custom_emoji_id? string

---Parameters of closeForumTopic.
---@class botapi.CloseForumTopic
---@field message_thread_id integer
---@field chat_id integer|string

---Parameters of reopenForumTopic.
---@class botapi.ReopenForumTopic
---@field message_thread_id integer
---@field chat_id integer|string

---Parameters of deleteForumTopic.
---@class botapi.DeleteForumTopic
---@field message_thread_id integer
---@field chat_id integer|string

---Parameters of unpinAllForumTopicMessages.
---@class botapi.UnpinAllForumTopicMessages
---@field message_thread_id integer
---@field chat_id integer|string

---Parameters of editGeneralForumTopic.
---@class botapi.EditGeneralForumTopic
---@field name string
---@field chat_id integer|string

---Parameters of closeGeneralForumTopic.
---@class botapi.CloseGeneralForumTopic
---@field chat_id integer|string

---Parameters of reopenGeneralForumTopic.
---@class botapi.ReopenGeneralForumTopic
---@field chat_id integer|string

---Parameters of hideGeneralForumTopic.
---@class botapi.HideGeneralForumTopic
---@field chat_id integer|string

---Parameters of unhideGeneralForumTopic.
---@class botapi.UnhideGeneralForumTopic
---@field chat_id integer|string

---Parameters of unpinAllGeneralForumTopicMessages.
---@class botapi.UnpinAllGeneralForumTopicMessages
---@field chat_id integer|string

---Parameters of getChatMember.
---@class botapi.GetChatMember
---@field user_id integer
---@field chat_id integer|string

---Parameters of getChatAdministrators.
---@class botapi.GetChatAdministrators
---@field chat_id integer|string
---@field return_bots? boolean

---Parameters of getChatMemberCount.
---@class botapi.GetChatMemberCount
---@field chat_id integer|string

---Parameters of leaveChat.
---@class botapi.LeaveChat
---@field chat_id integer|string

---Parameters of promoteChatMember.
---@class botapi.PromoteChatMember
---@field user_id integer
---@field chat_id integer|string
---@field can_manage_chat? boolean
---@field can_change_info? boolean
---@field can_post_messages? boolean
---@field can_edit_messages? boolean
---@field can_delete_messages? boolean
---@field can_invite_users? boolean
---@field can_restrict_members? boolean
---@field can_pin_messages? boolean
---@field can_manage_topics? boolean
---@field can_promote_members? boolean
---@field can_manage_video_chats? boolean
---@field can_post_stories? boolean
---@field can_edit_stories? boolean
---@field can_delete_stories? boolean
---@field can_manage_direct_messages? boolean
---@field can_manage_tags? boolean
---@field is_anonymous? boolean

---Parameters of setChatAdministratorCustomTitle.
---@class botapi.SetChatAdministratorCustomTitle
---@field user_id integer
---@field custom_title string
---@field chat_id integer|string

---Parameters of setChatMemberTag.
---@class botapi.SetChatMemberTag
---@field user_id integer
---@field chat_id integer|string
---@field tag? string

---Parameters of banChatMember.
---@class botapi.BanChatMember
---@field user_id integer
---@field chat_id integer|string
---@field until_date? integer
---@field revoke_messages? boolean

---Parameters of restrictChatMember.
---@class botapi.RestrictChatMember
---@field user_id integer
---@field permissions table|string
---@field chat_id integer|string
---@field use_independent_chat_permissions? boolean
---@field until_date? integer

---Parameters of unbanChatMember.
---@class botapi.UnbanChatMember
---@field user_id integer
---@field chat_id integer|string
---@field only_if_banned? boolean

---Parameters of banChatSenderChat.
---@class botapi.BanChatSenderChat
---@field chat_id integer|string
---@field sender_chat_id integer|string

---Parameters of unbanChatSenderChat.
---@class botapi.UnbanChatSenderChat
---@field chat_id integer|string
---@field sender_chat_id integer|string

---Parameters of approveChatJoinRequest.
---@class botapi.ApproveChatJoinRequest
---@field user_id integer
---@field chat_id integer|string

---Parameters of declineChatJoinRequest.
---@class botapi.DeclineChatJoinRequest
---@field user_id integer
---@field chat_id integer|string

---Parameters of getUserChatBoosts.
---@class botapi.GetUserChatBoosts
---@field user_id integer
---@field chat_id integer|string

---Parameters of getStickerSet.
---@class botapi.GetStickerSet
---@field name string

---Parameters of getCustomEmojiStickers.
---@class botapi.GetCustomEmojiStickers
---@field custom_emoji_ids string[]|string

---Parameters of uploadStickerFile.
---@class botapi.UploadStickerFile
---@field user_id integer
---@field sticker_format string
---@field sticker botapi.InputFile|string

---Parameters of createNewStickerSet.
---@class botapi.CreateNewStickerSet
---@field user_id integer
---@field name string
---@field title string
---@field stickers table[]|string
---@field sticker_type? string
---@field needs_repainting? boolean

---Parameters of addStickerToSet.
---@class botapi.AddStickerToSet
---@field user_id integer
---@field name string
---@field sticker table|string

---Parameters of replaceStickerInSet.
---@class botapi.ReplaceStickerInSet
---@field user_id integer
---@field name string
---@field old_sticker string
---@field sticker table|string

---Parameters of setStickerSetTitle.
---@class botapi.SetStickerSetTitle
---@field name string
---@field title string

---Parameters of setStickerSetThumbnail.
---@class botapi.SetStickerSetThumbnail
---@field user_id integer
---@field name string
---@field format string
---@field thumbnail? botapi.InputFile|string

---Parameters of setCustomEmojiStickerSetThumbnail.
---@class botapi.SetCustomEmojiStickerSetThumbnail
---@field name string
---@field custom_emoji_id? string

---Parameters of deleteStickerSet.
---@class botapi.DeleteStickerSet
---@field name string

---Parameters of setStickerPositionInSet.
---@class botapi.SetStickerPositionInSet
---@field sticker string
---@field position integer

---Parameters of deleteStickerFromSet.
---@class botapi.DeleteStickerFromSet
---@field sticker string

---Parameters of setStickerEmojiList.
---@class botapi.SetStickerEmojiList
---@field sticker string
---@field emoji_list string[]|string

---Parameters of setStickerKeywords.
---@class botapi.SetStickerKeywords
---@field sticker string
---@field keywords? string[]|string

---Parameters of setStickerMaskPosition.
---@class botapi.SetStickerMaskPosition
---@field sticker string
---@field mask_position? table|string

---Parameters of setPassportDataErrors.
---@class botapi.SetPassportDataErrors
---@field user_id integer
---@field errors table[]|string

---Parameters of sendCustomRequest.
---@class botapi.SendCustomRequest
---@field method string
---@field parameters? string

---Parameters of answerCustomQuery.
---@class botapi.AnswerCustomQuery
---@field custom_query_id string
---@field data? string

---Parameters of getFile.
---@class botapi.GetFile
---@field file_id string

---Parameters of sendRichMessage.
---@class botapi.SendRichMessage
---@field rich_message table|string
---@field chat_id integer|string
---@field reply_parameters? table|string
---@field suggested_post_parameters? table|string
---@field reply_markup? table|string
---@field business_connection_id? string
---@field message_thread_id? integer
---@field direct_messages_topic_id? integer
---@field disable_notification? boolean
---@field protect_content? boolean
---@field allow_paid_broadcast? boolean
---@field message_effect_id? string

---Parameters of sendRichMessageDraft.
---@class botapi.SendRichMessageDraft
---@field chat_id integer|string
---@field draft_id integer
---@field rich_message table|string
---@field message_thread_id? integer

---Parameters of answerChatJoinRequestQuery.
---@class botapi.AnswerChatJoinRequestQuery
---@field chat_join_request_query_id string
---@field result string

---Parameters of sendChatJoinRequestWebApp.
---@class botapi.SendChatJoinRequestWebApp
---@field chat_join_request_query_id string
---@field web_app_url string

---@class botapi.Bot
local bot = {}
bot.getMe = bot.get_me
bot.logOut = bot.logout

---getUpdates. Its result: [Update].
---@param params? botapi.GetUpdates
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:get_updates(params, options) end

bot.getUpdates = bot.get_updates
bot.setWebhook = bot.set_webhook
bot.deleteWebhook = bot.delete_webhook
bot.getWebhookInfo = bot.get_webhook_info

---getMyCommands. Its result: [BotCommand].
---@param params? botapi.GetMyCommands
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:get_my_commands(params, options) end

bot.getMyCommands = bot.get_my_commands

---setMyCommands. Its result: true.
---@param params botapi.SetMyCommands
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:set_my_commands(params, options) end

bot.setMyCommands = bot.set_my_commands

---deleteMyCommands. Its result: true.
---@param params? botapi.DeleteMyCommands
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:delete_my_commands(params, options) end

bot.deleteMyCommands = bot.delete_my_commands

---getMyDefaultAdministratorRights. Its result: ChatAdministratorRights.
---@param params? botapi.GetMyDefaultAdministratorRights
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:get_my_default_administrator_rights(params, options) end

bot.getMyDefaultAdministratorRights = bot.get_my_default_administrator_rights

---setMyDefaultAdministratorRights. Its result: true.
---@param params? botapi.SetMyDefaultAdministratorRights
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:set_my_default_administrator_rights(params, options) end

bot.setMyDefaultAdministratorRights = bot.set_my_default_administrator_rights

---getMyName. Its result: BotName.
---@param params? botapi.GetMyName
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:get_my_name(params, options) end

bot.getMyName = bot.get_my_name

---setMyName. Its result: true.
---@param params? botapi.SetMyName
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:set_my_name(params, options) end

bot.setMyName = bot.set_my_name

---setMyProfilePhoto. Its result: true.
---@param params botapi.SetMyProfilePhoto
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:set_my_profile_photo(params, options) end

bot.setMyProfilePhoto = bot.set_my_profile_photo

---removeMyProfilePhoto. Its result: true.
---@param params? {} there are none
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:remove_my_profile_photo(params, options) end

bot.removeMyProfilePhoto = bot.remove_my_profile_photo

---getMyDescription. Its result: BotDescription.
---@param params? botapi.GetMyDescription
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:get_my_description(params, options) end

bot.getMyDescription = bot.get_my_description

---setMyDescription. Its result: true.
---@param params? botapi.SetMyDescription
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:set_my_description(params, options) end

bot.setMyDescription = bot.set_my_description

---getMyShortDescription. Its result: BotShortDescription.
---@param params? botapi.GetMyShortDescription
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:get_my_short_description(params, options) end

bot.getMyShortDescription = bot.get_my_short_description

---setMyShortDescription. Its result: true.
---@param params? botapi.SetMyShortDescription
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:set_my_short_description(params, options) end

bot.setMyShortDescription = bot.set_my_short_description

---getChatMenuButton. Its result: MenuButton.
---@param params? botapi.GetChatMenuButton
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:get_chat_menu_button(params, options) end

bot.getChatMenuButton = bot.get_chat_menu_button

---setChatMenuButton. Its result: true.
---@param params? botapi.SetChatMenuButton
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:set_chat_menu_button(params, options) end

bot.setChatMenuButton = bot.set_chat_menu_button

---getUserProfilePhotos. Its result: UserProfilePhotos.
---@param params botapi.GetUserProfilePhotos
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:get_user_profile_photos(params, options) end

bot.getUserProfilePhotos = bot.get_user_profile_photos

---getUserProfileAudios. Its result: UserProfileAudios.
---@param params botapi.GetUserProfileAudios
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:get_user_profile_audios(params, options) end

bot.getUserProfileAudios = bot.get_user_profile_audios

---sendMessage. Its result: Message.
---@param params botapi.SendMessage
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:send_message(params, options) end

bot.sendMessage = bot.send_message

---sendAnimation. Its result: Message.
---@param params botapi.SendAnimation
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:send_animation(params, options) end

bot.sendAnimation = bot.send_animation

---sendAudio. Its result: Message.
---@param params botapi.SendAudio
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:send_audio(params, options) end

bot.sendAudio = bot.send_audio

---sendDice. Its result: Message.
---@param params botapi.SendDice
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:send_dice(params, options) end

bot.sendDice = bot.send_dice

---sendDocument. Its result: Message.
---@param params botapi.SendDocument
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:send_document(params, options) end

bot.sendDocument = bot.send_document

---sendLivePhoto. Its result: Message.
---@param params botapi.SendLivePhoto
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:send_live_photo(params, options) end

bot.sendLivePhoto = bot.send_live_photo

---sendPhoto. Its result: Message.
---@param params botapi.SendPhoto
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:send_photo(params, options) end

bot.sendPhoto = bot.send_photo

---sendSticker. Its result: Message.
---@param params botapi.SendSticker
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:send_sticker(params, options) end

bot.sendSticker = bot.send_sticker

---sendVideo. Its result: Message.
---@param params botapi.SendVideo
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:send_video(params, options) end

bot.sendVideo = bot.send_video

---sendVideoNote. Its result: Message.
---@param params botapi.SendVideoNote
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:send_video_note(params, options) end

bot.sendVideoNote = bot.send_video_note

---sendVoice. Its result: Message.
---@param params botapi.SendVoice
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:send_voice(params, options) end

bot.sendVoice = bot.send_voice

---sendPaidMedia. Its result: Message.
---@param params botapi.SendPaidMedia
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:send_paid_media(params, options) end

bot.sendPaidMedia = bot.send_paid_media

---sendGame. Its result: Message.
---@param params botapi.SendGame
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:send_game(params, options) end

bot.sendGame = bot.send_game

---sendInvoice. Its result: Message.
---@param params botapi.SendInvoice
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:send_invoice(params, options) end

bot.sendInvoice = bot.send_invoice

---sendLocation. Its result: Message.
---@param params botapi.SendLocation
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:send_location(params, options) end

bot.sendLocation = bot.send_location

---sendVenue. Its result: Message.
---@param params botapi.SendVenue
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:send_venue(params, options) end

bot.sendVenue = bot.send_venue

---sendContact. Its result: Message.
---@param params botapi.SendContact
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:send_contact(params, options) end

bot.sendContact = bot.send_contact

---sendPoll. Its result: Message.
---@param params botapi.SendPoll
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:send_poll(params, options) end

bot.sendPoll = bot.send_poll

---stopPoll. Its result: Poll.
---@param params botapi.StopPoll
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:stop_poll(params, options) end

bot.stopPoll = bot.stop_poll

---sendChecklist. Its result: Message.
---@param params botapi.SendChecklist
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:send_checklist(params, options) end

bot.sendChecklist = bot.send_checklist

---copyMessage. Its result: MessageId.
---@param params botapi.CopyMessage
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:copy_message(params, options) end

bot.copyMessage = bot.copy_message

---copyMessages. Its result: [MessageId].
---@param params botapi.CopyMessages
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:copy_messages(params, options) end

bot.copyMessages = bot.copy_messages

---forwardMessage. Its result: Message.
---@param params botapi.ForwardMessage
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:forward_message(params, options) end

bot.forwardMessage = bot.forward_message

---forwardMessages. Its result: [MessageId].
---@param params botapi.ForwardMessages
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:forward_messages(params, options) end

bot.forwardMessages = bot.forward_messages

---sendMediaGroup. Its result: [Message].
---@param params botapi.SendMediaGroup
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:send_media_group(params, options) end

bot.sendMediaGroup = bot.send_media_group

---sendChatAction. Its result: true.
---@param params botapi.SendChatAction
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:send_chat_action(params, options) end

bot.sendChatAction = bot.send_chat_action

---sendMessageDraft. Its result: true.
---@param params botapi.SendMessageDraft
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:send_message_draft(params, options) end

bot.sendMessageDraft = bot.send_message_draft

---setMessageReaction. Its result: true.
---@param params botapi.SetMessageReaction
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:set_message_reaction(params, options) end

bot.setMessageReaction = bot.set_message_reaction

---editMessageText. Its result: Message.
---@param params? botapi.EditMessageText
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:edit_message_text(params, options) end

bot.editMessageText = bot.edit_message_text

---editMessageLiveLocation. Its result: Message.
---@param params botapi.EditMessageLiveLocation
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:edit_message_live_location(params, options) end

bot.editMessageLiveLocation = bot.edit_message_live_location

---stopMessageLiveLocation. Its result: Message.
---@param params? botapi.StopMessageLiveLocation
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:stop_message_live_location(params, options) end

bot.stopMessageLiveLocation = bot.stop_message_live_location

---editMessageMedia. Its result: Message.
---@param params botapi.EditMessageMedia
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:edit_message_media(params, options) end

bot.editMessageMedia = bot.edit_message_media

---editMessageCaption. Its result: Message.
---@param params? botapi.EditMessageCaption
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:edit_message_caption(params, options) end

bot.editMessageCaption = bot.edit_message_caption

---editMessageChecklist. Its result: Message.
---@param params botapi.EditMessageChecklist
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:edit_message_checklist(params, options) end

bot.editMessageChecklist = bot.edit_message_checklist

---editMessageReplyMarkup. Its result: Message.
---@param params? botapi.EditMessageReplyMarkup
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:edit_message_reply_markup(params, options) end

bot.editMessageReplyMarkup = bot.edit_message_reply_markup

---deleteMessage. Its result: true.
---@param params botapi.DeleteMessage
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:delete_message(params, options) end

bot.deleteMessage = bot.delete_message

---deleteMessages. Its result: true.
---@param params botapi.DeleteMessages
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:delete_messages(params, options) end

bot.deleteMessages = bot.delete_messages

---deleteMessageReaction. Its result: true.
---@param params botapi.DeleteMessageReaction
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:delete_message_reaction(params, options) end

bot.deleteMessageReaction = bot.delete_message_reaction

---deleteAllMessageReactions. Its result: true.
---@param params botapi.DeleteAllMessageReactions
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:delete_all_message_reactions(params, options) end

bot.deleteAllMessageReactions = bot.delete_all_message_reactions

---postStory. Its result: Story.
---@param params botapi.PostStory
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:post_story(params, options) end

bot.postStory = bot.post_story

---repostStory. Its result: Story.
---@param params botapi.RepostStory
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:repost_story(params, options) end

bot.repostStory = bot.repost_story

---editStory. Its result: Story.
---@param params botapi.EditStory
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:edit_story(params, options) end

bot.editStory = bot.edit_story

---deleteStory. Its result: true.
---@param params botapi.DeleteStory
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:delete_story(params, options) end

bot.deleteStory = bot.delete_story

---createInvoiceLink. Its result: String.
---@param params botapi.CreateInvoiceLink
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:create_invoice_link(params, options) end

bot.createInvoiceLink = bot.create_invoice_link

---getMyStarBalance. Its result: StarAmount.
---@param params? {} there are none
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:get_my_star_balance(params, options) end

bot.getMyStarBalance = bot.get_my_star_balance

---getStarTransactions. Its result: StarTransactions.
---@param params? botapi.GetStarTransactions
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:get_star_transactions(params, options) end

bot.getStarTransactions = bot.get_star_transactions

---refundStarPayment. Its result: true.
---@param params botapi.RefundStarPayment
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:refund_star_payment(params, options) end

bot.refundStarPayment = bot.refund_star_payment

---editUserStarSubscription. Its result: true.
---@param params botapi.EditUserStarSubscription
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:edit_user_star_subscription(params, options) end

bot.editUserStarSubscription = bot.edit_user_star_subscription

---getAvailableGifts. Its result: Gifts.
---@param params? {} there are none
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:get_available_gifts(params, options) end

bot.getAvailableGifts = bot.get_available_gifts

---sendGift. Its result: true.
---@param params botapi.SendGift
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:send_gift(params, options) end

bot.sendGift = bot.send_gift

---giftPremiumSubscription. Its result: true.
---@param params botapi.GiftPremiumSubscription
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:gift_premium_subscription(params, options) end

bot.giftPremiumSubscription = bot.gift_premium_subscription

---getManagedBotToken. Its result: String.
---@param params botapi.GetManagedBotToken
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:get_managed_bot_token(params, options) end

bot.getManagedBotToken = bot.get_managed_bot_token

---getManagedBotAccessSettings. Its result: BotAccessSettings.
---@param params botapi.GetManagedBotAccessSettings
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:get_managed_bot_access_settings(params, options) end

bot.getManagedBotAccessSettings = bot.get_managed_bot_access_settings

---setManagedBotAccessSettings. Its result: true.
---@param params botapi.SetManagedBotAccessSettings
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:set_managed_bot_access_settings(params, options) end

bot.setManagedBotAccessSettings = bot.set_managed_bot_access_settings

---replaceManagedBotToken. Its result: String.
---@param params botapi.ReplaceManagedBotToken
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:replace_managed_bot_token(params, options) end

bot.replaceManagedBotToken = bot.replace_managed_bot_token

---verifyUser. Its result: true.
---@param params botapi.VerifyUser
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:verify_user(params, options) end

bot.verifyUser = bot.verify_user

---verifyChat. Its result: true.
---@param params botapi.VerifyChat
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:verify_chat(params, options) end

bot.verifyChat = bot.verify_chat

---removeUserVerification. Its result: true.
---@param params botapi.RemoveUserVerification
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:remove_user_verification(params, options) end

bot.removeUserVerification = bot.remove_user_verification

---removeChatVerification. Its result: true.
---@param params botapi.RemoveChatVerification
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:remove_chat_verification(params, options) end

bot.removeChatVerification = bot.remove_chat_verification

---setGameScore. Its result: Message.
---@param params botapi.SetGameScore
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:set_game_score(params, options) end

bot.setGameScore = bot.set_game_score

---getGameHighScores. Its result: [GameHighScore].
---@param params botapi.GetGameHighScores
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:get_game_high_scores(params, options) end

bot.getGameHighScores = bot.get_game_high_scores

---answerWebAppQuery. Its result: SentWebAppMessage.
---@param params botapi.AnswerWebAppQuery
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:answer_web_app_query(params, options) end

bot.answerWebAppQuery = bot.answer_web_app_query

---answerGuestQuery. Its result: SentGuestMessage.
---@param params botapi.AnswerGuestQuery
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:answer_guest_query(params, options) end

bot.answerGuestQuery = bot.answer_guest_query

---answerInlineQuery. Its result: true.
---@param params botapi.AnswerInlineQuery
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:answer_inline_query(params, options) end

bot.answerInlineQuery = bot.answer_inline_query

---savePreparedInlineMessage. Its result: PreparedInlineMessage.
---@param params botapi.SavePreparedInlineMessage
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:save_prepared_inline_message(params, options) end

bot.savePreparedInlineMessage = bot.save_prepared_inline_message

---savePreparedKeyboardButton. Its result: PreparedKeyboardButton.
---@param params botapi.SavePreparedKeyboardButton
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:save_prepared_keyboard_button(params, options) end

bot.savePreparedKeyboardButton = bot.save_prepared_keyboard_button

---answerCallbackQuery. Its result: true.
---@param params botapi.AnswerCallbackQuery
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:answer_callback_query(params, options) end

bot.answerCallbackQuery = bot.answer_callback_query

---answerShippingQuery. Its result: true.
---@param params botapi.AnswerShippingQuery
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:answer_shipping_query(params, options) end

bot.answerShippingQuery = bot.answer_shipping_query

---answerPreCheckoutQuery. Its result: true.
---@param params botapi.AnswerPreCheckoutQuery
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:answer_pre_checkout_query(params, options) end

bot.answerPreCheckoutQuery = bot.answer_pre_checkout_query

---exportChatInviteLink. Its result: String.
---@param params botapi.ExportChatInviteLink
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:export_chat_invite_link(params, options) end

bot.exportChatInviteLink = bot.export_chat_invite_link

---createChatInviteLink. Its result: ChatInviteLink.
---@param params botapi.CreateChatInviteLink
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:create_chat_invite_link(params, options) end

bot.createChatInviteLink = bot.create_chat_invite_link

---createChatSubscriptionInviteLink. Its result: ChatInviteLink.
---@param params botapi.CreateChatSubscriptionInviteLink
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:create_chat_subscription_invite_link(params, options) end

bot.createChatSubscriptionInviteLink = bot.create_chat_subscription_invite_link

---editChatInviteLink. Its result: ChatInviteLink.
---@param params botapi.EditChatInviteLink
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:edit_chat_invite_link(params, options) end

bot.editChatInviteLink = bot.edit_chat_invite_link

---editChatSubscriptionInviteLink. Its result: ChatInviteLink.
---@param params botapi.EditChatSubscriptionInviteLink
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:edit_chat_subscription_invite_link(params, options) end

bot.editChatSubscriptionInviteLink = bot.edit_chat_subscription_invite_link

---revokeChatInviteLink. Its result: ChatInviteLink.
---@param params botapi.RevokeChatInviteLink
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:revoke_chat_invite_link(params, options) end

bot.revokeChatInviteLink = bot.revoke_chat_invite_link

---getBusinessConnection. Its result: BusinessConnection.
---@param params botapi.GetBusinessConnection
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:get_business_connection(params, options) end

bot.getBusinessConnection = bot.get_business_connection

---readBusinessMessage. Its result: true.
---@param params botapi.ReadBusinessMessage
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:read_business_message(params, options) end

bot.readBusinessMessage = bot.read_business_message

---deleteBusinessMessages. Its result: true.
---@param params botapi.DeleteBusinessMessages
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:delete_business_messages(params, options) end

bot.deleteBusinessMessages = bot.delete_business_messages

---setBusinessAccountName. Its result: true.
---@param params botapi.SetBusinessAccountName
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:set_business_account_name(params, options) end

bot.setBusinessAccountName = bot.set_business_account_name

---setBusinessAccountUsername. Its result: true.
---@param params botapi.SetBusinessAccountUsername
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:set_business_account_username(params, options) end

bot.setBusinessAccountUsername = bot.set_business_account_username

---setBusinessAccountBio. Its result: true.
---@param params botapi.SetBusinessAccountBio
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:set_business_account_bio(params, options) end

bot.setBusinessAccountBio = bot.set_business_account_bio

---setBusinessAccountProfilePhoto. Its result: true.
---@param params botapi.SetBusinessAccountProfilePhoto
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:set_business_account_profile_photo(params, options) end

bot.setBusinessAccountProfilePhoto = bot.set_business_account_profile_photo

---removeBusinessAccountProfilePhoto. Its result: true.
---@param params botapi.RemoveBusinessAccountProfilePhoto
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:remove_business_account_profile_photo(params, options) end

bot.removeBusinessAccountProfilePhoto = bot.remove_business_account_profile_photo

---setBusinessAccountGiftSettings. Its result: true.
---@param params botapi.SetBusinessAccountGiftSettings
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:set_business_account_gift_settings(params, options) end

bot.setBusinessAccountGiftSettings = bot.set_business_account_gift_settings

---getBusinessAccountStarBalance. Its result: StarAmount.
---@param params botapi.GetBusinessAccountStarBalance
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:get_business_account_star_balance(params, options) end

bot.getBusinessAccountStarBalance = bot.get_business_account_star_balance

---transferBusinessAccountStars. Its result: true.
---@param params botapi.TransferBusinessAccountStars
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:transfer_business_account_stars(params, options) end

bot.transferBusinessAccountStars = bot.transfer_business_account_stars

---getBusinessAccountGifts. Its result: OwnedGifts.
---@param params botapi.GetBusinessAccountGifts
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:get_business_account_gifts(params, options) end

bot.getBusinessAccountGifts = bot.get_business_account_gifts

---getUserGifts. Its result: OwnedGifts.
---@param params botapi.GetUserGifts
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:get_user_gifts(params, options) end

bot.getUserGifts = bot.get_user_gifts

---getChatGifts. Its result: OwnedGifts.
---@param params botapi.GetChatGifts
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:get_chat_gifts(params, options) end

bot.getChatGifts = bot.get_chat_gifts

---convertGiftToStars. Its result: true.
---@param params botapi.ConvertGiftToStars
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:convert_gift_to_stars(params, options) end

bot.convertGiftToStars = bot.convert_gift_to_stars

---upgradeGift. Its result: true.
---@param params botapi.UpgradeGift
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:upgrade_gift(params, options) end

bot.upgradeGift = bot.upgrade_gift

---transferGift. Its result: true.
---@param params botapi.TransferGift
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:transfer_gift(params, options) end

bot.transferGift = bot.transfer_gift

---setUserEmojiStatus. Its result: true.
---@param params botapi.SetUserEmojiStatus
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:set_user_emoji_status(params, options) end

bot.setUserEmojiStatus = bot.set_user_emoji_status

---getChat. Its result: ChatFullInfo.
---@param params botapi.GetChat
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:get_chat(params, options) end

bot.getChat = bot.get_chat

---getUserPersonalChatMessages. Its result: [Message].
---@param params botapi.GetUserPersonalChatMessages
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:get_user_personal_chat_messages(params, options) end

bot.getUserPersonalChatMessages = bot.get_user_personal_chat_messages

---setChatPhoto. Its result: true.
---@param params botapi.SetChatPhoto
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:set_chat_photo(params, options) end

bot.setChatPhoto = bot.set_chat_photo

---deleteChatPhoto. Its result: true.
---@param params botapi.DeleteChatPhoto
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:delete_chat_photo(params, options) end

bot.deleteChatPhoto = bot.delete_chat_photo

---setChatTitle. Its result: true.
---@param params botapi.SetChatTitle
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:set_chat_title(params, options) end

bot.setChatTitle = bot.set_chat_title

---setChatPermissions. Its result: true.
---@param params botapi.SetChatPermissions
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:set_chat_permissions(params, options) end

bot.setChatPermissions = bot.set_chat_permissions

---setChatDescription. Its result: true.
---@param params botapi.SetChatDescription
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:set_chat_description(params, options) end

bot.setChatDescription = bot.set_chat_description

---pinChatMessage. Its result: true.
---@param params botapi.PinChatMessage
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:pin_chat_message(params, options) end

bot.pinChatMessage = bot.pin_chat_message

---unpinChatMessage. Its result: true.
---@param params botapi.UnpinChatMessage
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:unpin_chat_message(params, options) end

bot.unpinChatMessage = bot.unpin_chat_message

---unpinAllChatMessages. Its result: true.
---@param params botapi.UnpinAllChatMessages
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:unpin_all_chat_messages(params, options) end

bot.unpinAllChatMessages = bot.unpin_all_chat_messages

---approveSuggestedPost. Its result: true.
---@param params botapi.ApproveSuggestedPost
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:approve_suggested_post(params, options) end

bot.approveSuggestedPost = bot.approve_suggested_post

---declineSuggestedPost. Its result: true.
---@param params botapi.DeclineSuggestedPost
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:decline_suggested_post(params, options) end

bot.declineSuggestedPost = bot.decline_suggested_post

---setChatStickerSet. Its result: true.
---@param params botapi.SetChatStickerSet
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:set_chat_sticker_set(params, options) end

bot.setChatStickerSet = bot.set_chat_sticker_set

---deleteChatStickerSet. Its result: true.
---@param params botapi.DeleteChatStickerSet
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:delete_chat_sticker_set(params, options) end

bot.deleteChatStickerSet = bot.delete_chat_sticker_set

---getForumTopicIconStickers. Its result: [Sticker].
---@param params? {} there are none
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:get_forum_topic_icon_stickers(params, options) end

bot.getForumTopicIconStickers = bot.get_forum_topic_icon_stickers

---createForumTopic. Its result: ForumTopic.
---@param params botapi.CreateForumTopic
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:create_forum_topic(params, options) end

bot.createForumTopic = bot.create_forum_topic

---editForumTopic. Its result: true.
---@param params botapi.EditForumTopic
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:edit_forum_topic(params, options) end

bot.editForumTopic = bot.edit_forum_topic

---closeForumTopic. Its result: true.
---@param params botapi.CloseForumTopic
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:close_forum_topic(params, options) end

bot.closeForumTopic = bot.close_forum_topic

---reopenForumTopic. Its result: true.
---@param params botapi.ReopenForumTopic
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:reopen_forum_topic(params, options) end

bot.reopenForumTopic = bot.reopen_forum_topic

---deleteForumTopic. Its result: true.
---@param params botapi.DeleteForumTopic
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:delete_forum_topic(params, options) end

bot.deleteForumTopic = bot.delete_forum_topic

---unpinAllForumTopicMessages. Its result: true.
---@param params botapi.UnpinAllForumTopicMessages
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:unpin_all_forum_topic_messages(params, options) end

bot.unpinAllForumTopicMessages = bot.unpin_all_forum_topic_messages

---editGeneralForumTopic. Its result: true.
---@param params botapi.EditGeneralForumTopic
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:edit_general_forum_topic(params, options) end

bot.editGeneralForumTopic = bot.edit_general_forum_topic

---closeGeneralForumTopic. Its result: true.
---@param params botapi.CloseGeneralForumTopic
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:close_general_forum_topic(params, options) end

bot.closeGeneralForumTopic = bot.close_general_forum_topic

---reopenGeneralForumTopic. Its result: true.
---@param params botapi.ReopenGeneralForumTopic
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:reopen_general_forum_topic(params, options) end

bot.reopenGeneralForumTopic = bot.reopen_general_forum_topic

---hideGeneralForumTopic. Its result: true.
---@param params botapi.HideGeneralForumTopic
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:hide_general_forum_topic(params, options) end

bot.hideGeneralForumTopic = bot.hide_general_forum_topic

---unhideGeneralForumTopic. Its result: true.
---@param params botapi.UnhideGeneralForumTopic
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:unhide_general_forum_topic(params, options) end

bot.unhideGeneralForumTopic = bot.unhide_general_forum_topic

---unpinAllGeneralForumTopicMessages. Its result: true.
---@param params botapi.UnpinAllGeneralForumTopicMessages
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:unpin_all_general_forum_topic_messages(params, options) end

bot.unpinAllGeneralForumTopicMessages = bot.unpin_all_general_forum_topic_messages

---getChatMember. Its result: ChatMember.
---@param params botapi.GetChatMember
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:get_chat_member(params, options) end

bot.getChatMember = bot.get_chat_member

---getChatAdministrators. Its result: [ChatMember].
---@param params botapi.GetChatAdministrators
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:get_chat_administrators(params, options) end

bot.getChatAdministrators = bot.get_chat_administrators

---getChatMemberCount. Its result: Integer.
---@param params botapi.GetChatMemberCount
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:get_chat_member_count(params, options) end

bot.getChatMemberCount = bot.get_chat_member_count

---getChatMembersCount, another name of getChatMemberCount. Its result: Integer.
---@deprecated
---@param params botapi.GetChatMemberCount
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:get_chat_members_count(params, options) end

bot.getChatMembersCount = bot.get_chat_members_count

---leaveChat. Its result: true.
---@param params botapi.LeaveChat
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:leave_chat(params, options) end

bot.leaveChat = bot.leave_chat

---promoteChatMember. Its result: true.
---@param params botapi.PromoteChatMember
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:promote_chat_member(params, options) end

bot.promoteChatMember = bot.promote_chat_member

---setChatAdministratorCustomTitle. Its result: true.
---@param params botapi.SetChatAdministratorCustomTitle
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:set_chat_administrator_custom_title(params, options) end

bot.setChatAdministratorCustomTitle = bot.set_chat_administrator_custom_title

---setChatMemberTag. Its result: true.
---@param params botapi.SetChatMemberTag
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:set_chat_member_tag(params, options) end

bot.setChatMemberTag = bot.set_chat_member_tag

---banChatMember. Its result: true.
---@param params botapi.BanChatMember
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:ban_chat_member(params, options) end

bot.banChatMember = bot.ban_chat_member

---kickChatMember, another name of banChatMember. Its result: true.
---@deprecated
---@param params botapi.BanChatMember
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:kick_chat_member(params, options) end

bot.kickChatMember = bot.kick_chat_member

---restrictChatMember. Its result: true.
---@param params botapi.RestrictChatMember
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:restrict_chat_member(params, options) end

bot.restrictChatMember = bot.restrict_chat_member

---unbanChatMember. Its result: true.
---@param params botapi.UnbanChatMember
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:unban_chat_member(params, options) end

bot.unbanChatMember = bot.unban_chat_member

---banChatSenderChat. Its result: true.
---@param params botapi.BanChatSenderChat
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:ban_chat_sender_chat(params, options) end

bot.banChatSenderChat = bot.ban_chat_sender_chat

---unbanChatSenderChat. Its result: true.
---@param params botapi.UnbanChatSenderChat
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:unban_chat_sender_chat(params, options) end

bot.unbanChatSenderChat = bot.unban_chat_sender_chat

---approveChatJoinRequest. Its result: true.
---@param params botapi.ApproveChatJoinRequest
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:approve_chat_join_request(params, options) end

bot.approveChatJoinRequest = bot.approve_chat_join_request

---declineChatJoinRequest. Its result: true.
---@param params botapi.DeclineChatJoinRequest
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:decline_chat_join_request(params, options) end

bot.declineChatJoinRequest = bot.decline_chat_join_request

---getUserChatBoosts. Its result: UserChatBoosts.
---@param params botapi.GetUserChatBoosts
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:get_user_chat_boosts(params, options) end

bot.getUserChatBoosts = bot.get_user_chat_boosts

---getStickerSet. Its result: StickerSet.
---@param params botapi.GetStickerSet
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:get_sticker_set(params, options) end

bot.getStickerSet = bot.get_sticker_set

---getCustomEmojiStickers. Its result: [Sticker].
---@param params botapi.GetCustomEmojiStickers
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:get_custom_emoji_stickers(params, options) end

bot.getCustomEmojiStickers = bot.get_custom_emoji_stickers

---uploadStickerFile. Its result: File.
---@param params botapi.UploadStickerFile
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:upload_sticker_file(params, options) end

bot.uploadStickerFile = bot.upload_sticker_file

---createNewStickerSet. Its result: true.
---@param params botapi.CreateNewStickerSet
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:create_new_sticker_set(params, options) end

bot.createNewStickerSet = bot.create_new_sticker_set

---addStickerToSet. Its result: true.
---@param params botapi.AddStickerToSet
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:add_sticker_to_set(params, options) end

bot.addStickerToSet = bot.add_sticker_to_set

---replaceStickerInSet. Its result: true.
---@param params botapi.ReplaceStickerInSet
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:replace_sticker_in_set(params, options) end

bot.replaceStickerInSet = bot.replace_sticker_in_set

---setStickerSetTitle. Its result: true.
---@param params botapi.SetStickerSetTitle
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:set_sticker_set_title(params, options) end

bot.setStickerSetTitle = bot.set_sticker_set_title

---setStickerSetThumbnail. Its result: true.
---@param params botapi.SetStickerSetThumbnail
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:set_sticker_set_thumbnail(params, options) end

bot.setStickerSetThumbnail = bot.set_sticker_set_thumbnail

---setStickerSetThumb, another name of setStickerSetThumbnail. Its result: true.
---@deprecated
---@param params botapi.SetStickerSetThumbnail
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:set_sticker_set_thumb(params, options) end

bot.setStickerSetThumb = bot.set_sticker_set_thumb

---setCustomEmojiStickerSetThumbnail. Its result: true.
---@param params botapi.SetCustomEmojiStickerSetThumbnail
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:set_custom_emoji_sticker_set_thumbnail(params, options) end

bot.setCustomEmojiStickerSetThumbnail = bot.set_custom_emoji_sticker_set_thumbnail

---deleteStickerSet. Its result: true.
---@param params botapi.DeleteStickerSet
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:delete_sticker_set(params, options) end

bot.deleteStickerSet = bot.delete_sticker_set

---setStickerPositionInSet. Its result: true.
---@param params botapi.SetStickerPositionInSet
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:set_sticker_position_in_set(params, options) end

bot.setStickerPositionInSet = bot.set_sticker_position_in_set

---deleteStickerFromSet. Its result: true.
---@param params botapi.DeleteStickerFromSet
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:delete_sticker_from_set(params, options) end

bot.deleteStickerFromSet = bot.delete_sticker_from_set

---setStickerEmojiList. Its result: true.
---@param params botapi.SetStickerEmojiList
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:set_sticker_emoji_list(params, options) end

bot.setStickerEmojiList = bot.set_sticker_emoji_list

---setStickerKeywords. Its result: true.
---@param params botapi.SetStickerKeywords
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:set_sticker_keywords(params, options) end

bot.setStickerKeywords = bot.set_sticker_keywords

---setStickerMaskPosition. Its result: true.
---@param params botapi.SetStickerMaskPosition
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:set_sticker_mask_position(params, options) end

bot.setStickerMaskPosition = bot.set_sticker_mask_position

---setPassportDataErrors. Its result: true.
---@param params botapi.SetPassportDataErrors
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:set_passport_data_errors(params, options) end

bot.setPassportDataErrors = bot.set_passport_data_errors

---sendCustomRequest. Its result: true.
---@param params botapi.SendCustomRequest
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:send_custom_request(params, options) end

bot.sendCustomRequest = bot.send_custom_request

---answerCustomQuery. Its result: true.
---@param params botapi.AnswerCustomQuery
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:answer_custom_query(params, options) end

bot.answerCustomQuery = bot.answer_custom_query

---getFile. Its result: File.
---@param params botapi.GetFile
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:get_file(params, options) end

bot.getFile = bot.get_file

---sendRichMessage, new in Bot API 10.1. Its result: Message.
---@param params botapi.SendRichMessage
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:send_rich_message(params, options) end

bot.sendRichMessage = bot.send_rich_message

---sendRichMessageDraft, new in Bot API 10.1. Its result: true.
---@param params botapi.SendRichMessageDraft
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:send_rich_message_draft(params, options) end

bot.sendRichMessageDraft = bot.send_rich_message_draft

---answerChatJoinRequestQuery, new in Bot API 10.1. Its result: true.
---@param params botapi.AnswerChatJoinRequestQuery
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:answer_chat_join_request_query(params, options) end

bot.answerChatJoinRequestQuery = bot.answer_chat_join_request_query

---sendChatJoinRequestWebApp, new in Bot API 10.1. Its result: true.
---@param params botapi.SendChatJoinRequestWebApp
---@param options? botapi.BotOptions
---@return botapi.Envelope? res
---@return botapi.Error? err
function bot:send_chat_join_request_web_app(params, options) end

bot.sendChatJoinRequestWebApp = bot.send_chat_join_request_web_app

return {}
