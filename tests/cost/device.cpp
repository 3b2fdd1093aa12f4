// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/cost/device.hpp"
#include "of_network.hpp"
#include "random_network.hpp"
#include "tinysparse/base/files.hpp"
#include "tinysparse/net/notation.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;

TEST_CASE("the page of measures has the errors of the tables, and searches leave as much room") {
    const std::string page = read_file(std::string(TINYSPARSE_SOURCE_DIR) + "/docs/measures.md");
    for (const char* name : {"uno", "attiny85"}) {
        const cost::Target& target = cost::target(name);
        for (const bool series : {false, true}) {
            const cost::Deviations& own = cost::deviations(target, series);
            const std::string rows = cost::deviation_rows(name, series ? "series" : "pictures", own);
            CAPTURE(rows);
            CHECK(page.find(rows) != page.npos);
            CHECK(own.networks >= 20);
            const cost::Margins margins = cost::margins(target, series);
            CHECK(margins.flash == own.flash.most);
            CHECK(margins.ram == own.ram_bytes.worst);
            CHECK(margins.cycles == own.cycles.most);
        }
    }
}

TEST_CASE("costs of a Spec are those of a network with no zero weight, but for what its weights allow") {
    const net::Spec spec = net::parse("A2 C5k3 D3L C9k1 A2 D3L C9k1 A2 D3vL F10", {1, 28, 28}, 4);
    const cost::Target& uno = cost::target("uno");
    const cost::Costs estimate = cost::costs(spec, uno);
    Random random(1, "cost", 0);
    fixed::Network network = plain::random_network(spec, random);
    for (std::size_t i = 0; i < network.layers.size(); ++i) {
        fixed::Layer& layer = network.layers[i];
        // Only linear layers before a pointwise or dense layer hand their bias on; here all of them do.
        layer.bias_bytes = spec.layers[i].kind == net::Kind::depthwise ? 0 : 1;
        layer.biases.assign(std::size_t(layer.bias_bytes * spec.layers[i].outputs), 3);
        for (std::int8_t& weight : layer.weights)
            if (weight == 0) weight = 1;
    }
    const cost::Costs exact = of_network::costs(network, uno);
    CHECK(exact.model_size == estimate.model_size);
    CHECK(exact.weight_bytes == estimate.weight_bytes);
    CHECK(exact.working_memory_1 == estimate.working_memory_1);
    CHECK(exact.working_memory_2 == estimate.working_memory_2);
    CHECK(exact.macs == estimate.macs);
    CHECK(exact.nonzeros == estimate.nonzeros);
    CHECK(exact.ram == estimate.ram);
    CHECK(double(*exact.flash) == doctest::Approx(double(*estimate.flash)).epsilon(0.1));
    CHECK(*exact.cycles == doctest::Approx(*estimate.cycles).epsilon(0.15));
    CHECK(*exact.milliseconds == doctest::Approx(*exact.cycles / 16000));
}

TEST_CASE("pruned layers are stored as lists, and a budget decides between bytes and cycles") {
    const cost::Target& uno = cost::target("uno");
    Random random(2, "formats", 0);
    fixed::Network network = plain::random_network(net::parse("C8k3 M2 C12k3 M2 F10", {1, 28, 28}, 4), random);
    const std::vector<fixed::Format> all_dense(3, fixed::Format::dense);
    const cost::Costs full = of_network::costs(network, uno);
    CHECK(full.formats == all_dense);
    for (fixed::Layer& layer : network.layers)
        for (std::int8_t& weight : layer.weights)
            if (!random.chance(0.1)) weight = 0;
    const cost::Costs pruned = of_network::costs(network, uno), dense = of_network::costs(network, uno, all_dense);
    CHECK(pruned.formats == of_network::formats(network));
    CHECK(pruned.formats[2] == fixed::Format::nibble);
    CHECK(pruned.weight_bytes < dense.weight_bytes);
    CHECK(pruned.flash < dense.flash);
    CHECK(pruned.cycles < dense.cycles);
    CHECK(pruned.model_size == dense.model_size);

    const auto fastest = of_network::formats(network, {.cycles = {}, .bytes = 32256.0});
    const auto smallest = of_network::formats(network, {.cycles = 1e9, .bytes = {}});
    CHECK(of_network::costs(network, uno, fastest).cycles <= pruned.cycles);
    CHECK(of_network::costs(network, uno, smallest).flash <= pruned.flash);
    const double between =
        0.5 * (*of_network::costs(network, uno, fastest).cycles + *of_network::costs(network, uno, smallest).cycles);
    CHECK(of_network::costs(network, uno, of_network::formats(network, {.cycles = between, .bytes = {}})).cycles <=
          between + 1);
    CHECK_THROWS_AS(of_network::formats(network, {.cycles = 1000.0, .bytes = {}}), Error);
    CHECK_THROWS_AS(of_network::formats(network, {.cycles = {}, .bytes = 1000.0}), Error);
}

TEST_CASE("a tree is never straight-line code, and costs the nodes of a path") {
    const cost::Target& uno = cost::target("uno");
    const auto tree = [](const char* line) {
        Random random(4, "tree");
        fixed::Network network = plain::random_network(net::parse(line, {1, 1, 8}), random);
        for (std::int8_t& weight : network.layers[1].weights)
            if (random.chance(0.7)) weight = 0;
        network.layers[1].score_shift = 9;
        network.layers[1].tanh_shift = 4;
        return network;
    };
    const fixed::Network deep = tree("F8L T3d4b2"), flat = tree("F8L T3d1b2");
    for (const fixed::FormatBudget& budget :
         {fixed::FormatBudget{}, {.cycles = 1e9, .bytes = {}}, {.cycles = {}, .bytes = 1e9}})
        CHECK(of_network::formats(deep, budget)[1] != fixed::Format::straight);
    const std::vector<fixed::Format> formats = {fixed::Format::dense, fixed::Format::ternary};
    CHECK(of_network::costs(deep, uno, formats).layer_cycles[1] /
              of_network::costs(flat, uno, formats).layer_cycles[1] ==
          doctest::Approx(2.5).epsilon(0.1)); // five nodes and two
    CHECK(of_network::costs(deep, uno, {fixed::Format::dense, fixed::Format::straight}).formats[1] ==
          fixed::Format::dense);
    // Without weights: lists if pruned, and no biases.
    const net::Spec spec = net::parse("F8L T3d4", {1, 1, 8});
    const cost::Costs whole = cost::costs(spec, uno), pruned = cost::costs(spec, uno, {.keep = 0.1});
    CHECK(whole.layers[1].stored() == 201 * 8); // 15 thetas, W and V of 31 nodes
    CHECK(pruned.formats[1] == fixed::Format::csr);
    CHECK(pruned.layers[1].stored() < whole.layers[1].stored() / 2);
}

TEST_CASE("a budget gets the best of all choices of formats") {
    const cost::Target& uno = cost::target("uno");
    Random random(3, "choices", 0);
    fixed::Network network = plain::random_network(net::parse("C4k3 A2 D3L C6k1 A2 F10", {1, 14, 14}, 4), random);
    for (fixed::Layer& layer : network.layers)
        for (std::int8_t& weight : layer.weights)
            if (!random.chance(0.3)) weight = 0;
    constexpr std::array every = {fixed::Format::dense, fixed::Format::csr, fixed::Format::nibble,
                                  fixed::Format::straight};
    std::vector<cost::Costs> all;
    for (std::size_t choice = 0; choice < 256; ++choice)
        all.push_back(of_network::costs(
            network, uno, {every[choice % 4], every[choice / 4 % 4], every[choice / 16 % 4], every[choice / 64]}));
    const auto [least, most] = std::minmax_element(
        all.begin(), all.end(), [](const cost::Costs& a, const cost::Costs& b) { return a.flash < b.flash; });
    for (int step = 0; step <= 8; ++step) {
        // Half a byte up: flash is rounded to whole ones.
        const double budget = double(*least->flash) + (double(*most->flash) - double(*least->flash)) * step / 8 + 0.5;
        CAPTURE(budget);
        double best = 1e18;
        for (const cost::Costs& costs : all)
            if (double(*costs.flash) <= budget) best = std::min(best, *costs.cycles);
        const cost::Costs chosen =
            of_network::costs(network, uno, of_network::formats(network, {.cycles = {}, .bytes = budget}, uno));
        CHECK(double(*chosen.flash) <= budget);
        CHECK(*chosen.cycles == doctest::Approx(best));
    }
    CHECK_THROWS_AS(of_network::formats(network, {.cycles = {}, .bytes = double(*least->flash) - 1}, uno), Error);
}

TEST_CASE("a chip that cannot multiply takes several times the cycles, least where weights are 1, 0 and -1") {
    const cost::Target &uno = cost::target("uno"), &tiny = cost::target("attiny85");
    const auto costs = [](int bits, const cost::Target& target) {
        return cost::costs(net::parse("C4k3 A2 C8k3 A2 F10", {1, 14, 14}, bits), target);
    };
    CHECK(costs(4, tiny).cycles > 3 * *costs(4, uno).cycles);
    CHECK(costs(2, tiny).cycles < 0.6 * *costs(4, tiny).cycles);
    CHECK(*costs(4, tiny).milliseconds == doctest::Approx(*costs(4, tiny).cycles / 8000));
    CHECK(costs(4, tiny).layer_cycles.size() == 3);
    CHECK(costs(4, cost::target("mega2560")).cycles == costs(4, uno).cycles);
}

TEST_CASE("a target without a cost model has the measures that need none, those of an Uno") {
    Random random(3, "no model", 0);
    const fixed::Network network = plain::random_network(net::parse("C3k3 M2 F3", {1, 10, 10}, 4), random);
    const cost::Costs uno = of_network::costs(network, cost::target("uno"));
    for (const char* name : {"cortex-m4", "none"}) {
        CAPTURE(name);
        const cost::Costs costs = of_network::costs(network, cost::target(name));
        CHECK(costs.model_size == uno.model_size);
        CHECK(costs.weight_bytes == uno.weight_bytes);
        CHECK(costs.working_memory() == uno.working_memory());
        CHECK(costs.macs == uno.macs);
        CHECK(costs.nonzeros == uno.nonzeros);
        CHECK(costs.formats == uno.formats);
        CHECK(costs.layers.size() == 2);
        CHECK(!costs.flash);
        CHECK(!costs.ram);
        CHECK(!costs.cycles);
        CHECK(!costs.milliseconds);
        CHECK(costs.layer_cycles.empty());
        CHECK(cost::costs(net::parse("F3", {1, 4, 4}), cost::target(name), {.keep = 0.5}).model_size > 0);
        CHECK(of_network::formats(network, {}, cost::target(name)) == uno.formats);
        CHECK_THROWS_WITH_AS(of_network::formats(network, {.cycles = 1e9, .bytes = {}}, cost::target(name)),
                             text("flash, RAM and cycles are predicted for AVR chips, not for ", name,
                                  "; take the choice for uno or another of them")
                                 .c_str(),
                             Error);
    }
}

TEST_CASE("the layers have their shares of the cycles, the input and the program the rest") {
    const cost::Target& uno = cost::target("uno");
    const auto cycles = [&](const char* line) { return cost::costs(net::parse(line, {1, 28, 28}), uno); };
    const cost::Costs narrow = cycles("C4k3 A2 C4k3 A2 F10"), wide = cycles("C4k3 A2 C8k3 A2 F10");
    REQUIRE(narrow.layer_cycles.size() == 3);
    const double sum = narrow.layer_cycles[0] + narrow.layer_cycles[1] + narrow.layer_cycles[2];
    CHECK(sum < narrow.cycles);
    CHECK(sum > 0.8 * *narrow.cycles);
    CHECK(wide.layer_cycles[0] == doctest::Approx(narrow.layer_cycles[0])); // what comes later changes nothing
    CHECK(wide.layer_cycles[1] > 1.5 * narrow.layer_cycles[1]);
}

TEST_CASE("boards are found by name, and a misspelt one is named") {
    CHECK(cost::target("uno").flash == 32256);
    CHECK(cost::target("uno").default_max_ram() == 1536);
    CHECK(cost::target("attiny85").default_max_ram() == 512);
    CHECK(cost::target("uno").empty_sketch_flash() == 1460);
    CHECK(cost::target("uno").empty_sketch_ram() == 184);
    CHECK_THROWS_WITH_AS(cost::target("unno"), "target 'unno' is not known; did you mean uno?", Error);
    CHECK_THROWS_AS(cost::target("raspberry"), Error);
}
