#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
#
# install.sh PREFIX: builds for release and installs below PREFIX (and DESTDIR, which meson reads by itself).

set -u
. "$(dirname "$0")/lib.sh"

case ${1:-} in /*) ;; *) die "PREFIX has to be an absolute path." ;; esac
bash "$root/scripts/build.sh" release --prefix "$1" || exit 1
exec meson install -C "$(limn_build_dir build-release)" --no-rebuild
