// SPDX-License-Identifier: Apache-2.0
// A set of integers 0..n-1 that finds the next and the previous member, as a tree of 64-bit words: bit i of a word
// tells whether the i-th word (or integer) below it has members. Every operation costs about log64(n) word operations,
// so sweeps that know the sorted ranks of their points beforehand need no balanced tree.
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tinysparse::mobo {

/// A set of numbers below a fixed size, with the nearest member on either side in a few steps.
class RankSet {
  public:
    static constexpr std::size_t none = ~std::size_t{0}; ///< Returned where there is no member.

    /// Empties the set and sets its range to 0..size-1. Allocates only if it has never been so large.
    void clear(std::size_t size) {
        depth_ = 0;
        do {
            size = (size + 63) / 64;
            if (levels_.size() <= depth_) levels_.emplace_back();
            levels_[depth_++].assign(size, 0);
        } while (size > 1);
    }

    /// Adds i, which must be below the size.
    void insert(std::size_t i) {
        for (std::size_t level = 0; level < depth_; ++level, i /= 64)
            levels_[level][i / 64] |= std::uint64_t{1} << (i % 64);
    }

    /// Removes i, whether it is a member or not.
    void erase(std::size_t i) {
        for (std::size_t level = 0; level < depth_; ++level, i /= 64)
            if (levels_[level][i / 64] &= ~(std::uint64_t{1} << (i % 64))) return; // others keep the word in its parent
    }

    /// The smallest member >= i, or none.
    std::size_t next(std::size_t i) const {
        for (std::size_t level = 0; level < depth_; ++level) {
            if (i / 64 >= levels_[level].size()) return none;
            const std::uint64_t word = levels_[level][i / 64] >> (i % 64);
            if (word) return descend(level, i + std::size_t(std::countr_zero(word)), true);
            i = i / 64 + 1;
        }
        return none;
    }

    /// The largest member < i, or none.
    std::size_t previous(std::size_t i) const {
        for (std::size_t level = 0; level < depth_ && i > 0; ++level) {
            --i;
            const std::uint64_t word = levels_[level][i / 64] << (63 - i % 64);
            if (word) return descend(level, i - std::size_t(std::countl_zero(word)), false);
            i /= 64;
        }
        return none;
    }

  private:
    std::size_t descend(std::size_t level, std::size_t i, bool first) const {
        while (level-- > 0) {
            const std::uint64_t word = levels_[level][i];
            i = i * 64 + std::size_t(first ? std::countr_zero(word) : 63 - std::countl_zero(word));
        }
        return i;
    }

    std::vector<std::vector<std::uint64_t>> levels_; // levels_[0] holds the members themselves
    std::size_t depth_ = 0;
};

} // namespace tinysparse::mobo
