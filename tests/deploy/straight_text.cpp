// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/deploy/straight_text.hpp"
#include "has.hpp"
#include "random_network.hpp"
#include "tinysparse/deploy/header.hpp"
#include "tinysparse/net/notation.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using fixed::Format;
using testing::has;

namespace {

fixed::Model dense(std::vector<std::int8_t> weights, std::vector<std::int16_t> biases) {
    fixed::Model model;
    model.network.spec = net::parse(text("F", biases.size()), {1, 1, int(weights.size() / biases.size())});
    model.network.layers.emplace_back().weights = std::move(weights);
    model.network.layers[0].biases = std::move(biases);
    model.network.layers[0].bias_bytes = 1;
    return model;
}

std::string header(const fixed::Model& model, std::vector<Format> formats = {Format::straight}) {
    const fixed::Lowered lowered(model.network);
    return deploy::header(model, fixed::encode(lowered, formats), {}, {.name = "written"});
}

} // namespace

TEST_CASE("a dense layer is written with its weights and biases in its code, and without tables") {
    const std::string text = header(dense({2, 0, -1, -2, 1, 0}, {9, -5}));
    CHECK(has(text, "4 of them not zero: straight-line code"));
    CHECK(has(text, "{ // outputs 1 to 2\n            int16_t s0 = 9, s1 = -5;\n"
                    "            TINYSPARSE_PRODUCTS(2, x,\n"
                    "                TINYSPARSE_VALUE(0) TINYSPARSE_TIMES(2) TINYSPARSE_ADD_PRODUCT(0) "
                    "TINYSPARSE_SUBTRACT_PRODUCT(1)\n"
                    "                TINYSPARSE_VALUE(1) TINYSPARSE_ADD(1)\n"
                    "                TINYSPARSE_VALUE(2) TINYSPARSE_SUBTRACT(0))\n"
                    "            TINYSPARSE_SET(2, sums + 0)\n        }\n"));
    CHECK_FALSE(has(text, "weights1"));
    CHECK_FALSE(has(text, "biases1"));
    CHECK_FALSE(has(text, "gather_begin"));
    const std::string ternary = header(dense({1, 0, -1}, {0}));
    CHECK(has(ternary, "TINYSPARSE_SIGNS(1, x,\n                TINYSPARSE_PLAIN(0) TINYSPARSE_PLUS(0)\n"
                       "                TINYSPARSE_PLAIN(2) TINYSPARSE_MINUS(0))\n"));
    CHECK(has(ternary, "{ // output 1\n"));
}

TEST_CASE("the other formats are written as if there were no straight-line code") {
    const fixed::Model model = dense({2, 0, -1, -2, 1, 0}, {9, -5});
    for (const Format format : {Format::dense, Format::csr}) {
        const std::string text = header(model, {format});
        CHECK(has(text, "weights1"));
        CHECK(has(text, "biases1"));
        CHECK_FALSE(has(text, "TINYSPARSE_FAST_BEGIN"));
    }
}

TEST_CASE("sums of a single row that fit 16 bits are set, others are begun") {
    for (const Format format : {Format::dense, Format::csr}) {
        const std::string narrow = header(dense({2, 0, -1, -2, 1, 0}, {9, -5}), {format}),
                          wide = header(dense({127, 127, -127, -2, 1, 0}, {9, -5}), {format});
        CHECK(has(narrow, "sets = true"));
        CHECK_FALSE(has(narrow, "gather_begin"));
        CHECK_FALSE(has(wide, "sets = true"));
        CHECK(has(wide, "gather_begin"));
    }
    fixed::Model model; // several rows: the sums live from one to the next
    model.network.spec = net::parse("F1", {1, 2, 2});
    model.network.layers.emplace_back().weights.assign(4, 1);
    CHECK(has(header(model, {Format::dense}), "gather_begin"));
}

TEST_CASE("what is not read has no name, so that no compiler warns of it") {
    const std::string none = header(dense({0, 0, 0, 0}, {1, 2}));
    CHECK(has(none, "row(const int8_t*, Count, int32_t* sums)"));
    CHECK(has(none, "int16_t s0 = 1, s1 = 2;"));
    fixed::Model model;
    model.network.spec = net::parse("C2k3 F1", {1, 4, 4});
    model.network.layers.resize(2);
    model.network.layers[0].weights.assign(18, 0);
    model.network.layers[0].shift = 3;
    model.network.layers[1].weights.assign(32, 0);
    CHECK(has(header(model, {Format::straight, Format::straight}), "position(const mcu::StraightPlace&, mcu::"));
}

TEST_CASE("rows and positions that a kernel may not meet are asked for") {
    Random random(5, "text", 0);
    fixed::Model model;
    model.network = plain::random_network(net::parse("C2k3 C2k3v F3", {1, 8, 8}, 2), random);
    const std::string text = header(model, {Format::straight, Format::straight, Format::straight});
    const std::string first = text.substr(text.find("struct Layer1"),
                                          text.find("struct Layer2") - text.find("struct Layer1")),
                      second = text.substr(text.find("struct Layer2"),
                                           text.find("struct Layer3") - text.find("struct Layer2")),
                      third = text.substr(text.find("struct Layer3"));
    CHECK(has(first, "if (place.meets_row(0)) {"));
    CHECK(has(first, "if (place.meets_column(2))"));
    CHECK_FALSE(has(second, "meets_"));
    CHECK(has(third, "switch (row) {"));
    CHECK(has(third, "case 5:"));
    CHECK(has(text, "mcu::window_make<mcu::StraightRow>(Layer2()"));
}

TEST_CASE("lines keep within 120 columns") {
    Random random(6, "text", 0);
    fixed::Model model;
    model.network = plain::random_network(net::parse("C9k3 F30 F3", {3, 8, 8}, 4), random);
    for (const std::string& line : split(header(model, {Format::straight, Format::dense, Format::straight}), '\n'))
        if (line.find("TINYSPARSE_") != line.npos) CHECK(line.size() <= 120);
}

TEST_CASE("a layer with too many weights is refused") {
    const fixed::Model model = dense(std::vector<std::int8_t>(fixed::straight_limit + 1, 1), {0});
    CHECK_THROWS_WITH_AS(header(model),
                         "layer 1: the format straight-line code cannot hold its weights; leave the choice of formats "
                         "to the exporter",
                         Error);
}
