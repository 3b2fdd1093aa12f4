#!/usr/bin/env bash
# tools/results with a tool that only writes down what it is asked: which runs with which options, which of them side by
# side, what is done again, and what becomes of the fronts. Usage: results.sh RESULTS FIGURES
set -euo pipefail
results=$1 figures=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
fail() {
    echo "tests/project/results.sh: $*" >&2
    exit 1
}
has() { grep -qF -- "$2" "$1" || fail "$1 lacks: $2; it is: $(cat "$1")"; }
lacks() { ! grep -qF -- "$2" "$1" || fail "$1 has: $2"; }

# The tool. A search waits for another one beside it, up to PATIENCE tenths of a second, notes how many are at work, and ends
# its journal unless its name is that of a broken run. Its front has two networks; the error is 1 % plus the seed in thousandths.
cat >tool <<'TOOL'
#!/usr/bin/env bash
set -euo pipefail
echo "$*" >>"$ASKED"
value() { local option=$1; shift; while [ "$1" != "$option" ]; do shift; done; echo "$2"; }
case $1 in
search)
    run=$(value --out "$@") seed=$(value --seed "$@")
    mkdir -p "$run"
    touch "$AT_WORK/$run"
    for ((tenth = 0; tenth <= ${PATIENCE:-0}; ++tenth)); do
        at_work=$(find "$AT_WORK" -type f | wc -l)
        [ "$at_work" -lt 2 ] || break
        sleep 0.1
    done
    echo "$run $at_work" >>"$ASKED.beside"
    rm "$AT_WORK/$run"
    kind=$([[ $* == *macro-f1* ]] && echo macro-f1 || echo plain)
    echo "{\"run\":{\"build\":{\"revision\":\"abc123\"},\"seed\":\"$seed\",\"error\":\"$kind\",\"smallest_error\":0.0005}}" >"$run/journal.jsonl"
    echo '{"trial":0,"genome":{"end":{"kind":"flat"}}}' >>"$run/journal.jsonl" # its genome has an end, too
    [[ $run != "${BROKEN:-}" ]] || exit 1
    echo '{"end":{"test_accuracy":{}}}' >>"$run/journal.jsonl"
    ;;
front)
    seed=${2##*-}
    echo 'id,test_accuracy,model_size,working_memory,weight_bytes,flash,ram,error,test_accuracy_folds,net,pruning'
    [ "$2" = "${EMPTY:-}" ] || cat <<FRONT
7,0.98,390,1200,400,5000,300,0.02,,"C4k3 F10","{""method"":""dpf"",""keep"":0.5}"
9,0.99,900,1500,1000,6000,400,$(awk -v s="$seed" 'BEGIN { print 0.01 + s / 1000 }'),,"C8k3 F10",
FRONT
    ;;
eval) printf '{\n  "accuracy": 0.5,\n  "macro_f1": 0.91%s\n}\n' "${2##*#}" ;;
train)
    [[ $* != *"depth=3"*"--weight-bytes 512"* && $* != *"--weight-bytes 512"*"depth=3"* ]] || { echo "too small" >&2; exit 1; }
    echo '511 B stored of 512 B, 2 036 B as Bonsai'"'"'s authors count' # the spaces are those of the tool
    touch "$(value -o "$@")"
    ;;
show) printf '{\n  "net": "T10",\n  "validation_accuracy": 0.9,\n  "test_accuracy": 0.89,\n  "weight_bytes": 500,\n  "flash": 2000,\n  "ram": 99,\n  "model_size": 88,\n  "working_memory": 77,\n  "paper_model_size": 66,\n  "paper_working_memory": 55\n}\n' ;;
*) exit 1 ;;
esac
TOOL
chmod +x tool
export ASKED=$scratch/asked AT_WORK=$scratch/at_work
mkdir -p at_work data/{mnist,chars74k,ecg5000,cifar10,hapt,parts/train} fronts
touch data/cifar10/data_batch_1.bin data/hapt/exp01_user01.csv
make() { "$results" --data data --out out --fronts fronts --tool ./tool --figures "$figures" "$@" >said.txt 2>&1 || fail "$(cat said.txt)"; }

# 1: the list names every run with its command, and runs nothing
make --list
if [ -e asked ] || [ -e out ]; then fail "--list runs something"; fi
has said.txt "mnist-60s-212: tinysparse search --data 'mnist' "
lacks said.txt "mnist-60s-213"
lacks said.txt "-10m-"
[ "$(grep -c '^ablation-' said.txt)" = 96 ] || fail "$(grep -c '^ablation-' said.txt) searches of the ablation, not 2 x 6 x 8"
grep '^parts-' said.txt >parts.txt
lacks parts.txt "--portfolio-without"
grep -- '--preset sparse' said.txt >presets.txt
lacks presets.txt "--portfolio-without" # the preset leaves out the whole portfolio
grep -v -- '^parts-\|no-portfolio\|--preset sparse' said.txt >others.txt
while read -r line; do
    set=${line##*--data \'} set=${set%%[,\']*}
    [[ $line == *" --portfolio-without $set "* ]] || fail "its own set is not left out: $line"
done <others.txt
make --list --only '*-10m-*'
[ "$(grep -c . said.txt)" = 60 ] || fail "the ablation of ten minutes has $(grep -c . said.txt) searches, not 2 x 6 x 5"

if "$results" --data data --list --only 'nonsense*' >said.txt 2>&1; then fail "a pattern without runs is taken"; fi
has said.txt "no run matches 'nonsense*'"

# 2: a group, one search after the other; its fronts and its table
PATIENCE=1 make --only 'mnist-60s-*'
[ "$(grep -c '^search' asked)" = 12 ] || fail "$(grep -c '^search' asked) searches, not 12"
has asked "--out mnist-60s-201 --resume --quiet --target uno --objectives paper"
has asked "--jobs 1 --portfolio-without mnist --seed 201"
[ "$(sort -u asked.beside | cut -d' ' -f2 | sort -u)" = 1 ] || fail "searches ran side by side"
[ "$(wc -l <fronts/mnist-60s.csv)" = 25 ] || fail "the fronts of 12 runs with two networks have $(wc -l <fronts/mnist-60s.csv) lines"
has fronts/mnist-60s.csv "mnist-60s-201,,201,abc123,1,7,0.02,0.0005,0.98,,400,5000,300,390,1200,,,,C4k3 F10"
has out/mnist-60s.md "stored 2,836 B, working memory 2,007 B | 12 | 98"

# 3: nothing is done twice, but tables are made anew
rm asked fronts/mnist-60s.csv
make --only 'mnist-60s-*'
lacks asked "search"
[ -e fronts/mnist-60s.csv ] || fail "the fronts were not written again"

# 4: two side by side, all variants of a seed before the next seed; two cores have the machine for themselves
rm -f asked asked.beside
PATIENCE=100 make --side-by-side 2 --only 'ablation-mnist-60s-*-[12]'
[ "$(grep '^search' asked | sed 's/.*--seed //' | tr -d '\n')" = 111111222222 ] || fail "the order of seeds is $(cat asked)"
[ "$(cut -d' ' -f2 asked.beside | sort | uniq -c | sort -rn | awk '{ print $2; exit }')" = 2 ] || fail "not side by side: $(cat asked.beside)"
for words in "--space no_pruning.space --jobs 1 --portfolio-without mnist" "--no-inherit" "--portfolio-without all --jobs 1 --seed" \
    "--acquisition random" "--kernel arc"; do has asked "$words"; done
[ "$(cat out/no_pruning.space)" = "pruning.method = none" ] || fail "no_pruning.space"
has said.txt "36 runs have not ended"
[ ! -e fronts/ablation-mnist-60s.csv ] || fail "the fronts of a part of a group were published"
has out/ablation-mnist-60s.md "| random | 2 |"
[ -s out/ablation-mnist-60s.svg ] || fail "there is no plot"
has out/ablation-mnist-60s-seeds.csv "arc,2,"
rm asked.beside
PATIENCE=10 make --side-by-side 2 --only '@(cifar10-30m|mnist-uno-30m|chars74k-5m)-1'
has asked "--jobs 2 --portfolio-without cifar10"
has asked.beside "cifar10-30m-1 1"
has asked.beside "mnist-uno-30m-1 1"

# 5: macro F1 comes from eval; a run without a front is one; a broken one is made again, and its group not published
rm asked
BROKEN=hapt-2m-13 EMPTY=hapt-2m-14 make --only 'hapt-2m-*'
has out/hapt-2m.csv "hapt-2m-11,,11,abc123,1,9,0.021,0.0005,0.919,,1000"
has out/hapt-2m.csv "hapt-2m-14,,14,abc123,1,,,0.0005,"
has said.txt "hapt-2m: 1 runs have not ended, such as hapt-2m-13"
[ ! -e fronts/hapt-2m.csv ] || fail "a group with a broken run was published"
rm asked
EMPTY=hapt-2m-14 make --only 'hapt-2m-*'
[ "$(grep -c '^search' asked)" = 1 ] || fail "more than the broken run is made again"
has asked "--out hapt-2m-13 --resume"
[ "$(grep -c '^eval' asked)" = 2 ] || fail "the scores of runs that had ended are asked for again"
[ -e fronts/hapt-2m.csv ] || fail "the whole group was not published"
has out/hapt-2m.md "| 4 of 5 |"

rm asked
make --only 'ablation-hapt-60s-full-1'
lacks asked "eval" # hypervolumes need no test score
has out/ablation-hapt-60s.csv ",full,1,abc123,1,9,0.011,0.0005,,,1000,"

# 6: rivals: trees and linear classifiers beside the searches
make --only 'rivals-chars74k-*'
has asked "--preset sparse --limit paper_model_size=2048"
has out/rivals-chars74k.csv "rivals-chars74k-linear-1KB-1,linear,1,,1,,0.1,,0.89,,500,2000,99,88,77,66,55,2036,T10"
has out/rivals-chars74k.csv "rivals-chars74k-0-10-size-14x14-512-1,depth-0,1,"
has said.txt "rivals-chars74k-3-10-512-1: no tree of this size; too small"
lacks out/rivals-chars74k.csv "3-10-512-1"
has out/rivals-chars74k.md "| best-tree | stored 512 B | 1 | 89.00 | 89.00 |"
has fronts/rivals-chars74k.csv "depth-3,1,"

# 7: what is not there, and what cannot be
rm data/cifar10/data_batch_1.bin
rm -r out/cifar10-30m-1
make --only 'cifar10-30m-*'
has said.txt "cifar10-30m-1: left out, $scratch/data/cifar10/data_batch_1.bin is not there"
for wrong in "--side-by-side 3" "--only" "--fast yes"; do
    # shellcheck disable=SC2086 # words
    if "$results" $wrong >said.txt 2>&1; then fail "$wrong is taken"; fi
    has said.txt "tools/results: "
done
"$results" --help >said.txt
has said.txt "--side-by-side"
lacks said.txt "set -euo"
