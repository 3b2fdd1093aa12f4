// SPDX-License-Identifier: Apache-2.0
// Counts of the AVR export of a network, from its geometry: how often each piece of the kernels of mcu/ runs, and how
// often each is compiled in. The loops in assembly are counted to the cycle (assembly.hpp). The compiler's code around
// them, and all kernels in C++ (wide sums; all kernels on chips that cannot multiply), are linear in these counts, with
// measured coefficients.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "tinysparse/cost/counter.hpp"
#include "tinysparse/cost/gather.hpp"
#include "tinysparse/cost/input.hpp"
#include "tinysparse/cost/measures.hpp"
#include "tinysparse/cost/straight.hpp"
#include "tinysparse/cost/window.hpp"

namespace tinysparse::cost {

/// The share of trained weights that rounding does not make zero, if they are normal with a mean |w| of 0.3 of the
/// largest, as in likely_accumulation().
inline double likely_nonzero(int bits) { return bits == 8 ? 0.99 : bits == 4 ? 0.85 : 0.75; }

/// The layers of a fixed::Program or an Estimate. weights: what each layer stores.
template <class Source>
std::vector<CountedKernel> counted_kernels(const Source& source, const std::vector<LayerWeights>& weights) {
    std::vector<CountedKernel> all;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const fixed::StraightLine* const line = source.line(i);
        const std::size_t outputs = std::size_t(source.layout().spec().layers[i].outputs);
        double nonzero = double(weights[i].nonzeros) / double(weights[i].weights);
        double negative = 0;
        if constexpr (requires { source.network(); }) {
            const auto& own = source.network().layers[i].weights;
            negative = double(std::count_if(own.begin(), own.end(), [](std::int8_t weight) { return weight < 0; })) /
                       double(own.size());
        } else {
            nonzero *= likely_nonzero(source.layout().spec().layers[i].bits);
            negative = nonzero / 2;
        }
        all.push_back({source.kernel(i), source.headers(i), source.entries(i),
                       line ? straight_cost(*line, source.layout(), i).cycles : 0, int(weights[i].bias_bytes / outputs),
                       nonzero, negative});
    }
    return all;
}

/// How the chip converts raw values of the source's series. An untrained network, whose shifts are not known, is
/// counted with those of most sensors: equal for the three axes of a sensor, and 7.
template <class Source> CountedInput counted_input(const Source& source) {
    const fixed::Layout& layout = source.layout();
    const fixed::InputGeometry g = layout.input();
    if (!layout.series()) return {};
    if constexpr (requires { source.network(); }) {
        const auto centres = fixed::centres(layout, source.network().input);
        if (centres) return {true, 0, centres->runs};
        double shift = 0;
        for (const std::int8_t own : source.network().input.shift) shift += std::abs(own) / double(g.channels);
        return {false, shift, {}};
    } else {
        if (g.pool_width > 1 || layout.plan().picture.pool_sum_bytes > 2) return {false, 7, {}};
        CountedInput input{true, 0, {}};
        for (int left = g.channels; left > 0; left -= 3) input.runs.push_back({std::min(left, 3), 7});
        return input;
    }
}

/// Counts work and code. assembly: whether the chip has the loops in assembly, which need `mul`.
class Features {
  public:
    /// kernels: one for each layer.
    Features(const fixed::Layout& layout, const CountedInput& input, const std::vector<CountedKernel>& kernels,
             bool assembly) {
        detail::Counter counter{layout, assembly};
        counter.code.counts[Code::program] = 1;
        counter.work.counts[Work::sample] = 1;
        if (layout.plan().counter_bytes > 1) counter.code.counts[Code::wide_counters] = double(kernels.size());
        detail::count_input(counter, input);
        for (std::size_t i = 0; i < kernels.size(); ++i) {
            layers.push_back(counter.work);
            layer_codes.push_back(counter.code);
            count_layer(counter, i, kernels[i]);
            for (std::size_t k = 0; k < Work::count; ++k)
                layers.back().counts[k] = counter.work.counts[k] - layers.back().counts[k];
            for (std::size_t k = 0; k < Code::count; ++k)
                layer_codes.back().counts[k] = counter.code.counts[k] - layer_codes.back().counts[k];
        }
        frames = counter.frames;
        work = counter.work;
        code = counter.code;
    }

    Work work;
    std::vector<Work> layers; ///< Work of each layer; the rest belongs to input and program.
    Code code;
    std::vector<Code> layer_codes; ///< Code of each layer.
    Frames frames;

  private:
    static void count_layer(detail::Counter& counter, std::size_t index, const CountedKernel& kernel) {
        const fixed::Layout& layout = counter.layout;
        const net::Layer& layer = layout.spec().layers[index];
        auto& c = counter.code.counts;
        c[Code::layers] += 1;
        if (layer.bits < 8 && kernel.format == fixed::Format::dense) c[Code::packed] += 1;
        if (kernel.bias_bytes > 0) c[kernel.bias_bytes == 1 ? Code::biases_1 : Code::biases_2] += 1;
        if (!detail::is_power(layout.rows_made_for_each(layer.input))) c[Code::small_divisions] += 1;
        if (layout.gathers(index))
            detail::count_gather(counter, index, kernel);
        else
            detail::count_window(counter, index, kernel);
    }
};

} // namespace tinysparse::cost
