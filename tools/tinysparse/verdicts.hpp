// SPDX-License-Identifier: Apache-2.0
// What the subcommands say of the answers to samples of a part, and the file with every answer.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tinysparse/data/dataset.hpp"
#include "tinysparse/report/verdict.hpp"

namespace tinysparse::cli {

/// Numbers of `samples` samples spread evenly over a part, as simulate and device run them.
std::vector<std::size_t> spread(std::size_t samples, const data::Split& part);

/// The verdict on answers to the part's samples of these numbers. An answer that is no class, as a chip gives that does
/// not work, is left out; nothing if all are.
std::optional<judge::Verdict> verdict_of(const data::Dataset& set, const data::Split& part,
                                         std::span<const std::size_t> numbers, std::span<const std::uint8_t> answers);
/// The same for an answer to each sample of a part.
judge::Verdict verdict_of(const data::Dataset& set, const data::Split& part, std::span<const std::uint8_t> answers);

/// Comma-separated values (RFC 4180), one line for each sample of a part: truth, answer, logit_CLASS for each class,
/// and, if the data say them, group, file and row. logits: [samples][classes].
std::string predictions_csv(const data::Dataset& set, const data::Split& part, std::span<const std::uint8_t> answers,
                            std::span<const std::int32_t> logits);
std::string predictions_csv(const data::Dataset& set, const data::Split& part, std::span<const std::uint8_t> answers,
                            std::span<const float> logits);

} // namespace tinysparse::cli
