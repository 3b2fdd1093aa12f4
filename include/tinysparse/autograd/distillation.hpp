// SPDX-License-Identifier: Apache-2.0
// Distillation (Hinton, Vinyals, Dean 2015): the network learns from the softened answers of a teacher,
// beside its labels.
//   q = softmax(teacher / T),  p = softmax(logits / T)
//   loss = weight T^2 mean over samples of w sum_k q_k (log q_k - log p_k),   dlogits = weight T w (p - q) / samples
// T^2 keeps the size of the gradient independent of the temperature T. The loss is 0 if p equals q. w is the weight of
// a sample: that of its label in the loss against the labels.
#pragma once
#include "tinysparse/autograd/graph.hpp"
#include "tinysparse/autograd/loss.hpp"

namespace tinysparse::autograd {

/// The loss of a student against a teacher's softened answers; it adds to the gradient of the logits.
class Distillation final : public Operation {
  public:
    /// labels: the loss that holds the weights of the samples; null: all weights are 1.
    Distillation(Graph& graph, Variable& logits, double weight, double temperature,
                 const SoftmaxCrossEntropy* labels = nullptr)
        : graph_(graph), logits_(logits), weight_(weight), temperature_(temperature), labels_(labels) {}

    /// The teacher's logits of one group, channel by channel like the network's. Fill them before each training step.
    tensor::View teacher(std::size_t group) { return teacher_.group(group); }
    /// Loss of the last batch that ran in training mode.
    double loss() const {
        double total = 0;
        for (const double part : loss_) total += part;
        return total / double(graph_.samples());
    }

    void plan() override { accumulate_ = logits_.claim_gradient(); }
    void allocate(std::size_t groups) override {
        teacher_ = Tensor(groups, logits_.shape);
        loss_.assign(groups, 0.0);
    }
    void forward(std::size_t group, Mode mode) override {
        if (mode == Mode::evaluation) return;
        const auto logits = logits_.value.group(group), teacher = teacher_.group(group);
        const Lane weight = sample_weights(group);
        double total = 0;
        for (std::size_t s = 0; s < tensor::lane_samples && group * tensor::lane_samples + s < graph_.samples(); ++s) {
            const double own = log_sum(logits, s), taught = log_sum(teacher, s);
            for (int k = 0; k < logits_.shape.channels; ++k) {
                const double log_q = softened(teacher, k, s) - taught, log_p = softened(logits, k, s) - own;
                total += double(weight[s]) * std::exp(log_q) * (log_q - log_p);
            }
        }
        loss_[group] = weight_ * temperature_ * temperature_ * total;
    }
    void backward(std::size_t group) override {
        const auto logits = logits_.value.group(group), teacher = teacher_.group(group),
                   gradient = logits_.gradient.group(group);
        Lane own{}, taught{};
        for (std::size_t s = 0; s < tensor::lane_samples; ++s) {
            own[s] = float(log_sum(logits, s));
            taught[s] = float(log_sum(teacher, s));
        }
        const float soften = float(1 / temperature_);
        const Lane factor = sample_weights(group) * float(weight_ * temperature_ / double(graph_.samples()));
        const auto exponential = [](LaneArgument x) __attribute__((always_inline)) {
            return tensor::map(x, [](float e) { return std::exp(e); });
        };
        for (int k = 0; k < logits_.shape.channels; ++k) {
            const Lane p = exponential(*logits.row(k, 0) * soften - own);
            const Lane q = exponential(*teacher.row(k, 0) * soften - taught);
            // Unused lanes are selected away, not multiplied by 0: they may hold infinity, and 0 times that is not 0.
            const Lane result = tensor::select(factor > Lane{}, (p - q) * factor, Lane{});
            Lane& to = *gradient.row(k, 0);
            to = accumulate_ ? to + result : result;
        }
    }

  private:
    [[gnu::always_inline]] Lane sample_weights(std::size_t group) const {
        return labels_ ? labels_->weights(group) : graph_.active(group);
    }
    double softened(const tensor::ConstView& logits, int k, std::size_t s) const {
        return double((*logits.row(k, 0))[s]) / temperature_;
    }
    /// log sum_k exp(logits_k / T) of one sample.
    double log_sum(const tensor::ConstView& logits, std::size_t s) const {
        double largest = softened(logits, 0, s), total = 0;
        for (int k = 1; k < logits_.shape.channels; ++k) largest = std::max(largest, softened(logits, k, s));
        for (int k = 0; k < logits_.shape.channels; ++k) total += std::exp(softened(logits, k, s) - largest);
        return largest + std::log(total);
    }

    Graph& graph_;
    Variable& logits_;
    double weight_, temperature_;
    const SoftmaxCrossEntropy* labels_;
    Tensor teacher_;
    std::vector<double> loss_;
    bool accumulate_ = false;
};

} // namespace tinysparse::autograd
