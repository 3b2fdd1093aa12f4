// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/report/page.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::report;
using search::Measure;

namespace {

search::RunLog run_of(const std::vector<std::pair<double, double>>& errors_and_sizes) {
    search::RunLog log;
    log.head.space = {{1, 28, 28}, 10};
    log.head.objectives = {Measure::error, Measure::model_size};
    log.head.limits = {{Measure::model_size, 1000}};
    log.head.trivial_error = 0.9;
    log.head.data = "a<b>&\"c\"";
    for (const auto& [error, size] : errors_and_sizes) {
        search::Record record;
        record.trial.number = log.records.size();
        record.trial.key = text(record.trial.number);
        record.trial.genome.front.width = int(record.trial.number) + 1;
        record.outcome.measures[Measure::error] = error;
        record.outcome.measures[Measure::model_size] = size;
        record.outcome.measures[Measure::nonzeros] = size / 2;
        record.feasible = true;
        record.elapsed = double(log.records.size());
        log.records.push_back(record);
    }
    return log;
}

std::size_t count(const std::string& in, std::string_view what) {
    std::size_t found = 0;
    for (std::size_t at = in.find(what); at != in.npos; at = in.find(what, at + 1)) ++found;
    return found;
}

/// Every tag that is opened is closed, in order; tags that need no closing end in "/>" or are one of a few.
void check_tags(const std::string& page) {
    std::vector<std::string> open;
    for (std::size_t at = page.find('<'); at != page.npos; at = page.find('<', at + 1)) {
        const std::size_t end = page.find('>', at);
        REQUIRE(end != page.npos);
        const std::string tag = page.substr(at + 1, end - at - 1);
        const std::string name =
            tag.substr(tag[0] == '/' ? 1 : 0, tag.find_first_of(" /", 1) - (tag[0] == '/' ? 1 : 0));
        if (tag[0] == '!' || tag.back() == '/' || name == "meta") continue;
        if (tag[0] != '/') {
            open.push_back(name);
            continue;
        }
        REQUIRE(!open.empty());
        CHECK(open.back() == tag.substr(1));
        open.pop_back();
    }
    CHECK(open.empty());
}

} // namespace

TEST_CASE("hypervolume over time is the area between front and reference, in logarithms") {
    const search::RunLog log = run_of({{0.02, 500}, {0.009, 800}, {0.5, 900}});
    const Growth grown = growth(log, common_reference({&log}));
    const double bound = 0.009 * std::pow(0.9 / 0.009, 2.0 / 9); // two ninths of the way to 0.9; 0.025
    REQUIRE(grown.hypervolume.size() == 3);
    const double first = std::log(bound / 0.02) * std::log(1000.0 / 500);
    const double second = first + std::log(0.02 / 0.009) * std::log(1000.0 / 800);
    CHECK(grown.hypervolume[0] == doctest::Approx(first));
    CHECK(grown.hypervolume[1] == doctest::Approx(second));
    CHECK(grown.hypervolume[2] == doctest::Approx(second)); // dominated
    CHECK(grown.seconds[1] == 1);
    CHECK(grown.at(-1) == 0);
    CHECK(grown.at(0.5) == doctest::Approx(first));
    CHECK(grown.at(9) == doctest::Approx(second));
}

TEST_CASE("a page is whole, has every trial and asks for nothing beside it") {
    search::RunLog log = run_of({{0.09, 500}, {0.009, 800}, {0.5, 900}});
    const std::string without_end = page("run", log);
    CHECK(without_end.find("not ended yet") != std::string::npos);
    log.end = search::RunEnd{{{1, 0.99}}, {"the run was too short for stage 3 of 3"}};
    const std::string whole = page("run", log);
    check_tags(whole);
    CHECK(whole.find("a&lt;b&gt;&amp;&quot;c&quot;") != std::string::npos);
    CHECK(whole.find("too short for stage 3") != std::string::npos);
    CHECK(whole.find("99.00") != std::string::npos);
    CHECK(count(whole, "<circle cx") >= 3 + 6);
    CHECK(count(whole, "<svg") == 3);
    for (const char* outside : {"<script", "src=", "href="}) CHECK(whole.find(outside) == std::string::npos);
}

TEST_CASE("an axis names its measure, and its unit where the name does not say it") {
    const std::pair<Measure, const char*> axes[] = {
        {Measure::model_size, "model_size, bytes"},
        {Measure::working_memory, "working_memory, bytes"},
        {Measure::weight_bytes, "weight_bytes, bytes"},
        {Measure::flash, "flash, bytes"},
        {Measure::ram, "ram, bytes"},
        {Measure::cycles, "cycles"},
        {Measure::milliseconds, "milliseconds"},
        {Measure::macs, "macs"},
        {Measure::nonzeros, "nonzeros"},
    };
    for (const auto& axis : axes) {
        const search::Measure measure = axis.first;
        const std::string title = axis.second;
        CAPTURE(title);
        search::RunLog log = run_of({{0.09, 500}, {0.009, 800}});
        log.head.objectives = {Measure::error, measure};
        for (search::Record& record : log.records)
            record.outcome.measures[measure] = record.outcome.measures[Measure::model_size];
        CHECK(count(page("run", log), text(">", title, "<")) == 1);
    }
}

TEST_CASE("the page's front has its columns in this order") {
    const std::string whole = page("run", run_of({{0.09, 500}}));
    CHECK(whole.find("<th>id</th><th>validation %</th><th>test %</th><th>stored bytes</th><th>nonzero weights</th>"
                     "<th>bits</th><th>model size</th><th>working memory</th><th>flash</th><th>RAM</th><th>MACs</th>"
                     "<th>ms</th><th>fresh seeds</th>"
                     "<th>network</th>") != whole.npos);
}

TEST_CASE("runs are compared below one reference, and only where they mean the same") {
    search::RunLog log = run_of({{0.09, 500}}), other = run_of({{0.009, 800}});
    log.head.limits.clear();
    other.head.limits.clear();
    CHECK(common_reference({&log, &other})[0] == doctest::Approx(search::error_reference(0.009, 0.9)));
    CHECK(common_reference({&log, &other})[1] == doctest::Approx(std::log(800)));
    const std::string both = page("one", log, {{"two", other}});
    check_tags(both);
    CHECK(both.find(">two<") != std::string::npos);
    other.head.objectives = {Measure::error, Measure::nonzeros};
    CHECK_THROWS_WITH_AS(page("one", log, {{"two", other}}),
                         "two: its objectives are not those of one; hypervolumes cannot be compared", Error);
}

TEST_CASE("a page lists what the user should know of the data") {
    search::RunLog log = run_of({{0.09, 500}});
    CHECK(page("run", log).find("Notes on the data") == std::string::npos);
    log.head.data_notes = {"3 rows of <idle> are left out", "the test part is empty"};
    const std::string whole = page("run", log);
    check_tags(whole);
    CHECK(whole.find("<h2>Notes on the data</h2>\n<ul><li>3 rows of &lt;idle&gt; are left out</li>"
                     "<li>the test part is empty</li></ul>") != std::string::npos);
}

TEST_CASE("runs with different kinds of error are not compared") {
    search::RunLog log = run_of({{0.09, 500}}), other = run_of({{0.009, 800}});
    other.head.error = judge::ErrorKind::balanced;
    CHECK_THROWS_WITH_AS(page("one", log, {{"two", other}}),
                         "two: its error is balanced, that of one plain; hypervolumes cannot be compared", Error);
}

TEST_CASE("a run that nothing beats the constant answer in has a page that says so, and no volume") {
    search::RunLog log = run_of({{0.9, 500}, {0.95, 300}});
    CHECK(growth(log, common_reference({&log})).hypervolume.empty());
    const std::string constant = page("run", log);
    check_tags(constant);
    CHECK(constant.find("<p>nothing beats the constant answer, 10.0 %</p>") != std::string::npos);
    CHECK(count(constant, "<svg") == 2); // all trials, by size and by weights
    for (const char* wrong : {"nan", "inf"}) CHECK(constant.find(wrong) == std::string::npos);
    search::RunLog other = run_of({{0.05, 400}});
    const std::string beside = page("run", log, {{"other", other}});
    check_tags(beside);
    CHECK(count(beside, "<svg") == 3);
    log = run_of({{0.05, 400}});
    log.head.error = judge::ErrorKind::macro_f1;
    CHECK(page("run", log).find("<th>id</th><th>macro F1 %</th><th>validation %</th>") != std::string::npos);
}

TEST_CASE("a run without any feasible trial has a page, too") {
    const std::string empty = page("run", run_of({}));
    check_tags(empty);
    CHECK(count(empty, "<svg") == 0);
}

TEST_CASE("a plot puts points where the axes say") {
    const Series series{"s", "#000", {{1, 10, "low"}, {100, 1000, "high"}}, false};
    const std::string logarithmic = plot({"x", true}, {"y", true}, {series});
    check_tags(logarithmic);
    CHECK(logarithmic.find(">10<") != std::string::npos);
    CHECK(plot({"x"}, {"y"}, {{"none", "#000", {}, false}}).empty());
    CHECK_NOTHROW(plot({"x", true}, {"y"}, {{"one", "#000", {{5, 5, ""}}, true}}));
    CHECK(escaped("<&>\"") == "&lt;&amp;&gt;&quot;");
}

TEST_CASE("points are joined by steps, or by straight lines") {
    // The plot is 560 x 332 from (64, 348) upwards, with a margin of 0.04 of the range on each side.
    const std::vector<PlotPoint> points = {{0, 0, ""}, {1, 1, ""}};
    const std::string steps = plot({"x"}, {"y"}, {{"s", "#000", points, true}}),
                      lines = plot({"x"}, {"y"}, {{"s", "#000", points, true, true}});
    CHECK(steps.find("d=\"M84.7 335.7H603.3V28.3\"") != std::string::npos);
    CHECK(lines.find("d=\"M84.7 335.7L603.3 28.3\"") != std::string::npos);
}

TEST_CASE("the legend of many series with long names stays within the picture") {
    std::vector<Series> series;
    for (int i = 0; i < 7; ++i)
        series.push_back(
            {text("folder/of/results/run-", i), "#000", {{double(i), 1, ""}, {double(i + 1), 2, ""}}, true});
    const std::string picture = plot({"x"}, {"y"}, series);
    check_tags(picture);
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
    CHECK(plot({"x"}, {"y"}, {series.front()}).find("viewBox=\"0 0 640 400\"") != std::string::npos);
}

TEST_CASE("a page says how far accuracy rises with the weights before and after pruning") {
    // Errors fall with nonzero weights in one order, with dense weights in the same.
    const std::string shown = page("runs/a", run_of({{0.5, 100}, {0.3, 200}, {0.2, 300}, {0.4, 150}}), {});
    CHECK(shown.find("Rank correlation (Spearman) of the accuracy with dense weights 0.40, with nonzero weights 1.00, "
                     "over 4 trials") != shown.npos);
    CHECK(page("runs/a", run_of({{0.5, 100}, {0.3, 200}}), {}).find("Rank correlation") == std::string::npos);
}
