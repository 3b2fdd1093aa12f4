// SPDX-License-Identifier: Apache-2.0
// Dropout (Srivastava et al. 2014), scaled in training so that evaluation changes nothing ("inverted").
//   training:   y = x m / (1 - rate),  m = 0 with probability rate, else 1, drawn anew for each element of each sample
//   evaluation: y = x
//   backward:   dx = dy m / (1 - rate)
// The masks are a function of (seed, step, layer, group of 16 samples) alone, so a training gives the same weights for
// any number of threads, and one that goes on where another stopped sees the same masks.
#pragma once
#include <cmath>

#include "tinysparse/autograd/graph.hpp"
#include "tinysparse/base/random.hpp"

namespace tinysparse::autograd {

/// Rate and random stream of the masks of one layer.
struct DropoutOptions {
    double rate = 0.5; ///< Share of the elements that is dropped, 0 <= rate < 1, rounded to the nearest 1/256.
    std::uint64_t seed = 1;
    std::uint32_t layer = 0; ///< Tells the masks of one network's layers apart, 0..4095.
};

/// Sets random elements of x to zero in training and scales the others up; copies x in evaluation.
class Dropout final : public Operation {
  public:
    /// x, y: equal shapes.
    Dropout(Variable& x, const DropoutOptions& options, Variable& y)
        : x_(x), y_(y), options_(options),
          dropped_(std::uint32_t(std::clamp(std::floor(options.rate * 256 + 0.5), 0.0, 255.0))),
          scale_(256.0f / float(256 - dropped_)) {}

    /// The step of the training that the next forward pass belongs to, 0..2^32-1.
    void set_step(std::uint64_t step) { step_ = step; }

    void plan() override { accumulate_ = x_.needs_gradient && x_.claim_gradient(); }
    void allocate(std::size_t groups) override { masks_ = Tensor(groups, x_.shape); }
    void forward(std::size_t group, Mode mode) override {
        const auto x = x_.value.group(group), y = y_.value.group(group), masks = masks_.group(group);
        if (mode == Mode::evaluation) {
            tensor::for_rows(x_.shape,
                             [&](int c, int row) { std::copy_n(x.row(c, row), x_.shape.width, y.row(c, row)); });
            return;
        }
        Random random(options_.seed, "dropout", step_ << 20 | std::uint64_t{options_.layer} << 8 | group);
        tensor::for_rows(x_.shape, [&](int c, int row) {
            for (int p = 0; p < x_.shape.width; ++p) {
                masks.row(c, row)[p] = draw(random);
                y.row(c, row)[p] = x.row(c, row)[p] * masks.row(c, row)[p];
            }
        });
    }
    void backward(std::size_t group) override {
        if (!x_.needs_gradient) return;
        const auto masks = masks_.group(group), dy = y_.gradient.group(group), dx = x_.gradient.group(group);
        tensor::for_rows(x_.shape, [&](int c, int row) {
            for (int p = 0; p < x_.shape.width; ++p) {
                const Lane gradient = dy.row(c, row)[p] * masks.row(c, row)[p];
                dx.row(c, row)[p] = accumulate_ ? dx.row(c, row)[p] + gradient : gradient;
            }
        });
    }

  private:
    /// m / (1 - rate) for 16 samples: eight random bits decide for each.
    [[gnu::always_inline]] Lane draw(Random& random) const {
        Lane mask{};
        for (std::size_t s = 0; s < tensor::lane_samples;) {
            std::uint32_t bits = random();
            for (int byte = 0; byte < 4; ++byte, bits >>= 8, ++s) mask[s] = (bits & 255) >= dropped_ ? scale_ : 0.0f;
        }
        return mask;
    }

    Variable &x_, &y_;
    DropoutOptions options_;
    std::uint32_t dropped_; ///< The rate in steps of 1/256.
    float scale_;
    std::uint64_t step_ = 0;
    Tensor masks_;
    bool accumulate_ = false;
};

} // namespace tinysparse::autograd
