// SPDX-License-Identifier: Apache-2.0
// Runs a model on the simulated chip of a board: exports it, compiles it, feeds it samples, and compares every logit
// with the host's. The target's platform says what simulates it.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "sample_bytes.hpp"
#include "tinysparse/base/error.hpp"
#include "tinysparse/cost/longest.hpp"
#include "tinysparse/cost/target.hpp"
#include "tinysparse/data/dataset.hpp"
#include "tinysparse/fixed/model.hpp"
#include "tinysparse/fixed/sparse.hpp"

namespace tinysparse::simulator {

/// A program takes more of a memory than its board has.
class DoesNotFit : public Error {
  public:
    using Error::Error;
};

struct Simulation {
    std::size_t samples = 0;
    std::size_t identical = 0; ///< Samples whose logits are all those of the host.
    double accuracy = 0;       ///< Share of right answers among them, as the chip gave them; of classes only.
    /// The chip's answers: sample i is the split's i * split.samples / samples, or i if they are not spread. 255: the
    /// chip gave none.
    std::vector<std::uint8_t> answers = {};
    std::vector<std::int32_t> logits = {}; ///< [samples][outputs], as the chip gave them.
    std::size_t ram_peak = 0;              ///< Bytes that the whole program used: variables and the deepest stack.
    std::size_t ram = 0;   ///< sizeof(Net) and the deepest stack below begin, push_row and finish; with a camera
                           ///< the piece of its picture as well, as cost::Costs counts it.
    std::size_t flash = 0; ///< .text and .data of the linked program.
    /// Means of a sample, inside begin, push_row and finish; nothing if the simulator does not count it.
    std::optional<double> cycles, milliseconds;                 ///< Milliseconds at the board's clock.
    std::optional<double> slowest_cycles, slowest_milliseconds; ///< Time of the slowest sample.
    /// Time of the slowest row of a sample, with begin() before the first row and finish() after the last: what a
    /// stream of rows has to wait for. Nothing for a network with a camera, whose pictures come in pieces.
    std::optional<double> slowest_row_cycles, slowest_row_milliseconds;
    std::optional<double> instructions;
    cost::SeenTimes seen = {}; ///< Most of each, over the samples, on an AVR chip without a multiplier.
    /// Bound of the time of any sample, see cost/longest.hpp; for AVR chips without a multiplier.
    std::optional<double> longest_cycles, longest_milliseconds;
};

/// What keeps simulations of that target from running here, with the package that brings it; nothing if they can.
std::optional<std::string> missing(const cost::Target& target);

/// Compiles an exported folder's programs into `folder`/program.elf and returns that path. `definitions`: macros to
/// set, as TINYSPARSE_NO_ASM. Throws Error if the compiler is not found, fails or has a warning, and DoesNotFit if the
/// program is too large for the board.
std::string compile(const std::string& folder, const cost::Target& target,
                    const std::vector<std::string>& definitions = {});

/// Bytes of program memory, .text and .data, of the program that compile() made. Throws Error if its size is not told.
std::size_t program_flash(const std::string& folder, const cost::Target& target);

/// Simulates `samples` samples of the source's split, spread evenly over it or the first ones, all of it if it has
/// fewer. formats: as those of deploy::write_export. Throws Error if there are no samples, if nothing simulates the
/// target, or if the program does not compile or answer, and DoesNotFit if it does not fit.
Simulation simulate(const fixed::Model& model, const SampleSource& source, std::size_t samples,
                    const cost::Target& target, const std::vector<std::string>& definitions = {},
                    const std::vector<fixed::Format>& formats = {});

/// Cycles in which to_input() of the exported header converts the readings of a row, the slowest of these samples'
/// rows, on the simulated chip. simulate() does not include them. Nothing if readings need no conversion, or if the
/// simulator does not count cycles. Throws Error as simulate() does.
std::optional<double> conversion_cycles(const fixed::Model& model, const SampleSource& source, std::size_t samples,
                                        const cost::Target& target);

} // namespace tinysparse::simulator
