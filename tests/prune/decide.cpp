// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/prune/decide.hpp"
#include "tinysparse/net/notation.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using prune::decide;
using Side = prune::GroupMember::Side;

namespace {

net::Spec spec_of(const char* notation) { return net::parse(notation, {1, 6, 6}); }

/// Random scores of every weight.
prune::Ranking random_ranking(const net::Spec& spec) {
    Random random(2, "scores");
    prune::Ranking ranking;
    for (const prune::LayerMask& mask : prune::all_kept(spec)) {
        ranking.scores.emplace_back();
        for (std::size_t k = 0; k < mask.weights.size(); ++k) ranking.scores.back().push_back(float(random.uniform()));
        ranking.thresholds.push_back({0.5f});
    }
    return ranking;
}

} // namespace

TEST_CASE("a budget keeps the best weights of the whole network") {
    const net::Spec spec = spec_of("C4k3 F5");
    const prune::Ranking ranking = random_ranking(spec);
    std::vector<float> all;
    for (const auto& scores : ranking.scores) all.insert(all.end(), scores.begin(), scores.end());
    std::sort(all.begin(), all.end(), std::greater<>());
    for (const double keep : {0.5, 0.9, 1.0}) {
        CAPTURE(keep);
        const std::size_t budget = std::size_t(std::llround(keep * double(all.size())));
        const prune::Masks masks = decide(spec, ranking, keep);
        CHECK(prune::kept(masks) == budget); // no channel is without weights at these shares
        for (std::size_t i = 0; i < masks.size(); ++i)
            for (std::size_t k = 0; k < masks[i].weights.size(); ++k)
                CHECK(bool(masks[i].weights[k]) == (ranking.scores[i][k] >= all[budget - 1]));
    }
}

TEST_CASE("equal scores fill the budget from the front") {
    const net::Spec spec = spec_of("F4");
    prune::Ranking ranking;
    ranking.scores.emplace_back(4 * 36, 1.0f);
    const prune::Masks masks = decide(spec, ranking, 0.25);
    CHECK(prune::kept(masks) == 36);
    CHECK(masks[0].weights[35] == 1);
    CHECK(masks[0].weights[36] == 0);
}

TEST_CASE("without a budget the thresholds decide") {
    const net::Spec spec = spec_of("C4k3 F5");
    const prune::Ranking ranking = random_ranking(spec);
    const prune::Masks masks = decide(spec, ranking, std::nullopt);
    for (std::size_t i = 0; i < masks.size(); ++i)
        for (std::size_t k = 0; k < masks[i].weights.size(); ++k)
            CHECK(bool(masks[i].weights[k]) == (ranking.scores[i][k] >= 0.5f));
}

TEST_CASE("groups leave from the worst until the budget is met, with what reads them") {
    const net::Spec spec = spec_of("C4k3n F5"); // 36 weights, then 5 x 4 x 36
    prune::Ranking ranking;
    for (std::size_t c = 0; c < 4; ++c)
        ranking.groups.push_back({double((c + 2) % 4), {{0, Side::output, c}}}); // worst first: 2, 3, 0, 1
    const prune::Masks masks = decide(spec, ranking, 0.5);
    CHECK(masks[0].channels == std::vector<std::uint8_t>{1, 1, 0, 0});
    const auto reports = prune::report(spec, masks);
    CHECK(reports[0].kept == 18);
    CHECK(reports[0].channels == 2);
    CHECK(reports[1].kept == 5 * 2 * 36);
    CHECK(reports[1].read == 2 * 36);
    SUBCASE("by a threshold") {
        ranking.group_threshold = 1;
        CHECK(decide(spec, ranking, std::nullopt)[0].channels == std::vector<std::uint8_t>{1, 1, 0, 1});
    }
    SUBCASE("and the last of a layer stays") {
        CHECK(decide(spec, ranking, 0.01)[0].channels == std::vector<std::uint8_t>{0, 1, 0, 0});
    }
}

TEST_CASE("the last group of a layer stays, and those ranked behind it leave in its place") {
    const net::Spec spec = spec_of("C4k3n C8k3n F5"); // 36, 288 and 1440 weights
    prune::Ranking ranking;
    for (std::size_t c = 0; c < 8; ++c) ranking.groups.push_back({double(c), {{1, Side::output, c}}});
    for (std::size_t c = 0; c < 4; ++c) ranking.groups.push_back({double(10 + c), {{0, Side::output, c}}});
    const prune::Masks masks = decide(spec, ranking, 0.11); // of 1764: 1 x 9 + 1 x 9 + 180 would be 198, more than 194
    CHECK(masks[1].channels == std::vector<std::uint8_t>{0, 0, 0, 0, 0, 0, 0, 1});
    CHECK(masks[0].channels == std::vector<std::uint8_t>{0, 0, 0, 1});
    SUBCASE("as few as the budget demands") { // 4 x 9 + 4 x 9 + 180 = 252; without one channel more 234
        CHECK(decide(spec, ranking, 240.0 / 1764)[0].channels == std::vector<std::uint8_t>{0, 1, 1, 1});
    }
    SUBCASE("the threshold knows no budget") {
        ranking.group_threshold = 11;
        const prune::Masks by_threshold = decide(spec, ranking, std::nullopt);
        CHECK(by_threshold[1].channels == std::vector<std::uint8_t>{0, 0, 0, 0, 0, 0, 0, 1});
        CHECK(by_threshold[0].channels == std::vector<std::uint8_t>{0, 1, 1, 1});
    }
}

TEST_CASE("an input of a dense layer takes its column, and the channel behind it that nothing else reads") {
    const net::Spec spec = spec_of("F3 F5"); // 3 x 36, then 5 x 3
    prune::Ranking ranking;
    ranking.groups = {{0, {{1, Side::input, 2}}}, {1, {{1, Side::input, 0}}}, {2, {{1, Side::input, 1}}}};
    const prune::Masks masks = decide(spec, ranking, 0.7);
    const auto reports = prune::report(spec, masks);
    CHECK(reports[0].channels == 2); // the neuron that fed it
    CHECK(reports[0].kept == 2 * 36);
    CHECK(reports[1].read == 2);
    CHECK(reports[1].kept == 10);
}

TEST_CASE("an input of a convolution over all positions is one of a dense layer's") {
    const net::Spec spec = spec_of("C3k6v F5"); // 3 x 36, then 5 x 3
    prune::Ranking ranking;
    for (std::size_t k = 0; k < 36; ++k) ranking.groups.push_back({double(k), {{0, Side::input, k}}});
    const prune::Masks masks = decide(spec, ranking, 63.0 / 123); // 15 and 16 columns of three
    for (std::size_t o = 0; o < 3; ++o)
        for (std::size_t k = 0; k < 36; ++k) CHECK(bool(masks[0].weights[o * 36 + k]) == (k >= 20));
    ranking.groups = {{0, {{0, Side::input, 36}}}};
    CHECK_THROWS_WITH_AS(decide(spec, ranking, 0.5), "a group has input 36 of layer 1, which the network does not have",
                         Error);
    ranking.groups = {{0, {{0, Side::input, 0}}}};
    CHECK_THROWS_AS(decide(spec_of("C3k3 F5"), ranking, 0.5), Error); // no input is read by one window alone
}

TEST_CASE("a share out of range is an error") {
    const net::Spec spec = spec_of("F3");
    CHECK_THROWS_WITH_AS(decide(spec, random_ranking(spec), 0.0), "the share of weights to keep, 0, is not in 0..1",
                         Error);
    CHECK_THROWS_AS(decide(spec, random_ranking(spec), 1.5), Error);
}

TEST_CASE("useless weights: those of channels that nothing reads, and those that read what left") {
    const net::Spec spec = spec_of("C2k3n =a C2k3n +a F5");
    prune::Masks masks = prune::all_kept(spec);
    const auto clear = [&](std::size_t layer, std::size_t first, std::size_t count) {
        std::fill_n(masks[layer].weights.begin() + std::ptrdiff_t(first), count, std::uint8_t{0});
    };
    for (std::size_t o = 0; o < 5; ++o) clear(2, o * 72 + 36, 36); // nothing reads channel 1 of the sum
    prune::remove_useless(spec, masks);
    const auto reports = prune::report(spec, masks);
    CHECK(reports[1].channels == 1);
    CHECK(reports[0].channels == 2); // channel 1 of the first layer is read by channel 0 of the second
    masks[0].channels = {1, 0};
    clear(0, 9, 9);
    CHECK(prune::remove_useless(spec, masks) == 9); // what channel 0 of the second read of it
}

TEST_CASE("a budget of bytes keeps the most weights that fit it, and refuses what nothing fits") {
    const net::Spec spec = spec_of("F5L T3d2");
    const prune::Ranking ranking = random_ranking(spec);
    const auto stored = [](const prune::Masks& masks) { return 100 + 2 * prune::kept(masks); };
    CHECK(prune::kept(prune::decide_within(spec, ranking, 241, stored)) == 70);
    CHECK(prune::kept(prune::decide_within(spec, ranking, 100000, stored)) == net::weights(spec));
    CHECK_THROWS_WITH_AS(prune::decide_within(spec, ranking, 103, stored),
                         "a budget of 103 bytes is too small: one weight per layer takes 104 bytes as stored; allow at "
                         "least as many, or take fewer classes or a smaller network",
                         Error);
}

TEST_CASE("the rows of a tree are its channels: none is useless, and what none of them reads is") {
    const net::Spec spec = spec_of("F5L T3d2");
    prune::Masks masks = prune::all_kept(spec);
    const std::size_t rows = std::size_t(net::weight_rows(spec.layers[1]));
    for (std::size_t row = 0; row < rows; ++row) masks[1].weights[row * 5 + 2] = 0; // z_2 is read by nothing
    CHECK(prune::remove_useless(spec, masks) == 36);
    CHECK(prune::kept(masks[1]) == 4 * rows);
    const std::vector<prune::LayerReport> reports = prune::report(spec, masks);
    CHECK(reports[1].outputs == rows);
    CHECK(reports[1].read == 4);
    CHECK(reports[0].channels == 4);
}
