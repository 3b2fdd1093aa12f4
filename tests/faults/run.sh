#!/usr/bin/env bash
# Searches disturbed by every kind of fault, each held against one that nothing disturbed: after the fault one line says what
# happened, and --resume ends with the same trials, models and front.
# Usage: run.sh TOOL SHIM [KILLS]     prints a table; KILLS: how often a search is killed (20), other kinds in proportion
# shellcheck disable=SC2015,SC2054 # "a && b || c" where b only looks; SPEC has commas
set -uo pipefail
tool=$(realpath "$1")
shim=$(realpath "$2")
kills=${3:-20}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit
RANDOM=1
export LC_ALL=C

cat >space <<'EOF'
front.downsampling = 4
front.width = 1 2 3
stages = 1
unit.width = 1 2 3 4
EOF
base=("$tool" search --data synthetic:strokes,samples=300 --space ../space --objectives paper --trials 12 --jobs 2 --out run
    --quiet)
search=("${base[@]}" --seed 1 --resume)

# A table's row: kind, number of faults, runs that lost something or ended otherwise than they should.
failures=0 kind=
row() {
    printf '| %-44s | %6s | %4s |\n' "$1" "$2" "$3"
    [ "$3" = 0 ] || failures=$((failures + 1))
}
# Keeps what is known of the first faults of a kind that went wrong.
complain() { echo "    $kind: $*; what was said: $(head -c 300 said.txt 2>/dev/null)" >&2; }

# The journal's trials and its end, without what depends on the clock, the place and the number of attempts.
plain() {
    sed -E 's/"(elapsed|seconds|test_seconds)":[^,}]*/"\1":0/g; s/"folder":"[^"]*"//; s/,"--(resume|quiet)"//g; s/,"crc":"[0-9a-f]*"//' "$1" |
        grep -Ev '^\{"(goal|lost)":' | sort -u
}
# Whether the run here has the unbroken one's trials, models and files. The model of MISSING, a trial that is neither on
# the front nor a parent, may be missing or damaged.
same_as() { # RUN [MISSING]
    cmp -s <(plain run/journal.jsonl) <(plain "$1/journal.jsonl") || { complain "the journal differs"; return 1; }
    diff -rq run/models "$1/models" | grep -v "\b${2:-none}\.tsm" >differs.txt &&
        { complain "models differ: $(head -1 differs.txt)"; return 1; }
    [ -z "$(find run -name '*.part*')" ] || { complain "files are left: $(find run -name '*.part*')"; return 1; }
}
# One clear line on standard error and a status that says "failed".
refused() { # STATUS
    [ "$1" = 1 ] || { complain "status $1"; return 1; }
    [ "$(wc -l <said.txt)" = 1 ] && grep -q '^tinysparse: ' said.txt || { complain "not one line"; return 1; }
}
# A run that was disturbed can be looked at, unless it never began.
readable() {
    [ -s run/journal.jsonl ] || return 0
    "$tool" front run >/dev/null 2>said.txt
    local status=$?
    [ $status = 0 ] || refused $status
}
resumes() { "${search[@]}" >/dev/null 2>said.txt || { complain "does not resume, status $?"; return 1; }; }
in_new_folder() {
    cd "$scratch" || exit
    rm -rf here
    mkdir here
    cd here || exit
}
# A moment within the time that an unbroken search takes.
random_moment() { sleep "$(awk -v r=$RANDOM -v d="$duration" 'BEGIN { print d * r / 32768 / 1000 }')"; }

mkdir whole && cd whole || exit
began=$(date +%s%N)
"${search[@]}" >front.txt || { echo "tests/faults: the unbroken search fails" >&2; exit 1; }
duration=$((($(date +%s%N) - began) / 1000000)) # milliseconds
whole=$scratch/whole/run
size=$(cat "$whole"/journal.jsonl "$whole"/models/* | wc -c)
echo '| fault                                        | times  | lost |'
echo '|----------------------------------------------|--------|------|'

killed() {
    local times=0 lost=0 fine
    while [ $times -lt "$kills" ]; do
        in_new_folder
        fine=1
        for _ in $(seq 8); do
            "${search[@]}" >/dev/null 2>said.txt &
            local job=$!
            random_moment
            kill -KILL $job 2>/dev/null
            wait $job 2>/dev/null
            local status=$?
            [ $status != 0 ] || break
            times=$((times + 1))
            [ $status = 137 ] || { complain "status $status"; fine=0; }
            readable || fine=0
        done
        resumes && same_as "$whole" || fine=0
        lost=$((lost + 1 - fine))
    done
    row "$kind" $times $lost
}

# By a budget no finished trial is lost: after each kill the lines that were there stand first.
killed_by_budget() {
    local times=0 lost=0 fine lines
    local search=("${search[@]/--trials/--budget}")
    search=("${search[@]/#12/8s}")
    for _ in $(seq $(((kills + 9) / 10))); do
        in_new_folder
        fine=1
        touch before.txt
        for _ in 1 2 3; do
            "${search[@]}" >/dev/null 2>said.txt &
            local job=$!
            sleep "$(awk -v r=$RANDOM 'BEGIN { print 0.5 + r / 32768 }')"
            kill -KILL $job 2>/dev/null && times=$((times + 1))
            wait $job 2>/dev/null
            lines=$(wc -l <before.txt)
            cmp -s before.txt <(head -n "$lines" run/journal.jsonl) || { complain "lines are lost"; fine=0; }
            head -n "$(wc -l <run/journal.jsonl)" run/journal.jsonl >before.txt
            readable || fine=0
        done
        resumes || fine=0
        grep -q '"end":' run/journal.jsonl || { complain "no end"; fine=0; }
        lost=$((lost + 1 - fine))
    done
    row "$kind" $times $lost
}

# SIGNAL: ends the search with 130, or with the signal, and the run goes on.
signalled() {
    local times=0 lost=0
    for _ in $(seq $(((kills + 3) / 4))); do
        in_new_folder
        env --default-signal="$1" "${search[@]}" >/dev/null 2>said.txt &
        local job=$!
        random_moment
        kill -s "$1" $job 2>/dev/null
        wait $job
        local status=$?
        times=$((times + 1))
        case $status in 0 | 130) ;; *) complain "status $status"; lost=$((lost + 1)); continue ;; esac
        readable && resumes && same_as "$whole" || lost=$((lost + 1))
    done
    row "$kind" $times $lost
}

# Runs the search in a disturbed world (a function with a number); it ends whole, or refused with a run that goes on.
disturbed() { # WORLD NUMBER...
    local world=$1 times=0 lost=0 refusals=0
    shift
    for number in "$@"; do
        in_new_folder
        times=$((times + 1))
        "$world" "$number" >/dev/null 2>said.txt
        local status=$?
        if [ $status = 127 ]; then continue; fi # it could not even be loaded
        if [ $status != 0 ]; then
            refusals=$((refusals + 1))
            refused $status && readable || { lost=$((lost + 1)); continue; }
        fi
        resumes && same_as "$whole" || { complain "number $number"; lost=$((lost + 1)); }
    done
    row "$kind ($refusals ended early)" $times $lost
}
full_disk() { LD_PRELOAD=$shim FAULT_DISK=$1 "${search[@]}"; }
read_only() { LD_PRELOAD=$shim FAULT_READ_ONLY=$1 "${search[@]}"; }
wrong_clock() { LD_PRELOAD=$shim FAULT_CLOCK=$1 "${search[@]}"; }
few_descriptors() { (ulimit -n "$1" && exec "${search[@]}"); }
little_memory() { (ulimit -v "$1" && exec "${search[@]}"); }
small_files() { (ulimit -f "$1" && exec "${search[@]}"); }
closed() { # bits of descriptors 0, 1, 2
    (
        [ $(($1 & 1)) = 0 ] || exec 0<&-
        [ $(($1 & 2)) = 0 ] || exec 1>&-
        [ $(($1 & 4)) = 0 ] || exec 2>&-
        exec "${search[@]}"
    )
}

real_full_disk() {
    local times=0 lost=0
    for kilobytes in 4 8 12 16 20 28 36 44 60 76 92 108; do
        in_new_folder
        mkdir run
        if ! mount -t tmpfs -o "size=${kilobytes}k" none run 2>/dev/null; then
            echo "| $kind: skipped, this needs root |"
            return
        fi
        times=$((times + 1))
        "${search[@]}" >/dev/null 2>said.txt
        local status=$? fine=1
        [ $status = 0 ] || { refused $status && readable; } || fine=0
        mount -o remount,size=10m run
        resumes && same_as "$whole" || { complain "size $kilobytes"; fine=0; }
        umount run
        lost=$((lost + 1 - fine))
    done
    row "$kind" $times $lost
}

together() {
    local times=0 lost=0
    for _ in $(seq $(((kills + 3) / 4))); do
        in_new_folder
        times=$((times + 1))
        local jobs=() fine=1
        for number in 1 2 3; do
            LD_PRELOAD=$shim FAULT_LOCK_DELAY=$((RANDOM % 400)) "${search[@]}" >"out$number.txt" 2>"said$number.txt" &
            jobs+=($!)
        done
        for number in 1 2 3; do
            wait "${jobs[number - 1]}"
            local status=$?
            cp "said$number.txt" said.txt
            [ $status = 0 ] && { cmp -s "out$number.txt" ../whole/front.txt || { complain "another front"; fine=0; }; }
            [ $status = 0 ] || { refused $status && grep -q "another search works on this run" said.txt; } || fine=0
        done
        resumes && same_as "$whole" || fine=0
        lost=$((lost + 1 - fine))
    done
    row "$kind" $times $lost
}

# Two searches that differ in their seeds begin in one folder: one works on it, the other is refused.
rivals() {
    local times=0 lost=0 seed winner
    in_new_folder
    "${base[@]}" --seed 2 >/dev/null && cp -r run ../second
    for _ in $(seq $(((kills + 3) / 4))); do
        in_new_folder
        times=$((times + 1))
        local jobs=() winner=""
        for seed in 1 2; do
            LD_PRELOAD=$shim FAULT_LOCK_DELAY=$((RANDOM % 400)) "${base[@]}" --seed $seed >/dev/null 2>"said$seed.txt" &
            jobs+=($!)
        done
        for seed in 1 2; do wait "${jobs[seed - 1]}" && winner+=$seed; done
        cat said1.txt said2.txt >said.txt
        case $winner in 1 | 2) ;; *) complain "these succeed: $winner"; lost=$((lost + 1)); continue ;; esac
        grep -Eq "another search works on this run|the folder already has a run" said.txt &&
            same_as "$([ $winner = 1 ] && echo "$whole" || echo ../second)" || { complain rivals; lost=$((lost + 1)); }
    done
    row "$kind" $times $lost
}

# The reader of standard output, then that of standard error, goes away.
broken_pipe() {
    local times=0 lost=0 loud=("${base[@]:0:${#base[@]}-1}" --seed 1) # not --quiet
    for stream in 1 2; do
        in_new_folder
        times=$((times + 1))
        if [ $stream = 1 ]; then
            "${search[@]}" 2>said.txt | true
        else
            "${loud[@]}" 2>&1 >/dev/null | true
        fi
        local status=${PIPESTATUS[0]}
        case $status in 0 | 1 | 141) ;; *) complain "status $status"; lost=$((lost + 1)); continue ;; esac
        readable && resumes && same_as "$whole" || lost=$((lost + 1))
    done
    row "$kind" $times $lost
}

# A journal cut anywhere behind its first line, as a power cut may leave it.
torn() {
    local times=0 lost=0 head length
    head=$(head -1 "$whole/journal.jsonl" | wc -c)
    length=$(wc -c <"$whole/journal.jsonl")
    for _ in $(seq "$kills"); do
        in_new_folder
        cp -r "$whole" run
        times=$((times + 1))
        truncate -s $((head + (RANDOM * 32768 + RANDOM) % (length - head))) run/journal.jsonl
        readable && resumes && same_as "$whole" || lost=$((lost + 1))
    done
    row "$kind" $times $lost
}

# One flipped bit anywhere behind the journal's first line.
flipped() {
    local times=0 lost=0 head length at
    head=$(head -1 "$whole/journal.jsonl" | wc -c)
    length=$(wc -c <"$whole/journal.jsonl")
    for _ in $(seq "$kills"); do
        in_new_folder
        cp -r "$whole" run
        times=$((times + 1))
        at=$((head + (RANDOM * 32768 + RANDOM) % (length - head)))
        flip run/journal.jsonl $at
        "$tool" repair run >/dev/null 2>said.txt || { complain "no repair"; lost=$((lost + 1)); continue; }
        resumes && same_as "$whole" || { complain "byte $at"; lost=$((lost + 1)); }
    done
    row "$kind" $times $lost
}
flip() { # FILE OFFSET: changes a bit of this byte
    local byte
    byte=$(od -An -tu1 -j "$2" -N1 "$1")
    printf '%b' "\\x$(printf %x $((byte ^ 1 << RANDOM % 8)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# Models of half a run, each in turn removed or damaged, before the other half.
half_search=("${search[@]/12/6}")
models_lost() {
    local times=0 lost=0 model damage needed
    in_new_folder
    "${half_search[@]}" >/dev/null && cp -r run ../half && "${search[@]}" >/dev/null && cp -r run ../both
    for model in 0 1 2 3 4 5; do
        for damage in rm flip; do
            in_new_folder
            cp -r ../half run
            times=$((times + 1))
            if [ $damage = rm ]; then rm run/models/$model.tsm; else flip run/models/$model.tsm 2000; fi
            "$tool" front ../both --json 2>/dev/null | grep -q "\"id\": $model," && needed=none || needed=$model
            resumes && same_as ../both $needed || { complain "model $model"; lost=$((lost + 1)); }
        done
    done
    row "$kind" $times $lost
}

kind="SIGKILL at a random moment" killed
kind="SIGKILL of a search by budget" killed_by_budget
for name in TERM HUP INT; do kind="SIG$name at a random moment" signalled $name; done
kind="standard streams closed" disturbed closed 1 2 3 4 5 6 7
kind="the reader of an output goes away" broken_pipe
kind="disk full" disturbed full_disk $(seq $((size / 41)) $((size / 20)) "$size")
kind="disk full (file system in memory)" real_full_disk
kind="disk becomes read-only" disturbed read_only 0 1 2 3 5 8 13 21 34
kind="few descriptors" disturbed few_descriptors 3 4 5 6 7 8 9 10
kind="little memory" disturbed little_memory $(seq 10000 15000 250000)
kind="files limited in size" disturbed small_files 1 2 3 4 5 8 12 16 24
kind="three searches at once" together
kind="two different searches in one folder" rivals
kind="clock jumps by a day" disturbed wrong_clock 1
kind="journal cut anywhere" torn
kind="a bit of the journal flipped, repaired" flipped
kind="a model removed or damaged" models_lost
[ $failures = 0 ] || { echo "tests/faults: $failures kinds of faults lost something" >&2; exit 1; }
