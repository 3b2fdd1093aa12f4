// SPDX-License-Identifier: Apache-2.0
#include "confidence.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "common.hpp"
#include "host_answers.hpp"
#include "quantities.hpp"
#include "tinysparse/judge/interval.hpp"

namespace tinysparse::cli {

namespace {

/// Held-out logits, in real units, as steps of the model's logits.
std::vector<std::int32_t> in_steps(const std::vector<float>& logits, const fixed::Network& network) {
    constexpr double most = 1 << 30;
    std::vector<std::int32_t> steps;
    for (const float logit : logits)
        steps.push_back(std::int32_t(
            std::clamp(std::round(std::ldexp(double(logit), -network.layers.back().output_exponent)), -most, most)));
    return steps;
}

std::size_t classes_of(const fixed::Model& model) { return std::size_t(net::shapes(model.network.spec).classes); }

fixed::Confidence by_held_out(const fixed::Model& model, std::optional<double> reject) {
    const std::vector<std::int32_t> logits = in_steps(model.held_out.logits, model.network);
    return fixed::confidence({classes_of(model), logits, model.held_out.labels}, reject, "samples held out from folds");
}

fixed::Confidence of_held_out(const fixed::Model& model, std::optional<double> reject) {
    if (model.held_out.labels.empty())
        throw Error(text("the model was trained on ", model.trained_on,
                         ", so no samples are left that tell how sure its answers are; use a model of "
                         "tinysparse search --no-refit"));
    say(text("note: the model was trained on ", model.trained_on,
             "; held-out samples of models trained in the same way judge how sure its answers are"));
    return by_held_out(model, reject);
}

fixed::Confidence of_validation(const fixed::Program& program, const data::Split& part, std::size_t classes,
                                std::optional<double> reject) {
    simulator::HostAnswers host(program, part);
    std::vector<std::int32_t> logits;
    for (std::size_t i = 0; i < part.samples; ++i) {
        const auto own = host.logits(i);
        logits.insert(logits.end(), own.begin(), own.end());
    }
    const std::size_t groups = std::set<std::uint32_t>(part.groups.begin(), part.groups.end()).size();
    fixed::Confidence own =
        fixed::confidence({classes, logits, part.labels}, reject,
                          groups == 0 ? "validation samples"
                                      : text("validation samples in ", groups, groups == 1 ? " group" : " groups"));
    own.groups = groups;
    return own;
}

} // namespace

std::vector<Option> confidence_options() {
    return {{"data", "SPEC", "Data set whose validation part calibrates probability(), which is added to the header."},
            {"reject", "SHARE", "Largest share of validation samples that accepted() may reject, such as 5%."}};
}

std::optional<double> share_to_reject(const Arguments& arguments) {
    const auto word = arguments.value("reject");
    if (!word) return std::nullopt;
    const double share = parse_share("--reject", *word);
    if (share >= 1) throw UsageError(text("--reject ", *word, ": nothing would be accepted; give less than 100%"));
    return share;
}

std::optional<fixed::Confidence> confidence_of(const Arguments& arguments, const fixed::Model& model,
                                               const fixed::Program& program) {
    if (!arguments.has("data") && !arguments.has("reject")) return std::nullopt;
    if (!model.quantities.empty() || classes_of(model) < 2)
        throw UsageError("--data and --reject are for classes; the model predicts numbers");
    const std::optional<double> reject = share_to_reject(arguments);
    if (!model.trained_on.empty()) return of_held_out(model, reject);
    const auto spec = arguments.value("data");
    if (!spec) throw UsageError("--reject needs --data SPEC, whose validation part sets the threshold");
    const data::Dataset set = load_data_for(model, request_for(model, *spec));
    samples_of(set, parts[0]);
    if (set.digest != model.data_digest)
        say(text("warning: the model was trained on other data: ", model.data,
                 "; if it was trained on some of these validation samples, its answers are less sure than they seem"));
    return confidence_of(model, program, set, reject);
}

fixed::Confidence confidence_of(const fixed::Model& model, const fixed::Program& program, const data::Dataset& set,
                                std::optional<double> reject) {
    if (!model.trained_on.empty()) return of_held_out(model, reject);
    return of_validation(program, samples_of(set, parts[0]), classes_of(model), reject);
}

std::optional<fixed::Confidence> own_confidence(const fixed::Model& model) {
    if (model.held_out.labels.empty() || !model.quantities.empty()) return std::nullopt;
    return by_held_out(model, std::nullopt);
}

std::string confidence_text(const fixed::Confidence& confidence, std::string_view judge) {
    const auto percent = [](double share) { return text(fixed_decimals(100 * share, 2), " %"); };
    std::string out = text("judged by ", confidence.samples, " ", confidence.judged_on, ": probabilities are off by ",
                           fixed_decimals(100 * confidence.calibration_error, 2),
                           " percentage points on average (expected calibration error)");
    constexpr std::size_t few_samples = 50; // a twentieth of them is two or three
    if (confidence.groups > 0 && confidence.groups < judge::fewest_groups)
        out += text("\nwarning: samples of ", confidence.groups == 1 ? "one group" : "so few groups",
                    ", such as persons or recordings, do not tell how sure answers are for others; ",
                    judge::fewest_groups, " groups are the least");
    else if (confidence.samples < few_samples)
        out += "\nwarning: these are too few samples to rely on the probabilities";
    if (confidence.rejection && confidence.rejection->rejects_none())
        out += text(
            "\nwarning: ", percent(confidence.rejection->share), " of ", confidence.samples,
            " samples is less than one, so none of them is rejected; --reject needs a larger share or more samples");
    if (const auto& own = confidence.rejection)
        out += text("\n", judge, " needs a margin of ", own->least_margin, ": it accepts ", percent(own->coverage()),
                    " of these samples, and ", percent(own->accuracy()), " of those are answered right");
    return out;
}

} // namespace tinysparse::cli
