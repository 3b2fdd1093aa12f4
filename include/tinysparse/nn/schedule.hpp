// SPDX-License-Identifier: Apache-2.0
// Learning rates over a training.
//   cosine    rate = peak (1 + cos(pi progress)) / 2                              Loshchilov and Hutter 2017
//   one-cycle up by half a cosine to the peak, then down to nearly nothing        Smith and Topin 2018
// Both begin with a linear warm-up if one is asked for.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>

#include "tinysparse/base/rows.hpp"

namespace tinysparse::nn {

/// The course of the learning rate.
enum class ScheduleKind : std::uint8_t { cosine, one_cycle, count };
inline constexpr Named<ScheduleKind> schedules[] = {{ScheduleKind::cosine, "cosine"},
                                                    {ScheduleKind::one_cycle, "one-cycle"}};
static_assert(has_every_row<&Named<ScheduleKind>::value>(schedules));

/// Learning rates of a training with a known number of steps.
struct Schedule {
    ScheduleKind kind = ScheduleKind::cosine;
    double peak = 0.03; ///< Largest learning rate.
    std::size_t steps = 1;
    std::size_t warm_up_steps = 0; ///< Steps of the linear rise, 0 for none.

    /// Learning rate of a step in 0 .. steps-1.
    double operator()(std::size_t step) const {
        const double warm = warm_up_steps > 0 ? std::min(1.0, double(step + 1) / double(warm_up_steps)) : 1.0;
        const double progress = double(step) / double(std::max<std::size_t>(1, steps));
        const auto half_cosine = [](double share) { return 0.5 * (1 + std::cos(std::numbers::pi * share)); };
        if (kind == ScheduleKind::cosine) return peak * warm * half_cosine(progress);
        constexpr double rise = 0.3, start = 1.0 / 25; // the shares of the paper's released code in common use
        const double share = progress < rise ? start + (1 - start) * half_cosine(1 - progress / rise)
                                             : half_cosine((progress - rise) / (1 - rise));
        return peak * warm * share;
    }
};

} // namespace tinysparse::nn
