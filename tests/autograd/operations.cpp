// SPDX-License-Identifier: Apache-2.0
#include "gradient_check.hpp"
#include "tinysparse/autograd/elementwise.hpp"
#include "tinysparse/autograd/linear.hpp"
#include "tinysparse/autograd/loss.hpp"
#include "tinysparse/autograd/normalisation.hpp"
#include "tinysparse/autograd/pooling.hpp"
#include <map>
#include <memory>

using namespace tinysparse;
using namespace tinysparse::autograd;
using tinysparse::autograd::test::check_gradients;

namespace {
/// y = x, with a gradient that is wrong by a factor.
class Wrong final : public Operation {
  public:
    Wrong(Variable& x, Variable& y, float factor) : x_(x), y_(y), factor_(factor) {}
    void plan() override { accumulate_ = x_.claim_gradient(); }
    void forward(std::size_t group, Mode) override {
        autograd::detail::backward_rows(
            x_.shape, y_.value.group(group), false,
            [x = x_.value.group(group)](int c, int row, int p) { return x.row(c, row)[p]; });
    }
    void backward(std::size_t group) override {
        autograd::detail::backward_rows(
            x_.shape, x_.gradient.group(group), accumulate_,
            [this, dy = y_.gradient.group(group)](int c, int row, int p) { return factor_ * dy.row(c, row)[p]; });
    }

  private:
    Variable &x_, &y_;
    float factor_;
    bool accumulate_ = false;
};

/// Batch normalisation, and behind it a gradient that is wrong by a factor. So few positions, and away from 0, that the
/// means of the gradient, of N values each and so about 1 / sqrt(N), show when they are wrong by 5 %.
GradientCheck normalised(std::size_t samples, bool relu, float factor) {
    std::unique_ptr<BatchNormalisation> state;
    return check_gradient({3, 2, 3},
                          [&](Graph& graph, Variable& x) -> Variable& {
                              Variable &y = graph.variable(x.shape), &z = graph.variable(x.shape);
                              state = batch_normalisation(graph, x, graph.parameter("gamma", 3),
                                                          graph.parameter("beta", 3), relu, y);
                              graph.record<Wrong>(y, z, factor);
                              return z;
                          },
                          {.samples = samples,
                           .step = relu ? 3e-3 : 0.01,
                           .parameter_step = relu ? 3e-4 : 0.01,
                           .kinks = relu,
                           .mean = 1});
}
} // namespace

TEST_CASE("pooling passes the gradient check, leftover rows and columns included") {
    for (const bool maximum : {true, false})
        check_gradients({2, 5, 7},
                        [&](Graph& graph, Variable& x) -> Variable& {
                            Variable& y = graph.variable({2, 2, 2});
                            if (maximum)
                                graph.record<MaximumPool>(x, tensor::Pool{2, 3}, y);
                            else
                                graph.record<AveragePool>(x, tensor::Pool{2, 3}, y);
                            return y;
                        },
                        {.step = 1e-2, .kinks = true}); // a larger one would change which value is the maximum
}

TEST_CASE("a maximum that several positions share passes its gradient on once") {
    Graph graph(16);
    Variable& x = graph.variable({1, 2, 2});
    Variable& y = graph.variable({1, 1, 1});
    graph.record<MaximumPool>(x, tensor::Pool{2, 2}, y);
    LinearLoss& loss = graph.record<LinearLoss>(y);
    graph.finish();
    Team team(1);
    graph.step(team);
    CHECK(loss.loss() == 0);
    const auto dx = x.gradient.group(0), dy = y.gradient.group(0);
    for (std::size_t s = 0; s < 16; ++s) {
        CHECK(float(dx.row(0, 0)[0][s]) == float(dy.row(0, 0)[0][s]));
        CHECK(dx.row(0, 0)[1][s] + dx.row(0, 1)[0][s] + dx.row(0, 1)[1][s] == 0);
    }
}

TEST_CASE("ReLU and a value that two operations read pass the gradient check") {
    check_gradients({3, 3, 4},
                    [](Graph& graph, Variable& x) -> Variable& {
                        Variable& positive = graph.variable(x.shape);
                        Variable& total = graph.variable(x.shape);
                        graph.record<Relu>(x, positive);
                        graph.record<Sum>(x, positive, total);
                        return total;
                    },
                    {.step = 1e-2, .kinks = true});
}

TEST_CASE("every operation adds to a gradient that another reader has begun") {
    // x is read by all of them; the sum of all outputs is what the loss sees.
    const Shape in{2, 4, 4};
    check_gradients(in,
                    [&](Graph& graph, Variable& x) -> Variable& {
                        const LinearForm convolution{net::Kind::convolution, {3, 3, 1, 1, 1}};
                        const LinearForm strided{net::Kind::convolution, {3, 3, 2, 1, 1}};
                        const LinearForm depthwise{net::Kind::depthwise, {3, 3, 1, 1, 1}};
                        const LinearForm scattered{net::Kind::depthwise, {3, 3, 2, 1, 1}};
                        const LinearForm dense{net::Kind::dense, {}};
                        Variable *a = &graph.variable(in), *b = &graph.variable(in), *c = &graph.variable({2, 2, 2}),
                                 *d = &graph.variable({2, 2, 2}), *e = &graph.variable({2, 2, 2}),
                                 *n = &graph.variable(in);
                        graph.record<Linear>(x, graph.parameter("a", 36), nullptr, convolution, *a);
                        graph.record<Linear>(x, graph.parameter("b", 18), nullptr, depthwise, *b);
                        graph.record<Linear>(x, graph.parameter("c", 36), nullptr, strided, *c);
                        graph.record<Linear>(x, graph.parameter("d", 18), nullptr, scattered, *d);
                        graph.record<AveragePool>(x, tensor::Pool{2, 2}, *e);
                        Variable& vector = graph.variable({8, 1, 1});
                        graph.record<Linear>(x, graph.parameter("f", 8 * 32), nullptr, dense, vector);
                        static std::vector<std::unique_ptr<BatchNormalisation>> kept;
                        kept.push_back(batch_normalisation(graph, x, graph.parameter("gamma", 2),
                                                           graph.parameter("beta", 2), false, *n));
                        const auto add = [&](Variable& p, Variable& q) -> Variable& {
                            Variable& total = graph.variable(p.shape);
                            graph.record<Sum>(p, q, total);
                            return total;
                        };
                        Variable& wide = add(add(*a, *b), *n);
                        Variable& narrow_from_wide = graph.variable({2, 2, 2});
                        graph.record<AveragePool>(wide, tensor::Pool{2, 2}, narrow_from_wide);
                        Variable& narrow = add(add(add(*c, *d), *e), narrow_from_wide);
                        // Read by nobody: its gradient is zero.
                        graph.record<Relu>(vector, graph.variable(vector.shape));
                        Variable& from_narrow = graph.variable({8, 1, 1});
                        graph.record<Linear>(narrow, graph.parameter("g", 64), nullptr, dense, from_narrow);
                        return add(from_narrow, vector);
                    },
                    {.samples = 20});
}

TEST_CASE("batch normalisation passes the gradient check, with and without ReLU, full batches and partial ones") {
    for (const bool relu : {false, true})
        for (const std::size_t samples : {16, 32, 21}) {
            CAPTURE(relu);
            CAPTURE(samples);
            check_gradients(normalised(samples, relu, 1));
        }
}

TEST_CASE("the gradient check finds a gradient that is 0.2 % off, 1 % where a ReLU leaves only small steps") {
    for (const bool relu : {false, true})
        for (const std::size_t samples : {16, 32, 21}) {
            CAPTURE(relu);
            CAPTURE(samples);
            std::map<std::string, int> wrong;
            const GradientCheck check = normalised(samples, relu, relu ? 1.01f : 1.002f);
            CHECK_FALSE(check.agrees());
            for (const Derivative& one : check.derivatives) wrong[one.tensor] += !one.agrees();
            CHECK(wrong["input"] > 0);
            CHECK(wrong["gamma"] > 0);
            CHECK(wrong["beta"] > 0);
        }
}

TEST_CASE("batch normalisation has the batch's moments in training and the running ones in evaluation") {
    Graph graph(16);
    Variable& x = graph.variable({1, 1, 1});
    Variable& y = graph.variable({1, 1, 1});
    Parameter &gamma = graph.parameter("gamma", 1), &beta = graph.parameter("beta", 1);
    const auto state = batch_normalisation(graph, x, gamma, beta, false, y);
    graph.record<LinearLoss>(y);
    graph.finish();
    for (std::size_t s = 0; s < 16; ++s) x.value.group(0).row(0, 0)[0][s] = float(s); // mean 7.5, variance 21.25
    Team team(1);
    graph.forward(Mode::training, team);
    CHECK(float(y.value.group(0).row(0, 0)[0][15]) == doctest::Approx(7.5 / std::sqrt(21.25)));
    CHECK(state->running_mean[0] == doctest::Approx(0.75));
    CHECK(state->running_variance[0] == doctest::Approx(0.9 + 0.1 * 21.25 * 16 / 15));
    graph.forward(Mode::evaluation, team);
    CHECK(float(y.value.group(0).row(0, 0)[0][15]) ==
          doctest::Approx((15 - 0.75) / std::sqrt(double(state->running_variance[0]) + 1e-5)));
}

namespace {

/// A batch of random numbers about `mean` with deviation 1, through batch normalisation forwards and backwards.
struct NormalisedBatch {
    static constexpr Shape shape{2, 5, 3};
    double mean = 0, variance = 0, largest_error = 0; ///< Channel 1 by two passes; its outputs.
    float running_mean = 0, running_variance = 0;
    std::vector<float> gradients; ///< By x, gamma and beta.

    NormalisedBatch(double about, double deviation, std::size_t samples, std::size_t threads = 1) {
        Graph graph(samples);
        Variable &x = graph.variable(shape), &y = graph.variable(shape);
        Parameter &gamma = graph.parameter("gamma", 2), &beta = graph.parameter("beta", 2);
        const auto state = batch_normalisation(graph, x, gamma, beta, false, y);
        graph.record<LinearLoss>(y);
        x.needs_gradient = true;
        graph.finish();
        Random random(5, "values");
        for_values(samples, [&](std::size_t i, int c, int row, int p) {
            at(x.value, i, c, row, p) = float(about + deviation * random.normal());
        });
        const double count = double(samples) * shape.height * shape.width;
        const auto of_channel = [&](auto body) {
            for_values(samples, [&](std::size_t i, int c, int row, int p) {
                if (c == 1) body(double(at(x.value, i, c, row, p)) - about, i, row, p);
            });
        };
        of_channel([&](double distance, std::size_t, int, int) { mean += distance / count; });
        of_channel([&](double distance, std::size_t, int, int) { variance += (distance - mean) * (distance - mean); });
        variance /= count;
        Team team(threads);
        graph.step(team);
        of_channel([&](double distance, std::size_t i, int row, int p) {
            const double expected = (distance - mean) / std::sqrt(variance + 1e-5);
            largest_error = std::max(largest_error, std::abs(double(at(y.value, i, 1, row, p)) - expected));
        });
        running_mean = state->running_mean[1];
        running_variance = state->running_variance[1];
        for_values(samples,
                   [&](std::size_t i, int c, int row, int p) { gradients.push_back(at(x.gradient, i, c, row, p)); });
        for (const Parameter* parameter : {&gamma, &beta})
            gradients.insert(gradients.end(), parameter->gradient.begin(), parameter->gradient.end());
    }

  private:
    static float& at(Tensor& tensor, std::size_t sample, int c, int row, int p) {
        return reinterpret_cast<float*>(tensor.group(sample / 16).row(c, row) + p)[sample % 16];
    }
    template <class Body> static void for_values(std::size_t samples, Body body) {
        for (std::size_t i = 0; i < samples; ++i)
            for (int c = 0; c < shape.channels; ++c)
                for (int row = 0; row < shape.height; ++row)
                    for (int p = 0; p < shape.width; ++p) body(i, c, row, p);
    }
};

} // namespace

TEST_CASE("batch normalisation has the variance of two passes, however far the mean is from 0") {
    for (const double about : {0.0, 1000.0, -1e5})
        for (const std::size_t samples : {64u, 37u, 1u}) {
            CAPTURE(about);
            CAPTURE(samples);
            const NormalisedBatch batch(about, 1, samples);
            const double count = double(samples) * 15;
            CHECK((double(batch.running_variance) - 0.9) * 10 ==
                  doctest::Approx(batch.variance * count / (count - 1)).epsilon(1e-4));
            CHECK(double(batch.running_mean) == doctest::Approx(0.1 * (about + batch.mean)).epsilon(1e-5));
            CHECK(batch.largest_error < 1e-4 + 1e-7 * std::abs(about));
        }
}

TEST_CASE("gradients of batch normalisation do not depend on the mean of what it normalises") {
    const NormalisedBatch near(0, 1, 37), far(1000, 1, 37);
    REQUIRE(near.gradients.size() == far.gradients.size());
    double largest = 0, difference = 0;
    for (std::size_t i = 0; i < near.gradients.size(); ++i) {
        largest = std::max(largest, std::abs(double(near.gradients[i])));
        difference = std::max(difference, std::abs(double(near.gradients[i]) - double(far.gradients[i])));
    }
    CHECK(difference < 1e-3 * largest); // what the rounding of the values themselves leaves
}

TEST_CASE("a constant channel has no variance and becomes beta") {
    for (const double about : {0.1, 1000.0, 1e5}) {
        const NormalisedBatch batch(about, 0, 37);
        CHECK(batch.running_variance == doctest::Approx(0.9));
        CHECK(batch.largest_error <= about * 1.2e-7 / std::sqrt(1e-5)); // a unit in the last place of x, scaled
        for (const float gradient : batch.gradients) CHECK(std::isfinite(gradient));
    }
}

TEST_CASE("batch normalisation is the same for any number of threads") {
    const NormalisedBatch one(1000, 1, 61, 1), two(1000, 1, 61, 2), three(1000, 1, 61, 3);
    CHECK(one.gradients == two.gradients);
    CHECK(one.gradients == three.gradients);
    CHECK(one.running_variance == two.running_variance);
    CHECK(one.running_mean == three.running_mean);
}

TEST_CASE("softmax cross-entropy has the gradient that differences of its loss give") {
    const std::vector<float> none, weights = {0.25f, 4, 1, 0.5f, 2};
    for (const auto& [smoothing, class_weights] :
         {std::pair{0.0f, none}, {0.1f, none}, {0.0f, weights}, {0.1f, weights}})
        for (const std::size_t samples : {16, 19}) {
            Graph graph(samples);
            Variable& logits = graph.variable({5, 1, 1});
            auto& loss = graph.record<SoftmaxCrossEntropy>(logits, smoothing, class_weights);
            graph.finish();
            Random random(2);
            for (std::size_t i = 0; i < samples; ++i) {
                loss.labels()[i] = std::uint8_t(random.below(5));
                for (int k = 0; k < 5; ++k)
                    (*logits.value.group(i / 16).row(k, 0))[i % 16] = float(3 * random.normal());
            }
            Team team(1);
            graph.step(team);
            for (std::size_t i = 0; i < samples; i += 3)
                for (int k = 0; k < 5; ++k) {
                    float& place = reinterpret_cast<float*>(logits.value.group(i / 16).row(k, 0))[i % 16];
                    const float old = place;
                    place = old + 1e-2f;
                    graph.forward(Mode::training, team);
                    const double above = loss.loss();
                    place = old - 1e-2f;
                    graph.forward(Mode::training, team);
                    const double below = loss.loss();
                    place = old;
                    CHECK(float((*logits.gradient.group(i / 16).row(k, 0))[i % 16]) ==
                          doctest::Approx((above - below) / 2e-2).epsilon(2e-3).scale(0.01));
                }
        }
}

TEST_CASE("class weights weigh the loss of each sample by its label; weights of 1 change no bit") {
    Random random(4);
    std::vector<float> values(3 * 5);
    for (float& value : values) value = float(random.normal());
    const std::uint8_t labels[5] = {0, 2, 2, 1, 0};
    struct Weighed {
        double loss;
        std::vector<float> gradient;
    };
    const auto weigh = [&](std::vector<float> weights, float smoothing) {
        Graph graph(5);
        Variable& logits = graph.variable({3, 1, 1});
        auto& loss = graph.record<SoftmaxCrossEntropy>(logits, smoothing, std::move(weights));
        graph.finish();
        for (std::size_t i = 0; i < 5; ++i) {
            loss.labels()[i] = labels[i];
            for (int k = 0; k < 3; ++k) logits.at(i, k) = values[3 * i + std::size_t(k)];
        }
        loss.labels()[9] = 200; // of a lane without a sample
        Team team(1);
        graph.step(team);
        Weighed result{loss.loss(), {}};
        for (std::size_t i = 0; i < 16; ++i)
            for (int k = 0; k < 3; ++k) result.gradient.push_back((*logits.gradient.group(0).row(k, 0))[i]);
        return result;
    };
    const double weights[3] = {0.5, 3, 0.125};
    double expected = 0;
    for (std::size_t i = 0; i < 5; ++i) {
        double total = 0;
        for (std::size_t k = 0; k < 3; ++k) total += std::exp(double(values[3 * i + k]));
        expected += weights[labels[i]] * (std::log(total) - double(values[3 * i + labels[i]])) / 5;
    }
    CHECK(weigh({0.5f, 3, 0.125f}, 0).loss == doctest::Approx(expected).epsilon(1e-6));
    for (const float smoothing : {0.0f, 0.2f}) {
        CHECK(weigh({1, 1, 1}, smoothing).loss == weigh({}, smoothing).loss);
        CHECK(weigh({1, 1, 1}, smoothing).gradient == weigh({}, smoothing).gradient);
    }
}

TEST_CASE("rounding gives the integers of the device's formula and passes gradients inside its range only") {
    Graph graph(16);
    Variable& x = graph.variable({1, 1, 8});
    Variable& y = graph.variable(x.shape);
    graph.record<Round>(x, Grid{-3, 0, 127}, y); // steps of 1/8
    graph.record<LinearLoss>(y);
    graph.finish();
    const float values[8] = {-1.0f, -0.01f, 0.0624f, 0.0625f, 0.3f, 15.9f, 100.0f, 1e9f};
    const float expected[8] = {0, 0, 0, 0.125f, 0.25f, 127 / 8.0f, 127 / 8.0f, 127 / 8.0f};
    for (int p = 0; p < 8; ++p) x.value.group(0).row(0, 0)[p] = tensor::broadcast(values[p]);
    Team team(1);
    graph.step(team);
    for (int p = 0; p < 8; ++p) {
        CHECK(float(y.value.group(0).row(0, 0)[p][3]) == expected[p]);
        const bool passes = x.gradient.group(0).row(0, 0)[p][3] != 0;
        CHECK(passes == (p >= 2 && p <= 5));
    }
}

TEST_CASE("a rounded average is the integer formula, for areas that are and are not powers of two") {
    for (const auto& [side, multiplier, shift] : {std::tuple{2, 1, 2}, {3, 228, 11}, {4, 1, 4}}) {
        Graph graph(16);
        Variable& x = graph.variable({1, side, side});
        Variable& y = graph.variable({1, 1, 1});
        const AverageRounding rounding{-5, multiplier, shift};
        graph.record<AveragePool>(x, tensor::Pool{side, side}, y, &rounding);
        graph.record<LinearLoss>(y);
        graph.finish();
        Random random(4);
        long sums[16] = {};
        for (int row = 0; row < side; ++row)
            for (int p = 0; p < side; ++p)
                for (std::size_t s = 0; s < 16; ++s) {
                    const int value = int(random.below(256)) - 128;
                    sums[s] += value;
                    x.value.group(0).row(0, row)[p][s] = float(value) / 32;
                }
        Team team(1);
        graph.forward(Mode::evaluation, team);
        for (std::size_t s = 0; s < 16; ++s)
            CHECK(y.value.group(0).row(0, 0)[0][s] * 32 == float((sums[s] * multiplier + (1 << (shift - 1))) >> shift));
    }
}

TEST_CASE("a variable's values are read and set sample by sample, and nothing outside of it") {
    Graph graph(21);
    Variable &x = graph.variable({2, 3, 4}), &y = graph.variable(x.shape);
    graph.record<Relu>(x, y);
    graph.finish();
    x.at(19, 1, 2, 3) = 5;
    Team team(1);
    graph.forward(Mode::evaluation, team);
    CHECK(float(y.value.group(1).row(1, 2)[3][3]) == 5);
    CHECK(y.at(19, 1, 2, 3) == 5);
    CHECK(y.at(18, 1, 2, 3) == 0);
    CHECK_THROWS_WITH_AS(x.at(32, 0), "sample 32 is not in a batch of 32", Error);
    CHECK_THROWS_WITH_AS(x.at(0, 1, 3, 0), "channel 1, row 3, column 0 is not inside of 2x3x4", Error);
    CHECK_THROWS_WITH_AS(graph.variable({0, 3, 4}),
                         "a variable of shape 0x3x4 (channels, height, width); each is at least 1", Error);
}
