// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/prune/method.hpp"
#include <doctest/doctest.h>
#include <set>

using namespace tinysparse;
using prune::Method;

TEST_CASE("names of methods are different, and say which") {
    std::set<std::string> names;
    for (const prune::MethodInfo& method : prune::methods) {
        CHECK(prune::parse_method(method.name) == method.method);
        CHECK(prune::name_of(method.method) == std::string(method.name));
        names.insert(method.name);
    }
    CHECK(names.size() == prune::method_count);
    CHECK_THROWS_WITH_AS(prune::parse_method("vd"),
                         "pruning method 'vd' is not known; known are magnitude, dpf, sparse-vd, bayes-gnj, bayes-ghs, "
                         "filter-l1, one-shot",
                         Error);
}

TEST_CASE("phases lie in a training, and no step is faster than a plain one") {
    for (const prune::MethodInfo& method : prune::methods) {
        CAPTURE(std::string(method.name));
        CHECK(method.phase.begin >= 0);
        CHECK(method.phase.begin <= method.phase.end);
        CHECK(method.phase.end <= 1);
        CHECK(method.step_cost >= 1);
    }
}
