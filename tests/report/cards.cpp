// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/report/cards.hpp"
#include "run_of.hpp"
#include "small_model.hpp"
#include "tinysparse/report/page.hpp"
#include <doctest/doctest.h>
#include <filesystem>

using namespace tinysparse;
using namespace tinysparse::report;
using search::Measure;

namespace {

/// A run of networks with random weights, with their models in a folder, and judged.json if it is asked for.
struct Run {
    ScratchFolder scratch;
    search::RunLog log;
    search::Judged judged;
    Random random{7, "cards"};

    Run(const net::Shape& input, int classes, bool series = false) {
        log.head.space = {input, classes};
        log.head.objectives = {Measure::error, Measure::model_size};
        log.head.command = {"search", "--data", "a b.csv", "--out", folder()};
        log.head.data = "a b.csv";
        log.head.target = "uno";
        log.head.trivial_error = 0.9;
        log.head.data_digest = judged.data_digest = 99;
        log.head.validation_counts = {60, 40};
        log.end.emplace();
        make_folder(folder() + "/models");
        judged.shape = input;
        judged.series = series;
        for (int c = 0; c < classes; ++c) judged.class_names.push_back(text("class ", c, "<&>"));
    }
    const std::string& folder() const { return scratch.path(); }

    /// A member of the front: the more there are, the larger and the better.
    search::Record& add(const std::string& network) {
        search::Record record;
        const std::size_t number = log.records.size();
        record.trial.number = number;
        record.trial.key = text(number);
        record.outcome.measures[Measure::error] = 0.3 / double(number + 1);
        record.outcome.measures[Measure::model_size] = record.outcome.measures[Measure::weight_bytes] =
            100.0 * double(number + 1);
        record.outcome.validation_accuracy = 1 - 0.3 / double(number + 1);
        record.outcome.validation_interval = judge::Interval{0.5, 0.99};
        record.outcome.weights_digest = 1000 + number;
        record.feasible = true;
        log.records.push_back(record);
        fixed::save_model(
            search::model_path(folder(), number),
            small::model(plain::random_network(net::parse(network, log.head.space.input), random, judged.series),
                         random));
        return log.records.back();
    }

    /// Answers of the last member: 40 samples of each class, a quarter of them answered as the next class, and 12 wrong
    /// samples with the inputs of these numbers.
    search::JudgedMember& judge(std::size_t first_input = 0) {
        search::JudgedMember member;
        member.trial = log.records.back().trial.number;
        member.weights_digest = 1000 + member.trial;
        const std::size_t classes = judged.class_names.size();
        if (classes > 0) member.validation.counts.emplace(classes);
        for (std::size_t c = 0; c < classes; ++c) {
            member.validation.counts->add(c, c, 30);
            member.validation.counts->add(c, (c + 1) % classes, 10);
        }
        member.validation.samples = 40 * classes;
        for (std::size_t i = 0; i < search::most_wrong_samples; ++i) {
            std::vector<std::uint8_t>& input = judged.inputs[first_input + i];
            for (std::size_t at = 0; at < judged.shape.size(); ++at) input.push_back(std::uint8_t(random.below(256)));
            member.wrong.push_back({first_input + i, 0, 1, 2.5, {}, {}, i == 0 ? "left \"x\".csv:3" : ""});
        }
        judged.members.push_back(member);
        return judged.members.back();
    }
    std::string cards(const NamedPick& by = {}) const {
        search::write_judged(folder(), judged);
        const std::string html = report::cards(folder(), log, by);
        std::vector<std::string> names = {"class ", "tinysparse "};
        names.insert(names.end(), judged.numbers.begin(), judged.numbers.end());
        CHECK(testing::unfit_texts(html, names) == std::vector<std::string>{});
        return html;
    }
};

/// True if the words are in a page, wherever its lines may be broken.
bool has(const std::string& in, std::string_view what) {
    return replaced(in, "\u00a0", " ").find(replaced(std::string(what), "\u00a0", " ")) != in.npos;
}

} // namespace

TEST_CASE("a card of pictures shows layers, memory, answers, wrong samples, weights and commands") {
    Run run({3, 32, 32}, 10);
    run.add("A2 C8k3 A2 D3L C16k1 A2 DG F10");
    run.judge();
    const std::string html = run.cards();
    CHECK(testing::tag_faults(html) == "");
    CHECK(testing::count(html, "<details open id=\"model-0\">") == 1);
    for (const char* words : {"Depthwise 3x3, 8 channels", "3x16x16 to 8x8x8", "Input, averaged over 2x2",
                              "3x32x32 to 3x16x16", "class 0&lt;&amp;&gt;"})
        CHECK(has(html, words));
    CHECK(testing::count(html, "<figure title=\"Sample ") == 12);
    CHECK(has(html, "left &quot;x&quot;.csv:3"));
    CHECK(has(html, "width:64px;height:64px"));    // 16 pixels as the network reads them, four times as large
    CHECK(testing::count(html, "<img alt=") == 5); // layers with weights
    const std::string model = command_line({"show", run.folder() + "#0"});
    CHECK(has(html, model + "\n"));
    CHECK(has(html, escaped(command_line({"eval", run.folder() + "#0", "--data", "a b.csv"}))));
    CHECK(has(html, escaped(command_line({"export", run.folder() + "#0", "--target", "uno", "-o", "network_0"}))));
    CHECK(has(html, escaped(command_line({"search", "--data", "a b.csv", "--out", run.folder() + "-again"}))));
    for (const char* outside : {"<script", "href=", "http://www.w3.org/1999", "src=\"http"})
        CHECK_FALSE(has(html, outside));
    CHECK(testing::count(html, "<svg") ==
          testing::count(html, "role=\"img\" aria-label=\"") - 12); // and the wrong samples' pictures
    CHECK(testing::count(html, "<table") == testing::count(html, "<caption>"));
    CHECK(testing::count(html, "<th") - testing::count(html, "<thead") == testing::count(html, "scope=\""));
}

TEST_CASE("the scores beside a confusion matrix are those of judge::verdict") {
    Run run({1, 8, 8}, 3);
    run.add("F3");
    run.judge();
    const std::string html = run.cards();
    std::vector<std::uint8_t> truths, answers;
    for (std::uint8_t c = 0; c < 3; ++c)
        for (int i = 0; i < 40; ++i) {
            truths.push_back(c);
            answers.push_back(std::uint8_t(i < 30 ? c : (c + 1) % 3));
        }
    const judge::Verdict verdict = judge::verdict({3, truths, answers, {}}, {"a", "b", "c"});
    CHECK(has(html, "<td>75.00</td><td>75.00</td><td>75.00</td><td>" + interval_cell(*verdict.f1[1]) + "</td>"));
    CHECK(has(html, ">30</td>"));
    CHECK(has(html, ">10</td><td>0</td>"));
}

TEST_CASE("the figures of the layers add up to the costs of the model") {
    Run run({1, 28, 28}, 10);
    run.add("A2 C8k3 A2 C12k3 A2 F10");
    const fixed::Lowered lowered(fixed::load_model(search::model_path(run.folder(), 0)).network);
    const cost::Costs costs = cost::costs(lowered, cost::target("uno"));
    const std::vector<LayerFigures> layers = layer_figures(lowered, costs);
    const RestFigures rest = rest_figures(lowered, costs);
    double flash = *rest.flash, cycles = *rest.cycles,
           ram = double(rest.picture_ram + rest.shared_ram) + rest.stack_ram.value();
    std::size_t weights = 0;
    for (const LayerFigures& layer : layers) {
        flash += *layer.flash;
        cycles += *layer.cycles;
        ram += double(layer.ram);
        weights += layer.weights;
    }
    CHECK(flash == doctest::Approx(double(*costs.flash)));
    CHECK(cycles == doctest::Approx(*costs.cycles));
    CHECK(ram == double(*costs.ram));
    CHECK(weights == net::weights(lowered.network().spec));
    const cost::Costs unknown = cost::costs(lowered, cost::target("none"));
    CHECK_FALSE(layer_figures(lowered, unknown)[0].cycles);
    CHECK_FALSE(rest_figures(lowered, unknown).flash);
    CHECK_FALSE(rest_figures(lowered, unknown).stack_ram);
    const std::string table = run.cards();
    CHECK(has(table, text("<th scope=\"row\">Input</th><td>1x28x28</td><td>1x14x14</td>")));
    CHECK(has(table, text("<th scope=\"row\">Stack</th>")));
    CHECK(has(table, text("<td>", grouped(*costs.flash), "</td><td>", grouped(*costs.ram), "</td><td>")));
}

TEST_CASE("a residual and a layer that does not read the one before have lines of their own") {
    const net::Spec spec = net::parse("C8k1 =a D3 C8k1 +a A2 =b F4 @b F4", {1, 8, 8});
    CHECK(layer_words(spec.layers[2]) == "convolution 1x1, 8 channels + layer 1, average pool 2x2");
    CHECK(layer_words(spec.layers[3]) == "dense, 4 outputs");
    std::vector<LayerFigures> layers(spec.layers.size());
    const std::string svg = layer_picture(spec, net::shapes(spec), layers, {});
    CHECK(testing::tag_faults(svg) == "");
    CHECK(testing::count(svg, "class=\"sum\"") == 1);
    CHECK(testing::count(svg, "class=\"skip\"") == 1); // the second head
    CHECK(testing::count(svg, "class=\"flow\"") == 4);
    const std::string longest = "3  Convolution 1x1, 8 channels + layer 1, average pool 2x2"; // 6 for each character
    CHECK(has(svg, ">" + longest + "<"));
    CHECK(testing::count(svg, text("class=\"box\" x=\"46\" y=\"20\" width=\"", 16 + 6 * longest.size(), "\"")) == 1);
    CHECK(testing::count(svg, text("width=\"", 16 + 6 * longest.size(), "\"")) == 6); // of the input and five layers
}

TEST_CASE("figures of another network are refused") {
    Random random(1, "figures");
    const fixed::Lowered lowered(plain::random_network(net::parse("C2k3 F2", {1, 4, 4}), random));
    CHECK_THROWS_WITH_AS(layer_figures(lowered, {}), "costs of 0 layers for a network of 2", Error);
    const net::Spec& spec = lowered.network().spec;
    CHECK_THROWS_WITH_AS(layer_picture(spec, lowered.layout().shapes(), {}, {}),
                         "figures of 0 layers for a network of 2", Error);
}

TEST_CASE("a card of series draws them as lines, in at most 48 moments and six channels") {
    Run run({9, 128, 1}, 6, true);
    run.add("A2 C8k5 A2 C8k3 G F6");
    run.judge();
    const std::string html = run.cards();
    CHECK(testing::tag_faults(html) == "");
    CHECK(testing::count(html, "viewBox=\"0 0 144 64\"") == 12);
    CHECK(testing::count(html, "<path class=\"c") == 12 * 6);
    const std::size_t line = html.find("<path class=\"c");
    const std::string path = html.substr(line, html.find("/>", line) - line);
    CHECK(testing::count(path, " ") - 2 ==
          48 + 47 - 1); // two numbers for each moment, and a letter in place of one space
    CHECK_FALSE(has(html, "--sheet:url"));
}

TEST_CASE("one channel and two classes make a card, and one without a wrong answer") {
    Run run({1, 5, 5}, 2);
    run.add("F2");
    run.judge().wrong.clear();
    const std::string html = run.cards();
    CHECK(testing::tag_faults(html) == "");
    CHECK_FALSE(has(html, "class=\"wrong\""));
    CHECK(testing::count(html, "<img alt=") == 1);
    for (const char* broken : {">nan", " nan", ">inf", " inf"}) CHECK_FALSE(has(html, broken));
}

TEST_CASE("a sample of one channel and one moment is a stroke at the height of its value") {
    Run run({1, 1, 1}, 2, true);
    run.add("F2");
    run.judge();
    run.judged.inputs[0] = {0};
    run.judged.inputs[1] = {255};
    const std::string html = run.cards();
    CHECK(has(html, "d=\"M3 62h138\"/>"));
    CHECK(has(html, "d=\"M3 2h138\"/>"));
    CHECK(has(html, "at most 1 byte of rows and sums in use, in row 1 of 1"));
}

TEST_CASE("with folds a card says that held-out samples were counted, and what the model was trained on") {
    Run run({1, 8, 8}, 2);
    search::Record& record = run.add("F2");
    run.log.head.folds = 5;
    record.outcome.folds.resize(5);
    record.outcome.error_se = 0.02;
    record.refit.emplace();
    const std::string path = search::model_path(run.folder(), 0);
    fixed::Model model = fixed::load_model(path);
    model.trained_on = "the training and validation parts";
    fixed::save_model(search::refit_path(path), model);
    run.judge();
    const std::string html = run.cards();
    CHECK(testing::tag_faults(html) == "");
    CHECK(has(html, "Answers to 80 samples: the held-out samples of the 5 folds"));
    CHECK(has(html, "Model #0 was trained on the training and validation parts."));
    CHECK(has(html, "It was judged by 5 folds of the training and validation parts together, 100 samples"));
    CHECK(has(html, "One standard error is 2.00 percentage points"));
}

TEST_CASE("a card of a network that one fold judged says so, and how many samples that is") {
    Run run({1, 8, 8}, 2);
    run.add("F2");
    run.log.head.folds = 5;
    run.log.head.validation_counts = {80, 80};
    run.judge();
    const std::string html = run.cards();
    CHECK(has(html, "% on the held-out samples of one of 5 folds."));
    CHECK(has(html, "Answers to 80 samples: the held-out samples of one of 5 folds"));
    CHECK(has(html, "It was judged by one of 5 folds, 32 samples; the run ended before the others were trained."));
    run.log.end.reset();
    CHECK(has(run.cards(), "one of 5 folds, 32 samples; the others have not been trained yet."));
    run.log.head.validation_groups = 12; // whose fold may have another number of samples
    CHECK(has(run.cards(), "one of 5 folds; the others have not been trained yet."));
}

TEST_CASE("sentences on the picked model tell accuracy from the score of another kind of error") {
    Run run({1, 8, 8}, 2);
    search::Record& record = run.add("F2");
    record.outcome.validation_accuracy = 0.75;
    run.log.head.error = judge::ErrorKind::balanced;
    run.log.end->test_accuracy = {{0, 0.9}};
    search::JudgedMember& member = run.judge();
    member.test.emplace();
    member.test->samples = 10;
    member.test->counts.emplace(2);
    member.test->counts->add(0, 0, 8); // 8 of 8 and 1 of 2: 90 % right, 75 % balanced
    member.test->counts->add(1, 1, 1);
    member.test->counts->add(1, 0, 1);
    const std::string html = run.cards();
    CHECK(has(html, "the accuracy, here 75.00 %, lies from 50.00 to 99.00 %"));
    CHECK(has(html,
              "On the test part, which chose nothing, it has balanced accuracy 75.00 % and an accuracy of 90.00 %."));
}

TEST_CASE("numbers have a table of errors and answers drawn over truths") {
    Run run({3, 1, 1}, 2, true);
    run.log.head.error = judge::ErrorKind::rmse;
    run.log.head.trivial_error = 1;
    run.log.head.validation_counts = {40};
    run.judged.class_names.clear();
    run.judged.numbers = {"width", "height"};
    search::Record& record = run.add("F2");
    record.outcome.validation_accuracy.reset();
    record.outcome.numbers = {{1.5, 1, 0.8}, {2.5, 2, 0.7}};
    search::JudgedMember& member = run.judge();
    member.validation.samples = 40;
    for (const char* name : {"width", "height"})
        member.validation.fits.push_back({name, 1.5, 1.25, 3, 0.75, judge::Interval{1, 2}, {}, {}});
    for (int i = 0; i < 40; ++i)
        for (const float truth : {float(i), float(2 * i)}) {
            member.validation.pairs.push_back(truth);
            member.validation.pairs.push_back(truth + 1);
        }
    for (search::WrongSample& wrong : member.wrong) {
        wrong.truths = {1, 20};
        wrong.answers = {2, 40};
    }
    const std::string html = run.cards();
    CHECK(testing::tag_faults(html) == "");
    CHECK(has(html, "<th scope=\"row\">width</th><td>1.5</td><td>1 to 2</td><td>1.25</td><td>0.75</td><td>none</td>"));
    CHECK(testing::count(html, "height: answers (upwards) over truths (to the right) of 40 of 40 samples") ==
          2); // and in words
    CHECK(testing::count(html, "h0M") == 2 * 39);
    CHECK(has(html, "width 1 \u2192 2, height 20 \u2192 40"));
    CHECK(has(html, "an error of 0.3 standard deviations"));
    CHECK(testing::count(html, "h42\"/>") == 12 * 3); // the inputs: a stroke for each of three channels
    CHECK_FALSE(has(html, "RMSE -"));
}

TEST_CASE("a card says what is missing, and by which command it is had") {
    Run run({1, 8, 8}, 2);
    run.add("F2");
    const auto cards = [&] { return report::cards(run.folder(), run.log); };
    const std::string without = cards(); // a run of an older version
    CHECK(testing::tag_faults(without) == "");
    CHECK(has(without, "The run did not keep the answers of this network"));
    CHECK(has(without, escaped(command_line({"eval", run.folder() + "#0", "--data", "a b.csv"}))));
    run.log.end.reset();
    CHECK(has(cards(), "Answers are kept when the search ends."));
    run.log.end.emplace();
    write_file(search::judged_path(run.folder()), "{\"format\":");
    CHECK(has(cards(), text("Its answers cannot be shown: ", run.folder(), "/judged.json: byte 10: expected a value")));
    run.judge();
    run.judged.data_digest = 98;
    search::write_judged(run.folder(), run.judged);
    CHECK(has(cards(), "it belongs to another run, remove it"));
    run.judged.data_digest = 99;
    run.judged.members[0].weights_digest = 5; // of another training
    search::write_judged(run.folder(), run.judged);
    CHECK(has(cards(), "The run did not keep the answers of this network"));
    write_file(search::model_path(run.folder(), 0), "no model");
    const std::string damaged = cards();
    CHECK(testing::tag_faults(damaged) == "");
    CHECK(has(damaged, "The model cannot be shown: "));
    CHECK(has(damaged, "this is not a tinysparse model"));
    run.log.records.clear();
    CHECK(cards().empty());
}

TEST_CASE("measured costs stand beside what was predicted") {
    Run run({1, 8, 8}, 2);
    search::Record& record = run.add("F2");
    CHECK_FALSE(has(run.cards(), "Measured costs"));
    record.outcome.predicted.emplace();
    record.outcome.measures[Measure::flash] = 5500;
    (*record.outcome.predicted)[Measure::flash] = 5000;
    CHECK(has(run.cards(), "<th scope=\"row\">Flash, bytes</th><td>5 000</td><td>5 500</td><td>10.0 %</td>"));
}

TEST_CASE("a rule picks the model that is opened, and sentences say why and how much is known") {
    Run run({1, 8, 8}, 2);
    for (int i = 0; i < 3; ++i) run.add("F2");
    run.log.end->test_accuracy = {{2, 0.875}};
    run.log.head.data_notes = {"note: read as CSV", "warning: 3 groups of the test part are in the training part too"};
    const std::string best = run.cards();
    CHECK(has(best,
              "The rule &quot;best&quot; picks #2, the best of the 3 networks on the front, with an accuracy of 90.00 "
              "% on the validation part."));
    CHECK(has(best,
              "It was judged by the validation part, 100 samples. On new samples of the same kind the accuracy lies "
              "from 50.00 to 99.00 %, with 95 % confidence."));
    CHECK(has(best, "The intervals of 2 other members of the front overlap with its own"));
    CHECK(has(best, "This run has no fresh trainings"));
    CHECK(has(best, "On the test part, which chose nothing, it has an accuracy of 87.50 %."));
    CHECK(has(best, "<li>3 groups of the test part are in the training part too.</li>"));
    CHECK_FALSE(has(best, "read as CSV"));
    CHECK(has(best, "<details open id=\"model-2\">"));
    const std::string small = run.cards({{Pick::Rule::smallest, 0.8}, "smallest@80%"});
    CHECK(has(small,
              "The rule &quot;smallest@80%&quot; picks #1, the one of the least model size with at least 80.00 %"));
    CHECK(has(small, "<details open id=\"model-1\">"));
    CHECK_THROWS_AS(run.cards({{Pick::Rule::smallest, 0.999}, "smallest@99.9%"}), Error);
    search::Record fresh = run.log.records[2];
    fresh.trial.number = 3;
    fresh.trial.origin = search::Origin::repeat;
    fresh.outcome.measures[Measure::error] = 0.15;
    run.log.records.push_back(fresh);
    CHECK(has(run.cards(), "a loss by selection of 5.00 percentage points, from 1 training."));
}

TEST_CASE("a page of twenty cards of networks for CIFAR-10 stays below a megabyte") {
    Run run({3, 32, 32}, 10);
    for (std::size_t i = 0; i < 30; ++i) {
        run.add("C16k3 A2 C24k3 =a D3 C24k1 +a A2 C32k3 A2 C32k3 A2 F10");
        run.judge(100 * i);
    }
    const std::string html = run.cards();
    CHECK(testing::tag_faults(html) == "");
    CHECK(testing::count(html, "<details id=\"model-") + testing::count(html, "<details open id=\"model-") ==
          most_cards);
    CHECK(has(html, "20 of the 30 members have a card"));
    CHECK(has(html, "<details open id=\"model-29\">"));
    CHECK(page(run.folder(), run.log, {.cards = html}).size() < 1000000);
}
