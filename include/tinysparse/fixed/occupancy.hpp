// SPDX-License-Identifier: Apache-2.0
// Use of memory while a picture streams through the runner: bytes of each producer's rows, and of its unfinished sums,
// that a later step still reads. A plan (plan.hpp) keeps room for the largest of them all the time.
#pragma once
#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

#include "tinysparse/fixed/plan.hpp"

namespace tinysparse::fixed {

/// Bytes in use of each producer: of the picture first, then of every layer.
using Occupancy = std::vector<std::size_t>;

namespace detail {

/// Bytes that the producer's rows and sums hold in the step in which layer `stepping` makes a row; that row included.
inline std::size_t bytes_in_use(const Rehearsal& rehearsal, const net::Spec& spec, const net::Shapes& shapes,
                                const Plan& plan, int producer, int stepping) {
    const Buffers& buffers = plan.of(producer);
    const bool steps_now = producer == stepping;
    int rows = std::max(0, rehearsal.rows_out(producer) - rehearsal.oldest_needed(producer));
    // The picture's row was counted before its step is reported, a layer's is counted after it.
    if (producer != net::picture &&
        (rehearsal.writes(producer, stepping) || (rows == 0 && rehearsal.holds_a_row(producer))))
        ++rows;
    rows = std::min(rows, shapes.of(producer).height);
    std::size_t bytes = std::size_t(rows) * buffers.row_bytes;
    if (producer == net::picture) return bytes + (steps_now ? buffers.pool_sums * buffers.pool_sum_bytes : 0);
    const int made = rehearsal.rows_made(producer);
    const net::Layer& layer = spec.layers[std::size_t(producer)];
    const bool unfinished = layer.pooling != net::Pooling::none && made % layer.pool_height != 0;
    if (steps_now || unfinished) bytes += buffers.pool_sums * buffers.pool_sum_bytes;
    if (steps_now || (made > 0 && made < rehearsal.steps(producer))) bytes += 4 * buffers.sums;
    return bytes;
}

} // namespace detail

/// Use of memory after each row of the picture, in the step of that row in which most bytes are in use.
/// spec, shapes, plan: those of one network; throws Error if their layers are not as many.
inline std::vector<Occupancy> occupancy(const net::Spec& spec, const net::Shapes& shapes, const Plan& plan) {
    if (shapes.layers.size() != spec.layers.size() || plan.layers.size() != spec.layers.size())
        throw Error(text("shapes of ", shapes.layers.size(), " and a plan of ", plan.layers.size(),
                         " layers for a network of ", spec.layers.size()));
    Plan copy = plan; // which the rehearsal fills in again, with the same rings
    detail::Rehearsal rehearsal(spec, shapes, copy);
    std::vector<Occupancy> rows;
    std::size_t most = 0;
    rehearsal.run([&](int stepping) {
        if (stepping == net::picture) {
            rows.emplace_back(spec.layers.size() + 1);
            most = 0;
        }
        Occupancy now;
        for (int producer = net::picture; producer < int(spec.layers.size()); ++producer)
            now.push_back(detail::bytes_in_use(rehearsal, spec, shapes, plan, producer, stepping));
        const std::size_t sum = std::accumulate(now.begin(), now.end(), std::size_t{0});
        if (sum < most) return;
        most = sum;
        rows.back() = std::move(now);
    });
    return rows;
}

} // namespace tinysparse::fixed
