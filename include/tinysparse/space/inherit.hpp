// SPDX-License-Identifier: Apache-2.0
// Weights that a network takes over from another one of the space (Chen, Goodfellow, Shlens 2016; Elsken, Metzen,
// Hutter 2019). Where the child is the parent made wider, deeper, larger in its kernels, or with one head more, it
// computes the very function of the parent:
//   wider     new channels read at random what there is and are read with weights of zero
//   deeper    a new unit begins as the identity, or as zero beside its residual
//   kernels   grow by zeros around them
//   head      begins with weights of zero
// Smaller networks keep the channels that matter most: |weights in| times |weights out|. A unit of another kind is the
// old one's convolution brought into the new form, as exactly as that can be. What has no ancestor begins at random.
#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <optional>
#include <vector>

#include "tinysparse/base/random.hpp"
#include "tinysparse/fixed/model.hpp"
#include "tinysparse/net/connections.hpp"
#include "tinysparse/net/count.hpp"
#include "tinysparse/space/align.hpp"
#include "tinysparse/space/express.hpp"
#include "tinysparse/space/full_kernel.hpp"

namespace tinysparse::space {

/// A trained network of the space. Pruning may have taken channels from it, so its widths are the Spec's.
struct Ancestor {
    const Genome& genome;
    const net::Spec& spec;
    const std::vector<fixed::FloatLayer>& layers; ///< Folded.
};

struct Inheritance {
    std::vector<fixed::FloatLayer> layers; ///< Folded, one for each layer of the child.
    double share = 0;                      ///< Of the child's weights: those that were the parent's.
};

namespace detail {

/// Where the output channels of a layer of the child come from.
struct Channels {
    int source = -2;      ///< The parent's layer that makes them, net::picture, or -2: from nowhere.
    std::vector<int> map; ///< Channel of the parent for each of the child, or -1 for a new one.
};

class Heir {
  public:
    Heir(const Genome& child, const Ancestor& parent, const Space& space, Random& random)
        : own_(expressed(child, space)), shapes_(net::shapes(own_.spec)), old_(expressed(parent.genome, space)),
          old_spec_(parent.spec), old_shapes_(net::shapes(parent.spec)), old_layers_(parent.layers),
          units_(align(child, parent.genome)), random_(random) {}

    std::optional<Inheritance> inherit() {
        if (old_.roles.size() != old_spec_.layers.size() || old_layers_.size() != old_spec_.layers.size())
            return std::nullopt;
        out_.layers.resize(own_.spec.layers.size());
        channels_.resize(own_.spec.layers.size());
        std::size_t total = 0;
        for (std::size_t i = 0; i < own_.spec.layers.size(); ++i) {
            out_.layers[i].weights.assign(net::weights(spec(i), shapes_.layers[i]), 0.0f);
            out_.layers[i].biases.assign(has_bias(i) ? std::size_t(spec(i).outputs) : 0, 0.0f);
            total += out_.layers[i].weights.size();
        }
        for (std::size_t i = 0; i < own_.spec.layers.size(); ++i) fill(i);
        out_.share = double(taken_) / double(total);
        return std::move(out_);
    }

  private:
    using Part = Role::Part;

    const net::Layer& spec(std::size_t i) const { return own_.spec.layers[i]; }
    const net::Layer& old_spec(std::size_t i) const { return old_spec_.layers[i]; }
    bool has_bias(std::size_t i) const { return spec(i).batch_normalisation || spec(i).kind == net::Kind::dense; }

    /// The parent's layer with this role, or -1.
    int find(Role role) const {
        const auto found = std::find(old_.roles.begin(), old_.roles.end(), role);
        return found == old_.roles.end() ? -1 : int(found - old_.roles.begin());
    }
    /// The parent's place of a unit of the child.
    const AlignedUnit& partner(const Role& role) const {
        return *std::find_if(units_.begin(), units_.end(), [&](const AlignedUnit& unit) {
            return unit.child == UnitPlace{role.stage, role.unit};
        });
    }
    /// Layers of the parent that stand for a unit: main, and what comes first, or -1.
    struct OldUnit {
        int first = -1, main = -1;
    };
    OldUnit old_unit(const Role& role) const {
        const AlignedUnit& unit = partner(role);
        if (!unit.matched) return {};
        return {find({Part::first, unit.parent.stage, unit.parent.unit}),
                find({Part::main, unit.parent.stage, unit.parent.unit})};
    }

    Channels input_of(std::size_t i) const {
        const int input = spec(i).input;
        if (input != net::picture) return channels_[std::size_t(input)];
        return {net::picture, identity(shapes_.picture.channels)};
    }
    static std::vector<int> identity(int count) {
        std::vector<int> map(static_cast<std::size_t>(count));
        std::iota(map.begin(), map.end(), 0);
        return map;
    }
    /// What makes the channels that a layer of the parent reads: depthwise layers pass them on.
    int old_source(int layer) const {
        int input = old_spec(std::size_t(layer)).input;
        while (input != net::picture && net::reads_one_channel(old_spec(std::size_t(input))))
            input = old_spec(std::size_t(input)).input;
        return input;
    }

    void fill(std::size_t i) {
        const Role& role = own_.roles[i];
        const Channels in = input_of(i);
        if (role.part == Part::first || role.part == Part::main) return fill_unit(i, role, in);
        // A head that is new begins with zeros behind an average, so that the logits stay what they are.
        const int old = role.part == Part::head || role.part == Part::head_positions ? old_head(role) : find(role);
        if (role.part == Part::head_positions || role.part == Part::positions) {
            channels_[i] = in;
            if (old >= 0 && old_source(old) == in.source)
                copy_depthwise(i, std::size_t(old), in);
            else
                average(i);
            return;
        }
        if (old >= 0 && old_source(old) == in.source)
            copy(i, std::size_t(old), in);
        else if (role.part == Part::end)
            pass_on(i, in);
        else if (role.part == Part::head)
            channels_[i] = {-2, std::vector<int>(std::size_t(spec(i).outputs), -1)};
        else
            fresh(i, old);
    }
    /// The head of the parent's stage that the child's stage ends like.
    int old_head(Role role) const {
        for (auto unit = units_.rbegin(); unit != units_.rend(); ++unit)
            if (unit->child.stage == role.stage && unit->matched) {
                role.stage = unit->parent.stage;
                return find(role);
            }
        return -1;
    }

    void fill_unit(std::size_t i, const Role& role, const Channels& in) {
        const OldUnit old = old_unit(role);
        const bool is_first = role.part == Part::first;
        const int same = is_first ? old.first : old.main;
        const std::size_t main = is_first ? i + 1 : i;
        const bool has_first =
            is_first || (i > 0 && own_.roles[i - 1].part == Part::first && own_.roles[i - 1].stage == role.stage &&
                         own_.roles[i - 1].unit == role.unit);
        if (old.main < 0) return begin_unit(i, is_first, in);
        const int source = old_source(old.first >= 0 ? old.first : old.main);
        const std::size_t begin = has_first ? main - 1 : main;
        const Channels entry = input_of(begin);
        // Behind a unit that left, only a residual sum has channels that still mean the same.
        const bool follows = entry.source == source || (entry.source >= 0 && spec(main).residual != net::none);
        if (!follows) return is_first && net::reads_one_channel(spec(i)) ? pass_depthwise(i, in) : fresh(i, same);
        const bool alike =
            has_first == (old.first >= 0) && (!has_first || spec(begin).kind == old_spec(std::size_t(old.first)).kind);
        if (!alike) return convert(i, main, has_first, old, entry);
        if (is_first && net::reads_one_channel(spec(i))) {
            channels_[i] = in;
            return copy_depthwise(i, std::size_t(same), in);
        }
        copy(i, std::size_t(same), in);
    }

    /// A unit without ancestor: the identity, or nothing beside its residual.
    void begin_unit(std::size_t i, bool is_first, const Channels& in) {
        if (is_first && net::reads_one_channel(spec(i))) return pass_depthwise(i, in);
        if (!is_first && spec(i).residual != net::none) {
            channels_[i] = channels_[std::size_t(spec(i).residual)];
            return;
        }
        pass_on(i, in);
    }

    /// A depthwise layer that changes nothing.
    void pass_depthwise(std::size_t i, const Channels& in) {
        channels_[i] = in;
        const int height = spec(i).kernel_height, width = spec(i).kernel_width;
        for (int c = 0; c < spec(i).outputs; ++c)
            out_.layers[i].weights[std::size_t((c * height + (height - 1) / 2) * width + (width - 1) / 2)] = 1;
    }
    /// A depthwise layer over all positions that averages them.
    void average(std::size_t i) {
        const std::size_t positions = out_.layers[i].weights.size() / std::size_t(spec(i).outputs);
        std::fill(out_.layers[i].weights.begin(), out_.layers[i].weights.end(), 1.0f / float(positions));
    }
    /// A convolution that passes its channels on, as many as it has; outputs beyond them begin at random.
    void pass_on(std::size_t i, const Channels& in) {
        const net::Layer& own = spec(i);
        const int inputs = shapes_.layers[i].in.channels, taps = own.kernel_height * own.kernel_width;
        const int centre = (own.kernel_height - 1) / 2 * own.kernel_width + (own.kernel_width - 1) / 2;
        channels_[i] = {in.source, std::vector<int>(std::size_t(own.outputs), -1)};
        for (int o = 0; o < own.outputs; ++o) {
            if (o >= inputs) {
                randomise(i, o, rms_of_he(i));
                continue;
            }
            out_.layers[i].weights[std::size_t((o * inputs + o) * taps + centre)] = 1;
            channels_[i].map[std::size_t(o)] = in.map[std::size_t(o)];
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
    /// All weights at random. Layers behind that have an ancestor still find the channels where they were.
    void fresh(std::size_t i, int old) {
        for (int o = 0; o < spec(i).outputs; ++o) randomise(i, o, rms_of_he(i));
        channels_[i] = {-2, std::vector<int>(std::size_t(spec(i).outputs), -1)};
        if (old < 0) return;
        channels_[i].source = old;
        for (int o = 0; o < std::min(spec(i).outputs, old_spec(std::size_t(old)).outputs); ++o)
            channels_[i].map[std::size_t(o)] = o;
    }

    /// Which channels of the parent's layer the child's has.
    std::vector<int> choose_channels(std::size_t i, std::size_t old) const {
        const int count = spec(i).outputs, before = old_spec(old).outputs;
        if (spec(i).residual != net::none && old_spec(old).residual != net::none)
            return channels_[std::size_t(spec(i).residual)].map; // both sides of the sum alike
        std::vector<int> map = identity(before);
        if (count < before) {
            const std::vector<double> worth = importance(old);
            std::stable_sort(map.begin(), map.end(),
                             [&](int a, int b) { return worth[std::size_t(a)] > worth[std::size_t(b)]; });
            map.resize(std::size_t(count));
            std::sort(map.begin(), map.end());
        }
        map.resize(std::size_t(count), -1);
        return map;
    }
    /// Of each output channel of the parent's layer: |weights that make it| * |weights that read it|.
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

    void copy_depthwise(std::size_t i, std::size_t old, const Channels& in) {
        const std::array<int, 2> now = window(spec(i), shapes_.layers[i]),
                                 before = window(old_spec(old), old_shapes_.layers[old]);
        const int size = now[0] * now[1], old_size = before[0] * before[1];
        const std::vector<float>& weights = old_layers_[old].weights;
        for (int c = 0; c < spec(i).outputs; ++c) {
            const int from = in.map[std::size_t(c)];
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

    /// A full convolution or dense layer from the parent's.
    void copy(std::size_t i, std::size_t old, const Channels& in) {
        channels_[i] = {int(old), choose_channels(i, old)};
        const FullKernel kernel = kernel_of(old_spec(old), old_shapes_.layers[old], old_layers_[old]);
        write(i, reshaped(window(spec(i), shapes_.layers[i]), kernel, in.map, channels_[i].map, is_whole(spec(i))));
    }
    void write(std::size_t i, const FullKernel& kernel) {
        std::copy(kernel.weights.begin(), kernel.weights.end(), out_.layers[i].weights.begin());
        out_.layers[i].biases.assign(kernel.biases.begin(), kernel.biases.end());
    }

    /// The parent's kernel with the channels and the window of the child's layer.
    FullKernel reshaped(std::array<int, 2> now, const FullKernel& old, const std::vector<int>& inputs,
                        const std::vector<int>& outputs, bool whole) {
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
                if (from < 0 || from >= old.outputs) { // new: reads what there is
                    for (int t = 0; t < now[0] * now[1]; ++t)
                        kernel.at(o, c, t / now[1], t % now[1]) = random_.normal() * rms;
                    continue;
                }
                if (!is_old_input) continue; // not read until training says so
                for_taps(now, {old.height, old.width}, whole, [&](int y, int x, int from_y, int from_x, double factor) {
                    kernel.at(o, c, y, x) = factor * old.at(from, read, from_y, from_x);
                    ++taken_;
                });
            }
        }
        return kernel;
    }

    /// The parent's unit as one convolution.
    FullKernel merged_unit(const OldUnit& old) const {
        const auto kernel = [&](int layer) {
            const std::size_t index = std::size_t(layer);
            return kernel_of(old_spec(index), old_shapes_.layers[index], old_layers_[index]);
        };
        if (old.first < 0) return kernel(old.main);
        return net::reads_one_channel(old_spec(std::size_t(old.first)))
                   ? merged_depthwise(kernel(old.first), kernel(old.main))
                   : merged_pointwise(kernel(old.first), kernel(old.main));
    }

    /// The parent's unit in the form of the child's, which is another one. Both layers are filled at the first's turn.
    void convert(std::size_t i, std::size_t main, bool has_first, const OldUnit& old, const Channels& entry) {
        if (has_first && i == main) return; // done
        const std::vector<int> outputs = choose_channels(main, std::size_t(old.main));
        const FullKernel whole = merged_unit(old);
        const std::size_t begin = has_first ? main - 1 : main;
        const net::Layer& shaping = net::reads_one_channel(spec(begin)) ? spec(begin) : spec(main);
        std::array<int, 2> taps = {shaping.kernel_height, shaping.kernel_width};
        const std::size_t before = taken_;
        FullKernel kernel = reshaped(taps, whole, entry.map, outputs, false);
        const std::size_t own = out_.layers[main].weights.size() + (has_first ? out_.layers[begin].weights.size() : 0);
        taken_ = before + std::min(taken_ - before, own);
        if (taps[0] * taps[1] == 1 && whole.height * whole.width > 1) sum_taps(kernel, whole, entry.map, outputs);
        channels_[main] = {old.main, outputs};
        if (!has_first) return write(main, kernel);
        channels_[begin] = entry;
        const net::Layer& first = spec(begin);
        if (net::reads_one_channel(first)) {
            const Product product = separated(kernel);
            std::copy(product.shapes.begin(), product.shapes.end(), out_.layers[begin].weights.begin());
            write(main, product.gains);
        } else { // a bottleneck reads the first channels only
            channels_[begin].map.assign(std::size_t(first.outputs), -1);
            FullKernel narrow(kernel.outputs, first.outputs, kernel.height, kernel.width);
            narrow.biases = kernel.biases;
            for (int m = 0; m < first.outputs; ++m) {
                out_.layers[begin].weights[std::size_t(m * kernel.inputs + m)] = 1;
                channels_[begin].map[std::size_t(m)] = entry.map[std::size_t(m)];
                for (int o = 0; o < kernel.outputs; ++o)
                    for (int t = 0; t < kernel.height * kernel.width; ++t)
                        narrow.at(o, m, t / kernel.width, t % kernel.width) =
                            kernel.at(o, m, t / kernel.width, t % kernel.width);
            }
            write(main, narrow);
        }
    }
    Expression own_;
    net::Shapes shapes_;
    Expression old_;
    const net::Spec& old_spec_;
    net::Shapes old_shapes_;
    const std::vector<fixed::FloatLayer>& old_layers_;
    std::vector<AlignedUnit> units_;
    Random& random_;
    std::vector<Channels> channels_; ///< Of what leaves each layer of the child.
    Inheritance out_;
    std::size_t taken_ = 0;
};

} // namespace detail

/// What the network of `child` takes over from a trained one.
/// Nothing where the parent's layers are not those of its Genome.
inline std::optional<Inheritance> inherit(const Genome& child, const Ancestor& parent, const Space& space,
                                          Random& random) {
    return detail::Heir(child, parent, space, random).inherit();
}

} // namespace tinysparse::space
