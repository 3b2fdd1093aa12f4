// SPDX-License-Identifier: Apache-2.0
// An Arduino library of a network: a folder that the IDE, arduino-cli and PlatformIO accept, and the same as a zip.
//
//   NAME/library.properties  library.json  keywords.txt  README.md  LICENSE
//   NAME/src/NAME.h          src/tinysparse/...           the network and the kernels, or one header with what it needs
//   NAME/examples/SerialEval/SerialEval.ino               answers `tinysparse device` over the serial line
//   NAME/examples/SelfTest/SelfTest.ino                   runs the sample in the header, and measures the time
//   NAME/examples/Camera/Camera.ino                       for cameras: feeds the pixels in pieces
//   NAME/examples/Readings/Readings.ino                   for series: feeds readings in the unit of the data
#pragma once
#include <algorithm>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/base/files.hpp"
#include "tinysparse/base/zip.hpp"
#include "tinysparse/deploy/export.hpp"
#include "tinysparse/deploy/library_text.hpp"
#include "tinysparse/deploy/mcu_text.hpp"
#include "tinysparse/deploy/sketches.hpp"

namespace tinysparse::deploy {

/// Throws Error unless the name can be that of an Arduino library, its folder and its header.
inline void check_library_name(std::string_view name) {
    check_name(name);
    const std::string small = lower_case(name);
    for (const std::string_view word : {"arduino", "library"})
        if (small.find(word) != small.npos)
            throw Error(text("'", name, "' cannot be the name of an Arduino library: it contains '", word,
                             "'; give another with --name"));
}

namespace detail {

/// The sketch that feeds readings: moments come at the rate of the data, or 20 per second, which it calls a guess, if
/// the data do not state it. A sample of one row has no rate.
inline std::string readings_program(const fixed::Model& model, const ExportOptions& options) {
    const double period = 1e6 / model.sampling_rate.value_or(20);
    const bool row = model.network.spec.input.height == 1;
    const std::string sketch = replaced(printing(readings_sketch, model, options), "@GUESS@",
                                        row                   ? ", as often as you like: a sample is one row"
                                        : model.sampling_rate ? ""
                                                              : ": GUESSED, the data do not state it (rate=)");
    return named(replaced(sketch, "@PERIOD@", text(std::uint32_t(std::clamp(period + 0.5, 1.0, 4e9)))), options.name);
}

} // namespace detail

/// The library's files, with paths that begin with the name. program: the model's network, encoded. options: the name
/// is needed. A sample that does not fit an Uno is left out. Throws Error if the name is not allowed, if an Uno cannot
/// read the constants, and as header() does.
inline std::vector<NamedFile> arduino_library(const fixed::Model& whole, const fixed::Program& program,
                                              const ExportOptions& options) {
    const std::string& name = options.name;
    check_library_name(name);
    const cost::Target& uno = cost::target("uno");
    check_reachable(whole, program, uno);
    const fixed::Model model = fitting(whole, program, uno);
    const DeviceFigures figures = figures_on(model, program, uno);
    const std::string network = header(model, program, figures, options);
    const detail::LibraryText own{model, program, figures, options};
    const std::string root = text(name, "/");
    std::vector<NamedFile> files = {
        {root + "library.properties", own.properties()},
        {root + "library.json", own.platformio()},
        {root + "keywords.txt", own.keywords()},
        {root + "README.md", own.readme()},
        {root + "LICENSE", own.license()},
        {text(root, "src/", name, ".h"), options.single_header ? single_header(network, mcu_headers()) : network},
        {root + "examples/SerialEval/SerialEval.ino", detail::named(detail::serial_eval_sketch, name)}};
    if (!model.golden.logits.empty())
        files.push_back({root + "examples/SelfTest/SelfTest.ino",
                         detail::named(replaced(detail::printing(detail::self_test_sketch, model), "@TIME@",
                                                model.network.input.camera ? ", without its camera's pixels" : ""),
                                       name)});
    if (model.network.input.camera)
        files.push_back({root + "examples/Camera/Camera.ino",
                         detail::named(detail::printing(detail::camera_sketch, model, options), name)});
    if (!model.channels.empty())
        files.push_back({root + "examples/Readings/Readings.ino", detail::readings_program(model, options)});
    if (!options.single_header)
        for (const NamedFile& one : mcu_headers()) files.push_back({text(root, "src/", one.path), one.content});
    return files;
}

namespace detail {

/// Throws Error if FOLDER is a library, or FOLDER/NAME an export for a board, or has an example that this network's
/// library lacks.
inline void check_library_folder(const std::string& folder, std::string_view name, const std::vector<NamedFile>& files,
                                 bool single_header) {
    const std::string kernels = text(folder, "/", name, "/src/tinysparse/mcu.hpp");
    if (single_header && std::ifstream(kernels))
        throw Error(text(kernels, " is of an export with more than one header; remove ", folder, "/", name,
                         "/src, or export into another folder"));
    if (std::ifstream(text(folder, "/library.properties")))
        throw Error(text(folder, " is an Arduino library itself; name the folder above it"));
    check_no_other_target(text(folder, "/", name), "arduino");
    for (const char* example : {"SelfTest", "Camera", "Readings"}) {
        const std::string file = text(name, "/examples/", example, "/", example, ".ino");
        const bool written =
            std::any_of(files.begin(), files.end(), [&](const NamedFile& one) { return one.path == file; });
        if (!written && std::ifstream(text(folder, "/", file)))
            throw Error(text(folder, "/", file,
                             " is left from an earlier export and does not suit this network; remove it, or export "
                             "into another folder"));
    }
}

} // namespace detail

/// Writes the library as FOLDER/NAME/... and FOLDER/NAME.zip; files of an earlier export are replaced, unless they were
/// changed. program: the model's network, encoded. options: the name is needed. Throws Error if an export for a board
/// lies in FOLDER/NAME, or examples of another network, if FOLDER is a library, and as write_files() and
/// arduino_library() do.
inline void write_arduino(const fixed::Model& model, const fixed::Program& program, const std::string& folder,
                          const ExportOptions& options) {
    const std::vector<NamedFile> files = with_checksums(arduino_library(model, program, options));
    detail::check_library_folder(folder, options.name, files, options.single_header);
    write_files(folder, files);
    write_file(text(folder, "/", options.name, ".zip"), zip_of(files), false);
}

/// The same for a model that is not encoded yet, in the formats that cost::formats chooses:
///   deploy::write_arduino(model, "libraries", {.name = "digits"});
/// Throws Error if a sum may overflow as well.
inline void write_arduino(const fixed::Model& model, const std::string& folder, const ExportOptions& options) {
    const fixed::Lowered lowered(model.network);
    write_arduino(model, fixed::encode(lowered, cost::formats(lowered)), folder, options);
}

} // namespace tinysparse::deploy
