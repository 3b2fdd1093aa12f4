// SPDX-License-Identifier: Apache-2.0
// Softmax cross-entropy with label smoothing (Szegedy et al. 2016).
//   p = softmax(logits),  t = (1 - smoothing) onehot(label) + smoothing / classes
//   loss = mean over samples of - sum_k t_k log p_k,   dlogits = (p - t) / samples
#pragma once
#include "tinysparse/autograd/graph.hpp"

namespace tinysparse::autograd {

class SoftmaxCrossEntropy final : public Operation {
  public:
    SoftmaxCrossEntropy(Graph& graph, Variable& logits, float smoothing = 0.0f)
        : graph_(graph), logits_(logits), smoothing_(smoothing), labels_(graph.groups() * tensor::lane_samples) {}

    /// Labels of the samples of the batch, 0..classes-1; those of unused lanes do not matter.
    std::span<std::uint8_t> labels() { return labels_; }
    /// Mean loss over the samples of the last batch.
    double loss() const { return sum_of(loss_) / double(graph_.samples()); }
    /// How many samples of the last batch had their own class as the largest logit (the lowest index wins a tie).
    std::size_t correct() const { return std::size_t(sum_of(correct_)); }

    void plan() override { accumulate_ = logits_.claim_gradient(); }
    void allocate(std::size_t groups) override {
        loss_.assign(groups, 0.0);
        correct_.assign(groups, 0.0);
    }
    void forward(std::size_t group, Mode mode) override {
        const auto logits = logits_.value.group(group);
        const int classes = logits_.shape.channels;
        double loss = 0, correct = 0;
        for (std::size_t s = 0; s < tensor::lane_samples && group * tensor::lane_samples + s < graph_.samples(); ++s) {
            const int label = labels_[group * tensor::lane_samples + s];
            int best = 0;
            for (int k = 1; k < classes; ++k)
                if ((*logits.row(k, 0))[s] > (*logits.row(best, 0))[s]) best = k;
            correct += best == label;
            if (mode == Mode::evaluation) continue;
            const double largest = double((*logits.row(best, 0))[s]);
            double total = 0, sum = 0;
            for (int k = 0; k < classes; ++k) {
                total += std::exp(double((*logits.row(k, 0))[s]) - largest);
                sum += double((*logits.row(k, 0))[s]);
            }
            const double log_total = largest + std::log(total);
            const double smoothing = double(smoothing_);
            loss += log_total - (1 - smoothing) * double((*logits.row(label, 0))[s]) - smoothing * sum / classes;
        }
        loss_[group] = loss;
        correct_[group] = correct;
    }
    void backward(std::size_t group) override {
        const auto logits = logits_.value.group(group), gradient = logits_.gradient.group(group);
        const int classes = logits_.shape.channels;
        Lane largest = *logits.row(0, 0), total{};
        for (int k = 1; k < classes; ++k) largest = tensor::maximum(largest, *logits.row(k, 0));
        const auto exponential = [&](int k) {
            return tensor::map(*logits.row(k, 0) - largest, [](float x) { return std::exp(x); });
        };
        for (int k = 0; k < classes; ++k) total += exponential(k);
        const Lane weight = graph_.active(group) / float(graph_.samples());
        for (int k = 0; k < classes; ++k) {
            Lane target = tensor::broadcast(smoothing_ / float(classes));
            for (std::size_t s = 0; s < tensor::lane_samples; ++s)
                if (labels_[group * tensor::lane_samples + s] == k) target[s] += 1.0f - smoothing_;
            const Lane result = (exponential(k) / total - target) * weight;
            Lane& to = *gradient.row(k, 0);
            to = accumulate_ ? to + result : result;
        }
    }

  private:
    static double sum_of(const std::vector<double>& values) {
        double total = 0;
        for (const double value : values) total += value;
        return total;
    }
    Graph& graph_;
    Variable& logits_;
    float smoothing_;
    std::vector<std::uint8_t> labels_;
    std::vector<double> loss_, correct_;
    bool accumulate_ = false;
};

} // namespace tinysparse::autograd
