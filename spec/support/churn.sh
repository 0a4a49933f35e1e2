#!/bin/sh
# SPDX-License-Identifier: MIT
# The calls that end before their time under valgrind: churn.sh [ROUNDS]. Needs LUA_PATH and LUA_CPATH of the tree.
set -eu
cd "$(dirname "$0")/../.."
BOTAPI_SLOW=20 BOTAPI_CHURN=${1:-210} exec valgrind -q --leak-check=full --keep-debuginfo=yes --error-exitcode=9 \
  --child-silent-after-fork=yes --suppressions=spec/support/lint/valgrind.supp "${LUA:-lua5.4}" \
  -e 'arg = {[0] = "busted", "-o", "TAP", "spec/drive/drive_churn_spec.lua"} require "busted.runner" {standalone = false}'
