#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
#
# Builds for release and runs every benchmark, one after another so that none disturbs another.

set -u
. "$(dirname "$0")/lib.sh"

bash "$root/scripts/build.sh" release || exit 1
dir=$(limn_build_dir build-release)
exec meson test -C "$dir" --no-rebuild --benchmark --num-processes 1 --verbose
