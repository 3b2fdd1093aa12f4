// SPDX-License-Identifier: Apache-2.0
// How sure the answers of an exported network are, judged by the data of `export --data SPEC`.
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

/// The confidence that these options ask for, nothing if neither is given. The validation part judges it; for a model
/// that was trained on validation samples too, the held-out logits that the model carries do. Throws UsageError for a
/// share of 100 % or more, without data, and for a model that predicts numbers; Error if no samples are left to judge
/// by.
std::optional<fixed::Confidence> confidence_of(const Arguments& arguments, const fixed::Model& model,
                                               const fixed::Program& program);

/// The confidence in words.
std::string confidence_text(const fixed::Confidence& confidence);

} // namespace tinysparse::cli
