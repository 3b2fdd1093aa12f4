// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/search/run_folder.hpp"
#include "fake.hpp"
#include "tinysparse/search/search.hpp"
#include <chrono>
#include <memory>
#include <thread>

using namespace tinysparse;
using namespace tinysparse::search;
using namespace tinysparse::search::test;

namespace {

void write_letter(const std::string& path) { std::ofstream(path) << "x"; }

} // namespace

TEST_CASE("a folder in which no run began is left as it was found") {
    const Folder folder("found");
    const std::string deep = folder.path() + "/a/b/run";
    {
        const RunFolder locked(deep);
        CHECK(std::filesystem::exists(deep + "/lock"));
        CHECK(std::filesystem::exists(deep + "/models"));
        CHECK_FALSE(locked.read());
    }
    CHECK_FALSE(std::filesystem::exists(folder.path()));
    std::filesystem::create_directories(deep);
    write_letter(deep + "/notes");
    { const RunFolder locked(deep); }
    CHECK(std::distance(std::filesystem::directory_iterator(deep), {}) == 1);
    std::filesystem::remove(deep + "/notes");
    { const RunFolder locked(deep); }
    CHECK(std::filesystem::exists(deep)); // it was there before
    {
        const RunFolder locked(deep);
        run_search(locked, new_run(2, 1), fake_evaluator(new_run(2, 1).head.space));
    }
    CHECK(std::filesystem::exists(deep + "/lock"));
}

TEST_CASE("what killed searches left half written is removed, and nothing else") {
    const Folder folder("parts");
    std::filesystem::create_directories(folder.path() + "/models");
    const std::vector<std::string> kept = {"/models/1.tsm",           "/models/1.tsm.part",  "/models/1.tsm.party7",
                                           "/journal.jsonl.part.txt", "/report.html.part12", "/notes.part3"},
                                   gone = {"/models/1.tsm.part123", "/models/27.tsm.part4.1", "/journal.jsonl.part77"};
    for (const auto& names : {kept, gone})
        for (const std::string& name : names) write_letter(folder.path() + name);
    { const RunFolder locked(folder.path()); }
    for (const std::string& name : kept) CHECK_MESSAGE(std::filesystem::exists(folder.path() + name), name);
    for (const std::string& name : gone) CHECK_MESSAGE(!std::filesystem::exists(folder.path() + name), name);
}

TEST_CASE("a lock that its holder has removed holds nobody off, and keeps two from one folder") {
    const Folder folder("relocked");
    std::filesystem::create_directories(folder.path());
    for (int round = 0; round < 3; ++round) {
        const RunFolder locked(folder.path());
        CHECK_THROWS_WITH_AS(RunFolder(folder.path()), doctest::Contains("another search works on this run"), Error);
        CHECK(std::filesystem::exists(folder.path() + "/lock")); // the one that was refused took nothing away
    }
    CHECK_FALSE(std::filesystem::exists(folder.path() + "/lock"));
}

TEST_CASE("a lock that a killed search's child holds for a moment keeps nobody off") {
    const Folder folder("lingering");
    auto held = std::make_unique<RunFolder>(folder.path());
    std::thread child([&held] {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        held.reset();
    });
    CHECK_NOTHROW(RunFolder(folder.path()));
    child.join();
}
