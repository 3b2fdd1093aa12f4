// SPDX-License-Identifier: Apache-2.0
// What export says and writes beyond the network: licences, one header, memory, how sure answers are.
#include "shell.hpp"
#include <doctest/doctest.h>
#include <filesystem>

#include "small_model.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/fixed/model_file.hpp"
#include "tinysparse/net/notation.hpp"

using namespace tinysparse;
using testing::has;
using testing::shell;
using testing::ShellAnswer;
using testing::skipped;

namespace {

const std::string strokes_300 = " --data synthetic:strokes,samples=300 ";

void refused(const ScratchFolder& folder, const std::string& options, int status, const char* why) {
    const ShellAnswer got = shell(folder.path(), "$TOOL export m.tsm --target uno -o refused " + options);
    CAPTURE(got.error);
    CHECK(got.status == status);
    CHECK(has(got.error, why));
    CHECK_FALSE(std::filesystem::exists(folder.path() + "/refused"));
}

} // namespace

TEST_CASE("an export is one header if asked, says whose the weights are, and names no folder of this machine") {
    if (skipped()) return;
    const ScratchFolder folder;
    make_folder(folder.path() + "/secret");
    REQUIRE(shell(folder.path(), "$TOOL train" + strokes_300 +
                                     "--net 'A4 F10' --epochs 1 --quiet -o \"$PWD\"/secret/m.tsm && "
                                     "cp secret/m.tsm m.tsm")
                .status == 0);
    const ShellAnswer one =
        shell(folder.path(), "$TOOL export m.tsm --target nano --single-header --license 'MIT OR ISC' -o one");
    CHECK(one.status == 0);
    CHECK(one.out == "one/one.h\n");
    for (const char* said :
         {"written for nano, as one header that needs no other file", "estimated for nano:\n    Sketch uses about ",
          "Maximum is 30720 bytes.", "Global variables use about "})
        CHECK_MESSAGE(has(one.error, said), one.error);
    CHECK(std::distance(std::filesystem::directory_iterator(folder.path() + "/one"), {}) == 1);
    const std::string header = read_file(folder.path() + "/one/one.h");
    CHECK(has(header, "SPDX-License-Identifier: Apache-2.0 AND (MIT OR ISC)\n"));
    CHECK_FALSE(has(header, "secret"));
    CHECK_FALSE(has(header, folder.path()));
    CHECK(has(header, " -o m.tsm\n"));
    CHECK(shell(folder.path(), "$TOOL export m.tsm --target uno -o many").status == 0);
    CHECK(has(read_file(folder.path() + "/many/tinysparse/LICENSE"), "Apache License"));

    refused(folder, "--license", 2, "--license needs a value: --license ID");
    refused(folder, "--license 'MIT OR'", 2, "--license 'MIT OR': an identifier is missing; give an SPDX expression");
    refused(folder, "--license '(c) me'", 2, "'(c)' is no identifier");
}

TEST_CASE("an export of data tells how sure answers are, and which it accepts") {
    if (skipped()) return;
    const ScratchFolder folder;
    REQUIRE(shell(folder.path(), "$TOOL train" + strokes_300 + "--net 'A4 F10' --epochs 1 --quiet -o m.tsm").status ==
            0);
    const ShellAnswer got = shell(folder.path(), "$TOOL export m.tsm --target none -o sure --reject 10%" + strokes_300);
    CAPTURE(got.error);
    CHECK(got.status == 0);
    for (const char* said : {" validation samples: probabilities are off by ", "accepted() needs a margin of ",
                             " of those are answered right"})
        CHECK(has(got.error, said));
    const std::string header = read_file(folder.path() + "/sure/sure.h");
    for (const char* line : {"constexpr int32_t least_margin = ", "bool accepted() const", "int32_t margin() const",
                             "uint16_t probability(uint8_t index) const",
                             "// rejection  accepted() rejects the least sure answers, at most 10.00 %: "})
        CHECK(has(header, line));
    const ShellAnswer plain = shell(folder.path(), "$TOOL export m.tsm --target none -o plain" + strokes_300);
    CHECK(plain.status == 0);
    const std::string without = read_file(folder.path() + "/plain/plain.h");
    CHECK(has(without, "probability("));
    CHECK_FALSE(has(without, "accepted"));

    const ShellAnswer other =
        shell(folder.path(), "$TOOL export m.tsm --target none -o other --data synthetic:strokes,samples=299");
    CHECK(other.status == 0);
    CHECK(has(other.error, "warning: the model was trained on other data: synthetic:strokes,samples=300"));
    CHECK_FALSE(has(got.error, "other data"));

    refused(folder, "--reject 5%", 2, "--reject needs --data SPEC, whose validation part sets the threshold");
    refused(folder, "--reject 100%" + strokes_300, 2, "--reject 100%: nothing would be accepted; give less than 100%");
    refused(folder, "--reject some" + strokes_300, 2, "--reject some: expected a share in %, such as 5% or 0.05");
    refused(folder, "--reject", 2, "--reject needs a value");
    refused(folder, "--reject 5% --data nowhere", 1, "nowhere");
}

TEST_CASE("samples of few groups are said to be too few to tell how sure answers are") {
    if (skipped()) return;
    const ScratchFolder folder;
    const std::string gestures = " --data " TINYSPARSE_SOURCE_DIR "/data/gestures.csv,window=32,stride=32";
    REQUIRE(shell(folder.path(), "$TOOL train" + gestures + " --net 'F@' --epochs 1 --quiet -o m.tsm").status == 0);
    const ShellAnswer got = shell(folder.path(), "$TOOL export m.tsm --target none -o few" + gestures);
    CAPTURE(got.error);
    CHECK(got.status == 0);
    CHECK(has(got.error, "judged by 8 validation samples in 4 groups: probabilities are off by "));
    CHECK(has(got.error, " percentage points on average "));
    CHECK(has(got.error,
              "warning: samples of so few groups, such as persons or recordings, do not tell how sure answers "
              "are for others; 5 groups are the least"));
    CHECK(has(read_file(folder.path() + "/few/few.h"), ", from 8 validation samples in 4 groups\n"));
}

TEST_CASE("the export of a model that one fold's training gave says so") {
    if (skipped()) return;
    const ScratchFolder folder;
    Random random(1, "fold", 0);
    fixed::Model model = small::model(plain::random_network(net::parse("F3", {1, 4, 4}, 4), random), random);
    const auto told = [&] {
        fixed::save_model(folder.path() + "/m.tsm", model);
        return shell(folder.path(), "$TOOL export m.tsm --target none -o fold").error;
    };
    CHECK(!has(told(), "the model was trained on"));
    model.trained_on = "the training and validation parts";
    CHECK(!has(told(), "the model was trained on"));
    model.trained_on = "all but fold 2 of 5";
    CHECK(has(told(),
              "note: the model was trained on all but fold 2 of 5; a search trains the networks of its front once "
              "more on all samples, unless it has --no-refit\n"));
}

TEST_CASE("a refitted model is judged by what was held out, and refused without it") {
    if (skipped()) return;
    const ScratchFolder folder;
    Random random(1, "refitted", 0);
    fixed::Model model = small::model(plain::random_network(net::parse("F3", {1, 4, 4}, 4), random), random);
    model.network.layers.back().output_exponent = -4;
    model.trained_on = "the training and validation parts";
    fixed::save_model(folder.path() + "/m.tsm", model);
    refused(folder, "--reject 5%" + strokes_300, 1,
            "the model was trained on the training and validation parts, so no samples are left that tell how sure its "
            "answers are; use a model of tinysparse search --no-refit");
    // Margins of 1/16, 2/16 ... 20/16: of 20, one may be rejected.
    for (int i = 1; i <= 20; ++i) {
        model.held_out.logits.insert(model.held_out.logits.end(), {0, float(i) / 16, -1});
        model.held_out.labels.push_back(i == 1 ? 0 : 1);
    }
    fixed::save_model(folder.path() + "/m.tsm", model);
    const ShellAnswer got = shell(folder.path(), "$TOOL export m.tsm --target none -o held --reject 5%");
    CAPTURE(got.error);
    CHECK(got.status == 0);
    CHECK(has(got.error, "judged by 20 samples held out from folds: "));
    CHECK(
        has(got.error, "a margin of 2: it accepts 95.00 % of these samples, and 100.00 % of those are answered right"));
    CHECK(has(read_file(folder.path() + "/held/held.h"), "constexpr int32_t least_margin = 2;"));

    model.held_out = {};
    model.trained_on.clear();
    model.class_names.clear();
    model.quantities.assign(3, {"", 0, 1});
    fixed::save_model(folder.path() + "/m.tsm", model);
    refused(folder, "--reject 5%" + strokes_300, 2, "--data and --reject are for classes; the model predicts numbers");
}
