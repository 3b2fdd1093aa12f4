#!/bin/sh
# data/images.hpp and a user's own stb_image.h in one source: in this order they compile, in the other the compiler says
# what to do, as it does where stb_image.h is missing. Usage: stb_order.sh COMPILER INCLUDE_FOLDER STB_FOLDER
set -u
compiler=$1 include=$2 stb=$3
compile() { "$compiler" -std=c++20 -fsyntax-only -Wall -Wextra -Werror -Wfatal-errors -I"$include" -isystem "$stb" -x c++ - 2>&1; }
ours='#include "tinysparse/data/images.hpp"' theirs='#include <stb_image.h>'
if ! said=$(printf '%s\n%s\n#if defined(STBI_ONLY_PNG)\n#error "a macro of data/images.hpp is left"\n#endif\n' "$ours" "$theirs" | compile); then
    echo "$said"
    exit 1
fi
if said=$(printf '%s\n%s\n' "$theirs" "$ours" | compile); then
    echo "data/images.hpp compiles after stb_image.h"
    exit 1
fi
echo "$said" | grep -q "error.*include tinysparse/data/images.hpp before stb_image.h" || { echo "$said"; exit 1; }

# Where stb_image.h is missing. -nostdinc keeps out a copy in /usr/include; the header says what to do before it needs any.
said=$(echo "$ours" | "$compiler" -std=c++20 -fsyntax-only -nostdinc -I"$include" -x c++ - 2>&1) &&
    { echo "data/images.hpp compiles without stb_image.h"; exit 1; }
echo "$said" | grep -q "error.*stb_image.h is not found: install it .* and name its folder, as in -I/usr/include/stb" &&
    [ "$(echo "$said" | grep -c "error:")" = 1 ] || { echo "$said"; exit 1; }
echo "data/images.hpp comes before stb_image.h, and says so, as it does where that is missing"
