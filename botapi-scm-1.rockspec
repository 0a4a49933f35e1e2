-- SPDX-License-Identifier: MIT
-- Made by packaging/rockspec.lua (make docs): don't edit.
rockspec_format = "3.0"
package = "botapi"
version = "scm-1"
source = {
  url = "."  -- luarocks make, in the tree
}
description = {
  summary = "Logs Telegram bots out, and tells the truth about it",
  detailed = "Version 0.1.0. Bot API calls over libcurl: sent at most once, with proof of what was sent, for any "
    .. "event loop; and an emulator of the Bot API server to test bots against.",
  license = "MIT",
  labels = {"telegram", "bot", "libcurl", "async"}
}
supported_platforms = {"linux"}
dependencies = {
  "lua >= 5.1, < 5.5",
  "lua-cjson >= 2.1",
  "argparse >= 0.7"
  -- for the emulator only: cqueues, luaossl, luasocket
}
external_dependencies = {
  CURL = {library = "curl"}
}
build = {
  type = "builtin",
  install = {bin = {"bin/botapi"}},
  modules = {
    ["botapi.core"] = {
      sources = {
        "src/buffer.c",
        "src/ca.c",
        "src/call.c",
        "src/core.c",
        "src/endpoint.c",
        "src/engine.c",
        "src/engine_object.c",
        "src/envelope.c",
        "src/failure.c",
        "src/host.c",
        "src/options.c",
        "src/params.c",
        "src/poller_epoll.c",
        "src/poller_slots.c",
        "src/queue.c",
        "src/secret.c",
        "src/sockets.c",
        "src/timeline.c",
        "src/transfer.c"
      },
      libdirs = {"$(CURL_LIBDIR)"},
      libraries = {"curl", "pthread", "dl"}
    },
    ["botapi"] = "lua/botapi.lua",
    ["botapi.api"] = "lua/botapi/api.lua",
    ["botapi.bot"] = "lua/botapi/bot.lua",
    ["botapi.cli"] = "lua/botapi/cli.lua",
    ["botapi.cli.call"] = "lua/botapi/cli/call.lua",
    ["botapi.cli.close"] = "lua/botapi/cli/close.lua",
    ["botapi.cli.common"] = "lua/botapi/cli/common.lua",
    ["botapi.cli.completion"] = "lua/botapi/cli/completion.lua",
    ["botapi.cli.document"] = "lua/botapi/cli/document.lua",
    ["botapi.cli.emulator"] = "lua/botapi/cli/emulator.lua",
    ["botapi.cli.help"] = "lua/botapi/cli/help.lua",
    ["botapi.cli.history"] = "lua/botapi/cli/history.lua",
    ["botapi.cli.json"] = "lua/botapi/cli/json.lua",
    ["botapi.cli.leave"] = "lua/botapi/cli/leave.lua",
    ["botapi.cli.leave_text"] = "lua/botapi/cli/leave_text.lua",
    ["botapi.cli.logout"] = "lua/botapi/cli/logout.lua",
    ["botapi.cli.migrate"] = "lua/botapi/cli/migrate.lua",
    ["botapi.cli.move"] = "lua/botapi/cli/move.lua",
    ["botapi.cli.place"] = "lua/botapi/cli/place.lua",
    ["botapi.cli.progress"] = "lua/botapi/cli/progress.lua",
    ["botapi.cli.rehearsal"] = "lua/botapi/cli/rehearsal.lua",
    ["botapi.cli.session"] = "lua/botapi/cli/session.lua",
    ["botapi.cli.status"] = "lua/botapi/cli/status.lua",
    ["botapi.cli.terminal"] = "lua/botapi/cli/terminal.lua",
    ["botapi.cli.token"] = "lua/botapi/cli/token.lua",
    ["botapi.cli.topics"] = "lua/botapi/cli/topics.lua",
    ["botapi.copas"] = "lua/botapi/copas.lua",
    ["botapi.cqueues"] = "lua/botapi/cqueues.lua",
    ["botapi.drive.blocking"] = "lua/botapi/drive/blocking.lua",
    ["botapi.drive.copas"] = "lua/botapi/drive/copas.lua",
    ["botapi.drive.cqueues"] = "lua/botapi/drive/cqueues.lua",
    ["botapi.drive.luv"] = "lua/botapi/drive/luv.lua",
    ["botapi.drive.ngx"] = "lua/botapi/drive/ngx.lua",
    ["botapi.emulator"] = "lua/botapi/emulator.lua",
    ["botapi.emulator.answers"] = "lua/botapi/emulator/answers.lua",
    ["botapi.emulator.calls"] = "lua/botapi/emulator/calls.lua",
    ["botapi.emulator.check"] = "lua/botapi/emulator/check.lua",
    ["botapi.emulator.client"] = "lua/botapi/emulator/client.lua",
    ["botapi.emulator.clock"] = "lua/botapi/emulator/clock.lua",
    ["botapi.emulator.control"] = "lua/botapi/emulator/control.lua",
    ["botapi.emulator.delivery"] = "lua/botapi/emulator/delivery.lua",
    ["botapi.emulator.duration"] = "lua/botapi/emulator/duration.lua",
    ["botapi.emulator.faults"] = "lua/botapi/emulator/faults.lua",
    ["botapi.emulator.http"] = "lua/botapi/emulator/http.lua",
    ["botapi.emulator.json"] = "lua/botapi/emulator/json.lua",
    ["botapi.emulator.launcher"] = "lua/botapi/emulator/launcher.lua",
    ["botapi.emulator.limits"] = "lua/botapi/emulator/limits.lua",
    ["botapi.emulator.listener"] = "lua/botapi/emulator/listener.lua",
    ["botapi.emulator.message"] = "lua/botapi/emulator/message.lua",
    ["botapi.emulator.methods"] = "lua/botapi/emulator/methods.lua",
    ["botapi.emulator.names"] = "lua/botapi/emulator/names.lua",
    ["botapi.emulator.process"] = "lua/botapi/emulator/process.lua",
    ["botapi.emulator.puts"] = "lua/botapi/emulator/puts.lua",
    ["botapi.emulator.request"] = "lua/botapi/emulator/request.lua",
    ["botapi.emulator.reset"] = "lua/botapi/emulator/reset.lua",
    ["botapi.emulator.rules"] = "lua/botapi/emulator/rules.lua",
    ["botapi.emulator.server"] = "lua/botapi/emulator/server.lua",
    ["botapi.emulator.session"] = "lua/botapi/emulator/session.lua",
    ["botapi.emulator.telegram"] = "lua/botapi/emulator/telegram.lua",
    ["botapi.emulator.tls"] = "lua/botapi/emulator/tls.lua",
    ["botapi.emulator.webhook"] = "lua/botapi/emulator/webhook.lua",
    ["botapi.emulator.world"] = "lua/botapi/emulator/world.lua",
    ["botapi.journal"] = "lua/botapi/journal.lua",
    ["botapi.journal.record"] = "lua/botapi/journal/record.lua",
    ["botapi.journal.state"] = "lua/botapi/journal/state.lua",
    ["botapi.journal.store"] = "lua/botapi/journal/store.lua",
    ["botapi.luv"] = "lua/botapi/luv.lua",
    ["botapi.methods"] = "lua/botapi/methods.lua",
    ["botapi.migrate"] = "lua/botapi/migrate.lua",
    ["botapi.migrate.checks"] = "lua/botapi/migrate/checks.lua",
    ["botapi.migrate.options"] = "lua/botapi/migrate/options.lua",
    ["botapi.migrate.patience"] = "lua/botapi/migrate/patience.lua",
    ["botapi.migrate.report"] = "lua/botapi/migrate/report.lua",
    ["botapi.migrate.report_text"] = "lua/botapi/migrate/report_text.lua",
    ["botapi.migrate.requests"] = "lua/botapi/migrate/requests.lua",
    ["botapi.migrate.resume"] = "lua/botapi/migrate/resume.lua",
    ["botapi.migrate.steps"] = "lua/botapi/migrate/steps.lua",
    ["botapi.migrate.text"] = "lua/botapi/migrate/text.lua",
    ["botapi.migrate.webhook"] = "lua/botapi/migrate/webhook.lua",
    ["botapi.migrate.words"] = "lua/botapi/migrate/words.lua",
    ["botapi.reason"] = "lua/botapi/reason.lua",
    ["botapi.reason.rows"] = "lua/botapi/reason/rows.lua",
    ["botapi.retry"] = "lua/botapi/retry.lua",
    ["botapi.show"] = "lua/botapi/show.lua",
    ["resty.botapi"] = "lua/resty/botapi.lua",
    ["resty.botapi.thread"] = "lua/resty/botapi/thread.lua"
  }
}
