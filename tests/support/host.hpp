// SPDX-License-Identifier: Apache-2.0
// What a network answers on the host, for all tests that compare with it: fixed/evaluate.hpp behind a few declarations,
// so that its kernels are compiled once.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "tinysparse/fixed/network.hpp"
#include "tinysparse/fixed/samples.hpp"
#include "tinysparse/fixed/sparse.hpp"

/// fixed::Evaluator of a network: throws what it throws.
class Host {
  public:
    explicit Host(tinysparse::fixed::Network network, const std::vector<tinysparse::fixed::Format>& formats = {});
    ~Host();

    /// One sample in device order, [height][width][channel].
    std::vector<std::int32_t> logits(const std::vector<std::uint8_t>& picture);
    std::vector<std::int32_t> logits(const std::vector<std::int16_t>& series);

  private:
    struct Own;
    std::unique_ptr<Own> own_;
};

/// fixed::answers: the class of each sample. Throws what it throws.
std::vector<std::uint8_t> host_classes(const tinysparse::fixed::Network& network,
                                       const tinysparse::fixed::Samples& samples);

/// fixed::accuracy: share of right answers, 0..1.
double host_accuracy(const tinysparse::fixed::Network& network, const tinysparse::fixed::Samples& samples);
