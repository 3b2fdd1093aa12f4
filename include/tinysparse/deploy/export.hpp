// SPDX-License-Identifier: Apache-2.0
// An exported folder: NAME.h, the headers of mcu/ that it includes, a main program and its Makefile (on this machine a
// CMakeLists.txt too). It needs nothing outside itself but a compiler.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/base/files.hpp"
#include "tinysparse/cost/device.hpp"
#include "tinysparse/deploy/arm_programs.hpp"
#include "tinysparse/deploy/device_headers.hpp"
#include "tinysparse/deploy/header.hpp"
#include "tinysparse/deploy/programs.hpp"

namespace tinysparse::deploy {

/// Bytes of a row of the input, as a program takes it.
inline std::size_t row_bytes(const fixed::Network& network) {
    const net::Shape& shape = network.spec.input;
    return std::size_t(shape.width) * std::size_t(shape.channels) * (network.input.series ? 2 : 1);
}

/// Bytes of the sample that a header carries.
inline std::size_t golden_bytes(const fixed::GoldenSample& golden) {
    return golden.picture.size() + 2 * golden.series.size() + 4 * golden.logits.size();
}

/// Whether the program beside the header computes the golden sample and shows at a pin that it is right: there is no
/// serial line. Without a golden sample only a simulator can look.
inline bool shows_at_a_pin(const fixed::Model& model, const cost::Target& target) {
    return target.architecture == cost::Architecture::avr && target.serial_ports == 0 && !model.golden.logits.empty();
}

/// Flash of that, beside what cost::costs counts: the sample,
/// and the code that compares (as compiled for an ATtiny85).
inline std::size_t pin_bytes(const fixed::Model& model, const cost::Target& target) {
    constexpr std::size_t code = 74;
    return shows_at_a_pin(model, target) ? golden_bytes(model.golden) + code : 0;
}

/// What the header says of a board: the figures of the cost model for these formats.
inline DeviceFigures figures_on(const fixed::Model& model, const cost::Target& target,
                                const std::vector<fixed::Format>& formats = {}) {
    DeviceFigures figures;
    figures.target = target.name;
    if (target.architecture != cost::Architecture::avr) return figures;
    const cost::Costs costs = cost::costs(model.network, target, formats);
    figures.ram_bytes = costs.ram;
    figures.flash_bytes = costs.flash + pin_bytes(model, target);
    figures.cycles = std::uint64_t(costs.cycles + 0.5);
    return figures;
}

/// Bytes of program memory that an export holds beside its code: weights, the golden sample, names of classes. They
/// are the same on every chip. with_lines: and the code that weights are operands of.
inline std::size_t constant_bytes(const fixed::Model& model, const std::vector<fixed::Format>& formats = {},
                                  bool with_lines = false) {
    const cost::Costs costs = cost::costs(model.network, cost::target("uno"), formats);
    std::size_t bytes = golden_bytes(model.golden);
    for (std::size_t i = 0; i < costs.layers.size(); ++i)
        if (with_lines || costs.formats[i] != fixed::Format::straight) bytes += costs.layers[i].stored();
    for (const std::string& name : model.class_names) bytes += name.size() + 1;
    return bytes;
}

/// Throws Error where the constants alone are more than the board's program memory, or the variables more than its RAM.
inline void check_fits(const fixed::Model& model, const cost::Target& target,
                       const std::vector<fixed::Format>& formats = {}) {
    const std::size_t bytes = constant_bytes(model, formats, true);
    if (bytes > target.flash)
        throw Error(text("the network's constants take ", bytes, " bytes, ", target.name, " has ", target.flash,
                         " of program memory; prune the network or give it fewer bits"));
    const std::size_t variables = fixed::plan(model.network.spec, model.network.input.series).bytes() +
                                  (shows_at_a_pin(model, target) ? 0 : row_bytes(model.network));
    if (variables >= target.ram)
        throw Error(text("the network's variables take ", variables, " bytes, ", target.name, " has ", target.ram,
                         " of RAM; take a network with fewer or smaller maps"));
}

/// Throws Error where an AVR chip could not read all constants: its kernels use lpm, which reaches the first 64 KB.
inline void check_reachable(const fixed::Model& model, const cost::Target& target,
                            const std::vector<fixed::Format>& formats = {}) {
    if (target.architecture != cost::Architecture::avr) return;
    constexpr std::size_t reach = 65536, interrupts = 256; // the table of interrupts comes before the constants
    const std::size_t bytes = constant_bytes(model, formats);
    if (bytes + interrupts > reach)
        throw Error(text("the network's constants take ", bytes, " bytes, the chip of ", target.name,
                         " reads the first ", reach - interrupts,
                         " of its program memory; prune the network or give it fewer bits"));
}

/// Writes the folder, making it where need be; files of the same names are replaced. `target`: a board, or nothing for
/// this machine ("c++"). formats: of each layer's weights; none: those that cost::formats chooses. Throws Error where
/// the name cannot be one, a sum may overflow, or a file cannot be written.
inline void write_export(const fixed::Model& model, const cost::Target* target, const std::string& folder,
                         std::string_view name, const std::vector<DeviceHeader>& headers,
                         std::vector<fixed::Format> formats = {}) {
    if (formats.empty()) formats = cost::formats(model.network);
    if (target != nullptr) {
        check_fits(model, *target, formats);
        check_reachable(model, *target, formats);
    }
    const std::string network =
        header(model, name, target ? figures_on(model, *target, formats) : DeviceFigures{}, formats);
    make_folder(folder + "/tinysparse/mcu");
    for (const DeviceHeader& own : headers) write_file(text(folder, "/", own.path), own.text, false);
    write_file(text(folder, "/", name, ".h"), network, false);
    if (target != nullptr && target->architecture == cost::Architecture::arm) {
        for (const NamedFile& file : arm_files(name, *target, !model.golden.logits.empty()))
            write_file(text(folder, "/", file.path), file.content, false);
        return;
    }
    const bool blind = target != nullptr && target->serial_ports == 0 && !shows_at_a_pin(model, *target);
    write_file(folder + "/main.cpp",
               blind    ? memory_program(name)
               : target ? avr_program(name, *target)
                        : host_program(name),
               false);
    if (target == nullptr) write_file(folder + "/CMakeLists.txt", host_cmake(name), false);
    write_file(folder + "/Makefile", target ? avr_makefile(name, *target) : host_makefile(name), false);
}

} // namespace tinysparse::deploy
