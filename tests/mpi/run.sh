#!/usr/bin/env bash
# A search on four ranks of this machine: it ends as a search should, a slow rank keeps nobody waiting, and a lost rank ends
# the job with a run that goes on.
# Usage: run.sh MPIRUN TOOL
set -euo pipefail
tool=$2
scratch=$(mktemp -d)
job=
trap '[ -z "$job" ] || kill "$job" 2>/dev/null || true; rm -rf "$scratch"' EXIT
cd "$scratch"
mpi=("$1" -n 4 --oversubscribe)
[ "$(id -u)" != 0 ] || mpi+=(--allow-run-as-root)
search=(search --data synthetic:strokes,samples=600 --objectives paper --quiet)
fail() {
    echo "tests/mpi: $*" >&2
    exit 1
}
trials() { grep -c '"trial":' "$1/journal.jsonl" || true; }
# Processes that mpirun started for this test, but for rank 0, which has the run's folder open.
workers() {
    pgrep -P "$1" | while read -r pid; do
        [ -n "$(find "/proc/$pid/fd" -lname "*/lock" 2>/dev/null)" ] || echo "$pid"
    done
}

# 1: a whole search, whose models are where they should be
"${mpi[@]}" "$tool" "${search[@]}" --trials 9 --out whole --json >whole.json || fail "the search failed"
[ "$(trials whole)" = 9 ] || fail "the journal has $(trials whole) trials, not 9"
[ "$(find whole/models -name '*.tsm' | wc -l)" = 9 ] || fail "models are missing"
grep -q '"jobs":3' whole/journal.jsonl || fail "three ranks train"
"$tool" front whole --json | cmp -s - whole.json || fail "front says something else than search"
"$tool" show "whole#0" >/dev/null || fail "a model that came from another rank cannot be read"

# 2: wrong options are refused by all ranks at once
if "${mpi[@]}" "$tool" search --trials 1 --out none >/dev/null 2>refused.txt; then fail "a search without data began"; fi
grep -q "search needs --data SPEC" refused.txt || fail "no reason was given"

# 3: of three ranks that train one stands still for a while; the others go on
"${mpi[@]}" "$tool" "${search[@]}" --budget 14s --out slow >/dev/null &
job=$!
until [ -e slow/journal.jsonl ] && [ "$(trials slow)" -ge 3 ]; do sleep 0.1; done
still=$(workers $job | sed -n 1p)
[ -n "$still" ] || fail "no rank was found"
kill -STOP "$still"
before=$(trials slow)
sleep 4
after=$(trials slow)
kill -CONT "$still"
[ "$after" -ge $((before + 2)) ] || fail "one rank stood still, and the others did $((after - before)) trials"
wait $job || fail "the search with a slow rank failed"
grep -q '"end":' slow/journal.jsonl || fail "the search with a slow rank has no end"

# 4: a lost rank ends the job; without it the run goes on, even on one machine
"${mpi[@]}" "$tool" "${search[@]}" --trials 60 --out lost >/dev/null 2>&1 &
job=$!
until [ -e lost/journal.jsonl ] && [ "$(trials lost)" -ge 3 ]; do sleep 0.1; done
kill -KILL "$(workers $job | sed -n 1p)"
for _ in $(seq 300); do kill -0 $job 2>/dev/null || break; sleep 0.1; done
kill -0 $job 2>/dev/null && fail "the job goes on without its rank"
if wait $job; then fail "a job that lost a rank counts as well done"; fi
left=$(trials lost)
"$tool" search --out lost --resume --trials $((left + 2)) --quiet >/dev/null || fail "the run does not go on"
[ "$(trials lost)" -ge $((left + 2)) ] || fail "the run lost trials"
