// SPDX-License-Identifier: Apache-2.0
// Cards of a report: one for each member of a front, with its layers and costs, memory, answers, wrong samples and
// weights, and the commands that go on with it. They come from the run's folder alone: its models and judged.json.
#pragma once
#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "tinysparse/base/command_line.hpp"
#include "tinysparse/fixed/model_file.hpp"
#include "tinysparse/report/answers_section.hpp"
#include "tinysparse/report/commands.hpp"
#include "tinysparse/report/front_table.hpp"
#include "tinysparse/report/layer_picture.hpp"
#include "tinysparse/report/memory_picture.hpp"
#include "tinysparse/report/picked.hpp"
#include "tinysparse/report/sample_pictures.hpp"
#include "tinysparse/report/weight_pictures.hpp"

namespace tinysparse::report {

/// Most members of a front that have a card.
inline constexpr std::size_t most_cards = 20;

/// A run and what its folder holds beside the journal.
struct CardsOf {
    const std::string& folder; ///< Folder of the run.
    const search::RunLog& log;
    const std::vector<FrontPoint>& points;
    std::optional<search::Judged> judged = {};
    std::string trouble = {}; ///< Why judged.json cannot be used; empty if it can, or if there is none.
};

namespace detail {

/// A part of a card below its heading; nothing without content.
inline std::string card_part(std::string_view title, std::string_view content) {
    return content.empty() ? "" : text("<h3>", title, "</h3>\n", content, "\n");
}

/// Rows of the input, the layers, what they share and the stack, which add up to those of the whole program.
inline std::string layers_table(const std::vector<LayerFigures>& layers, const RestFigures& rest,
                                const net::Shape& input, const net::Shape& picture, const cost::Costs& costs) {
    std::vector<HtmlRow> rows = {
        {{"Input", shape_text(input), shape_text(picture), "", "", "", "", "", "", text(rest.picture_ram), "", ""}}};
    std::size_t weights = 0, nonzeros = 0, stored = 0, macs = 0;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const LayerFigures& layer = layers[i];
        rows.push_back(
            {{text(i + 1, "  ", layer.layer), shape_text(layer.in), shape_text(layer.out), grouped(layer.weights),
              grouped(layer.nonzeros), text(layer.bits), layer.format, grouped(layer.stored), count_cell(layer.flash),
              text(layer.ram), grouped(layer.macs), count_cell(layer.cycles)}});
        weights += layer.weights;
        nonzeros += layer.nonzeros;
        stored += layer.stored;
        macs += layer.macs;
    }
    rows.push_back({{std::string(rest_words), "", "", "", "", "", "", "", count_cell(rest.flash), text(rest.shared_ram),
                     "", count_cell(rest.cycles)}});
    rows.push_back({{"Stack", "", "", "", "", "", "", "", "", count_cell(rest.stack_ram), "", ""}});
    rows.push_back({{"Whole program", "", "", grouped(weights), grouped(nonzeros), "", "", grouped(stored),
                     costs.flash ? grouped(*costs.flash) : "-", costs.ram ? grouped(*costs.ram) : "-", grouped(macs),
                     count_cell(costs.cycles)}});
    return text("<details><summary>Figures of the layers</summary>",
                html_table("", "Sizes and predicted costs of each layer, per sample",
                           {"Layer", "In", "Out", "Weights", "Nonzero", "Bits", "Stored as", "Stored bytes",
                            "Flash, bytes", "RAM, bytes", "MACs", "Cycles"},
                           rows),
                "</details>\n");
}

/// Everything that the model's file tells.
inline std::string model_parts(const fixed::Model& model, const cost::Target& target) {
    const fixed::Lowered lowered(model.network);
    const cost::Costs costs = cost::costs(lowered, target);
    const std::vector<LayerFigures> layers = layer_figures(lowered, costs);
    const RestFigures rest = rest_figures(lowered, costs);
    const net::Spec& spec = model.network.spec;
    return card_part("Layers, and what each of them costs",
                     scrolling("Layers, and what each of them costs",
                               layer_picture(spec, lowered.layout().shapes(), layers, rest)) +
                         layers_table(layers, rest, spec.input, lowered.layout().shapes().picture, costs)) +
           card_part("RAM while rows of the input stream through", memory_picture(lowered)) +
           card_part("Weights that are not zero", weight_pictures(model.network));
}

/// Costs that a chip measured, beside their predictions.
inline std::string measured_part(const search::Outcome& outcome) {
    if (!outcome.predicted) return "";
    std::vector<HtmlRow> rows;
    for (const search::Measure measure : search::chip_measures) {
        const auto &measured = outcome.measures[measure], &predicted = (*outcome.predicted)[measure];
        if (!measured || !predicted) continue;
        rows.push_back({{axis_title(measure), cost_cell(measure, *predicted), cost_cell(measure, *measured),
                         *predicted > 0 ? text(fixed_decimals(100 * (*measured / *predicted - 1), 1), " %") : "-"}});
    }
    return rows.empty() ? ""
                        : html_table("", "Costs of the whole program on the simulated chip",
                                     {"Cost", "Predicted", "Measured", "Difference"}, rows);
}

/// Answers and wrong samples, or why there are none. spec: of the model, if it can be read.
inline std::string answer_parts(const CardsOf& of, const FrontPoint& point, const std::optional<net::Spec>& spec) {
    const search::RunHead& head = of.log.head;
    const std::string model = text(of.folder, "#", point.record->trial.number);
    const search::JudgedMember* const member = of.judged ? of.judged->of(*point.record) : nullptr;
    if (!member) {
        const std::string eval = command_line({"eval", model, "--data", head.data}),
                          resume = command_line({"search", "--out", of.folder, "--resume"});
        const char* const next = !of.trouble.empty() ? "; once judged.json is removed, the second writes it anew:"
                                 : of.log.end        ? ", the second keeps those of the whole front:"
                                                     : ", the second goes on with a search that was stopped:";
        const std::string why = !of.trouble.empty() ? text("Its answers cannot be shown: ", of.trouble, ".")
                                : of.log.end
                                    ? std::string("The run did not keep the answers of this network in judged.json.")
                                    : std::string("Answers are kept when the search ends.");
        return card_part("Answers", text(paragraph(text(why, " The first command counts them on the test part", next)),
                                         "<pre>", escaped(eval), "\n", escaped(resume), "</pre>"));
    }
    std::string answers = judged_part_section(
        *of.judged, member->validation,
        text("Answers to ", grouped(member->validation.samples), " samples: ", judges_of(of.log, point)));
    if (member->test)
        answers += text("<details><summary>The same on the test part</summary>",
                        judged_part_section(*of.judged, *member->test,
                                            text("Answers to ", grouped(member->test->samples),
                                                 " samples of the test part, which chose nothing")),
                        "</details>\n");
    const std::string which = head.answers_numbers() ? "Samples with the largest errors, truth \u2192 answer"
                                                     : "Wrong answers, the most certain first, truth \u2192 answer";
    return card_part("Answers", answers) +
           card_part(which, spec ? wrong_samples(*of.judged, *member, *spec) : std::string());
}

inline std::string commands_part(const CardsOf& of, const FrontPoint& point) {
    const search::RunHead& head = of.log.head;
    const std::string model = text(of.folder, "#", point.record->trial.number);
    const std::string board = head.target == "none" ? "uno" : head.target;
    const std::string name = text("network_", point.record->trial.number);
    const std::vector<std::vector<std::string>> commands = {{"show", model},
                                                            {"eval", model, "--data", head.data},
                                                            {"simulate", model, "--data", head.data, "--target", board},
                                                            {"export", model, "--target", board, "-o", name},
                                                            {"search", "--out", of.folder, "--resume"}};
    std::string lines;
    for (const auto& command : commands) lines += escaped(command_line(command)) + "\n";
    return card_part("Commands",
                     text("<pre>", lines, "</pre>",
                          paragraph(text("The last one trains the model again if its file is lost. The run began with "
                                         "seed ",
                                         head.seed, ", this training has seed ", point.record->trial.seed,
                                         ". The whole run again:")),
                          "<pre>", escaped(command_line(command_again(head, of.folder))), "</pre>"));
}

/// "Validation 99.67 %  95 % interval 99.15 to 99.87  Test 99.83 %", without scores that the network has not.
inline std::string summary_words(const search::RunLog& log, const FrontPoint& point) {
    const std::vector<std::string> titles = page_score_titles(log), cells = score_cells(log, point);
    std::string words;
    for (std::size_t c = 1; c < titles.size(); ++c) {
        const std::size_t unit = titles[c].ends_with(" %") ? titles[c].size() - 2 : titles[c].size();
        const std::string score = text(titles[c].substr(0, unit), " ", cells[c], titles[c].substr(unit));
        if (cells[c] != "-") words += text("<span>", escaped(capitalised(score)), "</span>");
    }
    if (const auto& stored = point.measure(search::Measure::weight_bytes))
        words += text("<span>", count_cell(stored), " B stored</span>");
    return words;
}

inline std::string card(const CardsOf& of, const FrontPoint& point, bool open) {
    const search::Record& record = *point.record;
    std::string out = text("<details", open ? " open" : "", " id=\"model-", record.trial.number,
                           "\"><summary><strong>#", record.trial.number, "</strong>", summary_words(of.log, point),
                           "<br/><code>", escaped(network_cell(point, of.log)), "</code></summary>\n");
    std::optional<net::Spec> spec;
    std::string parts;
    try {
        const fixed::Model model = fixed::load_model(search::deployed_path(of.folder, record));
        spec = model.network.spec;
        parts = model_parts(model, target_of(of.log.head));
        if (!model.trained_on.empty())
            out += paragraph(text("Model #", record.trial.number, " was trained on ", model.trained_on, "."));
    } catch (const Error& error) {
        out += paragraph(text("The model cannot be shown: ", error.what()));
    }
    return text(out, answer_parts(of, point, spec), parts, card_part("Measured costs", measured_part(record.outcome)),
                commands_part(of, point), "</details>\n");
}

/// 1 - the run's kind of error on the test part, if that is not the plain one and the point's answers were kept.
inline std::optional<double> test_score(const CardsOf& of, const FrontPoint& point) {
    const search::JudgedMember* const member = of.judged ? of.judged->of(*point.record) : nullptr;
    if (!member || !member->test || !member->test->counts || of.log.head.error == judge::ErrorKind::plain)
        return std::nullopt;
    return 1 - judge::error(*member->test->counts, of.log.head.error);
}

/// The members that have a card: the picked one, and others spread evenly along the front.
inline std::vector<const FrontPoint*> members_with_cards(const std::vector<FrontPoint>& points,
                                                         const FrontPoint* picked) {
    std::vector<const FrontPoint*> chosen;
    const std::size_t count = std::min(points.size(), most_cards);
    for (std::size_t i = 0; i < count; ++i)
        chosen.push_back(&points[count == 1 ? 0 : i * (points.size() - 1) / (count - 1)]);
    if (picked && std::find(chosen.begin(), chosen.end(), picked) == chosen.end()) {
        const auto nearest =
            std::min_element(chosen.begin(), chosen.end(), [&](const FrontPoint* a, const FrontPoint* b) {
                return std::abs(a - picked) < std::abs(b - picked);
            });
        *nearest = picked;
    }
    return chosen;
}

} // namespace detail

/// The picked model in a paragraph, then a card for each of at most `most_cards` members; nothing without a front. What
/// cannot be read of the folder is said in its place. Throws Error as pick() does if a rule with a bound finds none.
inline std::string cards(const std::string& folder, const search::RunLog& log, const NamedPick& by = {}) {
    const std::vector<FrontPoint> points = front_points(log);
    if (points.empty()) return "";
    const FrontPoint& picked = pick(points, log, by.rule);
    CardsOf of{folder, log, points};
    try {
        of.judged = search::read_judged(folder, log.head);
    } catch (const Error& error) {
        of.trouble = error.what();
    }
    const auto sentences = pick_sentences(log, points, picked, by, detail::test_score(of, picked));
    std::string out =
        text("<section class=\"cards\">\n", html_heading("The picked model"), paragraph(join(sentences, " ")));
    if (const std::vector<std::string> warnings = pick_warnings(log, points); !warnings.empty())
        out += paragraph("Warnings that bear on these figures:") + html_list(warnings);
    const std::vector<const FrontPoint*> members = detail::members_with_cards(points, &picked);
    out +=
        text(html_heading("Members of the front"),
             paragraph("Each of these cards opens and shows a network: its layers and what they cost, its memory, its "
                       "answers, and the commands that go on with it. A number after # names the trial."));
    if (members.size() < points.size())
        out += paragraph(text(members.size(), " of the ", points.size(),
                              " members have a card: the picked one, and others spread along the front."));
    for (const FrontPoint* member : members) out += detail::card(of, *member, member == &picked);
    return out + "</section>\n";
}

} // namespace tinysparse::report
