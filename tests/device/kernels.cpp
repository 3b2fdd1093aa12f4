// SPDX-License-Identifier: Apache-2.0
// The kernels of mcu/ on the simulated chip: the loops in assembly and their twins in C++ give the host's logits, and
// take no more cycles than they should. Cycles of the simulator are exact, so the bounds are as well.
#include "../../tools/bench/device.hpp"
#include "machine.hpp"
#include "process.hpp"
#include "random_network.hpp"
#include "simulate.hpp"
#include "skipped.hpp"
#include "small_model.hpp"
#include "tinysparse/base/files.hpp"
#include "tinysparse/deploy/export.hpp"
#include "tinysparse/net/notation.hpp"
#include <doctest/doctest.h>
#include <map>

using namespace tinysparse;
using testing::is_skipped;

namespace {

/// Number of samples for which the chip gives all logits of the host.
std::size_t identical(const fixed::Model& model, Random& random, const std::vector<std::string>& definitions) {
    const data::Split split = small::random_samples(model.network, random, 2);
    return simulator::simulate(model, split, 2, cost::target("uno"), definitions).identical;
}

/// Stores every sum of 16 bits at every shift through the assembly, in blocks of @BLOCK@, and answers with how many
/// values are not the clamped floor of the quotient, 255 for more.
constexpr std::string_view store_program = R"(namespace mcu = network::mcu;
static int8_t values[3 * @BLOCK@];
static uint8_t wrong = 0;
template <uint8_t shift_, int8_t lowest_> struct Geometry {
    static constexpr uint8_t block = @BLOCK@, outputs = 3, shift = shift_;
    static constexpr int8_t lowest = lowest_;
};
template <class G> __attribute__((noinline)) void store_all() {
    for (uint32_t first = 0; first < 65536; first += G::block) {
        mcu::Sums<int16_t, G::block> sums;
        for (uint8_t i = 0; i < G::block; ++i) sums.value[i] = int16_t(uint16_t(first + i));
        mcu::StoreAssembly<G>::run(sums, values);
        for (uint8_t i = 0; i < G::block; ++i) {
            const int16_t quotient = int16_t(uint16_t(first + i)) >> G::shift;
            const int16_t expected = quotient > 127 ? 127 : quotient < G::lowest ? G::lowest : quotient;
            if (values[3 * i] != expected && wrong < 255) ++wrong;
        }
    }
}
template <uint8_t shift> struct Shifts {
    static void run() {
        store_all<Geometry<shift, 0> >();
        store_all<Geometry<shift, -128> >();
        Shifts<shift - 1>::run();
    }
};
template <> struct Shifts<0> {
    static void run() {}
};
int main() {
    Shifts<14>::run();
    answer(wrong);
}
)";

/// Compares values of series with floor((v - offset) / 2^shift + 1/2), worked out in 64 bits, at every shift and at the
/// edges of everything; answers with how many differ, 255 for more.
constexpr std::string_view series_program = R"(namespace mcu = network::mcu;
static uint8_t wrong = 0;
__attribute__((noinline)) void compare(int16_t raw, int16_t offset, int8_t shift) {
    const int64_t divisor = int64_t(1) << (shift + 7), scaled = (int64_t(raw) - offset) * 128 + divisor / 2;
    int64_t expected = scaled / divisor;
    if (expected * divisor > scaled) --expected;
    if (expected < -128) expected = -128;
    if (expected > 127) expected = 127;
    const bool same = mcu::shifted_value(raw, offset, shift) == expected &&
                      (shift < 1 || mcu::series_value(raw, offset, shift) == expected);
    if (!same && wrong < 255) ++wrong;
}
int main() {
    const int16_t offsets[] = {-32767 - 1, -129, 0, 1, 32767};
    for (int8_t shift = -7; shift <= 15; ++shift)
        for (uint8_t o = 0; o < 5; ++o) {
            for (int16_t near = -130; near <= 130; near += 5)
                compare(int16_t(uint16_t(offsets[o]) + uint16_t(near)), offsets[o], shift);
            for (int8_t edge = -2; edge <= 2; ++edge)
                for (int8_t bit = 0; bit <= 15; ++bit) {
                    const uint16_t distance = uint16_t((uint16_t(1) << bit) + uint16_t(edge));
                    compare(int16_t(uint16_t(offsets[o]) + distance), offsets[o], shift);
                    compare(int16_t(uint16_t(offsets[o]) - distance), offsets[o], shift);
                }
        }
    answer(wrong);
}
)";

/// Brings every raw value to int8 at every shift and several centres as a row does it, stored and added to a sum;
/// answers with how many differ from shifted_value(), 255 for more.
constexpr std::string_view centred_program = R"(namespace mcu = network::mcu;
static const int16_t centres[] = {-32767 - 1, -32640, -129, 0, 1, 943, 32767};
struct Centres { static const uint8_t table[14] TINYSPARSE_FLASH; };
const uint8_t Centres::table[14] = {0, 128, 128, 128, 127, 255, 0, 0, 1, 0, 175, 3, 255, 127};
static uint8_t wrong = 0;
template <int8_t shift> __attribute__((noinline)) void all() {
    for (uint16_t step = 0; step < 65536u / 7; ++step) {
        int16_t raw[7], sums[7];
        int8_t values[7];
        for (uint8_t i = 0; i < 7; ++i) {
            raw[i] = int16_t(uint16_t(step * 7 + i));
            sums[i] = int16_t(1000 * i);
        }
        mcu::SeriesRow<false, const int16_t*> stored = {Centres::table, raw, values};
        stored.template run<shift>(3);
        stored.template run<shift>(4);
        mcu::SeriesRow<true, const int16_t*> added = {Centres::table, raw, reinterpret_cast<int8_t*>(sums)};
        added.template run<shift>(7);
        for (uint8_t i = 0; i < 7; ++i) {
            const int32_t offset = centres[i] + (shift > 0 ? int32_t(1) << (shift > 0 ? shift - 1 : 0) : 0);
            if (offset > 32767) continue; // no offset has this centre
            const int8_t expected = mcu::shifted_value(raw[i], int16_t(offset), shift);
            if ((values[i] != expected || sums[i] != 1000 * i + expected) && wrong < 255) ++wrong;
        }
    }
}
int main() {
    all<@SHIFT@>();
    answer(wrong);
}
)";

/// Weights small enough for 16-bit sums in most layers, biases and shifts of every kind.
fixed::Network narrow_network(const net::Spec& spec, Random& random) {
    fixed::Network network = plain::random_network(spec, random);
    for (std::size_t i = 0; i < network.layers.size(); ++i) {
        if (spec.layers[i].bits != 8) continue;
        const double taps = double(network.layers[i].weights.size()) / spec.layers[i].outputs;
        for (std::int8_t& weight : network.layers[i].weights)
            weight = std::int8_t(weight % std::max(2, int(400 / taps)));
    }
    return network;
}

/// The answer of a program on the Uno, beside the headers of an exported network for series; 0: it found no difference.
int answer_beside_series(std::string_view program, const std::vector<std::string>& definitions = {}) {
    fixed::Model model; // for its headers
    Random random(16, "series", 0);
    model.network = plain::random_network(net::parse("F2", {1, 2, 1}, 8), random, true);
    const cost::Target& uno = cost::target("uno");
    const ScratchFolder folder;
    deploy::write_export(model, uno, folder.path(), {.name = "network"});
    write_file(folder.path() + "/main.cpp", text(bench::answering, program));
    return int(simulator::Machine(simulator::compile(folder.path(), uno, definitions), uno).run({}, 1, 0).label);
}

} // namespace

TEST_CASE("loops in assembly and their twins in C++ give the host's logits, in every form that they have") {
    if (is_skipped(cost::target("uno"))) return;
    struct Case {
        const char* line;
        net::Shape input;
    };
    const Case cases[] = {
        {"C4k3 C5k3s2 C3k3v F3", {1, 9, 13}},                  // whole lines, over one channel and blocks over several
        {"C3k3 D3L C7k1 D3s2 C6k1L D3v C5k1 F5", {2, 11, 10}}, // depthwise lines, pairs with an odd output
        {"C6k1 M2 C5k1s2 A2 C4k1 =a C4k1L +a G F3", {3, 15, 17}}, // pointwise with pools and residuals
        {"C3k5 M2 C4k7 A3 F4", {2, 15, 16}},                      // large kernels, pools in step with blocks and not
        {"C70k1 C3k3 D5 F2", {1, 5, 6}},                          // values further apart than ldd reaches
        {"C2k3 C3k1 D3 F2", {1, 1, 2}},                           // hardly a picture
    };
    for (const Case& c : cases)
        for (const int bits : {8, 4, 2}) {
            CAPTURE(c.line);
            CAPTURE(bits);
            Random random(13, c.line, std::uint64_t(bits));
            const auto model = small::model(narrow_network(net::parse(c.line, c.input, bits), random), random);
            CHECK(identical(model, random, {}) == 2);
            if (bits == 4) CHECK(identical(model, random, {"TINYSPARSE_NO_ASM"}) == 2);
        }
    for (std::uint64_t number = 40; number < 46; ++number) {
        const auto model = small::random_model(number, 4);
        if (!model) continue;
        CAPTURE(net::notation(model->network.spec));
        Random random(14, "twins", number);
        CHECK(identical(*model, random, {"TINYSPARSE_NO_ASM"}) == 2);
    }
}

TEST_CASE("sums of 24 bits and columns give the host's logits at every edge, in assembly and in C++") {
    if (is_skipped(cost::target("uno"))) return;
    struct Case {
        const char* line;
        net::Shape input;
        bool series = false;
    };
    // At full range random weights of 8 bits need 24 bits in nearly every layer.
    const Case cases[] = {
        {"C3k3 M2 D3 C5k3s2 F1", {1, 9, 13}},               // weights kept over a line, edges, two of three rows
        {"C5k3v M3 C3k5 M2 C4k1L F3", {2, 14, 17}},         // pools of three, five wide, pointwise
        {"C3k7 A2 C4k1 =a C4k1L +a G F3", {2, 11, 12}},     // seven wide, averages, residual sums
        {"C2k3 C3k1 D3 F1", {1, 1, 2}},                     // hardly a picture
        {"C7k3 M2 C13k3 C1k1 F5", {3, 17, 1}, true},        // columns: groups and what is left, odd channels
        {"D5s2L C9k1 M3 D3 C6k3v A2 F7", {6, 40, 1}, true}, // depthwise ones, averages
        {"C4k3 =a C4k3L +a C3k3s2L F2", {1, 12, 1}, true},  // residual sums, linear layers
        {"C8k3 M2 C16k3 C12k5s2 F3", {6, 37, 1}, true},     // groups of equal size, rings that turn anywhere
        {"C76k1 C10k7 M3 C22k3v F2", {2, 23, 1}, true},     // more products under a kernel than a byte counts
        {"D5 C24k1 =a C24k3 +a A2 F3", {1, 31, 1}, true},   // one channel, rings that hold all rows
        {"C20k3 C3k1 F2", {5, 1, 1}, true},                 // a single row
        {"C1k3 C1k1 F1", {1, 3, 1}, true},                  // hardly a series
    };
    for (const Case& c : cases)
        for (const int bits : {8, 4, 2}) {
            CAPTURE(c.line);
            CAPTURE(bits);
            Random random(17, c.line, std::uint64_t(bits));
            const net::Spec spec = net::parse(c.line, c.input, bits);
            const auto wide = small::model(plain::random_network(spec, random, c.series), random);
            CHECK(identical(wide, random, {}) == 2);
            if (bits == 8) CHECK(identical(wide, random, {"TINYSPARSE_NO_ASM"}) == 2);
            if (bits != 8 || !c.series) continue;
            fixed::Network narrow = narrow_network(spec, random); // of a series, whose input reaches -128
            narrow.input = wide.network.input;
            CHECK(identical(small::model(narrow, random), random, {}) == 2);
        }
}

TEST_CASE(
    "a layer of one output, whose weights are read from a state that the compiler knows, gives the host's logits") {
    if (simulator::missing(cost::target("uno"))) return;
    for (const char* line : {"C8k3 C1k3b2 F3", "C8k3 C1k5b2 F3", "C8k3 C1k7s2b2 F3", "C8k3 C1k3b4 F3", "C8k3 C1k3 F3",
                             "C4k3 C1k1b2 F2", "C4k3b2 D3b2 C1k1b4 F2", "C1k3b2 C1k3b2 F1"}) {
        CAPTURE(line);
        for (const std::uint64_t seed : {1, 2, 3}) {
            Random random(seed, "one output", 0);
            const auto model = small::model(plain::random_network(net::parse(line, {1, 5, 3}, 8), random), random);
            CHECK(identical(model, random, {}) == 2);
        }
    }
}

TEST_CASE("assembly requantises every 16-bit sum at every shift to the floor of the quotient, clamped") {
    if (is_skipped(cost::target("uno"))) return;
    fixed::Model model; // for its headers
    Random random(15, "requantise", 0);
    model.network = plain::random_network(net::parse("F2", {1, 2, 2}, 8), random);
    const cost::Target& uno = cost::target("uno");
    for (const int block : {4, 6}) {
        CAPTURE(block);
        const ScratchFolder folder;
        deploy::write_export(model, uno, folder.path(), {.name = "network"});
        write_file(folder.path() + "/main.cpp",
                   replaced(text(bench::answering, store_program), "@BLOCK@", text(block)));
        simulator::Machine machine(simulator::compile(folder.path(), uno), uno);
        CHECK(int(machine.run({}, 1, 0).label) == 0);
    }
}

TEST_CASE("the chip brings raw values of a series to the grid at every shift as the plain formula does") {
    if (is_skipped(cost::target("uno"))) return;
    CHECK(answer_beside_series(series_program) == 0);
}

TEST_CASE("a row of a series brings every raw value to int8 at every shift as the plain formula does") {
    if (is_skipped(cost::target("uno"))) return;
    for (int shift = -7; shift <= 15; ++shift) {
        CAPTURE(shift);
        const std::string program = replaced(std::string(centred_program), "@SHIFT@", text(shift));
        CHECK(answer_beside_series(program) == 0);
        if (shift % 4 == 0) CHECK(answer_beside_series(program, {"TINYSPARSE_NO_ASM"}) == 0);
    }
}

TEST_CASE("kernels keep within their cycles, a whole network within its memory") {
    if (is_skipped(cost::target("uno"))) return;
    // Cycles per MAC, or per nonzero weight, as they were measured when this was written: more would be a step back.
    const std::map<std::string, double> bounds = {{"dense_cpp", 10.1},
                                                  {"dense_asm", 8.3},
                                                  {"conv3x3_first_cpp", 12.3},
                                                  {"conv3x3_first_asm", 7.8},
                                                  {"conv3x3_cpp", 9.3},
                                                  {"conv3x3_asm", 6.8},
                                                  {"pointwise_cpp", 11.9},
                                                  {"pointwise_asm", 7.3},
                                                  {"sparse_dense_80_cpp", 21.1},
                                                  {"sparse_dense_80_asm", 19},
                                                  {"sparse_dense_80_bytes", 2.1},
                                                  {"sparse_dense_80_nibble_bytes", 1.1},
                                                  {"sparse_dense_80_ternary_bytes", 1.15},
                                                  {"sparse_conv_80_cpp", 15.5},
                                                  {"sparse_conv_80_asm", 10},
                                                  {"straight_line_cpp", 9.7},
                                                  {"straight_line", 7},
                                                  {"straight_line_ternary_cpp", 6.4},
                                                  {"straight_line_ternary", 4.7},
                                                  {"network_cpp", 11.6},
                                                  {"network_asm", 9.1},
                                                  {"network_ram", 580},
                                                  {"network_8bit", 10.9},
                                                  {"cifar_8bit", 9.1},
                                                  {"cifar_separable_8bit", 14.5},
                                                  {"series_4bit", 9.9},
                                                  {"series_8bit", 12.5},
                                                  {"series_8bit_accumulator16", 10},
                                                  {"series_separable_4bit", 106500},
                                                  {"series_input", 32},
                                                  {"series_input_averaged", 50.3},
                                                  {"requantise", 10}};
    std::size_t found = 0;
    for (const bench::Result& result : bench::bench_device({.only_bounded = true})) {
        const auto bound = bounds.find(result.name);
        if (bound == bounds.end()) continue;
        CAPTURE(result.name);
        CHECK(result.value <= bound->second);
        ++found;
    }
    CHECK(found == bounds.size());
}

TEST_CASE("a depthwise kernel of 24-bit sums gives the compiler no cause to warn of rows beyond the input") {
    if (is_skipped(cost::target("uno"))) return;
    // DGLNb4 M1 D3x3b2 G =a D1x3 +a F2 F5b2: simulate() refuses a program with a warning.
    const auto model = small::random_model(134, 4, true);
    REQUIRE(model.has_value());
    Random random(16, "samples", 134);
    const data::Split split = small::random_samples(model->network, random, 2);
    CHECK(simulator::simulate(*model, split, 2, cost::target("uno")).identical == 2);
}
