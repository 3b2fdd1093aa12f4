// SPDX-License-Identifier: Apache-2.0
// tinysparse show: the layers of a model and its costs.
#include "commands.hpp"
#include "common.hpp"
#include "measuring.hpp"
#include "picks.hpp"
#include "run_origin.hpp"
#include "terminal.hpp"
#include "tinysparse/base/hexadecimal.hpp"
#include "tinysparse/base/json.hpp"
#include "tinysparse/cost/device.hpp"
#include "tinysparse/deploy/channels.hpp"
#include "tinysparse/fixed/digest.hpp"
#include "tinysparse/fixed/model_input.hpp"
#include "tinysparse/fixed/numbers.hpp"
#include "tinysparse/fixed/scores.hpp"
#include "tinysparse/net/notation.hpp"
#include "tinysparse/report/layer_figures.hpp"
#include "tinysparse/report/table.hpp"
#include "tinysparse/search/measures.hpp"

namespace tinysparse::cli {

namespace {

std::string chip_text(const search::Measures& measures) {
    using search::Measure;
    return text("RAM ", report::count_cell(measures[Measure::ram]), " B with its stack, flash ",
                report::count_cell(measures[Measure::flash]), " B, ", report::count_cell(measures[Measure::cycles]),
                " cycles, ", fixed_decimals(measures[Measure::milliseconds].value(), 1), " ms");
}

/// True if readings are no raw values, so that programs call to_input().
bool needs_conversion(const fixed::Model& model) {
    return !model.channels.empty() && !deploy::taken_as_they_are(model.channels);
}

/// What the network takes on the target by the cost model, and as its run measured it. readings: they need to_input().
std::string target_text(const cost::Costs& costs, const fixed::Plan& plan,
                        const std::optional<search::Measures>& measured, bool readings) {
    if (!costs.ram)
        return text("RAM ", report::grouped(plan.bytes()), " B and its stack; flash and cycles are not predicted");
    std::string out = text("estimated: ", chip_text(search::measures_of(costs)));
    if (measured)
        out +=
            text("\n                measured:  ", chip_text(*measured), " (slowest of ", measured_samples, " samples)");
    else
        out += "; simulate measures them";
    if (readings)
        out += "\n                to_input(), which converts readings, comes on top, in flash and time; simulate "
               "measures its time";
    return out;
}

/// The measures of a trial's network, if its run measured them on this board. `model`: the words that name the trial.
std::optional<search::Measures> measured_on(const cost::Target& target, const std::optional<search::Record>& record,
                                            const std::string& model) {
    if (!record || cost::target(board_of_run(model).value()).name != target.name) return std::nullopt;
    return record->outcome.measured();
}

json::Value layer_objects(const std::vector<report::LayerFigures>& figures) {
    json::Value layers = json::array();
    for (const report::LayerFigures& layer : figures)
        layers.push_back(json::object({{"layer", layer.layer},
                                       {"in", report::shape_text(layer.in)},
                                       {"out", report::shape_text(layer.out)},
                                       {"weights", layer.weights},
                                       {"nonzeros", layer.nonzeros},
                                       {"bits", layer.bits},
                                       {"format", layer.format},
                                       {"bytes", layer.stored},
                                       {"macs", layer.macs},
                                       {"ram", layer.ram},
                                       {"cycles", json::Value(layer.cycles)}}));
    return layers;
}

report::Table layer_table(const fixed::Lowered& lowered, const cost::Costs& costs) {
    const report::RestFigures rest = report::rest_figures(lowered, costs);
    report::Table table = report::Table::of({{"", "", 9},
                                             {"<layer", "the layer in the notation of networks"},
                                             {"<in", "channels, height and width that it reads", 7},
                                             {"<out", "channels, height and width that it writes", 1},
                                             {"weights", "its weights, those that are zero included", 4},
                                             {"nonzero", "weights that are not zero", 6},
                                             {"bits", "bits per weight", 5},
                                             {"<stored", "format in which its weights are stored", 8},
                                             {"bytes", "bytes of weights and biases as stored"},
                                             {"MACs", "multiply-adds per sample", 3},
                                             {"RAM", "bytes of RAM for its rows", 2},
                                             {"cycles", "predicted processor cycles per sample", 1}});
    table.add({"", lowered.network().input.series ? "series" : "picture", "",
               report::shape_text(lowered.layout().shapes().picture), "", "", "", "", "", "", text(rest.picture_ram)});
    std::size_t number = 0;
    for (const report::LayerFigures& layer : report::layer_figures(lowered, costs))
        table.add({text(++number), layer.layer, report::shape_text(layer.in), report::shape_text(layer.out),
                   report::grouped(layer.weights), report::grouped(layer.nonzeros), text(layer.bits), layer.format,
                   report::grouped(layer.stored), report::grouped(layer.macs), text(layer.ram),
                   report::count_cell(layer.cycles)});
    table.add({"", lowered.network().input.camera ? "camera, shared rows, logits" : "shared rows, logits, counters", "",
               "", "", "", "", "", "", "", text(rest.shared_ram), report::count_cell(rest.cycles)});
    if (rest.stack_ram) table.add({"", "stack", "", "", "", "", "", "", "", "", report::count_cell(rest.stack_ram)});
    return table;
}

/// What becomes of a reading in each channel of a series; null where the model does not know it.
json::Value channel_objects(const fixed::Model& model) {
    json::Value channels = json::array();
    for (std::size_t i = 0; i < model.network.input.offset.size(); ++i) {
        const Channel* const known = model.channels.empty() ? nullptr : &model.channels[i];
        channels.push_back(json::object({{"name", known ? json::Value(known->name) : json::Value()},
                                         {"origin", known ? json::Value(known->origin) : json::Value()},
                                         {"scale", known ? json::Value(known->scale) : json::Value()},
                                         {"offset", model.network.input.offset[i]},
                                         {"shift", model.network.input.shift[i]}}));
    }
    return channels;
}

std::string channel_text(const fixed::Model& model) {
    if (!model.network.input.series) return "";
    report::Table table = report::Table::of(
        {{"", "", 3},
         {"<channel"},
         {"origin", "reading that becomes 0: raw = (reading - origin) * factor"},
         {"multiplied by", "that factor"},
         {"offset", "raw value at the middle of the network's input", 2},
         {"shift", "bits by which raw values are shifted to the right for the input, -127 to 127", 1}});
    for (std::size_t i = 0; i < model.network.input.offset.size(); ++i) {
        const Channel* const known = model.channels.empty() ? nullptr : &model.channels[i];
        table.add({text(i), known ? known->name : "", known ? text(known->origin) : "not known",
                   known ? text(known->scale) : "not known", text(model.network.input.offset[i]),
                   text(model.network.input.shift[i])});
    }
    return text("\n", table.text(table_width()), table.legend(table_width()),
                model.sampling_rate ? text("moments per second: ", *model.sampling_rate, "\n") : "");
}

/// The numbers that are answered, with origin, worth of a step of a logit, and errors; empty for classes.
json::Value number_objects(const fixed::Model& model) {
    const auto error = [](const std::vector<double>& rmse, std::size_t k) {
        return rmse.empty() ? json::Value() : json::Value(rmse[k]);
    };
    json::Value numbers = json::array();
    for (std::size_t k = 0; k < model.quantities.size(); ++k)
        numbers.push_back(json::object({{"name", model.quantities[k].name},
                                        {"origin", model.quantities[k].origin},
                                        {"scale", fixed::logit_scale(model.network, model.quantities[k])},
                                        {"validation_rmse", error(model.validation_rmse, k)},
                                        {"float_rmse", error(model.float_rmse, k)},
                                        {"test_rmse", error(model.test_rmse, k)}}));
    return numbers;
}

/// A line with accuracies, or a table of the numbers that are answered.
std::string scores_text(const fixed::Model& model) {
    if (model.quantities.empty()) return text("\naccuracy        ", fixed::accuracy_words(model));
    std::string out;
    const auto error = [](const std::vector<double>& rmse, std::size_t k) {
        return report::number_cell(rmse.empty() ? std::nullopt : std::optional(rmse[k]));
    };
    for (std::size_t k = 0; k < model.quantities.size(); ++k) {
        const Quantity& own = model.quantities[k];
        out +=
            text(k == 0 ? "\nanswers         " : "\n                ", own.name, " = ", own.origin, " + ",
                 fixed::logit_scale(model.network, own), " * logit; RMSE validation ", error(model.validation_rmse, k),
                 " (float ", error(model.float_rmse, k), "), test ", error(model.test_rmse, k));
    }
    return out;
}

/// How long it was trained: "3 epochs (passes over the training samples)"; the weights that it began with, if a search
/// took them from an earlier network; seed and data. `record`: of its trial.
std::string training_text(const fixed::Model& model, const std::optional<search::Record>& record) {
    std::string out =
        text(model.epochs, model.epochs == 1 ? " epoch (pass" : " epochs (passes", " over the training samples)");
    const bool anew = record && model.epochs >= record->trial.line_epochs; // as a last training on all samples
    if (record && record->trial.inherits && record->trial.parent && !anew)
        out += text(", from the weights of network ", *record->trial.parent, " (about as good as ",
                    record->trial.line_epochs, " epochs from random weights)");
    return out + text(", seed ", model.seed, ", on ", model.data, " (", hexadecimal(model.data_digest), ")",
                      model.trained_on.empty() ? "" : text(", ", model.trained_on));
}

/// The network and its sizes, a line each.
std::string size_text(const fixed::Model& model, const cost::Costs& costs) {
    return text("\nnetwork         ", net::notation(model.network.spec), "\ndigest          ",
                hexadecimal(fixed::network_digest(model.network)), "\nmodel size      ",
                report::grouped(costs.model_size), " B, ", report::grouped(costs.weight_bytes),
                " B as stored\nworking memory  ", report::grouped(costs.working_memory()),
                " B if layers ran one by one; the exported program needs the RAM below\nas in papers    ",
                report::grouped(costs.paper_model_size()), " B (nonzero weights, one byte each), working memory ",
                report::grouped(costs.paper_working_memory), " B (pooling a layer of its own)\n");
}

/// What is known of a model, as JSON; its name and the board are left to be added. The accuracy on the validation part
/// is that of the folds for a model that was trained on all samples.
json::Value document_of(const fixed::Model& model, const fixed::Lowered& lowered, const cost::Costs& costs,
                        const std::optional<search::Measures>& on_chip) {
    const std::optional<double> validation =
        model.validation_accuracy ? model.validation_accuracy : fixed::held_out_accuracy(model);
    json::Value document = json::object({{"model", json::Value()},
                                         {"net", net::notation(model.network.spec)},
                                         {"network_digest", hexadecimal(fixed::network_digest(model.network))},
                                         {"target", json::Value()},
                                         {"validation_accuracy", json::Value(validation)},
                                         {"test_accuracy", json::Value(model.test_accuracy)}});
    for (const search::MeasureInfo& row : search::cost_table) document[row.name] = json::Value(row.of(costs));
    document["measured"] = on_chip ? search::to_json(*on_chip) : json::Value();
    document["layers"] = layer_objects(report::layer_figures(lowered, costs));
    document["channels"] = channel_objects(model);
    document["sampling_rate"] = json::Value(model.sampling_rate);
    document["data_notes"] = json::Value(model.data_notes);
    document["numbers"] = number_objects(model);
    document["camera"] = fixed::to_json(model.network.input.camera);
    document["duties"] = json::Value(model.duties);
    return document;
}

/// What a device takes, and what its program has to do before.
std::string camera_text(const fixed::Model& model) {
    std::string out;
    if (const std::optional<Camera>& camera = model.network.input.camera)
        out = text(
            "camera          ", camera->height, "x", camera->width, " pixels (", info(camera->pixels).name, ")",
            camera->area() == 1 ? "" : text(", the mean of ", camera->block_height, "x", camera->block_width, " each"),
            "\n");
    for (const std::string& duty : model.duties) out += text("before          ", duty, "\n");
    return out;
}

int run_show(const Arguments& arguments) {
    if (names_folder(arguments.positional(0))) {
        list_models(arguments.positional(0), arguments.has("json"));
        return 0;
    }
    const fixed::Model model = load_model(arguments.positional(0));
    const cost::Target& target = board_for(arguments, arguments.positional(0));
    const fixed::Lowered lowered(model.network);
    const cost::Costs costs = cost::costs(lowered, target);
    const std::optional<search::Record> record = record_of(arguments.positional(0));
    const std::optional<search::Measures> on_chip = measured_on(target, record, arguments.positional(0));

    if (arguments.has("json")) {
        json::Value document = document_of(model, lowered, costs, on_chip);
        document["model"] = arguments.positional(0);
        document["target"] = target.name;
        print_data(json::write(document, 2) + "\n");
        return 0;
    }
    const report::Table layers = layer_table(lowered, costs);
    print(layers.text(table_width()) + layers.legend(table_width()) + channel_text(model));
    print(wrapped_lines(text(size_text(model, costs), target.name,
                             std::string(16 - std::min<std::size_t>(15, target.name.size()), ' '),
                             target_text(costs, lowered.layout().plan(), on_chip, needs_conversion(model)),
                             scores_text(model), "\ntrained         ", training_text(model, record), "\n"),
                        16));
    if (!model.command.empty()) print(text("                ", model.command, "\n")); // whole, to be copied
    print(wrapped_lines(camera_text(model), 16));
    if (const auto builds = mixed_builds_of_run(arguments.positional(0)))
        print(wrapped_lines(text("program         ", *builds, "\n"), 16));
    for (const std::string& doubt : doubts_of_size(model, fixed::encode(lowered, cost::formats(lowered)), target))
        print(wrapped_lines(text("warning         ", doubt, "\n"), 16));
    for (const std::string& note : model.data_notes)
        print(wrapped_lines(text("data            ", note.substr(note.starts_with("note: ") ? 6 : 0), "\n"), 16));
    return 0;
}

} // namespace

Command show_command() {
    return {"show",
            "Show the layers of a model and its costs.",
            {{"MODEL", "Model file, RUN#ID, or RUN#RULE such as run#best@8KB; a run alone lists its models."}},
            {{"target", "TARGET",
              "Board whose costs are shown, a file that describes one, or none. For RUN#ID the default is the board of "
              "the run, else it is uno.",
              0, false, false, cost::target_names(), true, cost::meant_targets},
             {"json", "", "Print one JSON document."}},
            "tinysparse show run#best",
            run_show};
}

} // namespace tinysparse::cli
