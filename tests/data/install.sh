#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
#
# install.sh BUILD-FOLDER: installs into an empty folder and looks whether everything is there. Prints TAP.

set -u
build=$1
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
number=0
bad=0

point ()
{
  number=$((number + 1))
  if [ "$1" = 0 ]; then
    printf 'ok %d %s\n' "$number" "$2"
  else
    bad=1
    printf 'not ok %d %s\n' "$number" "$2"
  fi
}

# find_one PATTERN: is there a file whose path below the stage matches?
find_one () { [ -n "$(find "$stage" -type f -path "$stage/*$1" -size +0 -print -quit)" ]; }

DESTDIR=$stage meson install -C "$build" --no-rebuild >"$stage/log" 2>&1
result=$?
[ "$result" = 0 ] || sed 's/^/# /' "$stage/log"
point "$result" 'meson install works'

for file in bin/limn share/applications/io.github.limn.Limn.desktop share/metainfo/io.github.limn.Limn.metainfo.xml \
            share/glib-2.0/schemas/io.github.limn.Limn.gschema.xml \
            share/icons/hicolor/scalable/apps/io.github.limn.Limn.svg \
            share/icons/hicolor/symbolic/apps/io.github.limn.Limn-symbolic.svg \
            share/limn/models/limn-inpaint/model.safetensors share/limn/models/limn-upscale/model.safetensors \
            share/limn/models/limn-upscale-fast/model.safetensors \
            share/help/C/limn/index.page share/help/C/limn/keys.page; do
  find_one "/$file"
  point $? "$file is installed"
done

limn=$(find "$stage" -type f -path '*/bin/limn' -print -quit)
[ -n "$limn" ] && "$limn" --version | grep -q '[0-9]\.[0-9]'
point $? 'the installed program tells its version'

[ -z "$(find "$stage" \( -name '*sample*' -o -name '*bench*' -o -name 'test-*' -o -name '*.py' \) -print -quit)" ]
point $? 'nothing is installed that only building and testing need'

printf '1..%d\n' "$number"
exit "$bad"
