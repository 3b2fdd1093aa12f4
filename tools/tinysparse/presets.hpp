// SPDX-License-Identifier: Apache-2.0
// Settings of a search under one name. Options on the command line override them.
#pragma once
#include <string>
#include <string_view>

#include "common.hpp"
#include "tinysparse/base/rows.hpp"
#include "tinysparse/space/space.hpp"

namespace tinysparse::cli {

struct Preset {
    std::string_view name;
    std::string_view target = "uno";
    std::string_view objectives = ""; ///< Empty: the costs that are known for the board.
    std::string_view acquisition = "ehvi";
    std::string_view kernel = "matern";
    std::string_view portfolio_without = ""; ///< Data sets whose networks are left out of the portfolio, or "all".
    std::string_view space = "";             ///< Lines of a space file.
};

/// sparse: the system of Fedorov et al. 2019 (docs/paper.md).
inline constexpr Preset presets[] = {
    {.name = "sparse",
     .target = "none",
     .objectives = "error,paper_model_size,paper_working_memory",
     .acquisition = "sparse",
     .kernel = "arc",
     .portfolio_without = "all",
     .space = "bits = 8\npruning.method = none sparse-vd bayes-gnj bayes-ghs\npruning.keep = 1..1\n"},
};

/// The preset that --preset names, or the usual settings.
inline Preset preset_of(const Arguments& arguments) {
    const auto name = arguments.value("preset");
    return name ? *row_named(presets, *name) : Preset{};
}

/// The preset's space, narrowed further by --space. Throws Error if the file cannot be read or does not fit.
inline space::Space space_of(const Arguments& arguments) {
    const Preset preset = preset_of(arguments);
    const space::Space own = space::narrowed({}, preset.space, text("preset ", preset.name));
    const auto file = arguments.value("space");
    return file ? space::narrowed(own, read_text(*file, 1 << 20, "lines of docs/search.md"), *file) : own;
}

} // namespace tinysparse::cli
