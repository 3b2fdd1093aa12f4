// SPDX-License-Identifier: Apache-2.0
// The simulated chip answers what the host answers.
#include "machine.hpp"
#include "process.hpp"
#include "simulate.hpp"
#include "skipped.hpp"
#include "small_model.hpp"
#include "tinysparse/deploy/export.hpp"
#include "tinysparse/net/notation.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using testing::is_skipped;

TEST_CASE("random networks give the host's logits on the simulated Uno, all of them") {
    if (is_skipped(cost::target("uno"))) return;
    int compared = 0;
    for (std::uint64_t number = 0; number < 20; ++number) {
        const auto model = small::random_model(number, 4);
        if (!model) continue;
        CAPTURE(number);
        CAPTURE(net::notation(model->network.spec));
        Random random(4, "samples", number);
        const data::Split split = small::random_samples(model->network, random, 3);
        const auto result = simulator::simulate(*model, split, 3, cost::target("uno"));
        CHECK(result.samples == 3);
        CHECK(result.identical == 3);
        CHECK(result.ram_peak < 2048);
        CHECK(result.cycles > 0);
        ++compared;
    }
    CHECK(compared >= 12);
}

TEST_CASE("cycles are the same in every run") {
    if (simulator::missing(cost::target("uno"))) return;
    Random random(5, "cycles", 0);
    const auto model =
        small::model(plain::random_network(net::parse("C3k3 A2 D3L C4k1 F3", {1, 10, 10}, 4), random), random);
    const data::Split split = small::random_samples(model.network, random, 2);
    const auto once = simulator::simulate(model, split, 2, cost::target("uno"));
    const auto again = simulator::simulate(model, split, 2, cost::target("uno"));
    CHECK(once.cycles == again.cycles);
    CHECK(*once.milliseconds == doctest::Approx(*once.cycles / 16000));
    CHECK(once.flash == again.flash);
}

TEST_CASE("the slowest row takes a part of a sample's time, and all of it if there is one row") {
    if (simulator::missing(cost::target("uno"))) return;
    Random random(10, "rows", 0);
    const auto run = [&](const char* line, net::Shape shape) {
        const auto model = small::model(plain::random_network(net::parse(line, shape, 4), random, true), random);
        return simulator::simulate(model, small::random_samples(model.network, random, 2), 2, cost::target("uno"));
    };
    const auto one = run("F3", {4, 1, 1});
    CHECK(*one.slowest_row_cycles == *one.slowest_cycles); // begin(), the row, and finish()
    CHECK(*one.slowest_row_milliseconds == doctest::Approx(*one.slowest_row_cycles / 16000));
    // One row of two is only stored, the other sets off a convolution: it takes nearly twice the mean of all 64.
    const auto many = run("C8k5s2 F3", {3, 64, 1});
    CHECK(*many.slowest_row_cycles > 1.5 * *many.slowest_cycles / 64);
    CHECK(*many.slowest_row_cycles < 4 * *many.slowest_cycles / 64);
}

TEST_CASE("what cannot be simulated is refused") {
    if (simulator::missing(cost::target("uno"))) return;
    Random random(6, "refused", 0);
    const auto model =
        small::model(plain::random_network(net::parse("C40k3 C40k3 F3", {1, 40, 40}, 2), random), random);
    const data::Split split = small::random_samples(model.network, random, 1);
    CHECK_THROWS_AS(simulator::simulate(model, split, 1, cost::target("uno")), Error);
    CHECK_THROWS_WITH_AS(simulator::simulate(model, data::Split(), 1, cost::target("uno")),
                         "there are no samples to simulate; the split is empty", Error);
}

TEST_CASE("a target that is no chip has no simulator, and says what there is instead") {
    const char* const reason = "there is no simulator for none; tinysparse export writes a program for it, which tests "
                               "itself with make test";
    const cost::Target& none = cost::target("none");
    CHECK(simulator::missing(none) == reason);
    Random random(6, "none", 0);
    const auto model = small::model(plain::random_network(net::parse("C3k3 F3", {1, 9, 9}, 2), random), random);
    CHECK_THROWS_WITH_AS(simulator::simulate(model, small::random_samples(model.network, random, 1), 1, none), reason,
                         Error);
}

TEST_CASE("a program is refused that is larger than its board, also where the chip has more") {
    if (simulator::missing(cost::target("uno"))) return;
    Random random(7, "small board", 0);
    const auto model = small::model(plain::random_network(net::parse("C3k3 A2 F3", {1, 10, 10}, 4), random), random);
    const data::Split split = small::random_samples(model.network, random, 1);
    const auto on = [&](const char* lines) {
        return simulator::simulate(model, split, 1,
                                   cost::parse_target(text("base = uno\nname = mine\n", lines), "board"));
    };
    const auto whole = on("");
    CHECK(on(text("flash = ", whole.flash, "\nram = ", whole.ram_peak).c_str()).identical == 1);
    CHECK_THROWS_WITH_AS(on(text("flash = ", whole.flash - 1).c_str()),
                         text("the program takes ", whole.flash, " bytes of flash, mine has ", whole.flash - 1).c_str(),
                         Error);
    CHECK_THROWS_WITH_AS(
        on(text("ram = ", whole.ram_peak - 1).c_str()),
        text("the program takes ", whole.ram_peak, " bytes of RAM with its stack, mine has ", whole.ram_peak - 1)
            .c_str(),
        Error);
    CHECK(on("clock = 1000000").identical == 1);
}

TEST_CASE("an ATtiny's flash is predicted for the program that is exported, sample included") {
    if (simulator::missing(cost::target("uno"))) return;
    Random random(8, "pin", 0);
    const auto model = small::model(plain::random_network(net::parse("A2 C4k3 A2 F3", {1, 20, 20}, 2), random), random);
    const cost::Target& tiny = cost::target("attiny85");
    const ScratchFolder folder;
    const fixed::Lowered lowered(model.network);
    const fixed::Program program = fixed::encode(lowered, cost::formats(lowered));
    deploy::write_export(model, program, tiny, folder.path(), {.name = "network"});
    const simulator::Machine machine(simulator::compile(folder.path(), tiny), tiny);
    const double predicted = double(*deploy::figures_on(model, program, tiny).flash_bytes);
    CHECK(double(machine.flash()) == doctest::Approx(predicted).epsilon(0.1));
}

TEST_CASE("a name that is a macro on the chip is told as one") {
    if (simulator::missing(cost::target("uno"))) return;
    Random random(9, "macro", 0);
    const auto model = small::model(plain::random_network(net::parse("F2", {1, 2, 2}, 8), random), random);
    const cost::Target& uno = cost::target("uno");
    const ScratchFolder folder;
    deploy::write_export(model, uno, folder.path(), {.name = "PORTB"});
    CHECK_THROWS_WITH_AS(simulator::compile(folder.path(), uno),
                         doctest::Contains("PORTB is a macro here: export the network with another --name"), Error);
}
