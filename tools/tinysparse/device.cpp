// SPDX-License-Identifier: Apache-2.0
// tinysparse device: runs a model on a real board over its serial line and compares every logit with the host's.
#include <algorithm>

#include "board.hpp"
#include "commands.hpp"
#include "common.hpp"
#include "host_answers.hpp"
#include "quantities.hpp"
#include "sample_bytes.hpp"
#include "tinysparse/base/json.hpp"
#include "tinysparse/fixed/digest.hpp"
#include "tinysparse/fixed/program.hpp"
#include "verdicts.hpp"

namespace tinysparse::cli {

namespace {

struct Comparison {
    std::size_t samples = 0, identical = 0, right = 0;
    std::vector<std::uint8_t> answers;
    std::vector<std::int32_t> logits;
    double microseconds = 0;
};

/// Compares the answers to the samples with these indices, until it is interrupted.
Comparison compare(Board& board, const fixed::Model& model, const simulator::SampleSource& source,
                   const std::vector<std::size_t>& numbers) {
    const fixed::Network& network = model.network;
    const fixed::Lowered lowered(network);
    const fixed::Program program = fixed::encode(lowered);
    simulator::HostAnswers host(program, source.split);
    Comparison found;
    for (; found.samples < numbers.size() && !interrupted(); ++found.samples) {
        const std::size_t index = numbers[found.samples];
        const BoardAnswer answer = board.answer(simulator::sample_bytes(network, source, index));
        const auto logits = host.logits(index);
        found.identical += std::equal(logits.begin(), logits.end(), answer.logits.begin(), answer.logits.end()) &&
                           answer.label == (model.quantities.empty() ? host.predicted() : 0);
        found.right += answer.label == source.split.labels[index];
        found.answers.push_back(answer.label);
        found.logits.insert(found.logits.end(), answer.logits.begin(), answer.logits.end());
        found.microseconds += answer.microseconds;
    }
    return found;
}

int run_device(const Arguments& arguments) {
    const auto baud = arguments.number_or<unsigned>("baud", 115200, 1);
    const double seconds = parse_duration("--timeout", arguments.value_or("timeout", "10s"), 0.1, 3600);
    const fixed::Model model = load_model(arguments.positional(0));
    const data::Request request = request_for(model, *arguments.value("data"));
    const data::Dataset set = load_data_for(model, request);
    const data::Split& part = samples_of(set, part_of(arguments));
    const simulator::SampleSource source = source_of(model, set, part_of(arguments), request);
    const std::vector<std::size_t> numbers = spread(sample_count(arguments, part), part);
    const deploy::Pieces pieces = deploy::pieces_of(model.network);
    catch_signals();
    Board board(*arguments.value("port"), baud, std::chrono::milliseconds(std::int64_t(seconds * 1000)));
    board.check({fixed::network_digest(model.network), unsigned(pieces.count), unsigned(pieces.bytes),
                 unsigned(net::shapes(model.network.spec).classes)});
    const Comparison found = compare(board, model, source, numbers);
    if (found.samples == 0) return exit_interrupted;
    const double accuracy = double(found.right) / double(found.samples);
    const double milliseconds = found.microseconds / double(found.samples) / 1000;
    const auto verdict = verdict_of(set, part, numbers, given_by(model, found.answers, found.logits));
    if (arguments.has("json")) {
        json::Value document =
            json::object({{"port", *arguments.value("port")},
                          {"samples", found.samples},
                          {"identical", found.identical},
                          {"accuracy", set.answers_numbers() ? json::Value() : json::Value(accuracy)},
                          {"milliseconds", milliseconds}});
        if (verdict) add_verdict(document, *verdict);
        print_data(json::write(document, 2) + "\n");
    } else {
        print(text(match_text(found.identical, found.samples, accuracy, verdict), "\n", "time     ",
                   fixed_decimals(milliseconds, 1), " ms per sample, by the board's clock\n",
                   verdict ? text("\n", verdict_text(*verdict)) : ""));
    }
    if (interrupted()) return exit_interrupted;
    if (found.identical == found.samples) return 0;
    say(text(found.samples - found.identical, " of ", found.samples, " samples differ from the host"));
    return 1;
}

} // namespace

Command device_command() {
    return {"device",
            "Run a model on a board over USB; compare every logit with the host's.",
            {{"MODEL", "Model file, RUN#ID, or RUN#RULE such as run#best@8KB."}},
            {{"data", "SPEC", "Data set.", 0, true},
             {"port", "PATH",
              "Serial port of the board, such as /dev/ttyACM0. The board runs SerialEval, an example sketch of the "
              "exported library.",
              0, true},
             {"baud", "N", "Baud rate of the sketch (115200)."},
             {"timeout", "TIME", "Longest time to wait for an answer of the board (10s)."},
             {"samples", "N", "Number of samples, spread evenly over the part (100)."},
             split_option(),
             {"json", "", "Print one JSON document."}},
            "tinysparse device digits.tsm --data synthetic:strokes --port /dev/ttyACM0",
            run_device};
}

} // namespace tinysparse::cli
