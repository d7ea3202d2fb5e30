#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
#
# test.sh BUILD...: builds and tests each BUILD (plain, asan, tsan) and prints one summary of them all.

set -u
. "$(dirname "$0")/lib.sh"

logs=()
failed_builds=$(mktemp)
trap 'rm -f "$failed_builds"' EXIT

for build in "$@"; do
  dir=$(limn_build_dir "${limn_folder[$build]}")
  label=$build
  [ "$build" = plain ] && label=
  if ! bash "$root/scripts/build.sh" "$build"; then
    printf '{"name": "building %s", "result": "ERROR", "returncode": 1, "stderr": "see above"}\n' "$build" >>"$failed_builds"
    continue
  fi
  say
  say "Testing the $build build:"
  # What came of it is read from the log, which an older run's may not stand in for.
  rm -f "$dir/meson-logs/testlog-$build.json"
  meson test -C "$dir" --no-rebuild --setup "$build" </dev/null
  logs+=("$label=$dir/meson-logs/testlog-$build.json")
done
[ -s "$failed_builds" ] && logs+=("=$failed_builds")

say
say "--- Summary ---"
python3 "$root/scripts/summary.py" "${logs[@]}"
