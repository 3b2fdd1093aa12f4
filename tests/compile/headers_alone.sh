#!/bin/sh
# Each header of the library compiles alone, without a warning. Usage: headers_alone.sh COMPILER INCLUDE_FOLDER STB_FOLDER
# Without STB_FOLDER the one header that needs stb is left out, and said so.
set -u
compiler=$1 include=$2 stb=${3:-}
failures=$(mktemp)
check() {
    echo "#include \"${1#"$include"/}\"" |
        "$compiler" -std=c++20 -fsyntax-only -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror \
            -I"$include" ${stb:+-isystem "$stb"} -x c++ - || echo "$1" >>"$failures"
}
running=0
for header in $(find "$include/tinysparse" -name '*.hpp' | sort); do
    case $header in
    */data/images.hpp) [ -n "$stb" ] || { echo "skipped: $header needs stb_image (apt install libstb-dev)"; continue; } ;;
    esac
    check "$header" &
    running=$((running + 1))
    [ $((running % 2)) -eq 0 ] && wait
done
wait
if [ -s "$failures" ]; then
    echo "these headers do not compile alone:"
    cat "$failures"
    rm -f "$failures"
    exit 1
fi
rm -f "$failures"
echo "all headers compile alone"
