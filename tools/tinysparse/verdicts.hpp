// SPDX-License-Identifier: Apache-2.0
// What the subcommands say of the answers to samples of a part, and the file with every answer.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "tinysparse/data/dataset.hpp"
#include "tinysparse/fixed/model.hpp"
#include "tinysparse/report/numbers.hpp"

namespace tinysparse::cli {

/// Numbers of `samples` samples spread evenly over a part, as simulate and device run them.
std::vector<std::size_t> spread(std::size_t samples, const data::Split& part);

/// What was answered to samples: a class for each, or the numbers, [samples][quantities]; the other is empty.
struct Given {
    std::vector<std::uint8_t> classes;
    std::vector<float> numbers;
};

/// What logits of a model mean, [samples][outputs]. `classes`: the class that goes with them.
Given given_by(const fixed::Model& model, std::vector<std::uint8_t> classes, std::span<const std::int32_t> logits);

/// The verdict on answers of either kind, as text and as members of a JSON document.
using AnyVerdict = std::variant<judge::Verdict, judge::NumberVerdict>;
std::string verdict_text(const AnyVerdict& verdict);
void add_verdict(json::Value& document, const AnyVerdict& verdict);
/// "98.10 %", or "RMSE 0.123".
std::string score_text(const AnyVerdict& verdict);
/// "100 of 100 samples match the host's logits exactly; accuracy 98.10 %", or "; RMSE 0.123" for numbers.
std::string match_text(std::size_t identical, std::size_t samples, double accuracy,
                       const std::optional<AnyVerdict>& verdict);
/// The share of right answers; null if numbers are answered.
json::Value accuracy_json(const AnyVerdict& verdict);

/// The verdict on answers to the part's samples of these indices. An answer that is no class, as a chip gives that does
/// not work, is left out; nothing if all are.
std::optional<AnyVerdict> verdict_of(const data::Dataset& set, const data::Split& part,
                                     std::span<const std::size_t> indices, const Given& given);
/// The same for an answer to each sample of a part.
AnyVerdict verdict_of(const data::Dataset& set, const data::Split& part, const Given& given);

/// Comma-separated values (RFC 4180), one line for each sample of a part: truth, answer, logit_CLASS for each class (or
/// truth_NAME, answer_NAME and logit_NAME of each number), and, if the data say them, group, file and row.
/// logits: [samples][outputs].
std::string predictions_csv(const data::Dataset& set, const data::Split& part, const Given& given,
                            std::span<const std::int32_t> logits);
std::string predictions_csv(const data::Dataset& set, const data::Split& part, const Given& given,
                            std::span<const float> logits);

} // namespace tinysparse::cli
