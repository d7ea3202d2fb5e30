#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
#
# build.sh BUILD [MESON-OPTION...]: makes the folder of BUILD (plain, asan, tsan, release, fuzz, fuzzfast) an up-to-date build of Limn with
# exactly its options, whatever the folder was before: absent, half configured, configured with other options, by another meson, for another place.

set -u
. "$(dirname "$0")/lib.sh"

build=$1
shift
dir=$(limn_build_dir "${limn_folder[$build]}")
# shellcheck disable=SC2086
set -- ${limn_options[$build]} "$@"

for tool in meson ninja cc; do
  command -v $tool >/dev/null || die "$tool is not installed; \`make deps\` installs what Limn is built with."
done

# What a configured folder depends on besides the sources. cmd_line.txt is meson's own record, which `meson configure` changes too.
fingerprint ()
{
  printf '%s\n' "$(meson --version)" "$root" "$@"
  cat "$dir/meson-private/cmd_line.txt"
}

is_configured ()
{
  [ -f "$dir/build.ninja" ] && [ -f "$dir/meson-private/coredata.dat" ] \
    && [ "$(cat "$dir/limn-options" 2>/dev/null)" = "$(fingerprint "$@" 2>/dev/null)" ]
}

configure ()
{
  # A folder that meson did not make is not ours to empty.
  if [ -d "$dir" ] && [ -n "$(ls -A "$dir")" ] && [ ! -d "$dir/meson-private" ] && [ ! -f "$dir/limn-options" ]; then
    die "$dir exists and is not a build folder; move it away."
  fi
  rm -rf "$dir" || die "Cannot empty $dir."
  mkdir -p "$dir" && printf 'unfinished\n' >"$dir/limn-options" || die "Cannot write to $dir."
  meson setup "$dir" "$root" "$@" || die "The build could not be configured; the reason stands above."
  fingerprint "$@" >"$dir/limn-options"
}

[ "$dir" = "$root/$(basename "$dir")" ] || say "Building in $dir"
is_configured "$@" || configure "$@"
# Only the rules first: when the old configuration cannot follow the sources, a new one is made.
ninja -C "$dir" build.ninja >/dev/null 2>&1 || configure "$@"
# shellcheck disable=SC2086
ninja -C "$dir" ${limn_targets[$build]:-} || die "The build failed; the reason stands above."
