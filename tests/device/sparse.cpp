// SPDX-License-Identifier: Apache-2.0
// Lists of nonzero weights on the simulated chip: in every format, in assembly and in C++, the host's logits; and the
// flash that is promised for the formats that are chosen.
#include "of_network.hpp"
#include "simulate.hpp"
#include "skipped.hpp"
#include "small_model.hpp"
#include "tinysparse/cost/device.hpp"
#include "tinysparse/net/notation.hpp"
#include <cmath>
#include <doctest/doctest.h>

using namespace tinysparse;
using testing::is_skipped;

namespace {

/// Each layer in a sparse format that holds it, the one asked for where it does.
std::vector<fixed::Format> sparse(const fixed::Network& network, fixed::Format wanted) {
    const fixed::Lowered lowered(network);
    std::vector<fixed::Format> formats;
    for (std::size_t i = 0; i < lowered.size(); ++i) {
        const bool holds = fixed::encode_lists(lowered, i, wanted).has_value();
        formats.push_back(holds ? wanted : fixed::Format::csr);
    }
    return formats;
}

} // namespace

TEST_CASE("lists of nonzero weights give the host's logits on the chip, in every format") {
    if (is_skipped(cost::target("uno"))) return;
    struct Case {
        const char* line;
        net::Shape input;
        int bits;
        fixed::Format format;
    };
    const Case cases[] = {
        {"C4k3 C5k3s2 C3k3v F3", {1, 9, 13}, 8, fixed::Format::csr},
        {"C6k1 M2 C5k1s2 A2 C4k1 =a C4k1L +a G F3", {3, 15, 17}, 4, fixed::Format::nibble},
        {"C3k3 D3L C7k1 D3s2 C6k1L D3v C5k1 F5", {2, 11, 10}, 2, fixed::Format::ternary},
        {"C70k1 C3k3 D5 F2", {1, 5, 6}, 4, fixed::Format::csr}, // values further apart than ldd reaches
        {"C3k5 A2 D4v F9 F3", {2, 8, 9}, 2, fixed::Format::ternary},
        // Blocks of five and six positions, whole, overlapping and pooled.
        {"C5k3v A3 C7k1 M2 C6k1 F3", {1, 12, 26}, 4, fixed::Format::nibble},
        {"C5k5v M2 C7k1 A2 C6k1L G F3", {1, 14, 28}, 2, fixed::Format::ternary},
        {"C4k3v C3k1s2 F2", {1, 7, 13}, 4, fixed::Format::csr},
        // The same where values of neighbouring positions are further apart than ldd reaches.
        {"C14k1 C5k3v C33k1 C4k1s2 F2", {1, 4, 14}, 4, fixed::Format::nibble},
        {"C70k1 C5k1 C14k1 C4k3v F2", {1, 4, 14}, 2, fixed::Format::ternary},
        {"C14k1 C5k3v C33k1 C4k1s2 F2", {1, 4, 14}, 4, fixed::Format::csr},
    };
    for (const Case& c : cases) {
        CAPTURE(c.line);
        Random random(21, c.line, 0);
        fixed::Network network = plain::random_network(net::parse(c.line, c.input, c.bits), random);
        plain::thin_out(network, 0.4, random);
        const auto model = small::model(network, random);
        const data::Split split = small::random_samples(network, random, 2);
        for (const std::vector<std::string>& definitions :
             {std::vector<std::string>{}, std::vector<std::string>{"TINYSPARSE_NO_ASM"}})
            CHECK(simulator::simulate(model, split, 2, cost::target("uno"), definitions, sparse(network, c.format))
                      .identical == 2);
    }
}

TEST_CASE("pruned networks are exported in the formats that were promised, and cost what was predicted") {
    if (is_skipped(cost::target("uno"))) return;
    for (const char* line : {"A2 C5k3 A2 C9k3 A2 F10", "C4k3s2 D3L C8k1 A2 C14k1 A2 F20 F10"}) {
        CAPTURE(line);
        Random random(22, line, 0);
        fixed::Network network = plain::random_network(net::parse(line, {1, 28, 28}, 8), random);
        plain::thin_out(network, 0.15, random);
        const auto formats = of_network::formats(network);
        CHECK(std::count(formats.begin(), formats.end(), fixed::Format::dense) < std::ptrdiff_t(formats.size()));
        const cost::Costs costs = of_network::costs(network, cost::target("uno"));
        const std::vector<fixed::Format> dense(formats.size(), fixed::Format::dense);
        CHECK(*costs.flash < of_network::costs(network, cost::target("uno"), dense).flash);
        const auto model = small::model(network, random);
        const data::Split split = small::random_samples(network, random, 2);
        const auto result = simulator::simulate(model, split, 2, cost::target("uno"));
        CHECK(result.identical == 2);
        CHECK(std::abs(double(*costs.flash) / double(result.flash) - 1) < 0.06);
        CHECK(std::abs(*costs.cycles / *result.cycles - 1) < 0.08);
        CHECK(std::abs(double(result.ram) - double(*costs.ram)) <= 32);
    }
}
