// SPDX-License-Identifier: Apache-2.0
// tinysparse eval: the verdict on a model's answers, in the integers that a device computes with or in floats.
#include "commands.hpp"
#include "common.hpp"
#include "confidence.hpp"
#include "host_answers.hpp"
#include "picks.hpp"
#include "terminal.hpp"
#include "tinysparse/base/files.hpp"
#include "tinysparse/base/hexadecimal.hpp"
#include "tinysparse/base/json.hpp"
#include "tinysparse/data/folds.hpp"
#include "tinysparse/nn/answers.hpp"
#include "tinysparse/quantise/train.hpp"
#include "tinysparse/report/table.hpp"
#include "verdicts.hpp"

namespace tinysparse::cli {

namespace {

std::vector<float> float_logits(const fixed::Model& model, const data::Dataset& set, const data::Split& part,
                                int threads) {
    if (model.float_layers.empty()) throw Error("the model carries no float weights; leave --float out");
    nn::Network network(quantise::folded_spec(model.network.spec), {.batch = 256});
    quantise::set_parameters(network, model.float_layers);
    Team team{std::size_t(threads)};
    nn::Loader loader(set, model.network.spec, &team);
    return nn::logits(network, loader, part, team);
}

/// What --reject does to the integer network's answers: the margin that the validation part gives, as export --reject
/// chooses it, and these samples' share of accepted ones.
fixed::Rejection rejection_of(const Arguments& arguments, const fixed::Model& model, const data::Dataset& set,
                              const data::Split& part, std::span<const std::int32_t> logits) {
    const fixed::Lowered lowered(model.network);
    const fixed::Confidence chosen =
        confidence_of(model, fixed::encode(lowered), set, share_to_reject(arguments).value());
    const fixed::Rejection& rule = chosen.rejection.value();
    return fixed::rejection_below({set.classes(), logits, part.labels}, rule.least_margin, rule.share);
}

/// Throws UsageError if --reject does not suit the model and the other options.
void check_reject(const Arguments& arguments, const fixed::Model& model) {
    if (!share_to_reject(arguments)) return;
    if (!model.quantities.empty()) throw UsageError("--reject is for classes; the model predicts numbers");
    if (arguments.has("float"))
        throw UsageError("--reject judges the integers that a device computes; leave --float out");
}

/// Every sample of data that the model was not trained on; with_all_to_test() has moved them all to the test part.
constexpr Part whole_set = {"all", "accuracy", data::Part::test};

/// "16 validation samples"
std::string counted_samples(std::size_t samples, const Part& split) {
    const char* const part = split.name == whole_set.name           ? ""
                             : split.part == data::Part::validation ? "validation "
                                                                    : "test ";
    return text(samples, " ", part, samples == 1 ? "sample" : "samples");
}

/// The data, with all samples in the test part if the whole set is judged.
data::Dataset data_to_judge(const Arguments& arguments, const fixed::Model& model, const Part& split) {
    data::Dataset set = load_data_for(model, request_for(model, *arguments.value("data")));
    const bool whole = split.name == whole_set.name;
    if (set.digest == model.data_digest) {
        if (whole) throw UsageError("--split all: the model was trained on most of these samples; judge the test part");
        return set;
    }
    say(text("warning: the model was trained on other data, ", model.data,
             "; these samples may include some that it was trained on"));
    const std::size_t samples = set.train.samples + set.validation.samples + set.test.samples;
    if (!arguments.has("split") && set.test.samples < samples)
        say(text("note: these are the ", counted_samples(set.test.samples, parts[1]), " of ", samples,
                 " samples; --split all judges all of them"));
    return whole ? data::with_all_to_test(std::move(set)) : set;
}

std::string rejection_text(const fixed::Rejection& rejection, const Part& split) {
    return text("\nrejecting margins below ", rejection.least_margin, ", at most ",
                report::percent_cell(rejection.share),
                " % of the validation samples: ", report::percent_cell(rejection.coverage()), " % of ",
                counted_samples(rejection.samples, split), " are accepted",
                rejection.accepted == 0
                    ? ""
                    : text(", and ", report::percent_cell(rejection.accuracy()), " % of those are answered right"),
                "\n");
}

json::Value rejection_object(const fixed::Rejection& rejection) {
    return json::object({{"share", rejection.share},
                         {"least_margin", rejection.least_margin},
                         {"accepted", rejection.accepted},
                         {"coverage", rejection.coverage()},
                         {"accuracy", rejection.accepted == 0 ? json::Value() : json::Value(rejection.accuracy())}});
}

/// The answer to each sample; the file of --predictions is written on the way, and `rejection` is set for --reject.
Given answers_of(const Arguments& arguments, const fixed::Model& model, const data::Dataset& set,
                 const data::Split& part, int threads, std::optional<fixed::Rejection>& rejection) {
    const auto path = arguments.value("predictions");
    if (arguments.has("float")) {
        const std::vector<float> logits = float_logits(model, set, part, threads);
        const Given given = set.answers_numbers() ? Given{{}, nn::numbers_of(logits, model.quantities)}
                                                  : Given{nn::largest_logits(logits, set.classes()), {}};
        if (path) write_file(*path, predictions_csv(set, part, given, logits));
        return given;
    }
    fixed::Answers answers = simulator::host_answers(model.network, part, std::size_t(threads));
    const Given given = given_by(model, std::move(answers.classes), answers.logits);
    if (path) write_file(*path, predictions_csv(set, part, given, answers.logits));
    if (arguments.has("reject")) rejection = rejection_of(arguments, model, set, part, answers.logits);
    return given;
}

int run_eval(const Arguments& arguments) {
    const bool is_run = names_folder(arguments.positional(0));
    if (!is_run && !arguments.has("data")) throw UsageError("eval needs --data SPEC; see tinysparse eval --help");
    const int threads = arguments.number_or<int>("threads", int(hardware_threads()), 1, 1024);
    if (is_run) {
        list_models(arguments.positional(0), arguments.has("json"));
        return 0;
    }
    if (const auto path = arguments.value("predictions")) check_output(*path);
    const fixed::Model model = load_model(arguments.positional(0));
    check_reject(arguments, model);
    const Part& split = arguments.value_or("split", "test") == whole_set.name ? whole_set : part_of(arguments);
    const data::Dataset set = data_to_judge(arguments, model, split);
    if (split.part == data::Part::validation && !model.trained_on.empty() && set.digest == model.data_digest)
        throw UsageError(text("--split val: the model was trained on samples of the validation part (",
                              model.trained_on,
                              "), which says nothing of others; the folds' estimate is in front, and "
                              "--split test judges it"));
    const data::Split& part = samples_of(set, split);
    std::optional<fixed::Rejection> rejection;
    const AnyVerdict verdict = verdict_of(set, part, answers_of(arguments, model, set, part, threads, rejection));
    const char* const arithmetic = arguments.has("float") ? "float" : "integer";
    if (arguments.has("json")) {
        json::Value document = json::object({{"model", arguments.positional(0)},
                                             {"data", set.name},
                                             {"data_digest", hexadecimal(set.digest)},
                                             {"split", split.name},
                                             {"arithmetic", arithmetic},
                                             {"samples", part.samples},
                                             {std::string(split.accuracy), accuracy_json(verdict)}});
        if (rejection) document["rejection"] = rejection_object(*rejection);
        add_verdict(document, verdict);
        print_data(json::write(document, 2) + "\n");
    } else {
        print(text(wrapped_lines(text(score_text(verdict), " of ", counted_samples(part.samples, split),
                                      set.answers_numbers() ? ", " : " are right, ", arithmetic, " arithmetic")),
                   "\n\n", verdict_text(verdict), rejection ? wrapped_lines(rejection_text(*rejection, split)) : ""));
    }
    return 0;
}

Option split_with_all() {
    Option split = split_option();
    split.help = "Part of the data: val, test, or all samples of data that the model was not trained on (test).";
    split.choices.emplace_back(whole_set.name);
    return split;
}

} // namespace

Command eval_command() {
    return {
        "eval",
        "Evaluate a model: accuracy, classes, confusions and groups, or errors of numbers.",
        {{"MODEL", "Model file, RUN#ID, or RUN#RULE such as run#best@8KB; a run alone lists its models."}},
        {{"data", "SPEC", "Data set to evaluate the model on (required)."},
         split_with_all(),
         {"float", "", "Evaluate the float network instead of the integer network."},
         {"reject", "SHARE",
          "Print the share of these samples that accepted() of an exported header accepts, if its threshold rejects at "
          "most this share of the validation samples, such as 5%."},
         {"predictions", "FILE",
          "Write truth, answer and logits of each sample to this file as comma-separated values."},
         {"threads", "N", "Number of threads; the answers do not depend on it (all cores)."},
         {"json", "", "Print one JSON document."}},
        "tinysparse eval run#best --data synthetic:strokes",
        run_eval};
}

} // namespace tinysparse::cli
