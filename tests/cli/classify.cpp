// SPDX-License-Identifier: Apache-2.0
// What classify answers to pictures and recordings without labels, and which of them it rejects.
#include "shell.hpp"
#include <cmath>
#include <doctest/doctest.h>

#include "tinysparse/base/json.hpp"
#include "tinysparse/base/random.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/fixed/model_file.hpp"

using namespace tinysparse;
using testing::has;
using testing::shell;
using testing::ShellAnswer;
using testing::skipped;

namespace {

/// A folder of bright and dark gray pictures of 8x8; false if the tool reads no pictures.
bool write_pictures(const ScratchFolder& folder) {
    Random random(3, "pictures");
    for (int i = 0; i < 60; ++i) {
        std::string pixels;
        for (int at = 0; at < 64; ++at) pixels += char((i % 2 ? 150 : 20) + int(random.below(80)));
        make_folder(text(folder.path(), "/set/", i % 2 ? "bright" : "dark"));
        write_file(text(folder.path(), "/set/", i % 2 ? "bright" : "dark", "/", i, ".pgm"), "P5 8 8 255\n" + pixels);
    }
    const ShellAnswer trained = shell(folder.path(), "$TOOL train --data set --net 'F@' --epochs 300 --quiet -o m.tsm");
    if (has(trained.error, "without support for pictures")) return false;
    REQUIRE(trained.status == 0);
    return true;
}

json::Value answers(const ScratchFolder& folder, const std::string& words) {
    const ShellAnswer got = shell(folder.path(), "$TOOL classify " + words + " --json");
    CAPTURE(got.error);
    REQUIRE(got.status == 0);
    return json::parse(got.out, "classify");
}

} // namespace

TEST_CASE("classify answers to each picture what eval answers, with the softmax of the logits") {
    if (skipped()) return;
    const ScratchFolder folder;
    if (!write_pictures(folder)) return;
    REQUIRE(shell(folder.path(), "$TOOL eval m.tsm --data set --predictions p.csv").status == 0);
    const fixed::Model model = fixed::load_model(folder.path() + "/m.tsm");
    const double step = std::ldexp(1.0, model.network.layers.back().output_exponent);
    int compared = 0;
    for (const std::string& line : split(read_file(folder.path() + "/p.csv"), '\n')) {
        const std::vector<std::string> cells = split(line, ','); // truth, answer, two logits, file, row
        if (cells.size() != 6 || cells[0] == "truth") continue;
        const json::Value document = answers(folder, "m.tsm set/" + cells[4]);
        const json::Reader answer = document.at("answers").at(0);
        CHECK(answer.at("file").as<std::string>() == "set/" + cells[4]);
        CHECK(answer.at("class").as<std::string>() == cells[1]);
        const auto logits = answer.at("logits").as<std::vector<int>>();
        CHECK(text(logits[0], ",", logits[1]) == text(cells[2], ",", cells[3]));
        const double lead = std::abs(logits[0] - logits[1]) * step;
        CHECK(answer.at("probability").as<double>() == doctest::Approx(1 / (1 + std::exp(-lead))));
        CHECK(answer.at("classes").at(1).at("probability").as<double>() == doctest::Approx(1 / (1 + std::exp(lead))));
        CHECK_FALSE(document.at("probabilities").at("calibrated").as<bool>());
        ++compared;
    }
    CHECK(compared == 12);

    const ShellAnswer words = shell(folder.path(), "$TOOL classify m.tsm set/bright/1.pgm set/dark/2.pgm");
    CHECK(words.status == 0);
    const std::vector<std::string> lines = split(words.out, '\n');
    REQUIRE(lines.size() == 4);
    CHECK(lines[0] == "file              class   probability  second  probability");
    CHECK(lines[1].starts_with("set/bright/1.pgm  bright  "));
    CHECK(lines[2].starts_with("set/dark/2.pgm    dark    "));
    CHECK(has(words.error, "probabilities are the softmax of the logits, which is often overconfident; --data SPEC "
                           "calibrates them"));
}

TEST_CASE("classify warns of a recording in another unit and at another rate") {
    if (skipped()) return;
    const ScratchFolder folder;
    Random random(4, "rows");
    const auto recording = [&](double factor, int step, int rows) {
        std::string csv = "time_ms,ax,label\n";
        for (int row = 0; row < rows; ++row)
            csv += text(step * row, ",", factor * random.normal(), ",", row / 40 % 2 ? "a" : "b", "\n");
        return csv;
    };
    write_file(folder.path() + "/set.csv", recording(1, 20, 800));
    write_file(folder.path() + "/same.csv", recording(1, 20, 40));
    write_file(folder.path() + "/large.csv", recording(1000, 5, 40));
    const std::string train = "$TOOL train --data set.csv,window=8 --net F@ --epochs 2 --quiet -o m.tsm";
    REQUIRE(shell(folder.path(), train).status == 0);
    const ShellAnswer same = shell(folder.path(), "$TOOL classify m.tsm same.csv"),
                      large = shell(folder.path(), "$TOOL classify m.tsm large.csv");
    CHECK(same.status == 0);
    CHECK_FALSE(has(same.error, "warning"));
    CHECK(large.status == 0);
    CHECK(has(large.error, "warning: large.csv: "));
    CHECK(has(large.error, " % of ax is outside the range of the training data; is the unit the same?"));
    CHECK(has(large.error, "warning: large.csv: 200 rows per second, but the model was trained at 50"));
}

TEST_CASE("classify rejects what the validation part says, and names the threshold of an export") {
    if (skipped()) return;
    const ScratchFolder folder;
    if (!write_pictures(folder)) return;
    // A picture between both classes: a least margin of the export lies above its own.
    write_file(folder.path() + "/gray.pgm", "P5 8 8 255\n" + std::string(64, char(125)));
    const ShellAnswer exported =
        shell(folder.path(), "$TOOL export m.tsm --target none -o out --data set --reject 50%");
    REQUIRE(exported.status == 0);
    const std::string header = read_file(folder.path() + "/out/out.h"), before = "least_margin = ";
    const int least = std::stoi(header.substr(header.find(before) + before.size()));
    const json::Value document = answers(folder, "m.tsm gray.pgm set/bright/1.pgm --data set --reject 50%");
    CHECK(document.at("probabilities").at("calibrated").as<bool>());
    CHECK(document.at("probabilities").at("least_margin").as<int>() == least);
    for (std::size_t i = 0; i < 2; ++i) {
        const json::Reader answer = document.at("answers").at(i);
        const auto logits = answer.at("logits").as<std::vector<int>>();
        CHECK(answer.at("accepted").as<bool>() == (std::abs(logits[0] - logits[1]) >= least));
    }
    CHECK_FALSE(document.at("answers").at(0).at("accepted").as<bool>());
    const ShellAnswer words = shell(folder.path(), "$TOOL classify m.tsm gray.pgm --data set --reject 50%");
    CHECK(has(words.out, "gray.pgm  rejected ("));
    CHECK(has(words.error, "probabilities are calibrated; judged by 5 validation samples: probabilities are off by "));
    CHECK(has(words.error, "the model needs a margin of "));
    const auto refused = [&](const std::string& options, const char* why) {
        const ShellAnswer got = shell(folder.path(), "$TOOL classify m.tsm gray.pgm " + options);
        CAPTURE(got.error);
        CHECK(got.status == 2);
        CHECK(has(got.error, why));
        CHECK(got.out.empty());
    };
    refused("--reject 5%", "--reject needs --data SPEC");
    refused("--data set --reject 100%", "nothing would be accepted");
    refused("--stride 4", "--stride is for recordings; the model reads pictures");
}

TEST_CASE("classify answers to the files that it can read, says why it cannot read others, and then fails") {
    if (skipped()) return;
    const ScratchFolder folder;
    if (!write_pictures(folder)) return;
    const ShellAnswer got = shell(folder.path(), "$TOOL classify m.tsm none.png set/dark/2.pgm set p.csv");
    CHECK(got.status == 1);
    CHECK(has(got.out, "set/dark/2.pgm  dark"));
    CHECK(has(got.error, "tinysparse: none.png: "));
    CHECK(has(got.error, "tinysparse: set: "));
    const ShellAnswer documents = shell(folder.path(), "$TOOL classify m.tsm none.png set/dark/2.pgm --json");
    CHECK(documents.status == 1);
    const json::Value document = json::parse(documents.out, "classify");
    CHECK(document.at("errors").at(0).at("file").as<std::string>() == "none.png");
    CHECK(document.at("answers").at(0).at("class").as<std::string>() == "dark");
    const ShellAnswer alone = shell(folder.path(), "$TOOL classify m.tsm");
    CHECK(alone.status == 2);
    CHECK(has(alone.error, "classify needs FILE...: picture; or recording"));
}

TEST_CASE("classify answers to each window of a recording, and to target numbers") {
    if (skipped()) return;
    const ScratchFolder folder;
    const std::string gestures = TINYSPARSE_SOURCE_DIR "/data/gestures.csv";
    REQUIRE(shell(folder.path(), "$TOOL train --data '" + gestures +
                                     ",window=32,stride=8' --net 'A4 C3k3 G F4' --epochs 2 --quiet -o m.tsm")
                .status == 0);
    const ShellAnswer cut =
        shell(folder.path(), "head -49 '" + gestures + "' > some.csv; cut -d, -f1-3 some.csv > two.csv");
    REQUIRE(cut.status == 0);
    const json::Value document = answers(folder, "m.tsm some.csv");
    const std::size_t windows = document.find("answers")->array()->size();
    CHECK(windows == 3); // 48 rows: from line 2, 10 and 18 on
    CHECK(document.at("answers").at(2).at("first_line").as<int>() == 18);
    CHECK(document.at("answers").at(2).at("last_line").as<int>() == 49);
    CHECK(answers(folder, "m.tsm some.csv --stride 16").find("answers")->array()->size() == 2);
    CHECK(has(shell(folder.path(), "$TOOL classify m.tsm some.csv").out, "some.csv  2-33   "));
    CHECK(has(shell(folder.path(), "$TOOL classify m.tsm two.csv").error,
              "two.csv: there is no column az; the model reads ax ay az, the columns are activity ax ay"));

    fixed::Model model = fixed::load_model(folder.path() + "/m.tsm");
    model.class_names.clear();
    model.quantities = {{"angle", 10, 2}, {"speed", 0, 1}, {"", 0, 1}, {"height", 0, 1}};
    fixed::save_model(folder.path() + "/numbers.tsm", model);
    const json::Value numbers = answers(folder, "numbers.tsm some.csv");
    const json::Reader first = numbers.at("answers").at(0);
    const double step = std::ldexp(1.0, model.network.layers.back().output_exponent);
    CHECK(first.at("numbers").at(0).at("name").as<std::string>() == "angle");
    CHECK(first.at("numbers").at(0).at("value").as<double>() ==
          doctest::Approx(10 + 2 * step * first.at("logits").as<std::vector<int>>()[0]));
}
