// SPDX-License-Identifier: Apache-2.0
// Hypervolumes of random concave fronts of 2 to 6 objectives, in microseconds of processor time. If the tool was built
// with pagmo (TINYSPARSE_WITH_PAGMO=1), they stand beside the times of its sweeps (2, 3) and its WFG (4 and more) for
// the same points. Both must agree on the volume.
#pragma once
#include <cmath>
#include <limits>

#include "result.hpp"
#include "tinysparse/base/random.hpp"
#include "tinysparse/mobo/hypervolume.hpp"

#ifndef TINYSPARSE_WITH_PAGMO
#define TINYSPARSE_WITH_PAGMO 0
#endif
#if TINYSPARSE_WITH_PAGMO
#include <memory>
#include <pagmo/utils/hv_algos/hv_hv2d.hpp>
#include <pagmo/utils/hv_algos/hv_hv3d.hpp>
#include <pagmo/utils/hv_algos/hv_hvwfg.hpp>
#include <pagmo/utils/hypervolume.hpp>
#endif

namespace tinysparse::bench {

struct HypervolumeOptions {
    std::size_t repeats = 7; // the fastest counts
    Progress progress{};
};

namespace detail {

/// Points on the positive part of the unit sphere: none dominates another, and the front is concave.
inline std::vector<mobo::Point> sphere_front(std::size_t points, std::size_t objectives) {
    Random random(points, "bench hypervolume", objectives);
    std::vector<mobo::Point> front(points, mobo::Point(objectives));
    for (mobo::Point& point : front) {
        double square = 0;
        for (double& f : point) {
            f = std::fabs(random.normal());
            square += f * f;
        }
        for (double& f : point) f /= std::sqrt(square);
    }
    return front;
}

/// Microseconds of one call, the fastest of some batches of about a hundredth of a second.
template <class Call> double fastest_us(std::size_t repeats, Call call) {
    double best = std::numeric_limits<double>::infinity();
    std::size_t calls = 1;
    for (std::size_t i = 0; i < repeats; ++i) {
        const double begin = cpu_seconds();
        for (std::size_t c = 0; c < calls; ++c) call();
        const double each = (cpu_seconds() - begin) / double(calls);
        best = std::min(best, each);
        calls = std::max<std::size_t>(1, std::size_t(0.01 / std::max(each, 1e-7)));
    }
    return 1e6 * best;
}

#if TINYSPARSE_WITH_PAGMO
inline std::shared_ptr<pagmo::hv_algorithm> pagmo_algorithm(std::size_t objectives) {
    if (objectives == 2) return std::make_shared<pagmo::hv2d>();
    if (objectives == 3) return std::make_shared<pagmo::hv3d>();
    return std::make_shared<pagmo::hvwfg>();
}
#endif

} // namespace detail

/// m2 .. m6 at a size of front that suits the number of objectives, and m2_20 .. at 20 points; the reference is pagmo's
/// time. Throws Error if the two volumes differ.
inline Results bench_hypervolume(const HypervolumeOptions& options = {}) {
    Results results;
    for (const std::size_t m : {2u, 3u, 4u, 5u, 6u})
        for (const std::size_t n : {std::size_t{20}, m <= 3   ? std::size_t{1000}
                                                     : m == 4 ? std::size_t{200}
                                                              : std::size_t{100}}) {
            const std::vector<mobo::Point> front = detail::sphere_front(n, m);
            const mobo::Point reference(m, 1.1);
            double volume = 0;
            Result result{n == 20 ? text("m", m, "_20") : text("m", m), 0, "us"};
            result.value = detail::fastest_us(options.repeats, [&] { volume = mobo::hypervolume(front, reference); });
#if TINYSPARSE_WITH_PAGMO
            const pagmo::hypervolume checked(front, true);
            const auto algorithm = detail::pagmo_algorithm(m);
            double theirs = 0;
            result.reference =
                detail::fastest_us(options.repeats, [&] { theirs = checked.compute(reference, *algorithm); });
            if (std::fabs(theirs - volume) > 1e-9 * volume)
                throw Error(
                    text("hypervolume of ", n, " points: ", volume, " here, ", theirs, " by pagmo; one is wrong"));
#endif
            if (options.progress)
                options.progress(
                    text(result.name, ": ", n, " points, ", fixed_decimals(result.value, 2), " us",
                         result.reference ? text(", pagmo ", fixed_decimals(*result.reference, 2), " us") : ""));
            results.push_back(std::move(result));
        }
    return results;
}

} // namespace tinysparse::bench
