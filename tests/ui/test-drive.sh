#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Works the real program with a real pointer and keyboard (xdotool), as a new user would: open a photo, brush, write, Ctrl+Enter, keep,
# save; then looks at what was written, and leaves screenshots. Called inside with-display.sh:
#
#   test-drive.sh LIMN LIMN-SAMPLE
limn=$1
sample=$2
artefacts=${LIMN_ARTEFACTS:-${MESON_BUILD_ROOT:-.}/artefacts}
work=$(mktemp -d)
pid=

skip () { echo "1..0 # SKIP $1"; exit 77; }
for tool in xdotool import identify compare; do
  command -v $tool >/dev/null || skip "$tool is not installed"
done
mkdir -p "$artefacts"

fail () {
  import -window root "$artefacts/drive-failed.png"
  echo "not ok - $1 (see $artefacts/drive-failed.png)"
  exit 1
}
finish () {
  [ -n "$pid" ] && kill "$pid" 2>/dev/null
  wait 2>/dev/null
  rm -rf "$work"
}
trap finish EXIT

# wait_for SECONDS COMMAND...: until the command succeeds
wait_for () {
  local n=$(($1 * 5))
  shift
  while ! "$@" >/dev/null 2>&1; do
    ((n-- > 0)) || return 1
    kill -0 "$pid" 2>/dev/null || return 1
    sleep 0.2
  done
}
window () { xdotool search --onlyvisible --name "$1" | tail -1; }
has_window () { [ -n "$(window "$1")" ]; }
focus () { xdotool windowfocus --sync "$(window "$1")"; }
shot () { sleep 0.5; import -window root "$artefacts/$1.png"; }
rows () { "$limn" history 2>/dev/null | grep -c 'grass'; }
has_row () { [ "$(rows)" -ge 1 ]; }

"$sample" landscape "$work/landscape.png" || fail "the sample painter"
start () {
  "$limn" "$@" &
  pid=$!
  wait_for 60 has_window Limn || fail "no window"
  sleep 1
}
stop () {
  kill "$pid"
  wait "$pid" 2>/dev/null
  pid=
}

start
shot window-empty
stop

start "$work/landscape.png"
wait_for 60 has_window landscape || fail "the photo did not open"
focus landscape
shot window-photo
echo "ok - a photo named on the command line opens"

# The middle of the picture is in the middle of the canvas.
xdotool mousemove 400 350 mousedown 1
for i in $(seq 1 25); do xdotool mousemove $((400 + i * 8)) $((350 + (i % 5) * 6)); sleep 0.01; done
xdotool mouseup 1
sleep 1
shot window-mask
before=$(import -window root rgb:- | cksum)
xdotool keydown ctrl click 4 click 4 keyup ctrl
sleep 1
[ "$before" != "$(import -window root rgb:- | cksum)" ] || fail "Ctrl and the wheel do not zoom"
xdotool key 0
echo "ok - a stroke and zooming"

xdotool key ctrl+l
sleep 0.3
xdotool type "grass with red flowers"
sleep 0.3
xdotool key ctrl+Return
sleep 2
shot window-running
wait_for 240 has_row || fail "no result in the history"
sleep 2
shot window-result
echo "ok - a prompt and Ctrl+Enter make a result"

xdotool key Return
sleep 0.5
xdotool key ctrl+s
wait_for 30 has_window "Save the picture" || fail "no save dialog"
focus "Save the picture"
sleep 0.5
xdotool key ctrl+a
xdotool type "$work/out.png"
xdotool key Return
wait_for 60 test -s "$work/out.png" || fail "nothing was saved"
sleep 1
[ "$(identify -format %wx%h "$work/out.png")" = "$(identify -format %wx%h "$work/landscape.png")" ] || fail "the size changed"
changed=$(compare -metric AE "$work/landscape.png" "$work/out.png" null: 2>&1)
[ "${changed%%.*}" -gt 100 ] || fail "nothing changed in the saved picture"
echo "ok - keep and save: $changed pixels changed"

wait_for 30 has_window out.png || fail "the title does not follow the file"
focus out.png
xdotool key ctrl+h
sleep 1
shot window-history
# From the search field to the list, and its first row; then back, and the settings of the whole program.
xdotool key Tab
xdotool key Return
sleep 2
shot window-generation
xdotool key Escape
sleep 0.5
xdotool key ctrl+comma
wait_for 30 has_window Preferences || fail "no preferences"
shot window-preferences
echo "ok - history and preferences"
stop

# A sketch: paint, a colour from the picture, undo; what is painted is masked, and the model renders it.
start "$work/landscape.png"
wait_for 60 has_window landscape || fail "the photo did not open"
focus landscape
clean=$(import -window root rgb:- | cksum)
xdotool mousemove 380 330 key c
sleep 0.3
line () {
  xdotool mousemove "$1" "$2" mousedown 1
  for i in $(seq 1 12); do xdotool mousemove $(($1 + ($3 - $1) * i / 12)) $(($2 + ($4 - $2) * i / 12)); sleep 0.01; done
  xdotool mouseup 1
  sleep 0.3
}
line 300 480 560 480
[ "$clean" != "$(import -window root rgb:- | cksum)" ] || fail "nothing was painted"
xdotool key ctrl+z
sleep 0.3
xdotool key i mousemove 720 590
sleep 0.5
shot window-eyedropper
xdotool click 1
for i in 1 2 3; do xdotool key bracketright; done
line 330 540 470 470
line 470 470 620 540
line 360 545 600 545
shot window-sketch
xdotool key ctrl+shift+p ctrl+l
sleep 0.3
xdotool type "a hill of green grass"
xdotool key ctrl+Return
wait_for 240 eval '"$limn" history | grep -q "a hill"' || fail "the sketch was not rendered"
sleep 2
shot window-sketch-rendered
echo "ok - a sketch is painted and rendered"
stop

# The looks: dark, narrow, large.
for size in 360x640 860x700 1600x1000; do
  for scheme in prefer-light prefer-dark; do
    ADW_DEBUG_COLOR_SCHEME=$scheme start "$work/landscape.png"
    wait_for 60 has_window landscape || fail "the photo did not open"
    xdotool windowsize --sync "$(window landscape)" "${size%x*}" "${size#*x}"
    sleep 1
    import -window "$(window landscape)" "$artefacts/window-$size-${scheme#prefer-}.png"
    stop
  done
done
echo "ok - light and dark, narrow and wide"
echo "1..7"
