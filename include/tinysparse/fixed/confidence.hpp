// SPDX-License-Identifier: Apache-2.0
// Confidence of answers, from logits of samples whose classes are known and on which the network was not trained: the
// temperature of the softmax (Guo et al. 2017, "On calibration of modern neural networks", section 4.2), the error of
// its probabilities (the same, equation 3), and the margin below which an answer is rejected.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/mcu/answer.hpp"

namespace tinysparse::fixed {

/// Integer logits, [samples][classes], and the true class of each sample.
struct KnownAnswers {
    std::size_t classes = 0;
    std::span<const std::int32_t> logits;
    std::span<const std::uint8_t> labels;

    /// Number of samples.
    std::size_t size() const { return labels.size(); }
    /// First of the `classes` logits of a sample.
    const std::int32_t* of(std::size_t sample) const { return logits.data() + sample * classes; }
    /// The class with the largest logit, the lowest one on a tie.
    std::size_t answer(std::size_t sample) const {
        return std::size_t(std::max_element(of(sample), of(sample) + classes) - of(sample));
    }
    /// True if answer() is the sample's class.
    bool right(std::size_t sample) const { return answer(sample) == labels[sample]; }
};

/// Range of temperatures that can be fitted, in steps of a logit.
inline constexpr double least_temperature = 1, most_temperature = 1 << 20;

/// A temperature in the form that a chip uses. Throws Error unless it is in the range that can be fitted.
inline mcu::SoftmaxSteps softmax_steps(double temperature) {
    if (!(temperature >= least_temperature && temperature <= most_temperature))
        throw Error(
            text("temperature ", temperature, ": expected one from ", least_temperature, " to ", most_temperature));
    const double factor = 64 / (std::log(2.0) * temperature); // for a difference of logits
    const int shift = std::clamp(int(std::floor(std::log2(65535 / factor))), 1, 22);
    const auto multiplier = std::uint64_t(std::llround(std::ldexp(factor, shift)));
    const std::uint64_t end = (std::uint64_t{1024} << shift) - (std::uint64_t{1} << (shift - 1)) - 1;
    return {std::uint16_t(multiplier), std::uint8_t(shift), std::uint32_t(end / multiplier)};
}

/// Mean negative log-likelihood of the true classes under the softmax of logits / temperature.
inline double log_loss(const KnownAnswers& known, double temperature) {
    double loss = 0;
    for (std::size_t i = 0; i < known.size(); ++i) {
        const std::int32_t* const logits = known.of(i);
        const double top = double(logits[known.answer(i)]);
        double sum = 0;
        for (std::size_t c = 0; c < known.classes; ++c) sum += std::exp((double(logits[c]) - top) / temperature);
        loss += std::log(sum) - (double(logits[known.labels[i]]) - top) / temperature;
    }
    return loss / double(known.size());
}

/// The temperature with the smallest loss, in steps of a logit, within 0.1 %. The loss is convex in 1 / temperature, so
/// a golden-section search over its logarithm finds it. At least one sample.
inline double fit_temperature(const KnownAnswers& known) {
    const double golden = (std::sqrt(5.0) - 1) / 2;
    double low = std::log(least_temperature), high = std::log(most_temperature);
    const auto loss = [&](double logarithm) { return log_loss(known, std::exp(logarithm)); };
    double left = high - golden * (high - low), right = low + golden * (high - low);
    double left_loss = loss(left), right_loss = loss(right);
    while (high - low > 1e-3) {
        if (left_loss <= right_loss) {
            high = right;
            right = left;
            right_loss = left_loss;
            left_loss = loss(left = high - golden * (high - low));
        } else {
            low = left;
            left = right;
            left_loss = right_loss;
            right_loss = loss(right = low + golden * (high - low));
        }
    }
    return std::clamp(std::exp((low + high) / 2), least_temperature, most_temperature);
}

/// Expected calibration error of the device's probabilities: the mean over 15 bins of equal width, weighted by their
/// samples, of |share of right answers - mean probability of the answer|. At least one sample.
inline double calibration_error(const KnownAnswers& known, const mcu::SoftmaxSteps& steps) {
    constexpr std::size_t bins = 15;
    double right[bins] = {}, said[bins] = {};
    for (std::size_t i = 0; i < known.size(); ++i) {
        const unsigned share =
            mcu::probability(known.of(i), std::uint8_t(known.classes), std::uint8_t(known.answer(i)), steps);
        const std::size_t bin = std::min(bins - 1, share * bins / 256);
        right[bin] += known.right(i);
        said[bin] += share / 256.0;
    }
    double error = 0;
    for (std::size_t bin = 0; bin < bins; ++bin) error += std::abs(right[bin] - said[bin]);
    return error / double(known.size());
}

/// The rule that accepts answers: those whose margin is at least least_margin.
struct Rejection {
    std::int32_t least_margin = 0;                    ///< Difference of the two largest logits.
    double share = 0;                                 ///< The share that may be rejected at most.
    std::size_t samples = 0, accepted = 0, right = 0; ///< Samples with known classes; right: among the accepted.

    /// Share of the samples that are answered.
    double coverage() const { return double(accepted) / double(samples); }
    /// Share of the accepted answers that are right; NaN if none is accepted.
    double accuracy() const { return double(right) / double(accepted); }
    /// True if the share of these samples is less than one sample, so that the rule accepts all of them.
    bool rejects_none() const { return share > 0 && whole_samples(share, samples) == 0; }
    /// A share of the samples in whole samples, rounded down.
    static std::size_t whole_samples(double share, std::size_t samples) {
        return std::size_t(share * double(samples) + 1e-9);
    }
};

/// What a least margin that was chosen before does to these samples. share: the one that it was chosen for.
inline Rejection rejection_below(const KnownAnswers& known, std::int32_t least_margin, double share) {
    Rejection out;
    out.least_margin = least_margin;
    out.share = share;
    out.samples = known.size();
    for (std::size_t i = 0; i < known.size(); ++i) {
        if (mcu::margin(known.of(i), std::uint8_t(known.classes)) < least_margin) continue;
        ++out.accepted;
        out.right += known.right(i);
    }
    return out;
}

/// The largest least_margin that rejects at most this share of the samples, from 0 to below 1. At least one sample.
inline Rejection rejection(const KnownAnswers& known, double share) {
    std::vector<std::int32_t> margins;
    for (std::size_t i = 0; i < known.size(); ++i)
        margins.push_back(mcu::margin(known.of(i), std::uint8_t(known.classes)));
    std::sort(margins.begin(), margins.end());
    return rejection_below(known, margins[Rejection::whole_samples(share, margins.size())], share);
}

/// The statements of an export about the confidence of its answers.
struct Confidence {
    double temperature = 1;             ///< In steps of a logit.
    mcu::SoftmaxSteps steps = {};       ///< The temperature as the device uses it.
    double calibration_error = 0;       ///< Expected calibration error, 0..1.
    std::size_t samples = 0;            ///< Number of samples it was judged on.
    std::size_t groups = 0;             ///< Number of groups that these belong to; 0: they are independent, or unknown.
    std::string judged_on;              ///< The samples it was judged on: "validation samples in 4 groups".
    std::optional<Rejection> rejection; ///< Rule that an export offers, if one was asked for.
};

/// Computes it from samples on which the network was not trained. Throws Error if there are none, if the labels are not
/// classes of the logits, for fewer than two classes, and for a share to reject that is not from 0 to below 1.
inline Confidence confidence(const KnownAnswers& known, std::optional<double> reject, std::string judged_on) {
    if (known.classes < 2 || known.classes > 255 || known.labels.empty() ||
        known.logits.size() != known.size() * known.classes)
        throw Error(text(known.logits.size(), " logits of ", known.size(), " samples and ", known.classes,
                         " classes; expected those of at least one sample and two classes"));
    for (const std::uint8_t label : known.labels)
        if (label >= known.classes) throw Error(text("class ", int(label), " is not one of ", known.classes));
    if (reject && !(*reject >= 0 && *reject < 1))
        throw Error(text("share to reject ", *reject, ": expected one from 0 to 1, 1 excluded"));
    Confidence out;
    out.temperature = fit_temperature(known);
    out.steps = softmax_steps(out.temperature);
    out.calibration_error = calibration_error(known, out.steps);
    out.samples = known.size();
    out.judged_on = std::move(judged_on);
    if (reject) out.rejection = rejection(known, *reject);
    return out;
}

} // namespace tinysparse::fixed
