// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/base/sort.hpp"
#include "tinysparse/base/random.hpp"
#include <doctest/doctest.h>
#include <string>
#include <utility>

using namespace tinysparse;

TEST_CASE("any number of elements, many of them equal, are sorted by key and, in it, as they came") {
    for (std::size_t size = 0; size <= 70; ++size) {
        CAPTURE(size);
        Random random(1, "sort", size);
        std::vector<std::pair<int, std::string>> values; // the text is long enough to live outside of the string
        for (std::size_t i = 0; i < size; ++i)
            values.push_back({int(random() % 7), std::string(40, char('a' + i % 26)) + std::to_string(i)});
        auto expected = values;
        std::stable_sort(expected.begin(), expected.end(),
                         [](const auto& a, const auto& b) { return a.first > b.first; });
        sort_stably(values, [](const auto& a, const auto& b) { return a.first > b.first; });
        CHECK(values == expected);
    }
}
