#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
#
# limn-golden itself: it must fail where it should, and print the same for any number of threads.
#
#   test-limn-golden.sh LIMN-GOLDEN FIXTURES
set -u
golden=$1
fixtures=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

# expect STATUS TEXT DIR: runs on DIR; TEXT must be in what it prints.
expect ()
{
  "$golden" "$3" >"$work/out" 2>&1
  status=$?
  if [ "$status" -ne "$1" ] || ! grep -q -e "$2" "$work/out"; then
    echo "FAIL: $3: status $status, expected $1 and “$2”:"
    tail -n 5 "$work/out"
    failures=$((failures + 1))
  fi
}

# A fresh copy of a fixture under a new name.
copy ()
{
  cp -R "$fixtures/$1" "$work/$2"
  chmod -R u+w "$work/$2"
}

expect 2 'nowhere/fixture.json' "$work/nowhere"

copy F-clip-text unknown
sed -i 's/text-encoder-clip/something-else/' "$work/unknown/fixture.json"
expect 2 'unknown kind “something-else”' "$work/unknown"

copy F-clip-text broken-json
printf '{ "kind": ' >"$work/broken-json/fixture.json"
expect 2 'fixture.json' "$work/broken-json"

# Another activation is another network: numbers differ.
copy F-clip-text differs
sed -i 's/"hidden_act": "gelu"/"hidden_act": "quick_gelu"/' "$work/differs/gelu/config.json"
expect 1 'gelu/last_hidden_state .* FAIL' "$work/differs"

# Wider heads: every shape is as it was, the result is not.
copy D2-unet-sd2 heads
sed -i 's/num_head_channels: 16/num_head_channels: 32/' "$work/heads/config.yaml"
expect 1 'out .* FAIL' "$work/heads"

# A model that is cut off is an error, not a difference.
copy A-autoencoder-kl cut
head -c 500000 "$fixtures/A-autoencoder-kl/model.ckpt" >"$work/cut/model.ckpt"
expect 2 'model.ckpt' "$work/cut"

for fixture in C-unet-concat I2-inpaint-sd-9ch; do
  for threads in 1 2 3 4; do
    "$golden" --threads $threads "$fixtures/$fixture" >"$work/threads-$threads"
    if ! cmp -s "$work/threads-1" "$work/threads-$threads"; then
      echo "FAIL: $fixture differs with $threads threads"
      failures=$((failures + 1))
    fi
  done
done

[ "$failures" -eq 0 ]
