// SPDX-License-Identifier: Apache-2.0
// Loader: fills the input of a network with a batch, from the raw data of a split, as the device would read it:
// augmentation on the raw grid, then x = p >> 1 (or the series' offset and shift), then the rounded average of the
// downsampling, then a factor of 2^-7. So training never sees a number that the device cannot represent.
#pragma once
#include <span>
#include <vector>

#include "tinysparse/base/random.hpp"
#include "tinysparse/base/threads.hpp"
#include "tinysparse/data/augment_pictures.hpp"
#include "tinysparse/data/augment_series.hpp"
#include "tinysparse/data/check.hpp"
#include "tinysparse/data/dataset.hpp"
#include "tinysparse/net/averaging.hpp"
#include "tinysparse/nn/input_shape.hpp"
#include "tinysparse/nn/network.hpp"

namespace tinysparse::nn {

/// Writes batches of one set into the input of a network, augmented if asked for.
class Loader {
  public:
    /// With a team, its threads load the groups of a batch side by side. The set must outlive this. Throws Error unless
    /// the set is whole (data::check) and has the network's shape.
    Loader(const data::Dataset& set, const net::Spec& spec, Team* team = nullptr) : set_(set), team_(team) {
        data::check(set);
        const net::Shape shape = input_shape(set);
        if (spec.input != shape)
            throw Error(text("the network takes ", spec.input.channels, " channels of ", spec.input.height, "x",
                             spec.input.width, ", the data has ", shape.channels, " of ", shape.height, "x",
                             shape.width));
        input_ = net::shapes(spec).picture;
        pool_ = {spec.downsample_height, spec.downsample_width};
        average_ = net::averaging(pool_.area());
        blocks_ = (shape.size() + tensor::lane_samples - 1) / tensor::lane_samples;
        if (set.is_series()) frame_ = data::series_frame(set);
        normalisation_ = set.normalisation;
        scratch_.resize(team ? team->size() : 1);
        for (Scratch& scratch : scratch_) {
            if (set.is_series())
                scratch.values.resize(shape.size());
            else
                scratch.pixels.resize(shape.size());
            scratch.rows.resize(blocks_ * tensor::lane_samples);
            scratch.grid.resize(blocks_ * tensor::lane_samples);
        }
    }

    Loader(const data::Dataset&&, const net::Spec&, Team* = nullptr) = delete;

    /// Reads series by other offsets and shifts than the set's, which come from its training part: a network that was
    /// trained with another part keeps its own. Throws Error unless there is one of each for every channel.
    void normalise_by(data::Normalisation normalisation) {
        const std::size_t channels = set_.is_series() ? std::size_t(set_.shape.channels) : 0;
        if (normalisation.offset.size() != channels || normalisation.shift.size() != channels)
            throw Error(text(normalisation.offset.size(), " offsets and ", normalisation.shift.size(),
                             " shifts for a series of ", channels, " channels"));
        normalisation_ = std::move(normalisation);
    }

    /// How to augment: every sample of every epoch has its own random stream.
    struct Augmenting {
        data::Augmentation options; ///< What is changed, and how strongly.
        std::uint64_t seed = 0;     ///< Seed of all random streams.
        std::uint32_t epoch = 0;    ///< Counted from 0; other epochs are changed in another way.
    };

    /// Loads the samples `indices` of a part into a network: pictures into its input, labels or targets into its loss.
    /// There are at most network.graph().batch() of them. Without `augmenting` nothing is augmented. Throws Error for a
    /// network with another input, an index beyond the part, or a part whose sizes are not those of the set.
    void load(const data::Split& part, std::span<const std::uint32_t> indices, Network& network,
              const Augmenting* augmenting = nullptr) {
        check_batch(part, indices, network);
        network.graph().set_samples(indices.size());
        const auto load_group = [&](std::size_t group, std::size_t worker) {
            Scratch& scratch = scratch_[worker];
            const std::size_t first = group * tensor::lane_samples;
            const auto samples = indices.subspan(first, std::min(tensor::lane_samples, indices.size() - first));
            for (std::size_t s = 0; s < samples.size(); ++s) {
                if (autograd::SquaredError* squares = network.squares())
                    load_targets(part, samples[s], squares->targets(group), s);
                else
                    network.loss().labels()[first + s] = part.labels[samples[s]];
                to_grid(part, samples[s], s, augmenting, scratch);
            }
            lay_side_by_side(scratch);
            write_group(scratch.grid, network.input().value.group(group), network.input().shape);
        };
        const std::size_t groups = (indices.size() + tensor::lane_samples - 1) / tensor::lane_samples;
        if (team_)
            team_->run(groups, load_group);
        else
            for (std::size_t group = 0; group < groups; ++group) load_group(group, 0);
    }

    /// The set that it reads, all three parts.
    const data::Dataset& set() const { return set_; }

  private:
    /// Checks a batch once; data::check_part checks the labels and targets of a part.
    void check_batch(const data::Split& part, std::span<const std::uint32_t> indices, Network& network) const {
        const std::size_t n = part.samples, numbers = network.squares() ? set_.quantities.size() : 0;
        const std::size_t elements = set_.is_series() ? part.values.size() : part.pixels.size();
        const std::size_t outputs = std::size_t(network.logits().shape.channels);
        if (network.input().shape != input_ || outputs < std::max(numbers, set_.strata()))
            throw Error(text(set_.name, ": the network to load samples into reads another shape, or has ", outputs,
                             " outputs, too few for the data"));
        if (elements != n * set_.shape.size() || part.labels.size() != n || part.targets.size() < n * numbers)
            throw Error(text(set_.name, ": a part of ", n, " samples with ", elements, " elements and ",
                             part.labels.size(), " labels; is it of another set?"));
        for (const std::uint32_t index : indices)
            if (index >= n) throw Error(text(set_.name, ": sample ", index, " is not one of the part's ", n));
    }

    /// 16 values of one sample, or one value of 16 samples.
    typedef std::int8_t Values __attribute__((vector_size(16)));
    typedef std::int16_t ShortValues __attribute__((vector_size(32)));

    /// Working memory of one thread that loads a group.
    struct Scratch {
        std::vector<std::uint8_t> pixels; ///< An augmented picture,
        std::vector<std::int16_t> values; ///< or series.
        std::vector<Values> rows;         ///< [samples][blocks]
        std::vector<Values> grid;         ///< [values], each of 16 samples
    };

    /// Writes the target numbers of one sample, as outputs, into lane s.
    void load_targets(const data::Split& part, std::uint32_t index, tensor::View to, std::size_t s) const {
        const std::size_t count = set_.quantities.size();
        for (std::size_t k = 0; k < count; ++k) {
            const Quantity& quantity = set_.quantities[k];
            const double target = double(part.targets[index * count + k]);
            (*to.row(int(k), 0))[s] = float((target - double(quantity.origin)) / double(quantity.scale));
        }
    }

    /// Writes one sample, augmented, as int8 into its rows.
    void to_grid(const data::Split& part, std::uint32_t index, std::size_t s, const Augmenting* augmenting,
                 Scratch& scratch) const {
        const std::span<std::int8_t> out =
            std::span(reinterpret_cast<std::int8_t*>(scratch.rows.data() + s * blocks_), set_.shape.size());
        if (set_.is_series())
            data::input_values(moved(part.values, scratch.values, index, augmenting), normalisation_, out);
        else
            data::input_values(moved(part.pixels, scratch.pixels, index, augmenting), out);
    }

    /// The raw sample, or its augmented copy in `scratch`.
    template <class Element>
    std::span<const Element> moved(const std::vector<Element>& all, std::vector<Element>& scratch, std::uint32_t index,
                                   const Augmenting* augmenting) const {
        const std::span<const Element> sample = std::span(all).subspan(index * set_.shape.size(), set_.shape.size());
        if (!augmenting) return sample;
        Random random = data::augmentation_stream(augmenting->seed, augmenting->epoch, index);
        if constexpr (std::is_same_v<Element, std::int16_t>)
            data::augment(augmenting->options, random, set_.shape, frame_, sample.data(), scratch.data());
        else
            data::augment(augmenting->options, random, set_.shape, sample.data(), scratch.data());
        return scratch;
    }

    /// grid = the values of all samples side by side.
    void lay_side_by_side(Scratch& scratch) const {
        Values block[tensor::lane_samples];
        for (std::size_t i = 0; i < blocks_; ++i) {
            for (std::size_t s = 0; s < tensor::lane_samples; ++s) block[s] = scratch.rows[s * blocks_ + i];
            tensor::transpose(block);
            std::copy_n(block, tensor::lane_samples, scratch.grid.begin() + std::ptrdiff_t(i * tensor::lane_samples));
        }
    }

    /// Writes the grid, pooled, times 2^-7. Lanes without a sample keep an older one; the graph's masks exclude it.
    void write_group(const std::vector<Values>& grid, tensor::View to_group, const net::Shape& pooled) const {
        const int width = set_.shape.width;
        const std::int32_t half = pool_.area() > 1 ? 1 << (average_.shift - 1) : 0;
        tensor::for_rows(pooled, [&](int c, int y) {
            tensor::Lane* to = to_group.row(c, y);
            for (int p = 0; p < pooled.width; ++p) {
                tensor::LaneMask total{};
                for (int wy = 0; wy < pool_.height; ++wy) {
                    const int first = (c * set_.shape.height + y * pool_.height + wy) * width + p * pool_.width;
                    for (int wx = 0; wx < pool_.width; ++wx) // by way of int16: g++ 12 widens in steps of two only
                        total += __builtin_convertvector(
                            __builtin_convertvector(grid[std::size_t(first + wx)], ShortValues), tensor::LaneMask);
                }
                if (pool_.area() > 1)
                    total = (total * average_.multiplier + half) >> (tensor::LaneMask{} + average_.shift);
                to[p] = __builtin_convertvector(total, tensor::Lane) * 0x1p-7f;
            }
        });
    }

    const data::Dataset& set_;
    Team* team_;
    net::Shape input_; ///< What the network reads, after the downsampling.
    tensor::Pool pool_;
    net::Averaging average_;
    data::SeriesFrame frame_; ///< Offset and shift of series, for augmentation.
    data::Normalisation normalisation_;
    std::size_t blocks_ = 0;       ///< Number of blocks of 16 values in a sample.
    std::vector<Scratch> scratch_; ///< One per thread.
};

} // namespace tinysparse::nn
