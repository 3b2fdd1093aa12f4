// SPDX-License-Identifier: Apache-2.0
// Runs a model on the simulated chip of a board: exports it, compiles it with avr-gcc, sends it samples, and compares
// every logit with the host's.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "tinysparse/cost/target.hpp"
#include "tinysparse/data/dataset.hpp"
#include "tinysparse/deploy/device_headers.hpp"
#include "tinysparse/fixed/model.hpp"
#include "tinysparse/fixed/sparse.hpp"

namespace tinysparse::simulator {

struct Simulation {
    std::size_t samples = 0;
    std::size_t identical = 0; ///< Samples whose logits are all those of the host.
    double accuracy = 0;       ///< Share of right answers among them, as the chip gave them.
    std::size_t ram_peak = 0;  ///< Bytes that the whole program used: variables and the deepest stack.
    std::size_t ram = 0;       ///< sizeof(Net) and the deepest stack below begin, push_row and finish.
    std::size_t flash = 0;     ///< .text and .data of the linked program
    double cycles = 0;         ///< Mean of a sample, inside begin, push_row and finish.
    double milliseconds = 0;   ///< At the board's clock.
};

/// What keeps simulations from running here, with the package that brings it; nothing where they can.
std::optional<std::string> missing();

/// Compiles an exported folder's main.cpp into `folder`/program.elf and returns that path. `definitions`: macros to
/// set, as TINYSPARSE_NO_ASM. Throws Error where avr-g++ is not found, fails or has a warning, or where the program is
/// too large for the chip.
std::string compile(const std::string& folder, const cost::Target& target,
                    const std::vector<std::string>& definitions = {});

/// Simulates `samples` samples spread evenly over the split, all of it where it has fewer.
/// formats: as those of deploy::write_export.
Simulation simulate(const fixed::Model& model, const data::Split& split, std::size_t samples,
                    const cost::Target& target, const std::vector<deploy::DeviceHeader>& headers,
                    const std::vector<std::string>& definitions = {}, const std::vector<fixed::Format>& formats = {});

} // namespace tinysparse::simulator
