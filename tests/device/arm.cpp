// SPDX-License-Identifier: Apache-2.0
// Exports for Cortex-M in qemu-system-arm: the host's logits there too.
#include "process.hpp"
#include "simulate.hpp"
#include "skipped.hpp"
#include "small_model.hpp"
#include "tinysparse/deploy/export.hpp"
#include "tinysparse/net/notation.hpp"
#include <doctest/doctest.h>
#include <optional>

using namespace tinysparse;
using testing::is_skipped;

namespace {

/// Compares every logit of `samples` samples on every chip that can be simulated here, for random networks whose layers
/// have 8, 4 or 2 bits; all for series, all for pictures, or some for either.
void compare_chips(int networks, std::size_t samples, std::optional<bool> series = std::nullopt) {
    int compared = 0;
    for (std::uint64_t number = 100; compared < networks; ++number) {
        const auto model = small::random_model(number, 4, series);
        if (!model) continue;
        CAPTURE(number);
        const std::string notation = net::notation(model->network.spec);
        CAPTURE(notation);
        Random random(16, "samples", number);
        const data::Split split = small::random_samples(model->network, random, samples);
        for (const std::string board : {"cortex-m0", "cortex-m4"}) {
            CAPTURE(board);
            const auto result = simulator::simulate(*model, split, samples, cost::target(board));
            CHECK(result.samples == samples);
            CHECK(result.identical == samples);
            CHECK(result.instructions > 0);
            CHECK(result.ram >= fixed::plan(model->network.spec, model->network.input.kind()).bytes());
            CHECK(result.ram_peak > result.ram);
            CHECK(result.ram_peak < 8192);
            CHECK(result.flash > 1000);
        }
        if (!simulator::missing(cost::target("uno")))
            CHECK(simulator::simulate(*model, split, samples, cost::target("uno")).identical == samples);
        ++compared;
    }
}

} // namespace

TEST_CASE("random networks give the host's logits on Cortex-M0, Cortex-M4 and the Uno, all of them") {
    if (!is_skipped(cost::target("cortex-m4"))) compare_chips(4, 20);
}

// Minutes: test_device --no-skip -tc="40 networks*"
TEST_CASE("40 networks give the host's logits of 1,000 samples on every chip" * doctest::skip()) {
    if (is_skipped(cost::target("cortex-m4"))) return;
    SUBCASE("of pictures") { compare_chips(40, 1000, false); }
    SUBCASE("of series") { compare_chips(40, 1000, true); }
}

TEST_CASE("instructions on a Cortex-M are the same in every run; what does not fit is refused") {
    if (simulator::missing(cost::target("cortex-m4"))) return;
    Random random(17, "arm", 0);
    const auto model =
        small::model(plain::random_network(net::parse("C3k3 A2 D3L C4k1 F3", {1, 10, 10}, 4), random), random);
    const data::Split split = small::random_samples(model.network, random, 2);
    const cost::Target& m4 = cost::target("cortex-m4");
    const auto once = simulator::simulate(model, split, 2, m4);
    CHECK(once.instructions == simulator::simulate(model, split, 2, m4).instructions);
    CHECK(once.identical == 2);
    cost::Target small = m4;
    small.flash = 1024;
    CHECK_THROWS_WITH_AS(simulator::simulate(model, split, 2, small),
                         doctest::Contains(" bytes of flash, cortex-m4 has 1024"), Error);
    small.machine.clear();
    CHECK_THROWS_WITH_AS(simulator::simulate(model, split, 2, small),
                         "cortex-m4 names no machine of qemu-system-arm; add a line such as machine = mps2-an386",
                         Error);
    small = m4;
    small.machine = "microbit"; // with 16 KB of RAM, so that the stack is where nothing is
    CHECK_THROWS_WITH_AS(simulator::simulate(model, split, 2, small),
                         "the program in qemu-system-arm did not end within 10 seconds, without a sample to compute; "
                         "the machine microbit must have the memory that cortex-m4 has, and where chip.ld of an export "
                         "says",
                         Error);
    small.machine = "nosuch";
    CHECK_THROWS_WITH_AS(simulator::simulate(model, split, 2, small),
                         doctest::Contains("ended with status 1: qemu-system-arm: unsupported machine type"), Error);
}

TEST_CASE("an export for a Cortex-M builds and tests itself with its Makefile") {
    if (simulator::missing(cost::target("cortex-m4"))) return;
    const ScratchFolder folder;
    if (simulator::run({"make", "--version"}, folder.path() + "/log") != 0) {
        MESSAGE("skipped: make is not found; install it with: apt install make");
        return;
    }
    Random random(18, "make", 0);
    const auto model = small::model(plain::random_network(net::parse("C3k3 A2 F3", {1, 10, 10}, 4), random), random);
    deploy::write_export(model, cost::target("cortex-m0"), folder.path(), {.name = "network"});
    CHECK(simulator::run({"make", "-s", "-C", folder.path(), "test"}, folder.path() + "/log") == 0);
    CHECK(read_file(folder.path() + "/log").find("self test passed") != std::string::npos);
    CHECK(read_file(folder.path() + "/Makefile").find("timeout -k 5 60 qemu-system-arm") != std::string::npos);
    // A board of one's own whose machine has its memory elsewhere: the test ends, and says why (in less time here).
    cost::Target odd = cost::target("cortex-m4");
    odd.name = "odd";
    odd.ram = 65536;
    odd.machine = "microbit";
    const ScratchFolder other;
    deploy::write_export(model, odd, other.path(), {.name = "network"});
    const std::string makefile = other.path() + "/Makefile";
    write_file(makefile, replaced(read_file(makefile), "-k 5 60", "-k 5 3"));
    CHECK(simulator::run_in(other.path(), {"make", "-s", "test"}, 60) == 2);
    CHECK(read_file(other.path() + "/log").find("the machine microbit must have the memory that chip.ld says") !=
          std::string::npos);
}
