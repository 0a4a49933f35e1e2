-- SPDX-License-Identifier: MIT
-- Owns TLS: a context from files, or from a CA and a certificate made for this run.

local files = require "botapi.emulator.files"

local tls = {}

local DAY = 86400

local function new_key()
  return require "openssl.pkey".new {type = "EC", curve = "prime256v1"}
end

local function name_of(common_name)
  return require "openssl.x509.name".new():add("CN", common_name)
end

local function new_certificate(serial, subject, issuer, key)
  local certificate = require "openssl.x509".new()
  certificate:setVersion(3)
  certificate:setSerial(require "openssl.bignum".new(serial))
  certificate:setSubject(subject)
  certificate:setIssuer(issuer)
  certificate:setLifetime(os.time() - DAY, os.time() + 30 * DAY)
  certificate:setPublicKey(key)
  return certificate
end

local function make_ca()
  local key, name = new_key(), name_of "botapi emulator CA"
  local certificate = new_certificate(os.time(), name, name, key)
  certificate:setBasicConstraints {CA = true}
  certificate:setBasicConstraintsCritical(true)
  certificate:addExtension(require "openssl.x509.extension".new("keyUsage", "critical,keyCertSign,cRLSign"))
  certificate:sign(key, "sha256")
  return key, certificate, name
end

local function make_server_certificate(ca_key, ca_name, more)
  local key, names = new_key(), require "openssl.x509.altname".new()
  local certificate = new_certificate(os.time() + 1, name_of "localhost", ca_name, key)
  names:add("DNS", "localhost")
  for _, name in ipairs(more or {}) do names:add("DNS", name) end
  names:add("IP", "127.0.0.1")
  names:add("IP", "::1")
  certificate:setSubjectAlt(names)
  certificate:sign(ca_key, "sha256")
  return key, certificate
end

local function temporary_directory()
  local pipe = io.popen "mktemp -d"
  local directory = pipe and pipe:read "*l"
  if pipe then pipe:close() end
  return directory ~= "" and directory or nil
end

-- Makes the files that --tls needs and wasn't given: ca, cert, key and directory are filled in.
local function make_files(options)
  local directory = temporary_directory()
  if not directory then return nil, "can't make a temporary directory" end
  local ca_key, ca, ca_name = make_ca()
  local key, certificate = make_server_certificate(ca_key, ca_name, options.names)
  for name, text in pairs {ca = ca:toPEM(), cert = certificate:toPEM(), key = key:toPEM "private"} do
    options[name] = directory .. "/" .. name .. ".pem"
    local ok, why = files.write(options[name], text)
    if not ok then return nil, why end
  end
  options.directory = directory
  return true
end

local function load_context(options)
  local x509, pkey = require "openssl.x509", require "openssl.pkey"
  local context = require "openssl.ssl.context".new("TLS", true)
  local chain, first = require "openssl.x509.chain".new(), nil
  for pem in assert(files.read(options.cert)):gmatch "%-%-%-%-%-BEGIN CERT.-END CERTIFICATE%-%-%-%-%-" do
    if first then chain:add(x509.new(pem)) else first = x509.new(pem) end
  end
  context:setCertificate(assert(first, options.cert .. ": no certificate in it"))
  context:setCertificateChain(chain)
  context:setPrivateKey(pkey.new(assert(files.read(options.key))))
  return context
end

--- The context for a listener, or nil and why not. Options: cert and key, paths of PEM files, made if they are missing
-- (then ca and directory are filled in); names, more hosts than localhost.
function tls.context(options)
  if not options.cert then
    local made, why = make_files(options)
    if not made then return nil, why end
  end
  local ok, context = pcall(load_context, options)
  if not ok then return nil, "TLS: " .. tostring(context) end
  return context
end

--- Removes the files that were made.
function tls.clean(options)
  if not options.directory then return end
  for _, name in ipairs {"ca", "cert", "key"} do os.remove(options[name]) end
  os.remove(options.directory)
end

return tls
