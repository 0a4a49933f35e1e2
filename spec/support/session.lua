-- SPDX-License-Identifier: MIT
-- Owns the picture of a move in a terminal, docs/move.svg: a real session against emulators, drawn from the screen.

local process = require "support.process"
local stage = require "support.stage"
local terminal = require "support.terminal"

local quote = process.quote

local session = {}

local ID = 123456789
local COLUMNS, LINES = 92, 60
local WIDTH, HEIGHT = 8, 18                -- of a character, in pixels
local MARGIN, BAR = 16, 34                 -- around the text; the window's head
local BACK, TEXT = "#1d1f27", "#d7dae0"

-- What an escape sequence sets.
local STYLES = {
  ["1"] = 'font-weight="bold"', ["2"] = 'opacity="0.65"', ["31"] = 'fill="#ff7b72"', ["32"] = 'fill="#6fdd8b"',
  ["33"] = 'fill="#f2cc60"', ["34"] = 'fill="#79b8ff"', ["35"] = 'fill="#d2a8ff"', ["36"] = 'fill="#76e3ea"',
}

--- What is typed.
session.command = "botapi migrate --from telegram --to http://10.0.0.5:8081 \\\n"
  .. "    --webhook keep --webhook-secret-file secret"

-- The screen after the move, with its colours.
local function play(here)
  local home, secret = terminal.directory() .. "session", terminal.directory() .. "session-secret"
  assert(process.run(("rm -rf %s && mkdir -p %s && echo s3cret >%s"):format(quote(home), quote(home), quote(secret))))
  stage.shop(here:pair(), ID, "cloud", { pending = 0 })
  local words = session.command:gsub("^botapi", "bin/botapi"):gsub("secret$", quote(secret)):gsub("\\\n", "")
  local env = { HOME = home, XDG_STATE_HOME = false, BOT_TOKEN = ID .. ":CANARY_s3cr3t_0f_the_g0lden_b0t_00_0",
    LC_ALL = "C" }
  local screen = terminal.start(("%s %s --ca-file %s"):format(here.within, words, quote(here.ca_file)), env,
    { COLUMNS, LINES })
  screen:await "move it:$"
  screen:type("shop_bot", "Enter"):await "%[exit 0%]"
  local text = screen:colours()
  screen:close()
  return (text:gsub("%s*%[exit 0%].*$", ""))
end

local function escaped(text)
  return (text:gsub("[&<>]", { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;" }))
end

-- One piece of a line that has one style: what stands between wider gaps, each with its place and its length, so that
-- every font keeps the columns.
local function piece(out, row, column, text, style)
  local y = BAR + MARGIN + row * HEIGHT
  for from, words in (text:gsub("  +", function(gap) return ("\1"):rep(#gap) end)):gmatch "()([^\1]+)" do
    local first, bare = words:match "^( ?)(.-) ?$"
    local x = MARGIN + (column + from - 1 + #first) * WIDTH
    if bare ~= "" then
      out[#out + 1] = ('<text x="%d" y="%d" textLength="%d"%s>%s</text>'):format(x, y, #bare * WIDTH, style,
        escaped(bare))
    end
  end
end

local function styled(now, codes)
  for code in (codes == "" and "0" or codes):gmatch "%d+" do
    if code == "0" or code == "39" then now = "" end
    if STYLES[code] then now = now .. " " .. STYLES[code] end
  end
  return now
end

-- A style lasts until the next one, on later lines, too.
local function draw_line(out, row, line, style)
  local first = line:match "^[^\27]*"
  piece(out, row, 0, first, style)
  local column = #first
  for codes, text in line:gmatch "\27%[([%d;]*)m([^\27]*)" do
    style = styled(style, codes)
    piece(out, row, column, text, style)
    column = column + #text
  end
  return style
end

local function draw(lines)
  local width, height = 2 * MARGIN + COLUMNS * WIDTH, BAR + 2 * MARGIN + #lines * HEIGHT
  local out = {
    ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img">'):format(width,
      height, width, height),
    "<!-- made by make pictures: what a real run shows, against emulators -->",
    "<title>botapi migrate in a terminal</title>",
    ('<rect width="%d" height="%d" rx="8" fill="%s"/>'):format(width, height, BACK),
  }
  for i, colour in ipairs { "#ff5f57", "#febc2e", "#28c840" } do
    out[#out + 1] = ('<circle cx="%d" cy="17" r="6" fill="%s"/>'):format(MARGIN + (i - 1) * 20 + 2, colour)
  end
  out[#out + 1] = ('<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, \'DejaVu Sans Mono\', monospace" '
    .. 'font-size="13" fill="%s">'):format(TEXT)
  local style = ""
  for row, line in ipairs(lines) do style = draw_line(out, row, line, style) end
  out[#out + 1] = "</g>\n</svg>\n"
  return table.concat(out, "\n")
end

--- The picture, as the text of an SVG file. Needs a network of its own, nginx and tmux.
function session.svg()
  local here = stage.new()
  local ok, screen = pcall(play, here)
  here:close()
  assert(ok, screen)
  assert(not screen:find "CANARY", "a secret is shown")
  local lines = {}
  for line in ("\27[2m$\27[0m " .. session.command .. "\n\n" .. screen .. "\n"):gmatch "(.-)\n" do
    lines[#lines + 1] = line
  end
  return draw(lines)
end

return session
