# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
#
# What the other scripts share. Sourced by bash, never run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)

# What the tools say is read by scripts too: one language, whatever the person's. Limn itself is run in theirs.
limn_locale=${LC_ALL-}
export LC_ALL=C.UTF-8

# Sets the person's language again.
limn_own_locale () { if [ -n "$limn_locale" ]; then LC_ALL=$limn_locale; else unset LC_ALL; fi; }

say () { printf '%s\n' "$*"; }
warn () { printf '%s\n' "$*" >&2; }
die () { warn "$*"; exit 1; }

# May this user change everything under the folder $1, and is it theirs?
# Root could write into anybody's folder, but what it leaves there its owner could not replace.
limn_is_ours ()
{
  [ -d "$1" ] && [ -w "$1" ] || return 1
  [ "$(stat -c %u "$1")" = "$(id -u)" ] || return 1
  [ -z "$(find "$1" ! -user "$(id -u)" -print -quit 2>&1)" ]
}

# limn_build_dir NAME: prints the folder to build in. That is NAME in the source tree, or, when NAME belongs to somebody else
# or the tree cannot be written, a folder of this user's own. The same answer every time.
limn_build_dir ()
{
  local name=$1 own cache
  if [ -e "$root/$name" ]; then
    limn_is_ours "$root/$name" && { say "$root/$name"; return; }
  elif [ -w "$root" ]; then
    say "$root/$name"; return
  fi
  own=$root/$name-$(id -un 2>/dev/null || id -u)
  if [ -w "$own" ] || { [ ! -e "$own" ] && [ -w "$root" ]; }; then
    say "$own"; return
  fi
  cache=${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}
  mkdir -p "$cache" 2>/dev/null && [ -w "$cache" ] || cache=${TMPDIR:-/tmp}/limn-$(id -u)
  say "$cache/limn/$(printf '%s' "$root" | sha1sum | cut -c 1-12)/$name"
}

# The builds there are: their folders and the options that they are configured with. Sanitizers name functions and lines, which -g1 has.
declare -A limn_folder=([plain]=build [asan]=build-asan [tsan]=build-tsan [release]=build-release [fuzz]=build-fuzz [fuzzfast]=build-fuzz-fast)
declare -A limn_options=(
  [plain]='-Dbuildtype=debugoptimized'
  [asan]='-Dbuildtype=debugoptimized -Doptimization=1 -Db_sanitize=address,undefined -Dc_args=["-fno-omit-frame-pointer","-g1"]'
  [tsan]='-Dbuildtype=debugoptimized -Doptimization=1 -Db_sanitize=thread -Dc_args=["-fno-omit-frame-pointer","-g1"]'
  [release]='-Dbuildtype=release'
  # Readers need no fast kernels, for which clang takes minutes with sanitizers in.
  [fuzz]="-Dbuildtype=debugoptimized -Dsimd=false -Db_sanitize=address,undefined -Db_lundef=false -Dc_args=['-fno-omit-frame-pointer','-fsanitize=fuzzer-no-link']"
  # Several times as fast: nothing looks at memory, and what is undefined is a trap without a word.
  [fuzzfast]="-Dbuildtype=debugoptimized -Dsimd=false -Dc_args=['-fsanitize=fuzzer-no-link,undefined','-fsanitize-trap=undefined']"
)
# Where not everything is built: what is.
declare -A limn_targets=([fuzz]=fuzzers [fuzzfast]=fuzzers)
