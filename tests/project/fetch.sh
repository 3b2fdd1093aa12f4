#!/usr/bin/env bash
# tools/fetch with small sets that a folder serves as file://: fresh, broken off, damaged, unknown, without a network.
# Usage: fetch.sh TOOLS_FOLDER. Exit status 77, which ctest shows as skipped, if curl is not installed.
set -euo pipefail
tools=$1
command -v curl >/dev/null || exit 77
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
fail() {
    echo "tests/project/fetch.sh: $*" >&2
    exit 1
}
has() { grep -qF -- "$1" said.txt || fail "the words lack: $1; they are: $(cat said.txt)"; }
lacks() { ! grep -qF -- "$1" said.txt || fail "the words have: $1"; }
# Runs tools/fetch and expects an exit status.
fetch() {
    local expected=$1 status=0
    shift
    tools/fetch "$@" >said.txt 2>&1 || status=$?
    [ "$status" = "$expected" ] || fail "tools/fetch $* ended with $status, expected $expected: $(cat said.txt)"
}
row() { echo "$1 $2 $3 $(wc -c <"$4" | tr -d ' ') $(sha256sum "$4" | cut -d ' ' -f 1)"; }

# Two sets of our own: numbers, two files; boxes, an archive with two members.
mkdir -p tools server boxes-bin
cp "$tools/fetch" tools/
seq 1 20000 >server/one.gz
seq 5 50 >server/two.gz
seq 1 900 >boxes-bin/first.bin
seq 2 90 >boxes-bin/second.bin
tar -czf server/boxes.tar.gz boxes-bin
{
    echo "# a remark"
    echo "numbers from file://$scratch/nowhere"
    echo "numbers from file://$scratch/server"
    row numbers file one.gz server/one.gz
    row numbers file two.gz server/two.gz
    echo "boxes from file://$scratch/server"
    row boxes archive boxes.tar.gz server/boxes.tar.gz
    row boxes member boxes-bin/first.bin boxes-bin/first.bin
    row boxes member boxes-bin/second.bin boxes-bin/second.bin
} >tools/fetch.sets
cp -r server whole

# 1: fresh; the first server has nothing, so the second one is asked
fetch 0 numbers "a folder"
cmp server/one.gz "a folder/one.gz"
cmp server/two.gz "a folder/two.gz"
[ "$(find "a folder" -type f | wc -l)" = 2 ] || fail "more than two files: $(ls "a folder")"
has "numbers is in a folder; every file is the published one"
fetch 0 boxes # into the folder of the set's name
cmp boxes-bin/first.bin boxes/first.bin
cmp boxes-bin/second.bin boxes/second.bin
[ "$(find boxes -mindepth 1 | wc -l)" = 2 ] || fail "more than the two members: $(find boxes)"

# 2: nothing is fetched twice
rm server/*
fetch 0 numbers "a folder"
has "a folder/one.gz is there already"
lacks "fetching"
fetch 0 boxes
lacks "fetching"
cp whole/* server/

# 3: a download that was broken off goes on: the server's first half is not looked at, so it may be a wrong one
mkdir half
half=$(($(wc -c <whole/one.gz) / 2))
head -c "$half" whole/one.gz >half/one.gz.part
{ head -c "$half" /dev/zero; tail -c "+$((half + 1))" whole/one.gz; } >server/one.gz
fetch 0 numbers half --from "file://$scratch/server/"
cmp whole/one.gz half/one.gz
has "fetching file://$scratch/server/one.gz, from byte $half on"
mkdir complete # broken off between the last byte and the check: no server is asked
cp whole/one.gz complete/one.gz.part
fetch 0 numbers complete --from "file://$scratch/server"
cmp whole/one.gz complete/one.gz
lacks "server/one.gz"

# 4: another file than the published one is refused, by name, and does not get in the way of the next attempt
fetch 1 numbers wrong --from "file://$scratch/server"
has "tools/fetch: file://$scratch/server/one.gz is not the published file: $(wc -c <server/one.gz) bytes, SHA-256"
has "$(sha256sum server/one.gz | cut -d ' ' -f 1); it was removed"
has "tools/fetch: wrong/one.gz could not be fetched; run this again, in case the download was damaged"
[ -z "$(ls wrong)" ] || fail "left behind: $(ls wrong)"
seq 9 20 >wrong/one.gz.part # the wrong first bytes
fetch 1 numbers wrong --from "file://$scratch/whole"
has "whole/one.gz is not the published file"
cat whole/one.gz whole/one.gz >wrong/one.gz.part # longer than the file
fetch 0 numbers wrong --from "file://$scratch/whole"
cmp whole/one.gz wrong/one.gz

# 5: a file of the user's is never overwritten
echo mine >wrong/two.gz
fetch 1 numbers wrong --from "file://$scratch/whole"
has "wrong/two.gz is not the published file"
has "remove it or choose another folder"
[ "$(cat wrong/two.gz)" = mine ] || fail "the user's file was overwritten"

# 6: an archive whose sum is right and whose member is not: a wrong table, in which nothing is unpacked
sed -i.old 's/^\(boxes member boxes-bin.second.bin [0-9]* \)..../\10000/' tools/fetch.sets
fetch 1 boxes apart --from "file://$scratch/whole"
has "boxes-bin/second.bin in it is not the published file"
[ "$(ls -A apart)" = boxes.tar.gz ] || fail "left behind: $(ls -A apart)"
mv tools/fetch.sets.old tools/fetch.sets

# 7: without a network; what has arrived is kept
export no_proxy='*' NO_PROXY='*'
mkdir offline
head -c 100 whole/one.gz >offline/one.gz.part
fetch 1 numbers offline --from http://127.0.0.1:1
has "http://127.0.0.1:1/one.gz could not be fetched"
has "check the network and run this again, which goes on with what has arrived"
[ "$(wc -c <offline/one.gz.part)" = 100 ] || fail "what had arrived is gone"

# 8: what cannot be
fetch 2 letters
has "tools/fetch: no set is called 'letters'; there are: numbers boxes"
fetch 2
has "name a set, one of: numbers boxes"
fetch 2 numbers here there
fetch 2 numbers --form file:///
fetch 2 numbers --from
fetch 0 --help
has "Usage: tools/fetch SET [DIR] [--from URL]"
lacks "set -euo"

# 9: the table that is shipped
sets=$tools/fetch.sets
wrong=$(grep -vE '^#|^[a-z0-9]+ (from https?://[^ ]+[^/ ]|(file|archive|member) [^ ]+ [1-9][0-9]* [0-9a-f]{64})$' "$sets" || true)
[ -z "$wrong" ] || fail "$sets: $wrong"
[ "$(grep -v '^#' "$sets" | cut -d ' ' -f 1 | uniq | paste -s -d ' ' -)" = "mnist cifar10" ] || fail "the sets of $sets"
[ "$(grep -c '^mnist file ' "$sets") $(grep -c '^cifar10 member ' "$sets")" = "4 6" ] || fail "the files of $sets"
