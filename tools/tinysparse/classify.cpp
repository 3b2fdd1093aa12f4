// SPDX-License-Identifier: Apache-2.0
// tinysparse classify: the answers of a model to pictures and recordings that have no label.
#include <algorithm>
#include <cmath>
#include <iterator>
#include <span>

#include "commands.hpp"
#include "common.hpp"
#include "confidence.hpp"
#include "host_answers.hpp"
#include "picks.hpp"
#include "terminal.hpp"
#include "tinysparse/base/json.hpp"
#include "tinysparse/data/unlabelled.hpp"
#include "tinysparse/fixed/numbers.hpp"
#include "tinysparse/report/table.hpp"

namespace tinysparse::cli {

namespace {

/// The answer to one sample.
struct Answered {
    std::string file;
    std::optional<data::Lines> lines;
    std::vector<std::int32_t> logits;
    std::vector<double> shares; ///< Probability of each class; empty for numbers.
    std::size_t first = 0, second = 0;
    std::vector<float> numbers; ///< Predicted numbers, in place of classes.
    bool accepted = true;
};

/// A file that could not be read, and why.
struct Refused {
    std::string file, why;
};

/// How logits become answers.
class Judge {
  public:
    Judge(const fixed::Model& model, std::optional<fixed::Confidence> confidence)
        : model_(model), confidence_(std::move(confidence)),
          temperature_(confidence_ ? confidence_->temperature
                                   : std::ldexp(1.0, -model.network.layers.back().output_exponent)) {}

    void judge(Answered& answer) const {
        const std::vector<std::int32_t>& logits = answer.logits;
        if (!model_.quantities.empty()) {
            answer.numbers = fixed::numbers_of(model_.network, model_.quantities, logits);
            return;
        }
        answer.first = std::size_t(std::max_element(logits.begin(), logits.end()) - logits.begin());
        answer.second = answer.first == 0 ? std::min<std::size_t>(1, logits.size() - 1) : 0;
        double sum = 0;
        for (std::size_t c = 0; c < logits.size(); ++c) {
            if (c != answer.first && logits[c] > logits[answer.second]) answer.second = c;
            answer.shares.push_back(std::exp((double(logits[c]) - double(logits[answer.first])) / temperature_));
            sum += answer.shares.back();
        }
        for (double& share : answer.shares) share /= sum;
        if (confidence_ && confidence_->rejection)
            answer.accepted =
                mcu::margin(logits.data(), std::uint8_t(logits.size())) >= confidence_->rejection->least_margin;
    }

    std::string class_name(std::size_t index) const {
        return index < model_.class_names.size() ? model_.class_names[index] : text(index);
    }
    bool numbers() const { return !model_.quantities.empty(); }
    bool rejects() const { return confidence_ && confidence_->rejection; }

    /// What the probabilities are, in words.
    std::string words() const {
        if (numbers()) return "";
        if (confidence_) return text("probabilities are calibrated; ", confidence_text(*confidence_, "the model"));
        return "probabilities are the softmax of the logits, which is often overconfident; --data SPEC calibrates them";
    }

    json::Value document() const {
        if (numbers()) return {};
        json::Value out = json::object({{"calibrated", confidence_.has_value()}, {"temperature", temperature_}});
        if (!confidence_) return out;
        out["judged_on"] = confidence_->judged_on;
        out["samples"] = confidence_->samples;
        out["calibration_error"] = confidence_->calibration_error;
        if (rejects()) out["least_margin"] = confidence_->rejection->least_margin;
        return out;
    }

  private:
    const fixed::Model& model_;
    std::optional<fixed::Confidence> confidence_;
    double temperature_; ///< In steps of a logit.
};

data::NetworkInput input_of(const fixed::Model& model, const Arguments& arguments) {
    const net::Shape& in = model.network.spec.input;
    const auto stride = arguments.number<std::size_t>("stride", 1, 1000000000);
    if (stride && !model.network.input.series) throw UsageError("--stride is for recordings; the model reads pictures");
    return {{in.channels, in.height, in.width},
            model.network.input.series,
            model.network.input.camera,
            model.channels,
            model.data,
            stride,
            {model.network.input.offset, model.network.input.shift},
            model.sampling_rate};
}

/// The answers to all samples of one file.
std::vector<Answered> answers_to(const std::string& file, const data::NetworkInput& input,
                                 const fixed::Program& program, const Judge& judge) {
    if (names_folder(file))
        throw Error(text(file, ": this is a folder; name its files, such as ", file, "/*",
                         input.series ? ".csv" : ".jpg", ", or judge a folder for each class by tinysparse eval"));
    const data::Unlabelled read = load_unlabelled(file, input);
    for (const std::string& note : read.notes) say(text("note: ", file, ": ", note));
    for (const std::string& warning : read.warnings) say(text("warning: ", file, ": ", warning));
    simulator::HostAnswers host(program, read.samples);
    std::vector<Answered> answers(read.samples.samples);
    for (std::size_t i = 0; i < answers.size(); ++i) {
        answers[i].file = file;
        if (!read.lines.empty()) answers[i].lines = read.lines[i];
        const std::span<const std::int32_t> logits = host.logits(i);
        answers[i].logits.assign(logits.begin(), logits.end());
        judge.judge(answers[i]);
    }
    return answers;
}

json::Value answer_object(const Answered& answer, const fixed::Model& model, const Judge& judge) {
    json::Value out = json::object({{"file", answer.file}});
    if (answer.lines) {
        out["first_line"] = answer.lines->first;
        out["last_line"] = answer.lines->last;
    }
    if (judge.numbers()) {
        json::Value numbers = json::array();
        for (std::size_t k = 0; k < answer.numbers.size(); ++k)
            numbers.push_back(json::object({{"name", model.quantities[k].name}, {"value", answer.numbers[k]}}));
        out["numbers"] = numbers;
    } else {
        out["class"] = judge.class_name(answer.first);
        out["probability"] = answer.shares[answer.first];
        if (judge.rejects()) out["accepted"] = answer.accepted;
        json::Value classes = json::array();
        std::vector<std::size_t> order(answer.shares.size());
        for (std::size_t c = 0; c < order.size(); ++c) order[c] = c;
        std::stable_sort(order.begin(), order.end(),
                         [&](std::size_t a, std::size_t b) { return answer.logits[a] > answer.logits[b]; });
        for (const std::size_t c : order)
            classes.push_back(json::object({{"name", judge.class_name(c)}, {"probability", answer.shares[c]}}));
        out["classes"] = classes;
    }
    out["logits"] = json::Value(answer.logits);
    return out;
}

std::string percent(double share) { return text(fixed_decimals(100 * share, 1), " %"); }

std::string table_of(const std::vector<Answered>& answers, const fixed::Model& model, const Judge& judge) {
    const bool lines = !answers.empty() && answers.front().lines;
    std::vector<std::string> titles{"<file"};
    if (lines) titles.push_back("<lines");
    if (judge.numbers())
        for (std::size_t k = 0; k < model.quantities.size(); ++k)
            titles.push_back(model.quantities[k].name.empty() ? text("number ", k + 1) : model.quantities[k].name);
    else
        titles.insert(titles.end(), {"<class", "probability", "<second", "probability"});
    report::Table table(titles);
    for (const Answered& answer : answers) {
        std::vector<std::string> cells{answer.file};
        if (lines) cells.push_back(text(answer.lines->first, "-", answer.lines->last));
        for (const float number : answer.numbers) cells.push_back(text(number));
        if (!judge.numbers())
            cells.insert(cells.end(), {answer.accepted ? judge.class_name(answer.first)
                                                       : text("rejected (", judge.class_name(answer.first), ")"),
                                       percent(answer.shares[answer.first]), judge.class_name(answer.second),
                                       percent(answer.shares[answer.second])});
        table.add(std::move(cells));
    }
    return table.text();
}

int run_classify(const Arguments& arguments) {
    const fixed::Model model = load_model(arguments.positional(0));
    const data::NetworkInput input = input_of(model, arguments);
    const fixed::Lowered lowered(model.network);
    const fixed::Program program = fixed::encode(lowered);
    auto confidence = confidence_of(arguments, model, program);
    const Judge judge(model, confidence ? std::move(confidence) : own_confidence(model));
    std::vector<Answered> answers;
    std::vector<Refused> refused;
    for (const std::string& file : arguments.positionals_from(1)) {
        try {
            std::vector<Answered> own = answers_to(file, input, program, judge);
            std::move(own.begin(), own.end(), std::back_inserter(answers));
        } catch (const Error& error) {
            say(error.what());
            refused.push_back({file, error.what()});
        }
    }
    if (arguments.has("json")) {
        json::Value document = json::object({{"model", arguments.positional(0)}, {"probabilities", judge.document()}});
        json::Value objects = json::array(), errors = json::array();
        for (const Answered& answer : answers) objects.push_back(answer_object(answer, model, judge));
        for (const Refused& one : refused) errors.push_back(json::object({{"file", one.file}, {"error", one.why}}));
        document["answers"] = objects;
        document["errors"] = errors;
        print_data(json::write(document, 2) + "\n");
    } else if (!answers.empty()) {
        print(table_of(answers, model, judge));
        if (const std::string words = judge.words(); !words.empty()) say(words);
    }
    return refused.empty() ? 0 : 1;
}

} // namespace

Command classify_command() {
    return {"classify",
            "Classify pictures or recordings that have no label.",
            {{"MODEL", "Model file, RUN#ID, or RUN#RULE such as run#best@8KB."},
             {"FILE...", "Picture; or recording (CSV or .npy), each window of which gets an answer."}},
            {{"data", "SPEC", "Data set whose validation part calibrates the probabilities."},
             {"reject", "SHARE",
              "Reject answers with small margins, as accepted() of an exported header does: at most this share of "
              "the validation samples, such as 5%."},
             {"stride", "N", "Rows from one window of a recording to the next (that of the training data)."},
             {"json", "", "Print one JSON document, with all classes and logits."}},
            "tinysparse classify digits.tsm photo.png",
            run_classify};
}

} // namespace tinysparse::cli
