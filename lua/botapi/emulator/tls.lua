-- SPDX-License-Identifier: MIT
-- Owns TLS: the context from files, or a CA and a certificate made for this run.

local tls = {}

local DAY = 86400

local function write_file(path, text)
  local file, why = io.open(path, "w")
  if not file then return nil, why end
  file:write(text)
  file:close()
  return true
end

local function read_file(path)
  local file, why = io.open(path, "r")
  if not file then return nil, why end
  local text = file:read "*a"
  file:close()
  return text
end

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
  local extension = require "openssl.x509.extension"
  local key = new_key()
  local name = name_of "botapi emulator CA"
  local certificate = new_certificate(os.time(), name, name, key)
  certificate:setBasicConstraints {CA = true}
  certificate:setBasicConstraintsCritical(true)
  certificate:addExtension(extension.new("keyUsage", "critical,keyCertSign,cRLSign"))
  certificate:sign(key, "sha256")
  return key, certificate, name
end

local function make_server_certificate(ca_key, ca_name, more)
  local key = new_key()
  local certificate = new_certificate(os.time() + 1, name_of "localhost", ca_name, key)
  local names = require "openssl.x509.altname".new()
  names:add("DNS", "localhost")
  for _, name in ipairs(more or {}) do names:add("DNS", name) end
  names:add("IP", "127.0.0.1")
  names:add("IP", "::1")
  certificate:setSubjectAlt(names)
  certificate:sign(ca_key, "sha256")
  return key, certificate
end

-- Makes ca.pem, cert.pem and key.pem in a directory.
local function make_files(directory, names)
  local ca_key, ca, ca_name = make_ca()
  local key, certificate = make_server_certificate(ca_key, ca_name, names)
  local files = {ca = directory .. "/ca.pem", cert = directory .. "/cert.pem", key = directory .. "/key.pem"}
  for name, text in pairs {ca = ca:toPEM(), cert = certificate:toPEM(), key = key:toPEM "private"} do
    local ok, why = write_file(files[name], text)
    if not ok then return nil, why end
  end
  return files
end

local function temporary_directory()
  local pipe = io.popen "mktemp -d"
  local directory = pipe and pipe:read "*l"
  if pipe then pipe:close() end
  if not directory or directory == "" then return nil, "can't make a temporary directory" end
  return directory
end

--- Makes the files that --tls needs and wasn't given.
-- @tparam table options cert, key; names: more hosts than localhost; ca and directory are filled in
-- @treturn table|nil options
-- @treturn string|nil why not
function tls.prepare(options)
  if options.cert then return options end
  local directory, why = temporary_directory()
  if not directory then return nil, why end
  local files
  files, why = make_files(directory, options.names)
  if not files then return nil, why end
  options.cert, options.key, options.ca, options.directory = files.cert, files.key, files.ca, directory
  return options
end

local function load_context(options)
  local x509, pkey = require "openssl.x509", require "openssl.pkey"
  local context = require "openssl.ssl.context".new("TLS", true)
  local text = assert(read_file(options.cert))
  local chain = require "openssl.x509.chain".new()
  local first = nil
  for pem in text:gmatch "%-%-%-%-%-BEGIN CERT.-END CERTIFICATE%-%-%-%-%-" do
    if first then chain:add(x509.new(pem)) else first = x509.new(pem) end
  end
  context:setCertificate(assert(first, options.cert .. ": no certificate in it"))
  context:setCertificateChain(chain)
  context:setPrivateKey(pkey.new(assert(read_file(options.key))))
  return context
end

--- The context for a listener.
-- @tparam table options cert and key: paths of PEM files; without them they are made
-- @treturn openssl.ssl.context|nil
-- @treturn string|nil why not
function tls.context(options)
  local prepared, why = tls.prepare(options)
  if not prepared then return nil, why end
  local ok, context = pcall(load_context, prepared)
  if not ok then return nil, "TLS: " .. tostring(context) end
  return context
end

--- Removes what prepare made.
function tls.clean(options)
  if not options.directory then return end
  for _, name in ipairs {"ca", "cert", "key"} do os.remove(options[name]) end
  os.remove(options.directory)
end

return tls
