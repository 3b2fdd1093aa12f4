// SPDX-License-Identifier: Apache-2.0
// What an export, and whoever compiles and simulates it, must know of a kind of chips. Each kind is one file, avr.hpp,
// arm.hpp, host.hpp; platforms.hpp lists them all.
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

/// A sample as the programs of an export take it: rows, or pieces of a camera's picture, of which the last may be
/// filled up.
struct Pieces {
    std::size_t count, values, bytes; ///< Pieces of a sample; values and bytes of one.
};
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

/// Bytes of RAM that an export's program for AVR has beside what cost::costs counts: a row of the sample, if no piece
/// of a camera's picture is counted, and the address on the stack that main() would return to.
inline std::size_t ram_beside(const fixed::Network& network) {
    return (network.input.camera ? 0 : pieces_of(network).bytes) + 2;
}

/// Bytes of code that compute the sample that a header carries, as compiled for an ATtiny85.
inline constexpr std::size_t self_test_code = 74;

/// Bytes of that sample.
inline std::size_t golden_bytes(const fixed::GoldenSample& golden) {
    return golden.picture.size() + 2 * golden.series.size() + 4 * golden.logits.size();
}

/// What a program takes beside the network and what cost::costs counts of it.
struct ProgramBytes {
    std::size_t flash = 0, ram = 0;
};

/// What simulates a kind of chips: nothing, libsimavr, or a program that loads an ELF file, in which the exported
/// program works through files over Arm's semihosting.
enum class Simulator { none, simavr, emulator };

/// A program and what brings it on Debian and Ubuntu.
struct Tool {
    std::string_view name, packages;
};

struct Platform {
    cost::Architecture architecture;

    /// The files beside the header, main.cpp among them. has_sample: the header carries a sample and its logits.
    std::vector<NamedFile> (*programs)(std::string_view name, const cost::Target& target, bool has_sample);
    /// What the exported program takes in addition.
    ProgramBytes (*program_bytes)(const fixed::Model& model, const cost::Target& target);
    /// Constants lie in this many bytes from the start of program memory, or kernels cannot read them.
    std::size_t reach = cost::no_limit;

    /// Compiles the .cpp files of `programs` from within their folder. library_header: a header that the compiler's
    /// C library has, which other packages bring.
    Tool compiler;
    std::vector<std::string> (*flags)(const cost::Target& target);
    std::string_view library_header, library_packages;

    Simulator simulator = Simulator::none;
    Tool emulator = {};
    std::vector<std::string> (*emulator_flags)(const cost::Target& target) = nullptr;
    /// The instructions of a time that the program has measured in the emulator, in ticks of its timer.
    double (*instructions)(double ticks, const cost::Target& target) = nullptr;
};

namespace detail {

/// Every @NAME@ becomes the name.
inline std::string named(std::string_view pattern, std::string_view name) {
    return replaced(std::string(pattern), "@NAME@", name);
}

} // namespace detail

} // namespace tinysparse::deploy
