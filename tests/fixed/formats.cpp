// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/fixed/formats.hpp"
#include "tinysparse/base/random.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;

namespace {

using Options = std::vector<std::vector<fixed::FormatOption>>;

/// Bytes and cycles of a choice.
fixed::FormatOption total(const Options& layers, const std::vector<fixed::Format>& formats) {
    fixed::FormatOption sum;
    for (std::size_t i = 0; i < layers.size(); ++i)
        for (const fixed::FormatOption& option : layers[i])
            if (option.format == formats[i]) {
                sum.bytes += option.bytes;
                sum.cycles += option.cycles;
            }
    return sum;
}

/// The least of one quantity among all choices, the other at most `limit`, by trying them all.
double brute_force(const Options& layers, std::size_t from, fixed::FormatOption sum, bool fewest_bytes, double limit) {
    if (from == layers.size())
        return (fewest_bytes ? sum.cycles : sum.bytes) <= limit ? (fewest_bytes ? sum.bytes : sum.cycles) : 1e9;
    double best = 1e9;
    for (const fixed::FormatOption& option : layers[from])
        best = std::min(best, brute_force(layers, from + 1,
                                          {option.format, sum.bytes + option.bytes, sum.cycles + option.cycles},
                                          fewest_bytes, limit));
    return best;
}

Options random_options(Random& random) {
    Options layers(1 + random.below(6));
    for (auto& options : layers) {
        options.push_back({fixed::Format::dense, 1.0 + random.below(50), 1.0 + random.below(50)});
        for (const fixed::Format format : fixed::sparse_formats)
            if (random.chance(0.7)) options.push_back({format, 1.0 + random.below(50), 1.0 + random.below(50)});
    }
    return layers;
}

} // namespace

TEST_CASE("formats are the best of all choices within a budget") {
    for (std::uint64_t number = 0; number < 60; ++number) {
        CAPTURE(number);
        Random random(3, "formats", number);
        const Options layers = random_options(random);
        const double most = 10 + random.below(200);
        CHECK(total(layers, fixed::choose_formats(layers)).bytes == brute_force(layers, 0, {}, true, 1e8));
        const double bytes = brute_force(layers, 0, {}, true, most), cycles = brute_force(layers, 0, {}, false, most);
        if (bytes < 1e9) {
            const auto found = total(layers, fixed::choose_formats(layers, {.cycles = most, .bytes = {}}));
            CHECK(found.bytes == bytes);
            CHECK(found.cycles <= most);
        } else {
            CHECK_THROWS_AS(fixed::choose_formats(layers, {.cycles = most, .bytes = {}}), Error);
        }
        if (cycles < 1e9) {
            const auto found = total(layers, fixed::choose_formats(layers, {.cycles = {}, .bytes = most}));
            CHECK(found.cycles == cycles);
            CHECK(found.bytes <= most);
        } else {
            CHECK_THROWS_AS(fixed::choose_formats(layers, {.cycles = {}, .bytes = most}), Error);
        }
    }
}

TEST_CASE("a budget that cannot be met is an error that says what can") {
    const Options layers = {{{fixed::Format::dense, 100, 40}, {fixed::Format::csr, 60, 90}}};
    CHECK_THROWS_WITH_AS(fixed::choose_formats(layers, {.cycles = 39, .bytes = {}}),
                         "the fastest formats take 40 cycles, more than 39; allow more or prune the network", Error);
    CHECK_THROWS_WITH_AS(fixed::choose_formats(layers, {.cycles = {}, .bytes = 59}),
                         "the smallest formats take 60 bytes, more than 59; allow more or prune the network", Error);
    CHECK_THROWS_WITH_AS(fixed::choose_formats(layers, {.cycles = 49, .bytes = {}}, {fixed::Format::dense, 7, 10}),
                         "the fastest formats take 50 cycles, more than 49; allow more or prune the network", Error);
    CHECK(fixed::choose_formats({}).empty());
}
