-- SPDX-License-Identifier: MIT
-- What fork.c has: fork, wait, exit, pause, kill, cpu.

return require "support.native" "fork"
