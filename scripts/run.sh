#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
#
# Opens the sample photo in Limn; where there is no display, repaints a part of it on the command line.

set -u
. "$(dirname "$0")/lib.sh"

bash "$root/scripts/build.sh" plain || exit 1
dir=$(limn_build_dir build)
limn=$dir/app/main/limn

# The photo that mate-backgrounds installs, or a landscape painted by program; and the mask for either.
folder=$dir/sample
mkdir -p "$folder" || die "Cannot write to $folder."
photo=/usr/share/backgrounds/mate/nature/Storm.jpg
prompt='blue sky with white clouds'
if [ ! -r "$photo" ]; then
  photo=$folder/landscape.png
  "$dir/data/sample/limn-sample" landscape "$photo" || exit 1
fi
mask=$folder/mask.png
"$dir/data/sample/limn-sample" mask "$mask" --like "$photo" || exit 1

limn_own_locale
# An uninstalled program finds its settings' schema in the build folder.
export GSETTINGS_SCHEMA_DIR=$dir/data

if "$dir/tests/tools/limn-has-display"; then
  say "Opening $photo in Limn."
  exec "$limn" "$photo"
fi

result=$folder/result.png
say "There is no display here, so Limn works on the command line: it repaints a part of the sky of the sample photo."
say
say "  limn inpaint $photo \\"
say "    --mask $mask --prompt '$prompt' --seed 1 -o $result"
say
rm -f "$result"
"$limn" inpaint "$photo" --mask "$mask" --prompt "$prompt" --seed 1 -o "$result" || exit 1
[ -s "$result" ] || die "Limn ended without writing a result."
say
say "Photo:  $photo"
say "Mask:   $mask"
say "Result: $result"
