-- SPDX-License-Identifier: MIT
-- Owns what setWebhook asks for: how it's read, when it is what is set already, and why it's refused.

local x509 = require "openssl.x509"
local responses = require "botapi.emulator.responses"
local upload = require "botapi.emulator.upload"
local values = require "botapi.emulator.values"
local webhook_url = require "botapi.emulator.webhook_url"

local webhook_settings = {}

local MAX_SECRET = 256
local MAX_CERTIFICATE = 3 * 1024 * 1024   -- bytes

-- What OpenSSL 3 says of a file without a certificate, and of one that is broken.
local NO_CERTIFICATE = "{error:05800088:x509 certificate routines::no certificate or crl found}"
local BROKEN = "{error:0680007B:asn1 encoding routines::header too long}"
  .. "{error:06800066:asn1 encoding routines::bad object header}"
  .. "{error:0688010A:asn1 encoding routines::nested asn1 error}{error:0488000D:PEM routines::ASN1 lib}"
  .. "{error:05880009:x509 certificate routines::PEM lib}"

-- The file of the certificate, or nil: text isn't one, unless it names a file of the same request.
local function certificate_of(params)
  local value = params.certificate
  if type(value) == "string" then value = params[value:match "^attach://(.*)$"] end
  return upload.is_file(value) and value or nil
end

--- The settings that the parameters of a setWebhook with this URL ask for.
function webhook_settings.read(server, params, url)
  local fixed, file = values.text(params.ip_address), certificate_of(params)
  return {url = url, secret_token = values.text(params.secret_token),
    max_connections = values.integer(params.max_connections, server.max_connections[1], 1, server.max_connections[2]),
    is_fixed = fixed ~= "", ip_address = fixed ~= "" and fixed or nil,
    has_certificate = file ~= nil, certificate = file}
end

--- Is this webhook set already? One with a certificate never is.
function webhook_settings.are_same(old, new)
  if new.url == "" then return old == nil end
  return old ~= nil and old.url == new.url and not old.has_certificate and not new.has_certificate
    and old.max_connections == new.max_connections and old.secret_token == new.secret_token
    and old.is_fixed == new.is_fixed and (not new.is_fixed or old.ip_address == new.ip_address)
end

--- Looks at the settings before anything else is known. Returns the URL in parts, or nil and a refusal.
function webhook_settings.check(settings)
  local target, secret = webhook_url.parse(settings.url), settings.secret_token
  if not target then return nil, responses.named_error "bad_url" end
  if #secret > MAX_SECRET then return nil, responses.named_error "long_secret" end
  if secret:find "[^%w_-]" then return nil, responses.named_error "bad_secret" end
  local size = settings.certificate and settings.certificate.file_size or 0
  if size > MAX_CERTIFICATE then
    return nil, responses.error(400, string.format("Bad Request: certificate size is too big (%d bytes)", size))
  end
  return target
end

--- Chooses the address of a webhook that is set without any check.
function webhook_settings.resolve(settings)
  local target = webhook_url.parse(settings.url)
  settings.ip_address = target and webhook_url.address(target, settings.ip_address, false) or "<unknown>"
end

local function certificate_error(file)
  local text = upload.text(file)
  if not text:find "%-%-%-%-%-BEGIN [%u%d ]*CERTIFICATE%-%-%-%-%-" then return NO_CERTIFICATE end
  return not pcall(x509.new, text) and BROKEN or nil
end

--- Chooses the address of a webhook, which goes into its settings. Returns a refusal, or nil.
function webhook_settings.choose_address(settings, target, server)
  local ip, why = webhook_url.address(target, settings.ip_address, server.as ~= "local")
  settings.ip_address = ip
  if ip and settings.certificate and target.scheme == "https" then
    local message = certificate_error(settings.certificate)
    why = message and "Failed to set custom certificate file" .. message
  end
  settings.certificate = nil
  if why then return responses.error(400, "Bad Request: bad webhook: " .. why) end
end

return webhook_settings
