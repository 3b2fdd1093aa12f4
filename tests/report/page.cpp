// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/report/page.hpp"
#include <doctest/doctest.h>

#include "run_of.hpp"

using namespace tinysparse;
using namespace tinysparse::report;
using search::Measure;
using testing::count;
using testing::run_of;
using testing::tag_faults;
using testing::unfit_texts;

namespace {

/// The data of a page's script.
json::Value data_of(const std::string& page) {
    const std::string opening = "<script type=\"application/json\" id=\"data\">";
    const std::size_t begin = page.find(opening) + opening.size();
    return json::parse(page.substr(begin, page.find("</script>", begin) - begin), "data");
}

/// The part of a page from its heading to the next one.
std::string section(const std::string& page, const std::string& heading) {
    const std::size_t begin = page.find("\">" + heading + "</h2>");
    return begin == page.npos ? "" : page.substr(begin, page.find("</section>", begin) - begin);
}

/// A run whose trials come from everywhere: one is beyond a limit, one has failed, one has no error at all.
search::RunLog mixed_run() {
    search::RunLog log = run_of({{0.09, 500}, {0, 800}, {0.5, 900}, {0.01, 1200}, {0.2, 300}});
    log.records[3].feasible = false;
    log.records[4].outcome.failure = "it failed: </script><img alt=\"x\"/>";
    log.records[4].feasible = false;
    log.records[1].trial.origin = search::Origin::mutation;
    log.records[1].trial.parent = 0;
    return log;
}

} // namespace

TEST_CASE("a page is whole, has every trial and asks for nothing beside it") {
    search::RunLog log = mixed_run();
    const std::string without_end = page("run", log);
    CHECK(without_end.find("not ended yet") != std::string::npos);
    CHECK(without_end.find("--out run --resume") != std::string::npos);
    log.end = search::RunEnd{{{1, 0.99}}, {"the run was too short for stage 3 of 3"}};
    const std::string whole = page("run", log);
    CHECK(tag_faults(whole) == "");
    CHECK(whole.find("a&lt;b&gt;&amp;&quot;c&quot;") != std::string::npos);
    CHECK(whole.find("too short for stage 3") != std::string::npos);
    CHECK(whole.find("99.00") != std::string::npos);
    CHECK(whole.find("It trained 5 networks on a&lt;b&gt;") != std::string::npos);
    CHECK(whole.find(" Of the 2 best choices, #0 is lowest in model size: an accuracy of 91.00\u00a0% with 500\u00a0B "
                     "of model size; #1 is lowest in error: an accuracy of 100.00\u00a0% on the validation part with "
                     "800\u00a0B of model size.") != std::string::npos);
    CHECK(count(whole, "<svg") == 3);
    for (const char* outside : {"src=", "url(", "@import", "fetch(", "XMLHttp", "http-equiv"})
        CHECK(whole.find(outside) == std::string::npos);
    CHECK(count(whole, "href=\"") == count(whole, "href=\"#"));                // links within the page
    CHECK(count(whole, "http") == count(whole, "http://www.w3.org/2000/svg")); // the name of SVG, which nothing loads
}

TEST_CASE("every text of a page begins with a capital letter, and every paragraph is a sentence") {
    search::RunLog log = mixed_run();
    log.end = search::RunEnd{{{1, 0.99}}, {"the run was too short for stage 3 of 3"}};
    log.head.validation_counts = {60, 40};
    log.head.data_digest = published_tasks[0].digest;
    log.head.data_notes = {"note: label: column activity", "warning: 3 pictures are damaged"};
    log.head.limits[Measure::paper_model_size] = 5000;
    const auto check = [&] {
        const std::string whole = page("run", log, {.beside = {{"other", log}}});
        CHECK(tag_faults(whole) == "");
        CHECK(unfit_texts(whole, {"run", "other"}) == std::vector<std::string>{});
    };
    check();
    CHECK(page("run", log).find("<li>Label: column activity.</li>") != std::string::npos);
    log.head.folds = 5;
    check();
    log.head.folds = 0;
    log.head.error = judge::ErrorKind::macro_f1;
    check();
    log.head.error = judge::ErrorKind::rmse;
    check();
    log.records.clear();
    check();
    CHECK(unfit_texts("<p class=\"x\">as it is</p><li>A</li><th scope=\"row\">a</th><dd>b: <code>c</code></dd>") ==
          std::vector<std::string>{"as it is", "A", "b: c"});
}

TEST_CASE("the contents of a page lead to each of its sections") {
    const std::string whole = page("run", mixed_run());
    CHECK(count(whole, "<a href=\"#section-") == count(whole, "<h2 id=\"section-"));
    CHECK(count(whole, "<h2") == count(whole, "<h2 id=\"section-"));
    CHECK(whole.find("<li><a href=\"#section-all-trials\">All trials</a></li>") != whole.npos);
    CHECK(whole.find("<nav") < whole.find("<h2"));
}

TEST_CASE("with folds a page names the samples that judged, and trials that one fold alone has judged") {
    search::RunLog log = run_of({{0.09, 500}, {0.05, 800}});
    log.head.folds = 5;
    log.head.validation_counts = {60, 40};
    log.records[0].outcome.folds.resize(5);
    const std::string whole = page("run", log);
    CHECK(unfit_texts(whole, {"run"}) == std::vector<std::string>{});
    CHECK(whole.find(">Error on the held-out samples of the 5 folds, %<") != whole.npos);
    CHECK(whole.find("<th scope=\"col\">Trained on</th>") != whole.npos);
    CHECK(whole.find("Fresh seeds") == whole.npos);
    CHECK(whole.find("one fold: one fold alone has judged it") != whole.npos);
    CHECK(section(whole, "Table of all trials").find("<td>one fold</td>") != whole.npos);
    const json::Value data = data_of(whole);
    const json::Reader in(data, "data");
    const std::vector<json::Reader> statuses = in.at("statuses").items(), trials = in.at("trials").items();
    const auto status = trials[1].items()[1].as<std::size_t>();
    REQUIRE(status < statuses.size());
    CHECK(statuses[status].as<std::string>() == "one fold");
    CHECK(status < in.at("within").as<std::size_t>()); // it is not beyond a limit
    CHECK(statuses[in.at("within").as<std::size_t>()].as<std::string>() == "over limit");
}

TEST_CASE("marks beyond the line of the front are explained, if there are any that all folds did not judge") {
    search::RunLog log = run_of({{0.09, 500}, {0.05, 800}});
    log.head.folds = 5;
    log.head.validation_counts = {60, 40};
    log.records[0].outcome.folds.resize(5);
    const std::string below =
        "Marks on the better side of the line do not count for the front: one fold alone judged them, or the same "
        "network was trained longer later.";
    CHECK(page("run", log).find(below) != std::string::npos);
    CHECK(page("run", log).find(", in 5 rounds, by which") != std::string::npos);
    log.records[1].outcome.measures[Measure::error] = 0.2;
    CHECK(page("run", log).find("side of the line") == std::string::npos); // the mark is on the other side
    log.records[1].outcome.measures[Measure::error] = 0.05;
    log.records[0].trial.origin = search::Origin::baseline;
    const std::string one_fold = page("run", log);
    CHECK(one_fold.find("side of the line") == std::string::npos);
    CHECK(one_fold.find(
              "an accuracy of 95.00\u00a0% on the held-out samples of one of 5 folds with 800\u00a0B of model size.") !=
          std::string::npos);
    CHECK(one_fold.find("one fold of 5 (for a baseline all of them)") != std::string::npos);
    CHECK(one_fold.find("rounds") == std::string::npos);
    for (search::Record& record : log.records) record.outcome.measures[Measure::error] = 0.95;
    CHECK(page("run", log).find("The line is the front") == std::string::npos); // there is no front
}

TEST_CASE("a page calls the data by a name; the whole SPEC is among the settings of the run") {
    search::RunLog log = mixed_run();
    const auto called = [&](const std::string& spec) {
        log.head.data = spec;
        const std::string html = page("run", log), begin = "It trained 5 networks on ";
        CHECK(section(html, "The run").find(spec + ", digest ") != std::string::npos);
        const std::size_t at = html.find(begin) + begin.size();
        return html.substr(at, html.find(" in ", at) - at);
    };
    CHECK(called("/sets/hapt,window=128,group=*_user(*).csv") == "hapt");
    CHECK(called("sets/gestures.csv,window=32") == "gestures.csv");
    CHECK(called("photos/") == "photos");
    CHECK(called("synthetic:strokes,samples=600") == "synthetic:strokes");
    CHECK(called("/") == "/");
}

TEST_CASE("the first paragraph leaves out networks that are worse than the baseline") {
    search::RunLog log = run_of({{0.28, 700}, {0.6, 100}, {0.2, 300}, {0.1, 800}});
    log.records[0].trial.origin = search::Origin::baseline;
    CHECK(
        page("run", log)
            .find(
                " Of the 3 best choices, #2 is lowest in model size of those that beat the linear classifier: an "
                "accuracy "
                "of 80.00\u00a0% with 300\u00a0B of model size; #3 is lowest in error: an accuracy of 90.00\u00a0% on "
                "the validation part with 800\u00a0B of model size.") != std::string::npos);
}

TEST_CASE("a page says so if the smallest network of the front is the best, too") {
    search::RunLog log = run_of({{0.16, 500}, {0.2, 600}, {0.2, 700}});
    for (search::Record& record : log.records)
        record.outcome.measures[Measure::ram] = 1000 - *record.outcome.measures[Measure::model_size];
    log.head.objectives.push_back(Measure::ram);
    CHECK(page("run", log)
              .find(" Of the 3 best choices, #0 is lowest in error and in model size: an accuracy of 84.00\u00a0% on "
                    "the validation part with 500\u00a0B of model size; the others need less RAM.") !=
          std::string::npos);
}

TEST_CASE("a page has the words of its run: folds, the baseline, and the kind of the error") {
    search::RunLog log = run_of({{0.09, 500}, {0.05, 800}});
    CHECK(page("run", log).find("<dt>Fold</dt>") == std::string::npos);
    CHECK(page("run", log).find("linear classifier, which") != std::string::npos);
    log.head.folds = 5;
    for (search::Record& record : log.records) record.outcome.folds.resize(5);
    log.head.error = judge::ErrorKind::macro_f1;
    const std::string folded = page("run", log);
    CHECK(section(folded, "Words").find("<dt>Fold</dt><dd>One of 5 equal parts of the") != std::string::npos);
    CHECK(folded.find("that no training sees") == std::string::npos);
    CHECK(folded.find(">Error (1 - macro F1) on the held-out samples of the 5 folds, %<") != std::string::npos);
    log.head.error = judge::ErrorKind::rmse;
    CHECK(page("run", log).find("linear classifier") == std::string::npos);
    CHECK(page("run", log).find("baseline: the linear model, trial 0") != std::string::npos);
}

TEST_CASE("the commands of a page are those that a shell reads, and the run is done again in a folder of its own") {
    search::RunLog log = run_of({{0.09, 500}});
    log.head.command = {"search", "--data", "my data.csv", "--out", "my run", "--resume", "--quiet"};
    const std::string whole = page("my run/", log);
    for (const std::vector<std::string>& words :
         std::vector<std::vector<std::string>>{{"search", "--data", "my data.csv", "--out", "my run-again"},
                                               {"front", "my run/"},
                                               {"export", "my run/#N", "-o", "NAME"}})
        CHECK(whole.find(escaped(command_line(words)) + "\n") != std::string::npos);
}

TEST_CASE("without its script a page shows the front and all trials, in tables and as a plot") {
    const std::string whole = page("run", mixed_run());
    const std::string front = section(whole, "Front"), plot = section(whole, "All trials");
    CHECK(count(front, "<tr>") == 3);                   // the titles, trials 0 and 1
    CHECK(count(plot, "m0-6l6 6l-6 6l-6-6z") == 2 + 1); // and one in the legend
    CHECK(plot.find("class=\"break\"") != plot.npos);   // trial 1 has no error
    CHECK(plot.find("Limit 1 000 B") != plot.npos);
    CHECK(plot.find(">Random</text>") != plot.npos);
    CHECK(plot.find(">Promotion</text>") == plot.npos); // no trial is one
    CHECK(plot.find("<form id=\"axes\" hidden=\"hidden\">") != plot.npos);
    const std::string table = section(whole, "Table of all trials");
    CHECK(count(table, "<tr id=\"t") == 5);
    CHECK(count(table, "class=\"front\"") == 2);
    CHECK(table.find("<tr id=\"t0\" class=\"front\"><th scope=\"row\">0</th><td>front</td><td>random</td>") !=
          table.npos);
    CHECK(table.find("<td>over limit</td>") != table.npos);
    CHECK(table.find("<td>failed</td>") != table.npos);
    CHECK(table.find("it failed: &lt;/script&gt;") != table.npos);
    CHECK(table.find("<tr id=\"t1\"") < table.find("<tr id=\"t2\"")); // the front is first
}

TEST_CASE("the data of the page's script have the values of the trials") {
    const json::Value data = data_of(page("run", mixed_run()));
    const json::Reader in(data, "data");
    CHECK(in.at("x").as<std::string>() == "model_size");
    const std::vector<json::Reader> trials = in.at("trials").items();
    REQUIRE(trials.size() == 5);
    const std::vector<json::Reader> axes = in.at("axes").items();
    REQUIRE(axes.size() == 4);
    const char* const keys[] = {"error", "model_size", "nonzeros", "dense_weights"};
    for (std::size_t i = 0; i < axes.size(); ++i) CHECK(axes[i].at("key").as<std::string>() == keys[i]);
    CHECK(axes[1].at("limit").as<double>() == 1000);
    CHECK(axes[1].at("unit").as<std::string>() == "B");
    // id, status, origin, stage, epochs, parent, measured, test, error, model_size, nonzeros
    CHECK(json::write(data).find("[0,0,0,1,1,null,0,null,0.09,500,250,") != std::string::npos);
    CHECK(json::write(data).find("[1,0,1,1,1,0,0,null,0,800,400,") != std::string::npos);
    CHECK(json::write(data).find("[4,6,0,1,1,null,0,null,null,null,null,null]") != std::string::npos);
}

TEST_CASE("an axis names its measure, and its unit where the name does not say it") {
    const std::pair<Measure, const char*> axes[] = {
        {Measure::model_size, "Model size, bytes"},
        {Measure::working_memory, "Working memory, bytes"},
        {Measure::weight_bytes, "Stored bytes"},
        {Measure::flash, "Flash, bytes"},
        {Measure::ram, "RAM, bytes"},
        {Measure::cycles, "Cycles"},
        {Measure::milliseconds, "Time, ms"},
        {Measure::macs, "MACs"},
        {Measure::nonzeros, "Nonzero weights"},
    };
    for (const auto& axis : axes) {
        const search::Measure measure = axis.first;
        const std::string title = axis.second;
        CAPTURE(title);
        search::RunLog log = run_of({{0.09, 500}, {0.009, 800}});
        log.head.objectives = {Measure::error, measure};
        for (search::Record& record : log.records)
            record.outcome.measures[measure] = record.outcome.measures[Measure::model_size];
        CHECK(count(page("run", log), text("text-anchor=\"middle\">", title, "<")) == 1);
    }
}

TEST_CASE("the page's front has its columns in this order, and says what they mean") {
    const std::string front = section(page("run", run_of({{0.09, 500}})), "Front");
    const std::vector<std::string> titles = {
        "Trial",          "Validation %", "Test %", "Stored bytes", "Nonzero weights", "Bits",        "Model size",
        "Working memory", "Flash",        "RAM",    "MACs",         "Time, ms",        "Fresh seeds", "Network"};
    std::string row;
    for (const std::string& title : titles) {
        CAPTURE(title);
        row += text("<th scope=\"col\">", title, "</th>");
        CHECK(front.find(text("<dt>", title, "</dt>")) != front.npos);
    }
    CHECK(front.find(row) != front.npos);
}

TEST_CASE("a run is called by the name of its folder, or by as much of the path as tells runs apart") {
    CHECK(run_names({"/home/x/runs/run3/"}) == std::vector<std::string>{"run3"});
    CHECK(run_names({"run"}) == std::vector<std::string>{"run"});
    CHECK(run_names({"a/run", "b/run", "b/other"}) == std::vector<std::string>{"a/run", "b/run", "b/other"});
    CHECK(run_names({"x/a/../b/./run"}) == std::vector<std::string>{"run"});
    const std::string whole = page("/home/x/runs/run3/", run_of({{0.09, 500}}));
    CHECK(whole.find("<title>run3: tinysparse report</title>") != whole.npos);
    CHECK(whole.find("<h1>run3</h1>") != whole.npos);
    CHECK(whole.find(escaped(command_line({"show", "/home/x/runs/run3/#N"}))) != whole.npos);
}

TEST_CASE("runs are compared below one reference, and only if they mean the same") {
    search::RunLog log = run_of({{0.09, 500}}), other = run_of({{0.009, 800}});
    const std::string both = page("one", log, {.beside = {{"two", other}}});
    CHECK(tag_faults(both) == "");
    CHECK(section(both, "Hypervolume over time").find(">two<") != std::string::npos);
    other.head.objectives = {Measure::error, Measure::nonzeros};
    CHECK_THROWS_WITH_AS(page("one", log, {.beside = {{"two", other}}}),
                         "two: its objectives are not those of one; hypervolumes cannot be compared", Error);
    other = run_of({{0.009, 800}});
    other.head.error = judge::ErrorKind::balanced;
    CHECK_THROWS_WITH_AS(page("one", log, {.beside = {{"two", other}}}),
                         "two: its error is balanced, that of one plain; hypervolumes cannot be compared", Error);
}

TEST_CASE("a page lists what the user should know of the data") {
    search::RunLog log = run_of({{0.09, 500}});
    CHECK(page("run", log).find("Notes on the data") == std::string::npos);
    log.head.data_notes = {"3 rows of <idle> are left out", "the test part is empty"};
    const std::string whole = page("run", log);
    CHECK(tag_faults(whole) == "");
    CHECK(whole.find(">Notes on the data</h2>\n<ul><li>3 rows of &lt;idle&gt; are left out.</li>"
                     "<li>The test part is empty.</li></ul>") != std::string::npos);
}

TEST_CASE("a run that nothing beats the constant answer in has a page that says so, and no volume") {
    search::RunLog log = run_of({{0.9, 500}, {0.95, 300}});
    CHECK(growth(log, common_reference({&log})).hypervolume.empty());
    const std::string constant = page("run", log);
    CHECK(tag_faults(constant) == "");
    CHECK(constant.find("<p>Nothing beats the constant answer, 10.0\u00a0%.</p>") != std::string::npos);
    CHECK(count(constant, "<svg") == 2); // all trials, by size and by weights
    for (const char* wrong : {">nan", ">inf", "\"nan", "\"inf"}) CHECK(constant.find(wrong) == std::string::npos);
    search::RunLog other = run_of({{0.05, 400}});
    const std::string beside = page("run", log, {.beside = {{"other", other}}});
    CHECK(tag_faults(beside) == "");
    CHECK(count(beside, "<svg") == 3);
    log = run_of({{0.05, 400}});
    log.head.error = judge::ErrorKind::macro_f1;
    CHECK(page("run", log)
              .find("<th scope=\"col\">Trial</th><th scope=\"col\">Macro F1 %</th>"
                    "<th scope=\"col\">Validation accuracy %</th><th scope=\"col\">Test accuracy %</th>") !=
          std::string::npos);
}

TEST_CASE("a run without any feasible trial has a page, too") {
    const std::string empty = page("run", run_of({}));
    CHECK(tag_faults(empty) == "");
    CHECK(count(empty, "<svg") == 0);
    search::RunLog failed = run_of({{0.2, 300}});
    failed.records[0].outcome = {};
    failed.records[0].outcome.failure = "it failed";
    failed.records[0].feasible = false;
    CHECK(empty.find("<p>No network has been trained yet.</p>") != empty.npos);
    CHECK(empty.find("<table id=\"front\"") == empty.npos);
    const std::string one = page("run", failed);
    CHECK(one.find("<p>None of the networks that were trained keeps within all limits.</p>") != one.npos);
    CHECK(tag_faults(one) == "");
    CHECK(one.find("<td>it failed</td>") != one.npos);
}

TEST_CASE("a page says how far accuracy rises with the weights before and after pruning") {
    // Accuracy rises with nonzero weights in the same order; dense weights rise from trial to trial, which swaps each
    // two neighbours: 1 - 6 * 10 / (10 * 99) = 0.94.
    std::vector<std::pair<double, double>> trials;
    for (const int rank : {2, 1, 4, 3, 6, 5, 8, 7, 10, 9}) trials.emplace_back(0.8 - 0.05 * rank, 100 * rank);
    search::RunLog log = run_of(trials);
    const std::string shown = page("runs/a", log);
    CHECK(shown.find("Rank correlation (Spearman) of the accuracy with dense weights 0.94, with nonzero weights 1.00, "
                     "over 10 trials") != shown.npos);
    log.head.error = judge::ErrorKind::rmse;
    CHECK(page("runs/a", log).find("of the negative error with dense weights 0.94") != std::string::npos);
    trials.pop_back(); // nine say too little
    const std::string few = page("runs/a", run_of(trials));
    CHECK(few.find("Rank correlation") == std::string::npos);
    CHECK(few.find("The plot shows which of them the error goes with.") != std::string::npos);
    CHECK(shown.find("The plot and the correlations show which") != std::string::npos);
}

TEST_CASE("published networks are shown for their data, in the plot only if the axis is their unit") {
    search::RunLog log = run_of({{0.09, 500}, {0.009, 800}});
    for (search::Record& record : log.records)
        record.outcome.measures[Measure::paper_model_size] = record.outcome.measures[Measure::model_size];
    CHECK(page("run", log).find("SpArSe") == std::string::npos);
    log.head.data_digest = published_tasks[0].digest;
    const std::string by_own_size = section(page("run", log), "All trials");
    CHECK(by_own_size.find("<td>98.64</td>") != by_own_size.npos);
    CHECK(by_own_size.find("class=\"rings published\"") == by_own_size.npos);
    log.head.objectives = {Measure::error, Measure::paper_model_size};
    CHECK(count(section(page("run", log), "All trials"), "class=\"rings published\"") == 2); // and the legend
}

TEST_CASE("the table of the front has a column for each objective and limit, with its meaning") {
    search::RunLog log = run_of({{0.09, 500}, {0.009, 800}});
    for (search::Record& record : log.records) record.outcome.measures[Measure::paper_model_size] = 4321;
    const std::string heading = "<th scope=\"col\">Model size as papers count it</th>";
    CHECK(count(section(page("run", log), "Front"), heading) == 0);
    log.head.limits[Measure::paper_model_size] = 5000;
    const std::string limited = section(page("run", log), "Front");
    CHECK(count(limited, heading) == 1);
    CHECK(count(limited, "<td>4 321</td>") == 2);
    CHECK(count(limited, "<dt>Model size as papers count it</dt>") == 1);
    log.head.objectives = {Measure::error, Measure::paper_model_size};
    CHECK(count(section(page("run", log), "Front"), heading) == 1);
}

TEST_CASE("a page of a very long run has at most 1 MB, and all of its front") {
    std::vector<std::pair<double, double>> trials;
    for (int i = 0; i < 6000; ++i) trials.push_back({0.3 + 0.00001 * (i * 7919 % 6000), 900 + i % 97});
    trials.push_back({0.01, 100});
    search::RunLog log = run_of(trials);
    for (search::Record& record : log.records)
        for (const search::MeasureInfo& row : search::cost_table)
            record.outcome.measures[row.measure] = 123456 + record.elapsed;
    for (search::Record& record : log.records) record.outcome.measures[Measure::model_size] = 900;
    log.records.back().outcome.measures[Measure::model_size] = 100;
    const std::string whole = page("run", log);
    CHECK(whole.size() <= 1000000);
    CHECK(whole.size() >= 300000);
    const std::size_t rows = count(whole, "<tr id=\"t");
    CHECK(rows < log.records.size());
    CHECK(rows > 500);
    CHECK(whole.find(replaced(grouped(rows), " ", "\u00a0") + " of 6\u00a0001 trials are shown") != whole.npos);
    CHECK(sentence("54.96 % in 1 460 B") == "54.96\u00a0% in 1\u00a0460\u00a0B.");
    CHECK(whole.find("<tr id=\"t6000\" class=\"front\">") != whole.npos);
    CHECK(data_of(whole).find("trials")->array()->size() == rows);
}

TEST_CASE("a page that is watched reads itself again, with and without its script") {
    const std::string watched = page("run", run_of({{0.09, 500}}), {.watched = true});
    CHECK(tag_faults(watched) == "");
    CHECK(watched.find("location.reload()") != watched.npos);
    CHECK(watched.find("<noscript><meta http-equiv=\"refresh\"") != watched.npos);
    CHECK(page("run", run_of({{0.09, 500}})).find("location.reload()") == std::string::npos);
}
