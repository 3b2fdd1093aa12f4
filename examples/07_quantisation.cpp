// SPDX-License-Identifier: Apache-2.0
// Lesson 7: quantisation, and why floats give the very integers of the chip. A chip without floats computes with whole
// numbers of 8 bits, each with a scale (Jacob et al. 2018). In that paper scales are real numbers; here all are powers
// of two, so that a shift takes the place of a multiplication and a division:
//   weights   w = W 2^e, W a whole number of at most `bits` bits, e with the least squared error
//   inputs    x = X 2^-7, X = pixel / 2 rounded down: 0..127
//   sum       S = B + sum of W X, in steps of 2^(e-7), as those of w x are; B is the bias in these steps, rounded
//   output    Y = clamp(floor((S + 2^(shift-1)) / 2^shift), 0, 127), in steps that are 2^shift times as long
// In floats s = b + sum of w x is S times a power of two. A float holds every whole number up to 2^24, so nothing is
// rounded, in whatever order it is summed: training sees the numbers of the chip, at the speed of floats.
// Headers: autograd/elementwise.hpp (Round), mcu/requantise.hpp, fixed/network.hpp. Equations: docs/equations.md,
// "Quantisation".
#include "tinysparse/autograd/elementwise.hpp"
#include "tinysparse/autograd/linear.hpp"
#include "tinysparse/base/random.hpp"
#include "tinysparse/fixed/network.hpp"
#include "tinysparse/mcu/requantise.hpp"
#include <cstdio>

using namespace tinysparse;

namespace {
constexpr std::size_t inputs = 9, outputs = 4, samples = 16; // a 3x3 window, four filters, and 16 windows at a time

double rounded(double w, int exponent, int limit) {
    return std::ldexp(std::clamp(std::floor(std::ldexp(w, -exponent) + 0.5), -double(limit), double(limit)), exponent);
}
double squared_error(const std::vector<float>& weights, int exponent, int limit) {
    double sum = 0;
    for (const float w : weights) sum += std::pow(double(w) - rounded(double(w), exponent, limit), 2);
    return sum;
}

/// y = max(0, W x + b), rounded to `grid`, as a graph.
struct FloatLayer {
    autograd::Graph graph{samples};
    autograd::Variable &x = graph.variable({int(inputs), 1, 1}, false), &sum = graph.variable({int(outputs), 1, 1}),
                       &y = graph.variable({int(outputs), 1, 1});
    autograd::Parameter &weights = graph.parameter("W", inputs*outputs), &biases = graph.parameter("b", outputs);

    explicit FloatLayer(const autograd::Grid& grid) {
        graph.record<autograd::Linear>(x, weights, &biases, autograd::LinearForm{net::Kind::dense, {}}, sum);
        graph.record<autograd::Round>(sum, grid, y);
        graph.finish();
    }
};
} // namespace

int main() {
    Random random(1, "lesson");
    std::vector<float> weights(inputs * outputs);
    for (float& w : weights) w = float(0.4 * random.normal());
    const double bias = 0.1;

    for (const int bits : {8, 4, 2}) {
        // 1: the weights. Steps too fine clip the large weights, steps too coarse lose the small ones.
        const int limit = fixed::weight_limit(bits); // 127, 7 or 1
        int exponent = 0;
        for (int e = -12; e < 0; ++e)
            if (squared_error(weights, e, limit) < squared_error(weights, exponent, limit)) exponent = e;
        std::vector<int> whole;
        for (const float w : weights) whole.push_back(int(std::ldexp(rounded(double(w), exponent, limit), -exponent)));
        std::printf("%d bits: step 2^%d, root mean squared error of a weight %.4f; the first filter:\n  ", bits,
                    exponent, std::sqrt(squared_error(weights, exponent, limit) / double(weights.size())));
        for (std::size_t i = 0; i < inputs; ++i) std::printf(" %.2f", double(weights[i]));
        std::printf("\n  ");
        for (std::size_t i = 0; i < inputs; ++i) std::printf(" %d", whole[i]);

        // 2: the layer in floats, on the grids of the chip: outputs are steps of 2^-6 and end at 127 of them.
        const int sum_exponent = exponent - 7, output_exponent = -6, shift = output_exponent - sum_exponent;
        const int whole_bias = int(std::lround(std::ldexp(bias, -sum_exponent)));
        FloatLayer layer({output_exponent, 0, 127});
        for (std::size_t i = 0; i < whole.size(); ++i) layer.weights.value[i] = std::ldexp(float(whole[i]), exponent);
        for (float& b : layer.biases.value) b = std::ldexp(float(whole_bias), sum_exponent);

        // 3: the same in whole numbers, compared over many windows of random pixels.
        Team team(1);
        std::size_t compared = 0, different = 0;
        double squares = 0; // of the distance to the layer without any rounding
        for (int batch = 0; batch < 500; ++batch) {
            std::uint8_t pixels[samples][inputs];
            for (std::size_t s = 0; s < samples; ++s)
                for (std::size_t i = 0; i < inputs; ++i) {
                    pixels[s][i] = std::uint8_t(random.below(256));
                    layer.x.at(s, int(i)) = std::ldexp(float(pixels[s][i] >> 1), -7);
                }
            layer.graph.forward(autograd::Mode::evaluation, team);
            for (std::size_t s = 0; s < samples; ++s)
                for (std::size_t o = 0; o < outputs; ++o) {
                    std::int32_t sum = whole_bias;
                    double exact = bias;
                    for (std::size_t i = 0; i < inputs; ++i) {
                        sum += whole[o * inputs + i] * (pixels[s][i] >> 1);
                        exact += double(weights[o * inputs + i]) * pixels[s][i] / 256.0;
                    }
                    const std::int32_t half = 1 << (shift - 1);
                    const int chip = mcu::requantise(sum + half, std::uint8_t(shift), 0);
                    const double value = std::ldexp(double(chip), output_exponent);
                    squares += std::pow(value - std::clamp(exact, 0.0, 127.0 / 64), 2);
                    different += double(layer.y.at(s, int(o))) != value;
                    ++compared;
                }
        }
        std::printf("\n   float and integer: %zu of %zu outputs differ; the integers are %.4f from the layer without "
                    "rounding\n",
                    different, compared, std::sqrt(squares / double(compared)));
    }
    const float limit = 16777216; // 2^24
    std::printf("2^24 + 1 as a float is 2^24 + %.0f, so the exporter proves that no sum gets there\n",
                double(limit + 1.0f) - double(limit));
}
