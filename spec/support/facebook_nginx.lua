-- SPDX-License-Identifier: MIT
-- What the specs' nginx serves: the logout of a Facebook session, stepped.
-- luacheck: std ngx_lua

--- GET /logout?port=…&ca=…&user=…: its outcome.
return function()
  local args = ngx.req.get_uri_args()
  local facebook = require "resty.botapi".facebook
  local session = facebook.session({ { key = "c_user", value = args.user }, { key = "xs", value = "1:CANARY-nginx" } },
    { port = tonumber(args.port), ca_file = args.ca, retries = 1,
      resolve = { "www.facebook.com:" .. args.port .. ":127.0.0.1" } })
  local res, err = session:logout()
  local _, again = session:logout()
  ngx.print(tostring(res or err), " ", again and again.kind or "")
end
