-- SPDX-License-Identifier: MIT
-- Specifies what the shells complete behind `botapi call`: the Bot API's methods, and their parameters.

local bot_api = require "botapi.bot_api"
local process = require "support.process"
local terminal = require "support.terminal"

local quote = process.quote

-- They have commands of their own.
local LEAVING = { logOut = true, close = true }

-- What is typed, and what of it is completed; "" for nothing.
local TYPED = {
  { "sendMessageD", "sendMessageDraft" }, { "sendMessage te", "text=" },
  { "--server local sendMessage pars", "parse_mode=" }, { "--json sendMessage pars", "parse_mode=" },
  { "sendMessage chat_id=5 parse", "parse_mode=" }, { "sendMessage chat_id=5 text=hi parse", "parse_mode=" },
  { "sendFancyThing te", "" }, { "getMe te", "" }, { "logO", "" },
}

describe("behind `botapi call`", function()
  local made = process.directory() .. "completion"

  setup(function()
    assert(process.run("mkdir -p " .. quote(made)))
    assert(process.run(process.lua .. " packaging/generate.lua " .. quote(made)))
  end)

  describe("bash completes", function()
    -- The answers to lines, whose words are as bash splits them: = and @ are words.
    local function completed(lines)
      local script = ([[. %s/botapi.bash
        while read -r -a COMP_WORDS; do
          COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMPREPLY=()
          _botapi
          echo "${COMPREPLY[@]}"
        done]]):format(made)
      local file = assert(io.open(made .. "/lines", "w"))
      file:write("botapi ", table.concat(lines, "\nbotapi "), "\n")
      file:close()
      local answers = {}
      local said = process.capture(("bash --norc -c %s <%s 2>&1"):format(quote(script), quote(made .. "/lines")))
      for line in said:gmatch "([^\n]*)\n" do answers[#answers + 1] = line end
      assert.equal(#lines, #answers, said)
      return answers
    end

    it("methods, their parameters, and nothing where a value stands", function()
      local lines, expected = {}, {}
      local function add(words, answer) lines[#lines + 1], expected[#expected + 1] = words, answer end
      for _, each in ipairs(TYPED) do add("call " .. each[1]:gsub("=", " = "), each[2]) end
      add("call --server = local sendMessage pars", "parse_mode=")
      add("call sendMessage chat_id =", "")
      add("call sendMessage text = pars", "")
      add("call sendDocument document = @ sendM", "")
      add("call --server sendMessageD", "")
      add("call sendMessage --token-f", "--token-file")
      add("status sendMessageD", "")
      assert.same(expected, completed(lines))
    end)

    it("each method of the table but two, and each of its parameters", function()
      local lines, expected = {}, {}
      for _, name in ipairs(bot_api.names()) do
        lines[#lines + 1], expected[#expected + 1] = "call " .. name, name
        for _, param in ipairs(LEAVING[name] and {} or bot_api.find(name).params) do
          lines[#lines + 1], expected[#expected + 1] = "call " .. name .. " " .. param, param .. "="
        end
      end
      assert.is_true(#lines > 900, #lines)
      for i, answer in ipairs(completed(lines)) do
        local is_there = (" " .. answer .. " "):find(" " .. expected[i] .. " ", 1, true) ~= nil
        assert.equal(not LEAVING[expected[i]], is_there, lines[i] .. ": " .. answer)
      end
    end)
  end)

  -- Each is the name of a file that begins with zz, alone in its directory, and nothing but a name.
  local NAMES = { "zz;touch${IFS}PWNED;", "zz$(touch PWNED)", "zz`touch PWNED`", "zz|touch PWNED", "zz&touch PWNED",
    "zz a  b", "zz*", "zz'q\"", "zz>PWNED", "zz\\;touch PWNED" }

  -- Types the beginning of each name behind an option, completes it and runs the line: the words that a shell makes of
  -- it. `start` is what is typed first.
  local function typed(shell, start)
    local base = terminal.directory() .. "names"
    process.run(("rm -rf %s; mkdir -p %s"):format(quote(base), quote(base)))
    for i, name in ipairs(NAMES) do
      process.run(("mkdir %s/%d && : >%s"):format(quote(base), i, quote(base .. "/" .. i .. "/" .. name)))
    end
    local term = terminal.start("cd " .. quote(base) .. "; " .. shell, { HOME = base, HISTFILE = false })
    term:type(start, "Enter")
    for i, name in ipairs(NAMES) do
      term:type(("cd %s/%d; clear; echo at-$((%d*1000+1))"):format(base, i, i), "Enter")
      term:await(("at%%-%d"):format(i * 1000 + 1))
      term:type("botapi call --token-file zz", "Tab")
      term:await "token%-file zz[^\n]"
      term:type("Enter", "echo end-$((1000+1))", "Enter")
      term:await "end%-1001"
      local there = process.capture(("cd %s/%d && ls -A"):format(quote(base), i))
      if there ~= name .. "\n" then term:close() end
      assert.equal(name .. "\n", there)
    end
    term:close()
    return process.slurp(base .. "/words")
  end

  local RECORD = "botapi() { printf '<%s>' \"$@\" >>../words; }; "

  it("the name of a file is a word to bash, whatever it holds", function()
    local words = typed("bash --norc --noprofile -i", RECORD .. ". " .. quote(made .. "/botapi.bash"))
    for _, name in ipairs(NAMES) do
      assert.is_truthy(words:find("<call><--token-file><" .. name .. ">", 1, true), name .. ": " .. words)
    end
  end)

  it("the name of a file is a word to zsh, whatever it holds", function()
    if not process.run "command -v zsh >/dev/null" then return pending "no zsh here" end
    local words = typed("zsh -f -i",
      ("fpath=(%s $fpath); autoload -Uz compinit; compinit -u -D; %s"):format(made, RECORD))
    for _, name in ipairs(NAMES) do
      assert.is_truthy(words:find("<call><--token-file><" .. name .. ">", 1, true), name .. ": " .. words)
    end
  end)

  it("fish completes the same", function()
    if not process.run "command -v fish >/dev/null" then return pending "no fish here" end
    local script = "source " .. made .. "/botapi.fish\n"
    for _, each in ipairs(TYPED) do
      script = script .. ("echo (complete -C %s)\n"):format(quote("botapi call " .. each[1]))
    end
    local answers = {}
    for _, each in ipairs(TYPED) do answers[#answers + 1] = each[2] end
    local empty = quote(made .. "/empty")       -- fish writes below HOME
    local command = ("mkdir -p %s && cd %s && HOME=%s fish -N -c %s 2>&1"):format(empty, empty, quote(made),
      quote(script))
    local said = process.capture(command)
    assert.equal(table.concat(answers, "\n") .. "\n", said)
  end)

  it("zsh has functions for both, in a script that it takes", function()
    local script = assert(process.slurp(made .. "/_botapi"))
    for _, name in ipairs { "methods", "params" } do
      assert.is_truthy(script:find(":_botapi_" .. name .. '" \\\n', 1, true))
      assert.is_truthy(script:find("\n_botapi_" .. name .. "() {\n", 1, true))
    end
    if process.run "command -v zsh >/dev/null" then
      assert.equal("", process.capture("zsh -n " .. quote(made .. "/_botapi") .. " 2>&1"))
    end
  end)
end)
