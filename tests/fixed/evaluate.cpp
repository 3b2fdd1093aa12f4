// SPDX-License-Identifier: Apache-2.0
#include "host.hpp"
#include "random_spec.hpp"
#include "tinysparse/fixed/proof.hpp"
#include "tinysparse/fixed/reference.hpp"
#include "tinysparse/fixed/samples.hpp"
#include "tinysparse/net/notation.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;

namespace {

template <class Raw> std::vector<Raw> random_input(const fixed::Network& network, Random& random) {
    const net::Shape& shape = network.spec.input;
    std::vector<Raw> raw(shape.size());
    const bool extreme = random.chance(0.1), near = network.input.series && random.chance(0.5);
    for (std::size_t i = 0; i < raw.size(); ++i)
        if (near) // the offsets, where a shift to the left matters
            raw[i] = Raw(network.input.offset[i % std::size_t(shape.channels)] + int(random.below(400)) - 200);
        else
            raw[i] = Raw(extreme ? (random.chance(0.5) ? 255 : 0) : random.below(sizeof(Raw) == 1 ? 256 : 65536));
    return raw;
}

template <class Raw> void check_equal(const fixed::Network& network, Random& random, int samples) {
    Host host(network);
    for (int sample = 0; sample < samples; ++sample) {
        const auto raw = random_input<Raw>(network, random);
        const auto expected = fixed::reference::logits(network, raw);
        CHECK(host.logits(raw) == expected);
    }
}

} // namespace

TEST_CASE("the kernels give the logits of the plain arithmetic") {
    for (const char* line :
         {"F3", "C4k3 F5", "A2 C5k3 D3L C9k1 A2 D3vL F10", "C4k3 A2 D3L C6k1 D3L C6k1 A2 D3L C8k1 A2 D3vL F10"}) {
        CAPTURE(line);
        for (const int bits : {8, 4, 2}) {
            Random random(7, line, std::uint64_t(bits));
            check_equal<std::uint8_t>(plain::random_network(net::parse(line, {1, 28, 28}, bits), random), random, 3);
        }
    }
}

TEST_CASE("2000 random networks give the logits of the plain arithmetic") {
    int compared = 0;
    for (std::uint64_t n = 0; n < 2000; ++n) {
        CAPTURE(n);
        Random random(1, "networks", n);
        const bool series = random.chance(0.2);
        net::Shape input = plain::random_picture(random);
        if (series) input = {1 + int(random.below(3)), 1 + int(random.below(40)), 1};
        const net::Spec spec = plain::random_spec(input, random, 6);
        CAPTURE(net::notation(spec));
        const fixed::Network network = plain::random_network(spec, random, series);
        try {
            fixed::prove(network);
        } catch (const Error&) { // full random weights of 8 bits can exceed the bound; such a network may not run
            continue;
        }
        if (series)
            check_equal<std::int16_t>(network, random, 3);
        else
            check_equal<std::uint8_t>(network, random, 3);
        ++compared;
    }
    CHECK(compared >= 1950);
}

TEST_CASE("samples of another size than the network reads are an Error with both sizes") {
    Random random(1);
    const fixed::Network network = plain::random_network(net::parse("A2 F3", {1, 28, 28}, 8), random);
    const std::vector<std::uint8_t> pixels(2 * 14 * 14), labels = {0, 1};
    fixed::Samples samples;
    samples.pixels = pixels;
    samples.labels = labels;
    CHECK_THROWS_WITH_AS(host_classes(network, samples),
                         "the network reads pictures of 1x28x28; 2 samples of that size have 1568 elements, these have "
                         "392",
                         Error);
}

TEST_CASE("samples are viewed where they lie, in whatever holds them under the names of data::Split") {
    struct Held {
        std::vector<std::uint8_t> pixels, labels;
        std::vector<std::int16_t> values;
    } held{{1, 2, 3, 4}, {0, 1}, {}};
    const fixed::Samples samples = held;
    CHECK(samples.size() == 2);
    CHECK(samples.pixels.data() == held.pixels.data());
    CHECK(samples.values.empty());
    static_assert(!std::is_convertible_v<int, fixed::Samples>);
}
