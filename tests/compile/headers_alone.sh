#!/bin/sh
# Each header of the library compiles alone, and none with a warning. A header that a test includes first was compiled
# alone with that test, unless several tests were compiled as one; the others are compiled here. Warnings are looked for
# in all of them, in one program. Usage: headers_alone.sh COMPILER SOURCE_FOLDER TESTS_COMPILED_AS_ONE STB_FOLDER
# TESTS_COMPILED_AS_ONE is 0 or 1.
# Without STB_FOLDER the one header that needs stb is left out, and said so.
set -u
compiler=$1 include=$2/include tests=$2/tests together=$3 stb=${4:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
compile() {
    "$compiler" -std=c++20 -fsyntax-only -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -I"$include" \
        ${stb:+-isystem "$stb"} -x c++ -
}
export compiler include stb
(cd "$include" && find tinysparse -name '*.hpp' | sort) >"$work/headers"
if [ -z "$stb" ]; then
    echo "skipped: tinysparse/data/images.hpp needs stb_image (apt install libstb-dev)"
    sed -i '\|/data/images.hpp$|d' "$work/headers"
fi
for test in "$tests"/*/*.cpp; do
    grep -m 1 '^#include' "$test" | sed -n 's/^#include "\(tinysparse\/.*\)"$/\1/p'
done | sort -u >"$work/first"
if [ "$(wc -l <"$work/first")" -lt 100 ]; then # the tests' includes are not found where they were
    echo "only $(wc -l <"$work/first") headers are the first that a test includes"
    exit 1
fi
[ "$together" = 0 ] || : >"$work/first"
sed 's/.*/#include "&"/' "$work/headers" | compile || exit 1
grep -vxFf "$work/first" "$work/headers" | xargs -I {} sh -c '
    echo "#include \"{}\"" | "$compiler" -std=c++20 -fsyntax-only -I"$include" ${stb:+-isystem "$stb"} -x c++ - ||
        echo "{}" >>"$0/failures"' "$work"
if [ -s "$work/failures" ]; then
    echo "these headers do not compile alone:"
    cat "$work/failures"
    exit 1
fi
echo "$(wc -l <"$work/headers") headers compile without a warning; $(grep -cvxFf "$work/first" "$work/headers") of them" \
    "were compiled alone here, the others with their tests"
