// SPDX-License-Identifier: Apache-2.0
// A network in the form that everything after training needs: its shapes, the geometry of its layers, the memory plan,
// and the proof that no sum overflows. All of it is computed once; evaluation, costs and export read it.
#pragma once
#include <cstddef>
#include <utility>
#include <vector>

#include "tinysparse/fixed/geometry.hpp"
#include "tinysparse/fixed/network.hpp"
#include "tinysparse/fixed/proof.hpp"

namespace tinysparse::fixed {

/// A network with its geometry, its memory plan and the proof that no sum overflows. It owns the network.
class Lowered {
  public:
    /// Throws Error as net::shapes() and prove() do.
    explicit Lowered(Network network)
        : network_(std::move(network)), layout_(network_.spec, network_.input.kind()),
          proofs_(prove(network_, layout_.shapes())) {}
    Lowered(const Lowered&) = delete;
    Lowered& operator=(const Lowered&) = delete;

    /// The integers that were lowered.
    const Network& network() const { return network_; }
    /// Geometry and memory plan.
    const Layout& layout() const { return layout_; }
    std::size_t size() const { return proofs_.size(); } ///< Number of layers.
    /// Layer `index` of the Spec.
    const net::Layer& spec(std::size_t index) const { return network_.spec.layers[index]; }
    /// Shapes of layer `index`.
    const net::LayerShapes& shapes(std::size_t index) const { return layout_.shapes().layers[index]; }
    /// Weights, biases and shifts of layer `index`.
    const Layer& layer(std::size_t index) const { return network_.layers[index]; }
    /// What was proven of the sums of layer `index`.
    const Accumulation& proof(std::size_t index) const { return proofs_[index]; }

  private:
    const Network network_;
    Layout layout_;
    std::vector<Accumulation> proofs_;
};

/// Throws Error unless every layer's sums fit the accumulator that a model promises (Model::accumulator_bits).
inline void check_accumulator(const Lowered& lowered, int accumulator_bits) {
    check_accumulator_bits(accumulator_bits);
    for (std::size_t i = 0; i < lowered.size() && accumulator_bits == 16; ++i)
        if (!lowered.proof(i).narrow)
            throw Error(text("layer ", i + 1, ": a sum may reach ", lowered.proof(i).bound,
                             ", which 16 bits do not hold; the model promises that they do, so train it again"));
}

/// Lays the network out and proves it. Throws Error if a sum may overflow.
inline Lowered lower(Network network) { return Lowered(std::move(network)); }

} // namespace tinysparse::fixed
