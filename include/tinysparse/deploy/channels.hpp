// SPDX-License-Identifier: Apache-2.0
// The channels of a series in an exported header: the scale of readings, a constant for each channel, and to_input(),
// which turns a reading into a raw value (mcu/reading.hpp).
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tinysparse/base/channel.hpp"
#include "tinysparse/deploy/exported.hpp"
#include "tinysparse/deploy/writer.hpp"

namespace tinysparse::deploy {

/// Names of constants for columns: the prefix, then the letters and digits of the column; other characters become
/// single underscores. If nothing is left of a name, the column's index replaces it; a name that is taken gets a number
/// at the end.
inline std::vector<std::string> constants_of(const std::vector<std::string>& columns, std::string_view prefix) {
    constexpr std::size_t longest = 40; // of a column's part
    std::vector<std::string> names;
    std::set<std::string> taken;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        std::string own;
        for (const char c : columns[i]) {
            const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (plain)
                own += c;
            else if (!own.empty() && own.back() != '_')
                own += '_';
        }
        own.resize(std::min(own.size(), longest));
        while (own.ends_with('_')) own.pop_back();
        const std::string first = text(prefix, own.empty() ? text(i) : own);
        std::string name = first;
        for (int number = 2; !taken.insert(name).second; ++number) name = text(first, "_", number);
        names.push_back(name);
    }
    return names;
}

/// Name of the constant of each channel.
inline std::vector<std::string> channel_constants(const std::vector<Channel>& channels) {
    std::vector<std::string> columns;
    for (const Channel& channel : channels) columns.push_back(channel.name);
    return constants_of(columns, "channel_");
}

/// True if readings are whole numbers that are used unchanged.
inline bool taken_as_they_are(const std::vector<Channel>& channels) {
    return std::all_of(channels.begin(), channels.end(),
                       [](const Channel& channel) { return channel.origin == 0 && channel.scale == 1; });
}

/// "a reading is multiplied by 16384, a step is 6.103515625e-05"; the origin is included if it is not 0.
inline std::string scale_text(const Channel& channel) {
    return text("a reading", channel.origin == 0 ? "" : text(" minus ", channel.origin), " is multiplied by ",
                channel.scale, ", a step is ", 1 / double(channel.scale));
}

namespace detail {

/// Comments and declarations; empty for models without channel data.
class ChannelsText {
  public:
    ChannelsText(const Exported& exported, Writer& out)
        : channels_(exported.model.channels), rate_(exported.model.sampling_rate), out_(out) {}

    /// Use of readings in a program, for the header's first comment.
    void comment() {
        if (channels_.empty()) {
            out_.line(0, "// Values are taken raw; the model does not store the scale of readings.");
            return;
        }
        const bool plain = taken_as_they_are(channels_);
        if (plain)
            out_.line(0, "// Readings are whole numbers and are used unchanged; to_input() rounds other values.");
        else
            out_.line(0, "// to_input() converts readings in the unit of the data: int16 = round((reading - origin) * "
                         "scale).");
        out_.line(0, "// The channels of a row, in their order:");
        const std::vector<std::string> names = channel_constants(channels_);
        for (std::size_t i = 0; i < names.size(); ++i) {
            const std::string column =
                channels_[i].name.empty() ? "no name" : text("column ", comment_text(channels_[i].name));
            out_.line(0, "//   ", names[i], ": ", column, plain ? "" : text("; ", scale_text(channels_[i])), ".");
        }
        if (rate_) out_.line(0, "// Moments per second: ", *rate_, ".");
    }

    void constants() {
        if (channels_.empty()) return;
        out_.line(0, "/// Index of each channel in a row.");
        out_.line(0, "enum Channel : uint16_t {");
        for (const std::string& name : channel_constants(channels_)) out_.line(1, name, ",");
        out_.line(0, "};");
        if (rate_)
            out_.line(0, "constexpr float sampling_rate = ", float_literal(float(*rate_)), "; // moments per second");
        out_.line();
    }

    void to_input() {
        if (channels_.empty()) return;
        const auto value = [&](auto member, const char* table) {
            return equal(member) ? float_literal(channels_[0].*member)
                                 : text("mcu::read_flash_float(Tables<void>::", table, " + 4 * channel)");
        };
        const std::string origin = value(&Channel::origin, "channel_origins"),
                          scale = value(&Channel::scale, "channel_scales");
        const bool by_channel = !equal(&Channel::origin) || !equal(&Channel::scale);
        out_.line();
        out_.line(0, "/// The raw value of a channel's reading in the unit of the data. Channels are 0..",
                  channels_.size() - 1, ". It costs nothing unless it is called.");
        out_.line(0, "inline int16_t to_input(uint16_t", by_channel ? " channel" : "", ", float reading) {");
        out_.line(1, "return mcu::raw_value(reading, ", origin, by_channel ? ",\n                          " : ", ",
                  scale, ");");
        out_.line(0, "}");
    }

    /// Tables in program memory that to_input() reads: names and floats, four bytes each.
    std::vector<std::pair<std::string, std::vector<std::uint8_t>>> tables() const {
        std::vector<std::pair<std::string, std::vector<std::uint8_t>>> all;
        const auto add = [&](auto member, const char* name) {
            if (channels_.empty() || equal(member)) return;
            std::vector<float> values;
            for (const Channel& channel : channels_) values.push_back(channel.*member);
            all.push_back({name, float_bytes(values)});
        };
        add(&Channel::origin, "channel_origins");
        add(&Channel::scale, "channel_scales");
        return all;
    }

  private:
    bool equal(float Channel::*member) const {
        return std::all_of(channels_.begin(), channels_.end(),
                           [&](const Channel& one) { return one.*member == channels_[0].*member; });
    }

    const std::vector<Channel>& channels_;
    const std::optional<double>& rate_;
    Writer& out_;
};

} // namespace detail

} // namespace tinysparse::deploy
