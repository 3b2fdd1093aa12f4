// SPDX-License-Identifier: Apache-2.0
// Compaction: turns a pruned network into a smaller one with the same function in evaluation mode. A channel is removed
// if no layer reads it, or if it has the same value for every picture and position, such as 0 or the ReLU of its bias.
// That value times the weights that read it moves into the biases (or the running means) of the layers behind. Channels
// that residual sums and depthwise layers bind together are removed together. Every layer keeps at least one channel. A
// tree (net/tree.hpp) keeps all its rows, which count as its channels here; it has no biases to take a constant.
#pragma once
#include <optional>

#include "tinysparse/prune/connections.hpp"

namespace tinysparse::prune {

namespace detail {

class Compaction {
  public:
    explicit Compaction(nn::Network& network)
        : network_(network), spec_(network.spec()), shapes_(network.shapes()), constants_(spec_.layers.size()),
          needed_(spec_.layers.size()) {
        for (std::size_t i = 0; i < spec_.layers.size(); ++i) find_constants(i);
        for (std::size_t i = 0; i < spec_.layers.size(); ++i) needed_[i].assign(rows(i), net::is_output(spec_, i));
        for (std::size_t i = spec_.layers.size(); i-- > 0;) find_needed(i);
        decide();
    }

    std::unique_ptr<nn::Network> build() {
        net::Spec spec = spec_;
        for (std::size_t i = 0; i < spec.layers.size(); ++i)
            if (!net::is_tree(spec.layers[i]))
                spec.layers[i].outputs = int(std::count(kept_[i].begin(), kept_[i].end(), 1));
        nn::NetworkOptions options = network_.options();
        options.record_operation = {};
        auto compacted = std::make_unique<nn::Network>(spec, options);
        for (std::size_t i = 0; i < spec.layers.size(); ++i) fill(i, compacted->layers()[i]);
        return compacted;
    }

  private:
    using Value = std::optional<double>;

    std::size_t rows(std::size_t index) const { return std::size_t(net::weight_rows(spec_.layers[index])); }
    nn::Network::Layer& layer(std::size_t index) { return network_.layers()[index]; }
    /// Sum of a run of weights, and true if any of them is not 0.
    std::pair<double, bool> sum(std::size_t index, std::size_t first, std::size_t count) {
        const std::vector<float>& weights = layer(index).weights->value;
        double total = 0;
        bool any = false;
        for (std::size_t k = first; k < first + count; ++k) {
            total += double(weights[k]);
            any = any || weights[k] != 0;
        }
        return {total, any};
    }
    const Value* constant_of_input(std::size_t index, std::size_t channel) const {
        const int input = spec_.layers[index].input;
        return input == net::picture ? nullptr : &constants_[std::size_t(input)][channel];
    }
    /// The value that normalisation, or the bias, makes of a channel's sum.
    double normalised(std::size_t index, std::size_t channel, double value) {
        nn::Network::Layer& own = layer(index);
        if (own.biases) value += double(own.biases->value[channel]);
        if (const autograd::BatchNormalisation* n = own.normalisation.get())
            value = double(n->gamma.value[channel]) * (value - double(n->running_mean[channel])) /
                        std::sqrt(double(n->running_variance[channel]) + n->epsilon) +
                    double(n->beta.value[channel]);
        return value;
    }

    void find_constants(std::size_t index) {
        const net::Layer& own = spec_.layers[index];
        std::vector<Value>& result = constants_[index];
        result.assign(rows(index), 0.0);
        net::for_connections(
            own, shapes_.layers[index], [&](std::size_t out, std::size_t in, std::size_t first, std::size_t count) {
                const auto [total, any] = sum(index, first, count);
                if (!any || !result[out]) return;
                const Value* constant = constant_of_input(index, in);
                if (!constant || !*constant || net::is_tree(own) || (**constant != 0 && net::sees_padding(own)))
                    result[out].reset();
                else
                    *result[out] += **constant * total;
            });
        for (std::size_t c = 0; c < result.size(); ++c) {
            if (!result[c]) continue;
            double value = normalised(index, c, *result[c]);
            if (own.residual != net::none) {
                const Value& other = constants_[std::size_t(own.residual)][c];
                if (!other) {
                    result[c].reset();
                    continue;
                }
                value += *other;
            }
            result[c] = own.activation == net::Activation::relu ? std::max(0.0, value) : value;
        }
    }

    void find_needed(std::size_t index) {
        const net::Layer& own = spec_.layers[index];
        const auto varies = [&](std::size_t c) { return needed_[index][c] && !constants_[index][c]; };
        if (own.input != net::picture)
            net::for_connections(own, shapes_.layers[index],
                                 [&](std::size_t out, std::size_t in, std::size_t first, std::size_t count) {
                                     if (varies(out) && sum(index, first, count).second)
                                         needed_[std::size_t(own.input)][in] = 1;
                                 });
        for (std::size_t c = 0; own.residual != net::none && c < needed_[index].size(); ++c)
            if (varies(c)) needed_[std::size_t(own.residual)][c] = 1;
    }

    /// 1 for channels whose constant can move into all layers that read them.
    std::vector<std::uint8_t> absorbable(std::size_t index) {
        std::vector<std::uint8_t> result(rows(index), 1);
        for (std::size_t reader = index + 1; reader < spec_.layers.size(); ++reader) {
            const net::Layer& own = spec_.layers[reader];
            const bool takes = net::reads_one_channel(own) || !net::sees_padding(own);
            if (own.input != int(index) || (takes && !net::is_tree(own))) continue;
            net::for_connections(own, shapes_.layers[reader],
                                 [&](std::size_t out, std::size_t in, std::size_t first, std::size_t count) {
                                     if (needed_[reader][out] && sum(reader, first, count).second) result[in] = 0;
                                 });
        }
        return result;
    }

    void decide() {
        const ChannelClasses classes(spec_);
        std::vector<std::uint8_t> stays = classes.fixed();
        for (std::size_t i = 0; i < spec_.layers.size(); ++i) {
            const std::vector<std::uint8_t> can_move = absorbable(i);
            for (std::size_t c = 0; c < can_move.size(); ++c) {
                const Value& constant = constants_[i][c];
                const bool leaves = !needed_[i][c] || (constant && (*constant == 0 || can_move[c]));
                if (!leaves) stays[classes.of(i, c)] = 1;
            }
        }
        kept_.resize(spec_.layers.size());
        for (std::size_t i = 0; i < kept_.size(); ++i) {
            const std::size_t channels = rows(i);
            bool any = false;
            for (std::size_t c = 0; c < channels; ++c) any = any || stays[classes.of(i, c)];
            if (!any) stays[classes.of(i, 0)] = 1;
        }
        for (std::size_t i = 0; i < kept_.size(); ++i)
            for (std::size_t c = 0; c < rows(i); ++c) kept_[i].push_back(stays[classes.of(i, c)]);
    }

    void fill(std::size_t index, nn::Network::Layer& target) {
        const net::Layer& own = spec_.layers[index];
        nn::Network::Layer& source = layer(index);
        const auto input_stays = [&](std::size_t channel) {
            return own.input == net::picture || kept_[std::size_t(own.input)][channel];
        };
        std::vector<double> moved(rows(index)); // from removed inputs into the sums
        std::size_t at = 0;
        net::for_connections(own, shapes_.layers[index],
                             [&](std::size_t out, std::size_t in, std::size_t first, std::size_t count) {
                                 if (!kept_[index][out]) return;
                                 if (input_stays(in)) {
                                     std::copy_n(source.weights->value.begin() + std::ptrdiff_t(first), count,
                                                 target.weights->value.begin() + std::ptrdiff_t(at));
                                     at += count;
                                 } else if (const Value* constant = constant_of_input(index, in); *constant)
                                     moved[out] += **constant * sum(index, first, count).first;
                             });
        assert(at == target.weights->value.size());
        target.weights->rate_scale = source.weights->rate_scale;
        if (source.biases) target.biases->rate_scale = source.biases->rate_scale;
        std::size_t to = 0;
        for (std::size_t c = 0; c < moved.size(); ++c) {
            if (!kept_[index][c]) continue;
            if (source.biases) target.biases->value[to] = float(double(source.biases->value[c]) + moved[c]);
            if (const autograd::BatchNormalisation* n = source.normalisation.get()) {
                target.normalisation->gamma.value[to] = n->gamma.value[c];
                target.normalisation->beta.value[to] = n->beta.value[c];
                target.normalisation->running_mean[to] = float(double(n->running_mean[c]) - moved[c]);
                target.normalisation->running_variance[to] = n->running_variance[c];
            }
            ++to;
        }
    }

    nn::Network& network_;
    const net::Spec& spec_;
    const net::Shapes& shapes_;
    std::vector<std::vector<Value>> constants_;            ///< Constant values of removed channels; nothing for other
                                                           ///< channels.
    std::vector<std::vector<std::uint8_t>> needed_, kept_; ///< For each layer and output channel: 1 or 0.
};

} // namespace detail

/// A network in its free form without the channels that have no effect. Its logits in evaluation mode are the same but
/// for the rounding of floats.
inline std::unique_ptr<nn::Network> compact(nn::Network& network) { return detail::Compaction(network).build(); }

} // namespace tinysparse::prune
