// SPDX-License-Identifier: Apache-2.0
// The integer network on the host: the same kernels of mcu/, with sizes that are known at run time. Its answers equal
// those of a device, bit for bit.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "tinysparse/base/threads.hpp"
#include "tinysparse/fixed/host_layer.hpp"
#include "tinysparse/fixed/samples.hpp"

namespace tinysparse::fixed {

namespace detail {

struct HostInput : HostTypes {
    Count ring, out_height, out_width, channels, pool_height, pool_width;
    std::uint8_t pool_multiplier, pool_shift;
    static constexpr bool centred = false;

    explicit HostInput(const InputGeometry& g)
        : ring(Count(g.ring)), out_height(Count(g.out_height)), out_width(Count(g.out_width)),
          channels(Count(g.channels)), pool_height(Count(g.pool_height)), pool_width(Count(g.pool_width)),
          pool_multiplier(std::uint8_t(g.average.multiplier)), pool_shift(std::uint8_t(g.average.shift)) {}
};
struct HostPicture : HostInput {
    using HostInput::HostInput;
    using Raw = std::uint8_t;
    std::int8_t value(Raw raw, Count) const { return mcu::picture_value(raw); }
};
struct HostSeries : HostInput {
    using HostInput::HostInput;
    using Raw = std::int16_t;
    Input input;
    std::int8_t value(Raw raw, Count channel) const {
        return mcu::shifted_value(raw, input.offset[channel], input.shift[channel]);
    }
};

} // namespace detail

/// Runs an integer network on the host; the answers are the same in all formats. One thread at a time.
class Evaluator {
  public:
    /// The lowered network must outlive this; the program need not. Throws Error for more classes than a device can
    /// tell apart.
    explicit Evaluator(const Program& program)
        : network_(program.network()), memory_(program.layout().plan()), picture_(program.layout().input()),
          series_(program.layout().input()), first_(program.layout().last_reader(net::picture)) {
        if (memory_.plan.classes > 255)
            throw Error(text("the network has ", memory_.plan.classes,
                             " classes, at most 255 can be told apart by the byte"
                             " that a device answers"));
        for (std::size_t i = 0; i < program.size(); ++i) layers_.push_back(detail::host_layer(program, i));
        series_.input = network_.input;
    }
    Evaluator(const Evaluator&) = delete;
    Evaluator& operator=(const Evaluator&) = delete;

    /// Logits of one picture in the order of a device's rows, [height][width][channel]. Valid until the next call.
    /// Throws Error for another number of pixels, or if the network reads series.
    std::span<const std::int32_t> logits(std::span<const std::uint8_t> picture) {
        check_sample(picture.size(), false);
        return run(picture_, picture.data());
    }
    /// Logits of one series, [time][channel]. Throws Error for another number of values, or if the network reads
    /// pictures.
    std::span<const std::int32_t> logits(std::span<const std::int16_t> series) {
        check_sample(series.size(), true);
        return run(series_, series.data());
    }

    /// The class of the last call: the largest logit, the lowest class on a tie.
    std::uint8_t predicted() const { return mcu::largest(memory_.logits.data(), std::uint8_t(memory_.logits.size())); }

  private:
    void check_sample(std::size_t elements, bool series) const {
        const net::Shape& shape = network_.spec.input;
        if (series != network_.input.series || elements != shape.size())
            throw Error(text("a sample of ", elements, series ? " int16 values" : " uint8 pixels",
                             "; the network reads ",
                             network_.input.series ? "series of int16, " : "pictures of uint8, ", shape.height, "x",
                             shape.width, "x", shape.channels, " (height, width, channels), that is ", shape.size()));
    }

    template <class Geometry>
    std::span<const std::int32_t> run(const Geometry& geometry, const typename Geometry::Raw* rows) {
        const net::Shape& raw = network_.spec.input;
        const std::size_t row_size = std::size_t(raw.width) * std::size_t(raw.channels);
        std::fill(memory_.made.begin(), memory_.made.end(), 0);
        for (const auto& layer : layers_) layer->begin(memory_);
        for (int row = 0; row < raw.height; ++row, rows += row_size) {
            mcu::input_row(geometry, rows, std::uint32_t(row), memory_.pool_sums[0].data(),
                           memory_.output(net::picture));
            ++memory_.made[0];
            // The deepest layer that can make a row does so, until none can.
            for (int layer = first_; layer >= 0;) {
                const detail::HostLayer& own = *layers_[std::size_t(layer)];
                layer = own.step(memory_) ? std::max(layer, own.last_reader()) : layer - 1;
            }
        }
        return memory_.logits;
    }

    const Network& network_;
    detail::HostMemory memory_;
    std::vector<std::unique_ptr<detail::HostLayer>> layers_;
    detail::HostPicture picture_;
    detail::HostSeries series_;
    int first_; ///< The deepest layer that reads the picture.
};

/// Logits of single samples of a data set.
class SplitEvaluator {
  public:
    /// The lowered network and the data of `samples` must outlive this. Throws Error unless the samples fit the
    /// network.
    SplitEvaluator(const Program& program, const Samples& samples)
        : evaluator_(program), samples_(samples), shape_(program.network().spec.input),
          series_(program.layout().series()) {
        check_samples(program.network(), samples);
    }

    /// Valid until the next call. Throws Error for a number beyond the samples.
    std::span<const std::int32_t> logits(std::size_t sample) {
        if (sample >= samples_.size())
            throw Error(text("sample ", sample, " is not one of the ", samples_.size(), " that there are"));
        if (series_) return of(samples_.values, values_, sample);
        return of(samples_.pixels, pixels_, sample);
    }
    /// Class of the sample that logits() evaluated last.
    std::uint8_t predicted() const { return evaluator_.predicted(); }

  private:
    template <class Element>
    std::span<const std::int32_t> of(std::span<const Element> all, std::vector<Element>& row_by_row,
                                     std::size_t sample) {
        device_order(all.subspan(sample * shape_.size(), shape_.size()), shape_, row_by_row);
        return evaluator_.logits(std::span<const Element>(row_by_row));
    }
    Evaluator evaluator_;
    Samples samples_;
    net::Shape shape_;
    bool series_;
    std::vector<std::uint8_t> pixels_;
    std::vector<std::int16_t> values_;
};

/// Answers to all samples. They are the same for any number of threads.
inline Answers answers(const Network& network, const Samples& samples, std::size_t threads = 1) {
    Answers all;
    if (samples.size() == 0) return all;
    const Lowered lowered(network);
    const Program program = encode(lowered);
    const std::size_t classes = std::size_t(net::shapes(network.spec).classes);
    all.classes.resize(samples.size());
    all.logits.resize(samples.size() * classes);
    Team team(std::min(std::max<std::size_t>(1, threads), samples.size()));
    team.run(team.size(), [&](std::size_t part, std::size_t) {
        SplitEvaluator evaluator(program, samples);
        for (std::size_t i = samples.size() * part / team.size(); i < samples.size() * (part + 1) / team.size(); ++i) {
            const std::span<const std::int32_t> logits = evaluator.logits(i);
            std::copy(logits.begin(), logits.end(), all.logits.begin() + std::ptrdiff_t(i * classes));
            all.classes[i] = evaluator.predicted();
        }
    });
    return all;
}

/// Share of right answers of the integer network, 0..1; 0 without samples. It is the same for any number of threads.
inline double accuracy(const Network& network, const Samples& samples, std::size_t threads = 1) {
    if (samples.size() == 0) return 0;
    const std::vector<std::uint8_t> given = answers(network, samples, threads).classes;
    std::size_t right = 0;
    for (std::size_t i = 0; i < given.size(); ++i) right += given[i] == samples.labels[i];
    return double(right) / double(samples.size());
}

} // namespace tinysparse::fixed
