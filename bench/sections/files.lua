-- SPDX-License-Identifier: MIT
-- A file of 2,000 MB sent and saved by a whole process, beside the curl command.

local measure = require "measure"
local report = require "report"
local server = require "server"

local BYTES, ROUNDS = 2000 * 1000 * 1000, 5

-- Reads what is sent, and serves a file that has no blocks on the disk.
local LOCATIONS = [[
    location /file/ { root @DIR@; }
    location ~ /sendDocument$ {
      client_max_body_size 0;
      content_by_lua_block {
        local from, bytes = ngx.req.socket(), 0
        from:settimeout(60000)
        repeat
          local part = from:receiveany(1048576)
          bytes = bytes + #(part or "")
        until not part or bytes >= tonumber(ngx.var.content_length)
        ngx.print '{"ok":true,"result":true}'
      }
    }
]]

local function row_of(way, name, all)
  local mine = all[name]
  return { way, name, report.number(measure.of(mine, "wall") * 1e3), report.number(measure.of(mine, "cpu") * 1e3),
    report.number(measure.of(mine, "kb") / 1024), report.ratio(measure.ratio(all["curl command"], mine, "wall")) }
end

return function(at, out)
  local own = server.start { root = at.root, name = "files", server = LOCATIONS }
  local bytes = math.floor(BYTES * at.share)
  local large, saved = own.dir .. "/file/bot1:a/d/large", own.dir .. "/saved"
  assert(measure.shell(("mkdir -p %s && truncate -s %d %s"):format(measure.quote(own.dir .. "/file/bot1:a/d"), bytes,
    measure.quote(large))))
  local client = ("env LUA_PATH=%s LUA_CPATH=%s lua5.4 %s/bench/clients/file.lua"):format(
    measure.quote(at.root .. "/lua/?.lua;;"), measure.quote(at.root .. "/build/lua5.4/?.so;;"), at.root)
  local curl = {
    up = ("curl -q -s -S -o /dev/null -F chat_id=1 -F document=@%s %s/bot1:a/sendDocument"):format(large, own.http),
    down = ("curl -q -s -S -o %s %s/file/bot1:a/d/large"):format(saved, own.http),
  }
  local rows, least = {}, math.huge
  for _, way in ipairs { "up", "down" } do
    local list = {}
    for name, command in pairs { ["botapi, lua5.4"] = ("%s %s %s %s"):format(client, way, own.http,
      way == "up" and large or saved), ["curl command"] = curl[way] } do
      list[#list + 1] = { name = name, run = function()
        os.remove(saved)
        return measure.process(at.bin .. "/spend", command, measure.OTHER)
      end }
    end
    local all = measure.rounds(list, math.max(2, math.floor(ROUNDS * at.share)))
    rows[#rows + 1] = row_of(way, "botapi, lua5.4", all)
    rows[#rows + 1] = row_of(way, "curl command", all)
    least = math.min(least, (measure.ratio(all["curl command"], all["botapi, lua5.4"], "wall")))
    out:short("a file of %d MB, %s: %.2f of the `curl` command's throughput, %.0f MiB at most", bytes / 1000000,
      way == "up" and "sent" or "saved", (measure.ratio(all["curl command"], all["botapi, lua5.4"], "wall")),
      measure.of(all["botapi, lua5.4"], "kb") / 1024)
  end
  own:stop()
  os.remove(saved)
  os.remove(large)
  out:table("Files", ("%d MB over plain HTTP, a whole process each time; what is saved is synced to the disk by botapi "
    .. "alone."):format(bytes / 1000000), { "way", "", "wall, ms", "CPU, ms", "peak, MiB", "throughput to curl's" },
    rows)
  out:target("files: the curl command's throughput to ours", 1 / 0.9, 1 / least)
end
