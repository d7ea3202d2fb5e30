#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
#
# Shows where the C sources differ from .clang-format. Changes nothing.

set -u
. "$(dirname "$0")/lib.sh"

command -v clang-format >/dev/null || die "clang-format is not installed (Debian package clang-format)."
cd "$root" || exit 1
find engine app ui tests data -name '*.[ch]' -print0 | xargs -0 clang-format --dry-run --ferror-limit=0 2>&1
