// SPDX-License-Identifier: Apache-2.0
// Formats of a layer's weights in program memory, and the lists of nonzero weights that mcu/sparse.hpp reads.
#pragma once
#include <algorithm>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <vector>

#include "tinysparse/base/rows.hpp"
#include "tinysparse/fixed/lowered.hpp"

namespace tinysparse::fixed {

/// How the weights of a layer are stored in program memory.
enum class Format {
    dense,    ///< every weight at the layer's bits
    csr,      ///< lists of two bytes per nonzero weight: places to skip, the weight
    nibble,   ///< lists of one byte: four bits each
    ternary,  ///< lists of one byte: places to skip, the sign
    straight, ///< no table but code whose operands are the nonzero weights, see fixed/straight.hpp
    count
};

/// Sizes of one format.
struct FormatInfo {
    Format format;
    std::string_view name;
    int bits;                      ///< Largest number of bits of a weight.
    std::size_t entry_bytes = 0;   ///< Bytes per list entry; 0: there are no lists.
    std::size_t reach = 0;         ///< Largest number of places that one entry skips.
    std::string_view entries = ""; ///< Name of its reader in mcu/sparse.hpp.
};
inline constexpr FormatInfo format_table[] = {
    {Format::dense, "dense", 8},
    {Format::csr, "csr", 8, 2, 255, "PairEntries"},
    {Format::nibble, "nibble", 4, 1, 15, "NibbleEntries"},
    {Format::ternary, "ternary list", 2, 1, 127, "TernaryEntries"},
    {Format::straight, "straight-line code", 8},
};
static_assert(has_every_row<&FormatInfo::format>(format_table),
              "a format has no row, or the rows are in another order than Format");

/// The formats that are lists of nonzero weights.
inline constexpr Format sparse_formats[] = {Format::csr, Format::nibble, Format::ternary};

/// The row of the table.
constexpr const FormatInfo& info(Format format) { return format_table[std::size_t(format)]; }
/// Name of the format in options and tables.
constexpr std::string_view name_of(Format format) { return info(format).name; }

/// A nonzero weight and its place, counted from where the lists of its row begin to read.
struct Nonzero {
    std::size_t place = 0; ///< Input values from the start of the list's row.
    int weight = 0;        ///< Not 0.
};
/// The list of one output (or one channel of a depthwise layer) and one row of the input.
using NonzeroList = std::vector<Nonzero>;

/// The first of the lists that belong together: to an input row of a layer that gathers, or to a node of a tree.
struct ListGroup {
    std::size_t first = 0; ///< Index into NonzeroLists::lists.
    double share = 1;      ///< Share of samples that read them: on average, one in 2^n meets a node of level n.
};

/// The nonzero weights of a layer in kernel order.
struct NonzeroLists {
    std::vector<NonzeroList> lists; ///< Moving kernels: [output][kernel row]. Gathering ones: [row][output].
    std::vector<ListGroup> groups;  ///< If there are several, their first lists are stored in a table.
    int largest = 0;                ///< The largest |weight|.
    std::size_t nonzeros = 0;
};

/// Sorts the nonzero weights of a layer into the lists that its kernel walks. weights: [outputs][depth][height][width].
inline NonzeroLists nonzero_lists(const net::Layer& spec, const net::LayerShapes& shapes,
                                  const std::vector<std::int8_t>& weights) {
    const bool whole = gathers(spec, shapes), one_channel = net::reads_one_channel(spec);
    const net::Kernel kernel = net::kernel(spec, shapes);
    const std::size_t outputs = std::size_t(net::weight_rows(spec)), channels = std::size_t(shapes.in.channels),
                      height = kernel.height, width = kernel.width, depth = kernel.depth;
    assert(weights.size() == outputs * depth * height * width);
    NonzeroLists all;
    const auto list = [&](std::size_t o, std::size_t y) {
        NonzeroList& own = all.lists.emplace_back();
        for (std::size_t x = 0; x < width; ++x)
            for (std::size_t c = 0; c < depth; ++c) {
                const int weight = weights[((o * depth + c) * height + y) * width + x];
                if (weight == 0) continue;
                own.push_back({x * channels + (one_channel && whole ? o : c), weight});
                all.largest = std::max(all.largest, std::abs(weight));
                ++all.nonzeros;
            }
    };
    if (whole) {
        for (std::size_t y = 0; y < height; ++y) {
            all.groups.push_back({all.lists.size()});
            for (std::size_t o = 0; o < outputs; ++o) list(o, y);
        }
        for (int k = 1; net::is_tree(spec) && k < net::tree::nodes(spec.tree_depth); ++k)
            all.groups.push_back({std::size_t(net::tree::first_row(spec.tree_depth, spec.outputs, k)),
                                  1.0 / double(std::bit_floor(unsigned(k + 1)))});
    } else {
        all.groups.push_back({});
        for (std::size_t o = 0; o < outputs; ++o)
            for (std::size_t y = 0; y < height; ++y) list(o, y);
    }
    return all;
}

/// Lists as bytes of program memory, and the number of headers and entries that a kernel reads.
struct Encoded {
    std::vector<std::uint8_t> bytes;
    /// Entries of weight 0 are included. For a tree: the mean over paths, all leaves being equally likely.
    double headers = 0, entries = 0;
};

namespace detail {

class ListEncoder {
  public:
    /// limit: largest sum of |weight| behind one header.
    ListEncoder(Format format, std::int64_t limit) : format_(format), limit_(limit), reach_(info(format).reach) {}

    /// False if a ternary list must skip too much.
    bool add(const NonzeroList& list, double share) {
        share_ = share;
        begin();
        std::size_t next = 0;
        for (const Nonzero& nonzero : list) {
            std::size_t skipped = nonzero.place - next;
            if (skipped > reach_ && format_ == Format::ternary) return false;
            for (; skipped > reach_; skipped -= reach_ + 1) entry(reach_, 0);
            entry(skipped, nonzero.weight);
            next = nonzero.place + 1;
        }
        return true;
    }
    Encoded& result() { return result_; }

  private:
    void begin() {
        header_ = result_.bytes.size();
        result_.bytes.push_back(0);
        result_.headers += share_;
        sum_ = 0;
    }
    void entry(std::size_t skipped, int weight) {
        if ((result_.bytes[header_] & 127) == 127 || sum_ + std::abs(weight) > limit_) {
            result_.bytes[header_] |= 128;
            begin();
        }
        ++result_.bytes[header_];
        result_.entries += share_;
        sum_ += std::abs(weight);
        if (format_ == Format::csr) {
            result_.bytes.push_back(std::uint8_t(skipped));
            result_.bytes.push_back(std::uint8_t(weight));
        } else if (format_ == Format::nibble) {
            result_.bytes.push_back(std::uint8_t(skipped | std::size_t(weight + 8) << 4));
        } else {
            result_.bytes.push_back(std::uint8_t(2 * skipped + (weight < 0 ? 1 : 0)));
        }
    }

    Format format_;
    std::int64_t limit_;
    std::size_t reach_;
    Encoded result_;
    std::size_t header_ = 0;
    std::int64_t sum_ = 0;
    double share_ = 1;
};

} // namespace detail

/// The lists in a sparse format. `narrow`: every sum of the layer fits 16 bits. Otherwise, and in layers that gather,
/// every part behind one header does: largest_input * sum|w| <= 32767. No value if the format cannot hold them.
inline std::optional<Encoded> encode_lists(const NonzeroLists& all, Format format, bool narrow, int largest_input) {
    assert(info(format).entry_bytes > 0);
    if (all.largest >= 1 << (info(format).bits - 1)) return std::nullopt;
    detail::ListEncoder encoder(format, narrow ? 32767 : 32767 / largest_input);
    Encoded& result = encoder.result();
    const bool table = all.groups.size() > 1;
    if (table) result.bytes.resize(2 * all.groups.size());
    for (std::size_t n = 0; n < all.groups.size(); ++n) {
        if (table) {
            const std::size_t place = result.bytes.size();
            if (place > 65535) return std::nullopt;
            result.bytes[2 * n] = std::uint8_t(place);
            result.bytes[2 * n + 1] = std::uint8_t(place >> 8);
        }
        const std::size_t end = n + 1 < all.groups.size() ? all.groups[n + 1].first : all.lists.size();
        for (std::size_t i = all.groups[n].first; i < end; ++i)
            if (!encoder.add(all.lists[i], all.groups[n].share)) return std::nullopt;
    }
    return std::move(result);
}

/// The lists of one layer of a network, or no value if the format cannot hold them.
inline std::optional<Encoded> encode_lists(const Lowered& lowered, std::size_t index, Format format) {
    const NonzeroLists lists = nonzero_lists(lowered.spec(index), lowered.shapes(index), lowered.layer(index).weights);
    return encode_lists(lists, format, lowered.proof(index).narrow && !lowered.layout().gathers(index),
                        input_bound(lowered.network(), index));
}

} // namespace tinysparse::fixed
