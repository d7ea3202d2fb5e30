#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
#
# scripts.sh ROOT: `make deps` and `make build` from every starting state, with stand-ins for apt, sudo, meson and ninja that write down how they
# were called. Prints TAP.

set -u
root=$1
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
number=0
bad=0

point ()
{
  number=$((number + 1))
  if [ "$1" = 0 ]; then
    printf 'ok %d %s\n' "$number" "$2"
  else
    bad=1
    sed 's/^/# /' "$work/out" "$work/calls"
    printf 'not ok %d %s\n' "$number" "$2"
  fi
}

# The stand-ins. $FAKE_UID: who runs; installed: the packages that dpkg knows.
fakes=$work/bin
mkdir "$fakes"
fake () { { printf '#!/bin/bash\n'; cat; } >"$fakes/$1"; chmod +x "$fakes/$1"; }
fake id <<'END'
if [ "$1" = -u ]; then echo "${FAKE_UID:-0}"; else exec /usr/bin/id "$@"; fi
END
fake dpkg-query <<'END'
shift 3
for package; do grep -qx "$package" "$WORK/installed" && echo "installed $package"; done
exit 0
END
fake apt-get <<'END'
echo "apt-get $* ${DEBIAN_FRONTEND:-}" >>"$WORK/calls"
[ -e "$WORK/apt-fails" ] && exit 100
case " $* " in *' install '*) for word; do echo "$word"; done >>"$WORK/installed";; esac
exit 0
END
fake dpkg <<'END'
echo "dpkg $*" >>"$WORK/calls"; rm -f "$WORK/apt-fails"
END
fake sudo <<'END'
[ -e "$WORK/sudo-refuses" ] && exit 1
[ "$1" = -n ] && shift
"$@"
END

# deps UID: runs deps.sh as that user, without a terminal.
deps ()
{
  : >"$work/calls"
  env -u http_proxy -u https_proxy -u no_proxy WORK="$work" FAKE_UID="$1" PATH="$fakes:$PATH" bash "$root/scripts/deps.sh" >"$work/out" 2>&1 </dev/null
}
all () { sed -e 's/#.*//' -e 's/^? *//' "$root/scripts/packages.txt" | xargs -n 1 >"$work/installed"; }

all
deps 0 && [ ! -s "$work/calls" ] && [ ! -s "$work/out" ]
point $? 'deps: nothing to do, nothing done'

all; sed -i '/^meson$/d' "$work/installed"
deps 0 && grep -q 'apt-get .*update' "$work/calls" && grep -q 'install meson noninteractive$' "$work/calls"
point $? 'deps: root installs what is missing, and only that'

all; sed -i '/^meson$/d' "$work/installed"
deps 1000 && grep -q 'install meson' "$work/calls"
point $? 'deps: a user with sudo does too'

all; sed -i '/^meson$/d' "$work/installed"; touch "$work/sudo-refuses"
! deps 1000 && grep -q 'missing: meson' "$work/out" && grep -q 'apt-get install meson' "$work/out" && [ ! -s "$work/calls" ]
point $? 'deps: without root and sudo the message says what to do'

all; sed -i '/^mate-backgrounds$/d' "$work/installed"
deps 1000 && [ ! -s "$work/calls" ]
point $? 'deps: what is only wanted does not stop anybody'
rm "$work/sudo-refuses"

all; sed -i '/^meson$/d' "$work/installed"; touch "$work/apt-fails"
deps 0 && grep -q 'dpkg --configure -a' "$work/calls" && grep -qx meson "$work/installed"
point $? 'deps: an interrupted installation is finished first'

# Building, in a copy of the scripts so that the tree stays as it is.
tree=$work/tree
mkdir -p "$tree"
cp -r "$root/scripts" "$tree/"
fake meson <<'END'
if [ "$1" = --version ]; then echo "${MESON_VERSION:-1.0.1}"; exit; fi
echo "meson $*" >>"$WORK/calls"
[ -e "$WORK/meson-fails" ] && exit 1
mkdir -p "$2/meson-private"
touch "$2/build.ninja" "$2/meson-private/coredata.dat"
echo "${*:4}" >"$2/meson-private/cmd_line.txt"
END
fake ninja <<'END'
echo "ninja $*" >>"$WORK/calls"
[ "${!#}" = build.ninja ] && [ -e "$WORK/rules-fail" ] && { rm "$WORK/rules-fail"; exit 1; }
[ ! -e "$WORK/ninja-fails" ]
END
fake cc </dev/null
cat >"$fakes/stat" <<'END'
#!/bin/bash
exec /usr/bin/stat "$@"
END
chmod +x "$fakes/stat"

build ()
{
  : >"$work/calls"
  env -u DESTDIR WORK="$work" FAKE_UID="$(/usr/bin/id -u)" HOME="$work/home" XDG_CACHE_HOME="$work/cache" PATH="$fakes:$PATH" \
    bash "$tree/scripts/build.sh" "$@" >"$work/out" 2>&1 </dev/null
}
setups () { grep -c '^meson setup' "$work/calls"; }

build plain && [ "$(setups)" = 1 ] && grep -q "ninja -C $tree/build\$" "$work/calls"
point $? 'build: a first time configures and builds'

build plain && [ "$(setups)" = 0 ]
point $? 'build: a second time only builds'

echo '-Dbuildtype=release' >>"$tree/build/meson-private/cmd_line.txt"
build plain && [ "$(setups)" = 1 ]
point $? 'build: changed options are set back'

rm "$tree/build/build.ninja"
build plain && [ "$(setups)" = 1 ]
point $? 'build: an interrupted configuration is begun again'

touch "$work/meson-fails"
rm "$tree/build/build.ninja"
! build plain && rm "$work/meson-fails" && build plain && [ "$(setups)" = 1 ]
point $? 'build: a failed configuration is begun again'

MESON_VERSION=1.7 build plain && [ "$(setups)" = 1 ] && build plain
point $? 'build: another meson configures anew'

touch "$work/rules-fail"
build plain && [ "$(setups)" = 1 ]
point $? 'build: when the old configuration cannot follow, a new one is made'

touch "$work/ninja-fails"
! build plain && grep -q 'build failed' "$work/out"
point $? 'build: a failed build fails'
rm "$work/ninja-fails"

build asan && grep -q 'b_sanitize=address,undefined' "$work/calls" && [ -d "$tree/build-asan" ]
point $? 'build: the sanitizer build has a folder of its own'

rm -rf "$tree/build"; mkdir "$tree/build"; echo letter >"$tree/build/mine.txt"
! build plain && [ -f "$tree/build/mine.txt" ]
point $? 'build: a folder with something else in it is left alone'
rm -rf "$tree/build"

# Somebody else's folder: stat tells another owner.
build plain
cat >"$fakes/stat" <<'END'
#!/bin/bash
echo 4711
END
build plain && grep -q "ninja -C $tree/build-" "$work/calls" && ! grep -q "ninja -C $tree/build\$" "$work/calls"
point $? 'build: a folder that belongs to somebody else is left alone, another is used'
build plain && [ "$(setups)" = 0 ]
point $? 'build: and used again'

for script in "$root"/scripts/*.sh "$root/.ci/run" "$root"/tests/*/*.sh; do
  [ -f "$script" ] || continue
  bash -n "$script" >"$work/out" 2>&1
  point $? "${script#"$root"/} is sound"
done

printf '1..%d\n' "$number"
exit "$bad"
