// SPDX-License-Identifier: Apache-2.0
// Genome: the description of a network that the search changes. It is a conditional tree: a front layer, 1..4 stages of
// 1..3 units, an end, training and pruning. Genes that a picture's size makes pointless (a pool of a 1x1 map) have no
// effect. express.hpp turns a Genome into a Spec.
//   front   [A downsampling] [one grey value of the colours] convolution [pool]
//   stage   1..3 x (depthwise + pointwise | convolution | pointwise | pointwise + convolution), residuals on or off,
//           [pool], [head: depthwise over all positions, dense]
//   end     depthwise over all positions | global average | nothing, [pointwise], [dense], dense
// A Genome without stages is the linear classifier, a dense layer over the whole picture. No draw or edit makes one.
#pragma once
#include <cassert>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "tinysparse/space/space.hpp"

namespace tinysparse::space {

/// The first layer: a convolution of the (downsampled) picture.
struct Front {
    int downsampling = 1; ///< Averaging window on the picture, 1 for none.
    int width = 4;
    int kernel = 3; ///< Height and width.
    int stride = 1;
    net::Pooling pooling = net::Pooling::average;
    int pool = 2;           ///< Window of the pooling, if there is one.
    Gray gray = Gray::none; ///< One value of the colours comes first: a learned mix of them, or fixed luma.
    int bits = 8;
    bool operator==(const Front&) const = default;
};

/// A few layers that are chosen, repeated and inherited together.
struct Unit {
    UnitKind kind = UnitKind::separable;
    int width = 8;
    int kernel = 3;     ///< Kernel of the depthwise or full convolution; 1 leaves the depthwise layer out.
    bool linear = true; ///< No ReLU after the depthwise layer, or after the bottleneck's pointwise one.
    int squeeze = 2;    ///< Divides the channels that a bottleneck's convolution reads by this factor.
    int bits = 8;
    bool operator==(const Unit&) const = default;
};

/// Units of one size, followed by a pooling.
struct Stage {
    std::vector<Unit> units = {Unit{}};
    bool residual = false; ///< Units add their input if shapes are equal.
    net::Pooling pooling = net::Pooling::average;
    int pool = 2; ///< Window of the pooling, if there is one.
    /// The output of the stage has its own dense layer that adds to the logits; not in the last stage.
    bool head = false;
    bool operator==(const Stage&) const = default;
};

/// What turns the last stage into logits.
struct End {
    EndKind kind = EndKind::positions;
    int width = 0;  ///< Width of a pointwise layer before the dense one; 0 for none, and none after `flat`.
    int hidden = 0; ///< Width of a dense layer with a ReLU before the last one; 0 for none.
    int bits = 8;   ///< Bits of all layers of the end and of the heads.
    bool operator==(const End&) const = default;
};

/// The recipe: optimiser settings and augmentation.
struct Training {
    double learning_rate = 0.03;
    int batch = 64;
    int steps = 100; ///< Steps in per cent of the usual number.
    double weight_decay = 0;
    double label_smoothing = 0;
    // Augmentation. space/augmentation.hpp lists which genes affect which data.
    int shift = 1;         ///< The largest move of a sample, in positions.
    bool flip = false;     ///< Half of all pictures are mirrored.
    double rotate = 0;     ///< The largest turn of a picture, in degrees.
    double scale = 0;      ///< Pictures are scaled by a factor from 1/(1+x) to 1+x.
    double shear = 0;      ///< Pictures are slanted by up to x pixels per row.
    double cut_out = 0;    ///< Side of the square that is cut out, as share of the picture's shorter one.
    double brightness = 0; ///< Up to x of the full range is added or taken away.
    double contrast = 0;   ///< Contrast changes by a factor from 1-x to 1+x.
    double colour = 0;  ///< 1: any hue, any saturation, and half of the pictures with another order of their colours.
    double noise = 0;   ///< Deviation as share of the full range.
    double stretch = 0; ///< Series are stretched in time by a factor from 1/(1+x) to 1+x.
    double gain = 0;    ///< Series are amplified by a factor from 1/(1+x) to 1+x.
    double axes = 0;    ///< The largest turn of a sensor's axes, in degrees.
    bool operator==(const Training&) const = default;
};

/// Whether and how a training prunes.
struct Pruning {
    std::optional<prune::Method> method; ///< Method that prunes the network during training, if any.
    double keep = 1;                     ///< Share of all weights that may stay.
    /// True if the method has its own threshold and no budget (keep 1).
    bool by_threshold() const { return method && keep >= 1 && prune::info(*method).decides; }
    /// True if a training prunes.
    bool active() const { return (method && keep < 1) || by_threshold(); }
    /// "magnitude 0.5", "sparse-vd by its threshold"; empty if not active.
    std::string name() const {
        if (!active()) return {};
        return text(prune::name_of(*method), " ", by_threshold() ? "by its threshold" : text(keep));
    }
    bool operator==(const Pruning&) const = default;
};

/// Everything that a search chooses for one trial.
struct Genome {
    Front front = {};
    std::vector<Stage> stages = {Stage{}};
    End end = {};
    Training training = {};
    Pruning pruning = {};
    /// True for the linear classifier: genes of the front, and those of the end except its bits, have no effect.
    bool is_linear() const { return stages.empty(); }
    bool operator==(const Genome&) const = default;
};

namespace detail {

/// Calls body(gene, number) for a gene that is a name, a switch or a whole number.
template <class Body, class Value> void as_number(Body& body, Gene gene, Value& value) {
    int number = int(value);
    body(gene, number);
    value = Value(number);
}

/// A gene that may be none: 0 then, else 1 + the number of its value.
template <class Body, class Value> void as_number(Body& body, Gene gene, std::optional<Value>& value) {
    int number = value ? 1 + int(*value) : 0;
    body(gene, number);
    value = number > 0 ? std::optional(Value(number - 1)) : std::nullopt;
}

template <class Body> void for_genes(Front& front, Body& body) {
    as_number(body, Gene::downsampling, front.downsampling);
    as_number(body, Gene::gray, front.gray);
    as_number(body, Gene::front_width, front.width);
    as_number(body, Gene::front_kernel, front.kernel);
    as_number(body, Gene::front_stride, front.stride);
    as_number(body, Gene::front_pooling, front.pooling);
    as_number(body, Gene::front_pool, front.pool);
    as_number(body, Gene::bits, front.bits);
}

template <class Body> void for_genes(Unit& unit, Body& body) {
    as_number(body, Gene::unit_kind, unit.kind);
    as_number(body, Gene::unit_width, unit.width);
    as_number(body, Gene::unit_kernel, unit.kernel);
    as_number(body, Gene::unit_linear, unit.linear);
    as_number(body, Gene::unit_squeeze, unit.squeeze);
    as_number(body, Gene::bits, unit.bits);
}

/// Visits the genes of the stage itself, without its units.
template <class Body> void for_genes(Stage& stage, Body& body) {
    as_number(body, Gene::stage_residual, stage.residual);
    as_number(body, Gene::stage_pooling, stage.pooling);
    as_number(body, Gene::stage_pool, stage.pool);
    as_number(body, Gene::stage_head, stage.head);
}

template <class Body> void for_genes(End& end, Body& body) {
    as_number(body, Gene::end_kind, end.kind);
    as_number(body, Gene::end_width, end.width);
    as_number(body, Gene::end_hidden, end.hidden);
    as_number(body, Gene::bits, end.bits);
}

template <class Body> void for_genes(Training& training, Body& body) {
    body(Gene::learning_rate, training.learning_rate);
    as_number(body, Gene::batch, training.batch);
    as_number(body, Gene::steps, training.steps);
    body(Gene::weight_decay, training.weight_decay);
    body(Gene::label_smoothing, training.label_smoothing);
    as_number(body, Gene::shift, training.shift);
    as_number(body, Gene::flip, training.flip);
    body(Gene::rotate, training.rotate);
    body(Gene::scale, training.scale);
    body(Gene::shear, training.shear);
    body(Gene::cut_out, training.cut_out);
    body(Gene::brightness, training.brightness);
    body(Gene::contrast, training.contrast);
    body(Gene::colour, training.colour);
    body(Gene::noise, training.noise);
    body(Gene::stretch, training.stretch);
    body(Gene::gain, training.gain);
    body(Gene::axes, training.axes);
}

template <class Body> void for_genes(Pruning& pruning, Body& body) {
    as_number(body, Gene::pruning_method, pruning.method);
    body(Gene::keep, pruning.keep);
}

} // namespace detail

/// Calls body(Gene, value&) for every gene: with an int& for whole numbers, names and switches, with a double& for real
/// genes. Lists keep their lengths.
template <class Body> void for_genes(Genome& genome, Body body) {
    detail::for_genes(genome.front, body);
    for (Stage& stage : genome.stages) {
        for (Unit& unit : stage.units) detail::for_genes(unit, body);
        detail::for_genes(stage, body);
    }
    detail::for_genes(genome.end, body);
    detail::for_genes(genome.training, body);
    detail::for_genes(genome.pruning, body);
}

/// Sets the bits of every weight of the network.
inline void set_bits(Genome& genome, int bits) {
    for_genes(genome, [&](Gene gene, auto& value) {
        if constexpr (std::is_same_v<decltype(value), int&>)
            if (gene == Gene::bits) value = bits;
    });
}

/// The Genome, which is not the linear one, with every gene moved to the nearest value that the space has; lists are
/// cut, or extended by copies of their last element.
inline Genome conformed(Genome genome, const Space& space) {
    assert(!genome.is_linear());
    genome.stages.resize(std::size_t(space.conform(Gene::stages, int(genome.stages.size()))), genome.stages.back());
    for (Stage& stage : genome.stages)
        stage.units.resize(std::size_t(space.conform(Gene::stage_units, int(stage.units.size()))), stage.units.back());
    for_genes(genome, [&](Gene gene, auto& value) { value = space.conform(gene, value); });
    return genome;
}

/// The linear classifier of a space: unpruned, with the usual bits and training, or the nearest that the space has. A
/// narrowed space has it too.
inline Genome linear_genome(const Space& space) {
    Genome genome;
    genome.stages.clear();
    set_bits(genome, space.conform(Gene::bits, genome.end.bits));
    auto conform = [&](Gene gene, auto& value) { value = space.conform(gene, value); };
    detail::for_genes(genome.training, conform);
    return genome;
}

namespace detail {

inline std::string_view short_name(Gene gene) {
    const std::string_view name = info(gene).name;
    const std::size_t dot = name.find('.');
    return dot == name.npos ? name : name.substr(dot + 1);
}

/// The genes of one group as an object.
template <class Group> json::Value write_group(Group group) {
    json::Value out = json::object();
    auto write = [&](Gene gene, auto& value) {
        if constexpr (std::is_same_v<decltype(value), int&>) {
            if (info(gene).is_switch()) {
                out[short_name(gene)] = value != 0;
                return;
            }
            if (!info(gene).names.empty()) {
                out[short_name(gene)] = word_of(info(gene), value);
                return;
            }
        }
        out[short_name(gene)] = value;
    };
    for_genes(group, write);
    return out;
}

inline int read_number(const json::Reader& in, const Space& space, Gene gene) {
    const GeneInfo& about = info(gene);
    if (about.is_switch()) return in.as<bool>();
    if (gene == Gene::gray && in.value().boolean())
        return int(in.as<bool>() ? Gray::mix : Gray::none); // older journals
    if (!about.names.empty()) {
        const std::string word = in.as<std::string>();
        const auto value = parse_value(about, word);
        if (!value) in.fail(text("'", word, "' is not one of ", join({about.names.begin(), about.names.end()}, ", ")));
        if (!space.has(gene, *value)) in.fail(text("'", word, "' is not in this space"));
        return *value;
    }
    const int value = in.as<int>();
    if (!space.has(gene, value)) in.fail(text("expected ", describe(about, space[gene]), ", found ", value));
    return value;
}

/// Reads what write_group() wrote; with `partial`, missing genes keep their defaults.
template <class Group> Group read_group(const json::Reader& in, const Space& space, bool partial = false) {
    Group group;
    auto read = [&](Gene gene, auto& value) {
        if (partial && !in.has(short_name(gene))) return;
        const json::Reader own = in.at(short_name(gene));
        if constexpr (std::is_same_v<decltype(value), int&>) {
            value = read_number(own, space, gene);
        } else {
            value = own.template as<double>();
            if (!(value >= space[gene].low && value <= space[gene].high))
                own.fail(text("expected ", space[gene].low, " to ", space[gene].high, ", found ", value));
        }
    };
    for_genes(group, read);
    return group;
}

/// Reads a Training. Older journals have `epochs` for `steps`, and one gene `augmentation` a: a rotation by up to 15 a
/// degrees and a scale of up to 1 + 0.15 a. Genes that came later are off.
inline Training read_training(const json::Reader& in, const Space& space) {
    if (in.has("steps")) return read_group<Training>(in, space);
    Training training = read_group<Training>(in, space, true);
    training.steps = read_number(in.at("epochs"), space, Gene::steps);
    const double augmentation = in.at("augmentation").ranged(0.0, 1.0);
    training.rotate = space.conform(Gene::rotate, 15 * augmentation);
    training.scale = space.conform(Gene::scale, 0.15 * augmentation);
    return training;
}

inline Stage read_stage(const json::Reader& in, const Space& space) {
    Stage stage = read_group<Stage>(in, space);
    stage.units.clear();
    for (const json::Reader& unit : in.at("units").items()) stage.units.push_back(read_group<Unit>(unit, space));
    if (!space.has(Gene::stage_units, int(stage.units.size())))
        in.at("units").fail(text("expected ", describe(info(Gene::stage_units), space[Gene::stage_units]),
                                 " units, found ", stage.units.size()));
    return stage;
}

} // namespace detail

/// The genome as journals hold it; genome_from_json() reads it.
inline json::Value to_json(const Genome& genome) {
    json::Value stages = json::array();
    for (const Stage& stage : genome.stages) {
        json::Value units = json::array();
        for (const Unit& unit : stage.units) units.push_back(detail::write_group(unit));
        json::Value own = detail::write_group(stage);
        own["units"] = units;
        stages.push_back(std::move(own));
    }
    return json::object({{"front", detail::write_group(genome.front)},
                         {"stages", stages},
                         {"end", detail::write_group(genome.end)},
                         {"training", detail::write_group(genome.training)},
                         {"pruning", detail::write_group(genome.pruning)}});
}

/// The Genome that to_json() wrote. Throws Error naming the gene that is missing, mistyped or outside the space; the
/// linear one may lie outside a narrowed space.
inline Genome genome_from_json(const json::Reader& in, const Space& space) {
    Genome genome;
    const std::vector<json::Reader> stages = in.at("stages").items();
    const Space whole{.input = space.input, .classes = space.classes};
    const Space& allowed = stages.empty() ? whole : space;
    genome.front = detail::read_group<Front>(in.at("front"), allowed);
    genome.stages.clear();
    for (const json::Reader& stage : stages) genome.stages.push_back(detail::read_stage(stage, space));
    if (!stages.empty() && !space.has(Gene::stages, int(stages.size())))
        in.at("stages").fail(text("expected ", detail::describe(info(Gene::stages), space[Gene::stages]),
                                  " stages, found ", stages.size()));
    genome.end = detail::read_group<End>(in.at("end"), allowed);
    genome.training = detail::read_training(in.at("training"), allowed);
    genome.pruning = detail::read_group<Pruning>(in.at("pruning"), allowed);
    return genome;
}

} // namespace tinysparse::space
