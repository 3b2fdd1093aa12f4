// SPDX-License-Identifier: Apache-2.0
#include "host_answers.hpp"

#include "tinysparse/fixed/evaluate.hpp"

namespace tinysparse::simulator {

HostAnswers::HostAnswers(const fixed::Program& program, const data::Split& split)
    : evaluator_(std::make_unique<fixed::SplitEvaluator>(program, split)) {}

HostAnswers::~HostAnswers() = default;

std::span<const std::int32_t> HostAnswers::logits(std::size_t sample) { return evaluator_->logits(sample); }

std::uint8_t HostAnswers::predicted() const { return evaluator_->predicted(); }

fixed::Answers host_answers(const fixed::Network& network, const data::Split& split, std::size_t threads) {
    return fixed::answers(network, split, threads);
}

} // namespace tinysparse::simulator
