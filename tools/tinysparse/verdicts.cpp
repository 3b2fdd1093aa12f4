// SPDX-License-Identifier: Apache-2.0
#include "verdicts.hpp"

namespace tinysparse::cli {

namespace {

/// A cell as RFC 4180 has it: in quotes if it has a comma, a quote or a line's end, quotes within doubled.
std::string csv_cell(const std::string& word) {
    if (word.find_first_of(",\"\r\n") == word.npos) return word;
    return text('"', replaced(word, "\"", "\"\""), '"');
}

template <class Logit>
std::string csv_of(const data::Dataset& set, const data::Split& part, std::span<const std::uint8_t> answers,
                   std::span<const Logit> logits) {
    std::vector<std::string> names;
    for (const std::string& name : set.class_names) names.push_back(csv_cell(name));
    std::string out = "truth,answer";
    for (const std::string& name : set.class_names) out += "," + csv_cell("logit_" + name);
    const bool grouped = !part.groups.empty(), located = !part.sources.empty();
    out += text(grouped ? ",group" : "", located ? ",file,row" : "", "\n");
    for (std::size_t i = 0; i < part.samples; ++i) {
        out += text(names[part.labels[i]], ",", names[answers[i]]);
        for (const Logit logit : logits.subspan(i * names.size(), names.size())) out += text(",", logit);
        if (grouped) out += "," + csv_cell(set.group_names[part.groups[i]]);
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

std::optional<judge::Verdict> verdict_of(const data::Dataset& set, const data::Split& part,
                                         std::span<const std::size_t> numbers, std::span<const std::uint8_t> answers) {
    std::vector<std::uint8_t> truths, given;
    std::vector<std::uint32_t> groups;
    for (std::size_t i = 0; i < answers.size(); ++i) {
        if (answers[i] >= set.classes()) continue;
        given.push_back(answers[i]);
        truths.push_back(part.labels[numbers[i]]);
        if (!part.groups.empty()) groups.push_back(part.groups[numbers[i]]);
    }
    if (given.empty()) return std::nullopt;
    return judge::verdict({set.classes(), truths, given, groups}, set.class_names, set.group_names);
}

judge::Verdict verdict_of(const data::Dataset& set, const data::Split& part, std::span<const std::uint8_t> answers) {
    return judge::verdict({set.classes(), part.labels, answers, part.groups}, set.class_names, set.group_names);
}

std::string predictions_csv(const data::Dataset& set, const data::Split& part, std::span<const std::uint8_t> answers,
                            std::span<const std::int32_t> logits) {
    return csv_of(set, part, answers, logits);
}

std::string predictions_csv(const data::Dataset& set, const data::Split& part, std::span<const std::uint8_t> answers,
                            std::span<const float> logits) {
    return csv_of(set, part, answers, logits);
}

} // namespace tinysparse::cli
