#!/usr/bin/env bash
# tools/api_docs: it builds the API site without a warning, and fails for a function, type or member without a comment.
# Usage: api_docs.sh API_DOCS SITE. A first line "skipped: ..." is shown by ctest if Doxygen or Python is missing.
set -euo pipefail
api_docs=$1 site=$2
# Each version of Doxygen warns of something else; the comments have been read by this one.
version=1.9.4
for program in doxygen python3; do
    command -v $program >/dev/null || { echo "skipped: $program is not installed"; exit 0; }
done
[[ "$(doxygen --version)" == $version* ]] || { echo "skipped: doxygen $(doxygen --version), not $version"; exit 0; }

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
fail() {
    echo "tests/project/api_docs.sh: $*" >&2
    exit 1
}
# Runs it over a header that consists of the standard input, and expects an exit status and words in what it says.
header() {
    local expected=$1 words=$2 status=0
    mkdir -p "$scratch/headers"
    { echo "// SPDX-License-Identifier: Apache-2.0"; echo "// A header with a \\command and an @address."; cat; } \
        >"$scratch/headers/a.hpp"
    "$api_docs" --headers "$scratch/headers" "$scratch/site" >"$scratch/said" 2>&1 || status=$?
    [ "$status" = "$expected" ] || fail "exit status $status, expected $expected: $(cat "$scratch/said")"
    grep -qF -- "$words" "$scratch/said" || fail "the words lack: $words; they are: $(cat "$scratch/said")"
}
header 0 "documented: 1 functions, 1 types, 1 members; exempt: 4; warnings: 0" <<'END'
namespace tinysparse {
/// Holds what the comments say.
struct Documented {
    double strength_of_spring, other; ///< Both in newtons per metre.
    int channels;
    bool operator==(const Documented&) const = default;
    /// Energy of the spring in joules.
    double energy() const;
};
namespace detail {
int nobody_calls_this();
}
} // namespace tinysparse
#define MACRO 1
END
header 1 "a.hpp:5: warning: Member undocumented(int x) (function) of namespace tinysparse is not documented." <<'END'
namespace tinysparse {
// A comment that Doxygen does not read.
int undocumented(int x);
} // namespace tinysparse
END
header 1 "Compound tinysparse::Undocumented is not documented." <<'END'
namespace tinysparse { struct Undocumented { int rows; }; }
END
header 1 "Member springiness (variable) of struct tinysparse::Documented is not documented." <<'END'
namespace tinysparse {
/// A type.
struct Documented { double springiness; };
}
END
"$api_docs" "$site" || fail "warnings above; the comments are in include/tinysparse/"
