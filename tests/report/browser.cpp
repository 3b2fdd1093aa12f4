// SPDX-License-Identifier: Apache-2.0
// A run's page in a browser: headless Chromium shows it, browser.js does what a reader does, and the results are read
// from what Chromium makes of the page. One start serves all checks, as each start takes seconds.
#include <cstdlib>
#include <doctest/doctest.h>

#include "run_of.hpp"
#include "tinysparse/base/files.hpp"
#include "tinysparse/report/page.hpp"

using namespace tinysparse;
using search::Measure;

namespace {

/// Trials 5, 0 and 1 are the front, from small to large; 1 has no error at all, 2 is worse, 3 is beyond a limit, and 4
/// has failed. 1 and 5 are mutations of 0.
search::RunLog run() {
    search::RunLog log = testing::run_of({{0.09, 500}, {0, 800}, {0.5, 900}, {0.01, 1200}, {0.3, 700}, {0.2, 300}});
    for (search::Record& record : log.records)
        record.outcome.measures[Measure::paper_model_size] = record.outcome.measures[Measure::model_size];
    for (const std::size_t child : {1, 5}) {
        log.records[child].trial.origin = search::Origin::mutation;
        log.records[child].trial.parent = 0;
    }
    log.records[3].feasible = log.records[4].feasible = false;
    log.records[4].outcome = {};
    log.records[4].outcome.failure = "</script><img src=x onerror=alert(1)>";
    log.head.data_digest = report::published_tasks[0].digest;
    log.head.data_notes = {"<b>bold</b>"};
    log.end = search::RunEnd{{{1, 0.975}}, {"</script><script>throw 1</script>"}};
    return log;
}

std::string program() {
    for (const char* name : {"chromium", "chromium-browser", "google-chrome"})
        if (std::system(text("command -v ", name, " >/dev/null 2>&1").c_str()) == 0) return name;
    return "";
}

/// A page as the value of a variable of JavaScript; it keeps its own errors.
std::string variable(const char* name, const std::string& page) {
    const std::string recorder = "<head><script>var errors = []; addEventListener('error', event => errors.push("
                                 "event.message)); console.error = words => errors.push(String(words));</script>";
    return text("const ", name, " = ", report::script_json(json::Value(replaced(page, "<head>", recorder))), ";\n");
}

/// The object that browser.js made, or null with the reason.
json::Value results(const std::string& chromium) {
    const ScratchFolder folder;
    const std::string page = folder.path() + "/page.html", out = folder.path() + "/out";
    const std::string card = "<details id=\"model-2\"><summary>#2</summary>Its card</details>\n";
    write_file(page, text("<!DOCTYPE html><meta charset=\"utf-8\"><body></body><script>\n",
                          variable("pageText", report::page("/some/where/run3/", run(), {.cards = card})),
                          variable("watchedText", report::page("/some/where/run3/", run(), {.watched = true})),
                          read_file(TINYSPARSE_SOURCE_DIR "/tests/report/browser.js"), "</script>"));
    const int status = std::system(
        text("timeout 300 ", chromium,
             " --headless --no-sandbox --disable-gpu --virtual-time-budget=60000 --user-data-dir=", folder.path(),
             "/profile --dump-dom file://", page, " >", out, " 2>/dev/null")
            .c_str());
    CHECK(status == 0);
    const std::string dom = read_file(out), opening = "<pre id=\"results\">";
    const std::size_t begin = dom.find(opening);
    REQUIRE_MESSAGE(begin != dom.npos, dom);
    std::string held = dom.substr(begin + opening.size(), dom.find("</pre>", begin) - begin - opening.size());
    for (const auto& [entity, letter] : {std::pair("&lt;", "<"), {"&gt;", ">"}, {"&amp;", "&"}})
        held = replaced(held, entity, letter);
    return json::parse(held, "results");
}

/// The results by name.
struct Results {
    json::Value all;
    std::string text(const char* name) const { return all.find(name) ? json::write(*all.find(name)) : "missing"; }
    std::vector<double> numbers(const char* name) const {
        return json::Reader(all, "results").at(name).as<std::vector<double>>();
    }
};

void check_plot(const Results& found) {
    CHECK(found.text("marks") == "5");
    CHECK(found.text("front") == "3");
    CHECK(found.text("hollow") == "1");
    CHECK(found.text("published") == "0"); // the axis is not in the unit of the papers
    CHECK(found.text("publishedThere") == "2");
    CHECK(found.text("publishedElsewhere") == "0");
    CHECK(found.text("limit") == "[\"Limit 1 000 B\"]");
    CHECK(found.text("broken") == "1");
    CHECK(found.text("legend") == "[\" Front, in the colour of its origin, which counts it, too (3)\",\" Random "
                                  "(3)\",\" Mutation (2)\",\" Hollow: beyond a limit, "
                                  "or lost (1)\"]");
    CHECK(found.text("legendWithin") ==
          "[\" Front, in the colour of its origin, which counts it, too (3)\",\" Random (2)\",\" Mutation (2)\"]");
    const std::vector<double> heights = found.numbers("heights"); // below the line of 0; trial 1 is the last
    REQUIRE(heights.size() == 5);
    CHECK(std::abs(heights.back()) < 0.5);
    for (std::size_t i = 0; i + 1 < heights.size(); ++i) CHECK(heights[i] < -10);
    CHECK(found.text("axes") == "[\"Nonzero weights\",\"Accuracy, %\"]");
    CHECK(found.text("ticksLinear") ==
          "[\"50\",\"55\",\"60\",\"65\",\"70\",\"75\",\"80\",\"85\",\"90\",\"95\",\"100\"]");
    CHECK(found.text("marksWithin") == "4");
    CHECK(found.text("sentences") == "[[\"Lower and further left is better.\",false],"
                                     "[\"Higher and further left is better.\",false]]");
}

void check_details(const Results& found) {
    CHECK(found.text("hint") == "\"\"");
    CHECK(found.text("hovered") == "\"Trial 1\"");
    const std::string detail = found.text("detail");
    for (const char* words : {"Front: mutation of trial 0, stage 1, 1 epoch.", "Error0.00 %", "Test accuracy97.50 %",
                              "Model size800 B", "Nonzero weights400", "Accuracy100.00 %"})
        CHECK_MESSAGE(detail.find(words) != detail.npos, detail);
    CHECK(found.text("left") == "\"\"");
    CHECK(found.text("tapped") == "\"Trial 3\""); // and it stays when the finger is gone
    CHECK(found.text("escaped") == "\"\"");
    CHECK(found.text("focused") == "\"Trial 5\"");
    CHECK(found.text("path") ==
          "[\"Trial 5\",\"Trial 0\",\"Trial 1\",\"Trial 3\",\"Trial 2\",\"Trial 5\",\"Trial 0\"]");
}

void check_tables(const Results& found) {
    CHECK(found.text("rows") == "[\"5\",\"0\",\"1\",\"2\",\"3\",\"4\"]");
    CHECK(found.text("sorted") == "[[\"ascending\",\"0\",\"1\",\"2\",\"3\",\"4\",\"5\"],"
                                  "[\"descending\",\"5\",\"4\",\"3\",\"2\",\"1\",\"0\"],"
                                  "[\"ascending\",\"2\",\"5\",\"0\",\"3\",\"1\",\"4\"],"   // by accuracy; 4 has none
                                  "[\"ascending\",\"4\",\"5\",\"0\",\"1\",\"2\",\"3\"]]"); // by status
    CHECK(found.text("sortedOnce") == "1");
    CHECK(found.text("filtered") == "[\"5\",\"1\"]");
    CHECK(found.text("told") == "\"2 of 6 trials\"");
    CHECK(found.text("none") == "[]");
    CHECK(found.text("onlyFront") == "[\"5\",\"0\",\"1\"]");
    CHECK(found.text("unfiltered") == "6"); // the row of the trial in the plot was hidden
    CHECK(found.text("links") == "[\"#t2\",\"#model-2\"]");
    CHECK(found.text("opened") == "true");
}

/// The least contrast of words, marks, lines, and words of plots, by WCAG 2: at least 4.5 for words, 3 for pictures.
void check_contrast(const std::vector<double>& contrast) {
    REQUIRE(contrast.size() == 4);
    CHECK(contrast[0] >= 4.5);
    CHECK(contrast[1] >= 3);
    CHECK(contrast[2] >= 3);
    CHECK(contrast[3] >= 4.5);
}

} // namespace

TEST_CASE("in a browser a page shows what readers point at, sorts, filters, and suits their screen and paper") {
    const std::string chromium = program();
    if (chromium.empty()) {
        MESSAGE("skipped: there is no Chromium");
        return;
    }
    const Results found{results(chromium)};
    CAPTURE(found.text("failure"));
    REQUIRE(found.all.find("failure") == nullptr);
    check_plot(found);
    check_details(found);
    check_tables(found);
    for (const char* medium : {"light", "dark", "paperContrast"}) {
        CAPTURE(std::string(medium));
        check_contrast(found.numbers(medium));
    }
    CHECK(found.text("unfit") == "[]");
    CHECK(found.text("clashes") == "[]");
    CHECK(found.text("errors") == "[]");
    CHECK(found.text("foreign") == "0");
    CHECK(found.text("unlabelled") == "0");
    CHECK(found.text("hidden") == "0");
    const std::string headings = *found.all.find("headings")->string();
    CHECK(headings.starts_with("12"));
    for (std::size_t i = 1; i < headings.size(); ++i) CHECK(headings[i] <= headings[i - 1] + 1); // no level is skipped
    CHECK(found.text("keptAxes") == "[\"paper_model_size\",false,\"Status\"]");
    const std::string narrow = found.text("narrow");
    CHECK_MESSAGE(narrow.starts_with("[400,"), narrow);
    const std::vector<double> widths = found.numbers("narrow"); // window, page, scroll, plot; then what is too wide
    REQUIRE(widths.size() == 4);
    CHECK(widths[1] <= 400);
    CHECK(widths[3] <= 400);
    CHECK(widths[3] >= 300);
    CHECK(found.text("paper") == "[]"); // no table is cut
    const json::Reader watched = json::Reader(found.all, "results").at("watched");
    CHECK(watched.items()[0].as<int>() >= 2);
    CHECK(watched.items()[1].as<std::string>() == "nonzeros");
    CHECK(watched.items()[2].as<double>() > 250);
}
