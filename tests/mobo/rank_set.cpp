// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/mobo/rank_set.hpp"
#include "tinysparse/base/random.hpp"
#include <doctest/doctest.h>
#include <set>

using tinysparse::Random;
using tinysparse::mobo::RankSet;

TEST_CASE("the rank set answers as std::set does, at sizes around the words of each level") {
    RankSet ranks;
    for (const std::size_t size : {1u, 2u, 63u, 64u, 65u, 4096u, 4097u, 300000u}) {
        ranks.clear(size);
        CHECK(ranks.next(0) == RankSet::none);
        CHECK(ranks.previous(size) == RankSet::none);
        std::set<std::size_t> witness;
        Random random(size, "ranks");
        bool equal = true;
        for (int step = 0; step < 2000; ++step) {
            const std::size_t i = random.below(std::uint32_t(size));
            if (random.chance(0.6)) {
                ranks.insert(i);
                witness.insert(i);
            } else {
                ranks.erase(i);
                witness.erase(i);
            }
            const std::size_t query = random.below(std::uint32_t(size + 1));
            const auto after = witness.lower_bound(query);
            equal = equal && ranks.next(query) == (after == witness.end() ? RankSet::none : *after);
            equal = equal && ranks.previous(query) == (after == witness.begin() ? RankSet::none : *std::prev(after));
        }
        CAPTURE(size);
        CHECK(equal);
    }
}
