#!/bin/sh
# Installs the library to a fresh prefix, then builds and runs a consumer that knows nothing but that prefix.
# Usage: run.sh BUILD_FOLDER CONSUMER_FOLDER CMAKE GENERATOR VERSION
set -eu
build=$1 consumer=$2 cmake=$3 generator=$4 version=$5
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$cmake" --install "$build" --prefix "$work/prefix" >/dev/null
"$cmake" -G "$generator" -S "$consumer" -B "$work/build" -DCMAKE_PREFIX_PATH="$work/prefix" \
    -DCMAKE_BUILD_TYPE=Debug >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
"$cmake" --build "$work/build" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
out=$("$work/build/host")
"$work/build/device"
[ ! -x "$work/build/pictures" ] || "$work/build/pictures"
[ "$out" = "$version 7876" ] || { echo "the consumer printed '$out'"; exit 1; }
if [ -x "$work/prefix/bin/tinysparse" ]; then
    "$work/prefix/bin/tinysparse" --version
    "$work/prefix/bin/tinysparse" man | cmp - "$work/prefix/share/man/man1/tinysparse.1"
fi
echo "an installed copy builds a consumer: $out"
