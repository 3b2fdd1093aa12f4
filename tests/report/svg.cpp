// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/report/svg.hpp"
#include <algorithm>
#include <doctest/doctest.h>

#include "run_of.hpp"

using namespace tinysparse;
using namespace tinysparse::report;
using testing::count;
using testing::tag_faults;

TEST_CASE("a plot has every point, and nothing without points") {
    const Series series{"s", "c0", {{1, 10}, {100, 1000}}};
    const std::string logarithmic = plot("two points", {"x", true}, {"y", true}, {series});
    CHECK(tag_faults(logarithmic) == "");
    CHECK(logarithmic.find(">10<") != std::string::npos);
    CHECK(logarithmic.find("role=\"img\" aria-label=\"two points\"") != std::string::npos);
    CHECK(count(logarithmic, "h0M") == 1);
    CHECK(plot("", {"x"}, {"y"}, {{"none", "c0", {}}}).empty());
    const std::string beside = plot("", {"x"}, {"y"}, {series, {"absent", "c1", {}}});
    CHECK(beside.find(">s</text>") != beside.npos);
    CHECK(beside.find("absent") == beside.npos); // no entry of the legend without a mark
    CHECK_NOTHROW(plot("", {"x", true}, {"y"}, {{"one", "c0", {{5, 5}}, Series::Mark::steps}}));
}

TEST_CASE("a plot reaches as far as its guides, and names them") {
    const Series series{"s", "c0", {{1, 10}, {100, 1000}}};
    const std::string guided = plot("", {"x"}, {"y"}, {series}, {{400, "limit <400>"}});
    CHECK(tag_faults(guided) == "");
    CHECK(guided.find("limit &lt;400&gt;") != guided.npos);
    CHECK(guided.find("limit &lt;400&gt;") > guided.find("h0M")); // no point hides the name
    CHECK(guided.find(">400<") != guided.npos);
}

TEST_CASE("the legend of many series with long names stays within the picture") {
    std::vector<Series> series;
    for (int i = 0; i < 7; ++i)
        series.push_back(
            {text("folder/of/results/run-", i), "c0", {{double(i), 1}, {double(i + 1), 2}}, Series::Mark::steps});
    const std::string picture = plot("", {"x"}, {"y"}, series);
    CHECK(tag_faults(picture) == "");
    const std::string opening = "viewBox=\"0 0 640 ";
    const double height = std::stod(picture.substr(picture.find(opening) + opening.size()));
    for (const Series& one : series) {
        const std::size_t name = picture.find(">" + one.name + "<");
        REQUIRE(name != picture.npos);
        const std::size_t tag = picture.rfind("<text x=\"", name), y = picture.find("y=\"", tag);
        // Letters of 11 pixels are at most 7 wide on average and reach 2 below their line.
        CHECK(std::stod(picture.substr(tag + 9)) + 7 * double(one.name.size()) <= 640);
        CHECK(std::stod(picture.substr(y + 3)) + 2 <= height);
    }
    CHECK(plot("", {"x"}, {"y"}, {series.front()}).find("viewBox=\"0 0 640 406\"") != std::string::npos);
}

TEST_CASE("a scale puts values where linear and logarithmic axes have them") {
    const Scale linear({10, 110}, false), logarithmic({1, 10000}, true);
    for (const double value : {20.0, 50.0, 90.0}) {
        CHECK(linear(value) - linear(10) == doctest::Approx((value - 10) / 100 * (linear(110) - linear(10))));
        CHECK(logarithmic(value * 10) - logarithmic(value) == doctest::Approx(logarithmic(100) - logarithmic(10)));
    }
    CHECK(linear(10) > 0);
    CHECK(logarithmic(10000) < 1);
    CHECK_FALSE(logarithmic.broken());
    CHECK(Scale({0, 50}, false)(0) == 0); // no room below 0
}

TEST_CASE("a logarithmic scale shows 0 as 0, below a break") {
    const Scale scale({0, 0.5, 20}, true);
    CHECK(scale.broken());
    CHECK(scale(0) > 0);
    CHECK(scale(0) < Scale::break_place);
    CHECK(scale(0.5) > Scale::break_place);
    CHECK(scale(20) < 1);
    CHECK(scale.ticks().front() == 0);
    CHECK(scale(0.49) > scale(0));
    const Scale zeros({0, 0}, true); // no logarithm at all
    CHECK_FALSE(zeros.broken());
    CHECK(zeros(0) >= 0);
    CHECK(zeros(0) < 0.5);
    const std::string picture = plot("", {"x"}, {"y", true}, {{"s", "c0", {{1, 0}, {2, 0.5}, {3, 20}}}});
    CHECK(count(picture, "class=\"break\"") == 1);
    CHECK(picture.find(">0<") != picture.npos);
    CHECK(plot("", {"x"}, {"y", true}, {{"s", "c0", {{1, 0.5}, {2, 20}}}}).find("class=\"break\"") == picture.npos);
}

TEST_CASE("every scale has ticks within it, also one of a short range") {
    for (const auto& [values, logarithmic] : {std::pair(std::vector{98.1, 98.9}, true),
                                              {{98.1, 98.9}, false},
                                              {{3, 30000}, true},
                                              {{7, 7}, true},
                                              {{0, 0.01}, false},
                                              {{1e6, 3e7}, true}}) {
        const Scale scale(values, logarithmic);
        const std::vector<double> ticks = scale.ticks();
        CHECK(ticks.size() >= 2);
        CHECK(ticks.size() <= 20);
        CHECK(std::is_sorted(ticks.begin(), ticks.end()));
        for (const double tick : ticks) {
            CHECK(scale(tick) >= 0);
            CHECK(scale(tick) <= 1);
        }
    }
    CHECK(tick_text(0.05) == "0.05");
    CHECK(tick_text(20000) == "20k");
    CHECK(tick_text(1.5e6) == "1.5M");
}

TEST_CASE("texts in HTML and in its scripts cannot leave their place") {
    CHECK(escaped("<&>\"") == "&lt;&amp;&gt;&quot;");
    const std::string hostile = "</script><!--<b>\"'";
    const std::string held = script_json(json::Value(hostile));
    CHECK(held.find('<') == held.npos);
    CHECK(*json::parse(held, "script").string() == hostile);
    const std::string table = html_table("t", "<i>", {"", "<a>"}, {{{"\"x\"", "</td>"}, "t1", "front"}});
    CHECK(tag_faults(table) == "");
    CHECK(table.find("<caption>&lt;i&gt;</caption>") != table.npos);
    CHECK(table.find("<tr id=\"t1\" class=\"front\"><th scope=\"row\">&quot;x&quot;</th><td>&lt;/td&gt;</td></tr>") !=
          table.npos);
    CHECK(html_section("empty", "").empty());
    CHECK(html_meanings({}).empty());
}
