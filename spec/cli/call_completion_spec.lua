-- SPDX-License-Identifier: MIT
-- Specifies what the shells complete: values of options, bots of the journals, files only where one belongs; and behind
-- `botapi call` the Bot API's methods and their parameters.

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

  -- What is typed in a directory with the files zzfile and telegram.txt, and the word that it ends with then.
  local VALUES = {
    { "status --server tel", "telegram" }, { "status --server ba", "bale" }, { "migrate --from lo", "local" },
    { "migrate --to-proxy-auth neg", "negotiate" }, { "emulator --as face", "facebook" },
    { "logout --as cl", "cloud" }, { "migrate --webhook k", "keep" }, { "fleet migrate zzfile --webhook n", "none" },
    { "logout --color al", "always" },
    { "logout --confirm 1234", "123456789" }, { "close --confirm sho", "shop_bot" }, { "logout --confirm zz", "zz" },
    { "fleet log", "logout" }, { "help exit", "exit-codes" }, { "help mig", "migrate" }, { "completion z", "zsh" },
    { "logout --token-file zz", "zzfile" }, { "fleet logout zz", "zzfile" }, { "download x -o zz", "zzfile" },
    { "migrate --webhook-certificate zz", "zzfile" }, { "migrate --to-ca-file zz", "zzfile" },
    { "download zz", "zz" }, { "status --timeout zz", "zz" }, { "status zz", "zz" }, { "logout --user-agent zz", "zz" },
    { "call getMe zz", "zz" }, { "call zz", "zz" }, { "call sendMessage text=zz", "text=zz" }, { "mig", "migrate" },
    { "logout --token-command zz", "zz" }, { "emulator --control o", "off" }, { "call --server te", "telegram" },
    { "call sendMess", nil }, { "call --json getUserProfileP", "getUserProfilePhotos" },
  }

  local function prepare()
    local home = terminal.directory() .. "values"
    process.run(("rm -rf %s; mkdir -p %s/.local/state/botapi %s/files && cd %s/files && : >zzfile && : >telegram.txt")
      :format(quote(home), quote(home), quote(home), quote(home)))
    local file = assert(io.open(home .. "/.local/state/botapi/123456789.jsonl", "w"))
    file:write '{"v":1,"type":"intent","bot":"123456789","username":"shop_bot","method":"logOut"}\n'
    file:close()
    process.run(("cd %s/.local/state/botapi && : >123456789.jsonl.lock"):format(quote(home)))
    return home
  end

  -- Runs a shell on a script that prints a line for each of VALUES.
  local function check_values(shell, head, each)
    local home, lines = prepare(), { head }
    for _, row in ipairs(VALUES) do
      if row[2] then lines[#lines + 1] = each(row[1]) end
    end
    local file = assert(io.open(home .. "/script", "w"))
    file:write(table.concat(lines, "\n"), "\n")
    file:close()
    local said = process.capture(("cd %s/files && env -u XDG_STATE_HOME HOME=%s %s ../script 2>&1"):format(quote(home),
      quote(home), shell))
    local i = 0
    for _, row in ipairs(VALUES) do
      if row[2] then
        local answer = said:match("^[^\n]*", i + 1)
        i = i + #answer + 1
        local is_left = not row[1]:find(row[2], 1, true) and row[2] or ""
        assert.equal(is_left, answer, row[1] .. "\n" .. said)
      end
    end
  end

  it("bash completes values, and files only where one belongs", function()
    check_values("bash --norc", "source <(" .. process.root .. [[bin/botapi completion bash)
      complete_line() { COMP_WORDS=("$@"); COMP_CWORD=$(($#-1)); _botapi; echo "${COMPREPLY[@]}"; }]],
      function(line) return "complete_line botapi " .. line:gsub("=", " = ") end)
  end)

  it("fish completes values, and files only where one belongs", function()
    if not process.run "command -v fish >/dev/null" then return pending "no fish here" end
    check_values("fish -N", process.root .. "bin/botapi completion fish | source",
      function(line)
        return ("echo (complete -C %s | string replace -r '\\t.*' '')"):format(quote("botapi " .. line))
      end)
  end)

  it("zsh completes values, and files only where one belongs, from a script that is sourced", function()
    if not process.run "command -v zsh >/dev/null" then return pending "no zsh here" end
    local home = prepare()
    local term = terminal.start("cd " .. quote(home) .. "/files; zsh -f -i", { HOME = home, XDG_STATE_HOME = false,
      HISTFILE = false })
    term:type("source <(" .. quote(process.root .. "bin/botapi") .. " completion zsh)", "Enter",
      "botapi() { print -r -- \"<$*>\" >>../words }; echo ready-$((1000+1))", "Enter")
    term:await "ready%-1001"
    local expected = {}
    for i, row in ipairs(VALUES) do
      if row[2] then
        term:type("clear; echo at-$((" .. i .. "*1000+1))", "Enter"):await(("at%%-%d"):format(i * 1000 + 1))
        term:type("botapi " .. row[1], "Tab", "Enter", "echo end-$((1000+1))", "Enter"):await "end%-1001"
        expected[#expected + 1] = "<" .. row[1]:gsub("%S+$", "") .. row[2] .. ">"
      end
    end
    term:close()
    assert.equal(table.concat(expected, "\n") .. "\n", process.slurp(home .. "/words"))
  end)

  it("bash completes values behind =, files behind =@, and programs behind --", function()
    prepare()
    local function complete(words)
      return process.capture(("cd %svalues/files && bash --norc -c %s 2>&1"):format(quote(terminal.directory()), quote((
        ". %s/botapi.bash; COMP_WORDS=(botapi %s); COMP_CWORD=$((${#COMP_WORDS[@]}-1)); _botapi; echo ${COMPREPLY[@]}")
        :format(made, words))))
    end
    assert.equal("telegram\n", complete "status --server = te")
    assert.equal("telegram bale local\n", complete "status --server =")
    assert.equal("zzfile\n", complete "call sendDocument chat_id = 5 document = @ zz")
    assert.equal("zzfile\n", complete "fleet logout --server http : //10.0.0.5 : 8081 zz")
    assert.matches("^mkfifo", complete "emulator --as cloud -- mkfif")
    assert.equal("zzfile\n", complete "emulator --as cloud -- cat zz")
  end)

  it("zsh takes the script, also as a file below fpath", function()
    if not process.run "command -v zsh >/dev/null" then return pending "no zsh here" end
    assert.equal("", process.capture("zsh -n " .. quote(made .. "/_botapi") .. " 2>&1"))
    assert.equal("#compdef botapi", process.slurp(made .. "/_botapi"):match "^[^\n]*")
  end)
end)
