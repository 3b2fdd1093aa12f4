// SPDX-License-Identifier: Apache-2.0
// What eval --reject says of the samples that it judges.
#include "shell.hpp"
#include <algorithm>
#include <doctest/doctest.h>

#include "tinysparse/base/json.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/fixed/model_file.hpp"

using namespace tinysparse;
using testing::has;
using testing::shell;
using testing::ShellAnswer;
using testing::skipped;

TEST_CASE("eval says what an export's rejection does to the samples that it judges") {
    if (skipped()) return;
    const ScratchFolder folder;
    const std::string data_options = " --data synthetic:strokes,samples=300 ";
    REQUIRE(shell(folder.path(), "$TOOL train" + data_options + "--net 'A4 F10' --epochs 3 --quiet -o m.tsm").status ==
            0);
    REQUIRE(shell(folder.path(), "$TOOL export m.tsm --target none -o out --reject 20%" + data_options).status == 0);
    const std::string header = read_file(folder.path() + "/out/out.h"), before = "least_margin = ";
    const int least = std::stoi(header.substr(header.find(before) + before.size()));
    const ShellAnswer got =
        shell(folder.path(), "$TOOL eval m.tsm --reject 20% --json --predictions p.csv" + data_options);
    REQUIRE(got.status == 0);
    const json::Value document = json::parse(got.out, "eval");
    // The same from every answer.
    std::size_t samples = 0, accepted = 0, right = 0;
    for (const std::string& line : split(read_file(folder.path() + "/p.csv"), '\n')) {
        const std::vector<std::string> cells = split(line, ',');
        if (cells.size() < 12 || cells[0] == "truth") continue;
        std::vector<int> logits;
        for (std::size_t c = 2; c < 12; ++c) logits.push_back(std::stoi(cells[c]));
        std::sort(logits.rbegin(), logits.rend());
        ++samples;
        accepted += logits[0] - logits[1] >= least;
        right += logits[0] - logits[1] >= least && cells[0] == cells[1];
    }
    const json::Reader rejection = document.at("rejection");
    CHECK(samples == document.at("samples").as<std::size_t>());
    CHECK(rejection.at("least_margin").as<int>() == least);
    CHECK(rejection.at("accepted").as<std::size_t>() == accepted);
    CHECK(rejection.at("coverage").as<double>() == doctest::Approx(double(accepted) / double(samples)));
    CHECK(rejection.at("accuracy").as<double>() == doctest::Approx(double(right) / double(accepted)));
    const ShellAnswer words = shell(folder.path(), "$TOOL eval m.tsm --reject 20%" + data_options);
    CHECK(has(words.out, text("\nrejecting margins below ", least, ", at most 20.00 % of the validation samples: ")));

    const auto refused = [&](const std::string& options, int status, const char* why) {
        const ShellAnswer answer = shell(folder.path(), "$TOOL eval m.tsm" + data_options + options);
        CAPTURE(answer.error);
        CHECK(answer.status == status);
        CHECK(has(answer.error, why));
        CHECK(answer.out.empty());
    };
    refused("--reject 100%", 2, "--reject 100%: nothing would be accepted; give less than 100%");
    refused("--reject 5% --float", 2, "--reject judges the integers that a device computes; leave --float out");
    fixed::Model model = fixed::load_model(folder.path() + "/m.tsm");
    model.trained_on = "the training and validation parts";
    fixed::save_model(folder.path() + "/m.tsm", model);
    refused("--reject 5%", 1, "no samples are left that tell how sure its answers are");
    model.trained_on.clear();
    model.class_names.clear();
    model.quantities.assign(10, {"", 0, 1});
    fixed::save_model(folder.path() + "/m.tsm", model);
    refused("--reject 5%", 2, "--reject is for classes; the model predicts numbers");
}
