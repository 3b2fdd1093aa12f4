// SPDX-License-Identifier: Apache-2.0
// How sure an exported network's answers are, from what `export --data SPEC` gives it to judge.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "arguments.hpp"
#include "tinysparse/fixed/confidence.hpp"
#include "tinysparse/fixed/model.hpp"
#include "tinysparse/fixed/program.hpp"

namespace tinysparse::cli {

/// The options --data and --reject.
std::vector<Option> confidence_options();

/// What they ask for, nothing if neither is given: from the validation part, or for a model that was trained on other
/// samples than the training part from the logits that came with it of samples held out. Throws UsageError for a share
/// of 100 % and more, without data, and for a model that answers numbers; Error if no samples are left to judge by.
std::optional<fixed::Confidence> confidence_of(const Arguments& arguments, const fixed::Model& model,
                                               const fixed::Program& program);

/// It in words.
std::string confidence_text(const fixed::Confidence& confidence);

} // namespace tinysparse::cli
