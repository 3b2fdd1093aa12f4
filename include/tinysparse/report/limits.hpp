// SPDX-License-Identifier: Apache-2.0
// The limits of a run, and why a network may take less than what was asked for: an Arduino sketch takes its share, and
// costs that are only predicted must leave room for the error of the prediction.
#pragma once
#include <cmath>
#include <string>
#include <vector>

#include "tinysparse/cost/device.hpp"
#include "tinysparse/report/measure_words.hpp"
#include "tinysparse/search/head.hpp"

namespace tinysparse::report {

namespace detail {

/// The board of a run; the one without costs if its file cannot be read here.
inline const cost::Target& target_of(const search::RunHead& head) {
    try {
        return cost::target(head.target);
    } catch (const Error&) {
        return cost::target("none");
    }
}

/// " = 1 024 B - 184 B that an empty Arduino sketch takes"; what the chip has, if no sketch is counted; or nothing.
inline std::string limit_origin(search::Measure measure, double limit, const cost::Target& target) {
    const bool flash = measure == search::Measure::flash;
    if (!cost::predicted(target) || (!flash && measure != search::Measure::ram)) return "";
    const std::size_t sketch = flash ? target.empty_sketch_flash() : target.empty_sketch_ram();
    const std::size_t has = flash ? target.flash : target.ram;
    const double asked = limit + double(sketch);
    const bool share = !flash && asked == double(target.default_max_ram()) && asked < double(has);
    if (sketch > 0)
        return text(" = ", value_words(measure, asked), share ? " (75 % of the board's)" : "", " - ",
                    value_words(measure, double(sketch)), " that an empty Arduino sketch takes");
    if (flash || limit >= double(has)) return "";
    return text(" of the chip's ", value_words(measure, double(has)),
                "; the program beside the network holds a row of the sample");
}

/// "; costs are only predicted, so that no more than 828 B may be predicted"; nothing if networks are measured.
inline std::string limit_margin(search::Measure measure, double limit, const search::RunHead& head,
                                const cost::Target& target) {
    if (head.measuring != search::Measuring::off || !search::told_by_chip(measure)) return "";
    const search::Limits held =
        search::tightened({{measure, limit}}, cost::margins(target, head.space.input.width == 1));
    const double most = std::floor(held.at(measure));
    if (most >= limit) return "";
    return text("; this cost is only predicted, so at most ", value_words(measure, most),
                " may be predicted, to leave room for the prediction's error");
}

/// Where a limit comes from; nothing if the run's board is a file that cannot be read here.
inline std::string limit_reason(search::Measure measure, double limit, const search::RunHead& head) {
    const cost::Target& target = target_of(head);
    return limit_origin(measure, limit, target) + limit_margin(measure, limit, head, target);
}

} // namespace detail

/// A line for each limit of a run: "limit ram <= 840 B = 1 024 B - 184 B that an empty Arduino sketch takes". The
/// reasons are left out if the run's board is a file that cannot be read here.
inline std::vector<std::string> limit_sentences(const search::RunHead& head) {
    std::vector<std::string> sentences;
    for (const auto& [measure, limit] : head.limits)
        sentences.push_back(text("limit ", search::name_of(measure), " <= ", detail::value_words(measure, limit),
                                 detail::limit_reason(measure, limit, head)));
    return sentences;
}

} // namespace tinysparse::report
