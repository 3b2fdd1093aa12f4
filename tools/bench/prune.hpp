// SPDX-License-Identifier: Apache-2.0
// All pruning methods at 50, 80, 90 and 95 % sparsity, trained for the same epochs: the test error and what remains.
// Each method trains once (three phases: dense, with the method, fine-tuning). If possible, that one training is cut at
// all four shares: methods that rank weights at the end of their phase are cut four times there; those that grow their
// masks are cut when the growing share passes each of the four. Every cut is then fine-tuned for the same number of
// steps at the same learning rates.
#pragma once
#include <cmath>
#include <map>

#include "result.hpp"
#include "tinysparse/base/moments.hpp"
#include "tinysparse/net/notation.hpp"
#include "tinysparse/nn/input_shape.hpp"
#include "tinysparse/prune/train.hpp"

namespace tinysparse::bench {

struct PruneBenchOptions {
    int epochs = 12;
    Progress progress{};
};

namespace detail {

inline constexpr double cut_shares[] = {0.5, 0.2, 0.1, 0.05};
inline constexpr std::size_t cuts = std::size(cut_shares);

struct ComparedNetwork {
    const char *name, *notation;
    double learning_rate;
    int seeds;
};
inline constexpr ComparedNetwork compared_networks[] = {
    {"LeNet-300-100", "F300 F100 F10", 1e-3, 1},
    {"a CNN of 5 k weights", "C8k5vn M2 C16k3vn M2 C24k3vn M2 F10", 3e-3, 3}};

/// One cut: a network's weights and the masks decided for it.
struct Cut {
    std::unique_ptr<nn::Network> network;
    prune::Masks masks;
};

/// Takes a cut whenever the growing share of a magnitude method passes one of cut_shares.
class CuttingOptimiser final : public nn::Optimiser {
  public:
    CuttingOptimiser(std::unique_ptr<nn::Optimiser> inner, prune::Magnitude& pruner, std::function<void()> take)
        : inner_(std::move(inner)), pruner_(pruner), take_(std::move(take)) {}
    void step(double learning_rate) override {
        inner_->step(learning_rate);
        for (; next_ < cuts && *pruner_.share() <= cut_shares[next_] * (1 + 1e-9); ++next_) take_();
    }

  private:
    std::unique_ptr<nn::Optimiser> inner_;
    prune::Magnitude& pruner_;
    std::function<void()> take_;
    std::size_t next_ = 0;
};

/// One method on one network with one seed.
class Comparison {
  public:
    Comparison(const data::Dataset& set, const ComparedNetwork& compared, prune::Method method, int epochs,
               std::uint64_t seed, Team& team)
        : set_(set), spec_(net::parse(compared.notation, nn::input_shape(set))), method_(method),
          training_(training(compared, epochs, seed)), trainer_(set, spec_, training_, team) {}

    /// Test errors after each cut, and the number of remaining weights.
    void run(std::vector<double>& errors, std::vector<double>& remaining) {
        prune::Options options;
        options.method = method_;
        options.keep = cut_shares[cuts - 1];
        options.seed = training_.seed;
        const bool grows = method_ == prune::Method::magnitude || method_ == prune::Method::dpf;
        const double begin = 0.1, end = 0.7; // the same phases for all, so that all fine-tune for as long
        const std::size_t steps = trainer_.steps(), first = std::size_t(begin * double(steps)),
                          last = std::size_t(end * double(steps));
        nn::Network network(spec_, nn::network_options(training_));
        network.initialise(training_.seed);
        trainer_.run(network, *nn::make_optimiser(network, training_), {.end = first});
        const auto pruner = prune::make_pruner(options, set_.train.samples);
        if (grows)
            grow(network, static_cast<prune::Magnitude&>(*pruner), first, last);
        else
            prune::run_pruning(trainer_, network, *pruner, {first, last}, {}, [&](prune::Pruner& own) {
                for (const double share : cut_shares) take(own, prune::decide(spec_, own.rank(), share));
            });
        for (Cut& cut : cut_) {
            prune::fine_tune(trainer_, *cut.network, cut.masks, 0, {last, steps}, {});
            errors.push_back(1 - trainer_.accuracy(*cut.network, set_.test));
            remaining.push_back(double(prune::kept(cut.masks)));
        }
    }

  private:
    static nn::TrainerOptions training(const ComparedNetwork& compared, int epochs, std::uint64_t seed) {
        nn::TrainerOptions options;
        options.epochs = epochs;
        options.learning_rate = compared.learning_rate;
        options.seed = seed;
        return options;
    }
    void take(prune::Pruner& pruner, prune::Masks masks) {
        auto network = std::make_unique<nn::Network>(spec_, nn::network_options(training_));
        pruner.finish(*network);
        cut_.push_back({std::move(network), std::move(masks)});
    }
    void grow(nn::Network& network, prune::Magnitude& pruner, std::size_t first, std::size_t last) {
        nn::NetworkOptions recording = nn::network_options(training_);
        pruner.record(recording);
        nn::Network changed(spec_, recording);
        prune::copy_parameters(network, changed);
        pruner.attach(changed);
        auto pruning =
            std::make_unique<prune::PruningOptimiser>(nn::make_optimiser(changed, training_), pruner, first, last);
        CuttingOptimiser optimiser(std::move(pruning), pruner, [&] { take(pruner, pruner.current()); });
        trainer_.run(changed, optimiser, {.begin = first, .end = last});
    }

    const data::Dataset& set_;
    net::Spec spec_;
    prune::Method method_;
    nn::TrainerOptions training_;
    nn::Trainer trainer_;
    std::vector<Cut> cut_;
};

} // namespace detail

/// The table in Markdown.
inline std::string bench_prune(const data::Dataset& set, const PruneBenchOptions& options) {
    Team team(1);
    std::string out;
    for (const detail::ComparedNetwork& compared : detail::compared_networks) {
        const std::size_t total = net::weights(net::parse(compared.notation, nn::input_shape(set)));
        out += text("### ", compared.name, ": `", compared.notation, "`, ", total, " weights, ", options.epochs,
                    " epochs, ", compared.seeds, compared.seeds == 1 ? " seed" : " seeds", "\n\n| method |");
        for (const double share : detail::cut_shares) out += text(" ", std::lround(100 * (1 - share)), " % |");
        out += "\n|---|---|---|---|---|\n";
        for (const prune::MethodInfo& method : prune::methods) {
            std::vector<std::vector<double>> errors(detail::cuts);
            std::vector<double> remaining;
            for (int seed = 1; seed <= compared.seeds; ++seed) {
                std::vector<double> own;
                detail::Comparison(set, compared, method.method, options.epochs, std::uint64_t(seed), team)
                    .run(own, remaining);
                std::string line = text(compared.name, ", ", method.name, ", seed ", seed, ": test error");
                for (std::size_t i = 0; i < own.size(); ++i) {
                    errors[i].push_back(own[i]);
                    line += text(" ", fixed_decimals(100 * own[i], 2), " %");
                }
                if (options.progress) options.progress(line);
            }
            out += text("| ", method.name, " |");
            for (std::size_t i = 0; i < detail::cuts; ++i) {
                Moments error;
                double left = 0;
                for (std::size_t s = 0; s < errors[i].size(); ++s) {
                    error.add(errors[i][s]);
                    left += remaining[s * detail::cuts + i];
                }
                out += text(" ", fixed_decimals(100 * error.mean(), 2));
                if (error.count() > 1) out += text(" ± ", fixed_decimals(100 * std::sqrt(error.sample_variance()), 2));
                out += text(" (", std::lround(left / error.count()), ") |");
            }
            out += "\n";
        }
        out += "\n";
    }
    return out;
}

} // namespace tinysparse::bench
