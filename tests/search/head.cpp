// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/search/head.hpp"
#include "fake.hpp"

using namespace tinysparse;
using namespace tinysparse::search;
using namespace tinysparse::search::test;

TEST_CASE("a head comes back from its line with all that it holds") {
    RunHead head = new_run(10, 2, 77).head;
    head.command = {"search", "--data", "a b"};
    head.data_digest = 0xfedcba9876543210u;
    head.target = "uno";
    head.target_digest = 0xabcd;
    head.acquisition = "tchebyshev";
    head.kernel = "arc";
    head.inherit = false;
    head.objectives = parse_objectives("error,flash,ram");
    head.limits = {{Measure::milliseconds, 12.5}, {Measure::weight_bytes, 1.96 * 1024}, {Measure::ram, 942.4}};
    head.fidelities = {2, 7, 19};
    head.folder = "/home/user/here";
    head.error = judge::ErrorKind::macro_f1;
    head.class_weights = nn::ClassWeights::balanced;
    head.validation_counts = {3, 0, 5};
    head.validation_groups = 4;
    head.data_notes = {"the classes are not balanced", "3 rows are left out"};
    head.trivial_error = 0.75;
    head.smallest_error = 0.0125;
    const json::Value line = to_json(head);
    const RunHead again = head_from_json(json::Reader(line, "line"));
    CHECK(to_json(again) == line);
    CHECK(again.format == journal_format);
    CHECK(again.build == this_build());
    CHECK(again.space_digest == space::table_digest());
    CHECK(again.target_digest == 0xabcdu);
    CHECK(again.error == judge::ErrorKind::macro_f1);
    CHECK(again.validation_counts == std::vector<std::size_t>{3, 0, 5});
    CHECK(again.class_weights == nn::ClassWeights::balanced);
    CHECK(again.folder == "/home/user/here");
    CHECK(again.validation_groups == 4);
    CHECK(again.data_notes == head.data_notes);
    const json::Value whole = to_json(head);
    for (const char* member : {"command",
                               "folder",
                               "build",
                               "seed",
                               "data",
                               "data_digest",
                               "target",
                               "acquisition",
                               "kernel",
                               "inherit",
                               "objectives",
                               "limits",
                               "epochs",
                               "error",
                               "class_weights",
                               "trivial_error",
                               "smallest_error",
                               "validation_counts",
                               "validation_groups",
                               "data_notes",
                               "space"}) {
        json::Value broken = whole;
        broken[member] = nullptr;
        CAPTURE(member);
        CHECK_THROWS_WITH_AS(head_from_json(json::Reader(broken, "line")), doctest::Contains(member), Error);
    }
    for (const auto& change : std::initializer_list<std::pair<const char*, json::Value>>{
             {"format", 0},
             {"format", journal_format + 1},
             {"objectives", json::array()},
             {"objectives", json::array({"error"})},
             {"objectives", json::array({"flash", "ram"})},
             {"objectives", json::array({"error", "flash", "flash"})},
             {"limits", json::object({{"flash", -1}})},
             {"limits", json::object({{"flesh", 1}})},
             {"epochs", json::array({0, 3, 9})},
             {"epochs", json::array({9, 3, 20})},
             {"epochs", json::array({1, 2, 2000000000})},
             {"trivial_error", 1.5},
             {"smallest_error", 0},
             {"smallest_error", 0.8},
             {"space_digest", 7},
             {"space", json::object({{"input", json::array({1, 0, 0})}, {"classes", 10}, {"narrowed", ""}})},
             {"space", json::object({{"input", json::array({1, 8})}, {"classes", 9}, {"narrowed", ""}})},
             {"space", json::object({{"input", json::array({1, 8, 8})}, {"classes", 0}, {"narrowed", ""}})},
             {"space", json::object({{"input", json::array({1, 8, 70000})}, {"classes", 2}, {"narrowed", ""}})}}) {
        const char* const member = change.first;
        const json::Value& value = change.second;
        json::Value senseless = whole;
        senseless[member] = value;
        CAPTURE(member);
        CAPTURE(json::write(value));
        CHECK_THROWS_WITH_AS(head_from_json(json::Reader(senseless, "line")), doctest::Contains(member), Error);
    }
    json::Value unknown = whole;
    unknown["class_weights"] = "square";
    CHECK_THROWS_WITH_AS(head_from_json(json::Reader(unknown, "line")),
                         doctest::Contains("'square' is neither none nor balanced"), Error);
    unknown["error"] = "kappa";
    CHECK_THROWS_WITH_AS(head_from_json(json::Reader(unknown, "line")),
                         doctest::Contains("'kappa' is not one of plain, balanced, macro-f1"), Error);
}

TEST_CASE("a run goes on in the format and the space that it began with, and nowhere else") {
    RunHead head = new_run(10, 1).head;
    CHECK_NOTHROW(check_resumable(head, "run"));
    head.space_digest = 1;
    head.build = {"0.9.0", "abc", "g++ 1.2.3", "SSE2"};
    CHECK_THROWS_WITH_AS(
        check_resumable(head, "run"),
        "run: the space of networks is not the one that the run began with, tinysparse 0.9.0 (abc, "
        "g++ 1.2.3, SSE2); go on with the program that began it, or begin a new run with another --out",
        Error);
    head.format = journal_format + 1;
    CHECK_THROWS_WITH_AS(check_resumable(head, "run"), doctest::Contains("the run has format"), Error);
    head.space_digest = space::table_digest();
    for (int format = 1; format <= journal_format; ++format) {
        head.format = format;
        CAPTURE(format);
        if (format == 2)
            CHECK_THROWS_AS(check_resumable(head, "run"), Error);
        else
            CHECK_NOTHROW(check_resumable(head, "run"));
        CHECK(begins_with_baseline(head) == (format >= 4));
    }
}

TEST_CASE("two heads are of one run unless something differs that a trial depends on") {
    const RunHead head = new_run(10, 1).head;
    RunHead other = head;
    other.command = {"search", "--resume"};
    other.build.revision = "abc";
    other.data = "elsewhere";
    other.folder.clear();
    other.data_notes = {"a note"};
    CHECK_NOTHROW(check_same_run(head, other, "run"));
    const auto differs = [&](const char* member, auto change) {
        RunHead changed = head;
        change(changed);
        CHECK_THROWS_WITH_AS(check_same_run(head, changed, "run"),
                             text("run: the run in this folder has another ", member, "; use another --out").c_str(),
                             Error);
    };
    differs("seed", [](RunHead& changed) { changed.seed = 2; });
    differs("data_digest", [](RunHead& changed) { changed.data_digest = 2; });
    differs("target_digest", [](RunHead& changed) { changed.target_digest = 2; });
    differs("space_digest", [](RunHead& changed) { changed.space_digest = 2; });
    differs("objectives", [](RunHead& changed) { changed.objectives = {Measure::error, Measure::macs}; });
    differs("error", [](RunHead& changed) { changed.error = judge::ErrorKind::balanced; });
    differs("inherit", [](RunHead& changed) { changed.inherit = false; });
    differs("limits", [](RunHead& changed) { changed.limits.clear(); });
    differs("epochs", [](RunHead& changed) { changed.fidelities.final = 26; });
    differs("space", [](RunHead& changed) { changed.space.classes = 9; });
}
