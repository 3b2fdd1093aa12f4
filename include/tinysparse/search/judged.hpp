// SPDX-License-Identifier: Apache-2.0
// Answers of a front's members, kept beside the journal as judged.json so that a report needs no data: confusion counts
// or errors of numbers, and some wrong samples with their inputs. The file is written once at the end of a search. It
// is no part of the journal: a run without it is whole.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tinysparse/base/base64.hpp"
#include "tinysparse/base/files.hpp"
#include "tinysparse/base/hexadecimal.hpp"
#include "tinysparse/base/json.hpp"
#include "tinysparse/judge/numbers.hpp"
#include "tinysparse/judge/verdict.hpp"
#include "tinysparse/search/run.hpp"

namespace tinysparse::search {

/// Layout of judged.json; raised with every change of it.
inline constexpr int judged_format = 1;
/// Most wrong samples that are kept of a member.
inline constexpr std::size_t most_wrong_samples = 12;
/// Most pairs of a true number and its answer that are kept of a member, spread evenly over the samples.
inline constexpr std::size_t most_pairs = 200;
/// Longest side of a picture's input as it is kept, and most moments of a series.
inline constexpr int longest_kept_side = 32, most_kept_moments = 128;

/// Answers to the samples of one part.
struct JudgedPart {
    std::size_t samples = 0;
    /// Samples by true class and answer; no value if numbers are answered.
    std::optional<judge::ConfusionMatrix> counts = {};
    /// Intervals that counts do not tell, because samples have groups; else empty.
    bool grouped = false;
    std::optional<judge::Interval> accuracy = {};
    std::vector<std::optional<judge::Interval>> f1 = {};
    /// Scores of each number that is answered, and pairs of truth and answer, [pairs][numbers][2].
    std::vector<judge::Fit> fits = {};
    std::vector<float> pairs = {}; ///< In the unit of each number.
};

/// A sample with a wrong answer. Samples are counted from 0 in the validation part, with folds in the training part
/// followed by the validation part.
struct WrongSample {
    std::size_t sample = 0;                       ///< Its number.
    int truth = 0, answer = 0;                    ///< Classes.
    double margin = 0;                            ///< Logit of the answer less that of the truth, in real units.
    std::vector<float> truths = {}, answers = {}; ///< Numbers in place of classes.
    std::string source = {};                      ///< File and row, if the data have them.
};

/// A member of a front.
struct JudgedMember {
    std::size_t trial = 0;
    std::uint64_t weights_digest = 0;    ///< The record's, which tells another training apart.
    JudgedPart validation;               ///< With folds: samples held out, each answered by its own fold's network.
    std::optional<JudgedPart> test = {}; ///< Nothing before the test.
    std::vector<WrongSample> wrong =
        {}; ///< Those of the largest margins, or with the largest errors of numbers, first.
};

/// The file.
struct Judged {
    std::uint64_t data_digest = 0;
    bool series = false;   ///< Inputs are series, else pictures.
    net::Shape shape = {}; ///< Inputs as they are kept, which may be smaller than those of the data.
    std::vector<std::string> class_names = {}; ///< Empty if numbers are answered.
    std::vector<std::string> numbers = {};     ///< Names of the numbers; empty for classes.
    /// Inputs of wrong samples by number, [channel][height][width]: pixels, or a series' int8 values + 128.
    std::map<std::size_t, std::vector<std::uint8_t>> inputs = {};
    std::vector<JudgedMember> members = {};

    /// The member of this record; null if it was not judged, or if it was another training.
    const JudgedMember* of(const Record& record) const {
        for (const JudgedMember& member : members)
            if (member.trial == record.trial.number &&
                member.weights_digest == record.outcome.weights_digest.value_or(0))
                return &member;
        return nullptr;
    }
};

/// Path of the file in a run's folder.
inline std::string judged_path(const std::string& folder) { return folder + "/judged.json"; }

namespace detail {

inline std::optional<judge::Interval> read_interval(const json::Reader& in) {
    const auto bounds = in.as<std::optional<std::vector<double>>>();
    if (!bounds) return std::nullopt;
    if (bounds->size() != 2 || !(bounds->front() <= bounds->back()))
        in.fail("expected two numbers, the lower one first");
    return judge::Interval{bounds->front(), bounds->back()};
}

/// Counts as triples of truth, answer and samples, those of 0 left out: with many classes most are.
inline json::Value counts_value(const judge::ConfusionMatrix& counts) {
    json::Value cells = json::array();
    for (std::size_t truth = 0; truth < counts.classes(); ++truth)
        for (std::size_t answer = 0; answer < counts.classes(); ++answer)
            if (counts.at(truth, answer) > 0) cells.push_back(json::array({truth, answer, counts.at(truth, answer)}));
    return cells;
}

inline json::Value part_value(const JudgedPart& part) {
    json::Value out = json::object({{"samples", part.samples}});
    if (part.counts) {
        out["counts"] = counts_value(*part.counts);
        out["grouped"] = part.grouped;
        if (!part.grouped) return out;
        json::Value f1 = json::array();
        for (const auto& interval : part.f1) f1.push_back(judge::interval_json(interval));
        out["accuracy_interval"] = judge::interval_json(part.accuracy);
        out["f1_intervals"] = std::move(f1);
        return out;
    }
    json::Value fits = json::array();
    for (const judge::Fit& fit : part.fits) {
        json::Value scores;
        judge::add_scores(scores, fit);
        fits.push_back(std::move(scores));
    }
    out["numbers"] = std::move(fits);
    out["pairs"] = json::Value(part.pairs);
    return out;
}

inline json::Value wrong_value(const WrongSample& wrong, bool numbers) {
    json::Value out = json::object({{"sample", wrong.sample}});
    if (numbers) {
        out["truths"] = json::Value(wrong.truths);
        out["answers"] = json::Value(wrong.answers);
    } else {
        out["truth"] = wrong.truth;
        out["answer"] = wrong.answer;
        out["margin"] = wrong.margin;
    }
    if (!wrong.source.empty()) out["source"] = wrong.source;
    return out;
}

} // namespace detail

/// The file's only value.
inline json::Value to_json(const Judged& judged) {
    const bool numbers = !judged.numbers.empty();
    json::Value members = json::array(), inputs = json::object();
    for (const JudgedMember& member : judged.members) {
        json::Value wrong = json::array();
        for (const WrongSample& one : member.wrong) wrong.push_back(detail::wrong_value(one, numbers));
        members.push_back(json::object({{"trial", member.trial},
                                        {"weights_digest", hexadecimal(member.weights_digest)},
                                        {"validation", detail::part_value(member.validation)},
                                        {"test", member.test ? detail::part_value(*member.test) : json::Value()},
                                        {"wrong", std::move(wrong)}}));
    }
    for (const auto& [sample, bytes] : judged.inputs)
        inputs[text(sample)] = to_base64({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    return json::object({{"format", judged_format},
                         {"data_digest", hexadecimal(judged.data_digest)},
                         {"series", judged.series},
                         {"shape", json::array({judged.shape.channels, judged.shape.height, judged.shape.width})},
                         {"class_names", json::Value(judged.class_names)},
                         {"numbers", json::Value(judged.numbers)},
                         {"members", std::move(members)},
                         {"inputs", std::move(inputs)}});
}

namespace detail {

inline constexpr std::size_t most_samples = std::size_t{1} << 40;

inline judge::Fit read_fit(const json::Reader& in, const std::string& name) {
    judge::Fit fit;
    fit.name = name;
    fit.rmse = in.at("rmse").ranged(0.0, most_measure);
    fit.rmse_interval = read_interval(in.at("rmse_interval"));
    fit.mae = in.at("mae").ranged(0.0, most_measure);
    fit.mae_interval = read_interval(in.at("mae_interval"));
    fit.r2 = in.at("r2").as<std::optional<double>>();
    fit.r2_interval = read_interval(in.at("r2_interval"));
    fit.deviation = in.at("deviation").ranged(0.0, most_measure);
    return fit;
}

inline JudgedPart read_part(const json::Reader& in, const Judged& judged) {
    JudgedPart part;
    part.samples = in.at("samples").ranged<std::size_t>(1, most_samples);
    if (judged.class_names.empty()) {
        const std::vector<json::Reader> fits = in.at("numbers").items();
        if (fits.size() != judged.numbers.size())
            in.at("numbers").fail(text("expected ", judged.numbers.size(), " of them, found ", fits.size()));
        for (std::size_t k = 0; k < fits.size(); ++k) part.fits.push_back(read_fit(fits[k], judged.numbers[k]));
        part.pairs = in.at("pairs").as<std::vector<float>>();
        if (part.pairs.size() % (2 * fits.size()) != 0) in.at("pairs").fail("expected a truth and an answer each");
        return part;
    }
    const std::size_t classes = judged.class_names.size();
    part.counts.emplace(classes);
    for (const json::Reader& cell : in.at("counts").items())
        part.counts->add(cell.at(0).ranged<std::size_t>(0, classes - 1), cell.at(1).ranged<std::size_t>(0, classes - 1),
                         cell.at(2).ranged<std::size_t>(1, most_samples));
    if (part.counts->samples() != part.samples)
        in.at("counts").fail(text("expected ", part.samples, " samples, found ", part.counts->samples()));
    part.grouped = in.at("grouped").as<bool>();
    if (!part.grouped) return part;
    part.accuracy = read_interval(in.at("accuracy_interval"));
    for (const json::Reader& interval : in.at("f1_intervals").items()) part.f1.push_back(read_interval(interval));
    if (part.f1.size() != classes)
        in.at("f1_intervals").fail(text("expected ", classes, " of them, found ", part.f1.size()));
    return part;
}

inline WrongSample read_wrong(const json::Reader& in, const Judged& judged) {
    WrongSample wrong;
    wrong.sample = in.at("sample").ranged<std::size_t>(0, most_samples);
    if (in.has("source")) wrong.source = in.at("source").as<std::string>();
    if (!judged.numbers.empty()) {
        wrong.truths = in.at("truths").as<std::vector<float>>();
        wrong.answers = in.at("answers").as<std::vector<float>>();
        if (wrong.truths.size() != judged.numbers.size() || wrong.answers.size() != judged.numbers.size())
            in.fail(text("expected ", judged.numbers.size(), " truths and answers"));
        return wrong;
    }
    const int last = int(judged.class_names.size()) - 1;
    wrong.truth = in.at("truth").ranged(0, last);
    wrong.answer = in.at("answer").ranged(0, last);
    wrong.margin = in.at("margin").ranged(0.0, most_measure);
    return wrong;
}

inline void read_inputs(const json::Reader& in, Judged& judged) {
    const auto shape = in.at("shape").as<std::vector<int>>();
    if (shape.size() != 3) in.at("shape").fail("expected channels, height and width");
    judged.shape = {in.at("shape").at(std::size_t{0}).ranged(1, 65535), in.at("shape").at(1).ranged(1, 65535),
                    in.at("shape").at(2).ranged(1, 65535)};
    for (const auto& [name, letters] : in.at("inputs").as<std::map<std::string, std::string>>()) {
        const auto sample = parse_number<std::size_t>(name);
        const auto bytes = from_base64(letters);
        if (!sample || !bytes || bytes->size() != judged.shape.size())
            in.at("inputs").fail(text("'", printable(name), "' is no sample of ", judged.shape.size(), " bytes"));
        judged.inputs[*sample].assign(bytes->begin(), bytes->end());
    }
}

} // namespace detail

/// The Judged that to_json() wrote. Throws Error naming the member that is missing or invalid.
inline Judged judged_from_json(const json::Reader& in) {
    if (const int format = in.at("format").as<int>(); format != judged_format)
        in.at("format").fail(
            text("expected ", judged_format, ", found ", format, "; another version of the program wrote it"));
    Judged judged;
    judged.data_digest = json::read_hexadecimal(in.at("data_digest"));
    judged.series = in.at("series").as<bool>();
    judged.class_names = in.at("class_names").as<std::vector<std::string>>();
    judged.numbers = in.at("numbers").as<std::vector<std::string>>();
    if (judged.class_names.empty() == judged.numbers.empty() || judged.class_names.size() > data::max_classes)
        in.fail("expected names of classes or of numbers");
    detail::read_inputs(in, judged);
    for (const json::Reader& one : in.at("members").items()) {
        JudgedMember member;
        member.trial = one.at("trial").ranged<std::size_t>(0, most_trials - 1);
        member.weights_digest = json::read_hexadecimal(one.at("weights_digest"));
        member.validation = detail::read_part(one.at("validation"), judged);
        if (!one.at("test").value().is_null()) member.test = detail::read_part(one.at("test"), judged);
        for (const json::Reader& wrong : one.at("wrong").items())
            member.wrong.push_back(detail::read_wrong(wrong, judged));
        judged.members.push_back(std::move(member));
    }
    return judged;
}

/// Writes judged.json into the folder of a run.
inline void write_judged(const std::string& folder, const Judged& judged) {
    write_file(judged_path(folder), json::write(to_json(judged)) + "\n");
}

/// The file of a run with this head; nothing if there is none. Throws Error if it is damaged, or belongs to other data.
inline std::optional<Judged> read_judged(const std::string& folder, const RunHead& head) {
    constexpr std::uint64_t most_bytes = std::uint64_t{256} << 20;
    const std::string path = judged_path(folder);
    std::error_code unknown;
    if (!std::filesystem::exists(path, unknown)) return std::nullopt;
    const json::Value document = json::parse(read_file(path, most_bytes), path);
    Judged judged = judged_from_json(json::Reader(document, path));
    if (judged.data_digest != head.data_digest)
        throw Error(text(path, ": it is of data with digest ", hexadecimal(judged.data_digest), ", the run's have ",
                         hexadecimal(head.data_digest), "; it belongs to another run, remove it"));
    return judged;
}

} // namespace tinysparse::search
