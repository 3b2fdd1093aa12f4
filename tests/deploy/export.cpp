// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/deploy/export.hpp"
#include "../fixed/plain_network.hpp"
#include "tinysparse/net/notation.hpp"
#include <doctest/doctest.h>
#include <filesystem>

using namespace tinysparse;

TEST_CASE("an export lays a network out and proves it once") {
    Random random(8, "export", 0);
    fixed::Model model;
    model.network = plain::random_network(net::parse("A2 C3k3 M2 F3", {1, 16, 16}, 4), random);
    for (const char* board : {"uno", "attiny85", "cortex-m0", ""}) {
        CAPTURE(board);
        const std::string folder =
            (std::filesystem::temp_directory_path() / text("tinysparse-export-", random.below(1u << 31))).string();
        const cost::Target* const target = *board ? &cost::target(board) : nullptr;
        const std::size_t proofs = fixed::detail::proofs_made, plans = fixed::detail::plans_made;
        deploy::write_export(model, target, folder, "network", {});
        CHECK(fixed::detail::proofs_made == proofs + 1);
        CHECK(fixed::detail::plans_made == plans + 1);
        CHECK(std::filesystem::exists(folder + "/network.h"));
        std::filesystem::remove_all(folder);
    }
}
