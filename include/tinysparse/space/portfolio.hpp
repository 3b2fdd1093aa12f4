// SPDX-License-Identifier: Apache-2.0
// Portfolio: genomes from the fronts of several data sets, with which a search may begin instead of random ones. A
// short list of settings that did well elsewhere covers most needs of a new task (Wistuba, Schilling, Schmidt-Thieme
// 2015; Feurer, Eggensperger, Falkner, Lindauer, Hutter 2022). The rows name the set on which each genome was found and
// its errors on all sets, so that a search can leave out everything that comes from its own set: a result on MNIST that
// began with MNIST's networks would tell little about another task. search/portfolio.hpp orders them;
// tools/portfolio/run makes the rows.
#pragma once
#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/rows.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/space/genome.hpp"

namespace tinysparse::space {

/// A data set of the portfolio.
struct PortfolioSet {
    std::string_view name;
    Augments samples;     ///< Pictures, or series.
    double trivial_error; ///< Least error of a constant answer, in per cent.
};

inline constexpr PortfolioSet portfolio_sets[] = {
    {"mnist", Augments::pictures, 88.8}, {"cifar10", Augments::pictures, 90},    {"chars74k", Augments::pictures, 91.6},
    {"strokes", Augments::pictures, 90}, {"textures", Augments::pictures, 87.5}, {"hapt", Augments::series, 94.6},
    {"ecg5000", Augments::series, 39.6}};
inline constexpr std::size_t portfolio_set_count = std::size(portfolio_sets);

/// A network that was on the front of another data set.
struct PortfolioMember {
    std::string_view set; ///< The data set whose front the network was on.
    /// Validation error on each of portfolio_sets in per cent, after a training of the second length.
    std::array<double, portfolio_set_count> errors;
    Genome genome;
};

/// All members, in the order of the table; they are made once.
inline const std::vector<PortfolioMember>& portfolio_members() {
    static const std::vector<PortfolioMember> members{
        // Rows made by tools/portfolio/run.
        {"mnist",
         {1.9, 44.56, 25.63, 0.33, 0.04, 7.5, 8.02},
         {.front = {.width = 3, .stride = 2, .pooling = net::Pooling::none, .bits = 4},
          .stages = {{.units = {{.kind = UnitKind::convolution, .width = 6, .bits = 4},
                                {.kind = UnitKind::convolution, .width = 4, .bits = 4},
                                {.width = 8, .linear = false, .bits = 4}}},
                     {.units = {{.width = 16, .bits = 4}}}},
          .end = {.bits = 4},
          .training = {.learning_rate = 0.038, .shift = 0, .rotate = 15}}},
        {"mnist",
         {0.8, 32.5, 18.62, 0.04, 0.04, 8.44, 5.51},
         {.front = {.width = 8, .kernel = 7, .pooling = net::Pooling::maximum, .bits = 4},
          .stages = {{.units = {{.kind = UnitKind::bottleneck, .width = 11, .bits = 4}},
                      .pooling = net::Pooling::maximum},
                     {.units = {{.kind = UnitKind::convolution, .width = 17, .squeeze = 4, .bits = 4},
                                {.kind = UnitKind::convolution, .width = 18, .bits = 4}},
                      .pool = 3}},
          .end = {.kind = EndKind::flat, .bits = 4},
          .training = {.learning_rate = 0.022, .batch = 128, .steps = 50, .noise = 0.044}}},
        {"mnist",
         {1.78, 45.52, 24.72, 0.58, 0.04, 9.71, 5.76},
         {.front = {.width = 3, .kernel = 7, .stride = 2, .pooling = net::Pooling::none, .bits = 4},
          .stages = {{.units = {{.width = 11, .kernel = 7, .bits = 4}}, .residual = true, .pool = 3}},
          .end = {.kind = EndKind::flat, .bits = 4},
          .training = {.learning_rate = 0.016, .rotate = 7.8, .scale = 0.078, .contrast = 0.11}}},
        {"mnist",
         {1.82, 43.02, 33.29, 0.33, 0.17, 7.79, 5.26},
         {.front = {.downsampling = 3, .width = 16, .kernel = 7, .bits = 4},
          .stages = {{.units = {{.kind = UnitKind::bottleneck, .width = 19, .bits = 4},
                                {.width = 19, .kernel = 7, .linear = false, .bits = 4},
                                {.width = 30, .bits = 4}},
                      .pooling = net::Pooling::none}},
          .end = {.width = 30, .bits = 4},
          .training = {.learning_rate = 0.028, .batch = 128, .shift = 0, .noise = 0.02}}},
        {"mnist",
         {0.83, 36.82, 21.61, 0.17, 0.04, 8.55, 4.76},
         {.front = {.width = 5, .kernel = 7, .pooling = net::Pooling::maximum, .bits = 4},
          .stages = {{.units = {{.width = 10, .bits = 4}}, .pooling = net::Pooling::maximum},
                     {.units = {{.kind = UnitKind::convolution, .width = 16, .squeeze = 4, .bits = 4},
                                {.width = 17, .linear = false, .bits = 4}},
                      .pool = 3}},
          .end = {.kind = EndKind::flat, .bits = 4},
          .training = {.learning_rate = 0.037, .batch = 128, .noise = 0.044}}},
        {"cifar10",
         {2.25, 44.6, 27.32, 0.33, 0.04, 7.67, 6.77},
         {.front = {.downsampling = 2, .width = 8, .bits = 4},
          .stages = {{.units = {{.width = 14, .bits = 4}}}},
          .end = {.width = 25, .bits = 4}}},
        {"cifar10",
         {3.52, 44.08, 28.29, 1.58, 5.25, 7.88, 5.51},
         {.front = {.downsampling = 4, .width = 7, .pooling = net::Pooling::none, .bits = 4},
          .stages = {{.units = {{.width = 10, .bits = 4},
                                {.kind = UnitKind::bottleneck, .width = 12, .kernel = 5, .bits = 2}},
                      .residual = true}},
          .end = {.kind = EndKind::flat, .bits = 4},
          .training = {.learning_rate = 0.037}}},
        {"cifar10",
         {2.5, 48.02, 31.34, 1, 0.17, 10.15, 7.77},
         {.front = {.width = 1, .kernel = 7, .stride = 2, .pooling = net::Pooling::none, .bits = 4},
          .stages = {{.units = {{.width = 3, .kernel = 1, .linear = false}, {.width = 6}}}},
          .end = {.kind = EndKind::flat, .width = 4, .bits = 2},
          .training = {.learning_rate = 0.037}}},
        {"cifar10",
         {1.48, 36.94, 23.3, 0.25, 0.04, 7.56, 6.52},
         {.front = {.downsampling = 2, .width = 16, .stride = 2, .pooling = net::Pooling::none, .bits = 4},
          .stages = {{.units = {{.width = 25, .bits = 4}}, .residual = true}},
          .end = {.kind = EndKind::flat, .width = 32, .bits = 4},
          .training = {.batch = 128, .label_smoothing = 0.02}}},
        {"cifar10",
         {3.32, 47.12, 40.56, 0.58, 2.75, 7.5, 4.76},
         {.front = {.downsampling = 2, .width = 9, .bits = 2},
          .stages = {{.units = {{.width = 14, .kernel = 5, .bits = 4}}}},
          .end = {.bits = 4},
          .training = {.shift = 2, .noise = 0.05}}},
        {"chars74k",
         {1.45, 54.6, 22.39, 0.33, 0.04, 8, 7.27},
         {.front = {.width = 7, .kernel = 7, .bits = 4},
          .stages = {{.units = {{.kind = UnitKind::bottleneck, .width = 19, .kernel = 7, .linear = false, .bits = 4}},
                      .residual = true,
                      .pool = 3}},
          .end = {.bits = 4},
          .training = {.learning_rate = 0.086, .batch = 32, .shift = 2}}},
        {"chars74k",
         {3.83, 48.64, 30.63, 0.83, 0.08, 8.64, 5.51},
         {.front = {.width = 4, .bits = 4},
          .stages = {{.units = {{.width = 4, .kernel = 5, .bits = 4},
                                {.kind = UnitKind::bottleneck, .width = 3, .bits = 4}}},
                     {.units = {{.width = 15, .bits = 4}}}},
          .end = {.bits = 4},
          .training = {.learning_rate = 0.025, .shift = 2}}},
        {"chars74k",
         {1.5, 41.64, 27.64, 0.33, 0.04, 9.77, 5.51},
         {.front = {.width = 2, .kernel = 7, .bits = 4},
          .stages = {{.units = {{.kind = UnitKind::convolution, .width = 4, .squeeze = 3},
                                {.kind = UnitKind::convolution, .width = 5, .kernel = 5, .bits = 4}}},
                     {.units = {{.kind = UnitKind::convolution, .width = 7, .kernel = 5}}}},
          .end = {.kind = EndKind::flat, .width = 5, .bits = 2},
          .training = {.learning_rate = 0.037, .shift = 0, .noise = 0.024}}},
        {"chars74k",
         {1.8, 43.62, 25.76, 0.42, 0.04, 7.53, 5.76},
         {.front = {.width = 7, .kernel = 5, .bits = 4},
          .stages = {{.units = {{.width = 17}}, .residual = true, .pool = 3}},
          .end = {.bits = 4},
          .training = {.learning_rate = 0.031, .batch = 32, .weight_decay = 0.001}}},
        {"chars74k",
         {1.95, 48.92, 27.84, 0.33, 0.04, 11, 5.01},
         {.front = {.width = 1, .kernel = 5, .pooling = net::Pooling::maximum, .bits = 4},
          .stages = {{.units = {{.kind = UnitKind::convolution, .width = 3, .kernel = 5, .squeeze = 3, .bits = 4},
                                {.kind = UnitKind::convolution, .width = 5, .kernel = 5, .linear = false}}},
                     {.units = {{.kind = UnitKind::convolution, .width = 6, .kernel = 5}}}},
          .end = {.kind = EndKind::flat, .width = 6, .bits = 2},
          .training = {.learning_rate = 0.037, .batch = 32, .shift = 0, .noise = 0.024}}},
        {"strokes",
         {1.68, 39.32, 23.1, 0.42, 0.04, 9.17, 7.27},
         {.front = {.width = 5},
          .stages = {{.units = {{.width = 4}, {.kind = UnitKind::bottleneck, .width = 6}}, .residual = true},
                     {.units = {{.width = 17}}, .head = true}},
          .end = {.width = 17},
          .training = {.learning_rate = 0.046}}},
        {"strokes",
         {1.52, 42.72, 25.05, 0.08, 0.04, 8.22, 5.51},
         {.front = {.width = 5, .kernel = 5, .pool = 3},
          .stages = {{.units = {{.width = 9, .squeeze = 3},
                                {.kind = UnitKind::pointwise, .width = 11, .kernel = 7, .squeeze = 3}}},
                     {.units = {{.width = 14, .kernel = 7, .squeeze = 3}, {.width = 21}},
                      .pooling = net::Pooling::none,
                      .pool = 4}},
          .end = {.width = 21},
          .training = {.learning_rate = 0.018, .cut_out = 0.18, .contrast = 0.3}}},
        {"strokes",
         {1.63, 48.16, 28.55, 0.17, 0.04, 7.32, 6.02},
         {.front = {.width = 4, .kernel = 7, .pool = 3},
          .stages = {{.units = {{.width = 4}, {.kind = UnitKind::bottleneck, .width = 6, .kernel = 7}},
                      .residual = true},
                     {.units = {{.width = 17}, {.width = 17}}, .head = true}},
          .end = {.width = 17},
          .training = {.learning_rate = 0.063}}},
        {"strokes",
         {1.68, 39.7, 24.79, 0.17, 0.04, 8.25, 6.52},
         {.front = {.width = 5},
          .stages = {{.units = {{.width = 6}, {.kind = UnitKind::bottleneck, .width = 6}}, .residual = true},
                     {.units = {{.width = 17}}}},
          .training = {.learning_rate = 0.037}}},
        {"textures",
         {2.83, 45.38, 28.88, 0.92, 0.04, 12.13, 6.02},
         {.front = {.width = 1, .stride = 2, .pooling = net::Pooling::none, .bits = 4},
          .stages = {{.units = {{.kind = UnitKind::bottleneck, .width = 7, .kernel = 5, .bits = 4}},
                      .residual = true,
                      .pool = 4}},
          .end = {.kind = EndKind::flat, .bits = 4},
          .training = {.learning_rate = 0.025, .rotate = 1.8, .scale = 0.018}}},
        {"textures",
         {3.02, 49.98, 36.21, 1.33, 0.08, 8.04, 6.77},
         {.front = {.width = 2, .bits = 4},
          .stages = {{.units = {{.width = 4, .bits = 4}}},
                     {.units = {{.width = 11, .bits = 4}, {.width = 11, .bits = 4}}}},
          .end = {.bits = 4}}},
        {"textures",
         {4.63, 52.66, 49.06, 1, 0.25, 7.33, 5.01},
         {.front = {.downsampling = 3, .width = 8, .kernel = 7, .pooling = net::Pooling::maximum, .pool = 4},
          .stages = {{.units = {{.width = 24, .squeeze = 3}}, .residual = true}},
          .end = {.kind = EndKind::average, .width = 24, .bits = 2},
          .training = {.learning_rate = 0.026}}},
        {"hapt",
         {12.57, 65.96, 72.42, 11.42, 13.67, 6.19, 7.02},
         {.front = {.downsampling = 4, .width = 4, .kernel = 5, .pooling = net::Pooling::none, .bits = 2},
          .stages = {{.units = {{.width = 3, .kernel = 5, .bits = 4}}, .residual = true, .pooling = net::Pooling::none},
                     {.units = {{.width = 3, .kernel = 5, .bits = 4}, {.width = 3, .kernel = 5, .bits = 4}},
                      .pooling = net::Pooling::none},
                     {.units = {{.width = 23, .kernel = 5, .bits = 4}}}},
          .end = {.kind = EndKind::average, .bits = 2},
          .training = {.batch = 16, .steps = 150, .label_smoothing = 0.1, .stretch = 0.2, .gain = 0.1, .axes = 5}}},
        {"hapt",
         {11.07, 58.12, 63.08, 7.33, 12.75, 7.28, 6.02},
         {.front = {.downsampling = 4, .width = 3, .pooling = net::Pooling::none, .bits = 4},
          .stages = {{.units = {{.width = 15, .bits = 4}, {.width = 13, .bits = 4}, {.width = 14, .bits = 4}}}},
          .end = {.kind = EndKind::average, .bits = 4},
          .training = {.learning_rate = 0.026,
                       .batch = 32,
                       .label_smoothing = 0.1,
                       .shift = 12,
                       .noise = 0.01,
                       .stretch = 0.05,
                       .gain = 0.4,
                       .axes = 20}}},
        {"hapt",
         {22.33, 61.4, 70.99, 17.08, 0.58, 7.09, 7.02},
         {.front = {.downsampling = 3, .width = 4, .pooling = net::Pooling::none, .pool = 3, .bits = 4},
          .stages = {{.units = {{.kind = UnitKind::convolution, .width = 2, .bits = 4}}, .pooling = net::Pooling::none},
                     {.units = {{.kind = UnitKind::convolution, .width = 7, .bits = 4}}}},
          .end = {.kind = EndKind::average, .width = 7, .bits = 4},
          .training = {.learning_rate = 0.026,
                       .label_smoothing = 0.1,
                       .shift = 12,
                       .noise = 0.01,
                       .stretch = 0.05,
                       .gain = 0.4,
                       .axes = 20}}},
        {"hapt",
         {3.77, 50.56, 40.3, 0.58, 0.08, 7.69, 5.76},
         {.front = {.width = 2, .stride = 2, .pooling = net::Pooling::none, .bits = 4},
          .stages = {{.units = {{.width = 5, .bits = 4}}},
                     {.units = {{.width = 11, .bits = 4}, {.width = 15, .bits = 4}}},
                     {.units = {{.width = 15, .bits = 4}, {.width = 10, .bits = 4}}},
                     {.units = {{.width = 23, .bits = 4}}}},
          .end = {.bits = 4},
          .training = {.learning_rate = 0.04, .batch = 32, .steps = 150, .shift = 3, .stretch = 0.2}}},
        {"hapt",
         {26.78, 64.6, 77.29, 31.5, 21.67, 8.34, 6.27},
         {.front = {.downsampling = 4, .width = 3, .kernel = 7, .pooling = net::Pooling::maximum, .pool = 3, .bits = 4},
          .stages = {{.units = {{.width = 7, .kernel = 1, .bits = 4}}, .pool = 4}},
          .end = {.bits = 4},
          .training = {.batch = 16, .shift = 3}}},
        {"ecg5000",
         {65.9, 79.38, 90.66, 75.17, 65.25, 20.68, 8.77},
         {.front = {.downsampling = 3, .width = 2, .kernel = 7, .bits = 4},
          .stages = {{.units = {{.kind = UnitKind::pointwise, .width = 1, .kernel = 7, .squeeze = 4}},
                      .residual = true,
                      .pooling = net::Pooling::maximum,
                      .pool = 4}},
          .end = {.kind = EndKind::flat, .bits = 4},
          .training = {.learning_rate = 0.023, .batch = 32, .label_smoothing = 0.02, .shift = 2}}},
        {"ecg5000",
         {26.27, 72.02, 89.75, 41.08, 35.92, 8.91, 6.27},
         {.front = {.downsampling = 4, .width = 4, .kernel = 7, .bits = 4},
          .stages = {{.units = {{.width = 2, .kernel = 7, .squeeze = 4, .bits = 4}},
                      .residual = true,
                      .pooling = net::Pooling::maximum,
                      .pool = 4}},
          .end = {.kind = EndKind::flat, .bits = 4},
          .training = {.learning_rate = 0.016, .batch = 16, .steps = 75}}},
        {"ecg5000",
         {52.55, 80.52, 85.92, 65, 53.33, 19.87, 7.02},
         {.front = {.downsampling = 3, .width = 3, .kernel = 7, .stride = 2, .pooling = net::Pooling::none, .bits = 4},
          .stages = {{.units = {{.width = 1, .kernel = 7, .squeeze = 4, .bits = 4}},
                      .residual = true,
                      .pooling = net::Pooling::maximum,
                      .pool = 4}},
          .end = {.kind = EndKind::flat, .bits = 4},
          .training = {.learning_rate = 0.023, .batch = 32}}},
        {"ecg5000",
         {26.27, 72.66, 89.75, 41.08, 35.92, 8.49, 6.52},
         {.front = {.downsampling = 4, .width = 4, .kernel = 7, .bits = 4},
          .stages = {{.units = {{.width = 2, .kernel = 7, .squeeze = 4, .bits = 4}},
                      .pooling = net::Pooling::maximum,
                      .pool = 3}},
          .end = {.kind = EndKind::flat, .width = 2, .bits = 4},
          .training = {.learning_rate = 0.016, .batch = 16, .steps = 75}}},
        {"ecg5000",
         {41.55, 73.12, 91.56, 43.92, 42.08, 11.71, 7.27},
         {.front = {.downsampling = 4, .width = 4, .kernel = 7, .bits = 4},
          .stages = {{.units = {{.width = 2, .kernel = 7, .squeeze = 4, .bits = 2}},
                      .pooling = net::Pooling::maximum,
                      .pool = 3}},
          .end = {.kind = EndKind::flat, .width = 2, .bits = 4},
          .training = {.learning_rate = 0.016, .batch = 16, .noise = 0.05, .gain = 0.36}}},
        // End of the rows.
    };
    return members;
}

/// The named sets in the order of portfolio_sets, each once; all of them for "all". Throws Error for an unknown name.
inline std::vector<std::string> portfolio_set_names(const std::vector<std::string>& names) {
    const std::vector<std::string> known = names_of(portfolio_sets);
    std::vector<bool> asked(known.size(), false);
    for (const std::string& name : names) {
        const auto at = std::find(known.begin(), known.end(), name);
        if (at != known.end())
            asked[std::size_t(at - known.begin())] = true;
        else if (name == "all")
            asked.assign(known.size(), true);
        else
            throw Error(not_known("set of the portfolio", name, known));
    }
    std::vector<std::string> sets;
    for (std::size_t i = 0; i < known.size(); ++i)
        if (asked[i]) sets.push_back(known[i]);
    return sets;
}

} // namespace tinysparse::space
