// SPDX-License-Identifier: Apache-2.0
// Tensor: [groups][channels][height][width] of Lane, where a group is 16 samples. A picture may have a halo, a border
// of zeros that is never written, so that a convolution with `same` padding reads beyond the edge without a test or a
// copy.
#pragma once
#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>

#include "tinysparse/net/spec.hpp"
#include "tinysparse/tensor/lane.hpp"

namespace tinysparse::tensor {

/// Number of zero rows above and below, and of zero columns left and right.
struct Halo {
    int height = 0, width = 0;
};

/// The pictures of one group: data points at channel 0, row 0, column 0 inside the halo; strides count Lanes.
template <class Element> struct Planes {
    Element* data = nullptr;
    std::ptrdiff_t row_stride = 0, channel_stride = 0;
    /// Element 0 of row y of a channel; the halo lies at negative and larger indices.
    Element* row(int channel, int y) const { return data + channel * channel_stride + y * row_stride; }
    /// The same planes, read only.
    operator Planes<const Element>() const { return {data, row_stride, channel_stride}; }
};
/// The pictures of one group of 16 samples.
using View = Planes<Lane>;
/// The same, read only.
using ConstView = Planes<const Lane>;

/// Memory of a Variable, aligned for vectors; zeros at first, halo included.
class Tensor {
  public:
    Tensor() = default;
    /// halo: border of zeros around every picture. Throws std::bad_alloc if there is not enough memory.
    Tensor(std::size_t groups, const net::Shape& shape, Halo halo = {})
        : groups_(groups), row_stride_(shape.width + 2 * halo.width),
          channel_stride_(row_stride_ * (shape.height + 2 * halo.height)),
          group_stride_(channel_stride_ * shape.channels), first_(halo.height * row_stride_ + halo.width) {
        const std::size_t lanes = groups * std::size_t(group_stride_);
        lanes_.reset(
            static_cast<Lane*>(std::aligned_alloc(sizeof(Lane), std::max<std::size_t>(lanes, 1) * sizeof(Lane))));
        if (!lanes_) throw std::bad_alloc();
        std::fill_n(lanes_.get(), lanes, Lane{});
    }
    /// The pictures of group `index`, 0 <= index < groups().
    View group(std::size_t index) {
        return {lanes_.get() + std::ptrdiff_t(index) * group_stride_ + first_, row_stride_, channel_stride_};
    }
    /// The same, read only.
    ConstView group(std::size_t index) const { return const_cast<Tensor*>(this)->group(index); }

    /// Number of groups of 16 samples.
    std::size_t groups() const { return groups_; }

  private:
    struct Free {
        void operator()(Lane* lanes) const { std::free(lanes); }
    };
    std::unique_ptr<Lane[], Free> lanes_;
    std::size_t groups_ = 0;
    std::ptrdiff_t row_stride_ = 0, channel_stride_ = 0, group_stride_ = 0, first_ = 0;
};

/// Calls body(channel, y) for every row of a picture.
template <class Body> void for_rows(const net::Shape& shape, Body body) {
    for (int channel = 0; channel < shape.channels; ++channel)
        for (int y = 0; y < shape.height; ++y) body(channel, y);
}

} // namespace tinysparse::tensor
