// SPDX-License-Identifier: Apache-2.0
// The built tool, driven as a new user would: right and wrong command lines, interrupted and killed searches.
#include "tinysparse/base/files.hpp"
#include "tinysparse/base/json.hpp"
#include "tinysparse/base/random.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/cost/device.hpp"
#include "tinysparse/fixed/model_file.hpp"
#include <algorithm>
#include <csignal>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <set>
#include <spawn.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace tinysparse;

extern char** environ;

namespace {

const std::string tool = TINYSPARSE_TOOL;
const char* const small_set = "synthetic:strokes,samples=150";

/// A folder for the files of this test program.
const std::string& scratch() {
    struct Folder {
        std::string path = (std::filesystem::temp_directory_path() / text("tinysparse_cli_", ::getpid())).string();
        Folder() { std::filesystem::create_directories(path); }
        ~Folder() { std::filesystem::remove_all(path); }
    };
    static const Folder folder;
    return folder.path;
}

struct Run {
    pid_t process = 0;
    std::string out, error; // files
};

/// Starts the tool, in another working folder if one is named.
Run start(const std::vector<std::string>& words, const std::string& folder = "") {
    static int count = 0;
    Run run;
    run.out = text(scratch(), "/out", count);
    run.error = text(scratch(), "/error", count++);
    std::vector<char*> pointers{const_cast<char*>(tool.c_str())};
    for (const std::string& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
    pointers.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, run.out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_addopen(&actions, 2, run.error.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (!folder.empty()) posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
    REQUIRE(posix_spawn(&run.process, tool.c_str(), &actions, nullptr, pointers.data(), environ) == 0);
    posix_spawn_file_actions_destroy(&actions);
    return run;
}

struct Answer {
    int status; // 128 + signal where a signal ended it
    std::string out, error;
};

Answer wait_for(const Run& run) {
    int status = 0;
    REQUIRE(::waitpid(run.process, &status, 0) == run.process);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), read_file(run.out), read_file(run.error)};
}

Answer answer(const std::vector<std::string>& words, const std::string& folder = "") {
    return wait_for(start(words, folder));
}

/// One line that begins with the program's name, on standard error, and nothing on standard output.
void check_refused(const std::vector<std::string>& words, int status, const std::string& sentence) {
    const std::string line = join(words, " ");
    CAPTURE(line);
    const Answer got = answer(words);
    CHECK(got.status == status);
    CHECK(got.out.empty());
    CHECK(got.error.find("tinysparse: ") == 0);
    CHECK(std::count(got.error.begin(), got.error.end(), '\n') == 1);
    CAPTURE(got.error);
    CHECK(got.error.find(sentence) != std::string::npos);
}

bool tool_is_missing() {
    if (!tool.empty()) return false;
    MESSAGE("skipped: the command line tool is not built (TINYSPARSE_TOOLS is off)");
    return true;
}

std::size_t journal_lines(const std::string& run) {
    if (!std::filesystem::exists(run + "/journal.jsonl")) return 0;
    const std::string bytes = read_file(run + "/journal.jsonl");
    return std::size_t(std::count(bytes.begin(), bytes.end(), '\n'));
}

void wait_for_lines(const std::string& run, std::size_t lines) {
    for (int i = 0; i < 3000 && journal_lines(run) < lines; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    REQUIRE(journal_lines(run) >= lines);
}

/// A search of seconds: few samples, paper objectives.
std::vector<std::string> search_words(const std::string& run, const std::vector<std::string>& more) {
    std::vector<std::string> words = {"search", "--data", small_set, "--objectives", "paper", "--out",
                                      run,      "--jobs", "2"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

/// A table of series in which one sample of twenty is a fall; the falls are told by their values, or by nothing.
std::string write_falls(const std::string& name, bool can_be_told) {
    std::string lines = "label,t0,t1,t2,t3,t4,t5,t6,t7\n";
    for (int row = 0; row < 500; ++row) {
        const bool fall = row % 20 == 7;
        lines += fall ? "fall" : "idle";
        for (int t = 0; t < 8; ++t)
            lines += text(",", 40 * t + (can_be_told && fall ? 900 : 0) + (can_be_told ? row % 13 : 0));
        lines += "\n";
    }
    write_file(text(scratch(), "/", name), lines);
    return text(scratch(), "/", name, ",val=0.25,test=0.2");
}

} // namespace

TEST_CASE("the tool explains itself") {
    if (tool_is_missing()) return;
    const Answer help = answer({"--help"});
    CHECK(help.status == 0);
    CHECK(help.error.empty());
    for (const char* command : {"search", "front", "report", "repair", "show", "train", "eval", "classify", "export",
                                "simulate", "device", "data", "bench", "completion", "man", "version"}) {
        CAPTURE(command);
        CHECK(help.out.find(command) != std::string::npos);
        const Answer own = answer({command, "--help"});
        CHECK(own.status == 0);
        CHECK(own.out.find(text("Usage: tinysparse ", command)) == 0);
        CHECK(own.out.find("\nExample") != std::string::npos);
    }
    CHECK(answer({"--version"}).out.find("tinysparse ") == 0);
    CHECK(answer({"completion", "bash"}).out.find("complete -o default -F _tinysparse tinysparse") !=
          std::string::npos);
}

TEST_CASE("wrong command lines are one line with the way out, and exit with 2") {
    if (tool_is_missing()) return;
    check_refused({}, 2, "a command is needed, such as search or front; see tinysparse --help");
    check_refused({"serach"}, 2, "unknown command serach; did you mean search?");
    check_refused({"search", "--bugdet", "1m"}, 2, "unknown option --bugdet; did you mean --budget?");
    check_refused({"predict", "run#best", "photo.png"}, 2, "unknown command predict; did you mean classify?");
    check_refused({"search", "--no-pruning"}, 2, "did you mean --space FILE, with the line pruning.method = none in");
    check_refused({"search", "--threads", "2"}, 2, "unknown option --threads; did you mean --jobs?");
    check_refused({"search", "-data", small_set}, 2, "unknown option -data; did you mean --data?");
    check_refused({"--data", small_set, "search"}, 2,
                  "the command stands before its options: tinysparse search --data ...");
    check_refused({"search", small_set}, 2,
                  text("'", small_set, "' is one word too many; did you mean --data ", small_set, "?"));
    check_refused({"report", "run", "another"}, 2, "'another' is one word too many; did you mean --beside another?");
    check_refused({"search", text("data=", small_set)}, 2, text("too many; did you mean --data=", small_set, "?"));
    check_refused({"search", "--data", small_set, "--max-ms", "10", "ms"}, 2,
                  "too many; write 10ms without a space; see ");
    check_refused({"search"}, 2, "search needs --data SPEC");
    check_refused({"search", "--data", small_set, "--budget", "soon"}, 2,
                  "--budget soon: expected a time in us, ms, s, m or h, such as 10ms, 90s, 15m or 1h30m");
    check_refused({"search", "--data", small_set, "--budget", "1m", "--trials", "3"}, 2,
                  "give --budget or --trials, not both");
    check_refused({"search", "--data", small_set, "--target", "unno"}, 2, "did you mean uno?");
    for (const char* command : {"search", "show", "simulate", "export"})
        check_refused({command, "m.tsm", "--target", "non"}, 2, "did you mean none?");
    for (const char* command : {"search", "show", "simulate"})
        check_refused({command, "m.tsm", "--target", "arduino"}, 2,
                      "--target arduino is not known; did you mean uno, nano or mega2560? It is one of uno, unomini, ");
    check_refused({"export", "m.tsm", "--target", "Arduino"}, 2,
                  "did you mean arduino? It is one of c++, avr, arduino, ");
    check_refused({"search", "--data", small_set, "--target", "esp32"}, 2, "none, or a file, such as ./esp32.txt\n");
    check_refused({"search", "--data", small_set, "--objectives", "error,rma"}, 2, "did you mean ram?");
    check_refused({"search", "--data", small_set, "--kernel", "ark"}, 2, "did you mean arc?");
    check_refused({"search", "--data", small_set, "--kernel", "arc", "--acquisition", "random"}, 2,
                  "--kernel belongs to acquisitions with a model of the error, and random has none; leave it out");
    const auto refuse_without_costs = [&](const char* target, std::vector<std::string> more,
                                          const std::string& message) {
        more.insert(more.begin(), {"search", "--data", small_set, "--out", scratch() + "/none", "--target", target});
        check_refused(more, 2, message);
    };
    refuse_without_costs("cortex-m4", {"--objectives", "error,flash,ram"},
                         "--objectives error,flash,ram: flash is not known for cortex-m4, which has no cost model; "
                         "known are model_size, ");
    refuse_without_costs("none", {"--max-ram", "1KB"}, "--max-ram: ram is not known for none");
    refuse_without_costs("none", {"--max-flash", "1KB"}, "--max-flash: flash is not known for none");
    refuse_without_costs("cortex-m0", {"--max-ms", "10"}, "--max-ms: milliseconds is not known for cortex-m0");
    refuse_without_costs("none", {"--limit", "macs=1000", "--limit", "cycles=5"},
                         "--limit cycles=5: cycles is not known for none");
    const std::string sketch =
        "100 B of ram are no more than the 184 B that an empty Arduino sketch takes on uno; raise";
    refuse_without_costs("uno", {"--max-ram", "100B"}, "--max-ram 100B: " + sketch);
    refuse_without_costs("uno", {"--limit", "ram=100B"}, "--limit ram=100B: " + sketch);
    check_refused({"search", "--data", small_set, "--limit", "ram"}, 2, "expected NAME=VALUE");
    check_refused({"train", "--data", small_set, "--net", "kilobyte"}, 2, "train needs --output MODEL");
    const std::vector<std::string> train = {"train",  "--data", small_set,           "--net",
                                            "F5 F10", "-o",     scratch() + "/m.tsm"};
    const auto refuse_training = [&](std::vector<std::string> more, const std::string& message) {
        more.insert(more.begin(), train.begin(), train.end());
        check_refused(more, 2, message);
    };
    refuse_training({"--keep", "0.1"}, "--keep needs --prune METHOD");
    refuse_training({"--prune", "dpf", "--keep", "0"},
                    "--keep 0: expected a share from 0.000001 to 1, such as 5% or 0.05");
    refuse_training({"--dropout", "100%"}, "--dropout 100%: expected a share from 0 to 0.99, such as 5% or 0.05");
    refuse_training({"--weight-decay", "0.1"}, "--weight-decay needs --optimiser adamw or sgd");
    refuse_training({"--temperature", "2"}, "--temperature needs --teacher MODEL");
    refuse_training({"--rotate", "181"}, "--rotate 181: expected a number from 0 to 180");
    refuse_training({"--cut-out", "1.5"}, "--cut-out 1.5: expected a whole number from 0 to 255");
    refuse_training({"--ema", "1"}, "--ema 1: expected a number from 0 to 0.999999");
    refuse_training({"--schedule", "step"}, "cosine");
    refuse_training({"--prune", "vd"}, "sparse-vd");
    refuse_training({"--prune", "dpf", "--keep", "0.1", "--prune-by", "threshold"}, "exclude each other");
    refuse_training({"--prune", "dpf", "--prune-threshold", "1"}, "needs --prune-by threshold");
    refuse_training({"--weight-bytes", "2KB", "--keep", "0.1"},
                    "--weight-bytes and --keep exclude each other: both say how much to prune");
    refuse_training({"--weight-bytes", "0"}, "--weight-bytes 0: expected a size from 1 B to 1 GB");
    refuse_training({"--weight-bytes", "0.5"}, "--weight-bytes 0.5: expected a size in B, KB (1024 B) or MB, such as");
    refuse_training({"--bonsai", "depth=3"}, "give either --net or --bonsai, not both");
    const auto refuse_tree = [&](const std::string& words, const std::string& message) {
        check_refused({"train", "--data", small_set, "--bonsai", words, "-o", scratch() + "/m.tsm"}, 2, message);
    };
    refuse_tree("deep=3", "--bonsai: the key 'deep' is not known; known are depth, projection, sharpness, soft");
    refuse_tree("depth=7", "--bonsai: depth=7 is not a whole number from 0 to 6");
    refuse_tree("depth", "--bonsai: depth= is not a whole number from 0 to 6");
    refuse_tree("projection=1.5", "--bonsai: projection=1.5 is not a whole number from 1 to 255");
    refuse_tree("sharpness=0", "--bonsai: sharpness=0 is not a number from 1 to 10000");
    check_refused({"train", "--data", small_set, "-o", scratch() + "/m.tsm"}, 2,
                  "train needs --net NAME|FILE|LINE, or --bonsai depth=N,projection=N; see tinysparse train --help");
    check_refused({"train", "--data", small_set, "--net", "kilobite", "-o", scratch() + "/m.tsm"}, 2,
                  "did you mean kilobyte?");
    check_refused({"train", "--data", small_set, "--net", "C8k99", "-o", scratch() + "/m.tsm"}, 2,
                  "layer 1: kernel 99x99 is not allowed");
    for (const char* net : {"C8k5x5 F@", "D3x3 C8k1 F@"})
        check_refused({"train", "--data", TINYSPARSE_SOURCE_DIR "/data/gestures.csv,window=32", "--net", net, "-o",
                       scratch() + "/m.tsm"},
                      2, "a series is 1 wide, and the rest of the kernel would only read padding; use ");
    check_refused({"train", "--data", small_set, "--net", "no-such.txt", "-o", scratch() + "/m.tsm"}, 2,
                  "--net no-such.txt is neither a file nor a known network; known are ");
    check_refused({"train", "--data", small_set, "--net", "C4k3 Q", "-o", scratch() + "/m.tsm"}, 2, "'Q' is not known");
    check_refused({"front"}, 2, "front needs RUN");
    check_refused({"bench", "nas"}, 2, "bench nas needs --tables DIR");
    check_refused({"front", "run", "--pick", "nicest"}, 2, "expected best, best@8KB, smallest@98.5% or fastest@98%");
    check_refused({"front", "run", "--pick", "smallest@rmse=0"}, 2, "expected an RMSE above 0, such as rmse=0.3");
    check_refused({"front", "run", "--json", "--csv"}, 2, "give --json or --csv, not both");
    check_refused({"bench", "gp", "--epochs", "3"}, 2, "--epochs is for bench prune, not for gp; leave it out");
    const auto refuse_limits = [&](std::vector<std::string> more, const std::string& message) {
        more.insert(more.begin(), {"search", "--data", small_set, "--out", scratch() + "/none"});
        check_refused(more, 2, message);
        CHECK(!std::filesystem::exists(scratch() + "/none"));
    };
    refuse_limits({"--max-ram", "1KB", "--limit", "ram=800"},
                  "ram is limited twice, by --limit ram=800 and --max-ram 1KB; give one of them");
    refuse_limits({"--limit", "ram=1KB", "--limit", "ram=2KB"},
                  "ram is limited twice, by --limit ram=1KB and --limit ram=2KB; give one of them");
    refuse_limits({"--limit", "milliseconds=5", "--max-ms", "5"}, "milliseconds is limited twice");
    refuse_limits({"--max-ms", "0"}, "--max-ms 0: every network takes more; raise the limit");
    refuse_limits({"--limit", "nonzeros=0"}, "--limit nonzeros=0: every network takes more; raise the limit");
    refuse_limits({"--budget", "0s"}, "--budget 0s: expected a time from 0.001 to 1000000000 s, such as 10ms");
    refuse_limits({"--budget", "0"}, "--budget 0: expected a time from 0.001 to 1000000000 s, such as 10ms");
    check_refused({"search", "--out", scratch() + "/none", "--resume"}, 2,
                  "/none holds no run to resume; check --out, or begin one with --data SPEC");
    check_refused({"search", "--data", ""}, 2, "--data needs a value: --data SPEC");
    check_refused({"show", "m.tsm", "--target", ""}, 2, "--target needs a value: --target TARGET");
    check_refused({"data", small_set, "-o", scratch() + "/sheet.jpg"}, 2,
                  "/sheet.jpg: a contact sheet is a PNG; give it a name that ends in .png");
    check_refused({"export", "m.tsm", "--target", "uno", "-o", scratch() + "/x", "--name", "My Lib"}, 2,
                  "'My Lib' cannot be the name of an exported network");
    check_refused({"bench", "prune", "--json"}, 2, "bench prune prints a table in Markdown, not JSON");
    check_refused({"search", "--data", small_set, "--max-flash", "lots"}, 2,
                  "--max-flash lots: expected a size in B, KB (1024 B) or MB, such as 485, 1536B or 2.77KB");
}

TEST_CASE("every option of a training is taken, changes the weights, and is recorded in the model") {
    if (tool_is_missing()) return;
    const std::string plain = scratch() + "/plain.tsm", other = scratch() + "/other.tsm";
    const auto train = [](const std::string& file, std::vector<std::string> more) {
        std::vector<std::string> words = {"train", "--data", small_set, "--net",    "A4 C4k3 F10", "--batch",
                                          "8",     "-o",     file,      "--epochs", "4",           "--quiet"};
        words.insert(words.end(), more.begin(), more.end());
        REQUIRE(answer(words).status == 0);
        return fixed::load_model(file);
    };
    const auto weights = [](const fixed::Model& model) { return model.float_layers[0].weights; };
    const fixed::Model reference = train(plain, {});
    CHECK(weights(train(plain, {"--rotate", "0", "--ema", "0", "--schedule", "cosine"})) == weights(reference));
    const std::vector<std::vector<std::string>> options = {{"--schedule", "one-cycle"},
                                                           {"--warm-up", "1"},
                                                           {"--optimiser", "adamw", "--weight-decay", "0.1"},
                                                           {"--label-smoothing", "0.1"},
                                                           {"--dropout", "0.2"},
                                                           {"--ema", "0.9"},
                                                           {"--shift", "2"},
                                                           {"--rotate", "10"},
                                                           {"--scale", "0.2"},
                                                           {"--flip"},
                                                           {"--cut-out", "7"},
                                                           {"--brightness", "0.2"},
                                                           {"--contrast", "0.2"},
                                                           {"--shear", "0.2"},
                                                           {"--upside-down"},
                                                           {"--noise", "0.1"},
                                                           {"--teacher", plain},
                                                           {"--teacher", plain, "--distillation", "2"},
                                                           {"--teacher", plain, "--temperature", "2"}};
    CHECK(reference.command.find(" --net 'A4 C4k3 F10' --batch 8 -o ") != std::string::npos); // as a shell takes it
    std::vector<std::vector<float>> seen = {weights(reference)};
    for (const std::vector<std::string>& option : options) {
        CAPTURE(join(option, " "));
        const fixed::Model model = train(other, option);
        CHECK(model.command.find(join(option, " ")) != std::string::npos);
        CHECK(std::find(seen.begin(), seen.end(), weights(model)) == seen.end());
        seen.push_back(weights(model));
    }
    check_refused({"train", "--data", small_set, "--net", "F10", "-o", other, "--teacher", scratch() + "/none.tsm"}, 1,
                  "none.tsm");
    // What the data do not have.
    const std::string gestures = TINYSPARSE_SOURCE_DIR "/data/gestures.csv,window=32,stride=32";
    check_refused({"train", "--data", small_set, "--net", "F10", "-o", other, "--quiet", "--hue", "10"}, 1,
                  "augmentation hue is for pictures of three colours; these have 1 channel");
    check_refused({"train", "--data", small_set, "--net", "F10", "-o", other, "--quiet", "--stretch", "0.1"}, 1,
                  "augmentation stretch is for series; the data are pictures");
    check_refused({"train", "--data", gestures, "--net", "F4", "-o", other, "--quiet", "--rotate", "5"}, 1,
                  "augmentation rotate is for pictures; the data are series");
    const auto train_series = [&](const std::vector<std::string>& more) {
        std::vector<std::string> words = {"train", "--data", gestures, "--net", "A8 F4", "-o", other, "--steps", "20"};
        words.insert(words.end(), more.begin(), more.end());
        REQUIRE(answer(words).status == 0);
        return weights(fixed::load_model(other));
    };
    std::set<std::vector<float>> of_series = {train_series({})};
    for (const char* option : {"--stretch", "--gain", "--noise"})
        CHECK(of_series.insert(train_series({option, "0.2"})).second);
    CHECK(of_series.insert(train_series({"--axes", "30"})).second);
}

TEST_CASE("a training that prunes tells what remains of each layer, and logs a line for each epoch") {
    if (tool_is_missing()) return;
    const std::string model = scratch() + "/pruned.tsm", log = scratch() + "/pruned.csv";
    const Answer pruned =
        answer({"train", "--data", small_set, "--net", "A2 C4k3 M2 F6 F10", "--epochs", "20", "--prune", "magnitude",
                "--keep", "0.25", "--prune-log", log, "--quiet", "-o", model});
    CHECK(pruned.status == 0);
    CHECK(pruned.out.find("1 convolution") != std::string::npos);
    CHECK(pruned.out.find("compacted to A2 C") != std::string::npos);
    CHECK(pruned.out.find("3 dense") != std::string::npos);
    CHECK(pruned.out.find("all") != std::string::npos);
    const std::string lines = read_file(log, 1 << 16);
    CHECK(lines.starts_with("epoch,phase,loss,training_accuracy,penalty,kept,seconds\n1,dense,"));
    CHECK(std::count(lines.begin(), lines.end(), '\n') == 21);
    CHECK(lines.find("\n20,quantise,") != std::string::npos);
    CHECK(answer({"show", model}).status == 0);
}

TEST_CASE("the length of a training is given in steps or in epochs, not in both") {
    if (tool_is_missing()) return;
    const std::string model = scratch() + "/steps.tsm";
    const auto train = [&](std::vector<std::string> more) {
        more.insert(more.begin(), {"train", "--data", small_set, "--net", "F10", "--batch", "16", "-o", model});
        return answer(more);
    };
    const Answer trained = train({"--steps", "1"});
    CHECK(trained.status == 0);
    CHECK(trained.error.find("epoch 1/1  loss ") != std::string::npos);
    CHECK(fixed::load_model(model).epochs == 1);
    check_refused({"train", "--data", small_set, "--net", "F10", "--steps", "5", "--epochs", "5", "-o", model}, 2,
                  "--steps and --epochs exclude each other: both say how long to train");
    check_refused({"train", "--data", small_set, "--net", "F10", "--steps", "0", "-o", model}, 2,
                  "--steps 0: expected a whole number from 1 to 1000000000");
}

TEST_CASE("a tree is trained to a budget of bytes, and judged, shown and exported like any network") {
    if (tool_is_missing()) return;
    const std::string model = scratch() + "/tree.tsm";
    const Answer trained = answer({"train", "--data", small_set, "--bonsai", "depth=2,projection=4", "--weight-bytes",
                                   "1KB", "--epochs", "10", "--batch", "16", "--quiet", "-o", model});
    REQUIRE(trained.status == 0);
    CHECK(trained.out.find(" B stored of 1 024 B, indices and biases included; ") != std::string::npos);
    CHECK(trained.out.find(" B as Bonsai's authors count\n") != std::string::npos);
    const net::Spec spec = fixed::load_model(model).network.spec;
    CHECK(spec.layers.back().tree_depth == 2);
    CHECK(spec.layers.back().bits == 4);
    const cost::Costs costs = cost::costs(fixed::Lowered(fixed::load_model(model).network), cost::target("uno"));
    CHECK(costs.weight_bytes <= 1024);
    CHECK(answer({"show", model}).out.find("d2b4") != std::string::npos);
    CHECK(answer({"eval", model, "--data", small_set}).status == 0);
    CHECK(answer({"export", model, "--target", "none", "-o", scratch() + "/tree"}).status == 0);
    check_refused({"train", "--data", small_set, "--bonsai", "depth=2,projection=4", "--weight-bytes", "20", "--quiet",
                   "-o", model},
                  1, "a budget of 20 bytes is too small");
    // A budget for a network of --net, by another method.
    const Answer linear = answer({"train", "--data", small_set, "--net", "F10", "--weight-bytes", "500", "--prune",
                                  "magnitude", "--epochs", "4", "--batch", "16", "--quiet", "-o", model});
    CHECK(linear.status == 0);
    CHECK(linear.out.find(" B stored of 500 B") != std::string::npos);
}

TEST_CASE("a fault in a SPEC is wrong usage, one in the files that it names is not") {
    if (tool_is_missing()) return;
    const std::string table = scratch() + "/spec.csv", one = scratch() + "/one_class.csv";
    std::string rows = "a,b,label\n", same = rows;
    for (int i = 0; i < 40; ++i) {
        rows += text(i, ",", i * i % 7, ",", i % 2 ? "up" : "down", "\n");
        same += text(i, ",", i * i % 7, ",up\n");
    }
    std::ofstream(table) << rows;
    std::ofstream(one) << same;
    check_refused({"data", table + ",widnow=32"}, 2, "unknown key 'widnow'; did you mean window?");
    check_refused({"data", table + ",val=2"}, 2, "val=2: expected a share from 0 to below 1, such as 0.1");
    check_refused({"data", table + ",window"}, 2, "window needs a value: window=...");
    check_refused({"data", table + ",stride=2"}, 2, "stride= needs window= too");
    check_refused({"data", table + ",layout=nct"}, 2, "layout= is for arrays");
    check_refused({"data", ",window=3"}, 2, "begins with no path");
    check_refused({"search", "--data", "synthetic:stroke", "--out", scratch() + "/none"}, 2, "did you mean strokes?");
    check_refused({"train", "--data", "synthetic:strokes,samples=3", "--net", "F@", "-o", scratch() + "/m.tsm"}, 2,
                  "samples=3: expected 20 to 10000000");
    check_refused({"data", table + ",label=c"}, 1, "no column has this name");
    check_refused({"data", scratch() + "/nothing.csv,window=3"}, 1, "no such file or folder");
    check_refused({"data", one}, 1, "all samples are of one class, up;");
}

TEST_CASE("missing and broken files are one line, and exit with 1") {
    if (tool_is_missing()) return;
    const std::string missing = scratch() + "/missing", broken = scratch() + "/broken";
    check_refused({"data", missing}, 1, missing);
    check_refused({"front", missing}, 1, "there is no such folder; a run is made by search");
    check_refused({"eval", missing + ".tsm", "--data", small_set}, 1,
                  "No such file or directory; expected a model file, or a model of a run as run#17 or run#best");
    check_refused({"eval", missing + "#3", "--data", small_set}, 1, "there is no such folder");
    check_refused({"search", "--data", missing, "--out", scratch() + "/none"}, 1, missing);
    CHECK(!std::filesystem::exists(scratch() + "/none"));
    std::ofstream(broken) << "C4k3 Q";
    check_refused({"train", "--data", small_set, "--net", broken, "-o", scratch() + "/m.tsm"}, 1, "'Q' is not known");
    check_refused({"train", "--data", small_set, "--net", "kilobyte", "-o", missing + "/m.tsm"}, 1,
                  "there is no folder");
    // An --out below a file cannot be made by anybody.
    std::ofstream(broken) << "no model";
    check_refused({"search", "--data", small_set, "--out", broken + "/run"}, 1, "cannot make the folder");
    check_refused({"eval", broken, "--data", small_set}, 1, "this is not a tinysparse model");
    for (const char* command : {"front", "report", "repair"})
        check_refused({command, broken}, 1, broken + ": this is a file and not the folder of a run, which is made by");
    // Binary files where texts are expected.
    const std::string binary = scratch() + "/binary.tsm", line = scratch() + "/net.txt";
    write_file(binary, std::string("tsmodel\x1a\x03\0\0\0", 12));
    check_refused({"search", "--data", small_set, "--out", scratch() + "/none", "--space", binary}, 1,
                  "/binary.tsm: this is not a text file; expected ");
    check_refused({"train", "--data", small_set, "--net", binary, "-o", scratch() + "/m.tsm"}, 1,
                  "/binary.tsm: this is not a text file; expected a line of notation\n");
    // A file's line stands for the same network as the line itself.
    write_file(line, "A4 F@\n");
    CHECK(answer({"train", "--data", small_set, "--net", line, "--epochs", "1", "-o", scratch() + "/m.tsm"}).status ==
          0);
    check_refused({"show", scratch() + "/m.tsm", "--target", binary}, 1,
                  "/binary.tsm describes no board: it is not a text file; see docs/devices.md\n");
    // A gzip file that ends in the middle.
    const std::string folder = scratch() + "/gz";
    std::filesystem::create_directories(folder);
    for (const char* name : {"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"})
        std::ofstream(folder + "/" + name) << std::string("\x1f\x8b\x08\0\0\0\0\0\0\x03\x63\x60\x60", 13);
    check_refused({"data", folder}, 1, "train-");
    CHECK(answer({"data", small_set}).status == 0);
}

TEST_CASE("digits are recognised on an ATtiny85, within its 512 bytes of RAM and 8 KB of flash") {
    if (tool_is_missing()) return;
    const char* const named = std::getenv("TINYSPARSE_DATA");
    const std::string mnist =
        (named != nullptr ? std::string(named) : TINYSPARSE_SOURCE_DIR "/../shared/data") + "/mnist";
    if (!std::filesystem::exists(mnist)) {
        MESSAGE("skipped: no MNIST; set TINYSPARSE_DATA to a folder that has mnist/");
        return;
    }
    const std::string model = scratch() + "/digits.tsm";
    const Answer trained = answer({"train", "--data", mnist + ",limit=6000", "--net", "C6k3 M3 C20k3 M2 F10", "--bits",
                                   "4", "--epochs", "3", "-o", model, "--quiet"});
    REQUIRE(trained.status == 0);
    const Answer got =
        answer({"simulate", model, "--data", mnist, "--target", "attiny85", "--samples", "40", "--json"});
    if (got.error.find("install") != std::string::npos) {
        MESSAGE("skipped: " << got.error);
        return;
    }
    CAPTURE(got.error);
    REQUIRE(got.status == 0);
    const json::Value document = json::parse(got.out, "simulate");
    CHECK(document.at("identical").as<int>() == 40);
    CHECK(document.at("accuracy").as<double>() > 0.9); // 99 % after 30 epochs of all samples
    CHECK(document.at("ram_peak").as<int>() <= 512);
    CHECK(document.at("flash").as<int>() <= 8192);
    const double slowest = document.at("slowest_cycles").as<double>();
    CHECK(document.at("longest_cycles").as<double>() > slowest);
    CHECK(document.at("longest_cycles").as<double>() < 5 * slowest);
    CHECK(document.at("longest_milliseconds").as<double>() ==
          doctest::Approx(document.at("longest_cycles").as<double>() / 8000));
    const std::string words =
        answer({"simulate", model, "--data", mnist, "--target", "attiny85", "--samples", "2"}).out;
    CHECK(words.find(" ms: no values take longer") != words.npos);
    REQUIRE(answer({"export", model, "--target", "attiny85", "-o", scratch() + "/digits"}).status == 0);
    const std::string header = read_file(scratch() + "/digits/digits.h"),
                      bound = "constexpr uint32_t longest_cycles = ";
    const std::size_t at = header.find(bound);
    REQUIRE(at != header.npos);
    CHECK(std::stod(header.substr(at + bound.size())) > slowest);
}

TEST_CASE("a model of a series says what its channels are, when shown and when exported") {
    if (tool_is_missing()) return;
    const std::string model = scratch() + "/series.tsm", folder = scratch() + "/motion";
    const std::string gestures = TINYSPARSE_SOURCE_DIR "/data/gestures.csv,window=32,stride=32";
    CHECK(answer({"train", "--data", gestures, "--net", "A4 C3k3 G F4", "--epochs", "1", "-o", model}).status == 0);
    const json::Value shown = json::parse(answer({"show", model, "--json"}).out, "show");
    const fixed::Model read = fixed::load_model(model);
    REQUIRE(read.channels.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
        const json::Reader channel = shown.at("channels").at(i);
        CHECK(channel.at("name").as<std::string>() == read.channels[i].name);
        CHECK(channel.at("origin").as<float>() == 0);
        CHECK(channel.at("scale").as<float>() == 1); // thousandths of g, whole numbers
        CHECK(channel.at("offset").as<int>() == read.network.input.offset[i]);
        CHECK(channel.at("shift").as<int>() == read.network.input.shift[i]);
    }
    CHECK(shown.find("sampling_rate")->is_null());
    CHECK(shown.at("data_notes").as<std::vector<std::string>>() == read.data_notes);
    CHECK_FALSE(read.data_notes.empty());
    const std::string table = answer({"show", model}).out;
    CHECK(table.find("multiplied by  offset  shift\n") != std::string::npos);
    CHECK(table.find("  series ") != std::string::npos);
    CHECK(table.find("picture") == std::string::npos);
    for (const std::string& note : read.data_notes) {
        REQUIRE(note.starts_with("note: "));
        CHECK(table.find("data            " + note.substr(6)) != std::string::npos);
    }
    CHECK(table.find("trained         1 epoch (pass over the training samples), seed ") != std::string::npos);
    CHECK(answer({"export", model, "--target", "none", "-o", folder}).status == 0);
    CHECK(read_file(folder + "/motion.h").find("inline int16_t to_input(uint16_t, float reading)") !=
          std::string::npos);
}

TEST_CASE("a model is trained, evaluated in integers and floats, shown and exported") {
    if (tool_is_missing()) return;
    const std::string model = scratch() + "/model.tsm";
    const Answer trained = answer({"train", "--data", small_set, "--net", "A2 C3k3 A2 D3L C4k1 A2 DGL F10", "--epochs",
                                   "2", "-o", model, "--quiet"});
    CHECK(trained.status == 0);
    CHECK(trained.error.empty());
    CHECK(trained.out.find("validation ") == 0);
    for (const char* arithmetic : {"integer", "float"}) {
        std::vector<std::string> words = {"eval", model, "--data", small_set, "--json", "--split", "val"};
        if (arithmetic == std::string("float")) words.push_back("--float");
        const Answer eval = answer(words);
        CHECK(eval.status == 0);
        const json::Value document = json::parse(eval.out, "eval");
        CHECK(document.at("arithmetic").as<std::string>() == arithmetic);
        CHECK(document.at("validation_accuracy").as<double>() <= 1);
        CHECK(!document.find("test_accuracy"));
        CHECK(document.at("samples").as<int>() > 0);
    }
    const std::string others = "synthetic:strokes,samples=60";
    const Answer a_part = answer({"eval", model, "--data", others});
    CHECK(a_part.error.find("of 60 samples; --split all judges all of them\n") != std::string::npos);
    const Answer all = answer({"eval", model, "--data", others, "--split", "all"});
    CHECK(all.out.find(" of 60 samples are right, integer arithmetic") != std::string::npos);
    CHECK(all.error.find("--split") == std::string::npos);
    CHECK(json::parse(answer({"eval", model, "--data", others, "--split", "all", "--json"}).out, "eval")
              .at("samples")
              .as<int>() == 60);
    check_refused({"eval", model, "--data", small_set, "--split", "all"}, 2, "was trained on most of these samples");
    CHECK(answer({"eval", model, "--data", "synthetic:strokes,samples=100,size=14x14"}).status == 1);
    CHECK(answer({"show", model}).out.find("C3k3") != std::string::npos);
    const json::Value shown = json::parse(answer({"show", model, "--json"}).out, "show");
    const json::Value tested = json::parse(answer({"eval", model, "--data", small_set, "--json"}).out, "eval");
    CHECK(*shown.find("test_accuracy") == *tested.find("test_accuracy"));
    CHECK(shown.find("validation_accuracy")->is_number());
    const std::string folder = scratch() + "/exported";
    CHECK(answer({"export", model, "--target", "uno", "-o", folder, "--name", "digits"}).status == 0);
    CHECK(std::filesystem::exists(folder + "/digits.h"));
    // A budget is answered with what it has led to, layer by layer.
    const Answer fastest = answer({"export", model, "--target", "uno", "-o", folder, "--max-flash", "30KB"});
    CHECK(fastest.status == 0);
    CHECK(fastest.out == folder + "/exported.h\n");
    CHECK(fastest.error.find("straight") != std::string::npos);
    CHECK(fastest.error.find("input, program") != std::string::npos);
    CHECK(fastest.error.find("predicted for uno: ") != std::string::npos);
    CHECK(fastest.error.find(" ms; of 30 720 bytes ") != std::string::npos);
    const Answer smallest =
        answer({"export", model, "--target", "attiny85", "-o", folder + "_tiny", "--max-cycles", "99000000"});
    CHECK(smallest.status == 0);
    CHECK(smallest.error.find("predicted for attiny85: ") != std::string::npos);
    CHECK(smallest.error.find(" ms; of 99 000 000 cycles ") != std::string::npos);
    CHECK(answer({"export", model, "--target", "uno", "-o", folder}).error.find("predicted") == std::string::npos);
    check_refused({"export", model, "--target", "uno", "-o", folder, "--max-cycles", "9"}, 1,
                  "the fastest formats take ");
    check_refused({"export", model, "--target", "uno", "-o", folder, "--max-cycles", "9", "--max-flash", "9"}, 2,
                  "give --max-cycles or --max-flash, not both");
    CHECK(std::filesystem::exists(folder + "/tinysparse/mcu.hpp"));
    const Answer library = answer({"export", model, "--target", "arduino", "-o", scratch() + "/strokes"});
    CHECK(library.status == 0);
    CHECK(library.out == text(scratch(), "/strokes\n", scratch(), "/strokes.zip\n"));
    CHECK(std::filesystem::exists(scratch() + "/strokes/examples/SerialEval/SerialEval.ino"));
    write_file(scratch() + "/board.txt", "base = pro\nname = mine\nclock = 12000000\n");
    check_refused({"export", model, "--target", scratch() + "/board.txt", "-o", folder}, 1,
                  " remove the folder, or export into another");
    CHECK(answer({"export", model, "--target", scratch() + "/board.txt", "-o", folder + "_mine"}).status == 0);
    CHECK(read_file(folder + "_mine/Makefile").find("-DF_CPU=12000000UL") != std::string::npos);
    check_refused({"export", model, "--target", "uno", "-o", scratch() + "/strokes"}, 1,
                  "/library.properties is of an export for arduino; remove the folder");
    check_refused({"export", model, "--target", "arduino", "-o", folder}, 1, "/Makefile is of an export for uno");
    check_refused({"export", model, "--target", scratch() + "/none.txt", "-o", folder}, 1, "/none.txt: cannot read");
    check_refused({"device", model, "--data", small_set}, 2, "device needs --port PATH");
    check_refused({"device", model, "--data", small_set, "--port", "/dev/no_such_port"}, 1, "is the board plugged in?");
    check_refused({"device", model, "--data", small_set, "--port", "/dev/null"}, 1, "is not a serial port");
    for (const char* target : {"c++", "arduino"})
        check_refused({"export", model, "--target", target, "-o", scratch() + "/9digits"}, 2,
                      "beside it; give another with --name");
    check_refused({"export", model, "--target", "arduino", "-o", scratch() + "/my_library"}, 2,
                  "it contains 'library'; give another with --name");
}

namespace {

/// Ninety series of eight moments, constant per class but for one, of the classes with these names; returns its path.
std::string write_series(const std::string& name, const std::vector<std::string>& classes) {
    std::string csv = "t0,t1,t2,t3,t4,t5,t6,t7,label\n";
    for (int i = 0; i < 90; ++i) {
        for (int t = 0; t < 8; ++t) csv += text(1000 * (i % 3) + 10 * ((i * 7 + t * t) % 11), ",");
        csv += text('"', replaced(classes[std::size_t(i) % classes.size()], "\"", "\"\""), "\"\n");
    }
    const std::string path = text(scratch(), "/", name, ".csv");
    write_file(path, csv);
    return path;
}

/// The cells of a line of comma-separated values, quotes resolved.
std::vector<std::string> csv_cells(const std::string& line) {
    std::vector<std::string> cells(1);
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"')
            cells.back() += line[++i];
        else if (line[i] == '"')
            quoted = !quoted;
        else if (line[i] == ',' && !quoted)
            cells.emplace_back();
        else
            cells.back() += line[i];
    }
    return cells;
}

} // namespace

TEST_CASE("what answers are worth is said by train and eval, and every answer is written with its logits") {
    if (tool_is_missing()) return;
    const std::vector<std::string> classes = {"left, slow", "right", "say \"no\""};
    const std::string set = write_series("series", classes), model = scratch() + "/series.tsm";
    const Answer trained = answer({"train", "--data", set, "--net", "F6 F3", "--epochs", "3", "-o", model, "--quiet"});
    CAPTURE(trained.error);
    REQUIRE(trained.status == 0);
    CHECK(trained.out.find(".tsm\n\ntest part, ") != std::string::npos);
    CHECK(trained.out.find("\ntruth \\ answer ") != std::string::npos);
    CHECK(trained.out.find("\nbalanced accuracy ") != std::string::npos);
    for (const bool floats : {false, true}) {
        CAPTURE(floats);
        const std::string path = scratch() + "/predictions.csv";
        std::vector<std::string> words = {"eval", model, "--data", set, "--json", "--predictions", path};
        if (floats) words.push_back("--float");
        const Answer got = answer(words);
        CAPTURE(got.error);
        REQUIRE(got.status == 0);
        const json::Value document = json::parse(got.out, "eval");
        const auto confusion = document.at("confusion").as<std::vector<std::vector<int>>>();
        const auto samples = document.at("samples").as<std::size_t>();
        std::vector<std::vector<int>> counted(3, std::vector<int>(3));
        const std::vector<std::string> lines = split(read_file(path), '\n');
        REQUIRE(lines.size() == samples + 2); // a line of names, and nothing after the last newline
        const std::vector<std::string> names = csv_cells(lines[0]);
        REQUIRE(names.size() >= 5);
        CHECK(std::vector(names.begin(), names.begin() + 5) ==
              std::vector<std::string>{"truth", "answer", "logit_left, slow", "logit_right", "logit_say \"no\""});
        for (std::size_t i = 1; i <= samples; ++i) {
            const std::vector<std::string> cells = csv_cells(lines[i]);
            REQUIRE(cells.size() == names.size());
            const auto place = [&](const std::string& name) {
                return std::size_t(std::find(classes.begin(), classes.end(), name) - classes.begin());
            };
            std::vector<double> logits;
            for (int k = 0; k < 3; ++k) logits.push_back(parse_number<double>(cells[std::size_t(k) + 2]).value());
            const std::size_t answered = place(cells[1]);
            CHECK(std::size_t(std::max_element(logits.begin(), logits.end()) - logits.begin()) == answered);
            ++counted.at(place(cells[0])).at(answered);
        }
        CHECK(counted == confusion);
        const double right = counted[0][0] + counted[1][1] + counted[2][2];
        CHECK(document.at("test_accuracy").as<double>() == right / double(samples));
        CHECK(document.at("accuracy_interval").as<std::vector<double>>().size() == 2);
        CHECK(document.at("classes").at(2).at("name").as<std::string>() == classes[2]);
    }
    check_refused({"eval", model, "--data", set, "--predictions", scratch() + "/no/folder.csv"}, 1,
                  "/no/folder.csv: there is no folder ");
    const Answer words = answer({"eval", model, "--data", set});
    CHECK(words.out.find(" test samples are right, integer arithmetic\n\n") != std::string::npos);
    CHECK(words.out.find("intervals: ") != std::string::npos);
    const Answer simulated = answer({"simulate", model, "--data", set, "--samples", "4", "--json"});
    if (simulated.error.find("install") == std::string::npos) {
        const json::Value document = json::parse(simulated.out, "simulate");
        CHECK(document.at("samples").as<int>() == 4);
        CHECK(document.find("confusion")->array()->size() == 3);
        CHECK(document.find("macro_f1")->is_number());
    }
}

TEST_CASE("with groups the accuracy of each is said, and intervals are those of groups") {
    if (tool_is_missing()) return;
    std::string csv = "t0,t1,t2,t3,user,label\n"; // users u0..u23, five samples each
    for (int i = 0; i < 120; ++i)
        csv += text(90 * (i % 2), ",", i % 7, ",", i % 5, ",", i, ",u", i % 24, ",", i % 2 == 0 ? "low" : "high", "\n");
    const std::string file = scratch() + "/users.csv", model = scratch() + "/users.tsm",
                      path = scratch() + "/users.p.csv";
    write_file(file, csv);
    const std::string set = file + ",group=user,test_groups=u0+u1+u2+u3+u4+u5,val_groups=u6+u7+u8";
    const Answer trained = answer({"train", "--data", set, "--net", "F2", "--epochs", "9", "-o", model, "--quiet"});
    CAPTURE(trained.error);
    REQUIRE(trained.status == 0);
    CHECK(trained.out.find("intervals: bootstrap over 6 groups\n") != std::string::npos);
    CHECK(trained.out.find("\nu3           5  ") != std::string::npos);
    const Answer judged = answer({"eval", model, "--data", set, "--json", "--predictions", path});
    REQUIRE(judged.status == 0);
    const json::Value document = json::parse(judged.out, "eval");
    CHECK(document.find("groups")->array()->size() == 6);
    CHECK(document.find("worst_group")->string()->starts_with("u"));
    CHECK(document.at("interval_method").as<std::string>() == "bootstrap over 6 groups");
    const Answer few = answer({"eval", model, "--data", set, "--split", "val"});
    CHECK(few.out.find("intervals: none: only 3 groups, at least 5 are needed\n") != std::string::npos);
    const std::vector<std::string> lines = split(read_file(path), '\n');
    REQUIRE(lines.size() == 32);
    CHECK(lines[0] == "truth,answer,logit_high,logit_low,group,file,row");
    for (std::size_t i = 1; i <= 30; ++i) {
        const std::vector<std::string> cells = split(lines[i], ',');
        REQUIRE(cells.size() == 7);
        const int row = parse_number<int>(cells[6]).value() - 2; // rows count from 1, and the first has the names
        CHECK(cells[4] == text("u", row % 24));
        CHECK(cells[0] == (row % 2 == 0 ? "low" : "high"));
        CHECK(cells[5].ends_with("users.csv"));
    }
}

TEST_CASE("data whose classes stand in another order than the model's are refused, other names are noted") {
    if (tool_is_missing()) return;
    const std::string model = scratch() + "/ordered.tsm", other = scratch() + "/reordered.tsm";
    REQUIRE(answer({"train", "--data", write_series("abc", {"ant", "bee", "cat"}), "--net", "F3", "--epochs", "1", "-o",
                    model, "--quiet"})
                .status == 0);
    const std::string later = write_series("bcd", {"bee", "cat", "dog"});
    const char* const sentence = "class 1 is bee, the model's class 1 is ant; use data with the model's classes in its "
                                 "order: ant, bee, cat";
    check_refused({"eval", model, "--data", later}, 1, sentence);
    for (const char* option : {"--init", "--teacher"}) {
        const Answer got =
            answer({"train", "--data", later, "--net", "F3", "--epochs", "1", "-o", other, option, model});
        CHECK(got.status == 1);
        CHECK(got.error.find(sentence) != std::string::npos);
    }
    const Answer renamed = answer({"eval", model, "--data", write_series("abz", {"ant", "bee", "zebra"})});
    CHECK(renamed.status == 0);
    CHECK(renamed.error.find("note: class 3 is called zebra in the data and cat in the model") != std::string::npos);
    const Answer foreign = answer({"eval", model, "--data", write_series("123", {"1", "2", "6"})});
    CHECK(foreign.status == 0);
    CHECK(foreign.error.find("warning: no class of the data has a name of the model's; 1, 2, 6 were taken as ant, bee, "
                             "cat in this order") != std::string::npos);
    CHECK(foreign.error.find("is called") == std::string::npos);
}

TEST_CASE("data of another sensor than the model's are refused") {
    if (tool_is_missing()) return;
    const std::string model = scratch() + "/sensor.tsm", other = scratch() + "/other.csv",
                      set = write_series("sensor", {"ant", "bee", "cat"});
    REQUIRE(answer({"train", "--data", set, "--net", "F3", "--epochs", "1", "-o", model, "--quiet"}).status == 0);
    std::string rows = read_file(set);
    write_file(other, "gx0,gx1,gx2,gx3,gx4,gx5,gx6,gx7,label" + rows.substr(rows.find('\n')));
    check_refused({"eval", model, "--data", other}, 1,
                  "channel 1 is gx, but the model reads t; use data with that sensor, or rename the column if it is "
                  "the same");
    write_file(other, "T0,T1,T2,T3,T4,T5,T6,T7,label" + rows.substr(rows.find('\n')));
    CHECK(answer({"eval", model, "--data", other}).status == 0);
}

TEST_CASE("a model is shown, exported and searched for boards without a cost model, and for no board") {
    if (tool_is_missing()) return;
    const std::string model = scratch() + "/anywhere.tsm", board = scratch() + "/esp32.txt";
    REQUIRE(answer({"train", "--data", small_set, "--net", "A4 C3k3 F10", "--epochs", "1", "-o", model, "--quiet"})
                .status == 0);
    write_file(board, "\xef\xbb\xbfname = esp32\narchitecture = host\nram = 1024\n");
    const json::Value uno = json::parse(answer({"show", model, "--json"}).out, "show");
    for (const std::string& target : {std::string("cortex-m4"), std::string("none"), board}) {
        CAPTURE(target);
        const Answer shown = answer({"show", model, "--target", target, "--json"});
        REQUIRE(shown.status == 0);
        const json::Value document = json::parse(shown.out, "show");
        for (const char* key : {"model_size", "working_memory", "weight_bytes", "macs", "nonzeros"})
            CHECK(*document.find(key) == *uno.find(key));
        for (const char* key : {"flash", "ram", "cycles", "milliseconds"}) CHECK(document.find(key)->is_null());
        CHECK(document.find("layers")->array()->front().find("cycles")->is_null());
        CHECK(answer({"show", model, "--target", target}).out.find("flash and cycles are not predicted") !=
              std::string::npos);
    }

    CHECK(answer({"eval", model, "--data", TINYSPARSE_SOURCE_DIR "/data/strokes"})
              .error.find("was prepared for the model: average pictures from 14x14 to 28x28: ") != std::string::npos);

    // none is this machine, as c++ is: no limits, the same files.
    const std::string none = scratch() + "/none_export", host = scratch() + "/host_export";
    CHECK(answer({"export", model, "--target", "none", "-o", none, "--name", "strokes"}).status == 0);
    CHECK(answer({"export", model, "--target", "c++", "-o", host, "--name", "strokes"}).status == 0);
    for (const char* file : {"/main.cpp", "/Makefile", "/CMakeLists.txt"})
        CHECK(read_file(none + file) == read_file(host + file));
    const auto code = [](const std::string& header) { // the comment above it states the command
        return header.substr(header.find("#ifndef"), header.rfind("#endif") - header.find("#ifndef"));
    };
    CHECK(code(read_file(none + "/strokes.h")) == code(read_file(host + "/strokes.h")));
    check_refused({"export", model, "--target", "uno", "-o", none}, 1,
                  "/Makefile is of an export for none; remove the folder, or export into another");
    for (const std::string& target : {std::string("cortex-m0"), std::string("c++"), board})
        for (const char* option : {"--max-flash", "--max-cycles"})
            check_refused({"export", model, "--target", target, "-o", none, option, "30000"}, 2,
                          text(option, ": flash and cycles are not known for "));
    write_file(board, "base = none\nname = esp32\nram = 64\n");
    check_refused({"export", model, "--target", board, "-o", scratch() + "/small"}, 1, "esp32 has 64 of RAM");
    for (const std::string& target : {std::string("none"), board})
        check_refused({"simulate", model, "--data", small_set, "--target", target}, 1, "there is no simulator for ");

    for (const char* target : {"cortex-m4", "none"}) {
        CAPTURE(target);
        const std::string run = text(scratch(), "/search_", target);
        const Answer done = answer({"search", "--data", small_set, "--target", target, "--trials", "4", "--out", run,
                                    "--jobs", "2", "--json"});
        CAPTURE(done.error);
        REQUIRE(done.status == 0);
        const json::Value document = json::parse(done.out, "search");
        CHECK(document.at("target").as<std::string>() == target);
        const json::Value& point = document.find("points")->array()->front();
        CHECK(point.at("model_size").as<double>() > 0);
        CHECK(point.find("ram")->is_null());
        CHECK(answer({"front", run}).out.find(" - ") != std::string::npos);
        CHECK(answer({"front", run, "--pick", "fastest@0%"}).status == 0);
        CHECK(answer({"report", run}).status == 0);
        const std::string head = read_file(run + "/journal.jsonl");
        CHECK(head.find(R"("objectives":["error","model_size","working_memory"])") != std::string::npos);
        check_refused({"search", "--out", run, "--resume", "--objectives", "error,flash"}, 2, "flash is not known for");
        CHECK(answer({"search", "--out", run, "--resume", "--target", target, "--objectives", "paper", "--json"}).out ==
              done.out);
        check_refused({"search", "--out", run, "--resume", "--target", "uno"}, 2, "the run began with --target");
    }
}

TEST_CASE("large pictures get a size that fits, models keep it, and devices take the camera's pixels") {
    if (tool_is_missing()) return;
    const std::string folder = scratch() + "/large";
    Random random(4, "large");
    for (int i = 0; i < 40; ++i) {
        std::string pixels; // squares, or crosses, of their own colour on noise
        const int top = int(random.below(40)), left = int(random.below(60)), red = 100 + int(random.below(100));
        for (int y = 0; y < 90; ++y)
            for (int x = 0; x < 120; ++x) {
                const int dy = y - top, dx = x - left;
                const bool inside = dy >= 0 && dx >= 0 && dy < 40 && dx < 40;
                const bool drawn = inside && (i % 2 ? true : std::abs(dy - 20) < 6 || std::abs(dx - 20) < 6);
                for (const int value : {red, 220, 60}) pixels += char(drawn ? value : int(random.below(50)));
            }
        make_folder(text(folder, "/", i % 2 ? "square" : "cross"));
        write_file(text(folder, "/", i % 2 ? "square" : "cross", "/", i, ".ppm"), "P6 120 90 255\n" + pixels);
    }
    if (answer({"data", folder}).error.find("without support for pictures") != std::string::npos) {
        MESSAGE("skipped: this tool was built without stb_image");
        return;
    }
    const std::string model = scratch() + "/large.tsm", spec = folder + ",pixels=rgb565,gray";
    const Answer trained = answer({"train", "--data", spec, "--net", "C2k3 M2 F@", "--epochs", "2", "-o", model});
    CHECK(trained.status == 0);
    CHECK(
        trained.error.find("note: pictures are shrunk from 90x120 to 22x30, the mean of 4x4 pixels each; 2 rows and 0 "
                           "columns at the lower and right edge are left out") != std::string::npos);
    const std::string shown = answer({"show", model}).out;
    CHECK(shown.find("camera          90x120 pixels (rgb565), the mean of 4x4 each\n") != std::string::npos);
    const json::Value document = json::parse(answer({"show", model, "--json"}).out, "show");
    CHECK(document.at("camera").at("block_width").as<int>() == 4);

    // The model brings size, gray and pixels; other sizes are judged too, but a device is fed with its own alone.
    const auto accuracy = [&](const std::string& words) {
        const json::Value out = json::parse(answer({"eval", model, "--data", words, "--json"}).out, "eval");
        return out.at("test_accuracy").as<double>();
    };
    CHECK(accuracy(folder) == accuracy(spec));
    CHECK(accuracy(folder + ",shrink=4") == accuracy(spec));
    check_refused({"eval", model, "--data", folder + ",size=10x10"}, 1,
                  "the model takes pictures of 1x22x30, but " + folder + ",size=10x10 has pictures of 1x10x10");
    const Answer simulated = answer({"simulate", model, "--data", folder, "--samples", "2"});
    if (simulated.status == 0)
        CHECK(simulated.out.find("2 of 2 samples") == 0);
    else
        MESSAGE("skipped: " << simulated.error);

    check_refused({"eval", model, "--data", folder + ",size=10x10"}, 1, "; leave size= out");
    const std::string colours = scratch() + "/colours.tsm";
    REQUIRE(
        answer({"train", "--data", folder + ",size=20x20", "--net", "F@", "--epochs", "1", "-o", colours, "--quiet"})
            .status == 0);
    check_refused({"eval", colours, "--data", "synthetic:strokes,samples=150"}, 1,
                  "has pictures with 1 channel; the model needs 3 (colour)");
    const Answer fraction = answer(
        {"train", "--data", folder + ",size=20x20,gray", "--net", "F@", "--epochs", "1", "-o", model, "--quiet"});
    CHECK(fraction.status == 0);
    const Answer exported = answer({"export", model, "--target", "c++", "-o", scratch() + "/fraction"});
    for (const char* duty : {"warning: the program that feeds the network has to do this first: make gray of colours",
                             "warning: the program that feeds the network has to do this first: average pictures from "
                             "90x120 to 20x20"})
        CHECK(exported.error.find(duty) != std::string::npos);
    CHECK(read_file(scratch() + "/fraction/fraction.h")
              .find("// Your program must do this first: average pictures "
                    "from 90x120 to 20x20: a new value is the mean") != std::string::npos);
}

TEST_CASE("a simulation of more samples than there are says so") {
    if (tool_is_missing()) return;
    const std::string model = scratch() + "/few.tsm";
    REQUIRE(answer({"train", "--data", small_set, "--net", "A4 F10", "--epochs", "1", "-o", model, "--quiet"}).status ==
            0);
    const Answer got = answer({"simulate", model, "--data", small_set, "--samples", "100000", "--json"});
    if (got.error.find("install") != std::string::npos) {
        MESSAGE("skipped: " << got.error);
        return;
    }
    CAPTURE(got.error);
    REQUIRE(got.status == 0);
    const json::Value document = json::parse(got.out, "simulate");
    const auto samples = document.at("samples").as<std::size_t>();
    CHECK(got.error == text("tinysparse: the part has ", samples, " samples; all of them are run\n"));
    CHECK(document.at("cycles").as<double>() > 0);
    CHECK(document.find("longest_cycles")->is_null()); // an Uno multiplies
    const double row = document.at("slowest_row_cycles").as<double>();
    CHECK(row < document.at("slowest_cycles").as<double>());
    CHECK(document.at("slowest_row_milliseconds").as<double>() == doctest::Approx(row / 16000));
    CHECK(document.find("row_conversion_cycles")->is_null()); // pictures are raw
    CHECK(!document.find("instructions"));
}

TEST_CASE("a search gives a front as a table, as JSON and as CSV, and one model of it") {
    if (tool_is_missing()) return;
    const std::string run = scratch() + "/search";
    const Answer done = answer(search_words(run, {"--trials", "6", "--json"}));
    CAPTURE(done.error);
    REQUIRE(done.status == 0);
    const json::Value document = json::parse(done.out, "search");
    const json::Array& points = *document.find("points")->array();
    REQUIRE(!points.empty());
    CHECK(points[0].find("test_accuracy")->is_number());
    CHECK(json::parse(answer({"front", run, "--json"}).out, "front") == document);
    CHECK(answer({"front", run}).out.find("val %") != std::string::npos);
    const std::string linear = document.at("baseline").at("net").as<std::string>();
    CHECK(linear.starts_with("F"));
    CHECK(document.at("baseline").at("id").as<int>() == 0);
    CHECK(answer({"front", run}).out.find("\nbaseline: " + linear + ", ") != std::string::npos);
    CHECK(answer({"report", run}).status == 0);
    CHECK(read_file(run + "/report.html").find("<p>Baseline: " + linear + ", ") != std::string::npos);
    CHECK(answer({"show", run + "#0"}).status == 0);
    CHECK(answer({"front", run, "--csv"}).out.find("id,") == 0);
    const Answer best = answer({"front", run, "--pick", "best@1MB", "--json"});
    const int id = json::parse(best.out, "best").find("points")->array()->front().at("id").as<int>();
    CHECK(answer({"eval", text(run, "#", id), "--data", small_set}).status == 0);
    CHECK(answer({"eval", run + "#999", "--data", small_set}).error.find("has no trial 999") != std::string::npos);
    check_refused({"front", run, "--pick", "smallest@100%"}, 1, "no model of the front reaches");

    // Once more: finished searches answer, others must not be overwritten, options must not differ.
    CHECK(answer({"search", "--out", run, "--resume", "--json"}).out == done.out);
    check_refused(search_words(run, {"--trials", "6"}), 2, "continue it with --resume");
    check_refused({"search", "--out", run, "--resume", "--seed", "2"}, 2, "the run began with --seed 1");
    check_refused({"search", "--out", run, "--resume", "--data", scratch() + "/x"}, 1, scratch() + "/x");
    check_refused({"search", "--out", run, "--resume", "--data", "synthetic:strokes,samples=151"}, 1,
                  "the data are not those that the run began with");
    check_refused({"search", "--out", run, "--resume", "--kernel", "arc"}, 2, "the run began with --kernel matern");
    const Answer further = answer({"search", "--out", run, "--resume", "--trials", "8", "--json"});
    CHECK(further.status == 0);
    CHECK(journal_lines(run) == 1 + 6 + 1 + 1 + 2 + 1); // run, trials, end, new goal, trials, end
}

TEST_CASE("stored bytes are an objective and a limit, and the help names them") {
    if (tool_is_missing()) return;
    const std::string run = scratch() + "/stored";
    const Answer done = answer({"search", "--data", small_set, "--objectives", "error,weight_bytes", "--limit",
                                "weight_bytes=700", "--trials", "6", "--jobs", "2", "--out", run, "--json"});
    CAPTURE(done.error);
    REQUIRE(done.status == 0);
    const json::Value document = json::parse(done.out, "search");
    double before = 0;
    for (const json::Value& point : *document.find("points")->array()) {
        const double bytes = point.at("weight_bytes").as<double>();
        CHECK(bytes <= 700);
        CHECK(bytes >= before); // the first cost orders the front
        before = bytes;
    }
    CHECK(before > 0);
    CHECK(document.at("baseline").at("weight_bytes").as<double>() > 700);
    CHECK_FALSE(document.at("baseline").at("feasible").as<bool>());
    const Answer front = answer({"front", run});
    CHECK(front.out.find("  stored  nonzero  bits  ") != std::string::npos);
    CHECK(front.out.find("; breaks the limit weight_bytes <= 700 B with ") != std::string::npos);
    CHECK(answer({"search", "--help"}).out.find("weight_bytes") != std::string::npos);
}

TEST_CASE("a search by balanced error keeps its kind, names its score and has plain accuracies beside it") {
    if (tool_is_missing()) return;
    const std::string run = scratch() + "/falls", falls = write_falls("falls.csv", true);
    const Answer done = answer({"search", "--data", falls, "--target", "none", "--trials", "4", "--jobs", "1", "--out",
                                run, "--error", "balanced", "--json"});
    CAPTURE(done.error);
    REQUIRE(done.status == 0);
    CHECK(done.error.find("--error balanced counts") == std::string::npos); // which was chosen
    CHECK(done.error.find(" % balanced accuracy  model_size") != std::string::npos);
    const json::Value document = json::parse(done.out, "search");
    CHECK(document.at("error_kind").as<std::string>() == "balanced");
    CHECK(document.at("trivial_error").as<double>() == 0.5);
    const std::string head = read_file(run + "/journal.jsonl");
    CHECK(head.find(R"("error":"balanced")") != std::string::npos);
    CHECK(head.find(R"("validation_counts":[5,95],"validation_groups":0)") != std::string::npos);
    CHECK(answer({"front", run}).out.find("balanced accuracy %") != std::string::npos);
    CHECK(answer({"search", "--out", run, "--resume", "--error", "balanced", "--json"}).out == done.out);
    for (const char* other : {"plain", "macro-f1"})
        check_refused({"search", "--out", run, "--resume", "--error", other}, 2, "the run began with --error balanced");
    const Answer picked = answer({"front", run, "--pick", "best@1MB"});
    CHECK(picked.status == 0);
    CHECK(picked.error.find(" % balanced accuracy on the validation part") != std::string::npos);
    check_refused({"front", run, "--pick", "smallest@100.1%"}, 2, "100.1%");

    const Answer trained = answer({"train", "--data", falls, "--net", "C3k3 DGL F2", "--epochs", "2", "-o",
                                   scratch() + "/falls.tsm", "--quiet", "--error", "macro-f1"});
    CHECK(trained.out.find("macro F1 validation ") == 0);
    CHECK(trained.out.find(" %, accuracy validation ") != std::string::npos);
    check_refused({"train", "--data", falls, "--net", "F2", "-o", scratch() + "/x.tsm", "--error", "f1"}, 2,
                  "macro-f1");
}

TEST_CASE("a run is resumed from another folder, or with its data at another place, if they are the same") {
    if (tool_is_missing()) return;
    const std::string home = scratch() + "/home", away = scratch() + "/away", run = home + "/run";
    std::filesystem::create_directories(home);
    std::filesystem::create_directories(away);
    write_falls("home/falls.csv", true);
    write_file(home + "/board.txt", "base = uno\nname = mine\nclock = 12000000\n");
    const std::string spec = "falls.csv,val=0.2,test=0.2";
    const Answer done = answer(
        {"search", "--data", spec, "--target", "./board.txt", "--trials", "2", "--jobs", "1", "--out", "run"}, home);
    CAPTURE(done.error);
    REQUIRE(done.status == 0);
    CHECK(done.error.find("tinysparse: warning: the classes are not balanced") != std::string::npos);
    const std::string head = read_file(run + "/journal.jsonl");
    CHECK(head.find(R"("warning: the classes are not balanced: 304 training samples of idle, 16 of fall")") !=
          std::string::npos);
    const Answer elsewhere = answer({"search", "--out", run, "--resume", "--trials", "3"}, away);
    CAPTURE(elsewhere.error);
    CHECK(elsewhere.status == 0);
    CHECK(elsewhere.error.find("warning: the classes are not balanced") != std::string::npos);
    CHECK(elsewhere.error.find("are read from") == std::string::npos);
    std::filesystem::rename(home + "/falls.csv", away + "/moved.csv");
    check_refused({"search", "--out", run, "--resume", "--trials", "4"}, 1,
                  "; if the data set has moved, give its new place with --data SPEC");
    const std::string moved = away + "/moved.csv,val=0.2,test=0.2";
    const Answer again = answer({"search", "--out", run, "--resume", "--trials", "4", "--data", moved}, away);
    CAPTURE(again.error);
    CHECK(again.status == 0);
    CHECK(again.error.find(text("tinysparse: the data are read from ", moved, " this time; the run began with ", spec,
                                "\n")) != std::string::npos);
    CHECK(read_file(run + "/journal.jsonl").find(head.substr(0, head.find('\n'))) == 0); // as it began
    CHECK(answer({"search", "--out", "../home/run", "--resume", "--data", "moved.csv,val=0.2,test=0.2"}, away).status ==
          0);
    check_refused({"search", "--out", run, "--resume", "--trials", "5", "--data", away + "/moved.csv,val=0.3"}, 1,
                  "the data are not those that the run began with");
    const Answer quiet = answer({"search", "--out", run, "--resume", "--trials", "5", "--data", moved, "--quiet"});
    CHECK(quiet.status == 0);
    CHECK(quiet.error.empty());

    const std::string model = scratch() + "/noted.tsm";
    CHECK(answer({"train", "--data", moved, "--net", "F2", "--epochs", "1", "-o", model})
              .error.find("tinysparse: warning: the classes are not balanced: 304 training samples of idle, 16 of "
                          "fall\n") != std::string::npos);
    CHECK(answer({"train", "--data", moved, "--net", "F2", "--epochs", "1", "-o", model, "--quiet"}).error.empty());
}

TEST_CASE("classes can be weighed, whatever else a training does, and a search keeps to it") {
    if (tool_is_missing()) return;
    const std::string falls = write_falls("weighed.csv", true), teacher = scratch() + "/falls_teacher.tsm";
    const auto train = [&](const std::string& file, std::vector<std::string> more) {
        std::vector<std::string> words = {"train", "--data", falls, "--net",    "C3k3 F4 F2", "--batch",
                                          "16",    "-o",     file,  "--epochs", "6",          "--quiet"};
        words.insert(words.end(), more.begin(), more.end());
        REQUIRE(answer(words).status == 0);
        return fixed::load_model(file).float_layers[0].weights;
    };
    const std::string model = scratch() + "/weighed.tsm";
    const auto plain = train(teacher, {});
    CHECK(train(model, {"--class-weights", "none"}) == plain);
    const std::vector<std::vector<std::string>> options = {{},
                                                           {"--label-smoothing", "0.1"},
                                                           {"--teacher", teacher},
                                                           {"--prune", "magnitude", "--keep", "0.5"},
                                                           {"--prune", "bayes-gnj", "--keep", "0.5"}};
    for (const std::vector<std::string>& more : options) {
        CAPTURE(join(more, " "));
        std::vector<std::string> weighed = more;
        weighed.insert(weighed.end(), {"--class-weights", "balanced"});
        CHECK(train(model, weighed) != train(model, more));
    }
    const std::string run = scratch() + "/weighed_run";
    const Answer done = answer({"search", "--data", falls, "--target", "none", "--trials", "2", "--jobs", "1", "--out",
                                run, "--class-weights", "balanced"});
    CAPTURE(done.error);
    REQUIRE(done.status == 0);
    CHECK(read_file(run + "/journal.jsonl").find(R"("class_weights":"balanced")") != std::string::npos);
    CHECK(answer({"search", "--out", run, "--resume"}).out == done.out);
    check_refused({"search", "--out", run, "--resume", "--class-weights", "none"}, 2,
                  "the run began with --class-weights balanced");
}

TEST_CASE("a search that finds nothing but the constant answer says so, and is done") {
    if (tool_is_missing()) return;
    const std::string run = scratch() + "/constant";
    const std::vector<std::string> words = {
        "search", "--data", write_falls("constant.csv", false), "--target", "none", "--trials", "3", "--jobs", "1",
        "--out",  run};
    const Answer done = answer(words);
    CAPTURE(done.error);
    CHECK(done.status == 0);
    const std::string nothing = "nothing beats the constant answer, 95.0 %\n";
    CHECK(done.out.starts_with(nothing + "baseline: F2, "));
    CHECK(std::count(done.out.begin(), done.out.end(), '\n') == 2);
    const std::string advice = "95.0 % of the training samples are of class idle, so that always answering it looks "
                               "good; --error balanced counts every class alike";
    CHECK(done.error.find(advice) != std::string::npos);
    CHECK(read_file(run + "/journal.jsonl").find(advice) != std::string::npos);
    CHECK(answer({"front", run}).out == done.out);
    for (const char* format : {"--json", "--csv"}) {
        const Answer front = answer({"front", run, format});
        CHECK(front.status == 0);
        CHECK(front.error == "tinysparse: " + nothing);
        if (format == std::string("--csv"))
            CHECK(front.out.empty());
        else
            CHECK(json::parse(front.out, "front").find("points")->array()->empty());
    }
    CHECK(answer({"report", run}).status == 0);
    CHECK(read_file(run + "/report.html").find("<p>Nothing beats the constant answer, 95.0\u00a0%.</p>") !=
          std::string::npos);
    check_refused({"front", run, "--pick", "best@1MB"}, 1, "nothing beats the constant answer, 95.0 %");
    check_refused({"export", run, "--target", "none", "-o", scratch() + "/x"}, 1,
                  "constant: nothing beats the constant answer, 95.0 %");
    CHECK(answer({"show", run}).out == done.out);
    const Answer resumed = answer({"search", "--out", run, "--resume", "--trials", "4", "--json"});
    CHECK(resumed.status == 0);
    CHECK(resumed.error.find("nothing beats the constant answer") != std::string::npos);
}

TEST_CASE("a search keeps to the file that narrows its space, and to what it began with") {
    if (tool_is_missing()) return;
    const std::string run = scratch() + "/narrow", file = scratch() + "/narrow.space";
    std::ofstream(file) << "unit.kind = separable\nbits = 4  # and no others\npruning.method = none\n";
    const Answer done = answer(search_words(run, {"--trials", "4", "--space", file, "--no-inherit", "--quiet"}));
    CAPTURE(done.error);
    REQUIRE(done.status == 0);
    const std::string journal = read_file(run + "/journal.jsonl");
    CHECK(journal.find("bits = 4") != std::string::npos);
    CHECK(journal.find("\"bits\":8") == std::string::npos);
    CHECK(answer({"front", run}).out.find("\nbaseline: F10b4, ") != std::string::npos);
    CHECK(journal.find("\"inherits\":true") == std::string::npos);
    std::ofstream(file) << "unit.kind = separable\n";
    check_refused({"search", "--out", run, "--resume", "--space", file}, 2, "the run began with another space");
    std::ofstream(file) << "unit.kidn = separable\n";
    check_refused(search_words(scratch() + "/none", {"--space", file}), 1, "narrow.space: line 1: there is no gene");

    const Answer report = answer({"report", run});
    CHECK(report.status == 0);
    CHECK(read_file(run + "/report.html").find("</html>") != std::string::npos);
    CHECK(answer({"report", run, "-o", scratch() + "/two.html", "--beside", run}).status == 0);
    CHECK(answer({"report", run, "--pick", "smallest@1%"}).status == 0);
    check_refused({"report", run, "--pick", "nearest"}, 2, "--pick nearest: expected best, best@8KB");
    check_refused({"report", scratch() + "/nowhere"}, 1, "there is no such folder; a run is made by search");
}

TEST_CASE("a search leaves named sets out of its portfolio, says so in its head, and keeps to it") {
    if (tool_is_missing()) return;
    const std::string run = scratch() + "/portfolio", whole = scratch() + "/whole_portfolio";
    const auto search = [](const std::string& folder, const std::vector<std::string>& more) {
        const Answer done = answer(search_words(folder, more));
        CAPTURE(done.error);
        REQUIRE(done.status == 0);
        return read_file(folder + "/journal.jsonl");
    };
    const auto names = [](const std::string& journal) {
        return journal.find("\"portfolio_without\":[\"mnist\",\"hapt\"]") != std::string::npos;
    };
    CHECK(names(search(run, {"--trials", "2", "--portfolio-without", "hapt,mnist", "--quiet"})));
    CHECK(answer({"search", "--out", run, "--resume", "--portfolio-without", "mnist,hapt"}).status == 0);
    check_refused({"search", "--out", run, "--resume", "--portfolio-without", "all"}, 2,
                  "the run began with --portfolio-without mnist,hapt; leave");
    CHECK(search(whole, {"--trials", "2", "--quiet"}).find("\"portfolio_without\":[]") != std::string::npos);
    check_refused({"search", "--out", whole, "--resume", "--portfolio-without", "mnist"}, 2,
                  "the run began with the whole portfolio; leave");
    check_refused(search_words(scratch() + "/none", {"--portfolio-without", "mnits"}), 2,
                  "--portfolio-without: set of the portfolio mnits is not known; did you mean mnist?");
    check_refused(search_words(scratch() + "/none", {"--portfolio-without", "mnist,,hapt"}), 2,
                  "--portfolio-without: ");
}

TEST_CASE("a preset is a row of settings, which options overrule, and belongs to the run") {
    if (tool_is_missing()) return;
    const std::string run = scratch() + "/preset";
    const Answer done = answer(
        {"search", "--data", small_set, "--preset", "sparse", "--trials", "6", "--jobs", "1", "--out", run, "--quiet"});
    CAPTURE(done.error);
    REQUIRE(done.status == 0);
    const std::string journal = read_file(run + "/journal.jsonl");
    for (const char* setting :
         {"\"target\":\"none\"", "\"acquisition\":\"sparse\"", "\"kernel\":\"arc\"",
          "\"portfolio_without\":[\"mnist\",",
          "\"objectives\":[\"error\",\"paper_model_size\",\"paper_working_memory\"]", "\"bits\":8"}) {
        CAPTURE(setting);
        CHECK(journal.find(setting) != std::string::npos);
    }
    CHECK(journal.find("\"bits\":4") == std::string::npos);
    check_refused({"search", "--out", run, "--resume", "--target", "uno"}, 2, "the run began with --target none");
    CHECK(answer({"search", "--out", run, "--resume", "--preset", "sparse"}).status == 0);
    const std::string usual = scratch() + "/usual";
    CHECK(answer(search_words(usual, {"--trials", "2", "--quiet"})).status == 0);
    check_refused({"search", "--out", usual, "--resume", "--preset", "sparse"}, 2, "the run began with --target uno");
    check_refused({"search", "--data", small_set, "--preset", "spares"}, 2,
                  "--preset spares is not known; did you mean sparse?");
}

TEST_CASE("an interrupted search exits with 130 and resumes to the front of an unbroken one") {
    if (tool_is_missing()) return;
    const std::string whole = scratch() + "/unbroken";
    const Answer unbroken = answer(search_words(whole, {"--trials", "10"}));
    REQUIRE(unbroken.status == 0);
    for (const int signal : {SIGINT, SIGTERM, SIGKILL}) {
        const std::string run = text(scratch(), "/signal", signal);
        const Run started = start(search_words(run, {"--trials", "10"}));
        wait_for_lines(run, 4);
        ::kill(started.process, signal);
        const Answer broken = wait_for(started);
        CHECK(broken.out.empty());
        if (signal == SIGKILL) {
            CHECK(broken.status == 128 + SIGKILL);
        } else {
            CHECK(broken.status == 130);
            CHECK(broken.error.find(text("tinysparse search --out ", run, " --resume goes on")) != std::string::npos);
        }
        CHECK(journal_lines(run) < 12);
        const Answer resumed = answer({"search", "--out", run, "--resume"});
        CHECK(resumed.status == 0);
        CHECK(resumed.out == unbroken.out);
    }
}

namespace {

/// Writes 300 rows of a, b and y = 10 a - 3 b + 7 (and z = -y) in 0..1, and gives their SPEC.
std::string write_plane() {
    std::string rows = "a,b,y,z\n";
    for (int i = 0; i < 300; ++i) {
        const double a = i * 37 % 101 / 100.0, b = i * 53 % 97 / 96.0, y = 10 * a - 3 * b + 7;
        rows += text(a, ",", b, ",", y, ",", -y, "\n");
    }
    write_file(scratch() + "/plane.csv", rows);
    return scratch() + "/plane.csv,task=regression,columns=a+b,label=";
}

} // namespace

TEST_CASE("numbers are learned, judged, shown, exported and simulated, and no command speaks of accuracy") {
    if (tool_is_missing()) return;
    const std::string plane = write_plane(), model = scratch() + "/plane.tsm";
    const Answer trained = answer({"train", "--data", plane + "y", "--net", "F8 F@", "--epochs", "150", "-o", model});
    CAPTURE(trained.error);
    REQUIRE(trained.status == 0);
    CHECK(trained.out.find("validation RMSE ") == 0);
    const std::string predictions = scratch() + "/plane-answers.csv";
    const Answer judged = answer({"eval", model, "--data", plane + "y", "--json", "--predictions", predictions});
    const json::Value document = json::parse(judged.out, "eval");
    CHECK(document.find("test_accuracy")->is_null());
    CHECK(document.at("rmse").as<double>() < 0.3); // of a deviation of 3
    CHECK(document.at("mae").as<double>() < document.at("rmse").as<double>());
    CHECK(document.at("r2").as<double>() > 0.99);
    // RMSE once more, from every answer.
    const std::vector<std::string> lines = split(read_file(predictions), '\n');
    CHECK(lines[0] == "truth_y,answer_y,logit_y,file,row");
    double squares = 0;
    for (std::size_t i = 1; i + 1 < lines.size(); ++i) {
        const std::vector<std::string> cells = split(lines[i], ',');
        squares += std::pow(*parse_number<double>(cells[0]) - *parse_number<double>(cells[1]), 2);
    }
    CHECK(std::sqrt(squares / double(lines.size() - 2)) ==
          doctest::Approx(document.at("rmse").as<double>()).epsilon(1e-4));

    const Answer shown = answer({"show", model}), floating = answer({"eval", model, "--data", plane + "y", "--float"});
    CHECK(shown.out.find("answers         y = ") != std::string::npos);
    CHECK(floating.out.find("RMSE ") == 0);
    const json::Value details = json::parse(answer({"show", model, "--json"}).out, "show");
    CHECK(details.find("test_accuracy")->is_null());
    CHECK(details.at("numbers").at(0).at("test_rmse").as<double>() == document.at("rmse").as<double>());
    const Answer described = answer({"data", plane + "y", "-o", scratch() + "/plane.png"});
    CHECK(described.out.find("number to answer: y, mean ") != std::string::npos);
    const Answer exported = answer({"export", model, "--target", "uno", "-o", scratch() + "/plane"});
    CHECK(exported.status == 0);
    for (const Answer& one : {trained, shown, floating, described, exported})
        CHECK((one.out + one.error).find("ccuracy") == std::string::npos);
    CHECK(read_file(scratch() + "/plane/plane.h").find("constexpr float value_origin") != std::string::npos);
    const Answer simulated = answer({"simulate", model, "--data", plane + "y", "--samples", "20", "--json"});
    if (simulated.error.find("install") == std::string::npos) {
        const json::Value out = json::parse(simulated.out, "simulate");
        CHECK(out.at("identical").as<int>() == 20);
        CHECK(out.find("accuracy")->is_null());
        CHECK(out.at("rmse").as<double>() < 0.4);
    }
    check_refused({"eval", model, "--data", scratch() + "/plane.csv,label=y"}, 1, "task=regression learns numbers");
    check_refused({"eval", model, "--data", small_set}, 1, "");
    check_refused({"eval", model, "--data", plane + "y+z"}, 1, "the model predicts 1 numbers");
    check_refused({"train", "--data", plane + "y", "--net", "F@", "-o", model, "--error", "balanced"}, 2,
                  "the answers are numbers, whose error is rmse");
    for (const std::vector<std::string>& more :
         std::vector<std::vector<std::string>>{{"--class-weights", "balanced"}, {"--label-smoothing", "0.1"}}) {
        std::vector<std::string> words = {"train", "--data", plane + "y", "--net", "F@", "-o", model};
        words.insert(words.end(), more.begin(), more.end());
        check_refused(words, 2, "is for classes; the data's answers are numbers");
    }
    check_refused({"train", "--data", small_set, "--net", "F@", "-o", model, "--error", "rmse"}, 2,
                  "the answers are classes");
    check_refused({"train", "--data", plane + "q", "--net", "F@", "-o", model}, 1, "no column has this name");
}

TEST_CASE("a search of numbers has a front of errors, from which one is chosen by its RMSE") {
    if (tool_is_missing()) return;
    const std::string plane = write_plane(), run = scratch() + "/numbers";
    const Answer done =
        answer({"search", "--data", plane + "y+z", "--trials", "6", "--jobs", "1", "--out", run, "--json"});
    CAPTURE(done.error);
    REQUIRE(done.status == 0);
    const json::Value document = json::parse(done.out, "search");
    CHECK(document.at("error_kind").as<std::string>() == "rmse");
    CHECK(document.at("trivial_error").as<double>() == 1);
    const json::Reader first = json::Reader(document, "front").at("points").at(0);
    CHECK(first.at("validation_accuracy").value().is_null());
    CHECK(first.at("test_accuracy").value().is_null());
    CHECK(first.at("test_error").as<double>() < 1);
    CHECK(first.at("numbers").at(1).at("rmse").as<double>() > 0);
    CHECK(first.at("rmse").value().is_null()); // there are two
    CHECK(read_file(run + "/journal.jsonl").find(R"("validation_accuracy":null)") != std::string::npos);
    const Answer front = answer({"front", run}), best = answer({"front", run, "--pick", "best"});
    CHECK(front.out.find("test error") != std::string::npos);
    CHECK((front.out + front.error + best.error).find("ccuracy") == std::string::npos);
    CHECK(best.error.find(" has RMSE ") != std::string::npos);
    CHECK(best.error.find(" deviations on the held-out samples of ") != std::string::npos);
    CHECK(answer({"front", run, "--pick", "smallest@rmse=0.99"}).status == 0);
    check_refused({"front", run, "--pick", "smallest@rmse=0.00001"}, 1, "no model of the front has an RMSE of 1e-05");
    check_refused({"front", run, "--pick", "smallest@90%"}, 2, "the run answers numbers; give an RMSE");
    check_refused({"front", run, "--pick", "smallest@rmse=x"}, 2, "expected an RMSE above 0");
    CHECK(answer({"report", run, "-o", scratch() + "/numbers.html"}).status == 0);
    CHECK(read_file(scratch() + "/numbers.html").find("RMSE on the held-out samples of ") != std::string::npos);
    check_refused({"search", "--data", plane + "y", "--trials", "2", "--out", run + "2", "--error", "balanced"}, 2,
                  "the answers are numbers, whose error is rmse");
    CHECK(answer({"search", "--out", run, "--resume", "--json"}).out == done.out);
}
