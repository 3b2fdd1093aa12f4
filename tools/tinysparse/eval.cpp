// SPDX-License-Identifier: Apache-2.0
// tinysparse eval: the accuracy of a model, in the integers that a device computes with or in floats.
#include "commands.hpp"
#include "common.hpp"
#include "host_answers.hpp"
#include "tinysparse/base/hexadecimal.hpp"
#include "tinysparse/base/json.hpp"
#include "tinysparse/quantise/train.hpp"
#include "tinysparse/report/table.hpp"

namespace tinysparse::cli {

namespace {

double float_accuracy(const fixed::Model& model, const data::Dataset& set, const data::Split& part, int threads) {
    if (model.float_layers.empty()) throw Error("the model carries no float weights; leave --float out");
    nn::Network network(quantise::folded_spec(model.network.spec), {.batch = 256});
    quantise::set_parameters(network, model.float_layers);
    Team team{std::size_t(threads)};
    return nn::Trainer(set, model.network.spec, {}, team).accuracy(network, part);
}

int run(const Arguments& arguments) {
    const int threads = arguments.number_or<int>("threads", int(hardware_threads()), 1, 1024);
    const fixed::Model model = load_model(arguments.positional(0));
    const data::Dataset set = load_data(*arguments.value("data"));
    check_fits(model, set);
    const Part& split = part_of(arguments);
    const data::Split& part = samples_of(set, split);
    const bool floats = arguments.has("float");
    const double accuracy = floats ? float_accuracy(model, set, part, threads)
                                   : simulator::host_accuracy(model.network, part, std::size_t(threads));
    if (set.digest != model.data_digest) say(text("note: the model was trained on other data: ", model.data));
    if (arguments.has("json"))
        print(json::write(json::object({{"model", arguments.positional(0)},
                                        {"data", set.name},
                                        {"data_digest", hexadecimal(set.digest)},
                                        {"split", split.name},
                                        {"arithmetic", floats ? "float" : "integer"},
                                        {"samples", part.samples},
                                        {std::string(split.accuracy), accuracy}}),
                          2) +
              "\n");
    else
        print(text(report::percent_cell(accuracy), " % of ", part.samples, " ", split.name, " samples, ",
                   floats ? "float" : "integer", " arithmetic\n"));
    return 0;
}

} // namespace

Command eval_command() {
    return {"eval",
            "Measure the accuracy of a model.",
            {{"MODEL", "a model file, or RUN#ID"}},
            {{"data", "SPEC", "The data set.", 0, true},
             split_option(),
             {"float", "", "With the float weights, not the integer network."},
             {"threads", "N", "The answer is the same for any number (all cores)."},
             {"json", "", "Print one JSON document."}},
            "tinysparse eval run#17 --data mnist",
            run};
}

} // namespace tinysparse::cli
