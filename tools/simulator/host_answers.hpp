// SPDX-License-Identifier: Apache-2.0
// Answers of a network on the host, for code that compares with them or counts right ones: fixed/evaluate.hpp behind
// two declarations, so that its kernels are compiled once for the tool.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "tinysparse/data/dataset.hpp"
#include "tinysparse/fixed/network.hpp"
#include "tinysparse/fixed/samples.hpp"

namespace tinysparse::fixed {
class Program;
class SplitEvaluator;
} // namespace tinysparse::fixed

namespace tinysparse::simulator {

/// fixed::SplitEvaluator: throws the same Errors; the lowered network and the split must outlive it.
class HostAnswers {
  public:
    HostAnswers(const fixed::Program& program, const data::Split& split);
    ~HostAnswers();

    /// Valid until the next call.
    std::span<const std::int32_t> logits(std::size_t sample);
    /// The class of the last logits.
    std::uint8_t predicted() const;

  private:
    std::unique_ptr<fixed::SplitEvaluator> evaluator_;
};

/// fixed::answers: for every sample of a split.
fixed::Answers host_answers(const fixed::Network& network, const data::Split& split, std::size_t threads);

} // namespace tinysparse::simulator
