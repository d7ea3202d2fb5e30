#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
#
# Builds for release and runs every benchmark, one after another so that none disturbs another. What they print and their figures as
# JSON stay in the build folder, bench/.

set -uo pipefail
. "$(dirname "$0")/lib.sh"

bash "$root/scripts/build.sh" release || exit 1
dir=$(limn_build_dir build-release)
out=$dir/bench
mkdir -p "$out" || exit 1
status=0
# The models are some gigabytes: they go also when this is interrupted.
TMPDIR=$(mktemp -d) || exit 1
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT

# part NAME PROGRAM OPTION...
part ()
{
  local name=$1 program=$dir/tests/bench/limn-bench-$2
  shift 2
  "$program" --json "$out/$name.json" "$@" | tee "$out/$name.txt" || { warn "$program failed"; status=1; }
  say
}

part stages stages
part inpaint-sd inpaint --sd --steps 20
part inpaint inpaint --steps 20 --runs 3
part shapes shapes --ways --runs 1
part kernels kernels --runs 1
part networks networks --runs 1
part weights weights --runs 1
# The workspace, on a display of its own.
bash "$root/tests/ui/with-display.sh" "$dir/tests/bench/limn-bench-canvas" --json "$out/canvas.json" | tee "$out/canvas.txt" \
  || { warn "limn-bench-canvas failed"; status=1; }
say
say "The figures are in $out; scripts/speed-table.py $out writes them into the table of SPEED.md."
exit "$status"
