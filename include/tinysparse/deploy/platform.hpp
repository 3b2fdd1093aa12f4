// SPDX-License-Identifier: Apache-2.0
// Properties of a kind of chips that an export needs, or code that compiles and simulates it. Each kind is one file,
// avr.hpp, arm.hpp, host.hpp; platforms.hpp lists them all.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/base/text.hpp"
#include "tinysparse/base/zip.hpp"
#include "tinysparse/cost/target.hpp"
#include "tinysparse/fixed/model.hpp"

namespace tinysparse::deploy {

/// A sample as the programs of an export take it: rows, or pieces of a camera's picture; the last piece may be padded.
struct Pieces {
    std::size_t count, values, bytes; ///< Pieces per sample; values and bytes of one piece.
};
/// The pieces in which a program hands the input to the network: rows, or parts of a camera's rows.
inline Pieces pieces_of(const fixed::Network& network) {
    const net::Shape& shape = network.spec.input;
    if (const auto& camera = network.input.camera) {
        const std::size_t piece = camera_piece(*camera);
        const PixelsInfo& pixels = info(camera->pixels);
        return {(camera->pixel_count() + piece - 1) / piece, piece * std::size_t(pixels.values),
                piece * std::size_t(pixels.bytes)};
    }
    const std::size_t row = std::size_t(shape.width) * std::size_t(shape.channels);
    return {std::size_t(shape.height), row, row * (network.input.series ? 2 : 1)};
}

/// Bytes of RAM of an export's program for AVR that cost::costs does not count: a row of the sample, unless a piece of
/// a camera's picture is counted, and the return address of main() on the stack.
inline std::size_t ram_beside(const fixed::Network& network) {
    return (network.input.camera ? 0 : pieces_of(network).bytes) + 2;
}

/// Bytes of code that runs the sample of a header, as compiled for an ATtiny85.
inline constexpr std::size_t self_test_code = 74;

/// Bytes of that sample.
inline std::size_t golden_bytes(const fixed::GoldenSample& golden) {
    return golden.picture.size() + 2 * golden.series.size() + 4 * golden.logits.size();
}

/// Bytes of a program beside the network that cost::costs does not count.
struct ProgramBytes {
    std::size_t flash = 0, ram = 0;
};

/// Simulators of a kind of chips: none, libsimavr, or a program that loads an ELF file, in which the exported program
/// works through files over Arm's semihosting.
enum class Simulator { none, simavr, emulator };

/// A program and the package that provides it on Debian and Ubuntu.
struct Tool {
    std::string_view name, packages; ///< packages: separated by spaces.
};

/// What an exporter must know of one kind of chip.
struct Platform {
    cost::Architecture architecture;

    /// The files beside the header, including main.cpp. has_sample: the header has a sample and its logits.
    std::vector<NamedFile> (*programs)(std::string_view name, const cost::Target& target, bool has_sample);
    /// Additional bytes of the exported program.
    ProgramBytes (*program_bytes)(const fixed::Model& model, const cost::Target& target);
    /// Constants must be within this many bytes from the start of program memory, so that kernels can read them.
    std::size_t reach = cost::no_limit;

    /// Compiles the .cpp files of `programs` within their folder. library_header: a header of the compiler's C library,
    /// which other packages provide.
    Tool compiler;
    std::vector<std::string> (*flags)(const cost::Target& target); ///< Compiler options for a board.
    std::string_view library_header, library_packages;             ///< Its name, and packages that provide it.

    Simulator simulator = Simulator::none;
    Tool emulator = {}; ///< Set if `simulator` is Simulator::emulator.
    /// Options of the emulator for a board.
    std::vector<std::string> (*emulator_flags)(const cost::Target& target) = nullptr;
    /// Number of instructions in a time that the program measured in the emulator, in ticks of its timer.
    double (*instructions)(double ticks, const cost::Target& target) = nullptr;
};

namespace detail {

/// Replaces every @NAME@ by the name.
inline std::string named(std::string_view pattern, std::string_view name) {
    return replaced(std::string(pattern), "@NAME@", name);
}

} // namespace detail

} // namespace tinysparse::deploy
