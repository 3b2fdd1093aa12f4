// SPDX-License-Identifier: Apache-2.0
// Moves the weights of a trained network into its child, as planned by space/inherit.hpp. Smaller networks keep the
// channels that matter most: |weights in| times |weights out|.
#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "tinysparse/base/random.hpp"
#include "tinysparse/base/sort.hpp"
#include "tinysparse/fixed/model.hpp"
#include "tinysparse/net/connections.hpp"
#include "tinysparse/net/count.hpp"
#include "tinysparse/search/full_kernel.hpp"
#include "tinysparse/search/relay.hpp"
#include "tinysparse/space/inherit.hpp"

namespace tinysparse::search {

/// A trained network of the space. Pruning may have removed some of its channels, so its widths are those of the Spec.
struct Ancestor {
    const space::Genome& genome;
    const net::Spec& spec;
    const std::vector<fixed::FloatLayer>& layers; ///< Folded.
    /// The largest absolute output of each layer; empty: unknown, and a layer that needs it begins afresh.
    std::vector<double> largest = {};
};

/// The largest absolute outputs of the layers of an integer network.
inline std::vector<double> largest_values(const fixed::Network& network) {
    std::vector<double> largest;
    for (const fixed::Layer& layer : network.layers) largest.push_back(std::ldexp(128.0, layer.output_exponent));
    return largest;
}

/// Float weights with which the training of a child begins.
struct Inheritance {
    std::vector<fixed::FloatLayer> layers; ///< Folded, one for each layer of the child.
    double share = 0;                      ///< Share of the child's weights that come from the parent.
};

namespace detail {

class Transplant {
  public:
    /// The arguments must outlive this.
    Transplant(const space::InheritancePlan& plan, const Ancestor& parent, Random& random)
        : plan_(plan), shapes_(net::shapes(plan.spec)), old_spec_(parent.spec), old_shapes_(net::shapes(parent.spec)),
          old_layers_(parent.layers), largest_(parent.largest), random_(random) {}

    Inheritance run() {
        const std::size_t count = plan_.layers.size();
        out_.layers.resize(count);
        maps_.resize(count);
        std::size_t total = 0;
        for (std::size_t i = 0; i < count; ++i) {
            out_.layers[i].weights.assign(net::weights(spec(i), shapes_.layers[i]), 0.0f);
            out_.layers[i].biases.assign(has_bias(i) ? std::size_t(spec(i).outputs) : 0, 0.0f);
            total += out_.layers[i].weights.size();
        }
        for (std::size_t i = 0; i < count; ++i) fill(i);
        out_.share = double(taken_) / double(total);
        return std::move(out_);
    }

  private:
    using Takeover = space::Takeover;
    using Map = std::vector<int>; ///< For each channel of the child the parent's channel, or -1 for a new one.

    const net::Layer& spec(std::size_t i) const { return plan_.spec.layers[i]; }
    const net::Layer& old_spec(std::size_t i) const { return old_spec_.layers[i]; }
    bool has_bias(std::size_t i) const { return spec(i).batch_normalisation || spec(i).kind == net::Kind::dense; }

    static Map identity(int count) {
        Map map(static_cast<std::size_t>(count));
        std::iota(map.begin(), map.end(), 0);
        return map;
    }
    /// Map of the channels that a layer reads.
    Map input_of(std::size_t i) const {
        const int input = spec(i).input;
        return input == net::picture ? identity(shapes_.picture.channels) : maps_[std::size_t(input)];
    }

    void fill(std::size_t i) {
        const Takeover& own = plan_.layers[i];
        const Map in = input_of(i);
        switch (own.action) {
        case Takeover::copy:
            return copy(i, std::size_t(own.old), in);
        case Takeover::copy_depthwise:
            maps_[i] = in;
            return copy_depthwise(i, std::size_t(own.old), in);
        case Takeover::convert:
            return convert(i, own, in);
        case Takeover::relay:
            return relay(i, std::size_t(own.old), in);
        case Takeover::converted:
        case Takeover::relayed:
            return; // set by the layer before it
        case Takeover::pass_on:
            return pass_on(i, in);
        case Takeover::pass_depthwise:
            return pass_depthwise(i, in);
        case Takeover::average:
            maps_[i] = in;
            return average(i);
        case Takeover::zero_residual:
            maps_[i] = maps_[std::size_t(spec(i).residual)];
            return;
        case Takeover::zero_head:
            maps_[i].assign(std::size_t(spec(i).outputs), -1);
            return;
        case Takeover::fresh:
            return fresh(i, own.old);
        }
    }

    /// Makes a depthwise layer that changes nothing.
    void pass_depthwise(std::size_t i, const Map& in) {
        maps_[i] = in;
        const int height = spec(i).kernel_height, width = spec(i).kernel_width;
        for (int c = 0; c < spec(i).outputs; ++c)
            out_.layers[i].weights[std::size_t((c * height + (height - 1) / 2) * width + (width - 1) / 2)] = 1;
    }
    /// Makes a depthwise layer over all positions that averages them.
    void average(std::size_t i) {
        const std::size_t positions = out_.layers[i].weights.size() / std::size_t(spec(i).outputs);
        std::fill(out_.layers[i].weights.begin(), out_.layers[i].weights.end(), 1.0f / float(positions));
    }
    /// Makes a convolution that passes its channels on, as many as it has; outputs beyond them begin at random.
    void pass_on(std::size_t i, const Map& in) {
        const net::Layer& own = spec(i);
        const int inputs = shapes_.layers[i].in.channels, taps = own.kernel_height * own.kernel_width;
        const int centre = (own.kernel_height - 1) / 2 * own.kernel_width + (own.kernel_width - 1) / 2;
        maps_[i].assign(std::size_t(own.outputs), -1);
        for (int o = 0; o < own.outputs; ++o) {
            if (o >= inputs) {
                randomise(i, o, rms_of_he(i));
                continue;
            }
            out_.layers[i].weights[std::size_t((o * inputs + o) * taps + centre)] = 1;
            maps_[i][std::size_t(o)] = in[std::size_t(o)];
        }
    }

    double rms_of_he(std::size_t i) const {
        const double fan_in = double(out_.layers[i].weights.size()) / spec(i).outputs;
        return std::sqrt((spec(i).activation == net::Activation::relu ? 2.0 : 1.0) / fan_in);
    }
    void randomise(std::size_t i, int output, double rms) {
        const std::size_t fan_in = out_.layers[i].weights.size() / std::size_t(spec(i).outputs);
        for (std::size_t k = 0; k < fan_in; ++k)
            out_.layers[i].weights[std::size_t(output) * fan_in + k] = float(random_.normal() * rms);
    }
    /// Sets all weights at random. Later layers with an ancestor still find the channels in their old places.
    void fresh(std::size_t i, int old) {
        for (int o = 0; o < spec(i).outputs; ++o) randomise(i, o, rms_of_he(i));
        maps_[i].assign(std::size_t(spec(i).outputs), -1);
        if (old < 0) return;
        for (int o = 0; o < std::min(spec(i).outputs, old_spec(std::size_t(old)).outputs); ++o)
            maps_[i][std::size_t(o)] = o;
    }

    /// The parent's channels that the child's layer has.
    Map choose_channels(std::size_t i, std::size_t old) const {
        const int count = spec(i).outputs, before = old_spec(old).outputs;
        if (spec(i).residual != net::none && old_spec(old).residual != net::none)
            return maps_[std::size_t(spec(i).residual)]; // both sides of the sum alike
        Map map = identity(before);
        if (count < before) {
            const std::vector<double> worth = importance(old);
            sort_stably(map, [&](int a, int b) { return worth[std::size_t(a)] > worth[std::size_t(b)]; });
            map.resize(std::size_t(count));
            std::sort(map.begin(), map.end());
        }
        map.resize(std::size_t(count), -1);
        return map;
    }
    /// Importance of each output channel of the parent's layer: |weights that make it| * |weights that read it|.
    std::vector<double> importance(std::size_t old) const {
        const std::size_t outputs = std::size_t(old_spec(old).outputs);
        std::vector<double> made(outputs), read(outputs);
        const std::vector<float>& weights = old_layers_[old].weights;
        for (std::size_t k = 0; k < weights.size(); ++k)
            made[k / (weights.size() / outputs)] += double(std::abs(weights[k]));
        for (const std::size_t reader : net::readers(old_spec_, old))
            for (std::size_t c = 0; c < outputs; ++c)
                net::for_input_channel(old_spec(reader), old_shapes_.layers[reader], c,
                                       [&](std::size_t, std::size_t first, std::size_t count) {
                                           for (std::size_t k = first; k < first + count; ++k)
                                               read[c] += double(std::abs(old_layers_[reader].weights[k]));
                                       });
        for (std::size_t c = 0; c < outputs; ++c) made[c] *= read[c];
        return made;
    }

    void copy_depthwise(std::size_t i, std::size_t old, const Map& in) {
        const std::array<int, 2> now = window(spec(i), shapes_.layers[i]),
                                 before = window(old_spec(old), old_shapes_.layers[old]);
        const int size = now[0] * now[1], old_size = before[0] * before[1];
        const std::vector<float>& weights = old_layers_[old].weights;
        for (int c = 0; c < spec(i).outputs; ++c) {
            const int from = in[std::size_t(c)];
            if (from < 0 || from >= old_spec(old).outputs) {
                randomise(i, c, rms_of_he(i));
                continue;
            }
            for_taps(now, before, is_whole(spec(i)), [&](int y, int x, int from_y, int from_x, double factor) {
                out_.layers[i].weights[std::size_t(c * size + y * now[1] + x)] =
                    float(factor * double(weights[std::size_t(from * old_size + from_y * before[1] + from_x)]));
                ++taken_;
            });
            take_bias(i, c, old, from);
        }
    }
    void take_bias(std::size_t i, int output, std::size_t old, int from) {
        const std::vector<float>& biases = old_layers_[old].biases;
        if (biases.empty()) return;
        if (out_.layers[i].biases.empty()) out_.layers[i].biases.assign(std::size_t(spec(i).outputs), 0.0f);
        out_.layers[i].biases[std::size_t(output)] = biases[std::size_t(from)];
    }

    /// Copies a full convolution or dense layer from the parent's.
    void copy(std::size_t i, std::size_t old, const Map& in) {
        maps_[i] = choose_channels(i, old);
        const FullKernel kernel = kernel_of(old_spec(old), old_shapes_.layers[old], old_layers_[old]);
        FullKernel own = reshaped(window(spec(i), shapes_.layers[i]), kernel, in, maps_[i], is_whole(spec(i)));
        settle_residual(own, i, old, in);
        write(i, own);
    }
    /// Compensates at the centre of the child's kernel for a residual sum that only one of child and parent has, if the
    /// kernel reads what is added.
    void settle_residual(FullKernel& kernel, std::size_t i, std::size_t old, const Map& in) const {
        const bool adds = spec(i).residual != net::none, added = old_spec(old).residual != net::none;
        if (adds == added || (adds && spec(i).input != spec(i).residual)) return;
        for (int o = 0; o < kernel.outputs; ++o) {
            const int from = maps_[i][std::size_t(o)];
            if (from < 0) continue;
            const auto read = adds ? in.begin() + o : std::find(in.begin(), in.end(), from);
            if (read == in.end()) continue;
            kernel.at(o, int(read - in.begin()), (kernel.height - 1) / 2, (kernel.width - 1) / 2) += adds ? -1 : 1;
        }
    }

    /// Makes layer i and the one behind it replace the parent's layer from which this one comes.
    void relay(std::size_t i, std::size_t old, const Map& in) {
        const std::size_t reader = i + 1;
        const FullKernel kernel = kernel_of(old_spec(old), old_shapes_.layers[old], old_layers_[old]);
        Map known = choose_channels(reader, old); // outputs that have an ancestor stand first
        maps_[reader] = known;
        known.resize(std::size_t(std::find(known.begin(), known.end(), -1) - known.begin()));
        const std::size_t before = taken_;
        const FullKernel map = reshaped(window(spec(i), shapes_.layers[i]), kernel, in, known, is_whole(spec(i)));
        const int input = spec(i).input, source = old_spec(old).input;
        const bool rectified = input != net::picture && spec(std::size_t(input)).activation == net::Activation::relu;
        const RelayInputs range{
            !rectified, source >= 0 && std::size_t(source) < largest_.size() ? largest_[std::size_t(source)] : 0};
        std::optional<Relay> passed = relay_of(map, spec(i).outputs, range);
        taken_ = before +
                 (passed ? std::min(taken_ - before, passed->first.weights.size() + passed->last.weights.size()) : 0);
        if (!passed) {
            fresh(i, -1);
            return fresh(reader, int(old));
        }
        write(i, passed->first);
        for (int m = int(passed->used); m < spec(i).outputs; ++m) randomise(i, m, rms_of_he(i));
        maps_[i].assign(std::size_t(spec(i).outputs), -1);
        for (std::size_t m = 0; passed->passes_inputs && map.taps() == 1 && m < in.size(); ++m) maps_[i][m] = in[m];
        std::copy(passed->last.weights.begin(), passed->last.weights.end(), out_.layers[reader].weights.begin());
        out_.layers[reader].biases.assign(std::size_t(spec(reader).outputs), 0.0f);
        std::copy(passed->last.biases.begin(), passed->last.biases.end(), out_.layers[reader].biases.begin());
        for (int o = int(known.size()); o < spec(reader).outputs; ++o) randomise(reader, o, rms_of_he(reader));
    }
    void write(std::size_t i, const FullKernel& kernel) {
        std::copy(kernel.weights.begin(), kernel.weights.end(), out_.layers[i].weights.begin());
        out_.layers[i].biases.assign(kernel.biases.begin(), kernel.biases.end());
    }

    /// The parent's kernel with the channels and the window of the child's layer.
    FullKernel reshaped(std::array<int, 2> now, const FullKernel& old, const Map& inputs, const Map& outputs,
                        bool whole) {
        FullKernel kernel(int(outputs.size()), int(inputs.size()), now[0], now[1]);
        double squares = 0;
        for (const double weight : old.weights) squares += weight * weight;
        const double rms = std::sqrt(squares / double(std::max<std::size_t>(1, old.weights.size())));
        for (int o = 0; o < kernel.outputs; ++o) {
            const int from = outputs[std::size_t(o)];
            if (from >= 0 && from < old.outputs) kernel.biases[std::size_t(o)] = old.biases[std::size_t(from)];
            for (int c = 0; c < kernel.inputs; ++c) {
                const int read = inputs[std::size_t(c)];
                const bool is_old_input = read >= 0 && read < old.inputs;
                if (from < 0 || from >= old.outputs) { // new: reads the existing channels
                    for (int t = 0; t < now[0] * now[1]; ++t)
                        kernel.at(o, c, t / now[1], t % now[1]) = random_.normal() * rms;
                    continue;
                }
                if (!is_old_input) continue; // not read until training changes that
                for_taps(now, {old.height, old.width}, whole, [&](int y, int x, int from_y, int from_x, double factor) {
                    kernel.at(o, c, y, x) = factor * old.at(from, read, from_y, from_x);
                    ++taken_;
                });
            }
        }
        return kernel;
    }

    /// The parent's unit as one convolution.
    FullKernel merged_unit(const Takeover& own) const {
        const auto kernel = [&](int layer) {
            const std::size_t index = std::size_t(layer);
            return kernel_of(old_spec(index), old_shapes_.layers[index], old_layers_[index]);
        };
        if (own.old_first < 0) return kernel(own.old);
        return net::reads_one_channel(old_spec(std::size_t(own.old_first)))
                   ? merged_depthwise(kernel(own.old_first), kernel(own.old))
                   : merged_pointwise(kernel(own.old_first), kernel(own.old));
    }

    /// Brings the parent's unit into the form of the child's unit, which is of another kind: layer `begin`, and the one
    /// behind it if that is the unit's main layer.
    void convert(std::size_t begin, const Takeover& own, const Map& entry) {
        const bool has_first = begin + 1 < plan_.layers.size() && plan_.layers[begin + 1].action == Takeover::converted;
        const std::size_t main = has_first ? begin + 1 : begin;
        const Map outputs = choose_channels(main, std::size_t(own.old));
        const FullKernel whole = merged_unit(own);
        const net::Layer& shaping = net::reads_one_channel(spec(begin)) ? spec(begin) : spec(main);
        std::array<int, 2> taps = {shaping.kernel_height, shaping.kernel_width};
        const std::size_t before = taken_;
        FullKernel kernel = reshaped(taps, whole, entry, outputs, false);
        const std::size_t size = out_.layers[main].weights.size() + (has_first ? out_.layers[begin].weights.size() : 0);
        taken_ = before + std::min(taken_ - before, size);
        if (taps[0] * taps[1] == 1 && whole.height * whole.width > 1) sum_taps(kernel, whole, entry, outputs);
        maps_[main] = outputs;
        if (!has_first) {
            settle_residual(kernel, main, std::size_t(own.old), entry);
            return write(main, kernel);
        }
        maps_[begin] = entry;
        const net::Layer& first = spec(begin);
        if (net::reads_one_channel(first)) {
            const Product product = separated(kernel);
            std::copy(product.shapes.begin(), product.shapes.end(), out_.layers[begin].weights.begin());
            write(main, product.gains);
        } else { // a bottleneck reads the first channels only
            maps_[begin].assign(std::size_t(first.outputs), -1);
            FullKernel narrow(kernel.outputs, first.outputs, kernel.height, kernel.width);
            narrow.biases = kernel.biases;
            for (int m = 0; m < first.outputs; ++m) {
                out_.layers[begin].weights[std::size_t(m * kernel.inputs + m)] = 1;
                maps_[begin][std::size_t(m)] = entry[std::size_t(m)];
                for (int o = 0; o < kernel.outputs; ++o)
                    for (int t = 0; t < kernel.height * kernel.width; ++t)
                        narrow.at(o, m, t / kernel.width, t % kernel.width) =
                            kernel.at(o, m, t / kernel.width, t % kernel.width);
            }
            write(main, narrow);
        }
    }

    const space::InheritancePlan& plan_;
    net::Shapes shapes_;
    const net::Spec& old_spec_;
    net::Shapes old_shapes_;
    const std::vector<fixed::FloatLayer>& old_layers_;
    const std::vector<double>& largest_;
    Random& random_;
    std::vector<Map> maps_; ///< For each layer of the child, the map of its outputs.
    Inheritance out_;
    std::size_t taken_ = 0;
};

} // namespace detail

/// The weights that the network of `child` takes over from a trained one. Nothing if the parent's layers are not those
/// of its Genome.
inline std::optional<Inheritance> inherit(const space::Genome& child, const Ancestor& parent, const space::Space& space,
                                          Random& random) {
    const auto plan = space::plan_inheritance(child, parent.genome, parent.spec, space);
    if (!plan || parent.layers.size() != parent.spec.layers.size()) return std::nullopt;
    return detail::Transplant(*plan, parent, random).run();
}

} // namespace tinysparse::search
