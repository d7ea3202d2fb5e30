#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs a command on a display of its own, in a home of its own, without D-Bus:
#
#   with-display.sh [--size WIDTHxHEIGHT] COMMAND [ARGUMENT...]
#
# Exit status: the command's; 77 (skipped) when there is no Xvfb. (xvfb-run loses the status and may leave a server behind.)
size=1600x1000
if [ "$1" = --size ]; then
  size=$2
  shift 2
fi
command -v Xvfb >/dev/null || { echo "1..0 # SKIP Xvfb is not installed"; exit 77; }

home=$(mktemp -d) || exit 1
coproc XVFB { exec Xvfb -displayfd 1 -screen 0 "${size}x24" -nolisten tcp -noreset 2>"$home/xvfb.log"; }
server=$XVFB_PID
finish () {
  kill "$server" 2>/dev/null
  wait "$server" 2>/dev/null
  rm -rf "$home"
}
trap finish EXIT
trap 'exit 130' INT TERM
if ! read -r -t 30 number <&"${XVFB[0]}"; then
  echo "Xvfb did not start:" >&2
  cat "$home/xvfb.log" >&2
  exit 1
fi

unset WAYLAND_DISPLAY DBUS_SESSION_BUS_ADDRESS
mkdir -m 700 "$home/run"
export DISPLAY=:$number GDK_BACKEND=x11 GSK_RENDERER=cairo GTK_A11Y=${GTK_A11Y:-test} ADW_DISABLE_PORTAL=1 \
  GSETTINGS_BACKEND=memory G_DEBUG=${G_DEBUG-fatal-warnings} LANG=C.UTF-8 LC_ALL=C.UTF-8 NO_AT_BRIDGE=1 \
  HOME=$home XDG_RUNTIME_DIR=$home/run XDG_DATA_HOME=$home/data XDG_CONFIG_HOME=$home/config XDG_CACHE_HOME=$home/cache
"$@"
