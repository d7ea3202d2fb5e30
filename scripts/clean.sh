#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
#
# Removes the folders that the other scripts build in.

set -u
. "$(dirname "$0")/lib.sh"

for name in "${limn_folder[@]}"; do
  dir=$(limn_build_dir "$name")
  [ -e "$dir" ] || continue
  rm -rf "$dir" && say "Removed $dir"
done
