// SPDX-License-Identifier: Apache-2.0
// The data from which the parts of an exported header are written.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/deploy/layer_text.hpp"
#include "tinysparse/deploy/writer.hpp"
#include "tinysparse/fixed/centres.hpp"
#include "tinysparse/fixed/confidence.hpp"
#include "tinysparse/fixed/model.hpp"

namespace tinysparse::deploy {

/// The network's predicted needs on a chip, as constants in the header. No value if unknown.
struct DeviceFigures {
    std::optional<std::size_t> ram_bytes, flash_bytes;
    std::optional<std::uint64_t> cycles, longest_cycles; ///< For typical values, and for any.
    std::string target;                                  ///< The board of these figures.
};

/// Options of an export, beside the target.
struct ExportOptions {
    /// Name of header, namespace and Arduino library: a letter, then letters, digits and single underscores. If it is
    /// empty, write_export() takes the last part of the folder's path; all others need one.
    std::string name = {};
    std::string license = {};   ///< SPDX expression of the weights' licence; empty: not stated.
    bool single_header = false; ///< NAME.h contains the parts of the kernels that it uses, and no program is written.
    std::optional<fixed::Confidence> confidence = {}; ///< For probability() and accepted(), of classes.
    std::string command = {}; ///< Command line of the export, which the header states without folders; empty: none.
};

namespace detail {

/// The name of a class, or its number.
inline std::string class_name(const fixed::Model& model, std::size_t index) {
    return index < model.class_names.size() ? model.class_names[index] : text(index);
}

/// A model, encoded, with the name under which it is exported.
struct Exported {
    const fixed::Model& model;
    const fixed::Program& program;
    const DeviceFigures& figures;
    const ExportOptions& options;
    const std::string& name = options.name;
    const fixed::Network& network = program.network();
    const fixed::Layout& layout = program.layout();
    std::optional<fixed::Centres> centres = fixed::centres(layout, network.input);
    std::vector<LayerText> layers{};

    Exported(const fixed::Model& own, const fixed::Program& encoded, const DeviceFigures& figures_of_chip,
             const ExportOptions& options_of_export)
        : model(own), program(encoded), figures(figures_of_chip), options(options_of_export) {
        for (std::size_t i = 0; i < program.size(); ++i) layers.emplace_back(program, i);
    }

    bool series() const { return network.input.series; }
    const std::optional<Camera>& camera() const { return network.input.camera; }
    /// Type of a value that push_row takes.
    std::string raw_type() const {
        return series()                                                                        ? "int16_t"
               : camera() && info(camera()->pixels).bytes == 2 * info(camera()->pixels).values ? "uint16_t"
                                                                                               : "uint8_t";
    }
    /// Type of a value of a row that the network reads, after the camera's pixels are reduced.
    std::string row_type() const { return series() ? "int16_t" : "uint8_t"; }
    std::string sample_word() const { return series() ? "series" : "picture"; }
    /// A sample as push_row takes it: pixels of a camera, or the network's input.
    net::Shape taken() const {
        return camera() ? net::Shape{info(camera()->pixels).values, camera()->height, camera()->width} : raw();
    }
    /// The constant that holds the number of rows that the network reads.
    std::string rows() const { return camera() ? "reduced_height" : "input_height"; }
    bool numbers() const { return !model.quantities.empty(); } ///< Numbers are predicted, not classes.
    /// There are at least two logits to compare.
    bool has_margin() const { return !numbers() && layout.plan().classes > 1; }
    bool has_golden() const { return !model.golden.logits.empty(); }
    const net::Shape& raw() const { return network.spec.input; }
};

/// A line of a header's first comment: a line of code and its purpose.
inline void usage(Writer& out, const std::string& code, const std::string& what) {
    out.line(0, "//   ", code, std::string(code.size() < 37 ? 37 - code.size() : 1, ' '), what);
}

} // namespace detail

} // namespace tinysparse::deploy
