// SPDX-License-Identifier: Apache-2.0
// tinysparse train: one network, from data to a model file.
#include <algorithm>
#include <filesystem>

#include "bonsai.hpp"
#include "commands.hpp"
#include "common.hpp"
#include "host_answers.hpp"
#include "networks.hpp"
#include "pruning.hpp"
#include "tinysparse/base/files.hpp"
#include "tinysparse/base/hexadecimal.hpp"
#include "tinysparse/base/json.hpp"
#include "tinysparse/data/describe.hpp"
#include "tinysparse/fixed/model_file.hpp"
#include "tinysparse/judge/interval.hpp"
#include "tinysparse/net/count.hpp"
#include "tinysparse/nn/input_shape.hpp"
#include "tinysparse/quantise/train.hpp"
#include "tinysparse/report/table.hpp"
#include "tinysparse/search/measures.hpp"
#include "training_options.hpp"
#include "verdicts.hpp"

namespace tinysparse::cli {

namespace {

/// Throws Error if a kernel is wider than a series, whose width is 1.
void refuse_wide_kernels(const net::Spec& spec) {
    for (std::size_t i = 0; i < spec.layers.size(); ++i)
        if (const net::Layer& layer = spec.layers[i]; layer.kernel_width > 1)
            throw Error(text("layer ", i + 1, ": kernel ", layer.kernel_height, "x", layer.kernel_width,
                             ": a series is 1 wide, and the rest of the kernel would only read padding; use ",
                             layer.kernel_height, "x1"));
}

/// The network of a name, of a file with one line of notation, or of that line itself. Throws UsageError for words
/// that are none of these, Error for a file.
net::Spec parse_net(const std::string& word, const data::Dataset& set, int bits) {
    std::string line = word;
    const std::vector<std::string> names = network_names();
    for (const auto& [name, notation] : named_networks())
        if (name == word) line = notation;
    std::error_code no_file; // a line too long for the name of a file is no error
    const bool from_file = line == word && std::filesystem::is_regular_file(word, no_file);
    if (from_file) line = read_text(word, 1 << 16, "a line of notation");
    for (char& letter : line)
        if (letter == '\n' || letter == '\t' || letter == '\r') letter = ' ';
    line.erase(line.find_last_not_of(' ') + 1); // the end of a file's line
    if (const std::size_t at = line.find('@'); at != line.npos && at + 1 == line.size())
        line.replace(at, 1, text(set.outputs()));
    try {
        const net::Spec spec = net::parse(line, nn::input_shape(set), bits);
        if (set.is_series()) refuse_wide_kernels(spec);
        return spec;
    } catch (const Error& error) {
        if (from_file) throw;
        const std::string near = nearest(word, names);
        const bool notation = word[0] >= 'A' && word[0] <= 'Z' && near.empty(); // such as F10 or C8k99
        if (notation || word.find(' ') != word.npos || line != word) throw UsageError(error.what());
        throw UsageError(text("--net ", word, " is neither a file nor a known network",
                              near.empty() ? "" : "; did you mean " + near + "?",
                              near.empty() ? "; known are " : " Known are ", join(names, ", "),
                              "; or give a line such as 'C4k3 A2 D3L C8k1 A2 DGL F10'"));
    }
}

/// "  training 98.10 %"; nothing for numbers, of which the loss is the mean squared error.
std::string training_words(const nn::Epoch& epoch) {
    if (!epoch.training_accuracy) return "";
    return text("  training ", fixed_decimals(100 * *epoch.training_accuracy, 2), " %");
}

/// Sets the pruning that the arguments ask for, and logs its progress.
void set_pruning(const Arguments& arguments, quantise::TrainOptions& options, PruningLog& log) {
    options.pruning = pruning_of(arguments);
    if (!options.pruning) return;
    if (const auto bytes = arguments.value("weight-bytes")) options.budget = weight_budget(*bytes);
    options.quantise_from = 0.8; // the floats have more to do
    options.posterior_bits = !arguments.has("bits");
    const bool quiet = arguments.has("quiet");
    options.prune_progress = [quiet, &log](const prune::Progress& progress) {
        log.add(progress);
        if (quiet) return;
        const nn::Epoch& epoch = progress.epoch;
        say(text("epoch ", epoch.index, "/", epoch.epochs, "  ", progress.phase, "  loss ",
                 fixed_decimals(epoch.loss, 4), "  penalty ", fixed_decimals(progress.penalty, 4),
                 training_words(epoch), "  remain ", fixed_decimals(100 * progress.kept, 2), " %  ",
                 fixed_decimals(epoch.seconds, 1), " s"));
    };
}

/// The tree of --bonsai, or nothing if there is a --net.
std::optional<Bonsai> bonsai_of(const Arguments& arguments) {
    const auto words = arguments.value("bonsai");
    if (words && arguments.has("net")) throw UsageError("give either --net or --bonsai, not both");
    if (!words && !arguments.has("net"))
        throw UsageError(
            "train needs --net NAME|FILE|LINE, or --bonsai depth=N,projection=N; see tinysparse train --help");
    return words ? std::optional<Bonsai>(*words) : std::nullopt;
}

/// Settings that suit a tree, unless the arguments ask for others.
void set_bonsai(const Bonsai& bonsai, const Arguments& arguments, quantise::TrainOptions& options) {
    options.tree_sharpness = bonsai.sharpness;
    options.tree_soft = bonsai.soft;
    if (options.pruning) options.pruning->phase = prune::Phase{0.1, 0.5}; // the remaining weights have much to learn
    if (!arguments.has("learning-rate")) options.learning_rate = 0.01;
    if (!arguments.has("shift")) options.augmentation.shift = 0; // its features are tied to their places
}

/// All options but those of pruning, which need a log, and of other models.
quantise::TrainOptions options_of(const Arguments& arguments) {
    quantise::TrainOptions options;
    if (arguments.has("steps") && arguments.has("epochs"))
        throw UsageError("--steps and --epochs exclude each other: both say how long to train");
    options.epochs = arguments.number_or<int>("epochs", 20, 1, 100000);
    options.steps = arguments.number<std::size_t>("steps", 1, nn::Trainer::most_steps);
    options.batch = arguments.number_or<int>("batch", 64, 1, 4096);
    options.learning_rate = arguments.number_or<double>("learning-rate", 0.03, 1e-9, 100);
    options.optimiser = row_named(nn::optimisers, arguments.value_or("optimiser", "adam"))->value;
    options.accumulator_bits = arguments.number_or<int>("accumulator", 24, 16, 24);
    options.augmentation.shift = 1;
    set_training(arguments, options);
    options.seed = arguments.number_or<std::uint64_t>("seed", 1, 0, std::uint64_t{1} << 53);
    options.threads = arguments.number_or<int>("threads", 1, 1, 1024);
    options.stop = interrupted;
    return options;
}

/// Prints notes on the data, and the network.
void say_beginning(const net::Spec& spec, const std::vector<std::string>& notes) {
    say_all(notes);
    say(text("training ", net::notation(spec), ": ", report::grouped(net::weights(spec)), " weights, ",
             report::grouped(net::macs(spec)), " multiply-adds per sample"));
}

/// Prints a line per epoch.
void say_epoch(const nn::Epoch& epoch) {
    say(text("epoch ", epoch.index, "/", epoch.epochs, "  loss ", fixed_decimals(epoch.loss, 4), training_words(epoch),
             "  ", fixed_decimals(epoch.seconds, 1), " s"));
}

/// Scores of a trained network, 0..1; nothing for a part without samples.
struct Scores {
    std::optional<double> validation, floating, test;
};

Scores scores(const quantise::Trained& trained, const std::vector<std::uint8_t>& test_answers, const data::Dataset& set,
              judge::ErrorKind kind) {
    const auto score = [&](const data::Split& part, const std::vector<std::uint8_t>& answers) -> std::optional<double> {
        if (part.samples == 0) return std::nullopt;
        return judge::info(kind).score_of(judge::Answers{set.classes(), part.labels, answers, part.groups}.matrix());
    };
    return {score(set.validation, trained.validation_answers), score(set.validation, trained.float_validation_answers),
            score(set.test, test_answers)};
}

std::string score_words(const Scores& scores) {
    return text("validation ", report::percent_cell(scores.validation), " % (float ",
                report::percent_cell(scores.floating), " %), test ", report::percent_cell(scores.test), " %");
}

/// The RMSE of every number, in its unit.
std::string rmse_words(const fixed::Model& model) {
    std::vector<std::string> names;
    for (const Quantity& quantity : model.quantities) names.push_back(quantity.name);
    return text("validation ", report::rmse_words(names, model.validation_rmse), " (float ",
                report::rmse_words(names, model.float_rmse), "), test ", report::rmse_words(names, model.test_rmse));
}

/// Accuracies in percent, after the scores of another kind of error.
std::string score_words(const quantise::Trained& trained, const std::vector<std::uint8_t>& test_answers,
                        const data::Dataset& set, judge::ErrorKind kind) {
    if (kind == judge::ErrorKind::rmse) return rmse_words(trained.model);
    const std::string accuracies =
        score_words({trained.validation_accuracy, trained.float_validation_accuracy, trained.model.test_accuracy});
    if (kind == judge::ErrorKind::plain) return accuracies;
    return text(judge::info(kind).score, " ", score_words(scores(trained, test_answers, set, kind)), ", accuracy ",
                accuracies);
}

/// The result as one JSON document: accuracies are those of the integer network, costs those that are the same on every
/// board. What is not known is null.
json::Value result_json(const std::string& output, const quantise::Trained& trained, const data::Dataset& set,
                        const Given& given) {
    const fixed::Model& model = trained.model;
    const cost::Costs costs = cost::costs(*trained.lowered, cost::target("none"));
    json::Value out = json::object({{"model", output},
                                    {"data", set.name},
                                    {"data_digest", hexadecimal(set.digest)},
                                    {"net", net::notation(model.network.spec)},
                                    {"epochs", model.epochs},
                                    {"seed", model.seed},
                                    {"seconds", trained.seconds},
                                    {"validation_accuracy", json::Value(trained.validation_accuracy)},
                                    {"float_accuracy", json::Value(trained.float_validation_accuracy)},
                                    {"test_accuracy", json::Value(model.test_accuracy)},
                                    {"validation_rmse", json::Value(model.validation_rmse)},
                                    {"float_rmse", json::Value(model.float_rmse)},
                                    {"test_rmse", json::Value(model.test_rmse)}});
    for (const search::MeasureInfo& row : search::cost_table)
        if (const auto value = row.of(costs)) out[row.name] = *value;
    json::Value layers = json::array();
    for (const prune::LayerReport& layer : trained.pruned)
        layers.push_back(json::object({{"weights", layer.weights},
                                       {"kept", layer.kept},
                                       {"outputs", layer.outputs},
                                       {"channels", layer.channels},
                                       {"inputs", layer.inputs},
                                       {"read", layer.read}}));
    out["pruned_layers"] = std::move(layers);
    json::Value test;
    if (set.test.samples > 0) {
        test = json::object({{"samples", set.test.samples}});
        add_verdict(test, verdict_of(set, set.test, given));
    }
    out["test"] = std::move(test);
    return out;
}

/// The verdict on the answers to the test part; empty if it has no samples.
std::string test_words(const data::Dataset& set, const Given& given) {
    if (set.test.samples == 0) return "";
    return text("\ntest part, ", report::grouped(set.test.samples), " samples:\n",
                verdict_text(verdict_of(set, set.test, given)));
}

/// The result for people: what pruning left, scores, and what the answers to the test part are worth.
void print_result(const std::string& output, const net::Spec& spec, const quantise::Trained& trained,
                  const data::Dataset& set, const Given& given, const quantise::TrainOptions& options,
                  judge::ErrorKind kind) {
    if (options.pruning)
        print(pruning_table(spec, trained, options.budget.bytes ? std::nullopt : options.pruning->keep) +
              host_speed(spec, trained.model.network.spec));
    if (options.budget.bytes > 0) print(budget_words(*trained.lowered, options.budget));
    print(text(score_words(trained, given.classes, set, kind), ", ", fixed_decimals(trained.seconds, 1), " s, ", output,
               "\n", test_words(set, given)));
}

/// Throws Error unless the outputs of the teacher stand for the same numbers as those of the student.
void check_teacher(const fixed::Model& teacher, const data::Dataset& set) {
    if (teacher.quantities != set.quantities)
        throw Error(text(set.name, ": the teacher's numbers have other means or deviations than the training part; "
                                   "train it on the same data"));
}

/// The models of --init and --teacher. The options point to them.
struct OtherModels {
    std::optional<fixed::Model> init;
    std::unique_ptr<nn::Network> teacher;

    OtherModels(const Arguments& arguments, const data::Dataset& set, quantise::TrainOptions& options) {
        if (const auto word = arguments.value("init")) {
            init = load_model(*word);
            check_answers(*init, set);
            options.init = &*init;
        }
        if (const auto word = arguments.value("teacher")) {
            const fixed::Model model = load_model(*word);
            check_answers(model, set);
            check_teacher(model, set);
            teacher = teacher_of(model, options.batch);
            options.teacher = teacher.get();
            options.teacher_normalisation = {model.network.input.offset, model.network.input.shift};
        }
    }
};

/// Bits per weight unless --bits names them: 4, which halve the bytes of 8 for some 0.4 points of accuracy
/// (docs/results.md). Networks with a name are as large as it says with 8; target numbers were not measured with 4.
int usual_bits(const Arguments& arguments, const data::Dataset& set) {
    if (arguments.has("bonsai")) return 4;
    const std::vector<std::string> names = network_names();
    const bool named = std::find(names.begin(), names.end(), arguments.value_or("net", "")) != names.end();
    return set.answers_numbers() || named ? 8 : 4;
}

int run_train(const Arguments& arguments) {
    const std::string output = arguments.value_or("output", "");
    check_output(output);
    if (const auto path = arguments.value("prune-log")) check_output(*path);
    quantise::TrainOptions options = options_of(arguments);
    PruningLog log;
    set_pruning(arguments, options, log);
    const std::optional<Bonsai> bonsai = bonsai_of(arguments);
    if (bonsai) set_bonsai(*bonsai, arguments, options);
    const data::Dataset set = load_data(*arguments.value("data"));
    const int bits = arguments.number_or<int>("bits", usual_bits(arguments, set), 2, 8);
    const net::Spec spec = bonsai ? bonsai->spec(set, bits) : parse_net(*arguments.value("net"), set, bits);
    const judge::ErrorKind kind = error_kind(arguments, set);
    refuse_for_numbers(arguments, set, {"class-weights", "label-smoothing", "temperature"});
    if (set.answers_numbers() && !arguments.has("shift"))
        options.augmentation.shift = 0; // a number may go with a place
    options.class_weights = nn::class_weights(class_weights(arguments), set.train, set.classes());
    const OtherModels others(arguments, set, options);
    catch_signals();
    const bool quiet = arguments.has("quiet");
    const std::vector<std::string> notes = data::remarks(set);
    if (!quiet) say_beginning(spec, notes);
    options.progress = [quiet, &log](const nn::Epoch& epoch) {
        log.add(epoch);
        if (!quiet) say_epoch(epoch);
    };
    quantise::Trained trained = quantise::train(spec, set, options);
    if (trained.stopped) {
        say("interrupted; no model was written");
        return exit_interrupted;
    }
    fixed::Model& model = trained.model;
    model.command = command_line(arguments.words());
    model.data_notes = notes;
    fixed::Answers answers = simulator::host_answers(model.network, set.test, std::size_t(options.threads));
    const Given given = given_by(model, std::move(answers.classes), answers.logits);
    if (set.answers_numbers())
        model.test_rmse = nn::rmse(set.test, given.numbers);
    else if (set.test.samples > 0)
        model.test_accuracy = nn::accuracy(set.test, given.classes);
    if (const auto path = arguments.value("prune-log")) log.write(*path);
    fixed::save_model(output, model);
    if (arguments.has("json"))
        print_data(json::write(result_json(output, trained, set, given), 2) + "\n");
    else
        print_result(output, spec, trained, set, given, options, kind);
    return 0;
}

} // namespace

Command train_command() {
    Command command{
        "train",
        "Train and quantise one network.",
        {},
        {{"data", "SPEC", "Data set: PATH[,key=value...] or synthetic:NAME.", 0, true},
         {"net", "NAME|FILE|LINE",
          text("Network: ", join(network_names(), ", "), ", or a file with its notation, or the notation itself.")},
         {"bonsai", "KEY=N,...",
          "Train a tree instead of a network, such as depth=3,projection=10; see docs/bonsai.md."},
         {"weight-bytes", "SIZE", "Prune until the stored weights and biases take at most this size, such as 2KB."},
         {"output", "MODEL", "Model file to write.", 'o', true},
         {"epochs", "N", "Passes over the training part (20)."},
         {"steps", "N", "Number of training steps (batches), instead of --epochs; for small data sets."},
         {"learning-rate", "R", "Largest learning rate of the schedule (0.03; 0.01 with --bonsai)."},
         {"batch", "N", "Samples per step (64)."},
         {"optimiser", "NAME", "Optimiser: adam, adamw or sgd (adam).", 0, false, false, names_of(nn::optimisers)},
         {"bits",
          "N",
          "Bits per weight: 8, 4 or 2 (4; 8 for target numbers and for networks with a name).",
          0,
          false,
          false,
          {"8", "4", "2"}},
         {"accumulator",
          "BITS",
          "Bits of the largest sum on the device: 24, or 16, which is faster on an AVR (24).",
          0,
          false,
          false,
          {"16", "24"}},
         {"seed", "S", "Random seed (1)."},
         {"threads", "N", "Number of threads; the model does not depend on it (1)."},
         {"prune", "METHOD", "Method that prunes weights during training; see docs/pruning.md.", 0, false, false,
          names_of(prune::methods)},
         {"keep", "SHARE", "Share of the weights to keep (0.1)."},
         {"prune-by",
          "threshold",
          "Prune by the method's threshold instead of a share.",
          0,
          false,
          false,
          {"threshold"}},
         {"prune-threshold", "X", "Threshold to use instead of the method's default."},
         {"prune-strength", "X", "Strength of the penalty of sparse-vd and bayes-*; 1 is the evidence bound (1)."},
         {"prune-log", "FILE", "Write comma-separated values to this file, one line per epoch."},
         {"init", "MODEL", "Model whose float weights the training starts from."},
         class_weights_option(),
         error_option("Error whose score is printed first"),
         {"json", "", "Print the result as one JSON document."},
         {"quiet", "", "Print no messages during training."}},
        "tinysparse train --data synthetic:strokes --net kilobyte -o digits.tsm\n"
        "tinysparse train --data synthetic:strokes --net F10 --prune dpf -o small.tsm",
        run_train};
    const std::vector<Option> more = training_options();
    command.options.insert(command.options.begin() + 10, more.begin(), more.end());
    return command;
}

} // namespace tinysparse::cli
