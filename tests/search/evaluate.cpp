// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/search/evaluate.hpp"
#include "fake.hpp"
#include "load_data.hpp"
#include "number_set.hpp"

using namespace tinysparse;
using namespace tinysparse::search;
using namespace tinysparse::search::test;

namespace {
Trial trial_of(const space::Genome& genome, const space::Space& space, std::size_t number) {
    Trial trial;
    trial.number = number;
    trial.epochs = 2;
    trial.seed = 5;
    trial.genome = genome;
    trial.key = space::key(genome, space);
    return trial;
}
} // namespace

TEST_CASE("a pruning budget is in the estimate: single weights layer by layer, and no channel goes") {
    const space::Space digits{{1, 28, 28}, 10};
    const cost::Target& uno = cost::target("uno");
    space::Genome genome;
    const Measures dense = estimated_costs(genome, digits, uno, {});
    genome.pruning = {prune::Method::magnitude, 0.25};
    const Measures pruned = estimated_costs(genome, digits, uno, {});
    const net::Spec spec = space::express(genome, digits);
    const net::Shapes shapes = net::shapes(spec);
    double nonzeros = 0, size = 0;
    for (std::size_t i = 0; i < spec.layers.size(); ++i) {
        const double kept = std::ceil(0.25 * double(net::weights(spec.layers[i], shapes.layers[i])));
        nonzeros += kept;
        size += kept + (net::passes_bias_on(spec, i) ? 0 : spec.layers[i].outputs);
    }
    CHECK(*pruned[Measure::nonzeros] == nonzeros);
    CHECK(*pruned[Measure::model_size] == size);
    CHECK(pruned[Measure::working_memory_2] == dense[Measure::working_memory_2]);
    CHECK(*pruned[Measure::flash] < *dense[Measure::flash]); // nonzero weights alone are stored
    CHECK(pruned[Measure::macs] == dense[Measure::macs]);
    genome.pruning.keep = 1;
    CHECK(estimated_costs(genome, digits, uno, {}) == dense);
}

TEST_CASE("estimates of pruned networks are near to what a training leaves, where whole channels are removed too") {
    const data::Dataset set = load_data("synthetic:strokes,samples=800");
    RunHead head;
    describe(head, {}, set);
    const cost::Target& uno = cost::target("uno");
    const Evaluator evaluator = make_evaluator(set, head, uno, "test");
    const Folder folder("estimates");
    std::filesystem::create_directories(folder.path() + "/models");
    const std::string path = model_path(folder.path(), 0);
    space::Genome genome;
    genome.front.width = 8;
    genome.stages[0].units[0].width = 16;
    genome.stages.push_back(genome.stages[0]);
    genome.end.width = 12;
    const net::Spec spec = space::express(genome, head.space);
    for (const prune::MethodInfo& method : prune::methods) {
        CAPTURE(std::string(method.name));
        double error = 0, error_of_even = 0; // of logarithms
        for (const double keep : {0.75, 0.4}) {
            genome.pruning = {method.method, keep};
            const Outcome outcome =
                evaluator.evaluate(trial_of(genome, head.space, 0), {path, std::nullopt, {}}, [] { return false; });
            const auto off = [&](std::optional<double> estimate) {
                return std::abs(std::log(*estimate / *outcome.measures[Measure::weight_bytes]));
            };
            error += off(evaluator.estimate(genome)[Measure::weight_bytes]);
            // Every layer keeps its even share, and no channel is removed.
            error_of_even += off(double(cost::costs(spec, uno, {.kind = set.input_kind(), .keep = keep}).weight_bytes));
            // The costs of a record are those of the network that is exported.
            const fixed::Model model = fixed::load_model(path);
            CHECK(*outcome.measures[Measure::weight_bytes] ==
                  double(cost::costs(fixed::lower(model.network), uno).weight_bytes));
            CHECK((double(net::weights(model.network.spec)) < 0.9 * double(net::weights(spec))) == method.structured);
        }
        if (method.structured)
            CHECK(error < 0.5 * error_of_even);
        else
            CHECK(error == error_of_even);
        CHECK(error < 0.4); // over two networks
    }
}

TEST_CASE("genes of training and pruning reach the training") {
    Trial trial;
    trial.genome.training = {.learning_rate = 0.02,
                             .batch = 32,
                             .steps = 150,
                             .weight_decay = 0.01,
                             .label_smoothing = 0.1,
                             .shift = 2,
                             .flip = true,
                             .rotate = 6};
    trial.genome.pruning = {prune::Method::sparse_vd, 0.3};
    const space::Space pictures{{1, 28, 28}, 10};
    const quantise::TrainOptions options = train_options(trial, pictures, false);
    CHECK(options.batch == 32);
    CHECK(options.learning_rate == 0.02);
    CHECK(options.optimiser == nn::OptimiserKind::adamw);
    CHECK(options.weight_decay == 0.01);
    CHECK(options.label_smoothing == 0.1);
    CHECK(options.augmentation == data::Augmentation{.shift = 2, .rotate = 6, .flip = true});
    CHECK(options.pruning->method == prune::Method::sparse_vd);
    CHECK(options.pruning->keep == 0.3);
    CHECK(options.fixed_first.empty());
    CHECK(train_options(trial, pictures, true).learning_rate == 0.01); // what it inherits is near where it should be
    trial.genome.front.gray = space::Gray::luma;
    CHECK(train_options(trial, pictures, false).fixed_first.empty());
    CHECK(train_options(trial, {{3, 28, 28}, 10}, false).fixed_first == std::vector<float>{0.299f, 0.587f, 0.114f});
}

TEST_CASE("a run's head says what its validation part consists of, and which errors mean something") {
    data::Dataset set;
    set.name = "falls";
    set.shape = {1, 2, 1};
    set.element = data::ElementType::int16;
    set.class_names = {"idle", "fall", "jump"};
    for (data::Split* part : {&set.train, &set.validation}) {
        part->samples = 10;
        part->labels = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1};
        part->values.resize(20);
    }
    set.normalisation = {{0}, {1}};
    set.group_names.resize(10);
    set.validation.groups = {4, 4, 4, 4, 7, 7, 7, 7, 9, 9};
    set.notes = {"3 rows are left out"};
    RunHead head;
    describe(head, {}, set);
    CHECK(head.validation_counts == std::vector<std::size_t>{8, 2, 0});
    CHECK(head.validation_groups == 3);
    CHECK(head.data_notes.front() == "note: 3 rows are left out");
    CHECK(std::find(head.data_notes.begin(), head.data_notes.end(), "warning: the test part is empty") !=
          head.data_notes.end());
    CHECK(head.trivial_error == 1 - 0.8);
    CHECK(head.smallest_error == 0.05);
    head.error = judge::ErrorKind::balanced;
    describe(head, {}, set);
    CHECK(head.trivial_error == doctest::Approx(0.5)); // of the two classes that are there
    CHECK(head.smallest_error == doctest::Approx(0.5 / (2 * 8)));
    const std::string left_out = "note: balanced accuracy leaves out what has no validation sample: jump";
    CHECK(head.data_notes.back() == left_out);
    set.validation.groups.clear();
    describe(head, {}, set);
    CHECK(head.validation_groups == 0);
}

TEST_CASE("every note and warning that describes the data is among the notes of a run") {
    data::Dataset set = load_data("synthetic:strokes,samples=300,val=0.2");
    set.notes = {"a note of the reader"};
    set.warnings = {"a warning of the reader"};
    set.group_names = {"ann", "bob"};
    for (data::Split* part : {&set.train, &set.validation, &set.test}) { // every group is in every part
        part->groups.assign(part->samples, 0);
        part->groups.front() = 1;
    }
    const std::size_t size = set.shape.size(); // a test sample that is in the training part too
    std::copy_n(set.train.pixels.begin(), size, set.test.pixels.begin());
    RunHead head;
    describe(head, {}, set);
    const json::Value description = data::describe(set);
    std::size_t warnings = 0;
    for (const char* key : {"note", "warning"})
        for (const json::Value& sentence : *description.find(text(key, "s"))->array()) {
            const std::string note = text(key, ": ", *sentence.string());
            CAPTURE(note);
            CHECK(std::count(head.data_notes.begin(), head.data_notes.end(), note) == 1);
            warnings += note.starts_with("warning");
        }
    CHECK(warnings >= 4); // of the reader, of duplicates, of the groups of two parts
}

TEST_CASE("of data with more than nine tenths in one class, another kind of error is advised") {
    data::Dataset set;
    set.class_names = {"idle", "fall"};
    set.train.samples = 10;
    set.train.labels = {0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    CHECK_FALSE(advice(set)); // nine tenths are not more
    set.train.samples = 20;
    set.train.labels.assign(20, 0);
    set.train.labels[3] = 1;
    CHECK(*advice(set) == "95.0 % of the training samples are of class idle, so that always answering it looks good; "
                          "--error balanced counts every class alike");
}

TEST_CASE("a child is trained from its parent's model, pruned ones among them") {
    const data::Dataset set = load_data("synthetic:strokes,samples=400");
    RunHead head;
    describe(head, {}, set);
    const Evaluator evaluator = make_evaluator(set, head, cost::target("uno"), "test");
    const Folder folder("evaluate");
    std::filesystem::create_directories(folder.path() + "/models");
    const auto never = [] { return false; };
    space::Genome parent;
    parent.front.width = 3;
    parent.pruning = {prune::Method::magnitude, 0.5};
    const TrialFiles first{model_path(folder.path(), 0), std::nullopt, {}};
    const Outcome made = evaluator.evaluate(trial_of(parent, head.space, 0), first, never);
    CHECK(made.inherited == 0);
    const double estimate = *evaluator.estimate(parent)[Measure::nonzeros];
    CHECK(*made.measures[Measure::nonzeros] <= estimate + 1);
    space::Genome child = parent;
    child.stages[0].units[0].width += 2;
    child.pruning = {};
    Trial trial = trial_of(child, head.space, 1);
    trial.inherits = true;
    trial.parent = 0;
    const Outcome inherited = evaluator.evaluate(trial, {model_path(folder.path(), 1), first.model, parent}, never);
    CHECK(inherited.inherited > 0.3);
    CHECK(inherited.inherited < 1);
    CHECK(inherited.validation_accuracy == 1 - *inherited.measures[Measure::error]);
    CHECK(*inherited.measures[Measure::nonzeros] > *made.measures[Measure::nonzeros]); // what was pruned may grow again
    const fixed::Model model = fixed::load_model(model_path(folder.path(), 1));
    CHECK(model.network.spec == space::express(child, head.space));
    const std::string path = model_path(folder.path(), 1);
    Record record{trial, inherited, true, 0};
    CHECK(inherited.weights_digest == fixed::weights_digest(model));
    CHECK(evaluator.holds(record, path));
    CHECK_FALSE(evaluator.holds(record, first.model));     // another trial's
    CHECK_FALSE(evaluator.holds(record, folder.path()));   // no file
    CHECK_FALSE(evaluator.holds(record, path + ".other")); // nothing
    record.outcome.weights_digest = 1;
    CHECK_FALSE(evaluator.holds(record, path));
    record.outcome.weights_digest.reset();
    CHECK(evaluator.holds(record, path));
    const std::string bytes = read_file(path);
    write_file(path, bytes.substr(0, bytes.size() - 1));
    CHECK_FALSE(evaluator.holds(record, path));
    child.pruning = {prune::Method::sparse_vd, 1}; // no budget: its own threshold decides
    const Outcome by_threshold =
        evaluator.evaluate(trial_of(child, head.space, 3), {model_path(folder.path(), 3), std::nullopt, {}}, never);
    CHECK(*by_threshold.measures[Measure::nonzeros] < *evaluator.estimate(child)[Measure::nonzeros]);
    CHECK(evaluator
              .evaluate(trial_of(child, head.space, 2), {model_path(folder.path(), 2), std::nullopt, {}},
                        [] { return true; })
              .stopped);
}

TEST_CASE("numbers: the error is the RMSE in deviations of the validation part, accuracies are unknown") {
    const data::Dataset set = number_set(1200);
    RunHead head;
    head.error = judge::ErrorKind::rmse;
    head.target = "uno";
    Goal goal;
    goal.trials = 1;
    describe(head, goal, set);
    CHECK(head.trivial_error == 1);
    CHECK(head.space.classes == 2);
    CHECK(head.validation_counts == std::vector<std::size_t>{300});
    CHECK_FALSE(advice(set));
    RunHead plain;
    CHECK_THROWS_WITH_AS(describe(plain, goal, set),
                         "numbers: the error plain is for classes, and the answers are numbers; theirs is rmse", Error);
    data::Dataset alike = set;
    alike.validation.targets.assign(alike.validation.targets.size(), 3);
    CHECK_THROWS_AS(describe(head, goal, alike), Error);

    const Folder folder{"numbers"};
    make_folder(folder.path() + "/models");
    const Evaluator evaluator = make_evaluator(set, head, cost::target("uno"), "tinysparse search");
    space::Genome genome;
    Trial trial = trial_of(genome, head.space, 1);
    trial.genome.training.label_smoothing = 0.1; // means nothing here
    trial.epochs = 10;
    const TrialFiles files{model_path(folder.path(), 1), {}, {}};
    const Outcome outcome = evaluator.evaluate(trial, files, [] { return false; });
    REQUIRE_FALSE(outcome.failure);
    CHECK_FALSE(outcome.validation_accuracy);
    CHECK_FALSE(outcome.float_accuracy);
    REQUIRE(outcome.numbers.size() == 2);
    // RMSE^2 / variance = 1 - R2, and the error is the root of their mean.
    const double mean = 1 - (outcome.numbers[0].r2 + outcome.numbers[1].r2) / 2;
    CHECK(*outcome.measures[Measure::error] == doctest::Approx(std::sqrt(mean)));
    CHECK(*outcome.measures[Measure::error] < 0.6);
    CHECK(outcome.validation_interval->low < *outcome.measures[Measure::error]);
    Record record{trial, outcome, true, 1.0};
    const json::Value line = to_json(record, head.space);
    CHECK(line.find("validation_accuracy")->is_null());
    const Record read = record_from_json(json::Reader(line, "line"), head.space);
    CHECK(read.outcome.numbers[1].rmse == outcome.numbers[1].rmse);
    CHECK(read.outcome.validation_interval == outcome.validation_interval);
    CHECK_FALSE(read.outcome.validation_accuracy);
    const std::optional<double> tested = evaluator.test(record, files.model);
    CHECK(*tested == doctest::Approx(*outcome.measures[Measure::error]).epsilon(0.3));
    CHECK(fixed::load_model(files.model).test_rmse.size() == 2);
    const RunEnd end = end_from_json(json::Reader(to_json(RunEnd{{}, {}, {{1, *tested}}}), "end"));
    CHECK(end.test_error.at(1) == *tested);
}
