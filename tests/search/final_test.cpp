// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/search/final_test.hpp"
#include "fake.hpp"
#include <atomic>

using namespace tinysparse;
using namespace tinysparse::search;
using namespace tinysparse::search::test;

namespace {

/// Records 0 .. count - 1, with models.
struct Front {
    Folder folder{"final_test"};
    std::vector<Record> records;
    std::vector<const Record*> front;

    explicit Front(std::size_t count) {
        std::filesystem::create_directories(folder.path() + "/models");
        records.resize(count);
        for (std::size_t i = 0; i < count; ++i) {
            records[i].trial.number = i;
            write_fake_model(model_path(folder.path(), i));
            front.push_back(&records[i]);
        }
    }
};

Evaluator testing(std::function<double(const Record&)> test) {
    return {{}, {}, [test](const Record& record, const std::string&) { return test(record); }};
}

double accuracy(const Record& record) { return 0.5 + 0.01 * double(record.trial.number); }

bool never() { return false; }

} // namespace

TEST_CASE("each model of the front is tested once, however many workers there are") {
    for (const int jobs : {1, 3, 20}) {
        const Front f(9);
        std::atomic<int> tests{0};
        const auto result = final_test(f.front, f.folder.path(), testing([&](const Record& record) {
                                           ++tests;
                                           return accuracy(record);
                                       }),
                                       jobs, never);
        REQUIRE(result);
        CHECK(tests == 9);
        CHECK(result->missing.empty());
        REQUIRE(result->accuracy.size() == 9);
        for (const auto& [number, value] : result->accuracy) CHECK(value == accuracy(f.records[number]));
    }
}

TEST_CASE("an empty front has an empty test") {
    const Front f(0);
    const auto result = final_test(f.front, f.folder.path(), testing(accuracy), 2, never);
    REQUIRE(result);
    CHECK(result->accuracy.empty());
}

TEST_CASE("a model that is gone is named, and the others are tested") {
    const Front f(4);
    std::filesystem::remove(model_path(f.folder.path(), 2));
    const auto result = final_test(f.front, f.folder.path(), testing(accuracy), 2, never);
    REQUIRE(result);
    CHECK(result->accuracy.size() == 3);
    CHECK(result->accuracy.count(2) == 0);
    CHECK(result->missing == std::vector<std::string>{text(model_path(f.folder.path(), 2),
                                                           " is missing; its accuracy on the test part is not known")});
}

TEST_CASE("an interruption ends the test without a result, a failure with its error") {
    const Front f(6);
    std::atomic<int> tests{0};
    const Evaluator evaluator = testing([&](const Record& record) {
        if (++tests == 3) throw Error("the file is damaged");
        return accuracy(record);
    });
    CHECK_FALSE(final_test(f.front, f.folder.path(), evaluator, 1, [&] { return tests == 2; }));
    CHECK(tests == 2);
    CHECK_THROWS_WITH_AS(final_test(f.front, f.folder.path(), evaluator, 1, never), "the file is damaged", Error);
    CHECK(tests == 3);
}

TEST_CASE("a run without a front says why") {
    std::vector<Record> records(3);
    std::vector<const Record*> all;
    CHECK(why_no_front(all, "every network was tried") == "every network was tried");
    CHECK(why_no_front(all, std::nullopt) == "no trial finished; resume it with a longer --budget or more --trials");
    for (const Record& record : records) all.push_back(&record);
    for (Record& record : records) record.outcome.failure = text("reason ", &record - records.data());
    CHECK(why_no_front(all, "a note") == "all 3 trials failed; the last one said: reason 2");
    CHECK(why_no_front({&records[1]}, std::nullopt) == "the only trial failed: reason 1");
    records[0].outcome.failure.reset();
    CHECK(why_no_front(all, std::nullopt) == "no trial (of 3) keeps within all limits; resume it with a longer "
                                             "--budget or more --trials, or raise a limit in a "
                                             "new run");
}

TEST_CASE("stages without a trial are noted") {
    std::vector<Record> records(2);
    records[0].trial.stage = 1;
    records[1].trial.stage = 3;
    const Goal by_time{.budget_seconds = 9, .trials = {}}, by_trials{.budget_seconds = {}, .trials = 2};
    CHECK(missing_stages({&records[0], &records[1]}, by_time) ==
          std::vector<std::string>{"stage 2 of 3 trained nothing; give a longer --budget"});
    CHECK(missing_stages({}, by_time).size() == 3);
    records[0].trial.origin = Origin::baseline;
    CHECK(missing_stages({&records[0], &records[1]}, by_trials) ==
          std::vector<std::string>{"stage 1 of 3 trained nothing but the baseline; give more --trials",
                                   "stage 2 of 3 trained nothing; give more --trials"});
}
