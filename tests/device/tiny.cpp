// SPDX-License-Identifier: Apache-2.0
// A chip of 512 bytes of RAM that cannot multiply and has no serial line: the host's logits there too.
#include "simulate.hpp"
#include "small_model.hpp"
#include "tinysparse/net/notation.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;

namespace {

/// The first number of a refusal, which ends as it should.
std::size_t asked_for(const std::string& said, const std::string& end) {
    CAPTURE(said);
    CHECK(said.find(end) != said.npos);
    const std::size_t begin = said.find_first_of("0123456789");
    REQUIRE(begin != said.npos);
    return parse_number<std::size_t>(said.substr(begin, said.find_first_not_of("0123456789", begin) - begin)).value();
}

} // namespace

TEST_CASE("an ATtiny85 gives the host's logits within 512 bytes of RAM and 8 KB of flash") {
    if (const auto reason = simulator::missing(cost::target("uno"))) {
        MESSAGE("skipped: " << *reason);
        return;
    }
    const cost::Target& tiny = cost::target("attiny85");
    const auto simulated = [&](const char* notation, const net::Shape& input, int bits) {
        CAPTURE(notation);
        CAPTURE(bits);
        Random random(19, notation, std::uint64_t(bits));
        const auto model =
            small::model(plain::random_network(net::parse(notation, input, bits), random, input.width == 1), random);
        const data::Split split = small::random_samples(model.network, random, 4);
        const auto result = simulator::simulate(model, split, 4, tiny);
        CHECK(result.identical == 4);
        CHECK(result.ram_peak <= 512);
        CHECK(result.flash <= 8192);
        CHECK(result.cycles > 0);
        CHECK(*result.milliseconds == doctest::Approx(*result.cycles / 8000));
        return *result.cycles;
    };
    for (const int bits : {8, 4, 2}) {
        simulated("A2 C3k3 A2 F4", {1, 16, 16}, bits);
        simulated("D3 C2k1 M2 F3", {2, 9, 7}, bits);
    }
    simulated("A4 F10", {1, 28, 28}, 2);
    simulated("C3k3 F2", {2, 20, 1}, 4); // a series
}

TEST_CASE("networks of weights 1, 0 and -1 do not multiply there, and the gain is more than half of the cycles") {
    if (simulator::missing(cost::target("uno"))) return;
    const cost::Target& tiny = cost::target("attiny85");
    double cycles[2];
    for (const int bits : {4, 2}) {
        Random random(21, "ternary", 0); // the same picture for both
        const auto model = small::model(
            plain::random_network(net::parse("A2 C6k3 M2 C16k3 M2 F10", {1, 28, 28}, bits), random), random);
        Random samples(22, "ternary", 0);
        const auto result = simulator::simulate(model, small::random_samples(model.network, samples, 1), 1, tiny);
        CHECK(result.identical == 1);
        cycles[bits == 4 ? 0 : 1] = *result.cycles;
    }
    CHECK(cycles[1] < 0.5 * cycles[0]);
}

TEST_CASE("what an ATtiny85 has no room for is refused, as are chips that have no memory program") {
    if (simulator::missing(cost::target("uno"))) return;
    Random random(20, "tiny", 0);
    for (const char* notation : {"C16k3 A2 F4", "F30 F4"}) { // too much RAM, too much flash
        CAPTURE(notation);
        const auto model = small::model(plain::random_network(net::parse(notation, {1, 28, 28}, 4), random), random);
        const data::Split split = small::random_samples(model.network, random, 1);
        CHECK_THROWS_AS(simulator::simulate(model, split, 1, cost::target("attiny85")), Error);
    }
    // Every size from one that fits to one whose variables do not: the stack between them is seen.
    int refused = 0;
    for (int outputs = 1; outputs <= 127; outputs += 14) {
        const auto model =
            small::model(plain::random_network(net::parse(text("A7 F", outputs), {1, 28, 28}, 2), random), random);
        const data::Split split = small::random_samples(model.network, random, 1);
        try {
            const auto result = simulator::simulate(model, split, 1, cost::target("attiny85"));
            CHECK(refused == 0);
            CHECK(result.identical == 1);
            CHECK(result.ram_peak < 512);
        } catch (const Error& error) { // of the export, or of the program: variables, or its stack as well
            ++refused;
            CHECK(asked_for(error.what(), " attiny85 has 512") >= 512);
        }
    }
    CHECK(refused > 0);
    // The linker counts flash: constants of less than 8 KB, and the code.
    const auto large = small::model(plain::random_network(net::parse("A2 F34 F4", {1, 28, 28}, 8), random), random);
    try {
        simulator::simulate(large, small::random_samples(large.network, random, 1), 1, cost::target("attiny85"));
        FAIL("the program fits");
    } catch (const simulator::DoesNotFit& error) {
        const std::size_t flash = asked_for(error.what(), " bytes of flash, attiny85 has 8192");
        CHECK(flash > 8192);
        CHECK(flash < 8192 + 3000);
    }
    cost::Target other = cost::target("attiny85");
    other.chip = "attiny84";
    other.name = "mine";
    const auto small_one = small::model(plain::random_network(net::parse("F2", {1, 4, 4}, 4), random), random);
    CHECK_THROWS_AS(simulator::simulate(small_one, small::random_samples(small_one.network, random, 1), 1, other),
                    Error);
}
