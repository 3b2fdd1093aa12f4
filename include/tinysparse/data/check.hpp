// SPDX-License-Identifier: Apache-2.0
// Checks that the parts of a Dataset belong together. Readers return such sets; a set that a program filled itself is
// checked before training, pruning, search or judging uses it.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/data/dataset.hpp"
#include "tinysparse/data/texts.hpp"

namespace tinysparse::data {

namespace detail {

/// Refuses a set with a sentence that begins with its name.
class DatasetCheck {
  public:
    explicit DatasetCheck(const Dataset& set) : set_(set) {}

    void samples() const {
        check_names(set_);
        shape();
        answers();
        part(set_.train, "training");
        part(set_.validation, "validation");
        part(set_.test, "test");
    }

    void input() const {
        if (set_.is_series())
            series();
        else
            pictures();
        if (set_.sampling_rate && !(std::isfinite(*set_.sampling_rate) && *set_.sampling_rate > 0))
            fail(text("the sampling rate ", *set_.sampling_rate, " is not above 0"));
    }

    void part(const Split& split, std::string_view name) const {
        const std::size_t n = split.samples;
        if (set_.is_series())
            elements(split.values.size(), split.pixels.size(), n, name, "values", "pixels");
        else
            elements(split.pixels.size(), split.values.size(), n, name, "pixels", "values");
        count(split.labels.size(), n, name, "labels");
        for (std::size_t i = 0; i < n; ++i)
            if (split.labels[i] >= set_.strata())
                fail(name, text("sample ", i, " has label ", split.labels[i], ", labels go from 0 to ",
                                set_.strata() - 1, set_.answers_numbers() ? " if numbers are answered" : ""));
        const std::size_t numbers = set_.quantities.size();
        if (split.targets.size() != n * numbers)
            fail(name,
                 text(split.targets.size(), " targets; ", numbers, " for each of ", n, " samples are ", n * numbers));
        const auto infinite = std::find_if_not(split.targets.begin(), split.targets.end(),
                                               [](float target) { return std::isfinite(target); });
        if (infinite != split.targets.end())
            fail(name, text("target ", infinite - split.targets.begin(), " is ", *infinite,
                            ", expected a finite number; take its sample out"));
        indices(split.groups, n, set_.group_names.size(), name, "groups", [](std::uint32_t group) { return group; });
        indices(split.sources, n, set_.files.size(), name, "sources", [](const Source& one) { return one.file; });
    }

  private:
    [[noreturn]] void fail(std::string_view what) const {
        throw Error(text(set_.name.empty() ? "the data set" : set_.name, ": ", what));
    }
    [[noreturn]] void fail(std::string_view part, std::string_view what) const {
        fail(text("the ", part, " part: ", what));
    }

    void shape() const {
        const auto [channels, height, width] = set_.shape;
        std::int64_t size = 1;
        for (const int side : {channels, height, width})
            size = side < 1 || side > 65535 ? 0 : std::min(size * side, std::int64_t{1} << 40);
        if (size < 1 || size > std::numeric_limits<int>::max())
            fail(text("samples of ", channels, "x", height, "x", width, " (channels, height, width); each is 1 to ",
                      "65535, and all together at most ", std::numeric_limits<int>::max()));
        if (set_.element != ElementType::uint8 && set_.element != ElementType::int16)
            fail("elements are neither uint8 nor int16");
    }

    /// Checks classes, or target numbers.
    void answers() const {
        const std::size_t classes = set_.classes(), numbers = set_.quantities.size();
        if ((classes == 0) == (numbers == 0))
            fail(text(classes, " class names and ", numbers, " target numbers; fill in class_names or quantities"));
        if (set_.outputs() > max_classes)
            fail(text(set_.outputs(), classes ? " classes" : " target numbers", ", at most ", max_classes,
                      " are possible"));
        std::set<std::string_view> names;
        for (const std::string& name : set_.class_names)
            if (!name.empty() && !names.insert(name).second)
                fail(text("two classes are called '", name, "'; rename one"));
        for (const Quantity& one : set_.quantities) scale(one.origin, one.scale, "number to answer", one.name);
    }

    void series() const {
        const std::size_t channels = std::size_t(set_.shape.channels);
        if (set_.shape.width != 1)
            fail(text("series of width ", set_.shape.width, "; time is the height, and the width is 1"));
        const Normalisation& own = set_.normalisation;
        if (own.offset.size() != channels || own.shift.size() != channels)
            fail(text("the normalisation has ", own.offset.size(), " offsets and ", own.shift.size(), " shifts for ",
                      channels, " channels; normalisation_of() makes it"));
        for (const std::int8_t shift : own.shift)
            if (shift < least_input_shift || shift > largest_input_shift)
                fail(text("the normalisation shifts by ", shift, ", expected ", least_input_shift, " to ",
                          largest_input_shift));
        if (!set_.channels.empty() && set_.channels.size() != channels)
            fail(text(set_.channels.size(), " channels are described, a sample has ", channels));
        for (const Channel& one : set_.channels) scale(one.origin, one.scale, "channel", one.name);
        if (set_.camera) fail("series have no camera");
    }

    void pictures() const {
        if (!set_.normalisation.offset.empty() || !set_.normalisation.shift.empty() || !set_.channels.empty())
            fail("pictures have neither a normalisation nor channels of readings; leave them empty");
        if (!set_.camera) return;
        const Camera& own = *set_.camera;
        if (!own.makes(set_.shape.channels, set_.shape.height, set_.shape.width))
            fail(text("the camera's ", own.height, "x", own.width, " pixels in blocks of ", own.block_height, "x",
                      own.block_width, " do not make samples of ", set_.shape.channels, "x", set_.shape.height, "x",
                      set_.shape.width));
    }

    void scale(float origin, float scale, std::string_view what, std::string_view name) const {
        int exponent = 0;
        if (!std::isfinite(origin) || !std::isnormal(scale) || std::frexp(scale, &exponent) != 0.5f)
            fail(text(what, " '", name, "' has origin ", origin, " and scale ", scale,
                      "; expected a finite number and a power of two"));
    }

    void elements(std::size_t own, std::size_t other, std::size_t samples, std::string_view part, std::string_view name,
                  std::string_view other_name) const {
        const std::size_t size = set_.shape.size();
        if (own % size != 0 || own / size != samples)
            fail(part,
                 text(own, " ", name, " for ", samples, " samples of ", size, "; expected ", size, " for each sample"));
        if (other != 0)
            fail(part, text(other, " ", other_name, " beside its ", name, "; a set of ",
                            set_.is_series() ? "int16" : "uint8", " has none"));
    }

    void count(std::size_t found, std::size_t samples, std::string_view part, std::string_view what) const {
        if (found != samples) fail(part, text(found, " ", what, " for ", samples, " samples; expected one for each"));
    }

    /// Checks that there is one index below `limit` for each sample, or none at all.
    template <class Item, class IndexOf>
    void indices(const std::vector<Item>& items, std::size_t samples, std::size_t limit, std::string_view part,
                 std::string_view what, const IndexOf& index_of) const {
        if (items.empty()) return;
        count(items.size(), samples, part, what);
        for (std::size_t i = 0; i < samples; ++i)
            if (index_of(items[i]) >= limit)
                fail(part, text("sample ", i, " is number ", index_of(items[i]), " of ", limit, " ", what));
    }

    const Dataset& set_;
};

} // namespace detail

/// Throws Error unless shape and parts belong together: classes or target numbers, and in each part as many elements,
/// labels, targets, groups and sources as its samples need, all within their ranges. Looks at every label and target,
/// but at no element. A part may be empty. For a set that has no normalisation yet.
inline void check_samples(const Dataset& set) { detail::DatasetCheck(set).samples(); }

/// Throws Error unless the set is complete: check_samples() passes, and the normalisation of a series or the camera of
/// pictures is valid.
inline void check(const Dataset& set) {
    check_samples(set);
    detail::DatasetCheck(set).input();
}

/// Throws Error unless `part` could be a part of the set, which has passed check().
inline void check_part(const Dataset& set, const Split& part) { detail::DatasetCheck(set).part(part, "given"); }

} // namespace tinysparse::data
