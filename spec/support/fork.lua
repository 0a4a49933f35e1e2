-- SPDX-License-Identifier: MIT
-- What fork.c has: fork, clone, unshare, wait, exit, pause, kill, pid, cpu, alarm, forbid, open, is_open, close_from.

return require "support.native" "fork"
