// SPDX-License-Identifier: Apache-2.0
// The chips behind simulate(): programs that run the exported one and return its answers.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "simulate.hpp"
#include "tinysparse/fixed/program.hpp"

namespace tinysparse::simulator {

/// Products that a chip without a multiplier computes by calling the compiler's routines, for one sample.
struct ProductTimes {
    std::uint64_t narrow = 0, wide = 0; ///< Products of a value and a weight; products of 32 bits.
    std::uint64_t negative = 0;         ///< The former with a negative second factor.
    std::uint64_t cycles = 0;           ///< Inside the routines.
};

struct Answer {
    std::uint8_t label = 255;
    std::vector<std::int32_t> logits;
    std::uint64_t cycles = 0; ///< Inside begin, push_row and finish; in an emulator ticks of the program's timer.
    ProductTimes products = {};
    std::uint64_t slowest_row = 0; ///< Cycles of one row, with begin() before the first and finish() after the last.
};

/// An exported folder, and the samples that its program gets.
struct Job {
    const fixed::Program& program;
    const SampleSource& source;
    std::size_t samples;
    const cost::Target& target;
    const std::string& folder;
    const std::vector<std::string>& definitions; ///< As those of compile.

    /// Index in the split of the i-th of the samples.
    std::size_t index(std::size_t i) const { return source.spread ? i * source.split.samples / samples : i; }
};

/// One way to simulate: the reason why it cannot run here, if any, and a run, which compiles the folder, gives an
/// answer for each sample and fills in the bytes and times of the result. conversion: cycles of the slowest row's
/// to_input() of a model that has it; null if cycles are not counted.
struct Chips {
    std::optional<std::string> (*missing)(const cost::Target& target);
    std::vector<Answer> (*run)(const Job& job, Simulation& result);
    double (*conversion)(const Job& job, const std::vector<Channel>& channels) = nullptr;
};

extern const Chips simavr_chips, emulated_chips;

} // namespace tinysparse::simulator
