// SPDX-License-Identifier: Apache-2.0
// The build that made a run: version and revision of the program, its compiler, and the widest vectors that it was
// compiled for. Other builds may add in another order, so that a training differs in its last digits.
#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tinysparse/base/json.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/version.hpp"

namespace tinysparse::search {

/// All but the version are empty in runs of versions that did not write them.
struct Build {
    std::string version, revision, compiler, instructions; ///< compiler and instructions as build_text() shows them.
    bool operator==(const Build&) const = default;
};

namespace detail {

inline std::string this_compiler() {
#if defined(__clang__)
    return text("clang ", __clang_major__, '.', __clang_minor__, '.', __clang_patchlevel__);
#elif defined(__GNUC__)
    return text("g++ ", __GNUC__, '.', __GNUC_MINOR__, '.', __GNUC_PATCHLEVEL__);
#else
    return "another compiler";
#endif
}

inline std::string these_instructions() {
#if defined(__AVX512F__)
    return "AVX-512";
#elif defined(__AVX2__)
    return "AVX2";
#elif defined(__AVX__)
    return "AVX";
#elif defined(__SSE2__)
    return "SSE2";
#elif defined(__ARM_NEON)
    return "NEON";
#else
    return "scalar";
#endif
}

} // namespace detail

/// The build of this program. `revision`: of the git tree that it was compiled from, if any.
inline Build this_build(std::string revision = "release") {
    return {TINYSPARSE_VERSION_STRING, std::move(revision), detail::this_compiler(), detail::these_instructions()};
}

/// "1.0.0 (release, g++ 12.2.0, AVX2)"
inline std::string build_text(const Build& build) {
    if (build.revision.empty()) return build.version;
    return text(build.version, " (", build.revision, ", ", build.compiler, ", ", build.instructions, ")");
}

/// A version alone is written as older versions wrote it.
inline json::Value to_json(const Build& build) {
    if (build.revision.empty()) return build.version;
    return json::object({{"version", build.version},
                         {"revision", build.revision},
                         {"compiler", build.compiler},
                         {"instructions", build.instructions}});
}

/// Reads both forms that to_json() writes. Throws Error for anything else.
inline Build build_from_json(const json::Reader& in) {
    if (in.value().string()) return {in.as<std::string>(), "", "", ""};
    return {in.at("version").as<std::string>(), in.at("revision").as<std::string>(),
            in.at("compiler").as<std::string>(), in.at("instructions").as<std::string>()};
}

/// A sentence on a run that other builds continued; nothing if one build did all of it. later: those builds, in order.
inline std::optional<std::string> mixed_builds(const Build& first, const std::vector<Build>& later) {
    if (later.empty()) return std::nullopt;
    std::vector<std::string> words;
    for (const Build& build : later) words.push_back(build_text(build));
    return text("the run began with tinysparse ", build_text(first), " and went on with ", join(words, ", then "),
                "; trainings and predicted costs of different builds may differ");
}

} // namespace tinysparse::search
