#!/bin/sh
# The tests of base/, gp/, mobo/ and fixed/ with clang and libc++, the standard library of macOS. Headers are parsed once,
# into a precompiled one that has the instances of its templates; the tests of a folder are compiled as one source.
# Usage: libcxx.sh SOURCE_FOLDER
set -eu
cd "$1"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
compile() { clang++ -stdlib=libc++ -std=c++20 -O0 "$@"; }
printf '#include <version>\nint main() {}\n' >"$work/empty.cpp"
if ! compile "$work/empty.cpp" -o "$work/empty" 2>/dev/null; then
    echo "skipped: clang++ with libc++ is not here (apt install clang libc++-dev libc++abi-dev)"
    exit 0
fi
export CPLUS_INCLUDE_PATH="$PWD/include:$PWD/tests/support"
printf '#include <doctest/doctest.h>\n#include <tinysparse/tinysparse.hpp>\n' >"$work/all.hpp"
compile -fpch-instantiate-templates -x c++-header "$work/all.hpp" -o "$work/all.hpp.pch"
for folder in base gp mobo fixed support; do
    printf "#include \"$PWD/%s\"\n" tests/$folder/*.cpp >"$work/$folder.cpp"
    compile -include "$work/all.hpp" -c "$work/$folder.cpp" -DTINYSPARSE_TEST_FIXTURES="\"tests/$folder/fixtures\"" \
        -o "$work/$folder.o"
done
compile -c tests/main.cpp -o "$work/main.o"
for folder in base gp mobo fixed; do
    compile "$work/main.o" "$work/$folder.o" "$work/support.o" -pthread -o "$work/test_$folder"
    "$work/test_$folder" || { echo "the tests of $folder fail with libc++"; exit 1; }
done
