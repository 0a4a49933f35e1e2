-- SPDX-License-Identifier: MIT
-- Certificates for the specs, made once below build/certs by the openssl command: one CA, and servers good and bad.

local process = require "support.process"

local certs = {}

local GOOD = "DNS:localhost,DNS:bot.example,IP:127.0.0.1,IP:::1,IP:10.77.0.1,IP:10.77.0.2"

-- name → issuer, alternative names and dates; the issuer "self" signs itself.
local LEAVES = {
  {name = "server", issuer = "ca", names = GOOD, days = 3650},
  {name = "wrong_host", issuer = "ca", names = "DNS:elsewhere.example", days = 3650},
  {name = "unknown_ca", issuer = "other", names = GOOD, days = 3650},
  {name = "self_signed", issuer = "self", names = GOOD, days = 3650},
  {name = "expired", issuer = "ca", names = GOOD, from = "20200101000000Z", to = "20200201000000Z"},
  {name = "not_yet", issuer = "ca", names = GOOD, from = "20400101000000Z", to = "20410101000000Z"},
  -- of clients
  {name = "client", issuer = "ca", names = "DNS:client", days = 3650},
  {name = "client_two", issuer = "ca", names = "DNS:client", days = 3650},
  {name = "client_unknown", issuer = "other", names = "DNS:client", days = 3650},
  {name = "client_revoked", issuer = "ca", names = "DNS:client", days = 3650},
  {name = "client_expired", issuer = "ca", names = "DNS:client", from = "20200101000000Z", to = "20200201000000Z"},
}

local CONFIG = [[
[ca]
default_ca = a
[a]
new_certs_dir = .
database = index
default_crl_days = 3650
serial = serial
default_md = sha256
policy = p
unique_subject = no
copy_extensions = copy
[p]
commonName = supplied
[req]
distinguished_name = d
[d]
[x]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
]]

local function authority(name, subject)
  return ("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -config c -extensions x " ..
    "-keyout %s.key -out %s.pem -subj '/CN=%s'"):format(name, name, subject)
end

local function leaf(entry)
  local key = ("-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -config c -keyout %s.key -subj '/CN=%s' " ..
    "-addext subjectAltName=%s"):format(entry.name, entry.name, entry.names)
  if entry.issuer == "self" then
    return ("openssl req -x509 -days %d %s -out %s.pem"):format(entry.days, key, entry.name)
  end
  local dates = entry.from and ("-startdate %s -enddate %s"):format(entry.from, entry.to) or "-days " .. entry.days
  return ("openssl req -new %s -out %s.csr\nopenssl ca -batch -notext -config c -cert %s.pem -keyfile %s.key %s " ..
    "-in %s.csr -out %s.pem"):format(key, entry.name, entry.issuer, entry.issuer, dates, entry.name, entry.name)
end

-- Made aside and renamed: two processes that start together both find a whole directory.
local function make(directory)
  local aside = directory .. "." .. process.pid_of_self()
  local script = {"set -e", "rm -rf " .. process.quote(aside), "mkdir -p " .. process.quote(aside),
    "cd " .. process.quote(aside), "cat >c <<'END'\n" .. CONFIG .. "END", "touch index", "echo 01 >serial",
    authority("ca", "botapi test CA"), authority("other", "botapi other CA")}
  for _, entry in ipairs(LEAVES) do
    script[#script + 1] = leaf(entry)
  end
  script[#script + 1] = "rm -f *.csr"
  local text = table.concat(script, "\n")
  local log = process.capture("{ sh -c " .. process.quote(text) .. "; echo code $?; } 2>&1")
  assert(log:match("code 0%s*$"), log)
  process.run(("mv -T %s %s 2>/dev/null || rm -rf %s"):format(process.quote(aside), process.quote(directory),
    process.quote(aside)))
end

--- The directory that holds ca.pem and NAME.pem, NAME.key of each server; ends with a slash.
function certs.directory()
  local directory = process.root .. "build/certs"
  local serial = io.open(directory .. "/" .. LEAVES[#LEAVES].name .. ".pem")
  if serial then
    serial:close()
    return directory .. "/"
  end
  process.run("mkdir -p " .. process.quote(process.root .. "build"))
  make(directory)
  return directory .. "/"
end

function certs.ca()
  return certs.directory() .. "ca.pem"
end

return certs
