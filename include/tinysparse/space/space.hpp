// SPDX-License-Identifier: Apache-2.0
// Space: which values every gene of a Genome may have, for one data set. A small text file narrows it:
//   # comments and empty lines are skipped
//   unit.kernel = 3 5                  some of a gene's values
//   unit.width = 4..24                 all of them from 4 to 24
//   unit.kind = separable pointwise
//   training.learning_rate = 0.01..0.05
// docs/search.md lists the genes and what they may be without a file.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/json.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/net/spec.hpp"
#include "tinysparse/prune/method.hpp"

namespace tinysparse::space {

enum class UnitKind : std::uint8_t { separable, convolution, pointwise, bottleneck };
enum class EndKind : std::uint8_t { positions, average, flat };

inline const std::vector<std::string> pooling_names = {"none", "maximum", "average"};
inline const std::vector<std::string> unit_names = {"separable", "convolution", "pointwise", "bottleneck"};
inline const std::vector<std::string> end_names = {"positions", "average", "flat"};
inline const std::vector<std::string> switch_names = {"off", "on"};
/// "none", then every method.
inline const std::vector<std::string> pruning_names = [] {
    std::vector<std::string> names = names_of(prune::methods);
    names.insert(names.begin(), "none");
    return names;
}();

enum class Gene : std::uint8_t {
    downsampling,
    gray,
    front_width,
    front_kernel,
    front_stride,
    front_pooling,
    front_pool,
    stages,
    stage_units,
    stage_residual,
    stage_pooling,
    stage_pool,
    stage_head,
    unit_kind,
    unit_width,
    unit_kernel,
    unit_linear,
    unit_squeeze,
    end_kind,
    end_width,
    end_hidden,
    bits,
    learning_rate,
    batch,
    epochs,
    weight_decay,
    label_smoothing,
    shift,
    augmentation,
    flip,
    pruning_method,
    keep
};
inline constexpr std::size_t gene_count = std::size_t(Gene::keep) + 1;

/// What a gene may be: whole numbers (of a named gene the indices of its names), or a real interval.
struct Range {
    std::vector<int> values; ///< Ascending; empty for a real gene.
    double low = 0, high = 0;
    bool operator==(const Range&) const = default;
};

struct GeneInfo {
    std::string_view name;
    Range range;                                     ///< Without a file.
    const std::vector<std::string>* names = nullptr; ///< Of a named gene.
};

namespace detail {

inline Range numbers(int low, int high) {
    Range range;
    range.values.resize(std::size_t(high - low + 1));
    std::iota(range.values.begin(), range.values.end(), low);
    return range;
}

inline GeneInfo named(std::string_view name, const std::vector<std::string>& names) {
    return {name, numbers(0, int(names.size()) - 1), &names};
}

} // namespace detail

/// Every gene, in the order of Gene.
inline const std::array<GeneInfo, gene_count>& genes() {
    using detail::named, detail::numbers;
    static const std::array<GeneInfo, gene_count> all = {GeneInfo{"front.downsampling", numbers(1, 4)},
                                                         named("front.gray", switch_names),
                                                         {"front.width", numbers(1, 64)},
                                                         {"front.kernel", {{1, 3, 5, 7}}},
                                                         {"front.stride", numbers(1, 2)},
                                                         named("front.pooling", pooling_names),
                                                         {"front.pool", numbers(2, 4)},
                                                         {"stages", numbers(1, 4)},
                                                         {"stage.units", numbers(1, 3)},
                                                         named("stage.residual", switch_names),
                                                         named("stage.pooling", pooling_names),
                                                         {"stage.pool", numbers(2, 4)},
                                                         named("stage.head", switch_names),
                                                         named("unit.kind", unit_names),
                                                         {"unit.width", numbers(1, 64)},
                                                         {"unit.kernel", {{1, 3, 5, 7}}},
                                                         named("unit.linear", switch_names),
                                                         {"unit.squeeze", numbers(2, 4)},
                                                         named("end.kind", end_names),
                                                         {"end.width", numbers(0, 64)},
                                                         {"end.hidden", numbers(0, 64)},
                                                         {"bits", {{2, 4, 8}}},
                                                         {"training.learning_rate", {{}, 0.001, 0.2}},
                                                         {"training.batch", {{16, 32, 64, 128, 256}}},
                                                         {"training.epochs", {{50, 75, 100, 150, 200}}},
                                                         {"training.weight_decay", {{}, 0, 0.1}},
                                                         {"training.label_smoothing", {{}, 0, 0.2}},
                                                         {"training.shift", numbers(0, 4)},
                                                         {"training.augmentation", {{}, 0, 1}},
                                                         named("training.flip", switch_names),
                                                         named("pruning.method", pruning_names),
                                                         {"pruning.keep", {{}, 0.05, 1}}};
    return all;
}

inline const GeneInfo& info(Gene gene) { return genes()[std::size_t(gene)]; }

/// The bounds of the space for one data set.
struct Space {
    net::Shape input;
    int classes = 10;
    std::array<Range, gene_count> ranges = [] {
        std::array<Range, gene_count> all;
        for (std::size_t i = 0; i < gene_count; ++i) all[i] = genes()[i].range;
        return all;
    }();
    bool operator==(const Space&) const = default;

    const Range& operator[](Gene gene) const { return ranges[std::size_t(gene)]; }
    Range& operator[](Gene gene) { return ranges[std::size_t(gene)]; }
    int least(Gene gene) const { return (*this)[gene].values.front(); }
    int largest(Gene gene) const { return (*this)[gene].values.back(); }
    bool has(Gene gene, int value) const {
        const std::vector<int>& values = (*this)[gene].values;
        return std::find(values.begin(), values.end(), value) != values.end();
    }
    /// The value itself where the space has it, else the nearest; of names any that there is.
    int conform(Gene gene, int value) const {
        const std::vector<int>& values = (*this)[gene].values;
        if (info(gene).names && !has(gene, value)) return values[std::size_t(value) % values.size()];
        return *std::min_element(values.begin(), values.end(),
                                 [&](int a, int b) { return std::abs(a - value) < std::abs(b - value); });
    }
    double conform(Gene gene, double value) const { return std::clamp(value, (*this)[gene].low, (*this)[gene].high); }
};

namespace detail {

/// One value of a gene as the user writes it, or nothing.
inline std::optional<int> parse_value(const GeneInfo& gene, std::string_view word) {
    if (!gene.names) return parse_number<int>(word);
    const auto found = std::find(gene.names->begin(), gene.names->end(), word);
    if (found == gene.names->end()) return std::nullopt;
    return int(found - gene.names->begin());
}

inline std::string describe(const GeneInfo& gene) {
    if (gene.range.values.empty()) return text(gene.range.low, "..", gene.range.high);
    if (gene.names) return join(*gene.names, " ");
    if (gene.range.values.back() - gene.range.values.front() + 1 == int(gene.range.values.size()))
        return text(gene.range.values.front(), "..", gene.range.values.back());
    std::vector<std::string> words;
    for (const int value : gene.range.values) words.push_back(text(value));
    return join(words, " ");
}

inline Range parse_range(const std::string& where, const GeneInfo& gene, std::string_view list) {
    const auto fail = [&](std::string_view word) -> Error {
        return Error(
            text(where, ": ", gene.name, " = ", word, ": not in this gene's range, which is ", describe(gene)));
    };
    Range range;
    for (const std::string& word : split(list, ' ')) {
        if (word.empty()) continue;
        const std::size_t dots = word.find("..");
        const std::string first = word.substr(0, dots), last = dots == word.npos ? first : word.substr(dots + 2);
        if (gene.range.values.empty()) {
            const auto low = parse_number<double>(first), high = parse_number<double>(last);
            if (!low || !high || !(*low >= gene.range.low && *low <= *high && *high <= gene.range.high))
                throw fail(word);
            if (range.high != 0 || range.low != 0)
                throw Error(text(where, ": ", gene.name, " takes one interval, such as ", describe(gene)));
            range.low = *low;
            range.high = *high;
            continue;
        }
        const auto low = parse_value(gene, first), high = parse_value(gene, last);
        if (!low || !high || *low > *high) throw fail(word);
        const std::size_t before = range.values.size();
        for (const int value : gene.range.values)
            if (value >= *low && value <= *high) range.values.push_back(value);
        // Both ends of an interval must be values of the gene; a typing error should not narrow in silence.
        if (range.values.size() == before || range.values[before] != *low || range.values.back() != *high)
            throw fail(word);
    }
    std::sort(range.values.begin(), range.values.end());
    range.values.erase(std::unique(range.values.begin(), range.values.end()), range.values.end());
    return range;
}

inline std::string trimmed(std::string_view word) {
    const std::size_t first = word.find_first_not_of(" \t\r"), last = word.find_last_not_of(" \t\r");
    return first == word.npos ? "" : std::string(word.substr(first, last - first + 1));
}

/// "name = values" narrows one gene.
inline void narrow(Space& space, const std::string& where, std::string_view line) {
    const std::size_t equals = line.find('=');
    if (equals == line.npos) throw Error(text(where, ": expected NAME = VALUES, such as unit.kernel = 3 5"));
    const std::string name = trimmed(line.substr(0, equals)), list = trimmed(line.substr(equals + 1));
    if (list.empty()) throw Error(text(where, ": ", name, " has no values; give some, such as unit.kernel = 3 5"));
    std::vector<std::string> known;
    for (std::size_t i = 0; i < gene_count; ++i) {
        if (genes()[i].name == name) {
            space.ranges[i] = parse_range(where, genes()[i], list);
            return;
        }
        known.emplace_back(genes()[i].name);
    }
    const std::string near = nearest(name, known);
    throw Error(text(where, ": there is no gene '", name, "'", near.empty() ? "" : "; did you mean " + near + "?",
                     near.empty() ? "; genes are " + join(known, ", ") : ""));
}

} // namespace detail

/// The space as the lines of a file narrow it. Throws Error naming file and line where a gene is not known, has a value
/// out of its range, or stands there twice.
inline Space narrowed(Space space, std::string_view content, const std::string& file) {
    std::vector<std::string> seen;
    std::size_t number = 0;
    for (const std::string& line : split(content, '\n')) {
        ++number;
        const std::string rule = detail::trimmed(line.substr(0, line.find('#')));
        if (rule.empty()) continue;
        const std::string where = text(file, ": line ", number);
        detail::narrow(space, where, rule);
        const std::string name = detail::trimmed(rule.substr(0, rule.find('=')));
        if (std::find(seen.begin(), seen.end(), name) != seen.end())
            throw Error(text(where, ": ", name, " stands in the file twice"));
        seen.push_back(name);
    }
    return space;
}

/// The genes that are narrower than usual, as a file that narrows them so.
inline std::string narrowing(const Space& space) {
    std::string out;
    for (std::size_t i = 0; i < gene_count; ++i) {
        const GeneInfo& gene = genes()[i];
        const Range& range = space.ranges[i];
        if (range == gene.range) continue;
        std::vector<std::string> words;
        for (const int value : range.values)
            words.push_back(gene.names ? (*gene.names)[std::size_t(value)] : text(value));
        out +=
            text(gene.name, " = ", range.values.empty() ? text(range.low, "..", range.high) : join(words, " "), "\n");
    }
    return out;
}

inline json::Value to_json(const Space& space) {
    return json::object({{"input", json::array({space.input.channels, space.input.height, space.input.width})},
                         {"classes", space.classes},
                         {"narrowed", narrowing(space)}});
}

/// The Space that to_json() wrote.
inline Space space_from_json(const json::Reader& in) {
    const auto shape = in.at("input").as<std::vector<int>>();
    if (shape.size() != 3) in.at("input").fail("expected channels, height and width");
    const Space whole{{shape[0], shape[1], shape[2]}, in.at("classes").as<int>()};
    return narrowed(whole, in.at("narrowed").as<std::string>(), "narrowed");
}

} // namespace tinysparse::space
