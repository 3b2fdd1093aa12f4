// SPDX-License-Identifier: Apache-2.0
// Journals whose checksums are right and whose contents are not: every leaf of every line replaced by what makes no
// sense. Readers refuse with an Error or give a right result; a sanitiser sees the rest.
#include "../fuzz/mutate.hpp"
#include "fake.hpp"
#include "tinysparse/report/page.hpp"
#include "tinysparse/search/repair.hpp"
#include "tinysparse/search/search.hpp"

using namespace tinysparse;
using namespace tinysparse::search;
using namespace tinysparse::search::test;

namespace {

void find_leaves(json::Value& value, std::vector<json::Value*>& leaves) {
    if (json::Array* items = value.array(); items && !items->empty()) {
        for (json::Value& item : *items) find_leaves(item, leaves);
    } else if (json::Object* members = value.object(); members && !members->empty()) {
        for (auto& [key, member] : *members)
            if (key != "crc") find_leaves(member, leaves);
    } else {
        leaves.push_back(&value);
    }
}

std::string sealed(json::Value line) {
    std::erase_if(*line.object(), [](const json::Member& one) { return one.first == "crc"; });
    return search::detail::sealed_line(line) + "\n";
}

std::vector<json::Value> lines_of(const std::string& run) {
    return Journal(text(TINYSPARSE_TEST_FIXTURES "/", run, "/journal.jsonl")).read(false);
}

/// A journal of the present format.
std::vector<json::Value> present_lines() {
    RunLog log = read_run(TINYSPARSE_TEST_FIXTURES "/run_classes");
    log.head.format = journal_format;
    log.head.build = this_build();
    log.head.space_digest = space::table_digest();
    log.head.target_digest = 1;
    log.head.measuring = Measuring::end;
    log.head.measured_with = "avr-g++ (GCC) 5.4.0";
    take_measured(log.records[1].outcome, log.records[1].outcome.measures);
    std::vector<json::Value> lines = {json::object({{"run", to_json(log.head)}, {"goal", to_json(log.goal)}})};
    for (Record& record : log.records) {
        record.outcome.weights_digest = 1;
        lines.push_back(to_json(record, log.head.space));
    }
    lines.push_back(json::object({{"lost", json::array({7})}}));
    json::Value measured = json::array();
    for (const std::size_t i : {2, 3}) measured.push_back(to_json(Measurement{i, log.records[i].outcome.measures, {}}));
    measured.push_back(to_json(Measurement{0, {}, "the program does not fit uno"}));
    lines.push_back(json::object({{"measured", std::move(measured)}, {"elapsed", log.elapsed}}));
    log.end->without_model = {3};
    lines.push_back(json::object({{"end", to_json(*log.end)}, {"elapsed", log.elapsed}}));
    return lines;
}

/// All that is made of a journal without its models; false if it was refused.
bool use(const Folder& folder, const std::string& bytes) {
    std::ofstream(journal_path(folder.path())) << bytes;
    try {
        const RunLog log = read_run(folder.path());
        const std::vector<report::FrontPoint> points = report::front_points(log);
        CHECK_FALSE(report::front_table(log, points).empty());
        report::front_csv("run", log, points);
        report::validation_warning(log, points);
        CHECK_FALSE(report::page("run", log, {}).empty());
        return true;
    } catch (const Error& error) {
        CHECK_FALSE(std::string_view(error.what()).empty());
        return false;
    }
}

/// Goes on with the run for two trials of a fake.
void go_on(const Folder& folder) {
    const RunFolder locked(folder.path());
    RunLog log = *locked.read();
    std::size_t next = 0;
    for (const Record& record : log.records) next = std::max(next, record.trial.number + 1);
    if (next > 100) return; // a trial far away: by trials, all before it would have been
    log.goal = {std::nullopt, next + 2, 1};
    std::filesystem::create_directories(folder.path() + "/models");
    try {
        run_search(locked, log, chip_evaluator(log.head.space, std::make_shared<FakeChip>()));
    } catch (const Error& error) {
        CHECK_FALSE(std::string_view(error.what()).empty());
    }
}

} // namespace

TEST_CASE("a senseless value anywhere in a sealed line is refused, or does no harm") {
    const json::Value senseless[] = {0,
                                     -1,
                                     0.5,
                                     1e308,
                                     -1e308,
                                     9007199254740992.0,
                                     2000000000,
                                     nullptr,
                                     "",
                                     "x",
                                     "\n",
                                     true,
                                     json::array(),
                                     json::object(),
                                     json::array({1, 2, 3}),
                                     std::string(5000, '9')};
    const Folder folder("senseless");
    std::filesystem::create_directories(folder.path());
    std::size_t used = 0, refused = 0;
    for (std::vector<json::Value> lines : {lines_of("run_numbers"), present_lines()}) {
        for (json::Value& line : lines) {
            if (const json::Value* const trial = line.find("trial"); trial && *trial->number() > 1) continue;
            std::vector<json::Value*> leaves;
            find_leaves(line, leaves);
            for (json::Value* leaf : leaves) {
                const json::Value right = *leaf;
                for (const json::Value& wrong : senseless) {
                    *leaf = wrong;
                    std::string bytes;
                    for (const json::Value& each : lines) bytes += sealed(each);
                    CAPTURE(json::write(line));
                    const bool good = use(folder, bytes);
                    (good ? used : refused) += 1;
                    if (good && (used + refused) % 7 == 0) go_on(folder);
                }
                *leaf = right;
            }
        }
    }
    CHECK(used > 100);
    CHECK(refused > 1000);
}

TEST_CASE("any bytes in place of a journal are refused or read, by readers and by repair") {
    const Folder folder("mutants");
    std::filesystem::create_directories(folder.path());
    std::vector<std::string> inputs;
    for (const char* run : {"run_classes", "run_numbers"})
        inputs.push_back(read_file(text(TINYSPARSE_TEST_FIXTURES "/", run, "/journal.jsonl")));
    fuzzing::fuzz(inputs, 1000, [&](std::string_view bytes) {
        std::ofstream(journal_path(folder.path())) << bytes;
        try {
            read_run(folder.path());
        } catch (const Error&) {
            Repair done;
            {
                const RunFolder locked(folder.path());
                done = repair(locked);
            }
            if (!done.old_file.empty()) std::filesystem::remove(done.old_file);
            read_run(folder.path()); // what repair leaves can be read
            throw;
        }
    });
}
