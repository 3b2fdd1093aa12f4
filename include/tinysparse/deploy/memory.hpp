// SPDX-License-Identifier: Apache-2.0
// The memory of a sketch, in the words of the Arduino IDE.
#pragma once
#include <cstddef>
#include <optional>
#include <string>

#include "tinysparse/base/text.hpp"
#include "tinysparse/cost/target.hpp"
#include "tinysparse/deploy/exported.hpp"
#include "tinysparse/deploy/platform.hpp"

namespace tinysparse::deploy {

/// Bytes of a sketch that feeds the network over the serial line, including Arduino's core.
struct SketchBytes {
    std::size_t flash = 0;     ///< Program storage: .text and .data.
    std::size_t variables = 0; ///< Dynamic memory: .data and .bss; the stack comes on top.
};

/// Prediction: the core, the network, and a piece of a sample in memory. figures: of the target. No value if flash is
/// not predicted for it.
inline std::optional<SketchBytes> sketch_bytes(const DeviceFigures& figures, const fixed::Program& program,
                                               const cost::Target& target) {
    if (!figures.flash_bytes) return std::nullopt;
    return SketchBytes{target.empty_sketch_flash() + *figures.flash_bytes, target.empty_sketch_ram() +
                                                                               program.layout().plan().bytes() +
                                                                               pieces_of(program.network()).bytes};
}

/// "Sketch uses 7465 bytes (23%) of program storage space. Maximum is 32256 bytes.\nGlobal variables ..."; shares are
/// rounded down, as in the IDE. about: a word before estimated numbers.
inline std::string in_arduino_words(const SketchBytes& bytes, const cost::Target& target, std::string_view about = "") {
    const auto share = [](std::size_t part, std::size_t whole) {
        return text(" bytes (", 100 * part / whole, "%) of ");
    };
    const bool fits = bytes.variables <= target.ram;
    return text("Sketch uses ", about, bytes.flash, share(bytes.flash, target.flash),
                "program storage space. Maximum is ", target.flash, " bytes.\nGlobal variables use ", about,
                bytes.variables, share(bytes.variables, target.ram), "dynamic memory, leaving ", fits ? "" : "-",
                fits ? target.ram - bytes.variables : bytes.variables - target.ram,
                " bytes for local variables. Maximum is ", target.ram, " bytes.");
}

} // namespace tinysparse::deploy
