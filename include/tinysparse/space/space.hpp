// SPDX-License-Identifier: Apache-2.0
// Space: the values that every gene of a Genome may have, for one data set. A small text file narrows it:
//   # comments and empty lines are skipped
//   unit.kernel = 3 5                  some of a gene's values
//   unit.width = 4..24                 all of them from 4 to 24
//   unit.kind = separable pointwise
//   training.learning_rate = 0.01..0.05
// docs/search.md lists the genes and their values without a file.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/hash.hpp"
#include "tinysparse/base/json.hpp"
#include "tinysparse/base/rows.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/net/notation.hpp"
#include "tinysparse/prune/method.hpp"

namespace tinysparse::space {

/// Layers of a unit: depthwise and pointwise; a full convolution; pointwise; pointwise and a convolution.
enum class UnitKind : std::uint8_t { separable, convolution, pointwise, bottleneck, count };
/// What becomes of the positions before the dense layer: a depthwise layer over all of them, an average, or nothing.
enum class EndKind : std::uint8_t { positions, average, flat, count };
/// Whether one channel made of the colours comes first: a learned mix, or their luma, which is not trained.
enum class Gray : std::uint8_t { none, mix, luma, count };

/// The kind of samples in trainings, which decides how they can be augmented.
enum class Augments : std::uint8_t { pictures, series, nothing, count };

namespace detail {

inline constexpr Named<UnitKind> unit_kinds[] = {{UnitKind::separable, "separable"},
                                                 {UnitKind::convolution, "convolution"},
                                                 {UnitKind::pointwise, "pointwise"},
                                                 {UnitKind::bottleneck, "bottleneck"}};
inline constexpr Named<EndKind> end_kinds[] = {
    {EndKind::positions, "positions"}, {EndKind::average, "average"}, {EndKind::flat, "flat"}};
inline constexpr Named<Gray> grays[] = {{Gray::none, "none"}, {Gray::mix, "mix"}, {Gray::luma, "luma"}};
inline constexpr Named<net::Pooling> poolings[] = {
    {net::Pooling::none, "none"}, {net::Pooling::maximum, "maximum"}, {net::Pooling::average, "average"}};
inline constexpr Named<Augments> augmented_samples[] = {
    {Augments::pictures, "pictures"}, {Augments::series, "series"}, {Augments::nothing, "nothing"}};
static_assert(has_every_row<&Named<UnitKind>::value>(unit_kinds) && has_every_row<&Named<EndKind>::value>(end_kinds) &&
              has_every_row<&Named<net::Pooling>::value>(poolings) &&
              has_every_row<&Named<Augments>::value>(augmented_samples) && has_every_row<&Named<Gray>::value>(grays));

} // namespace detail

inline constexpr auto unit_names = name_list(detail::unit_kinds);  ///< Names of UnitKind.
inline constexpr auto end_names = name_list(detail::end_kinds);    ///< Names of EndKind.
inline constexpr auto gray_names = name_list(detail::grays);       ///< Names of Gray.
inline constexpr auto pooling_names = name_list(detail::poolings); ///< Names of net::Pooling.
inline constexpr std::string_view switch_names[] = {"off", "on"};  ///< Names of 0 and 1.
/// "none", then every method.
inline constexpr auto pruning_names = [] {
    std::array<std::string_view, prune::method_count + 1> names{"none"};
    for (const prune::MethodInfo& method : prune::methods) names[std::size_t(method.method) + 1] = method.name;
    return names;
}();

/// All genes, in the order of the table of genes.
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
    steps,
    weight_decay,
    label_smoothing,
    shift,
    flip,
    rotate,
    scale,
    shear,
    cut_out,
    brightness,
    contrast,
    colour,
    noise,
    stretch,
    gain,
    axes,
    pruning_method,
    keep,
    count
};
inline constexpr std::size_t gene_count = std::size_t(Gene::count);

/// The values of a gene: whole numbers (for a named gene, indices of its names), or a real interval.
struct Range {
    std::vector<int> values; ///< Ascending; empty for a real gene.
    double low = 0, high = 0;
    bool operator==(const Range&) const = default;
};

/// A gene and its values without a file: a number from low to high, or one of a list.
struct GeneInfo {
    Gene gene;
    std::string_view name;
    double low = 0, high = 0;
    bool real = false;                            ///< True if any number between is allowed, not only whole ones.
    std::span<const int> listed = {};             ///< Ascending.
    std::span<const std::string_view> names = {}; ///< Names of the values 0, 1, ...

    /// True if the values are off and on.
    bool is_switch() const { return names.data() == switch_names; }
    /// The values without a space file.
    Range range() const {
        if (real) return {{}, low, high};
        Range range{{listed.begin(), listed.end()}};
        if (!listed.empty()) return range;
        for (int value = int(low); value <= int(high); ++value) range.values.push_back(value);
        return range;
    }
};

namespace detail {

constexpr GeneInfo whole(Gene gene, std::string_view name, int low, int high) {
    return {gene, name, double(low), double(high)};
}
constexpr GeneInfo real(Gene gene, std::string_view name, double low, double high) {
    return {gene, name, low, high, true};
}
constexpr GeneInfo listed(Gene gene, std::string_view name, std::span<const int> values) {
    return {gene, name, 0, 0, false, values};
}
constexpr GeneInfo named(Gene gene, std::string_view name, std::span<const std::string_view> names) {
    return {gene, name, 0, double(names.size()) - 1, false, {}, names};
}

inline constexpr int kernels[] = {1, 3, 5, 7}, bit_widths[] = {2, 4, 8}, batches[] = {16, 32, 64, 128, 256},
                     shares_of_steps[] = {10, 15, 25, 50, 75, 100, 150, 200, 400},
                     shifts[] = {0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32};

} // namespace detail

inline constexpr GeneInfo genes[] = {
    detail::whole(Gene::downsampling, "front.downsampling", 1, 4),
    detail::named(Gene::gray, "front.gray", gray_names),
    detail::whole(Gene::front_width, "front.width", 1, 64),
    detail::listed(Gene::front_kernel, "front.kernel", detail::kernels),
    detail::whole(Gene::front_stride, "front.stride", 1, 2),
    detail::named(Gene::front_pooling, "front.pooling", pooling_names),
    detail::whole(Gene::front_pool, "front.pool", 2, 4),
    detail::whole(Gene::stages, "stages", 1, 4),
    detail::whole(Gene::stage_units, "stage.units", 1, 3),
    detail::named(Gene::stage_residual, "stage.residual", switch_names),
    detail::named(Gene::stage_pooling, "stage.pooling", pooling_names),
    detail::whole(Gene::stage_pool, "stage.pool", 2, 4),
    detail::named(Gene::stage_head, "stage.head", switch_names),
    detail::named(Gene::unit_kind, "unit.kind", unit_names),
    detail::whole(Gene::unit_width, "unit.width", 1, 64),
    detail::listed(Gene::unit_kernel, "unit.kernel", detail::kernels),
    detail::named(Gene::unit_linear, "unit.linear", switch_names),
    detail::whole(Gene::unit_squeeze, "unit.squeeze", 2, 4),
    detail::named(Gene::end_kind, "end.kind", end_names),
    detail::whole(Gene::end_width, "end.width", 0, 64),
    detail::whole(Gene::end_hidden, "end.hidden", 0, 64),
    detail::listed(Gene::bits, "bits", detail::bit_widths),
    detail::real(Gene::learning_rate, "training.learning_rate", 0.001, 0.2),
    detail::listed(Gene::batch, "training.batch", detail::batches),
    detail::listed(Gene::steps, "training.steps", detail::shares_of_steps),
    detail::real(Gene::weight_decay, "training.weight_decay", 0, 0.1),
    detail::real(Gene::label_smoothing, "training.label_smoothing", 0, 0.2),
    detail::listed(Gene::shift, "training.shift", detail::shifts),
    detail::named(Gene::flip, "training.flip", switch_names),
    detail::real(Gene::rotate, "training.rotate", 0, 180),
    detail::real(Gene::scale, "training.scale", 0, 1),
    detail::real(Gene::shear, "training.shear", 0, 1),
    detail::real(Gene::cut_out, "training.cut_out", 0, 0.5),
    detail::real(Gene::brightness, "training.brightness", 0, 0.5),
    detail::real(Gene::contrast, "training.contrast", 0, 0.8),
    detail::real(Gene::colour, "training.colour", 0, 1),
    detail::real(Gene::noise, "training.noise", 0, 0.3),
    detail::real(Gene::stretch, "training.stretch", 0, 1),
    detail::real(Gene::gain, "training.gain", 0, 1),
    detail::real(Gene::axes, "training.axes", 0, 180),
    detail::named(Gene::pruning_method, "pruning.method", pruning_names),
    detail::real(Gene::keep, "pruning.keep", 0.05, 1),
};
static_assert(has_every_row<&GeneInfo::gene>(genes), "a gene has no row, or the rows are in another order than Gene");

/// The row of the table.
constexpr const GeneInfo& info(Gene gene) { return genes[std::size_t(gene)]; }

/// The values of all genes for one data set.
struct Space {
    net::Shape input; ///< Shape of a sample before downsampling.
    int classes = 10;
    std::array<Range, gene_count> ranges = [] {
        std::array<Range, gene_count> all;
        for (std::size_t i = 0; i < gene_count; ++i) all[i] = genes[i].range();
        return all;
    }();
    Augments augments = Augments::pictures;
    std::size_t samples = 0; ///< Training samples, at most 20 per group, since those are alike; 0 if unknown.
    bool operator==(const Space&) const = default;

    /// True if there are so few training samples that augmentation and the batch matter more than most of the network.
    bool is_small() const { return samples > 0 && samples < 2000; }
    /// Values that the space allows.
    const Range& operator[](Gene gene) const { return ranges[std::size_t(gene)]; }
    /// The same, to narrow them.
    Range& operator[](Gene gene) { return ranges[std::size_t(gene)]; }
    /// Smallest value of a gene with whole numbers.
    int least(Gene gene) const { return (*this)[gene].values.front(); }
    /// Largest value of a gene with whole numbers.
    int largest(Gene gene) const { return (*this)[gene].values.back(); }
    /// True if the space allows this value of a gene with whole numbers.
    bool has(Gene gene, int value) const {
        const std::vector<int>& values = (*this)[gene].values;
        return std::find(values.begin(), values.end(), value) != values.end();
    }
    /// The value itself if the space has it, else the nearest; for names, any that the space has.
    int conform(Gene gene, int value) const {
        const std::vector<int>& values = (*this)[gene].values;
        if (!info(gene).names.empty() && !has(gene, value)) return values[std::size_t(value) % values.size()];
        return *std::min_element(values.begin(), values.end(),
                                 [&](int a, int b) { return std::abs(a - value) < std::abs(b - value); });
    }
    /// The nearest value of a real gene.
    double conform(Gene gene, double value) const { return std::clamp(value, (*this)[gene].low, (*this)[gene].high); }
};

namespace detail {

/// One value of a gene as the user writes it, or nothing.
inline std::optional<int> parse_value(const GeneInfo& gene, std::string_view word) {
    if (gene.names.empty()) return parse_number<int>(word);
    const auto found = std::find(gene.names.begin(), gene.names.end(), word);
    if (found == gene.names.end()) return std::nullopt;
    return int(found - gene.names.begin());
}

inline std::string word_of(const GeneInfo& gene, int value) {
    return gene.names.empty() ? text(value) : std::string(gene.names[std::size_t(value)]);
}

inline std::string describe(const GeneInfo& gene, const Range& range) {
    if (gene.real) return text(range.low, "..", range.high);
    const std::vector<int>& values = range.values;
    if (gene.names.empty() && values.back() - values.front() + 1 == int(values.size()))
        return text(values.front(), "..", values.back());
    std::vector<std::string> words;
    for (const int value : values) words.push_back(word_of(gene, value));
    return join(words, " ");
}

inline Range parse_range(const std::string& where, const GeneInfo& gene, std::string_view list) {
    const Range whole = gene.range();
    const auto fail = [&](std::string_view word) -> Error {
        return Error(
            text(where, ": ", gene.name, " = ", word, ": not in this gene's range, which is ", describe(gene, whole)));
    };
    Range range;
    for (const std::string& word : split(list, ' ')) {
        if (word.empty()) continue;
        const std::size_t dots = word.find("..");
        const std::string first = word.substr(0, dots), last = dots == word.npos ? first : word.substr(dots + 2);
        if (gene.real) {
            const auto low = parse_number<double>(first), high = parse_number<double>(last);
            if (!low || !high || !(*low >= whole.low && *low <= *high && *high <= whole.high)) throw fail(word);
            if (range.high != 0 || range.low != 0)
                throw Error(text(where, ": ", gene.name, " takes one interval, such as ", describe(gene, whole)));
            range.low = *low;
            range.high = *high;
            continue;
        }
        const auto low = parse_value(gene, first), high = parse_value(gene, last);
        if (!low || !high || *low > *high) throw fail(word);
        const std::size_t before = range.values.size();
        for (const int value : whole.values)
            if (value >= *low && value <= *high) range.values.push_back(value);
        // Both ends of an interval must be values of the gene, so that typing errors do not narrow the space.
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

/// Narrows one gene by a line "name = values".
inline void narrow(Space& space, const std::string& where, std::string_view line) {
    const std::size_t equals = line.find('=');
    if (equals == line.npos) throw Error(text(where, ": expected NAME = VALUES, such as unit.kernel = 3 5"));
    const std::string name = trimmed(line.substr(0, equals)), list = trimmed(line.substr(equals + 1));
    if (list.empty()) throw Error(text(where, ": ", name, " has no values; give some, such as unit.kernel = 3 5"));
    if (const GeneInfo* gene = row_named(genes, name)) {
        space[gene->gene] = parse_range(where, *gene, list);
        return;
    }
    const std::vector<std::string> known = names_of(genes);
    const std::string near = nearest(name, known);
    throw Error(text(where, ": there is no gene '", name, "'", near.empty() ? "" : "; did you mean " + near + "?",
                     near.empty() ? "; genes are " + join(known, ", ") : ""));
}

} // namespace detail

/// The space as the lines of a file narrow it. Throws Error naming file and line if a gene is unknown, has a value out
/// of its range, or stands there twice.
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

/// The genes that are narrower than usual, as the text of a file that narrows them.
inline std::string narrowing(const Space& space) {
    std::string out;
    for (const GeneInfo& gene : genes)
        if (const Range& range = space[gene.gene]; range != gene.range()) {
            std::vector<std::string> words;
            for (const int value : range.values) words.push_back(detail::word_of(gene, value));
            out += text(gene.name, " = ", gene.real ? text(range.low, "..", range.high) : join(words, " "), "\n");
        }
    return out;
}

/// Digest of the table of genes: their names in order, and their values without a file. In a program with another
/// digest, the numbers and draws of a run would mean other networks.
inline std::uint64_t table_digest() {
    std::string table;
    for (const GeneInfo& gene : genes)
        table += text(gene.name, gene.real ? " real " : " ", detail::describe(gene, gene.range()), '\n');
    for (const prune::MethodInfo& method : prune::methods)
        if (method.decides) table += text(method.name, " needs no budget\n");
    return fnv1a_64(table);
}

/// The space as a journal's head holds it, with the genes that differ from the table.
inline json::Value to_json(const Space& space) {
    return json::object({{"input", json::array({space.input.channels, space.input.height, space.input.width})},
                         {"classes", space.classes},
                         {"augments", detail::augmented_samples[std::size_t(space.augments)].name},
                         {"samples", space.samples},
                         {"narrowed", narrowing(space)}});
}

namespace detail {

/// Rules of older runs in today's genes: `training.epochs` becomes steps, `training.augmentation` a becomes a rotation
/// by up to 15 a degrees and a scale of 0.15 a, and `front.gray` was off or on, a mix.
inline std::string current_rules(const std::string& rules) {
    std::string out;
    for (const std::string& line : split(rules, '\n')) {
        const std::size_t equals = line.find(" = ");
        const std::string_view name = std::string_view(line).substr(0, equals);
        if (name == "training.epochs") {
            out += text("training.steps", line.substr(equals), '\n');
            continue;
        }
        if (name == "front.gray") {
            out += line.substr(equals) == " = on" ? "front.gray = mix\n" : "front.gray = none\n";
            continue;
        }
        const std::size_t dots = line.find("..");
        if (name != "training.augmentation" || dots == line.npos) {
            out += line + '\n';
            continue;
        }
        const auto low = parse_number<double>(line.substr(equals + 3, dots - equals - 3));
        const auto high = parse_number<double>(line.substr(dots + 2));
        out += text("training.rotate = ", 15 * low.value_or(0), "..", 15 * high.value_or(1),
                    "\ntraining.scale = ", 0.15 * low.value_or(0), "..", 0.15 * high.value_or(1), '\n');
    }
    return out;
}

} // namespace detail

/// The Space that to_json() wrote. Throws Error if a network of it could not have such an input or such outputs.
inline Space space_from_json(const json::Reader& in) {
    const auto shape = in.at("input").as<std::vector<int>>();
    if (shape.size() != 3) in.at("input").fail("expected channels, height and width");
    for (const int side : shape)
        if (side < 1 || side > 65535) in.at("input").fail(text("expected sides of 1 to 65535, found ", side));
    Space whole{{shape[0], shape[1], shape[2]}, in.at("classes").as<int>()};
    try {
        net::shapes(net::parse(text("F", whole.classes), whole.input));
    } catch (const Error& error) {
        in.fail(error.what());
    }
    const std::string rules = in.at("narrowed").as<std::string>();
    if (!in.has("augments")) { // older runs
        if (whole.input.width == 1) whole.augments = Augments::series;
        return narrowed(whole, detail::current_rules(rules), "narrowed");
    }
    const std::string samples = in.at("augments").as<std::string>();
    const auto* known = row_named(detail::augmented_samples, samples);
    if (!known)
        in.at("augments").fail(text("'", samples, "' is not one of ", join(names_of(detail::augmented_samples), ", ")));
    whole.augments = known->value;
    whole.samples = in.at("samples").as<std::size_t>();
    return narrowed(whole, rules, "narrowed");
}

} // namespace tinysparse::space
