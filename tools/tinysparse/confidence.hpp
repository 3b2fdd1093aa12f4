// SPDX-License-Identifier: Apache-2.0
// How sure the answers of a network are, judged by samples on which it was not trained.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "arguments.hpp"
#include "tinysparse/data/dataset.hpp"
#include "tinysparse/fixed/confidence.hpp"
#include "tinysparse/fixed/model.hpp"
#include "tinysparse/fixed/program.hpp"

namespace tinysparse::cli {

/// The options --data and --reject of `export`.
std::vector<Option> confidence_options();

/// The value of --reject. Throws UsageError unless it is a share below 100 %.
std::optional<double> share_to_reject(const Arguments& arguments);

/// The confidence that --data and --reject ask for, nothing if neither is given. The validation part judges it; for a
/// model that was trained on validation samples too, the held-out logits that the model carries do. Throws UsageError
/// for a share of 100 % or more, without data, and for a model that predicts numbers; Error if no samples are left to
/// judge by.
std::optional<fixed::Confidence> confidence_of(const Arguments& arguments, const fixed::Model& model,
                                               const fixed::Program& program);
/// The same for data that are loaded already, which fit the model.
fixed::Confidence confidence_of(const fixed::Model& model, const fixed::Program& program, const data::Dataset& set,
                                std::optional<double> reject);
/// The confidence by the held-out logits that the model carries; nothing if it carries none.
std::optional<fixed::Confidence> own_confidence(const fixed::Model& model);

/// The confidence in words. judge: what rejects answers, the function of an exported header unless stated.
std::string confidence_text(const fixed::Confidence& confidence, std::string_view judge = "accepted()");

} // namespace tinysparse::cli
