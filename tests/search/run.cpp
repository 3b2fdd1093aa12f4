// SPDX-License-Identifier: Apache-2.0
// fixtures/run was written by version 1.0.0: its journal and models must be read for good.
#include "tinysparse/search/run.hpp"
#include "tinysparse/fixed/model_file.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::search;

TEST_CASE("a run of an older version is read, with all its accuracies") {
    const std::string folder = TINYSPARSE_TEST_FIXTURES "/run";
    const RunLog log = read_run(folder);
    CHECK(log.head.build == "1.0.0");
    CHECK(log.head.objectives == parse_objectives("paper"));
    CHECK(log.head.limits == Limits{{Measure::model_size, 300}, {Measure::flash, 30796}, {Measure::ram, 1352}});
    REQUIRE(log.records.size() == 3);
    const Outcome& outcome = log.records[1].outcome;
    CHECK(*outcome.measures[Measure::error] == 0.5416666666666667);
    CHECK(*outcome.measures[Measure::milliseconds] == 9.064978759375);
    CHECK(*outcome.measures[Measure::nonzeros] == 398);
    CHECK(*outcome.float_accuracy == 0.4166666666666667);
    CHECK(log.end.value().test_accuracy == std::map<std::size_t, double>{{1, 0.4666666666666667}, {2, 0.1}});
    const fixed::Model model = fixed::load_model(model_path(folder, 1));
    CHECK(*model.validation_accuracy == doctest::Approx(1 - 0.5416666666666667));
    CHECK(model.float_accuracy == outcome.float_accuracy);
    CHECK(model.test_accuracy == 0.4666666666666667);
}

TEST_CASE("a journal's lines are written as they were read") {
    const std::string path = TINYSPARSE_TEST_FIXTURES "/run/journal.jsonl";
    const std::vector<json::Value> lines = Journal(path).read(false);
    const RunLog log = log_from_lines(lines, path).value();
    REQUIRE(lines.size() == 5);
    CHECK(to_json(log.head) == *lines[0].find("run"));
    for (std::size_t i = 0; i < 3; ++i) {
        json::Value line = to_json(log.records[i], log.head.space);
        line["crc"] = *lines[i + 1].find("crc");
        CHECK(json::write(line) == json::write(lines[i + 1]));
    }
    CHECK(to_json(*log.end) == *lines[4].find("end"));
}
