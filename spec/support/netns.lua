-- SPDX-License-Identifier: MIT
-- Networks and files of the specs' own: network namespaces with a cable between them and nft rules that lose packets,
-- private mounts over resolv.conf, hosts and the CA directory. Nothing of it outlives the process.

local process = require "support.process"

local netns = {}
netns.__index = netns

netns.CLIENT = "10.77.0.9"
netns.SERVERS = {"10.77.0.1", "10.77.0.2", "10.77.0.3", "10.77.0.4"}

local usable, reason

--- Whether namespaces can be made here: true, or nil and what would make it so.
function netns.available()
  if usable == nil then
    local id = process.capture("id -u")
    usable = process.run("unshare -m -n ip link set lo up >/dev/null 2>&1 && nft --version >/dev/null 2>&1") or false
    if not usable then
      reason = id:match("^0") and "needs CAP_SYS_ADMIN, iproute2 and nftables: a privileged container, and apt-get " ..
        "install iproute2 nftables" or "needs root: run the specs as root, or with sudo -E"
    end
  end
  return usable or nil, reason
end

--- A spec file's `it`, which is pending where namespaces can't be made.
-- @tparam function it
-- @tparam function pending
function netns.try(it, pending)
  local available, why = netns.available()
  return available and it or function(title) pending(title .. ": " .. why) end
end

-- Names of dead processes are swept away: a spec that was killed has left its namespaces behind.
local function sweep()
  for name, pid in process.capture("ip netns list 2>/dev/null"):gmatch("(ba(%d+)%a%d*)") do
    if not process.slurp("/proc/" .. pid .. "/stat") then
      process.run("ip netns del " .. name)
    end
  end
end

local made = 0

--- Two namespaces with a cable: `client` has CLIENT, `server` has each of SERVERS. Close it in the teardown.
function netns.pair()
  sweep()
  made = made + 1
  local tail = process.pid_of_self()
  local self = setmetatable({client = ("ba%dc%d"):format(tail, made), server = ("ba%ds%d"):format(tail, made)}, netns)
  local addresses = {}
  for i, address in ipairs(netns.SERVERS) do
    addresses[i] = ("ip -n %s addr add %s/24 dev cable"):format(self.server, address)
  end
  local script = [[
    set -e
    ip netns add C; ip netns add S
    ip link add cable netns C type veth peer name cable netns S
    ip -n C addr add CLIENT/24 dev cable
    ADDRESSES
    for n in C S; do ip -n $n link set lo up; ip -n $n link set cable up; done
    ip netns exec C nft 'add table ip lossy; add counter ip lossy lost'
    ip netns exec C nft 'add chain ip lossy out { type filter hook output priority 0; }']]
  script = script:gsub("CLIENT", netns.CLIENT):gsub("ADDRESSES", table.concat(addresses, "\n"))
    :gsub("%f[%w]C%f[%W]", self.client):gsub("%f[%w]S%f[%W]", self.server)
  assert(process.run(script))
  return self
end

--- The words to put before a command that shall run on one side: "client" or "server".
function netns:within(side)
  return {"ip", "netns", "exec", self[side]}
end

--- Loses what the client sends and the rule matches: `lose("tcp dport 80 meta length > 100")`. Each loss is counted.
function netns:lose(rule)
  assert(process.run(("ip netns exec %s nft add rule ip lossy out %s counter name lost drop"):format(self.client,
    process.quote(rule))))
end

--- The path is whole again.
function netns:heal()
  assert(process.run(("ip netns exec %s nft flush chain ip lossy out"):format(self.client)))
end

function netns:lost()
  local text = process.capture(("ip netns exec %s nft list counter ip lossy lost"):format(self.client))
  return tonumber(text:match("packets (%d+)"))
end

--- Returns once so many packets were lost: asks again and again, each time a process of some milliseconds.
function netns:wait_lost(n)
  for _ = 1, 2000 do
    if self:lost() >= n then
      return true
    end
  end
  error("nothing was lost", 2)
end

--- The client's sockets towards a port, by state, and how many bytes they still want to deliver.
function netns:sockets(port)
  local states, queued = {}, 0
  local tail = (":%04X$"):format(port)
  for line in process.capture(("ip netns exec %s cat /proc/net/tcp"):format(self.client)):gmatch("[^\n]+") do
    local remote, state, queue = line:match("^%s*%d+: %x+:%x+ (%x+:%x+) (%x+) (%x+):")
    if remote and remote:match(tail) and state ~= "06" then  -- TIME_WAIT sends nothing
      states[#states + 1] = state
      queued = queued + tonumber(queue, 16)
    end
  end
  return states, queued
end

--- A pair with the fault server in it, for the tests of one `describe`: made before them, closed after them, the path
-- whole again after each.
-- @tparam table hooks busted's lazy_setup, lazy_teardown and after_each
-- @tparam function use gets the pair and the fault server
function netns.stage(hooks, use)
  if not netns.available() then return end
  local net, server
  hooks.lazy_setup(function()
    net = netns.pair()
    server = require "support.faults".start {within = net:within "server"}
    use(net, server)
  end)
  hooks.after_each(function() net:heal() end)
  hooks.lazy_teardown(function()
    server:stop()
    net:close()
  end)
end

function netns:close()
  process.run(("ip netns del %s; ip netns del %s"):format(self.client, self.server))
end

--- The words to put before a command that shall see files of its own: `files` maps a path to what lies over it,
-- `net = true` gives it an empty network of its own with loopback up, where names are asked for at 127.0.0.1. All go
-- when the command ends.
function netns.private(spec)
  local script = {}
  local function over(path, file)
    script[#script + 1] = ("mount --bind %s %s"):format(process.quote(file), process.quote(path))
  end
  if spec.net then
    script[#script + 1] = "ip link set lo up"
    local resolv = process.directory() .. "resolv.conf"
    local file = assert(io.open(resolv, "w"))
    file:write "nameserver 127.0.0.1\n"
    file:close()
    over("/etc/resolv.conf", resolv)
  end
  for path, file in pairs(spec.files or {}) do over(path, file) end
  script[#script + 1] = 'exec "$@"'
  local words = {"unshare", "-m"}
  if spec.net then
    words[#words + 1] = "-n"
  end
  for _, word in ipairs {"sh", "-e", "-c", table.concat(script, "\n"), "sh"} do
    words[#words + 1] = word
  end
  return words
end

return netns
