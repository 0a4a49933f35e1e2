#!/bin/sh
# SPDX-License-Identifier: MIT
# Prints the command $1 as it is installed: with the interpreter $INTERPRETER, looking for modules in $SHARE and $LIB.
set -eu

cat <<END
#!$INTERPRETER
package.path = [[$SHARE/?.lua;$SHARE/?/init.lua;]] .. package.path
package.cpath = [[$LIB/?.so;]] .. package.cpath
END
sed 1d "$1"
