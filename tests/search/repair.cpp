// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/search/repair.hpp"
#include "fake.hpp"
#include "tinysparse/search/search.hpp"
#include <atomic>
#include <memory>

using namespace tinysparse;
using namespace tinysparse::search;
using namespace tinysparse::search::test;

namespace {

/// A clock that goes on by a tenth of a second each time it is read.
Hooks by_ticks() {
    Hooks hooks;
    hooks.now = [ticks = std::make_shared<std::atomic<int>>(0)] { return 0.1 * ++*ticks; };
    return hooks;
}

/// A finished run, whose journal can be changed.
struct Finished {
    Folder folder{"repair"};
    RunLog log;
    std::string bytes;
    std::vector<std::string> lines; // with their newlines

    Evaluator evaluator;

    explicit Finished(const RunLog& begun) : Finished(begun, fake_evaluator(begun.head.space)) {}
    Finished(const RunLog& begun, const Evaluator& own) : log(begun), evaluator(own) {
        {
            const RunFolder locked(folder.path());
            run_search(locked, log, evaluator, by_ticks());
        }
        bytes = read_file(journal());
        for (const std::string& line : split(bytes, '\n'))
            if (!line.empty()) lines.push_back(line + "\n");
    }
    std::string journal() const { return journal_path(folder.path()); }
    void replace(const std::string& by) const { std::ofstream(journal()) << by; }
    Repair repaired() const {
        const RunFolder locked(folder.path());
        return repair(locked);
    }
    void resume() const {
        const RunFolder locked(folder.path());
        run_search(locked, locked.read().value(), evaluator, by_ticks());
    }
    /// What the journal says of each trial and at its end, whatever the order.
    std::set<std::string> said() const {
        std::set<std::string> said;
        for (const std::string& line : timeless_lines(folder.path()))
            if (line.find("\"lost\"") == line.npos) said.insert(line);
        return said;
    }
};

std::string without(std::vector<std::string> lines, std::size_t line, const std::string& by = "") {
    lines[line] = by;
    return join(lines, "");
}

/// A record's line with another member, sealed.
std::string changed(const std::string& line, const std::string& member, const json::Value& value) {
    json::Value object = json::parse(line, "line");
    std::erase_if(*object.object(), [](const json::Member& one) { return one.first == "crc"; });
    object[member] = value;
    return search::detail::sealed_line(object) + "\n";
}

} // namespace

TEST_CASE("one flipped bit loses one record, which a search by trials runs again") {
    for (const int jobs : {1, 2}) {
        const Finished run(new_run(12, jobs));
        const std::set<std::string> expected = run.said();
        Random random(1, "flip");
        for (std::size_t line = 1; line < run.lines.size(); ++line) {
            std::string damaged = run.lines[line];
            const std::size_t at = random.below(std::uint32_t(damaged.size()));
            damaged[at] = char(damaged[at] ^ (1 << random.below(8)));
            CAPTURE(line);
            CAPTURE(damaged);
            run.replace(without(run.lines, line, damaged));
            CHECK_THROWS_WITH_AS(read_run(run.folder.path()), doctest::Contains("tinysparse repair "), Error);
            const Repair done = run.repaired();
            CHECK(read_file(done.old_file) == without(run.lines, line, damaged));
            CHECK(done.left_out.size() >= 1);
            const RunLog left = read_run(run.folder.path());
            CHECK(left.records.size() >= 11);
            CHECK(left.lost == done.lost);
            run.resume();
            CHECK(run.said() == expected);
            CHECK(read_run(run.folder.path()).lost.empty());
        }
    }
}

TEST_CASE("what is left out is named by line and trial, and the old file is kept under a name that no file had") {
    const Finished run(new_run(8, 1));
    std::string damaged = run.lines[4];
    damaged[damaged.find("\"seed\":") + 8] ^= 1;
    run.replace(without(run.lines, 4, damaged));
    const Repair done = run.repaired();
    CHECK(done.lines == 10);
    CHECK(done.kept == 9);
    CHECK(done.lost == std::set<std::size_t>{3});
    CHECK(done.left_out == std::vector<std::string>{"line 5: it does not fit its checksum; it seems to be of trial 3"});
    CHECK(done.old_file == run.journal() + ".damaged");
    const std::string once = read_file(run.journal());
    CHECK(once.starts_with(without(run.lines, 4)));
    const Repair nothing = run.repaired();
    CHECK(nothing.old_file.empty());
    CHECK(read_file(run.journal()) == once);
    run.replace(without(run.lines, 4, damaged));
    CHECK(run.repaired().old_file == run.journal() + ".damaged-2");
}

TEST_CASE("what editors and git made of a journal, and a lost newline, are undone") {
    const Finished run(new_run(5, 1));
    for (const std::string& edited :
         {replaced(run.bytes, "\n", "\r\n"), "\xef\xbb\xbf" + run.bytes, replaced(run.bytes, "\n", "\n\n"),
          run.bytes.substr(0, run.bytes.size() - 1), run.bytes + "{\"torn\":"}) {
        run.replace(edited);
        const Repair done = run.repaired();
        CHECK(done.left_out.empty());
        CHECK(done.changes.size() == 1);
        CHECK(read_file(run.journal()) == run.bytes);
    }
    std::string joined = run.bytes;
    joined[run.lines[0].size() + run.lines[1].size() - 1] = 'x';
    run.replace(joined);
    CHECK(run.repaired().lost.empty()); // both of the lines that it parted are whole
    CHECK(read_file(run.journal()) == run.bytes);
}

TEST_CASE("two searches in one folder are said as such, and the trials of the first are kept") {
    const Finished run(new_run(6, 1));
    run.replace(run.bytes + changed(run.lines[3], "elapsed", 1e6));
    CHECK_THROWS_WITH_AS(read_run(run.folder.path()),
                         doctest::Contains("trial: trial 2 stands in line 4, too: two searches worked in this folder"),
                         Error);
    CHECK(run.repaired().left_out ==
          std::vector<std::string>{"line 9: trial 2 stands in line 4, too: two searches worked here"});
    CHECK(read_run(run.folder.path()).records.size() == 6);
    run.replace(run.bytes + run.lines[0]);
    CHECK_THROWS_WITH_AS(read_run(run.folder.path()), doctest::Contains("another search began in the same folder"),
                         Error);
    CHECK(run.repaired().left_out == std::vector<std::string>{"line 9: another search that began here"});
}

TEST_CASE("without its head nothing can be made of a journal") {
    const Finished run(new_run(3, 1));
    std::string damaged = run.bytes;
    damaged[20] ^= 1;
    for (const std::string& headless : {damaged, without(run.lines, 0)}) {
        run.replace(headless);
        CHECK_THROWS_WITH_AS(run.repaired(), doctest::Contains("line 1, which says what was searched, is damaged"),
                             Error);
        CHECK(read_file(run.journal()) == headless);
    }
}

TEST_CASE("by time, children of a lost record stay, and their parent is marked as lost") {
    RunLog log = new_run(1, 1);
    log.goal = {60, std::nullopt, 1};
    const Finished run(log);
    const RunLog whole = read_run(run.folder.path());
    std::size_t line = 0;
    for (std::size_t i = 0; i < whole.records.size(); ++i)
        for (const Record& other : whole.records)
            if (line == 0 && other.trial.parent == whole.records[i].trial.number) line = i + 1;
    REQUIRE(line > 0);
    const std::size_t parent = whole.records[line - 1].trial.number;
    run.replace(without(run.lines, line));
    CHECK_THROWS_WITH_AS(read_run(run.folder.path()),
                         doctest::Contains(text("parent: trial ", parent, " does not stand before it").c_str()), Error);
    run.replace(without(run.lines, line, "{\"trial\":x\n"));
    CHECK(run.repaired().lost == std::set<std::size_t>{parent});
    const RunLog left = read_run(run.folder.path());
    CHECK(left.records.size() + 1 == whole.records.size());
    CHECK(left.lost == std::set<std::size_t>{parent});
    run.resume();
    CHECK(read_run(run.folder.path()).lost == std::set<std::size_t>{parent}); // time went on: it is not run again
}

TEST_CASE("failures that were the machine's are taken out and run again") {
    const Finished run(new_run(10, 1));
    const std::set<std::string> expected = run.said();
    std::vector<std::string> lines = run.lines;
    for (const auto& [line, reason] :
         {std::pair(5, "r/models/4.tsm: cannot write: No space left on device"), {8, "out of memory"}}) {
        json::Value failed = json::parse(lines[std::size_t(line)], "line");
        std::erase_if(*failed.object(), [](const json::Member& one) {
            return one.first == "crc" || one.first == "status" || one.first == "measures";
        });
        failed["status"] = "failed";
        failed["reason"] = reason;
        lines[std::size_t(line)] = search::detail::sealed_line(failed) + "\n";
    }
    run.replace(join(lines, ""));
    CHECK(read_run(run.folder.path()).records.size() == 10);
    const Repair done = run.repaired();
    CHECK(done.lost == std::set<std::size_t>{4, 7});
    CHECK(done.left_out[1] == "line 9: trial 7 failed by no fault of its network: out of memory");
    run.resume();
    CHECK(run.said() == expected);
    CHECK_FALSE(is_fault_of_machine("the loss is not finite after 7 steps"));
}

namespace {

Finished measured_run(int jobs) {
    const RunLog log = chip_run(20, jobs, Measuring::end);
    return {log, chip_evaluator(log.head.space, std::make_shared<FakeChip>())};
}

/// Numbers of the lines that begin so, counted from 0.
std::vector<std::size_t> lines_that_begin(const std::vector<std::string>& lines, std::string_view begin) {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < lines.size(); ++i)
        if (lines[i].starts_with(begin)) found.push_back(i);
    return found;
}

} // namespace

TEST_CASE("of a run that measured, a flipped bit loses a line, and what is trained or measured again is the same") {
    const Finished run = measured_run(1);
    const std::set<std::string> expected = run.said();
    REQUIRE(lines_that_begin(run.lines, "{\"measured\":").size() >= 1);
    Random random(1, "flip");
    for (std::size_t line = 1; line < run.lines.size(); ++line) {
        std::string damaged = run.lines[line];
        const std::size_t at = random.below(std::uint32_t(damaged.size() - 1));
        damaged[at] = char(damaged[at] ^ (1 << random.below(8)));
        CAPTURE(line);
        CAPTURE(damaged);
        run.replace(without(run.lines, line, damaged));
        CHECK(run.repaired().left_out.size() >= 1);
        CHECK(read_run(run.folder.path()).records.size() >= 19);
        run.resume();
        CHECK(run.said() == expected);
    }
}

TEST_CASE("repair keeps the measurements of networks that it keeps, once, and leaves out others") {
    const Finished run = measured_run(1);
    const std::size_t line = lines_that_begin(run.lines, "{\"measured\":").front();
    const json::Value measured = json::parse(run.lines[line], "line").at("measured").value();
    const auto trial = measured.array()->front().at("of").as<std::size_t>();
    run.replace(without(run.lines, 1, "x\n")); // trial 0, that is with all trials there would be
    const Repair lost = run.repaired();
    REQUIRE(lost.lost == std::set<std::size_t>{0});
    CHECK(lost.left_out.back().find("its measurements are made again, after what is lost above it") !=
          std::string::npos);
    CHECK(read_file(run.journal()).find("{\"measured\":") == std::string::npos);

    run.replace(run.bytes + changed(run.lines[line], "elapsed", 1e6));
    CHECK_THROWS_WITH_AS(read_run(run.folder.path()), doctest::Contains("was measured before"), Error);
    CHECK(run.repaired().left_out ==
          std::vector<std::string>{text("line ", run.lines.size() + 1, ": it has a measurement of trial ", trial,
                                        ", which has no network above it, or was measured there; a search measures "
                                        "again")});
    CHECK(read_file(run.journal()).starts_with(run.bytes));

    run.replace(without(run.lines, line, changed(run.lines[line], "elapsed", 0)));
    CHECK_THROWS_WITH_AS(read_run(run.folder.path()), doctest::Contains("elapsed: expected at least"), Error);
    CHECK(run.repaired().left_out.front().find("its time is before that of a line above it") != std::string::npos);
    run.resume();
    CHECK(measured_front(read_run(run.folder.path())).size() > 0);
}
