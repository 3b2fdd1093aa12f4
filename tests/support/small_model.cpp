// SPDX-License-Identifier: Apache-2.0
#include "small_model.hpp"
#include "host.hpp"
#include "random_spec.hpp"
#include "tinysparse/fixed/plan.hpp"
#include "tinysparse/fixed/proof.hpp"

namespace small {

fixed::Model model(fixed::Network network, Random& random) {
    fixed::Model model;
    model.network = std::move(network);
    model.class_names = {"zero", "one \"quoted\"", "tw\xc3\xb6", "three?\?/"};
    model.class_names.resize(std::size_t(net::shapes(model.network.spec).classes), "more");
    model.data = "synthetic:test";
    model.command = "tinysparse train --net \"a \\";
    for (std::size_t i = 0; i < model.network.spec.input.size(); ++i) {
        if (model.network.input.series)
            model.golden.series.push_back(std::int16_t(random.below(65536)));
        else
            model.golden.picture.push_back(std::uint8_t(random.below(256)));
    }
    Host host(model.network);
    model.golden.logits =
        model.network.input.series ? host.logits(model.golden.series) : host.logits(model.golden.picture);
    return model;
}

std::optional<fixed::Model> random_model(std::uint64_t number, int most_layers) {
    Random random(3, "device", number);
    const bool series = random.chance(0.2);
    net::Shape input = plain::random_picture(random);
    if (series) input = {1 + int(random.below(3)), 1 + int(random.below(40)), 1};
    const net::Spec spec = plain::random_spec(input, random, most_layers);
    fixed::Network network = plain::random_network(spec, random, series);
    try {
        fixed::prove(network);
    } catch (const Error&) {
        return std::nullopt;
    }
    if (fixed::plan(spec, series).bytes() > 1500) return std::nullopt;
    return model(std::move(network), random);
}

data::Split random_samples(const fixed::Network& network, Random& random, std::size_t count) {
    data::Split split;
    split.samples = count;
    split.labels.resize(count);
    for (std::size_t i = 0; i < count * network.spec.input.size(); ++i) {
        if (network.input.series)
            split.values.push_back(std::int16_t(random.below(65536)));
        else
            split.pixels.push_back(std::uint8_t(random.below(256)));
    }
    return split;
}

} // namespace small
