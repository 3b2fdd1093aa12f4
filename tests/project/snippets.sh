#!/bin/sh
# Every block ```cpp of README.md and docs/*.md compiles, all in one program, each in a namespace of its own; what does
# not run there is checked but not translated. Blocks ```cpp run also run, in an empty folder. Compilers name the page and
# the line. Usage: snippets.sh COMPILER SOURCE_FOLDER
set -eu
compiler=$1 source=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$source"
awk -v heads="$work/heads" -v bodies="$work/bodies" -v runs="$work/runs" '
    FNR == 1 { inside = 0 }
    !inside && /^```cpp( run)?$/ {
        inside = 1
        printf "namespace snippet_%d { namespace {\n#line %d \"%s\"\n", ++count, FNR + 1, FILENAME >bodies
        if ($2 == "run") printf "    run(\"%s:%d\", snippet_%d::main);\n", FILENAME, FNR, count >runs
        next
    }
    inside && /^```$/ { inside = 0; print "} }" >bodies; next }
    inside && /^#include/ { print >heads; print "" >bodies; next }
    inside && /^int main\(\) \{$/ { in_main = 1 }
    inside && in_main && /^}$/ { in_main = 0; print "return 0; }" >bodies; next } # as the end of a real main()
    inside { print >bodies }
    END {
        if (inside) { print FILENAME ": a block does not end" >"/dev/stderr"; exit 1 }
        if (count < 10) { print "only " count " blocks were found" >"/dev/stderr"; exit 1 }
        print count " blocks of C++" >"/dev/stderr"
    }' README.md docs/*.md
{
    cat "$work/heads"
    echo '#include <cstdio>'
    cat "$work/bodies"
    cat <<'RUN'
#line 1 "snippets.sh"
static void run(const char* place, int (*snippet)()) {
    std::puts(place);
    std::fflush(stdout);
    if (snippet() != 0) throw tinysparse::Error(std::string(place) + ": the block returns an error");
}
int main() {
RUN
    cat "$work/runs"
    echo '}'
} >"$work/snippets.cpp"
"$compiler" -std=c++20 -O0 -Wall -Wextra -Wno-unused-function -I"$source/include" "$work/snippets.cpp" -pthread -o "$work/snippets"
mkdir "$work/empty"
cd "$work/empty"
"$work/snippets"
