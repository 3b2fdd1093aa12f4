// SPDX-License-Identifier: Apache-2.0
// The memory of the row-streaming runner, from shapes alone: the number of rows in each ring, and the rows that live so
// briefly that they can share one scratch area.
//
// It is found by running the schedule without computing anything: the deepest layer that can make a row does so, until
// none can; then the next row of the picture comes. A ring must hold the rows from the oldest that a reader still needs
// to the one being written. Rings of one row are placed in the scratch area, where rows that are never alive in the
// same step overlap.
#pragma once
#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "tinysparse/base/sort.hpp"
#include "tinysparse/fixed/proof.hpp"

namespace tinysparse::fixed {

/// Bytes that one producer (the picture or a layer) needs.
struct Buffers {
    int ring = 1;                   ///< Output rows that are kept.
    std::size_t row_bytes = 0;      ///< Bytes of one such row.
    bool scratch = false;           ///< The row is in the scratch area at `offset`, and the ring is 1.
    std::size_t offset = 0;         ///< Bytes from the start of the scratch area.
    std::size_t sums = 0;           ///< int32 sums of a layer that gathers, without logits.
    std::size_t pool_sums = 0;      ///< Sums of unfinished average pools ...
    std::size_t pool_sum_bytes = 2; ///< ... each of 2 or 4 bytes.

    /// Bytes of RAM that belong to the producer alone; rows in the scratch area are shared and not counted.
    std::size_t bytes() const {
        return (scratch ? 0 : std::size_t(ring) * row_bytes) + 4 * sums + pool_sums * pool_sum_bytes;
    }
};

/// Buffers of the picture and of all layers in the device's working memory, in bytes.
struct Plan {
    Buffers picture;               ///< Buffers of the input after downsampling.
    std::size_t camera_bytes = 0;  ///< Unfinished averages of a camera's picture, and the place of its next pixel.
    std::vector<Buffers> layers;   ///< One per layer.
    std::size_t scratch_bytes = 0; ///< Bytes that layers share, one after the other.
    int counter_bytes = 1;         ///< Bytes of a row counter: 1, or 2 if a side or a channel count exceeds 255.
    int classes = 0;               ///< Number of logits.

    /// The buffers of a layer, or of the picture.
    const Buffers& of(int layer) const { return layer == net::picture ? picture : layers[std::size_t(layer)]; }
    /// The same, to change them.
    Buffers& of(int layer) { return layer == net::picture ? picture : layers[std::size_t(layer)]; }

    /// Bytes of RAM that belong to no single producer: scratch area, logits, row counters.
    std::size_t shared_bytes() const {
        return scratch_bytes + 4 * std::size_t(classes) + std::size_t(counter_bytes) * (layers.size() + 1);
    }
    /// sizeof(Net) on a machine without alignment, such as AVR.
    std::size_t bytes() const {
        std::size_t sum = shared_bytes() + picture.bytes() + camera_bytes;
        for (const Buffers& layer : layers) sum += layer.bytes();
        return sum;
    }
};

namespace detail {

/// Bytes of a pool's sums over `area` values of at most |bound|: 2 if they fit 16 bits with the rounding half of a
/// power of two.
inline std::size_t pool_sum_bytes(int area, int bound) { return bound * area + area / 2 <= 32767 ? 2 : 4; }

/// Runs the schedule on row counts.
class Rehearsal {
  public:
    Rehearsal(const net::Spec& spec, const net::Shapes& shapes, Plan& plan)
        : spec_(spec), shapes_(shapes), plan_(plan), made_(spec.layers.size()), readers_(spec.layers.size() + 1) {
        for (std::size_t i = 0; i < spec.layers.size(); ++i) {
            readers_[std::size_t(spec.layers[i].input + 1)].push_back(int(i));
            if (spec.layers[i].residual != net::none)
                readers_[std::size_t(spec.layers[i].residual + 1)].push_back(int(i));
            whole_.push_back(gathers(spec.layers[i], shapes.layers[i]));
        }
    }

    /// Calls event(layer) after each row that a layer's operation makes, picture rows included.
    template <class Event> void run(Event&& event) {
        std::fill(made_.begin(), made_.end(), 0);
        for (picture_rows_ = 0; picture_rows_ < shapes_.picture.height;) {
            before_write(net::picture);
            ++picture_rows_;
            event(net::picture);
            for (int layer = last_reader(net::picture); layer >= 0;) {
                if (!ready(layer)) {
                    --layer;
                    continue;
                }
                if (!whole_[std::size_t(layer)]) before_write(layer);
                event(layer);
                ++made_[std::size_t(layer)];
                layer = std::max(layer, last_reader(layer));
            }
        }
    }

    int rows_out(int producer) const {
        if (producer == net::picture) return picture_rows_;
        const net::Layer& layer = spec_.layers[std::size_t(producer)];
        const int made = made_[std::size_t(producer)];
        if (whole_[std::size_t(producer)]) return made == shapes_.layers[std::size_t(producer)].in.height ? 1 : 0;
        return layer.pooling == net::Pooling::none ? made : made / layer.pool_height;
    }

    /// Oldest row of the producer that any reader will still read; its height if there is none.
    int oldest_needed(int producer) const {
        const int height = shapes_.of(producer).height;
        int oldest = height;
        for (const int reader : readers_[std::size_t(producer + 1)]) {
            const net::Layer& layer = spec_.layers[std::size_t(reader)];
            const int made = made_[std::size_t(reader)];
            if (made == steps(reader)) continue;
            if (layer.input == producer) {
                const int first = whole_[std::size_t(reader)]
                                      ? made
                                      : made * layer.stride - net::padding_before(layer.kernel_height, layer.padding);
                oldest = std::min(oldest, std::max(0, first));
            }
            if (layer.residual == producer && producer != net::none)
                oldest = std::min(oldest, whole_[std::size_t(reader)] ? 0 : made);
        }
        return oldest;
    }

    /// Rows that the layer's operation makes, or takes in if it gathers; rows that its pooling would drop are never
    /// made.
    int steps(int index) const {
        const net::LayerShapes& own = shapes_.layers[std::size_t(index)];
        const net::Layer& layer = spec_.layers[std::size_t(index)];
        if (whole_[std::size_t(index)]) return own.in.height;
        return layer.pooling == net::Pooling::none ? own.operation.height : own.out.height * layer.pool_height;
    }

    /// Whether the producer's output holds a value that will still be read, such as an unfinished maximum.
    bool holds_a_row(int producer) const {
        if (rows_out(producer) > oldest_needed(producer)) return true;
        if (producer == net::picture || whole_[std::size_t(producer)]) return false;
        const net::Layer& layer = spec_.layers[std::size_t(producer)];
        return layer.pooling == net::Pooling::maximum && made_[std::size_t(producer)] % layer.pool_height != 0;
    }

    /// Whether the next step of layer `stepping` writes to the producer's output.
    bool writes(int producer, int stepping) const {
        return producer == stepping && (producer == net::picture || !whole_[std::size_t(producer)] ||
                                        made_[std::size_t(producer)] + 1 == steps(producer));
    }

  private:
    int last_reader(int producer) const {
        int last = -1;
        for (const int reader : readers_[std::size_t(producer + 1)]) last = std::max(last, reader);
        return last;
    }

    bool ready(int index) const {
        const net::Layer& layer = spec_.layers[std::size_t(index)];
        const int made = made_[std::size_t(index)];
        if (made == steps(index)) return false;
        const int height = shapes_.of(layer.input).height;
        const int needed =
            whole_[std::size_t(index)]
                ? made + 1
                : std::min(height, made * layer.stride - net::padding_before(layer.kernel_height, layer.padding) +
                                       layer.kernel_height);
        if (rows_out(layer.input) < needed) return false;
        return layer.residual == net::none || rows_out(layer.residual) > (whole_[std::size_t(index)] ? 0 : made);
    }

    void before_write(int producer) {
        Buffers& own = plan_.of(producer);
        const int kept = std::min(rows_out(producer) - oldest_needed(producer) + 1, shapes_.of(producer).height);
        own.ring = std::max(own.ring, kept);
    }

    const net::Spec& spec_;
    const net::Shapes& shapes_;
    Plan& plan_;
    std::vector<int> made_;
    int picture_rows_ = 0;
    std::vector<std::vector<int>> readers_; ///< Indexed by producer + 1.
    std::vector<bool> whole_;
};

/// Assigns offsets to pieces of scratch that may not overlap: the largest first, each at the lowest free place.
struct ScratchPiece {
    std::size_t bytes;
    std::size_t* offset;
};
inline std::size_t place_scratch(std::vector<ScratchPiece>& pieces, const std::vector<std::uint8_t>& conflicts) {
    const std::size_t count = pieces.size();
    std::vector<std::size_t> order(count);
    for (std::size_t i = 0; i < count; ++i) order[i] = i;
    sort_stably(order, [&](std::size_t a, std::size_t b) { return pieces[a].bytes > pieces[b].bytes; });
    std::size_t total = 0;
    for (std::size_t n = 0; n < count; ++n) {
        const std::size_t piece = order[n];
        std::size_t offset = 0;
        for (bool moved = true; moved;) {
            moved = false;
            for (std::size_t m = 0; m < n; ++m) {
                const ScratchPiece& other = pieces[order[m]];
                if (conflicts[piece * count + order[m]] && offset < *other.offset + other.bytes &&
                    *other.offset < offset + pieces[piece].bytes) {
                    offset = *other.offset + other.bytes;
                    moved = true;
                }
            }
        }
        *pieces[piece].offset = offset;
        total = std::max(total, offset + pieces[piece].bytes);
    }
    return total;
}

/// Decides which rows are in the scratch area, and where: rows that are alive in the same step may not overlap.
inline void place_brief_rows(const net::Spec& spec, Rehearsal& rehearsal, Plan& plan) {
    std::vector<int> candidates;
    std::vector<ScratchPiece> pieces;
    for (int producer = net::picture; producer < int(spec.layers.size()); ++producer) {
        Buffers& buffers = plan.of(producer);
        buffers.scratch = buffers.ring == 1 && buffers.row_bytes > 0;
        if (!buffers.scratch) continue;
        candidates.push_back(producer);
        pieces.push_back({buffers.row_bytes, &buffers.offset});
    }
    const std::size_t count = pieces.size();
    std::vector<std::uint8_t> conflicts(count * count);
    std::vector<std::size_t> alive;
    rehearsal.run([&](int stepping) {
        alive.clear();
        for (std::size_t i = 0; i < count; ++i) {
            if (rehearsal.writes(candidates[i], stepping) || rehearsal.holds_a_row(candidates[i])) alive.push_back(i);
        }
        for (const std::size_t a : alive)
            for (const std::size_t b : alive) conflicts[a * count + b] = 1;
    });
    plan.scratch_bytes = place_scratch(pieces, conflicts);
}

} // namespace detail

namespace detail {
inline std::atomic<std::size_t> plans_made = 0; ///< Number of plans, for tests that nothing is planned twice.
}

/// The memory plan of a network of these shapes.
inline Plan plan(const net::Spec& spec, const net::Shapes& shapes, const InputKind& kind) {
    ++detail::plans_made;
    Plan plan;
    plan.classes = shapes.classes;
    plan.layers.resize(spec.layers.size());
    const auto note_sides = [&](const net::Shape& shape) {
        if (std::max({shape.channels, shape.height, shape.width}) > 255) plan.counter_bytes = 2;
    };
    const auto row_bytes = [](const net::Shape& shape) {
        return std::size_t(shape.channels) * std::size_t(shape.width);
    };
    // 1: sizes that follow from single layers
    note_sides(spec.input);
    plan.picture.row_bytes = row_bytes(shapes.picture);
    const int downsampled = spec.downsample_height * spec.downsample_width;
    if (spec.downsample_height > 1) plan.picture.pool_sums = plan.picture.row_bytes;
    plan.picture.pool_sum_bytes = detail::pool_sum_bytes(downsampled, kind.series ? 128 : 127);
    if (kind.camera)
        plan.camera_bytes = 6 + row_bytes({spec.input.channels, 1, spec.input.width}) * kind.camera->sum_bytes();
    for (std::size_t i = 0; i < spec.layers.size(); ++i) {
        const net::Layer& layer = spec.layers[i];
        const net::LayerShapes& own = shapes.layers[i];
        Buffers& buffers = plan.layers[i];
        note_sides(own.operation);
        buffers.row_bytes = net::is_output(spec, i) ? 0 : row_bytes(own.out);
        if (gathers(layer, own)) {
            buffers.sums = net::is_output(spec, i) ? 0 : std::size_t(layer.outputs);
            continue;
        }
        if (layer.pooling != net::Pooling::average) continue;
        if (layer.pool_height * layer.pool_width > 1) buffers.pool_sums = buffers.row_bytes;
        buffers.pool_sum_bytes = detail::pool_sum_bytes(layer.pool_height * layer.pool_width,
                                                        layer.activation == net::Activation::relu ? 127 : 128);
    }
    // 2: rings
    detail::Rehearsal rehearsal(spec, shapes, plan);
    rehearsal.run([](int) {});
    // 3: short-lived rows share the scratch area
    detail::place_brief_rows(spec, rehearsal, plan);
    return plan;
}
/// The same from a Spec. Throws Error as net::shapes does.
inline Plan plan(const net::Spec& spec, const InputKind& kind = {}) { return plan(spec, net::shapes(spec), kind); }

} // namespace tinysparse::fixed
