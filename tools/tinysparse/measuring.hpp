// SPDX-License-Identifier: Apache-2.0
// What a search measures of its networks on the simulated chip, and `simulate --measured` shows again.
#pragma once
#include <string>

#include "common.hpp"
#include "simulate.hpp"
#include "tinysparse/search/measuring.hpp"

namespace tinysparse::cli {

/// Number of samples whose time is measured: the first ones of that part.
inline constexpr std::size_t measured_samples = 3;
inline constexpr const Part& measured_part = parts[0];
static_assert(measured_part.part == data::Part::validation);

/// Runs a model with these samples of the source, of the validation part, on the simulated chip. Throws Error if the
/// chip cannot run it, or if a logit is not the host's.
simulator::Simulation measured(const fixed::Model& model, simulator::SampleSource source, const cost::Target& target);

/// What may keep an exported program from running on its board, a sentence for each memory. Nothing if predictions
/// leave no doubt, see doubts_of_size(). If they do, and the compiler and the simulated chip are here, the program is
/// measured; else the sentences say what is predicted.
std::vector<std::string> size_warnings(const fixed::Model& model, const fixed::Program& program,
                                       const cost::Target& target);

/// Measures of a simulation: its bytes and the time of the slowest sample.
search::Measures measures_of(const simulator::Simulation& result);

/// The compiler of the target and its version, as it says them.
std::string measuring_tools(const cost::Target& target);

} // namespace tinysparse::cli
