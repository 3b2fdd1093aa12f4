// SPDX-License-Identifier: Apache-2.0
// A simulated AVR chip that runs the program of an exported folder. Pictures go in row by row, over its serial line or,
// if the chip has none, straight into its memory; logits come back, and cycles are counted exactly.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "chips.hpp"
#include "tinysparse/cost/target.hpp"

namespace tinysparse::simulator {

class Machine {
  public:
    /// Loads an ELF file. Throws Error if the file or the chip cannot be simulated.
    Machine(const std::string& elf, const cost::Target& target);
    ~Machine();
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;

    /// Runs one sample, given as the bytes of its rows. Throws Error if the program crashes or does not answer.
    Answer run(std::span<const std::uint8_t> sample, std::size_t row_bytes, std::size_t classes);

    std::size_t flash() const;     ///< .text and .data
    std::size_t ram_peak() const;  ///< Variables and the deepest stack so far, of the whole program.
    std::size_t net_stack() const; ///< The deepest stack below begin, push_row and finish so far.

  private:
    struct Chip;
    std::unique_ptr<Chip> chip_;
};

} // namespace tinysparse::simulator
