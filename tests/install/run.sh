#!/bin/sh
# Installs the library to a fresh prefix, then builds and runs a consumer that knows nothing but that prefix, once with
# find_package() and once with pkg-config. Then a parent that adds the library as a folder is installed.
# Usage: run.sh BUILD_FOLDER THIS_FOLDER CMAKE GENERATOR VERSION COMPILER STB_FOLDER
set -eu
build=$1 here=$2 cmake=$3 generator=$4 version=$5 compiler=$6 stb=$7
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
say_log() { cat "$work/log"; exit 1; }

"$cmake" --install "$build" --prefix "$work/prefix" >/dev/null
consumer() {
    folder=$1
    shift
    "$cmake" -G "$generator" -S "$here/consumer" -B "$work/$folder" -DCMAKE_PREFIX_PATH="$work/prefix" \
        -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_BUILD_TYPE=Debug "$@" >"$work/log" 2>&1
}
consumer build || say_log
"$cmake" --build "$work/build" >"$work/log" 2>&1 || say_log
out=$("$work/build/host")
"$work/build/device"
[ ! -x "$work/build/pictures" ] || "$work/build/pictures"
[ "$out" = "$version 7876" ] || { echo "the consumer printed '$out'"; exit 1; }
if [ -x "$work/prefix/bin/tinysparse" ]; then
    "$work/prefix/bin/tinysparse" --version
    "$work/prefix/bin/tinysparse" man | cmp - "$work/prefix/share/man/man1/tinysparse.1"
fi

# A component that is asked for is found, or its lack is said.
if [ -n "$stb" ]; then consumer with_images -DCOMPONENTS=images || say_log; fi
if consumer without_images -DCOMPONENTS=images -DCMAKE_IGNORE_PATH="$stb"; then
    echo "the component images was found without stb_image.h"
    exit 1
fi
tr -s '\n ' ' ' <"$work/log" | grep -q "the component images needs stb_image.h, which was not found" || say_log
if consumer unknown -DCOMPONENTS=sounds; then echo "the component sounds was found"; exit 1; fi

# pkg-config names the folder of the headers, after the prefix has moved too.
if command -v pkg-config >/dev/null; then
    mv "$work/prefix" "$work/moved"
    export PKG_CONFIG_PATH="$work/moved/share/pkgconfig"
    [ "$(pkg-config --modversion tinysparse)" = "$version" ] || { echo "pkg-config has another version"; exit 1; }
    "$compiler" -std=c++20 "$here/consumer/device.cpp" $(pkg-config --cflags --libs tinysparse) -o "$work/device"
    "$work/device"
else
    echo "skipped: pkg-config is not here (apt install pkg-config)"
fi

# A parent's installation holds the library's headers only if it asks for them.
for wanted in "" ON; do
    folder=parent$wanted
    "$cmake" -G "$generator" -S "$here/parent" -B "$work/$folder" -DCMAKE_CXX_COMPILER="$compiler" \
        -DCMAKE_INSTALL_PREFIX="$work/$folder/prefix" ${wanted:+-DTINYSPARSE_INSTALL=$wanted} >"$work/log" 2>&1 || say_log
    "$cmake" --build "$work/$folder" --target install >"$work/log" 2>&1 || say_log
    "$work/$folder/prefix/bin/parent"
    found=$(find "$work/$folder/prefix" -name 'tinysparse*' | head -n 1)
    if [ -n "$wanted" ]; then [ -n "$found" ]; else [ -z "$found" ]; fi ||
        { echo "TINYSPARSE_INSTALL='$wanted' in a parent: found '$found'"; exit 1; }
done
echo "an installed copy builds a consumer: $out"
