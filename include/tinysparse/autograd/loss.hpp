// SPDX-License-Identifier: Apache-2.0
// Softmax cross-entropy with label smoothing (Szegedy et al. 2016) and a weight w for each class.
//   p = softmax(logits),  t = (1 - smoothing) onehot(label) + smoothing / classes
//   loss = mean over samples of - w_label sum_k t_k log p_k,   dlogits = w_label (p - t) / samples
#pragma once
#include "tinysparse/autograd/graph.hpp"
#include "tinysparse/tensor/elementary.hpp"

namespace tinysparse::autograd {

/// The classification loss, averaged over the samples of a batch, with smoothed labels and weights of classes.
class SoftmaxCrossEntropy final : public Operation {
  public:
    /// class_weights: one per class; empty: all are 1.
    SoftmaxCrossEntropy(Graph& graph, Variable& logits, float smoothing = 0.0f, std::vector<float> class_weights = {})
        : graph_(graph), logits_(logits), smoothing_(smoothing), class_weights_(std::move(class_weights)),
          labels_(graph.groups() * tensor::lane_samples), answers_(labels_.size()) {}

    /// Labels of the samples of the batch, 0..classes-1; those of unused lanes do not matter.
    std::span<std::uint8_t> labels() { return labels_; }
    /// Weight of each sample of a group by its label; 0 in lanes without a sample.
    [[gnu::always_inline]] Lane weights(std::size_t group) const {
        Lane weights = graph_.active(group);
        if (class_weights_.empty()) return weights;
        for (std::size_t s = 0; s < tensor::lane_samples && group * tensor::lane_samples + s < graph_.samples(); ++s)
            weights[s] = class_weights_[labels_[group * tensor::lane_samples + s]];
        return weights;
    }
    /// Mean loss over the samples of the last batch.
    double loss() const { return sum_of(loss_) / double(graph_.samples()); }
    /// Class with the largest logit of each sample of the last batch; the lowest index wins a tie.
    std::span<const std::uint8_t> answers() const { return std::span(answers_).first(graph_.samples()); }
    /// Number of right answers.
    std::size_t correct() const { return std::size_t(sum_of(correct_)); }

    void plan() override { accumulate_ = logits_.claim_gradient(); }
    void allocate(std::size_t groups) override {
        loss_.assign(groups, 0.0);
        correct_.assign(groups, 0.0);
    }
    void forward(std::size_t group, Mode mode) override {
        const auto logits = logits_.value.group(group);
        const int classes = logits_.shape.channels;
        Lane largest = *logits.row(0, 0), sum = largest, best{}, total{};
        for (int k = 1; k < classes; ++k) {
            const Lane logit = *logits.row(k, 0);
            best = tensor::select(logit > largest, tensor::broadcast(float(k)), best);
            largest = tensor::select(logit > largest, logit, largest);
            sum += logit;
        }
        if (mode == Mode::training)
            for (int k = 0; k < classes; ++k) total += tensor::exponential(*logits.row(k, 0) - largest);
        const Lane log_total = largest + tensor::logarithm(total);
        const Lane weight = weights(group);
        double loss = 0, correct = 0;
        for (std::size_t s = 0; s < tensor::lane_samples && group * tensor::lane_samples + s < graph_.samples(); ++s) {
            const int label = labels_[group * tensor::lane_samples + s];
            answers_[group * tensor::lane_samples + s] = std::uint8_t(best[s]);
            correct += best[s] == float(label);
            // a logit that is not finite makes the sum, and so the loss, not finite
            const double smoothing = double(smoothing_);
            loss += double(weight[s]) * (double(log_total[s]) - (1 - smoothing) * double((*logits.row(label, 0))[s]) -
                                         smoothing * double(sum[s]) / classes);
        }
        loss_[group] = mode == Mode::training ? loss : 0;
        correct_[group] = correct;
    }
    void backward(std::size_t group) override {
        const auto logits = logits_.value.group(group), gradient = logits_.gradient.group(group);
        const int classes = logits_.shape.channels;
        Lane largest = *logits.row(0, 0), total{};
        for (int k = 1; k < classes; ++k) largest = tensor::maximum(largest, *logits.row(k, 0));
        const auto exponential = [&](int k) __attribute__((always_inline)) {
            return tensor::exponential(*logits.row(k, 0) - largest);
        };
        for (int k = 0; k < classes; ++k) total += exponential(k);
        LaneMask labels{};
        for (std::size_t s = 0; s < tensor::lane_samples; ++s) labels[s] = labels_[group * tensor::lane_samples + s];
        const Lane active = graph_.active(group), weight = weights(group) / float(graph_.samples());
        const Lane share = 1.0f / total;
        const Lane rest = tensor::broadcast(smoothing_ / float(classes)), own = rest + (1.0f - smoothing_);
        for (int k = 0; k < classes; ++k) {
            const Lane target = tensor::select(labels == k, own, rest);
            // Unused lanes are selected away, not multiplied by 0: they may hold infinity, and 0 times that is not 0.
            const Lane result = tensor::select(active > Lane{}, (exponential(k) * share - target) * weight, Lane{});
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
    std::vector<float> class_weights_;
    std::vector<std::uint8_t> labels_, answers_;
    std::vector<double> loss_, correct_;
    bool accumulate_ = false;
};

} // namespace tinysparse::autograd
