#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
#
# screenshots.sh [OUT [SCENE...]]: makes the pictures of README.md anew with the program in build/, on a display of its own, as a person would: with pointer
# and keys. OUT: the folder, data/screenshots unless another is named. Scenes: window remove sky expand sketch; all of them unless some are named.
# Needs Xvfb, xdotool and ImageMagick.

. "$(dirname "$0")/lib.sh"
if [ "$LIMN_SCREENSHOTS" != inside ]; then
  for tool in Xvfb xdotool import convert; do
    command -v $tool >/dev/null || die "$tool is not installed."
  done
  LIMN_SCREENSHOTS=inside G_DEBUG='' exec bash "$root/tests/ui/with-display.sh" bash "$0" "$@"
fi

out=$(realpath -m "${1:-$root/data/screenshots}")
shift
scenes=${*:-window remove sky expand sketch}
dir=$(limn_build_dir build)
shots=$HOME/shots
mkdir -p "$out" "$shots"
export GSETTINGS_SCHEMA_DIR=$dir/data

# begin WIDTH HEIGHT: the program with the landscape in a window of that size, and where the picture lies in it.
begin ()
{
  width=$1 height=$2
  "$dir/data/sample/limn-sample" landscape "$HOME/landscape.png" || exit 1
  "$dir/app/main/limn" "$HOME/landscape.png" &
  limn=$!
  window=
  for _ in $(seq 100); do
    window=$(xdotool search --onlyvisible --name Limn | tail -1)
    [ -n "$window" ] && break
    sleep 0.2
  done
  [ -n "$window" ] || die "No window came."
  sleep 1
  xdotool windowsize --sync "$window" "$width" "$height" windowmove "$window" 0 0 windowfocus "$window"
  sleep 1
}

# Where the picture lies, by the grey around it. $1: what of the window is not canvas at the right.
find_picture ()
{
  sleep 2
  import -window root -crop "$((width - 54 - $1))x$((height - 198))+53+93" +repage "$shots/canvas.png"
  read -r picture_width picture_height left top < <(convert "$shots/canvas.png" -bordercolor '#808080' -border 1 -trim -format '%w %h %X %Y' info:)
  left=$((left - 1 + 53)) top=$((top - 1 + 93))
  [ $((picture_width * 2 / 3 - picture_height)) -lt 3 ] || die "The picture was not found on the canvas: $picture_width x $picture_height."
}

# at X Y: the pointer to a place of the picture.
at ()
{
  xdotool mousemove $((left + $1 * picture_width / 1200)) $((top + $2 * picture_width / 1200))
  sleep 0.04
}

stroke ()
{
  at "$1" "$2"
  xdotool mousedown 1
  while [ $# -gt 0 ]; do
    at "$1" "$2"
    shift 2
  done
  xdotool mouseup 1
  sleep 0.3
}

keys ()
{
  xdotool key "$@"
  sleep 0.3
}

# Out of the way: no ring of the brush, no tooltip.
shoot ()
{
  xdotool mousemove $((width + 100)) $((height + 50))
  sleep "${2:-1.5}"
  import -window root -crop "${width}x$height+0+0" +repage "$shots/$1.png"
}

say_prompt ()
{
  keys ctrl+l
  xdotool type "$1"
  sleep 1
}

# Starts what the button says, and waits until the bar with Keep has come and stays.
run ()
{
  keys ctrl+Return
  shoot "$1" 15
}

end ()
{
  kill "$limn"
  wait "$limn" 2>/dev/null
  rm -rf "$XDG_DATA_HOME" "$XDG_CACHE_HOME"
}

pair ()
{
  convert "$shots/before.png" "$shots/after.png" +append -resize 1400x -quality 88 "$out/$1.jpg"
  say "$out/$1.jpg"
}

begin_pair ()
{
  begin 900 780
  keys F9
  find_picture 4
}

for scene in $scenes; do
  case $scene in
  window)
    begin 1180 800
    find_picture 310
    keys b
    stroke 830 170 870 172
    say_prompt "clear blue sky"
    shoot window
    cp "$shots/window.png" "$out/window.png"
    end
    ;;
  remove)
    begin_pair
    keys b
    stroke 552 540 552 640 552 690
    stroke 530 610 575 610
    stroke 520 630 595 630
    stroke 575 590 560 540
    stroke 545 680 565 660
    shoot before
    run after
    pair remove
    end
    ;;
  sky)
    begin_pair
    keys b
    keys bracketright bracketright
    stroke 815 178 860 172
    say_prompt "clear blue sky"
    shoot before
    run after
    pair sky
    end
    ;;
  expand)
    begin_pair
    # The menu beside the button, its last row, and there the first: 16:9.
    for place in "32 32" "50 87" "100 212"; do
      xdotool mousemove $((width - ${place% *})) $((height - ${place#* })) sleep 0.3 click 1
      sleep 1
    done
    shoot before 3
    run after
    pair expand
    end
    ;;
  sketch)
    begin_pair
    keys c
    # Colours are taken from the picture: the hills'.
    xdotool keydown ctrl
    at 800 555
    xdotool click 1 keyup ctrl
    keys bracketleft bracketleft bracketleft
    stroke 200 655 230 640 260 634 290 640 320 655 280 652 240 656
    keys ctrl+shift+p
    say_prompt "green grass"
    shoot before
    run after
    pair sketch
    end
    ;;
  *)
    die "There is no scene $scene."
    ;;
  esac
done
