#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
#
# fuzz.sh [--fast] MINUTES [TARGET...]: runs the fuzz targets under libFuzzer, one after the other, for MINUTES in all, and prints a table of
# what came of it. What is found is left in the build folder's findings/, with the target's name; the grown corpora in its corpus/.
# --fast does so without AddressSanitizer, and then reads with it what each corpus has become. Then
#   fuzz.sh merge [TARGET...]
# keeps in tests/fuzz/corpus the smallest files that reach as much.

set -u
. "$(dirname "$0")/lib.sh"

fast=
[ "${1-}" != --fast ] || { fast=1; shift; }
minutes=${1:-13}
[ $# = 0 ] || shift
case $minutes in merge) ;; *[!0-9]*|'') die "How many minutes? fuzz.sh [--fast] MINUTES [TARGET...]" ;; esac

dir=$(limn_build_dir "${limn_folder[fuzz]}")
bin=$dir
CC=clang bash "$root/scripts/build.sh" fuzz || exit 1
if [ -n "$fast" ]; then
  bin=$(limn_build_dir "${limn_folder[fuzzfast]}")
  CC=clang bash "$root/scripts/build.sh" fuzzfast || exit 1
fi

# Memory: far above what any input here needs, far below what a wrong length asks for.
limits=(-timeout=5 -rss_limit_mb=1024 -malloc_limit_mb=256 -detect_leaks=1)
# A few frames tell where memory came from; all of them would take a third of the time.
export ASAN_OPTIONS=allocator_may_return_null=1:detect_leaks=1:max_allocation_size_mb=1024:malloc_context_size=5
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
export LSAN_OPTIONS=print_suppressions=0:suppressions=$root/tests/sanitizers/lsan.supp
# Slices of GLib 2.74 would hide what is used after it was freed.
export G_SLICE=always-malloc

targets=("$@")
if [ ${#targets[@]} = 0 ]; then
  for target in "$root"/tests/fuzz/fuzz-*.c; do
    target=$(basename "$target" .c)
    case $target in fuzz-main|fuzz-common) ;; *) targets+=("${target#fuzz-}") ;; esac
  done
fi

# longest TARGET: most bytes of an input that is made up.
longest () { case $1 in detect) echo 49152 ;; boxes|prompt|shards) echo 2048 ;; *) echo 16384 ;; esac; }

if [ "$minutes" = merge ]; then
  for target in "${targets[@]}"; do
    kept=$root/tests/fuzz/corpus/$target
    merged=$(mktemp -d)
    mkdir -p "$kept" "$dir/corpus/$target"
    "$dir/tests/fuzz/fuzz-$target-libfuzzer" -merge=1 "${limits[@]}" -max_len="$(longest "$target")" "$merged" "$kept" "$dir/corpus/$target" \
      2>"$dir/merge-$target.log" || die "Merging failed: $dir/merge-$target.log"
    printf '%-12s %5d files, %7d bytes\n' "$target" "$(find "$merged" -type f | wc -l)" "$(cat "$merged"/* | wc -c)"
    rm -rf "$kept" && mv "$merged" "$kept" && chmod 755 "$kept"
  done
  exit 0
fi

# run TARGET ARGUMENT...: runs it on its corpora with these arguments more; findings and log as always.
run ()
{
  local target=$1
  shift
  "$bin/tests/fuzz/fuzz-$target-libfuzzer" "${limits[@]}" -max_len="$(longest "$target")" -dict="$root/tests/fuzz/dict/$target.dict" \
    -print_final_stats=1 -artifact_prefix="$dir/findings/$target-" "$@" "$dir/corpus/$target" "$root/tests/fuzz/corpus/$target" \
    >>"$dir/fuzz-$target.log" 2>&1
}

# sum: of the numbers that it is given, one a line.
sum () { awk '{ s += $1 } END { print s + 0 }'; }

seconds=$((minutes * 60 / ${#targets[@]}))
mkdir -p "$dir/findings"
failed=0
table=()
for target in "${targets[@]}"; do
  log=$dir/fuzz-$target.log
  mkdir -p "$dir/corpus/$target" "$root/tests/fuzz/corpus/$target"
  if [ "$target" = detect ]; then
    (cd "$root" && find tests/golden/fixtures -path '*/hostile*' -prune -o -name '*.safetensors' -exec python3 tests/fuzz/tensor-lines.py "$dir/corpus/detect" {} +)
  fi
  say "$target: $seconds seconds"
  # After a finding it goes on, in the time that is left.
  : >"$log"
  end=$((SECONDS + seconds))
  while [ $SECONDS -lt $end ]; do
    run "$target" -max_total_time=$((end - SECONDS)) && break
    failed=1
    [ "$(grep -c 'Test unit written' "$log")" -lt 20 ] || break
  done
  # What only reads the corpus again is no new execution.
  runs=$(($(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | sum) - $(sed -n 's/^#\([0-9]*\)\tINITED.*/\1/p' "$log" | sum)))
  if [ -n "$fast" ]; then
    bin=$dir run "$target" -runs=0 || failed=1
  fi
  cover=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | sort -n | tail -n 1)
  table+=("$(printf '| %s | %d | %d | %d | %s | %d |' "$target" "$runs" "$seconds" $((runs / (seconds > 0 ? seconds : 1))) "${cover:-0}" \
    "$(grep -c 'Test unit written' "$log")")")
done

say
say '| target | executions | seconds | per second | edges | findings |'
say '|---|---|---|---|---|---|'
printf '%s\n' "${table[@]}"
[ "$failed" = 0 ] || warn "What was found lies in $dir/findings, the reports in $dir/fuzz-*.log"
exit "$failed"
