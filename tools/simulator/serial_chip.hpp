// SPDX-License-Identifier: Apache-2.0
// A simulated AVR chip whose serial line is a pseudo-terminal of this machine,
// so that a program opens it as it would a board's port.
#pragma once
#include <memory>
#include <string>

#include "tinysparse/cost/target.hpp"

namespace tinysparse::simulator {

class SerialChip {
  public:
    /// Loads an ELF file and runs it until this object is destroyed. Throws Error if the file or the chip cannot be
    /// simulated, or if there is no pseudo-terminal.
    SerialChip(const std::string& elf, const cost::Target& target);
    ~SerialChip();
    SerialChip(const SerialChip&) = delete;
    SerialChip& operator=(const SerialChip&) = delete;

    const std::string& port() const; ///< The path to open.

  private:
    struct Chip;
    std::unique_ptr<Chip> chip_;
};

} // namespace tinysparse::simulator
