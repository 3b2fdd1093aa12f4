#!/bin/sh
# A program that trains compiles without a warning or a note, for any processor of the kind, where the headers are found
# by -I. With g++, clang++ and the newest clang++-N that are here. Code must be made for it, as compilers find what
# -Wpsabi is about no sooner: 20 s of processor time a compiler. Usage: warnings.sh INCLUDE_FOLDER
set -u
include=$1
program=$(dirname "$0")/training.cpp
newest=
for version in $(seq 40 -1 15); do
    if command -v "clang++-$version" >/dev/null; then
        newest=clang++-$version
        break
    fi
done
failed=0
for compiler in g++ clang++ $newest; do
    if ! command -v "$compiler" >/dev/null; then
        echo "skipped: $compiler is not here (apt install g++ clang)"
        continue
    fi
    said=$("$compiler" -std=c++20 -O0 -S -o /dev/null -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wpsabi \
        -I"$include" "$program" 2>&1)
    if [ $? -ne 0 ] || [ -n "$said" ]; then
        echo "$compiler says:"
        echo "$said" | head -n 40
        failed=1
    else
        echo "$compiler: no warning"
    fi
done
exit $failed
