// SPDX-License-Identifier: Apache-2.0
// The tables of an exported header: weights, biases, the input, a sample for tests, names of classes.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tinysparse/deploy/channels.hpp"
#include "tinysparse/deploy/exported.hpp"
#include "tinysparse/deploy/numbers.hpp"
#include "tinysparse/deploy/writer.hpp"

namespace tinysparse::deploy::detail {

/// Declarations in a class template, then its definitions, so that two translation units may include the header.
class TablesText {
  public:
    TablesText(const Exported& exported, Writer& out) : exported_(exported), out_(out) {}

    void write() {
        collect_layers();
        if (exported_.series()) collect_input();
        if (exported_.has_golden()) collect_sample();
        out_.line(0, "// In program memory. Weights are in the order of use; numbers of two and four bytes have "
                     "their low byte first.");
        out_.line(0, "template <class Unused> struct Tables {");
        for (const Table& table : all_)
            out_.line(1, "static const uint8_t ", table.name, "[", table.bytes.size(), "] TINYSPARSE_FLASH;");
        if (!exported_.numbers())
            out_.line(1, "static const char class_names[", class_name_bytes(), "] TINYSPARSE_FLASH;");
        out_.line(0, "};");
        for (const Table& table : all_) {
            out_.line(0, "template <class Unused>");
            out_.line(0, "const uint8_t Tables<Unused>::", table.name, "[", table.bytes.size(), "] = {");
            out_.values<std::uint8_t>(1, table.bytes);
            out_.line(0, "};");
        }
        if (exported_.numbers()) return;
        out_.line(0, "template <class Unused>");
        out_.line(0, "const char Tables<Unused>::class_names[", class_name_bytes(), "] =");
        for (int i = 0; i < exported_.layout.plan().classes; ++i)
            out_.line(1, "\"", literal_text(class_name(i)), i + 1 < exported_.layout.plan().classes ? "\\0\"" : "\";");
    }

  private:
    struct Table {
        std::string name;
        std::vector<std::uint8_t> bytes;
    };

    void collect_layers() {
        for (std::size_t i = 0; i < exported_.network.layers.size(); ++i) {
            const fixed::Layer& layer = exported_.network.layers[i];
            if (exported_.layers[i].has_weight_table())
                all_.push_back({text("weights", i + 1), exported_.program.layer(i).weights});
            if (!exported_.layers[i].has_bias_table()) continue;
            std::vector<std::uint8_t> bytes;
            for (const std::int16_t bias : layer.biases)
                for (int byte = 0; byte < layer.bias_bytes; ++byte) bytes.push_back(std::uint8_t(bias >> (8 * byte)));
            all_.push_back({text("biases", i + 1), std::move(bytes)});
        }
    }

    void collect_input() {
        const fixed::Input& input = exported_.network.input;
        const auto& centres = exported_.centres;
        std::vector<std::uint8_t> offsets;
        for (const std::int16_t value : centres ? centres->centre : input.offset)
            for (int byte = 0; byte < 2; ++byte) offsets.push_back(std::uint8_t(value >> (8 * byte)));
        all_.push_back({centres ? "input_centres" : "input_offsets", std::move(offsets)});
        if (!centres) all_.push_back({"input_shifts", {input.shift.begin(), input.shift.end()}});
        for (auto& [name, bytes] : ChannelsText(exported_, out_).tables()) all_.push_back({name, std::move(bytes)});
        if (exported_.numbers())
            for (auto& [name, bytes] : NumbersText(exported_, out_).tables()) all_.push_back({name, std::move(bytes)});
    }

    void collect_sample() {
        std::vector<std::uint8_t> sample(exported_.model.golden.picture), logits;
        for (const std::int16_t value : exported_.model.golden.series)
            for (int byte = 0; byte < 2; ++byte) sample.push_back(std::uint8_t(value >> (8 * byte)));
        for (const std::int32_t logit : exported_.model.golden.logits)
            for (int byte = 0; byte < 4; ++byte) logits.push_back(std::uint8_t(logit >> (8 * byte)));
        all_.push_back({"golden_sample", std::move(sample)});
        all_.push_back({"golden_logits", std::move(logits)});
    }

    std::string class_name(int index) const { return detail::class_name(exported_.model, std::size_t(index)); }
    std::size_t class_name_bytes() const {
        std::size_t bytes = 0;
        for (int i = 0; i < exported_.layout.plan().classes; ++i) bytes += class_name(i).size() + 1;
        return bytes;
    }

    std::vector<Table> all_;

    const Exported& exported_;
    Writer& out_;
};

} // namespace tinysparse::deploy::detail
