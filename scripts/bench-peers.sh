#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
#
# bench-peers.sh [OPTION...]: times the structure of Stable Diffusion in PyTorch beside Limn, in turns in the same run. Needs a Python with
# PyTorch, which nothing else of Limn does: PYTHON=python3. Options are those of tests/bench/peers.py.

set -u
. "$(dirname "$0")/lib.sh"

python=${PYTHON:-python3}
command -v "$python" >/dev/null || die "There is no $python; PYTHON=... names another one."
"$python" -c 'import torch' 2>/dev/null \
  || die "PyTorch is missing in $python, so there is nothing to compare with. With a Python that has it: make bench-peers PYTHON=/path/to/python"
bash "$root/scripts/build.sh" release || exit 1
dir=$(limn_build_dir build-release)
mkdir -p "$dir/bench" || exit 1
TMPDIR=$(mktemp -d) || exit 1
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
"$python" "$root/tests/bench/peers.py" "$dir/tests/bench/limn-bench-stages" --json "$dir/bench/peers.json" "$@"
