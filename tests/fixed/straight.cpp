// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/fixed/straight.hpp"
#include "host.hpp"
#include "random_network.hpp"
#include "random_spec.hpp"
#include "tinysparse/fixed/reference.hpp"
#include "tinysparse/net/notation.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using fixed::StraightLine;
using fixed::StraightStep;
using fixed::StraightSums;

namespace {

std::optional<StraightLine> line_of(const fixed::Network& network, std::size_t index = 0) {
    return fixed::straight_line(fixed::lower(network), index);
}

/// A dense layer over one row of inputs.
fixed::Network dense(int outputs, std::vector<std::int8_t> weights, std::vector<std::int16_t> biases = {}) {
    fixed::Network network;
    network.spec = net::parse(text("F", outputs), {1, 1, int(weights.size()) / outputs});
    network.layers.emplace_back().weights = std::move(weights);
    network.layers[0].biases = std::move(biases);
    network.layers[0].bias_bytes = network.layers[0].biases.empty() ? 0 : 2;
    return network;
}

/// Does what a block says. The largest |sum| on the way goes to `most`.
void run(const fixed::StraightBlock& block, const std::int8_t* x, std::vector<std::int64_t>& sums, std::int64_t& most) {
    std::int64_t value = 0, product = 0;
    for (const StraightStep& step : block.steps) {
        std::int64_t* const sum = step.kind >= StraightStep::add && step.kind != StraightStep::times
                                      ? &sums.at(std::size_t(step.operand))
                                      : nullptr;
        switch (step.kind) {
        case StraightStep::move:
            x += step.operand;
            break;
        case StraightStep::value:
            CHECK(step.operand < 64);
            value = x[step.operand];
            break;
        case StraightStep::times:
            CHECK(step.operand > 0);
            CHECK(step.operand < 128);
            product = value * step.operand;
            break;
        case StraightStep::add:
            *sum += value;
            break;
        case StraightStep::subtract:
            *sum -= value;
            break;
        case StraightStep::add_product:
            *sum += product;
            break;
        case StraightStep::subtract_product:
            *sum -= product;
            break;
        }
        if (sum != nullptr) most = std::max(most, std::abs(*sum));
    }
}

} // namespace

TEST_CASE("a value is loaded once, multiplied once by each size of weight, and a weight of 1 needs no product") {
    const auto line = *line_of(dense(3, {2, 0, -1, -2, 1, 0, 3, 0, 1}));
    CHECK(line.sums == StraightSums::products);
    CHECK(line.sets);
    REQUIRE(line.groups.size() == 1);
    CHECK(line.groups[0].outputs == 3);
    REQUIRE(line.groups[0].blocks.size() == 1);
    using Step = StraightStep;
    const std::vector<Step> expected = {
        {Step::value, 0}, {Step::times, 2},       {Step::add_product, 0}, {Step::subtract_product, 1},
        {Step::times, 3}, {Step::add_product, 2}, {Step::value, 1},       {Step::add, 1},
        {Step::value, 2}, {Step::subtract, 0},    {Step::add, 2}};
    CHECK(line.groups[0].blocks[0].steps == expected);
}

TEST_CASE("the pointer moves on where ldd does not reach") {
    std::vector<std::int8_t> weights(200, 0);
    weights[63] = weights[64] = weights[120] = weights[199] = 1;
    const auto line = *line_of(dense(1, weights));
    CHECK(line.sums == StraightSums::signs);
    using Step = StraightStep;
    const std::vector<Step> expected = {{Step::value, 63}, {Step::add, 0},    {Step::move, 64}, {Step::value, 0},
                                        {Step::add, 0},    {Step::value, 56}, {Step::add, 0},   {Step::move, 135},
                                        {Step::value, 0},  {Step::add, 0}};
    CHECK(line.groups[0].blocks[0].steps == expected);
}

TEST_CASE("sums are as wide as what they begin with and their products need") {
    CHECK(line_of(dense(1, {127, 127, 2, 1, 1}))->sums == StraightSums::products); // 127 * 258 = 32766
    CHECK(line_of(dense(1, {127, 127, 2, 1, 1}, {2}))->sums == StraightSums::wide);
    CHECK(line_of(dense(1, {127, 127, 2, 2, 1}))->sums == StraightSums::wide);
    // A layer that sees several rows adds each to what is there already: one row must fit.
    fixed::Network rows;
    rows.spec = net::parse("F1", {1, 2, 3});
    rows.layers.emplace_back().weights = {127, 127, 4, 127, 127, 4};
    CHECK(line_of(rows)->sums == StraightSums::products);
    CHECK_FALSE(line_of(rows)->sets);
    // Two heads add to the same logits.
    Random random(1, "heads", 0);
    const auto heads = plain::random_network(net::parse("F3 =a F2 @a F2", {1, 1, 4}, 2), random);
    CHECK(line_of(heads, 0)->sets);
    CHECK_FALSE(line_of(heads, 1)->sets);
    CHECK_FALSE(line_of(heads, 2)->sets);
}

TEST_CASE("layers with too many weights are left to other formats") {
    CHECK(line_of(dense(1, std::vector<std::int8_t>(fixed::straight_limit, 1))).has_value());
    CHECK_FALSE(line_of(dense(1, std::vector<std::int8_t>(fixed::straight_limit + 1, 1))).has_value());
    CHECK(line_of(dense(12, std::vector<std::int8_t>(24, 0)))->groups.size() == 2); // no weight, but sums to be set
}

TEST_CASE("the steps of random dense layers give the sums, and none leaves its bits on the way") {
    for (std::uint64_t number = 0; number < 60; ++number) {
        CAPTURE(number);
        Random random(41, "straight", number);
        const int outputs = 1 + int(random.below(25)), width = 1 + int(random.below(150)),
                  height = number % 3 == 0 ? 1 + int(random.below(4)) : 1;
        const net::Spec spec = net::parse(text("F", outputs), {1, height, width}, number % 2 == 0 ? 8 : 2);
        fixed::Network network = plain::random_network(spec, random);
        plain::thin_out(network, random.uniform(0, 0.6), random);
        const auto line = line_of(network);
        if (!line) continue;
        std::vector<std::int8_t> x(std::size_t(width * height));
        for (std::int8_t& value : x) value = std::int8_t(random.below(128));
        std::vector<std::int64_t> found(std::size_t(outputs), 0);
        std::int64_t most = 0;
        for (const fixed::StraightGroup& group : line->groups)
            for (const fixed::StraightBlock& block : group.blocks) {
                std::vector<std::int64_t> sums(group.outputs, 0);
                run(block, x.data() + block.row * width, sums, most);
                for (std::size_t i = 0; i < sums.size(); ++i) found[group.first + i] += sums[i];
            }
        std::vector<std::int64_t> expected(std::size_t(outputs), 0);
        for (std::size_t o = 0; o < expected.size(); ++o)
            for (std::size_t i = 0; i < x.size(); ++i)
                expected[o] += std::int64_t{network.layers[0].weights[o * x.size() + i]} * x[i];
        CHECK(found == expected);
        CHECK(most <= (line->sums == StraightSums::wide ? (1 << 23) - 1 : 32767));
    }
}

TEST_CASE("the steps of random windows give the sums of a position, padded ones column by column") {
    for (const char* notation : {"C5k3v F2", "C5k3 F2", "C20k5v F2", "D3 F2", "C9k1 F2"})
        for (const int bits : {8, 2}) {
            CAPTURE(notation);
            Random random(42, notation, std::uint64_t(bits));
            fixed::Network network = plain::random_network(net::parse(notation, {6, 7, 9}, bits), random);
            plain::thin_out(network, 0.4, random);
            const net::Layer& spec = network.spec.layers[0];
            const auto line = *line_of(network);
            // A window over rows of 6 channels that are long enough; the kernel's first column stands at value 0.
            const int kernel = spec.kernel_height, depth = spec.kind == net::Kind::depthwise ? 1 : 6;
            std::vector<std::vector<std::int8_t>> rows(std::size_t(kernel), std::vector<std::int8_t>(6 * 9));
            for (auto& row : rows)
                for (std::int8_t& value : row) value = std::int8_t(random.below(128));
            std::vector<std::int64_t> found(std::size_t(spec.outputs), 0);
            std::int64_t most = 0;
            for (const fixed::StraightGroup& group : line.groups)
                for (const fixed::StraightBlock& block : group.blocks) {
                    CHECK((block.column >= 0) == (spec.padding == net::Padding::same && kernel > 1));
                    std::vector<std::int64_t> sums(group.outputs, 0);
                    run(block, rows[std::size_t(block.row)].data(), sums, most);
                    for (std::size_t i = 0; i < sums.size(); ++i) found[group.first + i] += sums[i];
                }
            std::vector<std::int64_t> expected;
            for (int o = 0; o < spec.outputs; ++o) {
                std::int64_t& sum = expected.emplace_back(0);
                for (int c = 0; c < depth; ++c)
                    for (int y = 0; y < kernel; ++y)
                        for (int x = 0; x < kernel; ++x)
                            sum += network.layers[0].weights[std::size_t(((o * depth + c) * kernel + y) * kernel + x)] *
                                   std::int64_t{rows[std::size_t(y)][std::size_t(x * 6 + (depth == 1 ? o : c))]};
            }
            CHECK(found == expected);
        }
}

TEST_CASE("on the host a layer of straight-line code gives the logits of a dense one") {
    Random random(43, "host", 0);
    fixed::Network network = plain::random_network(net::parse("C4k3 A2 F5", {2, 8, 8}, 4), random);
    plain::thin_out(network, 0.3, random);
    std::vector<std::uint8_t> picture(network.spec.input.size());
    for (std::uint8_t& value : picture) value = std::uint8_t(random.below(256));
    CHECK(Host(network, {fixed::Format::straight, fixed::Format::straight}).logits(picture) ==
          fixed::reference::logits(network, picture));
}
