// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/space/portfolio.hpp"
#include "tinysparse/space/express.hpp"
#include <map>

#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::space;

TEST_CASE("the portfolio has some genomes of each set, unpruned, with the error on every set") {
    const std::vector<PortfolioMember>& members = portfolio_members();
    CHECK(members.size() >= 20);
    CHECK(members.size() <= 40);
    std::map<std::string_view, int> of_set;
    for (const PortfolioMember& member : members) {
        ++of_set[member.set];
        CHECK_FALSE(member.genome.is_linear());
        CHECK_FALSE(member.genome.pruning.active());
        for (const double error : member.errors) {
            CHECK(error > 0);
            CHECK(error <= 100);
        }
    }
    CHECK(of_set.size() == portfolio_set_count);
    for (const PortfolioSet& set : portfolio_sets) CHECK(of_set[set.name] >= 2);
}

TEST_CASE("genomes of the portfolio lie in the space, and nearly all have networks for any input") {
    struct Input {
        net::Shape shape;
        int classes;
        Augments samples;
    };
    const Input inputs[] = {{{1, 28, 28}, 10, Augments::pictures}, {{3, 32, 32}, 2, Augments::pictures},
                            {{6, 128, 1}, 6, Augments::series},    {{1, 140, 1}, 5, Augments::series},
                            {{1, 7, 1}, 3, Augments::nothing},     {{1, 1, 1}, 2, Augments::nothing}};
    for (const auto& [shape, classes, samples] : inputs) {
        CAPTURE(shape.height);
        const Space space{.input = shape, .classes = classes, .augments = samples};
        std::size_t expressed = 0;
        for (const PortfolioMember& member : portfolio_members()) {
            CHECK(conformed(member.genome, space) == member.genome);
            try {
                express(member.genome, space);
                ++expressed;
            } catch (const Error&) {
            }
        }
        CHECK(expressed >= portfolio_members().size() * 9 / 10);
    }
}

TEST_CASE("no two genomes of the portfolio are the same network trained in the same way") {
    const Space colours{.input = {3, 64, 64}, .classes = 10},
        sensor{.input = {6, 128, 1}, .classes = 10, .augments = Augments::series};
    std::map<std::string, int> keys;
    for (const PortfolioMember& member : portfolio_members())
        ++keys[key(member.genome, colours) + key(member.genome, sensor)];
    for (const auto& [key, count] : keys) {
        CAPTURE(key);
        CHECK(count == 1);
    }
}

TEST_CASE("sets are named in any order and named once; all names every one of them") {
    using Names = std::vector<std::string>;
    CHECK(portfolio_set_names({}).empty());
    CHECK(portfolio_set_names({"hapt", "mnist", "hapt"}) == Names{"mnist", "hapt"});
    CHECK(portfolio_set_names({"all"}).size() == portfolio_set_count);
    CHECK(portfolio_set_names({"mnist", "all"}) == portfolio_set_names({"all"}));
    CHECK_THROWS_WITH_AS(portfolio_set_names({"mnsit"}), doctest::Contains("mnist"), Error);
    CHECK_THROWS_AS(portfolio_set_names({""}), Error);
}
