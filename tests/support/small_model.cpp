// SPDX-License-Identifier: Apache-2.0
#include "small_model.hpp"
#include "host.hpp"
#include "random_spec.hpp"
#include "tinysparse/fixed/plan.hpp"
#include "tinysparse/fixed/proof.hpp"

namespace small {

namespace {
/// Any value of a series, or one near the channel's offset, where a shift to the left matters.
std::int16_t random_value(const fixed::Input& input, std::size_t channel, Random& random) {
    if (random.chance(0.5)) return std::int16_t(random.below(65536));
    return std::int16_t(input.offset[channel] + int(random.below(400)) - 200);
}
} // namespace

fixed::Model model(fixed::Network network, Random& random) {
    fixed::Model model;
    model.network = std::move(network);
    model.class_names = {"zero", "one \"quoted\"", "tw\xc3\xb6", "three?\?/"};
    model.class_names.resize(std::size_t(net::shapes(model.network.spec).classes), "more");
    model.data = "synthetic:test";
    model.command = "tinysparse train --net \"a \\";
    for (std::size_t i = 0; i < model.network.spec.input.size(); ++i) {
        if (model.network.input.series)
            model.golden.series.push_back(random_value(
                model.network.input, i % std::size_t(model.network.spec.input.channels), random)); // [time][channel]
        else
            model.golden.picture.push_back(std::uint8_t(random.below(256)));
    }
    Host host(model.network);
    model.golden.logits =
        model.network.input.series ? host.logits(model.golden.series) : host.logits(model.golden.picture);
    return model;
}

std::optional<fixed::Model> random_model(std::uint64_t number, int most_layers, std::optional<bool> of_series) {
    Random random(3, "device", number);
    const bool drawn = random.chance(0.2), series = of_series.value_or(drawn);
    net::Shape input = plain::random_picture(random);
    if (series) input = {1 + int(random.below(3)), 1 + int(random.below(40)), 1};
    const net::Spec spec = plain::random_spec(input, random, most_layers);
    fixed::Network network = plain::random_network(spec, random, series);
    try {
        fixed::prove(network);
    } catch (const Error&) {
        return std::nullopt;
    }
    if (fixed::plan(spec, {series, {}}).bytes() > 1500) return std::nullopt;
    return model(std::move(network), random);
}

data::Split random_samples(const fixed::Network& network, Random& random, std::size_t count) {
    data::Split split;
    split.samples = count;
    split.labels.resize(count);
    const net::Shape& in = network.spec.input;
    for (std::size_t i = 0; i < count * in.size(); ++i) {
        if (network.input.series) // [channel][time]
            split.values.push_back(
                random_value(network.input, i / std::size_t(in.height * in.width) % std::size_t(in.channels), random));
        else
            split.pixels.push_back(std::uint8_t(random.below(256)));
    }
    return split;
}

} // namespace small
