// SPDX-License-Identifier: Apache-2.0
// Genome: what the search changes. A conditional tree: a front layer, 1..4 stages of 1..3 units, an end, the bits of a
// weight, and how to train. Genes that a picture's size makes pointless (a pool of a 1x1 map) simply have no effect;
// express.hpp turns a Genome into a Spec.
//   front   [A downsampling] convolution [pool]
//   stage   1..3 x (depthwise + pointwise | convolution | pointwise), residuals on or off, [pool]
//   end     depthwise over all positions | global average | nothing, [pointwise], dense
#pragma once
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/json.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/net/spec.hpp"

namespace tinysparse::space {

/// The bounds of the space for one data set. Lists are what a gene may be.
struct Space {
    net::Shape input;
    int classes = 10;
    int largest_width = 64;
    int most_stages = 4, most_units = 3;
    std::vector<int> bits = {8, 4};
    bool operator==(const Space&) const = default;
};

inline constexpr int largest_downsampling = 4, largest_pool = 4, largest_kernel = 7, largest_shift = 4;
inline constexpr int smallest_batch = 16, largest_batch = 256;
inline constexpr double smallest_learning_rate = 0.001, largest_learning_rate = 0.2;

enum class UnitKind : std::uint8_t { separable, convolution, pointwise };
enum class EndKind : std::uint8_t { positions, average, flat };

/// The first layer: a convolution of the (downsampled) picture.
struct Front {
    int downsampling = 1; ///< Averaging window on the picture, 1 for none.
    int width = 4;
    int kernel = 3;
    int stride = 1;
    net::Pooling pooling = net::Pooling::average;
    int pool = 2; ///< Window of the pooling, where there is one.
    bool operator==(const Front&) const = default;
};

struct Unit {
    UnitKind kind = UnitKind::separable;
    int width = 8;
    int kernel = 3;     ///< Of the depthwise or full convolution.
    bool linear = true; ///< The depthwise has no ReLU before its pointwise.
    bool operator==(const Unit&) const = default;
};

struct Stage {
    std::vector<Unit> units = {Unit{}};
    bool residual = false; ///< Units add their input where shapes are equal.
    net::Pooling pooling = net::Pooling::average;
    int pool = 2;
    bool operator==(const Stage&) const = default;
};

struct End {
    EndKind kind = EndKind::positions;
    int width = 0; ///< Of a pointwise layer before the dense one; 0 for none, and none after `flat`.
    bool operator==(const End&) const = default;
};

struct Training {
    double learning_rate = 0.03;
    int batch = 64;
    int shift = 1; ///< Augmentation: pictures move by up to so many positions.
    bool operator==(const Training&) const = default;
};

struct Genome {
    Front front;
    std::vector<Stage> stages = {Stage{}};
    End end;
    int bits = 8;
    Training training;
    bool operator==(const Genome&) const = default;
};

namespace detail {

inline constexpr std::string_view pooling_names[] = {"none", "maximum", "average"};
inline constexpr std::string_view unit_names[] = {"separable", "convolution", "pointwise"};
inline constexpr std::string_view end_names[] = {"positions", "average", "flat"};

template <class Enumeration, std::size_t Count>
Enumeration read_name(const json::Reader& in, const std::string_view (&names)[Count]) {
    const std::string word = in.as<std::string>();
    for (std::size_t i = 0; i < Count; ++i)
        if (names[i] == word) return Enumeration(i);
    in.fail(text("'", word, "' is not one of ", join({std::begin(names), std::end(names)}, ", ")));
}

inline int read_between(const json::Reader& in, int low, int high) {
    const int value = in.as<int>();
    if (value < low || value > high) in.fail(text("expected ", low, " to ", high, ", found ", value));
    return value;
}

inline int read_kernel(const json::Reader& in) {
    const int kernel = read_between(in, 1, largest_kernel);
    if (kernel % 2 == 0) in.fail(text("expected an odd kernel, found ", kernel));
    return kernel;
}

inline Stage read_stage(const json::Reader& in, const Space& space) {
    Stage stage;
    stage.units.clear();
    for (const json::Reader& unit : in.at("units").items())
        stage.units.push_back({read_name<UnitKind>(unit.at("kind"), unit_names),
                               read_between(unit.at("width"), 1, space.largest_width), read_kernel(unit.at("kernel")),
                               unit.at("linear").as<bool>()});
    if (stage.units.empty() || stage.units.size() > std::size_t(space.most_units))
        in.at("units").fail(text("expected 1 to ", space.most_units, " units, found ", stage.units.size()));
    stage.residual = in.at("residual").as<bool>();
    stage.pooling = read_name<net::Pooling>(in.at("pooling"), pooling_names);
    stage.pool = read_between(in.at("pool"), 2, largest_pool);
    return stage;
}

} // namespace detail

inline json::Value to_json(const Space& space) {
    return json::object({{"input", json::array({space.input.channels, space.input.height, space.input.width})},
                         {"classes", space.classes},
                         {"largest_width", space.largest_width},
                         {"most_stages", space.most_stages},
                         {"most_units", space.most_units},
                         {"bits", json::Value(space.bits)}});
}

inline json::Value to_json(const Genome& genome) {
    json::Value stages = json::array();
    for (const Stage& stage : genome.stages) {
        json::Value units = json::array();
        for (const Unit& unit : stage.units)
            units.push_back(json::object({{"kind", detail::unit_names[std::size_t(unit.kind)]},
                                          {"width", unit.width},
                                          {"kernel", unit.kernel},
                                          {"linear", unit.linear}}));
        stages.push_back(json::object({{"units", units},
                                       {"residual", stage.residual},
                                       {"pooling", detail::pooling_names[std::size_t(stage.pooling)]},
                                       {"pool", stage.pool}}));
    }
    const Front& front = genome.front;
    return json::object({{"front", json::object({{"downsampling", front.downsampling},
                                                 {"width", front.width},
                                                 {"kernel", front.kernel},
                                                 {"stride", front.stride},
                                                 {"pooling", detail::pooling_names[std::size_t(front.pooling)]},
                                                 {"pool", front.pool}})},
                         {"stages", stages},
                         {"end", json::object({{"kind", detail::end_names[std::size_t(genome.end.kind)]},
                                               {"width", genome.end.width}})},
                         {"bits", genome.bits},
                         {"training", json::object({{"learning_rate", genome.training.learning_rate},
                                                    {"batch", genome.training.batch},
                                                    {"shift", genome.training.shift}})}});
}

/// The Genome that to_json() wrote. Throws Error naming the gene that is missing, mistyped or outside the space.
inline Genome genome_from_json(const json::Reader& in, const Space& space) {
    using namespace detail;
    Genome genome;
    const json::Reader front = in.at("front"), end = in.at("end"), training = in.at("training");
    genome.front = {read_between(front.at("downsampling"), 1, largest_downsampling),
                    read_between(front.at("width"), 1, space.largest_width),
                    read_kernel(front.at("kernel")),
                    read_between(front.at("stride"), 1, 2),
                    read_name<net::Pooling>(front.at("pooling"), pooling_names),
                    read_between(front.at("pool"), 2, largest_pool)};
    genome.stages.clear();
    for (const json::Reader& stage : in.at("stages").items()) genome.stages.push_back(read_stage(stage, space));
    if (genome.stages.empty() || genome.stages.size() > std::size_t(space.most_stages))
        in.at("stages").fail(text("expected 1 to ", space.most_stages, " stages, found ", genome.stages.size()));
    genome.end = {read_name<EndKind>(end.at("kind"), end_names), read_between(end.at("width"), 0, space.largest_width)};
    genome.bits = in.at("bits").as<int>();
    if (std::find(space.bits.begin(), space.bits.end(), genome.bits) == space.bits.end())
        in.at("bits").fail(text(genome.bits, " bits are not in this space"));
    genome.training.learning_rate = training.at("learning_rate").as<double>();
    if (!(genome.training.learning_rate >= smallest_learning_rate &&
          genome.training.learning_rate <= largest_learning_rate))
        training.at("learning_rate").fail(text("expected ", smallest_learning_rate, " to ", largest_learning_rate));
    genome.training.batch = read_between(training.at("batch"), smallest_batch, largest_batch);
    genome.training.shift = read_between(training.at("shift"), 0, largest_shift);
    return genome;
}

} // namespace tinysparse::space
