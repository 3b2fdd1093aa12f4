// SPDX-License-Identifier: Apache-2.0
#include "verdicts.hpp"

#include "terminal.hpp"
#include "tinysparse/data/targets.hpp"
#include "tinysparse/fixed/numbers.hpp"
#include "tinysparse/report/csv.hpp"

namespace tinysparse::cli {

namespace {

using report::csv_cell;

/// What every line begins with: truths and answers.
struct Beginnings {
    std::string titles;
    std::vector<std::string> outputs; ///< Names of the network's outputs.
    std::vector<std::string> lines;   ///< One for each sample.
};

Beginnings class_beginnings(const data::Dataset& set, const data::Split& part, const Given& given) {
    Beginnings out{"truth,answer", set.class_names, {}};
    std::vector<std::string> names;
    for (const std::string& name : set.class_names) names.push_back(csv_cell(name));
    for (std::size_t i = 0; i < part.samples; ++i)
        out.lines.push_back(text(names[part.labels[i]], ",", names[given.classes[i]]));
    return out;
}

Beginnings number_beginnings(const data::Dataset& set, const data::Split& part, const Given& given) {
    Beginnings out;
    std::vector<std::string> truths, answers;
    out.outputs = data::quantity_names(set);
    for (const std::string& name : out.outputs) {
        truths.push_back(csv_cell("truth_" + name));
        answers.push_back(csv_cell("answer_" + name));
    }
    out.titles = text(join(truths, ","), ",", join(answers, ","));
    const std::size_t count = set.quantities.size();
    for (std::size_t i = 0; i < part.samples; ++i) {
        std::vector<std::string> cells;
        for (const std::vector<float>* values : {&part.targets, &given.numbers})
            for (std::size_t k = 0; k < count; ++k) cells.push_back(text((*values)[i * count + k]));
        out.lines.push_back(join(cells, ","));
    }
    return out;
}

template <class Logit>
std::string csv_of(const data::Dataset& set, const data::Split& part, const Given& given,
                   std::span<const Logit> logits) {
    const Beginnings begin =
        set.answers_numbers() ? number_beginnings(set, part, given) : class_beginnings(set, part, given);
    const std::size_t outputs = begin.outputs.size();
    std::string out = begin.titles;
    for (const std::string& name : begin.outputs) out += text(",", csv_cell("logit_" + name));
    const bool grouped = !part.groups.empty(), located = !part.sources.empty();
    out += text(grouped ? ",group" : "", located ? ",file,row" : "", "\n");
    for (std::size_t i = 0; i < part.samples; ++i) {
        out += begin.lines[i];
        for (const Logit logit : logits.subspan(i * outputs, outputs)) out += text(",", logit);
        if (grouped) out += text(",", csv_cell(set.group_names[part.groups[i]]));
        if (located) out += text(",", csv_cell(set.files[part.sources[i].file]), ",", part.sources[i].row);
        out += "\n";
    }
    return out;
}

} // namespace

std::vector<std::size_t> spread(std::size_t samples, const data::Split& part) {
    std::vector<std::size_t> numbers(samples);
    for (std::size_t i = 0; i < samples; ++i) numbers[i] = i * part.samples / samples;
    return numbers;
}

Given given_by(const fixed::Model& model, std::vector<std::uint8_t> classes, std::span<const std::int32_t> logits) {
    if (model.quantities.empty()) return {std::move(classes), {}};
    return {{}, fixed::numbers_of(model.network, model.quantities, logits)};
}

std::string verdict_text(const AnyVerdict& verdict) {
    return std::visit([](const auto& one) { return report::verdict_text(one, table_width()); }, verdict);
}

void add_verdict(json::Value& document, const AnyVerdict& verdict) {
    std::visit([&](const auto& one) { report::add_verdict(document, one); }, verdict);
}

std::string score_text(const AnyVerdict& verdict) {
    if (const auto* numbers = std::get_if<judge::NumberVerdict>(&verdict)) return report::rmse_words(*numbers);
    return text(report::percent_cell(judge::accuracy(std::get<judge::Verdict>(verdict).matrix)), " %");
}

std::string match_text(std::size_t identical, std::size_t samples, double accuracy,
                       const std::optional<AnyVerdict>& verdict) {
    const bool numbers = verdict && std::holds_alternative<judge::NumberVerdict>(*verdict);
    return text(identical, " of ", samples, " samples match the host's logits exactly; ",
                numbers ? score_text(*verdict) : text("accuracy ", report::percent_cell(accuracy), " %"));
}

json::Value accuracy_json(const AnyVerdict& verdict) {
    const auto* classes = std::get_if<judge::Verdict>(&verdict);
    return classes ? json::Value(judge::accuracy(classes->matrix)) : json::Value();
}

std::optional<AnyVerdict> verdict_of(const data::Dataset& set, const data::Split& part,
                                     std::span<const std::size_t> indices, const Given& given) {
    data::Split judged;
    Given taken;
    const std::size_t numbers = set.quantities.size();
    const std::size_t answered = numbers ? given.numbers.size() / numbers : given.classes.size();
    for (std::size_t i = 0; i < answered; ++i) {
        if (numbers == 0 && given.classes[i] >= set.classes()) continue;
        if (numbers == 0) taken.classes.push_back(given.classes[i]);
        judged.labels.push_back(part.labels[indices[i]]);
        for (std::size_t k = 0; k < numbers; ++k) {
            judged.targets.push_back(part.targets[indices[i] * numbers + k]);
            taken.numbers.push_back(given.numbers[i * numbers + k]);
        }
        if (!part.groups.empty()) judged.groups.push_back(part.groups[indices[i]]);
    }
    if (judged.labels.empty()) return std::nullopt;
    return verdict_of(set, judged, taken);
}

AnyVerdict verdict_of(const data::Dataset& set, const data::Split& part, const Given& given) {
    if (set.answers_numbers())
        return judge::verdict(judge::Numbers{set.quantities.size(), part.targets, given.numbers, part.groups},
                              data::quantity_names(set), set.group_names);
    return judge::verdict({set.classes(), part.labels, given.classes, part.groups}, set.class_names, set.group_names);
}

std::string predictions_csv(const data::Dataset& set, const data::Split& part, const Given& given,
                            std::span<const std::int32_t> logits) {
    return csv_of(set, part, given, logits);
}

std::string predictions_csv(const data::Dataset& set, const data::Split& part, const Given& given,
                            std::span<const float> logits) {
    return csv_of(set, part, given, logits);
}

} // namespace tinysparse::cli
