// SPDX-License-Identifier: Apache-2.0
// An exported folder: NAME.h, the headers of mcu/ that it includes with their licence, and the platform's main program
// with its Makefile. It needs nothing else but a compiler. With single_header: NAME.h alone, with everything that it
// needs.
#pragma once
#include <algorithm>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/cost/device.hpp"
#include "tinysparse/deploy/folders.hpp"
#include "tinysparse/deploy/header.hpp"
#include "tinysparse/deploy/license.hpp"
#include "tinysparse/deploy/mcu_text.hpp"
#include "tinysparse/deploy/platforms.hpp"
#include "tinysparse/deploy/single_header.hpp"
#include "tinysparse/deploy/written.hpp"

namespace tinysparse::deploy {

/// The figures of the cost model for a board, which the header states.
inline DeviceFigures figures_on(const fixed::Model& model, const fixed::Program& program, const cost::Target& target) {
    DeviceFigures figures;
    figures.target = target.name;
    const cost::Costs costs = cost::costs(program, target);
    figures.ram_bytes = costs.ram;
    if (costs.flash) figures.flash_bytes = *costs.flash + platform(target).program_bytes(model, target).flash;
    if (costs.cycles) figures.cycles = std::uint64_t(*costs.cycles + 0.5);
    if (costs.longest_cycles) figures.longest_cycles = std::uint64_t(*costs.longest_cycles + 0.5);
    return figures;
}

/// Bytes of program memory that a network needs beside its code: weights and names of classes. They are the same on
/// every chip. with_lines: includes straight-line code, whose operands are weights.
inline std::size_t constant_bytes(const fixed::Model& model, const fixed::Program& program, bool with_lines = false) {
    const std::vector<cost::LayerWeights> stored = cost::stored_weights(program);
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < stored.size(); ++i)
        if (with_lines || !program.line(i)) bytes += stored[i].stored();
    for (const std::string& name : model.class_names) bytes += name.size() + 1;
    return bytes;
}

/// Throws Error if the constants alone exceed the board's program memory, or the variables its RAM.
inline void check_fits(const fixed::Model& model, const fixed::Program& program, const cost::Target& target) {
    const std::size_t bytes = constant_bytes(model, program, true);
    if (bytes > target.flash)
        throw Error(text("the network's constants take ", bytes, " bytes, ", target.name, " has ", target.flash,
                         " of program memory; prune the network or give it fewer bits"));
    const std::size_t variables = program.layout().plan().bytes() + platform(target).program_bytes(model, target).ram;
    if (variables >= target.ram)
        throw Error(text("the network's variables take ", variables, " bytes, ", target.name, " has ", target.ram,
                         " of RAM; take a network with fewer or smaller maps"));
}

/// Throws Error if the chip's kernels could not read all constants.
inline void check_reachable(const fixed::Model& model, const fixed::Program& program, const cost::Target& target) {
    const std::size_t reach = platform(target).reach, bytes = constant_bytes(model, program);
    if (bytes > reach)
        throw Error(text("the network's constants take ", bytes, " bytes, the chip of ", target.name,
                         " reads the first ", reach,
                         " of its program memory; prune the network or give it fewer bits"));
}

/// Whether the board has room for the sample in the header, and for the code that runs it, beside the network (as
/// predicted) and an Arduino core. If flash is not predicted, only the constants are counted.
inline bool sample_fits(const fixed::Model& model, const fixed::Program& program, const cost::Target& target) {
    if (model.golden.logits.empty()) return true;
    const std::size_t constants = constant_bytes(model, program), sample = golden_bytes(model.golden);
    const std::size_t code = cost::costs(program, target).flash.value_or(constants);
    return target.empty_sketch_flash() + code + sample + self_test_code <= target.flash &&
           constants + sample <= platform(target).reach;
}

/// The model as exported for a board: without its sample if that does not fit.
inline fixed::Model fitting(fixed::Model model, const fixed::Program& program, const cost::Target& target) {
    if (!sample_fits(model, program, target)) model.golden = {};
    return model;
}

namespace detail {

/// Beginning of a line of an exported Makefile; the target's name follows.
inline constexpr std::string_view target_mark = "# exported for ";

/// Throws Error if the folder has an export for another target, which would be partly replaced.
inline void check_no_other_target(const std::string& folder, std::string_view target) {
    const auto refuse = [&](std::string_view file, std::string_view other) {
        throw Error(
            text(folder, "/", file, " is of an export for ", other, "; remove the folder, or export into another"));
    };
    std::ifstream makefile(folder + "/Makefile"), library(folder + "/library.properties");
    for (std::string line; std::getline(makefile, line);)
        if (line.starts_with(target_mark) && line.substr(target_mark.size()) != target)
            refuse("Makefile", printable(line.substr(target_mark.size())));
    for (std::string line; std::getline(library, line);)
        if (target != "arduino" && line == "author=tinysparse") refuse("library.properties", "arduino");
}

} // namespace detail

/// Throws Error if the folder has an export for another target, or a file of another platform, which would remain
/// beside the new files.
inline void check_folder(const std::string& folder, const cost::Target& target) {
    detail::check_no_other_target(folder, target.name);
    const auto files = [&](const Platform& one) { return one.programs("network", target, true); };
    const std::vector<NamedFile> own = files(platform(target));
    for (const Platform* other : platforms)
        for (const NamedFile& file : files(*other)) {
            if (std::any_of(own.begin(), own.end(), [&](const NamedFile& one) { return one.path == file.path; }))
                continue;
            const std::string path = text(folder, "/", file.path);
            std::string line;
            if (std::getline(std::ifstream(path), line) && file.content.starts_with(line + "\n"))
                throw Error(text(path, " is of an export for another kind of chip; remove it, or export into another "
                                       "folder"));
        }
}

/// Writes FOLDER/NAME.h, the kernels that it includes, and the board's main program with its Makefile; with
/// single_header NAME.h alone. The folder is made if it does not exist, and files of an earlier export are replaced,
/// unless they were changed. program: the model's network, encoded. A sample that does not fit the board is left out.
/// Throws Error if the name is not allowed, the network does not fit the board, the folder has an export for another
/// target, as write_files() does, and as header() does.
inline void write_export(const fixed::Model& whole, const fixed::Program& program, const cost::Target& target,
                         const std::string& folder, ExportOptions options = {}) {
    check_fits(whole, program, target);
    check_reachable(whole, program, target);
    if (options.name.empty()) options.name = detail::last_part(folder);
    const fixed::Model model = fitting(whole, program, target);
    const std::string network = header(model, program, figures_on(model, program, target), options);
    const std::string path = text(options.name, ".h");
    if (options.single_header)
        return write_files(folder, with_checksums({{path, single_header(network, mcu_headers())}}));
    check_folder(folder, target);
    std::vector<NamedFile> files = mcu_headers();
    files.push_back({"tinysparse/LICENSE", std::string(apache_license)});
    files.push_back({path, network});
    for (NamedFile& file : platform(target).programs(options.name, target, !model.golden.logits.empty())) {
        if (file.path == "Makefile") file.content += text(detail::target_mark, target.name, "\n");
        files.push_back(std::move(file));
    }
    write_files(folder, with_checksums(std::move(files)));
}

/// The same for a model that is not encoded yet, in the formats that cost::formats chooses:
///   deploy::write_export(model, cost::target("uno"), "digits", {.license = "MIT"});
/// Throws Error if a sum may overflow as well.
inline void write_export(const fixed::Model& model, const cost::Target& target, const std::string& folder,
                         const ExportOptions& options = {}) {
    const fixed::Lowered lowered(model.network);
    write_export(model, fixed::encode(lowered, cost::formats(lowered)), target, folder, options);
}

} // namespace tinysparse::deploy
