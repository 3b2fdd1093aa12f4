// SPDX-License-Identifier: Apache-2.0
#include "fake.hpp"
#include "tinysparse/base/random.hpp"
#include "tinysparse/net/count.hpp"
#include "tinysparse/search/search.hpp"
#include <cmath>
#include <fstream>

namespace tinysparse::search::test {

SearchResult run_search(const RunFolder& folder, const RunLog& log, const Evaluator& evaluator, const Hooks& hooks) {
    return search(folder, log, evaluator, hooks);
}

Measures fake_costs(const space::Space& space, const space::Genome& genome) {
    const net::Spec spec = space::express(genome, space);
    const net::Shapes shapes = net::shapes(spec);
    Measures measures;
    double memory = 0;
    for (const net::LayerShapes& layer : shapes.layers)
        memory = std::max(memory, double(layer.in.size() + layer.out.size()));
    measures[Measure::working_memory] = memory;
    measures[Measure::model_size] = std::ceil(double(net::weights(spec)) * genome.end.bits / 8);
    measures[Measure::macs] = double(net::macs(spec));
    return measures;
}

double fake_error(const space::Space& space, const Trial& trial) {
    const net::Spec spec = space::express(trial.genome, space);
    Random random(trial.seed, "fake");
    const double size = double(net::weights(spec)) * (trial.genome.end.bits == 8 ? 1 : 0.8);
    const double ideal = 0.004 + 4.0 / size + 30.0 / double(net::macs(spec));
    return std::min(0.9, ideal * (1 + 2.0 / trial.epochs) * (1 + 0.05 * random.uniform()));
}

void write_fake_model(const std::string& path) { std::ofstream(path) << "model"; }

Evaluator fake_evaluator(const space::Space& space) {
    return {[space](const space::Genome& genome) { return fake_costs(space, genome); },
            [space](const Trial& trial, const TrialFiles& files, const std::function<bool()>& stop) {
                Outcome outcome;
                outcome.stopped = stop();
                outcome.measures = fake_costs(space, trial.genome);
                outcome.measures[Measure::error] = fake_error(space, trial);
                outcome.float_accuracy = outcome.validation_accuracy = 1 - fake_error(space, trial);
                outcome.seconds = 1e-3 * trial.epochs * double(trial.folds);
                for (std::size_t k = 0; k < trial.folds; ++k) {
                    write_fake_model(fold_path(files.model, k));
                    if (trial.folds > 1)
                        outcome.folds.push_back({fake_error(space, trial) * (1.0 + 0.01 * double(k)), k});
                }
                if (trial.folds > 1) outcome.error_se = 0.01;
                return outcome;
            },
            [](const Record& record, const std::string&) { return 0.99 - *record.outcome.measures[Measure::error]; }};
}

RunLog new_run(std::size_t trials, int jobs, std::uint64_t seed) {
    RunLog log;
    log.head.seed = seed;
    log.head.command = {"search", "--data", "fake"};
    log.head.data = "fake";
    log.head.space = {{1, 28, 28}, 10};
    log.head.limits = {{Measure::working_memory, 2007}};
    log.goal.trials = trials;
    log.goal.jobs = jobs;
    return log;
}

Measures FakeChip::predicted(Measures costs) {
    costs[Measure::flash] = 5000 + *costs[Measure::model_size];
    costs[Measure::ram] = 300 + *costs[Measure::working_memory] / 4;
    costs[Measure::cycles] = 10 * *costs[Measure::macs];
    costs[Measure::milliseconds] = *costs[Measure::cycles] / 16000;
    return costs;
}

Measures FakeChip::told(const Measures& predicted) {
    Measures measures;
    measures[Measure::flash] = std::floor(1.08 * *predicted[Measure::flash]);
    measures[Measure::ram] = *predicted[Measure::ram] + 10;
    const double swing = 1 + 0.2 * std::sin(*predicted[Measure::macs]);
    measures[Measure::cycles] = std::floor(swing * *predicted[Measure::cycles]);
    measures[Measure::milliseconds] = *measures[Measure::cycles] / 16000;
    return measures;
}

Measures FakeChip::told_of(const std::string& model) {
    const json::Value predicted = json::parse(read_file(model), model);
    return told(measures_from_json(json::Reader(predicted, model)));
}

Evaluator chip_evaluator(const space::Space& space, const std::shared_ptr<FakeChip>& chip) {
    Evaluator evaluator = fake_evaluator(space);
    evaluator.estimate = [space](const space::Genome& genome) {
        return FakeChip::predicted(fake_costs(space, genome));
    };
    evaluator.evaluate = [evaluate = evaluator.evaluate](const Trial& trial, const TrialFiles& files,
                                                         const std::function<bool()>& stop) {
        Outcome outcome = evaluate(trial, files, stop);
        outcome.measures = FakeChip::predicted(outcome.measures);
        write_file(files.model, json::write(to_json(outcome.measures)));
        return outcome;
    };
    evaluator.measure = [chip](const std::string& model) {
        ++chip->measurements;
        return FakeChip::told_of(model);
    };
    evaluator.margins = {0.1, 20, 0.21};
    return evaluator;
}

RunLog chip_run(std::size_t trials, int jobs, Measuring measuring) {
    RunLog log = new_run(trials, jobs);
    log.head.objectives = parse_objectives("error,flash,cycles");
    log.head.limits = {{Measure::flash, 7000}, {Measure::milliseconds, 60}};
    log.head.measuring = measuring;
    log.head.measured_with = measuring == Measuring::off ? "" : "fake chip 1.0";
    return log;
}

std::vector<std::string> timeless_lines(const std::string& folder) {
    std::vector<std::string> out;
    for (json::Value line : Journal(journal_path(folder)).read(false)) {
        for (const char* key : {"elapsed", "seconds", "crc"})
            if (line.find(key)) line[key] = nullptr;
        out.push_back(json::write(line));
    }
    return out;
}

} // namespace tinysparse::search::test
