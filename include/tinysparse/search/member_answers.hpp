// SPDX-License-Identifier: Apache-2.0
// Answers of a front's member to the samples that judged it, for judged.json (judged.hpp): those of the validation
// part, or with folds those that the models of the folds hold (fixed::HeldOut), which takes no forward pass.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "tinysparse/base/sort.hpp"
#include "tinysparse/data/folds.hpp"
#include "tinysparse/data/resample.hpp"
#include "tinysparse/data/targets.hpp"
#include "tinysparse/fixed/model_file.hpp"
#include "tinysparse/nn/answers.hpp"
#include "tinysparse/quantise/grids.hpp"
#include "tinysparse/search/judged.hpp"

namespace tinysparse::search {

/// Samples with their truths and answers; classes or numbers, as the data have them.
struct Answered {
    std::vector<std::size_t> samples; ///< Numbers as in WrongSample.
    std::vector<std::uint8_t> labels, answers;
    std::vector<float> targets, numbers; ///< [samples][numbers]
    std::vector<float> logits;           ///< [samples][outputs], in real units.
    std::vector<std::uint32_t> groups;   ///< Empty: independent samples.
};

namespace detail {

/// Pairs of truth and answer of at most most_pairs samples, spread evenly over all.
inline std::vector<float> spread_pairs(const Answered& given, std::size_t numbers) {
    const std::size_t samples = given.targets.size() / numbers, kept = std::min(samples, most_pairs);
    std::vector<float> pairs;
    for (std::size_t i = 0; i < kept; ++i)
        for (std::size_t k = 0; k < numbers; ++k) {
            const std::size_t at = i * samples / kept * numbers + k;
            pairs.insert(pairs.end(), {given.targets[at], given.numbers[at]});
        }
    return pairs;
}

} // namespace detail

/// Counts or errors of the answers to samples of the set. Throws Error unless there is a sample and each has an answer.
inline JudgedPart judged_part(const data::Dataset& set, const Answered& given) {
    JudgedPart part;
    const bool paired = set.answers_numbers() ? given.targets.size() == given.numbers.size() && !given.targets.empty()
                                              : given.labels.size() == given.answers.size() && !given.labels.empty();
    if (!paired) throw Error(text(set.name, ": there are no samples to judge, or not as many answers"));
    if (set.answers_numbers()) {
        const std::size_t numbers = set.quantities.size();
        part.samples = given.targets.size() / numbers;
        part.fits = judge::verdict(judge::Numbers{numbers, given.targets, given.numbers, given.groups},
                                   data::quantity_names(set))
                        .fits;
        part.pairs = detail::spread_pairs(given, numbers);
        return part;
    }
    const judge::Answers answers{set.classes(), given.labels, given.answers, given.groups};
    part.samples = given.labels.size();
    part.counts = answers.matrix();
    part.grouped = !given.groups.empty();
    if (!part.grouped) return part; // the counts tell all intervals
    judge::Verdict verdict = judge::verdict(answers, set.class_names);
    part.accuracy = verdict.accuracy;
    part.f1 = std::move(verdict.f1);
    return part;
}

/// Answers of the test, by the path of the model. For several threads.
class TestAnswers {
  public:
    /// Replaces answers of the same model.
    void put(const std::string& path, Answered answered) {
        const std::lock_guard lock(mutex_);
        answers_[path] = std::move(answered);
    }
    /// A copy, or nothing if the model has not been tested.
    std::optional<Answered> of(const std::string& path) const {
        const std::lock_guard lock(mutex_);
        const auto found = answers_.find(path);
        return found == answers_.end() ? std::nullopt : std::optional(found->second);
    }

  private:
    mutable std::mutex mutex_;
    std::map<std::string, Answered> answers_;
};

/// Judges members of one run. For several threads.
class MemberJudge {
  public:
    /// The set must outlive this.
    MemberJudge(const data::Dataset& set, const RunHead& head) : set_(set) {
        if (head.folds > 0) folds_ = data::folds_of(set);
    }
    MemberJudge(const data::Dataset&&, const RunHead&) = delete;

    /// The record as the only member, with the inputs of its wrong samples. model_path: file of its first fold. test:
    /// answers of its deployed model, if it was tested. No member if its models do not hold the answers of the folds,
    /// as those of older versions.
    Judged operator()(const Record& record, const std::string& model_path, const std::optional<Answered>& test) const {
        Judged judged;
        judged.data_digest = set_.digest;
        judged.series = set_.is_series();
        judged.shape = kept_shape();
        judged.class_names = set_.class_names;
        if (set_.answers_numbers()) judged.numbers = data::quantity_names(set_);
        Answered given;
        std::vector<fixed::Input> inputs; // of each fold's network
        for (std::size_t k = 0; k < record.trial.folds; ++k) {
            const fixed::Model model = fixed::load_model(fold_path(model_path, k));
            if (!(has_folds() ? add_fold(model, k, given) : add_validation(model, given))) return judged;
            inputs.push_back(model.network.input);
        }
        if (given.samples.empty()) return judged;
        JudgedMember member;
        member.trial = record.trial.number;
        member.weights_digest = record.outcome.weights_digest.value_or(0);
        member.validation = judged_part(set_, given);
        if (test) member.test = judged_part(set_, *test);
        for (const std::size_t i : worst(given)) {
            member.wrong.push_back(wrong_sample(given, i));
            const std::size_t sample = given.samples[i];
            judged.inputs[sample] = input_of(sample, inputs[has_folds() ? folds_.of[sample] : 0]);
        }
        judged.members.push_back(std::move(member));
        return judged;
    }

  private:
    bool has_folds() const { return folds_.count > 0; }

    /// The part in which a sample of this number lies, and its index there.
    std::pair<const data::Split*, std::size_t> place_of(std::size_t sample) const {
        if (!has_folds()) return {&set_.validation, sample};
        if (sample < set_.train.samples) return {&set_.train, sample};
        return {&set_.validation, sample - set_.train.samples};
    }

    /// Adds the answers that a fold's model holds. False if it holds none of this fold.
    bool add_fold(const fixed::Model& model, std::size_t k, Answered& given) const {
        std::vector<std::size_t> own;
        for (std::size_t i = 0; i < folds_.of.size(); ++i)
            if (folds_.of[i] == k) own.push_back(i);
        if (model.held_out.labels.size() != own.size()) return false;
        add(own, model.held_out.logits, model.quantities, given);
        return true;
    }

    bool add_validation(const fixed::Model& model, Answered& given) const {
        std::vector<std::size_t> own(set_.validation.samples);
        std::iota(own.begin(), own.end(), std::size_t{0});
        add(own, quantise::logits_by_grids(fixed::lower(model.network), set_, set_.validation), model.quantities,
            given);
        return true;
    }

    void add(const std::vector<std::size_t>& samples, const std::vector<float>& logits,
             const std::vector<Quantity>& quantities, Answered& given) const {
        const auto append = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
        append(given.samples, samples);
        append(given.logits, logits);
        const std::size_t numbers = set_.quantities.size();
        for (const std::size_t sample : samples) {
            const auto [part, at] = place_of(sample);
            given.labels.push_back(part->labels[at]);
            if (!part->groups.empty()) given.groups.push_back(part->groups[at]);
            for (std::size_t k = 0; k < numbers; ++k) given.targets.push_back(part->targets[at * numbers + k]);
        }
        if (numbers > 0)
            append(given.numbers, nn::numbers_of(logits, quantities));
        else
            append(given.answers, nn::largest_logits(logits, set_.classes()));
    }

    /// Logit of the answer less that of the truth; of numbers the squared error, each in its deviation.
    double badness(const Answered& given, std::size_t i) const {
        if (!set_.answers_numbers()) {
            const std::size_t first = i * set_.classes();
            return double(given.logits[first + given.answers[i]]) - double(given.logits[first + given.labels[i]]);
        }
        const std::size_t numbers = set_.quantities.size();
        double sum = 0;
        for (std::size_t k = 0; k < numbers; ++k) {
            const double distance = (double(given.numbers[i * numbers + k]) - double(given.targets[i * numbers + k])) /
                                    double(set_.quantities[k].scale);
            sum += distance * distance;
        }
        return sum;
    }

    /// Places of the wrong samples to keep: the worst first, of equal ones the first.
    std::vector<std::size_t> worst(const Answered& given) const {
        std::vector<std::pair<double, std::size_t>> found;
        for (std::size_t i = 0; i < given.samples.size(); ++i)
            if (set_.answers_numbers() || given.answers[i] != given.labels[i])
                found.emplace_back(-badness(given, i), i);
        const std::size_t kept = std::min(found.size(), most_wrong_samples);
        std::partial_sort(found.begin(), found.begin() + std::ptrdiff_t(kept), found.end());
        std::vector<std::size_t> places;
        for (std::size_t i = 0; i < kept; ++i) places.push_back(found[i].second);
        return places;
    }

    WrongSample wrong_sample(const Answered& given, std::size_t i) const {
        WrongSample wrong;
        wrong.sample = given.samples[i];
        const auto [part, at] = place_of(wrong.sample);
        if (!part->sources.empty())
            wrong.source = set_.picture_files ? set_.files[part->sources[at].file]
                                              : text(set_.files[part->sources[at].file], ":", part->sources[at].row);
        const std::size_t numbers = set_.quantities.size();
        for (std::size_t k = 0; k < numbers; ++k) {
            wrong.truths.push_back(given.targets[i * numbers + k]);
            wrong.answers.push_back(given.numbers[i * numbers + k]);
        }
        if (numbers > 0) return wrong;
        wrong.truth = given.labels[i];
        wrong.answer = given.answers[i];
        wrong.margin = badness(given, i);
        return wrong;
    }

    net::Shape kept_shape() const {
        const data::Shape& own = set_.shape;
        if (set_.is_series()) return {own.channels, std::min(own.height, most_kept_moments), own.width};
        const int shrink = (std::max(own.height, own.width) + longest_kept_side - 1) / longest_kept_side;
        return {own.channels, std::max(1, own.height / shrink), std::max(1, own.width / shrink)};
    }

    /// The input of a sample as it is kept. input: of the network that answered it.
    std::vector<std::uint8_t> input_of(std::size_t sample, const fixed::Input& input) const {
        const auto [part, at] = place_of(sample);
        const net::Shape kept = kept_shape();
        const data::AreaAverage average(set_.shape.height, set_.shape.width, kept.height, kept.width);
        const std::size_t plane = average.from_plane(), begin = at * set_.shape.size();
        std::vector<std::uint8_t> bytes(kept.size());
        std::vector<std::int16_t> values(plane), averaged(average.to_plane());
        for (std::size_t c = 0; c < std::size_t(kept.channels); ++c) {
            for (std::size_t i = 0; i < plane; ++i)
                values[i] = set_.is_series() ? data::input_value(part->values[begin + c * plane + i], input.offset[c],
                                                                 input.shift[c])
                                             : std::int16_t(part->pixels[begin + c * plane + i]);
            average(values.data(), averaged.data());
            for (std::size_t i = 0; i < averaged.size(); ++i)
                bytes[c * averaged.size() + i] = std::uint8_t(averaged[i] + (set_.is_series() ? 128 : 0));
        }
        return bytes;
    }

    const data::Dataset& set_;
    data::Folds folds_;
};

} // namespace tinysparse::search
