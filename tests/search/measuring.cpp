// SPDX-License-Identifier: Apache-2.0
// Searches of a fake whose chip tells other figures than were predicted.
#include "tinysparse/search/measuring.hpp"
#include "fake.hpp"
#include "tinysparse/search/search.hpp"

using namespace tinysparse;
using namespace tinysparse::search;
using namespace tinysparse::search::test;

namespace {

SearchResult search_in(const std::string& folder, const RunLog& log, const Evaluator& evaluator,
                       const Hooks& hooks = {}) {
    const RunFolder locked(folder);
    const std::optional<RunLog> left = locked.read();
    return run_search(locked, left ? *left : log, evaluator, hooks);
}

/// Predicted so much of everything.
Measures chip_measures_of(double flash, double ram, double cycles) {
    Measures measures;
    measures[Measure::flash] = flash;
    measures[Measure::ram] = ram;
    measures[Measure::cycles] = cycles;
    measures[Measure::milliseconds] = cycles / 16000;
    return measures;
}

Record measured_record(double predicted_flash, double told_flash) {
    Record record;
    record.outcome.measures = chip_measures_of(predicted_flash, 500, 1e6);
    take_measured(record.outcome, chip_measures_of(told_flash, 500, 2e6));
    return record;
}

} // namespace

TEST_CASE("what was measured takes the place of what was predicted, which is kept") {
    const Record record = measured_record(8000, 8400);
    CHECK(*record.outcome.measures[Measure::flash] == 8400);
    CHECK(*record.outcome.measures[Measure::milliseconds] == 125);
    CHECK(*(*record.outcome.predicted)[Measure::flash] == 8000);
    CHECK(!(*record.outcome.predicted)[Measure::model_size]);
}

TEST_CASE("the median of three and more measurements corrects predictions") {
    std::vector<Record> records = {measured_record(1000, 1100), measured_record(1000, 1300)};
    const auto corrections = [&] {
        std::vector<const Record*> all;
        for (const Record& record : records) all.push_back(&record);
        return Corrections(all);
    };
    const Measures predicted = chip_measures_of(2000, 700, 3e6);
    CHECK(corrections().expected(predicted) == predicted);
    records.push_back(measured_record(1000, 1200));
    const Measures expected = corrections().expected(predicted);
    CHECK(*expected[Measure::flash] == doctest::Approx(2400));
    CHECK(*expected[Measure::ram] == 700);
    CHECK(*expected[Measure::cycles] == doctest::Approx(6e6));
    CHECK(*corrections().of(records[1].outcome)[Measure::flash] == 1300);
}

TEST_CASE("a limit is held by the slowest sample and a hundredth, by a prediction with its margin") {
    Outcome outcome;
    outcome.measures = chip_measures_of(9000, 500, 1e6); // 62.5 ms
    const Limits limits = {{Measure::milliseconds, 62.6}};
    CHECK(holds(outcome, limits));
    take_measured(outcome, outcome.measures);
    CHECK(!holds(outcome, limits));
    CHECK(holds(outcome, {{Measure::milliseconds, 63.2}}));
    const cost::Margins margins{0.1, 30, 0.25};
    const Limits tight =
        tightened({{Measure::flash, 1100}, {Measure::ram, 512}, {Measure::cycles, 5000}, {Measure::macs, 7}}, margins);
    CHECK(tight.at(Measure::flash) == doctest::Approx(1000));
    CHECK(tight.at(Measure::ram) == 482);
    CHECK(tight.at(Measure::cycles) == 4000);
    CHECK(tight.at(Measure::macs) == 7);
    CHECK(tightened({{Measure::ram, 10}}, margins).at(Measure::ram) == 0);
}

TEST_CASE("a network is near a limit where its chip may tell either way") {
    const cost::Margins margins{0.1, 30, 0.25};
    const auto near = [&](Measure measure, double limit) {
        return near_limit(chip_measures_of(1000, 500, 4000), {{measure, limit}}, margins);
    };
    CHECK(near(Measure::flash, 1100));
    CHECK(near(Measure::flash, 901));
    CHECK(!near(Measure::flash, 1101));
    CHECK(!near(Measure::flash, 899));
    CHECK(near(Measure::ram, 529));
    CHECK(!near(Measure::ram, 531));
    CHECK(near(Measure::cycles, 3000));
    CHECK(!near(Measure::cycles, 2999));
    CHECK(!near(Measure::model_size, 1));
}

TEST_CASE("a run that measures ends with a front that was measured whole and holds its limits") {
    for (const Measuring when : {Measuring::front, Measuring::end}) {
        const Folder folder("measured");
        const auto chip = std::make_shared<FakeChip>();
        const RunLog log = chip_run(60, 2, when);
        const SearchResult result = search_in(folder.path(), log, chip_evaluator(log.head.space, chip));
        const auto front = measured_front(result.log);
        CHECK(front.size() >= 4);
        for (const Record* record : front) {
            REQUIRE(record->outcome.predicted);
            const Measures told = FakeChip::told_of(model_path(folder.path(), record->trial.number));
            for (const Measure measure : chip_measures) CHECK(record->outcome.measures[measure] == told[measure]);
            CHECK(*told[Measure::flash] <= 7000);
            CHECK(1.01 * *told[Measure::milliseconds] <= 60);
        }
        CHECK(chip->measurements < 60);
        const RunLog read = read_run(folder.path());
        CHECK(measured_front(read).size() == front.size());
        REQUIRE(read.records.size() == result.log.records.size());
        std::size_t early = 0;
        const std::string journal = read_file(journal_path(folder.path()));
        for (const Record& record : read.records) early += record.outcome.predicted.has_value();
        CHECK((journal.find("{\"measured\":") != journal.npos || when == Measuring::front));
        CHECK(early == chip->measurements);
        for (std::size_t i = 0; i < read.records.size(); ++i) {
            CHECK(read.records[i].outcome.measures == result.log.records[i].outcome.measures);
            CHECK(read.records[i].outcome.predicted == result.log.records[i].outcome.predicted);
            CHECK(read.records[i].feasible == result.log.records[i].feasible);
        }
    }
}

TEST_CASE("the journal of a run that measures is the same however its workers interleave, killed and resumed or not") {
    const auto lines = [](int jobs, std::size_t cut) {
        const Folder folder("measured_again");
        const RunLog log = chip_run(40, jobs, Measuring::front);
        const auto chip = std::make_shared<FakeChip>();
        const Evaluator evaluator = chip_evaluator(log.head.space, chip);
        search_in(folder.path(), log, evaluator);
        if (cut > 0) {
            const std::string whole = read_file(journal_path(folder.path()));
            std::ofstream(journal_path(folder.path())) << whole.substr(0, std::min(whole.size() - 1, cut));
            search_in(folder.path(), log, evaluator);
        }
        return timeless_lines(folder.path());
    };
    const std::vector<std::string> unbroken = lines(3, 0);
    CHECK(lines(3, 0) == unbroken);
    std::size_t bytes = 0;
    for (const std::string& line : unbroken) bytes += line.size();
    for (const std::size_t cut : {bytes / 3, bytes - 1500, bytes - 700, bytes - 100}) CHECK(lines(3, cut) == unbroken);
}

TEST_CASE("broken limits are those that a measure is above, of a measured time with a hundredth to spare") {
    Outcome outcome;
    outcome.measures[Measure::flash] = 7001;
    outcome.measures[Measure::milliseconds] = 59.9;
    const Limits limits = {{Measure::flash, 7000}, {Measure::milliseconds, 60}, {Measure::ram, 1}};
    CHECK(broken_limits(outcome, limits) == Limits{{Measure::flash, 7000}});
    CHECK_FALSE(holds(outcome, limits));
    take_measured(outcome, outcome.measures);
    CHECK(broken_limits(outcome, limits) == Limits{{Measure::flash, 7000}, {Measure::milliseconds, 60}});
    CHECK(broken_limits(outcome, {{Measure::flash, 7001}}).empty());
    CHECK(holds(outcome, {{Measure::flash, 7001}}));
}

TEST_CASE("without measuring, predictions hold the limits with their margin, and no chip is asked") {
    const Folder folder("unmeasured");
    const auto chip = std::make_shared<FakeChip>();
    RunLog log = chip_run(60, 1, Measuring::off);
    Evaluator evaluator = chip_evaluator(log.head.space, chip);
    const SearchResult result = search_in(folder.path(), log, evaluator);
    CHECK(chip->measurements == 0);
    for (const Record* record : measured_front(result.log)) {
        CHECK(*record->outcome.measures[Measure::flash] <= 7000 / 1.1 + 1e-9);
        CHECK(*record->outcome.measures[Measure::milliseconds] <= 60 / 1.21 + 1e-9);
        CHECK(!record->outcome.predicted);
    }
}

TEST_CASE("a run without objectives or limits that a chip tells never asks one") {
    const Folder folder("no_chip");
    const auto chip = std::make_shared<FakeChip>();
    RunLog log = chip_run(30, 1, Measuring::front);
    log.head.objectives = parse_objectives("paper");
    log.head.limits = {{Measure::working_memory, 2007}};
    search_in(folder.path(), log, chip_evaluator(log.head.space, chip));
    CHECK(chip->measurements == 0);
}

TEST_CASE("a network that the chip cannot run is on no front, and the machine's own faults end the search") {
    const Folder folder("refusing_chip");
    const auto chip = std::make_shared<FakeChip>();
    const RunLog log = chip_run(60, 1, Measuring::front);
    Evaluator evaluator = chip_evaluator(log.head.space, chip);
    evaluator.measure = [chip, measure = evaluator.measure](const std::string& path) {
        const Measures told = measure(path);
        if (*told[Measure::flash] > 6000) throw Error("the program does not fit fake");
        return told;
    };
    const SearchResult result = search_in(folder.path(), log, evaluator);
    bool refused = false;
    for (const Record& record : result.log.records) refused = refused || record.outcome.failure;
    CHECK(refused);
    for (const Record* record : measured_front(result.log)) CHECK(*record->outcome.measures[Measure::flash] <= 6000);
    const Folder other("full_disk");
    evaluator.measure = [](const std::string&) -> Measures { throw SystemError("cannot write", ENOSPC); };
    CHECK_THROWS_AS(search_in(other.path(), log, evaluator), SystemError);
}

TEST_CASE("a run that measures does not go on without its chip") {
    const Folder folder("chipless");
    const RunLog log = chip_run(10, 1, Measuring::front);
    Evaluator evaluator = chip_evaluator(log.head.space, std::make_shared<FakeChip>());
    evaluator.measure = nullptr;
    CHECK_THROWS_WITH_AS(search_in(folder.path(), log, evaluator), doctest::Contains("there is none here"), Error);
}
