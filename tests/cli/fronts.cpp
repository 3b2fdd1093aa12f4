// SPDX-License-Identifier: Apache-2.0
// Models of a run by their id or by a rule in every command, runs where a model is asked for, every trial and every
// training as data, and limits that say why they are what they are.
#include "shell.hpp"
#include <algorithm>
#include <doctest/doctest.h>
#include <filesystem>

#include "tinysparse/base/json.hpp"
#include "tinysparse/report/front.hpp"

using namespace tinysparse;
using testing::shell;
using testing::ShellAnswer;
using testing::skipped;
using testing::strokes;

namespace {

/// A run of a few trials whose baseline breaks a limit, and its front.
struct Searched {
    ScratchFolder folder;
    search::RunLog log;
    std::vector<report::FrontPoint> points;

    Searched() {
        const ShellAnswer done = run("$TOOL search " + strokes +
                                     " --objectives error,model_size --limit model_size=700 --target none --trials 8 "
                                     "--jobs 2 --quiet --out run");
        CAPTURE(done.error);
        REQUIRE(done.status == 0);
        log = search::read_run(folder.path() + "/run");
        points = report::front_points(log);
        REQUIRE(!points.empty());
    }
    ShellAnswer run(const std::string& line) const { return shell(folder.path(), line); }
    const report::FrontPoint& best() const {
        return *std::max_element(points.begin(), points.end(),
                                 [](const auto& a, const auto& b) { return a.score() < b.score(); });
    }
};

std::string id_of(const report::FrontPoint& point) { return text("run#", point.record->trial.number); }

/// One line on standard error that has these words, and nothing on standard output.
void check_command_refused(const ShellAnswer& answer, int status, const std::string& words) {
    CAPTURE(answer.error);
    CHECK(answer.status == status);
    CHECK(answer.out.empty());
    CHECK(std::count(answer.error.begin(), answer.error.end(), '\n') == 1);
    CHECK(answer.error.find(words) != std::string::npos);
}

std::size_t count(const std::string& in, std::string_view what) {
    std::size_t found = 0;
    for (std::size_t at = in.find(what); at != in.npos; at = in.find(what, at + 1)) ++found;
    return found;
}

} // namespace

TEST_CASE("every command that takes RUN#ID takes a rule in its place, and says which model that is") {
    if (skipped()) return;
    const Searched run;
    const std::string best = id_of(run.best()), smallest = id_of(run.points.front());
    for (const auto& [rule, id] :
         {std::pair(std::string("best"), best), {"best@1MB", best}, {"smallest@0%", smallest}}) {
        const std::string model = "'run#" + rule + "'";
        for (const std::string& command : {std::string("show MODEL --json"), "eval MODEL --json " + strokes}) {
            CAPTURE(command);
            const ShellAnswer by_rule = run.run("$TOOL " + replaced(command, "MODEL", model));
            const ShellAnswer by_id = run.run("$TOOL " + replaced(command, "MODEL", id));
            CHECK(by_rule.status == 0);
            CHECK(by_id.status == 0);
            CHECK(by_rule.error == text("tinysparse: run#", rule, " is ", id, "\n", by_id.error));
            CHECK(replaced(by_rule.out, "\"run#" + rule + "\"", "\"" + id + "\"") == by_id.out);
        }
        const std::string folder = replaced(rule, "%", "");
        CHECK(run.run(text("$TOOL export ", model, " --target none --name digits -o 'a", folder, "'")).status == 0);
        CHECK(run.run(text("$TOOL export ", id, " --target none --name digits -o 'b", folder, "'")).status == 0);
        const auto code = [&](const char* where) { // the comment above it states the command
            const std::string header = read_file(text(run.folder.path(), where, folder, "/digits.h"));
            return header.substr(header.find("#ifndef"), header.rfind("#endif") - header.find("#ifndef"));
        };
        CHECK(code("/a") == code("/b"));
    }
    CHECK(run.run("$TOOL show 'run#fastest@0%'").status == 0);
    CHECK(run.run("$TOOL train " + strokes + " --net F10 --epochs 1 --quiet -o m.tsm --teacher 'run#best'").status ==
          0);
}

TEST_CASE("a rule that is none is refused with the rules, one that nothing satisfies with the nearest model") {
    if (skipped()) return;
    const Searched run;
    const std::string rules = "best, best@8KB, smallest@98.5% or fastest@98%; for target numbers "
                              "smallest@rmse=0.3";
    for (const char* word : {"nicest", "smallest", "best@", "x17", ""}) {
        CAPTURE(word);
        check_command_refused(run.run(text("$TOOL show 'run#", word, "'")), 2,
                              text("run#", word,
                                   ": expected a model file, or RUN#ID with a trial's number, such as run#17, or "
                                   "with a rule: ",
                                   rules));
    }
    check_command_refused(run.run("$TOOL show run#best@lots"), 2, "run#best@lots: expected a size in B");
    const double size = *run.points.front().measure(search::Measure::model_size);
    check_command_refused(run.run("$TOOL show run#best@2"), 1,
                          text("run#best@2: no model of the front is within 2 B of model size; the smallest, #",
                               run.points.front().record->trial.number, ", has ", report::count_cell(size), " B"));
    check_command_refused(run.run("$TOOL eval 'run#fastest@100%' " + strokes), 1,
                          text("; the best, #", run.best().record->trial.number, ", has "));
    check_command_refused(run.run("$TOOL show 'run#smallest@98'"), 2,
                          "run#smallest@98: expected a share in %, such as 5% or 0.05; add %: run#smallest@98%");
    check_command_refused(run.run("$TOOL show 'run#smallest@200%'"), 2, "expected a share in %, such as 5% or 0.05\n");
    check_command_refused(run.run("$TOOL show 'run#smallest@rmse=0.3'"), 2, "the run answers classes; give a share");
    check_command_refused(run.run("$TOOL front run --pick 'smallest@100%'"), 1,
                          "no model of the front reaches 100.00 %");
    check_command_refused(run.run("$TOOL front run --all --pick best"), 2, "give --all or --pick, not both");
}

TEST_CASE("a run in which no trial keeps within the limits says so wherever a model of it is asked for") {
    if (skipped()) return;
    const ScratchFolder folder;
    const ShellAnswer done = shell(folder.path(), "$TOOL search " + strokes +
                                                      " --objectives error,model_size --limit model_size=700 --target "
                                                      "none --trials 1 --quiet --out run");
    CHECK(done.status == 1); // the one trial is the baseline, which is larger
    const json::Value front = json::parse(shell(folder.path(), "$TOOL front run --json").out, "front");
    CHECK(front.at("limits").at("model_size").as<double>() == 700);
    for (const char* line : {"show run#best", "front run --pick best", "export run --target none -o x"})
        check_command_refused(shell(folder.path(), text("$TOOL ", line)), 1,
                              "no trial (of 1) keeps within all limits; ");
}

TEST_CASE("show and eval of a run list its front and say how to go on; others name its models") {
    if (skipped()) return;
    const Searched run;
    const ShellAnswer front = run.run("$TOOL front run");
    for (const char* command : {"show run", "eval run", "eval run --data synthetic:strokes"}) {
        CAPTURE(command);
        const ShellAnswer listed = run.run(text("$TOOL ", command));
        CHECK(listed.status == 0);
        CHECK(listed.out == front.out);
        CHECK(listed.error.find("run is the folder of a run, not a model; name one of its models") !=
              std::string::npos);
        for (const std::string& next :
             {"tinysparse show " + id_of(run.points.back()),
              "tinysparse eval " + id_of(run.points.back()) + " --data synthetic:strokes,samples=150",
              std::string("tinysparse export run#best --target none -o network")}) {
            CAPTURE(next);
            CHECK(listed.error.find("\n    " + next + "\n") != std::string::npos);
            CHECK(run.run(replaced(next, "tinysparse", "$TOOL")).status == 0);
        }
        std::filesystem::remove_all(run.folder.path() + "/network");
    }
    CHECK(run.run("$TOOL show run --json").out == run.run("$TOOL front run --json").out);
    for (const std::string& command :
         {std::string("export run --target none -o x"), std::string("export run -o x"), "simulate run " + strokes,
          "train " + strokes + " --net F10 -o m.tsm --quiet --init run"})
        if (const ShellAnswer answer = run.run("$TOOL " + command); answer.error.find("install") == std::string::npos)
            check_command_refused(answer, 1,
                                  text("run: this is a run and not a model; name a model of its front, such as ",
                                       id_of(run.points.front())));
    check_command_refused(run.run("mkdir empty; $TOOL show empty"), 1, "empty: the folder holds no run");
    check_command_refused(run.run("$TOOL eval m.tsm"), 2, "eval needs --data SPEC; see tinysparse eval --help");
}

TEST_CASE("front --all has every trial with origin, stage, status and measures") {
    if (skipped()) return;
    const Searched run;
    const ShellAnswer csv = run.run("$TOOL front run --all --csv"), document = run.run("$TOOL front run --all --json");
    CHECK(csv.error.empty());
    const std::vector<std::string> lines = split(csv.out, '\n');
    REQUIRE(lines.size() == run.log.records.size() + 2);
    for (const char* name : {"id", "origin", "stage", "status", "error", "model_size", "flash", "net"})
        CHECK(("," + lines[0] + ",").find(text(",", name, ",")) != std::string::npos);
    CHECK(lines[1].starts_with("0,\"baseline\",1,\"over limit\",model_size,"));
    const json::Value trials = json::parse(document.out, "trials");
    CHECK(trials.find("trials")->array()->size() == run.log.records.size());
    std::size_t members = 0;
    for (const json::Value& trial : *trials.find("trials")->array())
        members += trial.at("status").as<std::string>() == "front";
    CHECK(members == run.points.size());
    const ShellAnswer table = run.run("$TOOL front run --all"), narrow = run.run("COLUMNS=50 $TOOL front run --all");
    CHECK(table.out.find(" 0  baseline  ") != std::string::npos);
    CHECK(report::longest_line(table.out) > 50);
    CHECK(report::longest_line(narrow.out) <= 50);
}

TEST_CASE("a training gives its result as one document, and says how it gets on beside it") {
    if (skipped()) return;
    const ScratchFolder folder;
    const ShellAnswer done = shell(folder.path(), "$TOOL train " + strokes +
                                                      " --net 'A2 C4k3 M2 F10' --epochs 4 --prune magnitude --keep 0.5 "
                                                      "--json -o m.tsm");
    CAPTURE(done.error);
    REQUIRE(done.status == 0);
    CHECK(count(done.error, "tinysparse: epoch ") == 4);
    const json::Value result = json::parse(done.out, "train");
    const json::Value shown = json::parse(shell(folder.path(), "$TOOL show m.tsm --json").out, "show");
    const json::Value judged = json::parse(shell(folder.path(), "$TOOL eval m.tsm --json " + strokes).out, "eval");
    CHECK(result.at("model").as<std::string>() == "m.tsm");
    for (const char* key : {"net", "validation_accuracy", "test_accuracy", "weight_bytes", "nonzeros", "macs"})
        CHECK(*result.find(key) == *shown.find(key));
    CHECK(*result.find("test_accuracy") == *judged.find("test_accuracy"));
    CHECK(*result.find("test")->find("confusion") == *judged.find("confusion"));
    CHECK(result.find("flash") == nullptr); // which a board has
    CHECK(result.at("epochs").as<int>() == 4);
    const json::Reader layers = json::Reader(result, "train").at("pruned_layers");
    std::size_t weights = 0, kept = 0;
    for (const json::Reader& layer : layers.items()) {
        weights += layer.at("weights").as<std::size_t>();
        kept += layer.at("kept").as<std::size_t>();
    }
    CHECK(double(kept) == doctest::Approx(0.5 * double(weights)).epsilon(0.05));
    CHECK(result.at("nonzeros").as<std::size_t>() <= kept);
    const ShellAnswer quiet =
        shell(folder.path(), "$TOOL train " + strokes + " --net F10 --epochs 1 --json --quiet -o q.tsm");
    CHECK(quiet.error.empty());
    CHECK(json::parse(quiet.out, "train").find("pruned_layers")->array()->empty());
}

TEST_CASE("without a terminal a search says what improves its front; --verbose says all, --quiet nothing") {
    if (skipped()) return;
    const ScratchFolder folder;
    const auto lines = [&](const std::string& option) {
        const ShellAnswer done = shell(folder.path(), "$TOOL search " + strokes +
                                                          " --objectives paper --target none --trials 12 --jobs 1 "
                                                          "--out run" +
                                                          option + " " + option);
        CHECK(done.status == 0);
        CHECK(done.error.find('\x1b') == std::string::npos);
        return std::pair(count(done.error, "tinysparse: trial "), count(done.error, "  front\n"));
    };
    const auto [usual, improvements] = lines("");
    CHECK(usual == improvements);
    CHECK(improvements > 0);
    CHECK(lines("-v") == std::pair(std::size_t{12}, improvements));
    CHECK(lines("--quiet") == std::pair(std::size_t{0}, std::size_t{0}));
    check_command_refused(shell(folder.path(), "$TOOL search " + strokes + " -v --quiet --out both"), 2,
                          "give --quiet or --verbose, not both");
    CHECK_FALSE(std::filesystem::exists(folder.path() + "/both"));
}

TEST_CASE("a limit that leaves less than was asked for says why, at the beginning, in the front and in the report") {
    if (skipped()) return;
    const ScratchFolder folder;
    const ShellAnswer done =
        shell(folder.path(), "$TOOL search " + strokes + " --max-ram 1024 --measure off --trials 4 --jobs 1 --out run");
    CAPTURE(done.error);
    REQUIRE(done.status == 0);
    const std::string reason = "limit ram <= 840 B = 1 024 B - 184 B that an empty Arduino sketch takes; this cost is "
                               "only predicted, so at most ";
    CHECK(done.error.find("tinysparse: " + reason) != std::string::npos);
    CHECK(done.out.find("\n" + reason) != std::string::npos);
    CHECK(shell(folder.path(), "$TOOL front run").out == done.out);
    CHECK(shell(folder.path(), "$TOOL report run").status == 0);
    CHECK(read_file(folder.path() + "/run/report.html").find(">Limits</h2>") != std::string::npos);
    CHECK(read_file(folder.path() + "/run/report.html").find("1\u00a0024\u00a0B - 184\u00a0B that an empty") !=
          std::string::npos);
}

TEST_CASE("the test accuracy of a front is what eval finds of the same model, for a series that folds judge") {
    if (skipped()) return;
    const ScratchFolder folder;
    const std::string data = "--data " TINYSPARSE_SOURCE_DIR "/data/gestures.csv,window=32,stride=8 ";
    const ShellAnswer done =
        shell(folder.path(), "$TOOL search " + data + "--target none --trials 5 --jobs 1 --quiet --json --out run");
    CAPTURE(done.error);
    REQUIRE(done.status == 0);
    const json::Value front = json::parse(done.out, "front");
    REQUIRE(front.at("folds").as<int>() > 1);
    REQUIRE(!front.find("points")->array()->empty());
    for (const json::Value& point : *front.find("points")->array()) {
        const ShellAnswer judged =
            shell(folder.path(), text("$TOOL eval run#", point.at("id").as<int>(), " --json ", data));
        CHECK(json::parse(judged.out, "eval").at("test_accuracy").as<double>() ==
              point.at("test_accuracy").as<double>());
        if (!point.at("refit").as<bool>()) continue; // the folds judge a model that was trained on all samples
        const ShellAnswer shown = shell(folder.path(), text("$TOOL show run#", point.at("id").as<int>(), " --json"));
        CHECK(json::parse(shown.out, "show").at("validation_accuracy").as<double>() ==
              doctest::Approx(point.at("validation_accuracy").as<double>()));
    }
}
