// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/base/rows.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;

namespace {

enum class Fruit { apple, pear, count };
using Row = Named<Fruit>;

constexpr Row fruits[] = {{Fruit::apple, "apple"}, {Fruit::pear, "pear"}};
constexpr Row swapped[] = {{Fruit::pear, "pear"}, {Fruit::apple, "apple"}};
constexpr Row one_forgotten[] = {{Fruit::apple, "apple"}};
constexpr Row one_twice[] = {{Fruit::apple, "apple"}, {Fruit::apple, "apple"}};
constexpr Row one_too_many[] = {{Fruit::apple, "apple"}, {Fruit::pear, "pear"}, {Fruit::count, "count"}};

static_assert(has_every_row<&Row::value>(fruits));
static_assert(!has_every_row<&Row::value>(swapped));
static_assert(!has_every_row<&Row::value>(one_forgotten));
static_assert(!has_every_row<&Row::value>(one_twice));
static_assert(!has_every_row<&Row::value>(one_too_many));

} // namespace

TEST_CASE("rows are found by name") {
    static_assert(row_named(fruits, "pear")->value == Fruit::pear);
    CHECK(row_named(fruits, "plum") == nullptr);
    CHECK(row_named(fruits, "") == nullptr);
    CHECK(names_of(fruits) == std::vector<std::string>{"apple", "pear"});
    static_assert(name_list(fruits) == std::array<std::string_view, 2>{"apple", "pear"});
}
