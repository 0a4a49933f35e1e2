# SPDX-License-Identifier: MIT
# Sets mirror: this machine's mirror of Debian, empty where apt names none; mmdebstrap takes its own then.
# shellcheck shell=sh disable=SC2034

mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m 1 -E '/debian/?$' || :)
