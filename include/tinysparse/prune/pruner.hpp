// SPDX-License-Identifier: Apache-2.0
// The common interface of all pruning methods. A method attaches to a network, takes part in its training (adds to the
// loss, follows a schedule), ranks weights or groups of them, and ends with a plain network:
//   record(options)   how the network has to be recorded
//   attach(network)   after the network is recorded
//   begin(progress)   before a step, progress from 0 to 1
//   add_to_loss()     after the backward pass: adds the gradient of its penalty
//   updated()         after the optimiser changed the parameters
//   rank()            ranks weights; decide() in decide.hpp cuts by a budget or by the method's own threshold
//   finish(plain)     writes the method's final weights into a network recorded without it
#pragma once
#include <optional>

#include "tinysparse/prune/decide.hpp"
#include "tinysparse/prune/method.hpp"

namespace tinysparse::prune {

/// A pruning method during one training; see the top of this file for the order of calls.
class Pruner {
  public:
    virtual ~Pruner() = default;
    /// Changes how the network will be recorded, for example so that its weights are random.
    virtual void record(nn::NetworkOptions&) {}
    /// Takes the recorded network, which must outlive the pruning.
    virtual void attach(nn::Network& network) { network_ = &network; }
    /// progress: share of the pruning phase that is over; step: of the whole training; the noise depends on it.
    virtual void begin(double /*progress*/, std::uint64_t /*step*/) {}
    /// Adds the gradient of the penalty to that of the loss.
    virtual void add_to_loss() {}
    /// The penalty per training sample, in nats; 0 for methods without one. Not cheap: for reports.
    virtual double penalty() const { return 0; }
    /// Follows the optimiser's step, for example sets pruned weights to 0 again.
    virtual void updated() {}
    /// Scores of all weights, or groups with scores, at this step.
    virtual Ranking rank() const = 0;
    /// The masks if it were decided now.
    virtual Masks current() const { return decide(network_->spec(), rank(), std::nullopt); }
    /// Writes the final weights into a network that was recorded without the method.
    virtual void finish(nn::Network& plain) const { copy_parameters(*network_, plain); }
    /// Bits per weight that each layer's posterior supports; empty for methods without a posterior.
    virtual std::vector<int> bits(const Masks&) const { return {}; }

  protected:
    /// The attached network.
    nn::Network& network() const { return *network_; }

  private:
    nn::Network* network_ = nullptr;
};

/// An optimiser that lets a pruner take part in every step.
class PruningOptimiser final : public nn::Optimiser {
  public:
    /// Steps first..end-1 of a training are the pruning phase.
    PruningOptimiser(std::unique_ptr<nn::Optimiser> inner, Pruner& pruner, std::uint64_t first, std::uint64_t end)
        : inner_(std::move(inner)), pruner_(pruner), step_(first), first_(first), end_(end) {
        pruner_.begin(0, first);
    }
    void step(double learning_rate) override {
        pruner_.add_to_loss();
        inner_->step(learning_rate);
        pruner_.updated();
        ++step_;
        pruner_.begin(std::min(1.0, double(step_ - first_) / double(std::max<std::uint64_t>(1, end_ - first_))), step_);
    }

  private:
    std::unique_ptr<nn::Optimiser> inner_;
    Pruner& pruner_;
    std::uint64_t step_, first_, end_;
};

} // namespace tinysparse::prune
