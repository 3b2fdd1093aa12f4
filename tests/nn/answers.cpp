// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/nn/answers.hpp"
#include "load_data.hpp"
#include "tinysparse/net/notation.hpp"
#include <doctest/doctest.h>
#include <set>

using namespace tinysparse;
using namespace tinysparse::nn;

TEST_CASE("a network answers with its largest logit, sample by sample, whatever the batch") {
    const data::Dataset set = load_data("synthetic:strokes,samples=200");
    Team team(1);
    std::vector<std::vector<std::uint8_t>> all;
    for (const std::size_t batch : {7u, 64u}) {
        Network network(net::parse("A4 C3k3 F10", {1, 28, 28}), {.batch = batch});
        network.initialise(2);
        Loader loader(set, network.spec());
        all.push_back(answers(network, loader, set.validation, team));
        const std::uint32_t last = std::uint32_t(set.validation.samples - 1);
        loader.load(set.validation, std::span(&last, 1), network);
        network.graph().forward(autograd::Mode::evaluation, team);
        std::uint8_t largest = 0;
        for (int k = 1; k < 10; ++k)
            if (network.logits().at(0, k) > network.logits().at(0, largest)) largest = std::uint8_t(k);
        CHECK(all.back().back() == largest);
        std::vector<float> last_logits;
        for (int k = 0; k < 10; ++k) last_logits.push_back(network.logits().at(0, k));
        const std::vector<float> found = logits(network, loader, set.validation, team);
        REQUIRE(found.size() == 10 * set.validation.samples);
        CHECK(std::vector<float>(found.end() - 10, found.end()) == last_logits);
        for (std::size_t i = 0; i < set.validation.samples; ++i) {
            const auto begin = found.begin() + std::ptrdiff_t(10 * i);
            CHECK(std::max_element(begin, begin + 10) - begin == all.back()[i]);
        }
    }
    REQUIRE(all[0].size() == set.validation.samples);
    CHECK(all[0] == all[1]);
    CHECK(std::set<std::uint8_t>(all[0].begin(), all[0].end()).size() > 1);
}

TEST_CASE("the largest logit of each sample is its answer, the first of equal ones") {
    const std::vector<float> logits{1, 3, 3, 0, 2, 1};
    CHECK(largest_logits(logits, 3) == std::vector<std::uint8_t>{1, 1});
    CHECK_THROWS_WITH_AS(largest_logits(logits, 4), "6 logits are no whole number of samples of 4 classes", Error);
    CHECK_THROWS_AS(largest_logits(logits, 0), Error);
}

TEST_CASE("accuracy is the share of answers that are right, 0 for an empty part") {
    data::Split part;
    CHECK(accuracy(part, {}) == 0);
    part.samples = 4;
    part.labels = {1, 0, 2, 2};
    CHECK(accuracy(part, std::vector<std::uint8_t>{1, 1, 2, 0}) == 0.5);
}

TEST_CASE("numbers of outputs and their root mean squared error, by hand") {
    const std::vector<Quantity> quantities = {{"a", 10, 2}, {"b", 0, 0.5f}};
    const std::vector<float> numbers = numbers_of(std::vector<float>{1, 1, -3, 4}, quantities);
    CHECK(numbers == std::vector<float>{12, 0.5f, 4, 2});
    data::Split part;
    CHECK(rmse(part, {}).empty());
    part.samples = 2;
    part.targets = {12, 0, 8, 2};
    CHECK(rmse(part, numbers) == std::vector<double>{std::sqrt(8.0), std::sqrt(0.125)});
}
