// SPDX-License-Identifier: Apache-2.0
// A chip of 512 bytes of RAM that cannot multiply and has no serial line: the host's logits there too.
#include "machine.hpp"
#include "of_network.hpp"
#include "simulate.hpp"
#include "skipped.hpp"
#include "small_model.hpp"
#include "tinysparse/deploy/export.hpp"
#include "tinysparse/net/notation.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using testing::is_skipped;

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
    if (is_skipped(cost::target("uno"))) return;
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

namespace {

/// Times avr-gcc's product of 16 bits for all pairs of 8 bits with the chip's own timer: the longest call with a value
/// that is not negative, the longest with any, and the one with two zeros. Each includes the same time around it.
constexpr std::string_view product_program = R"(#include <avr/io.h>
#include <stdint.h>
extern "C" int16_t __mulhi3(int16_t weight, int16_t value);
static int32_t results[3];
static volatile int16_t sink;
static __attribute__((noinline)) uint8_t timed(int16_t weight, int16_t value) {
    const uint8_t begin = TCNT0;
    sink = __mulhi3(weight, value);
    return uint8_t(TCNT0 - begin);
}
int main() {
    TCCR0B = 1;
    for (int16_t weight = -128; weight < 128; ++weight)
        for (int16_t value = -128; value < 128; ++value) {
            const uint8_t taken = timed(weight, value);
            if (value >= 0 && taken > results[0]) results[0] = taken;
            if (taken > results[1]) results[1] = taken;
        }
    results[2] = timed(0, 0);
    GPIOR2 = uint8_t(uint16_t(results));
    GPIOR1 = uint8_t(0x80 | uint8_t(uint16_t(results) >> 8));
    GPIOR2 = 0;
    GPIOR0 = 2;
    for (;;) {}
}
)";

/// A network all of whose values become 127 if the picture is bright, or -128 behind its linear layers, and whose
/// weights are odd, so that each product takes longest.
fixed::Network slowest_network(const char* line, const net::Shape& input, int bits, bool series) {
    Random random(31, "slowest", 0);
    fixed::Network network = plain::random_network(net::parse(line, input, bits), random, series);
    if (series) network.input.shift.assign(network.input.shift.size(), 1);
    for (std::size_t i = 0; i < network.layers.size(); ++i) {
        const bool linear = network.spec.layers[i].activation == net::Activation::linear;
        for (std::int8_t& weight : network.layers[i].weights)
            weight = std::int8_t((linear ? -1 : 1) * (bits == 8 ? 127 : bits == 4 ? 7 : 1));
        if (i + 1 < network.layers.size()) network.layers[i].shift = 1;
    }
    return network;
}

/// The random samples, and after them samples of a single value each.
data::Split with_extremes(const fixed::Network& network, Random& random, std::size_t count) {
    data::Split split = small::random_samples(network, random, count);
    const std::size_t size = network.spec.input.size();
    const bool series = network.input.series;
    for (const int value : series ? std::vector{-32768, -1, 0, 32767} : std::vector{0, 1, 128, 255}) {
        if (series)
            split.values.insert(split.values.end(), size, std::int16_t(value));
        else
            split.pixels.insert(split.pixels.end(), size, std::uint8_t(value));
        split.labels.push_back(0);
        ++split.samples;
    }
    return split;
}

} // namespace

TEST_CASE("avr-gcc's product takes no longer than the bound of the time counts for it, whatever weight and value") {
    if (simulator::missing(cost::target("uno"))) return;
    const ScratchFolder folder;
    const cost::Target& tiny = cost::target("attiny85");
    Random random(30, "product", 0);
    const auto model = small::model(plain::random_network(net::parse("F2", {1, 2, 2}, 4), random), random);
    deploy::write_export(model, tiny, folder.path(), {.name = "network"});
    write_file(folder.path() + "/main.cpp", std::string(product_program));
    simulator::Machine machine(simulator::compile(folder.path(), tiny), tiny);
    const std::vector<std::int32_t> taken = machine.run({}, 1, 3).logits;
    CHECK(taken[0] - taken[2] == cost::longest_product - 14); // 14: clr, clr, rjmp, sbiw, breq, mov, mov, ret
    CHECK(taken[1] - taken[2] == cost::longest_signed_product - 14);
}

TEST_CASE("no sample takes longer on a chip without a multiplier than the bound of simulate, nor than the header's") {
    if (is_skipped(cost::target("uno"))) return;
    const cost::Target& tiny = cost::target("attiny85");
    double widest = 0;
    const auto check = [&](const fixed::Network& network, double most_ratio) {
        Random random(32, "bound", 0);
        const auto model = small::model(network, random);
        const data::Split few = small::random_samples(network, random, 2), many = with_extremes(network, random, 12);
        const auto seen = simulator::simulate(model, few, 2, tiny);
        const auto all = simulator::simulate(model, many, many.samples, tiny);
        const double of_header = of_network::costs(network, tiny).longest_cycles.value();
        CAPTURE(net::notation(network.spec));
        CHECK(all.identical == many.samples);
        CHECK(seen.longest_cycles.value() >= *all.slowest_cycles);
        CHECK(of_header >= *all.slowest_cycles);
        CHECK(seen.longest_cycles.value() < most_ratio * *all.slowest_cycles);
        widest = std::max({widest, *seen.longest_cycles / *all.slowest_cycles, of_header / *all.slowest_cycles});
    };
    for (const bool series : {false, true})
        for (const int bits : {8, 4, 2})
            for (const std::string line : {"C3k3 M2 D3L C4k1 F3", "A3 C4k5s2 A2 F5 F2"}) {
                CAPTURE(series);
                CAPTURE(bits);
                const net::Shape input = series ? net::Shape{2, 40, 1} : net::Shape{1, 15, 12};
                Random random(33, line, std::uint64_t(bits));
                check(plain::random_network(net::parse(line, input, bits), random, series), 3);
                if (line[0] == 'C') check(slowest_network(line.c_str(), input, bits, series), 2);
            }
    MESSAGE("largest bound: " << widest << " times the slowest sample");
}
