// SPDX-License-Identifier: Apache-2.0
// Sorting that keeps the order of equals.
#pragma once
#include <algorithm>
#include <cstddef>
#include <vector>

namespace tinysparse {

/// Sorts as std::stable_sort does: sorted runs of 1, 2, 4 ... elements are merged in pairs. Needs room for a copy.
/// The library calls it in place of std::stable_sort: clang 18 and later warn about a deprecated function inside
/// that of libstdc++ 12, at each call and whatever a header does about it (llvm-project, issue 76515).
template <class T, class Less> void sort_stably(std::vector<T>& values, Less less) {
    const std::size_t size = values.size();
    std::vector<T> merged = values;
    for (std::size_t run = 1; run < size; run *= 2) {
        for (std::size_t begin = 0; begin < size; begin += 2 * run) {
            const auto at = [&](std::size_t index) { return values.begin() + std::ptrdiff_t(std::min(index, size)); };
            const auto middle = at(begin + run);
            std::merge(at(begin), middle, middle, at(begin + 2 * run), merged.begin() + std::ptrdiff_t(begin), less);
        }
        values.swap(merged);
    }
}

} // namespace tinysparse
