#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
#
# files.sh ROOT: every file that is written by hand in a format that a tool can check. Prints TAP.

set -u
root=$1
number=0
bad=0

# check NAME COMMAND...: one test point.
check ()
{
  local name=$1 output
  shift
  number=$((number + 1))
  if output=$("$@" 2>&1); then
    printf 'ok %d %s\n' "$number" "$name"
  else
    bad=1
    [ -z "$output" ] || printf '%s\n' "$output" | sed 's/^/# /'
    printf 'not ok %d %s\n' "$number" "$name"
  fi
}

# need PROGRAM NAME...: true when there is PROGRAM; else one skipped test point.
need ()
{
  command -v "$1" >/dev/null && return 0
  number=$((number + 1))
  printf 'ok %d %s # SKIP %s is not installed\n' "$number" "$2" "$1"
  return 1
}

printf 'TAP version 13\n'

if need xmllint 'XML is well-formed'; then
  while IFS= read -r -d '' file; do
    check "${file#"$root"/} is well-formed" xmllint --noout --nonet "$file"
  done < <(find "$root/data" "$root/ui" \( -name '*.svg' -o -name '*.page' -o -name '*.ui' -o -name '*.xml' -o -name '*.xml.in' \) -print0 | sort -z)
fi

if need glib-compile-schemas 'the settings schema'; then
  check 'the settings schema is sound' glib-compile-schemas --strict --dry-run "$root/data"
fi

manifest=$root/flatpak/io.github.limn.Limn.yaml
python=$(command -v /usr/bin/python3 || command -v python3)
if "$python" -c 'import yaml' 2>/dev/null; then
  check 'the Flatpak manifest is YAML with what it needs, and asks for no network' "$python" - "$manifest" <<'END'
import sys
import yaml
with open(sys.argv[1], encoding='utf-8') as file:
    manifest = yaml.safe_load(file)
for key in ('app-id', 'runtime', 'runtime-version', 'sdk', 'command', 'finish-args', 'modules'):
    assert key in manifest, f'{key} is missing'
assert manifest['app-id'] == 'io.github.limn.Limn'
assert not [arg for arg in manifest['finish-args'] if 'network' in arg], 'asks for the network'
for module in manifest['modules']:
    assert module.get('name') and module.get('sources'), f'module without name or sources: {module}'
END
else
  number=$((number + 1))
  printf 'ok %d the Flatpak manifest # SKIP python3-yaml is not installed\n' "$number"
fi

printf '1..%d\n' "$number"
exit "$bad"
