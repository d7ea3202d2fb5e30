#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
#
# deps.sh [LIST]: installs the Debian packages of packages.txt, or of another list beside it, that are missing. Does nothing, and needs no
# network, when none is.

set -u
. "$(dirname "$0")/lib.sh"

list=$root/scripts/${1:-packages.txt}
needed=$(sed -e 's/#.*//' -e '/^?/d' "$list" | xargs)
wanted=$(sed -n 's/^? *//p' "$list" | xargs)

# Prints those of its arguments that are not installed.
missing_of ()
{
  local installed package
  installed=" $(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^installed //p' | xargs) "
  for package in "$@"; do
    case $installed in *" $package "*) ;; *) printf '%s ' "$package" ;; esac
  done
}

# Runs a command as root; the settings of a proxy and of debconf come along.
as_root ()
{
  local settings=(DEBIAN_FRONTEND=noninteractive) name
  for name in http_proxy https_proxy no_proxy; do
    [ -n "${!name:-}" ] && settings+=("$name=${!name}")
  done
  if [ "$(id -u)" = 0 ]; then
    env "${settings[@]}" "$@" </dev/null
  elif sudo -n true 2>/dev/null; then
    sudo -n env "${settings[@]}" "$@" </dev/null
  else
    sudo env "${settings[@]}" "$@"    # asks for the password on the terminal
  fi
}

can_become_root ()
{
  [ "$(id -u)" = 0 ] && return 0
  command -v sudo >/dev/null || return 1
  sudo -n true 2>/dev/null || [ -t 0 ]
}

apt_install ()
{
  as_root apt-get -y -q --no-install-recommends -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 -o Acquire::Retries=3 install "$@"
}

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  say "This is not a Debian system, so nothing is installed. Limn needs what these Debian packages hold:"
  say "$needed" | fold -s -w 100
  exit 0
fi

# shellcheck disable=SC2086
{
  missing=$(missing_of $needed)
  extra=$(missing_of $wanted)
}
[ -z "$missing$extra" ] && exit 0

if ! can_become_root; then
  if [ -z "$missing" ]; then
    say "Not installed, and not needed: $extra"
    exit 0
  fi
  warn "These Debian packages are missing: $missing"
  warn "Installing them takes root. Run this as root, or as a user who may use sudo:"
  die "  apt-get install $missing"
fi

say "Installing: $missing$extra"
as_root apt-get -q -o Acquire::Retries=3 update || warn "Not every package list could be fetched; trying with those that are there."
# shellcheck disable=SC2086
if [ -n "$missing" ] && ! apt_install $missing; then
  warn "The installation failed; finishing what an earlier one may have left undone, then trying once more."
  as_root dpkg --configure -a
  as_root apt-get -y -q -f install
  apt_install $missing
fi
for package in $extra; do
  apt_install "$package" || say "$package cannot be installed here; Limn does without."
done

# shellcheck disable=SC2086
missing=$(missing_of $needed)
[ -z "$missing" ] || die "Still missing: $missing"
