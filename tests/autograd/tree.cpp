// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/autograd/tree.hpp"
#include "gradient_check.hpp"
#include "tinysparse/mcu/tree.hpp"

using namespace tinysparse;
using namespace tinysparse::autograd;

namespace {

/// One logit in plain loops, in double: soft, or along the path if s is infinite.
double logit(const std::vector<double>& sums, int depth, int classes, int output, double s) {
    std::vector<double> shares(std::size_t(net::tree::nodes(depth)), 1.0);
    double total = 0;
    for (int k = 0; k < net::tree::nodes(depth); ++k) {
        const std::size_t row = std::size_t(net::tree::first_score(depth, classes, k) + output);
        total += shares[std::size_t(k)] * sums[row] * std::tanh(sums[row + std::size_t(classes)]);
        if (net::tree::is_leaf(depth, k)) continue;
        const double theta = sums[std::size_t(net::tree::first_row(depth, classes, k))];
        const double turn = std::isinf(s) ? (theta > 0 ? 1.0 : -1.0) : std::tanh(s * theta);
        shares[std::size_t(2 * k + 1)] = shares[std::size_t(k)] * (1 - turn) / 2;
        shares[std::size_t(2 * k + 2)] = shares[std::size_t(k)] * (1 + turn) / 2;
    }
    return total;
}

/// A tree over random sums of its own, after one pass.
struct Recorded {
    Recorded(int depth, int classes, float sharpness, Mode mode, const Grid* score = nullptr)
        : sums(graph.variable({net::tree::rows(depth, classes), 1, 1})), y(graph.variable({classes, 1, 1})),
          head(graph.record<TreeHead>(sums, depth, y, score)) {
        graph.record<LinearLoss>(y);
        graph.finish();
        head.set_sharpness(sharpness);
        Random random(3, "sums");
        for (std::size_t s = 0; s < 32; ++s) {
            of_sample.emplace_back();
            for (int row = 0; row < sums.shape.channels; ++row) {
                // on grids: multiples of 2^-10, as integer sums are
                const double value = random.normal() * (score ? 3 : 1);
                sums.at(s, row) = float(score ? std::ldexp(std::floor(std::ldexp(value, 10)), -10) : value);
                of_sample.back().push_back(double(sums.at(s, row)));
            }
        }
        Team team(1);
        if (mode == Mode::training)
            graph.step(team);
        else
            graph.forward(mode, team);
    }
    Graph graph{32};
    Variable &sums, &y;
    TreeHead& head;
    std::vector<std::vector<double>> of_sample;
};

} // namespace

TEST_CASE("a tree gives the logits of the plain formula: soft in training, along the path in evaluation") {
    for (const int depth : {0, 1, 3}) {
        CAPTURE(depth);
        const double infinity = std::numeric_limits<double>::infinity();
        Recorded soft(depth, 3, 1.5f, Mode::training), path(depth, 3, 1.5f, Mode::evaluation);
        for (std::size_t s = 0; s < 32; ++s)
            for (int c = 0; c < 3; ++c) {
                CHECK(double(soft.y.at(s, c)) ==
                      doctest::Approx(logit(soft.of_sample[s], depth, 3, c, 1.5)).epsilon(1e-4));
                CHECK(double(path.y.at(s, c)) ==
                      doctest::Approx(logit(path.of_sample[s], depth, 3, c, infinity)).epsilon(1e-4));
            }
    }
}

TEST_CASE("a soft tree passes the gradient check") {
    for (const int depth : {0, 1, 3}) {
        CAPTURE(depth);
        test::check_gradients({net::tree::rows(depth, 2), 1, 1},
                              [&](Graph& graph, Variable& x) -> Variable& {
                                  Variable& y = graph.variable({2, 1, 1});
                                  graph.record<TreeHead>(x, depth, y).set_sharpness(1.5f);
                                  return y;
                              },
                              {.samples = 20, .step = 0.003});
    }
}

TEST_CASE("a hard tree has gradients of its path alone, and none of theta") {
    Recorded hard(2, 3, TreeHead::hard, Mode::training);
    for (std::size_t s = 0; s < 16; ++s) {
        std::size_t reached = 0;
        for (int k = 0; k < net::tree::nodes(2); ++k) {
            const auto gradient = [&](int row) { return (*hard.sums.gradient.group(0).row(row, 0))[s]; };
            reached += gradient(net::tree::first_score(2, 3, k)) != 0;
            if (!net::tree::is_leaf(2, k)) CHECK(gradient(net::tree::first_row(2, 3, k)) == 0);
        }
        CHECK(reached == 3); // root, child, leaf
    }
}

TEST_CASE("a tree on grids computes the integers of the device's kernel") {
    for (float value = 0; value < 128; ++value)
        CHECK(tree_tanh_table()[std::size_t(value)] == float(mcu::tree_gate(std::int8_t(value))));
    const Grid score{-8, -tree_score_limit, tree_score_limit - 1}; // w to steps of 2^-8; the sums have steps of 2^-10
    for (const int depth : {0, 3}) {
        Recorded grids(depth, 4, 1, Mode::training, &score);
        for (std::size_t s = 0; s < 32; ++s) {
            std::vector<std::int32_t> logits(4);
            const auto sum = [&](int row) {
                return std::int32_t(std::ldexp(grids.of_sample[s][std::size_t(row)], 10));
            };
            for (int k = 0, level = 0; level <= depth; ++level) {
                const int row = net::tree::first_score(depth, 4, k);
                for (int c = 0; c < 4; ++c)
                    logits[std::size_t(c)] +=
                        mcu::tree_value(sum(row + c), 2, -4096, 4095) *
                        mcu::tree_gate(std::int8_t(mcu::tree_value(sum(row + 4 + c), 5, -127, 127)));
                if (level < depth) k = 2 * k + 1 + (sum(net::tree::first_row(depth, 4, k)) > 0);
            }
            for (int c = 0; c < 4; ++c) CHECK(grids.y.at(s, c) == std::ldexp(float(logits[std::size_t(c)]), -8 - 7));
        }
    }
}
