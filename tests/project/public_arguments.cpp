// SPDX-License-Identifier: Apache-2.0
// The public functions of data, nn, prune, quantise, fixed, cost, deploy and search, each called with an argument that
// it cannot use: a list, in which each row ends in one Error that says so, in every build. What a compiler can refuse,
// temporaries that would be kept, is refused by it.
#include <cmath>
#include <doctest/doctest.h>
#include <functional>
#include <limits>
#include <type_traits>

#include "load_data.hpp"
#include "number_set.hpp"
#include "small_model.hpp"
#include "tinysparse/data/contact_sheet.hpp"
#include "tinysparse/data/describe.hpp"
#include "tinysparse/data/from_arrays.hpp"
#include "tinysparse/data/resample.hpp"
#include "tinysparse/deploy/arduino.hpp"
#include "tinysparse/deploy/export.hpp"
#include "tinysparse/fixed/evaluate.hpp"
#include "tinysparse/nn/class_weights.hpp"
#include "tinysparse/quantise/grids.hpp"
#include "tinysparse/search/evaluate.hpp"

using namespace tinysparse;

namespace {

/// One row of the list: a call with a bad argument, and words of the Error that it ends in. A call for each: a table
/// of functions takes a compiler much longer.
void refuses(const char* name, const std::function<void()>& call, const char* words) {
    CAPTURE(std::string(name));
    std::string error = "no error";
    try {
        call();
    } catch (const Error& refusal) {
        error = refusal.what();
    }
    CHECK_MESSAGE(error.find(words) != std::string::npos, error);
}

const float nan_float = std::numeric_limits<float>::quiet_NaN();
const double nan_value = std::numeric_limits<double>::quiet_NaN(), infinite = std::numeric_limits<double>::infinity();

/// Ten classes of 28x28 pixels.
const data::Dataset& strokes() {
    static const data::Dataset set = load_data("synthetic:strokes,samples=60");
    return set;
}
const data::Dataset& numbers() {
    static const data::Dataset set = number_set(80);
    return set;
}
/// The strokes with a label beyond the classes.
data::Dataset mislabelled() {
    data::Dataset set = strokes();
    set.train.labels[5] = 10;
    return set;
}
/// The strokes with a training picture too few.
data::Dataset short_of_pixels() {
    data::Dataset set = strokes();
    set.train.pixels.resize(set.train.pixels.size() - 784);
    return set;
}
/// A part of labels 0 of one pixel each.
data::Split part_of(std::size_t samples) {
    data::Split part;
    part.samples = samples;
    part.labels.resize(samples);
    part.pixels.resize(samples);
    return part;
}

net::Spec spec() { return net::parse("A4 F10", {1, 28, 28}); }
/// A network for the strokes; its last layer has a normalisation that the notation does not know.
net::Spec normalised_dense() {
    net::Spec own = spec();
    own.layers.back().batch_normalisation = true;
    return own;
}

quantise::TrainOptions options(const std::function<void(quantise::TrainOptions&)>& change) {
    quantise::TrainOptions own;
    own.epochs = 1;
    change(own);
    return own;
}
/// A training of the strokes with one option changed.
std::function<void()> training(const std::function<void(quantise::TrainOptions&)>& change) {
    return [=] { quantise::train(spec(), strokes(), options(change)); };
}
std::function<void()> pruning(const std::function<void(prune::Options&)>& change) {
    return training([=](quantise::TrainOptions& own) {
        own.pruning.emplace();
        change(*own.pruning.operator->());
    });
}

/// A model of pictures of 2x6x6 and five classes, changed.
fixed::Model model(const std::function<void(fixed::Model&)>& change = {}) {
    Random random(1, "model");
    fixed::Model own = small::model(plain::random_network(net::parse("C4k3 M2 F5", {2, 6, 6}), random), random);
    if (change) change(own);
    return own;
}
std::function<void()> saving(const std::function<void(fixed::Model&)>& change) {
    return [=] { fixed::encode_model(model(change)); };
}
std::function<void()> lowering(const std::function<void(fixed::Network&)>& change) {
    return [=] { fixed::lower(model([&](fixed::Model& own) { change(own.network); }).network); };
}

} // namespace

TEST_CASE("data: arguments that cannot be used") {
    data::Split part = part_of(3);
    part.labels[1] = 4;
    std::vector<std::int8_t> out(4);
    const std::vector<std::uint8_t> pixels(3);
    const std::vector<std::int16_t> values(4);
    const std::vector<std::size_t> beyond = {0, 3};
    const auto take = [&](const std::function<void(data::Split&)>& change) {
        data::Split own = part;
        change(own);
        data::take(own, 1, {});
    };
    refuses(
        "check", [] { data::check(mislabelled()); }, "sample 5 has label 10");
    refuses(
        "check_samples", [] { data::check_samples(short_of_pixels()); }, "pixels for");
    refuses(
        "check_part", [&] { data::check_part(strokes(), part); }, "3 pixels for 3 samples of 784");
    refuses(
        "from_arrays", [] { data::from_arrays({}); }, "there are 0 elements; give those of all samples");
    refuses(
        "dataset_from_arrays of none", [] { data::dataset_from_arrays({}); }, "a data set of no arrays");
    refuses(
        "dataset_from_arrays of short ones",
        [] {
            const data::Array samples{"x", {9, 3, 3}, std::vector<std::uint8_t>(80)};
            data::dataset_from_arrays({{data::Part::train, samples, {"y", {9}, std::vector<std::uint8_t>(9)}}});
        },
        "x: an array of 9x3x3 with 80 items");
    refuses(
        "class_counts", [&] { data::class_counts(part, 4); }, "sample 1 has label 4, there are 4 classes");
    refuses(
        "stratified_choice", [&] { data::stratified_choice(part.labels, 3, 2, "any"); }, "sample 1 has label 4");
    refuses(
        "take beyond the part", [&] { data::take(part, 1, beyond); }, "sample 3 is not one of the part's 3");
    refuses(
        "take of too few labels", [&] { take([](data::Split& own) { own.labels.pop_back(); }); }, "2 labels");
    refuses(
        "take of too many pixels", [&] { take([](data::Split& own) { own.pixels.resize(7); }); }, "7 elements");
    refuses(
        "take of odd targets", [&] { take([](data::Split& own) { own.targets.resize(4); }); }, "4 targets");
    refuses(
        "take of a group", [&] { take([](data::Split& own) { own.groups.resize(1); }); }, "1 groups");
    refuses(
        "split_off a share of 2", [&] { data::split_off(part, 1, 5, 2, "any"); }, "share of 2 is not in 0..1");
    refuses(
        "split_off of larger samples", [&] { data::split_off(part, 2, 5, 0.5, "any"); }, "3 samples of 2 elements");
    refuses(
        "input_values of pixels", [&] { data::input_values(pixels, out); }, "3 pixels do not go into 4");
    refuses(
        "input_values of no channel", [&] { data::input_values(values, {}, out); }, "4 values of 0 channels");
    refuses(
        "input_values of three",
        [&] {
            data::input_values(values, {{0, 0, 0}, {1, 1, 1}}, out);
        },
        "of 3 channels");
    refuses(
        "input_values without shifts",
        [&] {
            data::input_values(values, {{0}, {}}, out);
        },
        "with 0 shifts");
    refuses(
        "normalisation_of",
        [&] {
            data::normalisation_of(part, {1, 1, 1});
        },
        "0 values for 3 samples");
    refuses(
        "scale_quantities",
        [] {
            data::Dataset set = numbers();
            set.train.targets.pop_back();
            data::scale_quantities(set);
        },
        "targets for 40 samples of 2");
    refuses(
        "deal_by_groups without groups",
        [] {
            data::Dataset set = strokes();
            data::deal_by_groups(set, {});
        },
        "with 0 groups");
    refuses(
        "deal_by_groups by a share of 2",
        [] {
            data::Dataset set = strokes();
            set.group_names = {"all"};
            set.train.groups.assign(set.train.samples, 0);
            data::DealOptions options;
            options.test = 2;
            data::deal_by_groups(set, options);
        },
        "a part's share of 2");
    refuses(
        "make_binary",
        [] {
            data::Dataset set = mislabelled();
            data::make_binary(set, "0");
        },
        "sample 5 has label 10");
    refuses(
        "average_in_time of pictures",
        [] {
            data::Dataset set = strokes();
            data::average_in_time(set, 7);
        },
        "averages of 28x28 to 7 rows");
    refuses(
        "average_in_time to nothing",
        [] {
            data::Dataset set = numbers();
            data::average_in_time(set, 0);
        },
        "averages of 1x1 to 0 rows");
    refuses(
        "contact_sheet", [] { data::contact_sheet(strokes(), 0); }, "a sheet of 0 columns");
    refuses(
        "contact_sheet of other labels", [] { data::contact_sheet(mislabelled()); }, "sample 5 has label 10");
    refuses(
        "warnings", [] { data::warnings(mislabelled()); }, "sample 5 has label 10");
    refuses(
        "remarks", [] { data::remarks(short_of_pixels()); }, "pixels for");
    refuses(
        "describe", [] { data::describe(mislabelled()); }, "sample 5 has label 10");
    refuses(
        "check_augmentation", [] { data::check_augmentation({.shift = -1}, strokes()); }, "shift=-1");
}

TEST_CASE("nn: arguments that cannot be used") {
    const data::Dataset wrong = mislabelled(), lacking = short_of_pixels();
    Team team(1);
    nn::TrainerOptions options;
    const auto network = [](const std::function<void(nn::NetworkOptions&)>& change) {
        nn::NetworkOptions own;
        change(own);
        nn::Network made(spec(), own);
    };
    const std::vector<nn::LayerGrids> no_grids;
    nn::Network small(spec(), {.batch = 16});
    nn::Network other(net::parse("F10", {1, 14, 14}), {.batch = 64}), narrow(net::parse("F9", {1, 28, 28}), {});
    nn::Loader loader(strokes(), spec());
    nn::Loader whole(strokes(), net::parse("F9", {1, 28, 28}));
    nn::Trainer trainer(strokes(), spec(), options, team);
    const std::vector<std::uint32_t> beyond = {0, 60}, many(17), first = {0};
    autograd::Parameter parameter("weights", 20);
    const data::Split part = part_of(2);
    refuses(
        "Network of batch 0", [&] { network([](auto& own) { own.batch = 0; }); }, "batch 0 is not in 1..65536");
    refuses(
        "Network smoothed by 1", [&] { network([](auto& own) { own.label_smoothing = 1; }); }, "label smoothing 1");
    refuses(
        "Network dropping NaN", [&] { network([](auto& own) { own.dropout = nan_float; }); }, "dropout nan");
    refuses(
        "Network taught by -1", [&] { network([](auto& own) { own.distillation = -1; }); }, "distillation -1");
    refuses(
        "Network at 0 degrees", [&] { network([](auto& own) { own.temperature = 0; }); }, "temperature 0");
    refuses(
        "Network of weights below 0", [&] { network([](auto& own) { own.class_weights.assign(10, -1); }); },
        "class weight -1");
    refuses(
        "Network of nine weights", [&] { network([](auto& own) { own.class_weights.assign(9, 1); }); },
        "9 class weights for 10 classes");
    refuses(
        "Network without grids", [&] { network([&](auto& own) { own.grids = &no_grids; }); }, "grids for 0 layers");
    refuses(
        "Loader of wrong labels", [&] { nn::Loader made(wrong, spec()); }, "sample 5 has label 10");
    refuses(
        "Loader for another shape",
        [&] {
            nn::Loader made(strokes(), net::parse("F10", {1, 14, 14}));
        },
        "the network takes 1 channels of 14x14");
    refuses(
        "load beyond the part", [&] { loader.load(strokes().train, beyond, small); }, "sample 60 is not one of");
    refuses(
        "load more than a batch", [&] { loader.load(strokes().train, many, small); }, "17 samples for a graph");
    refuses(
        "load for another network", [&] { loader.load(strokes().train, first, other); }, "reads another shape");
    refuses(
        "load for too few outputs", [&] { whole.load(strokes().train, first, narrow); }, "too few for the data");
    refuses(
        "load another set's part", [&] { loader.load(part, first, small); }, "a part of 2 samples with 2 elements");
    refuses(
        "answers to wrong labels", [&] { nn::answers(small, loader, wrong.train, team); }, "sample 5 has label 10");
    refuses(
        "logits of too few pixels", [&] { nn::logits(small, loader, lacking.train, team); }, "pixels for");
    refuses(
        "accuracy", [&] { nn::accuracy(part, std::vector<std::uint8_t>(1)); }, "1 answers and 2 labels");
    refuses(
        "rmse without targets", [&] { nn::rmse(part, std::vector<float>(2)); }, "2 numbers and 0 targets");
    refuses(
        "numbers_of",
        [] {
            nn::numbers_of(std::vector<float>(3), {{"a"}, {"b"}});
        },
        "3 outputs are no whole number");
    refuses(
        "class_weights", [&] { nn::class_weights(nn::ClassWeights::balanced, wrong.train, 10); }, "has label 10");
    refuses(
        "Trainer of wrong labels", [&] { nn::Trainer made(wrong, spec(), options, team); }, "sample 5 has label 10");
    refuses(
        "Trainer of an unsaid Spec", [&] { nn::Trainer made(strokes(), normalised_dense(), options, team); },
        "layer 1: a dense layer has no batch normalisation");
    refuses(
        "run of a small network", [&] { trainer.run(small, *nn::make_optimiser(small, options), {.end = 1}); },
        "takes batches of 16");
    refuses(
        "run beyond the schedule",
        [&] {
            nn::Network made(spec(), trainer.recording());
            trainer.run(made, *nn::make_optimiser(made, options), {.end = trainer.steps() + 1});
        },
        "steps 0 to");
    refuses(
        "Adam", [&] { nn::Adam made({&parameter}, {.beta2 = 1}); }, "beta2 1 is not in 0..1");
    refuses(
        "Adam without epsilon", [&] { nn::Adam made({&parameter}, {.epsilon = 0}); }, "epsilon 0");
    refuses(
        "Sgd", [&] { nn::Sgd made({&parameter}, {.momentum = nan_value}); }, "momentum nan");
    nn::Network squares(net::parse("F2", {3, 1, 1}), {.batch = 16, .numbers = true});
    nn::Loader number_loader(numbers(), squares.spec());
    refuses(
        "answers of numbers", [&] { nn::answers(squares, number_loader, numbers().test, team); },
        "the network answers numbers, not classes");
    struct Failing : nn::Optimiser {
        void step(double) override { throw Error("no step"); }
    } failing;
    refuses(
        "an optimiser that gives up",
        [&] {
            nn::Network made(spec(), trainer.recording());
            trainer.run(made, failing, {.end = 1});
        },
        "training diverged in epoch 1: no step");
    refuses(
        "a graph of nothing", [] { autograd::Graph(1).finish(); }, "a graph without operations");
}

TEST_CASE("quantise and prune: arguments that cannot be used") {
    using Options = quantise::TrainOptions;
    const data::Dataset wrong = mislabelled();
    Team team(1);
    nn::Network network(spec(), {.batch = 16}), other(net::parse("F9", {1, 28, 28}), {});
    const prune::Masks no_masks, short_masks = {{{1, 1}, {}}};
    const auto lowered = fixed::lower(model().network);
    const std::vector<fixed::FloatLayer> no_layers, short_layers(1);
    prune::Ranking ranking;
    ranking.groups = {{1, {{0, prune::GroupMember::Side::output, 10}}}};
    refuses(
        "train on wrong labels", [&] { quantise::train(spec(), wrong, {}); }, "sample 5 has label 10");
    refuses(
        "train an unsaid Spec", [] { quantise::train(normalised_dense(), strokes(), {}); }, "no batch normalisation");
    refuses(
        "train for nine classes",
        [] {
            quantise::train(net::parse("F9", {1, 28, 28}), strokes(), {});
        },
        "9 outputs");
    refuses("no epochs", training([](Options& own) { own.epochs = 0; }), "at least 1 epoch, not 0");
    refuses("-1 epochs", training([](Options& own) { own.epochs = -1; }), "at least 1 epoch, not -1");
    refuses("no steps", training([](Options& own) { own.steps = 0; }), "steps 0 are not in 1..1000000000");
    refuses("batch 0", training([](Options& own) { own.batch = 0; }), "batch 0 is not in");
    refuses("rate NaN", training([](Options& own) { own.learning_rate = nan_value; }), "learning rate nan");
    refuses("an infinite rate", training([](Options& own) { own.learning_rate = infinite; }), "learning rate inf");
    refuses("decay -1", training([](Options& own) { own.weight_decay = -1; }), "weight decay -1");
    refuses("smoothing 1", training([](Options& own) { own.label_smoothing = 1; }), "label smoothing 1");
    refuses("dropout NaN", training([](Options& own) { own.dropout = nan_value; }), "dropout nan");
    refuses("average 1", training([](Options& own) { own.average_decay = 1; }), "average decay 1");
    refuses("no threads", training([](Options& own) { own.threads = 0; }), "threads 0 is not at least 1");
    refuses("quantise at NaN", training([](Options& own) { own.quantise_from = nan_value; }), "quantise_from nan");
    refuses("no optimiser", training([](Options& own) { own.optimiser = nn::OptimiserKind::count; }),
            "the optimiser or");
    refuses("weights NaN", training([](Options& own) { own.class_weights.assign(10, nan_float); }), "class weight nan");
    refuses("shift -1", training([](Options& own) { own.augmentation.shift = -1; }), "shift=-1");
    refuses("keep 0", pruning([](prune::Options& own) { own.keep = 0; }), "the share of weights to keep, 0,");
    refuses("keep NaN", pruning([](prune::Options& own) { own.keep = nan_value; }),
            "the share of weights to keep, nan,");
    refuses("strength 0", pruning([](prune::Options& own) { own.strength = 0; }), "the pruning strength 0");
    refuses("an infinite strength", pruning([](prune::Options& own) { own.strength = infinite; }), "strength inf");
    refuses("threshold NaN", pruning([](prune::Options& own) { own.threshold = nan_value; }), "threshold nan");
    refuses("a phase backwards", pruning([](prune::Options& own) { own.phase = {0.5, 0.4}; }), "phase 0.5..0.4");
    refuses("no method", pruning([](prune::Options& own) { own.method = prune::Method::count; }), "the pruning method");
    refuses(
        "a training by no samples", [] { prune::make_pruner({}, 0); }, "no training samples to prune by");
    refuses(
        "apply_masks", [&] { prune::apply_masks(no_masks, network); }, "0 masks for the 1 layers");
    refuses(
        "check_masks", [&] { prune::check_masks(spec(), short_masks); }, "a mask of 2 weights");
    refuses(
        "report", [&] { prune::report(spec(), short_masks); }, "a mask of 2 weights");
    refuses(
        "copy_parameters", [&] { prune::copy_parameters(network, other); }, "one of another Spec");
    refuses(
        "decide by no scores", [] { prune::decide(spec(), {}, 0.5); }, "scores of 0");
    prune::Ranking few;
    few.scores = {{1, 2}};
    refuses(
        "decide by two scores", [&] { prune::decide(spec(), few, 0.5); }, "layer 1: 2 scores for 490 weights");
    nn::Trainer trainer(strokes(), spec(), {.epochs = 1}, team);
    std::unique_ptr<nn::Network> nothing, some = std::make_unique<nn::Network>(spec(), trainer.recording());
    refuses(
        "prune no network", [&] { prune::train(trainer, nothing, {}, trainer.steps()); }, "no network to prune");
    refuses(
        "prune beyond the schedule", [&] { prune::train(trainer, some, {}, trainer.steps() + 1); }, "are not in 0..");
    refuses(
        "decide by groups of others", [&] { prune::decide(spec(), ranking, 0.5); }, "output 10 of layer 1");
    refuses(
        "set_parameters", [&] { quantise::set_parameters(network, no_layers); }, "weights of 0 layers for");
    refuses(
        "calibrate", [&] { quantise::calibrate(spec(), short_layers, strokes(), team); }, "layer 1: 0 weights");
    refuses(
        "answers_by_grids of another shape", [&] { quantise::answers_by_grids(lowered, strokes(), strokes().test); },
        "the network takes 2 channels of 6x6");
    refuses(
        "numbers_by_grids", [&] { quantise::numbers_by_grids(lowered, {}, strokes(), strokes().test); },
        "0 target numbers for a network of 5 outputs");
    refuses(
        "values_of", [] { quantise::values_of(model().network, {}); }, "grids of 0 layers");
    refuses(
        "to_integers", [&] { quantise::to_integers(network, {}, {}); }, "grids of 0 layers");
}

TEST_CASE("fixed, cost and deploy: arguments that cannot be used") {
    Random random(3, "samples");
    const fixed::Model own = model(), other = [] {
        Random its_own(1, "other");
        return small::model(plain::random_network(net::parse("F3", {1, 4, 4}), its_own), its_own);
    }();
    const auto lowered = fixed::lower(own.network), other_lowered = fixed::lower(other.network);
    const auto program = fixed::encode(lowered), other_program = fixed::encode(other_lowered);
    fixed::Evaluator evaluator(program);
    const std::vector<std::uint8_t> few(20), pixels(72);
    const std::vector<std::int16_t> series(72);
    const data::Split part = part_of(2);
    const fixed::Samples samples(part);
    std::vector<std::uint8_t> order;
    using Network = fixed::Network;
    using Model = fixed::Model;
    const cost::Target& uno = cost::target("uno");
    refuses(
        "logits of 20 bytes for 72", [&] { evaluator.logits(few); },
        "a sample of 20 uint8 pixels; the network reads pictures of uint8, 6x6x2 (height, width, channels), that is "
        "72");
    refuses(
        "logits of a series", [&] { evaluator.logits(series); }, "a sample of 72 int16 values");
    refuses(
        "SplitEvaluator", [&] { fixed::SplitEvaluator made(program, samples); }, "these have 2");
    refuses(
        "answers", [&] { fixed::answers(own.network, samples); }, "these have 2");
    refuses(
        "accuracy", [&] { fixed::accuracy(own.network, samples); }, "these have 2");
    refuses(
        "device_order",
        [&] {
            fixed::device_order<std::uint8_t>(few, {2, 6, 6}, order);
        },
        "a sample of 20 elements");
    refuses("lower a layer too few", lowering([](Network& n) { n.layers.pop_back(); }), "1 layers of integers for 2");
    refuses("lower a weight too few", lowering([](Network& n) { n.layers[0].weights.pop_back(); }), "71 weights");
    refuses("lower a weight too large", lowering([](Network& n) { n.layers[0].weights[0] = -128; }), "weight -128");
    refuses("lower a bias too many", lowering([](Network& n) { n.layers[0].biases.resize(5); }), "5 biases");
    refuses("lower shift 15", lowering([](Network& n) { n.layers[0].shift = 15; }),
            "layer 1: shift 15 is not in 1..14");
    refuses("lower a head that shifts", lowering([](Network& n) { n.layers[1].shift = 1; }), "shift 1 is not in 0..0");
    refuses("lower bias_shift -1", lowering([](Network& n) { n.layers[0].bias_shift = -1; }), "bias_shift -1");
    refuses("lower two shifts", lowering([](Network& n) { n.layers[0].own_shift = n.layers[0].residual_shift = 1; }),
            "own_shift and residual_shift are both above 0");
    refuses("lower an offset", lowering([](Network& n) { n.input.offset = {1}; }), "input: 1 offsets");
    refuses("lower a camera of another size", lowering([](Network& n) { n.input.camera = Camera{}; }), "do not make");
    refuses(
        "Program", [&] { fixed::Program made(lowered, {}); }, "0 encoded layers for the 2");
    refuses(
        "encode", [&] { fixed::encode(lowered, {fixed::Format::dense}); }, "1 formats for the 2 layers");
    refuses(
        "encode_or_dense", [&] { fixed::encode_or_dense(lowered, {}); }, "0 formats for the 2 layers");
    refuses(
        "choose_formats of two budgets",
        [] {
            fixed::choose_formats({{{}}}, {100.0, 100.0});
        },
        "give one of the two");
    refuses(
        "choose_formats of no options", [] { fixed::choose_formats({{}}); }, "there is no format to choose from");
    refuses("save an unsaid Spec", saving([](Model& m) { m.network.spec.layers[1].batch_normalisation = true; }),
            "layer 2: a dense layer has no batch normalisation");
    refuses("save two names", saving([](Model& m) { m.class_names.resize(2); }), "2 class names, expected 5");
    refuses("save a float layer", saving([](Model& m) { m.float_layers.resize(1); }), "weights of 1 layers");
    refuses("save label 5", saving([](Model& m) { m.golden.label = 5; }), "the golden sample has label 5");
    refuses("save four logits", saving([](Model& m) { m.golden.logits.pop_back(); }), "4 logits of the golden");
    refuses("save half a mask", saving([](Model& m) {
                for (const fixed::Layer& layer : m.network.layers)
                    m.float_layers.push_back({std::vector<float>(layer.weights.size()), {}, {1, 0}});
            }),
            "a mask of 2 weights");
    refuses("save logits of nothing", saving([](Model& m) { m.golden.picture.clear(); }), "logits and no elements");
    const data::Split two = small::random_samples(own.network, random, 2);
    refuses(
        "a sample beyond",
        [&] {
            const fixed::Samples all(two);
            fixed::SplitEvaluator(program, all).logits(2);
        },
        "sample 2 is not one of the 2");
    refuses("save half a picture", saving([](Model& m) { m.golden.picture.resize(36); }), "36 pixels of the golden");
    refuses(
        "costs that keep nothing", [&] { cost::costs(spec(), uno, {.keep = 0}); }, "a share of weights of 0");
    refuses(
        "costs that keep NaN", [&] { cost::costs(spec(), uno, {.keep = nan_value}); }, "a share of weights of nan");
    refuses(
        "costs of biases of 3 bytes", [&] { cost::costs(spec(), uno, {.bias_bytes = 3}); }, "biases of 3 bytes");
    refuses(
        "measures", [&] { cost::measures(spec(), net::shapes(spec()), {}); }, "what 0 layers store");
    refuses(
        "target", [] { cost::target("unno"); }, "did you mean uno?");
    refuses(
        "header of another program", [&] { deploy::header(own, other_program, {}, {.name = "any"}); },
        "of another network");
    refuses(
        "header of no name", [&] { deploy::header(own, program, {}, {.name = "int"}); }, "'int' cannot be the name");
    refuses(
        "header of half a licence", [&] { deploy::header(own, program, {}, {.name = "any", .license = "MIT OR"}); },
        "an identifier is missing");
    refuses(
        "header of two names",
        [&] { deploy::header(model([](Model& m) { m.class_names.resize(2); }), program, {}, {.name = "any"}); },
        "2 class names");
    refuses(
        "write_export", [&] { deploy::write_export(own, other_program, uno, "never_made", {.name = "any"}); },
        "of another network");
    refuses(
        "write_arduino", [&] { deploy::write_arduino(own, other_program, "never_made", {.name = "any"}); },
        "of another network");
}

TEST_CASE("search: arguments that cannot be used") {
    const data::Dataset wrong = mislabelled();
    const cost::Target& uno = cost::target("uno");
    search::RunHead described;
    search::describe(described, {}, strokes());
    refuses(
        "describe",
        [&] {
            search::RunHead head;
            search::describe(head, {}, wrong);
        },
        "sample 5 has label 10");
    refuses(
        "describe without validation",
        [] {
            data::Dataset set = strokes();
            set.validation = {};
            search::RunHead head;
            search::describe(head, {}, set);
        },
        "a search needs training and validation samples");
    refuses(
        "make_evaluator of wrong labels", [&] { search::make_evaluator(wrong, described, uno, "any"); },
        "sample 5 has label 10");
    refuses(
        "make_evaluator of another run", [&] { search::make_evaluator(numbers(), described, uno, "any"); },
        "the run's networks are for other data");
    refuses(
        "check_data", [&] { search::check_data(described, numbers()); }, "bring the old data back");
    refuses(
        "test_model",
        [] {
            fixed::Model own = model();
            search::test_model(own, strokes());
        },
        "the network takes 2");
}

TEST_CASE("gradients that no float can square end a training with the step and the parameter") {
    for (const float gradient : {1e20f, nan_float, -std::numeric_limits<float>::infinity()})
        for (const std::size_t at : {std::size_t{0}, std::size_t{17}}) { // in a whole lane and in the rest
            CAPTURE(gradient);
            autograd::Parameter parameter("weights of layer 2", 20);
            parameter.value.assign(20, 0.5f);
            nn::Adam adam({&parameter});
            adam.step(0.01);
            parameter.gradient[at] = gradient;
            CHECK_THROWS_WITH_AS(
                adam.step(0.01),
                "after step 2 of the optimiser the weights of layer 2 are no longer finite, as their "
                "gradients are too large or not finite; use a smaller learning rate, or smaller targets",
                Error);
            if (gradient == 1e20f) continue; // which Sgd can add
            nn::Sgd sgd({&parameter});
            CHECK_THROWS_AS(sgd.step(0.01), Error);
        }
}

TEST_CASE("what is kept by reference does not bind to temporaries") {
    using fixed::Program, fixed::Samples, data::Split;
    CHECK_FALSE(std::is_constructible_v<Program, fixed::Lowered, std::vector<fixed::LayerProgram>>);
    CHECK_FALSE(std::is_constructible_v<fixed::Layout, net::Spec, InputKind>);
    CHECK_FALSE(std::is_constructible_v<Samples, Split>);
    CHECK(std::is_constructible_v<Samples, const Split&>);
    CHECK_FALSE(std::is_constructible_v<nn::Loader, data::Dataset, const net::Spec&>);
    CHECK_FALSE(std::is_constructible_v<nn::Trainer, data::Dataset, const net::Spec&, nn::TrainerOptions&, Team&>);
    CHECK_FALSE(
        std::is_constructible_v<prune::MaskedOptimiser, std::unique_ptr<nn::Optimiser>, nn::Network&, prune::Masks>);
    CHECK_FALSE(std::is_constructible_v<cost::Estimate, fixed::Layout, int, double, std::vector<fixed::Format>>);
    CHECK_FALSE(std::is_invocable_v<decltype([](auto&& set) -> decltype(search::make_evaluator(
                                                                std::forward<decltype(set)>(set), search::RunHead{},
                                                                cost::target("uno"), "")) { return {}; }),
                                    data::Dataset>);
}
